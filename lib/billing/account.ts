/** Rules over all subscriptions of one paying account (SPEC sections 6 and 7). Pure. */
import { planOf, type PlanId } from "./plan.ts";
import { annualPrice, type Currency, type PriceList } from "./price-list.ts";

/** `users` counts for plans bought per user. */
export type Subscription = { readonly plan: PlanId; readonly currency: Currency; readonly users?: number };

/** Self-hosting is no subscription: nothing is paid, and it opens nothing. */
const paid = (subscriptions: readonly Subscription[]) => subscriptions.filter(({ plan }) => plan !== "self-hosted");

/** The management plane opens with two subscriptions, one of them Team or larger; then it is free. */
export function opensManagementPlane(subscriptions: readonly Subscription[]): boolean {
  const held = paid(subscriptions);
  return held.length >= 2 && held.some(({ plan }) => planOf(plan).family !== "individual");
}

export type Collection = "card" | "invoice, Net 60" | "none";

/** From this list price a year on, whatever the currency, an account's Team plans together are paid by invoice. In USD cents. */
export const invoiceFromMinor = 250_000;

/**
 * How each subscription is collected, in the order given. Individual plans always by card, MME and Enterprise always by
 * invoice. Team plans of the account are weighed together by their list price in USD, whichever currency is paid.
 */
export function collectionOf(subscriptions: readonly Subscription[], list: PriceList): Collection[] {
  const held = paid(subscriptions);
  // The threshold is a figure of the list, not of a market: the USD price decides for every currency (SPEC section 7).
  const together = held.filter(({ plan }) => planOf(plan).family === "team").reduce((sum, { plan }) => sum + (annualPrice(list, plan, "USD") ?? 0), 0);
  const teamByInvoice = held.length >= 2 && together >= invoiceFromMinor;
  return subscriptions.map(({ plan }) => {
    const { family } = planOf(plan);
    if (family === "self-hosted") return "none";
    if (family === "individual") return "card";
    if (family === "team") return teamByInvoice ? "invoice, Net 60" : "card";
    return "invoice, Net 60";
  });
}
