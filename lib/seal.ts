/**
 * Sealing at rest: AES-256-GCM under a key of the environment. The envelope names its key, so keys rotate: the first of
 * SEAL_KEYS seals, all of them open. The context (tenant, object, purpose) is bound as associated data, so an envelope
 * moved to another row or another use does not open (DESIGN section 4).
 *
 * Envelope: version 1 (1 byte) || length of key id (1) || key id || IV (12, random) || ciphertext || tag (16).
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export type SealContext = { mspId: string; object: string; purpose: "mail-body" | "vault-token" | "connect-key" | "checkpoint-key" | "contract" };
export type SealKeys = readonly { id: string; key: Buffer }[];

export class SealError extends Error {
  override name = "SealError";
}

/** `["k2:...", "k1:..."]` (lib/env.ts) to keys, newest first. */
export const sealKeys = (pairs: readonly string[]): SealKeys =>
  pairs.map((pair) => {
    const at = pair.indexOf(":");
    return { id: pair.slice(0, at), key: Buffer.from(pair.slice(at + 1), "base64url") };
  });

/** Fixed order and a separator that no part contains: two contexts never give the same bytes. */
const associated = ({ mspId, object, purpose }: SealContext, head: Buffer) => Buffer.concat([Buffer.from(`clavitor/seal/v1\n${purpose}\n${mspId}\n${object}\n`), head]);

export function seal(keys: SealKeys, context: SealContext, plaintext: string): Uint8Array<ArrayBuffer> {
  const newest = keys[0];
  if (!newest) throw new SealError("There is no key to seal with.");
  const head = Buffer.concat([Buffer.from([1, newest.id.length]), Buffer.from(newest.id, "latin1")]);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", newest.key, iv).setAAD(associated(context, head));
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  return Uint8Array.from(Buffer.concat([head, iv, sealed, cipher.getAuthTag()]));
}

/** Throws SealError when the key is not there any more, or the bytes or their context are not what was sealed. */
export function unseal(keys: SealKeys, context: SealContext, envelope: Uint8Array): string {
  const bytes = Buffer.from(envelope);
  const idLength = bytes[1] ?? 0;
  const head = bytes.subarray(0, 2 + idLength);
  if (bytes[0] !== 1 || bytes.length < head.length + 28) throw new SealError("This is no envelope of ours.");
  const id = head.subarray(2).toString("latin1");
  const key = keys.find((candidate) => candidate.id === id)?.key;
  if (!key) throw new SealError(`It was sealed with the key "${id}", which SEAL_KEYS does not hold.`);
  const iv = bytes.subarray(head.length, head.length + 12);
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAAD(associated(context, head)).setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(head.length + 12, -16)), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new SealError("The envelope was altered, or belongs to something else.", { cause: error });
  }
}
