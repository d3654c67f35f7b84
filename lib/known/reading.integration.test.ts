/** Reading real reference vaults into a database, with a fault proxy between where something shall go wrong. */
import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules, type Fault } from "#sandbox/fault-proxy/rules.ts";
import { op } from "#vault/testing/client.ts";
import { connectMsp, registerVault, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { tokenHash, newToken } from "../protocol/token.ts";
import { openNet, addressRules, type Net } from "../vault/net.ts";
import { infoOf, MANAGER, openSignedVaults, ownRow, rowOf, type Say } from "../vault/testing/signed-vaults.ts";
import { holdReading, readNow, releaseReading, startReading } from "./schedule.ts";
import { write } from "../db/tenant.ts";
import { record } from "../record/record.ts";
import { acceptDrift, settleDriftAsStaged } from "./settle-drift.ts";
import { Reader } from "./reader.ts";
import { addConnected, addPerson, ownerOf, type ConnectedClient } from "./testing/connected.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let quillmoor: string;
let tess: string;
let owner: ReturnType<typeof ownerOf>;
/** How far the console's clock stands before the real one, milliseconds. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);
const errors: unknown[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  proxy = await FaultProxy.open({ target: world.listening });
  quillmoor = await t.msp("Quillmoor IT");
  tess = await addPerson(t, quillmoor, "Tess Okafor");
  owner = ownerOf(quillmoor, await addPerson(t, quillmoor, "Ines Halloran", ["owner"]));
});
afterEach(async () => {
  proxy.book.replace([]);
  // Vaults of earlier tests are not due again in the middle of a later one.
  await t.asAdmin((admin) => admin.query("update reading set next_read_at = now() + interval '1 day', next_probe_at = now() + interval '1 day', lease_until = null"));
  // A reader that stumbles goes on with the others; here it must not stumble.
  if (errors.length > 0) throw new AggregateError(errors.splice(0), "a reader stumbled");
});
afterAll(async () => {
  await net.agent.destroy();
  await proxy.close();
  for (const server of servers) server.close();
  await world.end();
  await t.close();
});

type Case = ConnectedClient & { owned: OwnedVault; msp: ConnectedMsp };
const granting = { ...WIDE, audit: "own" as const };

/** A client's vault with `names` handed over, and one row of the client's own. */
async function aClient(name: string, { names = ["Tess Okafor"], through = world.listening, mspId = quillmoor, grant = granting } = {}): Promise<Case> {
  const owned = await registerVault(world, name);
  const rows = [...names, "Client's own"].map((title) => op("POST", "/agent", { name: title, kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(newToken()) }));
  await owned.owner.must(rows, { keys: [owned.key] });
  const agents = (await owned.owner.get("/agents")).json.agents as { uid: string; name: string; revision: number }[];
  const adopt = agents.filter((row) => names.includes(row.name)).map(({ uid, revision }) => ({ uid, revision }));
  const msp = await connectMsp(owned, { adopt, grant });
  return { ...(await addConnected(t, mspId, { name, url: `${through}/${owned.owner.account.vaultId}`, msp })), owned, msp };
}
const reader = (given: Net = net) => new Reader({ net: given, db: t.db, clock: { now }, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } });
/** Reads everything that is due, as the worker does. */
const readDue = () => reader().run();
const again = async (one: ConnectedClient, probe = false) => {
  await t.asAdmin((admin) => admin.query(`update reading set next_read_at = now()${probe ? ", next_probe_at = now()" : ""} where vault_ref = $1`, [one.vaultRef]));
  return readDue();
};
/** A connect request of ours, as it stands in the table: open, or with a reply that was taken. @returns its id */
async function addRequest({ mspId, vaultRef }: ConnectedClient, { replaces, reply = null }: { replaces: string | null; reply?: { adopted: string[] } | null }): Promise<string> {
  const requestId = randomUUID();
  await t.asAdmin((admin) => admin.query(
    `insert into connect_request (msp_id, request_id, vault_ref, nonce, request, request_hash, sealed_key, made_by, expires_at, replied_at, reply)
     values ($1, $2, $3, $4, $5, $10, $6, $7, now() + interval '1 day', $8, $9)`,
    [mspId, requestId, vaultRef, randomBytes(32), JSON.stringify({ replaces }), reply === null ? Buffer.from([0]) : null, owner.id, reply === null ? null : new Date(), reply === null ? null : JSON.stringify(reply), randomBytes(32)],
  ));
  return requestId;
}
const readingOf = ({ mspId, vaultRef }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.reading.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } } }), t.db);
const vaultOf = ({ mspId, vaultRef }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } } }), t.db);
const agentsOf = ({ mspId, vaultRef }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.knownAgent.findMany({ where: { mspId, vaultRef }, orderBy: { agentId: "asc" } }), t.db);
const wantedOf = ({ mspId, vaultRef }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.wantedAgent.findMany({ where: { mspId, vaultRef } }), t.db);
const driftsOf = ({ mspId, vaultRef }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.drift.findMany({ where: { mspId, vaultRef }, orderBy: { driftId: "asc" } }), t.db);
const recordsOf = ({ mspId }: ConnectedClient) => read(workerFor(mspId), ({ db }) => db.record.findMany({ where: { mspId }, orderBy: { id: "asc" } }), t.db);
const actions = async (one: ConnectedClient, target: string = one.vaultRef) => (await recordsOf(one)).filter(({ targetId }) => targetId === target).map(({ action }) => action);
const always = (fault: Fault, match: object = {}) => proxy.book.replace(parseRules([{ match, fault }]));
const proxied = () => `http://127.0.0.1:${proxy.port}`;
const uidOf = async (one: Case, name: string) => (await agentsOf(one)).find((row) => row.name === name)!.uid;

