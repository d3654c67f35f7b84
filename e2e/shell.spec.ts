import { fillPortfolio } from "../lib/role/testing/portfolio.ts";
import { expect, expectAccessible, looks, test } from "./fixtures.ts";
import { found, sql, taken, test as people } from "./people.ts";

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

people.describe("names in the palette", () => {
  people.use({ mayComplain: /status of 503/ });
  people("clients, technicians and every page are found by keyboard alone; what is overtaken is given up, and no answer is said", async ({ page, authenticator: _key }, info) => {
    const { email } = await found(page);
    const [row] = await sql<{ msp_id: string }>("select msp_id from person where email = $1", [email]);
    const { people: cast } = await fillPortfolio(sql, row!.msp_id);
    await page.goto("/overview");
    const palette = page.getByRole("dialog", { name: "Go to or do anything" });
    const field = palette.getByRole("combobox");
    const option = (name: RegExp) => palette.getByRole("option", { name });
    const open = async () => {
      await taken(page);
      await page.keyboard.press("Control+k");
      await expect(field).toBeFocused();
    };

    await open();
    await page.keyboard.type("cork");
    await expect(option(/Harbour Street Clinic Cork/)).toHaveAttribute("aria-selected", "true");
    await expect(palette.getByRole("status")).toHaveText(/result/);
    await field.fill("ha");
    await expect(option(/^Harbour Street Clinic Leith/)).toBeVisible();
    await field.fill("نور");
    await expect(option(/نور الحسيني/).first()).toBeVisible();
    await field.fill("sarah");
    await expect(option(/^Sarah Lindqvist technician, 2 clients/)).toHaveAttribute("aria-selected", "true");
    await expectAccessible(page);
    await page.screenshot({ path: info.outputPath("palette.png") });
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/technicians/${cast.get("Sarah Lindqvist")!.id}$`));

    await open();
    await page.keyboard.type("> sarah");
    await expect(palette.getByRole("option")).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: /Take access away from Sarah Lindqvist/ })).toBeVisible();
    await page.getByRole("button", { name: "Keep it as it is" }).click();
    await expect(page).toHaveURL(/[0-9a-f]{12}$/);

    // The first question hangs; the next one is answered all the same, and the first is given up.
    let hung = 0;
    await page.route("**/api/find?q=s", () => void (hung += 1));
    const givenUp = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/find?q=s"));
    await open();
    await page.keyboard.type("s");
    await expect.poll(() => hung).toBe(1);
    await page.keyboard.type("arah");
    await expect(option(/^Sarah Lindqvist/)).toBeVisible();
    await givenUp;

    await page.route("**/api/find?*", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ title: "The database does not answer" }) }));
    await field.fill("leith");
    await expect(option(/Names of clients and technicians could not be looked up\. The database does not answer\. Look again/)).toHaveAttribute("aria-selected", "true");
    await expect(palette.getByRole("status")).toContainText("could not be looked up");
    await page.unrouteAll();
    await page.keyboard.press("Enter");
    await expect(option(/^Harbour Street Clinic Leith/)).toBeVisible();

    await field.fill("endings");
    await expect(option(/^Endings and renewals/)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/leases$/);

    // Whoever may read neither is told of neither, by the palette or by its door.
    await sql("update person set rights = '{technician}' where email = $1", [email]);
    expect(await (await page.request.get("/api/find?q=harbour")).json()).toMatchObject({ clients: null, technicians: null });
    await page.goto("/tokens");
    await open();
    await page.keyboard.type("harbour");
    await expect(palette.getByText("Nothing here is called")).toBeVisible();
  });
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
