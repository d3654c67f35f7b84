/** The signing house in a real browser: its journeys, its refusals, and a server that lies to it. */
import type { Browser, Page } from "@playwright/test";
import { b64u, fromB64u } from "../lib/protocol/bytes.ts";
import { enrolChallenge } from "../lib/protocol/connect.ts";
import { endorseChallenge, endorsementOf, inboxFingerprint } from "../lib/protocol/inbox.ts";
import { createDevice } from "../lib/protocol/testing/authenticator.ts";
import { against, invite, join, offered, plugIn, signingWindow, signOrigin, toEndorse, toEnrol, type Authenticator } from "./signing.ts";
import { expectAccessible, expectFits, instance, looks } from "./fixtures.ts";
import { anyAddress, expect, found, sql, test } from "./people.ts";

const spoken = (letters: string) => (letters.match(/.{4}/g) ?? []).map((group) => [...group].join(" ")).join(", ");
const challengeOf = (assertion: { client_data_json: string }) => (JSON.parse(Buffer.from(fromB64u(assertion.client_data_json)).toString()) as { challenge: string }).challenge;

const enrolPage = async (page: Page, label: string) => {
  await page.goto("/settings/signing-keys");
  await page.getByLabel("Name of the key").fill(label);
  return () => page.getByRole("button", { name: "Open the signing window" }).click();
};

