/** From what is wanted to what is proven, over real reference vaults, with a fault proxy where something shall go wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import type { World } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { releaseApproval } from "../approval/release.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { inspectCell } from "../matrix/inspect.ts";
import { keysIn } from "../matrix/load.ts";
import { createPlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { openVault } from "../vault/open.ts";
import type { Net } from "../vault/net.ts";
import { deliverDispatches, type Delivery } from "./deliver.ts";
import { addTechnician, addVaults, hurry, openPlan, readAll, releasePlan, sharesNow, tapPlan, visitor, type Estate, type EstateVault, type Technician } from "./testing/estate.ts";
import { openGround, type Ground } from "./testing/ground.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let estate: Estate;
let jim: Technician;
let hana: Technician;
let plain: EstateVault[];
let faulty: EstateVault;
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };
/** Time passes: here and, at its own pace, in the vaults. */
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};

beforeAll(async () => {
  ground = await openGround({ callMs: 1_500, clock });
  ({ t, net, world, proxy, estate } = ground);
  jim = await addTechnician(estate, "Jim Okafor");
  hana = await addTechnician(estate, "Hana Kobayashi");
  plain = await addVaults(estate, ["Acme Dental", "Birchgate Care", "Calloway Freight"]);
  [faulty] = (await addVaults(estate, ["Pennard Tiles"], { dial: `http://127.0.0.1:${proxy.port}` })) as [EstateVault];
});
beforeEach(() => proxy.book.replace([]));
afterAll(() => ground.end());

const deliver = (more: Delivery = {}) => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net), ...more });
const plan = (wanted: readonly WantedChange[], title = "A change") => createPlan(estate.owner, { title, reason: null, ticket: null, wanted }, clock, t.db);
const grant = ({ vaultRef }: EstateVault, { personId }: Technician, more: Partial<Extract<WantedChange, { change: "grant" }>> = {}): WantedChange => ({ change: "grant", vaultRef, personId, scopes: "0010", allAccess: false, expiresAt: null, ...more });
const rowsIn = async ({ owned }: EstateVault): Promise<{ id: number; uid: string; name: string; scopes: string; managed_by: string | null; admin: boolean; hand_over: string }[]> => ((await owned.owner.get("/agents")).json as { agents: never[] }).agents;
const row = async (vault: EstateVault, name: string) => (await rowsIn(vault)).find((one) => one.name === name);
const states = async (planId: string) => (await sharesNow(estate, planId)).map(({ kind, state }) => `${kind} ${state}`);
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const actions = () => t.asAdmin(async (admin) => (await admin.query("select action from record where msp_id = $1 order by at, id", [estate.mspId])).rows.map(({ action }) => action as string));

