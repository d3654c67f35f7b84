/**
 * Keeping what a page brought: events, the cursor, what was found, in one transaction. The stream's row is locked and must stand where
 * the page was asked from: whoever comes second, or again after a kill, stores nothing (a partitioned table cannot hold the places unique).
 */
import { randomBytes } from "node:crypto";
import type { AuditStream } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { observe, type Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import { workerFor } from "../identity/actor.ts";
import { fromB64u } from "../protocol/bytes.ts";
import type { Head, Stream } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import type { Checked, Place } from "./chain.ts";
import { columnsOf, nothing, separator, type Who } from "./columns.ts";
import { severityOf, type Finding } from "./finding.ts";

/** The vault whose stream is kept, and how it is called in a record. */
export type Kept = { mspId: string; vaultRef: string; clientId: string; clientName: string; vaultKey: string };

/** `headSeen`: a head that was verified, by whom it was answered and when. `completeUntil`: our clock; null: no new word. */
export type Batch = {
  stream: Stream;
  from: Place;
  place: Place;
  events: readonly Checked[];
  findings: readonly Finding[];
  masked: number;
  firstSeq: number;
  receivedAt: Date;
  head: { head: Head; mode: Stream } | null;
  completeUntil: Date | null;
};

/** uuids of version 7 of one moment, rising: 12 of the random bits are left to the count, so at most 4,096 rise (limits.auditStoredAtOnce). */
export function eventIds(count: number, receivedAt: Date): string[] {
  const bytes = randomBytes(8 * count);
  const stamp = receivedAt.getTime().toString(16).padStart(12, "0");
  const step = Math.max(1, Math.floor(0x1000 / Math.max(count, 1)));
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const tail = bytes.subarray(i * 8, i * 8 + 8);
    tail[0] = (tail[0]! & 0x3f) | 0x80;
    const rest = tail.toString("hex");
    ids.push(`${stamp.slice(0, 8)}-${stamp.slice(8)}-7${Math.min(i * step, 0xfff).toString(16).padStart(3, "0")}-${rest.slice(0, 4)}-${rest.slice(4)}`);
  }
  return ids;
}

/** As a row says it; `branch` 0 and no event where there is none yet. */
export const placeOf = (row: Pick<AuditStream, "branch" | "epoch" | "seq" | "at" | "vaultAt"> & { hash: Uint8Array | null }): Place => ({
  branch: row.branch, point: row.hash === null ? null : { epoch: row.epoch, seq: Number(row.seq), hash: Buffer.from(row.hash).toString("base64url") }, at: row.at?.getTime() ?? null, vaultAt: row.vaultAt === null ? null : Number(row.vaultAt),
});

/** Locks the stream's row, made where there is none. False: it stands elsewhere than the page was asked from. */
async function lockAt({ db }: Write, { mspId, vaultRef, vaultKey }: Kept, stream: Stream, from: Place): Promise<boolean> {
  await db.$executeRaw`insert into audit_stream (msp_id, vault_ref, stream, vault_key) values (${mspId}::uuid, ${vaultRef}::uuid, ${stream}, ${vaultKey}) on conflict do nothing`;
  const [row] = await db.$queryRaw<{ branch: number; epoch: number; seq: bigint; hash: Uint8Array | null }[]>`select branch, epoch, seq, hash from audit_stream where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream} for update`;
  const { branch, point } = placeOf({ ...row!, at: null, vaultAt: null });
  return branch === from.branch && point?.epoch === from.point?.epoch && point?.seq === from.point?.seq && point?.hash === from.point?.hash;
}

