import { describe, expect, test } from "vitest";
import { boardsWords, boardTitle, certifiedWords, countBoard, listWords, outsideWords, personWords, readAgainWords, type BoardCount } from "./board-words.ts";

/** "a:absent" is a token at vault a. */
const board = (...rows: string[]): BoardCount => countBoard(rows.map((row) => ({ vaultRef: row.split(":")[0]!, state: row.split(":")[1]! })));
const line = (count: BoardCount, closedAt: number | null = 1) => ({ closedAt, reopenedAt: null, open: count.tokens - count.absent - count.apart, total: count.tokens, absent: count.absent, apart: count.apart, count });

const whole = board("a:absent", "a:absent", "b:absent", "c:own");
const mixed = board("a:absent", "b:absent", "b:apart", "c:apart");
const none = board("a:apart");

test("vaults are counted apart from tokens, the client's own rows nowhere, and a vault is gone when each of its tokens is", () => {
  expect(whole).toEqual({ tokens: 3, absent: 3, apart: 0, vaults: 2, vaultsGone: 2, vaultsOpen: 0 });
  expect(mixed).toEqual({ tokens: 4, absent: 2, apart: 2, vaults: 3, vaultsGone: 1, vaultsOpen: 0 });
  expect(board("a:absent", "a:sent", "b:ended", "c:apart")).toMatchObject({ vaults: 3, vaultsGone: 0, vaultsOpen: 2 });
});

describe("a closed board", () => {
  test("of which all is proven says so everywhere", () => {
    expect(boardTitle("Jim", whole, true)).toBe("Jim is gone from all 2 vaults");
    expect(readAgainWords(whole)).toBe("Every vault was read again without the token.");
    expect(listWords(line(whole))).toEqual({ glyph: "proven", words: "Gone everywhere" });
    expect(personWords(line(whole))).toBe("Gone from 2 vaults.");
  });
  test("of which some was set apart never says that all is gone", () => {
    expect(boardTitle("Jim", mixed, true)).toBe("Jim is gone from 1 of 3 vaults, 2 tokens set apart, unproven");
    expect(readAgainWords(mixed)).toBe("1 vault of 3 was read again without the token; the rest was set apart by a person, unproven.");
    expect(listWords(line(mixed))).toEqual({ glyph: "attention", words: "Closed, 2 unproven" });
    expect(personWords(line(mixed))).toBe("Gone from 1 of 3 vaults, 2 tokens set apart, unproven.");
    expect(certifiedWords(mixed)).toMatch(/but those set apart/);
  });
  test("of which all was set apart says that nothing is proven", () => {
    expect(boardTitle("Jim", none, true)).toBe("Jim is proven gone nowhere: 1 token set apart, unproven");
    expect(readAgainWords(none)).toMatch(/^No vault was read again/);
    expect(personWords(line(none))).toBe("Proven gone nowhere: 1 token set apart, unproven.");
    expect(certifiedWords(none)).not.toMatch(/held no token/);
  });
});

test("an open board counts vaults in its title and tokens where it says tokens", () => {
  const open = board("a:sent", "a:sent", "b:absent");
  expect(boardTitle("Jim", open, false)).toBe("Jim may still read in 1 of 2 vaults");
  expect(personWords(line(open, null))).toBe("2 of 3 tokens may still read.");
  expect(boardTitle("Jim", mixed, false)).toMatch(/set apart, unproven; closing$/);
});

describe("over the list of boards", () => {
  test("nothing is claimed where there was never one", () => expect(boardsWords([])).toBe("No board was opened yet."));
  test("what was set apart is not proven gone", () => {
    expect(boardsWords([line(whole)])).toBe("No board is open. What was taken away with one is proven gone.");
    expect(boardsWords([line(whole), line(mixed)])).toBe("No board is open. What was taken away with one is proven gone, but for 2 tokens set apart, unproven.");
    expect(boardsWords([line(none)])).toBe("No board is open. Nothing that was taken away with one is proven gone: 1 token set apart, unproven.");
    expect(boardsWords([line(whole), line(board("a:sent"), null)])).toMatch(/^One board is open\./);
  });
  test("removals without a board are counted beside them", () => expect([outsideWords(0), outsideWords(1), outsideWords(4)]).toEqual([null, "1 removal that was signed without a board is not proven.", "4 removals that were signed without a board are not proven."]));
});
