/** Roles and their numbers against a real database, over a portfolio that breaks things; every write with its refusal. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { read } from "../db/tenant.ts";
import { sentence } from "../record/action.ts";
import { cellText, roleLetters } from "./letters.ts";
import { acceptSuggestions, agreeName, dictionaryOf, setNumber } from "./numbers.ts";
import { addUsualRoles, changeRole, createRole, orderRoles, retireRole } from "./roles.ts";
import { listRoles, showRole } from "./show.ts";
import { makePortfolio, type Portfolio } from "./testing/portfolio.ts";

let t: TestDatabase;
let portfolio: Portfolio;
let ines: Actor; // owner
let tess: Actor; // auditor
let sarah: Actor; // technician
const later = { now: () => new Date() };

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t?.close());
beforeEach(async () => {
  portfolio = await makePortfolio(t);
  ines = portfolio.people.get("Ines Halloran")!;
  tess = portfolio.people.get("Tess Quigley")!;
  sarah = portfolio.people.get("Sarah Lindqvist")!;
});

const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const role = (name: string) => portfolio.roles.get(name)!;
const vault = (name: string) => portfolio.vaults.get(name)!;
const lastRecord = async () => {
  const [row] = await t.asAdmin(async (admin) => (await admin.query<{ action: string; fields: unknown }>("select action, fields from record where msp_id = $1 order by at desc, id desc limit 1", [portfolio.mspId])).rows);
  return sentence(row!.action, row!.fields);
};
const numberAt = async (name: string, at: string) => (await showRole(ines, { roleId: role(name) }, t.db)).numbers.find(({ vaultRef }) => vaultRef === vault(at))!;

describe("roles", () => {
  test("a new one stands last, and its name and letter are its alone", async () => {
    await createRole(ines, { name: "Telephony", letter: "T" }, t.db);
    expect((await listRoles(ines, t.db)).roles.map(({ letter }) => letter)).toEqual(["N", "M", "B", "T"]);
    expect(await lastRecord()).toBe("made the role T, Telephony");
    expect(await codeOf(createRole(ines, { name: " ｔelephony", letter: "Z" }, t.db))).toBe("role_name_taken");
    expect(await codeOf(createRole(ines, { name: "Testing", letter: "T" }, t.db))).toBe("role_letter_taken");
  });
  test("two people who make the same role at once make it once", async () => {
    const codes = await Promise.all([0, 1].map(() => codeOf(createRole(ines, { name: "Cloud", letter: "C" }, t.db))));
    expect(new Set(codes)).toEqual(new Set(["no refusal", "role_name_taken"]));
  });
  test("the usual roles come where name and letter are free, and once", async () => {
    expect(await addUsualRoles(ines, t.db)).toEqual({ count: 5 });
    expect((await listRoles(ines, t.db)).roles.map(({ letter }) => letter).join("")).toBe("NMBSWICT");
    expect(await codeOf(addUsualRoles(ines, t.db))).toBe("moved_on");
  });
  test("renaming one makes no alarm of what clients call it, and a later change of theirs still does", async () => {
    const before = (await listRoles(ines, t.db)).alarms.filter(({ kind }) => kind === "renamed").length;
    await changeRole(ines, { roleId: role("Networking"), name: "Network", letter: "N" }, t.db);
    expect((await listRoles(ines, t.db)).alarms.filter(({ kind }) => kind === "renamed")).toHaveLength(before);
    expect(await lastRecord()).toBe("changed the role N, Networking, to N, Network");
    await t.asAdmin((admin) => admin.query("update known_scope set name = 'Switches' where msp_id = $1 and vault_ref = $2 and scope = '0010'", [portfolio.mspId, vault("Leith")]));
    expect((await listRoles(ines, t.db)).alarms.filter(({ kind }) => kind === "renamed")).toHaveLength(before + 1);
  });
  test("a change refuses what is taken, what is not there and what is no change", async () => {
    expect(await codeOf(changeRole(ines, { roleId: role("Networking"), name: "backup", letter: "N" }, t.db))).toBe("role_name_taken");
    expect(await codeOf(changeRole(ines, { roleId: role("Networking"), name: "Networking", letter: "M" }, t.db))).toBe("role_letter_taken");
    expect(await codeOf(changeRole(ines, { roleId: role("Networking"), name: "Networking", letter: "N" }, t.db))).toBe("moved_on");
    expect(await codeOf(changeRole(ines, { roleId: crypto.randomUUID(), name: "X", letter: "X" }, t.db))).toBe("not_found");
  });
  test("the order is of exactly the roles there are", async () => {
    const ids = ["Backup", "Networking", "Monitoring"].map(role);
    await orderRoles(ines, { roleIds: ids }, t.db);
    expect((await listRoles(ines, t.db)).roles.map(({ letter }) => letter)).toEqual(["B", "N", "M"]);
    for (const roleIds of [ids, ids.slice(1), [...ids, crypto.randomUUID()], [ids[0]!, ids[0]!, ids[1]!]]) expect(await codeOf(orderRoles(ines, { roleIds }, t.db)), roleIds.join()).toBe("moved_on");
  });
  test("one that somebody holds is not retired; one that nobody holds is, with its numbers, and its letter is free again", async () => {
    expect(await codeOf(retireRole(ines, { roleId: role("Networking") }, later, t.db))).toBe("role_held");
    await t.asAdmin((admin) => admin.query("update known_agent set scopes = '0010,0011' where msp_id = $1 and scopes = '0010,0011,0012'", [portfolio.mspId]));
    expect(await retireRole(ines, { roleId: role("Backup") }, later, t.db)).toEqual({ name: "Backup", numbers: 2 });
    expect(await codeOf(retireRole(ines, { roleId: role("Backup") }, later, t.db))).toBe("not_found");
    expect((await listRoles(ines, t.db)).roles.map(({ letter }) => letter)).toEqual(["N", "M"]);
    expect(await codeOf(createRole(ines, { name: "Backup", letter: "B" }, t.db))).toBe("no refusal");
  });
  test("who may only look, changes nothing, and no other organisation's role is there", async () => {
    const stranger = (await makePortfolio(t, { organisation: "Harbour Systems" })).people.get("Ines Halloran")!;
    for (const actor of [tess, sarah]) {
      expect(await codeOf(createRole(actor, { name: "X", letter: "X" }, t.db))).toBe("forbidden");
      expect(await codeOf(addUsualRoles(actor, t.db))).toBe("forbidden");
      expect(await codeOf(changeRole(actor, { roleId: role("Backup"), name: "X", letter: "X" }, t.db))).toBe("forbidden");
      expect(await codeOf(orderRoles(actor, { roleIds: [] }, t.db))).toBe("forbidden");
      expect(await codeOf(retireRole(actor, { roleId: role("Backup") }, later, t.db))).toBe("forbidden");
      expect(await codeOf(setNumber(actor, { roleId: role("Backup"), vaultRef: vault("Leith"), scope: "", before: "0012" }, later, t.db))).toBe("forbidden");
      expect(await codeOf(acceptSuggestions(actor, { roleId: role("Backup"), pairs: [] }, t.db))).toBe("forbidden");
      expect(await codeOf(agreeName(actor, { roleId: role("Backup"), vaultRef: vault("Leith"), name: "x" }, t.db))).toBe("forbidden");
    }
    expect(await codeOf(listRoles(portfolio.people.get("Oskar Lund")!, t.db))).toBe("forbidden");
    expect(await codeOf(showRole(stranger, { roleId: role("Backup") }, t.db))).toBe("not_found");
    expect(await codeOf(changeRole(stranger, { roleId: role("Backup"), name: "Mine", letter: "Y" }, t.db))).toBe("not_found");
    expect(await codeOf(setNumber(stranger, { roleId: role("Backup"), vaultRef: vault("Leith"), scope: "", before: "0012" }, later, t.db))).toBe("not_found");
  });
});

describe("numbers", () => {
  test("one is noted as typed, with what the client calls it, and the record says where", async () => {
    expect(await setNumber(ines, { roleId: role("Monitoring"), vaultRef: vault("Cork"), scope: "0124", before: "" }, later, t.db)).toEqual({ scope: "0124", held: 0 });
    expect(await numberAt("Monitoring", "Cork")).toMatchObject({ scope: "0124", entries: 0, calls: null });
    expect(await lastRecord()).toBe("noted 0124 as the number of Monitoring at Harbour Street Clinic");
  });
  test("a new number says how many rows keep the old one, and moves none of them", async () => {
    expect(await setNumber(ines, { roleId: role("Monitoring"), vaultRef: vault("Leith"), scope: "0020", before: "0011" }, later, t.db)).toEqual({ scope: "0020", held: 3 });
    expect(await lastRecord()).toBe("noted 0020 instead of 0011 as the number of Monitoring at Harbour Street Clinic, where 3 rows of ours carry 0011");
    const rows = await t.asAdmin(async (admin) => (await admin.query("select 1 from known_agent where msp_id = $1 and vault_ref = $2 and position('0011' in scopes) > 0", [portfolio.mspId, vault("Leith")])).rowCount);
    expect(rows).toBe(3);
    expect((await listRoles(ines, t.db)).alarms.some(({ kind, scope, place }) => kind === "nameless" && scope === "0011" && place.vaultRef === vault("Leith"))).toBe(true);
  });
  test("a row's id is refused with the row's name, the manager's too; so is another role's number", async () => {
    const attempt = (scope: string) => setNumber(ines, { roleId: role("Monitoring"), vaultRef: vault("Cork"), scope, before: "" }, later, t.db);
    await expect(attempt("0007")).rejects.toMatchObject({ failure: { code: "scope_is_row", detail: expect.stringContaining("Printer bot") } });
    await expect(setNumber(ines, { roleId: role("Monitoring"), vaultRef: vault("Maplewick Insurance Brokers and Underwriting Partners LLP 1884"), scope: "0003", before: "" }, later, t.db)).rejects.toMatchObject({ failure: { code: "scope_is_row" } });
    await expect(attempt("0123")).rejects.toMatchObject({ failure: { code: "scope_taken", detail: expect.stringContaining("Networking") } });
  });
  test("what somebody else changed meanwhile is not overwritten", async () => {
    const set = (scope: string, before: string) => setNumber(ines, { roleId: role("Backup"), vaultRef: vault("Leith"), scope, before }, later, t.db);
    expect(await codeOf(set("0030", ""))).toBe("moved_on");
    expect(await codeOf(set("0012", "0012"))).toBe("moved_on");
    expect(new Set(await Promise.all([codeOf(set("0030", "0012")), codeOf(set("0031", "0012"))]))).toEqual(new Set(["moved_on", "no refusal"]));
  });
  test("one is taken away, and then the vault has none", async () => {
    await setNumber(ines, { roleId: role("Backup"), vaultRef: vault("Leith"), scope: "", before: "0012" }, later, t.db);
    expect(await numberAt("Backup", "Leith")).toMatchObject({ scope: null });
    expect(await lastRecord()).toBe("took the number 0012 from Backup at Harbour Street Clinic, where 1 row of ours carries 0012");
  });
  test("an ended vault has no numbers to note", async () => expect(await codeOf(setNumber(ines, { roleId: role("Backup"), vaultRef: vault("Ended Long Ago"), scope: "0012", before: "" }, later, t.db))).toBe("not_found"));
  test("the dictionary turns rows into letters, each vault by its own numbers", async () => {
    const dictionary = await read(ines, (tx) => dictionaryOf(tx), t.db);
    expect(cellText(roleLetters("0010,0011", false, dictionary.get(vault("Leith"))!))).toBe("NM");
    expect(cellText(roleLetters("0123", false, dictionary.get(vault("Cork"))!))).toBe("N");
    expect(dictionary.has(vault("Łąka Ogrody Sp. z o.o."))).toBe(false);
  });
});

describe("suggestions", () => {
  const laka = "Łąka Ogrody Sp. z o.o.";
  test("the client's own name comes first, the usual number where entries carry it", async () => {
    expect((await numberAt("Monitoring", laka)).suggestion).toEqual({ scope: "0040", why: "name", entries: 3 });
    expect((await numberAt("Networking", laka)).suggestion).toEqual({ scope: "0010", why: "usual", entries: 5 });
    expect((await numberAt("Backup", laka)).suggestion).toBeNull();
  });
  test("accepted, they are noted as such; what was shown and is no more is left out", async () => {
    const pairs = [{ vaultRef: vault(laka), scope: "0010" }, { vaultRef: vault("Leith"), scope: "0010" }];
    expect(await acceptSuggestions(ines, { roleId: role("Networking"), pairs }, t.db)).toEqual({ count: 1, moved: 1 });
    expect(await lastRecord()).toBe("accepted the suggested number of Networking");
    expect(await numberAt("Networking", laka)).toMatchObject({ scope: "0010", suggestion: null });
    expect(await codeOf(acceptSuggestions(ines, { roleId: role("Networking"), pairs }, t.db))).toBe("moved_on");
  });
  test("a number that nobody suggests cannot be slipped in", async () => expect(await codeOf(acceptSuggestions(ines, { roleId: role("Monitoring"), pairs: [{ vaultRef: vault(laka), scope: "0010" }] }, t.db))).toBe("moved_on"));
});

describe("alarms", () => {
  test("the portfolio has exactly these, the worst first, and none of ended or unread vaults", async () => {
    const { alarms, vaults } = await listRoles(ines, t.db);
    expect(alarms.map(({ kind, scope, place }) => [kind, scope, place.place ?? place.clientName])).toEqual([
      ["collides", "0007", "Cork"],
      ["renamed", "0010", "=HYPERLINK(\"http://evil.example\")"],
      ["outside", "0011", "مكتبة النخيل"],
      ["nameless", "0040", "Łąka Ogrody Sp. z o.o."],
      ["nameless", "0042", "=HYPERLINK(\"http://evil.example\")"],
      ["unused", "0011", "=HYPERLINK(\"http://evil.example\")"],
    ]);
    expect(vaults).toEqual({ all: 6, unread: 1 });
  });
  test("agreeing to the client's name ends its alarm, until it is called something else again", async () => {
    const evil = vault("=HYPERLINK(\"http://evil.example\")");
    const renamed = async () => (await listRoles(ines, t.db)).alarms.filter(({ kind }) => kind === "renamed").length;
    expect(await codeOf(agreeName(ines, { roleId: role("Networking"), vaultRef: evil, name: "Networking" }, t.db))).toBe("moved_on");
    expect(await codeOf(agreeName(ines, { roleId: role("Backup"), vaultRef: evil, name: "Firewalls" }, t.db))).toBe("moved_on");
    await agreeName(ines, { roleId: role("Networking"), vaultRef: evil, name: "Firewalls" }, t.db);
    expect(await renamed()).toBe(0);
    await t.asAdmin((admin) => admin.query("update known_scope set name = 'Everything' where msp_id = $1 and vault_ref = $2 and scope = '0010'", [portfolio.mspId, evil]));
    expect(await renamed()).toBe(1);
  });
});

describe("who sees what", () => {
  test("an auditor sees what an owner sees", async () => expect(await listRoles(tess, t.db)).toEqual(await listRoles(ines, t.db)));
  test("a technician sees names and letters, and only the vaults where they hold the role", async () => {
    const { roles, alarms, vaults } = await listRoles(sarah, t.db);
    expect(roles.map(({ letter, counts }) => [letter, counts])).toEqual([["N", null], ["M", null], ["B", null]]);
    expect({ alarms, vaults }).toEqual({ alarms: [], vaults: null });
    const page = await showRole(sarah, { roleId: role("Monitoring") }, t.db);
    expect(page.own).toBe(true);
    expect(page.numbers.map(({ place, scope, held, suggestion, alarms: found }) => ({ place, scope, held, suggestion, found }))).toEqual([{ place: "Leith", scope: "0011", held: 0, suggestion: null, found: [] }]);
  });
});
