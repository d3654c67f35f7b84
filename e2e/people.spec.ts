/** People: starting, signing in and out, keys, sessions, invitations, freezing, the way back. Real WebAuthn throughout. */
import { expectAccessible, looks, mailsFor } from "./fixtures.ts";
import { anyEmail, expect, found, sessionIdOf, signIn, signOut, sql, stranger, test } from "./people.ts";

// A refusal is an answer of 4xx, which Chromium writes into its console.
test.use({ mayComplain: /the server responded with a status of 4\d\d/ });
test.beforeEach(({ authenticator }) => expect(authenticator.id).toBeTruthy());

test("an organisation is started with a key, left, and entered again with nothing but the key", async ({ page, authenticator }) => {
  const { email } = await found(page);
  await expect(page.getByRole("heading", { name: "Quillmoor IT" })).toBeVisible();
  expect(await authenticator.credentials()).toHaveLength(1);
  await signOut(page);
  await page.goto("/settings/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fsettings%2Fkeys/);
  await signIn(page);
  await expect(page).toHaveURL(/\/settings\/keys$/);
  await expect(page.getByRole("row", { name: /First key/ })).toBeVisible();
  await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject).toSorted()).toEqual(["A key was added to your access", "Is this your address?"]);
});

test("the session's cookie is for this host only, and no script can read it", async ({ page, context }) => {
  await found(page);
  const cookies = await context.cookies();
  for (const name of ["__Host-session", "__Host-csrf", "__Host-ceremony"]) {
    const cookie = cookies.find((one) => one.name === name);
    expect(cookie, name).toMatchObject({ httpOnly: true, secure: true, path: "/", domain: "localhost" });
    expect(["Lax", "Strict"]).toContain(cookie!.sameSite);
  }
  expect(await page.evaluate(() => document.cookie)).not.toContain("__Host-");
});

test("wrong fields at sign-up are said beside them before a key is asked for", async ({ page, authenticator }) => {
  await page.goto("/sign-up");
  await page.getByLabel("Your mail address").fill("ines at quillmoor");
  await page.getByRole("button", { name: "Start it with my key" }).click();
  await expect(page.getByLabel("Organisation")).toHaveAccessibleDescription(/Type the organisation's name/);
  await expect(page.getByLabel("Your mail address")).toHaveAccessibleDescription(/This is no mail address/);
  await expect(page.getByLabel("Your mail address")).toHaveValue("ines at quillmoor");
  expect(await authenticator.credentials()).toEqual([]);
});

test("nobody's touch is said as that, and the next try works", async ({ page, authenticator }) => {
  await found(page);
  await signOut(page);
  await authenticator.session.send("WebAuthn.setUserVerified", { authenticatorId: authenticator.id, isUserVerified: false });
  await signIn(page);
  await expect(page.getByText("The key was not touched.")).toBeVisible();
  await authenticator.session.send("WebAuthn.setUserVerified", { authenticatorId: authenticator.id, isUserVerified: true });
  await signIn(page);
  await expect(page).toHaveURL(/\/overview$/);
});

test("a second key is added with two touches, opens the door, is renamed and removed; each is mailed", async ({ page, authenticator }) => {
  const { email } = await found(page);
  await page.goto("/settings/keys");
  await expect(page.getByText("There is one key only.")).toBeVisible();
  // One hand, two keys: after the first has answered, the other one is touched.
  const { authenticatorId: second } = await authenticator.session.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "nfc", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: false } });
  const touch = async (which: string, on: boolean) => authenticator.session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: which, enabled: on });
  let sent = 0;
  await page.route("**/settings/keys", async (route) => {
    // The first form asks for a tap; with the second the tap is sent, and then the other key is at hand.
    if (route.request().method() === "POST" && (sent += 1) === 2) {
      await touch(authenticator.id, false);
      await touch(second, true);
    }
    await route.continue();
  });
  await page.getByRole("button", { name: "Add a key" }).click();
  await page.getByLabel("Name of the new key").fill("Key in the drawer");
  await page.getByRole("button", { name: "Touch both keys" }).click();
  await expect(page.getByRole("row", { name: /Key in the drawer/ })).toBeVisible();
  await expect(page.getByText("There is one key only.")).toBeHidden();
  await touch(second, false);
  await touch(authenticator.id, true);
  await page.getByRole("button", { name: "Rename Key in the drawer" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Blue key");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("row", { name: /Blue key/ })).toBeVisible();
  await page.getByRole("button", { name: "Remove Blue key" }).click();
  await page.getByRole("button", { name: "Confirm with a key" }).click();
  await expect(page.getByRole("row", { name: /Blue key/ })).toBeHidden();
  await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject).toSorted()).toEqual(["A key was added to your access", "A key was added to your access", "A key was removed from your access", "Is this your address?"]);
  // The removed key, alone at hand, opens nothing.
  await signOut(page);
  await authenticator.session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: authenticator.id });
  await touch(second, true);
  await signIn(page);
  await expect(page.getByText("This key opens nothing here.")).toBeVisible();
});

