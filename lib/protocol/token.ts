import { b64u, hex, randomBytes, tryB64u, utf8 } from "./bytes.ts";
import { sha256 } from "./hash.ts";

const PREFIX = "cvt_";

/** A fresh token: `cvt_` and 43 base64url characters of 32 random bytes (PROTOCOL 2). */
export function newToken(): string {
  return PREFIX + b64u(randomBytes(32));
}

/** True for the one form of a token. 43 characters carry 258 bits: the stray two must be zero. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && value.startsWith(PREFIX) && tryB64u(value.slice(PREFIX.length), 32) !== null;
}

/** What is stored of a token: 64 lower-case hex digits, SHA-256 of the whole string. */
export function tokenHash(token: string): string {
  return hex(sha256(utf8(token)));
}

export function isTokenHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
