/** Technicians against a real database, over a portfolio that breaks things; every write with its refusal. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { sentence } from "../record/action.ts";
import { cellText, inWords } from "../role/letters.ts";
import { longName, makePortfolio, rtlName, type Portfolio } from "../role/testing/portfolio.ts";
import { accessAt, accessOf, unlinkedRows } from "./access.ts";
import { changeTechnician, linkRows } from "./change.ts";
import { listTechnicians } from "./list.ts";
import { createPod, orderPods, removePod, renamePod } from "./pods.ts";
import { seenOf } from "./seen.ts";
import { showTechnician } from "./show.ts";

const today = { now: () => new Date("2026-11-21T12:00:00Z") };
let t: TestDatabase;
let portfolio: Portfolio;
let ines: Actor; // owner
let sarah: Actor; // technician
let john: Actor; // technician, frozen

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t?.close());
beforeEach(async () => {
  portfolio = await makePortfolio(t);
  ines = portfolio.people.get("Ines Halloran")!;
  sarah = portfolio.people.get("Sarah Lindqvist")!;
  john = portfolio.people.get("John Meier")!;
});

const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const vault = (name: string) => portfolio.vaults.get(name)!;
const lastRecord = async () => {
  const [row] = await t.asAdmin(async (admin) => (await admin.query<{ action: string; fields: unknown }>("select action, fields from record where msp_id = $1 order by at desc, id desc limit 1", [portfolio.mspId])).rows);
  return sentence(row!.action, row!.fields);
};
const lineOf = async (name: string) => (await listTechnicians(ines, today, t.db)).technicians.find((line) => line.name === name)!;
const nothing = seenOf({ podId: null, tags: [], leave: null });
const change = (more: Partial<Parameters<typeof changeTechnician>[1]>, actor: Actor = ines) => changeTechnician(actor, { personId: sarah.id, podId: null, tags: [], leave: null, seen: nothing, ...more }, t.db);

describe("the list", () => {
  test("holds whoever may be granted a role, and whoever still reaches something without the right", async () => {
    const { technicians, unlinked } = await listTechnicians(ines, today, t.db);
    expect(technicians.map(({ name, works }) => [name, works])).toEqual([[longName, true], ["Gone Lightly", false], ["John Meier", true], ["Sarah Lindqvist", true], [rtlName, true]]);
    expect(unlinked).toBe(2);
  });
  test("counts clients, not rows, leaves ended vaults out, and names the roles in their order", async () => {
    const line = await lineOf("Sarah Lindqvist");
    expect(line).toMatchObject({ clients: 2, rows: 2, fullAt: 0, otherNumbers: 1, inbox: { state: "none" } });
    expect(line.roles.map(({ letter, clients }) => [letter, clients])).toEqual([["N", 2], ["M", 1]]);
    expect(await lineOf(rtlName)).toMatchObject({ clients: 1, nextEnd: Date.parse("2026-12-01T00:00:00Z") });
    expect(await lineOf(longName)).toMatchObject({ fullAt: 1, lastUsedAt: null });
    expect((await lineOf("John Meier")).frozenAt).not.toBeNull();
  });
  test("says of each inbox key whether tokens may be sealed to it", async () => {
    const make = async (actor: Actor, more: { notAfter?: string; differs?: boolean } = {}) => {
      const statement = { kem: "x-wing", msp: "http://localhost:3999", name: actor.name, not_after: 1_900_000_000, public_key: Buffer.alloc(1_216, 7).toString("base64url"), technician: actor.id, v: 1 };
      await t.asAdmin((admin) => admin.query(
        `insert into inbox_key (msp_id, inbox_key_id, person_id, statement, statement_hash, assertion, credential_id, passkey_label, passkey_public_key, passkey_backup_eligible, made_at, not_after, differs_at)
         values ($1, gen_random_uuid(), $2, $3, sha256($4), '{}', '\\x01010101010101010101010101010101', 'Belt', '\\x02', false, now(), $5, $6)`,
        [portfolio.mspId, actor.id, JSON.stringify(statement), Buffer.from(actor.id), more.notAfter ?? "2027-06-01", more.differs ? new Date() : null]));
    };
    await make(sarah);
    await make(john, { notAfter: "2026-11-01" });
    await make(portfolio.people.get(rtlName)!, { differs: true });
    // Nobody can ask for a word on a key whose passkey is gone.
    expect((await lineOf("Sarah Lindqvist")).inbox.state).toBe("adrift");
    await t.asAdmin((admin) => admin.query("insert into passkey (msp_id, credential_id, person_id, public_key, transports, backup_eligible, backed_up, aaguid, label) values ($1, '\\x01010101010101010101010101010101', $2, '\\x02', '{usb}', false, false, gen_random_uuid(), 'Belt')", [portfolio.mspId, sarah.id]));
    expect(await lineOf("Sarah Lindqvist")).toMatchObject({ keys: 1, inbox: { state: "waits" } });
    expect((await lineOf("John Meier")).inbox.state).toBe("over");
    expect((await lineOf(rtlName)).inbox.state).toBe("differs");
    // A word counts as long as the key that gave it.
    await t.asAdmin(async (admin) => {
      await admin.query("insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up) values ($1, '\\x03', $2, '\\x04', 'Desk', 'sign.localhost', 'http://sign.localhost', 'http://localhost', '{}', '{usb}', false, false)", [portfolio.mspId, ines.id]);
      await admin.query("insert into endorsement (msp_id, endorsement_id, credential_id, person_id, endorsement, assertion) values ($1, $2, '\\x03', $2, '{}', '{}')", [portfolio.mspId, ines.id]);
      await admin.query("insert into endorsed_key (msp_id, endorsement_id, inbox_key_id) select msp_id, $2, inbox_key_id from inbox_key where msp_id = $1 and person_id = $3", [portfolio.mspId, ines.id, sarah.id]);
    });
    expect((await lineOf("Sarah Lindqvist")).inbox).toMatchObject({ state: "endorsed", endorsedBy: "Ines Halloran", fingerprint: expect.stringMatching(/^[0-9A-Z]{4}/) });
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = $2 where msp_id = $1", [portfolio.mspId, ines.id]));
    expect((await lineOf("Sarah Lindqvist")).inbox.state).toBe("waits");
    await t.asAdmin((admin) => admin.query("delete from passkey where msp_id = $1", [portfolio.mspId]));
  });
  test("is for owners and auditors", async () => {
    expect(await listTechnicians(portfolio.people.get("Tess Quigley")!, today, t.db)).toEqual(await listTechnicians(ines, today, t.db));
    for (const name of ["Sarah Lindqvist", "Oskar Lund"]) expect(await codeOf(listTechnicians(portfolio.people.get(name)!, today, t.db))).toBe("forbidden");
  });
});

describe("what somebody reaches", () => {
  test("is read in letters of each vault, with since, until and last use, by client", async () => {
    const access = await accessOf(ines, sarah.id, t.db);
    expect(access.map(({ clientName, place, letters, kind }) => [clientName, place, cellText(letters), kind])).toEqual([["=HYPERLINK(\"http://evil.example\")", null, "N?", "ours"], ["Harbour Street Clinic", "Leith", "NM", "ours"]]);
    expect(inWords(access[0]!.letters)).toBe("Networking and the number 0042");
    expect(access[1]).toMatchObject({ since: Date.parse("2026-01-20T09:00:00Z"), until: null, health: "ok", handOver: "sealed" });
  });
  test("of a vault says who is ours, who is the client's own, and which row is the plane", async () => {
    const rows = await accessAt(ines, vault("Leith"), t.db);
    expect(rows.map(({ name, kind, personName }) => [name, kind, personName])).toEqual([[longName, "ours", longName], ["Deploy CI", "own", null], ["John Meier", "ours", "John Meier"], ["Quillmoor IT", "manager", null], ["Sarah Lindqvist", "ours", "Sarah Lindqvist"], [rtlName, "ours", rtlName]]);
  });
  test("a technician sees their own and nobody else's, and no list of a vault", async () => {
    expect(await accessOf(sarah, sarah.id, t.db)).toHaveLength(2);
    expect(await codeOf(accessOf(sarah, john.id, t.db))).toBe("forbidden");
    expect(await codeOf(accessAt(sarah, vault("Leith"), t.db))).toBe("forbidden");
    expect(await codeOf(unlinkedRows(sarah, t.db))).toBe("forbidden");
  });
  test("another organisation's owner sees none of it", async () => {
    const stranger = (await makePortfolio(t, { organisation: "Harbour Systems", given: [] })).people.get("Ines Halloran")!;
    expect(await accessOf(stranger, sarah.id, t.db)).toEqual([]);
    expect(await accessAt(stranger, vault("Leith"), t.db)).toEqual([]);
    expect(await codeOf(showTechnician(stranger, sarah.id, today, t.db))).toBe("not_found");
  });
});

describe("the page", () => {
  test("of oneself needs no right, of somebody else it does, and of nobody there is none", async () => {
    expect(await showTechnician(sarah, sarah.id, today, t.db)).toMatchObject({ self: true, name: "Sarah Lindqvist", signingKeys: 0, passkeys: { count: 0, lastUsedAt: null } });
    expect(await showTechnician(ines, sarah.id, today, t.db)).toMatchObject({ self: false });
    expect(await codeOf(showTechnician(sarah, john.id, today, t.db))).toBe("forbidden");
    // Neither works as one nor reaches anything.
    expect(await codeOf(showTechnician(ines, ines.id, today, t.db))).toBe("not_found");
    expect(await codeOf(showTechnician(ines, crypto.randomUUID(), today, t.db))).toBe("not_found");
    expect(await showTechnician(ines, portfolio.people.get("Gone Lightly")!.id, today, t.db)).toMatchObject({ rights: ["finance"] });
  });
});

describe("notes", () => {
  test("pod, tags and leave are kept, shown and recorded", async () => {
    const { id: podId } = await createPod(ines, { name: "Pod A" }, t.db);
    const leave = { from: "2026-11-20", until: "2026-12-01" };
    await change({ podId, tags: ["health"], leave });
    expect(await lineOf("Sarah Lindqvist")).toMatchObject({ podName: "Pod A", tags: ["health"], leave, leaveState: "now" });
    expect(await showTechnician(ines, sarah.id, today, t.db)).toMatchObject({ podName: "Pod A", leave, leaveState: "now" });
    expect(await lastRecord()).toBe("noted of Sarah Lindqvist: pod Pod A, tags health, on leave 2026-11-20 to 2026-12-01");
    await change({ seen: seenOf({ podId, tags: ["health"], leave }) });
    expect(await lineOf("Sarah Lindqvist")).toMatchObject({ podName: null, tags: [], leave: null, leaveState: null });
  });
  test("what somebody else noted meanwhile is not overwritten, also not by a hair", async () => {
    const codes = await Promise.all(["one", "two"].map((tag) => codeOf(change({ tags: [tag] }))));
    expect(new Set(codes)).toEqual(new Set(["no refusal", "moved_on"]));
    expect(await codeOf(change({ seen: "nonsense" }))).toBe("moved_on");
  });
  test("a pod or a person that is not there is refused, and so is whoever may not", async () => {
    expect(await codeOf(change({ podId: crypto.randomUUID() }))).toBe("not_found");
    expect(await codeOf(change({ personId: crypto.randomUUID() }))).toBe("not_found");
    expect(await codeOf(change({ tags: ["x"] }, sarah))).toBe("forbidden");
    const tess: Actor = portfolio.people.get("Tess Quigley")!;
    expect(await codeOf(change({ tags: ["x"] }, tess))).toBe("forbidden");
  });
});

describe("pods", () => {
  test("are made, renamed, ordered and removed, each with its record", async () => {
    const [a, b] = [await createPod(ines, { name: "Pod A" }, t.db), await createPod(ines, { name: "Night desk" }, t.db)];
    await renamePod(ines, { podId: a.id, name: "Day desk" }, t.db);
    await orderPods(ines, { podIds: [b.id, a.id] }, t.db);
    expect((await listTechnicians(ines, today, t.db)).pods.map(({ name }) => name)).toEqual(["Night desk", "Day desk"]);
    await change({ podId: a.id });
    expect(await removePod(ines, { podId: a.id }, t.db)).toEqual({ name: "Day desk", people: 1 });
    expect(await lastRecord()).toBe("removed the pod Day desk, in which 1 person was");
    expect((await lineOf("Sarah Lindqvist")).podId).toBeNull();
  });
  test("refuse a name that is taken, an order of other pods, and what is not there", async () => {
    const [a, b] = [await createPod(ines, { name: "Pod A" }, t.db), await createPod(ines, { name: "Pod B" }, t.db)];
    expect(await codeOf(createPod(ines, { name: "POD A" }, t.db))).toBe("pod_name_taken");
    expect(await codeOf(renamePod(ines, { podId: b.id, name: "pod a" }, t.db))).toBe("pod_name_taken");
    expect(await codeOf(renamePod(ines, { podId: b.id, name: "Pod B" }, t.db))).toBe("moved_on");
    for (const podIds of [[a.id], [a.id, b.id], [a.id, a.id], [b.id, a.id, crypto.randomUUID()]]) expect(await codeOf(orderPods(ines, { podIds }, t.db)), podIds.join()).toBe("moved_on");
    expect(await codeOf(removePod(ines, { podId: crypto.randomUUID() }, t.db))).toBe("not_found");
    for (const attempt of [createPod(sarah, { name: "X" }, t.db), renamePod(sarah, { podId: a.id, name: "X" }, t.db), orderPods(sarah, { podIds: [] }, t.db), removePod(sarah, { podId: a.id }, t.db)]) expect(await codeOf(attempt)).toBe("forbidden");
  });
  test("end at their limit", async () => {
    await t.asAdmin((admin) => admin.query("insert into pod (msp_id, pod_id, name, position) select $1, gen_random_uuid(), 'Pod ' || n, n from generate_series(1, $2::int) n", [portfolio.mspId, limits.podsPerOrganisation]));
    expect(await codeOf(createPod(ines, { name: "One more" }, t.db))).toBe("pods_full");
  });
});

describe("rows that belong to nobody we know", () => {
  test("are ours only: neither the client's own nor the plane's", async () => expect((await unlinkedRows(ines, t.db)).map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["J. Meier", "jmeier"]));
  test("are linked to a person, many at once, and taken back", async () => {
    const rows = (await unlinkedRows(ines, t.db)).map(({ vaultRef, uid }) => ({ vaultRef, uid }));
    expect(await linkRows(ines, { rows, personId: john.id, before: null }, t.db)).toEqual({ count: 2, moved: 0 });
    expect(await lastRecord()).toMatch(/^noted that 2 rows “.+”, “.+” are John Meier’s$/);
    expect((await lineOf("John Meier")).clients).toBe(3);
    expect(await unlinkedRows(ines, t.db)).toEqual([]);
    expect(await linkRows(ines, { rows: rows.slice(0, 1), personId: null, before: john.id }, t.db)).toEqual({ count: 1, moved: 0 });
    expect(await lastRecord()).toMatch(/^noted that the row “.+” is not John Meier’s$/);
  });
  test("what was linked meanwhile is left alone, and nothing links the plane's own row or another organisation's", async () => {
    const [row] = await unlinkedRows(ines, t.db);
    const rows = [{ vaultRef: row!.vaultRef, uid: row!.uid }];
    const codes = await Promise.all([sarah.id, john.id].map((personId) => codeOf(linkRows(ines, { rows, personId, before: null }, t.db))));
    expect(new Set(codes)).toEqual(new Set(["no refusal", "moved_on"]));
    expect(await codeOf(linkRows(ines, { rows: [{ vaultRef: vault("Leith"), uid: "manager" }], personId: john.id, before: null }, t.db))).toBe("moved_on");
    const stranger = (await makePortfolio(t, { organisation: "Harbour Systems", given: [] })).people.get("Ines Halloran")!;
    expect(await codeOf(linkRows(stranger, { rows, personId: stranger.id, before: null }, t.db))).toBe("moved_on");
    expect(await codeOf(linkRows(stranger, { rows, personId: john.id, before: null }, t.db))).toBe("not_found");
    expect(await codeOf(linkRows(sarah, { rows, personId: sarah.id, before: null }, t.db))).toBe("forbidden");
  });
});
