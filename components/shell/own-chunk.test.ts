import { expect, test } from "vitest";
import { ownChunk } from "./own-chunk.ts";

const PAGE = "http://localhost:4571/settings/parts";

test("the page's own built files may become scripts", () => {
  expect(ownChunk("/_next/static/chunks/a.js", PAGE)).toBe(true);
  expect(ownChunk("http://localhost:4571/_next/static/chunks/a.js?dpl=1", PAGE)).toBe(true);
});
test.each([
  "https://example.com/_next/static/a.js",
  "//example.com/_next/static/a.js",
  "http://localhost:4572/_next/static/a.js",
  "/api/clients",
  "/_next/static/../../api/export",
  "/_next/static/%2e%2e/%2e%2e/api/export",
  "data:text/javascript,alert(1)",
  "blob:http://localhost:4571/_next/static/x",
  "javascript:alert(1)",
  "http://[",
])("no other address may, however it is written: %s", (url) => {
  expect(ownChunk(url, PAGE)).toBe(false);
});
