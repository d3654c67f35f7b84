/** Our own records as a signed tree: what is chained stays what it was, or is found. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { write } from "../db/tenant.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { ownerOf } from "../known/testing/connected.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { chainRecords } from "./chain-records.ts";
import { auditRecords, checkRecords } from "./check-records.ts";
import { keyNameOf, openCheckpoint } from "./checkpoint.ts";
import { recordProof } from "./proof.ts";
import { verifyInclusion } from "./tree.ts";

let t: TestDatabase;
let admin: pg.Client;
let mspId: string;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  admin = new pg.Client({ connectionString: t.urls.admin });
  await admin.connect();
});
beforeEach(async () => void (mspId = await t.msp(`Quillmoor ${randomUUID().slice(0, 4)}`)));
afterAll(async () => {
  await admin.end();
  await t.close();
});

const say = async (count: number, target?: { kind: "client"; id: string }) => {
  const actor = ownerOf(mspId, randomUUID());
  for (let i = 0; i < count; i++) await write(actor, (tx) => record(tx, { action: "organisation.renamed", ...(target && { target }), fields: { from: `${i}`, to: "ü \u2028 \"" } }), t.db);
};
const findings = async () => (await admin.query<{ kind: string; seq: string; seq_to: string }>("select kind, seq, seq_to from audit_finding where msp_id = $1 order by finding_id", [mspId])).rows.map(({ kind, seq, seq_to: to }) => `${kind} ${seq}${seq === to ? "" : `-${to}`}`);
const size = async () => Number((await admin.query("select max(size) as size from checkpoint where msp_id = $1", [mspId])).rows[0].size);
/** As somebody with the administrator's rights, past every key between tables. */
const tamper = async (sql: string, ...values: unknown[]) => {
  await admin.query("set session_replication_role = replica");
  try {
    await admin.query(sql, values);
  } finally {
    await admin.query("set session_replication_role = origin");
  }
};

test("every record is chained once, in whatever pieces, and the signed root is opened with the published key", async () => {
  await say(3);
  expect(await chainRecords(mspId, t.db)).toBe(3);
  expect(await chainRecords(mspId, t.db)).toBe(0);
  await say(10);
  await Promise.all([chainRecords(mspId, t.db), chainRecords(mspId, t.db)]);
  expect(await size()).toBe(13);
  expect((await admin.query("select count(*)::int as n, count(distinct record_id)::int as d from record_leaf where msp_id = $1", [mspId])).rows[0]).toEqual({ n: 13, d: 13 });
  const key = await checkpointKey(t.db);
  const { note, root } = (await admin.query<{ note: string; root: Buffer }>("select note, root from checkpoint where msp_id = $1 and size = 13", [mspId])).rows[0]!;
  const opened = await openCheckpoint(note, { name: keyNameOf("http://localhost:3999"), publicKey: fromB64u(key.publicKey) });
  expect(opened).toMatchObject({ origin: `localhost:3999/records/${mspId}`, size: 13 });
  expect(Buffer.from(opened!.root).equals(root)).toBe(true);
  expect(await openCheckpoint(note.replace("\n13\n", "\n14\n"), { name: keyNameOf("http://localhost:3999"), publicKey: fromB64u(key.publicKey) })).toBeNull();
  expect(await checkRecords(mspId, t.db)).toEqual({ size: 13, findings: [] });
});

test("a record is proven against the signed root, and nothing else is", async () => {
  await say(11);
  await chainRecords(mspId, t.db);
  await say(6);
  await chainRecords(mspId, t.db);
  const owner = ownerOf(mspId, randomUUID());
  const ids = (await admin.query<{ id: string }>("select record_id as id from record_leaf where msp_id = $1 order by position", [mspId])).rows;
  for (const [position, { id }] of ids.entries()) {
    const proof = await recordProof(owner, id, t.db);
    expect(proof).toMatchObject({ position, size: 17 });
    const given = { leaf: fromB64u(proof!.leaf), position, size: 17, path: proof!.path.map((one) => fromB64u(one)), root: fromB64u(proof!.root) };
    expect(verifyInclusion(given)).toBe(true);
    expect(verifyInclusion({ ...given, position: (position + 1) % 17 })).toBe(false);
    expect(verifyInclusion({ ...given, leaf: given.leaf.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) })).toBe(false);
  }
  const other = await t.msp("Other");
  expect(await recordProof(ownerOf(other, randomUUID()), ids[0]!.id, t.db)).toBeNull();
});

test("a record that is changed, taken away or slipped in, and a chain that is cut or signed by another, are each found at their position", async () => {
  await say(8);
  await chainRecords(mspId, t.db);
  const at = async (position: number) => (await admin.query<{ id: string }>("select record_id as id from record_leaf where msp_id = $1 and position = $2", [mspId, position])).rows[0]!.id;
  await tamper("update record set fields = '{\"from\": \"x\", \"to\": \"y\"}' where msp_id = $1 and id = $2", mspId, await at(2));
  await tamper("delete from record where msp_id = $1 and id = $2", mspId, await at(5));
  await auditRecords(mspId, t.db);
  expect(await findings()).toEqual(["record_changed 2", "record_missing 5"]);
  // Slipped in with an earlier time, past the chain.
  await tamper("insert into record (msp_id, id, at, actor_kind, actor_id, actor_name, action) values ($1, gen_random_uuid(), now() - interval '1 day', 'person', 'x', 'Mallory', 'organisation.renamed')", mspId);
  await chainRecords(mspId, t.db);
  await auditRecords(mspId, t.db);
  expect((await findings()).at(-1)).toMatch(/^record_unchained \d+$/);
  // The tree made anew over the altered records: the roots that were signed stay what they were.
  const before = await size();
  await tamper("update record_leaf set nodes = set_byte(nodes, 0, get_byte(nodes, 0) # 1) where msp_id = $1 and position = 0", mspId);
  const { findings: found } = await checkRecords(mspId, t.db);
  expect(found.map(({ kind }) => kind)).toContain("checkpoint");
  await tamper("delete from record_leaf where msp_id = $1 and position >= 4", mspId);
  expect((await checkRecords(mspId, t.db)).findings.some(({ kind, words }) => kind === "record_missing" && words.includes(`covers ${before} records; 4 are left`))).toBe(true);
  await tamper("update checkpoint set note = replace(note, '— ', '— x') where msp_id = $1", mspId);
  expect((await checkRecords(mspId, t.db)).findings.some(({ words }) => words.includes("covers"))).toBe(true);
});

test("whoever runs can neither alter nor delete records, leaves, checkpoints or events", async () => {
  for (const table of ["record", "record_leaf", "checkpoint", "audit_event"]) {
    for (const role of ["none", "clavitor_observe"]) {
      await t.asApp(async (app) => {
        await app.query(`select set_config('app.msp_id', $1, false), set_config('role', $2, false)`, [mspId, role]);
        await expect(app.query(`delete from ${table}`)).rejects.toThrow(/permission denied/);
        await expect(app.query(`update ${table} set msp_id = msp_id`)).rejects.toThrow(/permission denied/);
      });
    }
  }
});
