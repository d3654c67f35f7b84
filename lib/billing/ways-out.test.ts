import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holds, judge } from "./limits.ts";
import { planIds, planOf, tokenLimit } from "./plan.ts";
import { priceLists } from "./price-list.ts";
import { largerPlans, waysOut, type Block, type Holder } from "./ways-out.ts";

const list = priceLists[0]!;
const now = new Date("2026-11-21T12:00:00Z");
const daysAgo = (days: number) => now.getTime() - days * 86_400_000;
const row = (name: string, usedDaysAgo: number | null, more: Partial<Holder> = {}): Holder => ({ uid: `uid-${name}`, name, createdAt: daysAgo(400), lastUsedAt: usedDaysAgo === null ? null : daysAgo(usedDaysAgo), onLeave: false, ...more });
const full: Block = { plan: "team-10", limit: 11, adding: 1, usage: { tokens: 11, vaults: 4, devices: 12, users: 10 }, rows: [], currency: "USD", list, now };

describe("judging", () => {
  test.each([[8, 11, 1, { state: "free", left: 2 }], [10, 11, 1, { state: "at limit" }], [11, 11, 0, { state: "at limit" }], [11, 11, 1, { state: "over", by: 1 }], [26, 26, 14, { state: "over", by: 14 }], [5_000, null, 500, { state: "free", left: null }]])("%i used of %j, adding %i", (used, limit, adding, verdict) => expect(judge(used, limit, adding)).toEqual(verdict));
  test("what does not count is refused", () => {
    for (const count of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => judge(count, 11)).toThrow(RangeError);
  });
  test("one more never turns what was too much into what fits", () =>
    fc.assert(fc.property(fc.nat(500), fc.nat(500), fc.nat(50), (used, limit, adding) => {
      const order = ["free", "at limit", "over"];
      expect(order.indexOf(judge(used, limit, adding + 1).state)).toBeGreaterThanOrEqual(order.indexOf(judge(used, limit, adding).state));
    })));
});

describe("ways out", () => {
  test("what fits needs none", () => {
    expect(waysOut({ ...full, adding: 0 })).toEqual([]);
    expect(waysOut({ ...full, limit: null, adding: 400 })).toEqual([]);
  });
  test("the unused ones are named, longest unused first, never used by the day they were made", () => {
    const [way] = waysOut({ ...full, rows: [row("Sarah", 1), row("Gudrun", 64), row("Never", null), row("Hana", 90)] });
    expect(way).toMatchObject({ kind: "free", price: 0, needed: 1, enough: true });
    expect(way?.kind === "free" && way.rows.map(({ name }) => name)).toEqual(["Never", "Hana", "Gudrun"]);
  });
  test("59 days are not unused, 60 are", () => {
    const kinds = (days: number) => waysOut({ ...full, rows: [row("Gudrun", days)] }).map(({ kind }) => kind);
    expect(kinds(59)).not.toContain("free");
    expect(kinds(60)).toContain("free");
  });
  test("too few unused ones are named all the same, and it is said that they do not reach", () => {
    expect(waysOut({ ...full, adding: 3, rows: [row("Hana", 90)] })[0]).toMatchObject({ kind: "free", needed: 3, enough: false });
  });
  test("a slot is lent by whoever is on leave first, and by nobody who is offered to be ended", () => {
    const ways = waysOut({ ...full, adding: 2, rows: [row("Sarah", 1), row("Marcus", 3, { onLeave: true }), row("Emil", 20), row("Hana", 90)] });
    const lend = ways.find((way) => way.kind === "lend");
    expect(lend?.kind === "lend" && lend.from.map(({ name }) => name)).toEqual(["Marcus", "Emil"]);
    expect(waysOut({ ...full, adding: 2, rows: [row("Sarah", 1)] }).some(({ kind }) => kind === "lend")).toBe(false);
  });
  test("a larger plan says what it costs more a year, cheapest first, and never the plan one has", () => {
    expect(waysOut(full)).toEqual([
      { kind: "plan", plan: "team-25", price: 25_000 },
      { kind: "plan", plan: "team-100", price: 125_000 },
      { kind: "plan", plan: "team-250", price: 275_000 },
      { kind: "plan", plan: "team-500", price: 475_000 },
      { kind: "plan", plan: "mme", price: 1_775_100 },
      { kind: "plan", plan: "enterprise", price: 7_175_100 },
    ]);
  });
  test("a plan too small for what is there is no way out", () => {
    expect(waysOut({ ...full, adding: 20 })[0]).toMatchObject({ plan: "team-100" });
    expect(waysOut({ ...full, usage: { ...full.usage, vaults: 27 } })[0]).toMatchObject({ plan: "team-100" });
    expect(waysOut({ ...full, usage: { ...full.usage, devices: 251 } })[0]).toMatchObject({ plan: "team-100" });
  });
  test("in a currency without published prices the plans stand without one, smallest first", () => {
    const plans = waysOut({ ...full, currency: "EUR" });
    expect(plans.map((way) => way.price)).toEqual(plans.map(() => null));
    expect(plans[0]).toMatchObject({ plan: "team-25" });
  });
  test("whatever the vault, nobody over the limit is left without a way, each way reaches, and prices ascend", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...planIds.filter((id) => typeof tokenLimit(planOf(id)) === "number")), fc.nat(400), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 300 }),
        fc.array(fc.record({ used: fc.option(fc.nat(400)), onLeave: fc.boolean() }), { maxLength: 30 }),
        (plan, over, adding, vaults, holders) => {
          const limit = tokenLimit(planOf(plan)) as number;
          const usage = { tokens: limit + over, vaults, devices: 0, users: 0 };
          const ways = waysOut({ ...full, plan, limit, adding, usage, rows: holders.map(({ used, onLeave }, index) => row(`p${index}`, used, { onLeave })) });
          expect(ways.length).toBeGreaterThan(0);
          expect(ways.every((way) => way.kind !== "plan" || holds(way.plan, { ...usage, tokens: usage.tokens + adding }))).toBe(true);
          const prices = ways.map(({ price }) => price ?? Number.POSITIVE_INFINITY);
          expect(prices).toEqual(prices.toSorted((a, b) => a - b));
          const named = ways.flatMap((way) => (way.kind === "free" ? way.rows : way.kind === "lend" ? way.from : [])).map(({ uid }) => uid);
          expect(new Set(named).size).toBe(named.length);
        },
      ),
    ));
  test("moving up for devices or vaults asks the same question", () => expect(largerPlans({ plan: "team-25", usage: { tokens: 20, vaults: 27, devices: 10, users: 0 }, currency: "USD", list })[0]).toEqual({ kind: "plan", plan: "team-100", price: 100_000 }));
});
