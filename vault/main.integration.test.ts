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
