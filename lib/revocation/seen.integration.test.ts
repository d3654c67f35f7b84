/** Rotation lists made of logs that were pulled: whole, in part, forked, restored, of two streams; held to seenIn. Long because each way a log can be incomplete is told. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Puller } from "../audit/puller.ts";
import { eventAfter, Telling } from "../audit/testing/telling.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { workerFor } from "../identity/actor.ts";
import { addPerson, ownerOf } from "../known/testing/connected.ts";
import { headMessage } from "../protocol/audit.ts";
import type { AuditEvent } from "../protocol/messages.ts";
import { signedMessage } from "../protocol/signed.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { sealVaultToken } from "../vault/open.ts";
import { MANAGER, openSignedVaults, type SignedVaults } from "../vault/testing/signed-vaults.ts";
import { rotationOf } from "./hand-out.ts";
import { listSeen } from "./seen-read.ts";
import { gapWords } from "./seen.ts";
import { seenIn } from "./testing/seen-in.ts";
import { watchRevocations } from "./watch.ts";

const leaver = 10;
const uid = "leaver-row";
let t: TestDatabase;
let net: Net;
let admin: pg.Client;
let mspId: string;
let personId: string;
let told: SignedVaults;
const tellings = Array.from({ length: 24 }, () => new Telling());
let taken = 0;
/** Events are told from here on, a second each. */
let begin: number;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  admin = new pg.Client({ connectionString: t.urls.admin });
  await admin.connect();
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  mspId = await t.msp("Quillmoor IT");
  personId = await addPerson(t, mspId, "Jim Okafor", ["owner"]);
  const says = tellings.map((log, i) => log.say(() => told, i));
  told = await openSignedVaults(tellings.length, { say: (vault, path) => says[vault]!(vault, path) });
});
beforeEach(async () => {
  begin = Date.now() - 3_600_000;
  await admin.query("update revocation set closed_at = now() - interval '9 days' where closed_at is null or closed_at > now() - interval '2 days'");
});
afterAll(async () => {
  await admin.end();
  await net.agent.destroy();
  await told.close();
  await t.close();
});

type Case = { vaultRef: string; revocationId: string; log: Telling; index: number };
/** A vault with a log to tell, and an open board with one row of it. */
async function aCase({ made = true } = {}): Promise<Case> {
  const index = taken++;
  const { vaultId, publicKey, token } = told.accounts[index]!;
  const [clientId, vaultRef, revocationId] = [randomUUID(), randomUUID(), randomUUID()];
  await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', 'team-10')", [mspId, clientId, `Client ${index}`]);
  await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, '{}', now(), now())",
    [mspId, vaultRef, clientId, `http://127.0.0.1:${told.port}/${vaultId}`, vaultId, publicKey, MANAGER.id, MANAGER.uid, Buffer.from(sealVaultToken({ mspId, vaultRef }, token))]);
  await admin.query("insert into audit_pull (msp_id, vault_ref) values ($1, $2)", [mspId, vaultRef]);
  await admin.query("insert into reading (msp_id, vault_ref, health, epoch, revision, read_at, features, kems, next_read_at, next_probe_at) values ($1, $2, 'ok', 1, 9, now(), '{}', '{}', '9999-01-01', '9999-01-01')", [mspId, vaultRef]);
  await admin.query("insert into audit_agent (msp_id, vault_ref, agent_id, uid, name) values ($1, $2, $3, $4, 'Jim Okafor')", [mspId, vaultRef, leaver, uid]);
  await admin.query("insert into revocation (msp_id, revocation_id, cause, person_id, name, opened_by) values ($1, $2, 'leaver', $3, 'Jim Okafor', $3)", [mspId, revocationId, personId]);
  await admin.query("insert into revocation_row (msp_id, revocation_id, vault_ref, uid, agent_id, name, scopes, all_access, own) values ($1, $2, $3, $4, $5, 'Jim Okafor', '0010', false, false)", [mspId, revocationId, vaultRef, uid, leaver]);
  const log = tellings[index]!;
  if (made) tell(log, ["made"]);
  return { vaultRef, revocationId, log, index };
}

