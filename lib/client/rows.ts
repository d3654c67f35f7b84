/** The rows of a vault as a person reads them: ours with roles and how they came to be, the client's own apart. Pure. */
import { roleLetters, type Letters, type RoleScopes } from "../role/letters.ts";
import { isScope } from "../protocol/scopes.ts";

/** One row of `known_agent`; times in epoch milliseconds. */
export type KnownRow = {
  readonly uid: string; readonly agentId: number; readonly name: string; readonly kind: string; readonly scopes: string; readonly allAccess: boolean; readonly admin: boolean; readonly managedBy: string | null;
  readonly createdAt: number; readonly expiresAt: number | null; readonly claimBy: number | null; readonly lastUsedAt: number | null; readonly locked: boolean; readonly handOver: string;
  readonly person: { readonly id: string; readonly name: string } | null;
};

/** How a row of ours came to be there: handed over when they connected, made with a tap, or made by somebody else and then accepted or still open. */
export type Origin = { readonly kind: "connect" | "tap" | "accepted" | "drift"; readonly who: string | null; readonly at: number | null };

/** Somebody of ours who can open it. `unused`: not for 60 days, or never since then. `ending`: within a week. `unopened`: its token was not taken yet. */
export type AccessRow = {
  readonly uid: string; readonly agentId: number; readonly name: string; readonly person: KnownRow["person"]; readonly kind: string; readonly letters: Letters; readonly scopes: string;
  readonly since: number; readonly until: number | null; readonly lastUsedAt: number | null; readonly unused: boolean; readonly ending: boolean; readonly unopened: boolean; readonly locked: boolean;
  /** The client handed it over with a token that they know; `sealed` ones nobody else has. */
  readonly tokenKnownToClient: boolean; readonly origin: Origin;
};
export type OwnRow = { readonly uid: string; readonly agentId: number; readonly name: string; readonly what: "owner" | "another manager" | "person" | "program"; readonly letters: Letters; readonly scopes: string; readonly since: number; readonly until: number | null; readonly lastUsedAt: number | null };

export type Place = { readonly managerUid: string | null; readonly connectedAt: number | null };
/** A drift that says where a row came from. */
export type Appeared = { readonly uid: string; readonly seenAt: number; readonly acceptedAt: number | null; readonly acceptedBy: string | null };

export const unusedMs = 60 * 86_400_000;
const weekMs = 7 * 86_400_000;

/** Damaged numbers are never an empty cell: what cannot be read is shown as it is. */
export const lettersOf = (scopes: string, allAccess: boolean, roles: RoleScopes): Letters => {
  try {
    return roleLetters(scopes, allAccess, roles);
  } catch {
    return { full: allAccess, roles: [], unmapped: scopes.split(",").map((one) => (isScope(one) ? one : "unreadable")) };
  }
};

function originOf(row: KnownRow, { connectedAt }: Place, appeared: readonly Appeared[]): Origin {
  const drift = appeared.filter(({ uid }) => uid === row.uid).toSorted((a, b) => b.seenAt - a.seenAt)[0];
  if (drift) return drift.acceptedAt === null ? { kind: "drift", who: null, at: drift.seenAt } : { kind: "accepted", who: drift.acceptedBy, at: drift.acceptedAt };
  return connectedAt !== null && row.createdAt <= connectedAt ? { kind: "connect", who: null, at: connectedAt } : { kind: "tap", who: null, at: null };
}

/** `ours`: with full access first, then by name. The manager's own row is in neither: it opens nothing. */
export function splitRows(rows: readonly KnownRow[], roles: RoleScopes, place: Place, appeared: readonly Appeared[], now: number): { ours: AccessRow[]; own: OwnRow[]; manager: KnownRow | null } {
  const collate = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  const isOurs = (row: KnownRow) => place.managerUid !== null && row.managedBy === place.managerUid;
  const ours = rows.filter((row) => row.uid !== place.managerUid && isOurs(row)).map((row): AccessRow => {
    const used = row.lastUsedAt ?? row.createdAt;
    return {
      uid: row.uid, agentId: row.agentId, name: row.name, person: row.person, kind: row.kind, letters: lettersOf(row.scopes, row.allAccess, roles), scopes: row.scopes, since: row.createdAt, until: row.expiresAt, lastUsedAt: row.lastUsedAt,
      unused: now - used >= unusedMs, ending: row.expiresAt !== null && row.expiresAt - now <= weekMs, unopened: row.lastUsedAt === null && row.claimBy !== null && row.claimBy > now, locked: row.locked,
      tokenKnownToClient: row.handOver !== "sealed", origin: originOf(row, place, appeared),
    };
  });
  const own = rows.filter((row) => row.uid !== place.managerUid && !isOurs(row)).map((row): OwnRow => ({
    uid: row.uid, agentId: row.agentId, name: row.name, what: row.admin ? (row.allAccess ? "owner" : "another manager") : row.kind === "human" ? "person" : "program",
    letters: lettersOf(row.scopes, row.allAccess, roles), scopes: row.scopes, since: row.createdAt, until: row.expiresAt, lastUsedAt: row.lastUsedAt,
  }));
  const byName = (a: { name: string }, b: { name: string }) => collate.compare(a.name, b.name);
  return { ours: ours.toSorted((a, b) => Number(b.letters.full) - Number(a.letters.full) || byName(a, b)), own: own.toSorted((a, b) => Number(b.what === "owner") - Number(a.what === "owner") || byName(a, b)), manager: rows.find((row) => row.uid === place.managerUid) ?? null };
}

/** A token of the vault, drawn as a slot: the client's own, our blind row, a technician. */
export type Slot = { readonly uid: string; readonly kind: "own" | "plane" | "ours"; readonly name: string; readonly initials: string };

/** First letters of the first and last word, whatever the script; a single word gives two. */
export function initialsOf(name: string): string {
  const words = name.normalize("NFC").split(/[\s,._-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = (word: string) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")];
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last) return "?";
  return (words.length === 1 ? letters(first).slice(0, 2) : [letters(first)[0]!, letters(last)[0]!]).join("").toUpperCase();
}

/** In the order of the drawing: the client's own, ours that is blind, our people. */
export const slotsOf = ({ ours, own, manager }: { ours: readonly AccessRow[]; own: readonly OwnRow[]; manager: KnownRow | null }): Slot[] => [
  ...own.map(({ uid, name }): Slot => ({ uid, kind: "own", name, initials: initialsOf(name) })),
  ...(manager ? [{ uid: manager.uid, kind: "plane" as const, name: manager.name, initials: "" }] : []),
  ...ours.map(({ uid, name }): Slot => ({ uid, kind: "ours", name, initials: initialsOf(name) })),
];
