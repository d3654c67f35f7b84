/** A plan taken away as a file and brought back: only its wishes are taken, and nothing of a bent one. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { addTechnician, addVaults, startEstate, type Estate, type EstateVault, type Technician } from "../dispatch/testing/estate.ts";
import { Refusal } from "../errors.ts";
import { personActor } from "../identity/actor.ts";
import { hex } from "../protocol/bytes.ts";
import { planDigest, type Plan } from "../protocol/plan.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { createPlan, type MadePlan } from "./create.ts";
import { exportPlan, importPlan, readFile, unpackFile, type PlanFile } from "./file.ts";
import { showPlan } from "./show.ts";
import { withdrawPlan } from "./steer.ts";

let t: TestDatabase;
let net: Net;
let world: World;
let estate: Estate;
let jim: Technician;
let vaults: EstateVault[];
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead) };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  world = await startWorld();
  estate = await startEstate(t, world, net, clock);
  jim = await addTechnician(estate, "Jim Okafor");
  vaults = await addVaults(estate, ["Acme Dental", "Birchgate Care"]);
});
afterAll(async () => {
  await net.agent.destroy();
  await world.end();
  await t.close();
});

const plan = (): Promise<MadePlan> => createPlan(estate.owner, { title: "Jim takes over", reason: "Rota", ticket: "QM-4471", wanted: vaults.map(({ vaultRef }) => ({ change: "grant", vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null })) }, clock, t.db);
const fails = async (work: Promise<unknown> | (() => unknown)): Promise<string> => (typeof work === "function" ? Promise.resolve().then(work) : work).then(() => "done", (error: unknown) => (error instanceof Refusal ? error.failure.code : Promise.reject(error as Error)));
const take = async ({ planId }: MadePlan) => (await exportPlan(estate.owner, planId, t.db)).text;
const bring = (text: string, actor = estate.owner) => importPlan(actor, text, clock, t.db);
/** The file with another plan in it, and the digest that fits. */
const bent = (text: string, change: (plan: Plan) => unknown): string => {
  const file = JSON.parse(text) as PlanFile;
  const made = change(file.plan) as Plan;
  return JSON.stringify({ ...file, plan: made, digest: hex(planDigest(made)) });
};

