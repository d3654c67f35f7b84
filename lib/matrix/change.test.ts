import { describe, expect, test } from "vitest";
import { sameWanted, sumOf, verbOf, type Wanted } from "./change.ts";

const wanted = (more: Partial<Wanted> = {}): Wanted => ({ full: false, roles: ["n"], endsAt: null, lease: null, ...more });

describe("a change says what it does", () => {
  test("from nothing to something grants, to nothing revokes, between them alters, and the same is no change", () => {
    expect(verbOf(null, wanted())).toBe("grant");
    expect(verbOf(wanted(), null)).toBe("revoke");
    expect(verbOf(wanted(), wanted({ roles: ["n", "m"] }))).toBe("alter");
    expect(verbOf(wanted(), wanted())).toBeNull();
    expect(verbOf(null, null)).toBeNull();
  });
  test("an end, full access and a lease are each a difference", () => {
    const day = new Date("2026-12-01T00:00:00Z");
    expect(sameWanted(wanted(), wanted({ endsAt: day }))).toBe(false);
    expect(sameWanted(wanted({ endsAt: day }), wanted({ endsAt: new Date(day) }))).toBe(true);
    expect(sameWanted(wanted(), wanted({ full: true }))).toBe(false);
    expect(sameWanted(wanted({ lease: { roles: ["b"], endsAt: day } }), wanted())).toBe(false);
    expect(sameWanted(wanted({ lease: { roles: ["b"], endsAt: day } }), wanted({ lease: { roles: ["m"], endsAt: day } }))).toBe(false);
  });
  test("the order in which roles were pressed is none", () => expect(sameWanted(wanted({ roles: ["n", "m"] }), wanted({ roles: ["m", "n"] }))).toBe(true));
  test("a sum counts each verb, and every vault once", () => {
    const at = (vaultRef: string, verb: "grant" | "revoke" | "alter") => ({ vaultRef, verb });
    expect(sumOf([at("a", "grant"), at("a", "revoke"), at("b", "grant"), at("c", "alter")])).toEqual({ grant: 2, revoke: 1, alter: 1, vaults: 3 });
  });
});
