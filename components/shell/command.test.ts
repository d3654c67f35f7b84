import { describe, expect, test } from "vitest";
import { findCommands, fold, markTyped, scoreCommand } from "./command.ts";
import type { Command } from "./command.ts";

const go = (label: string, more: { detail?: string; words?: readonly string[] } = {}): Command => ({ id: label, group: "Go to", label, href: "/x", ...more });
const deed = (label: string): Command => ({ id: label, group: "Do", label, run: () => undefined });
const labels = (found: readonly Command[]) => found.map((command) => command.label);

describe("finding a command", () => {
  const all = [go("Settings"), go("Château Vermeil Hôtels", { detail: "Annecy" }), deed("Dark theme"), deed("Show all keys"), go("Audit", { words: ["log", "history"] })];

  test("nothing typed shows everything in its order", () => {
    expect(labels(findCommands(all, "  "))).toEqual(labels(all));
  });
  test("accents and case do not matter", () => {
    expect(labels(findCommands(all, "CHATEAU hotels"))).toEqual(["Château Vermeil Hôtels"]);
  });
  test("every typed word must be found", () => {
    expect(labels(findCommands(all, "dark settings"))).toEqual([]);
  });
  test("other words and the detail lead there too, behind what the label says", () => {
    expect(labels(findCommands(all, "history"))).toEqual(["Audit"]);
    expect(labels(findCommands(all, "annecy"))).toEqual(["Château Vermeil Hôtels"]);
    expect(scoreCommand(go("Audit"), "audit")).toBeGreaterThan(scoreCommand(go("Log", { words: ["audit"] }), "audit"));
  });
  test("the beginning of the label comes before the beginning of a word, and that before its middle", () => {
    expect(labels(findCommands([go("Resettle"), go("All settings"), go("Settings of mail")], "sett"))).toEqual(["Settings of mail", "All settings", "Resettle"]);
  });
  test("a leading > leaves only what can be done", () => {
    expect(labels(findCommands(all, ">"))).toEqual(["Dark theme", "Show all keys"]);
    expect(labels(findCommands(all, "> keys"))).toEqual(["Show all keys"]);
  });
  test("what is done at an address of its own is a thing to do as well", () => {
    expect(labels(findCommands([go("Sarah Lindqvist"), { ...go("Remove Sarah Lindqvist everywhere…"), deed: true }], "> sarah"))).toEqual(["Remove Sarah Lindqvist everywhere…"]);
  });
  test("signs that mean something to a pattern are letters like others", () => {
    expect(labels(findCommands([go("=SUM (Analytics) [x]")], "(analytics) ["))).toEqual(["=SUM (Analytics) [x]"]);
  });
});

describe("marking what was typed", () => {
  test("gives the label back, with the hits in it", () => {
    const pieces = markTyped("Château Vermeil", "chat ver");
    expect(pieces.map((piece) => piece.text).join("")).toBe("Château Vermeil");
    expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["Chât", "Ver"]);
  });
  test("keeps letters whole that fold into several", () => {
    expect(markTyped("ﬁnance", "fi").filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["ﬁ"]);
  });
  test("marks nothing when nothing was typed", () => {
    expect(markTyped("Settings", "")).toEqual([{ text: "Settings", hit: false }]);
  });
});

test("folding takes accents and case away and leaves other scripts alone", () => {
  expect(fold(" Ångström ")).toBe("angstrom");
  expect(fold("מכתב")).toBe("מכתב");
});
