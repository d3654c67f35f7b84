/**
 * Published price lists as data. A list is never edited: a new one is added below, and what was bought under an old one keeps
 * its price (SPEC section 7). Amounts are net, in the minor unit of their currency, as integers. Pure.
 */
import { planOf, type Plan, type PlanId } from "./plan.ts";

export const currencies = ["USD", "EUR", "GBP", "CHF"] as const;
export type Currency = (typeof currencies)[number];

/** Per currency; one that is absent is not published. It is never converted from another: exchange risk is not passed on. */
export type Amounts = { readonly [C in Currency]?: number };

export type Price = {
  /** A year; of a plan bought per user, a year and user. */
  readonly annual: Amounts;
  /** A month, where the plan can be paid so: the annual price over ten, without cents. null: annual only. */
  readonly monthly: Amounts | null;
};

export type PriceList = { readonly id: string; /** The day from which it is asked, UTC. */ readonly published: string; readonly prices: { readonly [P in PlanId]: Price } };

const usd = (annual: number, monthly: number | null = null): Price => ({ annual: { USD: annual * 100 }, monthly: monthly === null ? null : { USD: monthly * 100 } });
const free: Price = { annual: { USD: 0, EUR: 0, GBP: 0, CHF: 0 }, monthly: null };

/** Oldest first. */
export const priceLists: readonly PriceList[] = [
  {
    id: "2026-06", published: "2026-06-01",
    prices: {
      "self-hosted": free,
      personal: usd(12), family: usd(24), pro: usd(49),
      "team-10": usd(249), "team-25": usd(499), "team-100": usd(1_499, 149), "team-250": usd(2_999, 299), "team-500": usd(4_999, 499),
      mme: usd(36), enterprise: usd(72),
    },
  },
];

/** The list in force at a moment. Throws a RangeError before the first one. */
export function priceListAt(now: Date, lists: readonly PriceList[] = priceLists): PriceList {
  const found = lists.findLast(({ published }) => Date.parse(`${published}T00:00:00Z`) <= now.getTime());
  if (!found) throw new RangeError("no price list was published by then");
  return found;
}

/** Users that are paid for: at least the plan's minimum. 1 for a plan that is not bought per user. */
export const paidUsers = (plan: Plan, users: number): number => (plan.usersFrom === null ? 1 : Math.max(users, plan.usersFrom));

/** What a year costs at list, in minor units; null where that currency is not published. `users` counts for MME and Enterprise. */
export function annualPrice(list: PriceList, id: PlanId, currency: Currency, users = 0): number | null {
  const amount = list.prices[id].annual[currency];
  return amount === undefined ? null : amount * paidUsers(planOf(id), users);
}