describe("the first reading after a connect", () => {
  test("keeps what the vault says, makes what was handed over wanted, and recognises people", async () => {
    const acme = await aClient("Acme");
    expect(await readDue()).toBe(1);
    expect(await readingOf(acme)).toMatchObject({ health: "ok", words: null, mode: "primary", epoch: 1, tokensUsed: 4, failures: 0, leaseUntil: null, probeResult: "blind", unprovenSince: null });
    const rows = await agentsOf(acme);
    expect(rows.map(({ name, personId }) => [name, personId])).toEqual([["Acme", null], ["Tess Okafor", tess], ["Client's own", null], ["Northwind IT", null]]);
    expect((await wantedOf(acme)).map(({ uid }) => uid)).toEqual([rows[1]!.uid]);
    expect(await driftsOf(acme)).toEqual([]);
    expect((await recordsOf(acme)).find(({ action, targetId }) => action === "vault.imported" && targetId === acme.vaultRef)).toMatchObject({ actorKind: "worker", fields: { client: "Acme", rows: 4, ours: 1, recognised: 1 } });
    const scopes = await read(workerFor(quillmoor), ({ db }) => db.knownScope.findMany({ where: { mspId: quillmoor, vaultRef: acme.vaultRef } }), t.db);
    expect(scopes.map(({ scope, name }) => [scope, name])).toContainEqual(["0010", "networking"]);
  });

  test("a reading that finds nothing new records nothing, and asks once", async () => {
    const quiet = await aClient("Quiet", { through: proxied() });
    await readDue();
    const before = await actions(quiet);
    const log = proxy.log().length;
    await again(quiet);
    expect(proxy.log().slice(log).map(({ path }) => path.split("/").at(-1))).toEqual(["vault"]);
    expect(await actions(quiet)).toEqual(before);
    expect((await readingOf(quiet)).leaseUntil).toBeNull();
  });

  test("two people of one name are told apart by nobody", async () => {
    const msp = await t.msp("Two Of A Name");
    await addPerson(t, msp, "Sam Reed");
    await addPerson(t, msp, "Sam Reed");
    const accent = await addPerson(t, msp, "Zoe\u0301 Vale");
    const one = await aClient("Twice", { mspId: msp, names: ["Sam Reed", "Zo\u00e9 Vale"] });
    await readDue();
    expect((await agentsOf(one)).filter(({ personId }) => personId !== null).map(({ name, personId }) => [name, personId])).toEqual([["Zo\u00e9 Vale", accent]]);
  });

  test("open pages are told which vault, and nothing else", async () => {
    const told = await aClient("Told");
    const listener = new pg.Client({ connectionString: t.urls.app });
    await listener.connect();
    const heard: string[] = [];
    listener.on("notification", ({ payload }) => heard.push(payload!));
    await listener.query("listen known");
    await readDue();
    await again(told);
    await listener.query("select 1");
    expect(heard.map((text) => JSON.parse(text))).toEqual([{ msp_id: quillmoor, vault_ref: told.vaultRef }]);
    await listener.end();
  });
});

