/** The hosted pages: Checkout, an invoice, the customer portal. Plain forms without a script; a real card number is refused. */
import { attempt, pay } from "./invoices.ts";
import type { CheckoutSession, Customer, Invoice } from "./objects.ts";
import { pdfOf } from "./pdf.ts";
import { Problem } from "./problem.ts";
import { attach, cardNumbers } from "./routes.ts";
import { create, trialFrom } from "./subscriptions.ts";
import { emit, nowFor, type World } from "./world.ts";

export type Page = { status: number; type?: string; body?: string | Buffer; to?: string };

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
const money = (amount: number, currency: string) => `${currency.toUpperCase()} ${(amount / 100).toLocaleString("en", { minimumFractionDigits: 2 })}`;
const date = (seconds: number | null) => (seconds === null ? "" : new Date(seconds * 1_000).toISOString().slice(0, 10));

const frame = (title: string, inner: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>
:root{color-scheme:light dark;--line:light-dark(#e5e4e0,#33322e);--t2:light-dark(#51504b,#b7b6b2)}body{margin:0;background:light-dark(#f7f7f5,#161614);color:light-dark(#1b1915,#eeede9);font:15px/22px -apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:520px;margin:48px auto;padding:28px 32px;background:light-dark(#fff,#1f1f1c);border:1px solid var(--line);border-radius:12px}@media(max-width:600px){main{margin:0;border-radius:0;border-width:0 0 1px}}
h1{font-size:22px;line-height:30px;margin:0 0 4px}p{margin:0 0 16px;color:var(--t2)}label{display:block;font-weight:500;margin:16px 0 6px}input,select{font:inherit;box-sizing:border-box;width:100%;padding:9px 12px;border:1px solid light-dark(#8d8b85,#7b7973);border-radius:8px;background:transparent;color:inherit}
button,.button{font:inherit;font-weight:600;display:block;width:100%;margin-top:20px;padding:11px;border:0;border-radius:8px;background:light-dark(#2c47d2,#a6b3fc);color:light-dark(#fff,#16161d);cursor:pointer;text-align:center;text-decoration:none;box-sizing:border-box}a{color:inherit}
:focus-visible{outline:2px solid light-dark(#2c47d2,#a6b3fc);outline-offset:2px}table{width:100%;border-collapse:collapse;margin:8px 0 16px}td,th{padding:7px 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400;vertical-align:top}td:last-child,th:last-child{text-align:right;white-space:nowrap;padding-left:16px}.bad{color:light-dark(#b42318,#ff9b8f)}.small{font-size:13px;line-height:19px}
</style></head><body><main>${inner}<p class="small" style="margin:24px 0 0">Sandbox of this machine. No money moves, no card is kept.</p></main></body></html>`;

const html = (status: number, title: string, inner: string): Page => ({ status, type: "text/html; charset=utf-8", body: frame(title, inner) });
const gone = () => html(404, "Nothing here", "<h1>Nothing here</h1><p>This link was never given out, or is over.</p>");

const cardField = (bad: string | null) => `<label for="number">Test card</label><select id="number" name="number"><option value="4242424242424242">4242 4242 4242 4242, is taken</option><option value="5555555555554444">5555 5555 5555 4444, is taken</option><option value="4000000000000341">4000 0000 0000 0341, is refused when charged</option></select>${bad ? `<p class="bad" role="alert">${escape(bad)}</p>` : ""}`;

const tokenOf = (form: URLSearchParams): string => {
  const token = cardNumbers[(form.get("number") ?? "").replaceAll(" ", "")];
  if (!token) throw new Problem(402, "This is no test card. Real cards are never taken here.", { type: "card_error", code: "card_declined" });
  return token;
};

function useCard(world: World, customer: Customer, form: URLSearchParams): void {
  const method = attach(world, tokenOf(form), customer);
  customer.invoice_settings.default_payment_method = method.id;
  emit(world, "customer.updated", customer);
  // A new card is tried at once for what the old one could not pay (our portal's setting).
  for (const invoice of world.store.liveInvoices) if (invoice.customer === customer.id && invoice.status === "open" && invoice.collection_method === "charge_automatically") attempt(world, invoice);
}

function checkoutPage(world: World, session: CheckoutSession, bad: string | null = null): Page {
  const item = session.line_items.data[0]!;
  const price = world.store.get("price", item.price);
  const trial = session.inner_data.trial_period_days;
  return html(200, "Checkout", `<h1>${escape(world.store.get("product", price.product).name)}</h1><p>${money(price.unit_amount * item.quantity, price.currency)} a ${price.recurring.interval}, net of tax${trial ? `; nothing for the first ${trial} days` : ""}</p>
<form method="post">${cardField(bad)}<button>${trial ? "Start the trial" : "Pay"}</button></form>${session.cancel_url ? `<p style="margin-top:16px"><a href="${escape(session.cancel_url)}">Back without paying</a></p>` : ""}`);
}

function completeCheckout(world: World, session: CheckoutSession, form: URLSearchParams): Page {
  const customer = world.store.get("customer", session.customer);
  try {
    const token = tokenOf(form);
    if (token === "pm_card_chargeCustomerFail" && session.inner_data.trial_period_days === null) throw new Problem(402, "Your card was declined.", { type: "card_error", code: "card_declined" });
    const method = attach(world, token, customer);
    customer.invoice_settings.default_payment_method ??= method.id;
    world.store.put(customer);
    const item = session.line_items.data[0]!;
    const subscription = create(world, { customer: customer.id, price: item.price, quantity: item.quantity, metadata: session.inner_data.metadata, collection: "charge_automatically", daysUntilDue: null, trialEnd: trialFrom(nowFor(world, customer.test_clock), session.inner_data.trial_period_days), automaticTax: session.inner_data.automatic_tax, description: null, paymentMethod: method.id, behavior: "error_if_incomplete" });
    Object.assign(session, { status: "complete", payment_status: "paid", subscription: subscription.id, url: null });
    emit(world, "checkout.session.completed", session);
    return { status: 303, to: session.success_url.replaceAll("{CHECKOUT_SESSION_ID}", session.id) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return checkoutPage(world, session, error.message);
  }
}

const linesOf = (invoice: Invoice) => invoice.lines.data.map((line) => [line.description, money(line.amount, line.currency)] as const);

function invoicePage(world: World, invoice: Invoice): Page {
  const po = invoice.custom_fields?.map(({ name, value }) => `<p>${escape(name)}: ${escape(value)}</p>`).join("") ?? "";
  const sums = [["Net", invoice.subtotal], ["Tax", invoice.total - invoice.subtotal], ["Total", invoice.total], ...(invoice.pre_payment_credit_notes_amount ? [["Credited", -invoice.pre_payment_credit_notes_amount] as const] : [])] as const;
  const state = invoice.status === "paid" ? `Paid on ${date(invoice.status_transitions.paid_at)}` : invoice.status === "open" ? (invoice.due_date === null ? "Open" : `Due on ${date(invoice.due_date)}`) : invoice.status;
  const rows = [...linesOf(invoice).map(([words, amount]) => [escape(words), amount]), ...sums.map(([words, amount]) => [`<b>${words}</b>`, money(amount, invoice.currency)])];
  return html(200, `Invoice ${invoice.number}`, `<h1>Invoice ${escape(invoice.number ?? "")}</h1><p>${escape(invoice.customer_name ?? "")}<br>${state}</p>${po}<table><tbody>${rows.map(([words, amount]) => `<tr><td>${words}</td><td>${amount}</td></tr>`).join("")}</tbody></table>
${invoice.status === "open" ? `<form method="post"><button>Pay ${money(invoice.amount_remaining, invoice.currency)} by transfer</button></form>` : ""}<p style="margin-top:16px"><a href="${escape(invoice.invoice_pdf ?? "")}">As PDF</a></p>`);
}

const invoicePdf = (invoice: Invoice): Page => ({
  status: 200, type: "application/pdf",
  body: pdfOf([`Invoice ${invoice.number}`, `To: ${invoice.customer_name ?? ""}`, `Issued: ${date(invoice.status_transitions.finalized_at)}   Due: ${date(invoice.due_date)}`, ...(invoice.custom_fields ?? []).map(({ name, value }) => `${name}: ${value}`), "", ...linesOf(invoice).map((line) => line.join("   ")), "", `Net   ${money(invoice.subtotal, invoice.currency)}`, `Tax   ${money(invoice.total - invoice.subtotal, invoice.currency)}`, `Total   ${money(invoice.total, invoice.currency)}`, "", "Made by the sandbox of a machine. No money moves."]),
});

function portalPage(world: World, customer: Customer, back: string | null, bad: string | null = null): Page {
  const id = customer.invoice_settings.default_payment_method;
  const card = id === null ? undefined : world.store.get("payment_method", id).card;
  const invoices = world.store.ofCustomer("invoice", customer.id).filter(({ status }) => status !== "draft").toReversed().slice(0, 24);
  return html(200, "Billing", `<h1>${escape(customer.name ?? "Billing")}</h1><p>${card ? `Card on file: ${card.brand} ending in ${card.last4}, until ${card.exp_month}/${card.exp_year}` : "No card on file"}. Plans are changed in the console, where each change says what it does to the locked price.</p>
<form method="post">${cardField(bad)}<button>${card ? "Use this card instead" : "Use this card"}</button></form>
<table style="margin-top:28px"><thead><tr><th>Invoice</th><th>Total</th></tr></thead><tbody>${invoices.map((invoice) => `<tr><td><a href="${escape(invoice.hosted_invoice_url ?? "")}">${escape(invoice.number ?? "")}</a>, ${date(invoice.created)}, ${invoice.status}</td><td>${money(invoice.total, invoice.currency)}</td></tr>`).join("")}</tbody></table>${back ? `<p><a href="${escape(back)}">Back to the console</a></p>` : ""}`);
}

/** Answers a page of the hosted ones; null for another path. */
export function hosted(world: World, method: string, path: string, form: URLSearchParams): Page | null {
  const [, kind, id = "", secret = "", what] = path.split("/");
  if (kind === "c") {
    const session = world.store.of("checkout.session").get(id);
    if (session?.status === "complete") return { status: 303, to: session.success_url.replaceAll("{CHECKOUT_SESSION_ID}", session.id) };
    if (session?.status !== "open") return gone();
    return method === "POST" ? completeCheckout(world, session, form) : checkoutPage(world, session);
  }
  if (kind === "i") {
    const invoice = world.store.of("invoice").get(id);
    if (invoice?.inner_secret !== secret || invoice.status === "draft") return gone();
    if (what === "pdf") return invoicePdf(invoice);
    if (method === "POST" && invoice.status === "open") {
      pay(world, invoice);
      return { status: 303, to: path };
    }
    return invoicePage(world, invoice);
  }
  if (kind === "p") {
    const session = [...world.store.of("billing_portal.session").values()].find(({ url }) => url.endsWith(path));
    if (!session || world.real() - session.created > 3_600) return gone();
    const customer = world.store.get("customer", session.customer);
    if (method !== "POST") return portalPage(world, customer, session.return_url);
    try {
      useCard(world, customer, form);
      return { status: 303, to: path };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return portalPage(world, customer, session.return_url, error.message);
    }
  }
  return null;
}
