// Scopes, tokens, codes and the table of errors.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { code80, crockford, readCode, spokenCode } from "./crockford.ts";
import { CODES, isCode, ProtocolError, statusOf, titleOf } from "./errors.ts";
import { isGrantWithin, looserMember, scopesWithin } from "./grant.ts";
import type { Grant } from "./messages.ts";
import { formatScopes, idOf, intersects, isScope, MAX_ID, parseScopes, scopeOf } from "./scopes.ts";
import { isToken, isTokenHash, newToken, tokenHash } from "./token.ts";

const id = fc.integer({ min: 1, max: MAX_ID });
const set = fc.uniqueArray(id, { maxLength: 32 });

describe("scopes", () => {
  test.each(["0000", "1", "00010", "000G", "00AF", " 0001", "0001,", ",0001", "0001, 0002", "0002,0001", "0001,0001", "0000,0001"])("%j is no list", (list) => {
    expect(parseScopes(list)).toBeNull();
  });

  test("a set has one spelling, which parses to itself", () => {
    fc.assert(fc.property(set, (ids) => {
      const list = formatScopes(ids.map(scopeOf));
      const parsed = parseScopes(list)!;
      expect(parsed.map(idOf)).toEqual(ids.toSorted((a, b) => a - b));
      expect(formatScopes(parsed.toReversed())).toBe(list);
    }));
  });

  test("two lists meet exactly when they share a number", () => {
    fc.assert(fc.property(set, set, (a, b) => {
      expect(intersects(formatScopes(a.map(scopeOf)), formatScopes(b.map(scopeOf)))).toBe(a.some((one) => b.includes(one)));
    }));
  });

  test("the empty set meets nothing, not even another empty set", () => {
    expect(intersects("", "")).toBe(false);
    expect(intersects("", "0001")).toBe(false);
  });

  test("a damaged list never opens anything", () => {
    expect(() => intersects("0001", "0001,junk")).toThrow(TypeError);
  });

  test("at most 32 scopes, ids from 1 to 65535", () => {
    const many = Array.from({ length: 33 }, (_, i) => scopeOf(i + 1));
    expect(parseScopes(many.slice(0, 32).join(","))).toHaveLength(32);
    expect(parseScopes(many.join(","))).toBeNull();
    expect(() => formatScopes(many)).toThrow(RangeError);
    expect([scopeOf(1), scopeOf(MAX_ID)]).toEqual(["0001", "ffff"]);
    for (const wrong of [0, -1, 65_536, 1.5]) expect(() => scopeOf(wrong)).toThrow(RangeError);
    expect(isScope(16)).toBe(false);
  });
});

describe("grant", () => {
  const asked: Grant = { scopes: ["0010", "0011"], all_access: "leased", max_lease: 3600, max_agents: 5, entries: false, cosign: 1, signer_delay: 60, audit: "own" };

  test.each([
    ["scopes", { scopes: ["0012"] }],
    ["scopes", { scopes: "any" }],
    ["all_access", { all_access: "yes" }],
    ["max_lease", { max_lease: 3601 }],
    ["max_lease", { max_lease: null }],
    ["max_agents", { max_agents: 6 }],
    ["entries", { entries: true }],
    ["signer_delay", { signer_delay: 59 }],
    ["audit", { audit: "all" }],
  ] as const)("a looser %s is named", (member, change) => {
    expect(looserMember({ ...asked, ...change }, asked)).toBe(member);
  });

  test("one signature where two were asked is looser", () => {
    expect(looserMember(asked, { ...asked, cosign: 2 })).toBe("cosign");
  });

  test("the same or a tighter grant lies within", () => {
    const tighter: Grant = { scopes: [], all_access: "never", max_lease: 1, max_agents: 0, entries: false, cosign: 2, signer_delay: 61, audit: "own" };
    const open: Grant = { ...asked, scopes: "any", max_lease: null };
    expect(isGrantWithin(asked, asked)).toBe(true);
    expect(isGrantWithin(tighter, asked)).toBe(true);
    expect(isGrantWithin(asked, open)).toBe(true);
    expect(isGrantWithin(open, open)).toBe(true);
  });

  test("scopes inside and outside a grant", () => {
    expect(scopesWithin("0010,0011", asked)).toBe(true);
    expect(scopesWithin("", asked)).toBe(true);
    expect(scopesWithin("0010,0012", asked)).toBe(false);
    expect(scopesWithin("0fff", { ...asked, scopes: "any" })).toBe(true);
    expect(scopesWithin("junk", { ...asked, scopes: "any" })).toBe(false);
  });
});

