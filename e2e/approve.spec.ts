/** A plan in real browsers: reviewed, signed with one tap of a key on the signing origin, delivered by the worker, proven; and the exit of a client. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { b64u, fromB64u, randomBytes } from "../lib/protocol/bytes.ts";
import { ceremonyChallenge } from "../lib/protocol/challenge.ts";
import type { Enrol, Statement } from "../lib/protocol/messages.ts";
import { verifyAnswer, verifySigned } from "../lib/protocol/signed.ts";
import { assertionBy, connectClients, deskOf, untilRead, type Desk, type Keys } from "./approve.ts";
import { expectFits } from "./fixtures.ts";
import { clientsVaults, signers, type Vaults } from "./onboard.ts";
import { expect, sql, test } from "./people.ts";
import { against, plugIn, signingWindow } from "./signing.ts";

let vaults: Vaults;
test.beforeAll(async () => {
  vaults = await clientsVaults();
});
test.afterAll(async () => vaults.end());

const emailOf = async (page: Page): Promise<string> => {
  await page.goto("/settings/members");
  return (await page.getByText(/@quillmoor\.example/).first().textContent())!.match(/[\w-]+@quillmoor\.example/)![0];
};

type Submission = { assertion: Enrol };
/** What comes between the key's tap and the server, and what the server says to it. */
const refusals = (planId: string, key: Keys[number]): [bend: (given: Submission) => Promise<Submission>, words: string][] => [
  [async (given) => {
    await sql("update signing_ticket set round_at = round_at - interval '1 minute' where plan_id = $1 and round is not null", [planId]);
    return given;
  }, "The minute was over"],
  // The very key that may approve, touched on the right page, for signing in.
  [async (given) => ({ ...given, assertion: assertionBy(key, ceremonyChallenge("signin", randomBytes(32))) }), "The tap was for something else"],
];

test("grants at several clients: one sentence, one tap, and every vault is proven while the page looks on", async ({ page }, info) => {
  test.setTimeout(300_000);
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  const clients = await connectClients(page, vaults, keys, ["Acme Dental Group", "Birchgate Primary Care", "مكتبة النخيل"]);
  await untilRead(clients);
  const desk: Desk = await deskOf(await emailOf(page));
  const jim = await desk.technician("Jim Okafor", keys[0]!);
  const made = await desk.plan("Jim works like Sarah", clients.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId: jim, scopes: "0010", allAccess: false, expiresAt: null })));
  expect(made.leftOut).toEqual([]);

  await page.goto("/plans");
  await expect(page.getByText("1 plan waits for a tap.")).toBeVisible();
  await expectFits(page, shot, "plans");
  await page.getByRole("link", { name: "Jim works like Sarah" }).click();
  await expect(page.getByText("You give Jim Okafor 0010 at 3 clients. Nobody else is touched.")).toBeVisible();
  await expectFits(page, shot, "review");

  await test.step("a tap of another minute or for another purpose is refused by the server, and nothing of it leaves", async () => {
    for (const [bend, words] of refusals(made.planId, keys[0]!)) {
      const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing page" }).click());
      await plugIn(window, { holding: keys });
      await window.route("**/api/signing/approve", async (route) => route.continue({ postData: JSON.stringify(await bend(route.request().postDataJSON() as Submission)) }));
      await window.locator("#sign").click();
      await expect(window.getByRole("heading", { name: words })).toBeVisible();
      await window.close();
      await expect(page.getByText(words)).toBeVisible();
    }
    expect(await sql("select 1 from approval where plan_id = $1 union all select 1 from dispatch where plan_id = $1", [made.planId])).toEqual([]);
    expect(await sql("select fields->>'reason' as reason from record where action = 'plan.tap_refused' and target_id = $1 order by at", [made.planId])).toEqual(refusals(made.planId, keys[0]!).map(([, reason]) => ({ reason })));
  });

  const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing page" }).click());
  await expect(window.getByRole("heading", { level: 1 })).toHaveText("You give Jim Okafor 0010 at 3 clients. Nobody else is touched.");
  const digest = (where: Page) => where.locator(".digest, p[aria-label^='Digest']").first().locator("span, b").allTextContents();
  expect((await digest(window)).join("")).toBe(made.digest);
  expect((await digest(page)).join("")).toBe(made.digest);
  await window.getByText("All 3 operations, client by client").click();
  await expectFits(window, shot, "sign");

  // A key that cannot check who touches it signs nothing, and the window says so and stays.
  const unverified = await plugIn(window, { holding: keys, verified: false });
  await window.locator("#sign").click();
  await expect(window.getByText(/No tap came|did not check who you are/)).toBeVisible({ timeout: 70_000 });
  await unverified.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: unverified.id });
  await (await plugIn(window, { holding: keys, beside: unverified })).touch(true);
  await window.locator("#sign").click();
  await expect(window.getByRole("heading", { name: "Signed for 3 vaults" })).toBeVisible();

  await expect(page.getByText("of 3 vaults proven")).toBeVisible();
  await expect(page.locator("strong", { hasText: /^3$/ })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("matches the tap")).toBeVisible();
  await expectFits(page, shot, "proven");
  for (const { owned } of clients) {
    const { agents } = (await owned.owner.get("/agents")).json as { agents: { name: string; hand_over: string }[] };
    expect(agents.filter(({ name, hand_over: how }) => name === "Jim Okafor" && how === "sealed")).toHaveLength(1);
  }
  // Known follows within the next reading, and nothing of it looks like a drift.
  await expect.poll(async () => (await sql<{ count: string }>("select count(*) from known_agent where name = 'Jim Okafor' and vault_ref = any($1)", [clients.map(({ vaultRef }) => vaultRef)]))[0]!.count).toBe("3");
  expect(await sql("select 1 from drift where vault_ref = any($1) and settled_at is null", [clients.map(({ vaultRef }) => vaultRef)])).toEqual([]);

  await test.step("the client's page and their own say who signed it", async () => {
    await page.goto(`/clients/${clients[0]!.clientId}`);
    await page.getByRole("table", { name: "Who of us can open it" }).getByRole("link", { name: "Ines Halloran" }).click();
    await expect(page).toHaveURL(new RegExp(`/plans/${made.planId}$`));
    await page.goto(`/clients/${clients[0]!.clientId}/their-view`);
    await expect(page.getByText("Jim Okafor was given 0010, by Ines Halloran.")).toBeVisible();
    await expectFits(page, shot, "their-view");
  });
  await desk.close();
});

