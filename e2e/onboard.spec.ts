/** Onboarding in real browsers: the MSP's owner, the client's owner at their own vault, the signing page; by hand, pasted, from a sheet. */
import { readFileSync } from "node:fs";
import { expectFits } from "./fixtures.ts";
import { askClient, clientsOwner, clientsVaults, ownerTaps, signers, softwareOwner, softwareTap, spoken, type Vaults } from "./onboard.ts";
import { expect, sql, test } from "./people.ts";
import { plugIn, signingWindow } from "./signing.ts";

let vaults: Vaults;
test.beforeAll(async () => {
  vaults = await clientsVaults();
});
test.afterAll(async () => vaults.end());

test("a client is onboarded by hand: one tap by their owner, two codes that agree, one tap by a signer", async ({ page, browser }, info) => {
  test.setTimeout(240_000);
  const keys = await signers(page);
  const shot = (name: string) => info.outputPath(name);
  const owner = await clientsOwner(browser, vaults, "Wychwood Bakery");

  await page.goto("/clients/new");
  await expectFits(page, shot, "1-client");
  const link = await askClient(page, "Wychwood Bakery", owner.address);
  await expectFits(page, shot, "3-connect");

  const { code1 } = await ownerTaps(owner, link);
  await expect(page.getByRole("img", { name: `Code 1: ${spoken(code1)}` })).toBeVisible();
  await expect(owner.page.getByText("Your provider has the answer.")).toBeVisible();
  const theirs = (await owner.page.locator("p.code").first().textContent())!;

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Is it really their vault?");
  await expect(page.getByRole("img", { name: `Code 2: ${spoken(theirs)}` })).toBeVisible();
  await expectFits(page, shot, "4-compare");

  const window = await signingWindow(page, () => page.getByRole("button", { name: "Compare and confirm with a tap" }).click());
  await plugIn(window, { holding: keys });
  await expect(window.getByRole("heading", { level: 1 })).toHaveText("Is this the vault of Wychwood Bakery?");
  await expect(window.getByRole("img", { name: spoken(theirs) })).toBeVisible();
  await expectFits(window, shot, "sign");
  await expect(window.getByRole("button", { name: "Confirm with one tap" })).toHaveAttribute("aria-disabled", "true");
  await window.getByRole("checkbox", { name: "Heard it by voice: Wychwood Bakery" }).check();
  await window.getByRole("button", { name: "Confirm 1 client with one tap" }).click();
  await expect(window.getByRole("heading", { name: "1 client is confirmed" })).toBeVisible();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Wychwood Bakery is connected", { timeout: 60_000 });
  await expectFits(page, shot, "5-found");
  await page.goto("/settings/records");
  for (const words of ["took up the client Wychwood Bakery", "asked Wychwood Bakery at", "took the answer of Wychwood Bakery", "confirmed the vault of Wychwood Bakery"]) await expect(page.getByText(words).first()).toBeVisible();
  await owner.close();
});

test.describe("when something is wrong", () => {
  test.use({ mayComplain: /status of 4\d\d/ });

  test("the answer can be pasted where no way leads to us; another client's, and half of one, are refused in words", async ({ page, browser }) => {
    test.setTimeout(240_000);
    await signers(page);
    const [acme, beta] = [await clientsOwner(browser, vaults, "Acme"), await clientsOwner(browser, vaults, "Beta")];
    const links = [await askClient(page, "Acme", acme.address)];
    const there = page.url();
    links.push(await askClient(page, "Beta", beta.address));
    const answers: string[] = [];
    for (const [at, owner] of [acme, beta].entries()) {
      await owner.page.route("**/api/connect/reply", (route) => route.abort());
      await ownerTaps(owner, links[at]!);
      await expect(owner.page.getByText("It could not be delivered.")).toBeVisible();
      answers.push(await owner.page.locator("textarea").inputValue());
    }
    await page.goto(there);
    await page.getByRole("button", { name: "Paste its answer" }).click();
    const paste = async (text: string) => {
      await page.getByLabel("Answer of the vault").fill(text);
      await page.getByRole("button", { name: "Take this answer" }).click();
    };
    await paste(answers[0]!.slice(0, 400));
    await expect(page.getByText("This is not the whole answer.").first()).toBeVisible();
    await paste(answers[1]!);
    await expect(page.getByText("This answer is another client's")).toBeVisible();
    await paste(answers[0]!);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Is it really their vault?");
    await acme.close();
    await beta.close();
  });

  test("a link opened at another client's vault is refused as coming from a strange address, and the right vault can still answer", async ({ page, browser }) => {
    test.setTimeout(240_000);
    await signers(page);
    const [right, wrong] = [await clientsOwner(browser, vaults, "Right"), await clientsOwner(browser, vaults, "Wrong")];
    const link = await askClient(page, "Right", right.address);
    await ownerTaps(wrong, link.replace(right.address, wrong.address));
    await expect(page.getByText("An answer was refused.")).toBeVisible();
    await expect(page.getByText(/It comes from a strange address/)).toBeVisible();
    await ownerTaps(right, link);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Is it really their vault?");
    await right.close();
    await wrong.close();
  });

  test("a second code that differs stops the connection: nothing can be planned for it", async ({ page, browser }) => {
    test.setTimeout(240_000);
    const keys = await signers(page);
    const owner = await clientsOwner(browser, vaults, "Gamma");
    await ownerTaps(owner, await askClient(page, "Gamma", owner.address));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Is it really their vault?");
    const window = await signingWindow(page, () => page.getByRole("button", { name: "Compare and confirm with a tap" }).click());
    await plugIn(window, { holding: keys });
    await window.getByRole("button", { name: "It differs: Gamma" }).click();
    await expect(window.getByText("it differs: this connection will be stopped")).toBeVisible();
    await expect(window.getByRole("button", { name: "Confirm with one tap" })).toHaveAttribute("aria-disabled", "true");
    await window.getByRole("button", { name: "Not now" }).click();
    await expect(window.getByRole("heading", { name: "Nothing was confirmed" })).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connect it anew");
    await expect(page.getByText(/read differently/)).toBeVisible();
    await owner.close();
  });
});

