/**
 * One page of a vault's log against the place to which it was held: what each event is worth, what is wrong and where (PROTOCOL 9).
 * An event that breaks the chain is kept with its fault and the chain goes on from it, so that one lie does not hide what follows.
 * Pure. Long because the judgement of a page is one piece.
 */
import { limits } from "../limits.ts";
import { verifyChain, type ChainPoint, type FaultKind } from "../protocol/audit.ts";
import { labelledTextHash } from "../protocol/hash.ts";
import { jcs } from "../protocol/jcs.ts";
import type { AuditDetail, AuditEvent, AuditPage, Stream } from "../protocol/messages.ts";
import { clockTolerance, orderedAt, type EventFault } from "./event.ts";
import type { Finding, VaultFindingKind } from "./finding.ts";

/** Where a stream is held: the last event of it, and its time as ordered and as the vault said (milliseconds). */
export type Place = { branch: number; point: ChainPoint | null; at: number | null; vaultAt: number | null };

/** `detail`: canonical JSON as hashed, or as it came where it has no such form; null where there is none, or too much of it. */
export type Checked = { event: AuditEvent; at: number; skewed: boolean; fault: EventFault | null; detail: string | null };

export type CheckedPage = {
  events: Checked[];
  findings: Finding[];
  place: Place;
  /** The page went where no page goes: nothing after it is taken, and the stream is asked again later. */
  stopped: string | null;
  masked: number;
};

/** The protocol's own members and no others: what the hash covers (PROTOCOL 9), and what can be shown and hashed again. */
const plain = ({ seq, at, stream, epoch, actor, action, outcome, detail_hash, prev, hash, detail }: AuditEvent): AuditEvent => ({
  seq, at, stream, epoch, actor: { kind: actor.kind, agent_id: actor.agent_id }, action, outcome, detail_hash, prev, hash, detail,
});

/** A detail as text, and whether it is what the event says of it. What has no canonical form is no detail that was ever hashed. */
function detailOf(detail: AuditDetail): { text: string; holds: (hash: string) => boolean } {
  try {
    const text = jcs(detail);
    // As detailHash (lib/protocol/audit.ts), without writing the same text twice.
    return { text, holds: (given) => labelledTextHash("audit-detail", text) === given };
  } catch {
    return { text: JSON.stringify(detail), holds: () => false };
  }
}

const words: Record<EventFault, string> = {
  hash: "The event is not what its own hash says: its content was changed.",
  detail: "The detail is not the one that the event was written with.",
  prev: "The event does not follow the one before it.",
  gap: "Numbers are missing from the log.",
};
const stopping: Partial<Record<FaultKind, string>> = {
  order: "Its answer goes back to a number that was there before.",
  epoch: "Its answer goes back to an earlier epoch.",
  stream: "It answered with events of the other stream.",
};

/** The largest that the column holds. */
export const mostEpochs = 2_147_483_647;

const shown = (event: AuditEvent): string => JSON.stringify(event).slice(0, limits.auditEvidenceCharacters);

