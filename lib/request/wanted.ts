/** What a request wants of one vault. Pure. Access for a time is a row of its own beside what somebody has for good (SPEC 4.1). */
import type { WantedChange } from "../plan/wanted.ts";

export type Held = { uid: string; scopes: string; allAccess: boolean; expiresAt: number | null };

/**
 * A lease of the very same reach is prolonged, keeping its token; anything else is a new row, which costs a token while it lasts.
 * @param scopes numbers of the asked roles there; `expiresAt` Unix seconds
 */
export function wantedOf({ vaultRef, personId, scopes, full, expiresAt }: { vaultRef: string; personId: string; scopes: readonly string[]; full: boolean; expiresAt: number }, held: readonly Held[]): WantedChange {
  const spelled = [...scopes].toSorted().join(",");
  const same = held.find((row) => row.expiresAt !== null && row.allAccess === full && row.scopes === spelled);
  if (same?.expiresAt != null && same.expiresAt < expiresAt) return { change: "alter", vaultRef, uid: same.uid, scopes: same.scopes, allAccess: same.allAccess, expiresAt };
  return { change: "grant", vaultRef, personId, scopes: full ? "" : spelled, allAccess: full, expiresAt };
}