test("the last key of the last owner stays", async ({ page }) => {
  await found(page);
  await page.goto("/settings/keys");
  await page.getByRole("button", { name: "Remove First key" }).click();
  await page.getByRole("button", { name: "Confirm with a key" }).click();
  await expect(page.getByRole("dialog").getByText("This is the last key")).toBeVisible();
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByRole("row", { name: /First key/ })).toBeVisible();
});

test("a member is invited, joins with a key of their own, sees what they may, and is frozen", async ({ page }) => {
  await found(page);
  const email = anyEmail();
  await page.goto("/settings/members");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByLabel("Mail address").fill(email);
  await page.getByRole("checkbox", { name: /Technician/ }).check();
  await page.getByRole("button", { name: "Invite with a key" }).click();
  const link = await page.getByLabel("One-time link").inputValue();
  expect(link).toMatch(/\/join#[\w-]{43}$/);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row", { name: new RegExp(email) })).toBeVisible();
  await expect.poll(async () => (await mailsFor(email))[0]?.text ?? "").toContain(link);

  const other = await stranger(page);
  await other.page.goto(link);
  await expect(other.page.getByText(email)).toBeVisible();
  await other.page.getByLabel("Your name").fill("Tomas Varga");
  await other.page.getByRole("button", { name: "Join with my key" }).click();
  await expect(other.page).toHaveURL(/\/overview$/);
  await other.page.goto("/settings/organisation");
  await expect(other.page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(other.page.getByRole("link", { name: "Members" })).toBeHidden();
  await expect(other.page.getByRole("button", { name: "Rename" })).toBeHidden();
  for (const path of ["/settings/members", "/settings/records", "/settings/mail", "/settings/system"]) {
    await other.page.goto(path);
    await expect(other.page.getByRole("heading", { name: "This is not for your role" }), path).toBeVisible();
  }

  const third = await stranger(page);
  await third.page.goto(link);
  await expect(third.page.getByRole("heading", { name: "This invitation was used" })).toBeVisible();
  await third.context.close();

  await page.reload();
  await page.getByRole("button", { name: "What to do with Tomas Varga" }).click();
  await page.getByRole("menuitem", { name: "Freeze…" }).click();
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page.getByRole("row", { name: /Tomas Varga/ }).getByText("Frozen")).toBeVisible();
  await other.page.goto("/settings/organisation");
  await expect(other.page).toHaveURL(/why=person_frozen/);
  await signIn(other.page);
  await expect(other.page.getByText("Your access is frozen.").first()).toBeVisible();
  await other.context.close();
});

test("an expired, a withdrawn and a mistyped invitation say so", async ({ page }) => {
  await found(page);
  const email = anyEmail();
  await page.goto("/settings/members");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByLabel("Mail address").fill(email);
  await page.getByRole("checkbox", { name: /Auditor/ }).check();
  await page.getByRole("button", { name: "Invite with a key" }).click();
  const link = await page.getByLabel("One-time link").inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  await sql("update invitation set expires_at = now() where email = $1", [email]);
  const other = await stranger(page);
  const says = (name: string) => expect(other.page.getByRole("heading", { name })).toBeVisible();
  await other.page.goto(link);
  await says("This invitation has ended");
  await other.page.goto(link.slice(0, -1));
  await other.page.reload();
  await says("This link opens nothing");
  await other.page.goto("/join");
  await says("This link opens nothing");
  await sql("update invitation set expires_at = now() + interval '1 day' where email = $1", [email]);
  await page.getByRole("button", { name: `Take back the invitation of ${email}` }).click();
  await expect(page.getByText("Nobody is invited")).toBeVisible();
  await other.page.goto("about:blank");
  await other.page.goto(link);
  await says("This invitation has ended");
  await other.context.close();
});

test("after 30 minutes without use the page says so over what stands there, and a touch goes on", async ({ page }) => {
  const { email } = await found(page);
  await page.getByRole("textbox", { name: "Organisation" }).fill("Half typed");
  await sql("update session set seen_at = now() - interval '31 minutes' where session_id = $1", [await sessionIdOf(email)]);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const dialog = page.getByRole("dialog", { name: "You were away for 30 minutes" });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Touch your key" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("textbox", { name: "Organisation" })).toHaveValue("Half typed");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { name: "Half typed" })).toBeVisible();
});

test("what a page fetches by itself is no activity; what a person presses is", async ({ page }) => {
  const { email } = await found(page);
  const id = await sessionIdOf(email);
  const seenAgo = async () => (await sql<{ ago: number }>("select extract(epoch from now() - seen_at)::int as ago from session where session_id = $1", [id]))[0]!.ago;
  const back = () => sql("update session set seen_at = now() - interval '20 minutes' where session_id = $1", [id]);
  await back();
  await page.evaluate(() => fetch("/api/session"));
  await page.evaluate(() => fetch("/settings/organisation", { headers: { RSC: "1" } }));
  expect(await seenAgo()).toBeGreaterThanOrEqual(1_200);
  await page.evaluate(() => fetch("/api/session", { method: "POST", body: "{}" }));
  expect(await seenAgo()).toBeLessThan(60);
  await back();
  await page.goto("/settings/sessions");
  expect(await seenAgo()).toBeLessThan(60);
});

test("a session is ended from another place, and its next click finds the door closed", async ({ page }) => {
  const { email } = await found(page);
  const first = await sessionIdOf(email);
  await page.context().clearCookies();
  await page.goto("/sign-in");
  await signIn(page);
  await expect(page).toHaveURL(/\/overview$/);
  await page.goto("/settings/sessions");
  await expect(page.getByRole("row", { name: /Chrome on Linux/ })).toHaveCount(2);
  await page.getByRole("button", { name: "End it" }).click();
  await expect(page.getByRole("row", { name: /Chrome on Linux/ })).toHaveCount(1);
  const ended = await sql<{ ended: boolean }>("select revoked_at is not null as ended from session where session_id = $1", [first]);
  expect(ended).toEqual([{ ended: true }]);
  await sql("update session set revoked_at = now() where session_id = $1", [await sessionIdOf(email)]);
  await page.goto("/settings/sessions");
  await expect(page).toHaveURL(/why=session_revoked/);
  await expect(page.getByText("This session was ended.")).toBeVisible();
});

test("after twelve hours the key is asked again, whatever was done", async ({ page }) => {
  const { email } = await found(page);
  await sql("update session set expires_at = now() where session_id = $1", [await sessionIdOf(email)]);
  await page.goto("/settings/organisation");
  await expect(page.getByText("Twelve hours are over.")).toBeVisible();
});

test("a form sent after the session's end changes nothing and says why", async ({ page }) => {
  const { email } = await found(page);
  await sql("update session set revoked_at = now() where session_id = $1", [await sessionIdOf(email)]);
  await page.getByRole("textbox", { name: "Organisation" }).fill("Renamed without a session");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByText("This session was ended").first()).toBeVisible();
  expect(await sql("select 1 from msp where name = 'Renamed without a session'")).toEqual([]);
});

