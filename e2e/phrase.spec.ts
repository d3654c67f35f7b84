/** An inbox key of a technician whose passkey has no PRF: kept under six words, in a real browser under our own policy. */
import type { Browser, Page } from "@playwright/test";
import { expectAccessible, instance } from "./fixtures.ts";
import { invite, join, plugIn } from "./signing.ts";
import { anyAddress, expect, found, test } from "./people.ts";

// A place that the person may not open, fetched ahead, is an answer of 4xx, which Chromium writes into its console.
test.use({ mayComplain: /status of 4\d\d/ });

type His = { his: Page; sent: string[]; complaints: string[] };

/** Oskar, with a key that cannot evaluate a PRF. Everything that his browser sends is kept, and whatever it complains of. */
async function technician(page: Page, browser: Browser): Promise<His> {
  const link = await invite(page);
  const context = await browser.newContext({ baseURL: instance.origin, locale: "en-GB", timezoneId: "UTC", extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
  const his = await context.newPage();
  const [sent, complaints]: [string[], string[]] = [[], []];
  context.on("request", (request) => void sent.push(`${request.url()} ${request.postData() ?? ""}`));
  his.on("console", (message) => void (message.type() === "error" && !/status of 4\d\d/.test(message.text()) && complaints.push(message.text())));
  his.on("pageerror", (error) => void complaints.push(error.message));
  await plugIn(his, { prf: false });
  await join(his, link, "Oskar Lund");
  await his.goto("/settings/inbox-key");
  return { his, sent, complaints };
}

/** Makes a key under a phrase; returns its words. */
async function underPhrase(his: Page): Promise<string[]> {
  await his.getByRole("button", { name: "Make my inbox key" }).click();
  const dialog = his.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: "Write down these six words" })).toBeVisible();
  const words = (await dialog.getByRole("list", { name: "Your phrase" }).locator("[translate=no]").allInnerTexts()).map((word) => word.trim());
  expect(words).toHaveLength(6);
  return words;
}

const places = ["first", "second", "third", "fourth", "fifth", "sixth"];
async function confirm(his: Page, words: readonly string[]): Promise<void> {
  for (const [at, place] of places.entries()) {
    const field = his.getByLabel(`The ${place} word`);
    if ((await field.count()) === 1) await field.fill(words[at]!);
  }
  await his.getByRole("button", { name: "Keep my key under them" }).click();
  await expect(his.getByText("It waits for a signer.")).toBeVisible();
}

async function typePhrase(his: Page, typed: string): Promise<void> {
  await his.getByRole("dialog").getByLabel("Phrase").fill(typed);
  await his.getByRole("dialog").getByRole("button", { name: "Open" }).click();
}

test("six words are shown once, asked for in part, open the key, and never leave the browser", async ({ page, browser }) => {
  test.slow(); // two people, and Argon2id at full cost
  await plugIn(page);
  await found(page);
  const { his, sent, complaints } = await technician(page, browser);
  const words = await underPhrase(his);
  await expectAccessible(his);
  await his.getByRole("button", { name: "I wrote them down" }).click();
  await expect(his.getByRole("heading", { name: "Which words were they?" })).toBeVisible();
  // Off the page before they are asked for.
  for (const word of words) expect((await his.getByRole("dialog").innerText()).split(/\s+/)).not.toContain(word);
  const [first] = await his.getByRole("dialog").getByRole("textbox").all();
  await first!.fill("qwert");
  await his.getByRole("button", { name: "Keep my key under them" }).click();
  await expect(his.getByText(/This is not the \w+ word/).first()).toBeVisible();
  await confirm(his, words);
  await expect(his.getByRole("listitem").filter({ hasText: "The six words you wrote down" })).toContainText("Opens it");

  await his.reload();
  await his.getByRole("button", { name: "Check that it is mine" }).click();
  await expectAccessible(his);
  await typePhrase(his, "qwert and five other words");
  await expect(his.getByRole("dialog").getByText("Word 1 is not one of the list.").first()).toBeVisible();
  await typePhrase(his, [...words.slice(1), words[0]].join(" "));
  await expect(his.getByRole("dialog").getByText("These words do not open this key").first()).toBeVisible();
  await typePhrase(his, `  ${words.join("  ").toUpperCase()} `);
  await expect(his.getByText("Your words opened it: these are its letters")).toBeVisible();
  await expect(his.getByRole("dialog")).toHaveCount(0);

  // Two words in a row are in no address, no body, no store and no page any more.
  const pairs = words.slice(1).map((word, at) => new RegExp(`${words[at]}[^a-z]{1,12}${word}`, "i"));
  const left = await his.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.documentElement.outerHTML);
  for (const pair of pairs) for (const text of [...sent, left]) expect(pair.test(text), `${pair.source} in ${text.slice(0, 80)}`).toBe(false);
  expect(sent.some((line) => line.includes("phrase") && line.includes("memory_kib"))).toBe(true);
  // Argon2id ran in a worker of ours, under the page's policy as it stands.
  expect(complaints).toEqual([]);
  await his.context().close();
});

test("closing the window keeps nothing, and the next try draws other words", async ({ page, browser }) => {
  test.slow(); // two people
  await plugIn(page);
  await found(page);
  const { his } = await technician(page, browser);
  const words = await underPhrase(his);
  await his.getByRole("button", { name: "Not now" }).click();
  await expect(his.getByRole("dialog")).toHaveCount(0);
  await expect(his.getByRole("button", { name: "Make my inbox key" })).toBeEnabled();
  expect((await underPhrase(his)).join(" ")).not.toBe(words.join(" "));
  await his.context().close();
});

test("a server that lowers what a phrase costs, or shortens its salt, is refused before a word is asked for", async ({ page, browser }) => {
  test.slow(); // two people, and Argon2id at full cost
  await plugIn(page);
  await found(page);
  const { his } = await technician(page, browser);
  const words = await underPhrase(his);
  await his.getByRole("button", { name: "I wrote them down" }).click();
  await confirm(his, words);
  // The page comes from the real server; only the facts in it are bent, as a hostile one would.
  const bent = async (bend: (html: string) => string) => {
    await his.unrouteAll();
    await his.route("**/settings/inbox-key", async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      expect(bend(html), "the answer holds what is bent").not.toBe(html);
      await route.fulfill({ response, body: bend(html) });
    });
    await his.goto("/settings/inbox-key");
    await his.getByRole("button", { name: "Check that it is mine" }).click();
    await expect(his.getByRole("alert").filter({ hasText: "The server offered a weaker way to keep your key" })).toBeVisible();
    await expect(his.getByRole("dialog")).toHaveCount(0);
  };
  await bent((html) => html.replaceAll(/(memory_kib\\?":)65536/g, "$18"));
  await bent((html) => html.replaceAll(/(passes\\?":)3/g, "$11"));
  await bent((html) => html.replaceAll(/(lanes\\?":)4/g, "$11"));
  await bent((html) => html.replaceAll(/(salt\\?":\\?")[\w-]{22}/g, "$1AAAAAAAAAAA"));
  await his.unrouteAll();
  await his.goto("/settings/inbox-key");
  await his.getByRole("button", { name: "Check that it is mine" }).click();
  await typePhrase(his, words.join(" "));
  await expect(his.getByText("Your words opened it")).toBeVisible();
  await his.context().close();
});
