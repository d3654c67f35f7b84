/** What made a cell what it is: plans proven there for this person, and what is recorded of either; the newest first. */
import type { Read } from "../db/tenant.ts";
import { holds } from "../identity/actor.ts";
import { sentence } from "../record/action.ts";

/** At most so many of each kind: a history is read, not searched; the audit has all of it. */
const most = 12;

/** `at` in ms. `plan`: whose change it was, where this reader may open plans; `signed`: who tapped, the first of two before the second. */
export type HistoryLine = { at: number; who: string; what: string; plan: { id: string | null; title: string; signed: string[] } | null };
type PlanRow = { plan_id: string; title: string; made_by: string; signed: string[]; at: Date; changes: string[] };

// The alphabet of PROTOCOL 7, as a sentence about one person in one vault.
const DONE: Readonly<Record<string, string>> = { revoke: "took access away", alter: "changed the access", grant: "gave access", reissue: "sent a new token" };
const order = Object.keys(DONE);

/** Pure. "gave access", or several in the order in which a vault carries them out. */
export const doneWords = (changes: readonly string[]): string => changes.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).map((one) => DONE[one] ?? one).join(" and ");

/** Pure. One list, the newest first; of one moment the change before what was recorded of it. */
export const inTime = (plans: readonly HistoryLine[], records: readonly HistoryLine[]): HistoryLine[] => [...plans, ...records].toSorted((a, b) => b.at - a.at || Number(a.plan === null) - Number(b.plan === null));

/** @param uids rows that are this person's now; a row removed since is known by whom it was planned for */
export async function historyOf({ db, actor }: Read, { vaultRef, personId, uids }: { vaultRef: string; personId: string; uids: readonly string[] }): Promise<HistoryLine[]> {
  const { mspId } = actor;
  const plans = await db.$queryRaw<PlanRow[]>`
    select p.plan_id, p.title, m.name as made_by, array_agg(distinct o.change) as changes, max(d.settled_at) as at, array_remove(array[max(f.name), max(s.name)], null) as signed
      from plan_operation o
      join dispatch d on d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref and d.state = 'proven'
      join plan p on p.msp_id = o.msp_id and p.plan_id = o.plan_id join person m on m.msp_id = p.msp_id and m.person_id = p.made_by
      join approval a on a.msp_id = d.msp_id and a.approval_id = d.approval_id join person s on s.msp_id = a.msp_id and s.person_id = a.person_id
      left join cosignature c on c.msp_id = a.msp_id and c.cosignature_id = a.cosignature_id left join person f on f.msp_id = c.msp_id and f.person_id = c.person_id
     where o.msp_id = ${mspId}::uuid and o.vault_ref = ${vaultRef}::uuid and (o.person_id = ${personId}::uuid or o.uid = any(${[...uids]}::text[]))
     group by p.plan_id, p.title, m.name order by max(d.settled_at) desc limit ${most}`;
  const records = await db.$queryRaw<{ at: Date; actor_name: string; action: string; fields: unknown }[]>`
    select at, actor_name, action, fields from record where msp_id = ${mspId}::uuid and (target_id = ${personId} or target_id = ${vaultRef}) order by at desc limit ${most}`;
  const opens = holds(actor, "plan.read");
  return inTime(
    plans.map(({ plan_id: id, title, made_by: who, signed, at, changes }) => ({ at: at.getTime(), who, what: doneWords(changes), plan: { id: opens ? id : null, title, signed } })),
    records.map(({ at, actor_name: who, action, fields }) => ({ at: at.getTime(), who, what: sentence(action, fields), plan: null })),
  );
}
