import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { RoleMark } from "../role/letters.ts";
import { rolesOf } from "../role/numbers.ts";
import { inboxStates, type InboxState } from "./inbox-state.ts";
import { dayOf, leaveState, type Leave } from "./leave.ts";

export type PodLine = { readonly podId: string; readonly name: string; readonly people: number };

/**
 * `works`: has the right of a technician. Somebody without it who still has rows stands in the list all the same: what they
 * reach does not end with a right here. `fullAt`: clients they may read everything of; `otherNumbers`: numbers in their rows
 * that no role has. Times in epoch milliseconds; `lastUsedAt` null: never.
 */
export type TechnicianLine = {
  readonly id: string; readonly name: string; readonly email: string; readonly works: boolean; readonly frozenAt: number | null;
  readonly podId: string | null; readonly podName: string | null; readonly tags: readonly string[]; readonly leave: Leave | null; readonly leaveState: ReturnType<typeof leaveState>;
  readonly clients: number; readonly rows: number; readonly fullAt: number; readonly otherNumbers: number; readonly roles: readonly (RoleMark & { readonly clients: number })[];
  readonly lastUsedAt: number | null; readonly nextEnd: number | null; readonly keys: number; readonly inbox: InboxState;
};
export type TechnicianList = { readonly technicians: readonly TechnicianLine[]; readonly pods: readonly PodLine[]; /** Rows of ours that belong to nobody we know. */ readonly unlinked: number };

type PersonRow = { person_id: string; name: string; email: string; works: boolean; frozen_at: Date | null; pod_id: string | null; pod_name: string | null; tags: string[] | null; leave_from: string | null; leave_until: string | null; keys: number };
type ReachRow = { person_id: string; clients: number; rows: number; full_at: number; last_used_at: Date | null; next_end: Date | null };

export const leaveOf = (from: string | null, until: string | null): Leave | null => (from === null ? null : { from, until });

/** Everybody who may be granted a role and everybody who holds one, by name. Counts are of vaults as last read. */
export async function listTechnicians(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<TechnicianList> {
  authorize(actor, "technician.read");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const people = await tx.db.$queryRaw<PersonRow[]>`
      select p.person_id, p.name, p.email, 'technician' = any (p.rights) as works, p.frozen_at, t.pod_id, d.name as pod_name, t.tags, t.leave_from::text, t.leave_until::text,
             (select count(*)::int from passkey k where k.msp_id = p.msp_id and k.person_id = p.person_id) as keys
        from person p left join technician t using (msp_id, person_id) left join pod d on d.msp_id = t.msp_id and d.pod_id = t.pod_id
       where p.msp_id = ${mspId}::uuid
         and ('technician' = any (p.rights) or exists (select 1 from known_agent a join vault v using (msp_id, vault_ref)
               where a.msp_id = p.msp_id and a.person_id = p.person_id and v.state in ('unconfirmed', 'connected', 'stopped')))
       order by lower(p.name), p.person_id`;
    const reach = await tx.db.$queryRaw<ReachRow[]>`
      select a.person_id, count(distinct v.client_id)::int as clients, count(*)::int as rows, count(distinct v.client_id) filter (where a.all_access)::int as full_at,
             max(a.last_used_at) as last_used_at, min(a.expires_at) as next_end
        from known_agent a join vault v using (msp_id, vault_ref)
       where a.msp_id = ${mspId}::uuid and a.person_id is not null and v.state in ('unconfirmed', 'connected', 'stopped') group by a.person_id`;
    // A number that no role has comes without a role_id.
    const held = await tx.db.$queryRaw<{ person_id: string; role_id: string | null; clients: number; numbers: number }[]>`
      select a.person_id, s.role_id, count(distinct v.client_id)::int as clients, count(*)::int as numbers
        from known_agent a join vault v using (msp_id, vault_ref) cross join lateral unnest(string_to_array(a.scopes, ',')) as n (scope)
        left join role_scope s on s.msp_id = a.msp_id and s.vault_ref = a.vault_ref and s.scope = n.scope
       where a.msp_id = ${mspId}::uuid and a.person_id is not null and v.state in ('unconfirmed', 'connected', 'stopped') group by a.person_id, s.role_id`;
    const [open] = await tx.db.$queryRaw<{ rows: number }[]>`
      select count(*)::int as rows from known_agent a join vault v using (msp_id, vault_ref)
       where a.msp_id = ${mspId}::uuid and a.person_id is null and a.managed_by = v.manager_uid and a.uid <> v.manager_uid and v.state in ('unconfirmed', 'connected', 'stopped')`;
    const roles = await rolesOf(tx);
    const pods = await tx.db.pod.findMany({ where: { mspId }, orderBy: [{ position: "asc" }, { podId: "asc" }], include: { technicians: { select: { personId: true } } } });
    const inboxes = await inboxStates(tx, people.map(({ person_id }) => person_id), now);
    const reachOf = new Map(reach.map((row) => [row.person_id, row]));
    const heldOf = Map.groupBy(held, ({ person_id }) => person_id);
    const today = dayOf(now);
    return {
      unlinked: open?.rows ?? 0,
      pods: pods.map(({ podId, name, technicians }) => ({ podId, name, people: technicians.length })),
      technicians: people.map((row) => {
        const found = reachOf.get(row.person_id);
        const numbers = heldOf.get(row.person_id) ?? [];
        const counts = new Map(numbers.map(({ role_id, clients }) => [role_id, clients]));
        const leave = leaveOf(row.leave_from, row.leave_until);
        return {
          id: row.person_id, name: row.name, email: row.email, works: row.works, frozenAt: row.frozen_at?.getTime() ?? null,
          podId: row.pod_id, podName: row.pod_name, tags: row.tags ?? [], leave, leaveState: leaveState(leave, today),
          clients: found?.clients ?? 0, rows: found?.rows ?? 0, fullAt: found?.full_at ?? 0, otherNumbers: numbers.find(({ role_id }) => role_id === null)?.numbers ?? 0,
          roles: roles.flatMap((role) => (counts.has(role.roleId) ? [{ ...role, clients: counts.get(role.roleId)! }] : [])),
          lastUsedAt: found?.last_used_at?.getTime() ?? null, nextEnd: found?.next_end?.getTime() ?? null, keys: row.keys, inbox: inboxes.get(row.person_id) ?? { state: "none" },
        };
      }),
    };
  }, db);
}
