/** What stands beside the navigation and in the top bar, by right; asked with every page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { makePortfolio, type Portfolio } from "../role/testing/portfolio.ts";
import { waitingFor } from "./waiting.ts";

let t: TestDatabase;
let portfolio: Portfolio;
const who = (name: string): Actor => portfolio.people.get(name)!;
const waiting = (actor: Actor) => waitingFor(actor, t.db);
const sql = (text: string, values: unknown[]) => t.asAdmin((admin) => admin.query(text, values));
const plan = (more: { withdrawn?: boolean; over?: boolean } = {}) => sql("insert into plan (msp_id, plan_id, kind, title, frozen, digest, made_by, made_at, not_after, grants, alters, revokes, vault_count, left_out, withdrawn_at, withdrawn_by) values ($1, gen_random_uuid(), 'change', 'A change', '{}', $2, $3, now() - interval '2 hours', now() + make_interval(hours => $4), 1, 0, 0, 1, '[]', case when $5::boolean then now() end, case when $5::boolean then $3::uuid end)", [portfolio.mspId, Buffer.alloc(32), who("Ines Halloran").id, more.over ? -1 : 1, more.withdrawn ?? false]);

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  portfolio = await makePortfolio(t);
});
afterAll(() => t?.close());

test("nothing waits where nothing is", async () => {
  expect(await waiting(who("Ines Halloran"))).toEqual({ tokens: 0, requests: 0, plans: 0, alarms: 0, staged: { grant: 0, revoke: 0, alter: 0, more: false } });
});
test("plans that wait for a tap are counted for whoever may tap; withdrawn ones, and those whose time is over, are not", async () => {
  for (const more of [{}, {}, { withdrawn: true }, { over: true }]) await plan(more);
  expect((await waiting(who("Ines Halloran"))).plans).toBe(2);
  for (const name of ["Tess Quigley", "Oskar Lund", "Sarah Lindqvist"]) expect((await waiting(who(name))).plans, name).toBe(0);
});
test("open alarms are counted for whoever sees money", async () => {
  for (const cleared of [false, false, true]) await sql("insert into billing_alarm (msp_id, alarm_id, kind, subject, words, raised_at, cleared_at, cleared_by) values ($1, gen_random_uuid(), 'reconcile', gen_random_uuid()::text, 'It does not add up.', now(), case when $2::boolean then now() end, case when $2::boolean then 'Oskar Lund' end)", [portfolio.mspId, cleared]);
  for (const [name, count] of [["Ines Halloran", 2], ["Oskar Lund", 2], ["Tess Quigley", 0], ["Sarah Lindqvist", 0]] as const) expect((await waiting(who(name))).alarms, name).toBe(count);
});
test("what one has staged is counted by what it asks for, nobody else's, and only for who stages", async () => {
  const ines = who("Ines Halloran");
  const [other] = [personActor({ mspId: portfolio.mspId, personId: who("Gone Lightly").id, name: "Gone Lightly", rights: ["owner"] })];
  const refs = [...portfolio.vaults.values()];
  for (const { id } of [ines, other]) await sql("insert into draft (msp_id, owner_id, revision, changed_at) values ($1, $2, 1, now())", [portfolio.mspId, id]);
  const stage = (ownerId: string, at: number, held: boolean, leased: boolean, base: unknown[]) => sql("insert into staged_cell (msp_id, owner_id, vault_ref, person_id, held, full_access, roles, lease_roles, lease_ends_at, reason, base, staged_at) values ($1, $2, $3, $4, $5, false, '{}', case when $6::boolean then $8::uuid[] else '{}' end, case when $6::boolean then now() + interval '1 hour' end, '', $7, now())", [portfolio.mspId, ownerId, refs[at], who("Sarah Lindqvist").id, held, leased, JSON.stringify(base), [...portfolio.roles.values()].slice(0, 1)]);
  const row = [{ uid: "a", revision: 1 }];
  await stage(ines.id, 0, true, false, []);
  await stage(ines.id, 1, false, true, []);
  await stage(ines.id, 2, false, false, row);
  await stage(ines.id, 3, true, false, row);
  await stage(other.id, 0, true, false, []);
  expect((await waiting(ines)).staged).toEqual({ grant: 2, revoke: 1, alter: 1, more: false });
  expect((await waiting(other)).staged).toEqual({ grant: 1, revoke: 0, alter: 0, more: false });
  for (const name of ["Tess Quigley", "Oskar Lund", "Sarah Lindqvist"]) expect((await waiting(who(name))).staged, name).toBeNull();
});
test("a draft without an end is not counted to its end", async () => {
  const { mspId } = portfolio;
  const { id } = who("Ines Halloran");
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) select $1, gen_random_uuid(), 'T ' || n, n || '@many.example', '{technician}' from generate_series(1, 2000) as n", [mspId]);
    await admin.query("insert into staged_cell (msp_id, owner_id, vault_ref, person_id, held, full_access, roles, lease_roles, reason, base, staged_at) select $1, $2, v.vault_ref, p.person_id, true, false, '{}', '{}', '', '[]', now() from vault v cross join person p where v.msp_id = $1 and p.msp_id = $1 and p.name like 'T %'", [mspId, id]);
  });
  const { staged } = await waiting(who("Ines Halloran"));
  expect(staged!.more).toBe(true);
  expect(staged!.grant + staged!.revoke + staged!.alter).toBe(limits.stagedCounted + 1);
});
