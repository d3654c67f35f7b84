/**
 * Bulk work in real browsers, where it is refused: rules of length, missing room, a kill switch, a technician; and the signing page
 * against servers that lie to it, each with one lie.
 */
import type { Page } from "@playwright/test";
import { b64u, fromB64u, randomBytes } from "../lib/protocol/bytes.ts";
import { ceremonyChallenge } from "../lib/protocol/challenge.ts";
import { planDigest, type Plan } from "../lib/protocol/plan.ts";
import { createVaultKey } from "../lib/protocol/testing/authenticator.ts";
import { readHouse } from "../signing/house.ts";
import { answerBegin, approveWorld, type ApproveWorld } from "../signing/testing/approve-world.ts";
import { connectClients, deskOf, untilRead } from "./approve.ts";
import { expectAccessible, instance } from "./fixtures.ts";
import { enterGrid, focusedName } from "./matrix.ts";
import { clientsVaults, signers, type Vaults } from "./onboard.ts";
import { expect, sql, stranger, taken, test } from "./people.ts";
import { against, invite, join, signOrigin } from "./signing.ts";

test.use({ mayComplain: /status of 4\d\d/ });
let vaults: Vaults;
test.beforeAll(async () => {
  vaults = await clientsVaults();
});
test.afterAll(async () => vaults.end());

