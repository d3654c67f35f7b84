import { describe, expect, test } from "vitest";
import { isTypedName } from "./typed-name.ts";

describe("a typed confirmation", () => {
  test("is given by the name, letter by letter", () => {
    expect(isTypedName("John Meier", "John Meier")).toBe(true);
    expect(isTypedName("john meier", "John Meier")).toBe(false);
    expect(isTypedName("John Meyer", "John Meier")).toBe(false);
    expect(isTypedName("John Meie", "John Meier")).toBe(false);
  });
  test("keeps accents apart but not how they are composed", () => {
    expect(isTypedName("Cha\u0302teau", "Ch\u00E2teau")).toBe(true);
    expect(isTypedName("Chateau", "Château")).toBe(false);
  });
  test("forgives what cannot be seen: spaces around and marks of direction", () => {
    expect(isTypedName("  John  Meier ", "John Meier")).toBe(true);
    expect(isTypedName("\u2068مكتبة النخيل\u2069", "مكتبة النخيل")).toBe(true);
  });
  test("is never given for a name that is empty", () => {
    expect(isTypedName("", "")).toBe(false);
    expect(isTypedName(" ", "\u200B")).toBe(false);
  });
});
