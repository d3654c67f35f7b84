import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { downgrade, keepPlan, upgrade } from "./change-plan.ts";
import { carryOutDue } from "./intent.ts";
import { mirrorOwn, mirrorSubscription } from "./mirror.ts";
import { changeCurrency, changePayer } from "./move.ts";
import { usedUp } from "./testing/facts.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { creditInvoice, regret } from "./refund.ts";
import { renewAgain, stop } from "./stop.ts";
import { subscribe, type SubscribeInput } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const base = priceLists[0]!;
/** Every price a fifth dearer, in two currencies. */
const dearer: PriceList = {
  id: "2027-01", published: "2027-01-01",
  prices: Object.fromEntries(Object.entries(base.prices).map(([plan, { annual, monthly }]) => [plan, { annual: { USD: Math.round(annual.USD! * 1.2), EUR: Math.round(annual.USD! * 1.1) }, monthly: monthly && { USD: Math.round(monthly.USD! * 1.2) } }])) as unknown as PriceList["prices"],
};

let w: BillingWorld;
let mspId: string;
let ruth: Actor;
let clients = 0;

beforeAll(async () => void (w = await billingWorld({ lists: [base, dearer] })));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const row = (subscriptionId: string) => w.t.db.$transaction(async (tx) => {
  await tx.$executeRaw`select set_config('app.msp_id', ${mspId}, true)`;
  return tx.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, include: { locks: { orderBy: { lockedAt: "asc" } }, invoices: { orderBy: { createdAt: "asc" }, include: { lines: true, creditNotes: true, refunds: true } }, account: true, intents: true } });
});
const alarms = () => w.t.asAdmin(async (admin) => (await admin.query("select kind, expected, found, cleared_at from billing_alarm where msp_id = $1 order by raised_at", [mspId])).rows);

async function buy(input: Partial<SubscribeInput> & { pays?: number } = {}) {
  const { pays, ...more } = input;
  const client = more.client === undefined ? await w.client(mspId, `Client ${++clients}`, more.plan) : more.client;
  const made = await subscribe(ruth, { client, label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false, ...more }, w.deps);
  const read = await row(made.subscriptionId);
  if (pays !== undefined) await settle(made.subscriptionId);
  return { ...made, row: read };
}

