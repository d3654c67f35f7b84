/** What waits for this person, as numbers beside the navigation: sealed tokens to open, requests to answer. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { holds, type Actor } from "../identity/actor.ts";
import { isListed } from "../token/mine.ts";

export type Waiting = { readonly tokens: number; readonly requests: number };

/** Two counts by index; nothing for who has neither right. */
export async function waitingFor(actor: Actor, db: Database = database()): Promise<Waiting> {
  const [own, answers] = [holds(actor, "token.own"), holds(actor, "request.answer")];
  if (!own && !answers) return { tokens: 0, requests: 0 };
  const { mspId, id } = actor;
  return read(actor, async ({ db: tx }) => {
    const [row] = await tx.$queryRaw<{ tokens: number; requests: number }[]>`
      select (select count(*)::int from (
                select distinct on (h.vault_ref, h.uid) h.* from hand_over h where ${own} and h.msp_id = ${mspId}::uuid and h.person_id = ${id}::uuid order by h.vault_ref, h.uid, h.handed_at desc, h.hand_over_id desc) h
              join vault v on v.msp_id = h.msp_id and v.vault_ref = h.vault_ref and v.state in ('unconfirmed', 'connected', 'stopped')
              join receipt e on e.msp_id = h.msp_id and e.receipt_id = h.receipt_id left join reading r on r.msp_id = h.msp_id and r.vault_ref = h.vault_ref left join known_agent a on a.msp_id = h.msp_id and a.vault_ref = h.vault_ref and a.uid = h.uid
             where h.opened_at is null and h.strange_at is null and (a.uid is not null or not ${isListed}) and (a.last_used_at is null or a.last_used_at < h.handed_at)
               and (a.expires_at is null or a.expires_at > now())) as tokens,
             (select count(*)::int from access_request q where ${answers} and q.msp_id = ${mspId}::uuid and q.answer is null and q.person_id <> ${id}::uuid) as requests`;
    return row!;
  }, db);
}
