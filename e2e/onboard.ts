/** What onboarding needs in a browser: the host of the clients' vaults, a client's owner with a key of their own, an MSP that can sign. */
import type { Browser, Page } from "@playwright/test";
import { startVaultHost, temporaryFolder, type VaultHost } from "../sandbox/clients/testing.ts";
import { op } from "../vault/testing/client.ts";
import { registerVault, type OwnedVault } from "../vault/testing/world.ts";
import { parseConnectFragment } from "../lib/protocol/connect.ts";
import type { SignedConnectReply } from "../lib/protocol/messages.ts";
import { instance } from "./fixtures.ts";
import { expect, found } from "./people.ts";
import { plugIn, signingWindow, type Authenticator } from "./signing.ts";

export type Vaults = { host: VaultHost; end(): Promise<void> };
export async function clientsVaults(): Promise<Vaults> {
  const folder = temporaryFolder();
  const host = await startVaultHost(folder.path);
  return { host, end: async () => (await host.stop(), folder.remove()) };
}

type Stored = Awaited<ReturnType<Authenticator["keys"]>>;

/** An owner of an MSP with two signing keys, signed in on this page. */
export async function signers(page: Page): Promise<Stored> {
  await plugIn(page);
  await found(page);
  let keys: Stored = [];
  for (const label of ["Desk", "Safe"]) {
    await page.goto("/settings/signing-keys");
    await page.getByLabel("Name of the key").fill(label);
    const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing window" }).click());
    const key = await plugIn(window);
    await window.getByRole("button", { name: "Touch your new signing key" }).click();
    await expect(window.getByRole("heading", { name: `“${label}” is a signing key now` })).toBeVisible();
    keys = label === "Desk" ? await key.keys() : keys;
  }
  return keys;
}

export type Owner = { page: Page; address: string; close(): Promise<void> };
/** A client's owner in a browser of their own, with a new vault made on the vault's own page. */
export async function clientsOwner(browser: Browser, { host }: Vaults, name: string): Promise<Owner> {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await plugIn(page, { transport: "internal" });
  await page.goto(`${host.origin}/`);
  await page.getByLabel("Name of the vault").fill(name);
  await page.getByRole("button", { name: "Create it with your security key" }).click();
  await expect(page.getByRole("heading", { name: "The vault is ready" })).toBeVisible();
  return { page, address: (await page.locator("p.code").first().textContent())!, close: () => context.close() };
}

/** The owner opens the link at their own vault, compares, and taps. Code 1 as their page shows it. */
export async function ownerTaps({ page }: Owner, link: string): Promise<{ code1: string }> {
  await page.goto(link);
  const code1 = (await page.locator("p.code").first().textContent())!;
  await page.getByRole("button", { name: "Sign in with your security key" }).click();
  await page.getByLabel("I compared the code").check();
  await page.getByRole("button", { name: "Connect with your security key" }).click();
  await expect(page.getByRole("heading", { name: "Compare this second code" })).toBeVisible();
  return { code1 };
}

/** A vault of a client whose owner is a program: for many at once. */
export const softwareOwner = async ({ host }: Vaults, name: string): Promise<OwnedVault & { address: string }> => {
  const owned = await registerVault(host, name);
  return { ...owned, address: `${host.origin}/${owned.owner.account.vaultId}` };
};

/** Their tap, and the reply brought to the console's public door as their page would. */
export async function softwareTap({ owner, key }: OwnedVault, link: string): Promise<{ reply: SignedConnectReply; status: number }> {
  const request = parseConnectFragment(link.split("#")[1]!);
  const { receipt } = await owner.must([op("POST", "/connect", { adopt: [], grant: request.want, request, roles: [] })], { keys: [key] });
  const reply = receipt.results[0]!.connect!;
  const answer = await fetch(request.reply_to, { method: "POST", headers: { "Content-Type": "application/json", Origin: "https://vault.example.com" }, body: JSON.stringify(reply) });
  return { reply, status: answer.status };
}

/** Steps 1 and 2: a client, and the link to their vault. */
export async function askClient(page: Page, name: string, address: string): Promise<string> {
  await page.goto("/clients/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel(/^Contact/).fill("Imogen Sarkis");
  await page.getByLabel(/^Telephone/).fill("+44 20 7946 0000");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Where is the vault, and what do we ask?");
  await page.getByLabel("Address of the vault").fill(address);
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ask their IT admin for one tap");
  return page.getByLabel("Connect link").inputValue();
}

export const spoken = (code: string): string => (code.replaceAll(" ", "").match(/.{4}/g) ?? []).map((group) => [...group].join(" ")).join(", ");
export const consoleOrigin = () => instance.origin;
