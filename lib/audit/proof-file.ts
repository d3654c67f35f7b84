/** The proof of one record of ours as a file, for whoever checks it without this console (`npm run verify-export FILE`). Pure. */
import type { RecordProof } from "./proof.ts";

/** `record`: canonical JSON. `key`: b64u of 32 bytes, the installation's checkpoint key. `path`: b64u, nearest first. `note`: C2SP checkpoint. */
export type ProofFile = { readonly clavitor: "record-proof"; readonly v: 1; readonly key: string; readonly position: number; readonly size: number; readonly path: readonly string[]; readonly record: string; readonly note: string };

/** By what such a file is known. */
export const proofBegins = '{\n  "clavitor": "record-proof"';
export const writeProof = ({ key, position, size, path, record, note }: RecordProof): string => `${JSON.stringify({ clavitor: "record-proof", v: 1, key, position, size, path, record, note } satisfies ProofFile, null, 2)}\n`;
/** @param id of the record */
export const proofName = (id: string): string => `record-${id}.json`;