type Told = "made" | `${"read" | "code" | "update" | "delete" | "other" | "denied"} ${string}` | "hidden read" | "hidden update";
/** One event each: by the leaver, or for changes and "other" by somebody else. */
function tell(log: Telling, what: readonly Told[], epoch?: number): void {
  for (const one of what) {
    const [verb, entry] = one.split(" ") as [string, string];
    const [hidden, act] = verb === "hidden" ? [true, entry] : [false, verb];
    const action = act === "made" ? "agent.create" : act === "code" ? "totp.read" : act === "update" ? "entry.update" : act === "delete" ? "entry.delete" : "entry.read";
    const target = act === "made" ? { kind: "agent" as const, id: uid } : { kind: "entry" as const, id: entry };
    log.add(1, { at: begin, action, outcome: act === "denied" ? "denied" : "success", actor: { agent_id: act === "update" || act === "delete" || act === "made" ? 1 : act === "other" ? 11 : leaver }, detail: { target, meta: act === "made" ? { agent: leaver } : {} } }, epoch);
    if (hidden) log.events.push({ ...log.events.pop()!, detail: null });
    begin += 1_000;
  }
}
const pull = async ({ vaultRef }: Case, hurried = false) => {
  if (!hurried) await admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = $1", [vaultRef]);
  const errors: unknown[] = [];
  await new Puller({ net, db: t.db, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } }).run();
  expect(errors).toEqual([]);
};
const watch = () => watchRevocations({ db: t.db, net });
const rotation = ({ revocationId }: Case) => rotationOf(ownerOf(mspId, personId), revocationId, { db: t.db });
const listed = async (one: Case) => (await admin.query("select entry, reads, first_at, last_at, changed_at, removed from revocation_seen where revocation_id = $1 order by entry", [one.revocationId])).rows.map((row: { entry: string; reads: number; first_at: Date; last_at: Date; changed_at: Date | null; removed: boolean }) => ({ entry: row.entry, reads: row.reads, firstAt: row.first_at.getTime(), lastAt: row.last_at.getTime(), changedAt: row.changed_at?.getTime() ?? null, removed: row.removed }));
/** "entry reads", with what became of it. */
const lines = async (one: Case) => (await listed(one)).map(({ entry, reads, changedAt, removed }) => `${entry} ${reads}${removed ? " removed" : changedAt === null ? "" : " changed"}`);
const words = async (one: Case) => (await rotation(one)).clients.flatMap(({ gaps }) => gaps);
const made = async (one: Case) => (await admin.query("select count(*)::int as n from record where target_id = $1 and action = 'revocation.seen_read'", [one.revocationId])).rows[0]!.n as number;
/** The primary signed that the token is gone. @param close whether that was the last of the board */
async function prove({ revocationId, vaultRef }: Case, { at = new Date(), close = true } = {}): Promise<void> {
  await admin.query("update revocation_row set absent_at = $2, absent_epoch = 1, absent_revision = 9, evidence = '{}' where revocation_id = $1 and vault_ref = $3", [revocationId, at, vaultRef]);
  if (close) await admin.query("update revocation set closed_at = $2 where revocation_id = $1", [revocationId, at]);
}

test("over any log, what the database lists is what seenIn says of the events", async () => {
  const one = await aCase();
  // A fixed order that looks like chance: every kind after every other, by several entries.
  const verbs = ["read", "update", "other", "code", "read", "delete", "denied", "hidden read", "read", "update", "hidden update", "code", "update", "read"] as const;
  tell(one.log, ["update a", "hidden update", ...Array.from({ length: 160 }, (_, i): Told => {
    const verb = verbs[(i * 5 + Math.floor(i / 9)) % verbs.length]!;
    return verb === "hidden read" || verb === "hidden update" ? verb : `${verb} ${"abcdefg"[(i * 3 + Math.floor(i / 11)) % 7]!}`;
  }), "read h", "delete h"]);
  await pull(one);
  await watch();
  const expected = seenIn(one.log.events, leaver);
  expect(expected.entries.length).toBeGreaterThan(5);
  expect([expected.hiddenReads > 3, expected.hiddenChanges > 3, expected.entries.some(({ removed }) => removed), expected.entries.some(({ changedAt }) => changedAt === null)]).toEqual([true, true, true, true]);
  expect(await listed(one)).toEqual(expected.entries.toSorted((a, b) => a.entry.localeCompare(b.entry)));
  expect(await words(one)).toEqual([gapWords(expected)]);
});