/** The payer transfers what is open. */
async function settle(subscriptionId: string) {
  const { invoices } = await row(subscriptionId);
  for (const { pageUrl, status } of invoices) if (status === "open" && pageUrl) await fetch(pageUrl.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  await mirrorOwn(ruth, subscriptionId, w.deps);
}

const later = (days: number) => w.travel(new Date(w.now().getTime() + days * 86_400_000));
const yearOn = async (subscriptionId: string) => {
  const { periodEnd } = await row(subscriptionId);
  w.travel(new Date(periodEnd!.getTime() + 2 * 3_600_000));
  await mirrorOwn(ruth, subscriptionId, w.deps);
};

describe("a new subscription", () => {
  test("of MME is an invoice due 60 days after its issue, and locks its price with the first payment, not before", async () => {
    const { subscriptionId, row: made } = await buy();
    expect(made).toMatchObject({ state: "active", collection: "invoice", plan: "mme", quantity: 500, amount: 3_600n, locks: [] });
    const [invoice] = made.invoices;
    expect([invoice!.net, invoice!.status, (invoice!.dueAt!.getTime() - invoice!.issuedAt!.getTime()) / 86_400_000]).toEqual([1_800_000n, "open", 60]);
    later(10);
    await settle(subscriptionId);
    const paid = await row(subscriptionId);
    expect(paid.locks).toMatchObject([{ plan: "mme", amount: 3_600n, currency: "USD", listId: "2026-06", endedAt: null, invoiceId: invoice!.invoiceId }]);
    expect(paid.locks[0]!.lockedAt).toEqual(paid.invoices[0]!.paidAt);
  });

  test("by card opens Checkout where no card is on file; its payment opens and locks it; the next one is charged at once", async () => {
    const made = await buy({ plan: "pro", users: 1, client: null, label: "Own vault" });
    expect([made.row.state, made.row.collection]).toEqual(["opening", "card"]);
    const url = made.checkoutUrl!.replace("localhost", "127.0.0.1");
    await fetch(url, { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
    const stripeId = [...w.sandbox.store.of("subscription").values()].find(({ metadata }) => metadata.clavitor_subscription === made.subscriptionId)!.id;
    expect(await mirrorSubscription(ruth, stripeId, w.deps)).toBe("changed");
    const paid = await row(made.subscriptionId);
    expect(paid).toMatchObject({ state: "active", checkoutUrl: null, locks: [{ plan: "pro", amount: 4_900n }], account: { cardLast4: "4242" } });
    const second = await buy({ plan: "personal", users: 1, client: null, label: "Another" });
    expect([second.row.state, second.row.locks.length, second.checkoutUrl]).toEqual(["active", 1, null]);
  });

  test("is bought once however often and by however many it is asked for", async () => {
    const client = await w.client(mspId, "Twice Ltd");
    const input: SubscribeInput = { client, label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false };
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => subscribe(ruth, input, w.deps)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(answers.filter((one) => one.status === "rejected").every((one) => one.reason instanceof Refusal && one.reason.failure.code === "billing_busy")).toBe(true);
  });

  test("needs the right to spend, a client of one's own, and a published price", async () => {
    const input: SubscribeInput = { client: null, label: "x", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false };
    await expect(subscribe({ ...ruth, rights: ["technician", "auditor"] }, input, w.deps)).rejects.toMatchObject({ failure: { code: "forbidden" } });
    const foreign = await w.client(await w.t.msp("Fernhill"), "Not ours");
    await expect(subscribe(ruth, { ...input, client: foreign }, w.deps)).rejects.toMatchObject({ failure: { code: "not_found" } });
    await expect(subscribe(ruth, { ...input, currency: "CHF" }, w.deps)).rejects.toMatchObject({ failure: { code: "price_unpublished" } });
    await expect(subscribe(ruth, { ...input, interval: "month" }, w.deps)).rejects.toMatchObject({ failure: { code: "price_unpublished" } });
  });
});

describe("price for life", () => {
  test("a new list touches nobody: the renewal charges the lock to the cent, and no alarm is raised", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    await yearOn(subscriptionId);
    const after = await row(subscriptionId);
    expect(after.invoices.map(({ reason, net, lockNet }) => [reason, net, lockNet])).toEqual([["first", 1_800_000n, null], ["renewal", 1_800_000n, 1_800_000n]]);
    expect(after.locks).toHaveLength(1);
    expect(await alarms()).toEqual([]);
  });

  test("a renewal that charges another amount than its lock raises an alarm with both, once", async () => {
    const { subscriptionId, row: made } = await buy({ pays: 0 });
    const subscription = w.sandbox.store.get("subscription", made.stripeSubscription!);
    // Somebody changes the price by hand at the provider.
    const item = subscription.items.data[0]!;
    item.price = { ...item.price, unit_amount: 3_700, unit_amount_decimal: "3700" };
    await yearOn(subscriptionId);
    await mirrorOwn(ruth, subscriptionId, w.deps);
    expect(await alarms()).toMatchObject([{ kind: "lock_mismatch", expected: "1800000", found: "1850000", cleared_at: null }]);
  });

  test("an upgrade is charged at once for the rest of the year, ends the old lock and locks the then-current price", async () => {
    const { subscriptionId } = await buy({ pays: 0, users: 1_000 });
    later(100);
    await upgrade(ruth, { subscriptionId, version: (await row(subscriptionId)).version, plan: "enterprise", users: 1_000 }, w.deps);
    await settle(subscriptionId);
    const after = await row(subscriptionId);
    const list = 7_200n;
    expect(after).toMatchObject({ plan: "enterprise", amount: list });
    expect(after.locks.map(({ plan, amount, endedBecause }) => [plan, amount, endedBecause])).toEqual([["mme", after.locks[0]!.amount, "upgraded"], ["enterprise", list, null]]);
    expect(after.invoices[1]!.lines.map(({ proration }) => proration)).toEqual([true, true]);
    await yearOn(subscriptionId);
    expect((await row(subscriptionId)).invoices.at(-1)).toMatchObject({ reason: "renewal", net: list * 1_000n, lockNet: list * 1_000n });
    expect(await alarms()).toEqual([]);
  });

  test("a downgrade waits for the renewal, can be taken back until then, and charges the price that was shown", async () => {
    const { subscriptionId } = await buy({ pays: 0, plan: "enterprise", users: 1_000 });
    const shown = 3_600n;
    const version = async () => (await row(subscriptionId)).version;
    await downgrade(ruth, { subscriptionId, version: await version(), plan: "mme", users: 1_000 }, w.deps);
    expect(await row(subscriptionId)).toMatchObject({ plan: "enterprise", nextPlan: "mme", nextAmount: shown, locks: [{ endedAt: null }] });
    await keepPlan(ruth, { subscriptionId, version: await version() }, w.deps);
    expect(await row(subscriptionId)).toMatchObject({ plan: "enterprise", nextPlan: null });
    await downgrade(ruth, { subscriptionId, version: await version(), plan: "mme", users: 1_000 }, w.deps);
    await yearOn(subscriptionId);
    await settle(subscriptionId);
    const after = await row(subscriptionId);
    expect(after).toMatchObject({ plan: "mme", nextPlan: null, amount: shown });
    expect(after.invoices.at(-1)).toMatchObject({ reason: "renewal", net: shown * 1_000n, lockNet: shown * 1_000n });
    expect(after.locks.map(({ plan, endedBecause }) => [plan, endedBecause])).toEqual([["enterprise", "downgraded"], ["mme", null]]);
    expect(await alarms()).toEqual([]);
  });

  test("a downgrade is refused while more is used than the smaller plan holds", async () => {
    const client = await w.client(mspId, "Full Ltd", "team-25");
    const { subscriptionId } = await buy({ plan: "mme", users: 500, client, pays: 0 });
    await usedUp(w.t, mspId, client, 26);
    await expect(downgrade(ruth, { subscriptionId, version: (await row(subscriptionId)).version, plan: "team-10" }, w.deps)).rejects.toMatchObject({ failure: { code: "usage_over" } });
    await downgrade(ruth, { subscriptionId, version: (await row(subscriptionId)).version, plan: "team-25" }, w.deps);
    expect((await row(subscriptionId)).nextPlan).toBe("team-25");
  });

  test("cancelling keeps the lock to the end of the period, and taking it back before keeps it for good", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    const version = async () => (await row(subscriptionId)).version;
    await stop(ruth, { subscriptionId, version: await version(), because: "cancelled" }, w.deps);
    expect(await row(subscriptionId)).toMatchObject({ renews: false, state: "active", locks: [{ endedAt: null }] });
    await renewAgain(ruth, { subscriptionId, version: await version() }, w.deps);
    expect(await row(subscriptionId)).toMatchObject({ renews: true, stopAskedAt: null });
    await stop(ruth, { subscriptionId, version: await version(), because: "cancelled" }, w.deps);
    await yearOn(subscriptionId);
    const after = await row(subscriptionId);
    expect(after).toMatchObject({ state: "ended", endedBecause: "cancelled", locks: [{ endedBecause: "cancelled" }] });
    expect(after.invoices).toHaveLength(1);
    await expect(upgrade(ruth, { subscriptionId, version: after.version, plan: "enterprise" }, w.deps)).rejects.toMatchObject({ failure: { code: "subscription_over" } });
  });

  test("a reactivation pays today's list: the former lock is gone for ever", async () => {
    const client = await w.client(mspId, "Comes Back Ltd");
    const first = await buy({ client, pays: 0 });
    await stop(ruth, { subscriptionId: first.subscriptionId, version: (await row(first.subscriptionId)).version, because: "switched_off" }, w.deps);
    await yearOn(first.subscriptionId);
    const second = await buy({ client, pays: 0 });
    const after = await row(second.subscriptionId);
    expect(after.locks.map(({ amount }) => amount)).toEqual([4_320n]);
    expect((await row(first.subscriptionId)).locks[0]!.endedBecause).toBe("switched_off");
  });

  test("another payer goes on with the lock from the renewal on: no cancellation, nothing charged twice", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    const before = await row(subscriptionId);
    later(30);
    await changePayer(ruth, { subscriptionId, version: before.version, name: "Bellwether Books", email: "admin@bellwether.example", country: "GB" }, w.deps);
    const old = await row(subscriptionId);
    expect(old).toMatchObject({ state: "ended", endedBecause: "moved", locks: [{ endedBecause: "moved" }] });
    const { rows } = await w.t.asAdmin((admin) => admin.query<{ subscription_id: string }>("select subscription_id from subscription where moved_from is null and msp_id = $1 and state = 'active' or moved_from = $2", [mspId, subscriptionId]));
    const next = await row(rows.at(-1)!.subscription_id);
    expect(next).toMatchObject({ state: "active", periodEnd: before.periodEnd, account: { payer: "client" }, movedFrom: subscriptionId });
    expect(next.locks).toMatchObject([{ amount: before.locks[0]!.amount, lockedAt: before.locks[0]!.lockedAt, carriedFrom: before.locks[0]!.lockId, endedAt: null }]);
    expect(next.invoices.map(({ total }) => total)).toEqual([0n]);
    w.travel(new Date(before.periodEnd!.getTime() + 2 * 3_600_000));
    await mirrorOwn(ruth, next.subscriptionId, w.deps);
    expect((await row(next.subscriptionId)).invoices.at(-1)).toMatchObject({ reason: "renewal", net: before.locks[0]!.amount * 500n, lockNet: before.locks[0]!.amount * 500n });
    // What the client pays is none of the MSP's business from then on.
    await expect(stop(ruth, { subscriptionId: next.subscriptionId, version: next.version, because: "cancelled" }, w.deps)).rejects.toMatchObject({ failure: { code: "not_found" } });
  });

  test("another currency is a new subscription at today's price from the end of the old one, which renews no more", async () => {
    w.travel("2027-02-01T09:00:00Z");
    const { subscriptionId } = await buy({ pays: 0 });
    const before = await row(subscriptionId);
    await changeCurrency(ruth, { subscriptionId, version: before.version, currency: "EUR" }, w.deps);
    expect(await row(subscriptionId)).toMatchObject({ renews: false, stopAskedAt: null, locks: [{ endedAt: null }] });
    await yearOn(subscriptionId);
    expect(await row(subscriptionId)).toMatchObject({ state: "ended", endedBecause: "currency", locks: [{ endedBecause: "currency" }] });
    const { rows } = await w.t.asAdmin((admin) => admin.query<{ subscription_id: string }>("select subscription_id from subscription where moved_from is null and msp_id = $1 and currency = 'EUR'", [mspId]));
    await mirrorOwn(ruth, rows[0]!.subscription_id, w.deps);
    expect((await row(rows[0]!.subscription_id)).invoices.at(-1)).toMatchObject({ net: 3_960n * 500n, currency: "EUR" });
  });

  test("a renewal of a year can be taken back for 14 days, in full, and ends lock and subscription; nothing else can", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    await expect(regret(ruth, { subscriptionId, version: (await row(subscriptionId)).version }, w.deps)).rejects.toMatchObject({ failure: { code: "regret_over" } });
    await yearOn(subscriptionId);
    await settle(subscriptionId);
    later(13);
    await regret(ruth, { subscriptionId, version: (await row(subscriptionId)).version }, w.deps);
    const after = await row(subscriptionId);
    expect(after).toMatchObject({ state: "ended", endedBecause: "regret", locks: [{ endedBecause: "regret" }] });
    expect(after.invoices.at(-1)).toMatchObject({ credited: 1_800_000n, refunded: 1_800_000n });
    const other = await buy({ pays: 0 });
    await yearOn(other.subscriptionId);
    later(16);
    await expect(regret(ruth, { subscriptionId: other.subscriptionId, version: (await row(other.subscriptionId)).version }, w.deps)).rejects.toMatchObject({ failure: { code: "regret_over" } });
  });
});

