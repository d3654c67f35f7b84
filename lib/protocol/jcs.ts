import { tryText, utf8, type Bytes } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";

/** The values that travel: RFC 8785 over these, numbers being safe integers (PROTOCOL 1). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export type JsonObject = { readonly [member: string]: Json };

/** The top value counts 1 (PROTOCOL 1). */
export const MAX_DEPTH = 8;

/** Printable ASCII without quotation mark and backslash: nothing to escape, and by far the most of what travels. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** In RFC 8785 terms, as far as JSON.stringify already is: it escapes exactly what 3.2.2.2 asks, in the same spelling. */
function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new TypeError("lone surrogate in a string");
  return JSON.stringify(value);
}

function write(value: unknown, depth: number): string {
  if (value === null) return "null";
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError("a number that is no safe integer");
    return Object.is(value, -0) ? "0" : String(value); // RFC 8785 3.2.2.3 by way of ECMAScript: minus zero is "0"
  }
  if (typeof value !== "object") throw new TypeError(`no JSON form: ${typeof value}`);
  if (depth === 0) throw new RangeError("too deep");
  if (Array.isArray(value)) {
    // By index, so that a hole is met as undefined and refused.
    const items: string[] = [];
    for (let i = 0; i < value.length; i++) items.push(write(value[i], depth - 1));
    return `[${items.join(",")}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("an object that is no plain record");
  // By UTF-16 code units, which is what RFC 8785 3.2.3 asks and what sorting does by itself.
  const names = Object.keys(value).sort();
  let members = "";
  for (const name of names) members += `${members === "" ? "" : ","}${text(name)}:${write((value as Record<string, unknown>)[name], depth - 1)}`;
  return `{${members}}`;
}

/**
 * Canonical JSON (RFC 8785) as text. Takes `unknown` because messages are typed as interfaces; what has no canonical form
 * throws: TypeError for undefined, holes, bigint, class instances, lone surrogates, numbers that are no safe integers;
 * RangeError beyond 64 levels (a cycle ends there too).
 */
export function jcs(value: unknown): string {
  return write(value, 64);
}

/** {@link jcs} as UTF-8. */
export function jcsBytes(value: unknown): Bytes {
  return utf8(jcs(value));
}

/**
 * Parses a body that must be its own canonical form (PROTOCOL 1): strict UTF-8, no byte order mark, at most
 * {@link MAX_DEPTH} levels, and serialising again gives the same bytes, which excludes duplicate members, other number
 * spellings, other escapes, white space and lone surrogates at once. Throws ProtocolError `not_canonical`.
 */
export function parseCanonical(bytes: Uint8Array): Json {
  const source = tryText(bytes);
  if (source === null) throw new ProtocolError("not_canonical", { detail: "not UTF-8" });
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new ProtocolError("not_canonical", { detail: "not JSON" });
  }
  let again: string;
  try {
    again = write(value, MAX_DEPTH);
  } catch (error) {
    throw new ProtocolError("not_canonical", { detail: error instanceof Error ? error.message : "no canonical form" });
  }
  if (again !== source) throw new ProtocolError("not_canonical", { detail: "not the canonical form" });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- write() has refused everything that is no Json
  return value as Json;
}
