import type { Bytes } from "./bytes.ts";

/** One INTEGER of an ECDSA signature as 32 bytes, or null: minimal, positive, at most 256 bits. */
function integer(bytes: Uint8Array, at: number): { value: Uint8Array; end: number } | null {
  const length = bytes[at + 1];
  if (bytes[at] !== 0x02 || length === undefined || length < 1 || length > 33) return null;
  const end = at + 2 + length;
  const first = bytes[at + 2];
  const second = bytes[at + 3];
  if (end > bytes.length || first === undefined || first >= 0x80) return null;
  if (first === 0 && (length === 1 || second === undefined || second < 0x80)) return null; // zero, or a needless zero
  const digits = bytes.subarray(first === 0 ? at + 3 : at + 2, end);
  if (digits.length > 32) return null;
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return { value, end };
}

/**
 * An ES256 signature in DER (as authenticators send it) to the 64 bytes that WebCrypto takes; null when it is not the one
 * DER form (X.690 10.1), has a zero, or more than 256 bits. The upper bound (the curve's order) is the verifier's.
 */
export function derToRaw(der: Uint8Array): Bytes | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const r = integer(der, 2);
  if (r === null) return null;
  const s = integer(der, r.end);
  if (s === null || s.end !== der.length) return null;
  const raw = new Uint8Array(64);
  raw.set(r.value, 0);
  raw.set(s.value, 32);
  return raw;
}

/** 32 bytes as one minimal INTEGER. */
function encodeInteger(bytes: Uint8Array): number[] {
  let from = 0;
  while (from < 31 && bytes[from] === 0) from++;
  const digits = [...bytes.subarray(from)];
  if (digits[0]! >= 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}

/** The DER form of a raw 64-byte signature. */
export function rawToDer(raw: Uint8Array): Bytes {
  if (raw.length !== 64) throw new RangeError("a raw signature has 64 bytes");
  const body = [...encodeInteger(raw.subarray(0, 32)), ...encodeInteger(raw.subarray(32))];
  return Uint8Array.from([0x30, body.length, ...body]);
}