describe("drift: known differs from wanted, and nobody here did it", () => {
  test("a row that the client took away is a drift, with who and when from their log; accepted, it is agreed", async () => {
    const one = await aClient("Removed");
    await readDue();
    const uid = await uidOf(one, "Tess Okafor");
    const { id, revision } = (await one.owned.owner.get("/agents")).json.agents.find((row: { uid: string }) => row.uid === uid);
    await one.owned.owner.must([op("DELETE", `/agent/${id}`, null, { uid, revision })], { keys: [one.owned.key] });
    await again(one);
    const [drift] = await driftsOf(one);
    expect(drift).toMatchObject({ kind: "removed", uid, before: { name: "Tess Okafor", scopes: "0010", all_access: false, expires_at: null }, after: null, settledAt: null, changedBy: "Removed" });
    expect(drift!.changedAt!.getTime()).toBeLessThanOrEqual(world.clock.wallMs());
    expect(await actions(one, drift!.driftId)).toEqual(["drift.seen"]);
    expect(await acceptDrift(owner, [drift!.driftId], undefined, t.db)).toEqual({ count: 1 });
    expect(await wantedOf(one)).toEqual([]);
    expect((await driftsOf(one))[0]).toMatchObject({ settledHow: "accepted", settledBy: owner.id });
    await again(one);
    expect(await driftsOf(one)).toHaveLength(1);
    await expect(acceptDrift(owner, [drift!.driftId], undefined, t.db)).rejects.toThrow("moved_on");
  });

  test("a row that was changed and changed back is gone by itself; a client's own row is never drift", async () => {
    const one = await aClient("Altered");
    await readDue();
    const rows = (await one.owned.owner.get("/agents")).json.agents as { id: number; uid: string; name: string; revision: number }[];
    const [tessRow, own] = ["Tess Okafor", "Client's own"].map((name) => rows.find((row) => row.name === name)!);
    const put = async (row: { id: number; uid: string }, scopes: string) => one.owned.owner.must([op("PUT", `/agent/${row.id}`, { scopes }, { uid: row.uid })], { keys: [one.owned.key] });
    await put(tessRow!, "0011");
    await put(own!, "0011");
    await again(one);
    expect(await driftsOf(one)).toMatchObject([{ kind: "altered", uid: tessRow!.uid, before: { scopes: "0010" }, after: { scopes: "0011" }, settledAt: null }]);
    const [seen] = await driftsOf(one);
    await put(tessRow!, "0010,0011");
    await again(one);
    expect(await driftsOf(one)).toMatchObject([{ after: { scopes: "0010,0011" }, settledAt: null }]);
    // Whoever looked at the page of before has not seen this one.
    await expect(acceptDrift(owner, [seen!.driftId], undefined, t.db)).rejects.toThrow("moved_on");
    expect((await wantedOf(one)).map(({ scopes }) => scopes)).toEqual(["0010"]);
    await put(tessRow!, "0010");
    await again(one);
    expect(await driftsOf(one)).toMatchObject([{ settledHow: "gone" }]);
    expect((await wantedOf(one)).map(({ scopes }) => scopes)).toEqual(["0010"]);
  });

  test("a row that appears under our name, and one that the client took into their own hands, are drift", async () => {
    const one = await aClient("Appeared", { names: ["Tess Okafor", "Cem Yilmaz"] });
    await readDue();
    const rows = (await one.owned.owner.get("/agents")).json.agents as { id: number; uid: string; name: string }[];
    const cem = rows.find(({ name }) => name === "Cem Yilmaz")!;
    const [self, manager] = [one.owned.owner.account.uid, one.msp.manager.account.uid];
    const own = rows.find(({ name }) => name === "Client's own")!;
    await one.owned.owner.must([op("PUT", `/agent/${cem.id}`, { managed_by: self }, { uid: cem.uid }), op("PUT", `/agent/${own.id}`, { managed_by: manager }, { uid: own.uid })], { keys: [one.owned.key] });
    await again(one);
    const drifts = await driftsOf(one);
    const found = new Map(drifts.map(({ kind, uid, after }) => [uid, { kind, own: (after as { own?: true }).own ?? false }]));
    expect(found).toEqual(new Map([[cem.uid, { kind: "altered", own: true }], [own.uid, { kind: "appeared", own: false }]]));
    await acceptDrift(owner, drifts.map(({ driftId }) => driftId), undefined, t.db);
    expect((await wantedOf(one)).map(({ uid }) => uid).toSorted()).toEqual([rows.find(({ name }) => name === "Tess Okafor")!.uid, own.uid].toSorted());
    await again(one);
    expect((await driftsOf(one)).every(({ settledHow }) => settledHow === "accepted")).toBe(true);
  });

  test("a row that the client renames, and one whose token they gave themselves, are drift though their access is the same; accepted, they are agreed", async () => {
    const one = await aClient("Renamed", { names: ["Tess Okafor", "Cem Yilmaz"] });
    await readDue();
    const [tessUid, cemUid] = [await uidOf(one, "Tess Okafor"), await uidOf(one, "Cem Yilmaz")];
    // As after we renewed it: from then on its token is its person's alone.
    await t.asAdmin((admin) => admin.query("update wanted_agent set sealed = true where vault_ref = $1 and uid = $2", [one.vaultRef, cemUid]));
    const rows = (await one.owned.owner.get("/agents")).json.agents as { id: number; uid: string }[];
    const idOf = (uid: string) => rows.find((row) => row.uid === uid)!.id;
    await one.owned.owner.must([op("PUT", `/agent/${idOf(tessUid)}`, { name: "Tess O." }, { uid: tessUid }), op("POST", `/agent/${idOf(cemUid)}/token`, { token_hash: tokenHash(newToken()) }, { uid: cemUid })], { keys: [one.owned.key] });
    await again(one);
    const found = new Map((await driftsOf(one)).map(({ uid, kind, before, after }) => [uid, { kind, before, after }]));
    expect(found.get(tessUid)).toMatchObject({ kind: "altered", before: { name: "Tess Okafor" }, after: { name: "Tess O." } });
    expect(found.get(cemUid)).toMatchObject({ kind: "altered", after: { name: "Cem Yilmaz", token_known: true } });
    await acceptDrift(owner, (await driftsOf(one)).map(({ driftId }) => driftId), undefined, t.db);
    await t.asAdmin((admin) => admin.query("update reading set agents_etag = null where vault_ref = $1", [one.vaultRef]));
    await again(one);
    expect((await driftsOf(one)).filter(({ settledAt }) => settledAt === null)).toEqual([]);
    expect((await wantedOf(one)).map(({ name, sealed }) => `${name} ${sealed}`).toSorted()).toEqual(["Cem Yilmaz false", "Tess O. false"]);
  });

  test("after a renewal only rows that its reply handed over are agreed, also where nothing agreed is left", async () => {
    const one = await aClient("Renewed", { names: ["Tess Okafor", "Cem Yilmaz"] });
    await readDue();
    const [tessUid, cemUid] = [await uidOf(one, "Tess Okafor"), await uidOf(one, "Cem Yilmaz")];
    await t.asAdmin((admin) => admin.query("delete from wanted_agent where vault_ref = $1", [one.vaultRef]));
    await addRequest(one, { replaces: one.msp.manager.account.uid, reply: { adopted: [cemUid] } });
    await write(owner, async (tx) => {
      await startReading(tx, one.vaultRef);
      await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
    }, t.db);
    await readDue();
    expect((await wantedOf(one)).map(({ uid }) => uid)).toEqual([cemUid]);
    expect(await driftsOf(one)).toMatchObject([{ kind: "appeared", uid: tessUid }]);
  });

  test("an end that was agreed is no drift: the wish goes with the row, and a record stays", async () => {
    const one = await aClient("Leased");
    await readDue();
    const ends = world.clock.now() + 600;
    const uid = await uidOf(one, "Tess Okafor");
    const { id } = (await one.owned.owner.get("/agents")).json.agents.find((row: { uid: string }) => row.uid === uid);
    await one.owned.owner.must([op("PUT", `/agent/${id}`, { expires_at: ends }, { uid })], { keys: [one.owned.key] });
    await again(one);
    const [drift] = await driftsOf(one);
    await acceptDrift(owner, [drift!.driftId], undefined, t.db);
    world.clock.forward(601);
    // Only the vault's clock says so yet: what it took away early is said as taken away.
    await again(one);
    expect((await driftsOf(one)).filter(({ settledAt }) => settledAt === null)).toMatchObject([{ kind: "removed", uid }]);
    ahead = 601_000;
    await t.asAdmin((admin) => admin.query("update reading set agents_etag = null where vault_ref = $1", [one.vaultRef]));
    await again(one);
    ahead = 0;
    expect(await wantedOf(one)).toEqual([]);
    expect((await driftsOf(one)).filter(({ settledAt }) => settledAt === null)).toEqual([]);
    expect(await actions(one)).toContain("access.ended");
  });

  test("more than are kept at once are found one reading after another", async () => {
    const one = await aClient("Many drifts");
    await readDue();
    await t.asAdmin((admin) => admin.query("insert into wanted_agent (msp_id, vault_ref, uid, scopes, all_access) select $1, $2, lpad(n::text, 22, '0'), '0010', false from generate_series(1, 250) n", [one.mspId, one.vaultRef]));
    await t.asAdmin((admin) => admin.query("update reading set agents_etag = null where vault_ref = $1", [one.vaultRef]));
    await again(one);
    expect(await driftsOf(one)).toHaveLength(200);
    await again(one);
    expect(await driftsOf(one)).toHaveLength(250);
    await again(one);
    expect(await driftsOf(one)).toHaveLength(250);
  });

  test("only who may settle a drift does, in their own tenant; staging answers it too", async () => {
    const one = await aClient("Staged");
    await readDue();
    const uid = await uidOf(one, "Tess Okafor");
    const { id } = (await one.owned.owner.get("/agents")).json.agents.find((row: { uid: string }) => row.uid === uid);
    await one.owned.owner.must([op("PUT", `/agent/${id}`, { scopes: "0011" }, { uid })], { keys: [one.owned.key] });
    await again(one);
    const [drift] = await driftsOf(one);
    const auditor = { ...owner, rights: ["auditor"] as const };
    await expect(acceptDrift(auditor, [drift!.driftId], undefined, t.db)).rejects.toThrow("forbidden");
    await expect(acceptDrift(ownerOf(await t.msp("Elsewhere"), owner.id), [drift!.driftId], undefined, t.db)).rejects.toThrow("moved_on");
    const staged = await write(owner, async (tx) => {
      const count = await settleDriftAsStaged(tx, [drift!.driftId]);
      await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
      return count;
    }, t.db);
    expect(staged).toBe(1);
    expect((await driftsOf(one))[0]).toMatchObject({ settledHow: "staged", settledBy: owner.id });
  });
});

