/** Two people for one plan: over real vaults that ask for it, and by the organisation's own rule. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { startWorld, WIDE, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addSigner, addSigningKey, addTechnician, addVaults, confirmVaults, cosignPlan, openPlan, readAll, releasePlan, sharesNow, SIGNING, startEstate, tapPlan, visitor, type Estate, type EstateVault, type SigningOwner, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { createPlan, type MadePlan } from "../plan/create.ts";
import { showPlan } from "../plan/show.ts";
import { withdrawPlan } from "../plan/steer.ts";
import { onePerson, setTwoPolicy, type TwoPolicy } from "../plan/two.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { parseAssertionHeader } from "../protocol/schema.ts";
import { personActor } from "../identity/actor.ts";
import { openVault } from "../vault/open.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { askApprove } from "./ask.ts";
import { cosignApproval } from "./cosign.ts";
import { releaseApproval } from "./release.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let theo: SigningOwner;
let jim: Technician;
let strict: EstateVault;
let plain: EstateVault;
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  theo = await addSigner(t, estate.mspId, "Theo Brandt");
  jim = await addTechnician(estate, "Jim Okafor");
  [strict] = (await addVaults(estate, ["Acme Dental"], { grant: { ...WIDE, cosign: 2 }, also: [theo] })) as [EstateVault];
  [plain] = (await addVaults(estate, ["Birchgate Care"], { also: [theo] })) as [EstateVault];
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

const grant = (vault: EstateVault, more: Partial<Extract<WantedChange, { change: "grant" }>> = {}): WantedChange => ({ change: "grant", vaultRef: vault.vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null, ...more });
const plan = (wanted: WantedChange[]): Promise<MadePlan> => createPlan(estate.owner, { title: "Jim", reason: null, ticket: null, wanted }, clock, t.db);
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const policy = (given: Partial<TwoPolicy>) => setTwoPolicy(estate.owner, { ...onePerson, ...given }, clock, t.db);
const ask = (made: MadePlan, part: "release" | "cosign", { actor } = { actor: estate.owner }) => fails(askApprove(actor, { ...made, part }, visitor.userAgent, clock, t.db));
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};
const ines = (): SigningOwner => ({ actor: estate.owner, key: estate.signer });

describe("a vault that asks for two people", () => {
  test("takes a plan that two signed, and its receipt names both; the release waits for the first", async () => {
    const made = await plan([grant(strict)]);
    expect(made.leftOut).toEqual([]);
    expect(await ask(made, "release")).toBe("cosign_needed");
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).two).toEqual({ reasons: [], vaults: 1, first: null });
    await cosignPlan(estate, made, theo);
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).two?.first).toMatchObject({ by: "Theo Brandt", mine: false, covers: 1 });
    // Nothing has left by the first signature.
    expect(await sharesNow(estate, made.planId)).toEqual([]);
    const offer = await openPlan(estate, made);
    expect(offer.first).toEqual({ person: "Theo Brandt", label: "Desk" });
    await releaseApproval((await tapPlan(estate, offer)).submission, visitor, clock, t.db);
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ kind, state }) => [kind, state])).toEqual([["fresh", "proven"]]);
    const { rows: [receipt] } = await t.asAdmin((admin) => admin.query("select answer from receipt where msp_id = $1 and plan_id = $2", [estate.mspId, made.planId]));
    expect((JSON.parse(receipt.answer) as { receipt: { signers: string[] } }).receipt.signers).toEqual([estate.signer.credentialId, theo.key.credentialId]);
  });
  test("a removal that two signed is done now, and the one that stands for it carries both as well, for an hour", async () => {
    await readAll(estate);
    const row = ((await strict.owned.owner.get("/agents")).json as { agents: { uid: string; name: string; admin: boolean }[] }).agents.find(({ name, admin }) => name === "Jim Okafor" && !admin)!;
    const made = await plan([{ change: "revoke", vaultRef: strict.vaultRef, uid: row.uid }]);
    await cosignPlan(estate, made, theo);
    await releasePlan(estate, made);
    const { rows } = await t.asAdmin((admin) => admin.query("select d.kind, d.header, d.start_before, c.not_after from dispatch d join approval a using (msp_id, approval_id) join cosignature c using (msp_id, cosignature_id) where d.msp_id = $1 and d.plan_id = $2 order by d.kind", [estate.mspId, made.planId]));
    expect((rows as { kind: string; header: string }[]).map(({ kind, header }) => [kind, parseAssertionHeader(header).cosign?.credential_id])).toEqual([["fresh", theo.key.credentialId], ["standing", theo.key.credentialId]]);
    expect(rows[1].start_before).toEqual(rows[1].not_after);
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ kind, state }) => [kind, state])).toEqual([["fresh", "proven"], ["standing", "dropped"]]);
  });
  test("is not satisfied by one person, whichever keys they take", async () => {
    const made = await plan([grant(strict)]);
    const spare = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, spare, "Spare");
    await confirmVaults(estate, [strict], { actor: estate.owner, key: spare });
    await cosignPlan(estate, made, ines());
    // The same person with the same key, with another key, and when the only first signature is their own.
    expect(await ask(made, "release")).toBe("cosign_same");
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).two?.first).toMatchObject({ by: "Ines Halloran", mine: true });
    // The other person may release what Ines signed first.
    expect(await ask(made, "release", theo)).toBe("done");
    await withdrawPlan(estate.owner, made, clock, t.db);
    expect(await ask(made, "release", theo)).toBe("plan_over");
  });
  test("a release that lost its first signature meanwhile sends nothing: removed key, frozen person, an hour gone by", async () => {
    const lose: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ["removed", () => t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = $2 where person_id = $1", [theo.actor.id, estate.owner.id])), () => t.asAdmin((admin) => admin.query("update signing_key set removed_at = null, removed_by = null where person_id = $1", [theo.actor.id]))],
      ["frozen", () => t.asAdmin((admin) => admin.query("update person set frozen_at = now() where person_id = $1", [theo.actor.id])), () => t.asAdmin((admin) => admin.query("update person set frozen_at = null where person_id = $1", [theo.actor.id]))],
      ["an hour", async () => forward(3_500), async () => undefined],
    ];
    for (const [what, take, give] of lose) {
      const made = await plan([grant(strict)]);
      await cosignPlan(estate, made, theo);
      const tap = await tapPlan(estate, await openPlan(estate, made));
      await take();
      const code = await fails(releaseApproval(tap.submission, visitor, clock, t.db));
      expect([what, ["cosign_needed", "tap_too_late", "signing_over"].includes(code)]).toEqual([what, true]);
      expect(await sharesNow(estate, made.planId)).toEqual([]);
      await give();
      expect(await ask(made, "release")).toBe(what === "an hour" ? "cosign_needed" : "done");
      await withdrawPlan(estate.owner, made, clock, t.db);
    }
  });
  test("the vault itself refuses one person alone, were our own rule gone", async () => {
    const made = await plan([grant(strict)]);
    await t.asAdmin((admin) => admin.query("update vault set granted = jsonb_set(granted, '{cosign}', '1') where vault_ref = $1", [strict.vaultRef]));
    await releasePlan(estate, made);
    await t.asAdmin((admin) => admin.query("update vault set granted = jsonb_set(granted, '{cosign}', '2') where vault_ref = $1", [strict.vaultRef]));
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ state, code }) => [state, code])).toEqual([["refused", "cosign_required"]]);
  });
});

describe("the first signature is judged like a release", () => {
  test.each([
    ["another seed", "tap_for_another", (given: Record<string, unknown>) => ({ ...given, seed: b64u(randomBytes(32)) })],
    ["other places", "tap_for_another", (given: Record<string, unknown>) => ({ ...given, places: [5] })],
    ["a dated challenge of another hour", "tap_too_late", (given: Record<string, unknown>) => ({ ...given, issued_at: (given["issued_at"] as number) - 3_600 })],
    ["another digest", "plan_differs", (given: Record<string, unknown>) => ({ ...given, digest: b64u(randomBytes(32)) })],
    ["a key of nobody", "signing_key_strange", (given: Record<string, unknown>) => ({ ...given, credential_id: b64u(randomBytes(32)) })],
    ["the colleague's key", "signing_key_strange", (given: Record<string, unknown>) => ({ ...given, credential_id: estate.signer.credentialId })],
  ] as const)("%s: %s", async (_what, code, bend) => {
    const made = await plan([grant(strict)]);
    const { submission } = await tapPlan(estate, await openPlan(estate, made, { by: theo.actor, part: "cosign" }), { key: theo.key });
    expect(await fails(cosignApproval({ ...bend(submission), challenges: [] } as never, visitor, clock, t.db))).toBe(code);
    expect(await ask(made, "release")).toBe("cosign_needed");
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("a window to sign first releases nothing, and one to release keeps no first signature", async () => {
    const made = await plan([grant(strict)]);
    const first = await tapPlan(estate, await openPlan(estate, made, { by: theo.actor, part: "cosign" }), { key: theo.key });
    expect(await fails(releaseApproval({ ...first.submission, challenges: [b64u(randomBytes(32))] }, visitor, clock, t.db))).toBe("signing_over");
    await cosignApproval({ ...first.submission, challenges: [] }, visitor, clock, t.db);
    expect(await fails(cosignApproval({ ...first.submission, challenges: [] }, visitor, clock, t.db))).toBe("signing_over");
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("only an owner is asked; a plan of one signs nothing first", async () => {
    const made = await plan([grant(plain)]);
    expect(await ask(made, "cosign", theo)).toBe("cosign_unneeded");
    const technician = personActor({ mspId: estate.mspId, personId: jim.personId, name: jim.name, rights: ["technician"] }, crypto.randomUUID());
    expect(await ask(made, "cosign", { actor: technician })).toBe("forbidden");
    expect(await fails(setTwoPolicy(technician, onePerson, clock, t.db))).toBe("forbidden");
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
});

describe("the organisation's own rule", () => {
  test("full access is released by two, anything else by one, and the vault checks both signatures", async () => {
    await policy({ fullAccess: true });
    const small = await plan([grant(plain)]);
    expect(await ask(small, "release")).toBe("done");
    await withdrawPlan(estate.owner, small, clock, t.db);
    const made = await plan([grant(plain, { scopes: "", allAccess: true, expiresAt: Math.floor(clock.now().getTime() / 1_000) + 3_600 })]);
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).two).toMatchObject({ reasons: ["it gives full access once"], vaults: 1 });
    expect(await ask(made, "release")).toBe("cosign_needed");
    await cosignPlan(estate, made, theo);
    await releasePlan(estate, made);
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ state }) => state)).toEqual(["proven"]);
    await policy({});
  });
  test("more vaults than it says ask for two; what one vault's grant asks for does not hold the others", async () => {
    await policy({ vaults: 1 });
    const made = await plan([grant(strict), grant(plain)]);
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).two).toMatchObject({ reasons: ["it touches more than 1 vault"], vaults: 2 });
    expect(await ask(made, "release")).toBe("cosign_needed");
    await policy({});
    const { submission } = await tapPlan(estate, await openPlan(estate, made));
    // By the grant alone the strict vault waits, and the other goes.
    expect((await releaseApproval(submission, visitor, clock, t.db)).vaults).toBe(1);
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ vault_ref: ref, state }) => [ref, state])).toEqual([[plain.vaultRef, "proven"]]);
  });
});
