import { expect, test } from "vitest";
import { glassWords, openingWords } from "./words.ts";

const row = { state: "rotate" as const, sealedAt: 10, usedAt: null, openedAt: null, alarmAt: null };
const words = (more: Partial<Omit<typeof row, "state">> | Record<string, unknown>) => glassWords({ ...row, ...more });

test("what was only opened is not called used, and what was used says so", () => {
  expect(words({ openedAt: 20 })).toEqual({ state: "attention", words: "Opened: rotate it" });
  expect(words({ openedAt: 20, usedAt: 21 }).words).toBe("Opened, used: rotate it");
  expect(words({ openedAt: 20, usedAt: 5 }).words).toBe("Opened: rotate it");
  expect(words({ usedAt: 21 }).words).toBe("Used: rotate it");
});

test("a use that nobody opened is the alarm, whatever the state of its row", () => {
  for (const state of ["rotate", "former", "underway"]) expect(words({ state, usedAt: 21, alarmAt: 21 })).toEqual({ state: "refused", words: "Used, opened by nobody" });
  expect(words({ state: "sealed", usedAt: 5 })).toEqual({ state: "proven", words: "Sealed" });
});

test("an opening that is over says how far it had come", () => {
  const said = (drill: boolean, releasedAt: number | null, openedAt: number | null) => openingWords({ drill, releasedAt, openedAt }).words;
  expect([said(false, null, null), said(false, 1, null), said(false, 1, 2)]).toEqual(["share never released", "released, not opened", "Opened"]);
  expect([said(true, null, null), said(true, 1, null), said(true, 1, 2)]).toEqual(["Try: share never released", "Try: released, not opened", "Tried: works"]);
});