/** @param receivedAt our clock, milliseconds */
export function checkPage(page: AuditPage, from: Place, { stream, receivedAt }: { stream: Stream; receivedAt: number }): CheckedPage {
  const events: Checked[] = [];
  const findings: Finding[] = [];
  let { point, at: before, vaultAt } = from;
  let masked = 0;
  const when = (ms: number | null) => (ms === null ? null : new Date(ms));

  const find = (kind: VaultFindingKind, { epoch, seq }: { epoch: number; seq: number }, more: Partial<Finding> & { words: string }): void => {
    const last = findings.findLast((one) => one.kind === kind);
    const follows = last !== undefined && last.epoch === epoch && last.seqTo + 1 === seq && kind !== "gap" && kind !== "prev";
    // The same thing at one event after the other is one finding over all of them; a page full of different ones is cut.
    if (last !== undefined && (follows || (findings.length >= limits.auditFindingsAtOnce && last.epoch === epoch))) {
      last.seqTo = more.seqTo ?? seq;
      last.afterAt = more.afterAt ?? last.afterAt;
      return;
    }
    findings.push({ kind, stream, branch: from.branch, epoch, seq, seqTo: seq, expected: null, found: null, evidence: null, beforeAt: when(before), afterAt: null, ...more });
  };

  for (const given of page.events) {
    const event = plain(given);
    const { seq, epoch } = event;
    if (epoch > mostEpochs) {
      const stop = "It answered with an epoch beyond any number of restores.";
      find("stream", { epoch: mostEpochs, seq }, { found: String(epoch), words: stop, evidence: shown(event) });
      return { events, findings, place: { branch: from.branch, point, at: before, vaultAt }, stopped: stop, masked };
    }
    const detail = event.detail === null ? null : detailOf(event.detail);
    // The detail is judged apart: its fault leaves the chain whole.
    const bare = { ...event, detail: null };
    const result = verifyChain([bare], point, { stream, firstSeq: point === null ? page.first_seq || 1 : page.first_seq });
    let fault: EventFault | null = null;
    const { at, skewed } = orderedAt(event.at, before, receivedAt);
    if (!result.ok) {
      const { kind, expected, found } = result.fault;
      const stop = stopping[kind];
      if (stop !== undefined) {
        find(kind, { epoch, seq }, { expected, found, words: stop, evidence: shown(event) });
        return { events, findings, place: { branch: from.branch, point, at: before, vaultAt }, stopped: stop, masked };
      }
      fault = kind as EventFault;
      if (fault === "gap") {
        const first = point !== null && point.epoch === epoch ? point.seq + 1 : page.first_seq || 1;
        find("gap", { epoch, seq: first }, { seqTo: Math.max(first, seq - 1), expected: String(first), found: String(seq), words: `${words.gap} It goes on at ${seq}.`, afterAt: new Date(at) });
      } else find(fault, { epoch, seq }, { expected, found, words: words[fault], evidence: shown(event), afterAt: new Date(at) });
      // Whatever stood before it, an event can still be held to its own hash.
      if (fault !== "hash") {
        const alone = verifyChain([bare], seq > 1 ? { epoch, seq: seq - 1, hash: event.prev } : null, { stream, firstSeq: 1 });
        if (!alone.ok && alone.fault.kind === "hash") {
          find("hash", { epoch, seq }, { expected: alone.fault.expected, found: alone.fault.found, words: words.hash, evidence: shown(event), afterAt: new Date(at) });
          fault = "hash";
        }
      }
    } else if (page.first_seq > 1 && seq === page.first_seq && seq > (point?.seq ?? 0) + 1) {
      const first = (point?.seq ?? 0) + 1;
      find("pruned", { epoch, seq: first }, { seqTo: seq - 1, words: `The vault holds nothing before number ${seq} any more.`, afterAt: new Date(at) });
    }
    if (point !== null && epoch > point.epoch) find("restored", { epoch, seq }, { seqTo: seq, expected: String(point.epoch), found: String(epoch), words: `A new epoch begins: the vault was restored from a copy, or a backup took over, at epoch ${epoch}.`, afterAt: new Date(at) });
    let text: string | null = null;
    if (detail === null) masked += 1;
    else {
      text = detail.text;
      const tooLarge = text.length > limits.auditDetailCharacters;
      if (tooLarge || !detail.holds(event.detail_hash)) {
        find("detail", { epoch, seq }, {
          words: tooLarge ? `The detail has ${text.length} characters; more than ${limits.auditDetailCharacters} are not kept.` : words.detail,
          expected: event.detail_hash, evidence: shown(event), afterAt: new Date(at),
        });
        fault ??= "detail";
        if (tooLarge) text = null;
      }
    }
    if (skewed) {
      const back = event.at <= receivedAt;
      find("skew", { epoch, seq }, {
        expected: back && before !== null ? `not before ${new Date(before).toISOString()}` : `about ${new Date(receivedAt).toISOString()}`, found: timeText(event.at),
        words: back ? "Its clock went back: events carry a time before those that came before them. They are listed by when they were received." : "Its clock is ahead: events carry a time that has not come. They are listed by when they were received.", afterAt: new Date(at),
      });
    }
    events.push({ event, at, skewed, fault, detail: text });
    point = { epoch, seq, hash: event.hash };
    before = at;
    vaultAt = event.at;
  }
  return { events, findings, place: { branch: from.branch, point, at: before, vaultAt }, stopped: null, masked };
}

/** Vaults may say any number; a calendar ends. */
export const timeText = (ms: number): string => (ms <= 8_640_000_000_000_000 ? new Date(ms).toISOString() : `${ms} ms`);

/** Runs of a backup's own events: another one begins after an hour without any. */
export function failoverRuns(events: readonly Checked[], from: Place): Finding[] {
  const runs: Finding[] = [];
  let last = from.at;
  let lastEpoch = from.point?.epoch;
  for (const { event: { epoch, seq }, at } of events) {
    const run = runs.at(-1);
    const near = last !== null && at - last <= limits.auditFailoverPauseMs && epoch === lastEpoch;
    if (run !== undefined && near) {
      run.seqTo = seq;
      run.afterAt = new Date(at);
    } else {
      // The first one of a page may go on with the run of the page before: whoever stores it looks (lib/audit/store.ts).
      runs.push({ kind: "failover", stream: "backup", branch: from.branch, epoch, seq, seqTo: seq, expected: null, found: near ? "goes on" : null, words: "The backup answered by itself and wrote its own log meanwhile.", evidence: null, beforeAt: new Date(at), afterAt: new Date(at) });
    }
    last = at;
    lastEpoch = epoch;
  }
  return runs;
}

/** Whether the clock of an answer is further from ours than clocks may be. */
export const isSkewed = (skewMs: number): boolean => Math.abs(skewMs) > clockTolerance;
