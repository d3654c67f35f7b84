/** Stripe that acts and then fails, under every deed; and dates that are hard: month ends, leap days, changes of clocks, sessions in another zone. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase } from "../db/client.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { readCalendar } from "./calendar.ts";
import { downgrade, upgrade } from "./change-plan.ts";
import { addDays, addMonths, dayOf } from "./days.ts";
import { carryOutDue, type Outcome } from "./intent.ts";
import { readInvoices } from "./invoices.ts";
import { mirrorOwn } from "./mirror.ts";
import { changeCurrency, changeInterval, changePayer } from "./move.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { creditInvoice, regret } from "./refund.ts";
import { readClocks } from "./running.ts";
import { readStatement } from "./statement.ts";
import { renewAgain, stop } from "./stop.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const base = priceLists[0]!;
const list: PriceList = { ...base, prices: Object.fromEntries(Object.entries(base.prices).map(([plan, { annual, monthly }]) => [plan, { annual: { ...annual, EUR: annual.USD! }, monthly: monthly ?? { USD: Math.floor(annual.USD! / 1_000) * 100 } }])) as unknown as PriceList["prices"] };

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld({ lists: [list] })));
afterAll(() => w?.close());
const begin = async (at = "2026-07-01T09:00:00Z") => {
  w.sandbox.faults.clear();
  w.travel(at);
  mspId = await w.t.msp("Quillmoor IT");
  ruth = w.finance(mspId);
};
beforeEach(() => begin());

const sql = <T extends object>(text: string, values: unknown[]) => w.sql<T>(text, values);
const row = async (id: string) => (await sql<{ version: number; state: string; plan: string; period_end: Date; renews: boolean; next_plan: string | null; ended_because: string | null }>("select * from subscription where subscription_id = $1", [id]))[0]!;
const asking = async (subscriptionId: string) => ({ subscriptionId, version: (await row(subscriptionId)).version });
const invoices = (id: string) => sql<{ invoice_id: string; page_url: string | null; status: string; reason: string; net: string; total: string; credited: string; refunded: string; period_start: Date; period_end: Date; due_at: Date; issued_at: Date; lock_net: string | null }>("select * from invoice where subscription_id = $1 order by created_at, invoice_id", [id]);
const ours = () => [...w.sandbox.store.of("customer").values()].filter(({ metadata }) => metadata.clavitor_msp === mspId).map(({ id }) => id);
const there = (kind: "subscription" | "invoice" | "credit_note" | "refund") => {
  const customers = new Set(ours());
  if (kind !== "refund") return [...w.sandbox.store.of(kind).values()].filter(({ customer }) => customers.has(customer));
  const intents = new Set([...w.sandbox.store.of("payment_intent").values()].filter(({ customer }) => customers.has(customer)).map(({ id }) => id));
  return [...w.sandbox.store.of("refund").values()].filter(({ payment_intent: intent }) => intents.has(intent));
};

async function bought({ interval = "year", pays = true, plan = "mme" }: { interval?: "year" | "month"; pays?: boolean; plan?: "mme" | "enterprise" } = {}): Promise<string> {
  const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, "Alder"), label: "", plan, currency: "USD", interval, users: 1_000, trial: false }, w.deps);
  if (pays) await settle(subscriptionId);
  return subscriptionId;
}

async function settle(id: string): Promise<void> {
  for (const { page_url: page, status } of await invoices(id)) if (status === "open" && page) await fetch(page.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  await mirrorOwn(ruth, id, w.deps);
}

/** What there is at the provider, by kind: what a deed leaves there exactly once. */
const counts = () => ({ subscriptions: there("subscription").length, invoices: there("invoice").length, notes: there("credit_note").length, refunds: there("refund").length });

