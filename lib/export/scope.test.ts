import { expect, test } from "vitest";
import { planIds } from "../billing/plan.ts";
import { scopeOf } from "./scope.ts";

const client = (id: string, plan: string) => ({ id, name: `Client ${id}`, plan });
test.each(planIds)("one client's own evidence pack is in the plan %s", (plan) => expect(scopeOf([client("a", plan)])).toEqual({ one: "a", clients: ["a"], leftOut: [] }));
test("of several clients only MME and up are in it, and the others are named with their plan", () => {
  const { one, clients, leftOut } = scopeOf(planIds.map((plan) => client(plan, plan)));
  expect([one, clients]).toEqual([null, ["mme", "enterprise"]]);
  expect(leftOut.map(({ plan }) => plan)).toEqual(["Self-hosted", "Personal", "Family", "Pro", "Team 10", "Team 25", "Team 100", "Team 250", "Team 500"]);
});
test("a plan that is none here counts as one without", () => expect(scopeOf([client("a", "mystery"), client("b", "mme")]).leftOut).toMatchObject([{ plan: "mystery" }]));
