/** A matrix to look at: a portfolio planted into the organisation of whoever signed up, through the administrator's hand. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import pg from "pg";
import { urls } from "../launch/database.mjs";
import type { Facts } from "../lib/matrix/facts.ts";
import { plant, type Planted } from "../lib/matrix/testing/organisation.ts";
import { portfolio } from "../lib/matrix/testing/portfolio.ts";
import { expect, instance } from "./fixtures.ts";
import { found, sql } from "./people.ts";

export type Seen = { facts: Facts; planted: Planted; mspId: string; email: string };

/** Signs up, plants, and opens the matrix (or leaves that to the test). `edit`: what this test needs to be otherwise. */
export async function plantMatrix(page: Page, { clients, technicians, open = "/matrix", edit = (same) => same }: { clients: number; technicians: number; open?: string | null; edit?: (facts: Facts) => Facts }): Promise<Seen> {
  const { email } = await found(page);
  const [{ msp_id: mspId }] = (await sql<{ msp_id: string }>("select msp_id from person where email = $1", [email])) as [{ msp_id: string }];
  const made = portfolio({ clients, technicians, at: Date.now() });
  const facts = edit({ ...made, rows: made.rows.map((row, at) => ({ ...row, place: row.place || ["Bath", "Lund", "Graz"][at % 3]! })) });
  const read = (name: string) => JSON.parse(readFileSync(join(instance.folder, name), "utf8")) as Record<string, string> & Record<string, number>;
  const { ADMIN_DATABASE_URL, DATABASE_URL } = urls(read("ports.json").database!, read("secrets.json"));
  const admin = new pg.Client({ connectionString: Object.assign(new URL(ADMIN_DATABASE_URL), { pathname: new URL(DATABASE_URL).pathname }).href });
  await admin.connect();
  const planted = await plant(admin, mspId, facts);
  await admin.end();
  if (open !== null) await page.goto(open);
  return { facts, planted, mspId, email };
}

export const gridOf = (page: Page): Locator => page.getByRole("grid");
/** The cell that has the focus; its name is the whole sentence. */
export const focusedName = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");

/** Waits until the grid stands and holds the focus. */
export async function enterGrid(page: Page): Promise<void> {
  await expect(gridOf(page)).toBeVisible();
  await page.getByRole("grid").locator('[tabindex="0"]').focus();
}
