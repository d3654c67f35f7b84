/** What a rotation list does not cover, in words; and when it is to be made again. Pure. Times in epoch milliseconds, by the vault's clock. */
import { limits } from "../limits.ts";

/** `state`: of the pulling of this vault's log. `skew`: its clock less ours. `until`: the primary's log is complete; `heldTo`: its last event here. */
export type Held = { state: string; skew: number; until: number | null; heldTo: number | null; held: boolean; /** Null: no backup ever wrote a log of its own. */ backup: { until: number | null } | null };
/** The first finding of a kind, and how many of it there are. */
export type Found = { kind: string; stream: string; epoch: number; seq: number; seqTo: number; times: number };
/** A list as it was made: how far the log went, from when on it was kept, and whether that is the token's whole life. */
export type Made = { at: number; from: number; complete: boolean };
/** When the token was proven gone; the board's own times are by our clock. */
export type Moments = { absent: number | null; openedAt: number; closedAt: number | null; now: number };

/**
 * To which moment a list must go to be the last one: the proof that the token is gone, as far as it is not later than the board's own end,
 * which a vault's clock that is off cannot move. Without a proof, the opening of the board, a log's usual lag aside.
 */
export const goalOf = ({ skew }: Pick<Held, "skew">, { absent, openedAt, closedAt, now }: Moments): number =>
  absent === null ? openedAt + skew - limits.seenLagMs : Math.min(absent, (closedAt ?? now) + skew);

export const reaches = (held: Pick<Held, "skew" | "until">, moments: Moments): boolean => held.until !== null && held.until >= goalOf(held, moments);

/**
 * A proof whose time lies minutes ahead came from a clock that leapt: nobody waits for it. Less than that is how long an answer took on its way, by
 * which a clock seems to be behind.
 */
export const isAhead = ({ skew }: Pick<Held, "skew">, { absent, closedAt, now }: Moments): boolean => absent !== null && closedAt === null && absent - skew > now + 300_000;

/** A list is made as soon as anything is held, and once more when the log has passed what it must reach. */
export const wantsList = (held: Held, made: Pick<Made, "at"> | null, moments: Moments): boolean =>
  made === null ? held.held && (held.until !== null || held.heldTo !== null) : made.at < (moments.absent ?? goalOf(held, moments)) && reaches(held, moments);

/** What is kept as the list's own end: at least the proof, once it is reached, so that nobody looks again (function revocation_due). */
export function endOf(held: Held, moments: Moments): number {
  const end = Math.min(Math.max(held.until ?? held.heldTo ?? 0, 0), lastMoment);
  return moments.absent !== null && reaches(held, moments) ? Math.max(end, moments.absent) : end;
}
/** A vault's clock may say anything; a calendar ends. */
const lastMoment = Date.UTC(9998, 11, 31);

/** So long a closed board's last lists are waited for (function revocation_due). */
const day = 86_400_000;
const when = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
const numbers = ({ seq, seqTo }: Found): string => (seqTo > seq ? `numbers ${seq} to ${seqTo}` : `number ${seq}`);
const place = (one: Found): string => `${one.stream === "backup" ? "the backup’s log, " : ""}epoch ${one.epoch}, ${numbers(one)}${one.times > 1 ? `, and ${one.times - 1} more` : ""}`;

const findings: Readonly<Record<string, (at: string) => string>> = {
  gap: (at) => `Numbers are missing from its log (${at}): readings among them are not listed.`,
  pruned: (at) => `It had deleted a part of its log before we could pull it (${at}): readings in it are not listed.`,
  truncated: (at) => `Its log was cut short after it had been signed (${at}): what we had pulled before is counted.`,
  fork: (at) => `Its log tells two stories (${at}): readings of both are counted, changes only as it tells them now.`,
  restored: (at) => `It was restored from a copy, or its backup took over (${at}): what it wrote between our last pull and that, nobody holds, and changes that were taken back do not count.`,
  new_key: (at) => `It was connected anew under another key (${at}): readings in the log before are counted, changes only as it tells them now.`,
};
const tampering = (at: string): string => `Its log was tampered with (${at}): what was opened there may be missing here.`;

/** What must be said of one log beside the list that was made of it. @param made null: none could be made yet */
export function coverWords(held: Held, found: readonly Found[], made: Made | null, moments: Moments): string[] {
  const words: string[] = [];
  if (made === null) {
    if (held.until !== null || held.heldTo !== null) words.push("What was opened is still being looked up in its log.");
    else words.push(held.state === "withheld" ? "The client gives us no log of this vault: what was opened there, only they can tell." : "Nothing of its log has reached us yet: what was opened there is not known.");
  } else {
    if (!made.complete) words.push(made.from === 0 ? "Its events are not kept here any more: what was opened is not known." : `Its log is kept here from ${when(made.from)} on, and the token may be older: what it opened before is not listed.`);
    const goal = goalOf(held, moments);
    if (made.at < goal) words.push(`Its log is known until ${when(made.at)}, ${moments.absent === null ? "which is before this board was opened" : "and the token was proven gone after that"}: what was opened since is not listed${moments.closedAt !== null && moments.now - moments.closedAt > day ? "" : " yet"}.`);
    if (held.state === "withheld") words.push("The client gives us its log no more.");
    if (held.backup !== null && (held.backup.until === null || held.backup.until < goal)) words.push(held.backup.until === null ? "Its backup’s own log is not held whole: readings there may be missing." : `Its backup’s own log is known until ${when(held.backup.until)}: readings there after that are not listed.`);
  }
  for (const one of found) words.push((findings[one.kind] ?? tampering)(place(one)));
  return words;
}
