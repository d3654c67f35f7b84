/** The matrix against a real database: facts as they were planted, drafts that lose no edit, tenants that see nothing of each other. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { acceptDrift } from "../known/settle-drift.ts";
import { loadDraft, saveDraft, settleStaged, stagedChanges, stagedRows } from "./draft.ts";
import { write } from "../db/tenant.ts";
import { record } from "../record/record.ts";
import { toggleRole } from "./edit.ts";
import { flag, isHeld, type Facts } from "./facts.ts";
import { inspectCell } from "./inspect.ts";
import { loadFacts } from "./load.ts";
import { pack, unpack, wishedOf, type Wish } from "./pack.ts";
import { putBack } from "./put-back.ts";
import { listRules, removeRule, saveRule } from "./rules.ts";
import { Stage } from "./stage.ts";
import { plant, type Planted } from "./testing/organisation.ts";
import { portfolio } from "./testing/portfolio.ts";
import { listViews, removeView, saveView } from "./view.ts";
import { decodeFacts, encodeFacts } from "./wire.ts";

let t: TestDatabase;
let mspId: string;
let ines: Actor;
let tobias: Actor;
let auditor: Actor;
let technician: Actor;
let facts: Facts;
let planted: Planted;
const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const clock = { now: () => new Date(facts.at) };

async function person(name: string, rights: string[], msp = mspId): Promise<Actor> {
  const personId = crypto.randomUUID();
  await t.asAdmin((admin) => admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, $5)", [msp, personId, name, `${personId}@quillmoor.example`, rights]));
  return personActor({ mspId: msp, personId, name, rights });
}

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  mspId = await t.msp("Quillmoor IT");
  [ines, tobias, auditor, technician] = [await person("Ines Halloran", ["owner"]), await person("Tobias Renner", ["owner"]), await person("Ada Auditor", ["auditor"]), await person("Zed Zero", ["owner"])];
  const made = portfolio({ clients: 30, technicians: 12 });
  facts = { ...made, rows: made.rows.map((row, at) => ({ ...row, place: row.place || "Bath", ...(at === 12 ? { client: 11, name: made.rows[11]!.name, vault: "Second" } : {}) })) };
  planted = await t.asAdmin((admin) => plant(admin, mspId, facts));
  technician = personActor({ mspId, personId: facts.people[0]!.id, name: facts.people[0]!.name, rights: ["technician"] });
});
afterAll(() => t.close());

describe("facts", () => {
  test("what the vaults were read to hold stands in the cells, person by person and vault by vault", async () => {
    const loaded = await loadFacts(ines, {}, clock, t.db);
    expect(loaded.rows).toHaveLength(30);
    expect(loaded.roles).toEqual(facts.roles);
    expect(loaded.people.map((one) => one.id).sort()).toEqual(facts.people.map((one) => one.id).sort());
    const column = new Map(loaded.people.map((one, at) => [one.id, at]));
    const key = (ref: string) => Buffer.from(ref.replaceAll("-", ""), "hex").subarray(8).toString("base64url");
    const row = new Map(loaded.rows.map((one, at) => [one.key, at]));
    const wrong: string[] = [];
    facts.rows.forEach((one, at) => facts.people.forEach((who, x) => {
      const mine = at * facts.people.length + x;
      const theirs = row.get(key(planted.vaultRefs[at]!))! * loaded.people.length + column.get(who.id)!;
      const of = (given: Facts, cell: number) => JSON.stringify([given.cells.access[cell], given.cells.flags[cell]! & ~flag.unclaimed, given.cells.end[cell], given.cells.leases.get(cell) ?? null, isHeld(given.cells.access[cell]!) && (given.cells.flags[cell]! & flag.gone) === 0 ? given.cells.unused[cell] : 0]);
      if (of(facts, mine) !== of(loaded, theirs)) wrong.push(`${one.name}, ${who.name}: ${of(facts, mine)} became ${of(loaded, theirs)}`);
    }));
    expect(wrong).toEqual([]);
    expect(loaded.rows.filter((one) => one.own > 0).length).toBe(facts.rows.filter((one) => one.own > 0).length);
    expect(loaded.rows.filter((one) => one.loose > 0).length).toBe(1);
  });
  test("more vaults of a client stand together and are told apart by the vault's name; two clients of one name by their place", async () => {
    const loaded = await loadFacts(ines, {}, clock, t.db);
    const two = loaded.rows.filter((one) => loaded.rows.filter((other) => other.client === one.client).length > 1);
    expect(two.map((one) => one.vault).sort()).toEqual(["Second", "vault"]);
    expect(loaded.rows.filter((one) => one.name === "Harbour Street Clinic").every((one) => one.place !== "")).toBe(true);
  });
  test("what the server packs arrives in the browser as it was", async () => {
    const loaded = await loadFacts(ines, {}, clock, t.db);
    expect(decodeFacts(encodeFacts(loaded))).toEqual(loaded);
  });
  test("only the rows that moved can be had, with all people", async () => {
    const some = await loadFacts(ines, { vaultRefs: planted.vaultRefs.slice(0, 2) }, clock, t.db);
    expect(some.rows).toHaveLength(2);
    expect(some.people).toHaveLength(12);
    const all = await loadFacts(ines, {}, clock, t.db);
    expect(some.rows.map((one) => one.key).every((one) => all.rows.some((other) => other.key === one))).toBe(true);
  });
  test("what a released change is doing is shown in its cell", async () => {
    const loaded = await loadFacts(ines, { progress: [{ vaultRef: planted.vaultRefs[5]!, personId: facts.people[3]!.id, progress: "waiting" }] }, clock, t.db);
    expect([...loaded.cells.progress].filter(Boolean)).toHaveLength(1);
  });
  test("a technician sees no matrix, an auditor sees it and stages nothing", async () => {
    expect(await codeOf(loadFacts(technician, {}, clock, t.db))).toBe("forbidden");
    expect((await loadFacts(auditor, {}, clock, t.db)).rows).toHaveLength(30);
    expect(await codeOf(saveDraft(auditor, { revision: 0, cells: pack([]) }, clock, t.db))).toBe("forbidden");
    expect(await codeOf(saveView(auditor, { name: "Mine", search: "", shared: false }, clock, t.db))).toBe("forbidden");
    expect(await codeOf(saveRule(auditor, { name: "r", tag: "", podId: null, roles: [facts.roles[0]!.id], without: [] }, clock, t.db))).toBe("forbidden");
  });
  test("another organisation sees nothing of it", async () => {
    const other = await t.msp("Elsewhere");
    const stranger = await person("Stranger", ["owner"], other);
    expect((await loadFacts(stranger, {}, clock, t.db)).rows).toEqual([]);
    const key = (await loadFacts(ines, {}, clock, t.db)).rows[0]!.key;
    expect(await saveDraft(stranger, { revision: 0, cells: pack([{ row: key, person: facts.people[0]!.id, wish: { none: true, reason: "" } }]) }, clock, t.db)).toEqual({ saved: true, revision: 1 });
    expect((await stagedChanges(stranger, stranger.id, t.db)).changes).toEqual([]);
  });
});

describe("drafts", () => {
  const grant: Wish = { held: true, full: false, roles: [], end: 0, lease: null, reason: "" };
  test("what is staged comes back with roles, ends, lease and reason, and to lib/plan with its verb and the rows it was staged against", async () => {
    const loaded = await loadFacts(ines, {}, clock, t.db);
    const stage = new Stage(loaded);
    const empty = loaded.cells.access.findIndex((access, cell) => !isHeld(access) && loaded.cells.flags[cell] === 0);
    const held = loaded.cells.access.findIndex((access, cell) => isHeld(access) && loaded.cells.flags[cell] === 0 && (access & 1) === 0);
    toggleRole(stage, Uint32Array.of(empty, held), 0);
    const end = Math.floor(facts.at / 60_000) + 600;
    const wished = [...stage.cells()].map((cell) => wishedOf(stage, cell));
    const leased = { ...wished[0]!, wish: { ...grant, roles: [facts.roles[0]!.id], end, lease: { roles: [facts.roles[2]!.id], end: end - 60 }, reason: "covers the weekend" } };
    const saved = await saveDraft(ines, { revision: 0, cells: pack([leased, wished[1]!]) }, clock, t.db);
    expect(saved).toEqual({ saved: true, revision: 1 });
    const draft = await loadDraft(ines, t.db);
    expect(draft.revision).toBe(1);
    expect(unpack(draft.cells)).toEqual(expect.arrayContaining([leased, wished[1]]));
    const { changes, revision } = await stagedChanges(ines, ines.id, t.db);
    expect(revision).toBe(1);
    const rows = await stagedRows(ines, ines.id, t.db);
    expect(rows.unnumbered).toEqual([]);
    // The grant has a lease beside it: two rows; the other cell keeps its token.
    expect(rows.changes.map((one) => one.change).sort()).toEqual(["alter", "grant", "grant"]);
    expect(rows.changes.filter((one) => one.change === "grant").map((one) => one.scopes).sort()).toEqual(["0010", "0012"]);
    const byVerb = new Map(changes.map((change) => [change.verb, change]));
    expect([...byVerb.keys()].sort()).toEqual(["alter", "grant"]);
    expect(byVerb.get("alter")!.base).toHaveLength(1);
    expect(byVerb.get("grant")!.base).toEqual([]);
    expect(changes.find((change) => change.reason !== "")!.wanted).toEqual({ full: false, roles: [facts.roles[0]!.id], endsAt: new Date(end * 60_000), lease: { roles: [facts.roles[2]!.id], endsAt: new Date((end - 60) * 60_000) } });
  });
  test("a save at an old revision changes nothing and brings the draft as it is", async () => {
    const before = await loadDraft(ines, t.db);
    const key = (await loadFacts(ines, {}, clock, t.db)).rows[7]!.key;
    const late = await saveDraft(ines, { revision: before.revision - 1, cells: pack([{ row: key, person: facts.people[5]!.id, wish: { none: true, reason: "" } }]) }, clock, t.db);
    expect(late).toEqual({ saved: false, draft: before });
    expect(await loadDraft(ines, t.db)).toEqual(before);
  });
  test("of two tabs that save at once one is first, and the other learns of it", async () => {
    const { revision } = await loadDraft(ines, t.db);
    const rows = (await loadFacts(ines, {}, clock, t.db)).rows;
    const both = await Promise.all([8, 9].map((at) => saveDraft(ines, { revision, cells: pack([{ row: rows[at]!.key, person: facts.people[5]!.id, wish: { none: true, reason: "" } }]) }, clock, t.db)));
    expect(both.filter((one) => one.saved)).toHaveLength(1);
  });
  test("colleagues' stages are seen by name, one's own draft is one's own", async () => {
    const rows = (await loadFacts(ines, {}, clock, t.db)).rows;
    await saveDraft(tobias, { revision: 0, cells: pack([{ row: rows[3]!.key, person: facts.people[1]!.id, wish: { none: true, reason: "leaves" } }]) }, clock, t.db);
    const seen = await loadDraft(ines, t.db);
    expect(seen.colleagues.map(({ name, cells }) => [name, unpack(cells).length])).toEqual([["Tobias Renner", 1]]);
    expect((await loadDraft(auditor, t.db)).colleagues).toHaveLength(2);
  });
  test("taking a cell back removes it, and what was settled leaves the draft unless it was staged anew", async () => {
    const { revision, cells } = await loadDraft(ines, t.db);
    const first = unpack(cells)[0]!;
    const count = unpack(cells).length;
    expect(await saveDraft(ines, { revision, cells: pack([{ ...first, wish: { clear: true } }]) }, clock, t.db)).toEqual({ saved: true, revision: revision + 1 });
    const { changes } = await stagedChanges(ines, ines.id, t.db);
    expect(changes).toHaveLength(count - 1);
    const change = changes[0]!;
    const settle = (stagedAt: Date) => write(ines, async (tx) => {
      const taken = await settleStaged(tx, ines.id, [{ vaultRef: change.vaultRef, personId: change.personId, stagedAt }]);
      await record(tx, { action: "draft.changed", fields: { cells: 0, vaults: 0, revision: 0 } });
      return taken;
    }, t.db);
    expect(await settle(new Date(change.stagedAt.getTime() - 1))).toBe(0);
    expect(await settle(change.stagedAt)).toBe(1);
  });
  test("what cannot be unpacked, or is too much, is refused and nothing is kept", async () => {
    const before = await loadDraft(ines, t.db);
    const key = (await loadFacts(ines, {}, clock, t.db)).rows[0]!.key;
    expect(await codeOf(saveDraft(ines, { revision: before.revision, cells: { rows: [key], people: [facts.people[0]!.id], wishes: [grant], runs: "AfA" } }, clock, t.db))).toBe("invalid");
    expect(await loadDraft(ines, t.db)).toEqual(before);
  });
  test("50,000 cells are staged in parts, as the browser sends them", async () => {
    const msp = await t.msp("Large");
    const owner = await person("Owner", ["owner"], msp);
    const large = portfolio({ clients: 1_000, technicians: 50, seed: 11 });
    // As autovacuum does of itself: plans that this session kept from nearly empty tables would look at every row for each key.
    await t.asAdmin(async (admin) => { await plant(admin, msp, large); await admin.query("analyze"); });
    const loaded = await loadFacts(owner, {}, clock, t.db);
    const wish = { ...grant, roles: [large.roles[0]!.id] };
    const cells = loaded.rows.flatMap((row) => loaded.people.map((one) => ({ row: row.key, person: one.id, wish })));
    for (let part = 0; part < 5; part += 1) expect(await saveDraft(owner, { revision: part, cells: pack(cells.slice(part * 10_000, (part + 1) * 10_000)) }, clock, t.db)).toEqual({ saved: true, revision: part + 1 });
    expect((await stagedChanges(owner, owner.id, t.db)).changes).toHaveLength(50_000);
  });
});

describe("a drift", () => {
  const open = () => t.asAdmin(async (admin) => (await admin.query<{ drift_id: string; vault_ref: string }>("select drift_id, vault_ref from drift where msp_id = $1 and settled_at is null", [mspId])).rows[0]!);
  test("is put back by staging what the client took away, in one's own draft, and stays open until the vault is read", async () => {
    const drift = await open();
    const { revision } = await loadDraft(tobias, t.db);
    expect(await putBack(tobias, { driftId: drift.drift_id }, clock, t.db)).toEqual({ client: facts.rows[2]!.name });
    expect((await stagedChanges(tobias, tobias.id, t.db)).changes.filter(({ vaultRef }) => vaultRef === drift.vault_ref)).toMatchObject([{ verb: "grant", personId: facts.people[2]!.id, wanted: { roles: [facts.roles[2]!.id] }, reason: "put back" }]);
    expect((await loadDraft(tobias, t.db)).revision).toBe(revision + 1);
    expect((await open()).drift_id).toBe(drift.drift_id);
  });
  test("is put back by nobody who may not stage, and not at all once it is settled or when it is another tenant's", async () => {
    const { drift_id: driftId, vault_ref: vaultRef } = await open();
    expect(await codeOf(putBack(auditor, { driftId }, clock, t.db))).toBe("forbidden");
    const other = await person("Other Owner", ["owner"], await t.msp("Another MSP"));
    expect(await codeOf(putBack(other, { driftId }, clock, t.db))).toBe("moved_on");
    const cell = { key: (await loadFacts(ines, { vaultRefs: [vaultRef] }, clock, t.db)).rows[0]!.key, personId: facts.people[2]!.id };
    expect((await inspectCell(ines, cell, clock, t.db)).drift?.back).toMatchObject({ wish: { held: true } });
    await acceptDrift(ines, [driftId], clock, t.db);
    expect(await codeOf(putBack(ines, { driftId }, clock, t.db))).toBe("moved_on");
  });
});

test("a vault without a free token names who could give one up and the next plan that would hold all of it, with its price", async () => {
  const full = facts.rows.findIndex((row) => row.tokensLimit !== null && row.tokensUsed >= row.tokensLimit);
  const loaded = await loadFacts(ines, {}, clock, t.db);
  const ask = (adding: number) => inspectCell(ines, { key: loaded.rows.find(({ name, place }) => name === facts.rows[full]!.name && (place === "" || place === facts.rows[full]!.place))!.key, personId: facts.people[0]!.id, adding }, clock, t.db);
  expect((await ask(0)).ways).toEqual([]);
  const { ways } = await ask(2);
  const plan = ways.find(({ kind }) => kind === "plan");
  expect(plan).toMatchObject({ currency: "USD" });
  expect(plan?.kind === "plan" && plan.price).toBeGreaterThan(0);
  const inUse = ways.flatMap((way) => (way.kind === "free" ? way.rows : [])).filter(({ unusedSince }) => unusedSince > facts.at - 60 * 86_400_000);
  expect(inUse).toEqual([]);
});

describe("views and rules", () => {
  test("a view of one's own is seen by oneself, a shared one by all, and only its owner removes it", async () => {
    const { id } = await saveView(ines, { name: "Mine", search: "q=state:limit", shared: false }, clock, t.db);
    const { id: everybodys } = await saveView(ines, { name: "At limit", search: "q=state:limit", shared: true }, clock, t.db);
    expect((await listViews(tobias, t.db)).map((view) => [view.name, view.mine])).toEqual([["At limit", false]]);
    expect((await listViews(ines, t.db)).map((view) => view.name)).toEqual(["At limit", "Mine"]);
    expect(await codeOf(removeView(tobias, { id: everybodys }, t.db))).toBe("not_found");
    await removeView(ines, { id }, t.db);
    expect((await listViews(ines, t.db)).map((view) => view.name)).toEqual(["At limit"]);
  });
  test("a rule keeps what it leaves out, can be changed and removed, and names only roles and pods that exist", async () => {
    const key = (await loadFacts(ines, {}, clock, t.db)).rows[2]!.key;
    const given = { name: "Night desk watches", tag: "pod-a", podId: facts.pods[2]!.id, roles: [facts.roles[1]!.id], without: [key, facts.people[1]!.id] };
    const { id } = await saveRule(ines, given, clock, t.db);
    expect(await listRules(auditor, t.db)).toEqual([{ id, ...given }]);
    await saveRule(ines, { ...given, id, name: "Watches" }, clock, t.db);
    expect((await listRules(ines, t.db))[0]!.name).toBe("Watches");
    expect(await codeOf(saveRule(ines, { ...given, roles: [crypto.randomUUID()] }, clock, t.db))).toBe("not_found");
    expect(await codeOf(saveRule(ines, { ...given, podId: crypto.randomUUID() }, clock, t.db))).toBe("not_found");
    await removeRule(ines, { id }, t.db);
    expect(await listRules(ines, t.db)).toEqual([]);
    expect(await codeOf(removeRule(ines, { id }, t.db))).toBe("not_found");
  });
});
