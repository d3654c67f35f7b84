import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signatureOf } from "#sandbox/stripe/webhooks.ts";
import { shown } from "#sandbox/stripe/world.ts";
import type { StripeEvent } from "#sandbox/stripe/objects.ts";
import { installation } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { upgrade } from "./change-plan.ts";
import { reconcile } from "./reconcile.ts";
import { stop } from "./stop.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, secret, type BillingWorld } from "./testing/world.ts";
import { readEvents, type EventShow } from "./received.ts";
import { handleEvents, receiveEvent, replayEvent, replayFailed } from "./webhook.ts";

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld()));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const buy = async (plan: "mme" | "enterprise" = "mme") => (await subscribe(ruth, { client: await w.client(mspId, `Client ${Math.random()}`), label: "", plan, currency: "USD", interval: "year", users: 1_000, trial: false }, w.deps)).subscriptionId;
const sql = <T extends object>(text: string, values: unknown[] = [mspId]) => w.sql<T>(text, values);
const version = async (id: string) => (await sql<{ version: number }>("select version from subscription where subscription_id = $1", [id]))[0]!.version;
const listEvents = async (actor: Actor, show: EventShow | null, db = w.t.db) => (await readEvents(actor, { show: show ?? "all" }, db)).rows;
const dueNow = () => w.t.asAdmin((admin) => admin.query("update stripe_event set next_at = now() - interval '1 second', lease_until = null where state = 'waiting'"));
const own = () => {
  const customers = new Set([...w.sandbox.store.of("customer").values()].filter(({ metadata }) => metadata.clavitor_msp === mspId).map(({ id }) => id));
  return w.events().filter((event) => customers.has((event.data.object as { customer?: string }).customer ?? ""));
};

