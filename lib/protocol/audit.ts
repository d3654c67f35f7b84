// The vault's own log as a hash chain (PROTOCOL 9). A detail can be erased without breaking it: the event's hash covers the
// detail only through its own salted hash.
import { b64u, utf8, type Bytes } from "./bytes.ts";
import { labelledHash, labelledTextHash } from "./hash.ts";
import { jcs, jcsBytes } from "./jcs.ts";
import type { AuditBody, AuditDetail, AuditEvent, Head, HeadMessage, Receipt, Stream } from "./messages.ts";
import { verifySigned } from "./signed.ts";

/** `prev` of the first event of each (stream, epoch): 32 zero bytes. */
export const CHAIN_START = b64u(new Uint8Array(32));

/** `H("clavitor/audit-detail/v1\n" || JCS(detail))`, 32 bytes. */
export function detailHash(detail: AuditDetail): Bytes {
  return labelledHash("audit-detail", jcsBytes(detail));
}

/** Printable ASCII without quotation mark and backslash (jcs.ts). */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const MEMBERS = 11;

/**
 * The canonical form of an event of the protocol's own members and nothing unusual, written down straight: a log of millions is hashed
 * one by one, and sorting the same nine names each time would cost more than the hash. Null: {@link jcs} must say it.
 */
function plainText(event: AuditBody & Partial<AuditEvent>): string | null {
  const { action, actor, at, detail_hash, epoch, outcome, prev, seq, stream } = event;
  let members = MEMBERS;
  if (!("hash" in event)) members -= 1;
  if (!("detail" in event)) members -= 1;
  const { agent_id: agentId, kind } = actor;
  const usual = Object.keys(event).length === members && Object.keys(actor).length === 2 && PLAIN.test(`${action}${kind}${detail_hash}${outcome}${prev}${stream}`) &&
    typeof action === "string" && typeof kind === "string" && typeof detail_hash === "string" && typeof outcome === "string" && typeof prev === "string" && typeof stream === "string" &&
    Number.isSafeInteger(at) && Number.isSafeInteger(epoch) && Number.isSafeInteger(seq) && at > 0 && epoch > 0 && seq > 0 && (agentId === null || (Number.isSafeInteger(agentId) && agentId > 0));
  return usual ? `{"action":"${action}","actor":{"agent_id":${agentId},"kind":"${kind}"},"at":${at},"detail_hash":"${detail_hash}","epoch":${epoch},"outcome":"${outcome}","prev":"${prev}","seq":${seq},"stream":"${stream}"}` : null;
}

function canonicalText(event: AuditBody & Partial<AuditEvent>): string {
  const text = plainText(event);
  if (text !== null) return text;
  const { hash: _hash, detail: _detail, ...body } = event;
  return jcs(body);
}

/** `H("clavitor/audit/v1\n" || JCS(event without hash and detail))`, 32 bytes. */
export function eventHash(event: AuditBody & Partial<AuditEvent>): Bytes {
  return labelledHash("audit", utf8(canonicalText(event)));
}

/** A place on a chain: the last event that was proven. */
export interface ChainPoint {
  epoch: number;
  seq: number;
  hash: string;
}

export type FaultKind =
  /** The event is not what its hash says. */
  | "hash"
  /** The detail is not what detail_hash says. */
  | "detail"
  /** `prev` is not the hash of the event before. */
  | "prev"
  /** Numbers are missing. */
  | "gap"
  /** A number that was there before. */
  | "order"
  /** An epoch below one already seen. */
  | "epoch"
  /** An event of the other stream. */
  | "stream";

/** Where a chain breaks: `index` in the given events, and what stood there. */
export interface Fault {
  kind: FaultKind;
  index: number;
  epoch: number;
  seq: number;
  expected: string;
  found: string;
}

export type ChainResult = { ok: true; last: ChainPoint | null } | { ok: false; fault: Fault; last: ChainPoint | null };

function faultOf(event: AuditEvent, last: ChainPoint | null, stream: Stream, firstSeq: number): [FaultKind, string | number, string | number] | null {
  if (event.stream !== stream) return ["stream", stream, event.stream];
  const { epoch, seq, prev } = event;
  if (last !== null && epoch < last.epoch) return ["epoch", last.epoch, epoch];
  // Events up to first_seq may have been removed; then nothing says what stood before the first that is left.
  const follows = last !== null && epoch === last.epoch ? last : null;
  const pruned = firstSeq > 1 && seq === firstSeq && firstSeq > (follows?.seq ?? 0) + 1;
  if (follows !== null && seq <= follows.seq) return ["order", follows.seq + 1, seq];
  if (follows !== null && seq !== follows.seq + 1 && !pruned) return ["gap", follows.seq + 1, seq];
  if (last === null && seq !== firstSeq) return ["gap", firstSeq, seq];
  const before = follows?.hash ?? CHAIN_START;
  if (!pruned && prev !== before) return ["prev", before, prev];
  const hash = labelledTextHash("audit", canonicalText(event));
  if (hash !== event.hash) return ["hash", hash, event.hash];
  if (event.detail !== null) {
    const detail = b64u(detailHash(event.detail));
    if (detail !== event.detail_hash) return ["detail", detail, event.detail_hash];
  }
  return null;
}

/**
 * Follows one stream's events in order, from the last proven place (null: nothing read yet). Stops at the first break and
 * says exactly where. A gap is none where the vault's `firstSeq` begins; a rise of the epoch starts a new chain from
 * {@link CHAIN_START}. `last` is how far the chain holds.
 */
export function verifyChain(
  events: readonly AuditEvent[],
  from: ChainPoint | null,
  { stream = "primary", firstSeq = 1 }: { stream?: Stream; firstSeq?: number } = {},
): ChainResult {
  let last = from;
  for (const [index, event] of events.entries()) {
    const fault = faultOf(event, last, stream, firstSeq);
    if (fault !== null) {
      const [kind, expected, found] = fault;
      const { epoch, seq } = event;
      return { ok: false, fault: { kind, index, epoch, seq, expected: String(expected), found: String(found) }, last };
    }
    last = { epoch: event.epoch, seq: event.seq, hash: event.hash };
  }
  return { ok: true, last };
}

/** What a head's signature covers: `{at, epoch, hash, seq, stream, vault}`. */
export function headMessage(head: Omit<Head, "signature">, vault: string): HeadMessage {
  const { at, epoch, hash, seq, stream } = head;
  return { at, epoch, hash, seq, stream, vault };
}

/** Whether a head is the vault's word. `publicKey` is the vault's key, or for stream `backup` its backup key. */
export async function verifyHead(head: Head, vault: string, publicKey: string | CryptoKey): Promise<boolean> {
  return verifySigned("head", headMessage(head, vault), head.signature, publicKey);
}

/** Whether a later head of the same stream takes something back: a lower epoch, fewer events, or another hash at one place. */
export function headFell(earlier: ChainPoint, later: ChainPoint): boolean {
  if (later.epoch !== earlier.epoch) return later.epoch < earlier.epoch;
  return later.seq < earlier.seq || (later.seq === earlier.seq && later.hash !== earlier.hash);
}

/** Whether the event that a receipt names is this one. */
export function isReceiptEvent(receipt: Pick<Receipt, "audit" | "epoch">, event: AuditEvent): boolean {
  const { audit, epoch } = receipt;
  return event.epoch === epoch && event.stream === audit.stream && event.seq === audit.seq && event.hash === audit.hash;
}