describe("a change of ours under way is not taken for drift", () => {
  test("a held vault is not read; a reading in the middle stores nothing; released, it is read at once", async () => {
    const one = await aClient("Held", { through: proxied() });
    await readDue();
    const uid = await uidOf(one, "Tess Okafor");
    const { id } = (await one.owned.owner.get("/agents")).json.agents.find((row: { uid: string }) => row.uid === uid);
    const touch = (work: typeof holdReading) => write(owner, async (tx) => {
      await work(tx, one.vaultRef, 60);
      await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
    }, t.db);
    // The reading has asked and waits for its answer when the hold comes, and the change after it.
    always({ kind: "delay", ms: 400 });
    const reading = again(one);
    await expect.poll(() => proxy.log().at(-1)?.fault).toBe("delay");
    await touch(holdReading);
    await one.owned.owner.must([op("PUT", `/agent/${id}`, { scopes: "0011" }, { uid })], { keys: [one.owned.key] });
    await reading;
    expect(await driftsOf(one)).toEqual([]);
    expect(await again(one)).toBe(0);
    await t.asAdmin((admin) => admin.query("update wanted_agent set scopes = '0011' where vault_ref = $1", [one.vaultRef]));
    await touch((tx) => releaseReading(tx, one.vaultRef));
    proxy.book.replace([]);
    expect(await readDue()).toBe(1);
    expect(await driftsOf(one)).toEqual([]);
    expect((await agentsOf(one)).find((row) => row.uid === uid)!.scopes).toBe("0011");
  });
});

