import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress, limitKey } from "./address.ts";
import { pagePolicy, startsWorker, workerPolicy } from "./headers.ts";
import { houseOf } from "./house.ts";
import { judge, type Questions } from "./judge.ts";
import { isOwnOrigin } from "./origin.ts";
import { plainAnswer } from "./plain.ts";
import { failure } from "../errors.ts";

const origins = { APP_ORIGIN: "http://localhost:3000", SIGN_ORIGIN: "http://sign.localhost:3000" };
const real = { APP_ORIGIN: "https://console.example.com", SIGN_ORIGIN: "https://sign.example.com" };

describe("which house a request is for", () => {
  test.each([["localhost:3000", "console"], ["LOCALHOST:3000", "console"], ["sign.localhost:3000", "signing"]] as const)("%s is the %s", (host, house) => expect(houseOf(host, origins)).toBe(house));
  test.each(["localhost", "localhost:3001", "127.0.0.1:3000", "evil.example", "localhost:3000.evil.example", "x.localhost:3000", "", undefined])("%s is neither", (host) => expect(houseOf(host, origins)).toBeUndefined());
  test("a default port may be named or left out", () => {
    expect(houseOf("console.example.com", real)).toBe("console");
    expect(houseOf("console.example.com:443", real)).toBe("console");
    expect(houseOf("console.example.com:80", real)).toBeUndefined();
  });
  test("no other host is ever taken for one of ours", () => {
    const ours = ["localhost:3000", "sign.localhost:3000"];
    const near = fc.oneof(fc.string(), fc.tuple(fc.constantFrom(...ours), fc.string()).map(([host, more]) => host + more));
    fc.assert(fc.property(near.filter((host) => !ours.includes(host.toLowerCase())), (host) => houseOf(host, origins) === undefined));
  });
});

describe("whose page asks", () => {
  const own = origins.APP_ORIGIN;
  test("reading needs no origin", () => expect(isOwnOrigin("GET", {}, own)).toBe(true));
  test("a change from our own page passes", () => expect(isOwnOrigin("POST", { origin: own }, own)).toBe(true));
  test.each(["POST", "PUT", "PATCH", "DELETE", "PURGE"])("%s from another page, or from none, is refused", (method) => {
    for (const origin of ["null", "http://localhost:3001", "https://localhost:3000", "http://sign.localhost:3000", `${own}/`]) expect(isOwnOrigin(method, { origin }, own), origin).toBe(false);
    expect(isOwnOrigin(method, {}, own)).toBe(false);
    for (const site of ["cross-site", "same-site", "none"]) expect(isOwnOrigin(method, { "sec-fetch-site": site }, own), site).toBe(false);
  });
  test("a named origin counts more than what the browser says of the site", () => expect(isOwnOrigin("POST", { origin: "http://evil", "sec-fetch-site": "same-origin" }, own)).toBe(false));
});

describe("whose address counts", () => {
  test("without trusted proxies a claimed address is ignored", () => expect(clientAddress("::ffff:198.51.100.7", "203.0.113.1", 0)).toBe("198.51.100.7"));
  test("with one proxy the address that it saw counts, not what the caller wrote before it", () => expect(clientAddress("10.0.0.1", "1.1.1.1, 203.0.113.9", 1)).toBe("203.0.113.9"));
  test("with two proxies the second from the right counts", () => expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2)).toBe("203.0.113.9"));
  test("nonsense falls back to the socket's own address", () => {
    for (const claim of ["", "not an address", ",,,", "203.0.113.9, evil"]) expect(clientAddress("10.0.0.1", claim, 1), claim).toBe("10.0.0.1");
  });
  test("an IPv6 network counts as one caller, however its address is written", () => {
    const keys = ["2001:db8:1:2::1", "2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2:3::9"].map(limitKey);
    expect(new Set(keys)).toEqual(new Set(["2001:db8:1:2::/64"]));
    expect(limitKey("2001:db8:1:3::1")).not.toBe(keys[0]);
    expect(limitKey("::1")).toBe("0:0:0:0::/64");
  });
});

