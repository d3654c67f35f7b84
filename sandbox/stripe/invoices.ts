/** An invoice's life: draft, finalized, tried, paid or not, credited, void. */
import type { CreditNote, Invoice, InvoiceLine, PaymentMethod, Price, Subscription, SubscriptionItem } from "./objects.ts";
import { Problem, wrong } from "./problem.ts";
import { drawn, newId } from "./store.ts";
import { taxOn } from "./tax.ts";
import { emit, nowFor, type World } from "./world.ts";

const day = 86_400;
/** A renewal's invoice stays a draft for an hour (Stripe: "approximately an hour"). */
export const draftSeconds = 3_600;
/** When a refused card is tried again, in days after the first time. */
export const retryDays = [3, 8, 14] as const;

export type Charge = { item: SubscriptionItem; price: Price; quantity: number; amount: number; from: number; to: number; proration: boolean; words: string };

function lineOf(subscription: Subscription, invoice: string, charge: Charge, tax: ReturnType<typeof taxOn> | null): InvoiceLine {
  const { item, price, quantity, amount, from, to, proration, words } = charge;
  return {
    id: `il_${drawn()}`, object: "line_item", amount, currency: price.currency, description: words, discount_amounts: [], discountable: !proration, discounts: [], invoice, livemode: false, metadata: {},
    parent: { invoice_item_details: null, subscription_item_details: { invoice_item: null, proration, proration_details: null, subscription: subscription.id, subscription_item: item.id }, type: "subscription_item_details" },
    period: { start: from, end: to }, pricing: { price_details: { price: price.id, product: price.product }, type: "price_details", unit_amount_decimal: price.unit_amount_decimal }, quantity, subscription: subscription.id, subtotal: amount,
    taxes: tax === null ? [] : [{ amount: tax.amount, tax_behavior: "exclusive", tax_rate_details: null, taxability_reason: tax.reason, taxable_amount: tax.reason === "standard_rated" ? amount : 0, type: "tax_rate_details" }],
  };
}

/** A draft. `at`: when it is made, in the subscription's time. Not stored, nobody is told: also for previews. */
export function draft(world: World, subscription: Subscription, reason: string, charges: readonly Charge[], at: number): Invoice {
  const customer = world.store.get("customer", subscription.customer);
  const taxIds = world.store.ofCustomer("tax_id", customer.id);
  const id = newId("invoice");
  const lines = charges.map((charge) => lineOf(subscription, id, charge, subscription.automatic_tax.enabled ? taxOn(charge.amount, { country: customer.address?.country ?? null, exempt: customer.tax_exempt, taxIds: taxIds.map(({ type }) => type) }) : null));
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  const tax = lines.reduce((sum, { taxes }) => sum + (taxes[0]?.amount ?? 0), 0);
  const total = subtotal + tax;
  const due = Math.max(0, total + customer.balance);
  return {
    id, object: "invoice", created: at, livemode: false, metadata: {}, test_clock: subscription.test_clock, account_name: "Stripe sandbox", amount_due: due, amount_overpaid: 0, amount_paid: 0, amount_remaining: due, attempt_count: 0, attempted: false,
    auto_advance: true, automatic_tax: { disabled_reason: null, enabled: subscription.automatic_tax.enabled, liability: null, provider: null, status: subscription.automatic_tax.enabled ? "complete" : null }, automatically_finalizes_at: null, billing_reason: reason,
    collection_method: subscription.collection_method, currency: subscription.currency, custom_fields: customer.invoice_settings.custom_fields, customer: customer.id, customer_address: customer.address, customer_email: customer.email, customer_name: customer.name,
    customer_tax_ids: taxIds.map(({ type, value }) => ({ type, value })), description: null, due_date: null, effective_at: null, ending_balance: null, hosted_invoice_url: null, invoice_pdf: null,
    lines: { object: "list", data: lines, has_more: false, url: `/v1/invoices/${id}/lines` }, next_payment_attempt: null, number: null,
    parent: { quote_details: null, subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id }, type: "subscription_details" },
    period_end: at, period_start: at, post_payment_credit_notes_amount: 0, pre_payment_credit_notes_amount: 0, starting_balance: customer.balance, status: "draft", status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal, subtotal_excluding_tax: subtotal, total, total_excluding_tax: subtotal,
    total_taxes: tax === 0 && !subscription.automatic_tax.enabled ? [] : [{ amount: tax, tax_behavior: "exclusive", tax_rate_details: null, taxability_reason: lines[0]?.taxes[0]?.taxability_reason ?? "not_collecting", taxable_amount: subtotal, type: "tax_rate_details" }],
    webhooks_delivered_at: at, inner_secret: drawn(32), inner_paysAt: null, inner_overdue: false,
  };
}

