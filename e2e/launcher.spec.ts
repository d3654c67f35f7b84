/** npm start under fire, as processes: no browser. Each test has a folder and ports of its own. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ownEnvironment } from "./instance.setup.ts";

const starter = join(import.meta.dirname, "../launch/start.mjs");

type Start = { child: ChildProcess; said: () => string; ended: Promise<number | null>; ready: Promise<void> };

let folder: string;
const started: Start[] = [];

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clavitor-launcher-"));
  chmodSync(folder, 0o711);
});
test.afterEach(async () => {
  for (const { child } of started.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  await expect.poll(() => ours().length, { timeout: 20_000 }).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): Start {
  const child = spawn(process.execPath, [starter], { env: ownEnvironment({ CLAVITOR_DATA: folder, CLAVITOR_FRESH_PORTS: "1", CLAVITOR_DEMO: "0", CI: "1", ...env }), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise<number | null>((resolve) => void child.once("close", (code) => resolve(code)));
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Ready in")) resolve();
    });
    void ended.then(() => reject(new Error(said)));
  });
  ready.catch(() => undefined);
  const it = { child, said: () => said, ended, ready };
  started.push(it);
  return it;
}

/** Every process whose command line or environment names this test's folder, but for those that have just ended. */
function ours(): { pid: number; command: string }[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      return command !== "" && (command.includes(folder) || environment.includes(`CLAVITOR_DATA=${folder}\0`)) ? [{ pid: Number(pid), command }] : [];
    } catch {
      return [];
    }
  });
}

const ports = () => JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as Record<string, number>;
const isReady = async () => (await fetch(`http://127.0.0.1:${ports().console}/api/ready`)).status === 200;

test("a start ends on SIGTERM and on Ctrl-C with nothing left running, and the next one uses the same ports", async () => {
  const first = start();
  await first.ready;
  const before = ports();
  expect(ours().length).toBeGreaterThan(4);
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  expect(ours()).toEqual([]);
  const second = start();
  await second.ready;
  expect(ports()).toEqual(before);
  second.child.kill("SIGINT");
  expect(await second.ended).toBe(0);
  expect(ours()).toEqual([]);
});

test("two starts at once: one serves, the other says that it runs already and harms nothing", async () => {
  const both = [start(), start()];
  const loser = await Promise.race(both.map(async (one) => (await one.ended, one)));
  expect(await loser.ended).toBe(1);
  expect(loser.said()).toContain("This instance is already running as process");
  const winner = both.find((one) => one !== loser)!;
  await winner.ready;
  expect(await isReady()).toBe(true);
});