test("an entry that was changed and then read again is still to be rotated", async () => {
  const one = await aCase();
  tell(one.log, ["read a", "update a", "read a", "read b", "update b"]);
  await pull(one);
  await watch();
  expect(await lines(one)).toEqual(["a 2", "b 1 changed"]);
  expect(await rotation(one)).toMatchObject({ entries: 2, unchanged: 1, unread: [] });
});

test("a vault that is down has its list all the same, of what is held, and is not asked", async () => {
  const one = await aCase();
  tell(one.log, ["read a"]);
  await pull(one);
  const { asked } = one.log;
  one.log.instead = () => { throw new Error("it was asked"); };
  await admin.query("update reading set health = 'silent' where vault_ref = $1", [one.vaultRef]);
  await admin.query("update audit_pull set state = 'silent', failures = 3, next_at = now() + interval '10 minutes' where vault_ref = $1", [one.vaultRef]);
  expect((await watch()).awaited).toBe(0);
  expect(await lines(one)).toEqual(["a 1"]);
  expect(await words(one)).toEqual([]);
  expect(one.log.asked).toBe(asked);
});

test("a log that ends before the proof says so and is hurried; once it has passed the proof the list is made once more, and no more after that", async () => {
  const one = await aCase();
  tell(one.log, ["read a"]);
  await pull(one);
  expect((await watch()).awaited).toBe(0);
  expect(await made(one)).toBe(1);
  // Opened after the last pull and before the token was gone.
  tell(one.log, ["read b"]);
  await prove(one);
  await admin.query("update audit_pull set next_at = now() + interval '50 seconds' where vault_ref = $1", [one.vaultRef]);
  expect((await watch()).awaited).toBe(1);
  expect(await words(one)).toEqual([expect.stringMatching(/^Its log is known until 20.* UTC, and the token was proven gone after that: what was opened since is not listed yet\.$/)]);
  expect((await admin.query("select next_at <= now() as due from audit_pull where vault_ref = $1", [one.vaultRef])).rows).toEqual([{ due: true }]);
  expect(await lines(one)).toEqual(["a 1"]);
  await pull(one, true);
  expect((await watch()).awaited).toBe(0);
  expect(await lines(one)).toEqual(["a 1", "b 1"]);
  expect([await words(one), await made(one)]).toEqual([[], 2]);
  await pull(one);
  await watch();
  expect(await made(one)).toBe(2);
  expect((await t.db.$queryRaw<unknown[]>`select 1 from revocation_due() where revocation_id = ${one.revocationId}::uuid`)).toEqual([]);
});

test("a log whose last pull failed is hurried as well, since the proof shows that its vault answers, but not again for a minute; a day later nobody waits", async () => {
  const one = await aCase();
  tell(one.log, ["read a"]);
  await pull(one);
  await watch();
  await prove(one);
  const later = () => admin.query("update audit_pull set state = 'silent', failures = 4, next_at = now() + interval '10 minutes' where vault_ref = $1", [one.vaultRef]);
  // It came back a moment ago: its proof is here, and its last reading still says that it was silent.
  await admin.query("update reading set health = 'silent' where vault_ref = $1", [one.vaultRef]);
  await later();
  expect((await watch()).awaited).toBe(1);
  expect((await admin.query("select next_at <= now() as due from audit_pull where vault_ref = $1", [one.vaultRef])).rows).toEqual([{ due: true }]);
  await later();
  expect((await watch()).awaited).toBe(0);
  expect((await admin.query("select next_at <= now() as due from audit_pull where vault_ref = $1", [one.vaultRef])).rows).toEqual([{ due: false }]);
  await prove(one, { at: new Date(Date.now() - 26 * 3_600_000) });
  await admin.query("update revocation_row set seen_at = absent_at - interval '1 minute' where revocation_id = $1", [one.revocationId]);
  expect(await t.db.$queryRaw<unknown[]>`select 1 from revocation_due() where revocation_id = ${one.revocationId}::uuid`).toEqual([]);
  expect(await words(one)).toEqual([expect.stringMatching(/what was opened since is not listed\.$/)]);
});

