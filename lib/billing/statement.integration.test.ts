/** The monthly statement over a portfolio that buys, pays, is credited, refunded and voided at the sandbox; and the door to its portal. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseCsv } from "../client/csv.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { changePayer } from "./move.ts";
import { mirrorOwn } from "./mirror.ts";
import { openPortal, payingAccounts } from "./portal.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { creditInvoice } from "./refund.ts";
import { statementSheet } from "./sheet.ts";
import { monthAsked, monthsBack, readStatement } from "./statement.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

const base = priceLists[0]!;
const inEuro: PriceList = { ...base, prices: Object.fromEntries(Object.entries(base.prices).map(([plan, { annual, monthly }]) => [plan, { annual: { ...annual, EUR: annual.USD! }, monthly }])) as unknown as PriceList["prices"] };

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

beforeAll(async () => void (w = await billingWorld({ lists: [inEuro] })));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

type Kept = { invoiceId: string; pageUrl: string | null; status: string; remaining: bigint; version: number; stripeInvoice: string };
const sql = <T extends object>(text: string, values: unknown[]) => w.sql<T>(text, values);
const kept = async (id: string) => (await sql<Kept>('select i.invoice_id as "invoiceId", i.page_url as "pageUrl", i.status, i.stripe_invoice as "stripeInvoice", s.version from invoice i join subscription s using (msp_id, subscription_id) where i.subscription_id = $1 order by i.created_at', [id]))[0]!;
const buy = async (name: string, currency: "USD" | "EUR" = "USD") => (await subscribe(ruth, { client: await w.client(mspId, name), label: "", plan: "mme", currency, interval: "year", users: 500, trial: false }, w.deps)).subscriptionId;
const pay = async (id: string) => {
  await fetch((await kept(id)).pageUrl!.replace("localhost", "127.0.0.1"), { method: "POST", redirect: "manual" });
  await mirrorOwn(ruth, id, w.deps);
};
const credit = async (id: string, amount: number) => {
  const { invoiceId, version } = await kept(id);
  return creditInvoice(ruth, { subscriptionId: id, version, invoice: invoiceId, amount, words: "Goodwill" }, w.deps);
};
const read = (month?: string, actor = ruth) => readStatement(actor, month, { clock: w.deps.clock, db: w.t.db });

describe("a monthly statement", () => {
  test("goes from opening to closing to the cent, each month from where the last one ended, and what is open is what the invoices say", async () => {
    const [a, b, c, d] = [await buy("Alder"), await buy("Birch"), await buy("Cedar"), await buy("Dogwood")];
    w.travel("2026-07-31T23:59:58Z");
    await pay(a);
    const july = await read("2026-07");
    w.travel("2026-08-10T09:00:00Z");
    await credit(a, 100_001);
    await credit(b, 300_000);
    w.travel("2026-08-20T09:00:00Z");
    const { pageUrl, stripeInvoice } = await kept(c);
    await fetch(`http://127.0.0.1:${new URL(pageUrl!).port}/v1/invoices/${stripeInvoice}/void`, { method: "POST", headers: { authorization: "Bearer sk_test_console" } });
    await mirrorOwn(ruth, c, w.deps);
    w.travel("2026-09-02T09:00:00Z");
    await pay(b);
    const [inJuly, inAugust, inSeptember] = [await read("2026-07"), await read("2026-08"), await read("2026-09")];
    expect(inJuly.sections, "a month that is over never changes").toEqual(july.sections);
    expect(inJuly.sections).toMatchObject([{ currency: "USD", opening: 0, sums: { invoice: 7_200_000, payment: -1_800_000, credit: 0, refund: 0, closed: 0 }, closing: 5_400_000 }]);
    expect(inAugust.sections).toMatchObject([{ opening: 5_400_000, sums: { invoice: 0, payment: 0, credit: -400_001, refund: 100_001, closed: -1_800_000 }, closing: 3_300_000 }]);
    expect(inSeptember.sections).toMatchObject([{ opening: 3_300_000, sums: { payment: -1_500_000 }, closing: 1_800_000 }]);
    expect(inAugust.sections[0]!.open.map(({ name, amount, dueOn }) => [name, amount, dueOn])).toEqual([["Birch", 1_500_000, "2026-08-30"], ["Dogwood", 1_800_000, "2026-08-30"]]);
    for (const { sections: [section] } of [inJuly, inAugust, inSeptember]) {
      expect(section!.moves.reduce((sum, { amount }) => sum + amount, section!.opening)).toBe(section!.closing);
      expect(section!.moves.at(-1)!.balance).toBe(section!.closing);
      expect(section!.open.reduce((sum, { amount }) => sum + amount, 0)).toBe(section!.closing);
    }
    const [{ owed }] = (await sql<{ owed: string }>("select sum(remaining) as owed from invoice where msp_id = $1 and status = 'open'", [mspId])) as [{ owed: string }];
    expect(inSeptember.sections[0]!.closing).toBe(Number(owed));
    expect([inSeptember.over, inSeptember.day, inAugust.over, inAugust.day, inSeptember.months]).toEqual([false, "2026-09-02", true, "2026-08-31", ["2026-09", "2026-08", "2026-07"]]);
    expect(d).toBeTruthy();
  });

  test("adds no currency to another, and holds nothing that a client pays itself", async () => {
    const [own, moved] = [await buy("Alder"), await buy("Birch")];
    await buy("Cedar", "EUR");
    await pay(moved);
    const { version } = await kept(moved);
    await changePayer(ruth, { subscriptionId: moved, version, name: "Birch Ltd", email: "pay@birch.example", country: "GB" }, w.deps);
    const { sections } = await read("2026-07");
    expect(sections.map(({ currency, closing }) => [currency, closing])).toEqual([["EUR", 1_800_000], ["USD", 1_800_000]]);
    // What was paid before the move was the MSP's to pay.
    expect(sections[1]!.moves.map(({ name, kind }) => `${name} ${kind}`).toSorted((one, other) => one.localeCompare(other))).toEqual(["Alder invoice", "Birch invoice", "Birch payment"]);
    expect(JSON.stringify(sections)).not.toContain("Birch Ltd");
    expect(own).toBeTruthy();
  });

  test("as a sheet says the same, and adds up from its opening to its closing", async () => {
    const [a, b] = [await buy("=Sum Analytics"), await buy("Birch")];
    await pay(a);
    await credit(b, 1_234);
    const parsed = parseCsv(statementSheet(await read("2026-07")));
    const [head, ...rows] = (parsed.ok ? parsed.rows : []) as [string[], ...string[][]];
    const cells = (name: string) => rows.map((row) => row[head.indexOf(name)]!);
    const cents = cells("Amount").map((text) => Math.round(Number(text) * 100));
    expect([cells("What")[0], cells("What").slice(1, -1).toSorted((x, y) => x.localeCompare(y)), cells("What").at(-1)]).toEqual(["Opening", ["Credit note", "Invoice", "Invoice", "Payment"], "Closing"]);
    expect(cents.reduce((sum, one) => sum + one, 0)).toBe(Math.round(Number(cells("Balance").at(-1)) * 100));
    expect(cells("Balance").at(-1)).toBe("17987.66");
    expect(cells("Client")).toContain("'=Sum Analytics");
  });

  test("is for owners and finance, and another organisation's is not seen", async () => {
    await buy("Alder");
    for (const right of ["technician", "auditor"]) await expect(read("2026-07", { ...ruth, rights: [right] } as Actor)).rejects.toMatchObject({ failure: { code: "forbidden" } });
    expect((await read("2026-07", w.finance(await w.t.msp("Fernhill")))).sections).toEqual([]);
  });

  test("of a month that has not begun, or is none, is this month's", () => {
    for (const asked of [undefined, "", "2026-13", "2026-12", "1999-01", "2026-11-01", "x".repeat(300)]) expect(monthAsked(asked, "2026-11-21")).toBe("2026-11");
    expect(monthAsked("2026-02", "2026-11-21")).toBe("2026-02");
    expect(monthsBack("2026-01-31", "2026-03-31")).toEqual(["2026-03", "2026-02", "2026-01"]);
  });
});

describe("payment details", () => {
  const open = (actor: Actor, account: string) => openPortal(actor, { account }, { payments: () => w.deps.payments, db: w.t.db });
  const used = () => w.sandbox.store.get("billing_portal.configuration", [...w.sandbox.store.of("billing_portal.session").values()].at(-1)!.configuration).features;
  const mine = async () => (await payingAccounts(ruth, w.t.db))[0]!.id;

  test("open on the provider's page, in which no plan is switched and nothing cancelled, and leave a record", async () => {
    await buy("Alder");
    const opened = await open(ruth, await mine());
    const page = await (await fetch(opened.url.replace("localhost", "127.0.0.1"))).text();
    expect(page).toContain("Use this card");
    expect(page).not.toMatch(/<button>(Cancel|Change)/);
    expect(used()).toMatchObject({ subscription_update: { enabled: false }, subscription_cancel: { enabled: false }, customer_update: { enabled: false }, payment_method_update: { enabled: true } });
    expect(await sql("select count(*)::int as n from record where msp_id = $1 and action = 'billing_account.portal_opened'", [mspId])).toEqual([{ n: 1 }]);
  });

  test("use no portal that somebody opened for plans by hand", async () => {
    await buy("Alder");
    const id = await mine();
    await open(ruth, id);
    for (const { features } of w.sandbox.store.of("billing_portal.configuration").values()) features.subscription_update.enabled = true;
    await open(ruth, id);
    expect(used().subscription_update.enabled).toBe(false);
  });

  test("are refused without the right, for another's account, before anything was bought, where nothing is set up, and while nobody answers", async () => {
    await buy("Alder");
    const id = await mine();
    const code = (given: Promise<unknown>) => given.then(() => "opened", (error: unknown) => (error as Refusal).failure.code);
    expect(await code(open({ ...ruth, rights: ["auditor"] }, id))).toBe("forbidden");
    expect(await code(open(w.finance(await w.t.msp("Fernhill")), id))).toBe("not_found");
    expect(await code(openPortal(ruth, { account: id }, { payments: () => { throw new Refusal("payments_not_set_up"); }, db: w.t.db }))).toBe("portal_not_set_up");
    await sql("update billing_account set stripe_customer = 'cus_' || left(account_id::text, 8) || 'unknown' where account_id = $1", [id]);
    expect(await code(open(ruth, id)), "a customer that the provider does not know").toBe("portal_not_set_up");
    w.sandbox.faults.add({ match: "POST /v1/billing_portal/sessions", answer: 500, times: 5 });
    expect(await code(open(ruth, id))).toBe("portal_away");
    w.sandbox.faults.clear();
    await sql("update billing_account set stripe_customer = null where account_id = $1", [id]);
    expect([await code(open(ruth, id)), await payingAccounts(ruth, w.t.db)]).toEqual(["portal_not_set_up", []]);
    expect(await sql("select 1 from record where msp_id = $1 and action = 'billing_account.portal_opened'", [mspId])).toEqual([]);
  });
});
