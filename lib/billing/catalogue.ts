/** What a plan costs on a list, as a price that can be bought. Pure. */
import { planOf, type PlanId } from "./plan.ts";
import { paidUsers, type Currency, type PriceList } from "./price-list.ts";
import type { PriceSpec } from "./payments.ts";
import type { Interval } from "./types.ts";

/** null: the list does not name this plan in this currency by this interval, so it cannot be bought so. */
export function specOf(list: PriceList, plan: PlanId, currency: Currency, interval: Interval): PriceSpec | null {
  const { annual, monthly } = list.prices[plan];
  const amount = interval === "year" ? annual[currency] : monthly?.[currency];
  return amount === undefined || amount === 0 ? null : { plan, list: list.id, currency, interval, amount };
}

/** By which a price is found again at the provider. */
export const keyOf = ({ plan, list, currency, interval }: Omit<PriceSpec, "amount">): string => `clavitor:${list}:${plan}:${currency}:${interval}`;

/** Units on an invoice: users of a plan bought per user, at least its minimum; else 1. */
export const unitsOf = (plan: PlanId, users: number): number => paidUsers(planOf(plan), users);