test("ten come from a sheet: each row its verdict, nothing before the press, a call list that goes on, one tap for all of them", async ({ page }, info) => {
  test.setTimeout(240_000);
  const keys = await signers(page);
  const owners = await Promise.all(Array.from({ length: 10 }, (_, at) => softwareOwner(vaults, `Client ${at}`)));
  const names = ["=Umber Street Studios", "مخبز الحي القديم", "Łódź Präzision", ...Array.from({ length: 7 }, (_, at) => `Client ${at + 3}`)];
  const rows = owners.map(({ address }, at) => `${names[at]};;pod-a;North;Imogen Sarkis;+44 20 7946 0000;it@wychwood.example;Team 10;${address}`);
  const sheet = ["name;other names;tags;region;contact;phone;mail;plan;address", ...rows, `Client 3;;;;;;;Team 10;https://vault.example.com/twin`, "Nowhere;;;;;;;Team 10;https://10.0.0.1/x", "Golden;;;;;;;Gold;https://vault.example.com/g1"].join("\r\n");
  await page.goto("/clients/import");
  await page.getByLabel("Sheet of clients").setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(sheet, "utf16le").length > 0 ? Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(sheet, "utf16le")]) : Buffer.alloc(0) });
  await page.getByRole("button", { name: "Look at it" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("clients.csv");
  await expect(page.getByText("10 rows are new")).toBeVisible();
  for (const words of ["It stands in line 5 already.", "private or reserved network", "“Gold” is no plan."]) await expect(page.getByText(words)).toBeVisible();
  expect(await sql("select 1 from client c join client_import i using (msp_id) where i.import_id = $1", [page.url().split("/").at(-1)])).toHaveLength(0);
  await expectFits(page, (name) => info.outputPath(name), "import-preview");

  await page.getByRole("button", { name: "Make 10 requests" }).click();
  await expect(page.getByText("10 wait for their tap, 0 for code 2")).toBeVisible();
  await page.getByRole("checkbox", { name: "Called: Client 4" }).check();
  await page.reload();
  await expect(page.getByRole("checkbox", { name: "Called: Client 4" })).toBeChecked();
  const links = await sql<{ address: string; request: object }>("select v.address, r.request from connect_request r join vault v using (msp_id, vault_ref) join client_import_row w on w.msp_id = v.msp_id and w.vault_ref = v.vault_ref where w.import_id = $1", [page.url().split("/").at(-1)]);
  for (const { address, request } of links) {
    const owner = owners.find((one) => one.address === address)!;
    const { connectLink } = await import("../lib/protocol/connect.ts");
    expect((await softwareTap(owner, connectLink(address, request as Parameters<typeof connectLink>[1]))).status).toBe(200);
  }
  await expect(page.getByText("0 wait for their tap, 10 for code 2")).toBeVisible();
  await expectFits(page, (name) => info.outputPath(name), "import-calls");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Result file" }).click();
  const file = readFileSync(await (await downloading).path(), "utf8");
  expect(file).toContain(`"'=Umber Street Studios"`);
  expect(file.split("\r\n").filter((line) => line.includes("Compare code 2"))).toHaveLength(10);

  await page.getByRole("link", { name: "Confirm the 10 that answered" }).click();
  await expectFits(page, (name) => info.outputPath(name), "confirm-list");
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Confirm the 10 that wait" }).click());
  await plugIn(window, { holding: keys });
  await expect(window.getByRole("heading", { level: 1 })).toHaveText("Are these the vaults of 10 clients?");
  await window.getByRole("button", { name: "I heard all 10" }).click();
  await expectFits(window, (name) => info.outputPath(name), "sign-ten");
  await window.getByRole("button", { name: "Confirm 10 clients with one tap" }).click();
  await expect(window.getByRole("heading", { name: "10 clients are confirmed" })).toBeVisible();
  await expect(page.getByText("10 clients confirmed.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Confirmed/ })).toHaveCount(10);
});

test("a page of somebody else may bring an answer and nothing more; no cookie travels, and garbage is refused in a form it can read", async ({ page, browser }) => {
  await page.goto("/sign-in");
  const context = await browser.newContext({ extraHTTPHeaders: {} });
  const stranger = await context.newPage();
  await stranger.goto(`${vaults.host.origin}/`);
  const post = (path: string) =>
    stranger.evaluate(async (url) => {
      try {
        const response = await fetch(url, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" }, credentials: "omit", redirect: "error" });
        return { status: response.status, code: ((await response.json()) as { code: string }).code };
      } catch {
        return "blocked";
      }
    }, `${new URL(page.url()).origin}${path}`);
  expect(await post("/api/connect/reply")).toEqual({ status: 422, code: "invalid" });
  expect(await post("/api/session")).toBe("blocked");
  await context.close();
});
