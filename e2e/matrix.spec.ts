/** The matrix by keyboard only, and again through what a screen reader is told. */
import type { Page } from "@playwright/test";
import { cellOf, flag, isHeld } from "../lib/matrix/facts.ts";
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
  // And each of them by name, cell by cell along the row.
  const said: string[] = [];
  while (said.length < facts.people.length) {
    await page.keyboard.press("ArrowRight");
    said.push(await focusedName(page));
  }
  expect(said.filter((words) => !/: (no access|drift)/.test(words) && !words.includes("the client's own row")).map((words) => words.split(": ")[0]!.split(", ").at(-1)!).toSorted()).toEqual(peopleOf(seen, 0).map(({ name }) => name).toSorted());
  // What a technician opens: one column is left, and the head says how many.
  await page.keyboard.press("/");
  await page.keyboard.press("Backspace");
  for (let n = 0; n < 8; n += 1) await page.keyboard.press("Backspace");
  await page.keyboard.type("tech:sarah");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(gridOf(page)).toHaveAttribute("aria-colcount", "2");
  const opened = facts.rows.filter((_, row) => peopleOf(seen, row).some(({ name }) => name === "Sarah Lindqvist")).length;
  await expect(page.getByRole("columnheader", { name: new RegExp(`^Sarah Lindqvist, Pod A, ${opened} clients`) })).toBeVisible();

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
  // The top bar says the same on every page, and follows the grid's keys at once.
  const chip = page.getByRole("banner").getByRole("link", { name: /staged$/ });
  const told = (await chip.textContent())!;
  const elsewhere = await page.context().newPage();
  await elsewhere.goto("/plans");
  await expect(elsewhere.getByRole("banner").getByRole("link", { name: /staged$/ })).toHaveText(told);
  await elsewhere.close();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("u");
  await expect(page.getByText("Nothing staged")).toBeVisible();
  await expect(chip).toBeHidden();
  await page.keyboard.press("z");
  await expect(page.getByText("Nothing staged")).toBeHidden();
  await expect(chip).toHaveText(told);
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
  const seen = await plantMatrix(page, size);
  const { facts } = seen;
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
  // The same four questions in the lists, as a screen reader and a phone have them: by roles and names alone.
  const clients = page.getByRole("list", { name: "Clients and who can open them" });
  const heads = (list: ReturnType<Page["getByRole"]>) => list.getByRole("heading", { level: 2 });
  await page.goto(`/matrix?lens=clients&q=${encodeURIComponent('"=1+1"')}`);
  await expect(heads(clients)).toHaveCount(1);
  const snapshot = await clients.ariaSnapshot();
  const inside = new Set(peopleOf(seen, 0).map(({ name }) => name));
  for (const { name } of facts.people) expect(snapshot.includes(`Change ${name}`), name).toBe(inside.has(name));
  await expectAccessible(page);
  await page.goto("/matrix?lens=technicians&q=tech:sarah");
  const opened = facts.rows.filter((_, at) => peopleOf(seen, at).some(({ name }) => name === "Sarah Lindqvist")).length;
  await expect(page.getByRole("button", { name: new RegExp(`^Sarah Lindqvist.*, ${opened} clients`) })).toBeVisible();
  await expectAccessible(page);
  const pages = async (q: string) => {
    await page.goto(`/matrix?lens=clients&q=${encodeURIComponent(q)}`);
    await expect(clients).toBeVisible();
    while (await page.getByRole("button", { name: /^Show \d+ more/ }).isVisible()) await page.getByRole("button", { name: /^Show \d+ more/ }).click();
    return heads(clients).count();
  };
  const few = facts.rows.filter((_, at) => facts.people.filter((_person, column) => { const cellAt = cellOf(facts, at, column); return (facts.cells.access[cellAt]! & 1) !== 0 && (facts.cells.flags[cellAt]! & flag.gone) === 0; }).length < 2);
  expect(await pages("role:networking holders:<2")).toBe(few.length);
  const full = facts.rows.filter((one) => one.tokensLimit !== null && one.tokensUsed >= one.tokensLimit);
  expect(await pages("state:limit")).toBe(full.length);
  await expect(clients.getByText(", at the limit")).toHaveCount(full.length);
});