describe("a webhook", () => {
  const body = async () => {
    await buy();
    return own().find(({ type }) => type === "invoice.finalized")!;
  };
  const at = () => w.sandbox.world.real();
  const text = (event: StripeEvent) => JSON.stringify(shown(event));

  test("that is forged, signed for another body or too old is not kept", async () => {
    const event = await body();
    for (const signature of ["", "t=1,v1=00", signatureOf(text(event), "whsec_of_somebody_else", at()), signatureOf(`${text(event)} `, secret, at()), signatureOf(text(event), secret, at() - 301), signatureOf(text(event), secret, at() - 86_400)]) {
      await expect(receiveEvent(text(event), signature, w.deps), signature).rejects.toMatchObject({ failure: { code: "webhook_foreign" } });
    }
    expect(await sql("select 1 from stripe_event where msp_id = $1")).toEqual([]);
    expect(await receiveEvent(text(event), signatureOf(text(event), secret, at() - 299), w.deps)).toEqual({ fresh: true });
  });

  test("is kept as it came before it is handled, once however often it comes, and the copies are counted", async () => {
    const event = await body();
    const answers = await Promise.all(Array.from({ length: 5 }, () => w.hand(event)));
    expect(answers.filter(({ fresh }) => fresh)).toHaveLength(1);
    const rows = await sql<{ body: string; deliveries: number; state: string }>("select body, deliveries, state from stripe_event where msp_id = $1");
    expect(rows).toEqual([{ body: text(event), deliveries: 5, state: "waiting" }]);
    await handleEvents(w.deps);
    expect(await listEvents(ruth, null, w.t.db)).toMatchObject([{ id: event.id, state: "done", deliveries: 5 }]);
  });

  test("of a customer that nobody knows belongs to no MSP, waits a while, and is then ignored", async () => {
    const event = structuredClone(await body());
    Object.assign(event, { id: `evt_${Math.random()}` });
    (event.data.object as { customer: string }).customer = "cus_nobody";
    await w.hand(event);
    for (let round = 0; round < 6; round += 1) {
      await dueNow();
      await handleEvents(w.deps);
    }
    expect(await sql("select state, attempts from stripe_event where msp_id = $1 and event_id = $2", [installation, event.id])).toEqual([{ state: "ignored", attempts: 6 }]);
    expect(await listEvents(ruth, null, w.t.db)).toEqual([]);
  });

  test("while the provider does not answer waits and is handled after; given up it raises an alarm; replayed by a person it is handled again", async () => {
    const event = await body();
    w.sandbox.faults.add({ match: "GET /v1/subscriptions*", answer: 429, times: 1_000 });
    await w.hand(event);
    await handleEvents(w.deps);
    expect(await listEvents(ruth, null, w.t.db)).toMatchObject([{ state: "waiting", words: "the payment provider does not answer" }]);
    await w.t.asAdmin((admin) => admin.query("update stripe_event set attempts = 11 where event_id = $1", [event.id]));
    await dueNow();
    await handleEvents(w.deps);
    expect(await listEvents(ruth, "failed", w.t.db)).toHaveLength(1);
    expect(await sql("select kind, subject from billing_alarm where msp_id = $1")).toEqual([{ kind: "event_failed", subject: event.id }]);
    w.sandbox.faults.clear();
    await expect(replayEvent({ ...ruth, rights: ["auditor"] }, event.id, w.t.db)).rejects.toMatchObject({ failure: { code: "forbidden" } });
    await expect(replayEvent(w.finance(await w.t.msp("Fernhill")), event.id, w.t.db)).rejects.toMatchObject({ failure: { code: "not_found" } });
    await replayEvent(ruth, event.id, w.t.db);
    await expect(replayEvent(ruth, event.id, w.t.db), "pressed twice").rejects.toMatchObject({ failure: { code: "event_waiting" } });
    await handleEvents(w.deps);
    expect(await listEvents(ruth, null, w.t.db)).toMatchObject([{ state: "done" }]);
    expect(await sql("select cleared_by from billing_alarm where msp_id = $1"), "its alarm is answered").toEqual([{ cleared_by: "it was handled" }]);
  });

  test("says in words what it changed, and the same one again that nothing was new", async () => {
    const event = await body();
    await forget();
    await w.hand(event);
    await handleEvents(w.deps);
    expect((await listEvents(ruth, "done"))[0]!.words).toMatch(/^invoice \S+ open, USD 36000\.00; .* is active/);
    await replayEvent(ruth, event.id, w.t.db);
    await handleEvents(w.deps);
    expect((await listEvents(ruth, "done"))[0]!.words).toBe("all was as known");
  });

  test("that failed is handled again with all that failed, by one press of finance or an owner, recorded, and by nobody else", async () => {
    await buy();
    const events = own().slice(0, 3);
    for (const event of events) await w.hand(event);
    await w.t.asAdmin((admin) => admin.query("update stripe_event set state = 'failed', next_at = null, attempts = 12, words = 'x' where msp_id = $1 and event_id = any($2)", [mspId, events.slice(0, 2).map(({ id }) => id)]));
    expect(await readEvents(ruth, {}, w.t.db)).toMatchObject({ counts: { all: 3, failed: 2, waiting: 1, done: 0, ignored: 0 }, page: 1, pages: 1 });
    for (const right of ["technician", "auditor"] as const) {
      await expect(replayFailed({ ...ruth, rights: [right] }, w.t.db)).rejects.toMatchObject({ failure: { code: "forbidden" } });
      await expect(readEvents({ ...ruth, rights: [right] }, {}, w.t.db)).rejects.toMatchObject({ failure: { code: "forbidden" } });
    }
    const fernhill = w.finance(await w.t.msp("Fernhill"));
    await expect(replayFailed(fernhill, w.t.db)).rejects.toMatchObject({ failure: { code: "events_none_failed" } });
    expect((await readEvents(fernhill, {}, w.t.db)).rows).toEqual([]);
    expect(await replayFailed({ ...ruth, rights: ["owner"] }, w.t.db)).toEqual({ events: 2 });
    await expect(replayFailed(ruth, w.t.db), "the second of two is told").rejects.toMatchObject({ failure: { code: "events_none_failed" } });
    await handleEvents(w.deps);
    expect((await listEvents(ruth, "done")).length + (await listEvents(ruth, "ignored")).length).toBe(3);
    expect(await sql("select fields from record where msp_id = $1 and action = 'stripe_event.all_replayed'")).toEqual([{ fields: { events: 2 } }]);
  });
});

