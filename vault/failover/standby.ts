// What a backup's file holds beside the primary's tables: whom it follows and how far it is, its own key, and what only it
// can know until the primary was told. All of it goes when the backup is promoted.
import { PlainError } from "../store/plain-error.ts";
import { Database } from "../store/database.ts";
import { newBackupSeed, openBackupSeed, sealBackupKeys, sealVaultKeys } from "../store/keys.ts";
import { FORMAT } from "../store/schema.ts";
import type { Head } from "#lib/protocol/messages.ts";
import { dropHead, storeHead } from "./heads.ts";
import { dropLog, positionOf, type Position } from "./log.ts";
import type { Certificate } from "./wire.ts";

const TABLES = `
CREATE TABLE following (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  log TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,                 -- Unix second at which this place was reached
  primary_origin TEXT NOT NULL,
  backup_key TEXT NOT NULL,
  sealed_backup_keys BLOB NOT NULL,    -- data key and backup seed, under the host key; the vault's own seed stays closed
  certificate_epoch INTEGER NOT NULL,
  certificate TEXT NOT NULL
) STRICT;
CREATE TABLE backup_locks (uid TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE backup_uses (uid TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE backup_ended (uid TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

export interface Following {
  position: Position;
  at: number;
  primaryOrigin: string;
  backupKey: string;
  sealedBackupKeys: Uint8Array;
  certificate: Certificate;
}

/** Throws when the file is no backup's. */
export function following(db: Database): Following {
  const row = db.get("SELECT * FROM following WHERE one = 1")!;
  return {
    position: { log: row.log as string, n: row.n as number },
    at: row.at as number,
    primaryOrigin: row.primary_origin as string,
    backupKey: row.backup_key as string,
    sealedBackupKeys: row.sealed_backup_keys as Uint8Array,
    certificate: { epoch: row.certificate_epoch as number, signature: row.certificate as string },
  };
}

/** The key of a backup that already follows, or a new one: a whole copy must not change a key that clients know. */
export function backupSeed(hostKey: Uint8Array, vaultId: string, path: string | null): { seed: Uint8Array; backupKey: string } {
  if (path === null) return newBackupSeed();
  const db = new Database(path);
  try {
    const { backupKey, sealedBackupKeys } = following(db);
    return { seed: openBackupSeed(hostKey, vaultId, backupKey, sealedBackupKeys), backupKey };
  } finally {
    db.close();
  }
}

export interface Conversion {
  vaultId: string;
  hostKey: Uint8Array;
  /** Data key and signing seed of the vault. */
  keys: Uint8Array;
  seed: Uint8Array;
  backupKey: string;
  primaryOrigin: string;
  certificate: Certificate;
  head: Head | null;
  /** Unix seconds. */
  now: number;
}

/** Turns a primary's whole copy into a backup's file. Throws PlainError when it is another vault's. Answers its public key. */
export function convert(path: string, given: Conversion): string {
  const db = new Database(path);
  try {
    const row = db.get("SELECT format, vault_id, public_key, mode FROM vault WHERE one = 1");
    if (row === undefined || row.format !== FORMAT || row.vault_id !== given.vaultId || row.mode !== "primary") {
      throw new PlainError(`The copy of ${given.vaultId} is not a primary's file of format ${FORMAT}.`);
    }
    const publicKey = row.public_key as string;
    const { log, n } = positionOf(db);
    const sealedKeys = sealVaultKeys(given.hostKey, given.vaultId, publicKey, given.keys);
    const sealedBackup = sealBackupKeys(given.hostKey, given.vaultId, given.backupKey, given.keys, given.seed);
    db.write(true, () => {
      dropLog(db);
      for (const table of ["receipts", "operations", "sessions", "calls", "distinct_reads", "violations"]) db.run(`DELETE FROM ${table}`);
      db.run("UPDATE vault SET mode = 'backup', sealed_keys = ?, synced_seq = 0 WHERE one = 1", sealedKeys);
      dropHead(db, "backup");
      if (given.head !== null) storeHead(db, given.head);
      db.exec(TABLES);
      db.run(
        "INSERT INTO following (one, log, n, at, primary_origin, backup_key, sealed_backup_keys, certificate_epoch, certificate) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
        log, n, given.now, given.primaryOrigin, given.backupKey, sealedBackup, given.certificate.epoch, given.certificate.signature,
      ); // prettier-ignore
    });
    return publicKey;
  } finally {
    db.close();
  }
}

/** Ends being a backup; inside a transaction. */
export function dropStandby(db: Database): void {
  db.exec("DROP TABLE following; DROP TABLE backup_locks; DROP TABLE backup_uses; DROP TABLE backup_ended;");
}

