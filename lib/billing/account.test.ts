import { describe, expect, test } from "vitest";
import { collectionOf, opensManagementPlane, type Subscription } from "./account.ts";
import type { PlanId } from "./plan.ts";
import { priceLists } from "./price-list.ts";

const list = priceLists[0]!;
const of = (...plans: PlanId[]): Subscription[] => plans.map((plan) => ({ plan, currency: "USD" }));
const times = (count: number, plan: PlanId): PlanId[] => Array.from({ length: count }, () => plan);

describe("the management plane", () => {
  test("opens with two subscriptions, one of them Team or larger", () => {
    expect(opensManagementPlane(of("team-10", "personal"))).toBe(true);
    expect(opensManagementPlane(of("pro", "enterprise"))).toBe(true);
  });
  test("stays closed with one, with individual plans alone, and with self-hosting beside one", () => {
    for (const plans of [[], ["team-500"], ["pro", "pro", "family"], ["team-10", "self-hosted"], ["self-hosted", "self-hosted"]] satisfies PlanId[][]) expect(opensManagementPlane(of(...plans)), plans.join()).toBe(false);
  });
});

describe("collection", () => {
  test("the reference portfolio: fifty Team subscriptions by invoice, the Pro vault by card", () => {
    const collected = collectionOf(of(...times(30, "team-10"), ...times(15, "team-25"), ...times(5, "team-100"), "pro"), list);
    expect(collected.filter((how) => how === "invoice, Net 60")).toHaveLength(50);
    expect(collected.at(-1)).toBe("card");
  });
  test("2,490 a year is by card, 2,739 by invoice", () => {
    expect(new Set(collectionOf(of(...times(10, "team-10")), list))).toEqual(new Set(["card"]));
    expect(new Set(collectionOf(of(...times(11, "team-10")), list))).toEqual(new Set(["invoice, Net 60"]));
  });
  test("exactly 2,500 is enough", () => {
    const round = { ...list, prices: { ...list.prices, "team-10": { annual: { USD: 125_000 }, monthly: null } } };
    expect(collectionOf(of("team-10", "team-10"), round)).toEqual(["invoice, Net 60", "invoice, Net 60"]);
  });
  test("one subscription alone is by card, however large; a second one of any plan makes two", () => {
    expect(collectionOf(of("team-500"), list)).toEqual(["card"]);
    expect(collectionOf(of("team-500", "pro"), list)).toEqual(["invoice, Net 60", "card"]);
    expect(collectionOf(of("team-500", "self-hosted"), list)).toEqual(["card", "none"]);
  });
  test("individual plans and MME do not help Team plans over the threshold", () => {
    expect(collectionOf(of("team-25", "mme", ...times(60, "pro")), list).slice(0, 3)).toEqual(["card", "invoice, Net 60", "card"]);
  });
  test("the currency that is paid moves no threshold", () => {
    const swiss = times(11, "team-10").map((plan): Subscription => ({ plan, currency: "CHF" }));
    expect(new Set(collectionOf(swiss, list))).toEqual(new Set(["invoice, Net 60"]));
  });
});
