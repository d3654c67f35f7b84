/** What a client's own page says happened, over a real vault and the product's own functions from plan to proof. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openVault } from "../vault/open.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addSigner, addTechnician, addVaults, cosignPlan, readAll, releasePlan, type EstateVault, type SigningOwner, type Technician } from "../dispatch/testing/estate.ts";
import { openGround, type Ground } from "../dispatch/testing/ground.ts";
import { read } from "../db/tenant.ts";
import { day } from "../client/drift-words.ts";
import { personActor } from "../identity/actor.ts";
import { createPlan } from "../plan/create.ts";
import { makersOf, rowMakers } from "../plan/proven.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { previewGlass } from "./show.ts";
import type { GlassSeason } from "./statement.ts";
import { forgetWords } from "./vault-words.ts";

let ground: Ground;
let jim: Technician;
let theo: SigningOwner;
let acme: EstateVault;
let birch: EstateVault;
let counted: GlassSeason;
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
const roleIds = [crypto.randomUUID(), crypto.randomUUID()];

const nameRole = (place: number, name: string) => ground.t.asAdmin((admin) => admin.query("update role set name = $3 where msp_id = $1 and role_id = $2", [ground.estate.mspId, roleIds[place], name]));

beforeAll(async () => {
  ground = await openGround({ callMs: 1_500, clock });
  const { t, estate } = ground;
  jim = await addTechnician(estate, "Jim Okafor");
  theo = await addSigner(t, estate.mspId, "Theo Brandt");
  [acme, birch] = (await addVaults(estate, ["Acme Dental", "Birchgate Care"], { also: [theo] })) as [EstateVault, EstateVault];
  await t.asAdmin(async (admin) => {
    for (const [place, [name, scope]] of ([["Networking", "0010"], ["Backup", "0011"]] as const).entries()) {
      await admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, $3, $4, $5)", [estate.mspId, roleIds[place], name, name[0], place]);
      for (const { vaultRef } of [acme, birch]) await admin.query("insert into role_scope (msp_id, vault_ref, role_id, scope, origin) values ($1, $2, $3, $4, 'client')", [estate.mspId, vaultRef, roleIds[place], scope]);
    }
  });
});
afterAll(() => ground.end());

/** Freezes, taps, delivers, reads back. @returns when it was proven, Unix seconds */
async function apply(title: string, wanted: readonly WantedChange[], first?: SigningOwner): Promise<{ planId: string; at: number }> {
  const { t, estate, net, world } = ground;
  ahead += 60_000;
  world.clock.forward(60);
  const made = await createPlan(estate.owner, { title: `Plan to ${title}`, reason: "They are a danger", ticket: `QM-${title}`, wanted }, clock, t.db);
  if (first !== undefined) await cosignPlan(estate, made, first);
  await releasePlan(estate, made);
  await deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
  await readAll(estate);
  const { rows } = await t.asAdmin((admin) => admin.query("select settled_at from dispatch where msp_id = $1 and plan_id = $2 and vault_ref = $3 and state = 'proven'", [estate.mspId, made.planId, acme.vaultRef]));
  expect(rows).toHaveLength(1);
  return { planId: made.planId, at: Math.floor((rows[0]!.settled_at as Date).getTime() / 1_000) };
}
const uidOf = async ({ vaultRef }: EstateVault) => (await ground.t.asAdmin((admin) => admin.query("select uid from known_agent where vault_ref = $1 and name = 'Jim Okafor'", [vaultRef]))).rows[0]!.uid as string;
async function told({ clientId }: EstateVault): Promise<{ at: number; sign: string; name: string; words: string }[]> {
  forgetWords();
  const answer = await previewGlass(ground.estate.owner, clientId, async () => ({ trouble: "The vault did not answer." }), { clock, db: ground.t.db });
  const text = JSON.stringify(answer);
  for (const kept of ["QM-", "a danger", "Plan to"]) expect(text).not.toContain(kept);
  counted = answer.statement.vaults[0]!.season;
  return answer.statement.vaults[0]!.changes.filter(({ name }) => name === "Jim Okafor");
}

