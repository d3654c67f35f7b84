/** What stands between a tap and its release: every refusal of the server, with the page's honest submission bent in one place. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { addTechnician, addVaults, openPlan, sharesNow, SIGNING, startEstate, tapPlan, visitor, CONSOLE, type Estate, type EstateVault, type Tap, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { policyShape, setPolicy, showRules, usualPolicy, type LengthRule } from "../lease/policy.ts";
import { createPlan, type MadePlan } from "../plan/create.ts";
import { listPlans } from "../plan/list.ts";
import { showPlan } from "../plan/show.ts";
import { handPlan, replan, stopPlan, withdrawPlan } from "../plan/steer.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { b64u, fromB64u, randomBytes } from "../protocol/bytes.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { askApprove } from "./ask.ts";
import { relayBegin } from "./relay.ts";
import { releaseApproval } from "./release.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let jim: Technician;
let vaults: EstateVault[];
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  jim = await addTechnician(estate, "Jim Okafor");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"]);
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

const grants = (more: Partial<Extract<WantedChange, { change: "grant" }>> = {}, of = vaults): WantedChange[] => of.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null, ...more }));
const plan = (wanted = grants(), actor: Actor = estate.owner) => createPlan(actor, { title: "Jim", reason: null, ticket: null, wanted }, clock, t.db);
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const release = (submission: Tap["submission"]) => fails(releaseApproval(submission, visitor, clock, t.db));
const tapped = async (made?: MadePlan): Promise<{ made: MadePlan; tap: Tap }> => {
  const frozen = made ?? (await plan());
  return { made: frozen, tap: await tapPlan(estate, await openPlan(estate, frozen)) };
};
const nothing = async ({ planId }: MadePlan) => expect(await sharesNow(estate, planId)).toEqual([]);
const roleOf = (right: string): Actor => personActor({ mspId: estate.mspId, personId: crypto.randomUUID(), name: "Priya Raman", rights: [right] }, crypto.randomUUID());

describe("a tap is judged again by the server, and nothing of a refused one leaves", () => {
  const bends: [string, string, (tap: Tap) => Promise<Tap["submission"]> | Tap["submission"]][] = [
    ["another challenge for a vault than was signed", "tap_for_another", ({ submission }) => ({ ...submission, challenges: submission.challenges.map((one, i) => (i === 0 ? b64u(randomBytes(32)) : one)) })],
    ["a vault left out that was signed", "tap_for_another", ({ submission }) => ({ ...submission, challenges: [null, ...submission.challenges.slice(1)], left: [0], places: submission.places.slice(1) })],
    ["another seed", "tap_for_another", ({ submission }) => ({ ...submission, seed: b64u(randomBytes(32)) })],
    ["other places in the tree", "tap_for_another", ({ submission }) => ({ ...submission, places: submission.places.toReversed() })],
    ["one place twice", "tap_for_another", ({ submission }) => ({ ...submission, places: submission.places.map(() => 3) })],
    ["a share more than the plan has", "tap_for_another", ({ submission }) => ({ ...submission, places: [...submission.places, 63] })],
    ["another time for the standing shares", "tap_too_late", ({ submission }) => ({ ...submission, issued_at: submission.issued_at - 3_600 })],
    ["another digest", "plan_differs", ({ submission }) => ({ ...submission, digest: b64u(randomBytes(32)) })],
    ["another round of challenges", "tap_too_late", ({ submission }) => ({ ...submission, round: crypto.randomUUID() })],
    ["a key that is not enrolled", "signing_key_strange", ({ submission }) => ({ ...submission, credential_id: b64u(randomBytes(32)) })],
    ["a touch without PIN or finger", "tap_unverified", ({ submission, prepared }) => ({ ...submission, assertion: estate.signer.get(prepared.tree.challenge, { flags: 0x01 }) })],
    ["a touch on the console's page", "tap_elsewhere", ({ submission, prepared }) => ({ ...submission, assertion: estate.signer.get(prepared.tree.challenge, { origin: CONSOLE }) })],
    ["a touch for something else", "tap_for_another", ({ submission }) => ({ ...submission, assertion: estate.signer.get(randomBytes(32)) })],
    ["another key's signature", "tap_refused", ({ submission, prepared }) => ({ ...submission, assertion: new SoftwareKey(SIGNING).get(prepared.tree.challenge) })],
    ["a key that claims to be a synced one", "tap_refused", ({ submission, prepared }) => ({ ...submission, assertion: estate.signer.get(prepared.tree.challenge, { flags: 0x0d }) })],
  ];
  test.each(bends)("%s: %s", async (_what, code, bend) => {
    const { made, tap } = await tapped();
    expect(await release(await bend(tap))).toBe(code);
    await nothing(made);
    // One submission per window, whatever comes of it.
    expect(await release(tap.submission)).toBe("signing_over");
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("another plan's tap, whole and honest, does not release this one", async () => {
    const [one, two] = [await tapped(), await tapped(await plan(grants({ scopes: "0011" })))];
    expect(await release({ ...two.tap.submission, secret: one.tap.submission.secret, round: one.tap.submission.round })).toBe("plan_differs");
    expect(await release({ ...two.tap.submission, secret: two.tap.submission.secret, digest: one.tap.submission.digest })).toBe("plan_differs");
    await nothing(one.made);
    await nothing(two.made);
  });
  test("a tap after the minute: nothing is sent", async () => {
    const { made, tap } = await tapped();
    ahead += 56_000;
    expect(await release(tap.submission)).toBe("tap_too_late");
    await nothing(made);
  });
  test("a plan whose stored text was changed by hand is neither shown, nor signed, nor sent", async () => {
    const { made, tap } = await tapped();
    await t.asAdmin((admin) => admin.query("update plan set frozen = replace(frozen, '\"0010\"', '\"0011\"') where plan_id = $1", [made.planId]));
    await expect(releaseApproval(tap.submission, visitor, clock, t.db)).rejects.toMatchObject({ failure: { code: "plan_damaged" } });
    expect(await fails(showPlan(estate.owner, made.planId, clock, t.db))).toBe("plan_damaged");
    await nothing(made);
  });
  test("a confirmation that somebody else's key gave, or that was taken away, releases nothing", async () => {
    const { made, tap } = await tapped();
    await t.asAdmin((admin) => admin.query("update confirmed_vault set statement = jsonb_set(statement, '{name}', '\"Another\"') where msp_id = $1", [estate.mspId]));
    expect(await release(tap.submission)).toBe("clients_unconfirmed");
    await nothing(made);
    for (const { vaultRef, name } of vaults) await t.asAdmin((admin) => admin.query("update confirmed_vault set statement = jsonb_set(statement, '{name}', $2::jsonb) where vault_ref = $1", [vaultRef, JSON.stringify(name)]));
  });
  test("an endorsement that was forged in the database seals no token", async () => {
    const { made, tap } = await tapped();
    const forged = new SoftwareKey(SIGNING).get(randomBytes(32));
    const before = (await t.asAdmin((admin) => admin.query("select endorsement_id, assertion from endorsement where msp_id = $1", [estate.mspId]))).rows as { endorsement_id: string; assertion: object }[];
    await t.asAdmin((admin) => admin.query("update endorsement set assertion = $2 where msp_id = $1", [estate.mspId, JSON.stringify(forged)]));
    expect(await release(tap.submission)).toBe("plan_stale");
    await nothing(made);
    for (const { endorsement_id: id, assertion } of before) await t.asAdmin((admin) => admin.query("update endorsement set assertion = $2 where endorsement_id = $1", [id, JSON.stringify(assertion)]));
  });
  test("a signing key that was removed meanwhile releases nothing", async () => {
    const { made, tap } = await tapped();
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1", [estate.mspId]));
    expect(await release(tap.submission)).not.toBe("done");
    await nothing(made);
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = null, removed_by = null where msp_id = $1", [estate.mspId]));
  });
  test("when records cannot be written, nothing is released", async () => {
    const { made, tap } = await tapped();
    await t.asAdmin((admin) => admin.query("revoke insert on record from clavitor_app"));
    try {
      expect(await release(tap.submission)).toBe("record_unwritable");
    } finally {
      await t.asAdmin((admin) => admin.query("grant insert on record to clavitor_app"));
    }
    await nothing(made);
  });
  test("approval, shares, lines and record commit together", async () => {
    const { made, tap } = await tapped();
    expect(await release(tap.submission)).toBe("done");
    const { rows } = await t.asAdmin((admin) => admin.query("select (select count(*) from approval where plan_id = $1) as approvals, (select count(*) from dispatch where plan_id = $1 and state = 'waiting' and attempts = 0 and first_sent_at is null) as shares, (select count(*) from vault_line where next_at <= now()) as lines, (select count(*) from record where action = 'plan.released' and target_id = $1::text) as records", [made.planId]));
    expect(rows).toEqual([{ approvals: "1", shares: "2", lines: "2", records: "1" }]);
    expect(await stopPlan(estate.owner, made, clock, t.db)).toEqual({ stopped: 2 });
    expect((await sharesNow(estate, made.planId)).map(({ state }) => state)).toEqual(["stopped", "stopped"]);
  });
});

describe("who may do what", () => {
  test.each(["technician", "finance"])("a %s can neither see, make, sign nor stop a plan", async (right) => {
    const made = await plan();
    const actor = roleOf(right);
    expect(await fails(showPlan(actor, made.planId, clock, t.db))).toBe("forbidden");
    expect(await fails(listPlans(actor, clock, t.db))).toBe("forbidden");
    expect(await fails(plan(grants(), actor))).toBe("forbidden");
    expect(await fails(askApprove(actor, made, "Chrome", clock, t.db))).toBe("forbidden");
    expect(await fails(stopPlan(actor, made, clock, t.db))).toBe("forbidden");
    expect(await fails(withdrawPlan(actor, made, clock, t.db))).toBe("forbidden");
    expect(await fails(replan(actor, made, clock, t.db))).toBe("forbidden");
    expect(await fails(handPlan(actor, { planId: made.planId, personId: jim.personId }, t.db))).toBe("forbidden");
  });
  test("an auditor sees plans and does nothing with them", async () => {
    const made = await plan();
    const actor = roleOf("auditor");
    expect(await showPlan(actor, made.planId, clock, t.db)).toMatchObject({ may: { release: false, make: false }, sentence: "You give Jim Okafor 0010 at 2 clients. Nobody else is touched." });
    expect(await fails(askApprove(actor, made, "Chrome", clock, t.db))).toBe("forbidden");
  });
  test("nobody of another MSP finds it", async () => {
    const made = await plan();
    const stranger = personActor({ mspId: await t.msp("Fernhill"), personId: crypto.randomUUID(), name: "Owen Fell", rights: ["owner"] }, crypto.randomUUID());
    expect(await fails(showPlan(stranger, made.planId, clock, t.db))).toBe("not_found");
    expect(await listPlans(stranger, clock, t.db)).toEqual([]);
  });
  test("the relay asks no vault without an open window, and none that the plan does not have", async () => {
    const { tap } = await tapped();
    const ask = (change: object) => fails(relayBegin({ secret: tap.offer.secret, round: crypto.randomUUID(), vaults: [{ place: 0, nonce: b64u(randomBytes(32)) }], ...change }, visitor, clock, t.db, net));
    expect(await ask({})).toBe("done");
    expect(await ask({ secret: b64u(randomBytes(32)) })).toBe("signing_over");
    expect(await ask({ vaults: [{ place: 2, nonce: b64u(randomBytes(32)) }] })).toBe("invalid");
    await t.asAdmin((admin) => admin.query("update session set revoked_at = now() where msp_id = $1", [estate.mspId]));
    expect(await ask({})).toBe("signing_session_over");
    await t.asAdmin((admin) => admin.query("update session set revoked_at = null where msp_id = $1", [estate.mspId]));
  });
});

describe("a plan says before the tap what the vault would refuse after it", () => {
  const blocked = async (wanted: WantedChange[]) => {
    const error: unknown = await plan(wanted).then(() => null, (one: unknown) => one);
    return error instanceof Refusal ? [error.failure.code, error.failure.detail] : [];
  };
  test("outside the grant, without an endorsed key, no vault, an end in the past, full access without an end", async () => {
    const hana = await addTechnician(estate, "Hana Kobayashi", { endorsed: false });
    expect((await blocked(grants({ scopes: "0077" })))[1]).toContain("grant does not hold 0077");
    expect((await blocked(grants({ allAccess: true })))[1]).toContain("only for a time");
    expect((await blocked(grants({ expiresAt: 1_000 })))[1]).toContain("in the past");
    expect((await blocked(grants({ personId: hana.personId })))[1]).toContain("no endorsed inbox key");
    expect((await blocked(grants({ vaultRef: crypto.randomUUID() })))[0]).toBe("plan_empty");
  });
  test("a vault that is blocked is left out with its cause, and the rest goes", async () => {
    await t.asAdmin((admin) => admin.query("update reading set tokens_used = 11, tokens_limit = 11 where vault_ref = $1", [vaults[0]!.vaultRef]));
    const made = await plan();
    expect(made).toMatchObject({ vaults: 1, leftOut: [{ name: "Acme Dental", findings: [{ code: "tokens", words: "1 token is needed, 0 of 11 are free.", needs: { of: "tokens", adding: 1 } }] }] });
    // Each way out has its price, in the currency that this client's subscription is paid in; what is not published has none.
    const ways = async () => (await showPlan(estate.owner, made.planId, clock, t.db)).ways[vaults[0]!.vaultRef]?.flatMap((way) => (way.kind === "plan" ? [`${way.name} ${way.price} ${way.currency}`] : [way.kind]));
    expect(await ways()).toEqual(["Team 25 25000 USD", "Team 100 125000 USD"]);
    const account = crypto.randomUUID();
    const [{ client_id: clientId }] = (await t.asAdmin((admin) => admin.query("select client_id from vault where vault_ref = $1", [vaults[0]!.vaultRef]))).rows as [{ client_id: string }];
    await t.asAdmin(async (admin) => {
      await admin.query("insert into billing_account (msp_id, account_id, payer, currency, name, email) values ($1, $2, 'msp', 'CHF', 'Quillmark', 'billing@quillmark.example')", [estate.mspId, account]);
    });
    expect(await ways()).toEqual(["Team 25 null CHF", "Team 100 null CHF"]);
    await t.asAdmin((admin) => admin.query("insert into subscription (msp_id, subscription_id, account_id, client_id, plan, currency, interval, collection, state, amount) values ($1, $2, $3, $4, 'team-10', 'USD', 'year', 'invoice', 'active', 24900)", [estate.mspId, crypto.randomUUID(), account, clientId]));
    expect(await ways()).toEqual(["Team 25 25000 USD", "Team 100 125000 USD"]);
    await t.asAdmin((admin) => admin.query("update reading set tokens_used = 3 where vault_ref = $1", [vaults[0]!.vaultRef]));
    expect(await ways()).toEqual([]);
    await t.asAdmin((admin) => admin.query("update reading set tokens_limit = null where vault_ref = $1", [vaults[0]!.vaultRef]));
  });
  test("a vault of an unconfirmed client, and one whose client asks for two signers, are left out", async () => {
    await t.asAdmin((admin) => admin.query("update vault set state = 'unconfirmed' where vault_ref = $1", [vaults[0]!.vaultRef]));
    expect((await plan()).leftOut[0]).toMatchObject({ findings: [{ code: "unconfirmed" }] });
    await t.asAdmin((admin) => admin.query("update vault set state = 'connected', granted = $2 where vault_ref = $1", [vaults[0]!.vaultRef, JSON.stringify({ ...WIDE, cosign: 2 })]));
    expect((await plan()).leftOut[0]).toMatchObject({ findings: [{ code: "second_signer" }] });
    await t.asAdmin((admin) => admin.query("update vault set granted = $2 where vault_ref = $1", [vaults[0]!.vaultRef, JSON.stringify(WIDE)]));
  });
  test("what needs an end within the organisation's rules does not go without: full access, a role, a client's tag", async () => {
    const role = crypto.randomUUID();
    await t.asAdmin(async (admin) => {
      await admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, 'Networking', 'N', 1)", [estate.mspId, role]);
      for (const { vaultRef } of vaults) await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, '0010', 'person')", [estate.mspId, vaultRef, role]);
      await admin.query("update client set tags = '{vip}' where msp_id = $1 and client_id = (select client_id from vault where vault_ref = $2)", [estate.mspId, vaults[1]!.vaultRef]);
    });
    const end = (hours: number) => Math.floor(clock.now().getTime() / 1_000) + hours * 3_600;
    const codes = async (wanted: WantedChange[]) => ((await blocked(wanted))[1] ?? "goes");
    expect(await codes(grants({ allAccess: true, scopes: "", expiresAt: end(13) }))).toContain("Your organisation allows full access for 12 hours at most, and Jim Okafor would have it for longer.");
    const full = await plan(grants({ allAccess: true, scopes: "", expiresAt: end(12) }));
    expect(full.leftOut).toEqual([]);
    // A rule that comes between plan and tap counts: nothing is released over it.
    const unlimited = await plan();
    const tap = await tapPlan(estate, await openPlan(estate, unlimited));
    const set = (lengths: LengthRule[]) => setPolicy(estate.owner, { ...usualPolicy, lengths }, clock, t.db);
    await set([{ roleId: role, tag: null, hours: 8 }, { roleId: null, tag: "vip", hours: 2 }]);
    expect(await release(tap.submission)).toBe("plan_long");
    await nothing(unlimited);
    expect(await fails(openPlan(estate, unlimited))).toBe("plan_long");
    expect(await fails(replan(estate.owner, unlimited, clock, t.db))).toBe("plan_empty");
    const eight = await plan(grants({ expiresAt: end(8) }));
    expect(eight.leftOut.map(({ name, findings }) => [name, findings[0]!.code, findings[0]!.words, findings[0]!.ways[0]!.words])).toEqual([["Birchgate Care", "too_long", "Your organisation allows access at clients tagged “vip” for 2 hours at most, and Jim Okafor would have it for longer.", "Give it an end within 2 hours"]]);
    expect((await plan(grants({ expiresAt: end(2) }))).leftOut).toEqual([]);
    expect(await codes(grants())).toContain("Networking for 8 hours at most, and Jim Okafor would have it without an end.");
    // Only owners set rules, none twice, and none for a role that is not there.
    expect(await fails(setPolicy(roleOf("technician"), usualPolicy, clock, t.db))).toBe("forbidden");
    expect(await fails(set([{ roleId: crypto.randomUUID(), tag: null, hours: 8 }]))).toBe("moved_on");
    expect(policyShape.safeParse({ ...usualPolicy, lengths: JSON.stringify([{ roleId: null, tag: "vip", hours: 2 }, { roleId: null, tag: "vip", hours: 3 }]) }).success).toBe(false);
    expect((await showRules(estate.owner, t.db)).lengths).toEqual([{ roleId: role, tag: null, hours: 8 }, { roleId: null, tag: "vip", hours: 2 }]);
    await set([]);
    expect((await plan()).leftOut).toEqual([]);
  });
  test("a plan that has expired cannot be signed, and is made anew with one click", async () => {
    const made = await plan();
    ahead += 86_400_000;
    expect(await fails(openPlan(estate, made))).toBe("plan_over");
    const again = await replan(estate.owner, made, clock, t.db);
    expect(again).toMatchObject({ vaults: 2 });
    expect(again.digest).not.toBe(made.digest);
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).state).toBe("withdrawn");
  });
  test("a plan that is handed on stands first in the colleague's list", async () => {
    const made = await plan();
    expect(await handPlan(estate.owner, { planId: made.planId, personId: jim.personId }, t.db)).toEqual({ to: "Jim Okafor" });
    const colleague: Actor = { ...estate.owner, id: jim.personId };
    expect((await listPlans(colleague, clock, t.db))[0]).toMatchObject({ id: made.planId, handedToMe: true });
    expect(fromB64u(b64u(randomBytes(4))).length).toBe(4);
  });
});
