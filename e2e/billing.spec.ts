/**
 * What finance sees, and what others do not: the reference portfolio on the page and in the sheet, clocks, what-if, warnings, and
 * the confidential terms, whose value is drawn when the test runs.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Page } from "@playwright/test";
import { parseCsv } from "../lib/client/csv.ts";
import { seedClients, uglyClients } from "../lib/client/testing/seed-clients.ts";
import { manyClients, referencePortfolio, seedPortfolio } from "../lib/billing/testing/portfolio.ts";
import { addDays, addMonths, dayOf } from "../lib/billing/days.ts";
import { expectAccessible, instance } from "./fixtures.ts";
import { administrator, expect, found, sql, taken, test } from "./people.ts";

const today = dayOf(new Date());
// Pages that refuse say so in the browser's console too.
test.use({ mayComplain: /status of 40[34]/ });

async function organisation(page: Page, rights: string): Promise<{ mspId: string; personId: string }> {
  const { email } = await found(page);
  const [row] = await sql<{ msp_id: string; person_id: string }>("update person set rights = $2::text[] where email = $1 returning msp_id, person_id", [email, rights]);
  return { mspId: row!.msp_id, personId: row!.person_id };
}

/** What is cut off at the window's right edge, where no scrolling shows it: the sheet hides what is wider. */
const cut = (page: Page) => page.evaluate(() => {
  const main = document.querySelector("main")!;
  const scrolls = (node: Element): boolean => node !== main && (getComputedStyle(node).overflowX !== "visible" || (node.parentElement !== null && scrolls(node.parentElement)));
  return [...main.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !scrolls(node)).map((node) => node.textContent.slice(0, 60));
});

/** Both looks that matter most, each without a finding of axe; pictures where SHOTS names a folder. */
async function look(page: Page, name: string, charts = false): Promise<void> {
  for (const [theme, width, height] of [["light", 1440, 900], ["dark", 390, 844]] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    // A window over the page hides it from assistive technology, not from sight.
    await expect(page.getByRole("heading", { level: 1, includeHidden: true })).toBeVisible();
    if (charts) await expect(page.locator(".recharts-surface").first()).toBeVisible();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${theme}-${width}.png` });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} ${width} px does not scroll sideways`).toBe(0);
    expect(await cut(page), `${name} ${width} px is whole`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function sheetOf(page: Page, path: string): Promise<Record<string, string>[]> {
  const response = await page.request.get(path);
  expect(response.headers()["content-type"]).toContain("text/csv");
  const parsed = parseCsv(await response.text());
  const [head, ...rows] = parsed.ok ? parsed.rows : [];
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [head![index]!, cell])));
}
const sum = (rows: readonly Record<string, string>[], column: string) => rows.reduce((total, row) => total + Math.round(Number(row[column]) * 100), 0);

