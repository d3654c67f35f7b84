/**
 * The point of presence of the demo's hosted vaults, as far as a client meets it: it writes `vault_meta` into a vault's file
 * (SPEC 8), which is the only way in which a vault learns its ceilings and the end of its paid time. No client does this, and
 * the vault has no door for it; so this file, and only this one, works on the host's folder.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Ceilings } from "../cast/plans.ts";

const YEAR = 365 * 86_400;
/** Paid time is renewed when less than this is left, so that a demo found again after months still opens. Seconds. */
const RENEW_BELOW = 30 * 86_400;

/** The end of the paid time after this start, Unix seconds; the same as before while enough of it is left. */
export function paidUntil(before: number | null, now: number): number {
  return before !== null && before - now >= RENEW_BELOW ? before : now + YEAR;
}

/** As the vault's own operator command makes it; the vault reads what is there. */
const TABLE = "CREATE TABLE IF NOT EXISTS vault_meta (account_email TEXT NOT NULL, expires_at INTEGER, paid_until INTEGER, suspended_at INTEGER, tokens_limit INTEGER, devices_limit INTEGER)";

export interface Hosted extends Ceilings {
  /** Whose account pays for it. */
  email: string;
  /** End of the paid time, Unix seconds. */
  until: number;
}

/**
 * Writes a vault's ceilings and paid time; a suspension that somebody set meanwhile stays. The vault may be in use: SQLite's
 * own lock orders the two. Throws when there is no such file.
 */
export function writeCeilings(folder: string, vaultId: string, { tokens, devices, email, until }: Hosted): void {
  if (!/^[A-Za-z0-9_-]{6}$/.test(vaultId)) throw new Error("no vault id");
  // Without the right to create: a wrong folder is an error, not an empty vault beside the real one.
  const database = new DatabaseSync(`${pathToFileURL(join(folder, `clavitor-${vaultId}`)).href}?mode=rw`, { timeout: 5_000 });
  try {
    database.exec(`BEGIN IMMEDIATE; ${TABLE}`);
    const { changes } = database.prepare("UPDATE vault_meta SET expires_at = ?, paid_until = ?, tokens_limit = ?, devices_limit = ?").run(until, until, tokens, devices);
    if (changes === 0) database.prepare("INSERT INTO vault_meta (account_email, expires_at, paid_until, tokens_limit, devices_limit) VALUES (?, ?, ?, ?, ?)").run(email, until, until, tokens, devices);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
