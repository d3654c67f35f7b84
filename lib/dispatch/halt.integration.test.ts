/** Kill switches and the first wave: what does not leave, and what goes on when it may. Over real vaults. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { parseRules } from "#sandbox/fault-proxy/rules.ts";
import type { World } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../tests/database.ts";
import { askApprove } from "../approval/ask.ts";
import { approveOffer } from "../approval/offer.ts";
import { releaseApproval } from "../approval/release.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { createPlan, type MadePlan } from "../plan/create.ts";
import { haltedWords, haltOver, haltWords, kindsOfOps, liftHalt, readHalts, setHalt, showHalts, type Halt } from "../plan/halt.ts";
import { showPlan } from "../plan/show.ts";
import { withdrawPlan } from "../plan/steer.ts";
import type { WantedChange } from "../plan/wanted.ts";
import type { Grant } from "../protocol/messages.ts";
import { tradeTicket } from "../signing/trade.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { deliverDispatches } from "./deliver.ts";
import { addTechnician, addVaults, hurry, openPlan, readAll, releasePlan, sharesNow, tapPlan, visitor, type Estate, type EstateVault, type Technician } from "./testing/estate.ts";
import { openGround, type Ground } from "./testing/ground.ts";

let ground: Ground;
let t: TestDatabase;
let net: Net;
let world: World;
let proxy: FaultProxy;
let estate: Estate;
let jim: Technician;
let vaults: EstateVault[];
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };

beforeAll(async () => {
  ground = await openGround({ callMs: 4_000, clock });
  ({ t, net, world, proxy, estate } = ground);
  jim = await addTechnician(estate, "Jim Okafor");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care", "Calloway Freight"], { dial: `http://127.0.0.1:${proxy.port}` });
  await t.asAdmin((admin) => admin.query("update client set region = 'North' where client_id = $1", [vaults[0]!.clientId]));
});
afterAll(() => ground.end());

const grants = (of = vaults): WantedChange[] => of.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null }));
const plan = (wanted = grants()): Promise<MadePlan> => createPlan(estate.owner, { title: "Jim", reason: null, ticket: null, wanted }, clock, t.db);
const fails = async (work: Promise<unknown>): Promise<string> => work.then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const deliver = () => deliverDispatches({ db: t.db, now: clock.now, speak: (vault) => openVault(vault, net) });
const states = async ({ planId }: MadePlan) => (await sharesNow(estate, planId)).map(({ vault_ref: ref, kind, state, attempts }) => `${vaults.findIndex(({ vaultRef }) => vaultRef === ref)} ${kind} ${state} ${attempts}`).toSorted();
const halt = (given: Partial<Parameters<typeof setHalt>[1]> = {}) => setHalt(estate.owner, { scope: "all", value: "", reason: "Somebody lost a laptop", ...given }, clock, t.db);
const lift = ({ id }: Halt) => liftHalt(estate.owner, { id }, clock, t.db);
const forward = (seconds: number) => {
  ahead += seconds * 1_000;
  world.clock.forward(seconds);
};
const technician = () => personActor({ mspId: estate.mspId, personId: crypto.randomUUID(), name: "Priya Raman", rights: ["technician"] }, crypto.randomUUID());

describe("a kill switch", () => {
  test("set between tap and sending lets no byte leave; lifted within the minute, all of it goes", async () => {
    const made = await plan();
    await releasePlan(estate, made);
    const set = await halt();
    await deliver();
    expect(await states(made)).toEqual(["0 fresh waiting 0", "1 fresh waiting 0", "2 fresh waiting 0"]);
    expect((await showPlan(estate.owner, made.planId, clock, t.db)).halts).toEqual([{ words: "All bulk work is frozen by Ines Halloran: Somebody lost a laptop", vaults: 3 }]);
    // What stands over overview and matrix: what, who, why, since when; and nothing for whoever may not see it.
    expect((await readHalts(estate.owner, t.db)).map((one) => [haltedWords(one), one.by, one.reason, Math.abs(one.at - clock.now().getTime()) < 60_000])).toEqual([["All bulk work is frozen", "Ines Halloran", "Somebody lost a laptop", true]]);
    expect(await fails(readHalts(technician(), t.db))).toBe("forbidden");
    await lift(set);
    expect(await readHalts(estate.owner, t.db)).toEqual([]);
    await deliver();
    expect(await states(made)).toEqual(["0 fresh proven 1", "1 fresh proven 1", "2 fresh proven 1"]);
  });
  test("of one region holds that region alone, and what missed its minute says so", async () => {
    await readAll(estate);
    const made = await plan();
    await releasePlan(estate, made);
    const set = await halt({ scope: "region", value: "North" });
    await deliver();
    expect(await states(made)).toEqual(["0 fresh waiting 0", "1 fresh proven 1", "2 fresh proven 1"]);
    forward(60);
    await hurry(estate);
    await deliver();
    expect(await states(made)).toEqual(["0 fresh late 0", "1 fresh proven 1", "2 fresh proven 1"]);
    await lift(set);
  });
  test("of one kind of operation holds whatever carries it; a standing removal waits and goes when it is lifted", async () => {
    await readAll(estate);
    const { rows } = await t.asAdmin((admin) => admin.query("select vault_ref, uid from known_agent where name = 'Jim Okafor' and vault_ref = $1 limit 1", [vaults[1]!.vaultRef]));
    const made = await plan([{ change: "revoke", vaultRef: vaults[1]!.vaultRef, uid: rows[0].uid }, ...grants([vaults[2]!])]);
    await releasePlan(estate, made);
    const set = await halt({ scope: "operation", value: "revoke" });
    await deliver();
    expect(await states(made)).toEqual(["1 fresh waiting 0", "1 standing held 0", "2 fresh proven 1"]);
    forward(60);
    await hurry(estate);
    await deliver();
    // The fresh share missed its minute; the one that stands is held back by the same switch.
    expect(await states(made)).toEqual(["1 fresh late 0", "1 standing waiting 0", "2 fresh proven 1"]);
    await lift(set);
    await hurry(estate);
    await deliver();
    expect(await states(made)).toEqual(["1 fresh late 0", "1 standing proven 1", "2 fresh proven 1"]);
  });
  test("asking what became of what has left already goes on under it, once asking can start nothing", async () => {
    await readAll(estate);
    const made = await plan(grants([vaults[1]!]));
    proxy.book.replace(parseRules([{ match: { path: `/${vaults[1]!.owned.owner.account.vaultId}/batch` }, skip: 0, times: 1, fault: { kind: "lose" } }]));
    await releasePlan(estate, made);
    await deliver();
    expect(await states(made)).toEqual(["1 fresh sent 1"]);
    const set = await halt();
    await hurry(estate);
    await deliver();
    expect(await states(made)).toEqual(["1 fresh sent 1"]);
    forward(80);
    await hurry(estate);
    await deliver();
    expect(await states(made)).toEqual(["1 fresh proven 2"]);
    await lift(set);
  });
  test("nothing that is frozen is offered for a tap; what is not frozen is", async () => {
    await readAll(estate);
    const made = await plan(grants([vaults[0]!, vaults[1]!]));
    const all = await halt();
    expect(await fails(askApprove(estate.owner, made, visitor.userAgent, clock, t.db))).toBe("work_frozen");
    await lift(all);
    const north = await halt({ scope: "region", value: "North" });
    const offer = await openPlan(estate, made);
    expect(offer.left).toHaveLength(1);
    await lift(north);
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("is an owner's; twice the same, a region or kind that is none, and lifting twice are refused", async () => {
    expect(await fails(setHalt(technician(), { scope: "all", value: "", reason: "x" }, clock, t.db))).toBe("forbidden");
    expect(await fails(showHalts(technician(), t.db))).toBe("forbidden");
    const set = await halt();
    expect(await fails(halt())).toBe("halt_set");
    expect(await fails(liftHalt(technician(), set, clock, t.db))).toBe("forbidden");
    await lift(set);
    expect(await fails(lift(set))).toBe("moved_on");
    expect(await fails(halt({ scope: "region", value: "Atlantis" }))).toBe("invalid");
    expect(await fails(halt({ scope: "operation", value: "everything" }))).toBe("invalid");
    expect((await showHalts(estate.owner, t.db)).halts).toEqual([]);
  });
  test("names each operation by what is on the wire", () => {
    const op = (method: "POST" | "PUT" | "DELETE", path: string, uid?: string) => ({ id: crypto.randomUUID(), method, path, body: null, if: uid === undefined ? null : { uid } });
    expect([...kindsOfOps([op("POST", "/agent"), op("PUT", "/agent/7", "a"), op("DELETE", "/agent/7", "a"), op("DELETE", "/agent/2", "own"), op("POST", "/credential"), op("DELETE", "/credential/x"), op("POST", "/agent/2/token", "own")], "own")]).toEqual(["grant", "alter", "revoke", "exit", "signers", "renewal"]);
    const set: Halt = { id: "1", scope: "operation", value: "grant", reason: "why", by: "Ines", at: 0 };
    expect(haltOver([set], { region: "", kinds: new Set(["revoke"]) })).toBeNull();
    expect(haltWords(haltOver([set], { region: "", kinds: new Set(["revoke", "grant"]) })!)).toBe("New tokens are frozen by Ines: why");
  });
});

describe("a few vaults first", () => {
  const tapped = async (made: MadePlan, canary: number) => {
    const { url } = await askApprove(estate.owner, { ...made, canary }, visitor.userAgent, clock, t.db);
    const [, subject, ticket] = /approve\/([0-9a-f-]+)#(.+)$/.exec(url)!;
    const offer = JSON.parse(JSON.stringify(await tradeTicket({ subject: subject!, ticket: ticket! }, visitor, clock, t.db, approveOffer))) as Awaited<ReturnType<typeof openPlan>>;
    return releaseApproval((await tapPlan(estate, offer)).submission, visitor, clock, t.db);
  };
  const waves = async ({ planId }: MadePlan) => (await t.asAdmin((admin) => admin.query("select wave, state, attempts from dispatch where plan_id = $1 and kind = 'fresh' order by wave, state", [planId]))).rows.map(({ wave, state, attempts }) => `${wave} ${state} ${attempts}`);

  test("the others follow by themselves when the first is proven, with the same tap", async () => {
    await readAll(estate);
    const made = await plan();
    await tapped(made, 1);
    expect(await waves(made)).toEqual(["0 waiting 0", "1 waiting 0", "1 waiting 0"]);
    // One run: the proof of the first wakes the others.
    await deliver();
    expect(await waves(made)).toEqual(["0 proven 1", "1 proven 1", "1 proven 1"]);
  });
  test("a first one that is refused stops the others by itself, and nothing of them has left", async () => {
    await readAll(estate);
    const made = await plan();
    await tapped(made, 1);
    const { rows: [first] } = await t.asAdmin((admin) => admin.query("select vault_ref from dispatch where plan_id = $1 and wave = 0", [made.planId]));
    const vault = vaults.find(({ vaultRef }) => vaultRef === first.vault_ref)!;
    // The client narrows what we may do there, between tap and sending.
    const agents = ((await vault.owned.owner.get("/agents")).json as { agents: { id: number; uid: string; revision: number }[] }).agents;
    const row = agents.find(({ uid }) => uid === vault.manager.account.uid)!;
    const { grant } = (await vault.manager.get("/vault")).json as { grant: Grant };
    const narrowed = (revision: number, to: Grant) => vault.owned.owner.must([{ id: crypto.randomUUID(), method: "PUT", path: `/agent/${row.id}`, body: { grant: { ...to } }, if: { uid: row.uid, revision } }], { keys: [vault.owned.key] });
    await narrowed(row.revision, { ...grant, max_agents: 0 });
    await deliver();
    expect(await waves(made)).toEqual(["0 refused 1", "1 stopped 0", "1 stopped 0"]);
    const view = await showPlan(estate.owner, made.planId, clock, t.db);
    expect(view.shares.filter(({ state }) => state === "stopped").map(({ detail }) => detail)).toEqual([`Stopped by itself: ${vault.name}, of the first wave, is not proven.`, `Stopped by itself: ${vault.name}, of the first wave, is not proven.`]);
    const after = ((await vault.owned.owner.get("/agents")).json as { agents: { uid: string; revision: number }[] }).agents.find(({ uid }) => uid === row.uid)!;
    await narrowed(after.revision, grant);
  });
  test("a first one that never answers within the minute leaves the others late, never half done", async () => {
    await readAll(estate);
    const made = await plan(grants([vaults[1]!, vaults[2]!]));
    await tapped(made, 1);
    proxy.book.replace(parseRules([{ match: {}, skip: 0, times: 99, fault: { kind: "hang" } }]));
    await deliver();
    forward(60);
    await hurry(estate);
    await deliver();
    expect((await waves(made)).at(-1)).toBe("1 late 0");
    proxy.book.replace([]);
  });
});
