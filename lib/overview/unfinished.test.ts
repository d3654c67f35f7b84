import { expect, test } from "vitest";
import { calmEstate } from "./calm.ts";
import { unfinishedNeeds, type UnfinishedPlan } from "./unfinished.ts";

const since = new Date("2026-11-20T13:00:00Z");
const plan = (title: string, ...parts: UnfinishedPlan["parts"]): UnfinishedPlan => ({ id: title, title, since, parts });

test("a signed plan of which part did not go through is a need with its one way: to the plan", () => {
  const [need] = unfinishedNeeds({ moving: 0, plans: [plan("Jim", { why: "tap", vaults: 2, clients: ["Birch", "Cedar"] }, { why: "refused", vaults: 1, clients: ["Acme"] })] });
  expect(need).toMatchObject({ kind: "unfinished", count: 1, what: "signed plan is not done", sentence: "“Jim”: refused by Acme; waits for another tap at Birch and Cedar.", href: "/plans/Jim", deed: "Open the plan", state: "attention", since });
});

test("several are counted in parts and lead to the list; a contradiction is louder", () => {
  const plans = [plan("Jim", { why: "unknown", vaults: 40, clients: ["A", "B", "C", "D"] }), plan("Eve", { why: "contradicts", vaults: 1, clients: ["A"] })];
  expect(unfinishedNeeds({ moving: 0, plans })).toMatchObject([{ count: 2, sentence: "“Jim” and “Eve”: 41 parts did not go through.", href: "/plans", state: "refused" }]);
  expect(unfinishedNeeds({ moving: 0, plans: [plans[0]!] })[0]!.sentence).toBe("“Jim”: no answer proves or disproves it at 40 vaults.");
  expect(unfinishedNeeds({ moving: 0, plans: [plan("Old", { why: "late", vaults: 1, clients: ["A"] })] })[0]!.sentence).toBe("“Old”: was not done in time, and needs a new plan, at A.");
  expect(unfinishedNeeds({ moving: 3, plans: [] })).toEqual([]);
});

test("a calm day claims no more than what was read", () => {
  const title = (vaults: number, unread: number, moving: number | null) => calmEstate({ vaults, unread, moving }).title;
  expect(title(0, 0, 0)).toBe("No client is connected");
  expect([title(1, 1, 0), title(4, 4, 0)]).toEqual(["The one vault was not read yet", "No vault was read yet"]);
  expect([title(4, 1, 0), title(4, 2, 0)]).toEqual(["1 of 4 vaults was not read yet", "2 of 4 vaults were not read yet"]);
  expect([title(4, 0, 1), title(4, 0, 2)]).toEqual(["Every vault was read; one plan is on the way", "Every vault was read; 2 plans are on the way"]);
  expect(title(4, 0, 0)).toBe("Every vault was read and is as we want it");
  expect(title(4, 0, null)).toBe("Every vault was read, and nothing was found");
});
