// An entry at rest. Title, tags, labels and L1 values lie sealed in `l1`, the L2 values in `l2` under another key, so that
// listing and searching never touch what opens a credential. L3 values came as ciphertext and are sealed once more with L1:
// a client that stored clear text by mistake still leaves none in the file.
import { utf8 } from "#lib/protocol/bytes.ts";
import type { Entry, EntrySummary, Field } from "#lib/protocol/messages.ts";
import type { Row } from "./database.ts";
import type { VaultKeys } from "./keys.ts";
import { openAtRest, sealAtRest } from "./seal.ts";

/** Everything of an entry but its place in the table. */
export interface EntryContent {
  title: string;
  tags: readonly string[];
  fields: readonly Field[];
}

/** What `l1` holds: fields in order, the value absent where it is an L2 value. */
interface L1 {
  title: string;
  tags: readonly string[];
  fields: readonly (Omit<Field, "value"> & { value?: string })[];
}

function context(vaultId: string, tier: "l1" | "l2", uid: string, revision: number): string {
  return `entry\n${vaultId}\n${tier}\n${uid}\n${revision}`;
}

export function sealEntry(keys: VaultKeys, vaultId: string, uid: string, revision: number, content: EntryContent): { l1: Buffer; l2: Buffer } {
  const l1: L1 = {
    title: content.title,
    tags: content.tags,
    fields: content.fields.map(({ label, kind, tier, value }) => (tier === "L2" ? { label, kind, tier } : { label, kind, tier, value })),
  };
  const l2 = content.fields.filter((field) => field.tier === "L2").map((field) => field.value);
  return {
    l1: sealAtRest(keys.l1, context(vaultId, "l1", uid, revision), utf8(JSON.stringify(l1))),
    l2: sealAtRest(keys.l2, context(vaultId, "l2", uid, revision), utf8(JSON.stringify(l2))),
  };
}

/** The plain metadata of a row of `entries`: opens `l1` only. */
export function openL1(keys: VaultKeys, vaultId: string, row: Row): L1 {
  const sealed = row.l1 as Uint8Array;
  return JSON.parse(openAtRest(keys.l1, context(vaultId, "l1", row.uid as string, row.revision as number), sealed).toString("utf8")) as L1;
}

export function openContent(keys: VaultKeys, vaultId: string, row: Row): EntryContent {
  const l1 = openL1(keys, vaultId, row);
  const opened = openAtRest(keys.l2, context(vaultId, "l2", row.uid as string, row.revision as number), row.l2 as Uint8Array);
  const l2 = JSON.parse(opened.toString("utf8")) as string[];
  let next = 0;
  return {
    title: l1.title,
    tags: l1.tags,
    fields: l1.fields.map(({ label, kind, tier, value }) => ({ label, kind, tier, value: value ?? l2[next++]! })),
  };
}

export function summary(row: Row, { title, tags }: Pick<EntryContent, "title" | "tags">): EntrySummary {
  return {
    id: row.id as number,
    uid: row.uid as string,
    title,
    scopes: row.scopes as string,
    tags,
    updated_at: row.updated_at as number,
  };
}

export function wholeEntry(row: Row, content: EntryContent): Entry {
  return { ...summary(row, content), fields: content.fields, revision: row.revision as number };
}

