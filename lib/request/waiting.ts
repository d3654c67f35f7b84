/** What waits for this person, as numbers beside the navigation: sealed tokens to open, requests to answer, plans to tap, alarms about money; and what they have staged. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { holds, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { isListed } from "../receipt/listed.ts";

/** Cells of one's own draft by what they ask for. `more`: there are others beyond limits.stagedCounted. */
export type StagedCounts = { readonly grant: number; readonly revoke: number; readonly alter: number; readonly more: boolean };
/** `staged` null: stages nothing here, by right. */
export type Waiting = { readonly tokens: number; readonly requests: number; readonly plans: number; readonly alarms: number; readonly staged: StagedCounts | null };

/** One question, each count of it by index and only for whom it is; none for who has no such right. It is asked with every page. */
export async function waitingFor(actor: Actor, db: Database = database()): Promise<Waiting> {
  const [own, answers, taps, pays, stages] = [holds(actor, "token.own"), holds(actor, "request.answer"), holds(actor, "plan.release"), holds(actor, "billing.read"), holds(actor, "matrix.stage")];
  if (!own && !answers && !taps && !pays && !stages) return { tokens: 0, requests: 0, plans: 0, alarms: 0, staged: null };
  const { mspId, id } = actor;
  return read(actor, async ({ db: tx }) => {
    const [row] = await tx.$queryRaw<(Omit<Waiting, "staged"> & { granting: number; revoking: number; altering: number; staging: number })[]>`
      select (select count(*)::int from (
                select distinct on (h.vault_ref, h.uid) h.* from hand_over h where ${own} and h.msp_id = ${mspId}::uuid and h.person_id = ${id}::uuid order by h.vault_ref, h.uid, h.handed_at desc, h.hand_over_id desc) h
              join vault v on v.msp_id = h.msp_id and v.vault_ref = h.vault_ref and v.state in ('unconfirmed', 'connected', 'stopped')
              join receipt e on e.msp_id = h.msp_id and e.receipt_id = h.receipt_id left join reading r on r.msp_id = h.msp_id and r.vault_ref = h.vault_ref left join known_agent a on a.msp_id = h.msp_id and a.vault_ref = h.vault_ref and a.uid = h.uid
             where h.opened_at is null and h.strange_at is null and (a.uid is not null or not ${isListed}) and (a.last_used_at is null or a.last_used_at < h.handed_at)
               and (a.expires_at is null or a.expires_at > now())) as tokens,
             (select count(*)::int from access_request q where ${answers} and q.msp_id = ${mspId}::uuid and q.answer is null and q.person_id <> ${id}::uuid) as requests,
             (select count(*)::int from plan p where ${taps} and p.msp_id = ${mspId}::uuid and p.withdrawn_at is null and p.not_after > now() and not exists (select from approval a where a.msp_id = p.msp_id and a.plan_id = p.plan_id)) as plans,
             (select count(*)::int from billing_alarm b where ${pays} and b.msp_id = ${mspId}::uuid and b.cleared_at is null) as alarms,
             s.granting, s.revoking, s.altering, s.staging
        from (select count(*) filter (where fresh and stays)::int as granting, count(*) filter (where not fresh and not stays)::int as revoking, count(*) filter (where not fresh and stays)::int as altering, count(*)::int as staging
                from (select base = '[]'::jsonb as fresh, held or lease_ends_at is not null as stays from staged_cell where ${stages} and msp_id = ${mspId}::uuid and owner_id = ${id}::uuid limit ${limits.stagedCounted + 1}) c) s`;
    const { granting, revoking, altering, staging, ...counts } = row!;
    return { ...counts, staged: stages ? { grant: granting, revoke: revoking, alter: altering, more: staging > limits.stagedCounted } : null };
  }, db);
}
