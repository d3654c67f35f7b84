/** Whether a plan still fits the world: each row it touches as it was when it was frozen. Pure. */
import type { Plan, PlanVault } from "../protocol/plan.ts";
import type { VaultFacts } from "./facts.ts";
import type { WantedChange } from "./wanted.ts";

export type Stale = { place: number; words: string };

/** What moved in one vault since the plan was frozen, in words; null: nothing. */
export function staleWords(part: PlanVault, vault: VaultFacts | undefined): string | null {
  if (vault === undefined || vault.state !== "connected") return "It is no longer connected.";
  if (vault.key !== part.key || vault.agentId !== part.agent || vault.vaultId !== part.vault) return "It was connected anew since.";
  for (const one of part.changes) {
    if (one.change === "renew" && one.uid !== vault.managerUid) return "It was connected anew since.";
    if (one.change !== "alter" && one.change !== "reissue" && one.change !== "revoke") continue;
    const row = vault.rows.find(({ uid }) => uid === one.uid);
    if (row === undefined) return `The row of ${one.name} is not there any more.`;
    if (!row.ours) return `The client took the row of ${row.name} over.`;
    if ((one.change === "alter" || one.change === "reissue") && row.revision !== one.revision) return `The row of ${row.name} was changed since: revision ${row.revision}, not ${one.revision}.`;
  }
  return null;
}

export function staleParts({ vaults }: Plan, refs: readonly string[], facts: ReadonlyMap<string, VaultFacts>): Stale[] {
  return vaults.flatMap((part, place) => {
    const words = staleWords(part, facts.get(refs[place]!));
    return words === null ? [] : [{ place, words }];
  });
}

/** What the plan wanted, to be judged and frozen anew from the world as it is now. Rows that are gone want nothing any more. */
export function wantedAgain(plan: Plan, refs: readonly string[], persons: ReadonlyMap<string, string>, facts: ReadonlyMap<string, VaultFacts>, places: ReadonlySet<number>): WantedChange[] {
  return plan.vaults.flatMap(({ changes }, place) => {
    const vaultRef = refs[place]!;
    const rows = new Set(facts.get(vaultRef)?.rows.map(({ uid }) => uid));
    if (!places.has(place)) return [];
    return changes.flatMap((one): WantedChange[] => {
      const reach = (access: { scopes: string; all_access: boolean; expires_at: number | null }) => ({ scopes: access.scopes, allAccess: access.all_access, expiresAt: access.expires_at });
      if (one.change === "grant") {
        const personId = persons.get(one.id);
        return personId === undefined ? [] : [{ change: "grant", vaultRef, personId, ...reach(one.access) }];
      }
      if ((one.change !== "alter" && one.change !== "revoke" && one.change !== "reissue") || !rows.has(one.uid)) return [];
      if (one.change === "reissue") return [{ change: "reissue", vaultRef, uid: one.uid }];
      return one.change === "revoke" ? [{ change: "revoke", vaultRef, uid: one.uid }] : [{ change: "alter", vaultRef, uid: one.uid, ...reach(one.after) }];
    });
  });
}
