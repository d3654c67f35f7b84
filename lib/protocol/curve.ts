// Points of small order on Curve25519. With such an Ed25519 key one signature verifies for many messages, so a receipt
// under it would prove nothing; with such an X25519 key the shared secret is known to everyone (RFC 7748 6.1). The
// encodings are few, so they are listed; the tests derive each from the curve's equation.
import { fromHex, hex } from "./bytes.ts";

// The top bit (sign of x in Ed25519, ignored in X25519) is cleared before comparing. p = 2^255 - 19, little endian.
const ZERO = "00".repeat(32);
const ONE = `01${"00".repeat(31)}`;
const P_MINUS_1 = `ec${"ff".repeat(30)}7f`;
const P = `ed${"ff".repeat(30)}7f`; // zero, spelled beyond the field
const P_PLUS_1 = `ee${"ff".repeat(30)}7f`; // one, spelled beyond the field

const EDWARDS_Y = new Set([
  ZERO,
  ONE,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  P_MINUS_1,
  P,
  P_PLUS_1,
]);

const MONTGOMERY_U = new Set([
  ZERO,
  ONE,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  P_MINUS_1,
  P,
  P_PLUS_1,
]);

function listed(list: ReadonlySet<string>, point: Uint8Array): boolean {
  if (point.length !== 32) throw new RangeError("a point has 32 bytes");
  const plain = new Uint8Array(point);
  plain[31] = plain[31]! & 0x7f;
  return list.has(hex(plain));
}

/** Whether an Ed25519 public key (32 bytes) is a point of order 1, 2, 4 or 8, in any spelling. */
export function isSmallOrder(publicKey: Uint8Array): boolean {
  return listed(EDWARDS_Y, publicKey);
}

/** Whether an X25519 public key (32 bytes) leads to the all-zero secret, in any spelling. */
export function isLowOrder(publicKey: Uint8Array): boolean {
  return listed(MONTGOMERY_U, publicKey);
}

/** For the tests: every listed encoding. */
export const LISTED = {
  edwards: [...EDWARDS_Y].map(fromHex),
  montgomery: [...MONTGOMERY_U].map(fromHex),
};