describe("one tap over several vaults", () => {
  test("a grant becomes a sealed row in each vault, proven by a signed re-read, and is wanted from then on", async () => {
    const made = await plan(plain.map((vault) => grant(vault, jim)), "Jim everywhere");
    expect(made).toMatchObject({ vaults: 3, leftOut: [] });
    await releasePlan(estate, made);
    expect(await states(made.planId)).toEqual(["fresh waiting", "fresh waiting", "fresh waiting"]);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "fresh proven", "fresh proven"]);
    for (const vault of plain) expect(await row(vault, "Jim Okafor")).toMatchObject({ scopes: "0010", hand_over: "sealed", admin: false });
    // As signed, not as the vault shows it first: a name that it changes on the way is its drift.
    const wanted = await t.asAdmin((admin) => admin.query("select name, sealed from wanted_agent where msp_id = $1 and name = 'Jim Okafor'", [estate.mspId]));
    expect(wanted.rows).toEqual(Array.from({ length: 3 }, () => ({ name: "Jim Okafor", sealed: true })));
    await readAll(estate);
    const { rows } = await t.asAdmin((admin) => admin.query("select name, person_id from known_agent where msp_id = $1 and name = 'Jim Okafor'", [estate.mspId]));
    expect(rows).toHaveLength(3);
    expect((await t.asAdmin((admin) => admin.query("select 1 from drift where msp_id = $1", [estate.mspId]))).rows).toEqual([]);
    expect((await t.asAdmin((admin) => admin.query("select answer, read_revision >= revision as read from receipt where msp_id = $1", [estate.mspId]))).rows.every(({ answer, read }) => read && (answer as string).includes('"signature"'))).toBe(true);
    expect(await actions()).toEqual(expect.arrayContaining(["plan.made", "ticket.made", "challenges.asked", "plan.released", "dispatch.attempted", "dispatch.accepted", "dispatch.proven"]));
  });
  test("a revoke and an alteration ride in one batch; the standing removal beside it is dropped once the removal is proven", async () => {
    const [acme] = plain as [EstateVault];
    const before = await row(acme, "Jim Okafor");
    const made = await plan([{ change: "revoke", vaultRef: acme.vaultRef, uid: before!.uid }, grant(acme, hana, { scopes: "0010,0011" })]);
    await releasePlan(estate, made);
    expect(await states(made.planId)).toEqual(["fresh waiting", "standing held"]);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven", "standing dropped"]);
    expect(await row(acme, "Jim Okafor")).toBeUndefined();
    // "Why does this person have this": the plans that made the cell stand in its history, the newest first, also of a row that is gone.
    const [own] = await read(estate.owner, async (tx) => [...(await keysIn(tx))].filter(([ref]) => ref === acme.vaultRef), t.db);
    const history = async (who: Technician) => (await inspectCell(estate.owner, { key: own![1], personId: who.personId }, clock, t.db)).history.flatMap(({ what, who: madeBy, plan: of }) => (of ? [{ what, madeBy, ...of }] : []));
    expect(await history(jim)).toEqual([
      { what: "took access away", madeBy: estate.owner.name, id: made.planId, title: "A change", signed: [estate.owner.name] },
      { what: "gave access", madeBy: estate.owner.name, id: expect.any(String), title: "Jim everywhere", signed: [estate.owner.name] },
    ]);
    expect(await history(hana)).toMatchObject([{ what: "gave access", id: made.planId }]);
    await readAll(estate);
    const hanas = await row(acme, "Hana Kobayashi");
    const altered = await plan([{ change: "alter", vaultRef: acme.vaultRef, uid: hanas!.uid, scopes: "0011", allAccess: false, expiresAt: null }]);
    await releasePlan(estate, altered);
    await deliver();
    expect(await states(altered.planId)).toEqual(["fresh proven"]);
    expect(await row(acme, "Hana Kobayashi")).toMatchObject({ scopes: "0011", uid: hanas!.uid });
    await readAll(estate);
  });
  test("a plan is tapped once: what is done or on its way cannot be signed again", async () => {
    const made = await plan([grant(plain[1]!, hana)]);
    const [one, two] = [await openPlan(estate, made), await openPlan(estate, made)];
    const [first, second] = [await tapPlan(estate, one), await tapPlan(estate, two)];
    const outcomes = await Promise.all([first, second].map(({ submission }) => fails(releaseApproval(submission, visitor, clock, t.db))));
    expect(outcomes.toSorted()).toEqual(["done", "plan_over"]);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh proven"]);
    expect(await fails(openPlan(estate, made))).toBe("plan_over");
    expect((await rowsIn(plain[1]!)).filter(({ name }) => name === "Hana Kobayashi")).toHaveLength(1);
    await readAll(estate);
  });
});

