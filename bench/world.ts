// The demo's outside world as it is started by `npm start`: vault host and client admins as processes, the cast's keys in this
// one. Baseline of the same run: a Node process that does nothing. Budgets: under 2 s after the first time, under 300 MiB.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENTS } from "../sandbox/cast/clients.ts";
import { PEOPLE } from "../sandbox/cast/people.ts";
import { Technician } from "../sandbox/technicians/inbox.ts";
import { ownersKeys } from "../sandbox/technicians/signers.ts";
import { median, timed } from "./measure.ts";

const SEED = Buffer.alloc(32, 17);
const CONSOLE = "http://localhost:3000";
const AGAIN = 5;
const program = (path: string): string => join(import.meta.dirname, "..", path);

interface Part {
  child: ChildProcess;
  ready: Promise<void>;
  /** Resolves when this text stood in what it said on standard error. */
  says(text: string): Promise<void>;
  stop(): Promise<void>;
}

function part(args: readonly string[], cache?: string): Part {
  const env = { ...process.env, CLAVITOR_LEASH: "1", CLAVITOR_DEMO_SEED: SEED.toString("base64url"), ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  let said = "";
  const fallen = ended.then(() => Promise.reject(new Error(said)));
  fallen.catch(() => undefined);
  const ready = new Promise<void>((resolve) => void child.on("message", (word) => word === "ready" && resolve()));
  child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const says = (text: string): Promise<void> =>
    new Promise<void>((resolve) => {
      const look = (): void => void (said.includes(text) && resolve());
      child.stderr!.on("data", look);
      look();
    });
  return { child, ready: Promise.race([ready, fallen]), says: (text) => Promise.race([says(text), fallen]), stop: () => (child.kill("SIGTERM"), ended) };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Resident memory of a process, MiB. */
function resident({ child }: { child: ChildProcess }): number {
  const status = `/proc/${child.pid}/status`;
  const kilobytes = existsSync(status) ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(status, "utf8"))![1]! : spawnSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" }).stdout;
  return Number(kilobytes) / 1_024;
}

async function idleNode(): Promise<{ ms: number; mib: number }> {
  let mib = 0;
  const once = async (): Promise<void> => {
    const idle = part(["-e", "process.send('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6)"]);
    await idle.ready;
    mib = resident(idle);
    await idle.stop();
  };
  await once();
  const times: number[] = [];
  for (let i = 0; i < AGAIN; i++) times.push(await timed(once));
  return { ms: median(times), mib };
}

/** All keys of the cast and every technician's inbox statement, as the demo makes them. */
async function cast(): Promise<void> {
  for (const { id } of PEOPLE) await new Technician(SEED, { person: id, console: CONSOLE }).state(1_800_000_000);
  for (const msp of ["quillmoor", "fernhill"] as const) ownersKeys(SEED, msp, "http://sign.localhost:3000");
}

/** Measures and prints a table. */
export async function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "bench-world-"));
  const port = await freePort();
  const [vaults, data, cache] = [join(dir, "vaults"), join(dir, "clients"), join(dir, "compile-cache")]; // as launch/demo.mjs
  const parts = (): [Part, Part] => [
    part([program("sandbox/vaults/main.ts"), "--data", vaults, "--port", String(port)], cache),
    part([program("sandbox/clients/main.ts"), "--vaults", `http://vault.localhost:${port}`, "--hosting", vaults, "--data", data, "--console", CONSOLE], cache),
  ];
  let running: readonly Part[] = [];
  try {
    const idle = await idleNode();
    const first = await timed(async () => {
      running = parts();
      await Promise.all([...running.map(({ ready }) => ready), running[1]!.says("vaults.standing")]);
    });
    const firstMemory = running.map(resident);
    const times: number[] = [];
    let memory: number[] = [];
    for (let i = 0; i < AGAIN; i++) {
      await running[1]!.stop();
      await running[0]!.stop();
      times.push(
        await timed(async () => {
          running = parts();
          await Promise.all([...running.map(({ ready }) => ready), cast()]);
        }),
      );
      memory = running.map(resident);
    }
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const castOnly = await timed(cast);
    const again = median(times);
    const lines: [string, string, string][] = [
      [`first start: ${CLIENTS.length} vaults registered, filled, with ceilings`, `${(first / 1_000).toFixed(1)} s`, `${(first / CLIENTS.length).toFixed(0)} ms a vault`],
      [`every start after it: each vault seen again, ${PEOPLE.length} people's keys`, `${again.toFixed(0)} ms`, `${(again / idle.ms).toFixed(1)} x an idle Node process; budget 2,000 ms`],
      ["  slowest of these", `${Math.max(...times).toFixed(0)} ms`, `of ${AGAIN}`],
      ["  of it the cast alone", `${castOnly.toFixed(0)} ms`, "passkeys, X-Wing inboxes, statements"],
      ["memory after a first start, host and admins", `${sum(firstMemory).toFixed(0)} MiB`, firstMemory.map((one) => one.toFixed(0)).join(" + ")],
      ["memory after a later start, host and admins", `${sum(memory).toFixed(0)} MiB`, `${memory.map((one) => one.toFixed(0)).join(" + ")}; ${(sum(memory) / idle.mib).toFixed(1)} x an idle Node process; budget 300 MiB`],
    ];
    const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
    for (const [what, value, compared] of lines) console.log(`${what.padEnd(widths[0]!)}  ${value.padStart(widths[1]!)}  ${compared}`);
  } finally {
    for (const one of running.toReversed()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) await run();
