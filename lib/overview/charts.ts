/** The Overview's charts as rows: grants over ninety days, and who wrote how much into their logs in one. */
import type { Read } from "../db/tenant.ts";
import { addDays, dayOf, startOf, type Day } from "../billing/days.ts";

export const grantDays = 90;
export type GrantDay = { readonly on: Day; readonly added: number; readonly removed: number; /** In force at the end of the day. */ readonly level: number };
export type AuditVolume = { readonly clients: readonly { readonly id: string; readonly name: string; readonly events: number; readonly refused: number }[]; readonly others: { readonly clients: number; readonly events: number; readonly refused: number } };

const namedClients = 6;

/**
 * Back from what is in force now: the day before had what was removed since, and not what was added. Rows are dated by their vault;
 * removals by the day on which they were read back as gone. Pure.
 */
export function grantLevels(now: number, added: ReadonlyMap<Day, number>, removed: ReadonlyMap<Day, number>, today: Day, days = grantDays): GrantDay[] {
  const list: GrantDay[] = [];
  let level = now;
  for (let back = 0; back < days; back += 1) {
    const on = addDays(today, -back);
    const [plus, minus] = [added.get(on) ?? 0, removed.get(on) ?? 0];
    list.unshift({ on, added: plus, removed: minus, level });
    // Never below none: a row that came and went within the window is known by its end alone.
    level = Math.max(0, level - plus + minus);
  }
  return list;
}

export async function grantsIn({ db, actor: { mspId } }: Read, now: Date): Promise<GrantDay[]> {
  const today = dayOf(now);
  const from = new Date(startOf(addDays(today, -(grantDays - 1))));
  const rows = await db.$queryRaw<{ kind: "now" | "added" | "removed"; day: string | null; count: number }[]>`
    select 'now' as kind, null as day, count(*)::int as count from known_agent a join vault v using (msp_id, vault_ref) where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin
    union all
    select 'added', to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD'), count(*)::int from known_agent a join vault v using (msp_id, vault_ref)
     where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin and a.created_at >= ${from} group by 2
    union all
    select 'removed', to_char(d.settled_at at time zone 'UTC', 'YYYY-MM-DD'), count(distinct o.operation_id)::int from plan_operation o join dispatch d on d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref and d.state = 'proven'
     where o.msp_id = ${mspId}::uuid and o.change = 'revoke' and d.settled_at >= ${from} group by 2`;
  const by = (kind: string) => new Map(rows.filter((row) => row.kind === kind && row.day !== null).map(({ day, count }) => [day!, count]));
  return grantLevels(rows.find(({ kind }) => kind === "now")?.count ?? 0, by("added"), by("removed"), today);
}

export async function auditIn({ db, actor: { mspId } }: Read, now: Date): Promise<AuditVolume> {
  const rows = await db.$queryRaw<{ id: string; name: string; events: number; refused: number; place: number; clients: number }[]>`
    with counted as (
      select e.client_id, count(*)::int as events, count(*) filter (where e.outcome = 'denied')::int as refused from audit_event e where e.msp_id = ${mspId}::uuid and e.at >= ${new Date(now.getTime() - 86_400_000)} group by 1
    ), placed as (select *, row_number() over (order by events desc, client_id) as place from counted)
    select c.client_id::text as id, c.name, p.events, p.refused, p.place::int as place, 1 as clients from placed p join client c on c.msp_id = ${mspId}::uuid and c.client_id = p.client_id where p.place <= ${namedClients}
    union all
    select '', '', coalesce(sum(events), 0)::int, coalesce(sum(refused), 0)::int, ${namedClients + 1}::int, count(*)::int from placed where place > ${namedClients}
    order by place`;
  const rest = rows.find(({ id }) => id === "");
  return { clients: rows.filter(({ id }) => id !== "").map(({ id, name, events, refused }) => ({ id, name, events, refused })), others: { clients: rest?.clients ?? 0, events: rest?.events ?? 0, refused: rest?.refused ?? 0 } };
}
