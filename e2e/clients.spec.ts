import { seedClients } from "../lib/client/testing/seed-clients.ts";
import type { GlassAnswer } from "../lib/glass/statement.ts";
import { expectAccessible, looks } from "./fixtures.ts";
import { administrator, expect, found, sql, stranger, taken, test } from "./people.ts";

type Page = Parameters<typeof found>[0];

/** An organisation with clients as they come (lib/client/testing). @returns each client's page, in their order */
async function portfolio(page: Page): Promise<{ mspId: string; href: (index: number) => string }> {
  const { email } = await found(page);
  const [person] = await sql<{ msp_id: string; person_id: string }>("select msp_id, person_id from person where email = $1", [email]);
  const made = await administrator((client) => seedClients(client, { mspId: person!.msp_id, personId: person!.person_id }));
  return { mspId: person!.msp_id, href: (index) => `/clients/${made[index]!.clientId}` };
}

const rows = (page: Page) => page.getByRole("table", { name: "Clients" }).getByRole("row");

test("an empty list says what to do first", async ({ page, authenticator: _key }) => {
  await found(page);
  await page.goto("/clients");
  await expect(page.getByRole("heading", { name: "Connect your first client" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Onboard a client" })).toBeVisible();
});

test("the list is searched, narrowed and ordered by keyboard, and its address keeps it", async ({ page, authenticator: _key }) => {
  const { href } = await portfolio(page);
  await page.goto("/clients");
  await expect(page.getByRole("heading", { name: "13 clients" })).toBeVisible();
  await expect(rows(page)).toHaveCount(14);
  await taken(page);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search clients" })).toBeFocused();
  await page.keyboard.type("angstrom");
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).nth(1)).toContainText("Ångström Precision AB");
  await expect(page).toHaveURL(/\?q=angstrom$/);
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await page.goto("/clients?free=0");
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).nth(1)).toContainText("26 of 26, none free");
  await taken(page);
  await page.getByRole("button", { name: "Take off free: 0" }).click();
  await expect(rows(page)).toHaveCount(14);
  await page.goto("/clients?q=zzz&plan=team-25");
  await expect(page.getByRole("heading", { name: "No client is left by that" })).toBeVisible();
  await page.goto("/clients?q=leith");
  await taken(page);
  await rows(page).nth(1).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${href(0)}$`));
});

test("a client's page says who can open it, what is wrong and what to do, and a change of theirs is accepted once", async ({ page, authenticator: _key }) => {
  const { href, mspId } = await portfolio(page);
  await page.goto(href(0));
  await expect(page.getByRole("heading", { level: 1, name: "Harbour Street Clinic Leith" })).toBeVisible();
  const access = page.getByRole("table", { name: "Who of us can open it" });
  await expect(access.getByRole("row")).toHaveCount(7);
  await expect(access.getByRole("row").nth(1)).toContainText("Priya Raman");
  await expect(page.getByText("The client’s own. We see the names, we cannot touch them.")).toBeVisible();
  await expect(page.getByText("went from Monitoring to Networking and Monitoring.")).toBeVisible();
  await taken(page);
  await page.getByRole("button", { name: "Accept it" }).click();
  await expect(page.getByText("went from Monitoring to Networking and Monitoring.")).toBeHidden();
  expect(await sql("select settled_how from drift where msp_id = $1 and settled_at is not null", [mspId])).toEqual([{ settled_how: "accepted" }]);
  for (const [index, words] of [[4, "Its revision went back from 4,120 to 4,101 without a new epoch."], [10, "It answered under another key than the one that was confirmed."], [9, "The client ended this connection."], [8, "The subscription of this vault has lapsed."], [1, "Their primary is down; the backup answers."], [3, "This vault does not answer."]] as const) {
    await page.goto(href(index));
    await expect(page.getByText(words)).toBeVisible();
  }
});

test("what is written down is changed; a wrong telephone number is refused beside its field", async ({ page, authenticator: _key }) => {
  const { href } = await portfolio(page);
  await page.goto(`${href(0)}/edit`);
  await taken(page);
  await page.getByLabel("Telephone").fill("call me");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Telephone")).toHaveAccessibleDescription(/telephone number/);
  await page.getByLabel("Telephone").fill("+44 131 496 0099");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(new RegExp(`${href(0)}$`));
  await expect(page.getByText("+44 131 496 0099")).toBeVisible();
});

test.describe("the client's own page", () => {
  test("opens with its link alone, checked in the visitor's browser, and closes for good when it is taken back", async ({ page, authenticator: _key }) => {
    const { href } = await portfolio(page);
    await page.goto(`${href(0)}/their-view`);
    await expect(page.getByRole("heading", { name: "Who at Quillmoor IT can reach your vault" })).toBeVisible();
    await taken(page);
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByRole("textbox", { name: "Link to their page" }).inputValue();
    await page.getByRole("button", { name: "Done" }).click();
    const other = await stranger(page);
    await other.page.goto(link);
    await expect(other.page.getByRole("heading", { level: 1, name: "Who at Quillmoor IT can reach your vault" })).toBeVisible();
    await expect(other.page.getByText(/^Signed by your vault on/)).toBeVisible();
    await expect(other.page.getByRole("table", { name: /can reach your vault/ }).getByRole("row")).toHaveCount(7);
    await expect(other.page.getByText("+44 131 496 0042")).toHaveCount(0);
    await expect(other.page.getByText(/^How much they opened is not known here: Quillmoor IT does not hold your vault’s log whole/)).toBeVisible();
    await expect(other.page.getByRole("link", { name: "Open your vault’s page" })).toHaveAttribute("href", /^http:\/\/vault\.localhost:9\/.+\/connect$/);
    await expectAccessible(other.page);
    await page.getByRole("button", { name: "Take back the link for Rowan Petrie" }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await expect(page.getByRole("heading", { name: "They cannot see their page yet" })).toBeVisible();
    await other.page.reload();
    await expect(other.page.getByRole("heading", { name: "This link has ended" })).toBeVisible();
    await other.page.goto("about:blank");
    await other.page.goto(link.replace(/#.*/, `#${"A".repeat(43)}`));
    await expect(other.page.getByRole("heading", { name: "This link opens nothing" })).toBeVisible();
    await other.context.close();
  });
  test("shows nothing of what was altered on its way", async ({ page, authenticator: _key }) => {
    const { href } = await portfolio(page);
    await page.goto(`${href(0)}/their-view`);
    await taken(page);
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByRole("textbox", { name: "Link to their page" }).inputValue();
    const other = await stranger(page);
    let bend = (answer: GlassAnswer) => void (answer.statement.client.place = "Lieth");
    await other.page.route("**/api/glass", async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as GlassAnswer;
      bend(answer);
      await route.fulfill({ response, json: answer });
    });
    await other.page.goto(link);
    await expect(other.page.getByRole("heading", { name: "This page was altered on its way" })).toBeVisible();
    await expect(other.page.getByText("Priya Raman")).toHaveCount(0);
    // The vault's own word, altered: the console's part holds, the list is not shown.
    bend = (answer) => void Object.assign(answer.vaults[0]!.signed!.statement.agents[0]!, { name: "Nobody at all" });
    await other.page.getByRole("button", { name: "Try again" }).click();
    await expect(other.page.getByText("The signature of your vault does not hold.")).toBeVisible();
    await expect(other.page.getByRole("table")).toHaveCount(0);
    await other.context.close();
  });
});

for (const { theme, width, height } of looks) {
  test(`the pages of clients are accessible and do not scroll sideways, ${theme}, ${width} px wide`, async ({ page, authenticator: _key }) => {
    // Eight pages, each looked at by axe.
    test.setTimeout(240_000);
    const { href } = await portfolio(page);
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    for (const path of ["/clients", href(0), `${href(0)}/vaults`, `${href(0)}/roles`, `${href(0)}/their-view`, `${href(0)}/edit`, href(4), href(12)]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (path.endsWith("their-view")) await expect(page.getByRole("heading", { name: /^Who at/ })).toBeVisible();
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${path} scrolls sideways at ${width}`).toBe(0);
    }
  });
}
