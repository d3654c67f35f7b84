/**
 * How copies of an inbox key's private half are kept. Pure; runs in the technician's browser and on the server.
 *
 * There are two derivations, both fixed here: HKDF over the passkey's PRF output (PROTOCOL 8), and Argon2id over a phrase
 * where PRF is missing. Their names are no parameters that could be turned down, and the parameters that a phrase's copy
 * brings along must be these to the letter: a server that hands out any other word, or a word more, is refused by the page.
 */
import { base64url, isRecord, literal, object, run } from "../protocol/check.ts";
import type { Check } from "../protocol/check.ts";
import { ProtocolError } from "../protocol/errors.ts";

export const derivation = "prf-hkdf-sha256/v1";
export const phraseDerivation = "phrase-argon2id/v1";
/** SPEC 10: 64 MiB, three passes, four lanes; the salt is 16 random bytes. Held by the table of copies too (0008). */
export const phraseCost = { memory_kib: 65_536, passes: 3, lanes: 4 } as const;
export const phraseSaltBytes = 16;
/** IV 12, private key 32 (both kems), tag 16. */
export const wrappedBytes = 60;
/** Copies of one key: as many as passkeys, and one under a phrase. */
const mostCopies = 21;

/** A copy as it travels; all bytes are b64u. */
export type PasskeyCopy = { credential_id: string; derivation: typeof derivation; wrapped: string };
export type PhraseCopy = { derivation: typeof phraseDerivation; memory_kib: 65_536; passes: 3; lanes: 4; salt: string; wrapped: string };
export type Copy = PasskeyCopy | PhraseCopy;

const passkeyCopy: Check<PasskeyCopy> = object({ credential_id: base64url(1, 1023), derivation: literal(derivation), wrapped: base64url(wrappedBytes) });
const phraseCopy: Check<PhraseCopy> = object({
  derivation: literal(phraseDerivation), memory_kib: literal(phraseCost.memory_kib), passes: literal(phraseCost.passes), lanes: literal(phraseCost.lanes),
  salt: base64url(phraseSaltBytes), wrapped: base64url(wrappedBytes),
});

export const isPhraseCopy = (copy: Copy): copy is PhraseCopy => copy.derivation === phraseDerivation;

/** Throws ProtocolError `invalid` for another derivation, parameter or length, or any member that does not belong. */
export function checkCopy(value: unknown, path = ""): asserts value is Copy {
  if (isRecord(value) && value["derivation"] === phraseDerivation) run(phraseCopy, value, path);
  else run(passkeyCopy, value, path);
}

/** The same for a list of 1 to 21, at most one of them under a phrase. */
export function checkCopies(value: unknown): asserts value is readonly Copy[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > mostCopies) throw new ProtocolError("invalid", { path: "", detail: `1 to ${mostCopies} copies` });
  const copies: readonly unknown[] = value;
  copies.forEach((one, i) => checkCopy(one, `/${i}`));
  if ((copies as readonly Copy[]).filter(isPhraseCopy).length > 1) throw new ProtocolError("invalid", { path: "", detail: "one phrase" });
}
