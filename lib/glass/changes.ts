/** What changed for a client's vault, as far as the plane's tables hold it, newest first. Pure. */
import { driftSide, driftWords, type DriftKind } from "../client/drift-words.ts";
import { inWords, type RoleScopes } from "../role/letters.ts";
import type { AccessRow } from "../client/rows.ts";
import type { GlassChange } from "./statement.ts";

/** Times in epoch milliseconds. */
export type Happened = {
  readonly connectedAt: number | null; readonly confirmedAt: number | null; readonly confirmedBy: string | null; readonly endedAt: number | null; readonly endedBy: "msp" | "client" | null;
  readonly drifts: readonly { kind: DriftKind; uid: string; before: unknown; after: unknown; seenAt: number; changedAt: number | null; settledHow: string | null; settledBy: string | null }[];
  readonly ours: readonly AccessRow[];
};

const seconds = (at: number) => Math.floor(at / 1000);
const settledWords = (how: string | null, by: string | null, msp: string) => (how === "accepted" ? ` Accepted by ${by ?? msp}.` : how === "gone" ? " It is as before again." : "");

/** @param since nothing older; @param most the newest that many */
export function changesOf(happened: Happened, { msp, roles, since, most }: { msp: string; roles: RoleScopes; since: number; most: number }): GlassChange[] {
  const { connectedAt, confirmedAt, confirmedBy, endedAt, endedBy, drifts, ours } = happened;
  const found: { at: number; change: Omit<GlassChange, "at"> }[] = [];
  if (connectedAt !== null) found.push({ at: connectedAt, change: { sign: "keep", name: "You", words: `connected this vault to ${msp}.` } });
  if (confirmedAt !== null) found.push({ at: confirmedAt, change: { sign: "keep", name: confirmedBy ?? msp, words: "confirmed with a hardware key that this vault is yours, after comparing the code." } });
  if (endedAt !== null) found.push({ at: endedAt, change: { sign: "revoke", name: endedBy === "msp" ? msp : "You", words: "ended the connection, with everything that was given out." } });
  for (const { kind, before, after, seenAt, changedAt, settledHow, settledBy } of drifts) {
    const { sign, name, words } = driftWords(kind, driftSide(before), driftSide(after), roles, { whose: "their", where: "there" });
    found.push({ at: changedAt ?? seenAt, change: { sign, name, words: `${kind === "appeared" ? words : `${words} Nobody there did that.`}${settledWords(settledHow, settledBy, msp)}` } });
  }
  // A row that is there and that no drift brought was made with a tap.
  for (const row of ours) {
    if (row.origin.kind !== "tap") continue;
    found.push({ at: row.since, change: { sign: "grant", name: row.name, words: `was given ${inWords(row.letters)}${row.until === null ? "" : ", with an end"}.` } });
  }
  return found.filter(({ at }) => at >= since).toSorted((a, b) => b.at - a.at).slice(0, most).map(({ at, change }) => ({ at: seconds(at), ...change }));
}
