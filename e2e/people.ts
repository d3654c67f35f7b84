/** People in the browser: a virtual authenticator with real WebAuthn, an organisation of one's own, and the database's hand. */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import pg from "pg";
import { urls } from "../launch/database.mjs";
import { expect, instance, test as base } from "./fixtures.ts";

export { expect };

export type Authenticator = { id: string; session: CDPSession; credentials(): Promise<{ credentialId: string }[]>; present(on: boolean): Promise<void> };

/** A security key of a kind that browsers know: keeps its credentials, checks its holder, is touched at once. */
export async function authenticatorOf(page: Page): Promise<Authenticator> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId: id } = await session.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "usb", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return {
    id, session,
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials,
    present: (on) => session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: id, enabled: on }).then(() => undefined),
  };
}

/** The database as its administrator has it, for as long as the work lasts. */
export async function administrator<Value>(work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const read = (name: string) => JSON.parse(readFileSync(join(instance.folder, name), "utf8")) as Record<string, string> & Record<string, number>;
  const { ADMIN_DATABASE_URL, DATABASE_URL } = urls(read("ports.json").database!, read("secrets.json"));
  const client = new pg.Client({ connectionString: Object.assign(new URL(ADMIN_DATABASE_URL), { pathname: new URL(DATABASE_URL).pathname }).href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Exactly as an administrator sees it: to make time pass, and to look. */
export const sql = <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => administrator(async (client) => (await client.query<Row>(text, values)).rows);

/** An address of one's own behind the proxy that the instance trusts, so that tests do not share rate limits. */
export const anyAddress = (): string => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;

export const test = base.extend<{ authenticator: Authenticator }>({
  extraHTTPHeaders: async ({}, use) => use({ "x-forwarded-for": anyAddress() }),
  authenticator: async ({ page }, use) => use(await authenticatorOf(page)),
});

export const anyEmail = (): string => `${crypto.randomUUID().slice(0, 8)}@quillmoor.example`;

/** Waits until the page's script has taken its buttons over: a press before that is nobody's. */
export async function taken(page: Page): Promise<void> {
  await page.waitForFunction(() => [...document.querySelectorAll("main button, header button")].every((button) => Object.keys(button).some((key) => key.startsWith("__react"))));
}

/** Starts an organisation through its page; the browser is signed in afterwards. */
export async function found(page: Page, { organisation = "Quillmoor IT", name = "Ines Halloran", email = anyEmail() } = {}): Promise<{ email: string }> {
  await page.goto("/sign-up");
  await page.getByLabel("Organisation").fill(organisation);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Your mail address").fill(email);
  await page.getByRole("button", { name: "Start it with my key" }).click();
  await expect(page).toHaveURL(/\/settings\/organisation$/);
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await taken(page);
  return { email };
}

export async function signOut(page: Page): Promise<void> {
  await taken(page);
  await page.getByRole("button", { name: /: account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole("button", { name: "Touch your key" })).toBeVisible();
}

export async function signIn(page: Page): Promise<void> {
  await taken(page);
  await page.getByRole("button", { name: "Touch your key" }).click();
}

/** Somebody else, in a browser of their own with a key of their own. */
export async function stranger(page: Page): Promise<{ page: Page; context: BrowserContext; authenticator: Authenticator }> {
  const context = await page.context().browser()!.newContext({ baseURL: instance.origin, extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
  const other = await context.newPage();
  return { page: other, context, authenticator: await authenticatorOf(other) };
}

export const sessionIdOf = async (email: string): Promise<string> => {
  const rows = await sql<{ session_id: string }>("select s.session_id from session s join person p using (msp_id, person_id) where p.email = $1 and s.revoked_at is null order by s.created_at desc limit 1", [email]);
  return rows[0]!.session_id;
};
