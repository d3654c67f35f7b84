/** Two changes that the page of a subscription asks for: an invoice credited, and another number of users at the locked price. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Actor } from "../identity/actor.ts";
import { change, changeShape, type ChangeAsked } from "./change.ts";
import { carryOutDue } from "./intent.ts";
import { readInvoices } from "./invoices.ts";
import { mirrorOwn } from "./mirror.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { subscribe } from "./subscribe.ts";
import { readSubscription } from "./subscription.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const base = priceLists[0]!;
/** Everything a fifth dearer from 2026-08-01 on. */
const dearer: PriceList = { id: "2026-08", published: "2026-08-01", prices: Object.fromEntries(Object.entries(base.prices).map(([plan, { annual }]) => [plan, { annual: { USD: Math.round(annual.USD! * 1.2) }, monthly: null }])) as unknown as PriceList["prices"] };

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld({ lists: [base, dearer] })));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const facts = (id: string) => readSubscription(ruth, id, w.deps.clock, w.t.db, [base, dearer]);
const invoices = async (id: string) => (await readInvoices(ruth, { subscription: id }, w.deps.clock, w.t.db)).rows.toReversed();
const firstOf = async (id: string) => (await invoices(id))[0]!;
const alarms = () => w.sql("select kind from billing_alarm where msp_id = $1", [mspId]);

async function settle(id: string) {
  const open = await w.sql<{ page_url: string }>("select page_url from invoice where subscription_id = $1 and status = 'open'", [id]);
  for (const { page_url: page } of open) await fetch(page.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  await mirrorOwn(ruth, id, w.deps);
}

async function bought({ users = 600, pays = true } = {}): Promise<string> {
  const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, `Alder ${Math.random()}`), label: "", plan: "mme", currency: "USD", interval: "year", users, trial: false }, w.deps);
  if (pays) await settle(subscriptionId);
  return subscriptionId;
}

type More = { readonly deed: "users"; readonly users: string } | { readonly deed: "credit"; readonly invoice: string; readonly amount: number; readonly words: string } | { readonly deed: "keep_plan" } | { readonly deed: "plan"; readonly plan: "enterprise" };
/** As the page does it: its form, its version, and what the subscription is now. */
async function ask(id: string, more: More, actor = ruth) {
  const { line, version } = await facts(id);
  const form = Object.fromEntries(Object.entries({ ...more, subscription: id, version }).map(([name, value]) => [name, String(value)]));
  return change(actor, changeShape.parse(form) satisfies ChangeAsked, line, w.deps);
}
const refusal = (asked: Promise<unknown>) => asked.then(() => null, (error: unknown) => (error as { failure?: { code: string; fields?: Record<string, string> } }).failure ?? String(error));

test("a credit of a paid invoice sends money back and takes no more than is left, in words beside the amount; the lock stays", async () => {
  const id = await bought();
  const { id: invoice, creditable } = await firstOf(id);
  expect(creditable).toBe(2_160_000);
  const credit = (amount: number, words = "Goodwill") => ask(id, { deed: "credit", invoice, amount, words });
  expect(await refusal(credit(2_160_001))).toMatchObject({ code: "refund_too_large", fields: { amount: "At most 21600.00." } });
  expect((await credit(160_000)).state).toBe("done");
  expect(await invoices(id)).toMatchObject([{ status: "paid", refunded: 160_000, credited: 160_000, creditable: 2_000_000 }]);
  expect(await w.sql("select words, total from credit_note where msp_id = $1", [mspId])).toEqual([{ words: "Goodwill", total: "160000" }]);
  expect(await refusal(credit(2_000_001))).toMatchObject({ fields: { amount: "At most 20000.00." } });
  await credit(2_000_000);
  expect(await invoices(id)).toMatchObject([{ refunded: 2_160_000, creditable: 0 }]);
  expect(await refusal(credit(1))).toMatchObject({ code: "refund_too_large" });
  expect((await facts(id)).locks).toMatchObject([{ amount: 3_600, endedOn: null }]);
});

test("a credit of an open invoice is that much less owed, and what is paid later is the rest", async () => {
  const id = await bought({ pays: false });
  const { id: invoice } = await firstOf(id);
  await ask(id, { deed: "credit", invoice, amount: 60_000, words: "Agreed by phone" });
  expect(await invoices(id)).toMatchObject([{ status: "open", remaining: 2_100_000, creditable: 2_100_000, refunded: 0 }]);
  expect(await refusal(ask(id, { deed: "credit", invoice, amount: 2_100_001, words: "Too much" }))).toMatchObject({ fields: { amount: "At most 21000.00." } });
  await settle(id);
  expect(await invoices(id)).toMatchObject([{ status: "paid", creditable: 2_100_000 }]);
});

test("an invoice of another subscription, words that are missing, no amount, and somebody who may not spend are refused, and nothing is asked", async () => {
  const [mine, other] = [await bought(), await bought()];
  const { id: foreign } = await firstOf(other);
  const credit = (more: object, actor = ruth) => ask(mine, { deed: "credit", invoice: foreign, amount: 100, words: "Mine", ...more }, actor);
  expect(await refusal(credit({}))).toMatchObject({ code: "not_found" });
  expect(await refusal(credit({ invoice: "0197f3c0-0000-7000-8000-000000000000" }))).toMatchObject({ code: "not_found" });
  expect(await refusal(credit({}, { ...ruth, rights: ["technician", "auditor"] }))).toMatchObject({ code: "forbidden" });
  for (const [field, wrong] of [["words", { words: " " }], ["amount", { amount: 0 }], ["amount", { amount: -100 }], ["amount", { amount: 1.5 }], ["invoice", { invoice: "x" }]] as const) await expect(credit(wrong)).rejects.toMatchObject({ issues: [{ path: [field] }] });
  expect(await w.sql("select 1 from billing_intent where msp_id = $1 and kind = 'refund'", [mspId])).toEqual([]);
});

