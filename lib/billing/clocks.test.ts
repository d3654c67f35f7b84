import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockOn, dueOn, mayRegret, regretUntil, retriesCardOn, soonest, stepsToTell, trialEnds, type ClockCause } from "./clocks.ts";
import { addDays, addMonths, dayOf, daysBetween, nextRenewal, startOf } from "./days.ts";

const dates = (cause: ClockCause, today: string) => Object.fromEntries(clockOn(cause, today)!.steps.map(({ id, on }) => [id, on]));

describe("days", () => {
  test("the end of a month is kept: 31 January, 28 February, 31 March", () => {
    expect([1, 2, 3, 13].map((months) => addMonths("2026-01-31", months))).toEqual(["2026-02-28", "2026-03-31", "2026-04-30", "2027-02-28"]);
  });
  test("29 February falls on the 28th in common years and comes back in leap years", () => {
    expect([12, 24, 36, 48].map((months) => addMonths("2024-02-29", months))).toEqual(["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]);
    expect(nextRenewal("2024-02-29", "year", "2027-02-28")).toBe("2028-02-29");
  });
  test("a renewal is the first anniversary after a day, never that day itself", () => {
    expect(nextRenewal("2024-11-22", "year", "2026-11-21")).toBe("2026-11-22");
    expect(nextRenewal("2024-11-22", "year", "2026-11-22")).toBe("2027-11-22");
    expect(nextRenewal("2026-01-31", "month", "2026-02-28")).toBe("2026-03-31");
    expect(nextRenewal("2026-12-01", "year", "2026-11-21")).toBe("2027-12-01");
  });
  test("for any anchor and day, the renewal is the nearest anniversary ahead", () =>
    fc.assert(fc.property(fc.integer({ min: 0, max: 12_000 }), fc.integer({ min: 0, max: 12_000 }), fc.constantFrom("year" as const, "month" as const), (a, b, interval) => {
      const [anchor, day] = [addDays("2020-01-01", a), addDays("2020-01-01", b)];
      const next = nextRenewal(anchor, interval, day);
      const step = interval === "year" ? 12 : 1;
      const count = Array.from({ length: 800 }, (_, index) => index + 1).find((n) => addMonths(anchor, n * step) === next)!;
      expect(next > day).toBe(true);
      expect(count === 1 || addMonths(anchor, (count - 1) * step) <= day).toBe(true);
    })));
  test("no change of clocks makes a day longer: whole days over both changes of 2026, in Europe and America", () => {
    for (const [from, to] of [["2026-03-07", "2026-03-09"], ["2026-03-28", "2026-03-30"], ["2026-10-24", "2026-10-26"], ["2026-10-31", "2026-11-02"]]) {
      expect(daysBetween(from!, to!)).toBe(2);
      expect(startOf(to!) - startOf(from!)).toBe(2 * 86_400_000);
    }
  });
  test("the day of a moment is its day in UTC", () => expect([dayOf(new Date("2026-11-20T23:59:59.999Z")), dayOf(new Date("2026-11-21T00:30:00+02:00"))]).toEqual(["2026-11-20", "2026-11-20"]));
  test("what is no day is refused", () => {
    for (const text of ["2026-02-30", "2025-02-29", "2026-13-01", "21.11.2026", "", "2026-11-21T00:00:00Z"]) expect(() => startOf(text), text).toThrow(RangeError);
  });
});

describe("a failed card", () => {
  const cause = { kind: "card", failedOn: "2028-02-20", warnedOn: null } as const;
  test("mail on day 0, warning on day 15, active through day 21, deleted on day 22, over a leap day", () => {
    expect(dates(cause, "2028-02-20")).toEqual({ failed: "2028-02-20", warning: "2028-03-06", "last-day": "2028-03-12", deleted: "2028-03-13", "backup-destroyed": "2028-04-12" });
    const stages = [0, 14, 15, 21, 22, 51, 52].map((days) => clockOn({ ...cause, warnedOn: days >= 15 ? "2028-03-06" : null }, addDays(cause.failedOn, days))!.stage);
    expect(stages).toEqual(["running", "running", "warned", "warned", "deleted", "deleted", "destroyed"]);
  });
  test("is tried again on days 1 to 14, and on no other", () => {
    expect([0, 1, 14, 15].map((days) => retriesCardOn(cause.failedOn, addDays(cause.failedOn, days)))).toEqual([false, true, true, false]);
  });
  test("closes nothing before it deletes", () => expect(clockOn(cause, "2028-03-12")!.suspendedOn).toBeNull());
});

describe("an invoice", () => {
  const cause = { kind: "invoice", dueOn: "2026-10-29", warnedOn: null } as const;
  test("is due sixty days after its issue, over month ends and a leap day", () => expect([dueOn("2026-08-30"), dueOn("2027-12-31"), dueOn("2026-12-31")]).toEqual(["2026-10-29", "2028-02-29", "2027-03-01"]));
  test("has no clock until it is past due", () => {
    expect(clockOn(cause, "2026-10-29")).toBeNull();
    expect(clockOn(cause, "2026-10-30")).toMatchObject({ stage: "running" });
  });
  test("thirty days past due closed with the warning, thirty-seven deleted", () => {
    expect(dates(cause, "2026-11-20")).toEqual({
      "reminder-1": "2026-11-05", "reminder-2": "2026-11-12", "reminder-3": "2026-11-19", suspended: "2026-11-28", warning: "2026-11-28", "last-day": "2026-12-04", deleted: "2026-12-05", "backup-destroyed": "2027-01-04",
    });
    expect(clockOn(cause, "2026-11-20")).toMatchObject({ daysLeft: 15, suspendedOn: "2026-11-28" });
    const stages = ["2026-11-27", "2026-11-28", "2026-12-04", "2026-12-05", "2027-01-03", "2027-01-04"].map((day) => clockOn({ ...cause, warnedOn: day >= "2026-11-28" ? "2026-11-28" : null }, day)!.stage);
    expect(stages).toEqual(["running", "suspended", "suspended", "deleted", "deleted", "destroyed"]);
  });
});

describe("a cancellation", () => {
  test("ends with the period, warned seven days before, deleted that day", () => {
    expect(dates({ kind: "cancellation", askedOn: "2026-11-21", periodEndsOn: "2027-03-01", warnedOn: null }, "2026-11-21")).toMatchObject({ asked: "2026-11-21", warning: "2027-02-22", ended: "2027-03-01", deleted: "2027-03-01" });
  });
  test("asked for three days before the end, the vault waits out its warning, closed", () => {
    const cause = { kind: "cancellation", askedOn: "2027-02-26", periodEndsOn: "2027-03-01", warnedOn: "2027-02-26" } as const;
    expect(dates(cause, "2027-02-26")).toMatchObject({ warning: "2027-02-26", ended: "2027-03-01", deleted: "2027-03-05" });
    expect(["2027-02-28", "2027-03-01", "2027-03-04", "2027-03-05"].map((day) => clockOn(cause, day)!.stage)).toEqual(["warned", "suspended", "suspended", "deleted"]);
  });
});

describe("regret and trial", () => {
  test("an annual auto-renewal is refunded through the fourteenth day after it, and nothing else is", () => {
    const renewal = { renewedOn: "2028-02-20", interval: "year", automatic: true } as const;
    expect(regretUntil("2028-02-20")).toBe("2028-03-05");
    expect(["2028-02-19", "2028-02-20", "2028-03-05", "2028-03-06"].map((day) => mayRegret(renewal, day))).toEqual([false, true, true, false]);
    expect(mayRegret({ ...renewal, interval: "month" }, "2028-02-21")).toBe(false);
    expect(mayRegret({ ...renewal, automatic: false }, "2028-02-21")).toBe(false);
  });
  test("a refund is followed by the seven-day warning, then the deletion", () => expect(dates({ kind: "regret", refundedOn: "2026-12-28", warnedOn: "2026-12-28" }, "2026-12-28")).toMatchObject({ warning: "2026-12-28", deleted: "2027-01-04" }));
  test("a trial lasts seven days, then the first charge", () => expect([trialEnds("2026-12-28"), trialEnds("2028-02-25")]).toEqual(["2027-01-04", "2028-03-03"]));
});

const anyDay = fc.integer({ min: 0, max: 4_000 }).map((days) => addDays("2024-01-01", days));
const anyCause: fc.Arbitrary<ClockCause> = fc.oneof(
  fc.record({ kind: fc.constant("card" as const), failedOn: anyDay, warnedOn: fc.constant(null) }),
  fc.record({ kind: fc.constant("invoice" as const), dueOn: anyDay, warnedOn: fc.constant(null) }),
  fc.tuple(anyDay, fc.nat(400)).map(([askedOn, days]) => ({ kind: "cancellation" as const, askedOn, periodEndsOn: addDays(askedOn, days), warnedOn: null })),
  fc.record({ kind: fc.constant("regret" as const), refundedOn: anyDay, warnedOn: fc.constant(null) }),
);

const begins = (cause: ClockCause) => (cause.kind === "invoice" ? addDays(cause.dueOn, 1) : cause.kind === "card" ? cause.failedOn : cause.kind === "regret" ? cause.refundedOn : cause.askedOn);

describe("whatever the cause", () => {
  test("nothing is deleted within seven days of its warning, however late the warning went out", () =>
    fc.assert(fc.property(anyCause, fc.nat(400), (cause, late) => {
      const { steps, deletedOn: due } = clockOn(cause, begins(cause))!;
      const planned = steps.find(({ id }) => id === "warning")!.on;
      const warnedOn = addDays(planned, late);
      const clock = clockOn({ ...cause, warnedOn }, addDays(warnedOn, 6))!;
      expect(daysBetween(warnedOn, clock.deletedOn)).toBeGreaterThanOrEqual(7);
      expect(clock.stage === "deleted").toBe(false);
      expect(clock.deletedOn >= due).toBe(true);
    })));
  test("while nobody was warned, no day deletes", () =>
    fc.assert(fc.property(anyCause, anyDay, (cause, today) => {
      const clock = clockOn(cause, today);
      expect(clock === null || (clock.stage !== "deleted" && clock.stage !== "destroyed" && clock.deletedOn > today)).toBe(true);
    })));
  test("days only bring the stages on, never back", () => {
    const order = ["running", "warned", "suspended", "deleted", "destroyed"];
    fc.assert(fc.property(anyCause, (cause) => {
      const start = begins(cause);
      const warnedOn = clockOn(cause, start)!.steps.find(({ id }) => id === "warning")!.on;
      const stages = Array.from({ length: 60 }, (_, days) => order.indexOf(clockOn({ ...cause, warnedOn }, addDays(start, days))!.stage));
      expect(stages).toEqual(stages.toSorted((a, b) => a - b));
    }));
  });
  test("each step that people are told of comes due once, and not before its day", () => {
    const cause = { kind: "invoice", dueOn: "2026-10-29", warnedOn: null } as const;
    expect(stepsToTell(clockOn(cause, "2026-11-13")!, "2026-11-13").map(({ id }) => id)).toEqual(["reminder-1", "reminder-2"]);
    expect(stepsToTell(clockOn(cause, "2026-11-28")!, "2026-11-28").map(({ id }) => id)).toEqual(["reminder-1", "reminder-2", "reminder-3", "warning"]);
  });
  test("of several clocks the one that deletes first is shown", () => {
    const clocks = [clockOn({ kind: "invoice", dueOn: "2026-10-29", warnedOn: null }, "2026-11-20")!, clockOn({ kind: "card", failedOn: "2026-11-01", warnedOn: "2026-11-16" }, "2026-11-20")!];
    expect(soonest(clocks)?.kind).toBe("card");
    expect(soonest([])).toBeNull();
  });
});
