/** Another currency, another interval: what takes a subscription's place at its end, taking that back, and what must not happen meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "../identity/actor.ts";
import { readCalendar } from "./calendar.ts";
import { claimVault } from "./capacity.ts";
import { change } from "./change.ts";
import { upgrade } from "./change-plan.ts";
import { carryOutDue } from "./intent.ts";
import { lapse } from "./lapse.ts";
import { readLedger } from "./ledger.ts";
import { mirrorOwn } from "./mirror.ts";
import { changeCurrency, changeInterval, changePayer } from "./move.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { ledgerSheet } from "./sheet.ts";
import { renewAgain, stop } from "./stop.ts";
import { subscribe } from "./subscribe.ts";
import { readSubscription } from "./subscription.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const base = priceLists[0]!;
/** MME by the month too, and in euros: a tenth of the year without its cents, as the published months are. */
const list: PriceList = { ...base, prices: Object.fromEntries(Object.entries(base.prices).map(([plan, { annual, monthly }]) => [plan, { annual: { ...annual, EUR: Math.round(annual.USD! * 0.9) }, monthly: monthly ?? { USD: Math.floor(annual.USD! / 1_000) * 100 } }])) as unknown as PriceList["prices"] };

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld({ lists: [list] })));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

type Row = { subscription_id: string; state: string; ended_because: string | null; currency: string; interval: string; amount: string; renews: boolean; version: number; follows: string | null; period_end: Date; hosted: number; locks: number };
const sql = <T extends object>(text: string, values: unknown[]) => w.sql<T>(text, values);
const rows = () => sql<Row>("select s.*, (select count(*)::int from hosted_vault h where h.subscription_id = s.subscription_id) as hosted, (select count(*)::int from price_lock k where k.subscription_id = s.subscription_id and k.ended_at is null) as locks from subscription s where msp_id = $1 order by created_at", [mspId]);
const version = async (id: string) => (await rows()).find((row) => row.subscription_id === id)!.version;
const asking = async (subscriptionId: string) => ({ subscriptionId, version: await version(subscriptionId) });
const code = (given: Promise<unknown>) => given.then(() => "done", (error: unknown) => (error as { failure?: { code: string } }).failure?.code ?? String(error));
const invoices = (id: string) => sql<{ reason: string; net: string; lock_net: string | null; currency: string }>("select reason, net, lock_net, currency from invoice where subscription_id = $1 order by created_at", [id]);
let vaults = 0;

