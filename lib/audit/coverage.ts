/** How far each vault's log is held: complete until when, what is missing before that, and why nothing comes now. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { Stream } from "../protocol/messages.ts";
import type { FindingKind, Severity } from "./finding.ts";

/** `until` null: nothing is complete yet. `headAt`: the vault's clock in its last signed head. */
export type StreamCoverage = { stream: Stream; from: Date | null; until: Date | null; epoch: number; seq: number; branch: number; events: number; masked: number; headAt: Date | null };
/** Time in which something is missing, or cannot be relied on: between the events around it. */
export type Hole = { findingId: string; kind: FindingKind; from: Date | null; until: Date | null; stream: Stream; seq: number; seqTo: number; words: string };
export type PullState = "unread" | "ok" | "behind" | "failover" | "silent" | "withheld" | "broken" | "ended";

export type Coverage = {
  vaultRef: string;
  clientId: string;
  client: string;
  state: PullState;
  words: string | null;
  /** Of the primary's log: from its first event held, complete until this moment of ours. */
  from: Date | null;
  until: Date | null;
  /** When the vault was last asked with success. */
  pulledAt: Date | null;
  streams: StreamCoverage[];
  holes: Hole[];
  /** Findings that are tampering. */
  tampering: number;
};

/** What leaves a hole in what is complete; a restore or a skewed clock leaves none. */
const holed: readonly FindingKind[] = ["gap", "pruned", "truncated", "fork", "prev", "hash"];

const headAt = (head: string | null): Date | null => {
  if (head === null) return null;
  const { at } = JSON.parse(head) as { at: number };
  return at <= 8_640_000_000_000_000 ? new Date(at) : null;
};

/**
 * Of all vaults that are or were connected, by client; @param of only these vaults. The page's strip and an export's word on what is
 * missing. Throws Refusal `forbidden`.
 */
export async function coverage(actor: Actor, { vaultRefs }: { vaultRefs?: readonly string[] } = {}, db: Database = database()): Promise<Coverage[]> {
  authorize(actor, "audit.read");
  const { mspId } = actor;
  const vaults = await read(actor, (tx) => tx.db.vault.findMany({
    where: { mspId, state: { not: "asking" }, connectedAt: { not: null }, ...(vaultRefs && { vaultRef: { in: [...vaultRefs] } }) },
    select: {
      vaultRef: true, clientId: true, state: true, client: { select: { name: true } }, auditPull: true, auditStreams: { orderBy: { stream: "desc" } },
      auditFindings: { where: { kind: { in: [...holed] } }, orderBy: { beforeAt: "asc" } }, _count: { select: { auditFindings: { where: { severity: "tampering" } } } },
    },
    orderBy: [{ client: { name: "asc" } }, { vaultRef: "asc" }],
  }), db);
  return vaults.map(({ vaultRef, clientId, state, client, auditPull, auditStreams, auditFindings, _count }) => {
    const streams = auditStreams.map((row) => ({
      stream: row.stream as Stream, from: row.fromAt, until: row.completeUntil, epoch: row.epoch, seq: Number(row.seq), branch: row.branch, events: Number(row.events), masked: Number(row.masked), headAt: headAt(row.head),
    }));
    const primary = streams.find(({ stream }) => stream === "primary");
    return {
      vaultRef, clientId, client: client.name, state: state === "ended" ? "ended" : ((auditPull?.state ?? "unread") as PullState), words: auditPull?.words ?? null,
      from: primary?.from ?? null, until: primary?.until ?? null, pulledAt: auditPull?.pulledAt ?? null, streams, tampering: _count.auditFindings,
      holes: auditFindings.map((row) => ({ findingId: row.findingId, kind: row.kind as FindingKind, from: row.beforeAt, until: row.afterAt, stream: row.stream as Stream, seq: Number(row.seq), seqTo: Number(row.seqTo), words: row.words })),
    };
  });
}

export type FindingLine = {
  id: string;
  vaultRef: string | null;
  clientId: string | null;
  client: string | null;
  kind: FindingKind;
  severity: Severity;
  stream: Stream | null;
  epoch: number;
  branch: number;
  seq: number;
  seqTo: number;
  expected: string | null;
  found: string | null;
  words: string;
  evidence: string | null;
  beforeAt: Date | null;
  afterAt: Date | null;
  seenAt: Date;
  lastSeenAt: Date;
  times: number;
};

/** What was found, newest first, of all vaults and of our own records (vaultRef null). @param limit at most 1,000 */
export async function listFindings(actor: Actor, { severity, vaultRef, limit = 200 }: { severity?: Severity; vaultRef?: string; limit?: number } = {}, db: Database = database()): Promise<FindingLine[]> {
  authorize(actor, "audit.read");
  const rows = await read(actor, (tx) => tx.db.auditFinding.findMany({
    where: { mspId: actor.mspId, ...(severity && { severity }), ...(vaultRef && { vaultRef }) }, orderBy: [{ seenAt: "desc" }, { findingId: "desc" }], take: Math.min(limit, 1_000),
    include: { vault: { select: { clientId: true, client: { select: { name: true } } } } },
  }), db);
  return rows.map(({ findingId: id, vault, seq, seqTo, kind, severity: weight, stream, mspId: _, ...row }) => ({
    ...row, id, clientId: vault?.clientId ?? null, client: vault?.client.name ?? null, seq: Number(seq), seqTo: Number(seqTo), kind: kind as FindingKind, severity: weight as Severity, stream: stream as Stream | null,
  }));
}
