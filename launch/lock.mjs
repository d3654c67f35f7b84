// Locks name their process, so that one left by kill -9 is seen as left. One launcher per instance; one maker per checkout.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dataDir, inData, inRoot } from "./paths.mjs";
import { alive, commandOf, until } from "./processes.mjs";
import { StepFailure } from "./steps.mjs";

/**
 * Takes a lock, or tells who has it.
 * @param {string} file
 * @param {string} program a word that the holder's command line contains
 * @returns {{release: () => void} | {holder: number}}
 */
function tryLock(file, program) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(mine, file); // atomic: only one of two simultaneous callers gets it
        return {
          release: () => {
            if (readHolder(file) === process.pid) rmSync(file, { force: true });
          },
        };
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const holder = readHolder(file);
      if (holder && holder !== process.pid && alive(holder) && commandOf(holder).includes(program)) return { holder };
      takeAway(file, holder, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Takes the instance's lock, or fails saying who has it.
 * @returns {() => void} gives it back
 */
export function takeLock(program, file = inData("running.lock")) {
  // Not secret by itself (secrets.json is 0600), and the database's own user must be able to walk through it.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const got = tryLock(file, program);
  if (got.release) return got.release;
  let where = "";
  try {
    where = ` It serves http://localhost:${JSON.parse(readFileSync(inData("ports.json"), "utf8")).console}.`;
  } catch {
    // it has not chosen its ports yet
  }
  throw new StepFailure(
    `This instance is already running as process ${got.holder}.${where}`,
    "Use that one, or stop it first (Ctrl-C in its window).",
  );
}

/**
 * Does work that writes into the checkout (packages, client, pages) while no other launcher of it does. Waits for the other
 * one; what it made is then found fresh.
 */
export async function aloneInCheckout(work, file = inRoot(".making.lock")) {
  const got = await until(() => {
    const tried = tryLock(file, "launch/");
    return tried.release ? tried : undefined;
  }, { within: 15 * 60_000, every: 200 });
  if (!got) throw new StepFailure("Another start or test has been making packages or pages for 15 minutes.", `Look at it; its process is named in ${file}.`);
  try {
    return await work();
  } finally {
    got.release();
  }
}

/**
 * Takes a left lock away, one remover at a time: between reading whose it was and removing it, another may have removed it
 * already and taken a fresh one, which must stay.
 */
function takeAway(file, left, mine) {
  const guard = `${file}.removing`;
  try {
    linkSync(mine, guard);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const remover = readHolder(guard);
    if (!remover || !alive(remover)) rmSync(guard, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return;
  }
  try {
    if (readHolder(file) === left) rmSync(file, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function readHolder(file) {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
