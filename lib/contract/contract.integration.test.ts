/** Confidential terms against a real database and the real program. Each run draws its own; none is written down. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { readCalendar } from "../billing/calendar.ts";
import { readInvoices, splitByClient } from "../billing/invoices.ts";
import { allLines, readLedger } from "../billing/ledger.ts";
import { tellDue } from "../billing/notices.ts";
import { readClocks } from "../billing/running.ts";
import { invoiceSheet, ledgerSheet } from "../billing/sheet.ts";
import { referencePortfolio, seedPortfolio } from "../billing/testing/portfolio.ts";
import { compose } from "../mail/template.ts";
import { readOverview } from "../overview/load.ts";
import { personActor } from "../identity/actor.ts";
import { personRights } from "../identity/permission.ts";
import { readShares } from "./owed.ts";
import { endTerms, readTerms, setTerms } from "./terms.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());

const someone = (mspId: string, right: string) => personActor({ mspId, personId: crypto.randomUUID(), name: "Petronel Vass", rights: [right] });
const drawn = () => ({ basisPoints: randomInt(101, 10_000), from: "2026-01-01" });

test("only finance of that MSP reads the terms; owner, technician and auditor are refused, another MSP has none", async () => {
  const [quillmoor, fernhill] = [await t.msp("Quillmoor IT"), await t.msp("Fernhill Managed Services")];
  const terms = drawn();
  expect(await readTerms(someone(quillmoor, "finance"), t.db)).toBeNull();
  expect(await setTerms(quillmoor, terms, t.db)).toEqual({ organisation: "Quillmoor IT", replaced: false });
  expect(await readTerms(someone(quillmoor, "finance"), t.db)).toEqual(terms);
  for (const right of personRights.filter((one) => one !== "finance")) await expect(readTerms(someone(quillmoor, right), t.db), right).rejects.toThrow("forbidden");
  expect(await readTerms(someone(fernhill, "finance"), t.db)).toBeNull();
});

test("they lie sealed, and no record holds a word of them", async () => {
  const mspId = await t.msp("Sealed");
  const terms = drawn();
  await setTerms(mspId, terms, t.db);
  const again = await setTerms(mspId, drawn(), t.db);
  expect(again.replaced).toBe(true);
  const [held, records] = await t.asAdmin(async (admin) => [
    (await admin.query<{ all: string }>("select encode(sealed_terms, 'escape') as all from contract where msp_id = $1", [mspId])).rows,
    (await admin.query<{ action: string; fields: object }>("select action, fields from record where msp_id = $1 order by id", [mspId])).rows,
  ]);
  expect(held).toHaveLength(1);
  expect(held[0]!.all).not.toContain("basisPoints");
  expect(records).toEqual([{ action: "contract.set", fields: { replaced: false } }, { action: "contract.set", fields: { replaced: true } }]);
});

test("an envelope moved to another MSP does not open there", async () => {
  const [from, to] = [await t.msp("From"), await t.msp("To")];
  await setTerms(from, drawn(), t.db);
  await t.asAdmin((admin) => admin.query("insert into contract (msp_id, contract_id, sealed_terms) select $2, contract_id, sealed_terms from contract where msp_id = $1", [from, to]));
  await expect(readTerms(someone(to, "finance"), t.db)).rejects.toThrow("altered, or belongs to something else");
});

test("once ended, nothing is shown, and ending twice is refused", async () => {
  const mspId = await t.msp("Ended");
  await setTerms(mspId, drawn(), t.db);
  await endTerms(mspId, t.db);
  expect(await readTerms(someone(mspId, "finance"), t.db)).toBeNull();
  await expect(endTerms(mspId, t.db)).rejects.toThrow("not_found");
  await expect(setTerms(crypto.randomUUID(), drawn(), t.db)).rejects.toThrow("not_found");
});

test("no sheet, no mail, no record, no page of anybody else changes by a byte when terms are set", async () => {
  const today = "2026-11-21";
  const clock = { now: () => new Date(`${today}T12:00:00Z`) };
  const mspId = await t.msp("Scanned");
  const owner = someone(mspId, "owner");
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', $3, '{owner}')", [mspId, owner.id, `${owner.id}@quillmoor.example`]);
    await seedPortfolio(admin, { mspId, today, portfolio: referencePortfolio(today) });
  });
  const finance = someone(mspId, "finance");
  const text = (value: unknown) => JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? one.toString() : one));
  const seen = async () => [
    ledgerSheet(await allLines(finance, {}, clock, t.db)), invoiceSheet(await splitByClient(finance, {}, clock, t.db)),
    ...(await Promise.all([owner, finance, someone(mspId, "auditor")].map(async (actor) => text(await readOverview(actor, clock, t.db))))),
    ...(await Promise.all([readLedger(finance, {}, clock, t.db), readInvoices(finance, {}, clock, t.db), readCalendar(finance, clock, t.db), readClocks(owner, clock, t.db)])).map(text),
    ...Object.values(lockMail()),
  ];
  // The mail of a clock is composed of what the clock says; it is written here as the worker would.
  const lockMail = () => compose("deletion_clock", { organisation: "Scanned", name: "Wexcombe Grain", step: "First reminder", cause: "", ahead: "", owed: "USD 219.00", way: null, link: "http://localhost/" });
  const before = await seen();
  const terms = { ...drawn(), from: "2020-01-01" };
  await setTerms(mspId, terms, t.db);
  expect(await seen()).toEqual(before);
  const shares = await readShares(finance, t.db);
  expect(shares!.length).toBeGreaterThan(10);
  expect(shares!.every(({ paid, share }) => share > 0n && share <= paid)).toBe(true);
  for (const right of personRights.filter((one) => one !== "finance")) await expect(readShares(someone(mspId, right), t.db), right).rejects.toThrow("forbidden");
  await tellDue(clock, t.db);
  const kept = await t.asAdmin(async (admin) => (await admin.query<{ all: string }>("select coalesce(string_agg(r.action || r.fields::text, ' '), '') as all from record r where r.msp_id = $1", [mspId])).rows[0]!.all);
  for (const word of [(terms.basisPoints / 100).toFixed(2), `${terms.basisPoints}`, "basisPoints"]) expect(kept).not.toContain(`"${word}"`);
});

test("what follows from the terms is each payment's share, less what was credited", async () => {
  const mspId = await t.msp("Credited");
  await t.asAdmin((admin) => seedPortfolio(admin, { mspId, today: "2026-11-21", portfolio: [{ name: "A", plan: "team-10", started: "2026-06-10" }, { name: "Theirs", plan: "team-25", started: "2026-06-10", own: true }] }));
  const terms = { ...drawn(), from: "2026-06-01" };
  await setTerms(mspId, terms, t.db);
  const share = (minor: bigint) => (minor * BigInt(terms.basisPoints)) / 10_000n;
  const finance = someone(mspId, "finance");
  expect(await readShares(finance, t.db)).toEqual([{ month: "2026-07", currency: "USD", paid: 24_900n, share: share(24_900n) }]);
  await t.asAdmin((admin) => admin.query("insert into credit_note (msp_id, credit_note_id, invoice_id, stripe_credit_note, number, status, net, tax, total, currency, created_at) select msp_id, gen_random_uuid(), invoice_id, 'cn_' || invoice_id, 'CN-1', 'issued', 4900, 0, 4900, 'USD', '2026-07-25' from invoice where msp_id = $1 and account_id in (select account_id from billing_account where msp_id = $1 and payer = 'msp')", [mspId]));
  expect(await readShares(finance, t.db)).toEqual([{ month: "2026-07", currency: "USD", paid: 20_000n, share: share(24_900n) - share(4_900n) }]);
});

async function operator(args: readonly string[], typed: string) {
  const child = spawn(process.execPath, ["--conditions=react-server", "lib/contract/operator.ts", ...args], { env: process.env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(typed);
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => void child.on("exit", resolve))]);
  return { out, complaint, code };
}

test("the operator's prompt sets them and repeats nothing of what was typed", async () => {
  const mspId = await t.msp("Prompted");
  const { basisPoints, from } = drawn();
  const share = (basisPoints / 100).toFixed(2);
  const done = await operator(["contract", "set", mspId], `${share}\n${share}\n${from}\n`);
  expect(done).toMatchObject({ code: 0, out: "The terms of Prompted are set. Only its finance people see what follows from them.\n" });
  expect(done.out + done.complaint).not.toContain(share);
  expect(await readTerms(someone(mspId, "finance"), t.db)).toEqual({ basisPoints, from });
  const differs = await operator(["contract", "set", mspId], `${share}\n1\n${from}\n`);
  expect([differs.code, differs.complaint]).toEqual([1, expect.stringContaining("The two differ. Nothing was changed.")]);
  const left = await operator(["contract", "set", mspId], "");
  expect([left.code, left.complaint]).toEqual([1, expect.stringContaining("Nothing was changed")]);
  expect(await readTerms(someone(mspId, "finance"), t.db)).toEqual({ basisPoints, from });
});

test("terms on the command line are refused, and so is an organisation that is none", async () => {
  const mspId = await t.msp("Shell");
  expect(await operator(["contract", "set", mspId, `${randomInt(1, 100)}`], "")).toMatchObject({ code: 1, complaint: expect.stringContaining("never written behind the command") });
  expect(await operator(["contract", "set", "quillmoor"], "")).toMatchObject({ code: 1, complaint: expect.stringContaining("named by its id") });
  expect(await operator(["contract", "end", crypto.randomUUID()], "")).toMatchObject({ code: 1, complaint: expect.stringContaining("no such organisation") });
});
