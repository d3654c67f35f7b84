import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { monthsOf, shareOf, spanOf, stepFor } from "./tally.ts";

const now = Date.UTC(2026, 10, 20, 14, 1, 48);
test("never more than a hundred bars and one stand side by side, and what is selected lies within them", () => {
  fc.assert(fc.property(fc.option(fc.nat({ max: 400 * 86_400_000 })), fc.option(fc.nat({ max: 400 * 86_400_000 })), fc.option(fc.nat({ max: 3_000 * 86_400_000 })), (since, until, oldest) => {
    const [from, to] = [since === null ? null : now - since, until === null ? null : now - until];
    const span = spanOf(from, to, oldest === null ? null : now - oldest, now);
    expect((span.until - span.from) / span.step).toBeLessThanOrEqual(102);
    expect(span.from % span.step).toBe(0);
    expect(span.until).toBeGreaterThan(span.from);
    expect(span.from).toBeLessThanOrEqual(from ?? span.from);
    expect(span.until).toBeGreaterThan(to === null && from !== null ? Math.min(now, from) : span.from);
  }));
});
test("three hours are seen in the day around them", () => {
  const span = spanOf(now - 3 * 3_600_000, null, now - 90 * 86_400_000, now);
  expect(now - span.from).toBeGreaterThanOrEqual(86_400_000);
  expect(span.until).toBeGreaterThan(now);
});
test("a day is counted in quarter hours, a year in weeks", () => {
  expect(stepFor(now - 86_400_000, now)).toBe(15 * 60_000);
  expect(stepFor(now - 365 * 86_400_000, now)).toBe(7 * 86_400_000);
});
test("what is little and near together is counted; what is much, or far apart, is sampled, and no sample reads more blocks than its bound", () => {
  const pages = 800_000;
  expect(shareOf({ rows: 30_000, cost: 20_000, pages })).toBeNull();
  expect(shareOf({ rows: 10_000_000, cost: 900_000, pages })).toBe(0.2);
  expect(shareOf({ rows: 50_000, cost: 200_000, pages })).toBe((100 * limits.auditSampledBlocks) / pages);
  fc.assert(fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), fc.integer({ min: 1, max: 1e7 }), (rows, cost, size) => {
    const share = shareOf({ rows, cost, pages: size });
    expect(share === null).toBe(rows <= limits.auditCounted && cost <= limits.auditCountCost);
    expect(share ?? 0.05).toBeGreaterThanOrEqual(0.05);
    // One block in two thousand is the least that a share can say.
    expect(((share ?? 0) / 100) * size).toBeLessThanOrEqual(Math.max(limits.auditSampledBlocks, size / 2_000) + 1);
  }));
});
test("months follow one another without a gap or an overlap, from the first moment on without an end", () => {
  fc.assert(fc.property(fc.nat({ max: 4_000 * 86_400_000 }), (ago) => {
    const months = monthsOf(now - ago, now);
    expect(months[0]!.from).toBe(now - ago);
    expect(months.at(-1)!.until).toBeNull();
    for (const [i, { from, until }] of months.slice(0, -1).entries()) {
      expect(from).toBeLessThan(until!);
      expect(months[i + 1]!.from).toBe(until);
      expect(new Date(until!).toISOString()).toMatch(/-01T00:00:00\.000Z$/);
    }
  }));
  expect(monthsOf(Date.UTC(2026, 8, 30), Date.UTC(2026, 10, 1))).toEqual([{ from: Date.UTC(2026, 8, 30), until: Date.UTC(2026, 9, 1) }, { from: Date.UTC(2026, 9, 1), until: Date.UTC(2026, 10, 1) }, { from: Date.UTC(2026, 10, 1), until: null }]);
});