test("a row that is proven on a board that stays open has its last list as well, and a clock that is ahead makes nobody wait for a moment that does not come", async () => {
  const one = await aCase();
  const open = await aCase();
  await admin.query("update revocation_row set revocation_id = $2 where revocation_id = $1", [open.revocationId, one.revocationId]);
  await admin.query("update audit_pull set next_at = now() + interval '1 day' where vault_ref = $1", [open.vaultRef]);
  tell(one.log, ["read a"]);
  await pull(one);
  await watch();
  await prove(one, { close: false });
  expect((await watch()).awaited).toBe(1);
  await pull(one);
  await watch();
  const nothing = "Nothing of its log has reached us yet: what was opened there is not known.";
  expect([await made(one), await words(one)]).toEqual([2, [nothing]]);
  await prove(one, { at: new Date(Date.now() + 86_400_000), close: false });
  expect((await watch()).awaited).toBe(0);
  // The end of the board is by our own clock.
  await admin.query("update revocation set closed_at = now() where revocation_id = $1", [one.revocationId]);
  await pull(one);
  await watch();
  expect([await made(one), await words(one)]).toEqual([3, [nothing]]);
});

test("nothing is listed and that is said where no log came, or the client gives none; a log that is far behind is listed as far as it is held, and again when it has caught up", async () => {
  const one = await aCase();
  await watch();
  expect(await rotation(one)).toMatchObject({ entries: 0, unread: [expect.stringMatching(/^Client/)], clients: [{ readAt: null, gaps: ["Nothing of its log has reached us yet: what was opened there is not known."] }] });
  await admin.query("update audit_pull set state = 'withheld' where vault_ref = $1", [one.vaultRef]);
  expect(await words(one)).toEqual(["The client gives us no log of this vault: what was opened there, only they can tell."]);
  begin = Date.now() - 3_600_000;
  tell(one.log, ["read a"]);
  await pull(one);
  await admin.query("update audit_stream set complete_until = null where vault_ref = $1", [one.vaultRef]);
  await watch();
  expect(await lines(one)).toEqual(["a 1"]);
  expect(await words(one)).toEqual([expect.stringMatching(/^Its log is known until .*, which is before this board was opened/)]);
  tell(one.log, ["read b"]);
  await pull(one);
  await watch();
  expect([await lines(one), await words(one), await made(one)]).toEqual([["a 1", "b 1"], [], 2]);
});

test("a gap since the token was made is said with its numbers; one from before it is not", async () => {
  const one = await aCase({ made: false });
  tell(one.log, ["other x", "other x", "made", "read a", "read b", "read c", "read d"]);
  one.log.events = one.log.events.filter(({ seq }) => seq !== 5 && seq !== 6);
  const before = await aCase({ made: false });
  tell(before.log, ["other x", "other x", "other x", "made", "read a"]);
  before.log.events = before.log.events.filter(({ seq }) => seq !== 2);
  await pull(one);
  await pull(before);
  await watch();
  expect([await lines(one), await words(one)]).toEqual([["a 1", "d 1"], ["Numbers are missing from its log (epoch 1, numbers 5 to 6): readings among them are not listed."]]);
  expect([await lines(before), await words(before)]).toEqual([["a 1"], []]);
});

test("an event that was altered is said; a log that is kept from some day on says from when, unless the token is younger", async () => {
  const one = await aCase({ made: false });
  tell(one.log, ["other x", "read a", "read b"]);
  one.log.events[1] = { ...one.log.events[1]!, at: one.log.events[1]!.at + 1 };
  await pull(one);
  await admin.query("delete from audit_event where vault_ref = $1 and seq = 1", [one.vaultRef]);
  await watch();
  expect(await words(one)).toEqual([expect.stringMatching(/^Its log is kept here from 20.* on, and the token may be older/), "Its log was tampered with (epoch 1, number 2): what was opened there may be missing here."]);
  const young = await aCase({ made: false });
  tell(young.log, ["other x", "made", "read a"]);
  await pull(young);
  await admin.query("delete from audit_event where vault_ref = $1 and seq = 1", [young.vaultRef]);
  await watch();
  expect([await lines(young), await words(young)]).toEqual([["a 1"], []]);
});

