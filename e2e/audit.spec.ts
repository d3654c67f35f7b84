import { seedClients } from "../lib/client/testing/seed-clients.ts";
import { seedTrail, type Vaulted } from "../lib/audit/testing/seed-trail.ts";
import { expectAccessible } from "./fixtures.ts";
import { administrator, expect, found, sql, taken, test } from "./people.ts";

type Page = Parameters<typeof found>[0];

async function trail(page: Page, count = 60): Promise<{ mspId: string; vaults: Vaulted[] }> {
  const { email } = await found(page);
  const [person] = await sql<{ msp_id: string; person_id: string }>("select msp_id, person_id from person where email = $1", [email]);
  const mspId = person!.msp_id;
  await administrator((client) => seedClients(client, { mspId, personId: person!.person_id }));
  const vaults = (await sql<{ client_id: string; vault_ref: string }>("select client_id, vault_ref from vault where msp_id = $1 and connected_at is not null and ended_at is null order by vault_ref", [mspId])).map((row): Vaulted => ({ clientId: row.client_id, vaultRef: row.vault_ref }));
  await administrator((client) => seedTrail(client, mspId, vaults, { count, until: Date.now() }));
  return { mspId, vaults };
}
const table = (page: Page) => page.getByRole("table", { name: "What happened, newest first" });
const lines = (page: Page) => table(page).locator("tr[data-row]");

test("all clients' events and our own records are one table: narrowed by bar, facet and bars, opened and proven by keyboard alone", async ({ page, authenticator: _key }) => {
  await trail(page);
  await page.goto("/audit");
  await expect(lines(page)).toHaveCount(100);
  await expect(page.getByText(/^\d+ lines$/)).toBeVisible();
  await expect(page.getByText("1 sign of tampering")).toBeVisible();
  await expectAccessible(page);
  await taken(page);

  // A facet takes its condition on, and what it counted is what the table then says.
  const facets = page.getByRole("navigation", { name: "Narrow by" });
  const refused = facets.getByRole("link", { name: /^Refused \d+$/ });
  const many = Number((await refused.innerText()).replaceAll(/\D/g, ""));
  expect(many).toBeGreaterThan(3);
  await refused.click();
  await expect(page).toHaveURL(/outcome%3Arefused/);
  await expect(page.getByText(`${many} lines`)).toBeVisible();

  // By keyboard: the bar, a chip, then down into the table, open, and close again.
  await page.keyboard.press("/");
  await expect(page.getByRole("combobox", { name: /^Find/ })).toBeFocused();
  await page.keyboard.type("kind:read");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/kind%3Aread/);
  await expect(lines(page).first()).toContainText("was refused");
  await lines(page).first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const proof = page.getByRole("region", { name: "Proof" });
  await expect(proof.getByText(/^checked here, \d+ ms$/)).toBeVisible();
  await expect(proof.getByText("its hash is of what is shown")).toBeVisible();
  await expect(page).toHaveURL(/open=v\./);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(proof).toBeHidden();

  // The time, from the table of the bars.
  await page.goto("/audit");
  await taken(page);
  await page.getByRole("button", { name: "As a table" }).click();
  await page.getByRole("table", { name: "Events over time" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/until%3A/);
  // What is no time is said, and the rest still holds.
  await page.goto(`/audit?q=${encodeURIComponent("since:never kind:code")}`);
  await expect(page.getByText("since:never")).toBeVisible();
  await expect(lines(page).first()).toContainText("one-time code");
});

test("pages go on by keyset, a view is saved for everybody, and what comes in is followed", async ({ page, authenticator: _key }) => {
  const { mspId, vaults } = await trail(page);
  await page.goto("/audit?q=source%3Avault");
  const first = await lines(page).first().innerText();
  await taken(page);
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/before=/);
  await expect(lines(page).first()).not.toHaveText(first);
  await page.keyboard.press("[");
  await expect.poll(() => lines(page).first().innerText()).toBe(first);

  await page.goto("/audit?q=kind%3Agranted");
  await taken(page);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  await page.getByLabel("Name").fill("Tokens given");
  await page.getByText("For everybody here").click();
  await page.getByRole("button", { name: "Save view" }).click();
  await expect.poll(() => sql("select name, query, shared from audit_view where msp_id = $1", [mspId])).toEqual([{ name: "Tokens given", query: "kind:granted", shared: true }]);

  await page.goto("/audit?q=source%3Avault");
  await taken(page);
  await page.getByRole("button", { name: "Follow what happens" }).click();
  await expect(page.getByRole("button", { name: "Stop following" })).toBeVisible();
  await administrator((client) => seedTrail(client, mspId, [vaults[0]!], { count: 1, until: Date.now() + 97_000 + 5_000 }));
  await sql("update audit_stream set events = events + 1 where msp_id = $1 and vault_ref = $2", [mspId, vaults[0]!.vaultRef]);
  await expect(page.getByText("1 new since you follow")).toBeVisible();
});

