/** Confidential terms against a real database and the real program. Each run draws its own; none is written down. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor } from "../identity/actor.ts";
import { personRights } from "../identity/permission.ts";
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