test("after kill -9 of the launcher its parts end by themselves, and the next start takes over the database that is left", async () => {
  const first = start();
  await first.ready;
  first.child.kill("SIGKILL");
  await first.ended;
  await expect.poll(() => ours().filter(({ command }) => /server\.ts|worker\.ts|sandbox\//.test(command))).toEqual([]);
  const second = start();
  await second.ready;
  expect(second.said()).toContain("taken over, it was left running");
  expect(await isReady()).toBe(true);
});

test("after kill -9 of everything the next start recovers by itself", async () => {
  const first = start();
  await first.ready;
  for (const { pid } of ours()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ended with its parent meanwhile
    }
  }
  await first.ended;
  const second = start();
  await second.ready;
  expect(await isReady()).toBe(true);
});

test("a part that is killed starts again, the database too", async () => {
  const first = start();
  await first.ready;
  for (const part of [/worker\.ts/, /server\.ts/, /postgres -D|postgres.* -D /]) {
    const victim = ours().find(({ command }) => part.test(command));
    expect(victim, String(part)).toBeTruthy();
    process.kill(victim!.pid, "SIGKILL");
    await expect.poll(() => ours().some(({ command, pid }) => part.test(command) && pid !== victim!.pid), { timeout: 15_000 }).toBe(true);
  }
  await expect.poll(() => isReady().catch(() => false), { timeout: 30_000 }).toBe(true);
});

test("a start brings up the clients' vaults: 51 of the reference portfolio and the 2 of a second provider", async () => {
  const first = start({ CLAVITOR_DEMO: "1" });
  await first.ready;
  const clients = `http://127.0.0.1:${ports().clients}`;
  await expect.poll(async () => (await fetch(`${clients}/health`)).status, { timeout: 40_000 }).toBe(200);
  expect(readdirSync(join(folder, "vaults")).filter((name) => /^clavitor-[\w-]{6}$/.test(name))).toHaveLength(53);
});

test("no part holds a login that it does not use, and the database's process holds no setting of ours", async () => {
  const first = start({ CLAVITOR_DEMO: "1", SMTP_URLS: "smtp://u:hunter2@127.0.0.1:1" });
  await first.ready;
  const held = (pattern: RegExp) => {
    const { pid } = ours().find(({ command }) => pattern.test(command))!;
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").map((line) => line.split("=", 1)[0]!);
  };
  const logins = new Set(["ADMIN_DATABASE_URL", "DATABASE_URL", "JOBS_DATABASE_URL", "APP_DATABASE_URL", "SMTP_URLS", "SEAL_KEYS", "SESSION_SECRET", "CLAVITOR_DEMO_SEED"]);
  const of = (pattern: RegExp) => held(pattern).filter((name) => logins.has(name)).toSorted();
  expect(of(/server\.ts/)).toEqual(["APP_DATABASE_URL", "SEAL_KEYS", "SESSION_SECRET"]);
  expect(of(/worker\.ts/)).toEqual(["APP_DATABASE_URL", "JOBS_DATABASE_URL", "SEAL_KEYS", "SESSION_SECRET", "SMTP_URLS"]);
  expect(of(/sandbox\/mail/)).toEqual([]);
  expect(of(/sandbox\/vaults/)).toEqual([]);
  expect(of(/sandbox\/clients/)).toEqual(["CLAVITOR_DEMO_SEED"]);
  expect(of(/native\/bin\/postgres -D/)).toEqual([]);
});

test("a start that is stopped while its database comes up leaves nothing running", async () => {
  const first = start();
  await expect.poll(() => first.said()).toContain("pages");
  await expect.poll(() => ours().some(({ command }) => /postgres|initdb/.test(command))).toBe(true);
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  await expect.poll(() => ours()).toEqual([]);
});

test("after kill -9 in the middle of making the database, the next start makes it", async () => {
  const first = start();
  await expect.poll(() => ours().some(({ command }) => /initdb/.test(command)), { intervals: [5] }).toBe(true);
  first.child.kill("SIGKILL");
  await first.ended;
  const second = start();
  await second.ready;
  expect(await isReady()).toBe(true);
  expect(readdirSync(join(folder, "postgres")).filter((name) => name.startsWith("making-"))).toEqual([]);
});

test("when somebody else holds the console's port, the start names them and moves nothing", async () => {
  const first = start();
  await first.ready;
  first.child.kill("SIGTERM");
  await first.ended;
  const before = ports();
  const squatter = await new Promise<Server>((resolve) => {
    const server = createServer().listen(before.console, "127.0.0.1", () => resolve(server));
  });
  const second = start();
  expect(await second.ended).toBe(1);
  await new Promise((resolve) => squatter.close(resolve));
  expect(second.said()).toContain(`Port ${before.console}, the address of this console, is held by process ${process.pid}`);
  expect(ports()).toEqual(before);
});

test("away from loopback a missing setting stops the start with its name, and no secret is shown", async () => {
  const it = start({ APP_ORIGIN: "https://console.example.com", SIGN_ORIGIN: "https://sign.example.com", SMTP_URLS: "smtps://u:hunter2@mail.example.com", SESSION_SECRET: "hunter2", DATABASE_URL: "postgresql://o:hunter2@db.example.com/x" });
  expect(await it.ended).toBe(1);
  expect(it.said()).toContain("APP_DATABASE_URL is missing");
  expect(it.said()).toContain("SESSION_SECRET must hold at least 32 random bytes");
  expect(it.said()).not.toContain("hunter2");
});

test("a full disk is called a full disk, and once there is space the same start works", async () => {
  const small = join(folder, "small");
  execFileSync("mkdir", [small]);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=711", "tmpfs", small], { stdio: "ignore" });
  } catch {
    test.skip(true, "No right to mount a small file system here; the full disk was not tried.");
  }
  try {
    const full = start({ CLAVITOR_DATA: small });
    expect(await full.ended).toBe(1);
    expect(full.said()).toContain("The disk is full.");
    execFileSync("mount", ["-o", "remount,size=900m", small]);
    const again = start({ CLAVITOR_DATA: small });
    await again.ready;
    again.child.kill("SIGTERM");
    expect(await again.ended).toBe(0);
  } finally {
    execFileSync("umount", ["-l", small]);
  }
});
