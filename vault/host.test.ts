import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Host } from "./host.ts";
import { op, sendRaw } from "./testing/client.ts";
import { connectMsp, registerVault, startWorld, type OwnedVault, type World } from "./testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeEach(async () => {
  world = await startWorld();
  vault = await registerVault(world);
});
afterEach(async () => {
  await world.end();
});

const file = (id = vault.owner.account.vaultId): string => join(world.dir, `clavitor-${id}`);
const secretEntry = op("POST", "/entry", {
  title: "Mainframe in the cellar",
  scopes: "",
  tags: ["dungeon"],
  fields: [
    { label: "Operator console", kind: "text", tier: "L1", value: "plain but private" },
    { label: "password", kind: "password", tier: "L2", value: "hunter2-hunter2" },
    { label: "passport", kind: "card", tier: "L3", value: "the clients own bytes" },
  ],
});

async function restart(): Promise<void> {
  await world.close();
  await world.restart();
}

describe("at rest", () => {
  test("no title, tag, label, value, token or L3 blob lies in clear in any file, and none in the log", async () => {
    await vault.owner.must([secretEntry], { keys: [vault.key] });
    const created = await vault.owner.must([op("POST", "/agent", { name: "Row", kind: "human", scopes: "", all_access: false, admin: false })], { keys: [vault.key] });
    await connectMsp(vault);
    await vault.owner.get("/entry/1");
    await vault.owner.get("/search?q=mainframe");
    await restart();
    const files = readdirSync(world.dir).map((name) => readFileSync(join(world.dir, name)).toString("latin1")).join("\n");
    const secrets = ["Mainframe", "dungeon", "Operator", "private", "hunter2", "clients own", "passport", vault.owner.account.token.slice(4), Object.values(created.tokens!)[0]!.slice(4)];
    for (const secret of secrets) {
      expect(files).not.toContain(secret);
      expect(world.logged.join("\n")).not.toContain(secret);
    }
    expect((await vault.owner.get("/entry/1")).json.fields[1].value).toBe("hunter2-hunter2");
  });
  test("folder, host key and vault files are for their owner alone", () => {
    expect(statSync(world.dir).mode & 0o077).toBe(0);
    for (const name of ["host.key", `clavitor-${vault.owner.account.vaultId}`]) expect(statSync(join(world.dir, name)).mode & 0o777).toBe(0o600);
  });
  test("two columns of one entry cannot be swapped, nor moved to another row or revision", async () => {
    await vault.owner.must([secretEntry, { ...secretEntry, id: "7d0c9a36-8e0d-4b8c-9d64-0d2b7b3f3b11" }], { keys: [vault.key] });
    const tamper = (sql: string): Promise<void> => world.host.use(vault.owner.account.vaultId, (opened) => opened.db.exec(sql));
    await tamper("UPDATE entries SET l2 = (SELECT l2 FROM entries WHERE id = 2) WHERE id = 1");
    expect((await vault.owner.get("/entry/1")).status).toBe(500);
    expect((await vault.owner.get("/entry/2")).status).toBe(200);
    await tamper("UPDATE entries SET revision = revision + 1 WHERE id = 2");
    expect((await vault.owner.get("/entry/2")).status).toBe(500);
  });
});

describe("files that do not fit give a plain message, and an unsigned answer", () => {
  const refused = async (): Promise<string> => {
    const answer = await vault.owner.get("/vault");
    expect([answer.status, answer.signed]).toEqual([500, false]);
    expect(answer.text).not.toContain(world.dir);
    return world.logged.at(-1)!;
  };
  test("a truncated file", async () => {
    for (let i = 0; i < 20; i++) await vault.owner.must([{ ...secretEntry, id: crypto.randomUUID() }], { keys: [vault.key] });
    await world.close();
    truncateSync(file(), 20_000);
    await world.restart();
    expect(await refused()).toMatch(/damaged or not a vault/);
  });
  test("a file of noise, and an empty one", async () => {
    await world.close();
    writeFileSync(file(), Buffer.alloc(8_192, 7));
    await world.restart();
    expect(await refused()).toMatch(/damaged or not a vault/);
    await world.close();
    writeFileSync(file(), "");
    await world.restart();
    expect(await refused()).toMatch(/damaged or not a vault/);
  });
  test("another vault's file under this name", async () => {
    const other = await registerVault(world, "Other");
    await world.close();
    copyFileSync(file(other.owner.account.vaultId), file());
    await world.restart();
    expect(await refused()).toMatch(/is the vault .*, not /);
  });
  test("a host key that is another, short, or missing", async () => {
    await world.close();
    const key = join(world.dir, "host.key");
    copyFileSync(key, `${key}.kept`);
    writeFileSync(key, Buffer.alloc(32, 1));
    await world.restart();
    expect(await refused()).toMatch(/does not fit the vault/);
    await world.close();
    writeFileSync(key, "short");
    expect(() => new Host({ dir: world.dir, origin: world.origin, rpId: "vault.localhost" })).toThrow(/has 5 bytes instead of 32/);
    rmSync(key);
    expect(() => new Host({ dir: world.dir, origin: world.origin, rpId: "vault.localhost" })).toThrow(/is missing/);
    renameSync(`${key}.kept`, key);
    chmodSync(key, 0o600);
    await world.restart();
    expect((await vault.owner.get("/vault")).signed).toBe(true);
  });
});

