/** Signed plans of which part did not go through: what nothing more happens to by itself. Pure but for `unfinishedIn`. */
import type { Read } from "../db/tenant.ts";
import { named } from "../role/named.ts";
import type { Need } from "./needs.ts";

/** Why a part stands still. `tap`: nothing was changed, and another tap may cover it. `late`: as before, but the plan itself is over by now. `unknown`: only reading tells. */
export type Still = "refused" | "tap" | "late" | "unknown" | "contradicts";
/** Parts of one plan that stand still for the same reason. */
export type StillParts = { readonly why: Still; readonly vaults: number; readonly clients: readonly string[] };
export type UnfinishedPlan = { readonly id: string; readonly title: string; readonly since: Date; readonly parts: readonly StillParts[] };
/** `moving`: plans of which something is on its way. */
export type Unfinished = { readonly plans: readonly UnfinishedPlan[]; readonly moving: number };

/** As long as a signed removal may stand by (PROTOCOL 6); what nobody took up since then is in the list of plans. */
const newsMs = 30 * 86_400_000;

type Row = { id: string; title: string; since: string; why: Still; vaults: number; clients: string[] };

/**
 * One question, whatever the size. A part counts when its last fresh share did nothing, or nobody tapped it, and no other share of it
 * is on its way or proven. What a person stopped is their word; what a later plan took up, what a board counts, and what has come
 * about otherwise is no part of it.
 */
export async function unfinishedIn({ db, actor: { mspId } }: Read, now: Date): Promise<Unfinished> {
  const [row] = await db.$queryRaw<{ moving: number; parts: Row[] }[]>`
    with signed as (select p.plan_id, p.title, p.made_at, p.not_after, max(a.signed_at) as signed_at from plan p join approval a on a.msp_id = p.msp_id and a.plan_id = p.plan_id
                     where p.msp_id = ${mspId}::uuid and p.withdrawn_at is null and a.signed_at >= ${new Date(now.getTime() - newsMs)} group by 1, 2, 3, 4),
         share as (select d.plan_id, d.vault_ref, (array_agg(d.state order by d.dispatch_id desc) filter (where d.kind = 'fresh'))[1] as state, max(d.changed_at) as changed_at, bool_or(d.state in ('waiting', 'held', 'sent', 'accepted', 'proven')) as alive
                     from dispatch d join signed s on s.plan_id = d.plan_id where d.msp_id = ${mspId}::uuid group by 1, 2),
         part as (select distinct o.plan_id, s.title, o.vault_ref, c.name as client, coalesce(f.changed_at, s.signed_at) as since,
                         case f.state when 'refused' then 'refused' when 'lost' then 'unknown' when 'incident' then 'contradicts' else case when s.not_after > ${now} then 'tap' else 'late' end end as why
                    from signed s join plan_operation o on o.msp_id = ${mspId}::uuid and o.plan_id = s.plan_id
                    join vault v on v.msp_id = o.msp_id and v.vault_ref = o.vault_ref and v.state in ('unconfirmed', 'connected') join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
                    left join share f on f.plan_id = o.plan_id and f.vault_ref = o.vault_ref
                   where f.alive is not true and (f.state is null or f.state in ('refused', 'late', 'lost', 'over', 'incident'))
                     and not exists (select from plan_operation q join plan l on l.msp_id = q.msp_id and l.plan_id = q.plan_id
                                      where q.msp_id = o.msp_id and q.vault_ref = o.vault_ref and l.made_at > s.made_at and l.withdrawn_at is null
                                        and (q.uid = o.uid or (o.uid is null and q.change = o.change and q.person_id is not distinct from o.person_id))
                                        and (l.not_after > ${now} or exists (select from approval a where a.msp_id = l.msp_id and a.plan_id = l.plan_id)))
                     and not (o.change = 'revoke' and exists (select from revocation_row w where w.msp_id = o.msp_id and w.vault_ref = o.vault_ref and w.uid = o.uid and not w.own))
                     and not (o.change in ('revoke', 'alter', 'reissue') and not exists (select from known_agent k where k.msp_id = o.msp_id and k.vault_ref = o.vault_ref and k.uid = o.uid))
                     and not (o.change = 'grant' and exists (select from known_agent k where k.msp_id = o.msp_id and k.vault_ref = o.vault_ref and k.person_id = o.person_id and k.created_at >= s.made_at))),
         told as (select plan_id as id, title, why, min(since) as since, count(distinct vault_ref)::int as vaults, (array_agg(distinct client))[1:4] as clients from part group by 1, 2, 3)
    select (select count(distinct d.plan_id)::int from dispatch d where d.msp_id = ${mspId}::uuid and d.state in ('waiting', 'sent', 'accepted')) as moving,
           coalesce((select json_agg(told order by since) from told), '[]') as parts`;
  const { moving, parts } = row!;
  const plans = [...Map.groupBy(parts, ({ id }) => id).values()].map((here): UnfinishedPlan => ({ id: here[0]!.id, title: here[0]!.title, since: new Date(here[0]!.since), parts: here.map(({ why, vaults, clients }) => ({ why, vaults, clients })) }));
  return { plans, moving };
}

const words: Readonly<Record<Still, string>> = { refused: "refused by", tap: "waits for another tap at", late: "was not done in time, and needs a new plan, at", unknown: "no answer proves or disproves it at", contradicts: "the answer does not fit what was sent at" };
const order: readonly Still[] = ["contradicts", "unknown", "refused", "late", "tap"];
const whereWords = ({ vaults, clients }: StillParts): string => (vaults <= 3 && clients.length <= 3 ? named(clients) : `${vaults} vaults`);
const whyWords = (parts: readonly StillParts[]): string => parts.toSorted((a, b) => order.indexOf(a.why) - order.indexOf(b.why)).map((one) => `${words[one.why]} ${whereWords(one)}`).join("; ");

/** Pure. Each plan leads to where its rest is tapped or planned anew. */
export function unfinishedNeeds({ plans }: Unfinished): Need[] {
  const [first] = plans;
  if (first === undefined) return [];
  const state = plans.some(({ parts }) => parts.some(({ why }) => why === "contradicts")) ? "refused" : "attention";
  const base = { kind: "unfinished", count: plans.length, since: first.since, state } as const;
  if (plans.length === 1) return [{ ...base, what: "signed plan is not done", sentence: `“${first.title}”: ${whyWords(first.parts)}.`, href: `/plans/${first.id}`, deed: "Open the plan" }];
  const parts = plans.reduce((sum, plan) => sum + plan.parts.reduce((some, { vaults }) => some + vaults, 0), 0);
  return [{ ...base, what: "signed plans are not done", sentence: `${named(plans.map(({ title }) => `“${title}”`))}: ${parts} parts did not go through.`, href: "/plans", deed: "Open the plans" }];
}
