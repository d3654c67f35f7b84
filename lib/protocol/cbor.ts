// Just enough of CBOR for WebAuthn (CTAP2 canonical form): definite lengths, shortest integers, no floats but none are
// needed. Anything else is refused, so that a key or an attestation has one spelling.
import { tryText, type Bytes } from "./bytes.ts";

export type Cbor = number | string | boolean | null | Bytes | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

const MAX_NESTING = 4; // CTAP2 section 8: at most four levels

function fail(what: string): never {
  throw new TypeError(`cbor: ${what}`);
}

/** The value that starts at `from`, and where it ends. Throws a TypeError when malformed. */
export function decodeCborFrom(bytes: Uint8Array, from: number): { value: Cbor; end: number } {
  let at = from;
  const take = (count: number): Bytes => {
    if (count > bytes.length - at) fail("ends early");
    at += count;
    return new Uint8Array(bytes.subarray(at - count, at));
  };
  const length = (info: number): number => {
    if (info < 24) return info;
    if (info > 27) fail("reserved or indefinite length");
    const width = 1 << (info - 24);
    let value = 0;
    for (const byte of take(width)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) fail("number too large");
    const least = info === 24 ? 24 : 2 ** (8 * (width / 2));
    if (value < least) fail("longer than needed");
    return value;
  };
  const read = (depth: number): Cbor => {
    const head = take(1)[0]!;
    const major = head >> 5;
    const info = head & 31;
    if (major === 7) {
      if (info === 20) return false;
      if (info === 21) return true;
      if (info === 22) return null;
      return fail("a simple value or float");
    }
    const n = length(info);
    switch (major) {
      case 0:
        return n;
      case 1:
        return -1 - n;
      case 2:
        return take(n);
      case 3:
        return tryText(take(n)) ?? fail("text that is not UTF-8");
      default:
        break;
    }
    if (depth === 0) fail("nested too deep");
    if (major === 4) {
      const items: Cbor[] = [];
      for (let i = 0; i < n; i++) items.push(read(depth - 1));
      return items;
    }
    if (major === 5) {
      const map = new Map<number | string, Cbor>();
      for (let i = 0; i < n; i++) {
        const key = read(depth - 1);
        if (typeof key !== "number" && typeof key !== "string") return fail("a key that is no number or text");
        if (map.has(key)) fail("a key twice");
        map.set(key, read(depth - 1));
      }
      return map;
    }
    return fail("a tag");
  };
  const value = read(MAX_NESTING);
  return { value, end: at };
}

/** The one value that the bytes are; a rest is refused. Throws a TypeError. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const { value, end } = decodeCborFrom(bytes, 0);
  if (end !== bytes.length) throw new TypeError("cbor: bytes after the end");
  return value;
}
