/** What plans did in vaults, as signed re-reads showed it: each operation as it was frozen, who tapped, when it was read back. */
import { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { checkPlanVault, type Plan, type PlanChange, type PlanVault } from "../protocol/plan.ts";
import { whoOf } from "../protocol/plan-words.ts";

type Row = { operation_id: string; plan_id: string; vault_ref: string; place: number; change: PlanChange["change"]; uid: string | null; at: Date; by: string[] };

/** `settled_at` of the share that did it; a standing share holds the removals of its plan alone. The uid of a new row is in what it handed over. */
const proven = Prisma.sql`
  select o.operation_id, o.plan_id, o.vault_ref, o.place, o.position, o.change, coalesce(o.uid, h.uid) as uid, d.settled_at as at, array_remove(array[s.name, f.name], null) as by
    from plan_operation o
    join lateral (select d.settled_at, d.approval_id from dispatch d where d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref and d.state = 'proven' and (d.kind = 'fresh' or o.change = 'revoke') order by d.settled_at limit 1) d on true
    join approval a on a.msp_id = o.msp_id and a.approval_id = d.approval_id join person s on s.msp_id = a.msp_id and s.person_id = a.person_id
    left join cosignature c on c.msp_id = a.msp_id and c.cosignature_id = a.cosignature_id left join person f on f.msp_id = c.msp_id and f.person_id = c.person_id
    left join lateral (select h.uid from hand_over h where h.msp_id = o.msp_id and h.vault_ref = o.vault_ref and h.operation_id = o.operation_id limit 1) h on true`;

/** `what`: as signed, with the names that roles had then in `part`. `by`: who released it, and who signed before where two did. `at`: epoch milliseconds. */
export type ProvenChange = { readonly vaultRef: string; readonly uid: string | null; readonly at: number; readonly by: readonly string[]; readonly what: PlanChange; readonly part: Pick<PlanVault, "roles">; readonly who: string | null; /** Of the key that begins or ends to sign. */ readonly label: string | null };

/** @param most of each vault, the newest. Throws ProtocolError when a frozen plan is not what was written. */
export async function provenChanges({ db, actor: { mspId } }: Read, vaultRefs: readonly string[], { since, most }: { since: Date; most: number }): Promise<ProvenChange[]> {
  const rows = await db.$queryRaw<Row[]>`
    select x.* from (select p.*, row_number() over (partition by p.vault_ref order by p.at desc, p.plan_id, p.position) as nth from (${proven} where o.msp_id = ${mspId}::uuid and o.vault_ref = any(${[...vaultRefs]}::uuid[]) and d.settled_at >= ${since}) p) x where x.nth <= ${most} order by x.at desc, x.plan_id, x.position`;
  const parts = [...new Map(rows.map(({ plan_id: id, place }) => [`${id} ${place}`, { id, place }])).values()];
  // A plan may hold a thousand vaults: one vault's part is taken out where it lies.
  const frozen = await db.$queryRaw<{ plan_id: string; place: number; part: unknown; people: Plan["people"]; signers: Plan["signers"] | null }[]>`
    select p.plan_id, g.place, f.whole -> 'vaults' -> g.place as part, f.whole -> 'people' as people, f.whole -> 'signers' as signers
      from plan p cross join lateral (select p.frozen::jsonb as whole offset 0) f join unnest(${parts.map(({ id }) => id)}::uuid[], ${parts.map(({ place }) => place)}::int[]) as g(id, place) on g.id = p.plan_id where p.msp_id = ${mspId}::uuid`;
  const byPart = new Map(frozen.map((one) => {
    const { part } = one;
    checkPlanVault(part, "");
    return [`${one.plan_id} ${one.place}`, { ...one, part }];
  }));
  return rows.map(({ plan_id: planId, operation_id: operationId, place, vault_ref: vaultRef, uid, at, by }): ProvenChange => {
    const { part, people, signers } = byPart.get(`${planId} ${place}`)!;
    const what = part.changes.find(({ id }) => id === operationId);
    if (what === undefined) throw new TypeError("A proven operation that its plan does not hold.");
    return { vaultRef, uid, at: at.getTime(), by, what, part, who: whoOf({ people, ...(signers && { signers }) }, what), label: what.change === "enrol" ? (signers?.[what.signer]?.label ?? "") : what.change === "strike" ? what.label : null };
  });
}

/** How many operations were proven in each vault since then, and how many of them took somebody's token away. A vault without any is not in it. */
export async function provenCounts({ db, actor: { mspId } }: Read, vaultRefs: readonly string[], since: Date): Promise<Map<string, { changes: number; removed: number }>> {
  const rows = await db.$queryRaw<{ vault_ref: string; changes: number; removed: number }[]>`
    select x.vault_ref, count(*)::int as changes, count(*) filter (where x.change = 'revoke')::int as removed
      from (${proven} where o.msp_id = ${mspId}::uuid and o.vault_ref = any(${[...vaultRefs]}::uuid[]) and d.settled_at >= ${since}) x group by x.vault_ref`;
  return new Map(rows.map(({ vault_ref: ref, changes, removed }) => [ref, { changes, removed }]));
}

/** `at`: epoch milliseconds. `ticket`: as the plan names it. */
export type Tapped = { readonly planId: string; readonly by: readonly string[]; readonly at: number; readonly ticket: string | null };
export type Making = { readonly made: Tapped | null; readonly altered: Tapped | null };

/** Of each row that stands: the proven operation that made it, and the last that altered it. Keyed `vaultRef uid`; rows that no plan touched are not in it. */
export async function makersOf({ db, actor: { mspId } }: Read, vaultRefs: readonly string[]): Promise<Map<string, Making>> {
  const rows = await db.$queryRaw<(Row & { uid: string; ticket: string | null })[]>`
    select m.*, (p.frozen::jsonb) ->> 'ticket' as ticket
      from (select distinct on (x.vault_ref, x.uid, x.change) x.* from (${proven} where o.msp_id = ${mspId}::uuid and o.vault_ref = any(${[...vaultRefs]}::uuid[]) and o.change in ('grant', 'alter')) x
              join known_agent k on k.msp_id = ${mspId}::uuid and k.vault_ref = x.vault_ref and k.uid = x.uid order by x.vault_ref, x.uid, x.change, x.at desc, x.plan_id desc) m
      join plan p on p.msp_id = ${mspId}::uuid and p.plan_id = m.plan_id`;
  const making = new Map<string, Making>();
  for (const { vault_ref: vaultRef, uid, plan_id: planId, change, by, at, ticket } of rows) {
    const key = `${vaultRef} ${uid}`;
    const tapped = { planId, by, at: at.getTime(), ticket };
    making.set(key, { ...(making.get(key) ?? { made: null, altered: null }), ...(change === "grant" ? { made: tapped } : { altered: tapped }) });
  }
  return making;
}

/** As a reader of the client may see it. `plan`: null for whoever does not read plans. */
export type Signed = { readonly by: readonly string[]; readonly at: number; readonly plan: { readonly id: string; readonly ticket: string | null } | null };
/** By uid. */
export type RowMakers = Readonly<Record<string, { readonly made: Signed | null; readonly altered: Signed | null }>>;

/** By whom the rows of a vault came to be there and to be as they are, by vault. Throws Refusal `forbidden`. */
export async function rowMakers(actor: Actor, vaultRefs: readonly string[], db: Database = database()): Promise<Readonly<Record<string, RowMakers>>> {
  authorize(actor, "client.read");
  const makers = await read(actor, (tx) => makersOf(tx, vaultRefs), db);
  const seesPlans = holds(actor, "plan.read");
  const seen = (one: Tapped | null): Signed | null => one && { by: one.by, at: one.at, plan: seesPlans ? { id: one.planId, ticket: one.ticket } : null };
  const of = (ref: string): RowMakers => Object.fromEntries([...makers].flatMap(([key, { made, altered }]) => (key.startsWith(`${ref} `) ? [[key.slice(ref.length + 1), { made: seen(made), altered: seen(altered) }]] : [])));
  return Object.fromEntries(vaultRefs.map((ref) => [ref, of(ref)]));
}
