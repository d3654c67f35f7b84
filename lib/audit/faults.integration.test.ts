/**
 * The seven invariants of signed bulk while every log is pulled all the time, and what was pulled meanwhile. lib/dispatch/testing/faults.ts
 * holds that an intent is written before each effect (1), nothing is applied twice (2) and everything ends as something (3); here: that no
 * removal is shown done while its vault lists the row (4), records verify before and after (5), limits equal a recount (6), and no tenant
 * sees another's row (7).
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { openCourse, type OpenCourse } from "../dispatch/testing/course.ts";
import { readAll } from "../dispatch/testing/estate.ts";
import { runSeed } from "../dispatch/testing/faults.ts";
import type { AuditPage } from "../protocol/messages.ts";
import { chainRecords } from "./chain-records.ts";
import { checkRecords } from "./check-records.ts";
import { Puller } from "./puller.ts";

let t: TestDatabase;
let course: OpenCourse;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  course = await openCourse(t);
}, 120_000);
afterAll(async () => {
  await course.close();
  await t.close();
});

test("with pulling on, delivery under faults holds its seven promises; afterwards every log is held whole and once, and every receipt lies on its chain", async () => {
  const { estate: { net, mspId, vaults }, now } = course;
  const errors: unknown[] = [];
  const one = () => new Puller({ net, db: t.db, clock: { now }, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } });
  const rows = async <T extends object>(sql: string, ...given: unknown[]): Promise<T[]> => t.asAdmin(async (admin) => (await admin.query(sql, given)).rows as T[]);
  const listed = async ({ owned }: (typeof vaults)[number]) => ((await owned.owner.get("/agents")).json as { agents: { uid: string }[] }).agents.map(({ uid }) => uid);
  let removals = 0;
  /** What is shown as removed first, then what the vault lists: a row that comes later is another one. */
  const lookAtRemovals = async () => {
    const shown = await rows<{ vault_ref: string; uid: string }>("select distinct o.vault_ref, o.uid from dispatch d join plan_operation o using (msp_id, plan_id, vault_ref) where d.msp_id = $1 and d.state = 'proven' and o.change = 'revoke'", mspId);
    for (const vault of vaults) {
      const there = new Set(await listed(vault));
      expect(shown.filter(({ vault_ref: ref, uid }) => ref === vault.vaultRef && there.has(uid))).toEqual([]);
    }
    removals = shown.length;
  };
  await chainRecords(mspId, t.db);
  expect((await checkRecords(mspId, t.db)).findings).toEqual([]);
  const due = () => t.asAdmin((admin) => admin.query("update audit_pull set next_at = now(), failures = 0 where lease_until is null"));
  const work = { on: true };
  const pulling = (async () => {
    while (work.on) {
      await due();
      // Two workers: what one of them takes the other leaves.
      await Promise.all([one().run(), one().run()]);
      await chainRecords(mspId, t.db);
      await lookAtRemovals();
    }
  })();
  // Whoever fails ends the other as well.
  const seeds = (async () => {
    try {
      for (const seed of [7_001, 7_002]) await runSeed(seed, course);
    } finally {
      work.on = false;
    }
  })();
  await Promise.all([seeds, pulling]);
  await lookAtRemovals();
  expect(removals).toBeGreaterThan(0);
  await t.asAdmin((admin) => admin.query("update audit_pull set next_at = now(), lease_until = null"));
  await one().run();
  expect(errors).toEqual([]);
  for (const vault of vaults) {
    const theirs: string[] = [];
    for (let after = 0; ; ) {
      const { events, more } = (await vault.owned.owner.get(`/audit?after=${after}&limit=1000`)).json as unknown as AuditPage;
      theirs.push(...events.map(({ seq, hash }) => `${seq} ${hash}`));
      if (!more) break;
      after = events.at(-1)!.seq;
    }
    const ours = await rows<{ line: string }>("select seq || ' ' || translate(encode(hash, 'base64'), '+/=', '-_') as line from audit_event where vault_ref = $1 and stream = 'primary' order by received_at, event_id", vault.vaultRef);
    // What the vault wrote since, by this very look, is not held yet.
    expect(ours.map(({ line }) => line)).toEqual(theirs.slice(0, ours.length));
    expect(theirs.length - ours.length).toBeLessThanOrEqual(2);
  }
  expect(await rows("select kind from audit_finding where msp_id = $1", mspId)).toEqual([]);
  const receipts = await rows<{ verdict: string | null; plan: boolean | null }>(
    "select a.verdict, e.plan_id = r.plan_id as plan from receipt r left join audit_receipt a using (msp_id, receipt_id) left join audit_event e on e.msp_id = r.msp_id and e.event_id = a.event_id where r.msp_id = $1", mspId);
  expect(receipts.length).toBeGreaterThan(0);
  expect(receipts.every(({ verdict, plan }) => verdict === "on_chain" && plan === true)).toBe(true);
  const [linked] = await rows<{ people: string; plans: string }>("select count(*) filter (where target_person_id is not null) as people, count(distinct plan_id) as plans from audit_event where msp_id = $1 and action = 'agent.create'", mspId);
  expect(Number(linked!.people)).toBeGreaterThan(0);
  expect(Number(linked!.plans)).toBeGreaterThan(0);
  await chainRecords(mspId, t.db);
  const { size, findings } = await checkRecords(mspId, t.db);
  expect(findings).toEqual([]);
  expect(size).toBe((await rows("select from record where msp_id = $1", mspId)).length);
  await readAll(course.estate);
  for (const vault of vaults) {
    const count = (await listed(vault)).length;
    expect((await vault.owned.owner.get("/vault")).json).toMatchObject({ limits: { tokens: { used: count } } });
    expect(await rows("select r.tokens_used from reading r where r.vault_ref = $1", vault.vaultRef)).toEqual([{ tokens_used: count }]);
  }
  const stranger = await t.msp("Harbour Systems");
  await t.asApp(async (app) => {
    const tables = ["audit_event", "audit_stream", "audit_agent", "audit_name", "audit_receipt", "audit_pull", "record", "record_leaf", "checkpoint", "plan", "plan_operation", "dispatch", "attempt", "receipt"];
    const seenBy = async (tenant: string) => {
      await app.query("select set_config('app.msp_id', $1, false)", [tenant]);
      const seen: string[] = [];
      for (const table of tables) if (Number((await app.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]!.n) > 0) seen.push(table);
      return seen;
    };
    expect(await seenBy(stranger)).toEqual([]);
    expect(await seenBy(mspId)).toEqual(tables);
  });
}, 120_000);
