// The state 402 (PROTOCOL 12, SPEC 7): the subscription lapsed, the data is intact. It exists only where `vault_meta` says so.
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { Op } from "#lib/protocol/messages.ts";
import { isOwner, type Agent } from "./store/rows.ts";
import { readVaultMeta } from "./store/vault-meta.ts";
import type { Vault } from "./vault.ts";

/**
 * Whether the doors that close are closed for this row. Suspended: for everyone but an owner, who exports. Expired: for all.
 * Where no bearer is asked for, a device is judged by the row that it signs for.
 */
export function isClosedFor(vault: Vault, holder: Pick<Agent, "allAccess" | "admin">): boolean {
  const { expiresAt, suspendedAt } = readVaultMeta(vault.db);
  const now = vault.now();
  if (expiresAt !== null && expiresAt <= now) return true;
  return suspendedAt !== null && suspendedAt <= now && !isOwner(holder);
}

/** Ending access stays possible for ever: only deletions of agents and credentials. */
function endsAccess({ method, path }: Op): boolean {
  return method === "DELETE" && (path.startsWith("/agent/") || path.startsWith("/credential/"));
}

/** Throws 402 `expired` for a change that a lapsed vault does not take. */
export function assertTakesChange(vault: Vault, caller: Agent, ops: readonly Op[]): void {
  if (isClosedFor(vault, caller) && !ops.every(endsAccess)) throw new ProtocolError("expired");
}
