/** The console's door, asked by machines: a server of its own in front of the instance's database, through a proxy we can cut. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { urls } from "../launch/database.mjs";
import { localEnvironment } from "../launch/environment.mjs";
import { node24 } from "../launch/node24.mjs";
import { expect, instance, test } from "./fixtures.ts";
import { ownEnvironment } from "./instance.setup.ts";

const root = join(import.meta.dirname, "..");

/** A TCP proxy before the database: cut() is the database going away, mend() is its return. */
async function cuttable(target: number) {
  const open = new Set<Socket>();
  let server: Server;
  const serve = (port: number) =>
    new Promise<number>((resolve) => {
      server = createServer((near) => {
        const far = connect(target, "127.0.0.1");
        for (const [one, other] of [[near, far], [far, near]] as const) {
          open.add(one);
          one.pipe(other);
          one.on("error", () => other.destroy());
          one.on("close", () => (open.delete(one), other.destroy()));
        }
      }).listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  const port = await serve(0);
  const cut = () => new Promise<void>((resolve) => (server.close(() => resolve()), open.forEach((socket) => socket.destroy())));
  return { port, cut, mend: () => serve(port) };
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

const ask = (port: number, path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method: options.method ?? "GET", headers: { host: `localhost:${port}`, accept: "text/html", "content-length": String(Buffer.byteLength(options.body ?? "")), ...options.headers } }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on("error", reject);
    request.end(options.body);
  });

let child: ChildProcess;
let port: number;
let database: Awaited<ReturnType<typeof cuttable>>;

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  const read = (name: string) => JSON.parse(readFileSync(join(instance.folder, name), "utf8")) as Record<string, string> & Record<string, number>;
  const [ports, secrets] = [read("ports.json"), read("secrets.json")];
  database = await cuttable(ports.database!);
  port = await freePort();
  const env = { ...localEnvironment({ ports: { ...ports, console: port }, secrets, databaseUrls: urls(database.port, secrets), dev: false, operator: ownEnvironment({}) }), TRUSTED_PROXIES: "1", LOG_LEVEL: "info" };
  child = spawn(node24(), ["--conditions=react-server", "server.ts"], { cwd: root, env, stdio: ["ignore", "pipe", "inherit", "ipc"] });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
});

test.afterAll(async () => {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  await database.cut();
});

test("a Host that is not ours gets nothing, whatever it asks", async () => {
  for (const path of ["/", "/settings/mail", "/_next/static/x.js"]) expect((await ask(port, path, { headers: { host: "evil.example" } })).status).toBe(404);
});

test("the signing origin answers 404 to everything, with a policy that allows nothing", async () => {
  for (const path of ["/", "/settings", "/approve/x", "/api/auth/session", "/_next/static/x.js"]) {
    const answer = await ask(port, path, { headers: { host: `sign.localhost:${port}` } });
    expect(answer.status).toBe(404);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  }
});

test("a changing request from another page is refused, and so is one that hides where it is from", async () => {
  const post = (headers: Record<string, string>) => ask(port, "/settings/mail", { method: "POST", body: "to=x", headers: { "x-forwarded-for": "203.0.113.7", ...headers } });
  for (const origin of ["http://evil.example", "null", `http://sign.localhost:${port}`, `http://localhost:${port}.evil.example`]) expect((await post({ origin })).status, origin).toBe(403);
  expect((await post({})).status).toBe(403);
  expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403);
});

test("an upgrade is a request like any other: judged, answered, and never left open", async () => {
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
  expect((await ask(port, "/", { headers: { ...upgrade, host: "evil.example" } })).status).toBe(404);
  expect((await ask(port, "/", { headers: upgrade })).status).toBe(200);
});

test("a path that would be read differently behind the door is nothing, and no way around a limit", async () => {
  for (const path of ["/_next/%2e%2e/api/ready", "/_next/../settings/mail", "//evil.example/", `http://evil.example/settings`]) expect((await ask(port, path)).status, path).toBe(404);
});

test("whatever carries no page carries a policy that allows nothing", async () => {
  const icon = await ask(port, "/favicon.ico");
  expect([icon.status, icon.headers["content-type"]]).toEqual([200, "image/x-icon"]);
  for (const path of ["/api/ready", "/api/nothing", "/favicon.ico", "/icon.svg"]) expect((await ask(port, path)).headers["content-security-policy"], path).toMatch(/default-src 'none'|nonce-/);
});

