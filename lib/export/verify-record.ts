/**
 * Judges the proof of one record (lib/audit/proof-file.ts), offline: that the record is what was hashed, that its leaf leads to the
 * root (RFC 9162 2.1.3.2), and that the root is signed (C2SP tlog-checkpoint) for this organisation's records.
 */
import { z } from "zod";
import { openCheckpoint } from "../audit/checkpoint.ts";
import { leafData } from "../audit/leaf.ts";
import type { ProofFile } from "../audit/proof-file.ts";
import { leafHash, verifyInclusion } from "../audit/tree.ts";
import { tryB64u, type Bytes } from "../protocol/bytes.ts";
import { jcs } from "../protocol/jcs.ts";

const hash = z.string().refine((text) => tryB64u(text, 32) !== null);
const form = z.strictObject({ clavitor: z.literal("record-proof"), v: z.literal(1), key: hash, position: z.int().min(0), size: z.int().min(1), path: z.array(hash).max(64), record: z.string(), note: z.string() });
const said = z.object({ action: z.string(), actor: z.object({ name: z.string() }), at: z.int(), id: z.string(), msp: z.string() });

export type RecordVerdict = { readonly ok: boolean; /** Sentences. */ readonly faults: readonly string[]; readonly proof: ProofFile | null; readonly record: z.output<typeof said> | null; /** Whose checkpoint, by its own word. */ readonly origin: string | null };

/** Who signed a note, by its own word; the key decides whether that is so. */
const signerOf = (note: string): string | null => /^\u2014 (\S+) [A-Za-z0-9+/=]+$/m.exec(note)?.[1] ?? null;
const bytesOf = (text: string): Bytes => tryB64u(text, 32)!;

function parsed(text: string): ProofFile | null {
  try {
    const file = form.safeParse(JSON.parse(text));
    // A member twice, or one more than there should be, is another file than was written.
    return file.success && `${JSON.stringify(file.data, null, 2)}\n` === text ? file.data : null;
  } catch {
    return null;
  }
}

function recordOf(text: string): z.output<typeof said> | null {
  try {
    const record = said.safeParse(JSON.parse(text));
    return record.success && jcs(JSON.parse(text)) === text ? record.data : null;
  } catch {
    return null;
  }
}

/** `key`: the one that must have signed, b64u; without it the verdict says which it was. */
export async function verifyRecord(text: string, { key }: { key?: string } = {}): Promise<RecordVerdict> {
  const proof = parsed(text);
  if (proof === null) return { ok: false, faults: ["This is not the proof of a record as this console writes it."], proof: null, record: null, origin: null };
  const faults: string[] = [];
  const record = recordOf(proof.record);
  if (record === null) faults.push("The record is not one as they are hashed.");
  if (key !== undefined && key !== proof.key) faults.push("It names another key than the one given.");
  const signer = signerOf(proof.note);
  const checkpoint = signer === null ? null : await openCheckpoint(proof.note, { name: signer, publicKey: bytesOf(key ?? proof.key) });
  if (checkpoint === null) faults.push("The checkpoint is not signed with the key.");
  else {
    if (checkpoint.size !== proof.size) faults.push(`The checkpoint is over ${checkpoint.size} records, the proof over ${proof.size}.`);
    const { host, organisation } = /^(?<host>.+)\/records\/(?<organisation>[^/]+)$/.exec(checkpoint.origin)?.groups ?? {};
    if (organisation === undefined || organisation !== record?.msp || signer !== `${host}/clavitor-msp`) faults.push("The checkpoint is of another organisation's records.");
    const leaf = leafHash(leafData(proof.record));
    if (!verifyInclusion({ leaf, position: proof.position, size: proof.size, path: proof.path.map(bytesOf), root: checkpoint.root })) faults.push("The record is not at its position under the signed root: it, its position or its path was changed.");
  }
  return { ok: faults.length === 0, faults, proof, record, origin: checkpoint?.origin ?? null };
}

/** `name+hash+key` (C2SP signed-note) or the key alone, as b64u; null: neither. */
export function keyFrom(given: string): string | null {
  if (tryB64u(given, 32) !== null) return given;
  const bytes = Buffer.from(/^[^+\s]+\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})$/.exec(given)?.[1] ?? "", "base64");
  return bytes.length === 33 && bytes[0] === 1 ? bytes.subarray(1).toString("base64url") : null;
}