/** Makes the draft real: a renewal's waits an hour, everything else is finalized at once. */
export function issue(world: World, subscription: Subscription, invoice: Invoice): Invoice {
  const waits = invoice.billing_reason === "subscription_cycle";
  if (waits) invoice.automatically_finalizes_at = invoice.created + draftSeconds;
  subscription.latest_invoice = invoice.id;
  world.store.put(subscription);
  emit(world, "invoice.created", invoice);
  if (!waits) finalize(world, invoice);
  return invoice;
}

export function finalize(world: World, invoice: Invoice): void {
  if (invoice.status !== "draft") throw wrong("id", "This invoice is already finalized, you can't re-finalize it.");
  const now = nowFor(world, invoice.test_clock);
  const customer = world.store.get("customer", invoice.customer);
  customer.balance = Math.min(0, customer.balance + invoice.total);
  invoice.ending_balance = customer.balance;
  invoice.number = `${customer.invoice_prefix}-${String(customer.next_invoice_sequence++).padStart(4, "0")}`;
  world.store.put(customer);
  const subscription = world.store.get("subscription", invoice.parent.subscription_details.subscription);
  Object.assign(invoice, { status: "open", automatically_finalizes_at: null, effective_at: now, hosted_invoice_url: `${world.origin}/i/${invoice.id}/${invoice.inner_secret}`, invoice_pdf: `${world.origin}/i/${invoice.id}/${invoice.inner_secret}/pdf` });
  invoice.status_transitions.finalized_at = now;
  if (invoice.collection_method === "send_invoice") {
    invoice.due_date = now + (subscription.days_until_due ?? 30) * day;
    const after = customer.metadata.sandbox_pays_after_days;
    if (after !== undefined) invoice.inner_paysAt = now + Number(after) * day;
  }
  emit(world, "invoice.finalized", invoice);
  if (invoice.amount_due === 0) return settle(world, invoice, null);
  if (invoice.collection_method === "send_invoice") emit(world, "invoice.sent", invoice);
  else attempt(world, invoice);
}

const cardOf = (world: World, invoice: Invoice): PaymentMethod | undefined => {
  const subscription = world.store.get("subscription", invoice.parent.subscription_details.subscription);
  const id = subscription.default_payment_method ?? world.store.get("customer", invoice.customer).invoice_settings.default_payment_method;
  return id === null ? undefined : world.store.of("payment_method").get(id);
};

export const wouldPay = (card: PaymentMethod | undefined): boolean => card !== undefined && !card.inner_declines;

/** Charges the card. @returns whether it was taken */
export function attempt(world: World, invoice: Invoice): boolean {
  const card = cardOf(world, invoice);
  const now = nowFor(world, invoice.test_clock);
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (wouldPay(card)) {
    pay(world, invoice);
    return true;
  }
  const firstTry = invoice.status_transitions.finalized_at ?? now;
  const next = retryDays.map((days) => firstTry + days * day).find((at) => at > now);
  invoice.next_payment_attempt = invoice.billing_reason === "subscription_create" ? null : (next ?? null);
  const subscription = world.store.get("subscription", invoice.parent.subscription_details.subscription);
  emit(world, "invoice.payment_failed", invoice);
  if (invoice.billing_reason !== "subscription_create" && subscription.status === "active") {
    subscription.status = "past_due";
    emit(world, "customer.subscription.updated", subscription);
  }
  return false;
}

/** Money came, by card or by transfer. */
export function pay(world: World, invoice: Invoice): void {
  const now = nowFor(world, invoice.test_clock);
  const intent = { id: newId("payment_intent"), object: "payment_intent", created: now, livemode: false, metadata: {}, test_clock: invoice.test_clock, amount: invoice.amount_remaining, amount_received: invoice.amount_remaining, currency: invoice.currency, customer: invoice.customer, latest_charge: `ch_${drawn()}`, status: "succeeded", inner_refunded: 0, inner_invoice: invoice.id } as const;
  world.store.put({ ...intent });
  world.store.put({
    id: newId("invoice_payment"), object: "invoice_payment", created: now, livemode: false, metadata: {}, test_clock: invoice.test_clock, amount_paid: invoice.amount_remaining, amount_requested: invoice.amount_remaining, currency: invoice.currency, invoice: invoice.id, is_default: true,
    payment: { payment_intent: intent.id, type: "payment_intent" }, status: "paid", status_transitions: { canceled_at: null, paid_at: now },
  });
  settle(world, invoice, intent.id);
}

function settle(world: World, invoice: Invoice, intent: string | null): void {
  const now = nowFor(world, invoice.test_clock);
  Object.assign(invoice, { status: "paid", amount_paid: intent === null ? 0 : invoice.amount_remaining, amount_remaining: 0, next_payment_attempt: null, inner_paysAt: null });
  invoice.status_transitions.paid_at = now;
  const subscription = world.store.get("subscription", invoice.parent.subscription_details.subscription);
  emit(world, "invoice.paid", invoice);
  const others = [...world.store.liveInvoices].some((other) => other.status === "open" && other.parent.subscription_details.subscription === subscription.id && (other.inner_overdue || (other.attempted && other.collection_method === "charge_automatically")));
  const before = subscription.status;
  if (before === "incomplete" || (before === "past_due" && !others)) subscription.status = "active";
  if (subscription.status !== before) emit(world, "customer.subscription.updated", subscription);
}

