/**
 * Every way in which a ceremony goes wrong, tried in a real browser with real keys: what the key or the page said is bent on its
 * way to the server, or the server's question on its way to the page. One clear message each; nothing is opened.
 */
import { randomBytes } from "node:crypto";
import type { Page, Route } from "@playwright/test";
import { ceremonyChallenge } from "../lib/protocol/challenge.ts";
import { anyEmail, expect, found, sessionIdOf, signIn, signOut, sql, stranger, test } from "./people.ts";

test.use({ mayComplain: /the server responded with a status of 4\d\d/ });

type Payload = { deed: string; proof: { challengeId: string; assertion: { id: string; rawId: string; response: { clientDataJSON: string; authenticatorData: string; signature: string } } } };

const door = "**/api/auth/callback/passkey";

/** What the page hands to the door, as it is or bent. */
async function bend(page: Page, change: (payload: Payload) => void | Promise<void>): Promise<void> {
  await page.route(door, async (route: Route) => {
    const body = route.request().postDataJSON() as { payload: string };
    const payload = JSON.parse(body.payload) as Payload;
    await change(payload);
    await route.continue({ postData: JSON.stringify({ ...body, payload: JSON.stringify(payload) }) });
  });
}

const clientData = (payload: Payload) => JSON.parse(Buffer.from(payload.proof.assertion.response.clientDataJSON, "base64url").toString()) as Record<string, unknown>;
const withClientData = (payload: Payload, change: Record<string, unknown>) => {
  payload.proof.assertion.response.clientDataJSON = Buffer.from(JSON.stringify({ ...clientData(payload), ...change })).toString("base64url");
};
const withAuthenticatorData = (payload: Payload, change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(payload.proof.assertion.response.authenticatorData, "base64url");
  change(bytes);
  payload.proof.assertion.response.authenticatorData = bytes.toString("base64url");
};

const bends: [string, (payload: Payload) => void, string][] = [
  ["from another origin", (payload) => withClientData(payload, { origin: "http://sign.localhost:1" }), "The key was touched on another page"],
  ["from a frame of another site", (payload) => withClientData(payload, { crossOrigin: true }), "The key was touched on another page"],
  ["for another RP id", (payload) => withAuthenticatorData(payload, (bytes) => bytes.set(randomBytes(32), 0)), "The answer was made for another site"],
  ["without user verification", (payload) => withAuthenticatorData(payload, (bytes) => bytes.set([bytes[32]! & ~0x04], 32)), "The key did not check that it is you"],
  ["by an unknown credential", (payload) => { payload.proof.assertion.id = payload.proof.assertion.rawId = randomBytes(32).toString("base64url"); }, "This key opens nothing here"],
  ["with another signature", (payload) => { payload.proof.assertion.response.signature = payload.proof.assertion.response.signature.slice(0, -4).concat("AAAA"); }, "This key opens nothing here"],
  ["to a question that was never asked", (payload) => { payload.proof.challengeId = crypto.randomUUID(); }, "The answer belongs to another question"],
];
for (const [how, change, says] of bends) {
  test(`an answer ${how} opens nothing: “${says}”`, async ({ page, authenticator, context }) => {
    expect(authenticator.id).toBeTruthy();
    await found(page);
    await signOut(page);
    await bend(page, change);
    await signIn(page);
    await expect(page.getByText(`${says}.`)).toBeVisible();
    expect((await context.cookies()).filter(({ name }) => name === "__Host-session")).toEqual([]);
    await page.unroute(door);
    await signIn(page);
    await expect(page).toHaveURL(/\/overview$/);
  });
}

test("an answer that is sent a second time opens nothing: it was used before", async ({ page, authenticator, context }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await signOut(page);
  let kept = "";
  await bend(page, (payload) => { kept = JSON.stringify(payload); });
  await signIn(page);
  await expect(page).toHaveURL(/\/overview$/);
  await signOut(page);
  await page.unroute(door);
  await bend(page, (payload) => { Object.assign(payload, JSON.parse(kept)); });
  await signIn(page);
  await expect(page.getByText("This answer was used before.")).toBeVisible();
  expect((await context.cookies()).filter(({ name }) => name === "__Host-session")).toEqual([]);
});

test("an answer to a question of five minutes ago took too long", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await signOut(page);
  await bend(page, async (payload) => void (await sql("update challenge set expires_at = now() where challenge_id = $1", [payload.proof.challengeId])));
  await signIn(page);
  await expect(page.getByText("That took too long.")).toBeVisible();
});

test("a question that another browser was asked is not answered from here", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await signOut(page);
  const other = await stranger(page);
  await other.page.goto("/sign-in");
  const question = await other.page.evaluate(async () => (await (await fetch("/api/ceremony/sign-in", { method: "POST", body: "{}" })).json()) as unknown);
  await page.route("**/api/ceremony/sign-in", (route) => route.fulfill({ json: question }));
  await signIn(page);
  await expect(page.getByText("The answer belongs to another question.")).toBeVisible();
  await other.context.close();
});

