/** One line of the one table over all clients: an event of a vault's log, or a record of ours. Times in epoch milliseconds. */
import type { ActorKind, Outcome, Stream } from "../protocol/messages.ts";
import type { RecordEvent, StoredEvent } from "./event.ts";
import { outcomeOf } from "./outcome.ts";
import { tellEvent, tellRecord, type Part } from "./sentence.ts";

export type Source = "vault" | "console";
export type Place = { readonly stream: Stream | "console"; readonly epoch: number; readonly branch: number; /** Of a record: null until it is chained. */ readonly seq: number | null; readonly hash: string | null };
export type AuditLine = {
  /** Of the event or the record, uuid version 7: names the line in addresses. */
  readonly id: string;
  readonly source: Source;
  /** By which it is ordered; `skewed`: our clock, because the vault's cannot be right. */
  readonly at: number;
  readonly skewed: boolean;
  readonly receivedAt: number;
  readonly client: { readonly id: string; readonly name: string } | null;
  readonly vaultRef: string | null;
  readonly actor: { readonly kind: ActorKind | "person" | "operator" | "worker"; readonly agentId: number | null; readonly name: string | null; /** Of a member here. */ readonly personId: string | null };
  readonly action: string;
  readonly outcome: Outcome;
  readonly target: { readonly kind: string; readonly id: string; readonly name: string | null } | null;
  readonly reason: string | null;
  readonly ip: string | null;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly place: Place;
  /** False: the vault shows that something happened and not what (a manager with `audit: "own"`). */
  readonly told: boolean;
  readonly fault: string | null;
  readonly planId: string | null;
  /** The sentence. */
  readonly parts: readonly Part[];
};

/** Names for ids: of clients, and of the rows of vaults by `<vault> <uid>`. */
export type NamesOf = { readonly client: (id: string) => string; readonly row: (vaultRef: string, uid: string) => string | null };

const object = (text: string | null): Readonly<Record<string, unknown>> => {
  if (text === null) return {};
  const value = JSON.parse(text) as { meta?: unknown };
  return typeof value.meta === "object" && value.meta !== null ? (value.meta as Record<string, unknown>) : {};
};

export function lineOfEvent(event: StoredEvent, names: NamesOf): AuditLine {
  const actorName = event.actorName ?? (event.agentUid === null ? null : names.row(event.vaultRef, event.agentUid));
  const line = {
    id: event.id, source: "vault" as const, at: event.at.getTime(), skewed: event.skewed, receivedAt: event.receivedAt.getTime(), client: { id: event.clientId, name: names.client(event.clientId) }, vaultRef: event.vaultRef,
    actor: { kind: event.actorKind, agentId: event.agentId, name: actorName, personId: event.personId }, action: event.action, outcome: event.outcome,
    target: event.targetKind === null || event.targetId === null ? null : { kind: event.targetKind, id: event.targetId, name: event.targetKind === "agent" ? names.row(event.vaultRef, event.targetId) : null },
    reason: event.reason, ip: event.ip, meta: object(event.detail), place: { stream: event.stream, epoch: event.epoch, branch: event.branch, seq: event.seq, hash: event.hash },
    told: event.actorName !== null || event.detail !== null, fault: event.fault, planId: event.planId,
  };
  return { ...line, parts: tellEvent(line) };
}

export function lineOfRecord(event: RecordEvent, names: NamesOf): AuditLine {
  const kind = event.actorKind === "worker" || event.actorKind === "operator" ? event.actorKind : "person";
  const line = {
    id: event.id, source: "console" as const, at: event.at.getTime(), skewed: false, receivedAt: event.at.getTime(), client: event.clientId === null ? null : { id: event.clientId, name: names.client(event.clientId) }, vaultRef: event.vaultRef,
    actor: { kind: kind as AuditLine["actor"]["kind"], agentId: null, name: event.actorName, personId: kind === "person" ? event.actorId : null }, action: event.action, outcome: outcomeOf(event.action),
    target: event.targetKind === null || event.targetId === null ? null : { kind: event.targetKind, id: event.targetId, name: null }, reason: null, ip: null, meta: event.fields,
    place: { stream: "console" as const, epoch: 0, branch: 0, seq: event.position, hash: null }, told: true, fault: null, planId: event.planId,
  };
  return { ...line, parts: tellRecord(line) };
}

/** A place in the table: what comes after it in the order, as `<milliseconds>.<id>`. */
export type Cursor = { readonly at: number; readonly id: string };
export const writeCursor = ({ at, id }: Cursor): string => `${at}.${id}`;
export function parseCursor(text: string | null | undefined): Cursor | null {
  const match = /^(\d{1,14})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? "");
  return match ? { at: Number(match[1]), id: match[2]! } : null;
}
