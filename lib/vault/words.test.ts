import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusal } from "./result.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import { tame } from "./tame.ts";
import { troubleOf, troubles, troubleWords } from "./trouble.ts";

const signed = { mode: "primary", epoch: 1, at: 0 } as const;

describe("a wish to wait is granted within its cap", () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0);
  test.each([
    [undefined, null], ["", null], ["soon", null], ["-5", null], ["1.5", null], ["0x10", null], ["120", 120], [" 7 ", 7], ["3601", 3_600], ["9".repeat(300), 3_600],
    ["Sat, 21 Nov 2026 12:00:30 GMT", 30], ["Sat, 21 Nov 2026 11:00:00 GMT", 0], ["Fri, 31 Dec 9999 23:59:59 GMT", 3_600], ["Sat, 99 Nov 2026 99:00:30 GMT", null],
  ])("%s gives %s", (header, seconds) => expect(retryAfterSeconds(header, 3_600, now)).toBe(seconds));
  test("no header makes us wait longer than the cap, or less than nothing", () => {
    fc.assert(fc.property(fc.string(), (header) => {
      const seconds = retryAfterSeconds(header, 300, now);
      expect(seconds === null || (seconds >= 0 && seconds <= 300)).toBe(true);
    }));
  });
});

describe("words of a vault become fit to be stored and shown", () => {
  test("lone surrogates, NUL and direction marks go, the rest stays", () => expect(tame("a\ud800b\u0000c\u202ed é")).toBe("a\ufffdb\ufffdc\ufffdd é"));
  test("long words are cut by characters, not in the middle of one", () => {
    const cut = tame("\u{1F511}".repeat(400), 120);
    expect([...cut]).toHaveLength(120);
    expect(cut.isWellFormed() && cut.endsWith("…")).toBe(true);
  });
  test("whatever comes in comes out short, well-formed and without control characters", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
      const fit = tame(text, 100);
      expect([...fit].length).toBeLessThanOrEqual(100);
      expect(fit.isWellFormed()).toBe(true);
      // eslint-disable-next-line no-control-regex
      expect(fit).not.toMatch(/[\u0000-\u001f\u202e]/);
    }));
  });
  test("a refusal is worded by its code, its detail tamed; a code under another status does not count", () => {
    const more = { retryAfter: null, primaryLocation: "https://elsewhere.example/\u202e" };
    expect(refusal(402, { code: "expired", detail: "a\u0007b" }, signed, more)).toMatchObject({ kind: "refused", code: "expired", words: "The subscription of this vault has lapsed: a\ufffdb.", primaryLocation: "https://elsewhere.example/\ufffd" });
    expect(refusal(403, { code: "expired" }, signed, more)).toMatchObject({ code: null, words: "The vault refused with 403." });
    expect(refusal(418, "tea", signed, more)).toMatchObject({ code: null, words: "The vault refused with 418." });
  });
});

describe("every trouble has its own sentence", () => {
  test("all differ and end", () => {
    expect(new Set(troubles.map((one) => troubleWords(one))).size).toBe(troubles.length);
    for (const one of troubles) expect(troubleWords(one)).toMatch(/\.$/);
  });
  test("errors are known by their codes, however deep they lie; anything else is a broken connection", () => {
    const coded = (code: string) => Object.assign(new Error("x"), { code });
    expect(troubleOf(new Error("outer", { cause: coded("ECONNREFUSED") }))).toBe("unreachable");
    expect(troubleOf(new AggregateError([coded("ECONNREFUSED"), coded("EHOSTUNREACH")]))).toBe("unreachable");
    expect(troubleOf(coded("CERT_HAS_EXPIRED"))).toBe("tls");
    expect(troubleOf(coded("UND_ERR_RES_EXCEEDED_MAX_SIZE"))).toBe("too_large");
    expect(troubleOf("a string")).toBe("broken");
  });
});
