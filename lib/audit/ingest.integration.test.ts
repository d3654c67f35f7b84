/** Pulling the logs of real reference vaults, and of some that lie with a proper signature. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { connectMsp, registerVault, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { addConnected, addPerson, ownerOf, type ConnectedClient } from "../known/testing/connected.ts";
import { limits } from "../limits.ts";
import { sealVaultToken } from "../vault/open.ts";
import { MANAGER, openSignedVaults, type SignedVaults } from "../vault/testing/signed-vaults.ts";
import { headMessage } from "../protocol/audit.ts";
import { signedMessage } from "../protocol/signed.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { Puller } from "./puller.ts";
import { listAudit } from "./list.ts";
import { forgetOver, previewRetention, readRetention, retentionInput, setRetention } from "./retention.ts";
import { eventAfter, Telling } from "./testing/telling.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let quillmoor: string;
let admin: pg.Client;
const errors: unknown[] = [];

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  admin = new pg.Client({ connectionString: t.urls.admin });
  await admin.connect();
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  proxy = await FaultProxy.open({ target: world.listening });
  quillmoor = await t.msp("Quillmoor IT");
  tellings.push(...Array.from({ length: 40 }, () => new Telling()));
  const says = tellings.map((log, i) => log.say(() => told, i));
  told = await openSignedVaults(40, { say: (vault, path) => says[vault]!(vault, path) });
  await addPerson(t, quillmoor, "Tess Okafor");
});
afterEach(async () => {
  proxy.book.replace([]);
  await admin.query("update audit_pull set next_at = now() + interval '1 day', lease_until = null");
  if (errors.length > 0) throw new AggregateError(errors.splice(0), "the puller stumbled");
});
afterAll(async () => {
  await admin.end();
  await net.agent.destroy();
  await proxy.close();
  await told.close();
  await world.end();
  await t.close();
});

type Case = ConnectedClient & { owned: OwnedVault; msp: ConnectedMsp };
async function aClient(name: string, { through = world.listening, audit = "all" }: { through?: string; audit?: "all" | "own" } = {}): Promise<Case> {
  const owned = await registerVault(world, name);
  const msp = await connectMsp(owned, { grant: { ...WIDE, audit } });
  return { ...(await addConnected(t, quillmoor, { name, url: `${through}/${owned.owner.account.vaultId}`, msp })), owned, msp };
}
const puller = () => new Puller({ net, db: t.db, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } });
const pull = async (one: ConnectedClient) => {
  await admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = $1", [one.vaultRef]);
  await puller().run();
};
const rows = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> => (await admin.query(sql, values)).rows as T[];
const stateOf = async (one: ConnectedClient) => (await rows<{ state: string; words: string | null }>("select state, words from audit_pull where vault_ref = $1", one.vaultRef))[0];
const findingsOf = (one: ConnectedClient) => rows<{ kind: string; severity: string; seq: string; seq_to: string; words: string; branch: number; epoch: number; times: number }>("select kind, severity, seq, seq_to, words, branch, epoch, times from audit_finding where vault_ref = $1 order by finding_id", one.vaultRef);
const seqs = async (one: ConnectedClient, stream = "primary") => (await rows<{ seq: string; branch: number; epoch: number }>("select seq, branch, epoch from audit_event where vault_ref = $1 and stream = $2 order by branch, epoch, seq", one.vaultRef, stream)).map(({ seq }) => Number(seq));
const read = (one: Case, times = 1) => Promise.all(Array.from({ length: times }, () => one.owned.owner.get("/entries")));

/** Made-up vaults, each with a log of its own to tell. */
let told: SignedVaults;
const tellings: Telling[] = [];
let taken = 0;
async function aTeller(name: string): Promise<{ one: ConnectedClient; log: Telling }> {
  const index = taken++;
  const { vaultId, publicKey, token } = told.accounts[index]!;
  const [clientId, vaultRef] = [randomUUID(), randomUUID()];
  {
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', 'team-10')", [quillmoor, clientId, name]);
    await admin.query(
      `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, '{}', now(), now())`,
      [quillmoor, vaultRef, clientId, `http://127.0.0.1:${told.port}/${vaultId}`, vaultId, publicKey, MANAGER.id, MANAGER.uid, Buffer.from(sealVaultToken({ mspId: quillmoor, vaultRef }, token))]);
    await admin.query("insert into audit_pull (msp_id, vault_ref) values ($1, $2)", [quillmoor, vaultRef]);
  }
  return { one: { mspId: quillmoor, clientId, vaultRef }, log: tellings[index]! };
}
const chainOf = async (one: ConnectedClient) => (await rows<{ seq: string; branch: number; epoch: number; fault: string | null }>("select seq, branch, epoch, fault from audit_event where vault_ref = $1 order by received_at, event_id", one.vaultRef)).map(({ seq, branch, epoch, fault }) => `${epoch}.${branch}.${seq}${fault === null ? "" : ` ${fault}`}`);
const range = (prefix: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${prefix}.${from + i}`);
const kindsOf = async (one: ConnectedClient) => (await findingsOf(one)).map(({ kind, seq, seq_to: to, severity }) => `${kind} ${seq}${to === seq ? "" : `-${to}`}${severity === "notice" ? " (notice)" : ""}`);

describe("a vault's log", () => {
  test("is held whole, once, and complete until it was asked", async () => {
    const one = await aClient("Acme");
    const before = Date.now();
    await pull(one);
    const first = await seqs(one);
    expect(first.length).toBeGreaterThan(2);
    expect(first).toEqual(first.map((_, i) => i + 1));
    await read(one, 3);
    await pull(one);
    await pull(one);
    const second = await seqs(one);
    expect(second).toEqual(second.map((_, i) => i + 1));
    expect(second.length).toBeGreaterThanOrEqual(first.length + 3);
    expect(await findingsOf(one)).toEqual([]);
    expect(await stateOf(one)).toEqual({ state: "ok", words: null });
    const [stream] = await rows<{ complete_until: Date; events: string; seq: string }>("select complete_until, events, seq from audit_stream where vault_ref = $1 and stream = 'primary'", one.vaultRef);
    expect(stream!.complete_until.getTime()).toBeGreaterThanOrEqual(before);
    expect([Number(stream!.events), Number(stream!.seq)]).toEqual([second.length, second.length]);
  });
});

describe("a vault that lies", () => {
  test("an event that was changed after it was hashed is found at its number, kept, and what follows is held to the chain", async () => {
    const { one, log } = await aTeller("Changed");
    log.add(6);
    log.events[3] = { ...log.events[3]!, action: "agent.delete" };
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 3), "1.0.4 hash", "1.0.5", "1.0.6"]);
    expect(await kindsOf(one)).toEqual(["hash 4"]);
    await pull(one);
    expect(await kindsOf(one)).toEqual(["hash 4"]);
    expect(await rows("select action, fields->>'place' as place from record where target_id = $1", one.vaultRef)).toEqual([{ action: "audit.tampering", place: "epoch 1, number 4" }]);
  });

  test("a detail that was changed is found, and the chain holds; one that was masked or erased is no fault and is counted", async () => {
    const { one, log } = await aTeller("Detail");
    log.add(4);
    log.events[1] = { ...log.events[1]!, detail: { ...log.events[1]!.detail!, name: "Somebody else" } };
    log.events[2] = { ...log.events[2]!, detail: null };
    await pull(one);
    expect(await chainOf(one)).toEqual(["1.0.1", "1.0.2 detail", "1.0.3", "1.0.4"]);
    expect(await kindsOf(one)).toEqual(["detail 2"]);
    expect(await rows("select masked from audit_stream where vault_ref = $1", one.vaultRef)).toEqual([{ masked: "1" }]);
  });

  test("numbers left out are a gap with both ends, and said once however often it is pulled", async () => {
    const { one, log } = await aTeller("Gap");
    log.add(9);
    log.events.splice(3, 3);
    await pull(one);
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 3), "1.0.7 gap", "1.0.8", "1.0.9"]);
    expect(await kindsOf(one)).toEqual(["gap 4-6"]);
  });

  test("what a vault says that it does not keep any more is no gap, and is said", async () => {
    const { one, log } = await aTeller("Pruned");
    log.add(9);
    log.events.splice(0, 4);
    log.firstSeq = 5;
    await pull(one);
    expect(await chainOf(one)).toEqual(range("1.0", 5, 9));
    expect(await kindsOf(one)).toEqual(["pruned 1-4 (notice)"]);
  });

  test("an event put in between breaks the link after it", async () => {
    const { one, log } = await aTeller("Invented");
    log.add(5);
    const invented = eventAfter(log.events[1]!, { action: "agent.create" });
    log.events = [...log.events.slice(0, 2), invented, ...log.events.slice(3)];
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 3), "1.0.4 prev", "1.0.5"]);
    expect(await kindsOf(one)).toEqual(["prev 4"]);
  });

  test("a history rewritten after it was held is found at the first number that differs, and both stories are kept", async () => {
    const { one, log } = await aTeller("Rewritten");
    log.add(20);
    await pull(one);
    log.retell(13, 15);
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 20), ...range("1.1", 13, 27)]);
    expect(await kindsOf(one)).toEqual(["fork 13-20"]);
    expect((await stateOf(one))!.state).toBe("ok");
    log.add(2);
    await pull(one);
    expect((await chainOf(one)).slice(-2)).toEqual(["1.1.28", "1.1.29"]);
  });

  test("a log of the same length with another end is found as well", async () => {
    const { one, log } = await aTeller("Same length");
    log.add(8);
    await pull(one);
    log.retell(8, 1);
    await pull(one);
    expect(await kindsOf(one)).toEqual(["fork 8"]);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 8), "1.1.8"]);
  });

  test("a log that was cut is found with all that is gone from it; what it writes instead is kept beside it", async () => {
    const { one, log } = await aTeller("Cut");
    log.add(10);
    await pull(one);
    log.events.splice(6);
    await pull(one);
    expect(await kindsOf(one)).toEqual(["truncated 7-10"]);
    await pull(one);
    log.add(5);
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 10), ...range("1.1", 7, 11)]);
    expect(await kindsOf(one)).toEqual(["truncated 7-10"]);
    log.events = [];
    await pull(one);
    expect(await kindsOf(one)).toEqual(["truncated 7-10", "truncated 1-11"]);
  });

  test("an epoch that rises is a restore: what it took back is kept and said, and is no tampering", async () => {
    const { one, log } = await aTeller("Restored");
    log.add(12);
    await pull(one);
    log.events.splice(8);
    log.add(1, { action: "vault.restored" }, 2).add(6);
    await pull(one);
    expect(await chainOf(one)).toEqual([...range("1.0", 1, 12), ...range("2.0", 9, 15)]);
    expect(await kindsOf(one)).toEqual(["restored 9-12 (notice)"]);
    expect((await findingsOf(one))[0]).toMatchObject({ epoch: 2, times: 1, words: expect.stringContaining("Numbers 9 to 12 of epoch 1 were taken back") });
  });

  test("an epoch that falls without anything is tampering, and nothing of it is taken", async () => {
    const { one, log } = await aTeller("Fallen");
    log.add(3).add(3, {}, 2);
    await pull(one);
    const held = await chainOf(one);
    log.events.splice(3);
    log.add(9);
    await pull(one);
    expect(await chainOf(one)).toEqual(held);
    expect(await kindsOf(one)).toEqual(["restored 4 (notice)", "epoch 12"]);
    expect((await stateOf(one))!.state).toBe("broken");
  });

  test("a head that nobody signed, or that stands elsewhere than its events end, is found and nothing is complete", async () => {
    const { one, log } = await aTeller("Headless");
    log.add(3);
    log.head = { signature: "A".repeat(86) };
    await pull(one);
    expect(await chainOf(one)).toEqual([]);
    expect(await kindsOf(one)).toEqual(["head 3"]);
    log.head = { seq: 9 };
    await pull(one);
    expect(await chainOf(one)).toEqual(range("1.0", 1, 3));
    expect(await kindsOf(one)).toEqual(["head 3"]);
    expect(await rows("select complete_until from audit_stream where vault_ref = $1", one.vaultRef)).toEqual([{ complete_until: null }]);
    log.head = undefined;
    await pull(one);
    expect((await stateOf(one))!.state).toBe("ok");
  });

  test("answers that go back, of the other stream, or that never end, are refused and cost a turn", async () => {
    const { one, log } = await aTeller("Round");
    log.add(4);
    await pull(one);
    // The same event whatever is asked, and no head: what is left of the log is what it still shows.
    log.instead = (path) => (path.includes("backup") ? undefined : { body: { events: [log.events[1]], head: null, first_seq: 1, more: false } });
    await pull(one);
    expect(await kindsOf(one)).toEqual(["truncated 3-4", "order 2"]);
    log.instead = undefined;
    await pull(one);
    const turn = log.asked;
    log.instead = (path) => (path.includes("backup") ? undefined : { body: { events: [], head: head(log), first_seq: 1, more: true } });
    await pull(one);
    expect(log.asked - turn).toBeLessThan(6);
    expect((await stateOf(one))!.state).toBe("broken");
  });

  test("markup, control characters, formulas, right-to-left and huge fields are kept to the letter as hashed, and tamed where they are shown", async () => {
    const { one, log } = await aTeller("Ugly");
    const ugly = ["<script>alert(1)</script>", "=HYPERLINK(\"http://x\")", "\u202egnp.exe", "a\u0000b\u001fc\u001ed\r\n", "\u2066x", "🦊".repeat(400), "x".repeat(limits.auditDetailCharacters)];
    for (const name of ugly) log.add(1, { detail: { name, reason: name.slice(0, 200), ip: name.slice(0, 90), target: { kind: name.slice(0, 60), id: name.slice(0, 200) } } });
    await pull(one);
    const held = await rows<{ actor_name: string; reason: string; detail: string | null; fault: string | null }>("select actor_name, reason, ip, target_kind, target_id, detail, fault from audit_event where vault_ref = $1 order by seq", one.vaultRef);
    expect(held.length).toBe(ugly.length);
    for (const [i, row] of held.slice(0, -1).entries()) {
      expect(JSON.parse(row.detail!)).toMatchObject({ name: ugly[i] });
      // eslint-disable-next-line no-control-regex
      for (const text of Object.entries(row).filter(([name]) => name !== "detail").map(([, value]) => value ?? "")) expect(text).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
      expect([...row.actor_name].length).toBeLessThanOrEqual(120);
      expect(row.fault).toBeNull();
    }
    expect(held.at(-1)).toMatchObject({ detail: null, fault: "detail" });
    expect(await kindsOf(one)).toEqual([`detail ${ugly.length}`]);
  });

  test("a detail that has no canonical form is a fault, not an end: the rest is held", async () => {
    const { one, log } = await aTeller("Formless");
    log.add(4);
    log.events[1] = { ...log.events[1]!, detail: { ...log.events[1]!.detail!, name: "\ud800", meta: { half: 0.5 } } };
    await pull(one);
    expect(await chainOf(one)).toEqual(["1.0.1", "1.0.2 detail", "1.0.3", "1.0.4"]);
  });

  test("clocks years off are said, and what they date is listed by when it was received; order within the log stays", async () => {
    const { one, log } = await aTeller("Clock");
    log.add(2).add(3, { at: Date.UTC(2099, 0, 1) }).add(2).add(2, { at: 1_000 }).add(1);
    await pull(one);
    const held = await rows<{ seq: string; skewed: boolean; at: Date; received_at: Date }>("select seq, skewed, at, received_at from audit_event where vault_ref = $1 order by at, event_id", one.vaultRef);
    expect(held.map(({ seq }) => Number(seq))).toEqual([1, 2, 6, 7, 10, 3, 4, 5, 8, 9].toSorted((a, b) => held.findIndex((row) => Number(row.seq) === a) - held.findIndex((row) => Number(row.seq) === b)));
    expect(held.filter(({ skewed }) => skewed).map(({ seq }) => Number(seq)).toSorted((a, b) => a - b)).toEqual([3, 4, 5, 8, 9]);
    for (const { at, received_at: received } of held) expect(Math.abs(at.getTime() - received.getTime())).toBeLessThan(310_000);
    expect(await kindsOf(one)).toEqual(["skew 3-5 (notice)", "skew 8-9 (notice)"]);
    log.at = () => Date.now() - 3 * 86_400_000;
    await pull(one);
    expect((await findingsOf(one)).at(-1)).toMatchObject({ kind: "clock", words: "Its clock is 4320 minutes behind ours." });
  });

  test("numbers at the end of what JSON can say are refused or kept, and stop nobody", async () => {
    const { one, log } = await aTeller("Numbers");
    const { one: other, log: calm } = await aTeller("Calm");
    log.add(2, { at: Number.MAX_SAFE_INTEGER });
    log.add(1, {}, Number.MAX_SAFE_INTEGER);
    calm.add(2);
    await admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = any($1)", [[one.vaultRef, other.vaultRef]]);
    await puller().run();
    expect((await stateOf(one))!.state).toBe("broken");
    expect(await chainOf(other)).toEqual(["1.0.1", "1.0.2"]);
  });

  test("a vault in which everything is wrong is followed to a bound, and said to be", async () => {
    const { one, log } = await aTeller("All wrong");
    log.add(300);
    log.events = log.events.map((event, i) => (i % 2 === 0 ? { ...event, action: "agent.lock" as const } : event));
    await pull(one);
    expect((await chainOf(one)).filter((line) => line.endsWith("hash")).length).toBe(150);
    const found = await findingsOf(one);
    expect(found.length).toBeLessThanOrEqual(limits.auditFindingsAtOnce);
    expect(Number(found.at(-1)!.seq_to)).toBe(299);
    await admin.query("insert into audit_finding (msp_id, finding_id, vault_ref, stream, seq, seq_to, kind, severity, words) select $1, gen_random_uuid(), $2, 'primary', n, n, 'hash', 'tampering', 'x' from generate_series(10000, 10000 + $3::int) n", [quillmoor, one.vaultRef, limits.auditFindingsPerVault]);
    const turn = log.asked;
    await pull(one);
    expect(log.asked).toBe(turn);
    expect((await stateOf(one))!.words).toContain("not followed further");
  });

  test("a vault that tells another story each time is followed to a bound", async () => {
    const { one, log } = await aTeller("Stories");
    log.add(5);
    await pull(one);
    for (let i = 0; i <= limits.auditBranches + 2; i++) {
      log.retell(3, 3);
      await pull(one);
    }
    expect((await stateOf(one))!.words).toContain("different stories");
    expect((await rows<{ branch: number }>("select max(branch) as branch from audit_event where vault_ref = $1", one.vaultRef))[0]!.branch).toBe(limits.auditBranches);
  });
});

describe("receipts", () => {
  /** As settled; its plan and dispatch are no matter here, so the keys between tables are not asked. */
  const aReceipt = async (one: ConnectedClient, audit: { seq: number; hash: string }, epoch = 1) => {
    const receiptId = randomUUID();
    const answer = { receipt: { audit: { stream: "primary", ...audit }, results: [{}, {}] } };
    await admin.query("set session_replication_role = replica");
    await admin.query("insert into receipt (msp_id, receipt_id, dispatch_id, plan_id, vault_ref, answer, epoch, revision, applied_at) values ($1, $2, gen_random_uuid(), gen_random_uuid(), $3, $4, $5, 1, now())", [quillmoor, receiptId, one.vaultRef, JSON.stringify(answer), epoch]);
    await admin.query("set session_replication_role = origin");
    return receiptId;
  };
  const verdict = async (id: string) => (await rows<{ verdict: string }>("select verdict from audit_receipt where receipt_id = $1", id))[0]?.verdict ?? null;

  test("a receipt on the chain links the events of its operations; one that names another event is tampering at that place; one not reached yet waits", async () => {
    const { one, log } = await aTeller("Receipts");
    log.add(8);
    const good = await aReceipt(one, { seq: 5, hash: log.events[4]!.hash });
    const bad = await aReceipt(one, { seq: 7, hash: log.events[5]!.hash });
    const later = await aReceipt(one, { seq: 9, hash: "x" });
    await pull(one);
    expect([await verdict(good), await verdict(bad), await verdict(later)]).toEqual(["on_chain", "off_chain", null]);
    expect(await kindsOf(one)).toEqual(["receipt 7"]);
    expect((await rows<{ seq: string }>("select seq from audit_event where receipt_id = $1 order by seq", good)).map(({ seq }) => Number(seq))).toEqual([4, 5]);
    await pull(one);
    expect((await findingsOf(one)).map(({ times }) => times)).toEqual([1]);
  });

  test("a receipt of an epoch that an honest restore took back before its event was seen is no tampering", async () => {
    const { one, log } = await aTeller("Taken back");
    log.add(4);
    await pull(one);
    const lost = await aReceipt(one, { seq: 6, hash: "x" });
    log.add(1, { action: "vault.restored" }, 2).add(3);
    await pull(one);
    expect(await verdict(lost)).toBe("not_held");
    expect(await kindsOf(one)).toEqual(["restored 5 (notice)"]);
  });
});

describe("keeping and forgetting", () => {
  test("months are made ahead, strays of the default partition move to their month, and empty old months go", async () => {
    const { one, log } = await aTeller("Months");
    log.add(3);
    await pull(one);
    const partitions = async () => (await rows<{ name: string }>("select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_event'::regclass order by 1")).map(({ name }) => name);
    const before = await partitions();
    expect(before.length).toBeGreaterThanOrEqual(5);
    const [far] = await rows<{ at: Date; name: string }>("select date_trunc('month', now(), 'UTC') + interval '5 months 3 days' as at, 'audit_event_' || to_char((date_trunc('month', now(), 'UTC') + interval '5 months') at time zone 'UTC', 'YYYY_MM') as name");
    await admin.query("update audit_event set received_at = $2 where vault_ref = $1 and seq = 2", [one.vaultRef, far!.at]);
    const home = () => rows<{ home: string }>("select tableoid::regclass::text as home from audit_event where vault_ref = $1 and seq = 2", one.vaultRef);
    expect(await home()).toEqual([{ home: "audit_event_default" }]);
    await t.asApp((app) => app.query("select audit_partitions(6)"));
    expect(await home()).toEqual([{ home: far!.name }]);
    await t.asOwner((asOwner) => asOwner.query("create table audit_event_2020_01 partition of audit_event for values from ('2020-01-01') to ('2020-02-01')"));
    await t.asApp((app) => app.query("select audit_partitions_empty()"));
    expect(await partitions()).not.toContain("audit_event_2020_01");
    expect(await partitions()).toContain(far!.name);
  });

  test("nothing goes until an owner says so; then what is over goes with its record, nothing younger than six months, nothing of another tenant", async () => {
    const { one, log } = await aTeller("Old");
    log.add(2, { detail: { name: "Wilhelmina Long-Gone" } }).add(4);
    await pull(one);
    await admin.query("update audit_event set received_at = received_at - interval '400 days' where vault_ref = $1 and seq <= 2", [one.vaultRef]);
    await admin.query("update audit_event set received_at = received_at - interval '200 days' where vault_ref = $1 and seq in (3, 4)", [one.vaultRef]);
    const owner = ownerOf(quillmoor, randomUUID());
    const called = async (name: string) => (await listAudit(owner, { query: `client:${one.clientId} ${name}` }, undefined, t.db)).lines.map(({ place }) => place.seq);
    const names = async () => (await rows<{ name: string }>("select name from audit_name where msp_id = $1", quillmoor)).map(({ name }) => name);
    // Found by a part of it, as a free word and as a person's, though nobody here is called so.
    expect(await called("LONG-go")).toEqual([2, 1]);
    expect(await called("person:mina")).toEqual([2, 1]);
    expect(await called("okaf")).toEqual([6, 5, 4, 3]);
    expect(await called("nobody")).toEqual([]);
    expect(await forgetOver(quillmoor, undefined, t.db)).toBe(0);
    expect(await names()).toContain("Wilhelmina Long-Gone");
    expect(await previewRetention(owner, 12, undefined, t.db)).toMatchObject({ events: 2, clients: [{ client: "Old", events: 2 }] });
    expect(await seqs(one)).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(previewRetention({ ...owner, rights: ["auditor"] }, 12, undefined, t.db)).rejects.toThrow("forbidden");
    await expect(setRetention({ ...owner, rights: ["auditor"] }, { months: 12 }, t.db)).rejects.toThrow("forbidden");
    expect(retentionInput.safeParse({ months: "5" }).success).toBe(false);
    await expect(setRetention(owner, { months: 5 }, t.db)).rejects.toThrow(Error);
    await setRetention(owner, { months: 12 }, t.db);
    // Not before a week has gone by, in which it can be taken back.
    expect(await forgetOver(quillmoor, undefined, t.db)).toBe(0);
    expect((await readRetention({ ...owner, rights: ["auditor"] }, undefined, t.db)).effectiveAt!.getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    await admin.query("update audit_setting set changed_at = now() - interval '8 days' where msp_id = $1", [quillmoor]);
    expect(await forgetOver(quillmoor, undefined, t.db)).toBe(2);
    expect(await seqs(one)).toEqual([3, 4, 5, 6]);
    // A name goes with the last event that it stood at.
    expect(await names()).not.toContain("Wilhelmina Long-Gone");
    expect(await called("okaf")).toEqual([6, 5, 4, 3]);
    expect(await rows("select fields from record where action = 'audit.forgotten' and msp_id = $1", quillmoor)).toMatchObject([{ fields: { events: 2 } }]);
    const other = await t.msp("Other");
    await t.asApp(async (app) => {
      await app.query("select set_config('app.msp_id', $1, false)", [other]);
      expect((await app.query("select audit_forget(now(), 1000) as gone")).rows).toEqual([{ gone: 0 }]);
      // Six months are held by the database itself, whatever it is asked.
      await app.query("select set_config('app.msp_id', $1, false)", [quillmoor]);
      expect((await app.query("select audit_forget(now(), 1000) as gone")).rows).toEqual([{ gone: 2 }]);
    });
    expect(await seqs(one)).toEqual([5, 6]);
    // The log goes on from where it was.
    log.add(2);
    await pull(one);
    expect(await seqs(one)).toEqual([5, 6, 7, 8]);
    expect(await findingsOf(one)).toEqual([]);
  });
});

const head = (log: Telling) => {
  const last = log.events.at(-1)!;
  const stated = { stream: "primary" as const, epoch: last.epoch, seq: last.seq, hash: last.hash, at: Date.now() };
  const index = tellings.indexOf(log);
  return { ...stated, signature: told.sign(index, signedMessage("head", headMessage(stated, `v${index}`))) };
};
