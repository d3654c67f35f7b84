/** One line with all that proves it: the event as its vault told it, its neighbours on the chain, the signed head, what was found there. */
import { database, type Database } from "../db/client.ts";
import type { AuditEvent as EventRow } from "#prisma/generated/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import type { AuditEvent, Head } from "../protocol/messages.ts";
import { rawEvent, receivedOf, storedEvent } from "./event.ts";
import { lineOfEvent, lineOfRecord, type AuditLine, type Source } from "./line.ts";
import { recordProof, type RecordProof } from "./proof.ts";
import { directoryOf, eventColumns, namesOf, recordColumns, recordEvent, recordTables, type RecordRow } from "./list.ts";

export type ChainLink = { readonly seq: number; readonly hash: string; readonly prev: string; readonly id: string };
export type Detail = {
  readonly line: AuditLine;
  /** As the vault told it; null: a record of ours. */
  readonly raw: AuditEvent | null;
  /** The vault's own clock where it is not what the line is ordered by. */
  readonly vaultAt: number | null;
  readonly vault: { readonly vaultId: string; readonly key: string; readonly name: string } | null;
  /** The events before, at and after it on its chain, as far as they are here. */
  readonly links: readonly ChainLink[];
  /** The last signed head of its stream. */
  readonly head: { readonly head: Head; readonly mode: string; readonly seenAt: number } | null;
  readonly findings: readonly { readonly severity: string; readonly kind: string; readonly words: string; readonly expected: string | null; readonly found: string | null }[];
  readonly plan: { readonly id: string; readonly title: string } | null;
  readonly receipt: { readonly id: string; readonly verdict: string | null } | null;
  /** Of a record: its path to a signed checkpoint; null until it is chained. */
  readonly record: RecordProof | null;
  /** Rows of ours there that are whoever did it's now, for a reader who may open a board over them; else 0. */
  readonly removable: number;
  /** Refusals of the same row within ten minutes. */
  readonly near: number;
};

async function ofEvent(scope: Read, id: string): Promise<Detail | null> {
  const { db, actor: { mspId } } = scope;
  const received = receivedOf(id);
  const [row] = await db.$queryRaw<EventRow[]>`select ${eventColumns} from audit_event e where e.msp_id = ${mspId}::uuid and e.received_at = ${received} and e.event_id = ${id}::uuid`;
  if (!row) return null;
  const event = storedEvent(row);
  const { vaultRef, stream, epoch, branch, seq } = event;
  const links = await db.$queryRaw<{ seq: bigint; hash: Uint8Array; prev: Uint8Array; id: string }[]>`
    select e.seq, e.hash, e.prev, e.event_id as id from audit_event e where e.msp_id = ${mspId}::uuid and e.vault_ref = ${vaultRef}::uuid and e.stream = ${stream} and e.epoch = ${epoch} and e.seq between ${seq - 1} and ${seq + 1} and e.branch = ${branch} order by e.seq`;
  const chain = await db.auditStream.findUnique({ where: { mspId_vaultRef_stream: { mspId, vaultRef, stream } } });
  const vault = await db.vault.findUnique({ where: { mspId_vaultRef: { mspId, vaultRef } }, select: { vaultId: true, publicKey: true, vaultName: true } });
  const findings = await db.auditFinding.findMany({ where: { mspId, vaultRef, stream, epoch, branch, seq: { lte: seq + 1 }, seqTo: { gte: seq - 1 } }, orderBy: { seq: "asc" }, take: 10 });
  const receipt = event.receiptId === null ? null : await db.auditReceipt.findUnique({ where: { mspId_receiptId: { mspId, receiptId: event.receiptId } } });
  const [near] = event.outcome === "success" || event.agentId === null ? [] : await db.$queryRaw<{ count: bigint }[]>`
    select count(*) as count from audit_event e where e.msp_id = ${mspId}::uuid and e.outcome <> 'success' and e.vault_ref = ${vaultRef}::uuid and e.agent_id = ${event.agentId} and e.at between ${new Date(event.at.getTime() - 600_000)} and ${new Date(event.at.getTime() + 600_000)}`;
  const directory = await directoryOf(scope);
  return {
    line: lineOfEvent(event, await namesOf(scope, directory, [event])), raw: rawEvent(event), vaultAt: event.skewed ? event.vaultAt : null,
    vault: vault?.vaultId && vault.publicKey ? { vaultId: vault.vaultId, key: vault.publicKey, name: vault.vaultName ?? "" } : null,
    links: links.map((link) => ({ id: link.id, seq: Number(link.seq), hash: b64u(link.hash), prev: b64u(link.prev) })),
    head: chain?.head && chain.headSeenAt ? { head: JSON.parse(chain.head) as Head, mode: chain.headMode ?? "primary", seenAt: chain.headSeenAt.getTime() } : null,
    findings: findings.map(({ severity, kind, words, expected, found }) => ({ severity, kind, words, expected, found })),
    plan: await planOf(scope, event.planId), receipt: event.receiptId === null ? null : { id: event.receiptId, verdict: receipt?.verdict ?? null }, record: null, near: Number(near?.count ?? 0), removable: await removableOf(scope, vaultRef, event.personId),
  };
}

async function removableOf({ db, actor }: Read, vaultRef: string, personId: string | null): Promise<number> {
  if (personId === null || !holds(actor, "revocation.open")) return 0;
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from known_agent a join vault v using (msp_id, vault_ref)
     where a.msp_id = ${actor.mspId}::uuid and a.vault_ref = ${vaultRef}::uuid and a.person_id = ${personId}::uuid and a.managed_by = v.manager_uid and not a.admin and v.state in ('unconfirmed', 'connected', 'stopped')`;
  return row!.count;
}

async function planOf({ db, actor: { mspId } }: Read, planId: string | null): Promise<Detail["plan"]> {
  const plan = planId === null ? null : await db.plan.findUnique({ where: { mspId_planId: { mspId, planId } }, select: { title: true } });
  return plan && { id: planId!, title: plan.title };
}

async function ofRecord(scope: Read, id: string): Promise<Detail | null> {
  const { db, actor: { mspId } } = scope;
  const [row] = await db.$queryRaw<RecordRow[]>`select ${recordColumns} from ${recordTables} where r.msp_id = ${mspId}::uuid and r.id = ${id}::uuid`;
  if (!row) return null;
  const event = recordEvent(row);
  const directory = await directoryOf(scope);
  return {
    line: lineOfRecord(event, await namesOf(scope, directory, [])), raw: null, vaultAt: null, vault: null, links: [], head: null, findings: [], receipt: null, near: 0, removable: 0, plan: await planOf(scope, event.planId),
    record: null,
  };
}

/** Throws Refusal `forbidden`, `audit_gone`. */
export async function showAudit(actor: Actor, { source, id }: { source: Source; id: string }, db: Database = database()): Promise<Detail> {
  authorize(actor, "audit.read");
  const found = await read(actor, (scope) => (source === "vault" ? ofEvent(scope, id) : ofRecord(scope, id)), db);
  if (!found) throw new Refusal("audit_gone");
  return source === "vault" ? found : { ...found, record: await recordProof(actor, id, db) };
}
