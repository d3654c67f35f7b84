/** The list of boards over real reference vaults: what is proven, what a person set apart, and what was removed without a board. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { WIDE } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, readAll, releasePlan, type Estate, type EstateVault } from "../dispatch/testing/estate.ts";
import { openGround, type Ground } from "../dispatch/testing/ground.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { createPlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { openRevocation, setApart } from "./open.ts";
import { listRevocations, removalsOutside, showRevocation } from "./show.ts";
import { watchRevocations } from "./watch.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let estate: Estate;
let vaults: EstateVault[];
const clock = { now: () => new Date() };

beforeAll(async () => {
  ground = await openGround({ callMs: 1_500, clock });
  ({ t, net, estate } = ground);
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"], { grant: { ...WIDE, audit: "all" } });
});
afterAll(() => ground.end());

const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const plan = (title: string, wanted: WantedChange[]) => createPlan(estate.owner, { title, reason: null, ticket: null, wanted }, clock, t.db);
const outside = () => removalsOutside(estate.owner, t.db);

async function employ(name: string): Promise<string> {
  const { personId } = await addTechnician(estate, name);
  await releasePlan(estate, await plan(name, vaults.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId, scopes: "0010", allAccess: false, expiresAt: null }))));
  await deliver();
  await readAll(estate);
  return personId;
}

test("a removal that was signed without a board counts until it is proven, and one on a board is the board's", async () => {
  const personId = await employ("Emil Novotny");
  const rows = (await t.asAdmin((admin) => admin.query("select vault_ref, uid from known_agent where person_id = $1", [personId]))).rows as { vault_ref: string; uid: string }[];
  const made = await plan("Emil has less", rows.map(({ vault_ref: vaultRef, uid }) => ({ change: "revoke", vaultRef, uid })));
  expect(await outside()).toBe(0);
  await releasePlan(estate, made);
  expect(await outside()).toBe(2);
  // A vault refuses for good: its row is still there.
  await t.asAdmin((admin) => admin.query("update dispatch set state = 'refused', settled_at = now() where plan_id = $1 and vault_ref = $2", [made.planId, vaults[0]!.vaultRef]));
  await deliver();
  await readAll(estate);
  expect(await outside()).toBe(1);
  await openRevocation(estate.owner, { personId, cause: "leaver", reason: null, tokens: null }, clock, t.db);
  expect(await outside()).toBe(0);
  const technician = personActor({ mspId: estate.mspId, personId: estate.owner.id, name: "Somebody", rights: ["technician"] });
  await expect(removalsOutside(technician, t.db)).rejects.toBeInstanceOf(Refusal);
});

test("a closed board of which a row was set apart counts that row as unproven, in its list and on its page", async () => {
  const [, gone] = vaults;
  const personId = await employ("Jim Okafor");
  const { revocationId, planId } = await openRevocation(estate.owner, { personId, cause: "leaver", reason: null, tokens: null }, clock, t.db);
  const { digest } = (await t.asAdmin((admin) => admin.query("select encode(digest, 'hex') as digest from plan where plan_id = $1", [planId]))).rows[0] as { digest: string };
  await releasePlan(estate, { planId: planId!, digest });
  await t.asAdmin((admin) => admin.query("update vault set state = 'ended', ended_at = now(), ended_by = 'client' where vault_ref = $1", [gone!.vaultRef]));
  await deliver();
  const show = () => showRevocation(estate.owner, revocationId, { clock, db: t.db });
  const row = (await show()).open.find(({ vaultRef }) => vaultRef === gone!.vaultRef)!;
  await setApart(estate.owner, { revocationId, vaultRef: row.vaultRef, uid: row.uid, words: "Their admin says so" }, clock, t.db);
  await watchRevocations({ db: t.db, net, now: clock.now, impatient: true });
  const board = await show();
  expect(board.closedAt).not.toBeNull();
  expect(board.count).toEqual({ tokens: 2, absent: 1, apart: 1, vaults: 2, vaultsGone: 1, vaultsOpen: 0 });
  const listed = (await listRevocations(estate.owner, { personId, clock, db: t.db }))[0]!;
  expect(listed).toMatchObject({ total: 2, absent: 1, apart: 1, open: 0, count: board.count });
  expect(board.certificate).toMatchObject({ proven: listed.absent });
});
