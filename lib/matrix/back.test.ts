import { expect, test } from "vitest";
import type { DriftSide } from "../client/drift-words.ts";
import { backOf } from "./back.ts";

const side = (more: Partial<DriftSide> = {}): DriftSide => ({ name: "John Meier", scopes: "0010,0011", all_access: false, expires_at: null, own: false, tokenKnown: false, ...more });
const roles = new Map([["0010", "networking"], ["0011", "backup"]]);
const now = 1_000_000_000;
const at = { roles, rows: 1, now };

test("what was removed is wanted as it was, with its roles, its end and full access", () => {
  expect(backOf({ kind: "removed", before: side(), after: null }, { ...at, rows: 0 })).toEqual({ wish: { held: true, full: false, roles: ["networking", "backup"], end: 0, lease: null, reason: "put back" } });
  expect(backOf({ kind: "removed", before: side({ scopes: "", all_access: true, expires_at: now + 90 }), after: null }, { ...at, rows: 0 })).toMatchObject({ wish: { full: true, roles: [], end: Math.ceil((now + 90) / 60) } });
});
test("what nobody here made is taken away, what was altered becomes what it was", () => {
  expect(backOf({ kind: "appeared", before: null, after: side() }, at)).toEqual({ wish: { none: true, reason: "put back: nobody here made it" } });
  expect(backOf({ kind: "altered", before: side({ scopes: "0010" }), after: side() }, at)).toMatchObject({ wish: { roles: ["networking"] } });
  // A number that no role has stays on its row, whatever is staged there.
  expect(backOf({ kind: "altered", before: side({ scopes: "0010,0fff" }), after: side() }, at)).toMatchObject({ wish: { roles: ["networking"] } });
});
test.each([
  ["the client took the row", { kind: "altered" as const, before: side(), after: side({ own: true }) }, at, /only they/],
  ["the client knows its token", { kind: "altered" as const, before: side(), after: side({ tokenKnown: true }) }, at, /new one/],
  ["only the client can take an end away", { kind: "altered" as const, before: side(), after: side({ expires_at: now + 60 }) }, at, /Only the client/],
  ["it would have ended by now", { kind: "removed" as const, before: side({ expires_at: now - 1 }), after: null }, at, /ended/],
  ["no role has its number", { kind: "removed" as const, before: side({ scopes: "0fff" }), after: null }, at, /0fff/],
  ["they have two rows there", { kind: "altered" as const, before: side(), after: side() }, { ...at, rows: 2 }, /more than one/],
  ["nobody knows what was wanted", { kind: "removed" as const, before: null, after: null }, at, /not known/],
])("nothing is staged, and it is said why, where %s", (_why, drift, given, words) => {
  const back = backOf(drift, given);
  expect("why" in back ? back.why : back).toMatch(words);
});
