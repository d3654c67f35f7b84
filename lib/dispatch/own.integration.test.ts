/** Plans about our own row: a signer rolled out, a lost one struck, our token renewed; over real vaults, with answers lost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { WIDE, type World } from "#vault/testing/world.ts";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { Reader } from "../known/reader.ts";
import { createPlan } from "../plan/create.ts";
import { planRenewal } from "../plan/renewal.ts";
import { planSigners, type SignersWish } from "../plan/signers.ts";
import { showPlan } from "../plan/show.ts";
import { replan, withdrawPlan } from "../plan/steer.ts";
import { openVault } from "../vault/open.ts";
import type { Net } from "../vault/net.ts";
import { deliverDispatches } from "./deliver.ts";
import { addSigner, addSigningKey, addTechnician, addVaults, confirmVaults, cosignPlan, hurry, readAll, releasePlan, sharesNow, SIGNING, tapPlan, openPlan, visitor, type Estate, type EstateVault, type SigningOwner } from "./testing/estate.ts";
import { openGround, type Ground } from "./testing/ground.ts";
import { releaseApproval } from "../approval/release.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let estate: Estate;
let theo: SigningOwner;
let vaults: EstateVault[];
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
const heading = { title: "Keys", reason: null, ticket: null };

beforeAll(async () => {
  ground = await openGround({ callMs: 400, clock });
  ({ t, net, world, proxy, estate } = ground);
  theo = await addSigner(t, estate.mspId, "Theo Brandt");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"], { dial: `http://127.0.0.1:${proxy.port}`, also: [theo] });
});
afterAll(() => ground.end());

const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const signers = (wish: Partial<SignersWish>, actor = estate.owner) => planSigners(actor, { add: [], strike: [], ...heading, ...wish }, clock, t.db, net);
const states = async (planId: string) => (await sharesNow(estate, planId)).map(({ kind, state }) => `${kind} ${state}`).toSorted();
type Credential = { id: string; revoked: boolean; counts_from: number; person: string };
const credentialsOf = async ({ manager }: EstateVault) => ((await manager.get("/credentials")).json as { credentials: Credential[] }).credentials;
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};
const technician = () => personActor({ mspId: estate.mspId, personId: crypto.randomUUID(), name: "Priya Raman", rights: ["technician"] }, crypto.randomUUID());

describe("a new signer over all vaults", () => {
  test("is one plan and one tap; every vault lists the key, and the sentence names it with its person", async () => {
    const spare = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, spare, "Safe");
    const made = await signers({ add: [spare.credentialId] });
    const view = await showPlan(estate.owner, made.planId, clock, t.db);
    expect(view.sentence).toBe("You let “Safe” of Ines Halloran sign for us in 2 vaults. Nobody’s access is given or changed.");
    await releasePlan(estate, made);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven"]);
    for (const vault of vaults) expect((await credentialsOf(vault)).find(({ id }) => id === spare.credentialId)).toMatchObject({ revoked: false, person: "Ines Halloran" });
    // Signed by one, it counts only after the client's delay; a second plan for the same has nothing to do.
    expect((await credentialsOf(vaults[0]!)).find(({ id }) => id === spare.credentialId)!.counts_from).toBeGreaterThan(Math.floor(clock.now().getTime() / 1_000));
    expect(await fails(signers({ add: [spare.credentialId] }))).toBe("plan_empty");
  });
  test("signed by two people it counts at once", async () => {
    const now = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, now, "Office");
    await t.asAdmin((admin) => admin.query("insert into signing_policy (msp_id, two_vaults) values ($1, 1) on conflict (msp_id) do update set two_vaults = 1", [estate.mspId]));
    const made = await signers({ add: [now.credentialId] });
    await cosignPlan(estate, made, theo);
    await releasePlan(estate, made);
    await t.asAdmin((admin) => admin.query("update signing_policy set two_vaults = null where msp_id = $1", [estate.mspId]));
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven"]);
    for (const vault of vaults) expect((await credentialsOf(vault)).find(({ id }) => id === now.credentialId)!.counts_from).toBeLessThanOrEqual(Math.floor(clock.now().getTime() / 1_000));
  });
  test("where no device is free it is left out, with the plans that would hold it and their prices", async () => {
    const extra = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, extra, "Desk");
    await t.asAdmin((admin) => admin.query("update reading set devices_used = 100, devices_limit = 100 where vault_ref = $1", [vaults[0]!.vaultRef]));
    const made = await signers({ add: [extra.credentialId] });
    expect(made).toMatchObject({ vaults: 1, leftOut: [{ findings: [{ code: "devices", words: "1 device is needed, 0 of 100 are free." }] }] });
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).ways[vaults[0]!.vaultRef]).toEqual([{ kind: "plan", from: "team-10", plan: "team-25", name: "Team 25", price: 25_000, currency: "USD" }, { kind: "plan", from: "team-10", plan: "team-100", name: "Team 100", price: 125_000, currency: "USD" }]);
    await withdrawPlan(estate.owner, made, clock, t.db);
    await t.asAdmin((admin) => admin.query("update reading set devices_limit = null where vault_ref = $1", [vaults[0]!.vaultRef]));
  });
  test("a silent vault is left out and named; anew, once it answers, is one click", async () => {
    const later = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, later, "Car");
    proxy.book.replace(parseRules([{ match: { path: `/${vaults[0]!.owned.owner.account.vaultId}/credentials` }, skip: 0, times: 9, fault: { kind: "hang" } }]));
    const made = await signers({ add: [later.credentialId] });
    proxy.book.replace([]);
    expect(made.leftOut.map(({ name }) => name)).toEqual([vaults[0]!.name]);
    const again = await replan(estate.owner, made, clock, t.db, net);
    expect([again.vaults, again.leftOut]).toEqual([2, []]);
    await withdrawPlan(estate.owner, again, clock, t.db);
  });
  test("a key that nobody here holds, a removed one and a frozen person's are refused; so is whoever may not", async () => {
    expect(await fails(signers({ add: [new SoftwareKey(SIGNING).credentialId] }))).toBe("not_found");
    const gone = new SoftwareKey(SIGNING);
    await addSigningKey(t, estate.mspId, estate.owner.id, gone, "Gone");
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = $2 where label = 'Gone' and msp_id = $1", [estate.mspId, estate.owner.id]));
    expect(await fails(signers({ add: [gone.credentialId] }))).toBe("not_found");
    expect(await fails(signers({ add: [gone.credentialId] }, technician()))).toBe("forbidden");
  });
});

describe("a lost signer", () => {
  test("is struck everywhere, and what it had signed to stand is signed anew in the same tap", async () => {
    const jim = await addTechnician(estate, "Jim Okafor");
    const [birch] = [vaults[1]!];
    const granted = await createPlan(estate.owner, { ...heading, wanted: [{ change: "grant", vaultRef: birch.vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null }] }, clock, t.db);
    await releasePlan(estate, granted);
    await deliver();
    await readAll(estate);
    const { rows: [row] } = await t.asAdmin((admin) => admin.query("select uid from known_agent where vault_ref = $1 and name = 'Jim Okafor'", [birch.vaultRef]));
    // Ines removes it while the vault is silent: her key's standing removal waits.
    const id = birch.owned.owner.account.vaultId;
    proxy.book.replace(parseRules([{ match: { path: `/${id}/auth/begin` }, skip: 0, times: 9, fault: { kind: "status", status: 503, retry_after: null } }]));
    const removal = await createPlan(estate.owner, { ...heading, wanted: [{ change: "revoke", vaultRef: birch.vaultRef, uid: row.uid }] }, clock, t.db);
    await releasePlan(estate, removal);
    proxy.book.replace([]);
    expect(await states(removal.planId)).toEqual(["standing waiting"]);
    const made = await planSigners(theo.actor, { add: [], strike: [estate.signer.credentialId], ...heading }, clock, t.db, net);
    const tap = await tapPlan(estate, await openPlan(estate, made, { by: theo.actor }), { key: theo.key });
    await releaseApproval(tap.submission, visitor, clock, t.db);
    expect(await states(removal.planId)).toEqual(["standing dropped"]);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven", "standing dropped"]);
    for (const vault of vaults) expect((await credentialsOf(vault)).find(({ id: one }) => one === estate.signer.credentialId)!.revoked).toBe(true);
    expect(((await birch.owned.owner.get("/agents")).json as { agents: { uid: string }[] }).agents.some(({ uid }) => uid === row.uid)).toBe(false);
    // A struck key signs nothing more there, and never comes back.
    expect(await fails(planSigners(theo.actor, { add: [estate.signer.credentialId], strike: [], ...heading }, clock, t.db, net))).toBe("plan_empty");
  });
  test("the last that signs at a vault is not struck", async () => {
    const { rows } = await t.asAdmin((admin) => admin.query("select encode(credential_id, 'base64') as id from signing_key where msp_id = $1 and removed_at is null", [estate.mspId]));
    const all = (rows as { id: string }[]).map(({ id }) => Buffer.from(id.replaceAll("\n", ""), "base64").toString("base64url"));
    expect(await fails(planSigners(theo.actor, { add: [], strike: all.slice(0, 8), ...heading }, clock, t.db, net))).toBe("plan_empty");
  });
});

describe("our own token", () => {
  const tokens = async (vaultRef: string) => (await t.asAdmin((admin) => admin.query("select v.sealed_token as used, r.sealed_token as beside, r.proven_at from vault v left join token_renewal r using (msp_id, vault_ref) where v.vault_ref = $1 order by r.made_at desc limit 1", [vaultRef]))).rows[0] as { used: Buffer; beside: Buffer | null; proven_at: Date | null };
  const renew = () => planRenewal(theo.actor, heading, clock, t.db);
  const sign = async (made: { planId: string; digest: string }) => releaseApproval((await tapPlan(estate, await openPlan(estate, made, { by: theo.actor }), { key: theo.key })).submission, visitor, clock, t.db);
  const works = async (vault: EstateVault): Promise<string> => {
    const { rows: [row] } = await t.asAdmin((admin) => admin.query('select msp_id as "mspId", vault_ref as "vaultRef", address, vault_id as "vaultId", public_key as "publicKey", agent_id as "agentId", sealed_token as "sealedToken" from vault where vault_ref = $1', [vault.vaultRef]));
    return (await openVault(row, net).info()).kind;
  };

  test("is renewed with one tap: the new one works, the old one opens nothing and is thrown away", async () => {
    const before = await tokens(vaults[0]!.vaultRef);
    const old = vaults[0]!.manager;
    const made = await renew();
    // Another beside it would make two tokens that wait.
    expect(await fails(renew())).toBe("plan_empty");
    await sign(made);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven"]);
    for (const vault of vaults) expect(await works(vault)).toBe("answered");
    const after = await tokens(vaults[0]!.vaultRef);
    expect(after.used.equals(before.used)).toBe(false);
    expect([after.beside, after.proven_at === null]).toEqual([null, false]);
    expect((await old.get("/vault")).status).toBe(401);
    await readAll(estate);
    expect((await t.asAdmin((admin) => admin.query("select state from vault where msp_id = $1", [estate.mspId]))).rows.map(({ state }) => state as string)).toEqual(["connected", "connected"]);
  });
  test("when every answer is lost, the 401 to the old one is no end: the new one fetches the receipt", async () => {
    const made = await renew();
    await sign(made);
    const id = vaults[0]!.owned.owner.account.vaultId;
    proxy.book.replace(parseRules([{ match: { path: `/${id}/batch` }, skip: 0, times: 1, fault: { kind: "lose" } }]));
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh sent"]);
    // A reading in between meets a dead token, and takes it for what it is.
    await t.asAdmin((admin) => admin.query("update reading set next_read_at = now(), lease_until = null where msp_id = $1", [estate.mspId]));
    const reader = new Reader({ net, db: t.db });
    await reader.run();
    await reader.stop();
    expect((await t.asAdmin((admin) => admin.query("select state from vault where vault_ref = $1", [vaults[0]!.vaultRef]))).rows[0].state).toBe("connected");
    // Asking again is due only when it can start nothing any more.
    forward(80);
    await hurry(estate);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven"]);
    for (const vault of vaults) expect(await works(vault)).toBe("answered");
  });
  test("a client who really ended it is taken at their word, also with a renewal on its way", async () => {
    const [lone] = await addVaults(estate, ["Calloway Freight"], { grant: WIDE, also: [theo] });
    const made = await planRenewal(theo.actor, { ...heading, vaultRefs: [lone!.vaultRef] }, clock, t.db);
    await confirmVaults(estate, [lone!], theo);
    await sign(made);
    await lone!.owned.owner.must([{ id: crypto.randomUUID(), method: "DELETE", path: `/agent/${lone!.manager.account.agentId}`, body: null, if: { uid: lone!.manager.account.uid } }], { keys: [lone!.owned.key] });
    await deliver();
    expect((await sharesNow(estate, made.planId)).map(({ state, code }) => [state, code])).toEqual([["refused", null]]);
  });
  test("nobody renews who may not", async () => {
    expect(await fails(planRenewal(technician(), heading, clock, t.db))).toBe("forbidden");
  });
});