/** Oskar, invited by whoever stands on `page`, in a browser of his own; made and not yet endorsed. */
async function technician(page: Page, browser: Browser): Promise<{ his: Page; belt: Authenticator }> {
  const link = await invite(page);
  const context = await browser.newContext({ baseURL: instance.origin, locale: "en-GB", timezoneId: "UTC", extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
  const his = await context.newPage();
  const belt = await plugIn(his);
  await join(his, link, "Oskar Lund");
  await his.goto("/settings/inbox-key");
  await his.getByRole("button", { name: "Make my inbox key" }).click();
  await expect(his.getByText("It waits for a signer.")).toBeVisible();
  return { his, belt };
}

/** A ticket's address, with the window itself held back as a popup blocker does. */
async function heldBack(page: Page, label = "Desk"): Promise<string> {
  await page.addInitScript(() => void (window.open = () => null));
  const press = await enrolPage(page, label);
  await press();
  return (await page.getByRole("link", { name: "open it here" }).getAttribute("href"))!;
}

test("an owner enrols a signing key, a technician makes an inbox key, and the owner endorses it after comparing its letters", async ({ page, browser }) => {
  // Three pages, each looked at in six windows.
  test.setTimeout(240_000);
  test.slow(); // two people, three windows, real keys
  await plugIn(page);
  await found(page);

  const enrolling = await signingWindow(page, await enrolPage(page, "Desk"));
  const desk = await plugIn(enrolling);
  await expect(enrolling.getByRole("heading", { level: 1 })).toHaveText("Make “Desk” a signing key of Ines Halloran?");
  expect(new URL(enrolling.url()).hash).toBe("");
  await enrolling.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(enrolling.getByRole("heading", { name: "“Desk” is a signing key now" })).toBeVisible();
  const signingKeys = await desk.keys();
  expect(signingKeys).toHaveLength(1);
  await expect(page.getByText("“Desk” is a signing key now.")).toBeVisible();
  await expect(page.getByText(/Opened by Chrome on Linux/)).toBeVisible();
  await expect(page.getByRole("row", { name: /Desk.*Ines Halloran.*Stays on its device/ })).toBeVisible();
  if (!enrolling.isClosed()) await enrolling.waitForEvent("close");

  await expectFits(page);

  const { his } = await technician(page, browser);
  const letters = (await his.getByRole("img", { name: /^Fingerprint: / }).getAttribute("aria-label"))!.replace("Fingerprint: ", "");
  await his.getByRole("button", { name: "Check that it is mine" }).click();
  await expect(his.getByText("Your passkey opened it")).toBeVisible();
  await expectFits(his);

  await page.goto("/settings/endorse");
  await expect(page.getByRole("row", { name: /Oskar Lund.*Waits/ })).toBeVisible();
  await expectFits(page);
  const endorsing = await signingWindow(page, () => page.getByRole("button", { name: "Endorse the one that waits" }).click());
  await plugIn(endorsing, { holding: signingKeys });
  await expect(endorsing.getByRole("heading", { level: 1 })).toHaveText("Is this the key of Oskar Lund?");
  await expect(endorsing.getByRole("img", { name: letters })).toBeVisible();
  await expect(endorsing.getByRole("button", { name: "Endorse with one tap" })).toHaveAttribute("aria-disabled", "true");
  await endorsing.getByRole("button", { name: "Read the same: Oskar Lund" }).click();
  await endorsing.getByRole("button", { name: "Endorse 1 key with one tap" }).click();
  await expect(endorsing.getByRole("heading", { name: "1 key is endorsed" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Oskar Lund.*Endorsed.*by Ines Halloran/ })).toBeVisible();
  await his.reload();
  await expect(his.getByText("by Ines Halloran")).toBeVisible();

  await page.goto("/settings/records");
  for (const words of ["enrolled the signing key “Desk”", "opened the signing window to endorse inbox keys", "endorsed the inbox key of Oskar Lund with the signing key “Desk”"]) await expect(page.getByText(words).first()).toBeVisible();
  await expect(page.getByText(/made the inbox key .* with the passkey/).first()).toBeVisible();

  await page.goto("/settings/signing-keys");
  await page.getByRole("button", { name: "Remove Desk of Ines Halloran" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Vaults of clients that know it go on accepting it until it is removed from them as well");
  await dialog.getByLabel(/^Type/).fill("Desk");
  await dialog.getByRole("button", { name: "Remove the key" }).click();
  await expect(page.getByRole("row", { name: /Desk.*Removed/ })).toBeVisible();
  await his.reload();
  await expect(his.getByText("It waits for a signer.")).toBeVisible();
  await his.context().close();
});

test("a second passkey opens the inbox key too, after two touches", async ({ page, browser }) => {
  test.slow(); // two people, three windows, real keys
  await plugIn(page);
  await found(page);
  const { his, belt } = await technician(page, browser);
  const phone = await plugIn(his, { transport: "internal", beside: belt });
  // One hand, two keys: after the first has answered, the other one is touched.
  const thenTouchPhone = () => belt.cdp.once("WebAuthn.credentialAsserted", () => void belt.touch(false).then(() => phone.touch(true)));
  await his.goto("/settings/keys");
  await his.getByRole("button", { name: "Add a key" }).click();
  await his.getByLabel("Name of the new key").fill("Phone");
  thenTouchPhone();
  await his.getByRole("button", { name: "Touch both keys" }).click();
  await expect(his.getByRole("row", { name: /Phone/ })).toBeVisible();
  await his.goto("/settings/inbox-key");
  await phone.touch(false);
  await belt.touch(true);
  thenTouchPhone();
  await his.getByRole("button", { name: "Let it open it too: Phone" }).click();
  await expect(his.getByRole("listitem").filter({ hasText: "Phone" }).getByText("Opens it", { exact: true })).toBeVisible();
  await expect(his.getByText("It waits for a signer.")).toBeVisible();
  await his.context().close();
});

test("a server that weakens how the inbox key is kept, or shows another key as one's own, is refused by the technician's page", async ({ page, browser }) => {
  test.slow(); // two people, three windows, real keys
  await plugIn(page);
  await found(page);
  const { his } = await technician(page, browser);
  // The page comes from the real server; only the facts in it are bent, as a hostile one would.
  const bent = async (bend: (html: string) => string) => {
    await his.unrouteAll();
    await his.route("**/settings/inbox-key", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: bend(await response.text()) });
    });
    await his.goto("/settings/inbox-key");
    await his.getByRole("button", { name: "Check that it is mine" }).click();
  };
  await bent((html) => html.replaceAll("prf-hkdf-sha256/v1", "prf-hkdf-sha256/v0"));
  await expect(his.getByRole("alert").filter({ hasText: "The server offered a weaker way to keep your key" })).toBeVisible();
  await bent((html) => html.replaceAll(/(public_key\\?":\\?")(.)/g, (_whole, before: string, first: string) => before + (first === "A" ? "B" : "A")));
  await expect(his.getByRole("alert").filter({ hasText: "Your passkey does not open this key" })).toBeVisible();
  await bent((html) => html);
  await expect(his.getByText("Your passkey opened it")).toBeVisible();
  await his.context().close();
});

test.describe("a ticket", () => {
  test.use({ mayComplain: /status of 4\d\d/ });

  test("opens once: a second tab, and the same page loaded again, are told so and sign nothing", async ({ page, context }) => {
    await plugIn(page);
    await found(page);
    const url = await heldBack(page);
    const first = await context.newPage();
    await first.goto(url);
    await expect(first.getByRole("heading", { level: 1 })).toContainText("Make “Desk”");
    const second = await context.newPage();
    await second.goto(url);
    await expect(second.getByRole("alert")).toContainText("This was opened before");
    await first.reload();
    await expect(first.getByRole("alert")).toContainText("This page was loaded again");
    await expect(page.getByText(/Opened by Chrome on Linux/)).toBeVisible();
  });

  test("stolen into another browser is refused there, spent, and shown in the console with where it turned up", async ({ page, browser, context }) => {
    await plugIn(page);
    await found(page);
    const url = await heldBack(page);
    const thief = await browser.newContext({ extraHTTPHeaders: { "x-forwarded-for": anyAddress() }, userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0" });
    const stolen = await thief.newPage();
    await stolen.goto(url);
    await expect(stolen.getByRole("alert")).toContainText("This is another browser");
    await expect(page.getByText(/Opened by Firefox on Windows/)).toBeVisible();
    await expect(page.getByText(/It was opened in another browser/)).toBeVisible();
    const own = await context.newPage();
    await own.goto(url);
    await expect(own.getByRole("alert")).toContainText("This was opened before");
    await thief.close();
  });

  test("two minutes later it is too old, and an ended session opens nothing", async ({ page, context }) => {
    await plugIn(page);
    await found(page);
    const url = await heldBack(page);
    const id = /approve\/([0-9a-f-]{36})/.exec(url)![1];
    await sql("update signing_ticket set ticket_expires_at = now() - interval '1 second' where ticket_id = $1", [id]);
    const late = await context.newPage();
    await late.goto(url);
    await expect(late.getByRole("alert")).toContainText("It waited too long to be opened");
    const next = await heldBack(page, "Bag");
    await sql("update session set revoked_at = now() where session_id = (select session_id from signing_ticket where ticket_id = $1)", [id]);
    await late.goto("about:blank");
    await late.goto(next);
    await expect(late.getByRole("alert")).toContainText("Your session in the console has ended");
  });

  test("an address without a ticket, or with one that was invented, opens nothing", async ({ page }) => {
    await page.goto(`${signOrigin()}/approve/${crypto.randomUUID()}`);
    await expect(page.getByRole("alert")).toContainText("Nothing to sign here");
    await page.goto("about:blank");
    await page.goto(`${signOrigin()}/approve/${crypto.randomUUID()}#${"A".repeat(43)}`);
    await expect(page.getByRole("alert")).toContainText("This link opens nothing");
  });

  test("leaving says so in the console", async ({ page }) => {
    await plugIn(page);
    await found(page);
    const window = await signingWindow(page, await enrolPage(page, "Desk"));
    await window.getByRole("button", { name: "Not now" }).click();
    await expect(window.getByRole("heading", { name: "Nothing was made" })).toBeVisible();
    await expect(page.getByText("Left without signing")).toBeVisible();
  });
});

test("a key that can be copied is refused where the organisation asks for hardware, before anything is sent", async ({ page }) => {
  await plugIn(page);
  await found(page);
  await page.goto("/settings/signing-keys");
  await page.getByRole("switch", { name: /Only keys that stay on their device/ }).click();
  await expect(page.getByRole("switch", { name: /Only keys that stay on their device/ })).toBeChecked();
  const window = await signingWindow(page, await enrolPage(page, "Phone"));
  await plugIn(window, { transport: "internal", synced: true });
  await window.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(window.getByRole("alert")).toContainText("This key can be copied to other devices");
  await expect(page.getByRole("row", { name: /Phone/ })).toHaveCount(0);
});

test.describe("a server that lies", () => {
  const signer = b64u(new Uint8Array(32).fill(5));

  test("that hands over a challenge of its own, such as a batch's hash, gets no tap: the page refuses the whole answer", async ({ page }) => {
    const hash = b64u(new Uint8Array(32).fill(7));
    for (const offer of [toEnrol({ challenge: hash }), toEnrol({ kind: "batch", root: hash }), { ...toEndorse([await offered("Oskar Lund")], signer), challenge: hash }, { challenge: hash, expires_at: 1 }, [], null]) {
      await plugIn(page);
      const { heard, taps } = await against(page, offer);
      await expect(page.getByRole("alert")).toContainText("The server asked for something this page does not do");
      expect(await taps()).toBe(0);
      expect(heard).toEqual([]);
      await expect(page.getByRole("button")).toHaveCount(0);
      await page.unrouteAll();
      await page.goto("about:blank");
    }
  });

  test("that exchanges a technician's key gets no tap: the passkey never signed it", async ({ page }) => {
    const good = await offered("Oskar Lund");
    const swapped = { ...good, statement: { ...good.statement, public_key: b64u(new Uint8Array(32).fill(9)) } };
    const { heard, taps } = await against(page, toEndorse([await offered("Tess Quigley"), swapped], signer));
    await expect(page.getByRole("alert")).toContainText("One of these keys is not what it says");
    await expect(page.getByRole("alert")).toContainText("The key of Oskar Lund: it is not signed by the passkey");
    expect(await taps()).toBe(0);
    expect(heard).toEqual([]);
  });

  test("that invents key and passkey together shows other letters than its owner reads, and is told that they differ", async ({ page }) => {
    const real = await offered("Oskar Lund");
    const invented = await offered("Oskar Lund");
    const { heard, taps } = await against(page, toEndorse([invented], signer));
    await expect(page.getByRole("img", { name: spoken(inboxFingerprint(invented.statement)) })).toBeVisible();
    await expect(page.getByRole("img", { name: spoken(inboxFingerprint(real.statement)) })).toHaveCount(0);
    await page.getByRole("button", { name: "It differs: Oskar Lund" }).click();
    await expect(page.getByText("1 differs and will be reported.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Endorse with one tap" })).toHaveAttribute("aria-disabled", "true");
    await page.getByRole("button", { name: "Endorse with one tap" }).click({ force: true });
    await page.getByRole("button", { name: "Not now" }).click();
    await expect(page.getByRole("heading", { name: "Nothing was endorsed" })).toBeVisible();
    expect(await taps()).toBe(0);
    expect(heard).toMatchObject([{ door: "decline", body: { differs: endorsementOf([invented.statement]).statements } }]);
  });

  test("that makes a key for a console of its own cannot: what the new key signs names the console of the page", async ({ page }) => {
    await plugIn(page);
    const { heard } = await against(page, toEnrol());
    await page.getByRole("button", { name: "Touch your new signing key" }).click();
    await expect(page.getByRole("heading", { name: "“Desk” is a signing key now" })).toBeVisible();
    const body = heard[0]!.body as { credential_id: string; public_key: string; enrol: { client_data_json: string } };
    expect(challengeOf(body.enrol)).toBe(b64u(enrolChallenge({ credential_id: body.credential_id, public_key: body.public_key, msp: instance.origin })));
  });
});

test("one tap signs exactly the statements that were compared, out of many, with the keyboard alone", async ({ page }) => {
  const made = await plugIn(page);
  const { heard: enrolled } = await against(page, toEnrol());
  await page.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(page.getByRole("heading", { name: "“Desk” is a signing key now" })).toBeVisible();
  const signer = (enrolled[0]!.body as { credential_id: string }).credential_id;
  expect(await made.keys()).toHaveLength(1);
  await page.unrouteAll();
  const list = await Promise.all(["Oskar Lund", "Tess Quigley", "Jim Okafor"].map((name) => offered(name)));
  const { heard, taps } = await against(page, toEndorse(list, signer));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Are these the keys of 3 people?");
  for (const name of ["Oskar Lund", "Jim Okafor"]) {
    await page.getByRole("button", { name: `Read the same: ${name}` }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: `Take that back: ${name}` })).toBeFocused();
  }
  await page.getByRole("button", { name: "Endorse 2 of 3 keys with one tap" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "2 keys are endorsed" })).toBeVisible();
  expect(await taps()).toBe(1);
  const body = heard[0]!.body as { endorsement: { statements: string[] }; assertion: { client_data_json: string }; differs: string[] };
  const expected = endorsementOf([list[0]!.statement, list[2]!.statement]);
  expect(body.endorsement).toEqual(expected);
  expect(body.differs).toEqual([]);
  expect(challengeOf(body.assertion)).toBe(b64u(endorseChallenge(expected)));
});

