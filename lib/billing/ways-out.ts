/**
 * The ways out of a vault without a free token, each with its price, the cheapest first (SPEC section 6). A block never
 * stands alone. Pure.
 */
import { holds, judge, type Usage } from "./limits.ts";
import { planOf, plans, type Family, type PlanId } from "./plan.ts";
import { annualPrice, type Currency, type PriceList } from "./price-list.ts";

/** A row of the vault that we may end: ours, and not the manager's own. Times in epoch milliseconds. */
export type Holder = { readonly uid: string; readonly name: string; readonly createdAt: number; readonly lastUsedAt: number | null; readonly onLeave: boolean };

export type WayOut =
  /** End rows that nobody uses. `enough`: their number reaches. */
  | { readonly kind: "free"; readonly price: 0; readonly rows: readonly (Holder & { readonly unusedSince: number })[]; readonly needed: number; readonly enough: boolean }
  /** End somebody's row for some hours and give it back after; that is a tap at each end. */
  | { readonly kind: "lend"; readonly price: 0; readonly from: readonly (Holder & { readonly unusedSince: number })[]; readonly needed: number }
  /** `price`: list price minus list price, a year, minor units of the currency; null: not published in it. */
  | { readonly kind: "plan"; readonly price: number | null; readonly plan: PlanId };

const day = 86_400_000;
/** Unused this long, a row is offered to be ended; the matrix marks the same ones (UX, "unused 60 days"). */
export const unusedAfterDays = 60;

const unusedSince = (row: Holder): number => row.lastUsedAt ?? row.createdAt;
const longestUnused = (a: Holder, b: Holder): number => unusedSince(a) - unusedSince(b) || (a.uid < b.uid ? -1 : 1);
const order: readonly Family[] = ["self-hosted", "individual", "team", "mme", "enterprise"];

export type Block = {
  readonly plan: PlanId;
  /** As the vault says; null: no limit. */
  readonly limit: number | null;
  readonly adding: number;
  readonly usage: Usage;
  readonly rows: readonly Holder[];
  readonly currency: Currency;
  readonly list: PriceList;
  readonly now: Date;
};

/** Nothing for what fits. A plan is offered when it holds everything afterwards and is larger than today's in price and kind. */
export function waysOut({ plan, limit, adding, usage, rows, currency, list, now }: Block): WayOut[] {
  const verdict = judge(usage.tokens, limit, adding);
  if (verdict.state !== "over") return [];
  const needed = verdict.by;
  const dated = rows.toSorted(longestUnused).map((row) => ({ ...row, unusedSince: unusedSince(row) }));
  const idle = dated.filter((row) => now.getTime() - row.unusedSince >= unusedAfterDays * day);
  // Somebody on leave misses a token least; after them whoever used theirs longest ago. Who is offered for good is not lent too.
  const lenders = dated.filter((row) => !idle.includes(row)).toSorted((a, b) => Number(b.onLeave) - Number(a.onLeave) || longestUnused(a, b)).slice(0, needed);
  const ways: WayOut[] = [];
  if (idle.length > 0) ways.push({ kind: "free", price: 0, rows: idle, needed, enough: idle.length >= needed });
  if (lenders.length === needed) ways.push({ kind: "lend", price: 0, from: lenders, needed });
  return [...ways, ...largerPlans({ plan, usage: { ...usage, tokens: usage.tokens + adding }, currency, list })];
}

/** The larger plans that would hold `usage`, cheapest first; those without a price in this currency last. For devices and vaults too. */
export function largerPlans({ plan, usage, currency, list }: { plan: PlanId; usage: Usage; currency: Currency; list: PriceList }): (WayOut & { kind: "plan" })[] {
  const now = annualPrice(list, plan, currency, usage.users);
  const found = plans
    .filter(({ id, family }) => id !== plan && order.indexOf(family) >= Math.max(order.indexOf(planOf(plan).family), order.indexOf("individual")) && holds(id, usage))
    .map(({ id }) => {
      const then = annualPrice(list, id, currency, usage.users);
      return { kind: "plan" as const, plan: id, price: then === null || now === null ? null : then - now };
    })
    .filter(({ price }) => price === null || price > 0);
  return found.toSorted((a, b) => (a.price ?? Number.POSITIVE_INFINITY) - (b.price ?? Number.POSITIVE_INFINITY));
}
