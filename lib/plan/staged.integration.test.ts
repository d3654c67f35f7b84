/** From a draft of the matrix to a plan, over real reference vaults, and out of the draft again when it was read back. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "#vault/testing/world.ts";
import { op } from "#vault/testing/client.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { cellProgress } from "../dispatch/progress.ts";
import { addTechnician, addVaults, readAll, releasePlan, sharesNow, startEstate, type Estate, type EstateVault, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { loadDraft, saveDraft } from "../matrix/draft.ts";
import { loadFacts } from "../matrix/load.ts";
import { pack, unpack, type Wish } from "../matrix/pack.ts";
import { openNet, addressRules, type Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { planStaged } from "./staged.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let jim: Technician;
let vaults: EstateVault[];
const roles = { networking: crypto.randomUUID(), cloud: crypto.randomUUID() };
const clock = { now: () => new Date() };
const wish = (...wanted: string[]): Wish => ({ held: true, full: false, roles: wanted, end: 0, lease: null, reason: "" });
const heading = { title: "Jim Okafor: +2 at 2 vaults", reason: null, ticket: null };
const fails = (work: Promise<unknown>) => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));

async function stage(cells: readonly { vault: EstateVault; wish: Wish }[]): Promise<number> {
  const { rows } = await loadFacts(estate.owner, {}, clock, t.db);
  const { revision } = await loadDraft(estate.owner, t.db);
  const saved = await saveDraft(estate.owner, { revision, cells: pack(cells.map(({ vault, wish: wanted }) => ({ row: rows.find(({ name }) => name === vault.name)!.key, person: jim.personId, wish: wanted }))) }, clock, t.db);
  return saved.saved ? saved.revision : -1;
}
const staged = async () => unpack((await loadDraft(estate.owner, t.db)).cells).length;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules() });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  jim = await addTechnician(estate, "Jim Okafor");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care", "Calloway Freight"]);
  await t.asAdmin(async (admin) => {
    for (const [name, letter, id, position] of [["Networking", "N", roles.networking, 1], ["Cloud", "C", roles.cloud, 2]]) await admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, $3, $4, $5)", [estate.mspId, id, name, letter, position]);
    for (const { vaultRef } of vaults) await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, '0010', 'person')", [estate.mspId, vaultRef, roles.networking]);
  });
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

test("a plan is of the draft as it was seen, by whoever may make plans, and of nothing empty", async () => {
  expect(await fails(planStaged(estate.owner, { ...heading, revision: 0 }, clock, t.db))).toBe("plan_empty");
  const revision = await stage([{ vault: vaults[0]!, wish: wish(roles.networking) }]);
  expect(await fails(planStaged(estate.owner, { ...heading, revision: revision - 1 }, clock, t.db))).toBe("moved_on");
  const auditor = personActor({ mspId: estate.mspId, personId: estate.owner.id, name: "Tess Quigley", rights: ["auditor"] });
  expect(await fails(planStaged(auditor, { ...heading, revision }, clock, t.db))).toBe("forbidden");
});

test("what has no number in a vault is said and left out; what was proven leaves the draft, and what was not stays", async () => {
  const revision = await stage([{ vault: vaults[0]!, wish: wish(roles.networking) }, { vault: vaults[1]!, wish: wish(roles.networking) }, { vault: vaults[2]!, wish: wish(roles.cloud) }]);
  const made = await planStaged(estate.owner, { ...heading, revision }, clock, t.db);
  expect(made.vaults).toBe(2);
  expect(made.leftOut.map(({ name, findings }) => [name, findings[0]!.words])).toEqual([["Calloway Freight", expect.stringContaining("Cloud has no number in this vault, so Jim Okafor cannot be given it.")]]);
  expect(await staged()).toBe(3);
  await releasePlan(estate, made);
  // Released: the matrix shows these two on the wire, and nobody else.
  expect((await cellProgress(estate.owner, undefined, clock, t.db)).map(({ progress, personId }) => [progress, personId])).toEqual([["running", jim.personId], ["running", jim.personId]]);
  expect(await cellProgress(estate.owner, [vaults[2]!.vaultRef], clock, t.db)).toEqual([]);
  // Staged anew after the plan was frozen: it is another wish by now, and stays.
  await stage([{ vault: vaults[1]!, wish: { held: true, full: true, roles: [roles.networking], end: 0, lease: null, reason: "" } }]);
  await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  expect((await sharesNow(estate, made.planId)).map(({ state }) => state)).toEqual(["proven", "proven"]);
  // Proven, and still on its way until a reading holds it: what stands in the cell by then is what was.
  expect((await cellProgress(estate.owner, undefined, clock, t.db)).map(({ progress }) => progress)).toEqual(["running", "running"]);
  await readAll(estate);
  expect(await cellProgress(estate.owner, undefined, clock, t.db)).toEqual([]);
  const left = unpack((await loadDraft(estate.owner, t.db)).cells);
  expect(left).toHaveLength(2);
  expect(left.every(({ wish: one }) => "held" in one && (one.full || one.roles.includes(roles.cloud)))).toBe(true);
});

test("a removal leaves the draft when the row is gone, and the row of another person stays staged", async () => {
  const revision = await stage([{ vault: vaults[0]!, wish: { none: true, reason: "leaves" } }]);
  const made = await planStaged(estate.owner, { ...heading, title: "Jim Okafor leaves Acme", revision }, clock, t.db);
  await releasePlan(estate, made);
  await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  await readAll(estate);
  const { rows } = await loadFacts(estate.owner, {}, clock, t.db);
  const acme = rows.find(({ name }) => name === "Acme Dental")!.key;
  expect(unpack((await loadDraft(estate.owner, t.db)).cells).filter(({ row }) => row === acme)).toEqual([]);
});

/** A client takes Jim's row away, which is read, and he is given it anew: one plan, proven. */
async function takenAndGivenAnew(birch: EstateVault, title: string): Promise<{ uid: string }> {
  const { agents } = (await birch.owned.owner.get("/agents")).json as { agents: { id: number; uid: string; name: string }[] };
  const jims = agents.find(({ name }) => name === jim.name)!;
  await birch.owned.owner.must([op("DELETE", `/agent/${jims.id}`, null, { uid: jims.uid })], { keys: [birch.owned.key] });
  await readAll(estate);
  expect((await driftsAt(birch)).at(-1)).toEqual({ kind: "removed", settled_how: null });
  const made = await planStaged(estate.owner, { ...heading, title, revision: await stage([{ vault: birch, wish: wish(roles.networking) }]) }, clock, t.db);
  await releasePlan(estate, made);
  await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  await readAll(estate);
  return jims;
}
const driftsAt = async ({ vaultRef }: EstateVault) => (await t.asAdmin((admin) => admin.query("select kind, settled_how from drift where msp_id = $1 and vault_ref = $2 order by seen_at", [estate.mspId, vaultRef]))).rows;
const isWanted = async (uid: string) => (await t.asAdmin((admin) => admin.query("select 1 from wanted_agent where msp_id = $1 and uid = $2", [estate.mspId, uid]))).rows.length > 0;

test("what the client took away is put back by granting it anew: the drift is answered, and nothing is wanted of the old row", async () => {
  const { uid } = await takenAndGivenAnew(vaults[1]!, "Jim Okafor is put back");
  expect(await driftsAt(vaults[1]!)).toEqual([{ kind: "removed", settled_how: "staged" }]);
  expect(await isWanted(uid)).toBe(false);
});

test("where two people share the name, a new row of one answers no removal: it may have been the other's", async () => {
  await addTechnician(estate, jim.name);
  const { uid } = await takenAndGivenAnew(vaults[1]!, "One of two is put back");
  expect(await driftsAt(vaults[1]!)).toEqual([{ kind: "removed", settled_how: "staged" }, { kind: "removed", settled_how: null }]);
  expect(await isWanted(uid)).toBe(true);
});