test("a client leaves: what goes, what stays, one tap, a certificate that anybody can check", async ({ page }, info) => {
  test.setTimeout(240_000);
  const shot = (name: string) => info.outputPath(name);
  const keys = await signers(page);
  const [client] = await connectClients(page, vaults, keys, ["Calloway Freight"]);
  await untilRead([client!]);
  await page.goto(`/clients/${client!.clientId}/exit`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Exit of Calloway Freight");
  await expect(page.getByText("Our own row in the vault")).toBeVisible();
  await expectFits(page, shot, "exit");
  await page.getByLabel("Reason").fill("The contract ends");
  await page.getByRole("button", { name: "Freeze the exit" }).click();
  await expect(page).toHaveURL(/\/plans\//);
  await expect(page.getByText(/^You end the connection to Calloway Freight/)).toBeVisible();
  const open = page.getByRole("button", { name: "Open the signing page" });
  await expect(open).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("textbox").fill("Calloway Freight");
  const window = await signingWindow(page, () => open.click());
  await plugIn(window, { holding: keys });
  await expect(window.getByText("it cannot be taken back; only the client can connect again")).toBeVisible();
  await expectFits(window, shot, "exit-sign");
  await window.locator("#sign").click();
  await expect(window.getByRole("heading", { name: "Signed for 1 vault" })).toBeVisible();
  await expect(page.getByText("of 1 vault proven")).toBeVisible();
  await expect(page.locator("strong", { hasText: /^1$/ })).toBeVisible({ timeout: 30_000 });

  await page.goto(`/clients/${client!.clientId}/exit`);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Certificate" }).click();
  const certificate = JSON.parse(await readFile(await (await downloading).path(), "utf8")) as { vault: { id: string; key: string }; before: { statement: Statement; signature: string }; gone: { answer: string; body: string; method: string; nonce: string; status: number; target: string } };
  expect(certificate.vault.key).toBe(client!.owned.owner.account.key);
  expect(await verifySigned("statement", certificate.before.statement, certificate.before.signature, certificate.vault.key)).toBe(true);
  const { answer, body, ...asked } = certificate.gone;
  expect(await verifyAnswer(answer, { ...asked, agent: null, body: fromB64u(body), vault: certificate.vault.id }, certificate.vault.key)).toMatchObject({ mode: "primary" });
});

test.describe("a server that lies to the signing page", () => {
  const plan = { id: "01930000-0000-7000-8000-000000000001", kind: "change", msp: "http://localhost:1", not_after: 4_000_000_000, people: [], reason: null, ticket: null, title: "x", v: 1, vaults: [{ agent: 9, key: b64u(randomBytes(32)), name: "Acme", roles: [], vault: "Q7xKd2", changes: [{ change: "revoke", id: crypto.randomUUID(), standing: crypto.randomUUID(), agent: 17, uid: b64u(randomBytes(16)), name: "Jim", access: { scopes: "", all_access: false, expires_at: null } }] }] };
  const offer = { v: 1, kind: "approve", part: "release", first: null, msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, secret: b64u(randomBytes(32)), seconds_left: 600, digest: b64u(randomBytes(32)), plan, left: [], signers: [{ id: b64u(randomBytes(32)), label: "Desk", transports: [], public_key: b64u(randomBytes(77)) }], confirmations: [], inboxes: [], endorsements: [] };
  test("gets no tap for a challenge of its own, nor for a plan whose digest is another than the console showed", async ({ page }) => {
    const handed = await against(page, { ...offer, challenge: b64u(randomBytes(32)) });
    await expect(page.getByRole("heading", { name: "The server asked for something this page does not do" })).toBeVisible();
    expect(await handed.taps()).toBe(0);
    await page.unrouteAll();
    const altered = await against(page, offer);
    await expect(page.getByRole("heading", { name: "This plan is not what it says" })).toBeVisible();
    expect(await altered.taps()).toBe(0);
    expect(altered.heard).toEqual([]);
  });
});