test("an owner without any key comes back a day after it was asked for, and not before", async ({ page }) => {
  const { email } = await found(page);
  const { execFileSync } = await import("node:child_process");
  const { instance } = await import("./fixtures.ts");
  const said = execFileSync("npm", ["run", "--silent", "owner:recover", "--", email], { cwd: new URL("..", import.meta.url), env: { ...process.env, CLAVITOR_DATA: instance.folder }, encoding: "utf8" });
  const link = /http:\S+\/recover#[\w-]{43}/.exec(said)?.[0] ?? "";
  expect(link).toBeTruthy();
  await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject)).toContain("A way back was opened for Ines Halloran");
  await page.goto("/settings/members");
  await expect(page.getByText("A way back is open for Ines Halloran.")).toBeVisible();
  const other = await stranger(page);
  await other.page.goto(link);
  await expect(other.page.getByRole("button", { name: "Register my new key" })).toHaveAttribute("aria-disabled", "true");
  await sql("update owner_recovery r set created_at = r.created_at - interval '25 hours', effective_at = r.effective_at - interval '25 hours', expires_at = r.expires_at - interval '25 hours' from person p where p.person_id = r.person_id and p.email = $1", [email]);
  await other.page.reload();
  await other.page.getByRole("button", { name: "Register my new key" }).click();
  await expect(other.page).toHaveURL(/\/settings\/keys$/);
  await expect(other.page.getByRole("row", { name: /Key after the way back/ })).toBeVisible();
  await other.context.close();
});