describe("a plan as a file", () => {
  test("brought back while it can still be signed, it is the same plan", async () => {
    const made = await plan();
    expect(await bring(await take(made))).toMatchObject({ planId: made.planId, known: true });
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("brought back after it expired, it is judged and frozen anew with fresh operations under another digest", async () => {
    const made = await plan();
    const text = await take(made);
    ahead += 2 * 86_400_000;
    const again = await bring(text);
    expect(again).toMatchObject({ vaults: 2, known: false, leftOut: [] });
    expect(again.planId).not.toBe(made.planId);
    const [before, after] = [await showPlan(estate.owner, made.planId, clock, t.db), await showPlan(estate.owner, again.planId, clock, t.db)];
    expect(after.sentence).toBe(before.sentence);
    expect([after.title, after.reason, after.ticket]).toEqual(["Jim takes over", "Rota", "QM-4471"]);
    expect(after.lines.map(({ id }) => id).filter((id) => before.lines.some((line) => line.id === id))).toEqual([]);
    ahead = 0;
  });
  test("of a file only the wishes are taken: another key for a person, another row number or name goes nowhere", async () => {
    const made = await plan();
    const text = bent(await take(made), (one) => ({ ...one, id: crypto.randomUUID(), people: one.people.map((person) => ({ ...person, name: "Mallory", seal_to: { kem: "x25519", public_key: "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk" } })), vaults: one.vaults.map((vault) => ({ ...vault, agent: 99, name: "Elsewhere" })) }));
    const again = await bring(text);
    const stored = JSON.parse(await take(again)) as PlanFile;
    expect(stored.plan.people.map(({ name }) => name)).toEqual(["Jim Okafor"]);
    expect(stored.plan.people[0]!.seal_to.public_key).not.toContain("CQkJ");
    expect(stored.plan.vaults.map(({ name, agent }) => [name, agent === 99])).toEqual(expect.arrayContaining([["Acme Dental", false], ["Birchgate Care", false]]));
  });
  test("a vault or a person that is not known here is left out, and named", async () => {
    const made = await plan();
    const text = await take(made);
    const stranger = bent(text, (one) => ({ ...one, id: crypto.randomUUID(), vaults: [...one.vaults, { ...one.vaults[0]!, key: `${"z".repeat(42)}8`, name: "Stranger AG", changes: one.vaults[0]!.changes.map((change) => ({ ...change, id: crypto.randomUUID() })) }] }));
    const brought = await bring(stranger);
    expect(brought.leftOut.map(({ name, findings }) => [name, findings[0]!.words])).toEqual([["Stranger AG", "No vault with this key is connected here."]]);
    // Its key stands where a vault's reference does elsewhere; the page is drawn all the same.
    expect((await showPlan(estate.owner, brought.planId, clock, t.db)).leftOut).toMatchObject([{ name: "Stranger AG" }]);
    const nobody = bent(text, (one) => ({ ...one, id: crypto.randomUUID(), people: one.people.map((person) => ({ ...person, statement: "A".repeat(43) })) }));
    expect(await fails(bring(nobody))).toBe("plan_empty");
  });
  test.each<[string, (text: string) => string]>([
    ["changed after it was taken away", (text) => text.replace("Jim takes over", "Jim takes over!")],
    ["cut short", (text) => text.slice(0, 200)],
    ["a list", () => "[]"],
    ["nothing", () => ""],
    ["a member more", (text) => JSON.stringify({ ...(JSON.parse(text) as object), also: 1 })],
    ["a member more in the plan", (text) => { const file = JSON.parse(text) as PlanFile; return JSON.stringify({ ...file, plan: { ...file.plan, challenge: "sign this" } }); }],
    ["a prototype in place of a member", (text) => text.replace('"clavitor": "plan"', '"__proto__": {"clavitor": "plan"}')],
    ["of another console", (text) => bent(text, (one) => ({ ...one, msp: "https://evil.example" }))],
    ["the end of a connection", (text) => bent(text, (one) => ({ ...one, kind: "exit", people: [], vaults: one.vaults.map((vault) => ({ ...vault, changes: [{ change: "leave", id: crypto.randomUUID(), uid: "AAECAwQFBgcICQoLDA0ODw" }] })) }))],
  ])("is refused when it is %s", async (_what, bend) => {
    const made = await plan();
    expect(await fails(bring(bend(await take(made))))).toBe("plan_file");
    await withdrawPlan(estate.owner, made, clock, t.db);
  });
  test("a file that unpacks to more than any plan, or does not unpack, is refused before it is read", async () => {
    expect(await fails(() => unpackFile(gzipSync(Buffer.alloc(5_000_000)).toString("base64")))).toBe("plan_file");
    expect(await fails(() => unpackFile("bm8gZ3ppcA=="))).toBe("plan_file");
    expect(await fails(() => unpackFile(gzipSync(Buffer.from([0xff, 0xfe])).toString("base64")))).toBe("plan_file");
    expect(() => readFile(unpackFile(gzipSync("{}").toString("base64")))).toThrow(Refusal);
  });
  test("who may not read or make plans takes none away and brings none", async () => {
    const made = await plan();
    const text = await take(made);
    const technician = personActor({ mspId: estate.mspId, personId: jim.personId, name: jim.name, rights: ["technician"] }, crypto.randomUUID());
    expect(await fails(exportPlan(technician, made.planId, t.db))).toBe("forbidden");
    expect(await fails(bring(text, technician))).toBe("forbidden");
    const other = personActor({ mspId: await t.msp("Another MSP"), personId: crypto.randomUUID(), name: "Mallory", rights: ["owner"] }, crypto.randomUUID());
    expect(await fails(exportPlan(other, made.planId, t.db))).toBe("not_found");
  });
});