async function insertEvents(tx: Write, kept: Kept, { stream, place, events, receivedAt }: Batch, who: Who): Promise<void> {
  if (events.length === 0) return;
  const { db } = tx;
  const { mspId, vaultRef, clientId } = kept;
  const c = columnsOf(events, eventIds(events.length, receivedAt), who);
  await learnNames(tx, kept, c);
  const [s, n] = [separator, nothing];
  await db.$executeRaw`
    insert into audit_event (msp_id, received_at, vault_ref, client_id, stream, branch, event_id, at, skewed, epoch, seq, vault_at, actor_kind, agent_id, agent_uid, person_id, actor_name, action, outcome,
                             target_kind, target_id, target_person_id, reason, ip, detail, fault, detail_hash, prev, hash)
    select ${mspId}::uuid, ${receivedAt}::timestamptz, ${vaultRef}::uuid, ${clientId}::uuid, ${stream}, ${place.branch}::smallint, u.event_id, 'epoch'::timestamptz + u.at * interval '1 millisecond', u.skewed, u.epoch, u.seq, u.vault_at, u.actor_kind, u.agent_id, u.agent_uid, u.person_id,
           u.actor_name, u.action, u.outcome, u.target_kind, u.target_id, u.target_person_id, u.reason, u.ip, u.detail, u.fault, decode(u.detail_hash, 'base64'), decode(u.prev, 'base64'), decode(u.hash, 'base64')
      from unnest(string_to_array(${c[0]}, ${s}, ${n})::uuid[], string_to_array(${c[1]}, ${s}, ${n})::bigint[], string_to_array(${c[2]}, ${s}, ${n})::boolean[], string_to_array(${c[3]}, ${s}, ${n})::int[], string_to_array(${c[4]}, ${s}, ${n})::bigint[],
                  string_to_array(${c[5]}, ${s}, ${n})::bigint[], string_to_array(${c[6]}, ${s}, ${n}), string_to_array(${c[7]}, ${s}, ${n})::int[], string_to_array(${c[8]}, ${s}, ${n}), string_to_array(${c[9]}, ${s}, ${n})::uuid[],
                  string_to_array(${c[10]}, ${s}, ${n}), string_to_array(${c[11]}, ${s}, ${n}), string_to_array(${c[12]}, ${s}, ${n}), string_to_array(${c[13]}, ${s}, ${n}), string_to_array(${c[14]}, ${s}, ${n}),
                  string_to_array(${c[15]}, ${s}, ${n})::uuid[], string_to_array(${c[16]}, ${s}, ${n}), string_to_array(${c[17]}, ${s}, ${n}), string_to_array(${c[18]}, ${s}, ${n}), string_to_array(${c[19]}, ${s}, ${n}),
                  string_to_array(${c[20]}, ${s}), string_to_array(${c[21]}, ${s}), string_to_array(${c[22]}, ${s}))
        as u(event_id, at, skewed, epoch, seq, vault_at, actor_kind, agent_id, agent_uid, person_id, actor_name, action, outcome, target_kind, target_id, target_person_id, reason, ip, detail, fault, detail_hash, prev, hash)`;
}

/**
 * New names among those that act, so that a part of one finds its events (select.ts). In order: whoever stores the same new names at the
 * same time waits for them one way round.
 */
async function learnNames({ db }: Write, { mspId }: Kept, columns: readonly string[]): Promise<void> {
  const names = [...new Set(columns[10]!.split(separator))].filter((name) => name !== nothing).toSorted();
  if (names.length > 0) await db.$executeRaw`insert into audit_name (msp_id, name) select ${mspId}::uuid, name from unnest(${names}::text[]) with ordinality as n(name, place) order by place on conflict do nothing`;
}

/** Where something stands, in words for a record. */
export const placeWords = ({ stream, branch, epoch, seq, seqTo }: Pick<Finding, "stream" | "branch" | "epoch" | "seq" | "seqTo">): string =>
  `${stream === "backup" ? "the backup's own log, " : ""}epoch ${epoch}, ${seqTo > seq ? `numbers ${seq} to ${seqTo}` : `number ${seq}`}${branch > 0 ? `, story ${branch + 1}` : ""}`;

/** What goes on from one page to the next is one finding over all of it. */
const runs = new Set(["hash", "detail", "skew", "failover"]);

