import { createSecretKey, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { headFell, verifyChain, verifyHead } from "#lib/protocol/audit.ts";
import { verifyBackupKey } from "#lib/protocol/backup-key.ts";
import { fromB64u } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import type { AgentRow, AuditPage } from "#lib/protocol/messages.ts";
import { decodeAnswer } from "#lib/protocol/signed.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { op, sendRaw, type Response, type VaultClient } from "../testing/client.ts";
import { setMeta } from "../testing/meta.ts";
import { startPair, type Pair } from "../testing/pair.ts";
import { connectMsp, registerVault, startWorld, type OwnedVault } from "../testing/world.ts";
import { openRequest, sealRequest } from "./wire.ts";

let pair: Pair;
let vault: OwnedVault;
beforeEach(async () => {
  pair = await startPair();
  vault = await registerVault(pair.primary);
  await vault.owner.must([op("POST", "/entry", ENTRY)], { keys: [vault.key] });
});
afterEach(async () => {
  await pair.end();
});

const ENTRY = {
  title: "Mainframe",
  scopes: "0010",
  fields: [
    { label: "password", kind: "password", tier: "L2", value: "correct horse" },
    { label: "code", kind: "totp", tier: "L2", value: "GEZDGNBVGY3TQOJQ" },
  ],
};
const code = (answer: Response): string => (answer.status < 300 ? String(answer.status) : `${answer.status} ${String(answer.json.code)}`);
const catchUp = (): Promise<void> => pair.backup.follower!.catchUp();
const agents = async (client: VaultClient): Promise<AgentRow[]> => (await client.get("/agents")).json.agents;
const audit = async (client: VaultClient, stream: string): Promise<AuditPage> => (await client.get(`/audit?stream=${stream}`)).json;

async function row(change: object = {}): Promise<VaultClient> {
  const token = newToken();
  const body = { name: "Row", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(token), ...change };
  const { receipt } = await vault.owner.must([op("POST", "/agent", body)], { keys: [vault.key] });
  return vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
}

describe("PROTOCOL 9, a backup follows", () => {
  test("what the primary held is served by the backup: entries, TOTP, search, metadata, what a device unlocks", async () => {
    const person = await row();
    await catchUp();
    const there = await pair.at(person);
    const entry = await there.get("/entry/1");
    expect([entry.text, entry.signed]).toEqual([(await person.get("/entry/1")).text, true]);
    expect((await there.get("/totp/1")).json.code).toMatch(/^\d{6}$/);
    expect((await there.get("/search?q=main")).json.entries).toHaveLength(1);
    expect(await agents(await pair.at(vault.owner))).toEqual(await agents(vault.owner));
    const begun = await there.send("POST", "/session/begin", { token: null, body: "{}" });
    const assertion = vault.key.getJson(ceremonyChallenge("unlock", fromB64u(begun.json.challenge as string, 32)));
    const unlocked = await there.send("POST", "/l3", { token: null, body: JSON.stringify({ assertion, p0: vault.key.p0 }) });
    expect(fromB64u(unlocked.json.wrapped_l3 as string)).toEqual(vault.wrappedL3);
  });
  test("a change reaches it with the next look, changed rows only; removed rows and entries are gone there too", async () => {
    const person = await row();
    await catchUp();
    const there = await pair.at(person);
    await vault.owner.must([op("PUT", "/entry/1", { title: "Renamed" }), op("POST", "/entry", ENTRY)], { keys: [vault.key] });
    expect((await there.get("/entry/1")).json.title).toBe("Mainframe");
    await catchUp();
    expect((await there.get("/entry/1")).json.title).toBe("Renamed");
    expect((await there.get("/entry/2")).status).toBe(200);
    await vault.owner.must([op("DELETE", "/entry/2"), op("DELETE", `/agent/${person.account.agentId}`)], { keys: [vault.key] });
    await catchUp();
    expect((await there.get("/entry/2")).status).toBe(401);
    expect((await (await pair.at(vault.owner)).get("/entry/2")).status).toBe(403);
    expect(pair.backup.logged.filter((line) => line.includes("backup.copied"))).toHaveLength(1);
  });
  test("changes beyond one page arrive together", async () => {
    await catchUp();
    for (let batch = 0; batch < 6; batch++) {
      await vault.owner.must(Array.from({ length: 100 }, () => op("POST", "/entry", { title: "x", scopes: "0010,0011,0012", fields: [] })), { keys: [vault.key] });
    }
    await catchUp();
    const there = await pair.at(vault.owner);
    const page = async (client: VaultClient): Promise<string> => (await client.get("/entries?limit=500&after=101")).text;
    expect(await page(there)).toBe(await page(vault.owner));
    expect((await there.get("/vault")).json.revision).toBe((await vault.owner.get("/vault")).json.revision);
    expect(pair.backup.logged.filter((line) => line.includes("backup.copied"))).toHaveLength(1);
  });
  test("`replicated` names the revision that the backup reached, at the primary and at the backup; lag shows as lower", async () => {
    expect((await vault.owner.get("/vault")).json).toMatchObject({ mode: "primary", backup_key: null, replicated: null });
    await catchUp();
    const [here, there] = [(await vault.owner.get("/vault")).json, (await (await pair.at(vault.owner)).get("/vault")).json];
    expect(there).toMatchObject({ mode: "backup", public_key: here.public_key, backup_key: here.backup_key, revision: here.revision });
    expect([here.replicated.revision, there.replicated.revision]).toEqual([here.revision, here.revision]);
    expect(here.backup_key).not.toBe(here.public_key);
    await row();
    expect((await vault.owner.get("/vault")).json.replicated.revision).toBe(here.revision);
    await catchUp();
    expect((await vault.owner.get("/vault")).json.replicated.revision).toBe(here.revision + 1);
  });
  test("no read of either host changes the revision, and a quiet pair asks for nothing more", async () => {
    await catchUp();
    await catchUp();
    const file = readFileSync(join(pair.backup.dir, `clavitor-${vault.owner.account.vaultId}`));
    await catchUp();
    expect(readFileSync(join(pair.backup.dir, `clavitor-${vault.owner.account.vaultId}`)).equals(file)).toBe(true);
  });
  test("new vaults and several of them are followed; vault_meta is too", async () => {
    const second = await registerVault(pair.primary, "Second");
    setMeta(pair.primary.dir, second.owner.account.vaultId, { expires_at: 1_700_000_000 });
    await catchUp();
    expect(code(await (await pair.at(vault.owner)).get("/entries"))).toBe("200");
    expect(code(await (await pair.at(second.owner)).get("/entries"))).toBe("402 expired");
  });
});

describe("PROTOCOL 12, read_only", () => {
  const refusedDoors = [
    ["POST", "/auth/begin"],
    ["POST", "/batch"],
    ["POST", "/agent"],
    ["PUT", "/agent/1"],
    ["DELETE", "/agent/1"],
    ["POST", "/agent/1/token"],
    ["POST", "/entry"],
    ["POST", "/credential"],
    ["POST", "/connect"],
    ["GET", "/statement?for=1"],
  ] as const;
  test.each(refusedDoors)("%s %s is 503 on a backup, signed, and says where the primary is", async (method, path) => {
    await catchUp();
    const answer = await (await pair.at(vault.owner)).send(method, path, method === "POST" ? { body: "{}" } : {});
    const location = `${pair.primary.origin}/${vault.owner.account.vaultId}`;
    expect([code(answer), answer.signed, answer.headers["x-primary-location"], answer.json.primary_location]).toEqual(["503 read_only", true, location, location]);
  });
  test("a session is not opened there, nor a vault registered", async () => {
    await catchUp();
    const there = await pair.at(vault.owner);
    expect(code(await there.send("POST", "/session", { token: null, body: "{}" }))).toBe("503 read_only");
    expect((await sendRaw(pair.backup.listening, "POST", "/register/begin", {}, "{}")).status).toBe(403);
  });
  test("an unknown path is 404 and an unknown token 401, signed in mode backup, so that nobody takes it as final", async () => {
    await catchUp();
    const there = await pair.at(vault.owner);
    expect(code(await there.get("/nothing"))).toBe("404 not_found");
    const answer = await there.send("POST", "/batch", { token: newToken(), body: "{}" });
    expect([code(answer), answer.signed, decodeAnswer(answer.headers["clavitor-answer"] as string)!.mode]).toEqual(["401 unknown_token", true, "backup"]);
  });
});

describe("PROTOCOL 9, the backup's own key", () => {
  test("is certified by the vault's for this vault and epoch, beside every signed answer; the vault's key signs nothing there", async () => {
    await catchUp();
    const answer = await vault.owner.as({ dial: pair.backup.listening }).get("/vault");
    expect(answer.signed).toBe(false);
    const header = answer.headers["clavitor-backup-key"] as string;
    const { vaultId, key } = vault.owner.account;
    expect(await verifyBackupKey(header, { vault: vaultId, epoch: 1 }, key)).toBe(answer.json.backup_key);
    expect(await verifyBackupKey(header, { vault: vaultId, epoch: 2 }, key)).toBe(null);
    expect(await verifyBackupKey(header, { vault: "AAAAAA", epoch: 1 }, key)).toBe(null);
    expect(await verifyBackupKey(header, { vault: vaultId, epoch: 1 }, answer.json.backup_key)).toBe(null);
    expect((await vault.owner.get("/vault")).headers["clavitor-backup-key"]).toBeUndefined();
  });
  test("stays the same through restarts and whole copies", async () => {
    await catchUp();
    const { key } = (await pair.at(vault.owner)).account;
    await pair.backup.close();
    await pair.backup.restart();
    expect((await pair.at(vault.owner)).account.key).toBe(key);
    // A primary that kept no log meanwhile cannot say what changed.
    await pair.primary.host.use(vault.owner.account.vaultId, ({ db }) => db.exec("DELETE FROM replica_log; UPDATE sqlite_sequence SET seq = seq + 5 WHERE name = 'replica_log'"));
    await catchUp();
    expect(pair.backup.logged.filter((line) => line.includes("backup.copied"))).toHaveLength(2);
    expect((await pair.at(vault.owner)).account.key).toBe(key);
    expect((await (await pair.at(vault.owner)).get("/entry/1")).signed).toBe(true);
  });
  test("is in the reply of a new connect", async () => {
    await catchUp();
    const msp = await connectMsp(vault);
    expect(msp.reply.reply.backup_key).toBe((await pair.at(vault.owner)).account.key);
  });
});

describe("PROTOCOL 9, two streams", () => {
  test("reads at the backup are events of its own stream, under its own head; the primary's stream shows the primary's head", async () => {
    await catchUp();
    const there = await pair.at(vault.owner);
    await there.get("/entry/1");
    const { vaultId, key } = vault.owner.account;
    const [own, primarys] = [await audit(there, "backup"), await audit(there, "primary")];
    expect(own.events.map(({ action, stream }) => [action, stream])).toContainEqual(["entry.read", "backup"]);
    expect(verifyChain(own.events, null, { stream: "backup" }).ok).toBe(true);
    expect(await verifyHead(own.head!, vaultId, there.account.key)).toBe(true);
    expect(verifyChain(primarys.events, null).ok).toBe(true);
    expect(await verifyHead(primarys.head!, vaultId, key)).toBe(true);
    expect(primarys.events.at(-1)!.hash).toBe(primarys.head!.hash);
  });
  test("the backup's stream comes to the primary with the next look, and is no tampering there", async () => {
    await catchUp();
    const there = await pair.at(vault.owner);
    await there.get("/entry/1");
    await catchUp();
    const page = await audit(vault.owner, "backup");
    expect(page.events).toEqual((await audit(there, "backup")).events.slice(0, page.events.length));
    expect(page.events.some(({ action }) => action === "entry.read")).toBe(true);
    expect(await verifyHead(page.head!, vault.owner.account.vaultId, there.account.key)).toBe(true);
    expect(headFell(page.head!, (await audit(there, "backup")).head!)).toBe(false);
  });
  test("erased details are erased at the backup too", async () => {
    await catchUp();
    await pair.primary.host.use(vault.owner.account.vaultId, ({ db }) => db.exec("UPDATE events SET detail = NULL"));
    await catchUp();
    const page = await audit(await pair.at(vault.owner), "primary");
    expect(page.events.filter(({ at, detail }) => at <= page.events[1]!.at && detail !== null)).toEqual([]);
    expect(verifyChain(page.events, null).ok).toBe(true);
  });
});

describe("PROTOCOL 4, leases and claims on both hosts", () => {
  test("a lease ends at its second on primary and backup alike, also when the primary is gone", async () => {
    const end = pair.clock.now() + 100;
    const person = await row({ expires_at: end });
    await catchUp();
    const there = await pair.at(person);
    await pair.primary.close();
    pair.clock.forward(98);
    expect((await there.get("/vault")).status).toBe(200);
    pair.clock.forward(end - pair.clock.now());
    expect((await there.get("/vault")).status).toBe(401);
    const owner = await pair.at(vault.owner);
    expect(await agents(owner)).toHaveLength(1);
    expect((await owner.get("/vault")).json.limits.tokens.used).toBe(1);
    expect((await audit(owner, "backup")).events.map(({ action }) => action)).toContain("agent.expire");
    await pair.primary.restart();
    expect((await person.get("/vault")).status).toBe(401);
    await catchUp();
    expect(await agents(owner)).toEqual(await agents(vault.owner));
  });
  test("the list's ETag moves when a lease ends at the backup", async () => {
    await row({ expires_at: pair.clock.now() + 10 });
    await catchUp();
    const owner = await pair.at(vault.owner);
    const { etag } = (await owner.get("/agents")).headers;
    pair.clock.forward(11);
    expect((await owner.get("/agents", { headers: { "If-None-Match": etag as string } })).status).toBe(200);
  });
  test("a backup whose wall clock is set back keeps nothing alive past the latest event, its own or the primary's", async () => {
    const person = await row({ expires_at: pair.clock.now() + 100 });
    pair.clock.forward(99);
    await vault.owner.get("/entries");
    await catchUp();
    const there = await pair.at(person);
    const before = pair.clock.now();
    pair.clock.setWall(-86_400);
    expect((await there.get("/vault")).json.now).toBeGreaterThanOrEqual(before);
    pair.clock.setWall(86_400);
    pair.clock.forward(2);
    expect((await there.get("/vault")).status).toBe(401);
    pair.clock.setWall(-86_400);
    expect((await there.get("/vault")).status).toBe(401);
  });
  test("a backup whose clock runs ahead ends a lease early, and takes it back whole when the primary made it longer", async () => {
    const msp = await connectMsp(vault);
    const tech = op("POST", "/agent", { name: "tech", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: msp.request.seal_to });
    await msp.manager.must([tech], { keys: [msp.signers[0]!] });
    const manager = `/agent/${msp.manager.account.agentId}`;
    await vault.owner.must([op("PUT", manager, { expires_at: pair.clock.now() + 100 })], { keys: [vault.key] });
    await catchUp();
    await vault.owner.must([op("PUT", manager, { expires_at: null })], { keys: [vault.key] });
    pair.clock.forward(101);
    const owner = await pair.at(vault.owner);
    expect(await agents(owner)).toHaveLength(1);
    await catchUp();
    expect(await agents(owner)).toEqual(await agents(vault.owner));
    expect(await agents(owner)).toHaveLength(3);
    expect((await owner.get("/credentials")).text).toBe((await vault.owner.get("/credentials")).text);
  });
  test("a token that was used at the backup only is claimed at the primary; one that nobody used ends on both", async () => {
    const [used, unused] = [await row({ claim_by: pair.clock.now() + 100 }), await row({ claim_by: pair.clock.now() + 100 })];
    await catchUp();
    expect((await (await pair.at(used)).get("/entries")).status).toBe(200);
    await catchUp();
    pair.clock.forward(101);
    expect((await used.get("/vault")).status).toBe(200);
    expect((await unused.get("/vault")).status).toBe(401);
    expect((await used.as({ dial: pair.backup.listening }).get("/vault")).status).toBe(200);
    expect((await unused.as({ dial: pair.backup.listening }).get("/vault")).status).toBe(401);
  });
});

describe("PROTOCOL 12, lock at the backup", () => {
  test("holds there at once, is told to the primary, and only an owner's change there takes it off on both", async () => {
    await vault.owner.must(Array.from({ length: 3 }, () => op("POST", "/entry", ENTRY)), { keys: [vault.key] });
    const bot = await row({ kind: "agent" });
    await catchUp();
    const there = await pair.at(bot);
    const codes = [];
    for (const id of [1, 2, 3, 4, 4, 1]) codes.push(code(await there.get(`/entry/${id}`)));
    expect(codes).toEqual(["200", "200", "200", "429 slow_down", "429 slow_down", "423 locked"]);
    await vault.owner.must([op("PUT", `/agent/${bot.account.agentId}`, { name: "Bot" })], { keys: [vault.key] });
    expect(code(await bot.get("/entries"))).toBe("200");
    await catchUp();
    expect(code(await there.get("/entries"))).toBe("423 locked");
    expect(code(await bot.get("/entries"))).toBe("423 locked");
    expect((await audit(vault.owner, "primary")).events.map(({ action }) => action)).toContain("agent.lock");
    await vault.owner.must([op("PUT", `/agent/${bot.account.agentId}`, { locked: false })], { keys: [vault.key] });
    await catchUp();
    expect(code(await there.get("/entries"))).toBe("200");
  });
});

describe("who may follow", () => {
  test("a stranger, another secret, and a request sent twice get the 404 of any unknown path", async () => {
    const post = (body: Uint8Array): Promise<{ status: number; text: string }> => sendRaw(pair.primary.listening, "POST", "/replica", {}, body);
    const other = createSecretKey(randomBytes(32));
    const hello = sealRequest(other, { nonce: "n", session: null, counter: 0, request: { kind: "hello" } });
    const unknown = await sendRaw(pair.primary.listening, "POST", "/nothing", {}, "x");
    for (const body of [new Uint8Array(), Buffer.from("x"), hello]) expect((await post(body)).text).toBe(unknown.text);
    expect(openRequest(other, hello)).not.toBe(null);
    const alone = await startWorld();
    try {
      expect((await sendRaw(alone.listening, "POST", "/replica", {}, hello)).status).toBe(404);
    } finally {
      await alone.end();
    }
  });
  test("a backup with another secret learns nothing and says so once", async () => {
    const stranger = await startWorld({ replicationSecret: createSecretKey(randomBytes(32)), follow: pair.primary.listening, followMs: 0 });
    try {
      for (let i = 0; i < 2; i++) await expect(stranger.follower!.catchUp()).rejects.toThrow(/does not take the replication secret/);
      expect(readdirSync(stranger.dir).filter((name) => name.startsWith("clavitor-"))).toEqual([]);
      expect(stranger.logged.filter((line) => line.includes("primary.unreachable"))).toHaveLength(1);
    } finally {
      await stranger.end();
    }
  });
  test("nothing of a vault lies in clear in the backup's folder", async () => {
    await catchUp();
    await (await pair.at(vault.owner)).get("/entry/1");
    const files = readdirSync(pair.backup.dir).map((name) => readFileSync(join(pair.backup.dir, name)).toString("latin1")).join("\n");
    for (const secret of ["Mainframe", "correct horse", vault.owner.account.token.slice(4)]) expect(files).not.toContain(secret);
  });
});
