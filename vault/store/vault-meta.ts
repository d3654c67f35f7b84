// A hosted vault carries `vault_meta`, written into the file by its point of presence, never by the vault (SPEC 8). Absent,
// there are no limits and nothing expires: the self-hosted case.
import type { Database } from "./database.ts";

export interface VaultMeta {
  tokens: number | null;
  devices: number | null;
  /** End of the subscription, Unix seconds. */
  paidUntil: number | null;
}

const UNLIMITED: VaultMeta = { tokens: null, devices: null, paidUntil: null };

/** `vault_meta(expires_at, tokens_limit, devices_limit)`, one row. Read at each use: another process may change it. */
export function readVaultMeta(db: Database): VaultMeta {
  if (db.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'vault_meta'") === undefined) return UNLIMITED;
  const row = db.get("SELECT expires_at, tokens_limit, devices_limit FROM vault_meta LIMIT 1");
  if (row === undefined) return UNLIMITED;
  return {
    tokens: row.tokens_limit as number | null,
    devices: row.devices_limit as number | null,
    paidUntil: row.expires_at as number | null,
  };
}
