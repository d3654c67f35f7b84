import { describe, expect, test } from "vitest";
import { judgeFeature } from "./feature.ts";
import { features, plans } from "./plan.ts";

describe("a feature of a plan", () => {
  test("is there from the family that the price list names, and a plan without it is told the smallest that has it", () => {
    expect(judgeFeature("mme", "audit-export")).toEqual({ has: true });
    expect(judgeFeature("team-500", "audit-export")).toMatchObject({ has: false, feature: "Centralised audit export", from: { id: "mme" } });
    expect(judgeFeature("mme", "siem")).toMatchObject({ has: false, from: { id: "enterprise" } });
    expect(judgeFeature("pro", "plane")).toMatchObject({ has: false, from: { id: "team-10" } });
  });
  test("of security is had by every plan", () => {
    for (const { id } of plans) expect(judgeFeature(id, "security")).toEqual({ has: true });
  });
  test("that does not exist is an error, not a no", () => {
    expect(() => judgeFeature("mme", "audit export")).toThrow(RangeError);
  });
  test("every judgement agrees with the table", () => {
    for (const { id, family } of plans) for (const feature of features) expect(judgeFeature(id, feature.id).has, `${id} ${feature.id}`).toBe(feature.families.includes(family));
  });
});
