// Encryption at rest: AES-256-GCM with a random 96-bit IV and the context (vault, purpose, row, revision) as associated data,
// so that no sealed value opens in another place. Uses of a key are counted where it seals often (vault.countSeal): random
// IVs are safe for 2^32 of them (NIST SP 800-38D, 8.3).
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The most values that one key may seal. */
export const MAX_SEALS = 2 ** 32;

function aad(context: string): Buffer {
  return Buffer.from(`clavitor/at-rest/v1\n${context}`, "utf8");
}

/** `version(1) || iv(12) || ciphertext || tag(16)`. */
export function sealAtRest(key: KeyObject, context: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(aad(context));
  const body = cipher.update(plain);
  return Buffer.concat([Buffer.of(VERSION), iv, body, cipher.final(), cipher.getAuthTag()]);
}

/** Throws when key, context or bytes do not belong together; the message names no content. */
export function openAtRest(key: KeyObject, context: string, sealed: Uint8Array): Buffer {
  if (sealed[0] !== VERSION || sealed.length < 1 + IV_BYTES + TAG_BYTES) throw new Error("sealed value has an unknown form");
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad(context));
  decipher.setAuthTag(sealed.subarray(tagAt));
  return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES, tagAt)), decipher.final()]);
}
