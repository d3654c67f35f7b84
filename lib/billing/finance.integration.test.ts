/** What finance reads, against a real database: the reference portfolio to the cent, in pages and in sheets. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { parseCsv } from "../client/csv.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { readCalendar } from "./calendar.ts";
import { readInvoices, splitByClient } from "./invoices.ts";
import { clientMoney } from "./client-money.ts";
import { allLines, readLedger } from "./ledger.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { readClientClocks, readClocks } from "./running.ts";
import { invoiceSheet, ledgerSheet } from "./sheet.ts";
import { referencePortfolio, seedPortfolio, type Seeded, type SeededSubscription } from "./testing/portfolio.ts";

let t: TestDatabase;
const today = "2026-11-21";
const clock = { now: () => new Date(`${today}T12:00:00Z`) };
const someone = (mspId: string, right: string): Actor => personActor({ mspId, personId: crypto.randomUUID(), name: "Petronel Vass", rights: [right] });
const cents = (text: string | undefined) => Math.round(Number(text) * 100);

async function world(name: string, portfolio?: readonly Seeded[]): Promise<{ finance: Actor; owner: Actor; made: SeededSubscription[] }> {
  const mspId = await t.msp(name);
  const made = await t.asAdmin((admin) => seedPortfolio(admin, { mspId, today, portfolio: portfolio ?? referencePortfolio(today) }));
  return { finance: someone(mspId, "finance"), owner: someone(mspId, "owner"), made };
}

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());

describe("the reference portfolio", () => {
  test("is USD 22,450 for fifty Team subscriptions by invoice, USD 49 for Pro by card, USD 22,499 together, on the page", async () => {
    const { finance } = await world("Reference");
    const { totals, groups, counts } = await readLedger(finance, {}, clock, t.db);
    expect(totals).toMatchObject([{ currency: "USD", count: 51, list: 2_249_900 }]);
    const of = (collection: string) => groups.filter((group) => group.collection === collection);
    expect([of("invoice").reduce((sum, { count }) => sum + count, 0), of("invoice").reduce((sum, { list }) => sum + list, 0)]).toEqual([50, 2_245_000]);
    expect(of("card")).toMatchObject([{ plan: "pro", count: 1, list: 4_900 }]);
    expect(counts).toMatchObject({ all: 51, full: 2 });
  });
  test("is the same in the sheet, and locked at list it is charged so, to the cent", async () => {
    const { finance } = await world("Sheet", referencePortfolio(today, { locks: "list" }));
    const parsed = parseCsv(ledgerSheet(await allLines(finance, {}, clock, t.db)));
    const [head, ...rows] = (parsed.ok ? parsed.rows : []) as [string[], ...string[][]];
    const at = (name: string) => head.indexOf(name);
    const sum = (name: string, by?: string) => rows.filter((row) => by === undefined || row[at("By")] === by).reduce((total, row) => total + cents(row[at(name)]), 0);
    expect([rows.length, sum("List a year"), sum("Locked a year"), sum("List a year", "invoice, Net 60"), sum("List a year", "card")]).toEqual([51, 2_249_900, 2_249_900, 2_245_000, 4_900]);
    expect(new Set(rows.map((row) => row[at("Currency")]))).toEqual(new Set(["USD"]));
  });
});

describe("the ledger", () => {
  test("adds no currency to another, and says where a price is not published", async () => {
    const { finance } = await world("Currencies", [{ name: "A", plan: "team-10", started: "2026-06-10" }, { name: "B", plan: "team-10", started: "2026-06-10", currency: "CHF", amount: 23_000 }, { name: "C", plan: "team-100", started: "2026-06-10", interval: "month" }]);
    const { totals, lines } = await readLedger(finance, { sort: "name" }, clock, t.db);
    expect(totals.map(({ currency, count, locked }) => [currency, count, locked])).toEqual([["CHF", 1, 23_000], ["USD", 2, 24_900 + 12 * 14_900]]);
    expect(lines.map(({ name, list }) => [name, list])).toEqual([["A", 24_900], ["B", null], ["C", 12 * 14_900]]);
  });
  test("counts as saved what each list asked on the day of each charge, not what today's asks", async () => {
    const listOf = (id: string, usd: number): PriceList => ({ ...priceLists[0]!, id, published: id, prices: { ...priceLists[0]!.prices, "team-10": { annual: { USD: usd }, monthly: null } } });
    const lists = [listOf("2024-01-01", 19_900), listOf("2025-06-01", 21_900), listOf("2026-06-01", 24_900)];
    const { finance } = await world("Saved", [{ name: "A", plan: "team-10", started: "2024-03-15", amount: 19_900 }]);
    const { lines } = await readLedger(finance, {}, clock, t.db, lists);
    // Charged in March 2024, 2025 and 2026: nothing, nothing, and 20.00 less than the list of June 2025.
    expect(lines[0]).toMatchObject({ locked: 19_900, list: 24_900, saved: 2_000, since: "2024-03-15", renewsOn: "2027-03-15" });
  });
  test("is ordered and cut by the database, and a page past the end is the first", async () => {
    const { finance } = await world("Pages", Array.from({ length: 120 }, (_, index) => ({ name: `Client ${String(index).padStart(3, "0")}`, plan: "team-10" as const, started: "2026-06-10", amount: 10_000 + index })));
    const first = await readLedger(finance, { sort: "locked", direction: "down" }, clock, t.db);
    expect([first.lines.length, first.pages, first.lines[0]!.locked]).toEqual([100, 2, 10_119]);
    expect((await readLedger(finance, { sort: "locked", direction: "down", page: 2 }, clock, t.db)).lines.at(-1)!.locked).toBe(10_000);
    expect(await readLedger(finance, { page: 9 }, clock, t.db)).toMatchObject({ page: 1, matching: 120 });
    expect((await readLedger(finance, { q: "client 11" }, clock, t.db)).matching).toBe(10);
  });
  test("a client's own page has its own line of it and no other, with what it saved; one that pays itself has none", async () => {
    const { finance, made } = await world("One client", [{ name: "A", plan: "team-10", started: "2024-06-10", amount: 19_900 }, { name: "B", plan: "team-25", started: "2026-06-10" }, { name: "Theirs", plan: "team-10", started: "2025-08-30", own: true }]);
    const { lines } = await readLedger(finance, { sort: "name" }, clock, t.db);
    const [a, , theirs] = made;
    expect(await clientMoney(finance, a!.clientId!, clock, t.db)).toEqual([lines[0]]);
    expect(await clientMoney(finance, theirs!.clientId!, clock, t.db)).toEqual([]);
    expect(await clientMoney((await world("Somebody else", [])).finance, a!.clientId!, clock, t.db)).toEqual([]);
    for (const right of ["technician", "auditor"]) await expect(clientMoney(someone(finance.mspId, right), a!.clientId!, clock, t.db)).rejects.toThrow("forbidden");
  });
  test("leaves out what a client pays itself, but not its clock, which shows no amount", async () => {
    const { finance } = await world("Own payers", [{ name: "Ours", plan: "team-10", started: "2026-06-10" }, { name: "Theirs", plan: "team-10", started: "2025-08-30", own: true, pastDue: 22 }]);
    expect((await readLedger(finance, {}, clock, t.db)).lines.map(({ name }) => name)).toEqual(["Ours"]);
    expect((await readInvoices(finance, {}, clock, t.db)).rows.map(({ name }) => name)).toEqual(["Ours"]);
    expect(await readClocks(finance, clock, t.db)).toMatchObject([{ name: "Theirs", owed: null, clock: { kind: "invoice", daysLeft: 15 } }]);
  });
});

describe("invoices", () => {
  test("split by client and line add up to the cent, and formulas in names stay text while figures stay figures", async () => {
    const { finance, made } = await world("Split", [{ name: "=Sum Analytics", plan: "team-10", started: "2026-06-10" }, { name: "Acme, \"Dental\"", plan: "team-25", started: "2026-07-01" }]);
    await t.asAdmin(async (admin) => {
      const { rows: [invoice] } = await admin.query<{ invoice_id: string }>("select invoice_id from invoice where msp_id = $1 and subscription_id = $2", [finance.mspId, made[0]!.subscriptionId]);
      await admin.query("insert into invoice_line (msp_id, invoice_id, line, description, quantity, amount, tax, proration, period_start, period_end) values ($1, $2, 1, '@credit for unused time', 1, -1234, -247, true, '2026-06-10', '2026-07-10')", [finance.mspId, invoice!.invoice_id]);
      await admin.query("update invoice set net = net - 1234, tax = tax - 247, total = total - 1481 where invoice_id = $1", [invoice!.invoice_id]);
    });
    const lines = await splitByClient(finance, {}, clock, t.db);
    for (const own of Map.groupBy(lines, ({ id }) => id).values()) {
      expect([own.reduce((sum, { lineNet }) => sum + lineNet, 0), own.reduce((sum, { lineTax }) => sum + lineTax, 0)]).toEqual([own[0]!.net, own[0]!.tax]);
    }
    const csv = invoiceSheet(lines);
    expect(csv).toContain("\"'=Sum Analytics\"");
    expect(csv).toContain("\"'@credit for unused time\"");
    expect(csv).toContain(",-12.34,-2.47,-14.81,USD,");
    expect(csv).toContain('"Acme, ""Dental"""');
    const parsed = parseCsv(csv);
    expect(parsed.ok && new Set(parsed.rows.map((row) => row.length))).toEqual(new Set([19]));
  });
  test("are found by state, month, number and client, and every renewal is compared with its lock", async () => {
    const { finance } = await world("Found");
    const all = await readInvoices(finance, {}, clock, t.db);
    expect(all.compared).toEqual({ count: all.counts.all - 51, differing: 0 });
    expect((await readInvoices(finance, { show: "past-due" }, clock, t.db)).rows).toMatchObject([{ name: "Wexcombe Grain", pastDue: 22, remaining: 21_900 }]);
    expect(all.owed).toEqual([{ currency: "USD", open: 21_900, pastDue: 21_900 }]);
    const month = all.months[3]!;
    expect((await readInvoices(finance, { month }, clock, t.db)).rows.every(({ issuedOn }) => issuedOn.startsWith(month))).toBe(true);
    expect((await readInvoices(finance, { q: "wexcombe" }, clock, t.db)).rows.every(({ name }) => name === "Wexcombe Grain")).toBe(true);
    await t.asAdmin((admin) => admin.query("update invoice set lock_net = lock_net + 1 where msp_id = $1 and number = $2", [finance.mspId, all.rows.find(({ lockNet }) => lockNet !== null)!.number]));
    expect((await readInvoices(finance, {}, clock, t.db)).compared.differing).toBe(1);
  });
});

describe("the calendar", () => {
  test("charges each subscription at its lock once in the twelve months ahead, and months in every month", async () => {
    const { finance } = await world("Calendar", [{ name: "A", plan: "team-10", started: "2024-12-03", amount: 19_900 }, { name: "B", plan: "team-100", started: "2026-06-30", interval: "month" }, { name: "C", plan: "team-10", started: "2025-02-02", cancelled: 3 }]);
    const { days, ahead, spent } = await readCalendar(finance, clock, t.db);
    expect(days[0]).toMatchObject({ on: "2026-11-30", locked: 14_900, names: ["B"] });
    expect(days.filter(({ names }) => names.includes("A"))).toMatchObject([{ on: "2026-12-03", locked: 19_900, list: 24_900 }]);
    // The 30th is the 28th in February and comes back in March.
    expect(days.filter(({ names }) => names.includes("B")).map(({ on }) => on).slice(2, 6)).toEqual(["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]);
    expect(days.some(({ names }) => names.includes("C"))).toBe(false);
    expect(ahead).toHaveLength(12);
    expect([ahead[0], ahead[1]!.charged]).toMatchObject([{ month: "2026-11", charged: 14_900 }, 14_900 + 19_900]);
    expect(spent.map(({ month }) => month)).toEqual(["2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]);
    expect(spent[0]).toEqual({ month: "2025-12", currency: "USD", charged: 19_900, list: 19_900 });
  });
});

describe("who may", () => {
  test("technicians and auditors read nothing of money; another MSP's is not seen", async () => {
    const { finance, owner } = await world("Mine");
    for (const right of ["technician", "auditor"]) {
      const actor = someone(finance.mspId, right);
      for (const reading of [readLedger(actor, {}, clock, t.db), readInvoices(actor, {}, clock, t.db), readCalendar(actor, clock, t.db), readClocks(actor, clock, t.db), splitByClient(actor, {}, clock, t.db), allLines(actor, {}, clock, t.db)]) await expect(reading).rejects.toThrow("forbidden");
    }
    expect((await readLedger(owner, {}, clock, t.db)).matching).toBe(51);
    expect((await readLedger(someone(await t.msp("Another"), "finance"), {}, clock, t.db)).matching).toBe(0);
  });
  test("an auditor sees that a client's vault will be deleted, and not what is owed", async () => {
    const { finance, made } = await world("Auditor's");
    const wexcombe = made.find(({ name }) => name === "Wexcombe Grain")!.clientId!;
    expect(await readClientClocks(someone(finance.mspId, "auditor"), wexcombe, clock, t.db)).toMatchObject([{ owed: null, clock: { deletedOn: "2026-12-06" } }]);
    expect(await readClientClocks(someone(finance.mspId, "owner"), wexcombe, clock, t.db)).toMatchObject([{ owed: { minor: 21_900, currency: "USD" } }]);
  });
});
