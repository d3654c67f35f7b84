/** The demo becomes somebody's, in a real browser, against 51 real vaults; and goes again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { b64u, randomBytes } from "../lib/protocol/bytes.ts";
import { DemoInstance, expect, test } from "./demo.ts";
import { expectAccessible } from "./fixtures.ts";
import { plugIn, signingWindow, type Authenticator } from "./signing.ts";
import { taken } from "./people.ts";

// A whole instance comes up, 53 vaults are made, and 51 are connected.
test.describe.configure({ timeout: 300_000, mode: "serial" });

const linkIn = (said: string) => /http:\/\/localhost:\d+\/claim#[\w-]{43}/.exec(said)?.[0];

/** Claims with a name and two keys, until the page of the progress. */
async function claimWith(page: Page, link: string, name: string): Promise<Authenticator> {
  await plugIn(page);
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Claim it with my key" }).click();
  await expect(page.getByRole("heading", { name: "It is yours. Now the key that approves" })).toBeVisible();
  await taken(page);
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Make my signing key" }).click());
  const key = await plugIn(window);
  await window.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(page).toHaveURL(/\/claim\/progress$/);
  return key;
}

type Marks = { started: number; connected: number | null; read: number | null };
const marks = async (demo: DemoInstance): Promise<Marks | undefined> =>
  (await demo.sql<Marks>("select extract(epoch from started_at)::float8 as started, extract(epoch from connected_at)::float8 as connected, extract(epoch from read_at)::float8 as read from demo where started_at is not null"))[0];

test("whoever opens the printed link owns the demo with two keys, and its 51 clients are connected and read", async ({ page, demo }, info) => {
  const link = linkIn(await demo.start());
  expect(link).toBeDefined();

  await page.goto(`${demo.origin}/claim#${b64u(randomBytes(32))}`);
  await expect(page.getByRole("heading", { name: "This link claims nothing" })).toBeVisible();
  await page.goto(link!);
  await expect(page.getByText("One touch. It opens this console")).toBeVisible();
  await expect(page.getByText("Two touches in a window of its own")).toBeVisible();
  await expectAccessible(page);

  const beganAt = performance.now();
  await claimWith(page, link!, "Ines Halloran");
  await expect.poll(async () => (await marks(demo))?.read ?? null, { timeout: 90_000, intervals: [200] }).not.toBeNull();
  const { started, connected, read } = (await marks(demo))!;
  info.annotations.push({ type: "measured", description: `51 connected ${(connected! - started).toFixed(1)} s after the second key, all read after ${(read! - started).toFixed(1)} s; ${((performance.now() - beganAt) / 1_000).toFixed(1)} s from opening the link` });

  await expect(page.getByRole("heading", { name: "Your clients are connected" })).toBeVisible();
  await expect(page.getByText("of 51 vaults connected and read")).toBeVisible();
  await expect(page.getByText(/This is a demo:/)).toBeVisible();
  await expectAccessible(page);
  const states = await demo.sql<{ state: string; count: number }>("select state, count(*)::int as count from vault group by state");
  expect(states).toEqual([{ state: "unconfirmed", count: 51 }]);
  expect(await demo.sql("select 1 from inbox_key where replaced_at is null")).toHaveLength(20);
});