async function bought({ pays = true } = {}): Promise<string> {
  const { subscriptionId } = await subscribe(ruth, { client: await w.client(mspId, "Alder"), label: "", plan: "mme", currency: "USD", interval: "year", users: 500, trial: false }, w.deps);
  await claimVault(mspId, { subscriptionId, vaultId: `vlt${String(++vaults).padStart(3, "0")}`, pop: "http://127.0.0.1:1", devices: 0 }, w.t.db);
  if (pays) {
    const [{ page_url: page }] = (await sql<{ page_url: string }>("select page_url from invoice where subscription_id = $1", [subscriptionId])) as [{ page_url: string }];
    await fetch(page.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
    await mirrorOwn(ruth, subscriptionId, w.deps);
  }
  return subscriptionId;
}

const overYear = async () => {
  w.travel("2027-07-01T11:30:00Z");
  for (const { subscription_id: id } of await rows()) await mirrorOwn(ruth, id, w.deps);
};

describe("payment by the month in place of the year", () => {
  test("begins when the year is over, at today's price, which locks with its charge; nothing is charged before, and the vault lives on", async () => {
    const id = await bought();
    await changeInterval(ruth, { ...(await asking(id)), interval: "month" }, w.deps);
    const [held, next] = await rows();
    expect(held).toMatchObject({ renews: false, state: "active", locks: 1, hosted: 1 });
    expect(next).toMatchObject({ state: "trialing", interval: "month", currency: "USD", amount: "300", follows: id, locks: 0, hosted: 0, period_end: held!.period_end });
    expect((await invoices(next!.subscription_id)).map(({ net }) => net)).toEqual(["0"]);
    expect((await sql("select 1 from subscription where msp_id = $1 and stop_asked_at is not null", [mspId])), "no deletion clock").toEqual([]);
    await overYear();
    const [old, now] = await rows();
    expect(old).toMatchObject({ state: "ended", ended_because: "interval", locks: 0, hosted: 0 });
    expect(now).toMatchObject({ state: "active", hosted: 1 });
    expect((await invoices(now!.subscription_id)).at(-1)).toMatchObject({ net: "150000", lock_net: "150000" });
    expect(await sql("select expires_at > $2 as alive from hosted_vault where msp_id = $1", [mspId, w.now()])).toEqual([{ alive: true }]);
    expect(await sql("select 1 from billing_alarm where msp_id = $1", [mspId])).toEqual([]);
  });

  test("is counted once in ledger and calendar while it waits, and its page says what comes", async () => {
    const id = await bought();
    await change(ruth, { deed: "interval", subscription: id, version: await version(id), interval: "month" }, { plan: "mme", users: 500 }, w.deps);
    const { counts, totals, lines } = await readLedger(ruth, {}, w.deps.clock, w.t.db, [list]);
    expect(lines).toMatchObject([{ id, renews: false, goesOn: { currency: "USD", interval: "month" } }]);
    expect(ledgerSheet(lines)).toContain('"no, goes on in USD, monthly"');
    expect([counts.all, totals]).toMatchObject([1, [{ count: 1, locked: 1_800_000 }]]);
    w.travel("2026-08-10T09:00:00Z");
    const { ahead } = await readCalendar(ruth, w.deps.clock, w.t.db, [list]);
    expect(ahead.reduce((sum, { charged }) => sum + charged, 0), "the first month, and no second year").toBe(150_000);
    expect(await readSubscription(ruth, id, w.deps.clock, w.t.db, [list])).toMatchObject({ line: { renews: false }, follower: { interval: "month", currency: "USD", yearly: 1_800_000 }, clock: null });
  });
});

describe("while another takes its place", () => {
  test("it can be taken back: the lock stays, the other never begins, and the renewal is charged once", async () => {
    const id = await bought();
    await changeCurrency(ruth, { ...(await asking(id)), currency: "EUR" }, w.deps);
    await renewAgain(ruth, await asking(id), w.deps);
    const [held, next] = await rows();
    expect(held).toMatchObject({ renews: true, state: "active", locks: 1, hosted: 1 });
    expect(next).toMatchObject({ state: "ended", ended_because: "abandoned" });
    await overYear();
    expect((await invoices(id)).map(({ reason, net, lock_net: due }) => [reason, net, due])).toEqual([["first", "1800000", null], ["renewal", "1800000", "1800000"]]);
    expect((await invoices(next!.subscription_id)).every(({ net }) => net === "0")).toBe(true);
    // And it may be asked for again.
    expect(await code(changeInterval(ruth, { ...(await asking(id)), interval: "month" }, w.deps))).toBe("done");
  });

  test("nothing else changes either of the two", async () => {
    const id = await bought();
    await changeCurrency(ruth, { ...(await asking(id)), currency: "EUR" }, w.deps);
    const next = (await rows())[1]!.subscription_id;
    for (const one of [id, next]) {
      for (const deed of [
        async () => upgrade(ruth, { ...(await asking(one)), plan: "enterprise" }, w.deps), async () => changeInterval(ruth, { ...(await asking(one)), interval: "month" }, w.deps), async () => stop(ruth, { ...(await asking(one)), because: "cancelled" }, w.deps),
        async () => changePayer(ruth, { ...(await asking(one)), name: "Alder", email: "pay@alder.example", country: "GB" }, w.deps),
      ]) expect(await code(deed())).toBe("subscription_followed");
    }
    expect((await rows()).map(({ state }) => state)).toEqual(["active", "trialing"]);
  });

  test("what is not paid for takes the other with it: neither begins, and the vault is deleted", async () => {
    const id = await bought({ pays: false });
    await changeCurrency(ruth, { ...(await asking(id)), currency: "EUR" }, w.deps);
    const day = 86_400_000;
    for (const at of [91, 98, 99]) {
      w.travel(new Date(Date.parse("2026-07-01T10:00:00Z") + at * day));
      await mirrorOwn(ruth, id, w.deps);
      await w.t.asAdmin(async (admin) => {
        // Everybody was told in time, by a transport that took it.
        const { rows: [due] } = await admin.query<{ on: string }>("select to_char(open_due_at at time zone 'UTC', 'YYYY-MM-DD') as on from subscription where subscription_id = $1", [id]);
        const mailId = crypto.randomUUID();
        if (at === 91) {
          await admin.query("insert into mail (msp_id, id, template, to_address, to_name, subject, state, next_at, sealed_body, sent_at) values ($1, $2, 'deletion_clock', 'ruth@quillmoor.example', 'Ruth Okonjo', 'x', 'sent', null, null, $3)", [mspId, mailId, w.now()]);
          await admin.query("insert into clock_notice (msp_id, clock, step, to_address, to_name, mail_id, told_at) values ($1, $2, 'warning', 'ruth@quillmoor.example', 'Ruth Okonjo', $3, $4)", [mspId, `invoice ${id} ${due!.on}`, mailId, w.now()]);
        }
      });
      await lapse(mspId, w.deps);
    }
    expect((await rows()).map(({ state, ended_because: why }) => [state, why])).toEqual([["ended", "unpaid"], ["ended", "abandoned"]]);
    expect(await sql("select delete_since is not null as gone from hosted_vault where msp_id = $1", [mspId])).toEqual([{ gone: true }]);
  });

  test("a provider that acted and then answered 500 opens one that follows, not two", async () => {
    const id = await bought();
    w.sandbox.faults.add({ match: "POST /v1/subscriptions", answer: 500, after: true, times: 5 });
    expect((await changeInterval(ruth, { ...(await asking(id)), interval: "month" }, w.deps)).state).toBe("waiting");
    w.sandbox.faults.clear();
    await w.t.asAdmin((admin) => admin.query("update billing_intent set next_at = now() - interval '1 second', lease_until = null where state = 'begun'"));
    await carryOutDue(w.deps);
    const [, next] = await rows();
    expect([next!.state, [...w.sandbox.store.of("subscription").values()].filter(({ metadata }) => metadata.clavitor_subscription === next!.subscription_id).length]).toEqual(["trialing", 1]);
  });
});

describe("going on somewhere else", () => {
  test("is refused with a debt, without the right, without a published price, for what it is already, and for what ends", async () => {
    const id = await bought({ pays: false });
    const ask = async (actor: Actor = ruth) => ({ currency: await code(changeCurrency(actor, { ...(await asking(id)), currency: "EUR" }, w.deps)), interval: await code(changeInterval(actor, { ...(await asking(id)), interval: "month" }, w.deps)), payer: await code(changePayer(actor, { ...(await asking(id)), name: "Alder", email: "pay@alder.example", country: "GB" }, w.deps)) });
    expect(await ask({ ...ruth, rights: ["auditor"] })).toEqual({ currency: "forbidden", interval: "forbidden", payer: "forbidden" });
    expect(await code(changeCurrency(ruth, { ...(await asking(id)), currency: "GBP" }, w.deps))).toBe("price_unpublished");
    expect(await code(changeCurrency(ruth, { ...(await asking(id)), currency: "USD" }, w.deps))).toBe("moved_on");
    expect(await code(changeInterval(ruth, { ...(await asking(id)), interval: "year" }, w.deps))).toBe("moved_on");
    expect(await code(changeInterval(ruth, { subscriptionId: id, version: 99, interval: "month" }, w.deps))).toBe("moved_on");
    w.travel("2026-08-31T09:00:00Z");
    await mirrorOwn(ruth, id, w.deps);
    expect(await ask()).toEqual({ currency: "payment_owed", interval: "payment_owed", payer: "payment_owed" });
    expect(await rows()).toHaveLength(1);
  });

  test("says before that a card is missing where one would be charged", async () => {
    const { subscriptionId: id, checkoutUrl } = await subscribe(ruth, { client: null, label: "Own vault", plan: "pro", currency: "USD", interval: "year", users: 1, trial: false }, w.deps);
    await fetch(checkoutUrl!.replace("localhost", "127.0.0.1"), { method: "POST", body: new URLSearchParams({ number: "4242424242424242" }), redirect: "manual" });
    const there = [...w.sandbox.store.of("subscription").values()].find(({ metadata }) => metadata.clavitor_subscription === id)!;
    await sql("update subscription set stripe_subscription = $2 where subscription_id = $1", [id, there.id]);
    await mirrorOwn(ruth, id, w.deps);
    await changeCurrency(ruth, { ...(await asking(id)), currency: "EUR" }, w.deps);
    expect(await sql("select kind, subject from billing_alarm where msp_id = $1", [mspId])).toEqual([{ kind: "card_needed", subject: (await rows())[1]!.subscription_id }]);
  });
});
