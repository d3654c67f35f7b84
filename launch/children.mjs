// The parts that a start brings up: each restarts when it falls, all end together, none outlives its launcher.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { dataDir, root } from "./paths.mjs";
import { StepFailure } from "./steps.mjs";

const logCap = 20 * 1024 * 1024;
const grace = 12_000;
const pauses = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** Output goes to .data/log/<name>.log; the file before it is kept once. */
function openLog(name) {
  const file = join(dataDir, "log", `${name}.log`);
  mkdirSync(join(dataDir, "log"), { recursive: true, mode: 0o700 });
  let broken = 0;
  const openStream = () => {
    const opened = createWriteStream(file, { flags: "a", mode: 0o600 });
    // A full disk must not end the launcher: the part goes on without its log, which is tried again later.
    return opened.on("error", () => (broken ||= performance.now()));
  };
  let stream = openStream();
  let size = existsSync(file) ? statSync(file).size : 0;
  let tail = "";
  return {
    file,
    tail: () => tail,
    write(chunk) {
      tail = (tail + chunk).slice(-4_000);
      if (broken && performance.now() - broken > 5_000) {
        broken = 0;
        stream = openStream();
      }
      size += chunk.length;
      if (size > logCap) {
        stream.end();
        rmSync(`${file}.1`, { force: true });
        renameSync(file, `${file}.1`);
        stream = openStream();
        size = 0;
      }
      stream.write(chunk);
    },
  };
}

/**
 * @param {{name: string, program: string, args: string[], env: NodeJS.ProcessEnv, show?: boolean}} part
 *   a part says "ready" over its channel when it serves; one that ends before that fails its step.
 */
export function startPart({ name, program, args, env, show = false }) {
  const log = openLog(name);
  let child;
  let said = false;
  let stopping = false;
  let falls = 0;
  let restart;

  const launch = () => {
    // The channel is the leash: when the launcher dies in any way, even by kill -9, it closes and the part ends itself.
    child = spawn(program, args, { cwd: root, env: { ...env, CLAVITOR_LEASH: "1" }, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const began = performance.now();
    said = false;
    child.on("message", (word) => (said ||= word === "ready"));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        log.write(chunk);
        if (show) process.stdout.write(chunk);
      });
    }
    const fallen = (how) => {
      if (stopping) return;
      falls = performance.now() - began > 60_000 ? 0 : falls + 1;
      if (!settled) return; // the first start is judged by its step
      const pause = pauses[Math.min(falls, pauses.length - 1)];
      console.log(`  ! ${name} ended (${how}); it starts again in ${pause / 1000} s. Its log: ${log.file}`);
      restart = setTimeout(launch, pause);
    };
    child.once("error", (error) => fallen(error.message));
    child.once("exit", (code, signal) => fallen(signal ?? `exit ${code}`));
  };

  let settled = false;
  const whenReady = async (within) => {
    const end = performance.now() + within;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) {
        stopping = true;
        throw new StepFailure(`${name} ended at its start (${child.signalCode ?? `exit ${child.exitCode}`}).`, `Its own last words are below; the whole log is ${log.file}.`, log.tail());
      }
      if (said) {
        settled = true;
        return;
      }
      if (performance.now() > end) {
        throw new StepFailure(`${name} did not become ready within ${within / 1000} s.`, `Its own last words are below; the whole log is ${log.file}.`, log.tail());
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  const stop = () =>
    new Promise((resolve) => {
      stopping = true;
      clearTimeout(restart);
      if (!child || child.exitCode !== null || child.signalCode !== null) return resolve();
      const hard = setTimeout(() => child.kill("SIGKILL"), grace);
      child.once("exit", () => (clearTimeout(hard), resolve()));
      child.kill("SIGTERM");
    });

  launch();
  return { name, whenReady, stop, pid: () => child?.pid };
}

/** True when a GET is answered with 200. */
export async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
