import { expect, test } from "vitest";
import { isWithin } from "./navigation.ts";

test("a page belongs to the place at its address and above it, and not to one that only begins alike", () => {
  expect(isWithin("/settings", "/settings")).toBe(true);
  expect(isWithin("/settings", "/settings/mail")).toBe(true);
  expect(isWithin("/settings", "/settings-old")).toBe(false);
  expect(isWithin("/clients", "/settings")).toBe(false);
});
