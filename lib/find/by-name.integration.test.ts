/** Names found as one types, against a real database with names that break things; of each kind only to whom it is open. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { longName, makePortfolio, rtlName, type Portfolio } from "../role/testing/portfolio.ts";
import { findByName, typedName } from "./by-name.ts";

let t: TestDatabase;
let portfolio: Portfolio;
let ines: Actor; // owner

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  portfolio = await makePortfolio(t);
  ines = portfolio.people.get("Ines Halloran")!;
  await t.asAdmin(async (admin) => {
    const { mspId } = portfolio;
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan, region, ended_at) values ($1, gen_random_uuid(), 'Château Vermeil Hôtels', '{Grand Hôtel,La Rotonde}', '{}', 'team-25', 'Annecy', null), ($1, gen_random_uuid(), 'Harbour Café', '{}', '{}', 'team-10', 'Whitby', now()), ($1, gen_random_uuid(), 'Matrix', '{}', '{}', 'team-10', '', null), ($1, gen_random_uuid(), '100% Cotton_Mill', '{}', '{}', 'team-10', '', null)", [mspId]);
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) select $1, gen_random_uuid(), 'Branch ' || n, '{}', '{}', 'team-10' from generate_series(1, 40) as n", [mspId]);
  });
});
afterAll(() => t?.close());

const find = (typed: string, actor: Actor = ines) => findByName(actor, typed, t.db);
const clients = async (typed: string) => (await find(typed)).clients!.list.map(({ name }) => name);
const technicians = async (typed: string) => (await find(typed)).technicians!.list.map(({ name }) => name);

describe("what is typed finds", () => {
  test("a client by a part of its name, whatever its accents and case", async () => {
    expect(await clients("CHATEAU hotels")).toEqual(["Château Vermeil Hôtels"]);
    expect(await clients("łąka")).toEqual(["Łąka Ogrody Sp. z o.o."]);
  });
  test("a client by another name, which is then what stands beside it", async () => {
    expect((await find("rotonde")).clients!.list).toMatchObject([{ name: "Château Vermeil Hôtels", place: "La Rotonde" }]);
    expect((await find("cork")).clients!.list).toMatchObject([{ name: "Harbour Street Clinic", place: "Cork" }]);
  });
  test("two of one name, told apart", async () => expect(new Set((await find("harbour street")).clients!.list.map(({ place }) => place))).toEqual(new Set(["Cork", "Leith"])));
  test("what has ended last, and says so", async () => expect((await find("harbour")).clients!.list.map(({ name, ended }) => [name, ended])).toEqual([["Harbour Street Clinic", false], ["Harbour Street Clinic", false], ["Harbour Café", true]]));
  test("names that run right to left, that are long, that are formulas, and that hold signs of patterns", async () => {
    expect(await clients("مكتبة")).toEqual(["مكتبة النخيل"]);
    expect(await technicians("نور")).toEqual([rtlName]);
    expect(await technicians("wychwood barthol")).toEqual([longName]);
    expect(await clients("=hyper")).toEqual(['=HYPERLINK("http://evil.example")']);
    expect(await clients("100%")).toEqual(["100% Cotton_Mill"]);
    expect(await clients("n_m")).toEqual(["100% Cotton_Mill"]);
    expect(await clients("'; drop")).toEqual([]);
  });
  test("technicians, and whoever still has rows without being one, with where that is", async () => {
    expect((await find("sarah")).technicians!.list).toMatchObject([{ name: "Sarah Lindqvist", works: true, frozen: false, clients: 2 }]);
    expect((await find("gone")).technicians!.list).toMatchObject([{ name: "Gone Lightly", works: false, clients: 1 }]);
    expect((await find("meier")).technicians!.list).toMatchObject([{ frozen: true }]);
    expect(await technicians("halloran")).toEqual([]);
  });
  test("every typed word, in any order, and what begins with the first of them before what holds it", async () => {
    expect(await clients("clinic harbour")).toHaveLength(2);
    expect(await clients("clinic château")).toEqual([]);
    expect((await clients("ma"))[0]).toBe("Maplewick Insurance Brokers and Underwriting Partners LLP 1884");
    expect(await clients("matrix")).toEqual(["Matrix"]);
  });
  test("a few of many, and that there are more", async () => {
    const { clients: found } = await find("branch");
    expect(found).toMatchObject({ more: true });
    expect(found!.list).toHaveLength(limits.namesFound);
    expect((await find("branch 40")).clients).toMatchObject({ more: false, list: [{ name: "Branch 40" }] });
    expect(await clients("branch 4")).toEqual(["Branch 4", "Branch 14", "Branch 24", "Branch 34", "Branch 40"]);
  });
});

describe("each kind is found only by whom it is open to", () => {
  const of = (...rights: string[]) => personActor({ mspId: portfolio.mspId, personId: crypto.randomUUID(), name: "Somebody", rights });
  test.each([["technician"], ["finance"], ["technician", "finance"]])("%s finds no name at all", async (...rights) => expect(await find("harbour", of(...rights))).toMatchObject({ clients: null, technicians: null }));
  test("an auditor finds both, and no way to remove anybody", async () => expect(await find("a", of("auditor"))).toMatchObject({ clients: { more: true }, technicians: { list: expect.any(Array) as unknown }, may: { matrix: true, audit: true, remove: false } }));
  test("an owner is led to the matrix, the audit and a removal", async () => expect((await find("sarah")).may).toEqual({ matrix: true, audit: true, remove: true }));
  test("who has no right at all is refused", async () => await expect(find("a", of())).rejects.toMatchObject({ failure: { code: "forbidden" } }));
  test("another organisation's names are found by nobody here", async () => expect(await findByName(personActor({ mspId: await t.msp("Fernhill"), personId: crypto.randomUUID(), name: "Somebody", rights: ["owner"] }), "harbour", t.db)).toMatchObject({ clients: { list: [] }, technicians: { list: [] } }));
});

test("what no name holds is no question, and a text without an end is none either", () => {
  expect(typedName.parse("  har\u0000bour\n")).toBe("har bour");
  for (const text of ["", "   ", "\u0000", "x".repeat(101)]) expect(typedName.safeParse(text).success, JSON.stringify(text)).toBe(false);
});