/** Everything that money is, without what counts readings and rows. */
const state = async () => ({
  subscriptions: await sql("select subscription_id, plan, currency, quantity, amount, collection, state, ended_because, period_start, period_end, renews, stop_asked_at, ended_at, next_plan, next_amount, unpaid_since, open_due_at from subscription where msp_id = $1 order by subscription_id"),
  invoices: await sql("select stripe_invoice, number, status, reason, net, tax, total, paid, remaining, credited, refunded, due_at, paid_at, lock_net from invoice where msp_id = $1 order by stripe_invoice"),
  lines: await sql("select i.stripe_invoice, l.line, l.plan, l.quantity, l.unit_amount, l.amount, l.proration from invoice_line l join invoice i using (msp_id, invoice_id) where l.msp_id = $1 order by 1, 2"),
  locks: await sql("select k.subscription_id, k.plan, k.currency, k.amount, k.list_id, k.locked_at, k.ended_at, k.ended_because, i.stripe_invoice from price_lock k left join invoice i using (msp_id, invoice_id) where k.msp_id = $1 order by 1, k.locked_at, k.plan"),
  alarms: await sql("select kind, expected, found from billing_alarm where msp_id = $1 order by 1, 2"),
});

/** As if no news had ever come: only what we asked for is known. */
const forget = () => w.t.asAdmin(async (admin) => {
  for (const table of ["price_lock", "credit_note", "refund", "invoice_line", "invoice", "stripe_event", "billing_alarm"]) await admin.query(`delete from ${table} where msp_id = $1`, [mspId]);
  await admin.query("update subscription set state = 'opening', ended_at = null, ended_because = null, seen = 0, period_start = null, period_end = null, next_plan = null, next_amount = null, next_quantity = null, open_due_at = null, unpaid_since = null, renews = true, stop_asked_at = null, plan = 'mme', amount = 1 where msp_id = $1", [mspId]);
});