describe("what goes wrong stands in words, and everything else goes on", () => {
  const faults: [string, Fault, string][] = [
    ["a changed body", { kind: "alter", how: "body" }, "signature on its answer does not hold"], ["another signature", { kind: "alter", how: "resign" }, "does not hold"],
    ["no signature", { kind: "alter", how: "strip" }, "not with the vault's signature"], ["an older answer", { kind: "alter", how: "replay" }, "does not hold"],
    ["silence", { kind: "hang" }, "did not answer in time"], ["bytes that are no HTTP", { kind: "garbage", what: "bytes" }, "not in the form"], ["a broken answer", { kind: "reset", after: 20 }, "broke off"],
    ["a redirect", { kind: "status", status: 302, retry_after: null }, "never followed"], ["a server's 502", { kind: "status", status: 502, retry_after: null }, "not with the vault's signature"],
  ];
  test.each(faults)("%s: silent with its words, nothing lost, the neighbour is read", async (_name, fault, words) => {
    const bad = await aClient("Bad", { through: proxied() });
    const good = await aClient("Good");
    await readDue();
    const before = await agentsOf(bad);
    const seen = (await readingOf(bad)).readAt!;
    always(fault);
    await again(bad);
    // One lost answer is no silence yet; the second is.
    expect(await readingOf(bad)).toMatchObject({ health: "ok", failures: 1, words: expect.stringContaining(words) });
    await Promise.all([again(bad), again(good)]);
    expect(await readingOf(bad)).toMatchObject({ health: "silent", failures: 2, words: expect.stringContaining(words), readAt: seen });
    expect(await agentsOf(bad)).toEqual(before);
    expect((await readingOf(good)).health).toBe("ok");
    expect(await vaultOf(bad)).toMatchObject({ state: "connected" });
    expect(await actions(bad)).toContain("vault.health_changed");
    proxy.book.replace([]);
    await again(bad);
    expect(await readingOf(bad)).toMatchObject({ health: "ok", failures: 0, words: null });
  }, 60_000);

  test("an answer beyond 4 MiB is cut off and said", async () => {
    const server = createServer((_request, response) => void response.writeHead(200).end(Buffer.alloc(5 * 1_048_576, 0x20)));
    servers.push(server);
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const large = await aClient("Large", { through: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await readDue();
    await again(large);
    expect(await readingOf(large)).toMatchObject({ health: "silent", words: expect.stringContaining("larger than any") });
    server.closeAllConnections();
  });

  test("numbers beyond every column and names beyond every habit are stored and shown; what is no name is said, and spoils nothing", async () => {
    const large = Number.MAX_SAFE_INTEGER;
    let say: Say = () => undefined;
    const vaults = await openSignedVaults(1, { say: (vault, path) => say(vault, path) });
    const account = vaults.accounts[0]!;
    const manager = { account: { vaultId: "v0", key: account.publicKey, agentId: MANAGER.id, uid: MANAGER.uid, token: account.token } };
    const reply = { reply: { name: "Hostile", grant: granting } };
    const one = await addConnected(t, quillmoor, { name: "Hostile", url: `http://127.0.0.1:${vaults.port}/v0`, msp: { manager, reply } as never });
    const names = ["\u{1F511}".repeat(120), "__proto__", "'; drop table known_agent; --", "مدير الشبكة", "=cmd()", "$1 ${x} %s"];
    const usage = { used: large, limit: large };
    say = (_vault, path) => {
      if (path === "/vault") return { body: infoOf(account, { limits: { tokens: usage, devices: usage }, expires_at: large, paid_until: large, epoch_revision: large, revision: large, replicated: { revision: large, at: large } }) };
      if (path === "/agents") return { body: { revision: large, next: null, agents: [ownRow, ...names.map((name, i) => rowOf(10 + i, name, { created_at: large, expires_at: large, claim_by: large, last_used_at: large, revision: large }))] } };
      if (path === "/scopes") return { body: { revision: large, scopes: [{ scope: "0010", entries: large, agents: [], name: names[0] }] } };
      return undefined;
    };
    await readDue();
    expect(await readingOf(one)).toMatchObject({ health: "ok", revision: BigInt(large), tokensUsed: 2_147_483_647 });
    expect((await agentsOf(one)).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect((await wantedOf(one)).map(({ expiresAt }) => expiresAt!.getUTCFullYear())).toEqual(names.map(() => 9999));
    await again(one);
    expect(await driftsOf(one)).toEqual([]);
    const before = await agentsOf(one);
    for (const name of ["\ud800", "a\u0000b", "\u202egnp.exe", "x".repeat(121)]) {
      say = (_vault, path) => (path === "/vault" ? { body: infoOf(account, { revision: large, epoch_revision: large, now: Math.floor(Date.now() / 1_000) + 7_200 }) } : path === "/agents" ? { body: { revision: large, next: null, agents: [ownRow, rowOf(10, name)] } } : undefined);
      await t.asAdmin((admin) => admin.query("update reading set agents_etag = null where vault_ref = $1", [one.vaultRef]));
      await again(one);
      expect((await readingOf(one)).words, JSON.stringify(name)).toContain("/agents, at /agents/1/name");
    }
    expect(await agentsOf(one)).toEqual(before);
    await vaults.close();
  });

  test("an absurd wish to wait is granted within its cap", async () => {
    const slow = await aClient("Slow", { through: proxied() });
    always({ kind: "status", status: 503, retry_after: "999999999" });
    await readDue();
    const wait = (await readingOf(slow)).nextReadAt.getTime() - now().getTime();
    expect(wait).toBeGreaterThan(880_000);
    expect(wait).toBeLessThanOrEqual(900_000);
  });

  test("a revision that falls without a new epoch is said with both numbers, and stops all work; a second look records nothing more", async () => {
    const liar = await aClient("Liar");
    await readDue();
    const { revision } = await readingOf(liar);
    await t.asAdmin((admin) => admin.query("update reading set revision = revision + 5, agents_etag = null where vault_ref = $1", [liar.vaultRef]));
    await again(liar);
    const words = `Its revision fell from ${revision! + 5n} to ${revision} within epoch 1: it was set back without saying so.`;
    expect(await readingOf(liar)).toMatchObject({ health: "lying", words });
    expect(await vaultOf(liar)).toMatchObject({ state: "stopped", stoppedWords: words });
    const before = await actions(liar);
    expect(before.filter((action) => action === "vault.stopped")).toHaveLength(1);
    await again(liar);
    expect(await actions(liar)).toEqual(before);
    // A new connect begins anew, and what was agreed stays agreed.
    await write(owner, async (tx) => {
      await startReading(tx, liar.vaultRef);
      await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
    }, t.db);
    await readDue();
    expect(await readingOf(liar)).toMatchObject({ health: "ok", revision });
    expect(await wantedOf(liar)).toHaveLength(1);
  });

  test("another key stops all work, at the address and in the words of the vault", async () => {
    const one = await aClient("Swapped");
    await readDue();
    const other = await registerVault(world, "Other");
    await t.asAdmin((admin) => admin.query("update vault set public_key = $2 where vault_ref = $1", [one.vaultRef, other.owner.account.key]));
    await again(one);
    expect(await vaultOf(one)).toMatchObject({ state: "stopped", stoppedWords: expect.stringContaining("another key") });
  });

  test("a signed 401 ends the connection; it is read no more and its token is gone", async () => {
    const gone = await aClient("Gone");
    await readDue();
    const { agentId, uid } = gone.msp.manager.account;
    await gone.owned.owner.must([op("DELETE", `/agent/${agentId}`, null, { uid })], { keys: [gone.owned.key] });
    await again(gone);
    expect(await vaultOf(gone)).toMatchObject({ state: "ended", endedBy: "client", sealedToken: null });
    expect(await readingOf(gone)).toMatchObject({ health: "ended" });
    expect(await actions(gone)).toContain("vault.ended_by_client");
    expect(await readDue()).toBe(0);
    expect(await readNow(owner, [gone.vaultRef], t.db)).toEqual({ count: 0 });
  });

  test("while a new connect is under way a signed 401 is no end: it is said, and looked at again; when the request is over it is one", async () => {
    const renewed = await aClient("Renewing");
    await readDue();
    const requestId = await addRequest(renewed, { replaces: renewed.msp.manager.account.uid });
    const { agentId, uid } = renewed.msp.manager.account;
    await renewed.owned.owner.must([op("DELETE", `/agent/${agentId}`, null, { uid })], { keys: [renewed.owned.key] });
    await again(renewed, true);
    expect(await vaultOf(renewed)).toMatchObject({ state: "connected", endedAt: null, sealedToken: expect.anything() });
    const reading = await readingOf(renewed);
    expect(reading).toMatchObject({ health: "silent", words: expect.stringContaining("a new connect is under way") });
    for (const at of [reading.nextReadAt, reading.nextProbeAt]) expect(Math.abs(at.getTime() - now().getTime() - 900_000)).toBeLessThan(30_000);
    await again(renewed);
    expect(await actions(renewed)).not.toContain("vault.ended_by_client");
    await t.asAdmin((admin) => admin.query("update connect_request set cancelled_at = now(), sealed_key = null where request_id = $1", [requestId]));
    await again(renewed);
    expect(await vaultOf(renewed)).toMatchObject({ state: "ended", endedBy: "client" });
  });

  test("while our own exit runs, a signed 401 is left to whoever settles it", async () => {
    const leaving = await aClient("Leaving");
    await readDue();
    await t.asAdmin((admin) => admin.query("update client set exit_started_at = now() where client_id = $1", [leaving.clientId]));
    const { agentId, uid } = leaving.msp.manager.account;
    await leaving.owned.owner.must([op("DELETE", `/agent/${agentId}`, null, { uid })], { keys: [leaving.owned.key] });
    await again(leaving);
    expect(await vaultOf(leaving)).toMatchObject({ state: "connected" });
    expect(await readingOf(leaving)).toMatchObject({ health: "ended" });
  });

  test("a tighter grant is kept and recorded", async () => {
    const tight = await aClient("Tight");
    await readDue();
    const { agentId, uid } = tight.msp.manager.account;
    await tight.owned.owner.must([op("PUT", `/agent/${agentId}`, { grant: { ...granting, max_agents: 3 } }, { uid })], { keys: [tight.owned.key] });
    await again(tight);
    expect(await vaultOf(tight)).toMatchObject({ granted: { max_agents: 3 } });
    expect((await recordsOf(tight)).find(({ action, targetId }) => action === "vault.grant_changed" && targetId === tight.vaultRef)).toMatchObject({ fields: { client: "Tight", changed: "max_agents" } });
  });

  test("a token that does not open is said, and nobody is called", async () => {
    const locked = await aClient("Locked", { through: proxied() });
    await t.asAdmin((admin) => admin.query("update vault set sealed_token = sealed_token || '\\x00' where vault_ref = $1", [locked.vaultRef]));
    const log = proxy.log().length;
    await readDue();
    await again(locked);
    expect(await readingOf(locked)).toMatchObject({ health: "silent", words: expect.stringContaining("SEAL_KEYS") });
    expect(proxy.log()).toHaveLength(log);
  });
});

describe("the blind probe", () => {
  test("runs at once and hourly, and its rows are kept for a week", async () => {
    const one = await aClient("Probed");
    await t.asAdmin((admin) => admin.query("insert into probe (msp_id, vault_ref, at, result) values ($1, $2, now() - interval '8 days', 'blind')", [one.mspId, one.vaultRef]));
    await readDue();
    const probes = await read(workerFor(quillmoor), ({ db }) => db.probe.findMany({ where: { mspId: quillmoor, vaultRef: one.vaultRef } }), t.db);
    expect(probes).toMatchObject([{ result: "blind", words: null }]);
    const { nextProbeAt } = await readingOf(one);
    const pause = nextProbeAt.getTime() - now().getTime();
    expect(pause).toBeGreaterThan(3_200_000);
    expect(pause).toBeLessThan(4_000_000);
  });

  test("a stranger's seal is an alarm at once, with the row's name; blind again ends it", async () => {
    const one = await aClient("Strange", { names: [] });
    await readDue();
    await one.msp.manager.must([op("POST", "/agent", { name: "Mallory", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: { kem: "x25519", public_key: one.msp.sealKey.publicKey } })], { keys: [one.msp.signers[0]!] });
    await again(one, true);
    expect(await readingOf(one)).toMatchObject({ probeResult: "not_blind", probeWords: expect.stringContaining("Mallory"), health: "ok" });
    const row = (await agentsOf(one)).find(({ name }) => name === "Mallory")!;
    await one.msp.manager.must([op("DELETE", `/agent/${row.agentId}`, null, { uid: row.uid })], { keys: [one.msp.signers[0]!] });
    await again(one, true);
    expect(await readingOf(one)).toMatchObject({ probeResult: "blind", unprovenSince: null });
    expect((await actions(one)).filter((action) => action.startsWith("probe."))).toEqual(["probe.saw", "probe.blind_again"]);
  });

  test("unproven is an alarm after three hours, once", async () => {
    const one = await aClient("Unproven", { through: proxied() });
    await readDue();
    always({ kind: "hang" }, { path: "/entry/" });
    let since: Date | null = null;
    for (const hours of [1, 3, 4.2, 5]) {
      ahead = hours * 3_600_000;
      await again(one, true);
      const { probeResult, unprovenSince } = await readingOf(one);
      expect(probeResult).toBe("unproven");
      since ??= unprovenSince;
      expect(unprovenSince).toEqual(since);
    }
    ahead = 0;
    expect(since).not.toBeNull();
    expect((await actions(one)).filter((action) => action.startsWith("probe."))).toEqual(["probe.unproven"]);
  }, 60_000);
});

describe("many vaults, several readers, people who ask", () => {
  test("two readers never read one vault at once", async () => {
    const shared = await aClient("Shared", { through: proxied() });
    await readDue();
    always({ kind: "delay", ms: 200 });
    const before = proxy.log().length;
    await t.asAdmin((admin) => admin.query("update reading set next_read_at = now() where vault_ref = $1", [shared.vaultRef]));
    const counts = await Promise.all([reader().run(), reader().run(), reader().run()]);
    expect(counts.reduce((a, b) => a + b)).toBe(1);
    expect(proxy.log().slice(before).filter(({ path }) => path.endsWith("/vault"))).toHaveLength(1);
  });

  test("a vault that changes rows and is silent about who did it does not keep the others of its tenant waiting", async () => {
    const [bad, good] = [await aClient("Silent log", { through: proxied() }), await aClient("Neighbour", { through: proxied() })];
    await readDue();
    const uid = await uidOf(bad, "Tess Okafor");
    const { id } = (await bad.owned.owner.get("/agents")).json.agents.find((row: { uid: string }) => row.uid === uid);
    await bad.owned.owner.must([op("PUT", `/agent/${id}`, { scopes: "0011" }, { uid })], { keys: [bad.owned.key] });
    const before = (await readingOf(good)).readAt!;
    // The neighbour comes after the drift was kept, while the log is waited for.
    proxy.book.replace(parseRules([{ match: { path: "/audit" }, fault: { kind: "hang" } }, { match: { path: `${good.owned.owner.account.vaultId}/vault$` }, fault: { kind: "delay", ms: 400 } }]));
    const patient = openNet({ rules: addressRules(), callMs: 9_000 });
    await t.asAdmin((admin) => admin.query("update reading set next_read_at = now() where vault_ref = any($1)", [[bad.vaultRef, good.vaultRef]]));
    let over = false;
    const run = reader(patient).run().finally(() => (over = true));
    await expect.poll(async () => (await readingOf(good)).readAt!.getTime(), { timeout: 8_000 }).toBeGreaterThan(before.getTime());
    expect(over).toBe(false);
    expect(await driftsOf(bad)).toMatchObject([{ kind: "altered", changedBy: null }]);
    proxy.book.replace([]);
    await patient.agent.destroy();
    await run;
  }, 60_000);

  test("a reading asked for in the middle of another is not lost", async () => {
    const eager = await aClient("Eager", { through: proxied() });
    await readDue();
    proxy.book.replace(parseRules([{ match: { path: "/vault$" }, times: 1, fault: { kind: "delay", ms: 400 } }]));
    const before = proxy.log().length;
    const reading = again(eager);
    await expect.poll(() => proxy.log().length).toBeGreaterThan(before);
    expect(await readNow(owner, [eager.vaultRef], t.db)).toEqual({ count: 1 });
    expect(await reading).toBe(2);
  });

  test("whoever asks, and however often, one vault is read out of turn once a minute", async () => {
    const one = await aClient("Pressed");
    await readDue();
    const next = async () => (await readingOf(one)).nextReadAt.getTime();
    const auditor = { ...owner, rights: ["auditor"] as const };
    expect(await readNow(auditor, [one.vaultRef], t.db)).toEqual({ count: 1 });
    await readDue();
    const before = await next();
    expect(await readNow(owner, [one.vaultRef, one.vaultRef], t.db)).toEqual({ count: 1 });
    expect(await next()).toBe(before);
    await t.asAdmin((admin) => admin.query("update reading set asked_at = asked_at - interval '1 minute' where vault_ref = $1", [one.vaultRef]));
    await readNow(owner, [one.vaultRef], t.db);
    expect(await next()).toBeLessThan(before);
  });

  test("what is due, and what is due next, is found by an index among many vaults, and is the earliest that nobody holds", async () => {
    await t.asAdmin(async (admin) => {
      await admin.query("begin");
      await admin.query("alter table reading disable trigger all");
      await admin.query("insert into reading (msp_id, vault_ref, next_read_at, next_probe_at, features, kems) select $1, gen_random_uuid(), now() + i * interval '1 second', now() + interval '1 day', '{}', '{}' from generate_series(600, 20000) i", [quillmoor]);
      await admin.query("analyze reading");
      const explain = async (query: string) => (await admin.query(`explain ${query}`)).rows.map((row) => row["QUERY PLAN"]).join("\n");
      const least = "least(due.next_read_at, due.next_probe_at)";
      for (const query of [
        `select due.msp_id, due.vault_ref from reading due where ${least} <= now() and (due.lease_until is null or due.lease_until < now()) order by ${least} limit 100 for update skip locked`,
        "select due.msp_id from reading due where least(due.next_read_at, due.next_probe_at) <= now()",
      ]) {
        const plan = await explain(query);
        expect(plan).toContain("reading_next_idx");
        expect(plan).not.toContain("Seq Scan");
      }
      // The function's own plan, and that it says what a look at every row would say: also where the first are held.
      const everyRow = "select min(greatest(least(next_read_at, next_probe_at), lease_until)) as at from reading";
      for (const held of [0, 30, 10_000]) {
        await admin.query("update reading set lease_until = case when next_read_at < now() + make_interval(secs => 600 + $1::int) then now() + interval '900 seconds' end where msp_id = $2", [held, quillmoor]);
        expect((await admin.query("select reading_next_due() as at")).rows).toEqual((await admin.query(everyRow)).rows);
      }
      await admin.query("rollback");
    });
  });

  test("only who may see clients asks, and only about their own", async () => {
    const mine = await aClient("Mine");
    await readDue();
    await expect(readNow({ ...owner, rights: ["technician"] }, [mine.vaultRef], t.db)).rejects.toThrow("forbidden");
    expect(await readNow(ownerOf(await t.msp("Another"), owner.id), [mine.vaultRef], t.db)).toEqual({ count: 0 });
    await expect(readNow(owner, Array.from({ length: 2_001 }, () => mine.vaultRef), t.db)).rejects.toThrow("invalid");
  });
});
