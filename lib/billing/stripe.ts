/**
 * Stripe, by its official SDK, behind lib/billing/payments.ts. With STRIPE_HOST the same code talks to the sandbox. Everything we make
 * there carries our ids and the intent that made it, so that what was done is found again whatever became of the answer. Long because
 * it is one interface kept call by call.
 */
import { Stripe } from "stripe";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import { keyOf } from "./catalogue.ts";
import { PaymentRefused, PaymentsAway, type CreditFacts, type CustomerFacts, type Doing, type EventFacts, type InvoiceFacts, type LineFacts, type Payments, type PriceFacts, type SubscriptionFacts, type SubscriptionStatus } from "./payments.ts";
import { isPlan, planOf } from "./plan.ts";
import { currencies, type Currency } from "./price-list.ts";
import { intervals, netDays, type CollectedBy, type InvoiceReason, type InvoiceStatus } from "./types.ts";

const date = (seconds: number): Date => new Date(seconds * 1_000);
const dateOr = (seconds: number | null | undefined): Date | null => (seconds === null || seconds === undefined ? null : date(seconds));
const idOf = (thing: string | { id: string } | null | undefined): string | null => (thing === null || thing === undefined ? null : typeof thing === "string" ? thing : thing.id);

/** What a person may read of a no: only of cards, the rest is our mistake and goes to the log. */
function wordsOf(error: Stripe.errors.StripeError): string {
  if (error.type === "StripeCardError") return "the card was declined";
  if (error.code === "charge_already_refunded") return "it was refunded before";
  return "the payment provider did not accept it";
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error.type === "StripeCardError" || error.type === "StripeInvalidRequestError") throw new PaymentRefused(wordsOf(error), { cause: error });
    // 429 and a key in use leave no answer behind; a failure of theirs is kept under the key and repeated (Stripe, Idempotent requests).
    throw new PaymentsAway((error.statusCode ?? 0) >= 500, { cause: error });
  }
}

/** null for what does not exist. */
async function found<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await asked(work);
  } catch (error) {
    if (error instanceof PaymentRefused && (error.cause as Stripe.errors.StripeError).code === "resource_missing") return null;
    throw error;
  }
}

function priceFacts(price: Stripe.Price): PriceFacts | null {
  const { plan, list } = price.metadata;
  const currency = price.currency.toUpperCase();
  const interval = intervals.find((one) => one === price.recurring?.interval);
  if (!plan || !list || !isPlan(plan) || !(currencies as readonly string[]).includes(currency) || interval === undefined || price.unit_amount === null) return null;
  return { id: price.id, plan, list, currency: currency as Currency, interval, amount: price.unit_amount };
}

const statuses: Readonly<Record<string, SubscriptionStatus>> = { incomplete: "opening", incomplete_expired: "abandoned", trialing: "trialing", active: "active", past_due: "past_due", unpaid: "past_due", paused: "past_due", canceled: "ended" };

function subscriptionFacts(subscription: Stripe.Subscription): SubscriptionFacts {
  const item = subscription.items.data[0]!;
  const { metadata } = subscription;
  return {
    id: subscription.id, customer: idOf(subscription.customer)!, ours: metadata.clavitor_subscription ?? null, status: statuses[subscription.status] ?? "past_due", item: item.id, price: priceFacts(item.price), quantity: item.quantity ?? 1,
    startedAt: date(subscription.start_date), periodStart: date(item.current_period_start), periodEnd: date(item.current_period_end), trialEnd: dateOr(subscription.trial_end), collection: collectedBy(subscription.collection_method), renews: !subscription.cancel_at_period_end && subscription.cancel_at === null,
    stopAskedAt: subscription.cancel_at_period_end ? dateOr(subscription.canceled_at) : null, stopBecause: metadata.clavitor_stop || null, endedAt: dateOr(subscription.ended_at), endedBecause: metadata.clavitor_end || metadata.clavitor_stop || (subscription.cancellation_details?.reason === "payment_failed" ? "unpaid" : null),
  };
}

