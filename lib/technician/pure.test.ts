import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDay, leaveInWords, leaveState } from "./leave.ts";
import { candidates } from "./match.ts";
import { seenOf } from "./seen.ts";
import { leaveShape, rowsText, tagsText } from "./shape.ts";

describe("leave", () => {
  const leave = { from: "2026-11-20", until: "2026-11-22" };
  test.each([["2026-11-19", "ahead"], ["2026-11-20", "now"], ["2026-11-22", "now"], ["2026-11-23", "over"]])("on %s it is %s: both ends belong to it", (today, state) => expect(leaveState(leave, today)).toBe(state));
  test("without an end it lasts, and none is none", () => {
    expect(leaveState({ from: "2026-11-20", until: null }, "2030-01-01")).toBe("now");
    expect(leaveState(null, "2026-11-20")).toBeNull();
    expect([leaveInWords(leave), leaveInWords({ from: "2026-11-20", until: null }), leaveInWords(null)]).toEqual(["2026-11-20 to 2026-11-22", "from 2026-11-20", null]);
  });
  test.each(["2026-02-30", "2026-13-01", "2026-1-1", "20261120", "", "2026-11-20T00:00", "0000-00-00"])("%j is no day", (text) => expect(isDay(text)).toBe(false));
  test("every day that there is, is one", () => fc.assert(fc.property(fc.date({ min: new Date("1970-01-01"), max: new Date("2200-01-01"), noInvalidDate: true }), (date) => {
    expect(isDay(date.toISOString().slice(0, 10))).toBe(true);
  })));
  test("an end without a beginning, or before it, is refused at its field", () => {
    const wrong = (leaveFrom: string, leaveUntil: string) => leaveShape.safeParse({ leaveFrom, leaveUntil }).error?.issues.map(({ path }) => path[0]);
    expect(wrong("", "2026-11-22")).toEqual(["leaveFrom"]);
    expect(wrong("2026-11-23", "2026-11-22")).toEqual(["leaveUntil"]);
    expect(wrong("2026-02-30", "")).toEqual(["leaveFrom"]);
    expect(wrong("2026-11-22", "2026-11-22")).toBeUndefined();
    expect(wrong("", "")).toBeUndefined();
  });
});

describe("tags", () => {
  test("are what was typed, once each, in lower case and in order", () => expect(tagsText.parse(" Pod-A, health,pod-a,,Łódź ")).toEqual(["health", "pod-a", "łódź"]));
  test.each([["a b"], ["-x"], ["=cmd"], ["tag:x"], ["x".repeat(31)], [Array.from({ length: 13 }, (_, index) => `t${index}`).join(",")]])("%j is refused in words", (text) => expect(tagsText.safeParse(text).success).toBe(false));
});

test("a list of rows that is none is refused, never half taken", () => {
  const row = { vaultRef: crypto.randomUUID(), uid: "u" };
  expect(rowsText.parse(JSON.stringify([row]))).toEqual([row]);
  for (const text of ["", "{", "[]", "null", JSON.stringify([row, { ...row, more: 1 }]), JSON.stringify([{ uid: "u" }])]) expect(rowsText.safeParse(text).success, text).toBe(false);
});

test("what a page showed changes with every part of it", () => {
  const base = { podId: null, tags: ["a"], leave: null };
  const all = [base, { ...base, podId: "p" }, { ...base, tags: [] }, { ...base, tags: ["a", "b"] }, { ...base, leave: { from: "2026-11-20", until: null } }, { ...base, leave: { from: "2026-11-20", until: "2026-11-21" } }];
  expect(new Set(all.map(seenOf)).size).toBe(all.length);
});

describe("whose row it may be", () => {
  const people = ["Sarah Lindqvist", "John Meier", "Jane Meier", "Tomás Ferreira", "Bjørn Åkerlund", "نور الحسيني", "Guðrún Jónsdóttir"].map((name) => ({ name }));
  const named = (row: string) => candidates(row, people).map(({ name }) => name);
  test.each([["sarah lindqvist", ["Sarah Lindqvist"]], ["Lindqvist, Sarah", ["Sarah Lindqvist"]], ["Sarah Lindqvist (Quillmoor)", ["Sarah Lindqvist"]], ["Tomas Ferreira", ["Tomás Ferreira"]], ["نور الحسيني", ["نور الحسيني"]], ["tferreira", ["Tomás Ferreira"]], ["t.ferreira", ["Tomás Ferreira"]]])("%j may be %j", (row, expected) => expect(named(row)).toEqual(expected));
  test("two who fit equally both stand there: nobody is chosen by chance", () => expect(named("J. Meier")).toEqual(["Jane Meier", "John Meier"]));
  test.each(["", "backup agent", "Meier", "Sarah", "S", "...", "😀"])("%j fits nobody well enough", (row) => expect(named(row)).toEqual([]));
  test("whatever the names, nothing breaks and at most three are named", () => fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.record({ name: fc.string({ unit: "grapheme" }) })), (row, some) => {
    expect(candidates(row, some).length).toBeLessThanOrEqual(3);
  })));
});
