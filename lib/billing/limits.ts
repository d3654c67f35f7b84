/** Whether something still fits. Limits are hard (SPEC section 6): there is no "a little over". Pure. */
import { planOf, tokenLimit, vaultLimit, type Limit, type PlanId } from "./plan.ts";

/** `free`: room is left after adding; `at limit`: it fits, and nothing more; `over`: it does not, by `by`. */
export type Verdict = { readonly state: "free"; readonly left: number | null } | { readonly state: "at limit" } | { readonly state: "over"; readonly by: number };

/**
 * @param limit null: none. A vault says its own limit, which counts before the plan's.
 * Throws a RangeError for counts that are no whole numbers from 0.
 */
export function judge(used: number, limit: number | null, adding = 0): Verdict {
  for (const count of [used, adding, limit ?? 0]) if (!Number.isSafeInteger(count) || count < 0) throw new RangeError("a count is a whole number from 0");
  if (limit === null) return { state: "free", left: null };
  const left = limit - used - adding;
  return left > 0 ? { state: "free", left } : left === 0 ? { state: "at limit" } : { state: "over", by: -left };
}

/** What a subscription is used for: the fullest vault's tokens, its owner included, and the rest over all of its vaults. */
export type Usage = { readonly tokens: number; readonly vaults: number; readonly devices: number; readonly users: number };

const fits = (used: number, limit: Limit) => typeof limit !== "number" || used <= limit;

/** Whether a plan would hold all of it. A limit that the price list does not name refuses nothing here; the vault may. */
export function holds(id: PlanId, usage: Usage): boolean {
  const plan = planOf(id);
  return fits(usage.tokens, tokenLimit(plan)) && fits(usage.vaults, vaultLimit(plan, usage.users)) && fits(usage.devices, plan.devices);
}
