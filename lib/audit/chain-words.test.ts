import { expect, test } from "vitest";
import { chainWords } from "./chain-words.ts";
import type { PullState } from "./strip.ts";

const vault = (state: PullState, events = 0, completeUntil: number | null = events === 0 ? null : 1) => ({ state, events, completeUntil });
const of = (vaults: ReturnType<typeof vault>[], tampering = 0, notices = 0) => chainWords({ vaults, tampering, notices });

test("nothing is called whole that was not checked", () => {
  expect(of([])).toEqual({ state: "none", words: "Nothing checked yet", small: "no vault is connected" });
  expect(of([vault("unread"), vault("withheld")])).toEqual({ state: "none", words: "Nothing checked yet", small: "no log was read" });
  expect(of([vault("ok", 4), vault("unread")])).toEqual({ state: "proven", words: "Chains whole in 1 of 2", small: "the others not checked yet" });
});

test("a chain that does not hold is said in words, with tampering or without", () => {
  expect(of([vault("broken", 4)])).toMatchObject({ state: "refused", words: "Its chain does not hold" });
  expect(of([vault("broken", 4), vault("ok", 2)])).toMatchObject({ state: "refused", words: "1 chain does not hold" });
  expect(of([vault("broken", 4), vault("broken")])).toMatchObject({ words: "2 chains do not hold" });
  expect(of([vault("broken", 4)], 1)).toMatchObject({ state: "refused", words: "1 sign of tampering" });
  expect(of([], 2)).toMatchObject({ state: "refused", words: "2 signs of tampering" });
});

test("what was all checked and holds is whole, and notices are counted beside it", () => {
  expect(of([vault("ok", 4), vault("behind", 2), vault("ok", 0, 9)])).toEqual({ state: "proven", words: "Chains whole", small: "nothing else was found" });
  expect([of([vault("ok", 4)], 0, 1).small, of([vault("ok", 4)], 0, 3).small]).toEqual(["1 thing to know", "3 things to know"]);
});