test("a tap that does not come can be asked for again; nothing is sent meanwhile", async ({ page }) => {
  const cdp = (await plugIn(page, { verified: false })).cdp;
  const { heard } = await against(page, toEnrol());
  await page.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(page.getByText("No tap came.")).toBeVisible();
  expect(heard).toEqual([]);
  await cdp.send("WebAuthn.disable");
  await plugIn(page);
  await page.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(page.getByRole("heading", { name: "“Desk” is a signing key now" })).toBeVisible();
});

test("a thousand statements are shown, checked and signed with one tap", async ({ page }) => {
  test.setTimeout(120_000);
  await plugIn(page);
  const { heard: enrolled } = await against(page, toEnrol());
  await page.getByRole("button", { name: "Touch your new signing key" }).click();
  await expect(page.getByRole("heading", { name: "“Desk” is a signing key now" })).toBeVisible();
  await page.unrouteAll();
  const device = await createDevice({ origin: instance.origin });
  const list = await Promise.all(Array.from({ length: 1_000 }, (_, at) => offered(`Technician ${at + 1}`, device)));
  const { heard, taps } = await against(page, toEndorse(list, (enrolled[0]!.body as { credential_id: string }).credential_id));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Are these the keys of 1000 people?", { timeout: 30_000 });
  // A person compares them one by one; here the buttons are pressed all at once.
  await page.evaluate(() => document.querySelectorAll<HTMLButtonElement>("li .button.ink").forEach((one) => one.click()));
  await page.getByRole("button", { name: "Endorse 1000 keys with one tap" }).click();
  await expect(page.getByRole("heading", { name: "1000 keys are endorsed" })).toBeVisible({ timeout: 30_000 });
  expect(await taps()).toBe(1);
  const body = heard[0]!.body as { endorsement: unknown; assertion: { client_data_json: string } };
  const expected = endorsementOf(list.map(({ statement }) => statement));
  expect(body.endorsement).toEqual(expected);
  expect(challengeOf(body.assertion)).toBe(b64u(endorseChallenge(expected)));
});

