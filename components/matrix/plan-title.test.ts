import { expect, test } from "vitest";
import { planTitle } from "./plan-title.ts";

const model = (cells: number[], sum: { grant: number; revoke: number; alter: number; rows: number }, names = ["Jim Okafor", "Sarah Lindqvist"]) =>
  ({ facts: { people: names.map((name) => ({ name })) }, stage: { cells: () => cells.values(), sum } }) as unknown as Parameters<typeof planTitle>[0];

test("a plan of one person carries their name, of several their number, and only the signs that happen", () => {
  expect(planTitle(model([0, 2, 4], { grant: 3, revoke: 0, alter: 0, rows: 3 }))).toBe("Jim Okafor: +3 at 3 vaults");
  expect(planTitle(model([0, 1], { grant: 1, revoke: 1, alter: 0, rows: 1 }))).toBe("2 people: +1 −1 at 1 vault");
});
test("a name of sixty letters leaves the title within what a plan may be called", () => {
  expect([...planTitle(model([0], { grant: 9_999, revoke: 9_999, alter: 9_999, rows: 2_000 }, ["x".repeat(120)]))].length).toBeLessThanOrEqual(120);
});
