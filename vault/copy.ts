// Copies of vaults while their host runs, and whether a copy is whole (PROTOCOL 9, Restore). The copy is SQLite's own
// online backup: one consistent state of the file, whatever is written meanwhile.
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { CHAIN_START, verifyChain, type ChainPoint } from "#lib/protocol/audit.ts";
import type { AuditEvent, Stream } from "#lib/protocol/messages.ts";
import { eventFrom } from "./audit/read.ts";
import { Database, plainOpenError } from "./store/database.ts";
import { openContent } from "./store/entry.ts";
import { syncPath } from "./store/folder.ts";
import { openVaultKeys } from "./store/keys.ts";
import { PlainError } from "./store/plain-error.ts";
import { FORMAT } from "./store/schema.ts";

const FILE = /^clavitor-[A-Za-z0-9_-]{6}$/;
const PAGE = 1_000;

/** What a whole copy says of itself. `head`: the last event of the stream it writes; seq 0 for none. */
export interface CopyState {
  vault: string;
  mode: Stream;
  epoch: number;
  revision: number;
  events: number;
  entries: number;
  head: { seq: number; hash: string };
}

function removeFile(path: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
}

/** Copies one vault file, running or not, to `to`, which appears only when it is whole. Replaces an earlier copy of that name. */
export async function copyFile(from: string, to: string): Promise<void> {
  const draft = `${to}.part`;
  removeFile(draft);
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { timeout: 5_000 });
    await backup(source, draft);
    chmodSync(draft, 0o600);
    syncPath(draft);
    renameSync(draft, to);
  } catch (error) {
    throw plainOpenError(from, error);
  } finally {
    source?.close();
    removeFile(draft);
  }
}

/** Copies every vault of a folder, and proves each copy before it counts. Keys stay where they are: host.key is not copied. */
export async function copyFolder(dir: string, to: string, hostKey: Uint8Array): Promise<CopyState[]> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const states: CopyState[] = [];
  for (const name of readdirSync(dir).filter((name) => FILE.test(name))) {
    const copy = join(to, name);
    await copyFile(join(dir, name), copy);
    states.push(verifyCopy(copy, hostKey));
  }
  syncPath(to);
  return states;
}

function* eventsOf(db: Database, stream: Stream): Generator<AuditEvent[]> {
  for (let after = 0; ; ) {
    const rows = db.all("SELECT * FROM events WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?", stream, after, PAGE);
    if (rows.length === 0) return;
    yield rows.map((row) => eventFrom(row, true));
    after = rows.at(-1)!.seq as number;
  }
}

function proveChain(db: Database, path: string, stream: Stream): { events: number; last: ChainPoint | null } {
  const firstSeq = (db.get("SELECT min(seq) AS seq FROM events WHERE stream = ?", stream)!.seq as number | null) ?? 1;
  let last: ChainPoint | null = null;
  let events = 0;
  for (const page of eventsOf(db, stream)) {
    const result = verifyChain(page, last, { stream, firstSeq });
    if (!result.ok) throw new PlainError(`The log in ${path} is broken at event ${result.fault.seq} of stream ${stream} (${result.fault.kind}).`);
    last = result.last;
    events += page.length;
  }
  return { events, last };
}

/**
 * Proves a copy: SQLite's integrity check, its foreign keys, the whole hash chain of both streams with details, its keys
 * under this host key, and every entry opened. Throws PlainError saying what is wrong.
 */
export function verifyCopy(path: string, hostKey: Uint8Array): CopyState {
  if (!existsSync(path)) throw new PlainError(`There is no file ${path}.`);
  let db: Database | undefined;
  try {
    db = new Database(path);
    const check = db.get("PRAGMA integrity_check")!.integrity_check as string;
    if (check !== "ok") throw new PlainError(`The file ${path} is damaged (${check}).`);
    if (db.all("PRAGMA foreign_key_check").length > 0) throw new PlainError(`The file ${path} holds rows that belong to nothing.`);
    const row = db.get("SELECT * FROM vault WHERE one = 1");
    if (row === undefined) throw new PlainError(`The file ${path} holds no vault.`);
    if (row.format !== FORMAT) throw new PlainError(`The file ${path} has format ${String(row.format)}; this program reads format ${FORMAT}.`);
    const vault = row.vault_id as string;
    const mode = row.mode as Stream;
    const keys = openVaultKeys(hostKey, vault, row.public_key as string, row.sealed_keys as Uint8Array);
    let entries = 0;
    for (const entry of db.iterate("SELECT * FROM entries")) {
      openContent(keys, vault, entry);
      entries++;
    }
    const streams = { primary: proveChain(db, path, "primary"), backup: proveChain(db, path, "backup") };
    const { last } = streams[mode];
    return {
      vault,
      mode,
      epoch: row.epoch as number,
      revision: row.revision as number,
      events: streams.primary.events + streams.backup.events,
      entries,
      head: { seq: last?.seq ?? 0, hash: last?.hash ?? CHAIN_START },
    };
  } catch (error) {
    throw error instanceof PlainError ? error : plainOpenError(path, error);
  } finally {
    db?.close();
  }
}

/**
 * Puts a proven copy back under its vault's name, while nothing has that file open. What stood there is kept aside under a
 * name that is no vault's, never overwritten. Answers where the old file went, and the epoch that it had reached.
 */
export function putBack(dir: string, copy: string, vault: string): { aside: string | null; epochBefore: number } {
  const path = join(dir, `clavitor-${vault}`);
  const draft = join(dir, `.new-restore-${vault}`);
  removeFile(draft);
  copyFileSync(copy, draft);
  chmodSync(draft, 0o600);
  syncPath(draft);
  const aside = existsSync(path) ? setAside(path) : null;
  linkSync(draft, path);
  rmSync(draft);
  syncPath(dir);
  return { aside: aside === null ? null : basename(aside), epochBefore: aside === null ? 0 : epochOf(aside) };
}

/** Renames a vault's file, with what its log of pages still held, so that nothing of it is lost and nothing opens it. */
export function setAside(path: string): string {
  let aside = "";
  for (let n = 1; aside === ""; n++) if (!existsSync(`${path}.before-${n}`)) aside = `${path}.before-${n}`;
  for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, aside + end);
  return aside;
}

/** The epoch of a file that may be damaged; 0 when it cannot say. */
function epochOf(path: string): number {
  let db: Database | undefined;
  try {
    db = new Database(path);
    return (db.get("SELECT epoch FROM vault WHERE one = 1")?.epoch as number | undefined) ?? 0;
  } catch {
    // It is being replaced, perhaps because it is damaged; `--epoch-above` is there for that case.
    return 0;
  } finally {
    db?.close();
  }
}
