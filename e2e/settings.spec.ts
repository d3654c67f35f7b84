import { expect, expectAccessible, looks, mailsFor, test } from "./fixtures.ts";

const someone = () => `${crypto.randomUUID().slice(0, 8)}@quillmoor.example`;

test("the system page says of each part that it is in order", async ({ page }) => {
  await page.goto("/settings");
  await expect(page).toHaveURL(/\/settings\/system$/);
  await expect(page.getByRole("heading", { name: "All parts are in order" })).toBeVisible();
  await expect(page.getByText(/^\d+ applied, the newest is \d{4}_\w+\.sql$/)).toBeVisible();
  await expect(page.getByText(/^1 at work/)).toBeVisible();
});

test("a test mail goes through the outbox, arrives once, and leaves its records", async ({ page }) => {
  const to = someone();
  await page.goto("/settings/mail");
  await page.getByLabel("Address").fill(to);
  await page.getByRole("button", { name: "Send a test mail" }).click();
  const row = page.getByRole("row", { name: new RegExp(to) });
  await expect(row.getByText("Taken by")).toBeVisible();
  await expect.poll(async () => (await mailsFor(to)).length).toBe(1);
  const [mail] = await mailsFor(to);
  expect(mail?.text).toContain("to see whether mail from the console arrives");
  expect(mail?.html).toContain("to see whether mail from the console arrives");
  await page.goto("/settings/records");
  await expect(page.getByText(`queued the mail “test” to ${to}`)).toBeVisible();
  await expect(page.getByText(`sent the mail “test” to ${to}`)).toBeVisible();
});

test("a wrong address is refused beside its field, and what was typed stays", async ({ page }) => {
  await page.goto("/settings/mail");
  await page.getByLabel("Address").fill("ines at quillmoor");
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await expect(page.getByRole("region", { name: "Some fields need another look" })).toBeFocused();
  await expect(page.getByLabel("Address")).toHaveValue("ines at quillmoor");
  await expect(page.getByLabel("Address")).toHaveAccessibleDescription(/This is no mail address/);
});

test("a double click sends one mail", async ({ page }) => {
  const to = someone();
  await page.goto("/settings/mail");
  await page.getByLabel("Address").fill(to);
  await page.getByRole("button", { name: "Send a test mail" }).dblclick();
  await expect(page.getByRole("row", { name: new RegExp(to) })).toHaveCount(1);
  await expect(page.getByRole("row", { name: new RegExp(to) }).getByText("Taken by")).toBeVisible();
  expect(await mailsFor(to)).toHaveLength(1);
});

test("the same form sent from two tabs, and again after the back button, sends one mail", async ({ page, context }) => {
  const to = someone();
  await page.goto("/settings/mail");
  const key = await page.locator('input[name="key"]').inputValue();
  const second = await context.newPage();
  await second.goto("/settings/mail");
  const send = async (tab: typeof page) => {
    // What a tab restored by the browser holds: the form as it was drawn before.
    await tab.locator('input[name="key"]').evaluate((field, value) => ((field as HTMLInputElement).value = value), key);
    await tab.getByLabel("Address").fill(to);
    await tab.getByRole("button", { name: "Send a test mail" }).click();
  };
  await Promise.all([send(page), send(second)]);
  await expect(second.getByRole("row", { name: new RegExp(to) }).getByText("Taken by")).toBeVisible();
  await page.goto("/settings/records");
  await page.goBack();
  await send(page);
  await expect(page.getByText("Test mail queued")).toBeVisible();
  await expect(page.getByRole("row", { name: new RegExp(to) })).toHaveCount(1);
  expect(await mailsFor(to)).toHaveLength(1);
});

for (const { theme, width, height } of looks) {
  test(`the settings pages are accessible, ${theme}, ${width} px wide`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    for (const path of ["/", "/settings/system", "/settings/mail", "/settings/records"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${path} scrolls sideways`).toBe(0);
    }
  });
}
