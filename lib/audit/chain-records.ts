/**
 * Our own records become leaves of one tree per tenant, in the order in which they are found, and its root is signed. What was
 * recorded since is chained within a minute; a record changed, taken away or slipped in later no longer fits (check-records.ts).
 */
import { database, type Database } from "../db/client.ts";
import { observe, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { checkpointKey, type CheckpointKey } from "../glass/checkpoint-key.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { keyNameOf, originOf, signCheckpoint } from "./checkpoint.ts";
import { leafData, recordText, type RecordRow } from "./leaf.ts";
import { grow, leafHash, nodeOf, peakPlaces, rootOf, type Peak } from "./tree.ts";

/** The peaks of the tree of this size, from its stored nodes. */
export async function loadPeaks({ db, actor: { mspId } }: Pick<Write, "db" | "actor">, size: number): Promise<Peak[]> {
  const places = peakPlaces(size);
  const rows = await db.recordLeaf.findMany({ where: { mspId, position: { in: places.map(({ end }) => BigInt(end - 1)) } }, select: { position: true, nodes: true } });
  const nodes = new Map(rows.map((row) => [Number(row.position), row.nodes]));
  return places.map(({ level, end }) => ({ level, end, hash: nodeOf(nodes.get(end - 1)!, level) }));
}

/** Records without a leaf, of the time since the last one that has one, less what may have committed late. */
const unchained = ({ db, actor: { mspId } }: Write, everything: boolean): Promise<RecordRow[]> => db.$queryRaw<RecordRow[]>`
  select r.msp_id::text, r.id::text, r.at, r.actor_kind, r.actor_id, r.actor_name, r.action, r.target_kind, r.target_id, r.fields, r.request_id from record r
   where r.msp_id = ${mspId}::uuid and not exists (select from record_leaf l where l.msp_id = r.msp_id and l.record_id = r.id)
     and (${everything} or r.at >= coalesce((select e.at from record_leaf l join record e on e.msp_id = l.msp_id and e.id = l.record_id where l.msp_id = r.msp_id order by l.position desc limit 1), '-infinity') - make_interval(secs => ${limits.recordsLateMs / 1_000}::int))
   order by r.at, r.id limit ${limits.recordsChainedAtOnce}`;

/** Leaves with whom each is about, as far as its target says. */
async function insertLeaves({ db, actor: { mspId } }: Write, leaves: readonly { position: number; id: string; nodes: Uint8Array }[]): Promise<void> {
  const given = JSON.stringify(leaves.map(({ position, id, nodes }) => ({ p: position, id, n: Buffer.from(nodes).toString("hex") })));
  await db.$executeRaw`
    insert into record_leaf (msp_id, position, record_id, nodes, client_id, vault_ref, person_id, plan_id)
    select ${mspId}::uuid, g.p, g.id, decode(g.n, 'hex'), coalesce(c.client_id, v.client_id, k.client_id), v.vault_ref, p.person_id, coalesce(s.plan_id, a.plan_id, case when t.kind = 'plan' then t.id end)
      from jsonb_to_recordset(${given}::jsonb) as g(p bigint, id uuid, n text) join record r on r.msp_id = ${mspId}::uuid and r.id = g.id
      cross join lateral (select r.target_kind as kind, case when r.target_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then r.target_id::uuid end as id) t
      left join dispatch s on t.kind = 'dispatch' and s.msp_id = r.msp_id and s.dispatch_id = t.id
      left join approval a on t.kind = 'approval' and a.msp_id = r.msp_id and a.approval_id = t.id
      left join drift d on t.kind = 'drift' and d.msp_id = r.msp_id and d.drift_id = t.id
      left join vault v on v.msp_id = r.msp_id and v.vault_ref = case t.kind when 'vault' then t.id when 'dispatch' then s.vault_ref when 'drift' then d.vault_ref end
      left join client c on t.kind = 'client' and c.msp_id = r.msp_id and c.client_id = t.id
      left join glass_link k on t.kind = 'glass_link' and k.msp_id = r.msp_id and k.link_id = t.id
      left join person p on t.kind = 'person' and p.msp_id = r.msp_id and p.person_id = t.id`;
}

/** One batch, alone in its tenant. @returns how many were chained, and at which positions they began */
export async function chainBatch(tx: Write, key: CheckpointKey, everything = false): Promise<{ count: number; from: number }> {
  const { db, actor: { mspId } } = tx;
  await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended('record_leaf ' || ${mspId}, 0))`;
  const records = await unchained(tx, everything);
  const last = await db.recordLeaf.findFirst({ where: { mspId }, orderBy: { position: "desc" }, select: { position: true } });
  const from = last === null ? 0 : Number(last.position) + 1;
  if (records.length === 0) return { count: 0, from };
  const peaks = await loadPeaks(tx, from);
  await insertLeaves(tx, records.map((row, i) => ({ position: from + i, id: row.id, nodes: grow(peaks, leafHash(leafData(recordText(row)))) })));
  const { APP_ORIGIN } = env();
  const root = rootOf(peaks);
  const note = signCheckpoint({ origin: originOf(APP_ORIGIN, mspId), size: from + records.length, root }, { name: keyNameOf(APP_ORIGIN), publicKey: fromB64u(key.publicKey, 32), sign: (message) => key.sign(message) });
  await db.$executeRaw`insert into checkpoint (msp_id, size, root, note) values (${mspId}::uuid, ${from + records.length}, ${root}, ${note})`;
  return { count: records.length, from };
}

/** Chains what one tenant recorded since, all of it. Throws Refusal `database_unavailable`, SealError. @returns how many */
export async function chainRecords(mspId: string, db: Database = database()): Promise<number> {
  const key = await checkpointKey(db);
  let total = 0;
  for (;;) {
    const { count } = await observe(workerFor(mspId), (tx) => chainBatch(tx, key), db);
    total += count;
    if (count < limits.recordsChainedAtOnce) return total;
  }
}

/** All tenants of this installation. */
export async function tenants(db: Database): Promise<string[]> {
  return (await db.$queryRaw<{ msp_id: string }[]>`select msp_id::text from audit_tenants()`).map((row) => row.msp_id);
}