describe("what is decided before a page is drawn", () => {
  const calm: Questions = { limiter: { change: async () => ({ allowed: true }), read: async () => ({ allowed: true }), ceremony: async () => ({ allowed: true }), machine: async () => ({ allowed: true }) }, databaseAnswers: async () => true };
  const slow: Questions = { ...calm, limiter: { change: async () => ({ allowed: false, retryAfter: 7 }), read: async () => ({ allowed: false, retryAfter: 7 }), ceremony: async () => ({ allowed: false, retryAfter: 7 }), machine: async () => ({ allowed: false, retryAfter: 7 }) } };
  const away: Questions = { ...calm, databaseAnswers: async () => false };
  const ask = (method: string, path: string, headers: Record<string, string> = {}, questions = calm) => judge({ method, path, headers: { host: "localhost:3000", ...headers }, address: "127.0.0.1" }, origins, questions);
  const own = { origin: origins.APP_ORIGIN, "content-length": "10" };

  test("a page passes", async () => expect(await ask("GET", "/settings")).toEqual({ pass: true }));
  test("a change of our own passes", async () => expect(await ask("POST", "/settings", own)).toEqual({ pass: true }));
  test("strangers get nothing, and the signing origin nothing of the console", async () => {
    for (const host of ["sign.localhost:3000", "evil.example"]) expect(await ask("GET", "/_next/static/a.js", { host })).toEqual({ pass: false, code: "not_found" });
  });
  test("a probe is answered on any Host, with the database away, and changes nothing", async () => {
    expect(await ask("GET", "/api/ready", { host: "10.0.0.5:3000" }, away)).toEqual({ pass: true });
    expect(await ask("POST", "/api/ready", own)).toEqual({ pass: false, code: "not_allowed" });
  });
  test("a path that the framework would read differently than we do is nothing", async () => {
    for (const path of ["/_next/../settings", "/_next/%2e%2e/api/ready", "/_next/static/%2E%2E/x", "//evil.example/x", "/a//b", "http://evil.example/x", "*", "/a%2fb", "/a%5Cb", "/a\\b", ""]) expect(await ask("GET", path, {}, slow), path).toEqual({ pass: false, code: "not_found" });
    for (const path of ["/", "/settings/mail", "/a%20b", "/%D7%9E", "/x.y/z-1"]) expect(await ask("GET", path), path).toEqual({ pass: true });
  });
  test("a method that no page of ours takes is refused", async () => {
    for (const method of ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "PURGE", "CONNECT"]) expect(await ask(method, "/settings", own), method).toEqual({ pass: false, code: "not_allowed" });
  });
  test("a foreign change is refused before its size, its rate or the database are looked at", async () => expect(await ask("POST", "/x", { origin: "http://evil", "content-length": "99999999" }, slow)).toEqual({ pass: false, code: "foreign_origin" }));
  test("too large, and of unknown size, are one refusal", async () => {
    expect(await ask("POST", "/x", { ...own, "content-length": "999999" })).toEqual({ pass: false, code: "too_large" });
    expect(await ask("POST", "/x", { origin: origins.APP_ORIGIN, "transfer-encoding": "chunked" })).toEqual({ pass: false, code: "too_large" });
  });
  test("too often says when to come back", async () => {
    expect(await ask("GET", "/", {}, slow)).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
    expect(await ask("POST", "/", own, slow)).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
  });
  test("sign-in has a narrower gate than other changes", async () => {
    const guessing: Questions = { ...calm, limiter: { ...calm.limiter, ceremony: async () => ({ allowed: false, retryAfter: 9 }) } };
    for (const path of ["/api/auth/callback/passkey", "/api/ceremony/sign-in", "/api/glass"]) expect(await ask("POST", path, own, guessing)).toEqual({ pass: false, code: "too_many", retryAfter: 9 });
    expect(await ask("POST", "/settings/keys", own, guessing)).toEqual({ pass: true });
  });
  test("next-auth's doors refuse a foreign page as every other does", async () => expect(await ask("POST", "/api/auth/callback/passkey", { origin: "http://evil", "content-length": "10" })).toEqual({ pass: false, code: "foreign_origin" }));
  test("machines come without an origin to their own doors alone, with a length, and not endlessly", async () => {
    const machine = { "content-length": "4000" };
    for (const path of ["/api/stripe/webhook", "/api/hq/vault/create", "/api/hq/vault/AbCdEf/delete"]) {
      expect(await ask("POST", path, machine), path).toEqual({ pass: true });
      expect(await ask("POST", path, { "content-length": "9999999" }), path).toEqual({ pass: false, code: "too_large" });
      expect(await ask("POST", path, { "transfer-encoding": "chunked" }), path).toEqual({ pass: false, code: "too_large" });
      expect(await ask("POST", path, machine, slow), path).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
      expect(await ask("POST", path, machine, away), path).toMatchObject({ pass: false, code: "database_unavailable" });
    }
    for (const path of ["/api/stripe/webhook/", "/api/stripe", "/api/hq", "/billing"]) expect(await ask("POST", path, machine), path).toEqual({ pass: false, code: "foreign_origin" });
  });
  test("one door is open to pages of others, as a client's vault is one: it is asked first, takes its own path only, and is limited as any change", async () => {
    const elsewhere = { origin: "https://vault.example.com", "content-length": "4000", "content-type": "application/json" };
    expect(await ask("OPTIONS", "/api/connect/reply", { origin: "https://vault.example.com" })).toEqual({ pass: true });
    expect(await ask("POST", "/api/connect/reply", elsewhere)).toEqual({ pass: true });
    expect(await ask("POST", "/api/connect/reply", { ...elsewhere, "content-length": "999999" })).toEqual({ pass: false, code: "too_large" });
    expect(await ask("POST", "/api/connect/reply", elsewhere, slow)).toEqual({ pass: false, code: "too_many", retryAfter: 7 });
    for (const path of ["/api/connect/reply/", "/api/connect/Reply", "/api/connect", "/api/session", "/clients/new"]) {
      expect(await ask("POST", path, elsewhere), path).toEqual({ pass: false, code: "foreign_origin" });
      expect(await ask("OPTIONS", path, elsewhere), path).toEqual({ pass: false, code: "not_allowed" });
    }
    for (const method of ["PUT", "DELETE", "PATCH", "TRACE"]) expect(await ask(method, "/api/connect/reply", elsewhere), method).toEqual({ pass: false, code: "not_allowed" });
    expect(await ask("POST", "/api/connect/reply", { ...elsewhere, host: "sign.localhost:3000" })).toEqual({ pass: false, code: "not_found" });
  });
  test("with the database away pages wait, scripts and styles do not", async () => {
    expect(await ask("GET", "/settings", {}, away)).toEqual({ pass: false, code: "database_unavailable", retryAfter: 5 });
    expect(await ask("GET", "/_next/static/chunks/a.js", {}, away)).toEqual({ pass: true });
  });
});