test.describe("the house", () => {
  test.use({ mayComplain: /TrustedHTML/ });
  test("sets no cookie, names its one script in its policy, and knows no path of the console", async ({ page, request }) => {
    const answer = await page.goto(`${signOrigin()}/approve/${crypto.randomUUID()}`);
    const headers = answer!.headers();
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src http:\/\/sign\.localhost:\d+\/page-[0-9a-f]{16}\.js; style-src/);
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["set-cookie"]).toBeUndefined();
    expect(await page.context().cookies(signOrigin())).toEqual([]);
    await expect(page.getByRole("alert")).toBeVisible();
    const port = new URL(instance.origin).port;
    for (const path of ["/", "/settings", "/sign-in", "/api/auth/session", "/api/ceremony/sign-in", "/_next/static/x.js"]) {
      expect((await request.get(`http://127.0.0.1:${port}${path}`, { headers: { host: `sign.localhost:${port}` } })).status(), path).toBe(404);
    }
    const styled = await page.evaluate(() => {
      const box = document.createElement("div");
      try {
        box.innerHTML = "<b>x</b>";
        return "markup";
      } catch {
        return "refused";
      }
    });
    expect(styled).toBe("refused");
  });
});

for (const { theme, width, height } of looks) {
  test(`the signing page is accessible, ${theme}, ${width} px wide`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    const statements = [await offered("Oskar Lund"), await offered("مريم حداد"), { ...(await offered("Wolfeschlegelsteinhausenbergerdorff von und zu Hohenlohe-Langenburg")), replaces: true }];
    const shown: [string, unknown][] = [["enrol", toEnrol({ hardware_bound: true })], ["endorse", toEndorse(statements, b64u(new Uint8Array(32).fill(5)))], ["refused", {}]];
    for (const [name, offer] of shown) {
      await against(page, offer);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (name === "endorse") {
        await page.getByRole("button", { name: "It differs: Oskar Lund" }).click();
        await page.getByRole("button", { name: "Read the same: مريم حداد" }).click();
      }
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} scrolls sideways`).toBe(0);
      await page.screenshot({ path: info.outputPath(`${name}-${theme}-${width}.png`) });
      await page.unrouteAll();
      await page.goto("about:blank");
    }
  });
}
