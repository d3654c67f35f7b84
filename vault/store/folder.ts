// The folder of the vaults: one process at a time, and files that are whole or absent.
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Database } from "./database.ts";
import { PlainError } from "./plain-error.ts";
import { SCHEMA } from "./schema.ts";

/** Waits until a file, or the names in a folder, are on the disk. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}

/**
 * Makes the file of a vault: built under another name, in one transaction with what `fill` writes, synced, then linked to
 * its own. Throws when the name is taken meanwhile; a vault is never replaced, and a draft never left behind.
 */
export function createFile(dir: string, path: string, fill: (database: Database) => void): void {
  const draft = join(dir, `.new-${randomBytes(8).toString("hex")}`);
  try {
    closeSync(openSync(draft, "wx", 0o600));
    const database = new Database(draft, { create: true });
    try {
      database.write(true, () => {
        database.exec(SCHEMA);
        fill(database);
      });
    } finally {
      database.close();
    }
    syncPath(draft);
    linkSync(draft, path);
    syncPath(dir);
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(draft + end, { force: true });
  }
}

/** Removes drafts of a process that was killed while it made a vault; call under the folder's lock. */
export function removeDrafts(dir: string): void {
  for (const name of readdirSync(dir)) if (name.startsWith(".new-")) rmSync(join(dir, name), { force: true });
}

/**
 * One process per folder: two would each keep a chain, a counter and spent challenges of their own. SQLite's file lock is
 * used because it ends with the process, however it ends.
 */
export function lockFolder(dir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dir, "host.lock"));
  try {
    lock.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new PlainError(`The folder ${dir} is in use by another vault process. Stop that one first.`);
  }
  chmodSync(join(dir, "host.lock"), 0o600);
  return lock;
}
