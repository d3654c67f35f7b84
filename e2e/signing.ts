/** Keys for browser tests: Chromium's own virtual authenticators, real WebAuthn, PRF on. Each tab needs its own. */
import type { CDPSession, Page } from "@playwright/test";
import { b64u, randomBytes } from "../lib/protocol/bytes.ts";
import { inboxKeyChallenge } from "../lib/protocol/inbox.ts";
import type { InboxStatement } from "../lib/protocol/messages.ts";
import { createDevice, type Device } from "../lib/protocol/testing/authenticator.ts";
import { instance } from "./fixtures.ts";
import { expect } from "./people.ts";

export const signOrigin = () => `http://sign.localhost:${new URL(instance.origin).port}`;

type Stored = { credentialId: string; isResidentCredential: boolean; rpId?: string; privateKey: string; signCount: number; userHandle?: string };
export type Authenticator = { cdp: CDPSession; id: string; keys(): Promise<Stored[]>; touch(on: boolean): Promise<void> };

/** A key plugged into this tab; one `beside` another is touched only when the test says so. `holding`: what was made in another tab before (its PRF is lost on the way). */
export async function plugIn(page: Page, { transport = "usb", holding = [] as readonly Stored[], verified = true, synced = false, prf = true, beside = undefined as Authenticator | undefined } = {}): Promise<Authenticator> {
  const cdp = beside?.cdp ?? (await page.context().newCDPSession(page));
  if (!beside) await cdp.send("WebAuthn.enable");
  const { authenticatorId: id } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", ctap2Version: "ctap2_1", transport: transport as "usb", hasResidentKey: true, hasUserVerification: true, isUserVerified: verified, hasPrf: prf, automaticPresenceSimulation: !beside, defaultBackupEligibility: synced, defaultBackupState: synced },
  });
  for (const credential of holding) await cdp.send("WebAuthn.addCredential", { authenticatorId: id, credential: { ...credential, signCount: credential.signCount + 100 } });
  const touch = async (on: boolean) => void (await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: id, enabled: on }));
  return { cdp, id, touch, keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials };
}

/** Invites a technician from the owner's page; returns the one-time link. */
export async function invite(page: Page): Promise<string> {
  await page.goto("/settings/members");
  await page.getByRole("button", { name: /^Invite/ }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Mail address").fill(`${crypto.randomUUID().slice(0, 8)}@quillmoor.example`);
  await dialog.getByRole("checkbox", { name: /Technician/ }).check();
  await dialog.getByRole("button", { name: "Invite with a key" }).click();
  return dialog.getByLabel("One-time link").inputValue();
}

export async function join(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join with my key" }).click();
  await expect(page).toHaveURL(/\/overview$/);
}

/** A press that opens a signing window, and the window. */
export async function signingWindow(page: Page, press: () => Promise<void>): Promise<Page> {
  const opening = page.context().waitForEvent("page");
  await press();
  const window = await opening;
  await window.waitForURL(/\/approve\//);
  return window;
}

// What a server could say to the signing page, honest or not: statements are made and signed here.

export type Offered = { statement: InboxStatement; assertion: { authenticator_data: string; client_data_json: string; signature: string }; passkey: { public_key: string; backup_eligible: boolean; label: string }; made_at: number; replaces: boolean };

export async function offered(name: string, device?: Device): Promise<Offered> {
  const passkey = device ?? (await createDevice({ origin: instance.origin }));
  const now = Math.floor(Date.now() / 1000);
  const statement: InboxStatement = { kem: "x25519", msp: instance.origin, name, not_after: now + 300 * 86_400, public_key: b64u(Uint8Array.from(randomBytes(32), (byte, at) => (at === 31 ? 9 : byte))), technician: crypto.randomUUID(), v: 1 };
  return { statement, assertion: await passkey.sign(inboxKeyChallenge(statement)), passkey: { public_key: passkey.publicKey, backup_eligible: false, label: "Belt" }, made_at: now - 600, replaces: false };
}

const common = { v: 1, msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, seconds_left: 600 };
export const toEndorse = (statements: readonly Offered[], signer: string) => ({ ...common, kind: "endorse", secret: b64u(randomBytes(32)), signers: [{ id: signer, label: "Desk", transports: ["usb"] }], statements });
export const toEnrol = (more: object = {}) => ({ ...common, kind: "enrol", secret: b64u(randomBytes(32)), label: "Desk", hardware_bound: false, known: [], ...more });

export type Heard = { door: string; body: Record<string, unknown> };

/**
 * Opens the signing page against a server of our own making: `offer` is what it says for the ticket. Everything that the page
 * sends afterwards is kept, and so is how often it asked for a tap.
 */
export async function against(page: Page, offer: unknown): Promise<{ heard: Heard[]; taps: () => Promise<number> }> {
  const heard: Heard[] = [];
  await page.addInitScript(() => {
    const counted = window as unknown as { taps?: number };
    // Blank pages between two visits have no credentials; a page that is visited twice has this script twice.
    if (counted.taps !== undefined || !("credentials" in navigator) || !isSecureContext) return;
    counted.taps = 0;
    for (const name of ["get", "create"] as const) {
      const real = navigator.credentials[name].bind(navigator.credentials);
      Object.defineProperty(navigator.credentials, name, { value: (options: object) => ((counted.taps = (counted.taps ?? 0) + 1), real(options)) });
    }
  });
  await page.route("**/api/signing/*", async (route) => {
    const door = route.request().url().split("/").at(-1)!;
    if (door === "trade") return route.fulfill({ json: offer });
    heard.push({ door, body: route.request().postDataJSON() as Record<string, unknown> });
    return route.fulfill({ json: {} });
  });
  await page.goto(`${signOrigin()}/approve/${crypto.randomUUID()}#${b64u(randomBytes(32))}`);
  return { heard, taps: () => page.evaluate(() => (window as unknown as { taps: number }).taps) };
}
