/** A subscription's life: made, changed with proration, renewed, ended. */
import { periodEnd } from "./calendar.ts";
import { draft, issue, wouldPay, type Charge } from "./invoices.ts";
import type { Invoice, Price, Subscription, SubscriptionItem } from "./objects.ts";
import { Problem, wrong } from "./problem.ts";
import { drawn, newId } from "./store.ts";
import { emit, nowFor, type World } from "./world.ts";

const days = 86_400;
const shortDate = (at: number) => new Date(at * 1_000).toISOString().slice(0, 10);
const nameOf = (world: World, price: Price) => world.store.get("product", price.product).name;

export const itemOf = (subscription: Subscription): SubscriptionItem => subscription.items.data[0]!;

const whole = (world: World, item: SubscriptionItem, from: number, to: number): Charge => ({
  item, price: item.price, quantity: item.quantity, amount: item.price.unit_amount * item.quantity, from, to, proration: false, words: `${item.quantity} × ${nameOf(world, item.price)} (${shortDate(from)} to ${shortDate(to)})`,
});

export type Making = {
  customer: string; price: string; quantity: number; metadata: Record<string, string>; collection: Subscription["collection_method"]; daysUntilDue: number | null; trialEnd: number | null; automaticTax: boolean;
  description: string | null; paymentMethod: string | null; behavior: string;
};

export function create(world: World, making: Making): Subscription {
  const customer = world.store.get("customer", making.customer, "customer");
  const price = world.store.get("price", making.price, "items[0][price]");
  if (!price.active) throw wrong("items[0][price]", `The price specified is inactive. This field only accepts active prices.`);
  if (!Number.isSafeInteger(making.quantity) || making.quantity < 1) throw wrong("items[0][quantity]", "Invalid integer");
  if (customer.currency !== null && customer.currency !== price.currency) throw wrong("items[0][price]", `You cannot combine currencies on a single customer. This customer has had a subscription in ${customer.currency}`);
  if (making.collection === "send_invoice" && making.daysUntilDue === null) throw wrong("days_until_due", "You must pass days_until_due when collection_method is send_invoice.");
  const card = making.paymentMethod ?? customer.invoice_settings.default_payment_method;
  if (making.collection === "charge_automatically" && making.trialEnd === null) {
    if (card === null) throw new Problem(400, "This customer has no attached payment source or default payment method.", { code: "resource_missing" });
    if (making.behavior === "error_if_incomplete" && !wouldPay(world.store.of("payment_method").get(card))) throw new Problem(402, "Your card was declined.", { type: "card_error", code: "card_declined" });
  }
  const now = nowFor(world, customer.test_clock);
  if (making.trialEnd !== null && making.trialEnd <= now) throw wrong("trial_end", "The trial end must be in the future.");
  const id = newId("subscription");
  const anchor = making.trialEnd ?? now;
  const end = making.trialEnd ?? periodEnd(anchor, now, price.recurring.interval);
  const item: SubscriptionItem = { id: `si_${drawn(14)}`, object: "subscription_item", created: now, current_period_start: now, current_period_end: end, discounts: [], metadata: {}, price, quantity: making.quantity, subscription: id, tax_rates: [] };
  const subscription: Subscription = {
    id, object: "subscription", created: now, livemode: false, metadata: making.metadata, test_clock: customer.test_clock, automatic_tax: { disabled_reason: null, enabled: making.automaticTax, liability: null }, billing_cycle_anchor: anchor, billing_mode: { type: "flexible", flexible: {} },
    cancel_at: null, cancel_at_period_end: false, canceled_at: null, cancellation_details: { comment: null, feedback: null, reason: null }, collection_method: making.collection, currency: price.currency, customer: customer.id, days_until_due: making.collection === "send_invoice" ? making.daysUntilDue : null,
    default_payment_method: making.paymentMethod, description: making.description, discounts: [], ended_at: null, items: { object: "list", data: [item], has_more: false, url: `/v1/subscription_items?subscription=${id}` }, latest_invoice: null, pending_update: null, schedule: null, start_date: now,
    status: making.trialEnd !== null ? "trialing" : making.collection === "send_invoice" ? "active" : "incomplete", trial_end: making.trialEnd, trial_start: making.trialEnd === null ? null : now,
  };
  customer.currency ??= price.currency;
  world.store.put(customer);
  emit(world, "customer.subscription.created", subscription);
  const charge = whole(world, item, now, end);
  issue(world, subscription, draft(world, subscription, "subscription_create", [making.trialEnd === null ? charge : { ...charge, amount: 0, words: `Until ${shortDate(end)}, nothing to pay` }], now));
  return subscription;
}

