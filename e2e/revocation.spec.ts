/** A leaver at fifty vaults, two of them down and one in failover: the board, standing delivery, the certificate and whoever checks it. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expectFits } from "./fixtures.ts";
import { measured } from "./claiming.ts";
import { sceneOf, type Scene } from "./leaver.ts";
import { signers } from "./onboard.ts";
import { expect, sql, taken, test } from "./people.ts";
import { plugIn, signingWindow } from "./signing.ts";

const odd = ["Kingsferry Marine", "Redcastle Broadcasting and Outside Events of the Northern Coast", "استوديوهات أمبر"];
const NAMES = [...odd, ...Array.from({ length: 47 }, (_, at) => `Client ${String(at + 1).padStart(2, "0")}, ${["Dental", "Freight", "Joinery", "Solicitors"][at % 4]!}`)];
const leaver = "John Meier";
/** Longer than the minute after which the worker looks at everything again, whatever woke it before. */
const patience = { timeout: 120_000 };
const root = join(import.meta.dirname, "..");

/** `npm run verify-certificate`, as it is run without a network. @returns its exit code and words */
async function inTerminal(file: string): Promise<{ code: number; said: string }> {
  const node = process.execPath;
  return promisify(execFile)(node, [join(root, "verify/certificate.ts"), file]).then(({ stdout }) => ({ code: 0, said: stdout }), (error: { code: number; stdout: string }) => ({ code: error.code, said: error.stdout }));
}

let scene: Scene | undefined;
test.afterEach(async () => {
  await scene?.end();
  scene = undefined;
});

