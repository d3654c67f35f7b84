/** Signed plans that did not go through, over real reference vaults. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { WIDE } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, readAll, releasePlan, type Estate, type EstateVault } from "../dispatch/testing/estate.ts";
import { openGround, type Ground } from "../dispatch/testing/ground.ts";
import { createPlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { readOverview } from "./load.ts";

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

const plan = (title: string, wanted: WantedChange[]) => createPlan(estate.owner, { title, reason: null, ticket: null, wanted }, clock, t.db);
const grants = (personId: string, at: readonly EstateVault[]): WantedChange[] => at.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId, scopes: "0010", allAccess: false, expiresAt: null }));
const need = async () => (await readOverview(estate.owner, clock, t.db)).needs.find(({ kind }) => kind === "unfinished") ?? null;
const become = (planId: string, at: EstateVault, state: string) => t.asAdmin((admin) => admin.query("update dispatch set state = $3, settled_at = now() where plan_id = $1 and vault_ref = $2 and kind = 'fresh'", [planId, at.vaultRef, state]));
const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });

test("a plan is a need from when a part of it stands still until it is taken up anew; what is on its way or was stopped is none", async () => {
  const { personId } = await addTechnician(estate, "Emil Novotny");
  const made = await plan("Emil begins", grants(personId, vaults));
  expect(await need()).toBeNull();
  await releasePlan(estate, made);
  expect(await need()).toBeNull();
  const [acme, birch] = [vaults[0]!, vaults[1]!];
  await become(made.planId, birch, "late");
  expect(await need()).toMatchObject({ count: 1, sentence: "“Emil begins”: waits for another tap at Birchgate Care.", href: `/plans/${made.planId}` });
  const later = await readOverview(estate.owner, { now: () => new Date(Date.now() + 8 * 86_400_000) }, t.db);
  expect(later.needs.find(({ kind }) => kind === "unfinished")!.sentence).toBe("“Emil begins”: was not done in time, and needs a new plan, at Birchgate Care.");
  await become(made.planId, acme, "refused");
  expect((await need())!.sentence).toBe("“Emil begins”: refused by Acme Dental; waits for another tap at Birchgate Care.");
  await become(made.planId, birch, "stopped");
  expect((await need())!.sentence).toBe("“Emil begins”: refused by Acme Dental.");
  // Planned anew: that plan waits for its tap, and is a need of its own kind.
  await plan("Emil begins anew", grants(personId, [acme]));
  expect(await need()).toBeNull();
  expect((await readOverview(estate.owner, clock, t.db)).needs.map(({ kind }) => kind)).toContain("plans");
});

test("what came about otherwise is no need any more", async () => {
  const { personId } = await addTechnician(estate, "Jim Okafor");
  await releasePlan(estate, await plan("Jim begins", grants(personId, vaults)));
  await deliver();
  await readAll(estate);
  expect(await need()).toBeNull();
  const rows = (await t.asAdmin((admin) => admin.query("select vault_ref, uid from known_agent where person_id = $1 order by vault_ref", [personId]))).rows as { vault_ref: string; uid: string }[];
  const made = await plan("Jim has less", rows.map(({ vault_ref: vaultRef, uid }) => ({ change: "revoke", vaultRef, uid })));
  await releasePlan(estate, made);
  await t.asAdmin((admin) => admin.query("update dispatch set state = case kind when 'fresh' then 'lost' else 'over' end, settled_at = now() where plan_id = $1", [made.planId]));
  expect((await need())!.sentence).toBe("“Jim has less”: no answer proves or disproves it at Acme Dental and Birchgate Care.");
  await t.asAdmin((admin) => admin.query("delete from known_agent where vault_ref = $1 and uid = $2", [vaults[0]!.vaultRef, rows.find((row) => row.vault_ref === vaults[0]!.vaultRef)!.uid]));
  expect((await need())!.sentence).toBe("“Jim has less”: no answer proves or disproves it at Birchgate Care.");
});
