/**
 * How far the removal of one row has come, and whether a board is closed. Pure. A row counts as gone only by a list of rows that a
 * primary signed, in the epoch that the vault is in now; a receipt alone, a backup's word and silence count for nothing (PROTOCOL 9, 14).
 */
import { dispatchState, type DispatchKind, type DispatchState } from "../plan/dispatch-state.ts";

/** Times in epoch milliseconds. `until`: no first submission from here on. */
export type ShareFacts = { kind: DispatchKind; state: DispatchState; words: string | null; changedAt: number; firstSentAt: number | null; until: number; attempts: number };

export type RowFacts = {
  /** The client's own row: shown, never ours to remove. */
  own: boolean;
  leftOut: string | null;
  apart: { at: number; words: string } | null;
  /** Of the vault: state of the connection, and how its last reading went. */
  vault: string;
  health: string;
  healthSince: number | null;
  words: string | null;
  epoch: number | null;
  replicatedRevision: number | null;
  hasBackup: boolean;
  /** A plan holds its removal and can be signed, or was. */
  planned: boolean;
  shares: readonly ShareFacts[];
  receipt: { id: string; epoch: number; revision: number; at: number } | null;
  absent: { at: number; epoch: number; revision: number } | null;
  /** A signed list of the primary that shows it although it had been removed. */
  present: { at: number; epoch: number; revision: number } | null;
};

/**
 * own: not ours. apart: a person said that it can be proven no more. absent: gone, as the primary signed in this epoch. again: it was
 * gone, and the vault's epoch rose or it shows the row again. contradiction: receipts and lists do not fit, or the vault takes back
 * what it signed. ended: our connection is over, so nothing can be asked there. reading: accepted, to be read again. sent: bytes left,
 * nothing is known. standing: signed, waits for a vault that takes no writes or does not answer. waiting: signed, in line. tap: another
 * tap is needed. unsigned: in a plan without a tap. unplanned: in no plan that can be signed.
 */
export type RowState = "own" | "apart" | "absent" | "again" | "contradiction" | "ended" | "reading" | "sent" | "standing" | "waiting" | "tap" | "unsigned" | "unplanned";
export type Backup = "none" | "waits" | "confirmed";
export type RowVerdict = {
  state: RowState;
  /** asked, signed, accepted, read again and absent: how far it came. */
  asked: boolean; signed: boolean; accepted: boolean; absent: boolean;
  backup: Backup;
  /** The signed removal that stands, and until when. */
  standing: { until: number } | null;
};

const live: ReadonlySet<DispatchState> = new Set<DispatchState>(["waiting", "held", "sent", "accepted"]);

/** By the vault's own count, which a removal raises; clocks may stand. */
const isAfter = (a: { epoch: number; revision: number }, b: { epoch: number; revision: number }): boolean => a.epoch > b.epoch || (a.epoch === b.epoch && a.revision > b.revision);

/** Whether its absence is proven for the epoch in which the vault is now. An epoch that is not known has not risen. */
export const provenAbsent = ({ absent, epoch, present }: Pick<RowFacts, "absent" | "epoch" | "present">): boolean =>
  absent !== null && (epoch === null || epoch <= absent.epoch) && (present === null || isAfter(absent, present));

function stateOf(facts: RowFacts, standing: RowVerdict["standing"]): RowState {
  const { own, apart, vault, health, absent, present, shares, planned } = facts;
  if (own) return "own";
  // A vault that takes back what it signed proves nothing, not even what it signed before.
  if (health === "lying") return "contradiction";
  if (provenAbsent(facts)) return "absent";
  if (apart !== null) return "apart";
  if (vault === "ended") return "ended";
  const states = new Set(shares.map(({ state }) => state));
  if (states.has("incident")) return "contradiction";
  if (absent !== null || present !== null) return "again";
  if (states.has("accepted") || states.has("proven")) return "reading";
  const fresh = shares.findLast(({ kind, state }) => kind === "fresh" && live.has(state));
  if (fresh?.state === "sent") return "sent";
  if (fresh !== undefined) return "waiting";
  if (standing !== null) return "standing";
  if (shares.length > 0) return "tap";
  return planned ? "unsigned" : "unplanned";
}