describe("tokens", () => {
  test("a new token has the one form, its hash 64 hex digits, and no two are alike", () => {
    const tokens = Array.from({ length: 100 }, newToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(token).toMatch(/^cvt_[A-Za-z0-9_-]{43}$/);
      expect(isToken(token)).toBe(true);
      expect(isTokenHash(tokenHash(token))).toBe(true);
    }
  });

  test.each(["", "cvt_", `cvt_${"A".repeat(42)}`, `cvt_${"A".repeat(44)}`, `CVT_${"A".repeat(43)}`, `cvt_${"A".repeat(42)}B`, `cvt_${"A".repeat(42)}=`, 7, null])("%j is no token", (value) => {
    expect(isToken(value)).toBe(false);
  });

  test("an upper-case or short hash is none", () => {
    expect(isTokenHash("A".repeat(64))).toBe(false);
    expect(isTokenHash("a".repeat(63))).toBe(false);
  });
});

describe("codes for people", () => {
  test("16 letters of 80 bits, most significant first", () => {
    expect(crockford(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff))).toBe("ZZZZZZZZ");
    expect(crockford(Uint8Array.of(0, 0, 0, 0, 1))).toBe("00000001");
    expect(crockford(Uint8Array.of(0x08, 0, 0, 0, 0))).toBe("10000000");
    expect(code80(new Uint8Array(32))).toBe("0".repeat(16));
    expect(() => crockford(new Uint8Array(4))).toThrow(RangeError);
  });

  test("equal codes mean equal first 80 bits", () => {
    const ten = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(fc.property(ten, ten, (a, b) => {
      expect(crockford(a) === crockford(b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
    }));
  });

  test("what a person types is read in any spelling of the letters", () => {
    expect(spokenCode("BW10DEDM9HQMT5V4")).toBe("BW10 DEDM 9HQM T5V4");
    expect(readCode("bw1o-dedm 9hqm t5v4")).toBe("BW10DEDM9HQMT5V4");
    expect(readCode("BWIO")).toBe("BW10");
    expect(readCode("BWU0")).toBeNull();
    expect(readCode("")).toBeNull();
  });
});

describe("errors", () => {
  test("the table is the one of the protocol, plus no_capacity and internal", () => {
    const byStatus = Object.groupBy(CODES, statusOf);
    expect(byStatus).toEqual({
      400: ["not_canonical"],
      401: ["unknown_token"],
      402: ["expired", "no_capacity"],
      403: ["denied", "not_admin", "assertion_required", "challenge_unknown", "challenge_expired", "proof_invalid", "credential_unknown", "wrong_origin", "assertion_invalid", "user_not_verified", "cosign_required", "not_granted", "request_expired"],
      404: ["not_found", "no_such_agent"],
      409: ["limit_reached", "stale", "operation_replayed", "last_owner", "last_signer", "scope_collision", "token_reused", "credential_exists", "nonce_used", "ids_exhausted"],
      410: ["credential_revoked"],
      413: ["too_large"],
      415: ["wrong_type"],
      422: ["invalid"],
      423: ["locked"],
      429: ["slow_down"],
      500: ["internal"],
      503: ["read_only"],
    });
    expect(new Set(CODES.map(titleOf)).size).toBe(CODES.length);
    expect(isCode("toString")).toBe(false);
  });

  test("a refusal becomes a problem document with what its code names", () => {
    const error = new ProtocolError("limit_reached", { detail: "no token left", extra: { axis: "tokens", used: 11, limit: 11 } });
    expect(error.inOperation("x").toProblem()).toEqual({
      status: 409,
      code: "limit_reached",
      title: "A limit of the plan is reached",
      detail: "no token left",
      operation: "x",
      axis: "tokens",
      used: 11,
      limit: 11,
    });
  });

  test("extra members never overrule status, code or title", () => {
    expect(new ProtocolError("denied", { extra: { status: 200, code: "fine", title: "fine" } }).toProblem()).toEqual({ status: 403, code: "denied", title: "Denied" });
  });
});