type DeedCase = { readonly name: string; readonly match: string; readonly plan?: "mme" | "enterprise"; readonly before?: (id: string) => Promise<unknown>; readonly deed: (id: string, deps: BillingWorld["deps"]) => Promise<Outcome>; readonly left: Partial<ReturnType<typeof counts>> };
const renewed = async (id: string) => {
  w.travel("2027-07-02T09:00:00Z");
  await mirrorOwn(ruth, id, w.deps);
  await settle(id);
};
const deeds: DeedCase[] = [
  { name: "an upgrade", match: "POST /v1/subscriptions/*", deed: async (id, deps) => upgrade(ruth, { ...(await asking(id)), plan: "enterprise", users: 1_000 }, deps), left: { subscriptions: 1, invoices: 2, notes: 0 } },
  { name: "a downgrade", match: "POST /v1/subscriptions/*", plan: "enterprise", deed: async (id, deps) => downgrade(ruth, { ...(await asking(id)), plan: "mme", users: 1_000 }, deps), left: { subscriptions: 1, invoices: 1 } },
  { name: "a cancellation", match: "POST /v1/subscriptions/*", deed: async (id, deps) => stop(ruth, { ...(await asking(id)), because: "cancelled" }, deps), left: { subscriptions: 1, invoices: 1 } },
  { name: "a refund", match: "POST /v1/credit_notes", deed: async (id, deps) => creditInvoice(ruth, { ...(await asking(id)), invoice: (await invoices(id))[0]!.invoice_id, amount: 100_000, words: "Goodwill" }, deps), left: { notes: 1, refunds: 1 } },
  { name: "a renewal taken back", match: "POST /v1/credit_notes", before: renewed, deed: async (id, deps) => regret(ruth, await asking(id), deps), left: { subscriptions: 1, invoices: 2, notes: 1, refunds: 1 } },
  { name: "another payer", match: "POST /v1/subscriptions", deed: async (id, deps) => changePayer(ruth, { ...(await asking(id)), name: "Alder Ltd", email: `${crypto.randomUUID()}@alder.example`, country: "GB" }, deps), left: { subscriptions: 2, invoices: 2 } },
  { name: "another payer, the old one ended", match: "DELETE /v1/subscriptions/*", deed: async (id, deps) => changePayer(ruth, { ...(await asking(id)), name: "Alder Ltd", email: `${crypto.randomUUID()}@alder.example`, country: "GB" }, deps), left: { subscriptions: 2, invoices: 2 } },
  { name: "another currency", match: "POST /v1/subscriptions", deed: async (id, deps) => changeCurrency(ruth, { ...(await asking(id)), currency: "EUR" }, deps), left: { subscriptions: 2, invoices: 2 } },
  { name: "another interval taken back", match: "DELETE /v1/subscriptions/*", before: async (id) => changeInterval(ruth, { ...(await asking(id)), interval: "month" }, w.deps), deed: async (id, deps) => renewAgain(ruth, await asking(id), deps), left: { subscriptions: 2, invoices: 2 } },
];

const strikes = [["500 again and again", 500, 4], ["silence", "drop", 4], ["500 once, asked again by the SDK", 500, 1], ["an answer later than we wait", "late", 2]] as const;
/** Calls without a key of their own, and money that goes back, are struck in every way; each strike costs the SDK's pauses. */
const struck = new Set(["a refund", "another payer, the old one ended"]);
/** And what is charged at once, by an answer that comes too late. */
const charged = new Set(["an upgrade", "another payer"]);

describe("a provider that acts and then does not say so", () => {
  for (const { name, match, plan = "mme", before, deed, left } of deeds) {
    test.each(strikes.filter(([kind, answer]) => kind === "500 again and again" || struck.has(name) || (answer === "late" && charged.has(name))))(`does ${name} once: %s`, async (_name, answer, times) => {
      const id = await bought({ plan });
      await before?.(id);
      w.sandbox.faults.add(answer === "late" ? { match, answer: "drop", after: true, delayMs: 1_500, times } : { match, answer, after: true, times });
      const { state, intentId } = await deed(id, answer === "late" ? w.hasty(500) : w.deps);
      w.sandbox.faults.clear();
      // The SDK asks once more by itself under the same key; who still has no answer is waited for by the worker.
      if (state === "waiting") {
        await sql("update billing_intent set next_at = now() - interval '1 second', lease_until = null where intent_id = $1", [intentId]);
        await carryOutDue(w.deps);
      }
      // What is late is done late: it finds that it was done.
      await w.sandbox.settled();
      expect(await sql("select state from billing_intent where intent_id = $1", [intentId])).toEqual([{ state: "done" }]);
      expect(counts()).toMatchObject(left);
      await mirrorOwn(ruth, id, w.deps);
      const [{ refunded, credited }] = (await sql<{ refunded: string; credited: string }>("select coalesce(sum(refunded), 0)::text as refunded, coalesce(sum(credited), 0)::text as credited from invoice where subscription_id = $1", [id])) as [{ refunded: string; credited: string }];
      expect([refunded, credited], "not a cent more went back than is owed").toEqual(name === "a refund" ? ["100000", "100000"] : name === "a renewal taken back" ? ["3600000", "3600000"] : ["0", "0"]);
    });
  }
});

test("a customer that the provider has forgotten is made again, once, and what is bought next is bought there", async () => {
  await bought();
  const [former] = ours();
  const kept = w.sandbox.store.get("customer", former!);
  w.sandbox.store.of("customer").delete(former!);
  const second = await subscribe(ruth, { client: await w.client(mspId, "Birch"), label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false }, w.deps);
  expect([second.state, ours().length, ours()[0] === former]).toEqual(["done", 1, false]);
  expect(await sql("select stripe_customer from billing_account where msp_id = $1", [mspId])).toEqual([{ stripe_customer: ours()[0] }]);
  expect(await row(second.subscriptionId)).toMatchObject({ state: "active" });
  // The years of the other tests go over its subscription too.
  w.sandbox.store.put(kept);
});