test("a body that is too large, or of unknown length, is refused before it is read", async () => {
  const headers = { origin: `http://localhost:${port}`, "x-forwarded-for": "203.0.113.8" };
  expect((await ask(port, "/settings/mail", { method: "POST", headers: { ...headers, "content-length": String(300 * 1024) } })).status).toBe(413);
});

test("a page carries a fresh nonce in its policy and in every inline script", async () => {
  const [first, second] = [await ask(port, "/"), await ask(port, "/")];
  const nonces = [first, second].map((answer) => /'nonce-([^']+)'/.exec(String(answer.headers["content-security-policy"]))?.[1]);
  expect(nonces[0]).toBeTruthy();
  expect(nonces[0]).not.toBe(nonces[1]);
  for (const [tag] of first.body.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonces[0]}"`);
  expect((await ask(port, "/no/such/page")).body).toContain("nonce=");
});

test("one address may change things 120 times a minute, and the next address is not touched by it", async () => {
  const post = (address: string) => ask(port, "/settings/mail", { method: "POST", body: "x=1", headers: { origin: `http://localhost:${port}`, "x-forwarded-for": `10.0.0.1, ${address}`, accept: "application/json" } });
  const statuses: number[] = [];
  for (let batch = 0; batch < 13; batch += 1) statuses.push(...(await Promise.all(Array.from({ length: 10 }, () => post("203.0.113.99")))).map(({ status }) => status));
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  const slowed = await post("203.0.113.99");
  expect(slowed.status).toBe(429);
  expect(Number(slowed.headers["retry-after"])).toBeGreaterThan(0);
  expect(JSON.parse(slowed.body)).toMatchObject({ code: "too_many", status: 429 });
  expect((await post("203.0.113.100")).status).not.toBe(429);
});

test("while the database is away readiness says so and pages are a plain 503; it comes back without a restart", async () => {
  expect((await ask(port, "/api/ready")).status).toBe(200);
  await database.cut();
  await expect.poll(async () => (await ask(port, "/api/ready")).status).toBe(503);
  const ready = JSON.parse((await ask(port, "/api/ready")).body) as { parts: { name: string; ready: boolean; says: string }[] };
  expect(ready.parts[0]).toEqual({ name: "database", ready: false, says: "does not answer" });
  const page = await ask(port, "/settings/system");
  expect(page).toMatchObject({ status: 503 });
  expect(page.headers["retry-after"]).toBe("5");
  expect(page.body).toContain("The database does not answer");
  expect(page.body).not.toContain("<script");
  expect((await ask(port, "/settings/system", { headers: { accept: "application/json" } })).headers["content-type"]).toBe("application/problem+json");
  expect((await ask(port, "/api/health")).status).toBe(200);
  await database.mend();
  await expect.poll(async () => (await ask(port, "/api/ready")).status).toBe(200);
  await expect.poll(async () => (await ask(port, "/settings/system")).status).toBe(200);
});

test.describe("in a browser", () => {
  test.use({ mayComplain: /status of 503/ });
  test("a form sent while the database is away says so and keeps what was typed; sent again later, it works", async ({ page }) => {
    await page.setExtraHTTPHeaders({ "x-forwarded-for": "203.0.113.120" });
    await page.goto(`http://localhost:${port}/settings/mail`);
    await page.getByLabel("Address").fill("kept@quillmoor.example");
    await database.cut();
    await page.getByRole("button", { name: "Send a test mail" }).click();
    await expect(page.getByText(/The database does not answer|No answer came/).first()).toBeVisible();
    await expect(page.getByLabel("Address")).toHaveValue("kept@quillmoor.example");
    await database.mend();
    await expect.poll(async () => (await ask(port, "/api/ready")).status).toBe(200);
    await page.getByRole("button", { name: "Send a test mail" }).click();
    await expect(page.getByRole("row", { name: /kept@quillmoor\.example/ })).toHaveCount(1);
  });

  test("a page opened while the database is away loads itself again when it is back", async ({ page }) => {
    await page.setExtraHTTPHeaders({ "x-forwarded-for": "203.0.113.121" });
    await database.cut();
    await page.goto(`http://localhost:${port}/settings/system`);
    await expect(page.getByRole("alert")).toContainText("Nothing is lost");
    await database.mend();
    await expect(page.getByRole("heading", { name: "All parts are in order" })).toBeVisible({ timeout: 15_000 });
  });
});
