import type { Vault } from "../vault.ts";

/**
 * Erases the details (names, addresses, targets) of events before `beforeMs` (Unix ms) without touching the chain: every
 * hash stays provable, and the salt that went with the detail keeps it from being guessed (PROTOCOL 9). Answers how many.
 */
export function eraseDetails(vault: Vault, beforeMs: number): number {
  return vault.write(true, () => vault.db.run("UPDATE events SET detail = NULL WHERE at < ? AND detail IS NOT NULL", beforeMs));
}
