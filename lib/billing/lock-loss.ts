/**
 * What a change would do to a lock: both prices of a year and their difference, before anybody presses anything (SPEC section 7:
 * every way to lose a lock warns first). Amounts are net minor units. Pure, for the browser too.
 */
import { planOf, type PlanId } from "./plan.ts";
import { paidUsers, type Currency, type PriceList } from "./price-list.ts";

export type Held = { readonly plan: PlanId; readonly currency: Currency; readonly interval: "year" | "month"; readonly users: number; /** A year, as locked. */ readonly locked: number };
export type LockChange =
  | { readonly kind: "plan"; readonly to: PlanId; readonly users?: number }
  | { readonly kind: "currency"; readonly to: Currency }
  | { readonly kind: "interval"; readonly to: "year" | "month" }
  /** The client pays for itself: the one change that keeps the lock. */
  | { readonly kind: "payer" }
  /** Also when renewal is switched off, or a renewal is refunded: the lock ends, and coming back costs the list. */
  | { readonly kind: "end" };

export type LockLoss = {
  /** A year at the lock that would end. */
  readonly lock: number; readonly currency: Currency;
  /** A year at today's list, which would lock then; null: not published in that currency or interval. */
  readonly after: number | null; readonly afterCurrency: Currency;
  /** A year, more (or, negative, less); null where the two cannot be compared: currencies are not converted. */
  readonly difference: number | null;
  /** When the change takes effect. */
  readonly when: "at once" | "at the renewal" | "at the end of the period";
};

/** A year at a list, in the interval it is paid in. */
export function yearAt(list: PriceList, plan: PlanId, currency: Currency, interval: "year" | "month", users = 1): number | null {
  const amount = (interval === "year" ? list.prices[plan].annual : list.prices[plan].monthly)?.[currency];
  return amount === undefined ? null : amount * (interval === "month" ? 12 : 1) * paidUsers(planOf(plan), users);
}

export function lockLoss(held: Held, change: LockChange, list: PriceList): LockLoss {
  if (change.kind === "payer") return { lock: held.locked, currency: held.currency, after: held.locked, afterCurrency: held.currency, difference: 0, when: "at the renewal" };
  const plan = change.kind === "plan" ? change.to : held.plan;
  const currency = change.kind === "currency" ? change.to : held.currency;
  const interval = change.kind === "interval" ? change.to : held.interval;
  const users = change.kind === "plan" ? (change.users ?? held.users) : held.users;
  // Where a plan is not sold by the month (all but the larger Teams), it would be paid by the year.
  const after = yearAt(list, plan, currency, interval, users) ?? (interval === "month" ? yearAt(list, plan, currency, "year", users) : null);
  const listNow = yearAt(list, held.plan, held.currency, held.interval, held.users) ?? held.locked;
  const when = change.kind === "plan" ? ((after ?? 0) >= listNow ? "at once" : "at the renewal") : change.kind === "interval" ? "at the renewal" : "at the end of the period";
  return { lock: held.locked, currency: held.currency, after, afterCurrency: currency, difference: after === null || currency !== held.currency ? null : after - held.locked, when };
}
