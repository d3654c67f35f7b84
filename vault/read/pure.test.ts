import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rank, words } from "./rank.ts";
import { base32, parseSeed, totpAt } from "./totp.ts";

describe("TOTP, RFC 6238 appendix B", () => {
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
  const seeds = { sha1: ascii("12345678901234567890"), sha256: ascii("12345678901234567890123456789012"), sha512: ascii("1234567890123456789012345678901234567890123456789012345678901234") };
  test.each([
    [59, "sha1", "94287082"],
    [59, "sha256", "46119246"],
    [59, "sha512", "90693936"],
    [1_111_111_109, "sha1", "07081804"],
    [1_111_111_111, "sha256", "67062674"],
    [1_234_567_890, "sha512", "93441116"],
    [2_000_000_000, "sha1", "69279037"],
    [20_000_000_000, "sha1", "65353130"],
  ] as const)("at %i with %s: %s", (now, algorithm, code) => {
    expect(totpAt({ secret: seeds[algorithm], algorithm, digits: 8, period: 30 }, now)).toEqual({ code, period: 30, remaining: 30 - (now % 30) });
  });
  test("base32 is read as people copy it", () => {
    expect(base32("JBSWY3DPEHPK3PXP")).toEqual(base32("jbsw y3dp-ehpk 3pxp===="));
    expect(Buffer.from(base32("MZXW6YTBOI")!).toString()).toBe("foobar");
    for (const bad of ["", "   ", "1", "JBSWY3DP8", "é"]) expect(base32(bad)).toBeNull();
  });
  test("otpauth URIs bring their own digits, period and algorithm", () => {
    expect(parseSeed("otpauth://totp/Acme:root?secret=JBSWY3DPEHPK3PXP&digits=8&period=60&algorithm=SHA256")).toMatchObject({ digits: 8, period: 60, algorithm: "sha256" });
    expect(parseSeed("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP")).toMatchObject({ digits: 6, period: 30, algorithm: "sha1" });
    for (const bad of ["otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP", "otpauth://totp/x", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=5", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=0", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=MD5", "otpauth:"]) {
      expect(parseSeed(bad), bad).toBeNull();
    }
  });
});

describe("search", () => {
  const of = (title: string, tags: string[] = [], rest: string[] = []): { title: string; tags: string[]; rest: string[] } => ({ title, tags, rest });
  test("a title counts more than a tag, a tag more than the rest", () => {
    expect(rank("router", [of("x", [], ["router"]), of("x", ["router"]), of("router")])).toEqual([2, 1, 0]);
  });
  test("every word of the query must begin some word", () => {
    expect(rank("core rou", [of("core router"), of("core switch"), of("route to core")])).toEqual([0, 2]);
    expect(rank("outer", [of("router")])).toEqual([]);
  });
  test("marks and case do not matter, scripts without either are found", () => {
    expect(words("Ångström ÉCOLE")).toEqual(["angstrom", "ecole"]);
    expect(rank("山田", [of("山田 太郎"), of("שרה לוי")])).toEqual([0]);
  });
  test("what is found depends on the visible entries alone, and nothing throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.record({ title: fc.string(), tags: fc.array(fc.string()), rest: fc.array(fc.string()) })), (query, entries) => {
        const found = rank(query, entries);
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((index) => index >= 0 && index < entries.length)).toBe(true);
      }),
    );
  });
});
