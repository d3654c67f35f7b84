import { afterAll, beforeAll, expect, test } from "vitest";
import { upgrade } from "./change-plan.ts";
import { mirrorOwn } from "./mirror.ts";
import type { PlanId } from "./plan.ts";
import { priceLists, type Currency, type PriceList } from "./price-list.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const currencies: readonly Currency[] = ["USD", "EUR", "GBP", "CHF"];
/** Three lists, each dearer by odd amounts, in four currencies of different levels. */
const lists = [["2026-06", 1_000], ["2029-03", 1_137], ["2033-11", 1_483]].map(([id, per]): PriceList => ({
  id: id as string, published: `${id}-01`,
  prices: Object.fromEntries(Object.entries(priceLists[0]!.prices).map(([plan, { annual, monthly }]) => {
    const of = (usd: number) => Object.fromEntries(currencies.map((currency, at) => [currency, plan === "self-hosted" ? 0 : Math.floor((usd * (per as number) * (100 - 7 * at)) / 100_000)]));
    return [plan, { annual: of(annual.USD!), monthly: monthly && of(monthly.USD!) }];
  })) as unknown as PriceList["prices"],
}));
const listed = (at: Date, plan: PlanId, currency: Currency) => lists.findLast(({ published }) => new Date(published) <= at)!.prices[plan].annual[currency]!;

let w: BillingWorld;
beforeAll(async () => void (w = await billingWorld({ start: "2027-01-31T09:00:00Z", lists })));
afterAll(() => w?.close());

test("over ten years, three price lists and four currencies every renewal charges its lock to the cent, whatever is published meanwhile", async () => {
  const mspId = await w.t.msp("Quillmoor IT");
  const ruth = w.finance(mspId);
  /** What each must pay, kept by the test itself: the list of the day on which its plan was bought. */
  const ledger = new Map<string, { currency: Currency; amount: number; plan: PlanId }>();
  const buy = async (currency: Currency) => {
    const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, `In ${currency} since ${w.now().getUTCFullYear()}`), label: "", plan: "mme", currency, interval: "year", users: 1_000, trial: false }, w.deps);
    ledger.set(subscriptionId, { currency, plan: "mme", amount: listed(w.now(), "mme", currency) });
    return subscriptionId;
  };
  const pay = async () => {
    for (const invoice of w.sandbox.store.liveInvoices) if (invoice.status === "open") await fetch(invoice.hosted_invoice_url!.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  };
  for (const currency of currencies) await buy(currency);
  for (let year = 2027; year < 2037; year += 1) {
    await pay();
    if (year === 2030) await buy("CHF");
    if (year === 2034) {
      // In the middle of the year, under the third list, the first one moves up: it loses its old lock for the list of that day.
      const [id] = [...ledger.keys()];
      const { rows } = await w.t.asAdmin((admin) => admin.query("select version from subscription where subscription_id = $1", [id]));
      await upgrade(ruth, { subscriptionId: id!, version: rows[0].version, plan: "enterprise", users: 1_000 }, w.deps);
      ledger.set(id!, { currency: "USD", plan: "enterprise", amount: listed(w.now(), "enterprise", "USD") });
    }
    w.travel(`${year}-08-15T00:00:00Z`);
    w.travel(`${year + 1}-02-20T00:00:00Z`);
  }
  await pay();
  for (const id of ledger.keys()) await mirrorOwn(ruth, id, w.deps);
  const { rows } = await w.t.asAdmin((admin) => admin.query<{ subscription_id: string; net: string; lock_net: string; created_at: Date; currency: string; upgraded: Date | null }>(
    "select i.subscription_id, i.net, i.lock_net, i.created_at, i.currency, (select min(c.created_at) from invoice c where c.subscription_id = i.subscription_id and c.reason = 'change') as upgraded from invoice i where i.msp_id = $1 and i.reason = 'renewal' order by i.created_at", [mspId]));
  expect(rows).toHaveLength(4 * 10 + 7 - (w.now() < new Date("2037-01-31") ? 4 : 0));
  for (const { subscription_id: id, net, lock_net: lock, created_at: at, currency, upgraded } of rows) {
    const now = ledger.get(id)!;
    const due = upgraded && at < upgraded ? listed(new Date("2027-01-31T09:00:00Z"), "mme", "USD") : now.amount;
    expect([currency, net, lock], `${id} ${at.toISOString()}`).toEqual([now.currency, String(due * 1_000), String(due * 1_000)]);
  }
  const alarms = await w.t.asAdmin(async (admin) => (await admin.query("select * from billing_alarm where msp_id = $1", [mspId])).rows);
  expect(alarms).toEqual([]);
}, 120_000);
