/**
 * An event as it is kept, and how our own records stand beside it. Pure.
 *
 * One line of the audit is either an event of a vault (table audit_event) or a record of ours (table record, with its leaf in
 * record_leaf, which says whom it is about once it was chained). Both are ordered by `at`, then by `id`, newest first.
 */
import type { AuditEvent as EventRow } from "#prisma/generated/client.ts";
import { b64u } from "../protocol/bytes.ts";
import type { Action, ActorKind, AuditDetail, AuditEvent, Outcome, Stream } from "../protocol/messages.ts";

/** What breaks at an event: its own hash, its detail, its link to the one before, or numbers missing before it. */
export type EventFault = "hash" | "detail" | "prev" | "gap";

/** One event of a vault's log. Texts are tamed (lib/vault/tame.ts); `detail` is to the letter what was hashed. */
export type StoredEvent = {
  source: "vault";
  /** uuid version 7 of the moment in which it was received. */
  id: string;
  /** By which it is ordered and filtered, see {@link orderedAt}; `skewed`: not the vault's own time. */
  at: Date;
  skewed: boolean;
  /** Our clock. Partitions are cut by it: `at >= x` implies `receivedAt >= x - 5 min`. */
  receivedAt: Date;
  /** Milliseconds, as the vault said. */
  vaultAt: number;
  vaultRef: string;
  clientId: string;
  /** Its place: a second stream, a later epoch and another branch are chains of their own. Branch 0 is the one seen first. */
  stream: Stream;
  epoch: number;
  branch: number;
  seq: number;
  actorKind: ActorKind;
  /** The acting row in the vault, and whose it is to us; null: not known, or nobody's. */
  agentId: number | null;
  agentUid: string | null;
  personId: string | null;
  /** As the vault said; null: masked or erased, as are target, reason, ip and detail then. */
  actorName: string | null;
  action: Action;
  outcome: Outcome;
  targetKind: string | null;
  targetId: string | null;
  targetPersonId: string | null;
  reason: string | null;
  ip: string | null;
  detail: string | null;
  /** base64url of 32 bytes each. */
  detailHash: string;
  prev: string;
  hash: string;
  /** The plan whose receipt covers it. */
  planId: string | null;
  receiptId: string | null;
  fault: EventFault | null;
};

/** One record of ours (lib/record). The links are known once it was chained, within a minute; `position` is its leaf's. */
export type RecordEvent = {
  source: "record";
  id: string;
  at: Date;
  actorKind: string;
  actorId: string;
  actorName: string;
  action: string;
  targetKind: string | null;
  targetId: string | null;
  fields: Readonly<Record<string, unknown>>;
  requestId: string | null;
  clientId: string | null;
  vaultRef: string | null;
  personId: string | null;
  planId: string | null;
  position: number | null;
};

export type TrailLine = StoredEvent | RecordEvent;

/** From a row of audit_event. */
export function storedEvent(row: EventRow): StoredEvent {
  return {
    source: "vault", id: row.eventId, at: row.at, skewed: row.skewed, receivedAt: row.receivedAt, vaultAt: Number(row.vaultAt), vaultRef: row.vaultRef, clientId: row.clientId,
    stream: row.stream as Stream, epoch: row.epoch, branch: row.branch, seq: Number(row.seq),
    actorKind: row.actorKind as ActorKind, agentId: row.agentId, agentUid: row.agentUid, personId: row.personId, actorName: row.actorName,
    action: row.action as Action, outcome: row.outcome as Outcome, targetKind: row.targetKind, targetId: row.targetId, targetPersonId: row.targetPersonId, reason: row.reason, ip: row.ip,
    detail: row.detail, detailHash: b64u(row.detailHash), prev: b64u(row.prev), hash: b64u(row.hash), planId: row.planId, receiptId: row.receiptId, fault: row.fault as EventFault | null,
  };
}

/** The event as the vault sent it, to be hashed again by anybody (lib/protocol/audit.ts). */
export function rawEvent(event: StoredEvent): AuditEvent {
  const { seq, vaultAt: at, stream, epoch, actorKind: kind, agentId: agent_id, action, outcome, detailHash: detail_hash, prev, hash, detail } = event;
  return { seq, at, stream, epoch, actor: { kind, agent_id }, action, outcome, detail_hash, prev, hash, detail: detail === null ? null : (JSON.parse(detail) as AuditDetail) };
}

/** The moment in which an event was received, from its id (RFC 9562 version 7): finds its partition. */
export const receivedOf = (id: string): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));

/** How far a vault's clock may be from ours, and an event's from the one before it, before it is said; milliseconds. */
export const clockTolerance = 300_000;
/** 2020-01-01: no vault is older. */
const firstMoment = 1_577_836_800_000;

/**
 * By which time an event is ordered: the vault's, where it can be true: not later than we received it, not before the event before it,
 * a few minutes' slack for clocks. Else when we received it: a clock years off must not hide an event at an end of the list.
 * @param before of the event before it, as ordered; null: none
 */
export function orderedAt(vaultAt: number, before: number | null, receivedAt: number): { at: number; skewed: boolean } {
  const plausible = vaultAt >= Math.max(firstMoment, (before ?? firstMoment) - clockTolerance) && vaultAt <= receivedAt + clockTolerance;
  return plausible ? { at: vaultAt, skewed: false } : { at: receivedAt, skewed: true };
}
