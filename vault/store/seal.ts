// Encryption at rest: AES-256-GCM whose context is bound twice, as associated data and in the key itself. Each context
// (vault, purpose, row, revision) has a key of its own by HMAC-SHA256 from the parent, so that no key seals more than a
// handful of values and the birthday bound of random 96-bit IVs is out of reach without counting uses.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

function keyOf(parent: Uint8Array, context: string): Buffer {
  return createHmac("sha256", parent).update(`clavitor/at-rest/v1\n${context}`).digest();
}

/** `version(1) || iv(12) || ciphertext || tag(16)`. */
export function sealAtRest(parent: Uint8Array, context: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(parent, context), iv);
  cipher.setAAD(Buffer.from(context, "utf8"));
  const body = cipher.update(plain);
  return Buffer.concat([Buffer.of(VERSION), iv, body, cipher.final(), cipher.getAuthTag()]);
}

/** Throws when key, context or bytes do not belong together; the message names no content. */
export function openAtRest(parent: Uint8Array, context: string, sealed: Uint8Array): Buffer {
  if (sealed[0] !== VERSION || sealed.length < 1 + IV_BYTES + TAG_BYTES) throw new Error("sealed value has an unknown form");
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", keyOf(parent, context), sealed.subarray(1, 1 + IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(sealed.subarray(tagAt));
  return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES, tagAt)), decipher.final()]);
}
