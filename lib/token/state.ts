/** What a technician's token is to them right now. Pure, and for the browser too. Times in epoch milliseconds. */

/**
 * - `waits`: sealed to the key they have, not opened here, not used. `opened`: opened here, and the vault has not seen it used.
 * - `in_use`: the vault saw it used. `former_key`: sealed to a key of theirs that they replaced. `strange`: they said that it is
 *   sealed to nobody they know. `taken_back`: nobody used it in time. `gone`: the row was removed, or its end has come.
 */
export type TokenState = "waits" | "opened" | "in_use" | "former_key" | "strange" | "taken_back" | "gone";

export type Handed = { readonly sealedTo: string; readonly handedAt: number; readonly openedAt: number | null; readonly strangeAt: number | null; readonly claimBy: number | null };
/** The row as last read; null: it is not in the list of the vault. */
export type KnownRow = { readonly lastUsedAt: number | null; readonly until: number | null } | null;

/**
 * @param handed what the vault handed over last for this row; null: its token came another way, as at connect
 * @param mine `sealed_to` of the key that the person has now; null: none
 * @param listed whether the list is of the hand-over's revision or a later one (PROTOCOL 3): clocks do not say, since a reading may be
 *   under way while a vault hands over
 */
export function tokenState(handed: Handed | null, row: KnownRow, { mine, listed, now }: { mine: string | null; listed: boolean; now: number }): TokenState {
  if (handed?.strangeAt != null) return "strange";
  // A list that is older than the hand-over cannot miss it.
  if (row === null && (handed === null || listed)) return handed?.claimBy != null && handed.claimBy <= now ? "taken_back" : "gone";
  if (row?.until != null && row.until <= now) return "gone";
  if (handed === null) return "in_use";
  // The vault shows uses before the current hour (PROTOCOL 3); one from before the renewal was of the old token.
  if (row?.lastUsedAt != null && row.lastUsedAt >= handed.handedAt) return "in_use";
  if (handed.sealedTo !== mine) return "former_key";
  return handed.openedAt === null ? "waits" : "opened";
}

/** Closing soon: less than this is left to use it. */
export const closingMs = 4 * 3_600_000;

/** Whether the vault is about to take a token back that nobody has used. */
export const isClosing = (state: TokenState, claimBy: number | null, now: number): boolean => (state === "waits" || state === "opened") && claimBy !== null && claimBy - now <= closingMs;
