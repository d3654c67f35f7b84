/**
 * What our people did in a client's vault lately, counted: out of the vault's own log, as far as it is here, and out of
 * the changes that we signed. Rows of the client's own and our blind row are in none of them.
 */
import { Prisma } from "#prisma/generated/client.ts";
import type { Read } from "../db/tenant.ts";
import { provenCounts } from "../plan/proven.ts";
import type { GlassSeason } from "./statement.ts";

type Row = { vault_ref: string; from: Date; until: Date; opened: number; codes: number; refused: number };

/** Rows that are or were of our people: as last read, handed over by a signed change, or touched by one or by a drift; `taken`: since when the client's own. */
const ours = (mspId: string, refs: readonly string[]) => Prisma.sql`
  select r.vault_ref, r.uid, r.agent_id,
         (select min(coalesce(d.changed_at, d.seen_at)) from drift d where d.msp_id = ${mspId}::uuid and d.vault_ref = r.vault_ref and d.uid = r.uid and d.after ->> 'own' = 'true') as taken
    from (select k.vault_ref, k.uid, k.agent_id from known_agent k join vault v using (msp_id, vault_ref) where k.msp_id = ${mspId}::uuid and k.vault_ref = any(${refs}::uuid[]) and k.managed_by = v.manager_uid and not k.admin
          union select h.vault_ref, h.uid, h.agent_id from hand_over h where h.msp_id = ${mspId}::uuid and h.vault_ref = any(${refs}::uuid[])
          union select a.vault_ref, a.uid, a.agent_id from audit_agent a
                  join (select o.vault_ref, o.uid from plan_operation o where o.msp_id = ${mspId}::uuid and o.vault_ref = any(${refs}::uuid[]) and o.change in ('alter', 'reissue', 'revoke')
                        union select d.vault_ref, d.uid from drift d where d.msp_id = ${mspId}::uuid and d.vault_ref = any(${refs}::uuid[])) t on t.vault_ref = a.vault_ref and t.uid = a.uid
                 where a.msp_id = ${mspId}::uuid) r`;

/** By vault. Of a log in which something was altered nothing is counted. @param since the window's beginning */
export async function seasonsOf({ db, actor }: Read, vaultRefs: readonly string[], since: Date): Promise<ReadonlyMap<string, GlassSeason>> {
  const { mspId } = actor;
  const refs = [...vaultRefs];
  // What was told twice, after a new connect, is one. A vault tells an event within minutes of our clock, so that older months are not touched.
  const rows = await db.$queryRaw<Row[]>`
    with ours as materialized (${ours(mspId, refs)}),
    held as (
      select s.vault_ref, v.client_id, greatest(${since}, v.connected_at, case when s.first_seq > 1 then s.from_at end) as "from", s.complete_until as until
        from audit_stream s join vault v using (msp_id, vault_ref) where s.msp_id = ${mspId}::uuid and s.vault_ref = any(${refs}::uuid[]) and s.stream = 'primary')
    select h.vault_ref, h."from", h.until, c.opened, c.codes, c.refused
      from held h cross join lateral (
        select count(*) filter (where x.outcome = 'success' and x.action = 'entry.read')::int as opened, count(*) filter (where x.outcome = 'success' and x.action = 'totp.read')::int as codes, count(*) filter (where x.outcome = 'denied')::int as refused
          from (select distinct e.stream, e.epoch, e.seq, e.hash, e.action, e.outcome
                  from audit_event e
                 where e.msp_id = ${mspId}::uuid and e.client_id = h.client_id and e.vault_ref = h.vault_ref and e.received_at >= h."from" - interval '10 minutes' and e.at >= h."from" and e.at <= h.until
                   and exists (select from ours o where o.vault_ref = e.vault_ref and (o.uid = e.agent_uid or (e.agent_uid is null and o.agent_id = e.agent_id)) and (o.taken is null or e.at < o.taken))) x) c
     where h.until > h."from" and not exists (select from audit_finding f where f.msp_id = ${mspId}::uuid and f.vault_ref = h.vault_ref and f.severity = 'tampering')`;
  const counts = await provenCounts({ db, actor }, vaultRefs, since);
  const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);
  const logs = new Map(rows.map(({ vault_ref: ref, from, until, ...log }) => [ref, { from: seconds(from), until: seconds(until), ...log }]));
  return new Map(vaultRefs.map((ref) => [ref, { log: logs.get(ref) ?? null, ...(counts.get(ref) ?? { changes: 0, removed: 0 }) }]));
}
