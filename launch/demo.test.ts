import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { claimOf } from "../lib/demo/code.ts";

// The launcher reads where its instance lies once, when it is loaded.
const folder = vi.hoisted(() => {
  const made = `${process.env.TMPDIR ?? "/tmp"}/clavitor-demo-${process.pid}-${Math.random().toString(36).slice(2)}`;
  process.env.CLAVITOR_DATA = made;
  return made;
});
const { claimLink, demoSettings, isUnclaimed, removedMark, withDemo } = await import("./demo.mjs");
const { localEnvironment, partEnvironment } = await import("./environment.mjs");
const { forgetDemoSecrets, localSecrets } = await import("./secrets.mjs");

const ports = { console: 3000, database: 5499, smtp: 2525, mail: 8025, vaults: 4100, clients: 4101 };
beforeEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a claim code", () => {
  test("is in the printed link and in the secrets; console and worker are told its SHA-256 only", () => {
    const secrets = localSecrets();
    const link = new URL(claimLink("http://localhost:3000", "quillmoor", secrets));
    const code = link.hash.slice(1);
    expect(link.pathname).toBe("/claim");
    const env = localEnvironment({ ports, secrets, databaseUrls: {}, dev: false });
    for (const part of ["console", "worker", "client admins", "client vaults", "mail sink"]) expect(JSON.stringify(partEnvironment(part, env)), part).not.toContain(code);
    expect(partEnvironment("worker", env)).not.toHaveProperty("CLAIM_SHA256");
    expect(claimOf(code, partEnvironment("console", env).CLAIM_SHA256!.split(","))).toMatchObject({ demo: "quillmoor" });
  });
  test("is kept over starts, and another one for each provider", () => {
    const codes = ["quillmoor", "fernhill"].map((msp) => claimLink("http://localhost:3000", msp, localSecrets()));
    expect(new Set(codes).size).toBe(2);
    expect(["quillmoor", "fernhill"].map((msp) => claimLink("http://localhost:3000", msp, localSecrets()))).toEqual(codes);
  });
});

describe("whether it is still unclaimed", () => {
  let server: Server;
  let status = 200;
  const heard: { host: string | undefined; origin: string | undefined; body: string }[] = [];
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => (heard.push({ host: request.headers.host, origin: request.headers.origin, body: Buffer.concat(parts).toString() }), response.writeHead(status).end("{}")));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void server.close());

  test("is asked under the console's own name, wherever that name leads", async () => {
    expect(await isUnclaimed(address(), "http://console.localhost:3000", "abc")).toBe(true);
    expect(heard.at(-1)).toEqual({ host: "console.localhost:3000", origin: "http://console.localhost:3000", body: '{"secret":"abc"}' });
  });
  test.each([[200, true], [503, true], [410, false], [404, false], [500, false]])("an answer of %i means %s", async (given, expected) => {
    status = given;
    expect(await isUnclaimed(address(), "http://localhost:3000", "abc")).toBe(expected);
  });
  test("no answer means that nothing is printed", async () => expect(await isUnclaimed("http://127.0.0.1:9", "http://localhost:3000", "abc")).toBe(false));
});

describe("with the demo or without", () => {
  test("with it at first, without after a removal, and with it again when asked for", () => {
    vi.stubEnv("CLAVITOR_DEMO", undefined);
    localSecrets();
    expect(withDemo()).toBe(true);
    writeFileSync(removedMark(), "");
    expect(withDemo()).toBe(false);
    vi.stubEnv("CLAVITOR_DEMO", "1");
    expect(withDemo()).toBe(true);
  });
  test("an instance without it knows nothing of it", () => {
    vi.stubEnv("CLAVITOR_DEMO", "0");
    const env = localEnvironment({ ports, secrets: localSecrets(), databaseUrls: {}, dev: false });
    expect(env).not.toHaveProperty("DEMO_DOOR");
    expect(env).not.toHaveProperty("CLAIM_SHA256");
  });
  test("forgetting its secrets leaves every other secret as it is", () => {
    const before = localSecrets();
    forgetDemoSecrets();
    const kept = JSON.parse(readFileSync(join(folder, "secrets.json"), "utf8")) as Record<string, string>;
    expect(kept).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => !["demoSeed", "claimQuillmoor", "claimFernhill"].includes(name))));
    expect(Object.keys(kept)).toHaveLength(9);
    expect((localSecrets() as Record<string, string>).demoSeed).not.toBe((before as Record<string, string>).demoSeed);
  });
  test("its settings are what the console judges at its start", () => {
    const { DEMO_DOOR, CLAIM_SHA256 } = demoSettings({ ports, secrets: localSecrets() });
    expect(DEMO_DOOR).toBe("http://127.0.0.1:4101");
    expect(CLAIM_SHA256).toMatch(/^quillmoor:[\w-]{43},fernhill:[\w-]{43}$/);
  });
});
