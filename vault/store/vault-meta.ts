// A hosted vault carries `vault_meta`, written into the file by its point of presence, never by the vault's server (SPEC 8).
// Absent, there are no limits and nothing expires: the self-hosted case.
import { readTable } from "./table.ts";
import type { Database, Row } from "./database.ts";

export interface VaultMeta {
  tokens: number | null;
  devices: number | null;
  /** End of what is paid, Unix seconds; shown in /vault, closes nothing by itself. */
  paidUntil: number | null;
  /** From this second every token is 402 on the doors that close (PROTOCOL 12). */
  expiresAt: number | null;
  /** From this second the same holds for every token but an owner's, so that the client can export (SPEC 7). */
  suspendedAt: number | null;
}

const SELF_HOSTED: VaultMeta = { tokens: null, devices: null, paidUntil: null, expiresAt: null, suspendedAt: null };

/** Columns of `vault_meta`, one row. All but the first two may be missing in a table that was made by another hand. */
const COLUMNS = "account_email TEXT NOT NULL, expires_at INTEGER, paid_until INTEGER, suspended_at INTEGER, tokens_limit INTEGER, devices_limit INTEGER";

/** Read at each use, since another process may change it (PROTOCOL 13 runs no call to HQ per request). */
export function readVaultMeta(db: Database): VaultMeta {
  const row = readTable(db, "vault_meta")?.[0];
  if (row === undefined) return SELF_HOSTED;
  const number = (name: string): number | null => (row[name] as number | null | undefined) ?? null;
  return {
    tokens: number("tokens_limit"),
    devices: number("devices_limit"),
    paidUntil: number("paid_until") ?? number("expires_at"),
    expiresAt: number("expires_at"),
    suspendedAt: number("suspended_at"),
  };
}

/** What an operator sets; a member left out stays, null removes. */
export interface MetaChange {
  account_email?: string;
  expires_at?: number | null;
  paid_until?: number | null;
  suspended_at?: number | null;
  tokens_limit?: number | null;
  devices_limit?: number | null;
}

/** Writes the row, making the table at the first time; inside a transaction. Without an email it must be there already. */
export function writeVaultMeta(db: Database, change: MetaChange): Row {
  db.exec(`CREATE TABLE IF NOT EXISTS vault_meta (${COLUMNS})`);
  const before = db.get("SELECT * FROM vault_meta LIMIT 1");
  const after = { expires_at: null, paid_until: null, suspended_at: null, tokens_limit: null, devices_limit: null, ...before, ...change };
  if (!("account_email" in after)) throw new TypeError("vault_meta names an account email");
  const names = Object.keys(after);
  db.run("DELETE FROM vault_meta");
  db.run(`INSERT INTO vault_meta (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`, ...Object.values(after));
  return after;
}