test("a credit whose answer is lost is made once", async () => {
  const id = await bought();
  const { id: invoice } = await firstOf(id);
  w.sandbox.faults.add({ match: "POST /v1/credit_notes", answer: 500, after: true, times: 5 });
  expect((await ask(id, { deed: "credit", invoice, amount: 100_000, words: "Once" })).state).toBe("waiting");
  w.sandbox.faults.clear();
  await w.sql("update billing_intent set next_at = now() - interval '1 second', lease_until = null where state = 'begun' and msp_id = $1", [mspId]);
  await carryOutDue(w.deps);
  expect(await invoices(id)).toMatchObject([{ credited: 100_000, refunded: 100_000 }]);
});

test("a credit of an invoice that the provider knows nothing of is refused in words, not called done", async () => {
  const id = await bought();
  const { id: invoice } = await firstOf(id);
  await w.sql("update invoice set stripe_invoice = 'in_unknown' where invoice_id = $1", [invoice]);
  expect(await refusal(ask(id, { deed: "credit", invoice, amount: 100, words: "Nobody" }))).toMatchObject({ code: "payment_refused", detail: "The payment provider knows nothing of this invoice. Nothing was changed and nothing was charged." });
});

test("more users hold at once for the rest of the year, at the locked price of one, whatever today's list says", async () => {
  const id = await bought();
  w.travel("2026-12-30T21:00:00Z");
  expect((await ask(id, { deed: "users", users: "700" })).state).toBe("done");
  await settle(id);
  expect(await facts(id)).toMatchObject({ line: { users: 700, locked: 700 * 3_600, nextPlan: null }, locks: [{ amount: 3_600, endedOn: null }] });
  const [, charged] = await invoices(id);
  expect(charged).toMatchObject({ reason: "change", status: "paid" });
  // Half of the year is left: half of a hundred users' year, to a cent for each of its two lines.
  expect(Math.abs(charged!.net - 180_000)).toBeLessThan(1_000);
  w.travel("2027-07-01T12:00:00Z");
  await mirrorOwn(ruth, id, w.deps);
  expect((await invoices(id)).at(-1)).toMatchObject({ reason: "renewal", net: 700 * 3_600, lockNet: 700 * 3_600 });
  expect([(await facts(id)).locks.length, await alarms()]).toEqual([1, []]);
});

test("fewer users wait for the renewal and charge nothing before; the lock stays, and it can be taken back", async () => {
  const id = await bought();
  await ask(id, { deed: "users", users: "550" });
  expect(await facts(id)).toMatchObject({ line: { users: 600, nextPlan: "mme", nextUsers: 550 }, locks: [{ endedOn: null }] });
  expect(await invoices(id)).toHaveLength(1);
  await ask(id, { deed: "keep_plan" });
  expect((await facts(id)).line).toMatchObject({ users: 600, nextPlan: null, nextUsers: null });
  await ask(id, { deed: "users", users: "550" });
  w.travel("2027-07-01T12:00:00Z");
  await settle(id);
  expect(await facts(id)).toMatchObject({ line: { users: 550, locked: 550 * 3_600, nextPlan: null, nextUsers: null }, locks: [{ amount: 3_600, endedOn: null }] });
  expect((await invoices(id)).map(({ reason, net }) => [reason, net])).toEqual([["first", 600 * 3_600], ["renewal", 550 * 3_600]]);
  expect(await alarms()).toEqual([]);
});

test("while fewer users wait nothing larger is bought: the provider would charge again what was paid for", async () => {
  const id = await bought();
  await ask(id, { deed: "users", users: "550" });
  expect(await refusal(ask(id, { deed: "users", users: "700" }))).toMatchObject({ code: "change_waits" });
  expect(await refusal(ask(id, { deed: "plan", plan: "enterprise" }))).toMatchObject({ code: "change_waits" });
  await ask(id, { deed: "users", users: "520" });
  expect((await facts(id)).line).toMatchObject({ users: 600, nextUsers: 520 });
});

test("a number of users below the plan's minimum, below what is used, or that is none is refused beside the field", async () => {
  const id = await bought();
  const users = async (text: string) => (await refusal(ask(id, { deed: "users", users: text })));
  expect(await users("499")).toMatchObject({ code: "invalid", fields: { users: "MME is bought for at least 500 users." } });
  expect(await users("many")).toMatchObject({ code: "invalid", fields: { users: "Write a whole number in digits, such as 600." } });
  expect(await users("600")).toMatchObject({ code: "invalid", fields: { users: "That is today’s number." } });
  await w.sql("insert into hosted_vault (msp_id, vault_id, subscription_id, pop, devices, expires_at) select $1::uuid, lpad(n::text, 6, '0'), $2::uuid, 'http://127.0.0.1:1', 0, '2027-07-01' from generate_series(1, 580) n", [mspId, id]);
  expect(await users("550")).toMatchObject({ code: "usage_over", fields: { users: "At least 579, as long as so many have a vault." } });
  await ask(id, { deed: "users", users: "579" });
  expect((await facts(id)).line).toMatchObject({ users: 600, nextUsers: 579 });
});
