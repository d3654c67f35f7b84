import { expect, test } from "vitest";
import { addMonths, periodEnd } from "./calendar.ts";

const at = (text: string) => Date.parse(`${text}T12:00:00Z`) / 1_000;
const day = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10);

test("a period that began on the 31st ends on the last day of a short month, and comes back to the 31st", () => {
  let from = at("2027-01-31");
  const ends: string[] = [];
  for (let month = 0; month < 5; month += 1) {
    from = periodEnd(at("2027-01-31"), from, "month");
    ends.push(day(from));
  }
  expect(ends).toEqual(["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]);
});
test("a year from a leap day ends on the 28th, and on the 29th in the next leap year", () => {
  const anchor = at("2028-02-29");
  expect([12, 24, 36, 48].map((months) => day(addMonths(anchor, months)))).toEqual(["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
  expect(day(periodEnd(anchor, at("2031-02-28"), "year"))).toBe("2032-02-29");
});