test("an export runs as a job with an address of its own, names what is left out, and its file holds offline", async ({ page, authenticator: _key }) => {
  const { mspId } = await trail(page, 20);
  await sql("update client set plan = 'mme' where msp_id = $1 and client_id = (select client_id from audit_event where msp_id = $1 limit 1)", [mspId]);
  await page.goto("/audit?q=");
  await taken(page);
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Export what is selected…" }).click();
  await expect(page.getByText(/are left out, and the file names them/)).toBeVisible();
  await page.getByRole("radio", { name: "JSON Lines" }).check({ force: true });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start the export" }).click();
  await expect(page).toHaveURL(/\/audit\/exports\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("link", { name: "Download the file" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/clients are left out\./)).toBeVisible();
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the file" }).click()]);
  const { verifyExport } = await import("../lib/export/verify.ts");
  const stream = await download.createReadStream();
  const verdict = await verifyExport(stream);
  expect(verdict.faults).toEqual([]);
  expect(verdict.ok).toBe(true);
  expect(verdict.manifest?.left_out.length).toBeGreaterThan(3);
  expect(await sql("select action from record where msp_id = $1 and action like 'export.%' order by at", [mspId])).toEqual([{ action: "export.asked" }, { action: "export.done" }, { action: "export.fetched" }]);
});

test("under a thumb filters are a sheet of their own, and a record of ours is proven by a file that holds without the console", async ({ page, authenticator: _key }, info) => {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 390, height: 844 });
  const { mspId } = await trail(page);
  await page.goto("/audit");
  await expect(lines(page).first()).toBeVisible();
  await taken(page);
  const facets = page.getByRole("navigation", { name: "Narrow by" });
  await expect(facets).toBeHidden();
  await page.getByRole("button", { name: "Filters" }).click();
  const sheet = page.getByRole("dialog", { name: "Filters" });
  const refused = sheet.getByRole("link", { name: /^Refused \d+$/ });
  await expect(refused).toBeVisible();
  // However long a name is, the figures stand within the window.
  const { x, width } = (await refused.boundingBox())!;
  expect(x + width).toBeLessThanOrEqual(390);
  await expectAccessible(page);
  await page.screenshot({ path: info.outputPath("audit-filters.png") });
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.getByRole("button", { name: "Filters" }).click();
  await refused.click();
  await expect(page).toHaveURL(/outcome%3Arefused/);
  await expect(sheet).toBeHidden();
  await expect(lines(page).first()).toContainText("was refused");

  await sql("select graphile_worker.add_job('record_chain')");
  await expect.poll(async () => (await sql("select 1 from record_leaf where msp_id = $1", [mspId])).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const { rows: [oldest] } = await administrator((client) => client.query<{ id: string }>("select record_id as id from record_leaf where msp_id = $1 order by position limit 1", [mspId]));
  await page.goto(`/audit?q=source%3Aconsole&open=r.${oldest!.id}`);
  await taken(page);
  const proof = page.getByRole("region", { name: "Proof" });
  await expect(proof.getByText(/^checked here, \d+ ms$/)).toBeVisible();
  await expectAccessible(page);
  await proof.scrollIntoViewIfNeeded();
  await page.screenshot({ path: info.outputPath("audit-proof.png") });
  const [download] = await Promise.all([page.waitForEvent("download"), proof.getByRole("button", { name: "Download the proof" }).click()]);
  expect(download.suggestedFilename()).toBe(`record-${oldest!.id}.json`);
  const { keyFrom, verifyRecord } = await import("../lib/export/verify-record.ts");
  const published = (await (await page.request.get("/.well-known/clavitor-msp")).json()) as { verifier_key: string };
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Buffer);
  const verdict = await verifyRecord(Buffer.concat(parts).toString("utf8"), { key: keyFrom(published.verifier_key)! });
  expect(verdict).toMatchObject({ ok: true, faults: [], record: { id: oldest!.id, msp: mspId } });
});

for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 390, 844]] as const)
  test(`looks as it should, ${scheme} at ${width}`, async ({ page, authenticator: _key }, info) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    await trail(page);
    await page.goto("/audit");
    await expect(lines(page).first()).toBeVisible();
    await expect(page.getByText(/^\d+ lines$/)).toBeVisible();
    await expect(page.locator(".recharts-bar-rectangle").first()).toBeVisible();
    await expectAccessible(page);
    // Nothing is wider than the window.
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.screenshot({ path: info.outputPath("audit.png") });
    await lines(page).filter({ hasNotText: "our own record" }).first().focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "Proof" }).getByText(/checked here/)).toBeVisible();
    await page.screenshot({ path: info.outputPath("audit-open.png") });
  });