export function voidInvoice(world: World, invoice: Invoice): void {
  if (invoice.status !== "open" && invoice.status !== "uncollectible") throw wrong("id", "You can only void open or uncollectible invoices.");
  invoice.status = "void";
  invoice.status_transitions.voided_at = nowFor(world, invoice.test_clock);
  invoice.next_payment_attempt = null;
  emit(world, "invoice.voided", invoice);
}

/** `amount`: total, tax included. Of an open invoice it lowers what is due; of a paid one the money must go somewhere. */
export function credit(world: World, invoice: Invoice, given: { amount: number; refund: number; outOfBand: number; memo: string | null; reason: string | null; metadata: Record<string, string> }): CreditNote {
  if (invoice.status !== "open" && invoice.status !== "paid") throw wrong("invoice", "You can only create a credit note on an open or paid invoice.");
  const credited = invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount;
  const most = invoice.status === "open" ? invoice.amount_remaining : invoice.total - credited;
  if (!Number.isSafeInteger(given.amount) || given.amount <= 0 || given.amount > most) throw new Problem(400, `The credit note amount must be between 1 and ${most}.`, { param: "amount" });
  const post = invoice.status === "paid";
  if (post && given.refund + given.outOfBand !== given.amount) throw wrong("refund_amount", "The sum of refund_amount, credit_amount and out_of_band_amount must equal the credit note amount.");
  const now = nowFor(world, invoice.test_clock);
  const net = invoice.total === 0 ? 0 : Math.round((given.amount * invoice.subtotal) / invoice.total);
  const refunds = given.refund > 0 ? [{ amount_refunded: given.refund, refund: refund(world, intentOf(world, invoice), given.refund, given.metadata).id, type: "refund" as const }] : [];
  const id = newId("credit_note");
  const note: CreditNote = {
    id, object: "credit_note", created: now, livemode: false, metadata: given.metadata, test_clock: invoice.test_clock, amount: given.amount, currency: invoice.currency, customer: invoice.customer, invoice: invoice.id, memo: given.memo,
    number: `${invoice.number}-CN-${String(world.store.ofCustomer("credit_note", invoice.customer).filter((one) => one.invoice === invoice.id).length + 1).padStart(2, "0")}`, out_of_band_amount: given.outOfBand || null, pdf: `${invoice.invoice_pdf}?credit_note=${id}`,
    pre_payment_amount: post ? 0 : given.amount, post_payment_amount: post ? given.amount : 0, reason: given.reason, refunds, status: "issued", subtotal: net, subtotal_excluding_tax: net, total: given.amount, total_excluding_tax: net, total_taxes: given.amount === net ? [] : [{ amount: given.amount - net }], type: post ? "post_payment" : "pre_payment",
  };
  if (post) invoice.post_payment_credit_notes_amount += given.amount;
  else {
    invoice.pre_payment_credit_notes_amount += given.amount;
    invoice.amount_remaining -= given.amount;
    invoice.amount_due -= given.amount;
  }
  emit(world, "credit_note.created", note);
  if (!post && invoice.amount_remaining === 0) settle(world, invoice, null);
  else emit(world, "invoice.updated", invoice);
  return note;
}

/** The payment behind an invoice. Throws where no money went through Stripe. */
export function intentOf(world: World, invoice: Invoice) {
  const payment = world.store.of("invoice_payment").values().find((one) => one.invoice === invoice.id);
  if (!payment) throw wrong("invoice", "This invoice was not paid with a payment that can be refunded.");
  return world.store.get("payment_intent", payment.payment.payment_intent);
}

export function refund(world: World, intent: ReturnType<typeof intentOf>, amount: number, metadata: Record<string, string>, reason: string | null = null) {
  const left = intent.amount_received - intent.inner_refunded;
  if (left === 0) throw new Problem(400, `Charge ${intent.latest_charge} has already been refunded.`, { code: "charge_already_refunded" });
  if (!Number.isSafeInteger(amount) || amount <= 0 || amount > left) throw new Problem(400, `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: "amount" });
  intent.inner_refunded += amount;
  world.store.put(intent);
  const made = { id: newId("refund"), object: "refund", created: nowFor(world, intent.test_clock), livemode: false, metadata, test_clock: intent.test_clock, amount, charge: intent.latest_charge, currency: intent.currency, payment_intent: intent.id, reason, status: "succeeded" } as const;
  const stored = world.store.put({ ...made });
  emit(world, "refund.created", stored);
  return stored;
}
