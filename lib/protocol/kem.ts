// What can be said of a sealing key without cryptography (PROTOCOL 8): kept apart from seal.ts so that validating a body
// does not pull the HPKE library into a page.
import { b64u, tryB64u, utf8 } from "./bytes.ts";
import { isLowOrder } from "./curve.ts";
import { sha256 } from "./hash.ts";
import type { Kem, SealTo } from "./messages.ts";

export const KEMS = ["x25519", "x-wing"] as const satisfies readonly Kem[];

/** Lengths in bytes. X-Wing: ML-KEM-768 beside X25519 (draft-connolly-cfrg-xwing-kem). */
export const KEM_SIZES: Readonly<Record<Kem, { publicKey: number; enc: number; privateKey: number }>> = {
  x25519: { publicKey: 32, enc: 32, privateKey: 32 },
  "x-wing": { publicKey: 1216, enc: 1120, privateKey: 32 },
};

export function isKem(value: unknown): value is Kem {
  return value === "x25519" || value === "x-wing";
}

/** FIPS 203 7.2: every 12-bit coefficient of an ML-KEM-768 key lies below q = 3329. `key` is 1,152 bytes and more. */
function coefficientsBelowQ(key: Uint8Array): boolean {
  for (let i = 0; i < 1152; i += 3) {
    const low = key[i]! | ((key[i + 1]! & 0x0f) << 8);
    const high = (key[i + 1]! >> 4) | (key[i + 2]! << 4);
    if (low >= 3329 || high >= 3329) return false;
  }
  return true;
}

/**
 * Why a key cannot be sealed to, or null: another kem, not base64url of the kem's length, a point of low order (also in
 * X-Wing's X25519 half), or an ML-KEM half that FIPS 203 refuses. All are 422 `invalid`.
 */
export function refuseSealKey({ kem, public_key }: { kem: unknown; public_key: unknown }): string | null {
  if (!isKem(kem)) return "unknown kem";
  const key = typeof public_key === "string" ? tryB64u(public_key, KEM_SIZES[kem].publicKey) : null;
  if (key === null) return `not base64url of ${KEM_SIZES[kem].publicKey} bytes`;
  if (isLowOrder(key.subarray(key.length - 32))) return "a point of low order";
  if (kem === "x-wing" && !coefficientsBelowQ(key)) return "no ML-KEM-768 key";
  return null;
}

/** b64u of `H(kem || "\n" || public_key)`, the key as in JSON: how receipts and rows name it without repeating it. */
export function sealedTo({ kem, public_key }: SealTo): string {
  return b64u(sha256(utf8(`${kem}\n${public_key}`)));
}
