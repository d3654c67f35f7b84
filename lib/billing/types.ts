/** The words that the tables of money use, closed (prisma/billing.prisma says what each column means). */
export const intervals = ["year", "month"] as const;
export type Interval = (typeof intervals)[number];

/** How an invoice is collected: a card is charged at once; an invoice is due 60 days after its issue. */
export type CollectedBy = "card" | "invoice";
/** Days from issue to due date of an invoice that is sent (SPEC section 7). */
export const netDays = 60;

/** opening: Checkout waits for its first payment. past_due: a payment failed, or an invoice is past its due date. */
export type SubscriptionState = "opening" | "trialing" | "active" | "past_due" | "ended";

/**
 * Why a subscription ended. cancelled: somebody asked; switched_off: renewal was off; regret: refunded within 14 days of a
 * renewal; unpaid; currency, interval: another one in another currency or interval took its place; moved: another payer goes on with it and its lock;
 * abandoned: it was never paid.
 */
export type EndedBecause = "cancelled" | "switched_off" | "regret" | "unpaid" | "currency" | "interval" | "moved" | "abandoned";
/** Why a lock ended; a lock that moved lives on in another row (`carriedFrom`). */
export type LockEnded = Exclude<EndedBecause, "abandoned"> | "upgraded" | "downgraded";

export type InvoiceStatus = "draft" | "open" | "paid" | "void" | "uncollectible";
/** first: opened the subscription; renewal: to be compared with its lock; change: of plan or users, prorated. */
export type InvoiceReason = "first" | "renewal" | "change" | "other";

export type EventState = "waiting" | "done" | "ignored" | "failed";

/** What can be asked of Stripe for one subscription, one at a time. */
export type IntentKind = "subscribe" | "upgrade" | "downgrade" | "keep_plan" | "stop" | "renew" | "currency" | "interval" | "payer" | "regret" | "refund" | "collection";
export type IntentState = "begun" | "done" | "refused";

export type AlarmKind = "lock_mismatch" | "reconcile_subscription" | "reconcile_invoice" | "reconcile_vault" | "card_needed" | "event_failed" | "intent_stuck";
