/** What changed for a client's vault, as far as the plane's tables hold it, newest first. Pure. */
import { day, driftSide, driftWords, endWords, type DriftKind } from "../client/drift-words.ts";
import { lettersOf, type AccessRow } from "../client/rows.ts";
import { accessWords, andList } from "../protocol/plan-words.ts";
import type { Access, PlanVault } from "../protocol/plan.ts";
import type { ProvenChange } from "../plan/proven.ts";
import { inWords, type RoleScopes } from "../role/letters.ts";
import type { GlassChange } from "./statement.ts";

/** Times in epoch milliseconds. */
export type Happened = {
  readonly connectedAt: number | null; readonly confirmedAt: number | null; readonly confirmedBy: string | null; readonly endedAt: number | null; readonly endedBy: "msp" | "client" | null;
  readonly drifts: readonly { kind: DriftKind; uid: string; before: unknown; after: unknown; seenAt: number; changedAt: number | null; settledHow: string | null; settledBy: string | null }[];
  readonly ours: readonly AccessRow[];
  /** What signed changes did, read back. `granted`: uids of the rows among `ours` that such a change made, however long ago. */
  readonly proven: readonly ProvenChange[]; readonly granted: ReadonlySet<string>;
};

type Told = Omit<GlassChange, "at">;

const seconds = (at: number) => Math.floor(at / 1000);
const settledWords = (how: string | null, by: string | null, msp: string) => (how === "accepted" ? ` Accepted by ${by ?? msp}.` : how === "gone" ? " It is as before again." : "");
const untilWords = (end: number | null) => (end === null ? "" : ` ${endWords(end)}`);

function alteredWords(before: Access, after: Access, part: Pick<PlanVault, "roles">): string {
  const [had, has] = [accessWords(before, part), accessWords(after, part)];
  const parts = had === has ? [] : [`went from ${had} to ${has}`];
  // A signed change takes no end away (PROTOCOL 4), so that there is one after it where there is a change.
  if (before.expires_at !== after.expires_at && after.expires_at !== null) parts.push(before.expires_at === null ? `has an end now, ${day(after.expires_at)}` : `ends on ${day(after.expires_at)}, not on ${day(before.expires_at)}`);
  return parts.length === 0 ? "was changed" : andList(parts);
}

/** One operation of a signed change, as it was signed. */
function provenWords({ what, part, who, label, by }: ProvenChange, msp: string): Told {
  const name = who ?? msp;
  const from = `, by ${andList(by)}`;
  switch (what.change) {
    case "grant": return { sign: "grant", name, words: `was given ${accessWords(what.access, part)}${untilWords(what.access.expires_at)}${from}.` };
    case "alter": return { sign: "alter", name, words: `${alteredWords(what.before, what.after, part)}${from}.` };
    case "revoke": return { sign: "revoke", name, words: `was removed by ${andList(by)}. It had ${accessWords(what.access, part)}.` };
    case "reissue": return { sign: "alter", name, words: `has a new token for ${accessWords(what.access, part)}${from}. The old one opens nothing any more.` };
    case "enrol": return { sign: "grant", name, words: `may sign for ${msp} with the key “${label ?? ""}”${from}.` };
    case "strike": return { sign: "revoke", name, words: `signs for ${msp} no more with the key “${label ?? ""}”${from}.` };
    case "renew": return { sign: "alter", name: msp, words: `has a new token for its dashboard${from}. It opens nothing, before and after.` };
    case "leave": return { sign: "revoke", name: msp, words: `ended the connection, with everything that was given out${from}.` };
  }
}

type Then = { readonly at: number; readonly has: string; readonly end: number | null };

/** What a row had before the first change of it that is known; null: none is. */
function firstBefore(uid: string, { drifts, proven }: Happened, roles: RoleScopes): Then | null {
  const altered = proven.flatMap(({ uid: of, at, what, part }): Then[] => (of === uid && what.change === "alter" ? [{ at, has: accessWords(what.before, part), end: what.before.expires_at }] : []));
  const drifted = drifts.flatMap(({ uid: of, kind, before, seenAt, changedAt }): Then[] => {
    const side = of === uid && kind === "altered" ? driftSide(before) : null;
    return side === null ? [] : [{ at: changedAt ?? seenAt, has: inWords(lettersOf(side.scopes, side.all_access, roles)), end: side.expires_at }];
  });
  return [...altered, ...drifted].toSorted((a, b) => a.at - b.at)[0] ?? null;
}

/** @param since nothing older; @param most the newest that many */
export function changesOf(happened: Happened, { msp, roles, since, most }: { msp: string; roles: RoleScopes; since: number; most: number }): GlassChange[] {
  const { connectedAt, confirmedAt, confirmedBy, endedAt, endedBy, drifts, ours, proven, granted } = happened;
  const found: { at: number; change: Told }[] = [];
  if (connectedAt !== null) found.push({ at: connectedAt, change: { sign: "keep", name: "You", words: `connected this vault to ${msp}.` } });
  if (confirmedAt !== null) found.push({ at: confirmedAt, change: { sign: "keep", name: confirmedBy ?? msp, words: "confirmed with a hardware key that this vault is yours, after comparing the code." } });
  // Of an end that we signed, its operation tells more.
  const ended = endedBy === "msp" && proven.some(({ what, at }) => what.change === "leave" && at === endedAt);
  if (endedAt !== null && !ended) found.push({ at: endedAt, change: { sign: "revoke", name: endedBy === "msp" ? msp : "You", words: "ended the connection, with everything that was given out." } });
  for (const { kind, before, after, seenAt, changedAt, settledHow, settledBy } of drifts) {
    const { sign, name, words } = driftWords(kind, driftSide(before), driftSide(after), roles, { whose: "their", where: "there" });
    found.push({ at: changedAt ?? seenAt, change: { sign, name, words: `${kind === "appeared" ? words : `${words} Nobody there did that.`}${settledWords(settledHow, settledBy, msp)}` } });
  }
  for (const one of proven) found.push({ at: one.at, change: provenWords(one, msp) });
  // A row that is there, that no drift brought and of which no proof was kept was made with a tap all the same.
  for (const row of ours) {
    if (row.origin.kind !== "tap" || granted.has(row.uid)) continue;
    const then = firstBefore(row.uid, happened, roles) ?? { has: inWords(row.letters), end: row.until === null ? null : seconds(row.until) };
    found.push({ at: row.since, change: { sign: "grant", name: row.name, words: `was given ${then.has}${untilWords(then.end)}.` } });
  }
  return found.filter(({ at }) => at >= since).toSorted((a, b) => b.at - a.at).slice(0, most).map(({ at, change }) => ({ at: seconds(at), ...change }));
}
