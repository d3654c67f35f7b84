import { describe, expect, test } from "vitest";
import { LEADER_MS, NO_CHORD, pressChord } from "./chord.ts";
import type { Chord, ChordState } from "./chord.ts";

const LETTERS = new Set(["s", "m"]);
const press = (key: string, held: Partial<{ ctrlKey: boolean; metaKey: boolean; altKey: boolean }> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

function type(keys: readonly ReturnType<typeof press>[], options: { free?: boolean; gap?: number } = {}): Chord | null {
  let state: ChordState = NO_CHORD;
  let last: Chord | null = null;
  keys.forEach((key, index) => {
    const pressed = pressChord(state, key, { now: index * (options.gap ?? 100), free: options.free ?? true, letters: LETTERS });
    state = pressed.state;
    last = pressed.chord;
  });
  return last;
}

describe("the keys of the console", () => {
  test("G and then a letter goes to that place, in capitals too", () => {
    expect(type([press("g"), press("s")])).toEqual({ kind: "go", letter: "s" });
    expect(type([press("G"), press("Shift"), press("M")])).toEqual({ kind: "go", letter: "m" });
  });
  test("a letter alone, or after another key in between, goes nowhere", () => {
    expect(type([press("s")])).toBeNull();
    expect(type([press("g"), press("x"), press("s")])).toBeNull();
  });
  test("G is forgotten when its letter takes too long", () => {
    expect(type([press("g"), press("s")], { gap: LEADER_MS })).toEqual({ kind: "go", letter: "s" });
    expect(type([press("g"), press("s")], { gap: LEADER_MS + 1 })).toBeNull();
  });
  test("G twice still waits for its letter", () => {
    expect(type([press("g"), press("g"), press("s")])).toEqual({ kind: "go", letter: "s" });
  });
  test("a question mark opens the list of keys", () => {
    expect(type([press("?")])).toEqual({ kind: "help" });
  });
  test("single letters do nothing while a person types or has switched them off", () => {
    expect(type([press("g"), press("s")], { free: false })).toBeNull();
    expect(type([press("?")], { free: false })).toBeNull();
  });
  test("Ctrl K and Cmd K open the palette even then", () => {
    expect(type([press("k", { ctrlKey: true })], { free: false })).toEqual({ kind: "palette" });
    expect(type([press("K", { metaKey: true })])).toEqual({ kind: "palette" });
  });
  test("keys of the browser and of AltGr are left alone", () => {
    expect(type([press("g"), press("s", { ctrlKey: true })])).toBeNull();
    expect(type([press("k", { ctrlKey: true, altKey: true })])).toBeNull();
  });
});
