/** A person's own page, an address that is proven, and the member who lost every key; real mail, real keys. */
import { expectAccessible, mailsFor } from "./fixtures.ts";
import { anyEmail, expect, found, signIn, stranger, test, taken } from "./people.ts";

// A refusal is an answer of 4xx, which Chromium writes into its console.
test.use({ mayComplain: /the server responded with a status of 4\d\d/ });
test.beforeEach(({ authenticator }) => expect(authenticator.id).toBeTruthy());

/** The one-time link in the newest mail of this subject. */
async function linkIn(address: string, subject: RegExp): Promise<string> {
  let link = "";
  await expect.poll(async () => (link = (await mailsFor(address)).findLast((mail) => subject.test(mail.subject))?.text.match(/http:\S+#[\w-]{43}/)?.[0] ?? "")).not.toBe("");
  return link;
}

test("an address is proven by pressing in the page of the mailed link, which signs nobody in; the line over the pages goes", async ({ page }) => {
  const { email } = await found(page);
  const line = page.getByText("Your address is not proven yet.");
  await expect(line).toBeVisible();
  const link = await linkIn(email, /Is this your address/);
  const reader = await stranger(page);
  await reader.page.goto(link);
  await expect(reader.page.getByText(email)).toBeVisible();
  await page.reload();
  await expect(line).toBeVisible();
  await expectAccessible(reader.page);
  await reader.page.getByRole("button", { name: "This is my address" }).click();
  await expect(reader.page.getByText("is proven.")).toBeVisible();
  await reader.page.goto("/settings/keys");
  await expect(reader.page).not.toHaveURL(/\/settings\/keys$/);
  await reader.page.goto(link);
  await expect(reader.page.getByText("This link proves nothing")).toBeVisible();
  await page.reload();
  await expect(line).toHaveCount(0);
  await reader.context.close();
});

test("one's own address is changed by the link to the new one, and the former is told", async ({ page }) => {
  const { email } = await found(page);
  const fresh = anyEmail();
  await page.goto("/settings/you");
  await taken(page);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Change the address" }).click();
  await page.getByLabel("New mail address").fill(fresh);
  await page.getByRole("button", { name: "Send the link with a key" }).click();
  await expect(page.getByText(`A link was sent to ${fresh}.`)).toBeVisible();
  await page.goto(await linkIn(fresh, /Is this your address/));
  await expect(page.getByText(email)).toBeVisible();
  await page.getByRole("button", { name: "This is my address" }).click();
  await page.getByRole("link", { name: "Go to the console" }).click();
  await expect(page.getByRole("main").getByText(fresh)).toBeVisible();
  await expect(page.getByText("Proven", { exact: true })).toBeVisible();
  await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject)).toContain("Your address was changed");
});

test("one's own name is changed, and stands in the top bar and the record", async ({ page }) => {
  await found(page);
  await page.goto("/settings/you");
  await taken(page);
  await page.getByLabel("Your name").fill("Ines Varga");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("button", { name: /Ines Varga ?, owner: account$/ })).toBeVisible();
  await page.goto("/settings/records");
  await expect(page.getByText("took the name Ines Varga in place of Ines Halloran")).toBeVisible();
});

test("a member who lost every key is invited again, comes back as the same person, and the lost key opens nothing", async ({ page }) => {
  test.slow(); // three browsers, two people
  const { email: owner } = await found(page);
  const email = anyEmail();
  await page.goto("/settings/members");
  await taken(page);
  await page.getByRole("button", { name: /^Invite/ }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Mail address").fill(email);
  await dialog.getByRole("checkbox", { name: /Auditor/ }).check();
  await dialog.getByRole("button", { name: "Invite with a key" }).click();
  const first = await stranger(page);
  await first.page.goto(await dialog.getByLabel("One-time link").inputValue());
  await first.page.getByLabel("Your name").fill("Tomas Varga");
  await first.page.getByRole("button", { name: "Join with my key" }).click();
  await expect(first.page).toHaveURL(/\/overview$/);

  await page.goto("/settings/members");
  await taken(page);
  // An owner has no such entry: not oneself either.
  await page.getByRole("button", { name: "What to do with Ines Halloran" }).click();
  await expect(page.getByRole("menuitem", { name: "Change rights…" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Invite again…" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "What to do with Tomas Varga" }).click();
  await page.getByRole("menuitem", { name: "Invite again…" }).click();
  await expect(page.getByRole("dialog")).toContainText(`goes to ${email} and to nobody else`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send with a key" }).click();
  await expect(page.getByRole("row", { name: new RegExp(`${email}.*Comes back`) })).toBeVisible();

  const back = await stranger(page);
  await back.page.goto(await linkIn(email, /lets you back into Quillmoor IT/));
  await expect(back.page.getByText("What you had before ends with it.")).toBeVisible();
  await expect(back.page.getByLabel("Your name")).toHaveCount(0);
  await expectAccessible(back.page);
  await back.page.getByRole("button", { name: "Come back with a new key" }).click();
  await expect(back.page).toHaveURL(/\/overview$/);
  await expect(back.page.getByRole("button", { name: /Tomas Varga ?, auditor: account$/ })).toBeVisible();

  await first.page.goto("/settings/keys");
  await expect(first.page).toHaveURL(/\/sign-in/);
  await signIn(first.page);
  await expect(first.page.getByText("This key opens nothing here.")).toBeVisible();
  await page.goto("/settings/members");
  await expect(page.getByRole("heading", { name: "2 members" })).toBeVisible();
  await expect.poll(async () => (await mailsFor(owner)).map(({ subject }) => subject)).toContain("Tomas Varga came back with a new key");
  await first.context.close();
  await back.context.close();
});
