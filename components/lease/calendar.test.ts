import { expect, test } from "vitest";
import { daysOf } from "./calendar.tsx";

const at = (text: string) => new Date(text).getTime();

test("five weeks from this week's Monday, each ending on its own day", () => {
  const days = daysOf([at("2026-11-21T23:59:59Z"), at("2026-11-22T00:00:00Z"), at("2026-11-22T08:00:00Z"), at("2027-02-01T00:00:00Z")], at("2026-11-21T12:00:00Z"));
  expect([days.length, days[0]!.key, days.at(-1)!.key]).toEqual([35, "2026-11-16", "2026-12-20"]);
  expect(days.filter(({ count }) => count > 0).map(({ key, count }) => [key, count])).toEqual([["2026-11-21", 1], ["2026-11-22", 2]]);
});
test("a Sunday belongs to the week before it, and a Monday begins its own", () => {
  expect(daysOf([], at("2026-11-22T12:00:00Z"))[0]!.key).toBe("2026-11-16");
  expect(daysOf([], at("2026-11-23T00:00:00Z"))[0]!.key).toBe("2026-11-23");
});
