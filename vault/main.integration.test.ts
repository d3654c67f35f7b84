// The command line of PROTOCOL 13, as a process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generateSealKey } from "#lib/protocol/seal.ts";
import { dropConnections, op } from "./testing/client.ts";
import { registerVault } from "./testing/world.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "main-"));
});
afterEach(() => {
  dropConnections();
  rmSync(dir, { recursive: true, force: true });
});

interface Run {
  line: Promise<{ listening: string; origin: string }>;
  ended: Promise<{ code: number | null; out: string; err: string }>;
  kill(signal: NodeJS.Signals): void;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url)), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  const line = new Promise<{ listening: string; origin: string }>((resolve) => {
    child.stdout.on("data", (part: Buffer) => {
      out += String(part);
      if (out.includes("\n")) resolve(JSON.parse(out.split("\n")[0]!) as { listening: string; origin: string });
    });
  });
  child.stderr.on("data", (part: Buffer) => {
    err += String(part);
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out, err }));
  return { line, ended, kill: (signal) => void child.kill(signal) };
}

test("says in one line of JSON where it listens and what to open, and nothing else on standard output", async () => {
  const vaults = run("--data", dir, "--port", "0");
  const { listening, origin } = await vaults.line;
  expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(origin).toBe(`http://vault.localhost:${new URL(listening).port}`);
  const vault = await registerVault({ listening, origin });
  expect((await vault.owner.get("/vault")).signed).toBe(true);
  dropConnections();
  vaults.kill("SIGTERM");
  const { code, out } = await vaults.ended;
  expect([code, out.trim().split("\n").length]).toEqual([0, 1]);
});

test("SIGTERM finishes what is being answered", async () => {
  const vaults = run("--data", dir, "--port", "0");
  const { listening, origin } = await vaults.line;
  const vault = await registerVault({ listening, origin });
  const pair = await generateSealKey("x-wing");
  const ops = Array.from({ length: 100 }, () => op("POST", "/agent", { name: "x", kind: "human", scopes: "", all_access: false, admin: false, seal_to: { kem: "x-wing", public_key: pair.publicKey } }));
  const header = await vault.owner.assertion(ops, { keys: [vault.key] });
  const answer = vault.owner.submit(ops, header);
  // Another answer on the same server shows that the batch has arrived before the signal does.
  await vault.owner.get("/vault");
  vaults.kill("SIGTERM");
  expect((await answer).status).toBe(200);
  expect((await vaults.ended).code).toBe(0);
});

test("refuses with one plain sentence: missing arguments, a taken port, a folder in use, an origin that does not fit", async () => {
  expect(await run().ended).toMatchObject({ code: 1, out: "", err: expect.stringContaining("Usage:") as string });
  expect(await run("--data", dir, "--port", "0", "--nonsense").ended).toMatchObject({ code: 1, out: "" });
  expect(await run("--data", dir, "--port", "0", "--origin", "http://example.com").ended).toMatchObject({ code: 1, err: expect.stringContaining("--origin") as string });
  const first = run("--data", dir, "--port", "0");
  const { port } = new URL((await first.line).listening);
  const other = mkdtempSync(join(tmpdir(), "main-"));
  expect(await run("--data", other, "--port", port).ended).toMatchObject({ code: 1, err: `Port ${port} on 127.0.0.1 is taken by another program.\n` });
  expect(await run("--data", dir, "--port", "0").ended).toMatchObject({ code: 1, err: expect.stringContaining("in use by another vault process") as string });
  rmSync(other, { recursive: true, force: true });
  first.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);
});

test("tells a vault that it was restored, and refuses one that is not there", async () => {
  const vaults = run("--data", dir, "--port", "0");
  const { owner } = await registerVault(await vaults.line);
  dropConnections();
  vaults.kill("SIGTERM");
  await vaults.ended;
  const { code, err } = await run("--data", dir, "--restored", owner.account.vaultId).ended;
  expect([code, err]).toEqual([0, expect.stringMatching(/"event":"vault\.restored".*"epoch":2/)]);
  expect(await run("--data", dir, "--restored", "AAAAAA").ended).toMatchObject({ code: 1, err: "There is no vault AAAAAA in this folder.\n" });
});

