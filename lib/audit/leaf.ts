/** What a record of ours is hashed as: all that it says, under a label of its own. Pure. */
import { concat, utf8, type Bytes } from "../protocol/bytes.ts";
import { labelBytes } from "../protocol/hash.ts";
import { jcs } from "../protocol/jcs.ts";

/** A row of `record`. */
export type RecordRow = { msp_id: string; id: string; at: Date; actor_kind: string; actor_id: string; actor_name: string; action: string; target_kind: string | null; target_id: string | null; fields: unknown; request_id: string | null };

/** RFC 8785 over safe integers only (lib/protocol/jcs.ts): any other number stands as its text. */
const plain = (value: unknown): unknown => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return value;
};

/** The record as canonical JSON; `at` in milliseconds. */
export const recordText = (row: RecordRow): string => jcs({
  action: row.action, actor: { id: row.actor_id, kind: row.actor_kind, name: row.actor_name }, at: row.at.getTime(), fields: plain(row.fields), id: row.id, msp: row.msp_id, request: row.request_id,
  target: row.target_kind === null ? null : { id: row.target_id, kind: row.target_kind }, v: 1,
});

/** The leaf's data: `"clavitor/record/v1\n" || recordText`; its hash is RFC 9162's over it. */
export const leafData = (text: string): Bytes => concat(labelBytes("record"), utf8(text));
