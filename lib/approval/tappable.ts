/** Which vaults of a plan wait for a tap, and what stands against the others. */
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { mayBeTappedAgain } from "../plan/dispatch-state.ts";
import { loadFacts } from "../plan/facts.ts";
import type { LoadedPlan } from "../plan/load.ts";
import { staleParts, type Stale } from "../plan/stale.ts";

export type Tappable = { /** Places in the plan. */ open: ReadonlySet<number>; stale: readonly Stale[] };

/** Those without a share on its way or done. Nothing is tapped twice that may have been applied. */
export async function tappable(tx: Read, { row, plan, refs }: LoadedPlan, now: Date): Promise<Tappable> {
  const { mspId } = tx.actor;
  const [dispatches, facts] = await Promise.all([
    tx.db.dispatch.findMany({ where: { mspId, planId: row.planId }, select: { vaultRef: true, kind: true, state: true, attempts: true } }),
    loadFacts(tx, refs, [], now),
  ]);
  const open = new Set(refs.flatMap((vaultRef, place) => (mayBeTappedAgain(dispatches.filter((one) => one.vaultRef === vaultRef)) ? [place] : [])));
  return { open, stale: staleParts(plan, refs, facts.vaults).filter(({ place }) => open.has(place)) };
}

/** Throws Refusal `plan_over`, `plan_stale` unless something of it can be signed at `now`. */
export async function mustBeTappable(tx: Read, loaded: LoadedPlan, now: Date): Promise<Tappable> {
  const { row } = loaded;
  if (row.withdrawnAt !== null || row.notAfter <= now) throw new Refusal("plan_over");
  const found = await tappable(tx, loaded, now);
  if (found.open.size === 0) throw new Refusal("plan_over");
  if (found.stale.length > 0) {
    const [first] = found.stale;
    throw new Refusal("plan_stale", { detail: `${loaded.plan.vaults[first!.place]!.name}: ${first!.words}${found.stale.length > 1 ? ` So it is at ${found.stale.length - 1} more.` : ""} Nothing was signed.` });
  }
  return found;
}
