// One launcher per instance. The lock names its process, so that one left by kill -9 is seen as left.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dataDir, inData } from "./paths.mjs";
import { alive, commandOf } from "./processes.mjs";
import { StepFailure } from "./steps.mjs";

/**
 * Takes the instance's lock, or fails saying who has it.
 * @param {string} program a word that the holder's command line contains
 * @returns {() => void} gives it back
 */
export function takeLock(program, file = inData("running.lock")) {
  // Not secret by itself (secrets.json is 0600), and the database's own user must be able to walk through it.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(mine, file); // atomic: only one of two simultaneous starts gets it
        return () => {
          if (readHolder(file) === process.pid) rmSync(file, { force: true });
        };
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const holder = readHolder(file);
      if (holder && holder !== process.pid && alive(holder) && commandOf(holder).includes(program)) {
        let where = "";
        try {
          where = ` It serves http://localhost:${JSON.parse(readFileSync(inData("ports.json"), "utf8")).console}.`;
        } catch {
          // it has not chosen its ports yet
        }
        throw new StepFailure(
          `This instance is already running as process ${holder}.${where}`,
          "Use that one, or stop it first (Ctrl-C in its window).",
        );
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function readHolder(file) {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
