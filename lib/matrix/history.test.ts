import { expect, test } from "vitest";
import { doneWords, inTime, type HistoryLine } from "./history.ts";

const line = (at: number, what: string, planned = false): HistoryLine => ({ at, who: "Ines Halloran", what, plan: planned ? { id: null, title: "A change", signed: [] } : null });

test("what a plan did to one person reads as a sentence, removals first as vaults carry them out", () => {
  expect(doneWords(["grant"])).toBe("gave access");
  expect(doneWords(["grant", "revoke"])).toBe("took access away and gave access");
});
test("plans and records stand in one order of time, the newest first, a change before what was recorded of it", () => {
  expect(inTime([line(5, "gave", true), line(1, "changed", true)], [line(3, "read it"), line(5, "noted")]).map(({ what }) => what)).toEqual(["gave", "noted", "read it", "changed"]);
});
