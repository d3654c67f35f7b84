/** What needs an owner of access for a time: strangers' seals, the break-glass, requests, renewals. Pure but for `accessIn`. */
import type { Read } from "../db/tenant.ts";
import { policyIn } from "../lease/policy.ts";
import { named } from "../role/named.ts";
import type { Need } from "./needs.ts";

type Named = { names: string[]; since: Date | null };
export type AccessFacts = {
  /** Rows that still stand under a seal that their person does not know. */ strange: Named;
  /** Break-glass tokens that were used without an opening, and not rotated since. */ unopened: Named;
  opening: Named; rotate: Named; requests: Named; renewals: number; slotsOver: Named;
};

const many = (count: number, one: string, more: string): string => (count === 1 ? one : more);

/** In no order: byHarm() puts them among the others. */
export function accessNeeds(facts: AccessFacts): Need[] {
  const of = ({ names, since }: Named, need: Omit<Need, "count" | "what" | "since"> & { what: [one: string, more: string] }): Need[] => (names.length === 0 ? [] : [{ ...need, count: names.length, what: many(names.length, ...need.what), since }]);
  return [
    ...of(facts.strange, { kind: "strange_seal", state: "refused", what: ["token is sealed to a stranger’s key", "tokens are sealed to strangers’ keys"], sentence: `${named(facts.strange.names)}: whoever holds that key can open it. Remove the row.`, href: "/matrix", deed: "Remove" }),
    ...of(facts.unopened, { kind: "glass_alarm", state: "refused", what: ["break-glass token was used, and nobody had opened it", "break-glass tokens were used, and nobody had opened them"], sentence: `${named(facts.unopened.names)}. Rotate now, and call the client.`, href: "/break-glass", deed: "Rotate" }),
    ...of(facts.opening, { kind: "glass_open", state: "attention", what: ["break-glass is being opened", "break-glasses are being opened"], sentence: `${named(facts.opening.names)}. If you know nothing of it, close it and call them.`, href: "/break-glass", deed: "Look" }),
    ...of(facts.requests, { kind: "requests", state: "staged", what: ["request waits for an answer", "requests wait for an answer"], sentence: `${named([...new Set(facts.requests.names)])} asked.`, href: "/requests", deed: "Answer" }),
    ...of(facts.rotate, { kind: "glass_rotate", state: "attention", what: ["break-glass token was opened", "break-glass tokens were opened"], sentence: `${named(facts.rotate.names)}: to be rotated with one tap.`, href: "/break-glass", deed: "Rotate" }),
    ...of(facts.slotsOver, { kind: "slots_over", state: "attention", what: ["lent slot is free again", "lent slots are free again"], sentence: `${named(facts.slotsOver.names)}: what the lender had can be given back.`, href: "/leases", deed: "Give back" }),
    ...(facts.renewals === 0 ? [] : [{ kind: "token_renewals", state: "none" as const, count: facts.renewals, what: many(facts.renewals, "technician’s token is due for renewal", "technicians’ tokens are due for renewal"), sentence: "One plan renews all of them; the rows stay.", since: null, href: "/leases", deed: "Renew" }]),
  ];
}

type Row = { kind: keyof Omit<AccessFacts, "renewals">; name: string; since: Date | null };

/** In two questions, whatever the size. The caller has authorized the actor. */
export async function accessIn(tx: Read, now: Date): Promise<AccessFacts> {
  const { db, actor: { mspId, id } } = tx;
  const { renewDays } = await policyIn(tx);
  const rows = await db.$queryRaw<Row[]>`
    with latest as (select distinct on (h.vault_ref, h.uid) h.* from hand_over h where h.msp_id = ${mspId}::uuid order by h.vault_ref, h.uid, h.handed_at desc, h.hand_over_id desc),
         held as (select a.vault_ref, a.uid, a.person_id, a.last_used_at, c.name as client, p.name as person, p.kept_by, l.hand_over_id, l.handed_at, l.strange_at
                    from known_agent a join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
                    left join latest l on l.vault_ref = a.vault_ref and l.uid = a.uid
                   where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin)
    select 'strange' as kind, person || ' at ' || client as name, strange_at as since from held where strange_at is not null
    union all select 'unopened', h.client, u.used_at from held h join break_glass_use u on u.msp_id = ${mspId}::uuid and u.vault_ref = h.vault_ref and u.uid = h.uid where h.kept_by is not null and u.opening_id is null and (h.handed_at is null or u.used_at >= h.handed_at)
    union all select 'rotate', h.client, (select max(o.opened_at) from break_glass_opening o where o.msp_id = ${mspId}::uuid and o.hand_over_id = h.hand_over_id and not o.drill) from held h
               where h.kept_by is not null and exists (select from break_glass_opening o where o.msp_id = ${mspId}::uuid and o.hand_over_id = h.hand_over_id and not o.drill and o.opened_at is not null)
    union all select 'opening', c.name, o.asked_at from break_glass_opening o join vault v using (msp_id, vault_ref) join client c using (msp_id, client_id) where o.msp_id = ${mspId}::uuid and o.closed_at is null and o.ends_at > ${now}
    union all select 'requests', p.name, q.asked_at from access_request q join person p using (msp_id, person_id) where q.msp_id = ${mspId}::uuid and q.answer is null and q.person_id::text <> ${id}
    union all select 'slotsOver', c.name, s.ends_at from slot_loan s join vault v using (msp_id, vault_ref) join client c using (msp_id, client_id)
               where s.msp_id = ${mspId}::uuid and s.back_plan_id is null and s.ends_at <= ${now} and (s.lender_ends_at is null or s.lender_ends_at > ${now})
                 and exists (select from dispatch d where d.msp_id = s.msp_id and d.plan_id = s.plan_id and d.vault_ref = s.vault_ref and d.state = 'proven')
    order by since`;
  const [due] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from known_agent a join vault v using (msp_id, vault_ref) join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
     where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin and p.frozen_at is null
       and greatest(a.created_at, (select max(h.handed_at) from hand_over h where h.msp_id = a.msp_id and h.vault_ref = a.vault_ref and h.uid = a.uid)) <= ${new Date(now.getTime() - renewDays * 86_400_000)}`;
  const of = (kind: Row["kind"]): Named => {
    const found = rows.filter((row) => row.kind === kind);
    return { names: found.map(({ name }) => name), since: found[0]?.since ?? null };
  };
  return { strange: of("strange"), unopened: of("unopened"), opening: of("opening"), rotate: of("rotate"), requests: of("requests"), slotsOver: of("slotsOver"), renewals: due?.count ?? 0 };
}