test("what we gave, widened and removed is told once each, when it was read back, by whom, with the roles of then", async () => {
  const { estate, t } = ground;
  const given = await apply("give", [{ change: "grant", vaultRef: acme.vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null }]);
  const one = { at: given.at, sign: "grant", name: "Jim Okafor", words: "was given Networking, by Ines Halloran." };
  expect(await told(acme)).toEqual([one]);

  const uid = await uidOf(acme);
  await t.asAdmin((admin) => admin.query("insert into signing_policy (msp_id, two_vaults) values ($1, 1)", [estate.mspId]));
  const end = Math.floor(clock.now().getTime() / 1_000) + 3_600;
  const widened = await apply("widen", [{ change: "alter", vaultRef: acme.vaultRef, uid, scopes: "0010,0011", allAccess: false, expiresAt: null }, { change: "grant", vaultRef: birch.vaultRef, personId: jim.personId, scopes: "0011", allAccess: false, expiresAt: end }], theo);
  await t.asAdmin((admin) => admin.query("update signing_policy set two_vaults = null where msp_id = $1", [estate.mspId]));
  const two = { at: widened.at, sign: "alter", name: "Jim Okafor", words: "went from Networking to Networking and Backup, by Ines Halloran and Theo Brandt." };
  expect(await told(acme)).toEqual([two, one]);
  // Who gave it, and who changed it, for the table of who has access.
  const making = await read(estate.owner, (tx) => makersOf(tx, [acme.vaultRef, birch.vaultRef]), t.db);
  expect(making.size).toBe(2);
  expect(making.get(`${acme.vaultRef} ${uid}`)).toEqual({ made: { planId: given.planId, by: ["Ines Halloran"], at: expect.any(Number), ticket: "QM-give" }, altered: { planId: widened.planId, by: ["Ines Halloran", "Theo Brandt"], at: expect.any(Number), ticket: "QM-widen" } });

  const shown = async (right: string) => rowMakers(personActor({ mspId: estate.mspId, personId: estate.owner.id, name: "x", rights: [right] }), [acme.vaultRef], t.db);
  expect((await shown("auditor"))[acme.vaultRef]![uid]).toMatchObject({ made: { by: ["Ines Halloran"], plan: { id: given.planId, ticket: "QM-give" } }, altered: { by: ["Ines Halloran", "Theo Brandt"], plan: { id: widened.planId } } });
  await expect(shown("finance")).rejects.toMatchObject({ failure: { code: "forbidden" } });

  // A role has another name by now: what was signed keeps the one it was signed under.
  await nameRole(1, "Vault keeping");
  const removed = await apply("remove", [{ change: "revoke", vaultRef: acme.vaultRef, uid }]);
  const three = { at: removed.at, sign: "revoke", name: "Jim Okafor", words: "was removed by Ines Halloran. It had Networking and Vault keeping." };
  expect(await told(acme)).toEqual([three, two, one]);
  expect(counted).toEqual({ log: null, changes: 3, removed: 1 });
  // Another client's page tells of its own vault alone.
  expect(await told(birch)).toEqual([{ at: expect.any(Number), sign: "grant", name: "Jim Okafor", words: `was given Backup until ${day(end)}, by Ines Halloran and Theo Brandt.` }]);

  // A season later it is no news.
  ahead += 91 * 86_400_000;
  expect(await told(acme)).toEqual([]);
  ahead -= 91 * 86_400_000;
}, 60_000);

test("what was sent and not read back is not told as done", async () => {
  const { estate, t } = ground;
  const made = await createPlan(estate.owner, { title: "Never sent", reason: null, ticket: null, wanted: [{ change: "grant", vaultRef: birch.vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null }] }, clock, t.db);
  await releasePlan(estate, made);
  const before = await told(birch);
  for (const state of ["sent", "accepted", "late", "lost", "incident"]) {
    await t.asAdmin((admin) => admin.query("update dispatch set state = $3, first_sent_at = now(), settled_at = now() where msp_id = $1 and plan_id = $2", [estate.mspId, made.planId, state]));
    expect(await told(birch)).toEqual(before);
  }
}, 60_000);
