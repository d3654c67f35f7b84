// Bytes and their two text forms (PROTOCOL 1). Strict, unlike atob and Buffer by themselves: both accept padding, white
// space and stray bits, and two spellings of one value would be two signatures over "the same" thing.

/** Bytes on a buffer of their own, which is what WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const INVALID = 255;
const VALUES = new Uint8Array(128).fill(INVALID);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

const encoder = new TextEncoder();

/** Node's own base64url is about ten times as fast; a browser has no Buffer and takes the loops below. */
interface NodeBuffer {
  from(text: string, encoding: "base64url"): NodeBytes;
  from(buffer: ArrayBufferLike, offset: number, length: number): NodeBytes;
}
type NodeBytes = Uint8Array & { toString(encoding: "base64url"): string };
const node = (globalThis as { Buffer?: NodeBuffer }).Buffer;

/** Base64url without padding. */
export function b64u(bytes: Uint8Array): string {
  return node ? node.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url") : encodeByLoop(bytes);
}

/** {@link b64u} without Node. Exported for its test. */
export function encodeByLoop(bytes: Uint8Array): string {
  let text = "";
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += ALPHABET[n >> 18]! + ALPHABET[(n >> 12) & 63]! + ALPHABET[(n >> 6) & 63]! + ALPHABET[n & 63]!;
  }
  const rest = bytes.length - i;
  if (rest === 1) {
    const n = bytes[i]!;
    text += ALPHABET[n >> 2]! + ALPHABET[(n & 3) << 4]!;
  } else if (rest === 2) {
    const n = (bytes[i]! << 8) | bytes[i + 1]!;
    text += ALPHABET[n >> 10]! + ALPHABET[(n >> 4) & 63]! + ALPHABET[(n & 15) << 2]!;
  }
  return text;
}

/** Bytes of a base64url text, or null when it is padded, has a foreign character, stray bits, or not `length` bytes. */
export function tryB64u(text: string, length?: number): Bytes | null {
  if (!node) return decodeByLoop(text, length);
  // Buffer is lenient; only a text that comes out as it went in is the one spelling of its bytes.
  const decoded = node.from(text, "base64url");
  if ((length !== undefined && decoded.length !== length) || decoded.toString("base64url") !== text) return null;
  return new Uint8Array(decoded);
}

/** {@link tryB64u} without Node. Exported for its test. */
export function decodeByLoop(text: string, length?: number): Bytes | null {
  const tail = text.length % 4;
  if (tail === 1) return null;
  const size = Math.floor((text.length * 3) / 4);
  if (length !== undefined && size !== length) return null;
  const bytes = new Uint8Array(size);
  let at = 0;
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUES[code]! : INVALID;
    if (value === INVALID) return null;
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (buffer >> bits) & 0xff;
    }
  }
  // The bits behind the last whole byte must be zero, or several texts would mean one value.
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : null;
}

/** As {@link tryB64u}; throws a TypeError. For values that were validated or that this program made itself. */
export function fromB64u(text: string, length?: number): Bytes {
  const bytes = tryB64u(text, length);
  if (bytes === null) throw new TypeError(length === undefined ? "not base64url" : `not base64url of ${length} bytes`);
  return bytes;
}

/** UTF-8 of a text. Callers that sign check for lone surrogates first (jcs does); here they would become U+FFFD. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Strict UTF-8: null when malformed. A byte order mark is kept as a character, never dropped. */
export function tryText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** 4 bytes, most significant first. Throws a RangeError outside 0..2^32-1. */
export function uint32be(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError("not a uint32");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** 8 bytes, most significant first. Throws a RangeError outside 0..2^53-1. */
export function uint64be(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not a safe uint64");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Bytes of lower- or upper-case hex; throws a TypeError. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new TypeError("not hex");
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Compares without leaving early: the time depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Fresh random bytes (WebCrypto, in Node and browser). */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