test("a sign-in's question, handed where a confirmation's is due, confirms nothing", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await page.goto("/settings/members");
  const email = anyEmail();
  const question = await page.evaluate(async () => (await (await fetch("/api/ceremony/sign-in", { method: "POST", body: "{}" })).json()) as { challengeId: string; bytes: string });
  // The server, taken over, hands a sign-in's question where a confirmation's is due: the page derives it under its own label.
  await page.route("**/settings/members", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, body: text.replace(/"challengeId":"[^"]+","bytes":"[^"]+"/, `"challengeId":"${question.challengeId}","bytes":"${question.bytes}"`) });
  });
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByLabel("Mail address").fill(email);
  await page.getByRole("checkbox", { name: /Auditor/ }).check();
  await page.getByRole("button", { name: "Invite with a key" }).click();
  await expect(page.getByRole("dialog").getByText("The answer belongs to another question").first()).toBeVisible();
  expect(await sql("select 1 from invitation where email = $1", [email])).toEqual([]);
});

test("a server that hands a value to be signed, such as a batch's hash, gets a signature over something else", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await signOut(page);
  const wanted = randomBytes(32);
  await page.route("**/api/ceremony/sign-in", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), bytes: wanted.toString("base64url") } });
  });
  let signed = "";
  await bend(page, (payload) => { signed = String(clientData(payload)["challenge"]); });
  await signIn(page);
  await expect(page.getByText("The answer belongs to another question.")).toBeVisible();
  expect(signed).toBe(Buffer.from(ceremonyChallenge("signin", wanted)).toString("base64url"));
  expect(signed).not.toBe(wanted.toString("base64url"));
});

test("a server that hands more or less than 32 bytes gets no signature at all", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await signOut(page);
  await page.route("**/api/ceremony/sign-in", (route) => route.fulfill({ json: { challengeId: crypto.randomUUID(), bytes: randomBytes(33).toString("base64url") } }));
  let asked = 0;
  page.on("request", (request) => void (asked += request.url().endsWith("/callback/passkey") ? 1 : 0));
  await signIn(page);
  await expect(page.getByText("The answer belongs to another question.")).toBeVisible();
  expect(asked).toBe(0);
});

test("an invitation that was used meanwhile, and one for another page's answer, let nobody in", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await found(page);
  await page.goto("/settings/members");
  const links: string[] = [];
  for (const email of [anyEmail(), anyEmail()]) {
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await page.getByLabel("Mail address").fill(email);
    await page.getByRole("checkbox", { name: /Technician/ }).check();
    await page.getByRole("button", { name: "Invite with a key" }).click();
    links.push(await page.getByLabel("One-time link").inputValue());
    await page.getByRole("button", { name: "Done" }).click();
  }
  const other = await stranger(page);
  // The answer to the first invitation, sent in with the second one's secret.
  await other.page.route(door, async (route) => {
    const body = route.request().postDataJSON() as { payload: string };
    const payload = JSON.parse(body.payload) as { secret: string };
    await route.continue({ postData: JSON.stringify({ ...body, payload: JSON.stringify({ ...payload, secret: new URL(links[1]!).hash.slice(1) }) }) });
  });
  await other.page.goto(links[0]!);
  await other.page.getByLabel("Your name").fill("Priya Raman");
  await other.page.getByRole("button", { name: "Join with my key" }).click();
  await expect(other.page.getByText("The answer belongs to another question")).toBeVisible();
  await other.page.unroute(door);
  await sql("update invitation set used_at = now(), person_id = invited_by where secret_sha256 = sha256($1::bytea)", [new URL(links[0]!).hash.slice(1)]);
  await other.page.getByRole("button", { name: "Join with my key" }).click();
  await expect(other.page.getByText("This invitation was used")).toBeVisible();
  await other.context.close();
});

for (const [words, days] of [["a day fast", 1], ["a year slow", -365]] as const) {
  test(`a browser whose clock is ${words} signs in and stays in: no time of its own decides anything`, async ({ page, authenticator }) => {
    expect(authenticator.id).toBeTruthy();
    await page.clock.install({ time: Date.now() + days * 86_400_000 });
    const { email } = await found(page);
    await signOut(page);
    await signIn(page);
    await expect(page).toHaveURL(/\/overview$/);
    await page.goto("/settings/sessions");
    await expect(page.getByRole("row", { name: /This one/ })).toBeVisible();
    expect(await sessionIdOf(email)).toBeTruthy();
  });
}

test("a machine that guesses at sign-in is slowed down long before other doors are", async ({ page, authenticator }) => {
  expect(authenticator.id).toBeTruthy();
  await page.goto("/sign-in");
  const statuses = await page.evaluate(async () => {
    const all: number[] = [];
    for (let index = 0; index < 70; index += 1) all.push((await fetch("/api/ceremony/sign-in", { method: "POST", body: "{}" })).status);
    return all;
  });
  expect(statuses.filter((status) => status === 200)).toHaveLength(60);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  await signIn(page);
  await expect(page.getByText("Too many requests.")).toBeVisible();
});

test("next-auth's other doors do not exist", async ({ page }) => {
  await page.goto("/sign-in");
  for (const path of ["session", "providers", "signin", "signout", "error", "verify-request", "callback/passkey", "csrf/x"]) {
    expect((await page.request.get(`/api/auth/${path}`)).status(), path).toBe(404);
  }
});