const sets = { "before the console": ["/sign-in?why=session_idle", "/sign-up", "/join", "/recover"], "of the settings": ["/settings/organisation", "/settings/members", "/settings/keys", "/settings/sessions"] } as const;
for (const { theme, width, height } of looks) {
  for (const [which, paths] of Object.entries(sets)) {
    test(`the pages ${which} are accessible, ${theme}, ${width} px wide`, async ({ page }, info) => {
      test.slow();
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      if (which === "of the settings") await found(page);
      for (const path of paths) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByText("Asking all parts")).toBeHidden();
        await expectAccessible(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${path} scrolls sideways`).toBe(0);
        await page.screenshot({ path: info.outputPath(`${path.slice(1).replaceAll(/\W/g, "-")}.png`) });
      }
    });
  }
}

const consolePages = ["/overview", "/matrix", "/plans", "/clients", "/clients/new", "/technicians", "/roles", "/requests", "/leases", "/revocations", "/break-glass", "/tokens", "/audit", "/audit/exports", "/billing", "/billing/alarms", "/billing/invoices", "/billing/renewals", "/billing/statements", "/billing/what-if", "/settings/members", "/settings/keys", "/settings/sessions"];

test("the sign-in page and the console's need less than 200 kB of script each, compressed", async ({ page }, info) => {
  // What the page itself names; windows and the palette are fetched when somebody nears them.
  const sizeOf = async (path: string) => {
    await page.goto(path, { waitUntil: "load" });
    const named = new Set([...(await (await page.request.get(path)).text()).matchAll(/static\/chunks\/([\w.~-]+\.js)/g)].map((match) => match[1]!));
    const bytes = await page.evaluate((names) => performance.getEntriesByType("resource").filter(({ name }) => names.some((one) => name.includes(one))).reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0), [...named]);
    info.annotations.push({ type: "script", description: `${path} ${bytes}` });
    return bytes;
  };
  const { email } = await found(page);
  await sql("update person set rights = '{owner,technician,finance,auditor}' where email = $1", [email]);
  const sizes: [path: string, bytes: number][] = [];
  for (const path of consolePages) sizes.push([path, await sizeOf(path)]);
  await signOut(page);
  sizes.push(["/sign-in", await sizeOf("/sign-in")]);
  expect(sizes.filter(([, bytes]) => bytes < 50_000 || bytes >= 200_000)).toEqual([]);
});

test("keyboard alone signs out and in again", async ({ page }) => {
  await found(page);
  await page.getByRole("button", { name: /: account$/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "My keys" })).toBeVisible();
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Touch your key" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/overview$/);
});
