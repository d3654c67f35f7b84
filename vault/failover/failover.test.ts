// The whole story of PROTOCOL 9, step by step as a client sees it: killed, restored, promoted, rejoined.
import { createSecretKey, randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isReceiptEvent, verifyChain, verifyHead } from "#lib/protocol/audit.ts";
import { verifyBackupKey } from "#lib/protocol/backup-key.ts";
import type { AgentRow, AuditPage, SignedReceipt } from "#lib/protocol/messages.ts";
import { decodeAnswer } from "#lib/protocol/signed.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { copyFolder } from "../copy.ts";
import { dropConnections, op, type Response, type VaultClient } from "../testing/client.ts";
import { connectMsp, registerVault, startWorld, TestClock, type ConnectedMsp, type OwnedVault, type World } from "../testing/world.ts";
import { carryOutUpkeep, type Upkeep } from "../upkeep.ts";

const secret = createSecretKey(randomBytes(32));
const rest = { replicationSecret: secret };
const code = (answer: Response): string => (answer.status < 300 ? String(answer.status) : `${answer.status} ${String(answer.json.code)}`);
const audit = async (client: VaultClient, stream = "primary"): Promise<AuditPage> => (await client.get(`/audit?stream=${stream}`)).json;
const uids = async (client: VaultClient): Promise<string[]> => ((await client.get("/agents")).json.agents as AgentRow[]).map(({ uid }) => uid);

let clock: TestClock;
let worlds: World[];
let folders: string[];
let primary: World;
let vault: OwnedVault;
let msp: ConnectedMsp;

async function start(options: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  const world = await startWorld({ clock, ...rest, ...options });
  worlds.push(world);
  return world;
}
const follow = (of: World, options: Parameters<typeof startWorld>[0] = {}): Promise<World> => start({ follow: of.listening, followMs: 0, ...options });
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "failover-"));
  folders.push(made);
  return made;
};
const logged: Record<string, unknown>[] = [];
const upkeep = (world: World, work: Upkeep): Promise<void> =>
  carryOutUpkeep(work, { dir: world.dir, rpId: "vault.localhost", origin: world.origin, log: (line) => void logged.push(line) });