/** What changing price or quantity now costs for the rest of the period; half a minor unit is rounded away from zero. */
function proration(world: World, item: SubscriptionItem, price: Price, quantity: number, at: number): Charge[] {
  const left = (item.current_period_end - at) / (item.current_period_end - item.current_period_start);
  const share = (amount: number) => Math.round(amount * left);
  const common = { item, from: at, to: item.current_period_end, proration: true };
  return [
    { ...common, price: item.price, quantity: item.quantity, amount: -share(item.price.unit_amount * item.quantity), words: `Unused time on ${item.quantity} × ${nameOf(world, item.price)} after ${shortDate(at)}` },
    { ...common, price, quantity, amount: share(price.unit_amount * quantity), words: `Remaining time on ${quantity} × ${nameOf(world, price)} after ${shortDate(at)}` },
  ];
}

export type Change = { price?: string | undefined; quantity?: number | undefined; proration: string; behavior: string };

function judged(world: World, subscription: Subscription, change: Change) {
  const item = itemOf(subscription);
  const price = change.price === undefined ? item.price : world.store.get("price", change.price, "items[0][price]");
  const quantity = change.quantity ?? item.quantity;
  if (price.currency !== subscription.currency) throw wrong("items[0][price]", `The price specified only supports ${price.currency}. This doesn't match the expected currency: ${subscription.currency}.`);
  if (price.recurring.interval !== item.price.recurring.interval) throw wrong("items[0][price]", "The sandbox changes no interval; see docs/stripe.md.");
  return { item, price, quantity, moves: price.id !== item.price.id || quantity !== item.quantity };
}

export function preview(world: World, subscription: Subscription, change: Change, at: number): Invoice {
  const { item, price, quantity } = judged(world, subscription, change);
  return draft(world, subscription, "upcoming", proration(world, item, price, quantity, at), at);
}

export function changeItem(world: World, subscription: Subscription, change: Change): void {
  const { item, price, quantity, moves } = judged(world, subscription, change);
  if (!moves) return;
  const now = nowFor(world, subscription.test_clock);
  const prorated = change.proration === "always_invoice" && subscription.status !== "trialing";
  if (prorated && change.behavior === "error_if_incomplete" && subscription.collection_method === "charge_automatically") {
    const id = subscription.default_payment_method ?? world.store.get("customer", subscription.customer).invoice_settings.default_payment_method;
    if (!wouldPay(id === null ? undefined : world.store.of("payment_method").get(id))) throw new Problem(402, "Your card was declined.", { type: "card_error", code: "card_declined" });
  }
  const charges = prorated ? proration(world, item, price, quantity, now) : [];
  item.price = price;
  item.quantity = quantity;
  if (charges.length > 0) issue(world, subscription, draft(world, subscription, "subscription_update", charges, now));
}

/** The next period begins. What the subscription was told for its end happens now. */
export function renew(world: World, subscription: Subscription): void {
  const item = itemOf(subscription);
  const now = nowFor(world, subscription.test_clock);
  if (subscription.cancel_at_period_end) return end(world, subscription, "cancellation_requested");
  const start = item.current_period_end;
  item.current_period_start = start;
  item.current_period_end = periodEnd(subscription.billing_cycle_anchor, start, item.price.recurring.interval);
  if (subscription.status === "trialing") subscription.status = "active";
  emit(world, "customer.subscription.updated", subscription);
  issue(world, subscription, draft(world, subscription, "subscription_cycle", [whole(world, item, start, item.current_period_end)], now));
}

export function end(world: World, subscription: Subscription, reason: string): void {
  const now = nowFor(world, subscription.test_clock);
  Object.assign(subscription, { status: "canceled", canceled_at: subscription.canceled_at ?? now, ended_at: now });
  subscription.cancellation_details.reason = reason;
  // A draft of an ended subscription is not sent (Stripe leaves it to its owner; ours is a renewal that nobody wants).
  for (const invoice of world.store.liveInvoices) if (invoice.status === "draft" && invoice.parent.subscription_details.subscription === subscription.id) invoice.auto_advance = false;
  emit(world, "customer.subscription.deleted", subscription);
}

export const trialFrom = (now: number, trialDays: number | null): number | null => (trialDays === null || trialDays <= 0 ? null : now + trialDays * days);