/** Findings with their records; the same one again is counted. */
export async function saveFindings(tx: Write, { mspId, vaultRef, clientName }: Kept, findings: readonly Finding[]): Promise<void> {
  for (const one of findings) {
    if (runs.has(one.kind) && (one.kind !== "failover" || one.found === "goes on")) {
      const grown = await tx.db.$executeRaw`
        update audit_finding set seq_to = ${one.seqTo}, after_at = ${one.afterAt}, last_seen_at = now()
         where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${one.stream} and branch = ${one.branch} and epoch = ${one.epoch} and kind = ${one.kind} and seq_to = ${one.seq}::bigint - 1`;
      if (grown > 0) continue;
    }
    const severity = severityOf(one.kind);
    const [row] = await tx.db.$queryRaw<{ finding_id: string; fresh: boolean }[]>`
      insert into audit_finding (msp_id, finding_id, vault_ref, stream, branch, epoch, seq, seq_to, kind, severity, expected, found, words, evidence, before_at, after_at)
      values (${mspId}::uuid, ${uuid7()}::uuid, ${vaultRef}::uuid, ${one.stream}, ${one.branch}, ${one.epoch}, ${one.seq}, ${one.seqTo}, ${one.kind}, ${severity}, ${one.expected}, ${one.kind === "failover" ? null : one.found}, ${one.words}, ${one.evidence}, ${one.beforeAt}, ${one.afterAt})
      on conflict (msp_id, vault_ref, stream, epoch, branch, kind, seq) do update set times = audit_finding.times + 1, last_seen_at = now(), seq_to = greatest(audit_finding.seq_to, excluded.seq_to)
      returning finding_id::text, xmax = 0 as fresh`;
    // A failover has its own line where the vault's health changed.
    if (!row!.fresh || one.kind === "failover") continue;
    const fields = { client: clientName, place: placeWords(one), words: one.words };
    await record(tx, { action: severity === "tampering" ? "audit.tampering" : "audit.noticed", target: { kind: "vault", id: vaultRef }, fields });
  }
}

/**
 * Rows that an event names with their number are remembered, so that what a row did is known to be its after it is gone; from this very
 * page on, since what it did first may stand beside its making. A number is given once (PROTOCOL 4): what is known stays.
 */
async function learnRows({ db }: Write, { mspId, vaultRef }: Kept, events: readonly Checked[], { byId }: Who): Promise<void> {
  const learnt = new Map<number, { id: number; uid: string; name: string }>();
  for (const { event: { action, detail }, fault } of events) {
    const id = detail?.meta["agent"];
    const uid = detail?.target?.id;
    if (fault === null && action === "agent.create" && typeof id === "number" && Number.isInteger(id) && id > 0 && id < 65_536 && typeof uid === "string" && uid.length <= 64) learnt.set(id, { id, uid, name: "" });
  }
  if (learnt.size === 0) return;
  for (const { id, uid } of learnt.values()) if (!byId.has(id)) byId.set(id, { uid, personId: null });
  await db.$executeRaw`insert into audit_agent (msp_id, vault_ref, agent_id, uid, name) select ${mspId}::uuid, ${vaultRef}::uuid, g.id, g.uid, g.name from jsonb_to_recordset(${JSON.stringify([...learnt.values()])}::jsonb) as g(id int, uid text, name text) on conflict do nothing`;
}

/** @returns false: the stream stands elsewhere by now, and nothing was stored */
export async function storeBatch(kept: Kept, batch: Batch, who: Who, db: Database): Promise<boolean> {
  const { mspId, vaultRef, vaultKey } = kept;
  const { stream, from, place, events, head, firstSeq, masked, completeUntil, receivedAt } = batch;
  return observe(workerFor(mspId), async (tx) => {
    if (!(await lockAt(tx, kept, stream, from))) return false;
    await learnRows(tx, kept, events, who);
    await insertEvents(tx, kept, batch, who);
    await saveFindings(tx, kept, batch.findings);
    const { branch, point, at, vaultAt } = place;
    await tx.db.$executeRaw`
      update audit_stream set vault_key = ${vaultKey}, branch = ${branch}, epoch = ${point?.epoch ?? 0}, seq = ${point?.seq ?? 0}, hash = ${point === null ? null : fromB64u(point.hash)}, at = ${at === null ? null : new Date(at)}, vault_at = ${vaultAt},
             first_seq = ${firstSeq}, events = events + ${events.length}, masked = masked + ${masked}, from_at = coalesce(from_at, ${events.length > 0 ? new Date(events[0]!.at) : null}::timestamptz),
             complete_until = coalesce(${completeUntil}::timestamptz, complete_until), head = coalesce(${head === null ? null : JSON.stringify(head.head)}, head), head_mode = coalesce(${head?.mode ?? null}, head_mode),
             head_seen_at = coalesce(${head === null ? null : receivedAt}::timestamptz, head_seen_at)
       where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream}`;
    if (events.length > 0 || batch.findings.length > 0) await tx.db.$executeRaw`select pg_notify('audit', json_build_object('msp_id', ${mspId}::text, 'vault_ref', ${vaultRef}::text)::text)`;
    return true;
  }, db);
}
