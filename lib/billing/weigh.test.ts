/** What changes would do to locks, and portfolios in words: the pure parts of what finance reads. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chargesUntil, filled, monthsFrom, sumByMonth } from "./calendar.ts";
import { aheadWords, causeWords, wayOut } from "./clock-words.ts";
import { clockOn } from "./clocks.ts";
import { lockLoss } from "./lock-loss.ts";
import { planIds } from "./plan.ts";
import { portfolioWords } from "./portfolio-words.ts";
import { priceLists } from "./price-list.ts";
import { count, money, sheet, text } from "./sheet.ts";
import { askOf } from "./what-if.ts";

const list = priceLists[0]!;
const held = { plan: "team-10", currency: "USD", interval: "year", users: 1, locked: 19_900 } as const;

describe("what a change would do to a lock", () => {
  test("moving up says both prices of a year and the difference", () => expect(lockLoss(held, { kind: "plan", to: "team-25" }, list)).toEqual({ lock: 19_900, currency: "USD", after: 49_900, afterCurrency: "USD", difference: 30_000, when: "at once" }));
  test("moving down waits for the renewal and says what is less", () => expect(lockLoss({ ...held, plan: "team-100", locked: 119_900 }, { kind: "plan", to: "team-25" }, list)).toMatchObject({ after: 49_900, difference: -70_000, when: "at the renewal" }));
  test("cancelling compares with what coming back would cost", () => expect(lockLoss(held, { kind: "end" }, list)).toMatchObject({ lock: 19_900, after: 24_900, difference: 5_000, when: "at the end of the period" }));
  test("another currency is never converted", () => {
    const both = { ...list, prices: { ...list.prices, "team-10": { annual: { USD: 24_900, CHF: 23_000 }, monthly: null } } };
    expect(lockLoss(held, { kind: "currency", to: "CHF" }, both)).toMatchObject({ after: 23_000, afterCurrency: "CHF", difference: null });
    expect(lockLoss(held, { kind: "currency", to: "EUR" }, both)).toMatchObject({ after: null, difference: null });
  });
  test("months are a year of them, and a plan that is not sold by the month is paid by the year", () => {
    const monthly = { ...held, plan: "team-100", interval: "month", locked: 12 * 14_900 } as const;
    expect(lockLoss(monthly, { kind: "plan", to: "team-250" }, list)).toMatchObject({ after: 12 * 29_900, difference: 12 * 15_000 });
    expect(lockLoss(monthly, { kind: "plan", to: "team-10" }, list)).toMatchObject({ after: 24_900 });
    expect(lockLoss(monthly, { kind: "interval", to: "year" }, list)).toMatchObject({ after: 149_900 });
  });
  test("another payer keeps it, and pays the same", () => expect(lockLoss(held, { kind: "payer" }, list)).toEqual({ lock: 19_900, currency: "USD", after: 19_900, afterCurrency: "USD", difference: 0, when: "at the renewal" }));
  test("a plan bought per user is never less than its smallest number of users", () => expect(lockLoss(held, { kind: "plan", to: "mme", users: 20 }, list)).toMatchObject({ after: 500 * 3_600 }));
});

describe("a calendar", () => {
  test("charges stand on every anniversary until the last day, that day too", () => {
    expect(chargesUntil("2026-12-31", "2026-10-31", "month", "2027-03-31")).toEqual(["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]);
    expect(chargesUntil("2027-05-01", "2024-05-01", "year", "2027-04-30")).toEqual([]);
  });
  test("a month without anything stands in the chart all the same, for each currency", () => {
    expect(monthsFrom("2026-11-21", 3)).toEqual(["2026-11", "2026-12", "2027-01"]);
    expect(filled([], monthsFrom("2026-11-21", 3))).toEqual([]);
    const sums = sumByMonth([{ on: "2026-12-03", currency: "USD", count: 2, locked: 5, list: 7, names: [] }, { on: "2026-12-09", currency: "USD", count: 1, locked: 1, list: 1, names: [] }, { on: "2026-11-30", currency: "CHF", count: 1, locked: 2, list: 2, names: [] }], monthsFrom("2026-11-21", 2));
    expect(sums).toEqual([{ month: "2026-11", currency: "CHF", charged: 2, list: 2 }, { month: "2026-12", currency: "CHF", charged: 0, list: 0 }, { month: "2026-11", currency: "USD", charged: 0, list: 0 }, { month: "2026-12", currency: "USD", charged: 6, list: 8 }]);
  });
});

describe("a sheet", () => {
  test("keeps figures and neutralises whatever people wrote", () => {
    for (const sign of ["=", "+", "-", "@", "\t", "\r"]) expect(sheet(["h"], [[text(`${sign}cmd|calc`)]])).toContain(`'${sign}cmd|calc`);
    expect(sheet(["Net", "n"], [[money(-1_234), count(3)]])).toBe("\ufeffNet,n\r\n-12.34,3\r\n");
    expect(() => sheet(["h"], [[{ figure: "=1+1" }]])).toThrow(RangeError);
  });
  test("no amount is a fraction of a cent, whatever its size", () => fc.assert(fc.property(fc.maxSafeInteger(), (minor) => {
    expect(sheet(["h"], [[money(minor)]])).toMatch(/^\ufeffh\r\n-?\d+\.\d\d\r\n$/u);
  })));
});

describe("words", () => {
  test("a portfolio is one sentence", () => {
    const group = (plan: (typeof planIds)[number], collection: "card" | "invoice", many: number) => ({ plan, collection, currency: "USD" as const, count: many, list: 0 });
    expect(portfolioWords([group("team-10", "invoice", 30), group("team-25", "invoice", 15), group("team-100", "invoice", 5), group("pro", "card", 1)])).toBe("50 Team subscriptions by invoice, Net 60, and 1 Pro subscription by card.");
    expect(portfolioWords([])).toBe("Nothing is paid here yet.");
  });
  test("a clock says why, what is ahead and the cheapest way out; after the deletion there is none", () => {
    const clock = clockOn({ kind: "invoice", dueOn: "2026-10-29", warnedOn: null }, "2026-11-20")!;
    expect([causeWords(clock, "2026-11-20"), aheadWords(clock, "2026-11-20"), wayOut(clock)!.deed]).toEqual(["22 days past due", "Suspended on 28 November 2026, deleted for good on 5 December 2026.", "Pay this invoice"]);
    const over = clockOn({ kind: "card", failedOn: "2026-10-01", warnedOn: "2026-10-16" }, "2026-11-01")!;
    expect([aheadWords(over, "2026-11-01"), wayOut(over)]).toEqual(["Deleted on 23 October 2026. The compliance backup is destroyed on 22 November 2026; it restores nothing.", null]);
    const ending = clockOn({ kind: "cancellation", askedOn: "2026-11-01", periodEndsOn: "2027-03-01", warnedOn: null }, "2026-11-20")!;
    expect(aheadWords(ending, "2026-11-20")).toContain("deleted for good on 1 March 2027");
  });
});

test("an address that asks nonsense asks for less, and never fails", () =>
  fc.assert(fc.property(fc.record({ from: fc.option(fc.string(), { nil: undefined }), free: fc.option(fc.string(), { nil: undefined }), to: fc.option(fc.string(), { nil: undefined }), without: fc.option(fc.string(), { nil: undefined }) }), (given) => {
    const asked = askOf(given);
    expect(asked.to === "self-hosted").toBe(false);
    expect(asked.free === null || (Number.isInteger(asked.free) && asked.free >= 0)).toBe(true);
    expect((asked.without ?? []).every((id) => id.length === 36)).toBe(true);
  })));
