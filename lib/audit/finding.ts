/** What can be found wrong with a log, and what only looks like it. Closed, so that each has its words (table audit_finding). Pure. */
import type { Stream } from "../protocol/messages.ts";

/** Of a vault's log. */
export type VaultFindingKind =
  // Tampering (PROTOCOL 9), at its exact place.
  | "hash" // an event is not what its hash says
  | "detail" // a detail is not what the event says of it
  | "prev" // an event does not follow the one before it
  | "gap" // numbers are missing: seq to seq_to
  | "order" // a page went back, or out of order
  | "stream" // an event of another stream
  | "head" // a head that is not the vault's word, or not the end of what it sent
  | "truncated" // the primary's log ends before what it signed earlier: seq to seq_to are gone
  | "fork" // the log tells another story from seq on; the other one is kept as a branch
  | "epoch" // the epoch fell
  | "receipt" // a receipt names an event that is not on the chain
  // Notices: to be seen, no tampering.
  | "restored" // a new epoch begins at seq; seq_to: what was taken back of the old one ends there
  | "failover" // a backup wrote its own stream: seq to seq_to
  | "skew" // events carry times that cannot be: seq to seq_to
  | "clock" // the vault's clock was off when it answered
  | "pruned" // the vault holds nothing before seq any more
  | "new_key"; // the log goes on under another key, after a new connect

/** Of our own records; `seq` is a record's position in the tree. */
export type RecordFindingKind =
  | "record_changed" // a record is not what its leaf says
  | "record_missing" // a leaf whose record is gone
  | "record_unchained" // a record that is older than the chain's end and has no leaf
  | "checkpoint"; // a signed root is not the root of the leaves

export type FindingKind = VaultFindingKind | RecordFindingKind;
export type Severity = "tampering" | "notice";

const notices: ReadonlySet<FindingKind> = new Set(["restored", "failover", "skew", "clock", "pruned", "new_key"]);
export const severityOf = (kind: FindingKind): Severity => (notices.has(kind) ? "notice" : "tampering");

/** `expected` and `found`: hashes, numbers or times as text. `beforeAt` and `afterAt`: the events around it, by `at`. */
export type Finding = {
  kind: VaultFindingKind;
  stream: Stream;
  branch: number;
  epoch: number;
  seq: number;
  seqTo: number;
  expected: string | null;
  found: string | null;
  words: string;
  evidence: string | null;
  beforeAt: Date | null;
  afterAt: Date | null;
};
