/**
 * A technician's day over real vaults: sealed tokens opened with one touch, used, taken as a profile; access asked for, approved, signed
 * and ended by the vault itself; a seal that is not theirs. And the break-glass, made in shares and tried by two.
 */
import { readdir, readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Download, Page } from "@playwright/test";
import { call, type Access } from "../sandbox/clients/wire.ts";
import { connectClients, deskOf, untilRead, type Client, type Keys } from "./approve.ts";
import { expectFits, instance, mailsFor } from "./fixtures.ts";
import { clientsVaults, signers, type Vaults } from "./onboard.ts";
import { anyAddress, expect, sql, taken, test } from "./people.ts";
import { invite, join, plugIn, signingWindow } from "./signing.ts";

// A place that the person may not open, fetched ahead, is an answer of 4xx, which Chromium writes into its console.
test.use({ mayComplain: /status of 4\d\d/ });
test.describe.configure({ timeout: 480_000 });

let vaults: Vaults;
test.beforeAll(async () => {
  vaults = await clientsVaults();
});
test.afterAll(async () => vaults.end());

/** Longer than the minute after which the worker looks at everything again, whatever woke it before. */
const patience = { timeout: 120_000 };
const emailOf = async (page: Page): Promise<string> => {
  await page.goto("/settings/members");
  return (await page.getByText(/@quillmoor\.example/).first().textContent())!.match(/[\w-]+@quillmoor\.example/)![0];
};

type Technician = { page: Page; context: BrowserContext; sent: string[] };

