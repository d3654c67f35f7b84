/**
 * How copies of an inbox key's private half are kept. Pure; runs in the technician's browser and on the server.
 *
 * There is one derivation, fixed here: HKDF over the passkey's PRF output (PROTOCOL 8). Its name is no parameter that
 * could be turned down: a server that hands out any other word, or a word more, is refused by the page.
 */
import { base64url, list, literal, object, run } from "../protocol/check.ts";
import type { Check } from "../protocol/check.ts";

export const derivation = "prf-hkdf-sha256/v1";
/** IV 12, private key 32 (both kems), tag 16. */
export const wrappedBytes = 60;

/** A copy as it travels; `credential_id` and `wrapped` are b64u. */
export type Copy = { credential_id: string; derivation: typeof derivation; wrapped: string };

const copy: Check<Copy> = object({ credential_id: base64url(1, 1023), derivation: literal(derivation), wrapped: base64url(wrappedBytes) });
const copies: Check<readonly Copy[]> = list(copy, 1, 20);

/** Throws ProtocolError `invalid` for another derivation, another length, or any member that does not belong. */
export function checkCopies(value: unknown): asserts value is readonly Copy[] {
  run(copies, value, "");
}
