/**
 * The one interface to whoever moves the money. What it says are facts in our words: times as dates, amounts as whole minor units.
 * lib/billing/stripe.ts keeps it; nothing else knows of Stripe.
 */
import type { PlanId } from "./plan.ts";
import type { Currency } from "./price-list.ts";
import type { CollectedBy, InvoiceReason, InvoiceStatus, Interval } from "./types.ts";

/** A published price: found again by plan, list, currency and interval, so that it is made once. */
export type PriceSpec = { readonly plan: PlanId; readonly list: string; readonly currency: Currency; readonly interval: Interval; readonly amount: number };
export type PriceFacts = PriceSpec & { readonly id: string };

export type Card = { readonly brand: string; readonly last4: string; readonly until: string };
export type CustomerFacts = { readonly id: string; readonly card: Card | null };
export type CustomerInput = {
  readonly name: string; readonly email: string; readonly country: string; readonly address: Readonly<Record<string, string>>; readonly taxId: { readonly type: string; readonly value: string } | null; readonly purchaseOrder: string | null;
  readonly msp: string; readonly account: string;
};

export type SubscriptionStatus = "opening" | "trialing" | "active" | "past_due" | "ended" | "abandoned";
export type SubscriptionFacts = {
  readonly id: string; readonly customer: string; /** Our own id, as we wrote it there. */ readonly ours: string | null; readonly status: SubscriptionStatus; readonly item: string; /** null: no price of ours. */ readonly price: PriceFacts | null; readonly quantity: number;
  readonly startedAt: Date; readonly periodStart: Date; readonly periodEnd: Date; readonly trialEnd: Date | null; readonly collection: CollectedBy; readonly renews: boolean; readonly stopAskedAt: Date | null; readonly stopBecause: string | null; readonly endedAt: Date | null; readonly endedBecause: string | null;
};

export type LineFacts = { readonly description: string; readonly price: PriceFacts | null; readonly quantity: number; readonly amount: number; readonly tax: number; readonly proration: boolean; readonly periodStart: Date; readonly periodEnd: Date };
export type CreditFacts = { readonly id: string; readonly number: string; readonly status: "issued" | "void"; readonly net: number; readonly tax: number; readonly total: number; readonly words: string; readonly pdfUrl: string | null; readonly createdAt: Date; readonly intent: string | null; readonly refunds: readonly { readonly id: string; readonly amount: number }[] };
export type InvoiceFacts = {
  readonly id: string; readonly customer: string; readonly subscription: string | null; readonly number: string | null; readonly status: InvoiceStatus; readonly reason: InvoiceReason; readonly collection: CollectedBy; readonly currency: Currency;
  readonly net: number; readonly tax: number; readonly total: number; readonly paid: number; readonly remaining: number; readonly purchaseOrder: string | null; readonly createdAt: Date; readonly issuedAt: Date | null; readonly dueAt: Date | null; readonly paidAt: Date | null; /** Voided, or given up. */ readonly closedAt: Date | null;
  readonly attempts: number; readonly nextAttemptAt: Date | null; readonly pageUrl: string | null; readonly pdfUrl: string | null; readonly lines: readonly LineFacts[]; readonly credits: readonly CreditFacts[];
};

export type InvoiceShort = { readonly id: string; readonly subscription: string | null; readonly status: InvoiceStatus; readonly total: number; readonly remaining: number; readonly credited: number };

export type EventFacts = { readonly id: string; readonly type: string; readonly object: string; readonly customer: string | null; readonly subscription: string | null; readonly invoice: string | null; readonly createdAt: Date };

/** Who asks, so that what was done already is found again: the intent, and the key of this try. */
export type Doing = { readonly intent: string; readonly key: string };

/** They said no, and did nothing: a declined card, an amount beyond what was paid. `words` are for people. */
export class PaymentRefused extends Error {
  override name = "PaymentRefused";
  readonly words: string;
  constructor(words: string, options?: ErrorOptions) {
    super(words, options);
    this.words = words;
  }
}

/**
 * Nobody knows whether it was done: no answer, too many requests, a failure on their side. `answered`: their answer under this key
 * is kept and would be repeated, so the next try needs another key, after a look at what is there.
 */
export class PaymentsAway extends Error {
  override name = "PaymentsAway";
  readonly answered: boolean;
  constructor(answered: boolean, options?: ErrorOptions) {
    super("the payment provider does not answer", options);
    this.answered = answered;
  }
}

/** Every call throws PaymentRefused or PaymentsAway. What is not there is null. */
export type Payments = {
  customer(id: string): Promise<CustomerFacts | null>;
  saveCustomer(id: string | null, input: CustomerInput, doing: Doing): Promise<CustomerFacts>;
  /** Finds the price or makes it, with its product. Throws a RangeError when it is there with another amount. */
  price(spec: PriceSpec): Promise<PriceFacts>;
  subscription(id: string): Promise<SubscriptionFacts | null>;
  subscriptionsOf(customer: string): Promise<SubscriptionFacts[]>;
  subscribe(input: { customer: string; price: string; quantity: number; collection: CollectedBy; subscription: string; trialEnd: Date | null; trialDays: number | null; movedFrom: string | null }, doing: Doing): Promise<SubscriptionFacts>;
  checkout(input: { customer: string; price: string; quantity: number; subscription: string; trialDays: number | null; successUrl: string; cancelUrl: string }, doing: Doing): Promise<{ url: string }>;
  /** `now`: prorated and charged at once; else from the next renewal on. */
  changePrice(subscription: SubscriptionFacts, change: { price: string; quantity: number; now: boolean }, doing: Doing): Promise<void>;
  previewPrice(subscription: SubscriptionFacts, change: { price: string; quantity: number }): Promise<{ net: number; tax: number; total: number }>;
  setRenewal(subscription: string, renews: boolean, because: string | null, doing: Doing): Promise<void>;
  setCollection(subscription: string, by: CollectedBy, doing: Doing): Promise<void>;
  end(subscription: string, because: string, doing: Doing): Promise<void>;
  invoice(id: string): Promise<InvoiceFacts | null>;
  /** Every one, oldest first, credit notes included. */
  invoicesOf(subscription: string): Promise<InvoiceFacts[]>;
  voidInvoice(id: string, doing: Doing): Promise<void>;
  /** Tax included; what was paid goes back the way it came. */
  credit(invoice: string, amount: number, words: string, doing: Doing): Promise<void>;
  portal(customer: string, returnUrl: string): Promise<string>;
  /** Those made since, in short, for the nightly comparison. */
  invoicesSince(customer: string, since: Date): Promise<InvoiceShort[]>;
  /** Judges a webhook's signature and age, and reads it. Throws a RangeError for one that is not theirs. */
  event(body: string, signature: string, now: Date): EventFacts;
};
