/**
 * The console as a process, killed with SIGKILL at the three steps of a tap that are its own: while it asks vaults for challenges, in
 * the transaction that releases, and after that transaction, before its answer. Whoever tapped asks again, at a console that is up.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deliverDispatches } from "../dispatch/deliver.ts";
import { addTechnician, addVaults, openPlan, readAll, sharesNow, tapPlan, type Tap } from "../dispatch/testing/estate.ts";
import { openGround, type Ground } from "../dispatch/testing/ground.ts";
import { holdInvariants, rowsByVault } from "../dispatch/testing/invariants.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import { createPlan, type MadePlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { openVault } from "../vault/open.ts";
import type { Answer, Call } from "./testing/app.ts";

let ground: Ground;
const consoles: ChildProcess[] = [];

beforeAll(async () => {
  ground = await openGround({ callMs: 8_000, clock: { now: () => new Date() } });
  const { estate, proxy } = ground;
  await addTechnician(estate, "Jim Okafor");
  await addVaults(estate, ["Acme Dental", "Birchgate Care"], { dial: `http://127.0.0.1:${proxy.port}` });
});
afterAll(async () => {
  for (const one of consoles) if (one.exitCode === null && one.signalCode === null) await killed(one);
  await ground.end();
});

async function startConsole(): Promise<ChildProcess> {
  const started = spawn(process.execPath, ["--conditions=react-server", join(import.meta.dirname, "testing/app.ts")], { env: process.env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  consoles.push(started);
  const [word] = (await once(started, "message")) as [Answer];
  expect(word).toBe("ready");
  return started;
}
async function killed(one: ChildProcess): Promise<void> {
  const gone = once(one, "exit");
  one.kill("SIGKILL");
  await gone;
}
async function called(one: ChildProcess, call: Call): Promise<Answer> {
  const answer = once(one, "message");
  one.send(call);
  return ((await answer) as [Answer])[0];
}
const submitted = (where: ChildProcess, { submission }: Tap) => called(where, { approve: submission });
const count = (text: string, values: unknown[]) => ground.t.asAdmin(async (admin) => (await admin.query<{ n: number }>(`select count(*)::int as n from ${text}`, values)).rows[0]!.n);
const batches = () => ground.proxy.log().filter(({ path }) => path.endsWith("/batch"));
/** Where each vault's rows stood, how much was sent there so far, and a plan over both of them. */
async function begin(): Promise<{ made: MadePlan; wanted: WantedChange[]; before: Awaited<ReturnType<typeof rowsByVault>>; sent: Map<string, number> }> {
  const { estate, t } = ground;
  const wanted = estate.vaults.map(({ vaultRef }): WantedChange => ({ change: "grant", vaultRef, personId: estate.technicians[0]!.personId, scopes: "0010", allAccess: false, expiresAt: null }));
  const made = await createPlan(estate.owner, { title: "Jim", reason: null, ticket: null, wanted }, estate.clock, t.db);
  return { made, wanted, before: await rowsByVault(estate), sent: sentNow() };
}
const sentNow = () => new Map(ground.estate.vaults.map(({ vaultRef, owned }) => [vaultRef, batches().filter(({ path }) => path.startsWith(`/${owned.owner.account.vaultId}/`)).length]));

/** Nothing of this plan is anywhere: no approval, no share, no line, no byte. */
async function nothingLeft({ planId }: MadePlan, sent: ReadonlyMap<string, number>): Promise<void> {
  expect(await sharesNow(ground.estate, planId)).toEqual([]);
  expect(await count("approval where plan_id = $1", [planId])).toBe(0);
  expect(await count("record where action = 'plan.released' and target_id = $1", [planId])).toBe(0);
  expect(sentNow()).toEqual(sent);
}
/** Delivered, read again, and held against the vaults, our rows and their records. */
async function holds({ made, wanted, before, sent }: Awaited<ReturnType<typeof begin>>): Promise<void> {
  const { estate, t, net } = ground;
  await deliverDispatches({ db: t.db, speak: (vault) => openVault(vault, net) });
  await readAll(estate);
  const left = new Map([...sentNow()].map(([ref, now]) => [ref, now - sent.get(ref)!]));
  expect(await holdInvariants(estate, { planId: made.planId, wanted, before, released: true, left, must: (held, what) => expect(held, what).toBe(true) })).toEqual({ "fresh proven": 2 });
  expect([...left.values()]).toEqual([1, 1]);
}

test("while it asks vaults for challenges: nothing is kept of the round, and the same window asks again", async () => {
  const { estate, proxy } = ground;
  const plan = await begin();
  const offer = await openPlan(estate, plan.made);
  const first = await startConsole();
  proxy.book.replace(parseRules([{ match: { path: "/auth/begin" }, times: null, fault: { kind: "hang" } }]));
  const round = crypto.randomUUID();
  first.send({ begin: { secret: offer.secret, round, vaults: [0, 1].map((place) => ({ place, nonce: b64u(randomBytes(16)) })) } } satisfies Call);
  await expect.poll(() => proxy.log().filter(({ fault, path }) => fault === "hang" && path.endsWith("/auth/begin")).length).toBe(2);
  await killed(first);
  proxy.book.replace([]);
  expect(await count("signing_ticket where plan_id = $1 and round is not null", [plan.made.planId])).toBe(0);
  await nothingLeft(plan.made, plan.sent);

  const second = await startConsole();
  expect(await submitted(second, await tapPlan(estate, offer))).toMatchObject({ value: { vaults: 2 } });
  await holds(plan);
});

test("in the transaction that releases: nothing of the tap is kept, and the same tap is taken by the next", async () => {
  const { estate, t } = ground;
  const plan = await begin();
  const tap = await tapPlan(estate, await openPlan(estate, plan.made));
  const first = await startConsole();
  await t.asAdmin(async (admin) => {
    // What the transaction takes first: whoever holds it stands between its judging and its writing.
    await admin.query("select pg_advisory_lock(hashtextextended($1, 0))", [`plan:${estate.mspId}:${plan.made.planId}`]);
    first.send({ approve: tap.submission } satisfies Call);
    await expect.poll(() => count("pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and not l.granted and a.datname = current_database()", [])).toBe(1);
    await killed(first);
    await admin.query("select pg_advisory_unlock_all()");
  });
  await expect.poll(() => count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", [])).toBe(0);
  await nothingLeft(plan.made, plan.sent);

  const second = await startConsole();
  expect(await submitted(second, tap)).toMatchObject({ value: { vaults: 2 } });
  await holds(plan);
});

test("after that transaction, before its answer: it goes on without the page, and the same tap again releases nothing twice", async () => {
  const { estate } = ground;
  const plan = await begin();
  const tap = await tapPlan(estate, await openPlan(estate, plan.made));
  const first = await startConsole();
  // The answer comes to this test, which is where the page's connection would have been, and the process dies with it in its hand.
  expect(await submitted(first, tap)).toMatchObject({ value: { vaults: 2 } });
  await killed(first);
  expect((await sharesNow(estate, plan.made.planId)).map(({ kind, state, attempts }) => `${kind} ${state} ${attempts}`)).toEqual(["fresh waiting 0", "fresh waiting 0"]);

  const second = await startConsole();
  expect(await submitted(second, tap)).toEqual({ refused: "signing_over" });
  expect(await sharesNow(estate, plan.made.planId)).toHaveLength(2);
  expect(await count("approval where plan_id = $1", [plan.made.planId])).toBe(1);
  await holds(plan);
});
