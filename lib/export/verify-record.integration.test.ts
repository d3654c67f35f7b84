/** The proof of one record, written by a console and judged without it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { chainRecords } from "../audit/chain-records.ts";
import { recordProof } from "../audit/proof.ts";
import { proofBegins, writeProof } from "../audit/proof-file.ts";
import { publishedKey } from "../audit/published-key.ts";
import { write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { personActor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { keyFrom, verifyRecord } from "./verify-record.ts";

let t: TestDatabase;
let auditor: Actor;
let folder: string;
const files: string[] = [];
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  folder = await mkdtemp(join(tmpdir(), "clavitor-proof-"));
  const mspId = await t.msp("Quillmoor IT");
  auditor = personActor({ mspId, personId: "0197e0c4-0000-7000-8000-000000000001", name: "Anil Mehta", rights: ["auditor"] });
  for (let i = 0; i < 7; i += 1) await write(actorOf(mspId), (tx) => record(tx, { action: "plan.withdrawn", fields: { title: `plan ${i} \u2028 "ü" نور` } }), t.db);
  await chainRecords(mspId, t.db);
  const { rows } = await t.asAdmin((admin) => admin.query<{ id: string }>("select record_id as id from record_leaf where msp_id = $1 order by position", [mspId]));
  for (const { id } of rows) files.push(writeProof((await recordProof(auditor, id, t.db))!));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await t.close();
});

const changed = (file: string, change: (proof: Record<string, unknown>) => object) => `${JSON.stringify(change(JSON.parse(file) as Record<string, unknown>), null, 2)}\n`;

describe("the proof of a record of ours", () => {
  test("holds for each of them, with the published key in both its forms, and says whose and what it is", async () => {
    const { public_key: key, verifier_key: verifier } = await publishedKey(t.db);
    expect(keyFrom(verifier)).toBe(key);
    expect(files).toHaveLength(7);
    for (const [position, file] of files.entries()) {
      expect(file.startsWith(proofBegins)).toBe(true);
      expect(await verifyRecord(file, { key })).toMatchObject({ ok: true, faults: [], proof: { position, size: 7, key }, record: { action: "plan.withdrawn", msp: auditor.mspId }, origin: `localhost:3999/records/${auditor.mspId}` });
    }
  });
  test("a change of any one bit is found", async () => {
    const file = Buffer.from(files[4]!);
    const missed: number[] = [];
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const other = Buffer.from(file);
      other[bit >> 3]! ^= 1 << (bit & 7);
      if ((await verifyRecord(other.toString("utf8"))).ok) missed.push(bit);
    }
    expect(missed).toEqual([]);
  }, 60_000);
  test("another record, another place, another path, another checkpoint and another key are each named", async () => {
    const [one, two] = files as [string, string];
    const other = JSON.parse(two) as { record: string; note: string; path: string[] };
    const faults = async (change: (proof: Record<string, unknown>) => object, key?: string) => (await verifyRecord(changed(one, change), key === undefined ? {} : { key })).faults.join(" ");
    expect(await faults((proof) => ({ ...proof, record: other.record }))).toContain("not at its position");
    expect(await faults((proof) => ({ ...proof, position: 3 }))).toContain("not at its position");
    expect(await faults((proof) => ({ ...proof, path: other.path.toReversed() }))).toContain("not at its position");
    expect(await faults((proof) => ({ ...proof, size: 6 }))).toContain("over 7 records, the proof over 6");
    expect(await faults((proof) => ({ ...proof, key: "A".repeat(43) }))).toContain("not signed with the key");
    expect(await faults((proof) => proof, "A".repeat(43))).toContain("another key than the one given");
    expect(await faults((proof) => ({ ...proof, more: 1 }))).toContain("not the proof of a record");
    // Of another organisation, properly signed by the same installation.
    const mspId = await t.msp("Harbour Systems");
    await write(actorOf(mspId), (tx) => record(tx, { action: "plan.withdrawn", fields: { title: "x" } }), t.db);
    await chainRecords(mspId, t.db);
    const { rows: [theirs] } = await t.asAdmin((admin) => admin.query<{ note: string }>("select note from checkpoint where msp_id = $1", [mspId]));
    expect(await faults((proof) => ({ ...proof, size: 1, position: 0, path: [], note: theirs!.note }))).toContain("another organisation");
  });
  test("is judged by the same command as an export, which ends with 0 or 1", async () => {
    const run = (file: string, ...more: string[]) => promisify(execFile)(process.execPath, ["lib/export/verify-command.ts", file, ...more]).then(({ stdout }) => ({ code: 0, stdout }), (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }));
    const [good, bad] = [join(folder, "good.json"), join(folder, "bad.json")];
    await writeFile(good, files[2]!);
    await writeFile(bad, files[2]!.replace("plan 2", "plan 9"));
    const { verifier_key: verifier } = await publishedKey(t.db);
    expect(await run(good)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^It holds: record 2 of 7 under the signed root\.\n[\s\S]*Whose key that is, this program cannot know/) });
    expect((await run(good, "--key", verifier)).stdout).not.toContain("cannot know");
    expect(await run(bad, "--key", verifier)).toMatchObject({ code: 1, stdout: expect.stringContaining("not at its position") });
    expect((await run(good, "--key", "nonsense")).code).toBe(2);
  }, 30_000);
});
