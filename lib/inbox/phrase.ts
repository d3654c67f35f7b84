/**
 * A phrase in the place of a passkey's PRF output: six words of 7,776, drawn and never chosen, 77.5 bits; Argon2id makes 32
 * bytes of them (components/inbox/derive.worker.ts), and those wrap the private half. Pure, for the browser; the phrase reaches
 * no server. docs/decisions/0017-phrase-in-place-of-prf.md says why.
 */
import { b64u, concat, randomBytes, utf8, type Bytes } from "../protocol/bytes.ts";
import { jcsBytes } from "../protocol/jcs.ts";
import { phraseCost, phraseDerivation, phraseSaltBytes } from "./copies.ts";

export const phraseLength = 6;

/** Draws each word with equal chance: 65,536 is no multiple of 7,776, so numbers past the last whole one are drawn again. */
export function drawPhrase(words: readonly string[]): string[] {
  const whole = 65_536 - (65_536 % words.length);
  const drawn: string[] = [];
  while (drawn.length < phraseLength) {
    const [high, low] = randomBytes(2);
    const at = (high! << 8) | low!;
    if (at < whole) drawn.push(words[at % words.length]!);
  }
  return drawn;
}

/**
 * A phrase as somebody typed it, as it was shown: small letters, one space between words, plain hyphens (phones set others),
 * whatever the keyboard composes (NFKC).
 */
export function normalPhrase(typed: string): string[] {
  return typed.normalize("NFKC").toLowerCase().replaceAll(/[\u2010-\u2015\u2212]/g, "-").split(/\s+/).filter(Boolean);
}

/** What is wrong with a typed phrase before it costs half a second to try: the count, or the first word that is none of ours. Null when it could be one. */
export function faultOfPhrase(typed: readonly string[], words: readonly string[]): string | null {
  const known = new Set(words);
  const strange = typed.findIndex((word) => !known.has(word));
  if (strange !== -1) return `Word ${strange + 1} is not one of the list. Look at it again.`;
  return typed.length === phraseLength ? null : `It has ${phraseLength} words; these are ${typed.length}.`;
}

/** The bytes that Argon2id takes. */
export const phraseBytes = (words: readonly string[]): Bytes => utf8(words.join(" "));

export const drawSalt = (): Bytes => randomBytes(phraseSaltBytes);

/** What the copy is bound to: whose key, which key, and how it was derived, so that none of it can be altered beside it. */
export type PhraseContext = { public_key: string; technician: string; salt: Uint8Array };

const aad = ({ public_key, technician, salt }: PhraseContext) => jcsBytes({ derivation: phraseDerivation, ...phraseCost, public_key, salt: b64u(Uint8Array.from(salt)), technician });

async function wrappingKey(derived: Uint8Array): Promise<CryptoKey> {
  if (derived.length !== 32) throw new RangeError("Argon2id gives 32 bytes here");
  const material = await crypto.subtle.importKey("raw", Uint8Array.from(derived), "HKDF", false, ["deriveKey"]);
  const params = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: utf8("clavitor/inbox-phrase/v1") };
  return crypto.subtle.deriveKey(params, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const ivBytes = 12;

/** `iv(12) || AES-256-GCM` of the private half. @param derived Argon2id of the phrase, 32 bytes */
export async function wrapUnderPhrase(derived: Uint8Array, privateKey: Uint8Array, context: PhraseContext): Promise<Bytes> {
  const iv = randomBytes(ivBytes);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad(context) }, await wrappingKey(derived), Uint8Array.from(privateKey));
  return concat(iv, new Uint8Array(sealed));
}

/** The private half again, or null when phrase, context or bytes are others. */
export async function unwrapUnderPhrase(derived: Uint8Array, wrapped: Uint8Array, context: PhraseContext): Promise<Bytes | null> {
  const key = await wrappingKey(derived);
  try {
    const params = { name: "AES-GCM", iv: Uint8Array.from(wrapped.subarray(0, ivBytes)), additionalData: aad(context) };
    return new Uint8Array(await crypto.subtle.decrypt(params, key, Uint8Array.from(wrapped.subarray(ivBytes))));
  } catch {
    return null;
  }
}