describe("hard dates", () => {
  test("a month that began on the 31st renews on the last day of short months, in a leap year too, and is the 31st again, to the cent", async () => {
    await begin("2027-10-31T23:30:00Z");
    const id = await bought({ interval: "month" });
    for (let month = 1; month <= 6; month += 1) {
      w.travel(new Date((await row(id)).period_end.getTime() + 2 * 3_600_000));
      await mirrorOwn(ruth, id, w.deps);
      await settle(id);
    }
    const charged = await invoices(id);
    expect(charged.map(({ period_start: at }) => dayOf(at))).toEqual(["2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]);
    expect(charged.map(({ period_start: at }) => dayOf(at)), "the calendar says the same days").toEqual(charged.map((_, month) => addMonths("2027-10-31", month)));
    expect(new Set(charged.map(({ net }) => net)).size).toBe(1);
    expect(charged.slice(1).every(({ net, lock_net: due }) => net === due)).toBe(true);
    expect(await sql("select 1 from billing_alarm where msp_id = $1", [mspId])).toEqual([]);
  });

  test("a year that began on 29 February renews on the 28th, and on the 29th when there is one", async () => {
    await begin("2028-02-29T12:00:00Z");
    const id = await bought();
    for (let year = 1; year <= 4; year += 1) {
      w.travel(new Date((await row(id)).period_end.getTime() + 2 * 3_600_000));
      await mirrorOwn(ruth, id, w.deps);
      await settle(id);
    }
    expect((await invoices(id)).map(({ period_start: at }) => dayOf(at))).toEqual(["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
    expect(await sql("select count(*)::int as n from price_lock where msp_id = $1 and ended_at is null", [mspId])).toEqual([{ n: 1 }]);
  });

  test("sixty days are sixty days over a change of clocks, and the deletion clock counts days of UTC, at half past eleven at night too", async () => {
    // Both Europe and America change their clocks within these sixty days.
    await begin("2026-10-02T23:30:00Z");
    const id = await bought({ pays: false });
    const [invoice] = await invoices(id);
    const due = dayOf(invoice!.due_at);
    expect([(invoice!.due_at.getTime() - invoice!.issued_at.getTime()) / 86_400_000, due]).toEqual([60, "2026-12-01"]);
    const stages = [];
    for (const days of [0, 1, 29, 30]) {
      for (const at of [`${addDays(due, days)}T00:00:00Z`, `${addDays(due, days)}T23:59:59Z`]) stages.push((await readClocks(ruth, { now: () => new Date(at) }, w.t.db))[0]?.clock.stage ?? "none");
    }
    expect(stages).toEqual(["none", "none", "running", "running", "running", "running", "suspended", "suspended"]);
  });

  test("a database session in another zone moves no invoice into another month", async () => {
    await begin("2026-10-31T23:30:00Z");
    const id = await bought();
    w.travel("2026-11-01T00:10:00Z");
    const other = (await subscribe(ruth, { client: await w.client(mspId, "Birch"), label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false }, w.deps)).subscriptionId;
    const look = async (db: typeof w.t.db) => {
      const finance = personActor({ mspId, personId: crypto.randomUUID(), name: "Ruth Okonjo", rights: ["finance"] });
      const [october, november] = [await readStatement(finance, "2026-10", { clock: w.deps.clock, db }), await readStatement(finance, "2026-11", { clock: w.deps.clock, db })];
      const month = async (asked: string) => (await readInvoices(finance, { month: asked }, w.deps.clock, db)).rows.map(({ subscriptionId }) => subscriptionId);
      const { spent } = await readCalendar(finance, w.deps.clock, db, [list]);
      return { october: october.sections.map(({ sums, closing }) => [sums.invoice, closing]), november: november.sections.map(({ opening, sums }) => [opening, sums.invoice]), invoices: [await month("2026-10"), await month("2026-11")], spent: spent.filter(({ charged }) => charged > 0) };
    };
    const inUtc = await look(w.t.db);
    expect(inUtc).toMatchObject({ invoices: [[id], [other]], october: [[3_600_000, 0]], november: [[0, 1_800_000]], spent: [{ month: "2026-10", charged: 3_600_000 }, { month: "2026-11", charged: 1_800_000 }] });
    for (const zone of ["America/New_York", "Pacific/Auckland"]) {
      await w.t.asAdmin((admin) => admin.query(`alter database ${new URL(w.t.urls.app).pathname.slice(1)} set timezone to '${zone}'`));
      const db = createDatabase(w.t.urls.app, 2);
      try {
        expect(await look(db), zone).toEqual(inUtc);
      } finally {
        await db.$disconnect();
      }
    }
  });
});