test("a recorded year of events ends in the same state in any order and with any of them twice", async () => {
  const [a, b, c] = [await buy(), await buy(), await buy("enterprise")];
  const pay = async () => {
    for (const invoice of w.sandbox.store.liveInvoices) if (invoice.status === "open" && invoice.hosted_invoice_url) await fetch(invoice.hosted_invoice_url.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  };
  w.travel("2026-07-20T09:00:00Z");
  await pay();
  w.travel("2026-10-01T09:00:00Z");
  await upgrade(ruth, { subscriptionId: a, version: await version(a), plan: "enterprise", users: 1_000 }, w.deps);
  await stop(ruth, { subscriptionId: b, version: await version(b), because: "cancelled" }, w.deps);
  w.travel("2026-10-20T09:00:00Z");
  await pay();
  w.travel("2027-07-15T09:00:00Z");
  const events = own();
  expect(events.length).toBeGreaterThan(20);
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(6);
  await forget();
  for (const event of events) await w.hand(event);
  await handleEvents(w.deps);
  const inOrder = await state();
  expect(inOrder.subscriptions.map(({ state: is }: { state?: string }) => is ?? "").toSorted((a: string, b: string) => a.localeCompare(b))).toEqual(["active", "active", "ended"]);
  expect(inOrder.locks).toHaveLength(4);
  expect(c).toBeTruthy();

  const order = fc.array(fc.nat(events.length - 1), { minLength: 0, maxLength: 12 }).chain((twice) => fc.shuffledSubarray([...events.keys(), ...twice.map((at) => at)], { minLength: events.length + twice.length }));
  await fc.assert(fc.asyncProperty(order, fc.nat(events.length), async (sequence, cut) => {
    await forget();
    for (const at of sequence.slice(0, cut)) await w.hand(events[at]!);
    await handleEvents(w.deps);
    for (const at of sequence.slice(cut)) await w.hand(events[at]!);
    await handleEvents(w.deps);
    expect(await state()).toEqual(inOrder);
  }), { numRuns: 4 });
}, 120_000);

test("an event that is older than what was read since overwrites nothing", async () => {
  const id = await buy();
  const old = own().find(({ type }) => type === "customer.subscription.created")!;
  await upgrade(ruth, { subscriptionId: id, version: await version(id), plan: "enterprise", users: 1_000 }, w.deps);
  await w.hand(old);
  await handleEvents(w.deps);
  expect(await sql("select plan from subscription where msp_id = $1")).toEqual([{ plan: "enterprise" }]);
});

describe("the nightly comparison", () => {
  test("brings up to date what no webhook told, and says how much", async () => {
    const [a, b] = [await buy(), await buy()];
    w.travel("2027-07-02T09:00:00Z");
    expect(await reconcile(mspId, w.deps)).toMatchObject({ subscriptions: 2, mended: 2, alarms: 0 });
    expect(await reconcile(mspId, w.deps)).toMatchObject({ subscriptions: 2, mended: 0, alarms: 0 });
    expect(await sql("select count(*)::int as n from invoice where msp_id = $1 and reason = 'renewal' and subscription_id = any($2)", [mspId, [a, b]])).toEqual([{ n: 2 }]);
  });

  test("raises an alarm for what the provider has and we do not, and the other way round, once", async () => {
    const id = await buy();
    const there = [...w.sandbox.store.of("subscription").values()].find(({ metadata }) => metadata.clavitor_subscription === id);
    await w.t.asAdmin((admin) => admin.query("update subscription set stripe_subscription = 'sub_lost' where subscription_id = $1", [id]));
    there!.metadata = {};
    expect((await reconcile(mspId, w.deps)).alarms).toBe(2);
    expect((await reconcile(mspId, w.deps)).alarms).toBe(0);
    expect(await sql("select kind from billing_alarm where msp_id = $1")).toHaveLength(2);
  });

  test("goes to its end when the provider knows nothing of a customer of ours, and says what is missing there", async () => {
    await buy();
    const [account, gone] = [crypto.randomUUID(), crypto.randomUUID()];
    await sql("insert into billing_account (msp_id, account_id, payer, currency, name, email, stripe_customer) values ($1, $2, 'msp', 'EUR', 'Quillmoor IT', 'x@quillmoor.example', $3)", [mspId, account, `cus_nobody_${account.slice(0, 8)}`]);
    await sql("insert into subscription (msp_id, subscription_id, account_id, plan, currency, interval, collection, state, amount, stripe_subscription) values ($1, $2, $3, 'mme', 'EUR', 'year', 'invoice', 'active', 1, $4)", [mspId, gone, account, `sub_nobody_${account.slice(0, 8)}`]);
    await reconcile(mspId, w.deps);
    expect(await sql("select ended_at is not null as ended, words from reconciliation where msp_id = $1")).toEqual([{ ended: true, words: null }]);
    expect(await sql("select words from billing_alarm where msp_id = $1 and subject = $2", [mspId, gone])).toMatchObject([{ words: expect.stringContaining("is not there at the payment provider") as string }]);
  });

  test("that the provider does not let end says so, and is no end", async () => {
    await buy();
    w.sandbox.faults.add({ match: "GET /v1/invoices*", answer: 429, times: 100 });
    await expect(reconcile(mspId, w.deps)).rejects.toThrow(/does not answer/);
    expect(await sql("select ended_at, words from reconciliation where msp_id = $1")).toEqual([{ ended_at: null, words: "the payment provider did not answer" }]);
  });
});
