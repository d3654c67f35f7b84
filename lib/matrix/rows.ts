/**
 * A staged change as rows of its vault: what is made, altered and ended there. This is where roles become that vault's numbers. Numbers
 * that no role has stay on the row they are on. Pure; lib/plan freezes what comes out, and judges it again.
 */
import type { StagedChange } from "./change.ts";

/** A row of ours for this person, as known. `expiresAt`: Unix seconds. */
export type HeldRow = { readonly uid: string; readonly scopes: string; readonly allAccess: boolean; readonly expiresAt: number | null };
/** Structurally what lib/plan freezes. `scopes` as PROTOCOL 1 spells a set. */
export type RowChange =
  | { change: "grant"; vaultRef: string; personId: string; scopes: string; allAccess: boolean; expiresAt: number | null }
  | { change: "alter"; vaultRef: string; uid: string; scopes: string; allAccess: boolean; expiresAt: number | null }
  | { change: "revoke"; vaultRef: string; uid: string };
/** Roles that have no number in the vault: nothing can be frozen for this cell. */
export type Unnumbered = { readonly vaultRef: string; readonly personId: string; readonly roles: readonly string[] };

const seconds = (time: Date | null): number | null => (time ? Math.floor(time.getTime() / 1_000) : null);
const listOf = (scopes: string): string[] => (scopes === "" ? [] : scopes.split(","));
const spelled = (numbers: readonly string[]): string => [...new Set(numbers)].sort().join(",");

/**
 * @param held rows of ours for this person in this vault
 * @param numbers role id → number, in this vault
 */
export function rowChanges(change: StagedChange, held: readonly HeldRow[], numbers: ReadonlyMap<string, string>): { changes: RowChange[]; unnumbered: Unnumbered | null } {
  const { vaultRef, personId, wanted } = change;
  if (wanted === null) return { changes: held.map(({ uid }) => ({ change: "revoke", vaultRef, uid })), unnumbered: null };
  const asked = [...wanted.roles, ...(wanted.lease?.roles ?? [])];
  const missing = asked.filter((role) => !numbers.has(role));
  if (missing.length > 0) return { changes: [], unnumbered: { vaultRef, personId, roles: missing } };
  const known = new Set(numbers.values());
  // The one that stays longest is the main row, the others are leases beside it.
  const [main, ...leases] = held.toSorted((a, b) => (b.expiresAt ?? Infinity) - (a.expiresAt ?? Infinity) || (a.uid < b.uid ? -1 : 1));
  const changes: RowChange[] = [];
  const put = (row: HeldRow | undefined, next: { scopes: string; allAccess: boolean; expiresAt: number | null } | null): void => {
    if (next === null) {
      if (row) changes.push({ change: "revoke", vaultRef, uid: row.uid });
    } else if (!row) changes.push({ change: "grant", vaultRef, personId, ...next });
    else if (row.scopes !== next.scopes || row.allAccess !== next.allAccess || row.expiresAt !== next.expiresAt) changes.push({ change: "alter", vaultRef, uid: row.uid, ...next });
  };
  const kept = main ? listOf(main.scopes).filter((number) => !known.has(number)) : [];
  const scopes = spelled([...wanted.roles.map((role) => numbers.get(role)!), ...kept]);
  put(main, scopes === "" && !wanted.full ? null : { scopes, allAccess: wanted.full, expiresAt: seconds(wanted.endsAt) });
  put(leases[0], wanted.lease ? { scopes: spelled(wanted.lease.roles.map((role) => numbers.get(role)!)), allAccess: false, expiresAt: seconds(wanted.lease.endsAt) } : null);
  for (const row of leases.slice(1)) put(row, null);
  return { changes, unnumbered: null };
}