/** Somebody invited, in a browser of their own that keeps all it sends, with an inbox key that waits. */
async function technician(page: Page, browser: Browser, name: string): Promise<Technician> {
  const link = await invite(page);
  const context = await browser.newContext({ baseURL: instance.origin, locale: "en-GB", timezoneId: "UTC", extraHTTPHeaders: { "x-forwarded-for": anyAddress() }, permissions: ["clipboard-read", "clipboard-write"], acceptDownloads: true });
  const own = await context.newPage();
  const sent: string[] = [];
  context.on("request", (request) => void sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ""}`));
  await plugIn(own);
  await join(own, link, name);
  await makeInboxKey(own);
  return { page: own, context, sent };
}

async function makeInboxKey(page: Page): Promise<void> {
  await page.goto("/settings/inbox-key");
  await taken(page);
  await page.getByRole("button", { name: "Make my inbox key" }).click();
  await expect(page.getByText("It waits for a signer.")).toBeVisible();
}

/** One tap for every key that waits. */
async function endorse(page: Page, keys: Keys): Promise<void> {
  await page.goto("/settings/endorse");
  await taken(page);
  const window = await signingWindow(page, () => page.getByRole("button", { name: /^Endorse the / }).click());
  await plugIn(window, { holding: keys });
  const same = window.getByRole("button", { name: /^Read the same: / });
  await expect(same.first()).toBeVisible();
  for (let left = await same.count(); left > 0; left -= 1) {
    await expect(same).toHaveCount(left);
    await same.first().click();
  }
  await window.getByRole("button", { name: /^Endorse .* with one tap$/ }).click();
  await expect(window.getByRole("heading", { name: /endorsed$/ })).toBeVisible();
}

/** Signs the plan on this page and waits until every vault is proven. */
async function sign(page: Page, keys: Keys): Promise<void> {
  const planId = page.url().split("/").at(-1)!;
  await taken(page);
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing page" }).click());
  await plugIn(window, { holding: keys });
  await window.locator("#sign").click();
  await expect(window.getByRole("heading", { name: /^Signed for / })).toBeVisible(patience);
  await expect.poll(async () => (await sql<{ state: string }>("select distinct state from dispatch where plan_id = $1", [planId])).map(({ state }) => state), patience).toEqual(["proven"]);
}

type Profile = { kind: string; v: number; tokens: { name: string; vault_url: string; vault: string; key: string; agent: number; uid: string; token: string; expires_at: string | null }[] };
const textOf = async (download: Download): Promise<string> => readFile((await download.path()), "utf8");
const accessOf = ({ vault_url: url, vault: vaultId, key, agent: agentId, uid, token }: Profile["tokens"][number]): Access => ({ url, vaultId, key, agentId, uid, token });
const reads = (access: Access): Promise<number> => call(access, "GET", "/entries?limit=1").then(() => 200, (error: unknown) => (error as { status?: number }).status ?? 0);

async function giveRole(clients: readonly Client[]): Promise<void> {
  const [{ msp_id: mspId }] = (await sql<{ msp_id: string }>("select msp_id from vault where vault_ref = $1", [clients[0]!.vaultRef])) as [{ msp_id: string }];
  const role = crypto.randomUUID();
  await sql("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, 'Networking', 'N', 0)", [mspId, role]);
  for (const { vaultRef } of clients) await sql("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, '0010', 'person')", [mspId, vaultRef, role]);
}

test("a technician's day: tokens opened with one touch, a profile that works, a request, a lease that ends, a stranger's seal", async ({ page, browser }, info) => {
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  const clients = await connectClients(page, vaults, keys, ["Acme Dental Group", "Birchgate Primary Care", "مكتبة النخيل"]);
  await untilRead(clients);
  await giveRole(clients);
  const email = await emailOf(page);
  const jim = await technician(page, browser, "Jim Okafor");
  await jim.page.goto("/tokens");
  await expect(jim.page.getByText("You have no token yet")).toBeVisible();
  await endorse(page, keys);
  const desk = await deskOf(email);
  const [{ person_id: jimId }] = (await sql<{ person_id: string }>("select person_id from person where msp_id = $1 and name = 'Jim Okafor'", [desk.actor.mspId])) as [{ person_id: string }];
  const grant = ({ vaultRef }: Client, expiresAt: number | null = null) => ({ change: "grant" as const, vaultRef, personId: jimId, scopes: "0010", allAccess: false, expiresAt });
  const give = async (of: readonly ReturnType<typeof grant>[], title: string) => {
    const { planId } = await desk.plan(title, of);
    await page.goto(`/plans/${planId}`);
    await sign(page, keys);
  };
  await give(clients.map((client) => grant(client)), "Jim works like Sarah");

  const profile = await test.step("three envelopes, one touch, one profile", async () => {
    await jim.page.goto("/tokens");
    await expect(jim.page.getByText("3 are new. Nobody has seen what is in them.")).toBeVisible();
    await expect(jim.page.getByRole("link", { name: /My tokens/ }).first()).toContainText("3");
    await expectFits(jim.page, shot, "tokens-sealed");
    await taken(jim.page);
    await jim.page.getByRole("button", { name: "Open all 3 with one tap" }).click();
    await expect(jim.page.getByRole("button", { name: "Copy once" })).toBeVisible(patience);
    await expect(jim.page.getByText("3 are open in this page.")).toBeVisible(patience);
    await expectFits(jim.page, shot, "tokens-open");
    await jim.page.getByRole("button", { name: "Copy once" }).click();
    await expect(jim.page.getByRole("button", { name: "Copy once" })).toBeHidden();
    const copied = await jim.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^cvt_[A-Za-z0-9_-]{43}$/);
    const [download] = await Promise.all([jim.page.waitForEvent("download"), jim.page.getByRole("button", { name: "All 2 for the extension" }).click()]);
    const made = JSON.parse(await textOf(download)) as Profile;
    expect(made).toMatchObject({ kind: "clavitor-profile", v: 1 });
    expect(made.tokens).toHaveLength(2);
    for (const token of made.tokens) expect(await reads(accessOf(token)), token.name).toBe(200);
    await expect(jim.page.getByText("Nothing new waits for you.")).toBeVisible();
    // In memory only: a page that is loaded again has nothing left of them.
    await jim.page.reload();
    await expect(jim.page.getByRole("button", { name: "Copy once" })).toHaveCount(0);
    return { tokens: [...made.tokens.map(({ token }) => token), copied], first: made.tokens[0]! };
  });

  await test.step("the server never saw one of them: not in what the browser sent, not in its logs, not in its database", async () => {
    expect(jim.sent.some((line) => line.includes("/tokens"))).toBe(true);
    const logs = (await Promise.all((await readdir(`${instance.folder}/log`)).map((name) => readFile(`${instance.folder}/log/${name}`, "utf8")))).join("\n");
    expect(logs.length).toBeGreaterThan(0);
    const tables = await sql<{ name: string }>("select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')");
    for (const token of profile.tokens) {
      expect(jim.sent.some((line) => line.includes(token))).toBe(false);
      expect(logs.includes(token)).toBe(false);
      for (const { name } of tables) expect(await sql(`select 1 from public."${name}" x where position($1 in x::text) > 0 limit 1`, [token]), name).toEqual([]);
    }
  });

  await test.step("a request: asked, answered by an owner, signed, and its token arrives", async () => {
    await jim.page.goto("/requests");
    await taken(jim.page);
    await jim.page.getByLabel("Clients").first().fill("Birch");
    await jim.page.getByRole("option", { name: /Birchgate/ }).click();
    await jim.page.getByRole("checkbox", { name: "Networking" }).check();
    await jim.page.getByLabel("What for").fill("Printers are down at their branch");
    await expectFits(jim.page, shot, "request-form");
    await jim.page.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(jim.page.getByRole("heading", { name: /You ask for/ })).toBeVisible();
    await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject), patience).toContain("Jim Okafor asks for Networking for 4 hours");
    await page.goto("/requests");
    await expect(page.getByRole("heading", { name: "1 request waits for an answer" })).toBeVisible();
    await expectFits(page, shot, "requests");
    await taken(page);
    await page.getByLabel("How long Jim Okafor gets it").selectOption("2");
    await page.getByRole("button", { name: "Approve and plan it" }).click();
    await expect(page).toHaveURL(/\/plans\/[0-9a-f-]{36}$/, patience);
    await sign(page, keys);
    await jim.page.goto("/tokens");
    await expect(jim.page.getByText("1 is new. Nobody has seen what is in it.")).toBeVisible();
    await jim.page.goto("/requests");
    await expect(jim.page.getByText("Given")).toBeVisible();
  });

  await test.step("a lease ends by itself: the vault refuses the token, and the page says so", async () => {
    const [, , library] = clients as [Client, Client, Client];
    await give([grant(library, Math.floor(Date.now() / 1_000) + 45)], "A moment at the library");
    await jim.page.goto("/tokens");
    await jim.page.getByRole("button", { name: /مكتبة النخيل.*ends/ }).click();
    await taken(jim.page);
    await jim.page.getByRole("button", { name: "Open this one" }).click();
    await expect(jim.page.getByRole("button", { name: "Profile for the command line" })).toBeVisible(patience);
    const [download] = await Promise.all([jim.page.waitForEvent("download"), jim.page.getByRole("button", { name: "Profile for the command line" }).click()]);
    const text = await textOf(download);
    const value = (key: string) => new RegExp(`^${key} = (.+)$`, "m").exec(text)![1]!;
    const access: Access = { url: value("url"), vaultId: value("vault"), key: value("key"), agentId: Number(value("agent")), uid: value("uid"), token: value("token") };
    await expect.poll(() => reads(access), { timeout: 90_000 }).toBe(401);
    await page.goto("/leases");
    await expectFits(page, shot, "leases");
    await expect.poll(async () => (await sql("select 1 from known_agent where uid = $1", [access.uid])).length, { timeout: 120_000 }).toBe(0);
    await jim.page.reload();
    await expect(jim.page.getByText("removed, or its end has come").first()).toBeVisible();
    expect(await sql("select 1 from drift where settled_at is null and vault_ref = any($1)", [clients.map(({ vaultRef }) => vaultRef)])).toEqual([]);
  });

  await test.step("a seal that is not his: refused in his browser, owners are told", async () => {
    // Another vault's sealed bytes under this row's name: his key opens them nowhere but there.
    await sql("update hand_over h set ct = other.ct, enc = other.enc from (select ct, enc from hand_over where person_id = $1 and opened_at is not null limit 1) other where h.person_id = $1 and h.opened_at is null", [jimId]);
    await jim.page.goto("/tokens");
    await taken(jim.page);
    await jim.page.getByRole("button", { name: "Open it with one tap" }).click();
    await expect(jim.page.getByText("Not sealed to your key; owners were told")).toBeVisible(patience);
    await expect.poll(async () => (await mailsFor(email)).map(({ subject }) => subject), patience).toContain("A token for Jim Okafor is sealed to a stranger's key");
  });
  await desk.close();
  await jim.context.close();
});

test("the break-glass: made in shares, sealed in every vault, tried by two who never see it whole", async ({ page, browser }, info) => {
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  const clients = await connectClients(page, vaults, keys, ["Foxglove Pharmacies"]);
  await untilRead(clients);
  await makeInboxKey(page);
  const hana = await technician(page, browser, "Hana Kobayashi");
  await endorse(page, keys);
  await page.goto("/break-glass");
  await taken(page);
  await page.getByRole("button", { name: "Make the key…" }).click();
  await page.getByRole("checkbox", { name: "Hana Kobayashi" }).check();
  await page.getByRole("button", { name: "Make it, 2 custodians" }).click();
  await expect(page.getByText("Waits for a signer")).toBeVisible(patience);
  await endorse(page, keys);
  await page.goto("/break-glass");
  await taken(page);
  await page.getByRole("button", { name: "Plan it for 1 client" }).click();
  await expect(page).toHaveURL(/\/plans\/[0-9a-f-]{36}$/, patience);
  await sign(page, keys);
  await page.goto("/break-glass");
  await expect(page.getByText("1 of 1 clients have a sealed token.")).toBeVisible(patience);
  await taken(page);
  await page.getByRole("button", { name: "Try it: Foxglove Pharmacies" }).click();
  await page.getByRole("button", { name: "Ask for a try" }).click();
  await expect(page.getByText("Waits for a second")).toBeVisible();
  await expectFits(page, shot, "break-glass");
  await hana.page.goto("/break-glass");
  await taken(hana.page);
  await hana.page.getByRole("button", { name: /^Release my share to / }).click();
  await expect(hana.page.getByText("Both shares are there")).toBeVisible(patience);
  await page.reload();
  await taken(page);
  await page.getByRole("button", { name: "Try it", exact: true }).click();
  await expect(page.getByText("Tried: works")).toBeVisible(patience);
  expect(await sql("select drill from break_glass_opening where opened_at is not null and vault_ref = $1", [clients[0]!.vaultRef])).toEqual([{ drill: true }]);
  await hana.context.close();
});