const collectedBy = (method: string): CollectedBy => (method === "send_invoice" ? "invoice" : "card");
const reasons: Readonly<Record<string, InvoiceReason>> = { subscription_create: "first", subscription_cycle: "renewal", subscription_update: "change" };

function creditFacts(note: Stripe.CreditNote): CreditFacts {
  return {
    id: note.id, number: note.number, status: note.status === "void" ? "void" : "issued", net: note.total_excluding_tax ?? note.total, tax: note.total - (note.total_excluding_tax ?? note.total), total: note.total, words: note.memo ?? "", pdfUrl: note.pdf, createdAt: date(note.created), intent: note.metadata?.clavitor_intent ?? null,
    refunds: note.refunds.map((one) => ({ id: idOf(one.refund)!, amount: one.amount_refunded })),
  };
}

export type StripeOptions = { readonly key: string; readonly webhookSecret: string; /** Of the sandbox; null: Stripe itself. */ readonly host: string | null; /** How long one answer is waited for, milliseconds. */ readonly answerMs?: number };

export function stripePayments({ key, webhookSecret, host, answerMs = limits.paymentsAnswerMs }: StripeOptions): Payments {
  const at = host === null ? null : new URL(host);
  const sdk = new Stripe(key, { telemetry: false, maxNetworkRetries: 1, timeout: answerMs, ...(at && { host: at.hostname === "localhost" ? "127.0.0.1" : at.hostname, port: Number(at.port), protocol: at.protocol === "https:" ? ("https" as const) : ("http" as const) }) });
  const prices = new Map<string, Promise<PriceFacts | null>>();
  const under = (doing: Doing, step: string) => ({ idempotencyKey: `${doing.key}:${step}` });
  /** Prices never change at Stripe, so each is asked for once. */
  const priceOf = (id: string): Promise<PriceFacts | null> => {
    const known = prices.get(id) ?? asked(() => sdk.prices.retrieve(id)).then(priceFacts);
    prices.set(id, known);
    known.catch(() => prices.delete(id));
    return known;
  };

  async function lineFacts(line: Stripe.InvoiceLineItem): Promise<LineFacts> {
    const price = idOf(line.pricing?.price_details?.price);
    return {
      description: line.description ?? "", price: price === null ? null : await priceOf(price), quantity: line.quantity ?? 1, amount: line.amount, tax: (line.taxes ?? []).reduce((sum, tax) => sum + (tax.tax_behavior === "exclusive" ? tax.amount : 0), 0),
      proration: line.parent?.subscription_item_details?.proration ?? line.parent?.invoice_item_details?.proration ?? false, periodStart: date(line.period.start), periodEnd: date(line.period.end),
    };
  }

  async function invoiceFacts(invoice: Stripe.Invoice): Promise<InvoiceFacts> {
    const net = invoice.total_excluding_tax ?? invoice.total;
    const lines = invoice.lines.has_more ? await asked(() => Array.fromAsync(sdk.invoices.listLineItems(invoice.id, { limit: 100 }))) : invoice.lines.data;
    const credited = invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount > 0;
    const notes = credited ? await asked(() => Array.fromAsync(sdk.creditNotes.list({ invoice: invoice.id, limit: 100 }))) : [];
    return {
      id: invoice.id, customer: idOf(invoice.customer)!, subscription: idOf(invoice.parent?.subscription_details?.subscription), number: invoice.number, status: (invoice.status ?? "draft") as InvoiceStatus, reason: reasons[invoice.billing_reason ?? ""] ?? "other", collection: collectedBy(invoice.collection_method), currency: invoice.currency.toUpperCase() as Currency,
      net, tax: invoice.total - net, total: invoice.total, paid: invoice.amount_paid, remaining: invoice.amount_remaining, purchaseOrder: invoice.custom_fields?.find(({ name }) => name === purchaseOrderName)?.value ?? null, createdAt: date(invoice.created), issuedAt: dateOr(invoice.status_transitions.finalized_at), dueAt: dateOr(invoice.due_date), paidAt: dateOr(invoice.status_transitions.paid_at), closedAt: dateOr(invoice.status_transitions.voided_at ?? invoice.status_transitions.marked_uncollectible_at),
      attempts: invoice.attempt_count, nextAttemptAt: dateOr(invoice.next_payment_attempt), pageUrl: invoice.hosted_invoice_url ?? null, pdfUrl: invoice.invoice_pdf ?? null, lines: await Promise.all(lines.map(lineFacts)), credits: notes.map(creditFacts),
    };
  }

  async function cardOf(customer: Stripe.Customer): Promise<CustomerFacts> {
    const method = customer.invoice_settings.default_payment_method;
    if (method === null || typeof method === "string" || !method.card) return { id: customer.id, card: null };
    const { brand, last4, exp_month: month, exp_year: year } = method.card;
    return { id: customer.id, card: { brand, last4, until: `${year}-${String(month).padStart(2, "0")}` } };
  }
  const withCard = { expand: ["invoice_settings.default_payment_method"] };

  return {
    customer: async (id) => {
      const customer = await found(() => sdk.customers.retrieve(id, withCard));
      return customer === null || customer.deleted ? null : cardOf(customer);
    },
    saveCustomer: async (id, input, doing) => {
      const given = {
        name: input.name, email: input.email, metadata: { clavitor_msp: input.msp, clavitor_account: input.account },
        ...(input.country && { address: { country: input.country, line1: input.address.line1 ?? "", city: input.address.city ?? "", postal_code: input.address.postal_code ?? "" } }),
        invoice_settings: { custom_fields: input.purchaseOrder ? [{ name: purchaseOrderName, value: input.purchaseOrder }] : ("" as const) },
      };
      // The account may have been made by a try whose answer was lost.
      const there = id ?? (input.email ? (await asked(() => sdk.customers.list({ email: input.email, limit: 100 }))).data.find(({ metadata }) => metadata.clavitor_account === input.account)?.id ?? null : null);
      const customer = there === null ? await asked(() => sdk.customers.create({ ...given, ...withCard }, under(doing, "customer"))) : await asked(() => sdk.customers.update(there, { ...given, ...withCard }, under(doing, "customer-change")));
      const wanted = input.taxId;
      if (wanted || there !== null) {
        const held = (await asked(() => sdk.customers.listTaxIds(customer.id, { limit: 100 }))).data;
        const same = (one: { type: string; value: string }) => wanted !== null && one.value === wanted.value && one.type === wanted.type;
        // The new one first: where it is refused, the one before stays.
        if (wanted && !held.some(same)) await asked(() => sdk.customers.createTaxId(customer.id, { type: wanted.type, value: wanted.value }, under(doing, "tax-id")));
        for (const other of held) if (!same(other)) await asked(() => sdk.customers.deleteTaxId(customer.id, other.id));
      }
      return cardOf(customer);
    },
    price: async (spec) => {
      const key = keyOf(spec);
      const held = (await asked(() => sdk.prices.list({ lookup_keys: [key], limit: 1 }))).data[0];
      const price = held ?? (await makePrice(spec, key));
      const facts = priceFacts(price);
      if (facts?.amount !== spec.amount) throw new RangeError(`the price ${key} is there with another amount`);
      prices.set(facts.id, Promise.resolve(facts));
      return facts;
    },
    subscription: async (id) => {
      const subscription = await found(() => sdk.subscriptions.retrieve(id));
      return subscription === null ? null : subscriptionFacts(subscription);
    },
    // A customer that they know nothing of has nothing; that ours is missing there is the nightly comparison's to say.
    subscriptionsOf: async (customer) => ((await found(() => Array.fromAsync(sdk.subscriptions.list({ customer, status: "all", limit: 100 })))) ?? []).map(subscriptionFacts),
    subscribe: async ({ customer, price, quantity, collection, subscription, trialEnd, trialDays, movedFrom }, doing) =>
      subscriptionFacts(await asked(() => sdk.subscriptions.create({
        customer, items: [{ price, quantity }], automatic_tax: { enabled: true }, metadata: { clavitor_subscription: subscription, clavitor_intent: doing.intent, ...(movedFrom && { clavitor_moved_from: movedFrom }) }, payment_behavior: "error_if_incomplete",
        ...(collection === "invoice" ? { collection_method: "send_invoice" as const, days_until_due: netDays } : { collection_method: "charge_automatically" as const }), ...(trialEnd && { trial_end: Math.floor(trialEnd.getTime() / 1_000) }), ...(trialDays && { trial_period_days: trialDays }),
      }, under(doing, "subscribe")))),
    checkout: async ({ customer, price, quantity, subscription, trialDays, successUrl, cancelUrl }, doing) => {
      const session = await asked(() => sdk.checkout.sessions.create({
        mode: "subscription", customer, line_items: [{ price, quantity }], success_url: successUrl, cancel_url: cancelUrl, automatic_tax: { enabled: true }, metadata: { clavitor_subscription: subscription },
        subscription_data: { metadata: { clavitor_subscription: subscription, clavitor_intent: doing.intent }, ...(trialDays && { trial_period_days: trialDays }) },
      }, under(doing, "checkout")));
      return { url: session.url! };
    },
    changePrice: async (subscription, { price, quantity, now }, doing) => {
      await asked(() => sdk.subscriptions.update(subscription.id, { items: [{ id: subscription.item, price, quantity }], proration_behavior: now ? "always_invoice" : "none", ...(now && { payment_behavior: "error_if_incomplete" as const }), metadata: { clavitor_intent: doing.intent } }, under(doing, "price")));
    },
    previewPrice: async (subscription, { price, quantity }) => {
      const preview = await asked(() => sdk.invoices.createPreview({ subscription: subscription.id, subscription_details: { items: [{ id: subscription.item, price, quantity }], proration_behavior: "always_invoice" } }));
      const net = preview.total_excluding_tax ?? preview.total;
      return { net, tax: preview.total - net, total: preview.total };
    },
    setRenewal: async (subscription, renews, because, doing) => {
      await asked(() => sdk.subscriptions.update(subscription, { cancel_at_period_end: !renews, metadata: { clavitor_stop: because ?? "", clavitor_intent: doing.intent } }, under(doing, "renewal")));
    },
    setCollection: async (subscription, by, doing) => {
      await asked(() => sdk.subscriptions.update(subscription, by === "invoice" ? { collection_method: "send_invoice", days_until_due: netDays } : { collection_method: "charge_automatically" }, under(doing, "collection")));
    },
    end: async (subscription, because, doing) => {
      const held = await asked(() => sdk.subscriptions.update(subscription, { metadata: { clavitor_end: because, clavitor_intent: doing.intent } }, under(doing, "end-why")));
      if (held.status === "canceled") return;
      await asked(() => sdk.subscriptions.cancel(subscription, { prorate: false, invoice_now: false })).catch(async (error: unknown) => {
        // Cancelling has no key: asked again after an answer that was lost, an ended one is "not there". It is what was wanted.
        if (!(error instanceof PaymentRefused) || (await asked(() => sdk.subscriptions.retrieve(subscription))).status !== "canceled") throw error;
      });
    },
    invoice: async (id) => {
      const invoice = await found(() => sdk.invoices.retrieve(id));
      return invoice === null ? null : invoiceFacts(invoice);
    },
    invoicesOf: async (subscription) => {
      const all = await asked(() => Array.fromAsync(sdk.invoices.list({ subscription, limit: 100 })));
      return Promise.all(all.toReversed().map(invoiceFacts));
    },
    voidInvoice: async (id, doing) => void (await asked(() => sdk.invoices.voidInvoice(id, {}, under(doing, "void")))),
    credit: async (id, amount, words, doing) => {
      const invoice = await asked(() => sdk.invoices.retrieve(id));
      const back = invoice.status === "paid" ? { refund_amount: amount } : {};
      await asked(() => sdk.creditNotes.create({ invoice: id, amount, memo: words, metadata: { clavitor_intent: doing.intent }, ...back }, under(doing, "credit")));
    },
    portal: async (customer, returnUrl) => {
      const configuration = await portalConfiguration();
      return (await asked(() => sdk.billingPortal.sessions.create({ customer, configuration, return_url: returnUrl }))).url;
    },
    invoicesSince: async (customer, since) =>
      ((await found(() => Array.fromAsync(sdk.invoices.list({ customer, created: { gte: Math.floor(since.getTime() / 1_000) }, limit: 100 })))) ?? []).map((invoice) => ({
        id: invoice.id, subscription: idOf(invoice.parent?.subscription_details?.subscription), status: (invoice.status ?? "draft") as InvoiceStatus, total: invoice.total, remaining: invoice.amount_remaining, credited: invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount,
      })),
    event: (body, signature, now) => eventFacts(verified(sdk, body, signature, webhookSecret, now)),
  };

  async function makePrice(spec: Parameters<Payments["price"]>[0], key: string): Promise<Stripe.Price> {
    const product = `clavitor_${spec.plan}`;
    if ((await found(() => sdk.products.retrieve(product))) === null) await made(() => sdk.products.create({ id: product, name: planOf(spec.plan).name }));
    await made(() => sdk.prices.create({ product, currency: spec.currency.toLowerCase(), unit_amount: spec.amount, recurring: { interval: spec.interval }, tax_behavior: "exclusive", lookup_key: key, metadata: { plan: spec.plan, list: spec.list } }));
    const price = (await asked(() => sdk.prices.list({ lookup_keys: [key], limit: 1 }))).data[0];
    if (!price) throw new PaymentsAway(false);
    return price;
  }

  /** One configuration of ours, in which plans cannot be changed and nothing be cancelled: both are done here, where the lock is shown. One that somebody opened for it by hand is not used. */
  async function portalConfiguration(): Promise<string> {
    const held = (await asked(() => sdk.billingPortal.configurations.list({ active: true, limit: 100 }))).data.find(({ metadata, features }) => metadata?.clavitor === "portal" && !features.subscription_update.enabled && !features.subscription_cancel.enabled);
    if (held) return held.id;
    const off = { enabled: false };
    const made = await asked(() => sdk.billingPortal.configurations.create({ metadata: { clavitor: "portal" }, features: { customer_update: off, invoice_history: { enabled: true }, payment_method_update: { enabled: true }, subscription_cancel: off, subscription_update: off } }));
    return made.id;
  }
}

