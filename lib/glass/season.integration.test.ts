/** What a client's own page counts out of its vault's log, over events as rows of a test's database. */
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { seedClients } from "../client/testing/seed-clients.ts";
import { uuid7 } from "../id.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { previewGlass } from "./show.ts";
import type { GlassSeason } from "./statement.ts";
import { forgetWords } from "./vault-words.ts";

const now = new Date("2026-11-20T14:00:00Z");
const day = 86_400_000;
const at = (days: number) => new Date(now.getTime() - days * day);
const unix = (days: number) => at(days).getTime() / 1_000;
type Made = { uid: string | null; agent?: number; days: number; action?: string; outcome?: string; stream?: string; branch?: number; seq?: number };

let t: TestDatabase;
let mspId: string;
let owner: Actor;
let clients: Awaited<ReturnType<typeof seedClients>>;
let sarah: string;
let theirs: string;
let blind: string;
const sql = async (text: string, values: unknown[]) => (await t.asAdmin((admin) => admin.query(text, values))).rows as Record<string, string>[];
const vault = () => ({ clientId: clients[0]!.clientId, ref: clients[0]!.vaults[0]!.ref });

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  mspId = await t.msp("Quillmoor IT");
  const personId = randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, 'Ines Halloran', 'ines@quillmoor.example', '{owner}')", [mspId, personId]);
    clients = await seedClients(admin, { mspId, personId, now });
  });
  owner = personActor({ mspId, personId, name: "Ines Halloran", rights: ["owner"] });
  const uidOf = async (name: string) => (await sql("select uid from known_agent where vault_ref = $1 and name = $2", [vault().ref, name]))[0]!.uid!;
  [sarah, theirs, blind] = [await uidOf("Sarah Lindqvist"), await uidOf("Deploy CI"), await uidOf("Quillmoor IT")];
});
beforeEach(async () => {
  forgetWords();
  for (const table of ["audit_event", "audit_stream", "audit_finding", "audit_agent"]) await sql(`delete from ${table} where msp_id = $1`, [mspId]);
});
afterAll(() => t.close());

let next = 1;
const event = ({ uid, agent = 4_000, days, action = "entry.read", outcome = "success", stream = "primary", branch = 0, seq = next++ }: Made) => sql(
  `insert into audit_event (msp_id, received_at, event_id, at, skewed, vault_ref, client_id, stream, epoch, branch, seq, vault_at, actor_kind, agent_id, agent_uid, action, outcome, detail_hash, prev, hash)
   values ($1, $2, $3, $2, false, $4, $5, $6, 1, $7, $8::bigint, 0, 'human', $9, $10, $11, $12, sha256('d'), sha256('p'), $13)`,
  [mspId, at(days), uuid7(at(days).getTime()), vault().ref, vault().clientId, stream, branch, seq, agent, uid, action, outcome, createHash("sha256").update(String(seq)).digest()],
);
const log = (until: number | null, { first = 1, from = null }: { first?: number; from?: number | null } = {}) => sql("insert into audit_stream (msp_id, vault_ref, stream, vault_key, first_seq, from_at, complete_until) values ($1, $2, 'primary', 'k', $3, $4, $5)", [mspId, vault().ref, first, from === null ? null : at(from), until === null ? null : at(until)]);
const season = async (): Promise<GlassSeason> => (await previewGlass(owner, vault().clientId, async () => ({ trouble: "silent" }), { clock: { now: () => now }, db: t.db })).statement.vaults[0]!.season;

test("our people's openings, codes and refusals are counted, each once, and nobody else's", async () => {
  await log(0);
  await event({ uid: sarah, days: 1 });
  await event({ uid: sarah, days: 2, stream: "backup" });
  await event({ uid: sarah, days: 3, action: "totp.read" });
  await event({ uid: sarah, days: 4, outcome: "denied" });
  await event({ uid: sarah, days: 5, action: "entries.list" });
  for (const uid of [theirs, blind, null]) for (const outcome of ["success", "denied"]) await event({ uid, days: 6, outcome });
  // Told again after a new connect.
  await event({ uid: sarah, days: 7, seq: 900 });
  await event({ uid: sarah, days: 7, seq: 900, branch: 1 });
  expect(await season()).toEqual({ log: { from: unix(90), until: unix(0), opened: 3, codes: 1, refused: 1 }, changes: 0, removed: 0 });
});

test("nothing is counted beyond what is known whole, at either end", async () => {
  await log(2, { first: 40, from: 10 });
  for (const days of [1, 2, 5, 10, 11, 89, 91]) await event({ uid: sarah, days });
  expect((await season()).log).toEqual({ from: unix(10), until: unix(2), opened: 3, codes: 0, refused: 0 });
});

test("a person who is gone is counted, and a row that the client took over up to then", async () => {
  await log(0);
  const [gone, taken] = ["gone-uid", "taken-uid"];
  for (const [place, uid] of [gone, taken].entries()) await sql("insert into audit_agent (msp_id, vault_ref, agent_id, uid, name) values ($1, $2, $3, $4, 'John Meier')", [mspId, vault().ref, 70 + place, uid]);
  await sql("insert into drift (msp_id, drift_id, vault_ref, uid, kind, before, after, seen_at) values ($1, $2, $3, $4, 'removed', '{}', null, $5)", [mspId, uuid7(), vault().ref, gone, at(3)]);
  await sql("insert into drift (msp_id, drift_id, vault_ref, uid, kind, before, after, seen_at) values ($1, $2, $3, $4, 'altered', '{}', '{\"own\":true}', $5)", [mspId, uuid7(), vault().ref, taken, at(3)]);
  await event({ uid: gone, agent: 70, days: 4 });
  await event({ uid: null, agent: 70, days: 5 });
  await event({ uid: taken, agent: 71, days: 4 });
  await event({ uid: taken, agent: 71, days: 2 });
  expect((await season()).log).toMatchObject({ opened: 3 });
});

test("where the log is not known, was altered, or ends before the season, nothing is said of it", async () => {
  await event({ uid: sarah, days: 1 });
  expect((await season()).log).toBeNull();
  await log(null);
  expect((await season()).log).toBeNull();
  await sql("update audit_stream set complete_until = $2 where msp_id = $1", [mspId, at(91)]);
  expect((await season()).log).toBeNull();
  await sql("update audit_stream set complete_until = $2 where msp_id = $1", [mspId, at(0)]);
  expect((await season()).log).toMatchObject({ opened: 1 });
  await sql("insert into audit_finding (msp_id, finding_id, vault_ref, stream, epoch, seq, seq_to, kind, severity, words) values ($1, $2, $3, 'primary', 1, 12, 12, 'hash', 'tampering', 'Altered.')", [mspId, uuid7(), vault().ref]);
  expect((await season()).log).toBeNull();
});
