import { expect, test } from "vitest";
import { steersTheFramework } from "./form-interrupt.ts";

test("a redirect or a not-found thrown by an action passes through the form", () => {
  expect(steersTheFramework(Object.assign(new Error("x"), { digest: "NEXT_REDIRECT;push;/settings;307;" }))).toBe(true);
  expect(steersTheFramework(Object.assign(new Error("x"), { digest: "NEXT_HTTP_ERROR_FALLBACK;403" }))).toBe(true);
});
test("a broken connection or a server's own error stays in the form as a failure", () => {
  expect(steersTheFramework(new TypeError("Failed to fetch"))).toBe(false);
  expect(steersTheFramework(Object.assign(new Error("x"), { digest: "2847561093" }))).toBe(false);
  expect(steersTheFramework(null)).toBe(false);
});