test("finance finds the reference portfolio to the cent, its trouble and its ways out, and no access of anybody", async ({ page, authenticator: _key }) => {
  test.setTimeout(300_000);
  const { mspId } = await organisation(page, "{finance}");
  await administrator((admin) => seedPortfolio(admin, { mspId, today, portfolio: referencePortfolio(today) }));

  await page.goto("/overview");
  await expect(page.getByRole("listitem").filter({ hasText: "until Wexcombe Grain’s vault is suspended" })).toContainText("Wexcombe Grain owes USD 219, 22 days past due");
  await expect(page.getByRole("region", { name: "Deletion clock of Wexcombe Grain" })).toContainText("Nobody was told yet");
  await expect(page.getByRole("link", { name: "Clients", exact: true })).toHaveCount(0);
  await look(page, "overview-finance", true);

  await page.goto("/billing");
  await expect(page.getByText("50 Team subscriptions by invoice, Net 60, and 1 Pro subscription by card.")).toBeVisible();
  await expect(page.getByText("USD22,499")).toBeVisible();
  const row = page.getByRole("row", { name: /Pennard Tiles/ });
  await expect(row).toContainText("11/11");
  await look(page, "billing", true);
  await page.getByRole("radio", { name: "No free token 2" }).check();
  await expect(page.getByRole("table", { name: "Subscriptions with their locks" }).getByRole("row")).toHaveCount(3);
  await expect(page).toHaveURL(/show=full/);
  await page.getByRole("button", { name: "Renewals in the next 12 months as a table" }).click();
  await expect(page.getByRole("group", { name: "Renewals in the next 12 months, rows" }).getByRole("row")).toHaveCount(13);
  const listed = await sheetOf(page, "/billing/sheet/subscriptions");
  const by = (how: string) => listed.filter((one) => one.By === how);
  expect([listed.length, sum(listed, "List a year"), by("invoice, Net 60").length, sum(by("invoice, Net 60"), "List a year"), sum(by("card"), "List a year")]).toEqual([51, 2_249_900, 50, 2_245_000, 4_900]);
  expect(listed.some((one) => one.Client === "'=Sum Analytics")).toBe(true);

  await page.goto("/billing/invoices");
  await taken(page);
  await page.getByRole("radio", { name: "Past due 1" }).check();
  await expect(page.getByRole("row", { name: /Wexcombe Grain/ })).toHaveCount(1);
  await expect(page.getByRole("row", { name: /Wexcombe Grain/ })).toContainText("22 d past due");
  const split = await sheetOf(page, "/billing/sheet/invoices?show=past-due");
  expect(split).toMatchObject([{ Client: "Wexcombe Grain", Net: "219.00", Tax: "0.00", Total: "219.00", Currency: "USD", Status: "open" }]);
  await look(page, "invoices");

  await page.goto("/billing/renewals");
  await look(page, "renewals", true);

  await page.goto("/billing/what-if?from=team-10&free=4&to=team-25");
  await expect(page.getByRole("heading", { name: /^What if these \d+ moved to Team 25\?$/ })).toBeVisible();
  await expect(page.getByText(/locks would end and never come back/)).toBeVisible();
  const before = await page.getByRole("heading", { name: /^What if/ }).last().textContent();
  await page.getByRole("checkbox", { name: "Weigh Pennard Tiles" }).uncheck();
  await expect(page.getByRole("heading", { name: /^What if/ }).last()).not.toHaveText(before!);
  await expect(page).toHaveURL(/without=/);
  await look(page, "what-if");

  await page.goto("/billing?q=wexcombe");
  await page.getByRole("link", { name: "Wexcombe Grain", exact: true }).first().click();
  await expect(page).toHaveURL(/\/billing\/subscriptions\//);
  await page.getByLabel("A change to weigh").selectOption({ label: "Cancel, or switch renewal off" });
  await expect(page.getByText("The lock would be lost for ever.")).toBeVisible();
  await expect(page.getByText(/That is USD ?30\.00 more a year/)).toBeVisible();
  await look(page, "subscription");

  for (const path of ["/clients", "/matrix", "/technicians", "/plans"]) expect((await page.goto(path))!.status(), path).toBe(403);
});

test("finance reads a month to the cent, has events handled again, tells a client, and is warned before another pays", async ({ page, authenticator: _key }) => {
  test.setTimeout(180_000);
  const { mspId } = await organisation(page, "{finance}");
  await administrator(async (admin) => {
    const renewed = { name: "Lowther Vale Clinics", plan: "team-25", started: addDays(addMonths(today, -12), -6), amount: 44_900 } as const;
    const large = { name: "Stellenrode Verkehrsbetriebe", plan: "mme", started: addMonths(today, -5), amount: 3_200, users: 620 } as const;
    await seedPortfolio(admin, { mspId, today, portfolio: [...referencePortfolio(today), renewed, large] });
    await admin.query("update client set contact_mail = 'it@wexcombe.example', contact_name = 'Ada Wexcombe' where msp_id = $1 and name = 'Wexcombe Grain'", [mspId]);
    // A kind that nothing here depends on: the worker settles it without asking anybody.
    for (const [id, state, words] of [["evt_failed", "failed", "the payment provider does not answer"], ["evt_done", "done", "invoice 2026-0042 paid, USD 249.00; Pennard Tiles is paid for until 2027-11-20"]] as const) {
      await admin.query("insert into stripe_event (msp_id, event_id, type, object, customer, body, created_at, state, attempts, next_at, words, deliveries) values ($1, $2, 'charge.updated', 'in_1', null, '{}', now(), $3, 12, null, $4, 2)", [mspId, `${id}_${mspId.slice(0, 8)}`, state, words]);
    }
  });

  await page.goto("/billing/statements");
  await taken(page);
  await expect(page.getByText("So far, to")).toBeVisible();
  await expect(page.getByRole("table", { name: "Open invoices in USD, due soonest first" }).getByRole("row", { name: /Wexcombe Grain/ })).toContainText("219.00");
  await look(page, "statement");
  const rows = await sheetOf(page, "/billing/sheet/statement");
  const owed = await sql<{ owed: string }>("select sum(remaining)::text as owed from invoice where msp_id = $1 and status = 'open'", [mspId]);
  expect(Math.round(Number(rows.at(-1)!.Balance) * 100), "what is owed at the end is what the invoices say").toBe(Number(owed[0]!.owed));
  expect(sum(rows, "Amount") + Math.round(Number(rows[0]!.Balance) * 100)).toBe(Math.round(Number(rows.at(-1)!.Balance) * 100));
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("combobox", { name: "Month" }).selectOption({ index: 1 });
  await expect(page).toHaveURL(/month=\d{4}-\d\d/);
  await expect(page.getByText(/^From 1 to /)).toBeVisible();

  await page.goto("/billing/events");
  await taken(page);
  await look(page, "events");
  await page.getByRole("button", { name: "Handle the failed one again" }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("row", { name: /evt_failed/ })).toContainText("nothing here depends on it", { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });

  await page.goto("/billing");
  await taken(page);
  // The provider knows nothing of a seeded account.
  await page.getByRole("button", { name: "Payment details" }).click();
  await expect(page.getByText("Payment details are not set up yet.")).toBeVisible();

  await page.goto("/billing?q=wexcombe");
  await page.getByRole("link", { name: "Wexcombe Grain", exact: true }).first().click();
  await expect(page).toHaveURL(/\/billing\/subscriptions\//);
  await taken(page);
  await page.getByLabel("A change to weigh").selectOption({ label: "Let the client pay for itself" });
  await expect(page.getByText("The lock goes with it.")).toBeVisible();
  await page.getByLabel("Mail address for invoices").fill("accounts@wexcombe.example");
  await look(page, "payer");
  await page.getByRole("button", { name: "Let the client pay for itself…" }).click();
  const asked = page.getByRole("dialog", { name: "Let the client pay for itself?" });
  await asked.getByRole("textbox").fill("Wexcombe Grain");
  await asked.getByRole("button", { name: "Let the client pay for itself" }).click();
  await expect(page.getByText("Something is owed for it first.")).toBeVisible();
  await asked.getByRole("button", { name: "Go on paying" }).click();
  await expect(asked).toBeHidden();

  await page.getByRole("button", { name: /^Tell the client/ }).click();
  const dialog = page.getByRole("dialog", { name: "Tell the client?" });
  await expect(dialog).toContainText("The vault of Wexcombe Grain is to be deleted on");
  await expect(dialog).not.toContainText("USD");
  await dialog.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByRole("region", { name: "Deletion clock of Wexcombe Grain" })).toContainText("Ada Wexcombe");
  await expect(page.getByRole("button", { name: /^Tell the client/ })).toHaveAttribute("aria-disabled", "true");
  expect(await sql("select to_address from mail where msp_id = $1 and template = 'client_clock'", [mspId])).toEqual([{ to_address: "it@wexcombe.example" }]);

  // An open invoice: what is typed is judged beside its field; what the provider knows nothing of is said in words.
  await page.getByRole("button", { name: /^Credit 2026-/ }).first().click();
  const credit = page.getByRole("dialog", { name: /^Credit the invoice 2026-\d+\?$/ });
  await expect(credit).toContainText("That much less is owed for it. Tax is included, and the lock stays.");
  const amount = credit.getByRole("textbox", { name: "Amount in USD" });
  await expect(amount).toHaveValue("219.00");
  await credit.getByRole("textbox", { name: "What for" }).fill("Agreed by phone");
  for (const [typed, words] of [["19,50", "Write an amount in digits with a point before the cents, such as 120.50."], ["219.01", "At most 219.00."]] as const) {
    await amount.fill(typed);
    await credit.getByRole("button", { name: "Take it off what is owed" }).click();
    await expect(amount).toHaveAccessibleDescription(new RegExp(words.replaceAll(".", "\\.")));
  }
  await look(page, "credit");
  await amount.fill("19.50");
  await credit.getByRole("button", { name: "Take it off what is owed" }).click();
  await expect(credit).toContainText("The payment provider knows nothing of this invoice. Nothing was changed and nothing was charged.");
  await credit.getByRole("button", { name: "Leave it as it is" }).click();
  await expect(credit).toBeHidden();

  await page.goto("/billing?q=stellenrode");
  await page.getByRole("link", { name: "Stellenrode Verkehrsbetriebe", exact: true }).first().click();
  await expect(page.getByRole("button", { name: /^Credit 2026-/ })).toHaveCount(1);
  await page.getByRole("button", { name: "More or fewer users…" }).click();
  const users = page.getByRole("dialog", { name: "More or fewer users?" });
  const number = users.getByRole("textbox", { name: "Users" });
  await number.fill("499");
  await users.getByRole("button", { name: "Change the number" }).click();
  await expect(number).toHaveAccessibleDescription(/MME is bought for at least 500 users\./);
  await number.fill("600");
  await expect(users).toContainText(/With 600, a yearUSD19,200\.00/);
  await expect(users.getByRole("button", { name: "Have 600 from the renewal on" })).toBeVisible();
  await number.fill("700");
  await expect(users).toContainText(/Now, a yearUSD19,840\.00With 700, a yearUSD22,400\.00Holdsat once/);
  await look(page, "users");
  await users.getByRole("button", { name: "Have 700 users now" }).click();
  await expect(users).toContainText("The payment provider knows nothing of this subscription.");
  await users.getByRole("button", { name: "Keep 620" }).click();
  await expect(users).toBeHidden();

  // Unlike a cancellation it ends at once, and the question says so.
  await page.goto("/billing?q=lowther");
  await page.getByRole("link", { name: "Lowther Vale Clinics", exact: true }).first().click();
  await page.getByRole("button", { name: "Take the renewal back…" }).click();
  await expect(page.getByRole("dialog", { name: "Take the renewal back?" })).toContainText("is refunded in full, and the subscription ends at once, not with its period.");
});

test("finance subscribes a client: priced before, paid at the provider's page, locked with its first charge", async ({ page, authenticator: _key }) => {
  test.setTimeout(180_000);
  const { mspId } = await organisation(page, "{finance}");
  await sql("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, gen_random_uuid(), 'Juniper Row Optics', '{Leith}', '{}', 'team-25')", [mspId]);
  await page.goto("/billing");
  await page.getByRole("link", { name: "Subscribe a client" }).click();
  await expect(page).toHaveURL(/\/billing\/subscriptions\/new$/);
  await taken(page);
  await page.getByLabel("Client", { exact: true }).fill("jun");
  await page.getByRole("option", { name: /Juniper Row Optics/ }).click();
  await expect(page.getByRole("region", { name: "What it costs" })).toContainText("Team 25");
  await expect(page.getByText("None is on file in this currency")).toBeVisible();
  await look(page, "subscribe");
  await page.getByRole("button", { name: /^Subscribe for USD 499\.00 a year$/ }).click();
  await expect(page.getByRole("heading", { name: "Team 25" })).toBeVisible();
  const checkout = page.url();
  expect(new URL(checkout).origin, "the provider's own page").not.toBe(instance.origin);

  // Left without paying: it is not lost, and not begun a second time.
  await page.getByRole("link", { name: "Back without paying" }).click();
  await page.getByRole("link", { name: "Subscribe a client" }).click();
  await expect(page.getByText("Every client has its subscription")).toBeVisible();
  await look(page, "subscribe-waits");
  await page.getByRole("link", { name: "Go on to the payment" }).click();
  await expect(page).toHaveURL(checkout);
  await page.getByRole("button", { name: "Pay" }).click();
  await expect(page).toHaveURL(/\/billing\?paid=/);
  await expect(page.getByText("The payment page was left.")).toBeVisible();
  // The provider's word comes to the webhook, and the worker carries it over.
  const row = page.getByRole("row", { name: /Juniper Row Optics/ });
  await expect(async () => {
    await page.reload();
    await expect(row).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await row.getByRole("link").first().click();
  await expect(page.getByRole("table", { name: "Locks, the newest first" })).toContainText("for life");
  expect(await sql("select state, plan, collection from subscription where msp_id = $1", [mspId])).toEqual([{ state: "active", plan: "team-25", collection: "card" }]);

  // Who pays: refused in the provider's words, then kept there and here, for the next invoice.
  await page.getByRole("link", { name: "Details", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Invoice details" })).toBeVisible();
  await taken(page);
  await page.getByLabel("Name").fill("Quillmoor Holding الشركة");
  await page.getByLabel("Tax id").selectOption("eu_vat");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "A number and its kind go together." })).toBeVisible();
  await page.getByLabel("Its number").fill("NL1");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The payment provider refused it")).toBeVisible();
  expect(await sql("select name from billing_account where msp_id = $1", [mspId])).not.toEqual([{ name: "Quillmoor Holding الشركة" }]);
  await page.getByLabel("Its number").fill("NL123456789B01");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved; the next invoice has them")).toBeVisible();
  await look(page, "details");
  expect(await sql("select name, tax_id from billing_account where msp_id = $1", [mspId])).toEqual([{ name: "Quillmoor Holding الشركة", tax_id: "NL123456789B01" }]);
});

test("an owner sees what needs them over clients, work and money; a technician and an auditor see no money", async ({ page, authenticator: _key }) => {
  test.setTimeout(240_000);
  const { mspId, personId } = await organisation(page, "{owner}");
  await administrator(async (admin) => {
    await seedClients(admin, { mspId, personId, clients: uglyClients });
    await seedPortfolio(admin, { mspId, today, portfolio: referencePortfolio(today) });
  });
  await page.goto("/overview");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("need you");
  await expect(page.getByRole("region", { name: "Grants in force by day" })).toBeVisible();
  await look(page, "overview-owner", true);
  await page.getByRole("link", { name: /^Pay this invoice/ }).click();
  await expect(page.getByRole("region", { name: "Deletion clock of Wexcombe Grain" })).toBeVisible();
  await page.getByRole("link", { name: "Open the client" }).click();
  await expect(page.getByRole("region", { name: "Deletion clock of Wexcombe Grain" })).toContainText("deleted for good on");

  for (const [right, name] of [["auditor", "overview-auditor"], ["technician", "overview-technician"]] as const) {
    await sql("update person set rights = $2::text[] where person_id = $1", [personId, `{${right}}`]);
    await page.goto("/overview");
    await expect(page.getByRole("main")).not.toContainText("USD");
    await look(page, name);
    for (const path of ["/billing", "/billing/invoices", "/billing/what-if", "/billing/contract"]) expect((await page.goto(path))!.status(), path).toBe(403);
    expect((await page.request.get("/billing/sheet/subscriptions")).status()).toBe(403);
  }
});

test("confidential terms show amounts to finance alone, and nothing anywhere while they are unset", async ({ page, authenticator: _key }) => {
  test.setTimeout(240_000);
  const { mspId, personId } = await organisation(page, "{finance}");
  await administrator((admin) => seedPortfolio(admin, { mspId, today, portfolio: referencePortfolio(today) }));
  expect((await page.goto("/billing/contract"))!.status()).toBe(404);
  await page.goto("/billing");
  await expect(page.getByRole("link", { name: "Contract" })).toHaveCount(0);

  const typed = (randomInt(1_001, 9_999) / 100).toFixed(2);
  const child = spawn(process.execPath, [join(import.meta.dirname, "../launch/run.mjs"), "lib/contract/operator.ts", "contract", "set", mspId], { env: { ...process.env, CLAVITOR_DATA: instance.folder }, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(`${typed}\n${typed}\n2020-01-01\n`);
  const said = `${await text(child.stdout)}${await text(child.stderr)}`;
  expect(said).toContain("Only its finance people see what follows from them");
  expect(said).not.toContain(typed);

  await page.goto("/billing/contract");
  const table = page.getByRole("table", { name: "What the contract brings, by month" });
  await expect(table.getByRole("row").nth(1)).toContainText("USD");
  const amounts = (await table.getByRole("row").nth(1).getByRole("cell").last().textContent())!.replace("USD", "").trim();
  await look(page, "contract");
  expect(await page.content()).not.toContain(typed);
  for (const path of ["/billing", "/billing/invoices", "/billing/sheet/subscriptions", "/billing/sheet/invoices", "/overview"]) expect(await (await page.request.get(path)).text(), path).not.toContain(typed);

  await sql("update person set rights = '{owner}' where person_id = $1", [personId]);
  expect((await page.goto("/billing/contract"))!.status()).toBe(403);
  for (const path of ["/billing", "/billing/invoices", "/overview"]) expect(await (await page.request.get(path)).text(), path).not.toContain(`>${amounts}<`);
});

test("at ten thousand clients the pages stay pages", async ({ page, authenticator: _key }) => {
  test.setTimeout(240_000);
  const { mspId } = await organisation(page, "{finance}");
  await administrator((admin) => seedPortfolio(admin, { mspId, today, portfolio: manyClients(10_000, today) }));
  // What came in one go has no statistics yet; what comes over years has.
  await administrator((admin) => admin.query("analyze"));
  await page.goto("/billing");
  await expect(page.getByRole("radio", { name: "All 10,000" })).toBeVisible();
  await expect(page.getByRole("table", { name: "Subscriptions with their locks" }).getByRole("row")).toHaveCount(101);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await expect(page.getByText("page 2 of 100")).toBeVisible();
  await page.getByRole("button", { name: "Client" }).click();
  await expect(page.getByRole("link", { name: "Client 00001" })).toBeVisible();
});
