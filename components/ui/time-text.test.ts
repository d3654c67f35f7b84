import { describe, expect, test } from "vitest";
import { calendarDate, exactTime, relativeTime } from "./time-text.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a relative time", () => {
  test.each([
    [0, "now"],
    [4_999, "now"],
    [5_000, "5 s ago"],
    [59_999, "59 s ago"],
    [MINUTE, "1 min ago"],
    [HOUR - 1, "59 min ago"],
    [HOUR, "1 h ago"],
    [DAY - 1, "23 h ago"],
    [DAY, "1 d ago"],
    [30 * DAY - 1, "29 d ago"],
  ])("%i ms back is never told older than it is: %s", (back, words) => {
    expect(relativeTime(NOW - back, NOW)).toBe(words);
  });
  test("tells what is to come with the word in", () => {
    expect(relativeTime(NOW + 3 * HOUR, NOW)).toBe("in 3 h");
    expect(relativeTime(NOW + 2_000, NOW)).toBe("now");
  });
  test("gives the date from thirty days on, in both directions", () => {
    expect(relativeTime(NOW - 30 * DAY, NOW)).toBe("22 Oct 2026");
    expect(relativeTime(NOW + 30 * DAY, NOW)).toBe("21 Dec 2026");
  });
});

describe("an exact time", () => {
  test("has weekday, date, seconds and the zone", () => {
    expect(exactTime(Date.parse("2026-11-20T14:01:48.204Z"))).toBe("Fri 20 Nov 2026, 14:01:48 UTC");
  });
  test("is told in the zone that is asked for, across midnight", () => {
    expect(exactTime(Date.parse("2026-11-20T23:30:00Z"), "Europe/Zurich")).toBe("Sat 21 Nov 2026, 00:30:00 CET");
  });
  test("writes midnight as 00 and every month in three letters", () => {
    expect(exactTime(Date.parse("2026-09-05T00:00:00Z"))).toBe("Sat 5 Sep 2026, 00:00:00 UTC");
    expect(calendarDate(Date.parse("2026-09-23T12:00:00Z"))).toBe("23 Sep 2026");
  });
});
