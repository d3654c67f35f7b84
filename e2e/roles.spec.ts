import { fillPortfolio, longName } from "../lib/role/testing/portfolio.ts";
import { expectAccessible, looks } from "./fixtures.ts";
import { expect, found, sql, taken, test } from "./people.ts";

/** The organisation of whoever signed up with this address, filled with clients that break things. */
async function portfolioOf(email: string) {
  const [row] = await sql<{ msp_id: string }>("select msp_id from person where email = $1", [email]);
  return fillPortfolio(sql, row!.msp_id);
}
const setRights = (email: string, rights: string[]) => sql("update person set rights = $2 where email = $1", [email, rights]);

test("roles are made, changed and ordered, and the letter of one is refused to another", async ({ page, authenticator: _key }) => {
  await found(page);
  await page.goto("/roles");
  await expect(page.getByRole("heading", { name: "There is no role yet" })).toBeVisible();
  await expectAccessible(page);
  await taken(page);
  await page.getByRole("button", { name: "Take the usual eight" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("8 roles");
  await page.getByRole("button", { name: "New role" }).click();
  await page.getByLabel("Name").fill("Norwegian fjords");
  await page.getByLabel("Letter").fill("N");
  await page.getByRole("button", { name: "Make the role" }).click();
  await expect(page.getByRole("textbox", { name: "Letter" })).toHaveAccessibleDescription(/N is Networking/);
  await page.getByRole("textbox", { name: "Letter" }).fill("O");
  await page.getByRole("button", { name: "Make the role" }).click();
  await expect(page.getByRole("row", { name: /Norwegian fjords/ })).toBeVisible();
  await page.getByRole("button", { name: "What to do with Norwegian fjords" }).click();
  await page.getByRole("menuitem", { name: "Move up" }).click();
  await expect(page.getByRole("row").nth(8)).toContainText("Norwegian fjords");
  await expectAccessible(page);
});

test("a number is noted by keyboard alone; a row's id is refused in its place, and Escape leaves it as it was", async ({ page, authenticator: _key }) => {
  const { email } = await found(page);
  const { roles } = await portfolioOf(email);
  await page.goto(`/roles/${roles.get("Monitoring")}`);
  await taken(page);
  const cork = page.getByRole("row", { name: /Cork/ });
  await cork.focus();
  await page.keyboard.press("Enter");
  const field = page.getByRole("textbox", { name: "Number of Monitoring at Harbour Street Clinic" });
  await expect(field).toBeFocused();
  await page.keyboard.type("0007");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAccessibleDescription(/Printer bot/);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  const button = cork.getByRole("button", { name: /Change the number/ });
  await expect(button).toBeFocused();
  await expect(button).toHaveText("none");
  await page.keyboard.press("Enter");
  await page.keyboard.type("0124");
  await page.keyboard.press("Enter");
  await expect(button).toHaveText("0124");
  await page.getByRole("button", { name: "Take the suggestion" }).click();
  await expect(page.getByRole("row", { name: /Łąka/ }).getByRole("button", { name: /Change the number/ })).toHaveText("0040");
});

test("the check says what is wrong, and agreeing to a client's name ends its alarm", async ({ page, authenticator: _key }) => {
  const { email } = await found(page);
  await portfolioOf(email);
  await page.goto("/roles");
  await taken(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("3 roles in 6 vaults, 6 things to look at");
  await page.getByRole("button", { name: /^It is right so/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("3 roles in 6 vaults, 5 things to look at");
});

test("technicians are found, noted, and get the rows that nobody had", async ({ page, authenticator: _key }) => {
  const { email } = await found(page);
  await portfolioOf(email);
  await page.goto("/technicians");
  await taken(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("5 technicians, 5 with access");
  await page.getByRole("button", { name: "Pods…" }).click();
  await page.getByLabel("New pod").fill("Night desk");
  await page.getByRole("button", { name: "Make a pod" }).click();
  await expect(page.getByLabel("Name of the pod Night desk")).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "What to do with Sarah Lindqvist" }).click();
  await page.getByRole("menuitem", { name: "Pod, tags and leave…" }).click();
  await page.getByRole("combobox", { name: "Pod" }).last().selectOption({ label: "Night desk" });
  await page.getByRole("textbox", { name: "Tags" }).fill("field, field");
  await page.getByRole("button", { name: "Save the notes" }).click();
  await expect(page.getByRole("table", { name: "Technicians" }).getByRole("row", { name: /Sarah Lindqvist/ })).toContainText("Night desk · field");
  // An initial and a family name propose somebody; a person decides.
  await expect(page.getByLabel("Whose the row J. Meier is")).toHaveValue(/.+/);
  await page.getByRole("button", { name: /^It is theirs ?: J\. Meier$/ }).click();
  await expect(page.getByRole("heading", { name: "1 row belongs to nobody we know" })).toBeVisible();
  await page.getByLabel("Find a technician").fill("meier");
  const people = page.getByRole("table", { name: "Technicians" });
  await expect(people.getByRole("row", { name: /John Meier/ })).toBeVisible();
  await expect(people.getByRole("row", { name: /Sarah/ })).toHaveCount(0);
  await people.getByRole("link", { name: "John Meier" }).click();
  await expect(page.getByRole("table", { name: "Where John Meier has access" }).getByRole("row")).toHaveCount(3);
  await expectAccessible(page);
});

test("a technician sees roles by name, their own page, and nobody else's", async ({ page, authenticator: _key }) => {
  const { email } = await found(page);
  const { vaults, roles } = await portfolioOf(email);
  const [me] = await sql<{ person_id: string }>("select person_id from person where email = $1", [email]);
  await sql("update known_agent set person_id = $2 where vault_ref = $1 and name = 'Sarah Lindqvist'", [vaults.get("Leith"), me!.person_id]);
  await setRights(email, ["technician"]);
  await page.goto("/roles");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("3 roles");
  await expect(page.getByRole("columnheader", { name: "Has a number" })).toHaveCount(0);
  await page.goto(`/roles/${roles.get("Networking")}`);
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "My access" }).click();
  await expect(page.getByRole("table", { name: "Where you have access" }).getByRole("row")).toHaveCount(2);
  await expectAccessible(page);
});

test.describe("without the right", () => {
  test.use({ mayComplain: /403 \(Forbidden\)/ });
  test("neither the list of technicians nor somebody else's page nor prices open", async ({ page, authenticator: _key }) => {
    const { email } = await found(page);
    const { people } = await portfolioOf(email);
    await setRights(email, ["technician"]);
    for (const path of ["/technicians", `/technicians/${people.get(longName)!.id}`, "/billing/plans"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: "This is not for your role" }), path).toBeVisible();
    }
  });
});

test("the price list stands as published", async ({ page, authenticator: _key }) => {
  await found(page);
  await page.goto("/billing/plans");
  await expect(page.getByRole("row", { name: /^Team 100 / })).toHaveText("Team 100T1001011011,000USD1,499USD149");
  await expect(page.getByRole("row", { name: /^MME/ })).toContainText("a user");
});

for (const { theme, width, height } of looks) {
  test(`roles, technicians and plans are accessible, ${theme}, ${width} px wide`, async ({ page, authenticator: _key }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    const { email } = await found(page);
    const { people, roles } = await portfolioOf(email);
    for (const path of ["/roles", `/roles/${roles.get("Networking")}`, "/technicians", `/technicians/${people.get("Sarah Lindqvist")!.id}`, "/billing/plans"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await taken(page);
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${path} scrolls sideways`).toBe(0);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${path.split("/")[1]}${path.split("/").length}-${theme}-${width}.png` });
    }
  });
}