test("a drift is put back or accepted where it is seen; a vault without a free token says what helps, at what price", async ({ page, authenticator: _ }) => {
  const unusedCell = 3;
  const { facts, mspId, planted } = await plantMatrix(page, {
    ...size, open: "/matrix?q=state:drift",
    // Somebody at the first client, which is at its limit, has not used their token for 90 days.
    edit: (given) => { given.cells.access[unusedCell] = (given.cells.access[unusedCell]! | 0x8000_0000) >>> 0; given.cells.flags[unusedCell] = 0; given.cells.unused[unusedCell] = 7; return given; },
  });
  const john = facts.people[2]!.name;
  await enterGrid(page);
  await page.keyboard.press("Control+Home");
  expect(await focusedName(page)).toContain("removed in the vault");
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("dialog", { name: new RegExp(john) });
  await inspector.getByRole("button", { name: "Put it back" }).focus();
  await page.keyboard.press("Enter");
  await expect(inspector).toBeHidden();
  await expect.poll(() => focusedName(page)).toContain("staged: grant backup");
  await page.keyboard.press("z");
  await expect.poll(() => focusedName(page)).not.toContain("staged");
  // The client's page leads to the same staged cell.
  const [{ client_id: clientId }] = (await sql<{ client_id: string }>("select client_id from vault where msp_id = $1 and vault_ref = $2", [mspId, planted.vaultRefs[2]])) as [{ client_id: string }];
  await page.goto(`/clients/${clientId}`);
  await page.getByRole("button", { name: "Put it back" }).click();
  await page.waitForURL(/\/matrix\?q=client/);
  await expect(page.getByRole("gridcell", { name: new RegExp(`${john}: .*staged: grant backup`) })).toBeAttached();
  expect(await staged(mspId)).toBe(1);
  await enterGrid(page);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Space");
  const peek = page.getByRole("complementary", { name: "Peek" });
  await peek.getByRole("button", { name: "Accept it" }).click();
  await expect.poll(() => sql("select settled_how from drift where msp_id = $1", [mspId])).toEqual([{ settled_how: "accepted" }]);
  await expect(page.getByRole("gridcell", { name: new RegExp(`${john}: no access`) })).toBeAttached();

  // One token too many: the cell is blocked, the peek names each way out.
  await page.goto(`/matrix?q=${encodeURIComponent('"=1+1"')}`);
  await enterGrid(page);
  const empty = facts.people.findIndex((person, column) => facts.cells.access[column] === 0 && person.inbox === "endorsed");
  await page.keyboard.press("Control+Home");
  for (let n = 0; n < empty; n += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("1");
  await expect.poll(() => focusedName(page)).toContain("blocked: no free token");
  await page.keyboard.press("Space");
  const ways = peek.getByRole("list", { name: "Ways out" });
  await expect(ways.getByRole("listitem").filter({ hasText: "Move up to Team" }).first()).toContainText(/\+USD ?\d.*a year/);
  await expectAccessible(page);
  await ways.getByRole("listitem").filter({ hasText: facts.people[unusedCell]!.name }).getByRole("button", { name: "Stage −1" }).click();
  await expect.poll(() => focusedName(page)).not.toContain("blocked");
  await expect(ways).toBeHidden();
});

test("a range is drawn on by its corner with the mouse; a rule leaves out whom it names; rows turn, unfold and filter from the corner", async ({ page, authenticator: _ }) => {
  const { facts, mspId } = await plantMatrix(page, { ...size, edit: (given) => ({ ...given, rows: given.rows.map((row, at) => (at === 11 ? { ...row, client: 10, name: given.rows[10]!.name, place: given.rows[10]!.place, vault: "Branch" } : row)) }) });
  await enterGrid(page);
  const cell = (row: number, column: number) => page.locator(`[aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column + 1}"]`);
  await cell(6, 6).click();
  await page.keyboard.press("f");
  await expect.poll(() => staged(mspId)).toBe(1);
  const [handle, target] = [(await page.locator(".mx-handle").boundingBox())!, (await cell(9, 6).boundingBox())!];
  const draw = async () => {
    await page.mouse.move(handle.x + handle.width - 3, handle.y + handle.height - 3);
    await page.mouse.down();
    await page.mouse.move(handle.x, target.y - 20);
    await page.mouse.move(target.x + 10, target.y + 10);
  };
  await draw();
  await expect(cell(8, 6)).toHaveClass(/fill/);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect(cell(8, 6)).not.toHaveClass(/fill/);
  for (const row of [7, 8, 9]) expect(await cell(row, 6).getAttribute("aria-label")).not.toMatch(/staged/);
  await draw();
  await page.mouse.up();
  for (const row of [7, 8, 9]) expect(await cell(row, 6).getAttribute("aria-label")).toMatch(/full access/);
  await expect(page.getByText("4 selected")).toBeVisible();
  await page.keyboard.press("z");
  await page.keyboard.press("z");
  await page.keyboard.press("Escape");
  await expect(page.getByText("Nothing staged")).toBeVisible();

  // Another vault of one client stands under it, and its own rows apart.
  const first = facts.rows[10]!;
  await page.goto(`/matrix?q=${encodeURIComponent(`"${first.name}"`)}`);
  await page.getByRole("rowheader", { name: new RegExp(`^${first.name.replaceAll(/[^\w ]/g, ".")}.*1 more vault folded`) }).getByTitle("1 more vault of this client").click();
  await expect(page.getByRole("rowheader", { name: /Branch/ })).toBeAttached();
  await page.goto("/matrix");
  await expect(page.getByRole("rowheader", { name: /own rows? of the client/ }).first()).toBeAttached();
  await enterGrid(page);
  await page.keyboard.press("t");
  await expect(gridOf(page)).toHaveAttribute("aria-label", "Clients by technician");
  await expect(gridOf(page)).toHaveAttribute("aria-rowcount", "15");
  await page.keyboard.press("t");
  await expect(gridOf(page)).toHaveAttribute("aria-label", "Technicians by client");
  await page.locator(".mx-totals").getByRole("button", { name: /drift/ }).click();
  await expect(gridOf(page)).toHaveAttribute("aria-rowcount", "2");

  await page.goto("/matrix");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Rules…" }).click();
  const rules = page.getByRole("dialog", { name: "Rules" });
  await rules.getByLabel("Name").fill("Networking for the first pod");
  await rules.getByLabel("Technicians", { exact: true }).selectOption({ label: "Pod A" });
  await rules.getByRole("checkbox", { name: "Networking" }).check();
  await rules.getByLabel("Except these clients or technicians").fill("=1+1");
  await rules.getByRole("checkbox", { name: /=1\+1/ }).check();
  await rules.getByRole("button", { name: "Add the rule" }).click();
  await expect(rules.getByText(/except =1\+1 Accounting/)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("gridcell", { name: /^=1\+1 Accounting.*excluded by rule/ }).first()).toBeAttached();
  await expect.poll(() => staged(mspId)).toBe(0);
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
  // What is ticked is one step: two clients at once, and back.
  const list = page.getByRole("list", { name: "Clients and who can open them" });
  const names = await list.getByRole("heading", { level: 2 }).locator("bdi").allInnerTexts();
  for (const name of names.slice(1, 3)) await list.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
  const deeds = page.getByRole("group", { name: "With what is selected" });
  const count = Number(/(\d+) selected/.exec(await deeds.innerText())![1]);
  expect(count).toBeGreaterThan(1);
  await deeds.getByRole("button", { name: "Remove" }).click();
  await expect.poll(() => staged(mspId)).toBe(count + 1);
  await deeds.getByRole("button", { name: "Take back" }).click();
  await expect.poll(() => staged(mspId)).toBe(1);
  await deeds.getByRole("button", { name: "Select none" }).click();
  await expect(deeds).toBeHidden();
  await page.getByRole("button", { name: "As in the matrix" }).click();
  await page.getByRole("menuitemradio", { name: "Fewest free tokens first" }).click();
  await expect(list.getByRole("heading", { level: 2 }).first()).toContainText("at the limit");
  // Under a thumb four places stand side by side; the rest are one press further.
  const main = page.getByRole("navigation", { name: "Main" });
  await expect(main.getByRole("link")).toHaveText(["Overview", "Matrix", "Plans", "Audit"]);
  await main.getByRole("button", { name: "More" }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Clients", "Technicians", "Requests", "Roles", "Billing", "Settings"]);
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
