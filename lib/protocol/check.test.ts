import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkAuditPage } from "./answers.ts";
import { tryB64u } from "./bytes.ts";
import { base64url, list, nullable, object, run, string, that, type Check } from "./check.ts";
import { ProtocolError } from "./errors.ts";

function placeOf(check: Check<unknown>, value: unknown): string | null {
  try {
    run(check, value, "");
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.path ?? "";
    throw error;
  }
}

describe("base64url", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."ABCEIMQgwk048-_=+/ \n".split("")), maxLength: 12 });
  test("takes what decodes to so many bytes and back to itself, and nothing else", () => {
    fc.assert(fc.property(fc.oneof(letters, fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64url"))), fc.nat({ max: 4 }), fc.nat({ max: 5 }), (text, min, more) => {
      const size = tryB64u(text)?.length ?? -1;
      expect(placeOf(base64url(min, min + more), text) === null).toBe(size >= min && size <= min + more);
    }), { numRuns: 2_000 });
  });
});

describe("a page of a vault's log", () => {
  const hash = "A".repeat(43);
  const event = { seq: 1, at: 2, stream: "primary", epoch: 1, actor: { kind: "human", agent_id: 7 }, action: "entry.read", outcome: "success", detail_hash: hash, prev: hash, hash, detail: { salt: "A".repeat(22), name: "n", target: { kind: "entry", id: "x" }, reason: null, ip: null, meta: {} } };
  const page = { events: [event, { ...event, seq: 2, detail: null, actor: { kind: "system", agent_id: null } }], head: { stream: "primary", epoch: 1, seq: 2, hash, at: 3, signature: "A".repeat(86) }, first_seq: 1, more: false };
  /** Every member of it, as a path. */
  const paths = (value: unknown, at: readonly (string | number)[] = []): (string | number)[][] =>
    typeof value !== "object" || value === null ? [] : Object.entries(value).flatMap(([name, member]) => [[...at, name], ...paths(member, [...at, name])]);
  const changed = (path: readonly (string | number)[], change: (holder: Record<string, unknown>, name: string) => void): unknown => {
    const copy = structuredClone(page) as unknown;
    let holder = copy as Record<string, unknown>;
    for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
    change(holder, String(path.at(-1)));
    return copy;
  };

  test("is taken as it is", () => expect(placeOf(checkAuditPage, page)).toBeNull());
  test.each(paths(page).map((path) => [`/${path.join("/")}`, path] as const))("%s is judged, and named where it is wrong or missing", (pointer, path) => {
    expect(placeOf(checkAuditPage, changed(path, (holder, name) => (holder[name] = Symbol.iterator)))).toBe(pointer);
    // A hole in a list is what stands there: nothing.
    expect(placeOf(checkAuditPage, changed(path, (holder, name) => (Array.isArray(holder) ? (holder[Number(name)] = undefined) : delete holder[name])))).toBe(pointer);
  });
});

test("a check of one's own within others is asked, and its place named", () => {
  const seen: string[] = [];
  const own: Check<string> = (value, path): asserts value is string => {
    seen.push(path);
    if (value !== "x") throw new ProtocolError("invalid", { path });
  };
  const check = object({ a: list(nullable(object({ own }))), b: string });
  expect(placeOf(check, { a: [null, { own: "x" }], b: "" })).toBeNull();
  expect(seen).toEqual(["/a/1/own"]);
  expect(placeOf(check, { a: [{ own: "y" }], b: "" })).toBe("/a/0/own");
  expect(placeOf(object({}, { d: that((value) => value === 1, "one") }), { d: 2 })).toBe("/d");
  expect(placeOf(object({}, { d: string }), { e: "" })).toBe("/e");
});