describe("plain answers and policies", () => {
  test("a plain page carries no script and escapes what it shows", () => {
    const { body } = plainAnswer({ ...failure("unexpected", { id: "err_<b>" }), detail: "<script>alert(1)</script>" }, "text/html");
    expect(body).not.toContain("<script");
    expect(body).not.toContain("<b>");
  });
  test("a machine gets a problem with code and status", () => expect(JSON.parse(plainAnswer(failure("too_many"), "*/*").body)).toMatchObject({ code: "too_many", status: 429 }));
  test("the policy of pages allows no inline script without the nonce, no frame, no other source", () => {
    const policy = pagePolicy("n0nce", false);
    expect(policy).toContain("script-src 'self' 'nonce-n0nce' 'strict-dynamic';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
    expect(/script-src[^;]*unsafe-inline/.test(policy)).toBe(false);
  });
});

describe("the policy of a worker", () => {
  test("lets it run our files and WebAssembly, and speak to nobody; no page may run WebAssembly", () => {
    expect(workerPolicy).toContain("default-src 'none'");
    expect(workerPolicy).not.toContain("connect-src");
    expect(pagePolicy("n", false)).not.toContain("wasm-unsafe-eval");
  });
  test.each(["/_next/static/chunks/turbopack-worker-1hrsqshz0gfey.js"])("is given to %s", (path) => expect(startsWorker(path)).toBe(true));
  test.each(["/", "/settings/keys", "/_next/static/chunks/0r89mro2f9x_v.js", "/_next/static/chunks/turbopack-worker-a.js/x", "/_next/static/media/turbopack-worker-a.js", "/x/_next/static/chunks/turbopack-worker-a.js", "/_next/static/chunks/turbopack-worker-../a.js"])("is not given to %s", (path) => expect(startsWorker(path)).toBe(false));
});