beforeEach(async () => {
  clock = new TestClock();
  worlds = [];
  folders = [];
  logged.length = 0;
  primary = await start();
  vault = await registerVault(primary);
  msp = await connectMsp(vault);
});
afterEach(async () => {
  for (const world of worlds) await world.end();
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

const techOp = (name: string) => op("POST", "/agent", { name, kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: msp.request.seal_to });
async function technician(name: string): Promise<{ id: number; uid: string; receipt: SignedReceipt }> {
  const receipt = await msp.manager.must([techOp(name)], { keys: [msp.signers[0]!] });
  const { agent_id, uid } = receipt.receipt.results[0]!;
  return { id: agent_id!, uid: uid!, receipt };
}
const revoke = ({ id, uid }: { id: number; uid: string }) => [op("DELETE", `/agent/${id}`, null, { uid })];
const standing = (): string => `standing/${clock.now()}/${clock.now() + 86_400}`;
async function person(): Promise<VaultClient> {
  const token = newToken();
  const body = { name: "Person", kind: "human", scopes: "0010", all_access: false, admin: false, token_hash: tokenHash(token) };
  const { receipt } = await vault.owner.must([op("POST", "/agent", body)], { keys: [vault.key] });
  return vault.owner.as({ token, agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid! });
}

describe("PROTOCOL 9, restore from a copy that lacks the last revocations", () => {
  test("the revoked row is back, the epoch says so, the receipt is no proof any more, and a standing share ends the row again", async () => {
    const leaver = await technician("Leaver");
    const copies = folder();
    const [state] = await copyFolder(primary.dir, copies, primary.host.hostKey);
    expect(state).toMatchObject({ vault: vault.owner.account.vaultId, mode: "primary", epoch: 1, entries: 0 });

    // After the copy: the revocation, with the standing share that was signed beside it and kept.
    const ops = revoke(leaver);
    const header = await msp.manager.assertion(ops, { keys: [msp.signers[0]!] });
    const share = revoke(leaver);
    const shareHeader = await msp.manager.assertion(share, { keys: [msp.signers[0]!], challenge: standing() });
    const done = (await msp.manager.submit(ops, header)).json as SignedReceipt;
    const newcomer = await technician("Newcomer");
    expect(await uids(msp.manager)).not.toContain(leaver.uid);
    const before = (await msp.manager.get("/vault")).json;

    await primary.close();
    await upkeep(primary, { kind: "restore", copy: join(copies, `clavitor-${vault.owner.account.vaultId}`), above: 0 });
    await primary.restart();
    expect(readdirSync(primary.dir).some((name) => name.includes(".before-1"))).toBe(true);

    // What the client sees first: a higher epoch, a lower revision, from a primary, under the same key.
    const info = await msp.manager.get("/vault");
    expect(info.signed).toBe(true);
    expect(info.json).toMatchObject({ mode: "primary", epoch: 2, revision: leaver.receipt.receipt.revision });
    expect(info.json.revision).toBeLessThan(before.revision);
    expect(decodeAnswer(info.headers["clavitor-answer"] as string)).toMatchObject({ epoch: 2, mode: "primary" });
    // The receipt of the revocation has a revision above epoch_revision: not proven. That of the creation holds.
    expect(done.receipt.revision).toBeGreaterThan(info.json.epoch_revision);
    expect(leaver.receipt.receipt.revision).toBeLessThanOrEqual(info.json.epoch_revision);
    const page = await audit(vault.owner);
    expect(verifyChain(page.events, null).ok).toBe(true);
    expect(page.events.some((event) => isReceiptEvent(done.receipt, event))).toBe(false);
    expect(page.events.some((event) => isReceiptEvent(leaver.receipt.receipt, event))).toBe(true);
    expect(page.events.find(({ epoch }) => epoch === 2)).toMatchObject({ action: "vault.restored", prev: "A".repeat(43) });
    // Re-read: the leaver is back, so the board reopens; the newcomer is gone.
    expect(await uids(msp.manager)).toContain(leaver.uid);
    expect(await uids(msp.manager)).not.toContain(newcomer.uid);
    // The old batch is unknown, its challenge too; the standing share needs no other tap.
    expect(code(await msp.manager.submit(ops, header))).toBe("403 challenge_unknown");
    const again = await msp.manager.submit(share, shareHeader);
    expect(again.json.receipt).toMatchObject({ epoch: 2, results: [{ status: "deleted", uid: leaver.uid }] });
    expect(await uids(msp.manager)).not.toContain(leaver.uid);
    // Ids go on above a gap, so the newcomer's number is nobody else's.
    expect((await technician("Next")).id).toBeGreaterThan(newcomer.id + 999);
  });
  test("restored twice from one copy, the epochs differ: no two histories share one", async () => {
    const copies = folder();
    await copyFolder(primary.dir, copies, primary.host.hostKey);
    const copy = join(copies, `clavitor-${vault.owner.account.vaultId}`);
    for (const epoch of [2, 3]) {
      await primary.close();
      await upkeep(primary, { kind: "restore", copy, above: 0 });
      await primary.restart();
      expect((await vault.owner.get("/vault")).json.epoch).toBe(epoch);
    }
    await primary.close();
    for (const name of readdirSync(primary.dir)) if (name.startsWith("clavitor-")) rmSync(join(primary.dir, name));
    await upkeep(primary, { kind: "restore", copy, above: 7 });
    await primary.restart();
    expect((await vault.owner.get("/vault")).json.epoch).toBe(8);
  });
  test("a backup that follows a restored primary takes a whole copy, and shows the lower revision in the new epoch", async () => {
    const copies = folder();
    await copyFolder(primary.dir, copies, primary.host.hostKey);
    const backup = await follow(primary);
    const lost = await technician("Lost");
    await backup.follower!.catchUp();
    const key = (await msp.manager.get("/vault")).json.backup_key as string;
    const there = msp.manager.as({ dial: backup.listening, key });
    expect(await uids(there)).toContain(lost.uid);
    await primary.close();
    await upkeep(primary, { kind: "restore", copy: join(copies, `clavitor-${vault.owner.account.vaultId}`), above: 0 });
    await primary.restart();
    await backup.follower!.catchUp();
    const info = await there.get("/vault");
    expect([info.signed, info.json.epoch, info.json.mode]).toEqual([true, 2, "backup"]);
    expect(await uids(there)).not.toContain(lost.uid);
    expect(await verifyBackupKey(info.headers["clavitor-backup-key"] as string, { vault: vault.owner.account.vaultId, epoch: 2 }, vault.owner.account.key)).toBe(key);
  });
  test("a primary that went back without saying so is not followed", async () => {
    const copies = folder();
    const backup = await follow(primary);
    await backup.follower!.catchUp();
    await primary.close();
    cpSync(primary.dir, copies, { recursive: true });
    await primary.restart();
    const kept = await technician("Kept");
    await backup.follower!.catchUp();
    await primary.close();
    for (const name of readdirSync(copies).filter((name) => name.startsWith("clavitor-"))) cpSync(join(copies, name), join(primary.dir, name));
    await primary.restart();
    // As many changes as were lost, so that no number alone tells the two histories apart.
    const other = await technician("Other");
    await backup.follower!.catchUp();
    const there = msp.manager.as({ dial: backup.listening, key: (await msp.manager.get("/vault")).json.backup_key as string });
    const known = await uids(there);
    expect([known.includes(kept.uid), known.includes(other.uid)]).toEqual([true, false]);
    expect(backup.logged.join()).toContain("backup.forked");
  });
});

describe("PROTOCOL 9, failover: killed, served, promoted, rejoined", () => {
  test("what a client sees at each step", async () => {
    const leaver = await technician("Leaver");
    const reader = await person();
    await vault.owner.must([op("POST", "/entry", { title: "Router", scopes: "0010", fields: [] })], { keys: [vault.key] });
    const backup = await follow(primary);
    await backup.follower!.catchUp();
    const { backup_key: backupKey, replicated, revision } = (await msp.manager.get("/vault")).json;
    expect(replicated.revision).toBe(revision);
    expect(reader.account.uid).not.toBe("");

    // A revocation that the primary applies and the backup never hears of.
    const ops = revoke(leaver);
    const header = await msp.manager.assertion(ops, { keys: [msp.signers[0]!] });
    const share = revoke(leaver);
    const shareHeader = await msp.manager.assertion(share, { keys: [msp.signers[0]!], challenge: standing() });
    const done = (await msp.manager.submit(ops, header)).json as SignedReceipt;
    const board = (await msp.manager.get("/vault")).json;
    expect(board.replicated.revision).toBeLessThan(done.receipt.revision); // not "backup confirmed"

    // 1. The primary is gone: silence there; reads at the backup, signed by its key in mode backup.
    await primary.close();
    dropConnections();
    await expect(msp.manager.get("/vault")).rejects.toThrow(/ECONNREFUSED|socket/);
    await expect(backup.follower!.catchUp()).rejects.toThrow(/ECONNREFUSED/);
    const dial = backup.listening;
    const there = msp.manager.as({ dial, key: backupKey });
    expect(code(await reader.as({ dial, key: backupKey }).get("/entry/1"))).toBe("200");
    const lag = await there.get("/vault");
    expect([lag.signed, lag.json.mode, lag.json.epoch, lag.json.revision]).toEqual([true, "backup", 1, revision]);
    expect(await uids(there)).toContain(leaver.uid); // lag, not tampering
    const refused = await there.submit(share, shareHeader);
    expect([code(refused), refused.signed, refused.headers["x-primary-location"]]).toEqual(["503 read_only", true, `${primary.origin}/${vault.owner.account.vaultId}`]);

    // 2. Promoted: the same vault's key again, mode primary, a new epoch, the lost revocation not proven.
    await backup.close();
    await upkeep(backup, { kind: "promote", above: 0 });
    const promoted = await start({ dir: backup.dir });
    const now = msp.manager.as({ dial: promoted.listening });
    const info = await now.get("/vault");
    expect(info.signed).toBe(true);
    expect(info.json).toMatchObject({ mode: "primary", epoch: 2, epoch_revision: revision, revision, public_key: vault.owner.account.key });
    expect(done.receipt.revision).toBeGreaterThan(info.json.epoch_revision);
    expect(await uids(now)).toContain(leaver.uid);
    const owner = vault.owner.as({ dial: promoted.listening });
    const page = await audit(owner);
    expect(verifyChain(page.events, null).ok).toBe(true);
    expect(page.events.find(({ epoch }) => epoch === 2)).toMatchObject({ action: "vault.restored", stream: "primary", prev: "A".repeat(43) });
    expect(page.events.some((event) => isReceiptEvent(done.receipt, event))).toBe(false);
    expect(await verifyHead(page.head!, vault.owner.account.vaultId, vault.owner.account.key)).toBe(true);
    // What happened during the failover stands in the backup's stream, under the backup's key, merged here.
    const second = await audit(owner, "backup");
    expect(second.events.map(({ action }) => action)).toContain("entry.read");
    expect(verifyChain(second.events, null, { stream: "backup" }).ok).toBe(true);
    expect(await verifyHead(second.head!, vault.owner.account.vaultId, backupKey)).toBe(true);
    // The fresh approval is not valid here; the standing share is, without another tap.
    expect(code(await now.submit(ops, header))).toBe("403 challenge_unknown");
    expect((await now.submit(share, shareHeader)).json.receipt).toMatchObject({ epoch: 2, results: [{ status: "deleted" }] });
    expect(await uids(now)).not.toContain(leaver.uid);

    // 3. The old primary rejoins as the backup: its own history is set aside, it gets a key of its own.
    const rejoined = await follow(promoted, { dir: primary.dir });
    const before = await msp.manager.as({ dial: rejoined.listening }).get("/vault");
    expect([before.status, before.signed]).toEqual([500, false]);
    await rejoined.follower!.catchUp();
    const final = (await now.get("/vault")).json;
    expect(final.replicated.revision).toBe(final.revision);
    expect(final.backup_key).not.toBe(backupKey);
    const again = await msp.manager.as({ dial: rejoined.listening, key: final.backup_key }).get("/agents");
    expect([again.signed, again.json.agents.map(({ uid }: AgentRow) => uid)]).toEqual([true, await uids(now)]);
    expect(readdirSync(primary.dir).some((name) => name.includes(".before-1"))).toBe(true);
    const merged = await audit(owner.as({ dial: rejoined.listening, key: final.backup_key }), "backup");
    expect(verifyChain(merged.events, null, { stream: "backup" }).ok).toBe(true);
    expect(merged.events.at(-1)!.epoch).toBe(2);
  });
  test("ids, entry ids and tokens that the backup heard of are never given again, deleted ones included", async () => {
    const backup = await follow(primary);
    const gone = await technician("Gone");
    await msp.manager.must(revoke(gone), { keys: [msp.signers[0]!] });
    await vault.owner.must([op("POST", "/entry", { title: "x", scopes: "", fields: [] })], { keys: [vault.key] });
    await backup.follower!.catchUp();
    await vault.owner.must([op("POST", "/entry", { title: "y", scopes: "", fields: [] }), op("DELETE", "/entry/2")], { keys: [vault.key] });
    const token = newToken();
    const taken = { name: "x", kind: "human", scopes: "", all_access: false, admin: false, token_hash: tokenHash(token) };
    const { receipt } = await vault.owner.must([op("POST", "/agent", taken)], { keys: [vault.key] });
    await vault.owner.must([op("DELETE", `/agent/${receipt.results[0]!.agent_id!}`)], { keys: [vault.key] });
    await backup.follower!.catchUp();
    await primary.close();
    await backup.close();
    await upkeep(backup, { kind: "promote", above: 0 });
    const promoted = await start({ dir: backup.dir });
    const owner = vault.owner.as({ dial: promoted.listening });
    expect(code(await owner.change([op("POST", "/agent", taken)], { keys: [vault.key] }))).toBe("409 token_reused");
    const made = await owner.must([op("POST", "/entry", { title: "z", scopes: "", fields: [] }), op("POST", "/agent", { ...taken, token_hash: tokenHash(newToken()) })], { keys: [vault.key] });
    expect(made.receipt.results[0]!.entry_id).toBe(3);
    expect(made.receipt.results[1]!.agent_id).toBeGreaterThan(receipt.results[0]!.agent_id! + 999);
    // Known once: so its standing share ends as a success, not as a stranger's.
    const share = revoke(gone);
    const now = msp.manager.as({ dial: promoted.listening });
    expect((await now.change(share, { keys: [msp.signers[0]!], challenge: standing() })).json.receipt.results[0]).toMatchObject({ status: "already_gone" });
  });
  test("a lease that ended and a row that was locked during the failover stay so after the promotion", async () => {
    const bot = await person();
    await vault.owner.must([op("PUT", `/agent/${bot.account.agentId}`, { limits: { per_minute: 1, per_hour: 1 } })], { keys: [vault.key] });
    await vault.owner.must([1, 2].map(() => op("POST", "/entry", { title: "x", scopes: "0010", fields: [] })), { keys: [vault.key] });
    const leased = await person();
    await vault.owner.must([op("PUT", `/agent/${leased.account.agentId}`, { expires_at: clock.now() + 60 })], { keys: [vault.key] });
    const backup = await follow(primary);
    await backup.follower!.catchUp();
    await primary.close();
    const there = bot.as({ dial: backup.listening });
    for (const id of [1, 2, 2]) await there.get(`/entry/${id}`);
    clock.forward(61);
    expect(code(await leased.as({ dial: backup.listening }).get("/vault"))).toBe("401 unknown_token");
    await backup.close();
    await upkeep(backup, { kind: "promote", above: 0 });
    const promoted = await start({ dir: backup.dir });
    expect(code(await bot.as({ dial: promoted.listening }).get("/entries"))).toBe("423 locked");
    expect(code(await leased.as({ dial: promoted.listening }).get("/vault"))).toBe("401 unknown_token");
  });
  test("a backup's file is not served by a primary before it is promoted, and a second backup takes over openly", async () => {
    const backup = await follow(primary);
    await backup.follower!.catchUp();
    const second = await follow(primary);
    await second.follower!.catchUp();
    await technician("Later");
    await backup.follower!.catchUp();
    expect(backup.logged.join()).toContain("backup.replaced");
    await backup.close();
    const wrong = await start({ dir: backup.dir });
    const answer = await vault.owner.as({ dial: wrong.listening }).get("/vault");
    expect([answer.status, answer.signed]).toEqual([500, false]);
    expect(wrong.logged.join()).toContain("--promote");
  });
});
