/**
 * A key in shares of which any two make it again, and one says nothing (Shamir 1979, threshold two, over GF(2^8) with the polynomial
 * of AES, x^8 + x^4 + x^3 + x + 1). Pure; runs in the browsers of the custodians only. Each byte of the key is the value at 0 of a
 * line through a random slope; a share is the values at its place.
 */
import { labelBytes } from "../protocol/hash.ts";
import { concat, type Bytes } from "../protocol/bytes.ts";
import { jcsBytes } from "../protocol/jcs.ts";

export type Share = { readonly place: number; readonly bytes: Bytes };

/** Product in GF(2^8), without a table and without a branch on secret bits. */
function times(a: number, b: number): number {
  let product = 0;
  let [left, right] = [a, b];
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= -(right & 1) & left;
    left = ((left << 1) ^ (-(left >> 7) & 0x11b)) & 0xff;
    right >>= 1;
  }
  return product & 0xff;
}

/** a^254 is the inverse of a; that of 0 is asked by nobody, since places differ. */
function inverse(a: number): number {
  let power = a;
  for (let i = 0; i < 6; i += 1) power = times(times(power, power), a);
  return times(power, power);
}

const isPlace = (place: number): boolean => Number.isInteger(place) && place >= 1 && place <= 255;

/** Throws a RangeError unless there are two places or more, each of its own, from 1 to 255. */
export function split(key: Uint8Array, places: readonly number[]): Share[] {
  if (places.length < 2 || new Set(places).size !== places.length || !places.every(isPlace)) throw new RangeError("two places or more, each of its own, from 1 to 255");
  const slopes = crypto.getRandomValues(new Uint8Array(key.length));
  const shares = places.map((place) => ({ place, bytes: Uint8Array.from(key, (byte, i) => byte ^ times(slopes[i]!, place)) }));
  slopes.fill(0);
  return shares;
}

/** The key again. Throws a RangeError for two shares of one place, or of different lengths. Wrong shares make a wrong key. */
export function combine(one: Share, other: Share): Bytes {
  if (!isPlace(one.place) || !isPlace(other.place) || one.place === other.place || one.bytes.length !== other.bytes.length) throw new RangeError("two shares of one key");
  // Lagrange at 0: f(0) = f(x) y / (x + y) + f(y) x / (x + y); in this field minus is plus.
  const divisor = inverse(one.place ^ other.place);
  const [left, right] = [times(other.place, divisor), times(one.place, divisor)];
  return Uint8Array.from(one.bytes, (byte, i) => times(byte, left) ^ times(other.bytes[i]!, right));
}

/** HPKE `info` of a share as it is kept: for this custodian, of this key, at this place. */
export const shareInfo = (of: { custodian: string; key: string; place: number }): Bytes => concat(labelBytes("break-glass-share"), jcsBytes(of));
/** The same of a share that its custodian releases: for this opening, to this person. */
export const releaseInfo = (of: { key: string; opening: string; place: number; to: string }): Bytes => concat(labelBytes("break-glass-release"), jcsBytes(of));
