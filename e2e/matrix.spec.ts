/** The matrix by keyboard only, and again through what a screen reader is told. */
import type { Page } from "@playwright/test";
import { cellOf, flag, FULL, isHeld } from "../lib/matrix/facts.ts";
import { enterGrid, focusedName, gridOf, plantMatrix, type Seen } from "./matrix.ts";
import { expectAccessible } from "./fixtures.ts";
import { expect, sql, test } from "./people.ts";

const size = { clients: 60, technicians: 14 };
const peopleOf = ({ facts }: Seen, row: number) => facts.people.filter((_, column) => { const cell = cellOf(facts, row, column); return isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & (flag.gone | flag.own)) === 0; });
const find = async (page: Page, text: string) => {
  await enterGrid(page);
  await page.keyboard.press("/");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
};
const rowsShown = async (page: Page) => Number(await gridOf(page).getAttribute("aria-rowcount")) - 1;
const staged = (mspId: string) => sql<{ count: number }>("select count(*)::int as count from staged_cell where msp_id = $1", [mspId]).then(([row]) => row!.count);

test("who can open a client, what a technician opens, who has no second networking person, who is at the limit: by keyboard", async ({ page, authenticator: _ }) => {
  const seen = await plantMatrix(page, size);
  const { facts } = seen;
  // Who can open it: two keys and the name.
  await find(page, "=1+1");
  expect(await rowsShown(page)).toBe(1);
  await page.keyboard.press("Home");
  await page.keyboard.press("Home");
  expect(await focusedName(page)).toContain(`${peopleOf(seen, 0).length} people`);
  // What a technician opens: one column is left, and the head says how many.
  await page.keyboard.press("/");
  await page.keyboard.press("Backspace");
  for (let n = 0; n < 8; n += 1) await page.keyboard.press("Backspace");
  await page.keyboard.type("tech:sarah");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(gridOf(page)).toHaveAttribute("aria-colcount", "2");
  await expect(page.getByRole("columnheader", { name: /^Sarah Lindqvist/ })).toBeVisible();

  await page.goto("/matrix?q=role:networking holders:<2");
  await expect(gridOf(page)).toBeVisible();
  const few = facts.rows.filter((_, row) => facts.people.filter((_person, column) => { const cell = cellOf(facts, row, column); return (facts.cells.access[cell]! & 1) !== 0 && (facts.cells.flags[cell]! & flag.gone) === 0; }).length < 2);
  expect(await rowsShown(page)).toBe(few.length);
  await page.goto("/matrix?q=state:limit");
  await expect(gridOf(page)).toBeVisible();
  expect(await rowsShown(page)).toBe(facts.rows.filter((row) => row.tokensLimit !== null && row.tokensUsed >= row.tokensLimit).length);
});

test("make one like another except three clients, undo all of it, and a draft that survives a reload", async ({ page, authenticator: _ }) => {
  const seen = await plantMatrix(page, size);
  await enterGrid(page);
  await page.keyboard.press("l");
  const dialog = page.getByRole("dialog", { name: "Make one like another" });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("like", { exact: true }).selectOption({ label: "Priya Raman" });
  const except = dialog.getByLabel("Except these clients");
  for (const name of ["=1+1", "مكتبة", "Municipal Waterworks Coop"]) {
    await except.fill(name);
    const tick = dialog.getByRole("checkbox", { name: new RegExp(name.replace("+", String.raw`\+`)) }).first();
    await tick.focus();
    await page.keyboard.press("Space");
  }
  await except.focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect.poll(() => staged(seen.mspId)).toBeGreaterThan(0);
  const excepted = await sql<{ name: string }>("select distinct c.name from staged_cell s join vault v using (msp_id, vault_ref) join client c using (msp_id, client_id) where s.msp_id = $1", [seen.mspId]);
  expect(excepted.filter(({ name }) => /^(=1\+1|مكتبة|Municipal Waterworks Coop)/.test(name))).toEqual([]);

  const count = await staged(seen.mspId);
  await page.reload();
  await enterGrid(page);
  await expect(page.getByText("Draft saved")).toBeVisible();
  expect(await staged(seen.mspId)).toBe(count);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("u");
  await expect(page.getByText("Nothing staged")).toBeVisible();
  await page.keyboard.press("z");
  await expect(page.getByText("Nothing staged")).toBeHidden();
  await page.keyboard.press("Shift+Z");
  await expect(page.getByText("Nothing staged")).toBeVisible();
  await expect.poll(() => staged(seen.mspId)).toBe(0);
});

test("the focus is never lost, however far the grid is scrolled, and one Tab leaves it", async ({ page, authenticator: _ }) => {
  await plantMatrix(page, { clients: 300, technicians: 40 });
  await enterGrid(page);
  await page.keyboard.press("ArrowDown");
  const name = await focusedName(page);
  await gridOf(page).evaluate((root) => root.scrollTo(9_000, 9_000));
  await expect.poll(() => page.getByRole("row", { name: /./ }).count()).toBeGreaterThan(5);
  expect(await focusedName(page)).toBe(name);
  await page.keyboard.press("ArrowDown");
  expect(await focusedName(page)).not.toBe(name);
  expect(await page.evaluate(() => document.activeElement!.getBoundingClientRect().top)).toBeLessThan(300);
  expect(await page.locator(".mx-c").count()).toBeLessThanOrEqual(1_500);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("[role=grid]") === null)).toBe(true);
});

