import { describe, expect, test } from "vitest";
import { features, hasFeature, isPlan, planIds, planOf, plans, tokenLimit, vaultLimit } from "./plan.ts";
import { annualPrice, currencies, paidUsers, priceListAt, priceLists, type PriceList } from "./price-list.ts";

const list = priceLists[0]!;

test("the published table, line by line", () => {
  // Plan, vaults, tokens in a vault, devices, USD a year, USD a month: SPEC section 6.
  const table = plans.filter(({ family }) => family !== "self-hosted").map((plan) => {
    const { annual, monthly } = list.prices[plan.id];
    return [plan.name, plan.usersFrom ?? plan.vaults, plan.counts === "agents" ? `${plan.tokens} agents` : plan.tokens, plan.devices, annual.USD! / 100, monthly === null ? null : monthly.USD! / 100];
  });
  expect(table).toEqual([
    ["Personal", 1, "5 agents", 2, 12, null],
    ["Family", 1, "15 agents", "unnamed", 24, null],
    ["Pro", 1, "50 agents", "unnamed", 49, null],
    ["Team 10", 11, 11, 100, 249, null],
    ["Team 25", 26, 26, 250, 499, null],
    ["Team 100", 101, 101, 1_000, 1_499, 149],
    ["Team 250", 251, 251, 2_500, 2_999, 299],
    ["Team 500", 501, 501, 5_000, 4_999, 499],
    ["MME", 500, "unlimited", "unnamed", 36, null],
    ["Enterprise", 1_000, "unlimited", "unnamed", 72, null],
  ]);
});

test("a month is a tenth of the year without its cents, wherever months are sold", () => {
  const sold = priceLists.flatMap(({ prices }) => planIds.flatMap((id) => currencies.map((currency) => ({ month: prices[id].monthly?.[currency], year: prices[id].annual[currency] })))).filter(({ month }) => month !== undefined);
  expect(sold.length).toBeGreaterThan(0);
  for (const { month, year } of sold) expect(month).toBe(Math.floor(year! / 10 / 100) * 100);
});

test("the reference portfolio costs 22,499 a year: fifty Team subscriptions and the MSP's own Pro vault", () => {
  const year = (id: (typeof planIds)[number], count: number) => annualPrice(list, id, "USD")! * count;
  expect(year("team-10", 30) + year("team-25", 15) + year("team-100", 5)).toBe(2_245_000);
  expect(year("team-10", 30) + year("team-25", 15) + year("team-100", 5) + year("pro", 1)).toBe(2_249_900);
});

describe("amounts", () => {
  test("are whole minor units, none below zero, and only self-hosting costs nothing", () => {
    for (const { prices } of priceLists) {
      for (const id of planIds) {
        for (const amount of [...Object.values(prices[id].annual), ...Object.values(prices[id].monthly ?? {})]) {
          expect(Number.isSafeInteger(amount)).toBe(true);
          expect(amount > 0).toBe(id !== "self-hosted");
        }
      }
    }
  });
  test("a currency that is not published is not made up from another", () => {
    for (const currency of ["EUR", "GBP", "CHF"] as const) {
      expect(annualPrice(list, "team-10", currency)).toBeNull();
      expect(annualPrice(list, "self-hosted", currency)).toBe(0);
    }
  });
  test("a plan bought per user is paid for its minimum at least, and for each user above", () => {
    expect([paidUsers(planOf("mme"), 3), paidUsers(planOf("mme"), 501), paidUsers(planOf("team-10"), 40)]).toEqual([500, 501, 1]);
    expect(annualPrice(list, "mme", "USD", 40)).toBe(1_800_000);
    expect(annualPrice(list, "enterprise", "USD", 1_200)).toBe(8_640_000);
  });
});

describe("lists", () => {
  const later: PriceList = { ...list, id: "2027-01", published: "2027-01-01" };
  test("the newest that is published counts, from midnight UTC of its day", () => {
    expect(priceListAt(new Date("2026-12-31T23:59:59.999Z"), [list, later]).id).toBe("2026-06");
    expect(priceListAt(new Date("2027-01-01T00:00:00.000Z"), [list, later]).id).toBe("2027-01");
  });
  test("before the first list nothing has a price", () => expect(() => priceListAt(new Date("2020-01-01"))).toThrow(RangeError));
  test("stand in the order of their days, each under an id of its own", () => {
    expect(priceLists.map(({ published }) => published)).toEqual(priceLists.map(({ published }) => published).toSorted());
    expect(new Set(priceLists.map(({ id }) => id)).size).toBe(priceLists.length);
  });
});

describe("plans", () => {
  test("the vault counts its owner beside the agents of an individual plan, and everybody in a Team", () => {
    expect([tokenLimit(planOf("personal")), tokenLimit(planOf("pro")), tokenLimit(planOf("team-10")), tokenLimit(planOf("mme"))]).toEqual([6, 51, 11, "unlimited"]);
  });
  test("each user brings a vault, and the company's comes to it", () => expect([vaultLimit(planOf("mme"), 700), vaultLimit(planOf("mme"), 3), vaultLimit(planOf("team-25"))]).toEqual([701, 501, 26]));
  test("security is in every plan, and what a plan brings the larger ones bring too", () => {
    for (const plan of plans) expect(hasFeature(plan, "security")).toBe(true);
    const rows = plans.filter(({ family }) => family !== "self-hosted").map((plan) => features.map(({ id }) => Number(hasFeature(plan, id))));
    for (const [index, row] of rows.slice(1).entries()) expect(row.every((has, at) => has >= rows[index]![at]!)).toBe(true);
  });
  test("the plane from Team, SCIM and export from MME, SIEM from Enterprise", () => {
    const from = (feature: string) => plans.find((plan) => hasFeature(plan, feature))?.id;
    expect(["plane", "scim", "audit-export", "priority", "siem", "compliance", "account-manager", "custom-region"].map(from)).toEqual(["team-10", "mme", "mme", "mme", "enterprise", "enterprise", "enterprise", "enterprise"]);
  });
  test("nothing but its id is a plan", () => {
    expect(planIds.every(isPlan)).toBe(true);
    for (const text of ["", "Team 10", "team-11", "TEAM-10", "constructor"]) expect(isPlan(text)).toBe(false);
  });
});