test("erases details of the log before a date, and says how many", async () => {
  const vaults = run("--data", dir, "--port", "0");
  const started = await vaults.line;
  await registerVault(started);
  dropConnections();
  vaults.kill("SIGTERM");
  await vaults.ended;
  const { code, err } = await run("--data", dir, "--erase-details-before", "2999-01-01").ended;
  expect(code).toBe(0);
  expect(err).toMatch(/"event":"details\.erased".*"events":1/);
});

test("copies a running host, sets its subscription, proves and restores a copy, each with one command", async () => {
  const vaults = run("--data", dir, "--port", "0");
  const { owner, key } = await registerVault(await vaults.line);
  const { vaultId } = owner.account;
  const to = join(dir, "copies");
  const copied = await run("--data", dir, "--copy-to", to).ended;
  expect([copied.code, copied.err]).toEqual([0, expect.stringMatching(/"event":"vault\.copied".*"revision":1/)]);
  const nameless = await run("--data", dir, "--set-meta", vaultId, "--expires-at", "2020-01-01").ended;
  expect([nameless.code, nameless.err]).toEqual([1, "The first time, --account-email is needed.\n"]);
  expect((await owner.get("/entries")).status).toBe(200);
  expect((await run("--data", dir, "--set-meta", vaultId, "--account-email", "office@acme.example", "--expires-at", "2020-01-01", "--tokens", "11").ended).code).toBe(0);
  expect((await owner.get("/entries")).json.code).toBe("expired");
  expect((await owner.get("/vault")).json).toMatchObject({ paid_until: 1_577_836_800, limits: { tokens: { limit: 11 } } });
  expect((await run("--data", dir, "--set-meta", vaultId, "--expires-at", "none").ended).code).toBe(0);
  await owner.must([op("POST", "/entry", { title: "Later", scopes: "", fields: [] })], { keys: [key] });
  const copy = join(to, `clavitor-${vaultId}`);
  expect((await run("--data", dir, "--restore", copy).ended).err).toMatch(/in use by another vault process/);
  dropConnections();
  vaults.kill("SIGTERM");
  await vaults.ended;
  expect((await run("--data", dir, "--verify", copy).ended).err).toMatch(/"event":"copy\.whole"/);
  expect((await run("--data", dir, "--restore", copy).ended).err).toMatch(/"event":"vault\.restored".*"epoch":2/);
  const again = run("--data", dir, "--port", "0");
  const { listening } = await again.line;
  const restored = owner.as({ dial: listening });
  expect((await restored.get("/entries")).json.entries).toEqual([]);
  expect((await restored.get("/vault")).json.epoch).toBe(2);
  dropConnections();
  again.kill("SIGTERM");
  await again.ended;
});

test("follows, is promoted when the primary was killed, and refuses what does not go together", async () => {
  const secret = join(dir, "secret");
  const [here, there] = [join(dir, "primary"), join(dir, "backup")];
  expect((await run("--new-replication-secret", secret).ended).code).toBe(0);
  expect((await run("--data", there, "--port", "0", "--mode", "backup").ended).err).toMatch(/go together/);
  expect((await run("--data", there, "--port", "0", "--mode", "backup", "--follow", "http://127.0.0.1:1").ended).err).toMatch(/needs --replication-secret/);
  const primary = run("--data", here, "--port", "0", "--replication-secret", secret);
  const started = await primary.line;
  const { owner } = await registerVault(started);
  const backup = run("--data", there, "--port", "0", "--mode", "backup", "--follow", started.listening, "--replication-secret", secret);
  const { listening } = await backup.line;
  await expect.poll(async () => (await owner.get("/vault")).json.replicated?.revision as unknown, { timeout: 10_000 }).toBe(1);
  dropConnections();
  primary.kill("SIGKILL");
  await primary.ended;
  const info = (await owner.as({ dial: listening }).get("/vault")).json;
  expect(info).toMatchObject({ mode: "backup", replicated: { revision: 1 } });
  dropConnections();
  backup.kill("SIGTERM");
  expect((await backup.ended).code).toBe(0);
  expect((await run("--data", there, "--promote").ended).err).toMatch(/"event":"vault\.promoted".*"epoch":2/);
  const promoted = run("--data", there, "--port", "0");
  const after = await owner.as({ dial: (await promoted.line).listening }).get("/vault");
  expect([after.signed, after.json.mode, after.json.epoch]).toEqual([true, "primary", 2]);
  dropConnections();
  promoted.kill("SIGTERM");
  await promoted.ended;
});
