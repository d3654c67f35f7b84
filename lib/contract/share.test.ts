/** The terms here are drawn at random when the tests run: none is ever written down. */
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shareOf, sharesByMonth, termsOf, type Payment } from "./share.ts";

const anyTerms = fc.record({ basisPoints: fc.integer({ min: 1, max: 10_000 }), from: fc.constant("2026-01-01") });
const anyPayment: fc.Arbitrary<Payment> = fc.record({ on: fc.integer({ min: 1, max: 28 }).map((day) => `2026-0${1 + (day % 9)}-${String(day).padStart(2, "0")}`), minor: fc.bigInt({ min: -10_000_000n, max: 10_000_000n }), currency: fc.constantFrom("USD", "EUR", "GBP", "CHF") });

describe("a share", () => {
  test("is cut to whole minor units towards zero, never above its exact value, and mirrors a refund", () =>
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), anyTerms, (minor, terms) => {
      const share = shareOf(minor, terms);
      expect(share * 10_000n <= minor * BigInt(terms.basisPoints)).toBe(true);
      expect((share + 1n) * 10_000n > minor * BigInt(terms.basisPoints)).toBe(true);
      expect(shareOf(-minor, terms)).toBe(-share);
    })));
  test("adds up the same in whatever order payments come, and no currency is added to another", () =>
    fc.assert(fc.property(fc.array(anyPayment, { maxLength: 40 }), anyTerms, (payments, terms) => {
      const lines = sharesByMonth(payments, terms);
      expect(sharesByMonth(payments.toReversed(), terms)).toEqual(lines);
      expect(new Set(lines.map(({ month, currency }) => `${month} ${currency}`)).size).toBe(lines.length);
      for (const currency of ["USD", "EUR", "GBP", "CHF"]) {
        const of = (list: readonly { currency: string }[]) => list.filter((one) => one.currency === currency);
        expect((of(lines) as typeof lines).reduce((sum, { paid }) => sum + paid, 0n)).toBe((of(payments) as Payment[]).reduce((sum, { minor }) => sum + minor, 0n));
      }
    })));
  test("of a payment before the terms began is none", () => {
    const terms = { basisPoints: randomInt(1, 10_001), from: "2026-06-15" };
    const paid = (on: string): Payment => ({ on, minor: 10_000n, currency: "USD" });
    expect(sharesByMonth([paid("2026-06-14")], terms)).toEqual([]);
    expect(sharesByMonth([paid("2026-06-15")], terms)).toHaveLength(1);
  });
});

describe("what an operator types", () => {
  test("is taken with point or comma, with and without its sign", () => {
    const basisPoints = randomInt(1, 10_001);
    const text = (basisPoints / 100).toFixed(2);
    for (const typed of [text, text.replace(".", ","), `${text} %`, ` ${text}% `]) expect(termsOf(typed, "2026-06-15")).toEqual({ basisPoints, from: "2026-06-15" });
  });
  test("is refused when it is no share or no day, without being repeated", () => {
    const typed = `${randomInt(101, 999)}`;
    for (const [share, from] of [[typed, "2026-06-15"], ["0", "2026-06-15"], ["", "2026-06-15"], ["x", "2026-06-15"], ["-1", "2026-06-15"], ["1", "2026-02-30"], ["1", "15.6.2026"]]) {
      expect(() => termsOf(share!, from!)).toThrow(RangeError);
      expect(() => termsOf(share!, from!)).not.toThrow(typed);
    }
  });
});
