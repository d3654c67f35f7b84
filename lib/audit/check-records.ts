/**
 * Whether our own records are what was chained and signed: each against its leaf, the leaves against each other, every signed root
 * against the tree. Once a day and on demand; what does not fit is found with its position.
 */
import { database, type Database } from "../db/client.ts";
import { observe, read, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { uuid7 } from "../id.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { chainBatch } from "./chain-records.ts";
import { keyNameOf, openCheckpoint, originOf } from "./checkpoint.ts";
import type { RecordFindingKind } from "./finding.ts";
import { leafData, recordText, type RecordRow } from "./leaf.ts";
import { grow, leafHash, rootOf, type Peak } from "./tree.ts";

export type RecordFinding = { kind: RecordFindingKind; seq: number; seqTo: number; expected: string | null; found: string | null; words: string; evidence: string | null };
type LeafRow = { position: bigint; nodes: Uint8Array; record_id: string } & { [K in keyof RecordRow]: RecordRow[K] | null };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Walks all leaves. @returns what does not fit, and how many leaves there are */
export async function checkRecords(mspId: string, db: Database = database()): Promise<{ size: number; findings: RecordFinding[] }> {
  const key = await checkpointKey(db);
  const worker = workerFor(mspId);
  const { APP_ORIGIN } = env();
  const publicKey = fromB64u(key.publicKey, 32);
  const [name, origin] = [keyNameOf(APP_ORIGIN), originOf(APP_ORIGIN, mspId)];
  const findings: RecordFinding[] = [];
  const find = (one: Omit<RecordFinding, "seqTo">) => {
    const last = findings.at(-1);
    if (last !== undefined && last.kind === one.kind && last.words === one.words && last.seqTo + 1 === one.seq) last.seqTo = one.seq;
    else if (findings.length < limits.auditFindingsPerVault) findings.push({ ...one, seqTo: one.seq });
  };
  const checkpoints = new Map((await read(worker, (tx) => tx.db.checkpoint.findMany({ where: { mspId }, orderBy: { size: "asc" } }), db)).map((row) => [Number(row.size), row]));
  const peaks: Peak[] = [];
  let size = 0;
  for (;;) {
    const rows = await read(worker, (tx) => tx.db.$queryRaw<LeafRow[]>`
      select l.position, l.nodes, l.record_id::text, r.msp_id::text, r.id::text, r.at, r.actor_kind, r.actor_id, r.actor_name, r.action, r.target_kind, r.target_id, r.fields, r.request_id
        from record_leaf l left join record r on r.msp_id = l.msp_id and r.id = l.record_id where l.msp_id = ${mspId}::uuid and l.position >= ${size} order by l.position limit ${limits.recordsChainedAtOnce}`, db);
    for (const row of rows) {
      const position = Number(row.position);
      if (position !== size) {
        find({ kind: "record_missing", seq: size, expected: String(size), found: String(position), words: "A leaf of the tree of our records is gone.", evidence: null });
        // Nothing after it can be held against a root.
        return { size: position, findings };
      }
      const stored = row.nodes.subarray(0, 32);
      if (row.id === null) find({ kind: "record_missing", seq: position, expected: hex(stored), found: null, words: "A record that was chained is gone.", evidence: row.record_id });
      else {
        const leaf = leafHash(leafData(recordText(row as RecordRow)));
        if (hex(leaf) !== hex(stored)) find({ kind: "record_changed", seq: position, expected: hex(stored), found: hex(leaf), words: "A record is not what it was when it was chained.", evidence: row.record_id });
      }
      // The tree is made of the leaves as they were: what was signed over them is judged apart from what became of the records.
      const nodes = grow(peaks, stored);
      size += 1;
      if (hex(nodes) !== hex(row.nodes)) find({ kind: "checkpoint", seq: position, expected: hex(nodes), found: hex(row.nodes), words: "A stored node of the tree of our records is not what its leaves make.", evidence: null });
      const signed = checkpoints.get(size);
      if (signed === undefined) continue;
      checkpoints.delete(size);
      const root = rootOf(peaks);
      const said = await openCheckpoint(signed.note, { name, publicKey });
      const fits = said !== null && said.origin === origin && said.size === size && hex(said.root) === hex(root) && hex(signed.root) === hex(root);
      if (!fits) find({ kind: "checkpoint", seq: position, expected: b64u(root), found: said === null ? null : b64u(said.root), words: said === null ? "A checkpoint is not signed by this installation's key." : "A signed checkpoint is of another tree than the one that is stored.", evidence: signed.note });
    }
    if (rows.length < limits.recordsChainedAtOnce) break;
  }
  for (const [beyond, row] of checkpoints) find({ kind: "record_missing", seq: Math.max(size, beyond - 1), expected: String(beyond), found: String(size), words: `A signed checkpoint covers ${beyond} records; ${size} are left.`, evidence: row.note });
  return { size, findings };
}

async function save(tx: Write, { kind, seq, seqTo, expected, found, words, evidence }: RecordFinding): Promise<void> {
  const { mspId } = tx.actor;
  const [row] = await tx.db.$queryRaw<{ fresh: boolean }[]>`
    insert into audit_finding (msp_id, finding_id, seq, seq_to, kind, severity, expected, found, words, evidence) values (${mspId}::uuid, ${uuid7()}::uuid, ${seq}, ${seqTo}, ${kind}, 'tampering', ${expected}, ${found}, ${words}, ${evidence})
    on conflict (msp_id, vault_ref, stream, epoch, branch, kind, seq) do update set times = audit_finding.times + 1, last_seen_at = now(), seq_to = greatest(audit_finding.seq_to, excluded.seq_to) returning xmax = 0 as fresh`;
  if (row!.fresh) await record(tx, { action: "audit.record_tampering", fields: { place: seqTo > seq ? `positions ${seq} to ${seqTo}` : `position ${seq}`, words } });
}

/** The daily look: checks all, chains what came too late for its place and says so. @returns how much was found */
export async function auditRecords(mspId: string, db: Database = database()): Promise<number> {
  const key = await checkpointKey(db);
  const { findings } = await checkRecords(mspId, db);
  const worker = workerFor(mspId);
  for (;;) {
    const { count } = await observe(worker, async (tx) => {
      const fresh = await chainBatch(tx, key);
      const late = fresh.count === 0 ? await chainBatch(tx, key, true) : { count: 0, from: 0 };
      if (late.count > 0) await save(tx, { kind: "record_unchained", seq: late.from, seqTo: late.from + late.count - 1, expected: null, found: null, words: "Records with an earlier time came after the chain had passed them: slipped in, or written very late.", evidence: null });
      return { count: fresh.count + late.count };
    }, db);
    if (count < limits.recordsChainedAtOnce) break;
  }
  if (findings.length > 0) await observe(worker, async (tx) => {
    for (const one of findings) await save(tx, one);
  }, db);
  return findings.length;
}
