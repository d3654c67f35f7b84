/** What somebody reaches, in words. Pure, and for the browser too. */
import { capital } from "../capital.ts";
import { inWords, type Letters } from "../role/letters.ts";

/** Roles by the names they have here; a number that no role has is said as it is. */
export function roleWords(letters: Letters): string {
  const words = letters.full ? "everything" : inWords(letters);
  return capital(words);
}

/** Vaults, not tokens: somebody may hold several in one. `live`: opens something now, neither ended nor locked. */
export function reachTitle(reach: readonly { readonly vaultRef: string; readonly live: boolean }[]): string {
  const live = reach.filter((row) => row.live);
  const vaults = new Set(live.map(({ vaultRef }) => vaultRef)).size;
  const tokens = live.length === vaults ? "" : ` with ${live.length.toLocaleString("en")} tokens`;
  return vaults === 0 ? "You reach no vault now" : `You reach ${vaults === 1 ? "1 vault" : `${vaults.toLocaleString("en")} vaults`}${tokens}`;
}
