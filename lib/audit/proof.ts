/** That a record of ours stands in the signed tree: everything that somebody needs to check it without us. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import { leafData, recordText, type RecordRow } from "./leaf.ts";
import { leafHash, nodeHash, nodeOf, partsOf, pathPlaces } from "./tree.ts";

/** `record`: canonical JSON, whose leaf hash is `leaf`; hashes as base64url; `note`: the checkpoint over `size` records, signed with `key`. */
export type RecordProof = { record: string; leaf: string; position: number; size: number; path: string[]; root: string; note: string; key: string };

/** Against the latest checkpoint. null: no such record, or not chained yet. Throws Refusal `forbidden`, SealError. */
export async function recordProof(actor: Actor, recordId: string, db: Database = database()): Promise<RecordProof | null> {
  authorize(actor, "record.read");
  const { mspId } = actor;
  const found = await read(actor, async ({ db: tx }) => {
    const leaf = await tx.recordLeaf.findUnique({ where: { mspId_recordId: { mspId, recordId } }, select: { position: true } });
    const checkpoint = await tx.checkpoint.findFirst({ where: { mspId }, orderBy: { size: "desc" } });
    const [row] = await tx.$queryRaw<RecordRow[]>`select msp_id::text, id::text, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id from record where msp_id = ${mspId}::uuid and id = ${recordId}::uuid`;
    if (leaf === null || checkpoint === null || !row) return null;
    const [position, size] = [Number(leaf.position), Number(checkpoint.size)];
    const places = pathPlaces(position, size).map(partsOf);
    const rows = await tx.recordLeaf.findMany({ where: { mspId, position: { in: places.flat().map(({ end }) => BigInt(end - 1)) } }, select: { position: true, nodes: true } });
    const nodes = new Map(rows.map((one) => [Number(one.position), one.nodes]));
    const path = places.map((parts) => parts.map(({ level, end }) => nodeOf(nodes.get(end - 1)!, level)).reduceRight((right, left) => nodeHash(left, right)));
    const text = recordText(row);
    return { record: text, leaf: b64u(leafHash(leafData(text))), position, size, path: path.map((one) => b64u(one)), root: b64u(checkpoint.root), note: checkpoint.note };
  }, db);
  return found && { ...found, key: (await checkpointKey(db)).publicKey };
}
