// What is delivered: small, whole, and with nothing in it that the policy would have to allow.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSigningPage, type Built } from "./build.ts";

const folder = mkdtempSync(join(tmpdir(), "clavitor-signing-"));
let built: Built;
const file = (name: string) => readFileSync(join(folder, name));

beforeAll(async () => {
  built = await buildSigningPage(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the page as it is delivered", () => {
  test("it loads one script and one style, each with the hash of just these bytes", () => {
    const html = file("page.html").toString();
    for (const name of [built.script, built.style]) {
      expect(html).toContain(`/${name}" integrity="sha384-${createHash("sha384").update(file(name)).digest("base64")}"`);
    }
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<link rel="stylesheet"/g)).toHaveLength(1);
  });
  test("nothing is inline, nothing comes from elsewhere, and only the console's origin is left open", () => {
    const html = file("page.html").toString();
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|https?:|<script(?![^>]*\ssrc=)[^>]*>/i);
    expect(html.match(/%[A-Z_]+%/g)).toEqual(["%CONSOLE_ORIGIN%"]);
    expect(file(built.style).toString()).not.toMatch(/url\(|@import|@font-face/);
  });
  test("the script makes no markup from text, evaluates nothing, keeps nothing, loads nothing more", () => {
    const script = file(built.script).toString();
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB|document\.cookie|\bimport\(|window\.opener|postMessage/);
  });
  test("the same sources make the same bytes, under the same names", async () => {
    const again = mkdtempSync(join(tmpdir(), "clavitor-signing-"));
    try {
      expect(await buildSigningPage(again)).toEqual(built);
      expect(readFileSync(join(again, built.script)).equals(file(built.script))).toBe(true);
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });
  test("script and style stay under 40 kB on the wire", () => {
    const sizes = [built.script, built.style].map((name) => gzipSync(file(name), { level: 9 }).length);
    expect(sizes[0]! + sizes[1]!).toBeLessThan(40_000);
  });
});
