import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type Questions } from "./judge.ts";
import { signingDoors, signingHeaders, signingPolicy, signingRoute } from "./signing-house.ts";

const origins = { APP_ORIGIN: "http://localhost:3000", SIGN_ORIGIN: "http://sign.localhost:3000" };
const subject = "/approve/018f3c1e-0000-7000-8000-000000000002";

describe("the site map of the signing house", () => {
  test("the page of a subject is there to be read", () => {
    for (const method of ["GET", "HEAD"]) expect(signingRoute(method, subject)).toEqual({ kind: "page" });
  });
  test("its files are named by what is in them", () => {
    expect(signingRoute("GET", "/page-0123456789abcdef.js")).toEqual({ kind: "asset", name: "page-0123456789abcdef.js" });
    expect(signingRoute("GET", "/page-0123456789abcdef.css")).toEqual({ kind: "asset", name: "page-0123456789abcdef.css" });
  });
  test("its doors are a closed list", () => {
    for (const door of signingDoors) expect(signingRoute("POST", `/api/signing/${door}`)).toEqual({ kind: "door", door });
  });
  test.each([
    "/", "/approve", "/approve/", `${subject}/`, `${subject}/x`, `/approve/${"0".repeat(36)}`, subject.toUpperCase(), "/settings", "/sign-in", "/api/auth/session", "/api/signing", "/api/signing/", "/api/signing/keys",
    "/api/signing/trade/", "/api/signing/constructor", "/_next/static/x.js", "/page.html", "/page-0123456789abcdef.map", "/x/../page-0123456789abcdef.js", "/favicon.ico", "//approve", "/built/manifest.json",
  ])("%s is not there", (path) => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) expect(signingRoute(method, path), method).toBeUndefined();
  });
  test("a door cannot be read, and a page cannot be written", () => {
    expect(signingRoute("GET", "/api/signing/trade")).toBeUndefined();
    expect(signingRoute("POST", subject)).toBeUndefined();
  });
  test("no other path leads anywhere", () => {
    fc.assert(fc.property(fc.webPath(), fc.constantFrom("GET", "POST"), (path, method) => signingRoute(method, path) === undefined || /^\/(approve\/|page-|icon\.svg$|api\/signing\/)/.test(path)));
  });
});

describe("what is decided before the signing house is asked", () => {
  const calm: Questions = { limiter: { change: async () => ({ allowed: true }), read: async () => ({ allowed: true }), ceremony: async () => ({ allowed: true }), machine: async () => ({ allowed: true }) }, databaseAnswers: async () => true };
  const slow: Questions = { ...calm, limiter: { change: async () => ({ allowed: false, retryAfter: 7 }), read: async () => ({ allowed: false, retryAfter: 7 }), ceremony: async () => ({ allowed: false, retryAfter: 7 }), machine: async () => ({ allowed: false, retryAfter: 7 }) } };
  const away: Questions = { ...calm, databaseAnswers: async () => false };
  const ask = (method: string, path: string, headers: Record<string, string> = {}, questions = calm) => judge({ method, path, headers: { host: "sign.localhost:3000", ...headers }, address: "127.0.0.1" }, origins, questions);
  const own = { origin: origins.SIGN_ORIGIN, "content-type": "application/json", "content-length": "10" };
  const door = "/api/signing/trade";

  test("its own page may use a door", async () => expect(await ask("POST", door, own)).toEqual({ pass: true, signing: { kind: "door", door: "trade" } }));
  test("the console may not: one house never acts for the other", async () => {
    expect(await ask("POST", door, { ...own, origin: origins.APP_ORIGIN })).toEqual({ pass: false, code: "foreign_origin" });
    expect(await judge({ method: "POST", path: "/settings", headers: { host: "localhost:3000", origin: origins.SIGN_ORIGIN, "content-length": "1" }, address: "127.0.0.1" }, origins, calm)).toEqual({ pass: false, code: "foreign_origin" });
  });
  test("the console's own paths of the same name are the console's", async () => expect(await judge({ method: "GET", path: subject, headers: { host: "localhost:3000" }, address: "127.0.0.1" }, origins, calm)).toEqual({ pass: true }));
  test("what a plain form can send is refused", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-8"]) expect(await ask("POST", door, { ...own, "content-type": type }), type).toEqual({ pass: false, code: "invalid" });
  });
  test("too large, of unknown size, too often", async () => {
    expect(await ask("POST", door, { ...own, "content-length": "999999" })).toEqual({ pass: false, code: "too_large" });
    expect(await ask("POST", door, { origin: own.origin, "content-type": own["content-type"] })).toEqual({ pass: false, code: "too_large" });
    expect(await ask("POST", door, own, slow)).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
    expect(await ask("GET", subject, {}, slow)).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
  });
  test("with the database away the page comes and says so; the doors wait", async () => {
    expect(await ask("GET", subject, {}, away)).toEqual({ pass: true, signing: { kind: "page" } });
    expect(await ask("POST", door, own, away)).toEqual({ pass: false, code: "database_unavailable", retryAfter: 5 });
  });
});

describe("headers and policy", () => {
  const policy = signingPolicy(origins.SIGN_ORIGIN, { script: "page-0123456789abcdef.js", style: "page-0123456789abcdef.css" });
  test("only the one script and the one style may load, nothing inline, nothing from elsewhere", () => {
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src http://sign.localhost:3000/page-0123456789abcdef.js;");
    expect(policy).not.toMatch(/unsafe|nonce|strict-dynamic|data:|blob:|\*/);
    for (const source of policy.match(/https?:\/\/[^\s;]+/g) ?? []) expect(source.startsWith(`${origins.SIGN_ORIGIN}/`), source).toBe(true);
  });
  test("no frame, no form, no base, no way to turn text into markup", () => {
    for (const rule of ["frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'", "connect-src 'self'"]) expect(policy).toContain(rule);
  });
  test("no header of the house speaks of cookies or lets a referrer out", () => {
    expect(Object.keys(signingHeaders).map((name) => name.toLowerCase())).not.toContain("set-cookie");
    expect(signingHeaders["Referrer-Policy"]).toBe("no-referrer");
  });
});
