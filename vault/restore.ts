// After a file was put back from a backup (PROTOCOL 9, Restore and promotion): what happened since that copy is gone, and
// everyone who remembers it must be told, or an honest restore would look like tampering.
import { parseScopes } from "#lib/protocol/scopes.ts";
import { dropLog } from "./failover/log.ts";
import { record } from "./audit/write.ts";
import type { Vault } from "./vault.ts";

/** Ids given since the copy was made are unknown here; the gap keeps them from being given again to someone else. */
const ID_GAP = 1_000;
const MAX_ID = 65_535;

/** Every number in the file that is an id or a scope. */
function highestNumber(vault: Vault): number {
  const { db } = vault;
  const lists = [
    ...db.all("SELECT scopes AS list FROM agents").map(({ list }) => parseScopes(list as string) ?? []),
    ...db.all("SELECT DISTINCT scope FROM entry_scopes UNION SELECT scope FROM roles").map(({ scope }) => [scope as string]),
    ...db.all("SELECT grant_json FROM agents WHERE grant_json IS NOT NULL").map(({ grant_json: grant }) => {
      const { scopes } = JSON.parse(grant as string) as { scopes: string[] | "any" };
      return scopes === "any" ? [] : scopes;
    }),
  ];
  return Math.max(vault.state.highestId, ...lists.flat().map((scope) => Number.parseInt(scope, 16)));
}

/**
 * Begins a new epoch: receipts are dropped, ids go on above a gap, and the event stands first in the new chain. `above`: an
 * epoch that this vault is known to have reached elsewhere; no two states of a vault may ever share one.
 */
export function beginEpoch(vault: Vault, above = 0): { epoch: number; revision: number } {
  return vault.write(true, () => beginEpochInside(vault, above));
}

/** The same inside a transaction that does more (promotion). */
export function beginEpochInside(vault: Vault, above: number): { epoch: number; revision: number } {
  const { db } = vault;
  const { epoch: before, revision } = vault.state;
  const epoch = Math.max(before, above) + 1;
  const highestId = Math.min(MAX_ID, highestNumber(vault) + ID_GAP);
  db.run("DELETE FROM receipts");
  db.run("DELETE FROM operations");
  // A backup must not go on from a place in the log that means something else now.
  dropLog(db);
  db.run("UPDATE vault SET epoch = ?, epoch_revision = ?, highest_id = ? WHERE one = 1", epoch, revision, highestId);
  vault.update({ epoch, epochRevision: revision, highestId });
  record(vault, { actor: "system", action: "vault.restored", target: { kind: "vault", id: vault.id }, ip: null, meta: { epoch, revision } });
  return { epoch, revision };
}
