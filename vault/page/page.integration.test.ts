// The vault's own page in a real browser, with a virtual security key: a new vault, a provider connected, seen, and ended.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { code2, connectLink, refuseReply } from "#lib/protocol/connect.ts";
import type { ConnectRequest, SignedConnectReply } from "#lib/protocol/messages.ts";
import { startVaults, type RunningVaults } from "../start.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { connectRequest, WIDE } from "../testing/world.ts";

let dir: string;
let vaults: RunningVaults;
let browser: Browser;
let page: Page;
let msp: Server;
let posted = "";
const complaints: string[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "page-"));
  vaults = await startVaults({ dir, port: 0 });
  msp = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").setHeader("Access-Control-Allow-Headers", "content-type");
    request.on("data", (part: Buffer) => (posted += String(part)));
    request.on("end", () => response.end("{}"));
  });
  await new Promise<void>((resolve) => {
    msp.listen(0, "127.0.0.1", resolve);
  });
  const system = "/usr/bin/chromium";
  browser = await chromium.launch({ ...(existsSync(system) ? { executablePath: system } : {}), args: ["--no-sandbox", "--disable-gpu"] });
  page = await browser.newPage({ viewport: { width: 900, height: 1200 } });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf: true },
  });
});
afterAll(async () => {
  await browser.close();
  msp.close();
  await vaults.close();
  rmSync(dir, { recursive: true, force: true });
});

const button = (name: RegExp | string): ReturnType<Page["getByRole"]> => page.getByRole("button", { name });
const heading = (name: RegExp | string): Promise<void> => page.getByRole("heading", { name }).waitFor();

test("an owner makes a vault, connects a provider after comparing two codes, sees it, and ends it", async () => {
  await page.goto(`${vaults.origin}/`);
  await page.getByLabel("Name of the vault").fill("Acme Ltd");
  await button("Create it with your security key").click();
  await heading("The vault is ready");
  const url = (await page.locator("p.code").first().textContent())!;
  expect(await page.getByLabel("Token").inputValue()).toMatch(/^cvt_/);
  expect(await page.locator(".note").count()).toBe(0); // the key derives, so L3 is there

  const origin = `http://localhost:${(msp.address() as AddressInfo).port}`;
  const keys = [1, 2].map(() => new SoftwareKey({ rpId: "sign.localhost", origin: "http://sign.localhost:1" }));
  const change: Partial<ConnectRequest> = { msp: { name: "Northwind IT <b>", origin }, reply_to: `${origin}/api/connect`, want: { ...WIDE, all_access: "yes" } };
  const { request } = await connectRequest(keys, change, origin);
  await page.goto(connectLink(url, request));
  await page.getByText("Northwind IT <b>").waitFor();
  await button("Sign in with your security key").click();
  await heading(/Connect a provider to/);

  const connect = button("Connect with your security key");
  await connect.click();
  await page.getByText("Compare the code first").waitFor();
  await page.getByLabel("I compared the code").check();
  await connect.click();
  await page.getByText("Confirm the far-reaching part").waitFor();
  await page.getByLabel("I have read that they may").check();
  await connect.click();
  await heading("Connected");
  await page.getByText("Your provider has the answer.").waitFor();
  const { reply, signature } = JSON.parse(posted) as SignedConnectReply;
  expect(await refuseReply(reply, signature, request)).toBeNull();
  const shown = (await page.locator("p.code").textContent())!.replaceAll(" ", "");
  expect(shown).toBe(code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }));
  expect(page.url()).not.toContain("#");

  await button("End this connection").click();
  await button("End it now with your security key").click();
  await page.getByText("None. To connect one").waitFor();
  expect(complaints).toEqual([]);
});

test("a link that was cut says so, and asks for no key", async () => {
  await page.goto("about:blank");
  await page.goto(`${vaults.origin}/${vaults.host.ids()[0]!}/connect#AAAA`);
  await heading("This link is damaged");
  expect(await page.getByRole("button").count()).toBe(0);
});