/** Two looks, axe in each, and nothing that scrolls sideways. */
async function looked(page: Page, path: (name: string) => string, name: string): Promise<void> {
  for (const [width, height, colorScheme] of [[1440, 900, "light"], [390, 844, "dark"]] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path(`${name}-${colorScheme}-${width}.png`) });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} ${width}`).toBe(0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

test("bulk: what is too long, has no room, is frozen, or is a technician's is refused where it is done, with the way out", async ({ page }, info) => {
  test.setTimeout(420_000);
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  const clients = await connectClients(page, vaults, keys, ["Acme Dental Group", "Birchgate Primary Care", "Calloway Freight"]);
  await untilRead(clients);
  const [acme, birch] = clients as [(typeof clients)[number], (typeof clients)[number]];
  await page.goto("/settings/members");
  const desk = await deskOf((await page.getByText(/@quillmoor\.example/).first().textContent())!.match(/[\w-]+@quillmoor\.example/)![0]);
  await desk.technician("Jim Okafor", keys[0]!);
  // Acme is full as it was last read, and is not read again meanwhile.
  await sql("update reading set tokens_used = 11, tokens_limit = 11, next_read_at = '9000-01-02' where vault_ref = $1", [acme.vaultRef]);

  // A kill switch stands over overview and matrix until it is lifted.
  await page.goto("/settings/incident");
  await taken(page);
  await page.getByLabel("Why").fill("A laptop was lost in Graz");
  await page.getByRole("button", { name: "Freeze it" }).click();
  await expect(page.getByText("All bulk work is frozen by Ines Halloran: A laptop was lost in Graz")).toBeVisible();
  await page.goto("/overview");
  const frozen = page.getByRole("status").filter({ hasText: "All bulk work is frozen." });
  await expect(frozen).toContainText(/Ines Halloran, .*: A laptop was lost in Graz/);
  await looked(page, shot, "frozen-overview");
  await page.goto("/matrix");
  await enterGrid(page);
  await expect(frozen).toBeVisible();
  await looked(page, shot, "frozen-matrix");
  await page.getByRole("link", { name: "Lift it" }).click();
  await page.getByRole("button", { name: "Lift", exact: true }).click();
  await expect(page.getByText("Nothing is on its way either.")).toBeVisible();
  await page.goto("/matrix");
  await expect(frozen).toBeHidden();

  // Full access needs an end within the night: one click for a cell, one for all of them.
  await enterGrid(page);
  await page.keyboard.press("Control+Home");
  for (let n = 0; n < 3; n += 1) {
    await page.keyboard.press("f");
    await expect.poll(() => focusedName(page)).toContain("blocked: full access is allowed for 12 hours at most");
    if (n < 2) await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Space");
  const peek = page.getByRole("complementary", { name: "Peek" });
  await expect(peek.getByText("Set an end within 12 hours.")).toBeVisible();
  await page.screenshot({ path: shot("too-long-peek.png") });
  await peek.getByRole("button", { name: "Set it" }).click();
  await expect.poll(() => focusedName(page)).not.toContain("blocked");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Review plan/ }).click();
  await expect(page.getByText("2 are for longer than your organisation allows.")).toBeVisible();
  await looked(page, shot, "too-long-review");
  await page.getByRole("button", { name: "Set the ends" }).click();
  await expect(page.getByText(/for longer than your organisation/)).toBeHidden();
  await page.getByRole("button", { name: "Make the plan" }).click();

  // Acme has no room: it is left out, and each way out has its price.
  await expect(page).toHaveURL(/\/plans\/[0-9a-f-]{36}$/);
  const address = page.url();
  await expect(page.getByText("1 token is needed, 0 of 11 are free.")).toBeVisible();
  const ways = page.getByRole("list", { name: "Ways out for Acme Dental Group" });
  await expect(ways.getByRole("listitem").filter({ hasText: "Move up to Team 25" })).toContainText(/\+\s*USD\s*250 a year/);
  await looked(page, shot, "no-room-plan");

  // A technician neither sees nor releases it.
  const link = await invite(page);
  const other = await stranger(page);
  await join(other.page, link, "Priya Raman");
  await other.page.goto(address);
  await expect(other.page.getByRole("heading", { level: 1 })).toContainText("not for your role", { ignoreCase: true });
  await expect(other.page.getByRole("button", { name: "Open the signing page" })).toBeHidden();
  await other.context.close();

  // A rule that comes in between: nothing is signed over it.
  await sql("update client set tags = '{vip}' where client_id = $1", [birch.clientId]);
  await page.goto("/requests");
  await taken(page);
  await page.getByRole("button", { name: "Rules…" }).click();
  const rules = page.getByRole("dialog");
  await rules.getByLabel("Role or tag").selectOption({ label: "Clients tagged “vip”" });
  await rules.getByRole("button", { name: "Add a rule" }).click();
  await rules.getByLabel("Hours", { exact: true }).fill("2");
  await looked(page, shot, "rules");
  await rules.getByRole("button", { name: "Set the rules" }).click();
  await expect(rules).toBeHidden();
  await page.goto(address);
  const tooLong = page.getByText(/Your organisation allows access at clients tagged “vip” for 2 hours at most/);
  await expect(tooLong).toBeVisible();
  await taken(page);
  await expect(page.getByRole("button", { name: "Open the signing page" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Plan it anew" }).click();
  await expect(page).not.toHaveURL(address);
  await expect(page.getByText("1 blocked")).toBeVisible();
  await expect(tooLong).toBeVisible();
  await expect(page.getByText("Give it an end within 2 hours")).toBeVisible();
  await page.screenshot({ path: shot("too-long-plan.png"), fullPage: true });
  expect(await sql("select 1 from approval where msp_id = $1", [desk.actor.mspId])).toEqual([]);
  await desk.close();
});

test.describe("bulk: a server that lies to the signing page gets no tap", () => {
  /** The honest server over a plan, with one lie in it; what it hears after the trade, and how often a key was asked. */
  async function lying(page: Page, bend: (given: ApproveWorld) => Promise<Partial<Pick<ApproveWorld, "offer" | "relay">>>, { presses = true } = {}) {
    const house = readHouse(signOrigin(), instance.origin)!;
    const given = await approveWorld({ house, now: Math.floor(Date.now() / 1_000), revokes: false });
    const lie = await bend(given);
    const { heard, taps } = await against(page, lie.offer ?? given.offer);
    // Laid over the other, which takes every door: this one answers for the vaults.
    await page.route("**/api/signing/begin", async (route) => {
      const { vaults: asked } = route.request().postDataJSON() as { vaults: { place: number; nonce: string }[] };
      await route.fulfill({ json: { answers: await (lie.relay ?? given.relay)(asked) } });
    });
    if (presses) await page.locator("#sign").click();
    return { heard, taps };
  }
  const again = (plan: Plan, offer: ApproveWorld["offer"]) => ({ ...offer, plan, digest: b64u(planDigest(plan)) });
  const wider = (plan: Plan): Plan => ({ ...plan, vaults: plan.vaults.map((vault) => ({ ...vault, changes: vault.changes.map((one) => (one.change === "grant" ? { ...one, access: { ...one.access, all_access: true } } : one)) })) });

  const refusedWhole: [string, (given: ApproveWorld) => Promise<Partial<Pick<ApproveWorld, "offer">>>, string][] = [
    ["swaps the key that a token is sealed to", async ({ offer }) => ({ offer: again({ ...offer.plan, people: [{ ...offer.plan.people[0]!, seal_to: { kem: "x25519", public_key: b64u(new Uint8Array(32).fill(7)) } }] }, offer) }), "This plan is not what it says"],
    ["changes the plan after its digest was reviewed", async ({ offer }) => ({ offer: { ...offer, plan: wider(offer.plan) } }), "This plan is not what it says"],
    ["shows one client and names another's vault", async ({ offer }) => ({ offer: again({ ...offer.plan, vaults: offer.plan.vaults.map((vault, i) => (i === 0 ? { ...vault, name: "Another client" } : vault)) }, offer) }), "None of your keys has confirmed all of these clients"],
    ["offers a sign-in's assertion as the word that confirmed the clients", async ({ offer, signer }) => ({ offer: { ...offer, confirmations: [{ ...offer.confirmations[0]!, assertion: await signer.sign(ceremonyChallenge("signin", randomBytes(32))) }] } }), "None of your keys has confirmed all of these clients"],
    ["hides every vault of the plan", async ({ offer }) => ({ offer: { ...offer, left: offer.plan.vaults.map((_, place) => place) } }), "This plan is not what it says"],
  ];
  for (const [what, bend, words] of refusedWhole) {
    test(`when it ${what}`, async ({ page }) => {
      const { heard, taps } = await lying(page, bend, { presses: false });
      await expect(page.getByRole("heading", { name: words })).toBeVisible();
      expect([await taps(), heard]).toEqual([0, []]);
    });
  }

  const silenced: [string, (given: ApproveWorld) => ApproveWorld["relay"]][] = [
    ["forges the vaults' answers", ({ vaults: fakes }) => async (asked) => Promise.all(asked.map(async ({ place, nonce }) => answerBegin({ ...fakes[place]!, key: await createVaultKey() }, place, nonce, Math.floor(Date.now() / 1_000))))],
    ["hands in another plan's challenges", ({ relay }) => async (asked) => (await relay(asked)).map((one) => ("words" in one ? one : { ...one, body: b64u(Buffer.from(Buffer.from(fromB64u(one.body)).toString().replace(/"challenge":"[^"]+"/, `"challenge":"${b64u(randomBytes(32))}"`))) }))],
    ["gives one vault's answer for another", ({ relay }) => async (asked) => (await relay(asked)).map((one, i, all) => ({ ...all[all.length - 1 - i]!, place: one.place }))],
  ];
  for (const [what, bend] of silenced) {
    test(`when it ${what}`, async ({ page }) => {
      const { heard, taps } = await lying(page, async (given) => ({ relay: bend(given) }));
      await expect(page.getByText("No vault gave a challenge")).toBeVisible();
      expect([await taps(), heard]).toEqual([0, []]);
    });
  }

  test("when it leaves one leaf out: the page says what it covers, and covers no more", async ({ page }) => {
    const names: string[] = [];
    const { taps } = await lying(page, async ({ offer }) => {
      names.push(...offer.plan.vaults.map(({ name }) => name));
      return { offer: { ...offer, left: [1] } };
    }, { presses: false });
    await expect(page.getByRole("heading", { level: 1 })).toContainText(names[0]!);
    await expect(page.getByText(names[1]!)).toHaveCount(0);
    expect(await taps()).toBe(0);
  });
});