test("a restore takes changes back, and what was read stays read: the same numbers in another epoch are other events", async () => {
  const one = await aCase();
  tell(one.log, ["read a", "read b", "read d", "update a", "update b", "update d", "read c"]);
  await pull(one);
  // The copy is from before the changes: numbers 5 and on are told anew in epoch 2, in which only b is changed.
  one.log.events = one.log.events.filter(({ seq }) => seq <= 4);
  tell(one.log, ["read a", "update b"], 2);
  await pull(one);
  await watch();
  expect(await lines(one)).toEqual(["a 2", "b 1 changed", "c 1", "d 1"]);
  expect(await words(one)).toEqual([expect.stringMatching(/^It was restored from a copy, or its backup took over \(epoch 2, numbers 5 to 8\)/)]);
});

test("of two stories, readings of both are listed and changes only as they are told now; a log told again under another key is not counted twice", async () => {
  const one = await aCase();
  tell(one.log, ["read a", "read b", "update a"]);
  await pull(one);
  one.log.events = one.log.events.filter(({ seq }) => seq <= 3);
  tell(one.log, ["read c"]);
  await pull(one);
  await watch();
  expect(await lines(one)).toEqual(["a 1", "b 1", "c 1"]);
  expect(await words(one)).toEqual([expect.stringMatching(/^Its log tells two stories \(epoch 1, number 4\)/)]);
  const anew = await aCase();
  tell(anew.log, ["read a", "read a", "read b", "update b"]);
  await pull(anew);
  await admin.query("update audit_stream set vault_key = 'another' where vault_ref = $1", [anew.vaultRef]);
  await pull(anew);
  expect((await admin.query("select count(*)::int as n from audit_event where vault_ref = $1", [anew.vaultRef])).rows).toEqual([{ n: 10 }]);
  await watch();
  expect(await lines(anew)).toEqual(["a 2", "b 1 changed"]);
});

test("what a backup served by itself is listed once beside the primary's, and a change counts when it came after both", async () => {
  const one = await aCase();
  tell(one.log, ["read a", "read b", "update b"]);
  const between = begin;
  begin += 1_000;
  tell(one.log, ["update a", "read a", "update c"]);
  const own: AuditEvent[] = [];
  for (const [entry, at] of [["b", between], ["c", between]] as const) own.push(eventAfter(own.at(-1) ?? null, { at, actor: { agent_id: leaver }, detail: { target: { kind: "entry", id: entry } } }, 1, "backup"));
  one.log.instead = (path) => {
    const query = new URL(path, "http://x").searchParams;
    if (query.get("stream") !== "backup") return undefined;
    const { seq, hash, epoch } = own.at(-1)!;
    const head = { stream: "backup" as const, epoch, seq, hash, at: between };
    return { body: { events: own.filter((event) => event.seq > Number(query.get("after"))), head: { ...head, signature: told.sign(one.index, signedMessage("head", headMessage(head, `v${one.index}`))) }, first_seq: 1, more: false }, at: Date.now() };
  };
  await pull(one);
  await pull(one);
  await watch();
  expect(await lines(one)).toEqual(["a 2", "b 2", "c 1 changed"]);
  await prove(one);
  await pull(one);
  await watch();
  expect(await lines(one)).toEqual(["a 2", "b 2", "c 1 changed"]);
  expect(await words(one)).toEqual([expect.stringMatching(/^Its backup’s own log is known until .*: readings there after that are not listed\.$/)]);
});

test("another tenant sees nothing of it, and lists nothing by the same names", async () => {
  const one = await aCase();
  tell(one.log, ["read a"]);
  await pull(one);
  await watch();
  const other = await t.msp("Elsewhere IT");
  await expect(rotationOf(ownerOf(other, randomUUID()), one.revocationId, { db: t.db })).rejects.toThrow(Refusal);
  const found = await write(workerFor(other), async (tx) => {
    tx.replayed = true;
    return listSeen(tx, one.revocationId, [{ vaultRef: one.vaultRef, uid }]);
  }, t.db);
  expect(found).toEqual([expect.objectContaining({ entries: 0, hiddenReads: 0 })]);
  expect(await lines(one)).toEqual(["a 1"]);
});

test("two workers that look at once make one list, and a token's first readings are its own though it was made on the same page", async () => {
  const one = await aCase();
  await admin.query("delete from audit_agent where vault_ref = $1", [one.vaultRef]);
  tell(one.log, ["read a"]);
  await pull(one);
  await Promise.all([watch(), watch()]);
  expect([await lines(one), await made(one)]).toEqual([["a 1"], 1]);
});
