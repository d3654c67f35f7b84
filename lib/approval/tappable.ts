/** Which vaults of a plan wait for a tap, and what stands against the others. */
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { tooLong } from "../plan/check.ts";
import { mayBeTappedAgain } from "../plan/dispatch-state.ts";
import { loadFacts } from "../plan/facts.ts";
import type { LoadedPlan } from "../plan/load.ts";
import { staleParts, wantedAgain, type Stale } from "../plan/stale.ts";

/** `over`: what a rule of length stands against by now; it was judged when the plan was frozen, and rules change. */
export type Tappable = { /** Places in the plan. */ open: ReadonlySet<number>; stale: readonly Stale[]; over: readonly Stale[] };

/** Those without a share on its way or done. Nothing is tapped twice that may have been applied. */
export async function tappable(tx: Read, { row, plan, refs, operations }: LoadedPlan, now: Date): Promise<Tappable> {
  const { mspId } = tx.actor;
  const [dispatches, facts] = await Promise.all([
    tx.db.dispatch.findMany({ where: { mspId, planId: row.planId }, select: { vaultRef: true, kind: true, state: true, attempts: true } }),
    loadFacts(tx, refs, [...new Set(operations.flatMap(({ personId }) => personId ?? []))], now),
  ]);
  const open = new Set(refs.flatMap((vaultRef, place) => (mayBeTappedAgain(dispatches.filter((one) => one.vaultRef === vaultRef)) ? [place] : [])));
  const wanted = wantedAgain(plan, refs, new Map(operations.flatMap(({ operationId, personId }) => (personId === null ? [] : [[operationId, personId] as const]))), facts.vaults, open);
  const over = [...open].flatMap((place) => {
    const vault = facts.vaults.get(refs[place]!);
    const [first] = vault === undefined ? [] : tooLong(vault, wanted.filter(({ vaultRef }) => vaultRef === vault.vaultRef), facts);
    return first === undefined ? [] : [{ place, words: first.words }];
  });
  return { open, stale: staleParts(plan, refs, facts.vaults).filter(({ place }) => open.has(place)), over };
}

/** Throws Refusal `plan_over`, `plan_stale`, `plan_long` unless something of it can be signed at `now`. */
export async function mustBeTappable(tx: Read, loaded: LoadedPlan, now: Date): Promise<Tappable> {
  const { row } = loaded;
  if (row.withdrawnAt !== null || row.notAfter <= now) throw new Refusal("plan_over");
  const found = await tappable(tx, loaded, now);
  if (found.open.size === 0) throw new Refusal("plan_over");
  const said = ([first, ...more]: readonly Stale[]) => `${loaded.plan.vaults[first!.place]!.name}: ${first!.words}${more.length > 0 ? ` So it is at ${more.length} more.` : ""} Nothing was signed.`;
  if (found.stale.length > 0) throw new Refusal("plan_stale", { detail: said(found.stale) });
  if (found.over.length > 0) throw new Refusal("plan_long", { detail: said(found.over) });
  return found;
}
