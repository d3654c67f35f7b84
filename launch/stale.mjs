// "Is this still fresh?" by content: a step is skipped when what it reads has not changed since it last succeeded.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aloneInCheckout } from "./lock.mjs";
import { root } from "./paths.mjs";

function* filesUnder(path) {
  const full = join(root, path);
  let stat;
  try {
    stat = statSync(full);
  } catch {
    return;
  }
  if (!stat.isDirectory()) return yield path;
  for (const name of readdirSync(full).sort()) {
    if (name === "generated" || name === "node_modules" || name.startsWith(".")) continue;
    yield* filesUnder(join(path, name));
  }
}

/** SHA-256 over the names and contents of all files under the given paths, and any extra words. */
export function fingerprint(paths, ...words) {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of filesUnder(path)) {
      if (/\.test\.[a-z]+$/.test(file)) continue;
      const bytes = readFileSync(join(root, file));
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  for (const word of words) hash.update(`\0${word}`);
  return hash.digest("hex");
}

/**
 * Does the work only when the mark does not carry this print. The mark is taken away first and written last, so a work
 * that was cut off in the middle is done again.
 * @returns {Promise<boolean>} whether it was done
 */
export async function whenStale(mark, print, work) {
  const isFresh = () => {
    try {
      return readFileSync(mark, "utf8") === print;
    } catch {
      return false; // never done, or cut off
    }
  };
  if (isFresh()) return false;
  return aloneInCheckout(async () => {
    if (isFresh()) return false;
    rmSync(mark, { force: true });
    await work();
    writeFileSync(mark, print);
    return true;
  });
}
