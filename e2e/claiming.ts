/** The demo, claimed in a browser: shared by the tests of the claim and of the working day after it. */
import type { Page, TestInfo } from "@playwright/test";
import { expect, type DemoInstance } from "./demo.ts";
import { taken } from "./people.ts";
import { plugIn, signingWindow, type Authenticator } from "./signing.ts";

/** Kept with the run, and printed with it. */
export function measured(info: TestInfo, description: string): void {
  info.annotations.push({ type: "measured", description });
  process.stdout.write(`     ${description}\n`);
}

export const linkIn = (said: string) => /http:\/\/localhost:\d+\/claim#[\w-]{43}/.exec(said)?.[0];
export type Keys = Awaited<ReturnType<Authenticator["keys"]>>;

/** Claims with a name and two keys, until the page of the progress. Returns the signing keys, for windows to come. */
export async function claimWith(page: Page, link: string, name: string): Promise<Keys> {
  await plugIn(page);
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Claim it with my key" }).click();
  await expect(page.getByRole("heading", { name: "It is yours. Now the key that approves" })).toBeVisible();
  await taken(page);
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Make my signing key" }).click());
  const key = await plugIn(window);
  await window.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(window.getByRole("heading", { name: "is a signing key now" })).toBeVisible();
  const keys = await key.keys();
  await expect(page).toHaveURL(/\/claim\/progress$/);
  return keys;
}

type Marks = { started: number; connected: number | null; read: number | null };
export const marks = async (demo: DemoInstance): Promise<Marks | undefined> =>
  (await demo.sql<Marks>("select extract(epoch from started_at)::float8 as started, extract(epoch from connected_at)::float8 as connected, extract(epoch from read_at)::float8 as read from demo where started_at is not null"))[0];
export const states = (demo: DemoInstance) => demo.sql<{ state: string; count: number }>("select state, count(*)::int as count from vault group by state order by state");
export const count = async (demo: DemoInstance, from: string) => (await demo.sql<{ count: number }>(`select count(*)::int as count from ${from}`))[0]!.count;
export const settled = (demo: DemoInstance, timeout = 90_000) => expect.poll(async () => (await marks(demo))?.read ?? null, { timeout, intervals: [200] }).not.toBeNull();