/** Two who make the same thing at once: the second finds it made. */
async function made(work: () => Promise<unknown>): Promise<void> {
  try {
    await asked(work);
  } catch (error) {
    if (!(error instanceof PaymentRefused)) throw error;
    const { code, param } = error.cause as Stripe.errors.StripeError;
    if (code !== "resource_already_exists" && param !== "lookup_key") throw error;
  }
}

/** How a purchase order stands on an invoice. */
const purchaseOrderName = "Purchase order";

function verified(sdk: Stripe, body: string, signature: string, secret: string, now: Date): Stripe.Event {
  try {
    return sdk.webhooks.constructEvent(body, signature, secret, limits.webhookToleranceSeconds, undefined, now.getTime());
  } catch (error) {
    throw new RangeError("the webhook is not signed by the payment provider, or too old", { cause: error });
  }
}

/** An event as it was kept, whose signature was judged when it came. */
export const keptEvent = (body: string): EventFacts => eventFacts(JSON.parse(body) as Stripe.Event);

function eventFacts(event: Stripe.Event): EventFacts {
  const object = event.data.object as unknown as { id?: string; object: string; customer?: string | { id: string } | null; subscription?: string | { id: string } | null; invoice?: string | { id: string } | null; parent?: { subscription_details?: { subscription?: string } } | null };
  return {
    id: event.id, type: event.type, object: object.id ?? "", createdAt: date(event.created),
    invoice: object.object === "invoice" ? (object.id ?? null) : idOf(object.invoice),
    customer: object.object === "customer" ? (object.id ?? null) : idOf(object.customer), subscription: object.object === "subscription" ? (object.id ?? null) : (object.parent?.subscription_details?.subscription ?? idOf(object.subscription)),
  };
}

let held: Payments | undefined;

/** Of this process's environment. Throws Refusal `payments_not_set_up`. */
export function payments(): Payments {
  const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_HOST: host } = env();
  if (!key || !webhookSecret) throw new Refusal("payments_not_set_up");
  return (held ??= stripePayments({ key, webhookSecret, host: host ?? null }));
}