describe("faults of the provider", () => {
  test("a 500 after it acted makes nothing twice: the worker finds it made", async () => {
    w.sandbox.faults.add({ match: "POST /v1/subscriptions", answer: 500, after: true, times: 5 });
    const made = await buy();
    expect([made.state, made.row.state]).toEqual(["waiting", "opening"]);
    w.sandbox.faults.clear();
    await w.t.asAdmin((admin) => admin.query("update billing_intent set next_at = now() - interval '1 second', lease_until = null where state = 'begun'"));
    await carryOutDue(w.deps);
    const after = await row(made.subscriptionId);
    expect([after.state, after.intents[0]!.state]).toEqual(["active", "done"]);
    expect([...w.sandbox.store.of("subscription").values()].filter(({ metadata }) => metadata.clavitor_subscription === made.subscriptionId)).toHaveLength(1);
  });

  test.each([["silence", "drop", false], ["silence after it acted", "drop", true], ["429", 429, false], ["500 before it acted", 500, false]] as const)("%s loses nothing and charges nothing twice", async (_name, answer, after) => {
    w.sandbox.faults.add({ match: "POST /v1/subscriptions", answer, after, times: 2 });
    const made = await buy();
    w.sandbox.faults.clear();
    await w.t.asAdmin((admin) => admin.query("update billing_intent set next_at = now() - interval '1 second', lease_until = null where state = 'begun'"));
    await carryOutDue(w.deps);
    expect((await row(made.subscriptionId)).state).toBe("active");
    expect([...w.sandbox.store.of("subscription").values()].filter(({ metadata }) => metadata.clavitor_subscription === made.subscriptionId)).toHaveLength(1);
  });

  test("a declined card changes nothing, says so in words, and leaves no subscription behind", async () => {
    const first = await buy({ plan: "pro", users: 1, client: null, label: "Own" });
    await fetch(first.checkoutUrl!.replace("localhost", "127.0.0.1"), { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
    const customer = [...w.sandbox.store.of("customer").values()].at(-1)!;
    const method = w.sandbox.store.get("payment_method", customer.invoice_settings.default_payment_method!);
    method.inner_declines = true;
    await expect(buy({ plan: "personal", users: 1, client: null, label: "Second" })).rejects.toMatchObject({ failure: { code: "payment_refused" } });
    const { rows } = await w.t.asAdmin((admin) => admin.query("select state, ended_because from subscription where msp_id = $1 and plan = 'personal'", [mspId]));
    expect(rows).toEqual([{ state: "ended", ended_because: "abandoned" }]);
  });

  test("of two finance people at once one is done and the other is told, and nothing is changed twice", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    const { version } = await row(subscriptionId);
    const omar = w.finance(mspId, "Omar Lindqvist");
    const answers = await Promise.allSettled([stop(ruth, { subscriptionId, version, because: "cancelled" }, w.deps), upgrade(omar, { subscriptionId, version, plan: "enterprise" }, w.deps)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect((answers.find(({ status }) => status === "rejected") as PromiseRejectedResult).reason.failure.code).toMatch(/moved_on|billing_busy/);
  });

  test("no more goes back than was paid, in parts or at once", async () => {
    const { subscriptionId } = await buy({ pays: 0 });
    const ask = async (amount: number) => {
      const now = await row(subscriptionId);
      return creditInvoice(ruth, { subscriptionId, version: now.version, invoice: now.invoices[0]!.invoiceId, amount, words: "Goodwill" }, w.deps);
    };
    await expect(ask(1_800_001)).rejects.toMatchObject({ failure: { code: "refund_too_large" } });
    await ask(1_000_000);
    expect((await row(subscriptionId)).invoices[0]).toMatchObject({ credited: 1_000_000n, refunded: 1_000_000n });
    await expect(ask(800_001)).rejects.toMatchObject({ failure: { code: "refund_too_large" } });
    await ask(800_000);
    expect((await row(subscriptionId)).invoices[0]!.refunds.map(({ amount }) => Number(amount)).toSorted((a, b) => a - b)).toEqual([800_000, 1_000_000]);
  });
});