test("one process per folder", () => {
  expect(() => new Host({ dir: world.dir, origin: world.origin, rpId: "vault.localhost" })).toThrow(/in use by another vault process/);
});

test("everything that was answered is there after a restart, and a challenge of before is not", async () => {
  const { receipt } = await vault.owner.must([secretEntry], { keys: [vault.key] });
  const header = await vault.owner.assertion([secretEntry], { keys: [vault.key] });
  await restart();
  expect((await vault.owner.get("/entry/1")).json.revision).toBe(receipt.revision);
  const audit = (await vault.owner.get("/audit")).json;
  expect(audit.events.some(({ hash }: { hash: string }) => hash === receipt.audit.hash)).toBe(true);
  const fresh = [op("PUT", "/agent/1", {})];
  const old = await vault.owner.submit(fresh, header);
  expect(old.json.code).toBe("challenge_unknown");
});

test("handles are opened at a request, closed when idle, and kept below a number", async () => {
  const small = await startWorld({ maxOpen: 3 });
  try {
    const vaults = [];
    for (let i = 0; i < 8; i++) vaults.push(await registerVault(small, `Vault ${i}`));
    for (const { owner } of vaults) expect((await owner.get("/vault")).status).toBe(200);
    expect(small.host.openCount).toBeLessThanOrEqual(3);
    small.clock.forward(1_000);
    small.host.sweep();
    expect(small.host.openCount).toBe(0);
    expect((await vaults[0]!.owner.get("/vault")).signed).toBe(true);
  } finally {
    await small.end();
  }
});

test("closing a handle neither forgets a spent challenge nor ends a live one", async () => {
  const { challenge } = await vault.owner.begin();
  const live = await vault.owner.begin();
  const spent = [op("PUT", "/agent/1", { name: "Once" })];
  expect((await vault.owner.change(spent, { keys: [vault.key], challenge })).status).toBe(200);
  const { vaultId } = vault.owner.account;
  const before = await world.host.use(vaultId, (opened) => opened);
  world.host.closeIdle();
  expect(await world.host.use(vaultId, (opened) => opened)).not.toBe(before);
  expect((await vault.owner.change([op("PUT", "/agent/1", { name: "Twice" })], { keys: [vault.key], challenge })).json.code).toBe("challenge_unknown");
  expect((await vault.owner.change([op("PUT", "/agent/1", { name: "Other" })], { keys: [vault.key], challenge: live.challenge })).status).toBe(200);
});

test("a wanted id that is taken becomes another free one", () => {
  const id = world.host.create(vault.owner.account.vaultId, "Second", () => undefined);
  expect(id).not.toBe(vault.owner.account.vaultId);
  expect(existsSync(file(id))).toBe(true);
});

test("a file that could not be finished leaves nothing behind", () => {
  const before = readdirSync(world.dir).sort();
  const half = (): string =>
    world.host.create("AAAAAA", "Half", () => {
      throw new Error("power cut");
    });
  expect(half).toThrow("power cut");
  expect(readdirSync(world.dir).sort()).toEqual(before);
});

test("a vault that was being made when the process died leaves nothing behind after the next start", async () => {
  writeFileSync(join(world.dir, ".new-0011223344556677"), "half");
  writeFileSync(join(world.dir, ".new-0011223344556677-wal"), "half");
  await restart();
  expect(readdirSync(world.dir).filter((name) => name.startsWith(".new-"))).toEqual([]);
});

test("a handle that is in use is not closed to make room, nor is the one just asked for", async () => {
  const small = await startWorld({ maxOpen: 1 });
  try {
    const [first, second] = [await registerVault(small, "First"), await registerVault(small, "Second")];
    await small.host.use(first.owner.account.vaultId, async (held) => {
      expect((await second.owner.get("/vault")).signed).toBe(true);
      expect(held.state.name).toBe("First");
      expect(held.db.get("SELECT 1 AS alive")).toEqual({ alive: 1 });
    });
  } finally {
    await small.end();
  }
});

test("an unknown vault is 404 without a signature, like any unknown path of the host", async () => {
  for (const path of ["/AAAAAA/vault", "/AAAAAA", "/nothing", `/${vault.owner.account.vaultId}`]) {
    const answer = await sendRaw(world.listening, "GET", path, { "Clavitor-Nonce": "A".repeat(22) });
    expect([answer.status, answer.json.code, answer.headers["clavitor-answer"]]).toEqual([404, "not_found", undefined]);
  }
});
