/** The demo becomes somebody's, in a real browser, against 51 real vaults; and goes again. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { b64u, randomBytes } from "../lib/protocol/bytes.ts";
import { claimWith, count, linkIn, marks, measured, settled, states } from "./claiming.ts";
import { expect, test } from "./demo.ts";
import { expectAccessible } from "./fixtures.ts";
import { plugIn, signingWindow } from "./signing.ts";
import { found, taken } from "./people.ts";

// A whole instance comes up, 53 vaults are made, and 51 are connected.
test.describe.configure({ timeout: 420_000, mode: "default" });
// Links that claim nothing, or nothing any more, are answered so.
test.use({ mayComplain: /status of 4(04|09|10)/ });

test("whoever opens the printed link owns the demo with two keys; its 51 clients are connected, read, and confirmed with one tap", async ({ demo, page }, info) => {
  const link = linkIn(await demo.start());
  expect(link).toBeDefined();
  const code = new URL(link!).hash.slice(1);
  for (const part of ["server.ts", "worker.ts", "sandbox/clients/main.ts", "sandbox/vaults/main.ts"]) expect(readFileSync(`/proc/${demo.part(part)}/environ`, "utf8"), part).not.toContain(code);

  await page.goto(`${demo.origin}/claim#${b64u(randomBytes(32))}`);
  await expect(page.getByRole("heading", { name: "This link claims nothing" })).toBeVisible();
  await page.goto("about:blank");
  await page.goto(link!);
  await expect(page.getByText("One touch. It opens this console")).toBeVisible();
  await expect(page.getByText("Two touches in a window of its own")).toBeVisible();
  await expectAccessible(page);

  const beganAt = performance.now();
  const keys = await claimWith(page, link!, "Ines Halloran");
  await settled(demo);
  const whole = (performance.now() - beganAt) / 1_000;
  const { started, connected, read } = (await marks(demo))!;
  measured(info, `51 connected ${(connected! - started).toFixed(1)} s after the second key, all read after ${(read! - started).toFixed(1)} s; ${whole.toFixed(1)} s from opening the link`);

  await expect(page.getByRole("heading", { name: "Your clients are connected" })).toBeVisible();
  await expect(page.getByText("of 51 vaults connected and read")).toBeVisible();
  await expect(page.getByText(/This is a demo:/)).toBeVisible();
  await expect(page.getByRole("table", { name: /Code 2 of each client/ }).getByRole("row")).toHaveCount(52);
  await expectAccessible(page);
  expect(await states(demo)).toEqual([{ state: "unconfirmed", count: 51 }]);
  expect(await count(demo, "inbox_key where replaced_at is null")).toBe(20);
  expect(await count(demo, "known_agent where person_id is not null")).toBeGreaterThan(300);

  await page.getByRole("link", { name: "Compare and confirm 51 clients" }).click();
  await expect(page).toHaveURL(/\/clients\/confirm$/);
  await taken(page);
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Confirm the 51 that wait" }).click());
  await plugIn(window, { holding: keys });
  await window.getByLabel(/To mark all of them at once/).fill("heard all 51");
  await window.getByRole("button", { name: "I heard all 51" }).click();
  const tapAt = performance.now();
  await window.getByRole("button", { name: "Confirm 51 clients with one tap" }).click();
  await expect(window.getByRole("heading", { name: "51 clients are confirmed" })).toBeVisible();
  await expect.poll(() => states(demo)).toEqual([{ state: "connected", count: 51 }]);
  measured(info, `confirmed with one tap in ${((performance.now() - tapAt) / 1_000).toFixed(1)} s`);
  // The code travelled to the console in a body, and stands in no line that anybody wrote down.
  for (const log of readdirSync(join(demo.folder, "log"))) expect(readFileSync(join(demo.folder, "log", log), "utf8"), log).not.toContain(code);
  await page.goto(`${demo.origin}/claim/progress`);
  await expect(page.getByText("You confirmed whose vaults these are")).toBeVisible();
});

test("killed in the middle, the worker and then the admins, it goes on: every client once, nobody tapped twice", async ({ demo, page }) => {
  const link = linkIn(await demo.start());
  await claimWith(page, link!, "Ines Halloran");
  const connected = () => count(demo, "vault where state <> 'asking'");
  await expect.poll(connected, { timeout: 60_000, intervals: [20] }).toBeGreaterThan(4);
  process.kill(demo.part("worker.ts"), "SIGKILL");
  const then = await connected();
  expect(then).toBeLessThan(51);
  await expect.poll(connected, { timeout: 60_000, intervals: [20] }).toBeGreaterThan(then + 4);
  process.kill(demo.part("sandbox/clients/main.ts"), "SIGKILL");
  expect(await connected()).toBeLessThan(51);
  await expect.poll(async () => (await marks(demo))?.connected ?? null, { timeout: 120_000, intervals: [200] }).not.toBeNull();
  // Vaults that the killed worker was reading are its own until their lease ends; here that time passes at once.
  await demo.sql("update reading set lease_until = null where read_at is null");
  await settled(demo);
  expect(await states(demo)).toEqual([{ state: "unconfirmed", count: 51 }]);
  expect(await count(demo, "client")).toBe(51);
  // One row of ours in each vault: an admin who tapped twice would have made a second one.
  expect(await demo.sql("select vault_ref from known_agent where admin and not all_access group by vault_ref having count(*) <> 1")).toEqual([]);
  expect(await count(demo, "(select distinct vault_ref from known_agent where admin and not all_access) as managed")).toBe(51);
  await expect(page.getByRole("heading", { name: "Your clients are connected" })).toBeVisible();
});

test("the second provider is claimed with a link of its own, printed on demand; a used link claims nothing; removed, nothing of it is left and a real organisation stays", async ({ demo, page, browser }) => {
  const printed = linkIn(await demo.start());
  const asked = demo.command("claim", "fernhill");
  expect(asked.code).toBe(0);
  const link = linkIn(asked.said)!;
  expect(link).not.toBe(printed);
  await claimWith(page, link, "Petronel Vasc");
  await settled(demo);
  await expect(page.getByText("of 2 vaults connected and read")).toBeVisible();

  const other = await (await browser.newContext({ baseURL: demo.origin })).newPage();
  await other.goto(link);
  await expect(other.getByRole("heading", { name: "The demo has an owner" })).toBeVisible();
  expect(demo.command("claim", "fernhill").said).toContain("It has an owner already");
  await plugIn(other);
  await found(other, { organisation: "Harbour Systems", name: "Odile Marchetti" });
  await expect(other.getByText(/This is a demo:/)).toBeHidden();
  await other.context().close();

  const refused = demo.command("remove", "--yes");
  expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("This instance is already running as process")]);
  expect(await count(demo, "vault")).toBe(2);
  await page.goto("about:blank");
  await demo.stop();
  const unsure = demo.command("remove");
  expect([unsure.code, unsure.said]).toEqual([1, expect.stringContaining("Add --yes")]);
  const seed = demo.read("secrets.json").demoSeed;
  const removed = demo.command("remove", "--yes");
  expect([removed.code, removed.said]).toEqual([0, expect.stringMatching(/Fernhill Managed Services: \d+ rows/)]);
  for (const folder of ["vaults", "clients"]) expect(existsSync(join(demo.folder, folder)), folder).toBe(false);
  expect(demo.read("secrets.json").demoSeed).toBeUndefined();

  const again = await demo.start();
  expect(linkIn(again)).toBeUndefined();
  expect(again).toContain(demo.origin);
  expect(await demo.sql("select name from msp order by name")).toEqual([{ name: "Harbour Systems" }, { name: "This installation" }]);
  for (const table of ["vault", "client", "known_agent", "demo"]) expect(await count(demo, table), table).toBe(0);
  expect(await count(demo, "person")).toBe(1);
  expect(demo.read("secrets.json").demoSeed).not.toBe(seed);
});