/** The verdict on one row. */
export function judgeRow(facts: RowFacts): RowVerdict {
  const held = facts.shares.findLast(({ kind, state }) => kind === "standing" && (state === "waiting" || state === "held" || state === "sent"));
  const standing = held === undefined ? null : { until: held.until };
  const state = stateOf(facts, standing);
  const absent = state === "absent";
  const revision = facts.receipt?.revision ?? facts.absent?.revision ?? null;
  const backup: Backup = !facts.hasBackup ? "none" : absent && revision !== null && facts.replicatedRevision !== null && facts.replicatedRevision >= revision ? "confirmed" : "waits";
  const accepted = facts.receipt !== null || absent;
  const signed = facts.shares.length > 0 || accepted;
  return { state, asked: !facts.own && (facts.planned || signed), signed, accepted, absent, backup, standing };
}

export type BoardTally = { total: number; asked: number; signed: number; accepted: number; absent: number; apart: number; own: number; open: number; backupWaits: number };

/** How a board stands; closed when nothing is open: every row of ours is absent, or set apart by a person in so many words. */
export function tally(rows: readonly RowVerdict[]): BoardTally {
  const ours = rows.filter(({ state }) => state !== "own");
  const count = (of: (row: RowVerdict) => boolean) => ours.filter(of).length;
  const [absent, apart] = [count((row) => row.state === "absent"), count((row) => row.state === "apart")];
  return { total: ours.length, asked: count((row) => row.asked), signed: count((row) => row.signed), accepted: count((row) => row.accepted), absent, apart, own: rows.length - ours.length, open: ours.length - absent - apart, backupWaits: count((row) => row.absent && row.backup === "waits") };
}

export const isClosed = ({ total, open }: Pick<BoardTally, "total" | "open">): boolean => total > 0 && open === 0;

/** What a list that came means for one row. */
export type Sighting = { mode: "primary" | "backup"; epoch: number; revision: number; at: number; shows: boolean };
export type Finding = { kind: "absent"; at: number; epoch: number; revision: number } | { kind: "present"; at: number; epoch: number; revision: number } | { kind: "nothing"; words: string };

/**
 * Judges a signed list against what is known (PROTOCOL 14): only a primary's, not of an epoch below the known one, and, within the
 * receipt's epoch, not older than the receipt. `showing` a row that nobody has removed yet is no finding.
 */
export function findingOf({ mode, epoch, revision, at, shows }: Sighting, facts: Pick<RowFacts, "epoch" | "receipt" | "absent">): Finding {
  if (mode !== "primary") return { kind: "nothing", words: "A backup answers, which may lag." };
  if (facts.epoch !== null && epoch < facts.epoch) return { kind: "nothing", words: "Its list is of an epoch before the last." };
  const { receipt, absent } = facts;
  if (receipt !== null && receipt.epoch === epoch && revision < receipt.revision) return { kind: "nothing", words: "Its list is older than its receipt." };
  if (!shows) return { kind: "absent", at, epoch, revision };
  return receipt !== null || absent !== null ? { kind: "present", at, epoch, revision } : { kind: "nothing", words: "Nobody has removed it yet." };
}

/** Narrows what a row of `dispatch` says. */
export const shareOf = (row: { kind: string; state: string; words: string | null; changedAt: Date; firstSentAt: Date | null; startBefore: Date; attempts: number }): ShareFacts => ({
  kind: row.kind === "standing" ? "standing" : "fresh", state: dispatchState(row.state), words: row.words, changedAt: row.changedAt.getTime(), firstSentAt: row.firstSentAt?.getTime() ?? null, until: row.startBefore.getTime(), attempts: row.attempts,
});
