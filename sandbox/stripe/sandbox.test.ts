import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stripe } from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StripeSandbox } from "./server.ts";

const key = "sk_test_sandbox";
const day = 86_400;
let sandbox: StripeSandbox;
let stripe: Stripe;
const client = (port: number, retries = 0) => new Stripe(key, { host: "127.0.0.1", port, protocol: "http", telemetry: false, maxNetworkRetries: retries });

beforeEach(async () => {
  sandbox = new StripeSandbox({ key, ticks: false });
  stripe = client(await sandbox.open());
});
afterEach(() => sandbox.close());

const start = Date.parse("2027-01-31T09:00:00Z") / 1_000;

async function ground({ unit = 24_900, interval = "year", card = "pm_card_visa", country = "US" } = {}) {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start });
  const product = await stripe.products.create({ name: "Team 10" });
  const price = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: unit, recurring: { interval }, lookup_key: `k-${Math.random()}` });
  const customer = await stripe.customers.create({ name: "Quillmoor IT", email: "finance@quillmoor.example", address: { country }, test_clock: clock.id });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const advance = (to: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  return { clock, product, price, customer, advance };
}

describe("with the official SDK", () => {
  test("a card is charged at once, and each renewal is a draft for an hour before it is charged", async () => {
    const { price, customer, advance } = await ground({ interval: "month" });
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], expand: ["latest_invoice.payments", "customer"] });
    expect(made.status).toBe("active");
    const first = made.latest_invoice as Stripe.Invoice;
    expect([first.status, first.amount_paid, first.payments?.data.length, (made.customer as Stripe.Customer).name]).toEqual(["paid", 24_900, 1, "Quillmoor IT"]);
    await advance(start + 28 * day + 60);
    const [renewal] = (await stripe.invoices.list({ customer: customer.id, limit: 1 })).data;
    expect([renewal!.status, renewal!.billing_reason]).toEqual(["draft", "subscription_cycle"]);
    await advance(start + 28 * day + 3_700);
    expect((await stripe.invoices.retrieve(renewal!.id)).status).toBe("paid");
  });

  test("an invoice is due after its days, goes past due, and paying it brings the subscription back", async () => {
    const { price, customer, advance } = await ground();
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], collection_method: "send_invoice", days_until_due: 60 });
    const invoice = await stripe.invoices.retrieve(made.latest_invoice as string);
    expect([made.status, invoice.status, invoice.due_date]).toEqual(["active", "open", start + 60 * day]);
    await advance(start + 61 * day);
    expect((await stripe.subscriptions.retrieve(made.id)).status).toBe("past_due");
    await stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
    expect((await stripe.subscriptions.retrieve(made.id)).status).toBe("active");
  });

  test("a refused card is tried on days 3, 8 and 14, and no more", async () => {
    const { price, customer, advance } = await ground({ interval: "month" });
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const bad = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: bad.id } });
    await advance(start + 50 * day);
    const [renewal] = (await stripe.invoices.list({ subscription: made.id, limit: 1 })).data;
    expect([renewal!.status, renewal!.attempt_count, renewal!.next_payment_attempt]).toEqual(["open", 4, null]);
    expect((await stripe.subscriptions.retrieve(made.id)).status).toBe("past_due");
  });

  test("an upgrade is prorated to the second, and its preview says the same", async () => {
    const { price, product, customer, advance } = await ground();
    const larger = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 49_900, recurring: { interval: "year" } });
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const at = start + 100 * day;
    await advance(at);
    const items = [{ id: made.items.data[0]!.id, price: larger.id }];
    const preview = await stripe.invoices.createPreview({ subscription: made.id, subscription_details: { items, proration_behavior: "always_invoice" } });
    const after = await stripe.subscriptions.update(made.id, { items, proration_behavior: "always_invoice", expand: ["latest_invoice"] });
    const invoice = after.latest_invoice as Stripe.Invoice;
    expect(invoice.lines.data.map(({ amount }) => amount)).toEqual([-Math.round((24_900 * 265) / 365), Math.round((49_900 * 265) / 365)]);
    expect([invoice.total, invoice.status, invoice.billing_reason]).toEqual([preview.total, "paid", "subscription_update"]);
    expect(after.items.data[0]!.current_period_end).toBe(made.items.data[0]!.current_period_end);
  });

  test("tax stands apart from the net amount, and a business of the union pays none", async () => {
    const { price, customer } = await ground({ country: "CH" });
    const taxed = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], automatic_tax: { enabled: true }, expand: ["latest_invoice"] });
    const invoice = taxed.latest_invoice as Stripe.Invoice;
    expect([invoice.total_excluding_tax, invoice.total, invoice.total_taxes?.[0]?.amount]).toEqual([24_900, 26_917, 2_017]);
    await stripe.customers.createTaxId(customer.id, { type: "eu_vat", value: "DE123456789" });
    const reverse = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], automatic_tax: { enabled: true }, expand: ["latest_invoice"] });
    expect((reverse.latest_invoice as Stripe.Invoice).total).toBe(24_900);
  });

  test("a refund or credit larger than what was paid is refused and changes nothing", async () => {
    const { price, customer } = await ground();
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], expand: ["latest_invoice.payments"] });
    const invoice = made.latest_invoice as Stripe.Invoice;
    const intent = invoice.payments!.data[0]!.payment.payment_intent as string;
    await expect(stripe.refunds.create({ payment_intent: intent, amount: 24_901 })).rejects.toMatchObject({ type: "StripeInvalidRequestError", param: "amount" });
    await stripe.refunds.create({ payment_intent: intent, amount: 24_900 });
    await expect(stripe.refunds.create({ payment_intent: intent, amount: 1 })).rejects.toMatchObject({ code: "charge_already_refunded" });
    await expect(stripe.creditNotes.create({ invoice: invoice.id, amount: 30_000, out_of_band_amount: 30_000 })).rejects.toMatchObject({ param: "amount" });
    expect((await stripe.refunds.list({ payment_intent: intent })).data).toHaveLength(1);
  });

  test("an idempotency key does a thing once, keeps a failure too, and refuses other words under the same key", async () => {
    const { customer } = await ground();
    const again = { idempotencyKey: "one" };
    const [a, b] = [await stripe.customers.create({ name: "A" }, again), await stripe.customers.create({ name: "A" }, again)];
    expect(b.id).toBe(a.id);
    await expect(stripe.customers.create({ name: "B" }, again)).rejects.toMatchObject({ type: "StripeIdempotencyError" });
    sandbox.faults.add({ match: `POST /v1/customers/${customer.id}`, answer: 500, after: true });
    await expect(stripe.customers.update(customer.id, { name: "Renamed" }, { idempotencyKey: "two" })).rejects.toMatchObject({ statusCode: 500 });
    await expect(stripe.customers.update(customer.id, { name: "Renamed" }, { idempotencyKey: "two" })).rejects.toMatchObject({ statusCode: 500 });
    expect((await stripe.customers.retrieve(customer.id) as Stripe.Customer).name).toBe("Renamed");
  });

  test("pages go through every object once, newest first", async () => {
    for (let at = 0; at < 25; at += 1) await stripe.customers.create({ name: `c${at}` });
    const names: (string | null | undefined)[] = [];
    for await (const { name } of stripe.customers.list({ limit: 10 })) names.push(name);
    expect(names).toEqual(Array.from({ length: 25 }, (_, at) => `c${24 - at}`));
  });

  test("failures come in Stripe's shape: no key, no object, no parameter, an unknown call", async () => {
    const stranger = new Stripe("sk_test_other", { host: "127.0.0.1", port: Number(new URL(sandbox.world.origin).port), protocol: "http", maxNetworkRetries: 0 });
    await expect(stranger.customers.list()).rejects.toMatchObject({ type: "StripeAuthenticationError" });
    await expect(stripe.customers.retrieve("cus_none")).rejects.toMatchObject({ code: "resource_missing", statusCode: 404 });
    await expect(stripe.products.create({} as Stripe.ProductCreateParams)).rejects.toMatchObject({ param: "name" });
    await expect(stripe.coupons.list()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe("the hosted pages", () => {
  test("Checkout takes a test card, opens the subscription and sends the person back", async () => {
    const { price, customer } = await ground();
    const session = await stripe.checkout.sessions.create({ mode: "subscription", customer: customer.id, line_items: [{ price: price.id, quantity: 1 }], subscription_data: { metadata: { ours: "1" } }, success_url: "http://localhost:9/back?session={CHECKOUT_SESSION_ID}" });
    expect(await (await fetch(session.url!)).text()).toContain("USD 249.00 a year");
    const declined = await fetch(session.url!, { method: "POST", body: new URLSearchParams({ number: "4000000000000341" }), redirect: "manual" });
    expect([declined.status, await declined.text()]).toEqual([200, expect.stringContaining("declined")]);
    const paid = await fetch(session.url!, { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
    expect([paid.status, paid.headers.get("location")]).toEqual([303, `http://localhost:9/back?session=${session.id}`]);
    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
    expect([after.status, (after.subscription as Stripe.Subscription).status, (after.subscription as Stripe.Subscription).metadata.ours]).toEqual(["complete", "active", "1"]);
    const numbers = await fetch(session.url!, { method: "POST", body: new URLSearchParams({ number: "4111111111111111" }), redirect: "manual" });
    expect(numbers.status).toBe(303); // complete: it opens nothing twice
    expect((await stripe.subscriptions.list({ customer: customer.id })).data).toHaveLength(1);
  });

  test("an invoice can be read, paid and had as PDF by whoever holds its link, and by nobody else", async () => {
    const { price, customer } = await ground();
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], collection_method: "send_invoice", days_until_due: 60, expand: ["latest_invoice"] });
    const { hosted_invoice_url: url, invoice_pdf: pdf, id } = made.latest_invoice as Stripe.Invoice;
    expect(Buffer.from(await (await fetch(pdf!)).arrayBuffer()).subarray(0, 5).toString()).toBe("%PDF-");
    expect((await fetch(url!.replace(/.$/, "-"))).status).toBe(404);
    await fetch(url!, { method: "POST" });
    expect((await stripe.invoices.retrieve(id)).status).toBe("paid");
  });
});

describe("webhooks", () => {
  let server: Server;
  let heard: { id: string; valid: boolean }[];
  let fail: number;
  beforeEach(async () => {
    heard = [];
    fail = 0;
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
        const body = Buffer.concat(parts).toString();
        let id = "";
        let valid = true;
        try {
          id = stripe.webhooks.constructEvent(body, request.headers["stripe-signature"]!, "whsec_test").id;
        } catch {
          valid = false;
        }
        heard.push({ id, valid });
        response.writeHead(fail-- > 0 ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    await sandbox.close();
    sandbox = new StripeSandbox({ key, ticks: false, webhook: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret: "whsec_test" } });
    stripe = client(await sandbox.open());
  });
  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  test("are signed so that the SDK takes them, and are tried again until somebody says yes", async () => {
    fail = 1;
    await stripe.products.create({ name: "Team 10" });
    await expect.poll(() => heard.length).toBe(2);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
    expect(heard.every(({ valid }) => valid)).toBe(true);
  });

  test("are held, doubled and turned round on demand", async () => {
    sandbox.webhooks.hold();
    sandbox.webhooks.copies = 2;
    for (const name of ["a", "b", "c"]) await stripe.products.create({ name });
    expect(heard).toEqual([]);
    expect(sandbox.webhooks.release("reversed")).toBe(3);
    await expect.poll(() => heard.length).toBe(6);
    const events = (await stripe.events.list()).data.map(({ id }) => id);
    expect(new Set(heard.map(({ id }) => id))).toEqual(new Set(events));
  });
});

test("what was answered survives a restart, and what was deleted stays away", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stripe-"));
  try {
    const before = new StripeSandbox({ key, ticks: false, file: join(folder, "s.sqlite") });
    const first = client(await before.open());
    const { id } = await first.customers.create({ name: "Kept" });
    const [gone] = [await first.customers.createTaxId(id, { type: "eu_vat", value: "NL123456789B01" }), await first.customers.createTaxId(id, { type: "gb_vat", value: "GB123456789" })];
    await first.customers.deleteTaxId(id, gone.id);
    await before.close();
    const after = new StripeSandbox({ key, ticks: false, file: join(folder, "s.sqlite") });
    const second = client(await after.open());
    expect((await second.customers.retrieve(id) as Stripe.Customer).name).toBe("Kept");
    expect((await second.customers.listTaxIds(id)).data.map(({ type }) => type)).toEqual(["gb_vat"]);
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
