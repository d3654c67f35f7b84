import { expect, test } from "vitest";
import { parseSingleKeys, parseTheme } from "./theme.ts";

test("a theme cookie is light or dark; anything else follows the device", () => {
  expect(parseTheme("light")).toBe("light");
  expect(parseTheme("dark")).toBe("dark");
  for (const other of [undefined, "", "system", "DARK", '"><script>']) expect(parseTheme(other)).toBe("system");
});
test("single-letter keys are on unless switched off", () => {
  expect(parseSingleKeys("off")).toBe(false);
  for (const other of [undefined, "", "on"]) expect(parseSingleKeys(other)).toBe(true);
});