test("a leaver at fifty vaults: open until each has signed that the token is gone, then a certificate that anybody can check", async ({ page, browser }, info) => {
  test.setTimeout(420_000);
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  await page.goto("/settings/members");
  const email = (await page.getByText(/@quillmoor\.example/).first().textContent())!.match(/[\w-]+@quillmoor\.example/)![0];
  scene = await sceneOf(email, keys, leaver, NAMES);
  const { vaults, personId, backup, primary } = scene;
  const [failover, ...down] = vaults.slice(0, 3);

  // One goes over to its backup, two are cut off; the console sees all three.
  failover!.turn.turn(backup.listening);
  for (const { turn } of down) turn.turn(null);
  await sql("update reading set next_read_at = now() where vault_ref = any($1)", [vaults.slice(0, 3).map(({ vaultRef }) => vaultRef)]);
  await sql("select graphile_worker.add_job('vault_read')");
  await expect.poll(async () => (await sql<{ health: string }>("select health from reading where vault_ref = any($1) order by health", [vaults.slice(0, 3).map(({ vaultRef }) => vaultRef)])).map(({ health }) => health), patience).toEqual(["failover", "silent", "silent"]);

  await page.goto(`/technicians/${personId}`);
  await taken(page);
  await page.getByRole("button", { name: "Take access away…" }).click();
  await expect(page.getByText("Every token of ours goes: 50 at 50 clients.")).toBeVisible();
  await page.getByLabel("Reason").fill("Last day was Friday");
  await page.getByRole("button", { name: "Open the board, 50 tokens" }).click();
  await expect(page).toHaveURL(/\/revocations\/[0-9a-f-]{36}$/, patience);
  const board = page.url();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("John Meier may still read in 50 of 50 vaults");
  await expect(page.getByText("50 removals wait for one tap.")).toBeVisible();
  await expect(page.getByText("Cannot be issued yet.")).toBeVisible();

  await page.getByRole("link", { name: "Review and sign" }).click();
  await expect(page.getByText(/^You remove 50 tokens/)).toBeVisible(patience);
  await taken(page);
  const typed = page.getByRole("textbox");
  if (await typed.count()) await typed.fill(leaver);
  const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing page" }).click());
  await plugIn(window, { holding: keys });
  await page.goto(board);
  await window.locator("#sign").click();
  // Three gave no challenge: the page says so and asks once more, and their removals are signed to stand.
  await window.getByRole("button", { name: "Sign without 3 vaults" }).click();
  await expect(window.getByRole("heading", { name: "Signed for 50 vaults" })).toBeVisible(patience);

  // The page looks on: nobody loads it again.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("John Meier may still read in 3 of 50 vaults", patience);
  await expect(page.getByText(/Failover since .*The signed removal stands until/)).toBeVisible(patience);
  await expect(page.getByText(/(Unreachable since|No answer came back).*stands until/).first()).toBeVisible();
  await expect(page.getByText("Rhona Keel 1", { exact: true })).toBeVisible();
  await expect(page.getByText("draft, 47 of 50")).toBeVisible();
  await expectFits(page, shot, "board-open");
  // At the backup the token still works, and the board does not pretend otherwise.
  expect((await page.request.get(`${board}/certificate`)).status()).toBe(409);

  failover!.turn.turn(primary.listening);
  for (const { turn, world } of down) turn.turn(world.listening);
  const at = performance.now();
  await page.getByRole("button", { name: "Ask all 3 now" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("John Meier is gone from all 50 vaults", patience);
  measured(info, `three vaults back to closed: ${((performance.now() - at) / 1_000).toFixed(1)} s, in the page`);
  const [{ seconds }] = (await sql<{ seconds: number }>("select extract(epoch from (select min(absent) from (select max(absent_at) over (order by absent_at rows between unbounded preceding and current row) as absent, row_number() over (order by absent_at) as place from revocation_row where revocation_id = $1) x where place = 47) - (select min(signed_at) from approval a join plan_operation o using (msp_id, plan_id) join revocation_row w on w.uid = o.uid and w.revocation_id = $1))::float8 as seconds", [board.split("/").at(-1)])) as [{ seconds: number }];
  measured(info, `tap to the 47th proof: ${seconds.toFixed(1)} s`);
  for (const { owned } of vaults.slice(0, 6)) expect(((await owned.owner.get("/agents")).json as { agents: { name: string }[] }).agents.some(({ name }) => name === leaver)).toBe(false);
  expect(await sql("select 1 from approval a join revocation r using (msp_id) where r.revocation_id = $1", [board.split("/").at(-1)])).toHaveLength(1);
  await expect(page.getByText("100 entries opened at 50 clients.")).toBeVisible(patience);

  const save = async (name: string) => {
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name, exact: true }).click();
    const path = info.outputPath((await downloading).suggestedFilename());
    await (await downloading).saveAs(path);
    return path;
  };
  const [certificate, checker] = [await save("Certificate"), await save("Page that checks it")];
  expect(await inTerminal(certificate)).toMatchObject({ code: 0, said: expect.stringMatching(/^It holds: John Meier is gone from 50 vaults/) });
  const bytes = await readFile(certificate);
  const bent = Uint8Array.from(bytes);
  const place = bytes.indexOf('"revision\\":') + 12;
  bent[place] = bent[place] === 0x39 ? 0x38 : bent[place]! + 1;
  const altered = info.outputPath("altered.json");
  await writeFile(altered, bent);
  expect(await inTerminal(altered)).toMatchObject({ code: 1, said: expect.stringMatching(/^Refused/) });

  // Opened from a disk, in a browser that knows nothing of this console and has no network.
  const context = await browser.newContext({ offline: true });
  const page2 = await context.newPage();
  await page2.goto(`file://${checker}`);
  await page2.getByLabel("The certificate, as a file").setInputFiles(certificate);
  await expect(page2.getByRole("heading", { level: 2 })).toHaveText("It holds: John Meier is gone from 50 vaults", patience);
  await page2.getByLabel("The certificate, as a file").setInputFiles(altered);
  await expect(page2.getByRole("heading", { level: 2 })).toHaveText("Refused: this certificate does not hold", patience);
  await expectFits(page2, shot, "checker-refused");
  await context.close();

  await page.getByRole("link", { name: "Open the rotation list" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("50 entries that John Meier opened were not changed since", patience);
  await expectFits(page, shot, "rotation");
  await page.goto("/revocations");
  await expect(page.getByRole("link", { name: leaver })).toBeVisible();
});