test("through the accessibility tree: every cell says the whole sentence, rows and columns have their absolute numbers, and axe finds nothing", async ({ page, authenticator: _ }) => {
  const { facts } = await plantMatrix(page, size);
  await page.goto("/matrix?q=state:drift");
  await enterGrid(page);
  const drifted = facts.cells.flags.findIndex((flags) => (flags & flag.gone) !== 0);
  const row = facts.rows[Math.floor(drifted / facts.people.length)]!;
  const cell = page.getByRole("gridcell", { name: new RegExp(`${facts.people[drifted % facts.people.length]!.name}: drift: .* wanted, removed in the vault`) });
  await expect(cell).toBeAttached();
  await expect(cell).toHaveAttribute("aria-colindex", "2");
  await expect(page.getByRole("rowheader", { name: new RegExp(`^${row.name}`) }).first()).toBeAttached();
  await page.goto("/matrix");
  await enterGrid(page);
  await expect(gridOf(page)).toHaveAttribute("aria-rowcount", "61");
  await expect(gridOf(page)).toHaveAttribute("aria-colcount", "15");
  await page.keyboard.press("Control+End");
  expect(await page.evaluate(() => [document.activeElement!.getAttribute("aria-colindex"), document.activeElement!.parentElement!.getAttribute("aria-rowindex")])).toEqual(["15", "61"]);
  await page.keyboard.press("f");
  await expect(page.getByRole("status").filter({ hasText: "Staged full access: 1 cell" })).toBeAttached();
  await expectAccessible(page);
  // The same questions in the lists, as a screen reader and a phone have them.
  await page.goto(`/matrix?lens=clients&q=${encodeURIComponent('"=1+1"')}`);
  await expect(page.getByRole("list", { name: "Clients and who can open them" })).toBeVisible();
  const full = facts.people.filter((_, column) => (facts.cells.access[column]! & FULL) !== 0);
  for (const person of full) await expect(page.getByText(person.name).first()).toBeVisible();
  await expectAccessible(page);
  await page.goto("/matrix?lens=technicians&q=tech:sarah");
  await expect(page.getByRole("button", { name: /^Sarah Lindqvist/ })).toBeVisible();
  await expectAccessible(page);
  await page.goto("/matrix?lens=clients&q=role:networking holders:<2");
  await expect(page.getByRole("list", { name: "Clients and who can open them" })).toBeVisible();
  await page.goto("/matrix?lens=clients&q=state:limit");
  await expect(page.getByText(", at the limit").first()).toBeAttached();
});

test("a phone has the list, stages in it, and no grid", async ({ page, authenticator: _ }) => {
  const { mspId } = await plantMatrix(page, { ...size, open: null });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/matrix?q=tag:vip");
  await expect(page.getByRole("list", { name: "Clients and who can open them" })).toBeVisible();
  await expect(gridOf(page)).toBeHidden();
  await page.getByRole("list", { name: "Clients and who can open them" }).getByRole("button").first().click();
  await page.getByRole("button", { name: /^Change / }).first().click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await expect.poll(() => staged(mspId)).toBe(1);
  await expectAccessible(page);
  // Under a thumb four places stand side by side; the rest are one press further.
  const main = page.getByRole("navigation", { name: "Main" });
  await expect(main.getByRole("link")).toHaveText(["Overview", "Matrix", "Plans", "Clients"]);
  await main.getByRole("button", { name: "More" }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Technicians", "Roles", "Billing", "Settings"]);
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Roles" }).click();
  await expect(page).toHaveURL(/\/roles$/);
});

test("what a vault is read to hold anew stands in its cell without a reload", async ({ page, authenticator: _ }) => {
  const { facts, planted, mspId } = await plantMatrix(page, size);
  await enterGrid(page);
  await page.keyboard.press("Control+Home");
  const [at, person] = [0, facts.people[0]!];
  await sql("update known_agent set all_access = true where msp_id = $1 and vault_ref = $2 and person_id = $3", [mspId, planted.vaultRefs[at], person.id]);
  await sql("select pg_notify('known', $1)", [JSON.stringify({ msp_id: mspId, vault_ref: planted.vaultRefs[at] })]);
  await expect(page.getByRole("gridcell", { name: new RegExp(`^=1\\+1 Accounting.*${person.name}: full access`) })).toBeAttached();
});

test("letters do nothing when single keys are switched off, arrows still move", async ({ page, authenticator: _ }) => {
  await plantMatrix(page, { ...size, open: null });
  await page.context().addCookies([{ name: "keys", value: "off", url: new URL("/", page.url()).href }]);
  await page.goto("/matrix");
  await enterGrid(page);
  const before = await focusedName(page);
  await page.keyboard.press("f");
  expect(await focusedName(page)).toBe(before);
  await page.keyboard.press("ArrowDown");
  expect(await focusedName(page)).not.toBe(before);
});
