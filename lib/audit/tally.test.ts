import fc from "fast-check";
import { expect, test } from "vitest";
import { spanOf, stepFor } from "./tally.ts";

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
