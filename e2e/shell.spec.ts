import { expect, expectAccessible, looks, test } from "./fixtures.ts";

test("the palette opens by key, filters, goes to a page, and gives the focus back on Escape", async ({ page }) => {
  await page.goto("/settings/mail");
  await page.getByLabel("Address").focus();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(page.getByLabel("Address")).toBeFocused();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await page.keyboard.type("sett");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/settings\/system$/);
});

test("a theme chosen in the palette holds at once, on the next load, and in the server's own page", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/settings/system");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await page.keyboard.type("dark");
  await page.keyboard.press("Enter");
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", "dark");
  const response = await page.reload();
  expect(await response?.text()).toContain('data-theme="dark"');
  await expect(html).toHaveAttribute("data-theme", "dark");
});

test("G then S goes to the settings, but not while somebody types", async ({ page }) => {
  await page.goto("/settings/mail");
  await page.getByLabel("Address").pressSequentially("gs");
  await expect(page).toHaveURL(/\/mail$/);
  await expect(page.getByLabel("Address")).toHaveValue("gs");
  await page.getByLabel("Address").blur();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/settings\/system$/);
});

test("the question mark shows every key", async ({ page }) => {
  await page.goto("/settings/system");
  await page.getByRole("heading", { name: "All parts are in order" }).waitFor();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText(/key/i);
  await expectAccessible(page);
});

test("the first Tab offers to skip to the page", async ({ page }) => {
  await page.goto("/settings/system");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the page" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#sheet$/);
});

test("a dangerous button works only once the name is typed, exactly", async ({ page }) => {
  await page.goto("/settings/parts");
  await page.getByRole("button", { name: "Remove a person…" }).click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  const field = dialog.getByRole("textbox");
  const danger = dialog.getByRole("button", { name: "Sign the removal" });
  await expect(danger).toHaveAttribute("aria-disabled", "true");
  await field.fill("John Meie");
  await expect(danger).toHaveAttribute("aria-disabled", "true");
  await field.fill("John Meier");
  await expect(danger).not.toHaveAttribute("aria-disabled", "true");
  await expectAccessible(page);
});

test.describe("addresses that lead nowhere", () => {
  test.use({ mayComplain: /status of 404/ });
  test("get a page with status 404 and a way back, under the same policy", async ({ page }) => {
    const response = await page.goto("/settings/nowhere");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
    await expect(page.getByRole("link").first()).toBeVisible();
    await expectAccessible(page);
  });
});

for (const { theme, width, height } of looks) {
  test(`every part in every state is accessible and fits, ${theme}, ${width} px wide`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    await page.goto("/settings/parts");
    await expect(page.getByRole("heading", { name: "Buttons" })).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  });
}

test("the front page loads less than 200 kB of script, compressed", async ({ page }) => {
  await page.goto("/", { waitUntil: "load" });
  const bytes = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\.js(\?|$)/.test(name)).reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0));
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(200_000);
});

test("a page's title comes with its head", async ({ page }) => {
  const text = await (await page.request.get("/sign-in")).text();
  expect(text.slice(0, text.indexOf("</head>"))).toMatch(/<title>[^<]*Sign in/);
});
