/** The clients' admins as a process beside a vault host, killed in the middle of their first start. */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { b64u } from "../../lib/protocol/bytes.ts";
import { CLIENTS } from "../cast/clients.ts";
import { startVaultHost, temporaryFolder, type VaultHost } from "./testing.ts";

const folder = temporaryFolder();
const data = join(folder.path, "clients");
let host: VaultHost;
const started: ChildProcess[] = [];

beforeAll(async () => {
  host = await startVaultHost(join(folder.path, "vaults"));
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await host.stop();
  folder.remove();
});

interface Admins {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | string | null>;
  port: Promise<number>;
}

function start(env: Record<string, string> = { CLAVITOR_DEMO_SEED: b64u(new Uint8Array(32).fill(12)) }): Admins {
  const args = ["--vaults", host.origin, "--hosting", host.folder, "--data", data, "--console", "http://localhost:3000"];
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { env: { ...env } as NodeJS.ProcessEnv, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  started.push(child);
  let said = "";
  child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const port = new Promise<number>((resolve) => void child.stdout!.once("data", (chunk: Buffer) => resolve((JSON.parse(chunk.toString()) as { port: number }).port)));
  return { child, said: () => said, ended: new Promise((resolve) => void child.once("exit", (code, signal) => resolve(signal ?? code))), port };
}

const remembered = (): number => {
  try {
    return (JSON.parse(readFileSync(join(data, "clients.json"), "utf8")) as { vaults: unknown[] }).vaults.length;
  } catch {
    return 0;
  }
};
const files = (): string[] => readdirSync(host.folder).filter((name) => /^clavitor-.{6}$/.test(name));

test("killed twice in the middle of the first start, the third one stands with every vault once and none left over", async () => {
  for (const enough of [3, 20]) {
    const admins = start();
    await expect.poll(remembered, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
    admins.child.kill("SIGKILL");
    expect(await admins.ended).toBe("SIGKILL");
    expect(remembered()).toBeLessThan(CLIENTS.length);
  }
  const admins = start();
  await expect.poll(admins.said, { timeout: 60_000 }).toContain("vaults.standing");
  expect(files()).toHaveLength(CLIENTS.length);
  const answer = (await (await fetch(`http://127.0.0.1:${await admins.port}/clients`)).json()) as { clients: { vault: { id: string } }[] };
  expect(answer.clients.map(({ vault }) => `clavitor-${vault.id}`).sort()).toEqual(files().sort());
  admins.child.kill("SIGTERM");
  expect(await admins.ended).toBe(0);
}, 120_000);

test("a later start says ready only after every vault was seen again, makes nothing, and ends with its launcher", async () => {
  const before = readFileSync(join(data, "clients.json"), "utf8");
  const admins = start({ CLAVITOR_DEMO_SEED: b64u(new Uint8Array(32).fill(12)), CLAVITOR_LEASH: "1" });
  await new Promise((resolve) => void admins.child.once("message", resolve));
  expect((await fetch(`http://127.0.0.1:${await admins.port}/health`)).status).toBe(200);
  expect(readFileSync(join(data, "clients.json"), "utf8")).toBe(before);
  expect(files()).toHaveLength(CLIENTS.length);
  admins.child.disconnect();
  expect(await admins.ended).toBe(0);
});

test("with another seed it ends with the reason, and touches nothing", async () => {
  const before = readFileSync(join(data, "clients.json"), "utf8");
  const admins = start({ CLAVITOR_DEMO_SEED: b64u(new Uint8Array(32).fill(13)) });
  expect(await admins.ended).toBe(1);
  expect(admins.said()).toContain("was made with another seed");
  expect(readFileSync(join(data, "clients.json"), "utf8")).toBe(before);
});

test("without a seed it ends at once and says which variable is missing", async () => {
  const admins = start({});
  expect(await admins.ended).toBe(1);
  expect(admins.said()).toContain("CLAVITOR_DEMO_SEED");
});
