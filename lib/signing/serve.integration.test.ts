/** The signing house over HTTP, before a database: what it serves, what it takes, what it never says. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSigningPage } from "../../signing/build.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { signingRoute } from "../door/signing-house.ts";
import { createLog } from "../log.ts";
import { planDoors } from "../approval/house.ts";
import { createSigningHouse, loadSigningPage } from "./serve.ts";

const origins = { APP_ORIGIN: "http://localhost:3999", SIGN_ORIGIN: "http://sign.localhost:3999" };
const folder = mkdtempSync(join(tmpdir(), "clavitor-signing-"));
let t: TestDatabase;
let server: Server;
let base: string;
let script: string;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  ({ script } = await buildSigningPage(folder));
  const house = createSigningHouse(loadSigningPage(folder, join(import.meta.dirname, "../../app/icon.svg"), origins), createLog("test"), planDoors);
  server = createServer((request, response) => void house({ request, response, route: signingRoute(request.method!, request.url!)!, visitor: { userAgent: "Chrome", address: "127.0.0.1" } }));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
  await t.close();
});

const post = (door: string, body: string) => fetch(`${base}/api/signing/${door}`, { method: "POST", body, headers: { "content-type": "application/json" } });
const secret = "A".repeat(43);

describe("the page", () => {
  test("names its console and its files; is never kept, while the files are for ever", async () => {
    const page = await fetch(`${base}/approve/${crypto.randomUUID()}`);
    const html = await page.text();
    expect(html).toContain(`<meta name="clavitor-console" content="${origins.APP_ORIGIN}">`);
    expect(html).not.toMatch(/%[A-Z_]+%/);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-security-policy")).toContain(`script-src ${origins.SIGN_ORIGIN}/${script};`);
    const file = await fetch(`${base}/${script}`);
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(file.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  });
  test("its files come compressed, its secrets never do", async () => {
    const file = await fetch(`${base}/${script}`, { headers: { "accept-encoding": "gzip" } });
    expect(file.headers.get("content-encoding")).toBe("gzip");
    expect(Number(file.headers.get("content-length"))).toBeLessThan(36_000);
    expect((await file.text()).length).toBeGreaterThan(40_000);
    const plain = await fetch(`${base}/${script}`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect((await fetch(`${base}/api/signing/decline`, { method: "POST", body: "{}", headers: { "accept-encoding": "gzip" } })).headers.get("content-encoding")).toBeNull();
  });
  test("a file of another build is not there", async () => expect((await fetch(`${base}/page-${"0".repeat(16)}.js`)).status).toBe(404));
  test("no answer sets a cookie, whatever cookie came", async () => {
    for (const path of [`/approve/${crypto.randomUUID()}`, `/${script}`]) expect((await fetch(base + path, { headers: { cookie: "__Host-session=x" } })).headers.get("set-cookie"), path).toBeNull();
    expect((await post("trade", "{}")).headers.get("set-cookie")).toBeNull();
  });
});

describe("the doors", () => {
  test.each(["", "{", "null", "[]", "{}", '{"subject":"x"}', `{"subject":"${crypto.randomUUID()}","ticket":"short"}`, `{"subject":"${crypto.randomUUID()}","ticket":"${secret}","more":1}`])("trade refuses %j as what it is not", async (body) => {
    const answer = await post("trade", body);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "invalid" });
  });
  test("bytes that are no UTF-8 are refused", async () => expect((await fetch(`${base}/api/signing/trade`, { method: "POST", body: Uint8Array.of(0x7b, 0xff, 0x7d) })).status).toBe(422));
  test("a body larger than it may be is refused while it comes", async () => expect((await post("trade", `"${"x".repeat(300_000)}"`)).status).toBe(413));
  test("unknown tickets and secrets are refused in words, as a problem, never kept", async () => {
    const parts = { authenticator_data: "AA", client_data_json: "AA", signature: "AA" };
    const asked: [string, object, number, string][] = [
      ["trade", { subject: crypto.randomUUID(), ticket: secret }, 404, "ticket_unknown"],
      ["enrol", { secret, credential_id: "AA", public_key: "AA", transports: [], enrol: parts }, 409, "signing_over"],
      ["endorse", { secret, credential_id: "AA", endorsement: { statements: [secret], v: 1 }, assertion: parts, differs: [] }, 409, "signing_over"],
      ["decline", { secret, differs: [] }, 409, "signing_over"],
    ];
    for (const [door, body, status, code] of asked) {
      const answer = await post(door, JSON.stringify(body));
      expect(answer.status, door).toBe(status);
      expect(await answer.json(), door).toMatchObject({ code, status });
      expect(answer.headers.get("content-type"), door).toBe("application/problem+json");
      expect(answer.headers.get("cache-control"), door).toBe("no-store");
    }
  });
});
