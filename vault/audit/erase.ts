import type { Vault } from "../vault.ts";

/**
 * Erases the details (names, addresses, targets) of events before `beforeMs` (Unix ms) without touching the chain: every
 * hash stays provable, and the salt that went with the detail keeps it from being guessed (PROTOCOL 9). Answers how many.
 */
export function eraseDetails(vault: Vault, beforeMs: number): number {
  const erased = vault.write(true, () => vault.db.run("UPDATE events SET detail = NULL WHERE at < ? AND detail IS NOT NULL", beforeMs));
  // Pages are overwritten (secure_delete), but the log of pages still holds what they were.
  vault.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return erased;
}
