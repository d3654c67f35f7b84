/** Where a share of an approval stands. Pure: the words of it, and what may follow. */

export const dispatchStates = ["waiting", "held", "sent", "accepted", "proven", "refused", "late", "stopped", "dropped", "over", "lost", "incident"] as const;
export type DispatchState = (typeof dispatchStates)[number];
export type DispatchKind = "fresh" | "standing";

/**
 * waiting: in line. held: a standing share beside a fresh one that may still do the work. sent: bytes left, nothing is known.
 * accepted: a verified receipt. proven: found so in a signed re-read. refused: the vault said no, nothing changed. late: the
 * minute was missed, nothing changed, another tap is needed. stopped, dropped: never sent, by a person, or because it was not
 * needed. over: thirty days. lost: no receipt can prove or disprove it any more; only reading can. incident: an answer that
 * contradicts what was sent.
 */
export const stateWords: Readonly<Record<DispatchState, string>> = {
  waiting: "in line", held: "stands by", sent: "sent, no answer yet", accepted: "accepted, reading back", proven: "proven", refused: "refused", late: "waits for another tap",
  stopped: "stopped before it was sent", dropped: "not needed", over: "its thirty days are over", lost: "unknown for good: read what is there", incident: "the answer does not fit what was sent",
};

/** Nothing more happens to it by itself. */
export const settledStates: ReadonlySet<DispatchState> = new Set<DispatchState>(["proven", "refused", "late", "stopped", "dropped", "over", "lost", "incident"]);
/** The worker has something to do about it. */
export const openStates = ["waiting", "sent", "accepted"] as const;
/** It is certain that the vault did not apply it under this approval. */
export const appliedNothing: ReadonlySet<DispatchState> = new Set<DispatchState>(["refused", "late", "stopped", "dropped", "over"]);

export const isDispatchState = (text: string): text is DispatchState => (dispatchStates as readonly string[]).includes(text);

/** Narrows a column; throws for what no release of ours ever wrote. */
export function dispatchState(text: string): DispatchState {
  if (!isDispatchState(text)) throw new TypeError(`no state of a dispatch: ${text}`);
  return text;
}

export type Standing = { kind: string; state: string; attempts: number };

/** Whether another tap may cover this plan's part at this vault: everything before it certainly did nothing, and nothing of it is on its way. */
export const mayBeTappedAgain = (dispatches: readonly Standing[]): boolean =>
  dispatches.every(({ kind, state, attempts }) => {
    const known = dispatchState(state);
    if (kind === "standing" && (known === "held" || known === "waiting")) return attempts === 0;
    // What the vault refused for good asks for another plan, not another tap.
    return known === "late" || known === "stopped" || known === "dropped" || known === "over";
  });