describe("a lost answer is asked for again with the same bytes, never guessed", () => {
  const path = "/batch";
  test("the vault applied it and the answer was lost: unknown, then the stored receipt", async () => {
    proxy.book.replace(parseRules([{ match: { path }, times: 1, fault: { kind: "lose" } }]));
    const made = await plan([grant(faulty, jim)]);
    await releasePlan(estate, made);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh sent"]);
    await hurry(estate);
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "proven", attempts: 2 }]);
    expect((await rowsIn(faulty)).filter(({ name }) => name === "Jim Okafor")).toHaveLength(1);
    await readAll(estate);
  });
  test("it never arrived, and the minute is over: the vault's refusal proves that nothing was done, and it waits for another tap", async () => {
    proxy.book.replace(parseRules([{ match: { path }, fault: { kind: "hang" } }]));
    const made = await plan([grant(faulty, hana)]);
    await releasePlan(estate, made);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh sent"]);
    // Between the last moment to start and the end nothing is sent: asking could start it late.
    const sent = () => proxy.log().filter((one) => one.path.endsWith(path)).length;
    const before = sent();
    forward(57);
    await hurry(estate);
    await deliver();
    expect(sent()).toBe(before);
    expect(await states(made.planId)).toEqual(["fresh sent"]);
    forward(20);
    proxy.book.replace([]);
    await hurry(estate);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh late"]);
    expect(await row(faulty, "Hana Kobayashi")).toBeUndefined();
    await readAll(estate);
    // And it can be tapped again: the same plan, the same operations, another approval.
    await releasePlan(estate, made);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh late", "fresh proven"]);
    await readAll(estate);
  });
  test("a revoke that missed its minute is delivered by its standing share, without another tap", async () => {
    const hanas = await row(faulty, "Hana Kobayashi");
    proxy.book.replace(parseRules([{ match: { path }, fault: { kind: "hang" } }]));
    const made = await plan([{ change: "revoke", vaultRef: faulty.vaultRef, uid: hanas!.uid }]);
    await releasePlan(estate, made);
    await deliver();
    forward(80);
    proxy.book.replace([]);
    await hurry(estate);
    await deliver();
    expect(await states(made.planId)).toEqual(["fresh late", "standing proven"]);
    expect(await row(faulty, "Hana Kobayashi")).toBeUndefined();
    await readAll(estate);
  });
  test("a vault that is silent when the tap is made gets its removals as standing ones; the rest waits, and says so", async () => {
    const jims = await row(faulty, "Jim Okafor");
    proxy.book.replace(parseRules([{ match: {}, fault: { kind: "reset", after: 0 } }]));
    const made = await plan([{ change: "revoke", vaultRef: faulty.vaultRef, uid: jims!.uid }, grant(faulty, hana), grant(plain[2]!, hana)]);
    const tap = await releasePlan(estate, made);
    expect(tap.prepared.waiting).toHaveLength(1);
    await deliver();
    expect((await states(made.planId)).toSorted()).toEqual(["fresh proven", "standing sent"]);
    proxy.book.replace([]);
    await hurry(estate);
    await deliver();
    expect((await states(made.planId)).toSorted()).toEqual(["fresh proven", "standing proven"]);
    expect(await row(faulty, "Jim Okafor")).toBeUndefined();
    await readAll(estate);
  });
  test("one vault that hangs does not hold the others: they are proven while it is still asked", async () => {
    proxy.book.replace(parseRules([{ match: { path }, fault: { kind: "hang" } }]));
    const made = await plan([grant(faulty, jim), ...(await Promise.all(plain.slice(1, 2).map(async (vault) => ({ change: "revoke" as const, vaultRef: vault.vaultRef, uid: (await row(vault, "Jim Okafor"))!.uid }))))]);
    await releasePlan(estate, made);
    const began = Date.now();
    const run = deliver();
    const proven = async () => (await sharesNow(estate, made.planId)).some(({ kind, state }) => kind === "fresh" && state === "proven");
    await expect.poll(proven, { interval: 20, timeout: 1_400 }).toBe(true);
    expect(Date.now() - began).toBeLessThan(1_450);
    await run;
    forward(80);
    proxy.book.replace([]);
    await hurry(estate);
    await deliver();
    await readAll(estate);
  });
});

describe("what the vault refuses is shown, and nothing is taken for done", () => {
  test("a row that was changed since the plan was frozen: stale at the tap, or refused by the vault", async () => {
    const [acme] = plain as [EstateVault];
    const hanas = await row(acme, "Hana Kobayashi");
    const made = await plan([{ change: "alter", vaultRef: acme.vaultRef, uid: hanas!.uid, scopes: "0010", allAccess: false, expiresAt: null }]);
    const offer = await openPlan(estate, made);
    const { op } = await import("#vault/testing/client.ts");
    await acme.owned.owner.must([op("PUT", `/agent/${hanas!.id}`, { scopes: "0010,0011" })], { keys: [acme.owned.key] });
    const tap = await tapPlan(estate, offer);
    await releaseApproval(tap.submission, visitor, clock, t.db);
    await deliver();
    expect(await sharesNow(estate, made.planId)).toMatchObject([{ state: "refused", code: "stale" }]);
    await readAll(estate);
    const again = await plan([{ change: "alter", vaultRef: acme.vaultRef, uid: hanas!.uid, scopes: "0010", allAccess: false, expiresAt: null }]);
    await acme.owned.owner.must([op("PUT", `/agent/${hanas!.id}`, { scopes: "0011" })], { keys: [acme.owned.key] });
    await readAll(estate);
    expect(await fails(openPlan(estate, again))).toBe("plan_stale");
  });
});
