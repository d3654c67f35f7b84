import { describe, expect, test } from "vitest";
import { judgeAddress, makeRules } from "../vault/address.ts";
import { judgeSheet, planOfCell, readSheet, type Known } from "./sheet.ts";

const rules = makeRules({ local: true, ranges: [] });
const known: Known = { clients: [{ name: "Harbour Street Clinic", aliases: ["Leeds"] }, { name: "Acme", aliases: [] }], addresses: new Map([["https://vault.example.com/acme00", "Acme"]]) };
const HEAD = "name;other names;tags;region;contact;phone;mail;plan;address";
const read = (...lines: string[]) => {
  const sheet = readSheet([HEAD, ...lines].join("\n"), 1_000);
  if (!sheet.ok) throw new Error(sheet.words);
  return sheet.rows;
};
const verdictOf = (...lines: string[]) => judgeSheet(read(...lines), known, (text) => judgeAddress(text, rules)).map(({ kind }) => kind);
const line = (name: string, address: string, more: { aliases?: string; plan?: string; mail?: string } = {}) => `${name};${more.aliases ?? ""};pod-a, food;North;Imogen Sarkis;+44 20 7946 0000;${more.mail ?? "it@wychwood.example"};${more.plan ?? "Team 10"};${address}`;

describe("a sheet", () => {
  test("is read by the names of its columns, in any order, and says which it does not know", () => {
    expect(readSheet("Address,Colour,Company,plan\nhttps://vault.example.com/a1,red,Wychwood,T10", 10)).toMatchObject({ ok: true, ignored: ["Colour"], rows: [{ position: 2, cells: { name: "Wychwood", address: "https://vault.example.com/a1", plan: "T10", region: "" } }] });
  });
  test("without the columns it needs, with one twice, without a row, or with too many is refused whole, in words", () => {
    for (const [text, words] of [["a,b\n1,2", "name and address"], ["name,company,address\nx,y,z", "mean the same"], ["name,address\n\n , ", "no client below"], ["name,address\na,b\nc,d\ne,f", "at most 2"], ['name,address\n"a,b', "never closed"]] as const) {
      expect(readSheet(text, 2), text).toMatchObject({ ok: false, words: expect.stringContaining(words) as string });
    }
  });
  test("empty lines are passed over and rows keep the numbers of the file's lines", () => expect(read(line("A", "https://vault.example.com/a1"), ";;;;;;;;", line("B", "https://vault.example.com/b1")).map(({ position }) => position)).toEqual([2, 4]));
  test("plans are known by id, name and code", () => {
    expect(["team-10", "Team 10", "T10", "TEAM10", "enterprise", "Pro"].map(planOfCell)).toEqual(["team-10", "team-10", "team-10", "team-10", "enterprise", "pro"]);
    expect(["", "Team 11", "gold"].map(planOfCell)).toEqual([null, null, null]);
  });
  test("a name that starts with = is a name; the apostrophe of our own download is taken off again", () => {
    const [row] = read(line("'=Umber Street", "https://vault.example.com/a1"));
    expect(row?.cells.name).toBe("=Umber Street");
    expect(verdictOf(line("=Umber Street", "https://vault.example.com/a1"))).toEqual(["new"]);
  });
});

describe("the verdict of a row", () => {
  test("new, and every reason why not", () => {
    expect(verdictOf(line("Wychwood Bakery", "https://vault.example.com/Qx81_b"))).toEqual(["new"]);
    expect(verdictOf(line("ACME ", "https://vault.example.com/zzz"))).toEqual(["same_name"]);
    expect(verdictOf(line("Beta", "https://vault.example.com/acme00/"))).toEqual(["same_address"]);
    expect(verdictOf(line("Beta", "https://10.1.2.3/x"))).toEqual(["wrong_address"]);
    expect(verdictOf(line("Beta", ""))).toEqual(["wrong_address"]);
    expect(verdictOf(line("Beta", "https://vault.example.com/b", { plan: "Team 11" }))).toEqual(["unknown_plan"]);
    expect(verdictOf(line("Beta", "https://vault.example.com/b", { mail: "nobody" }))).toEqual(["wrong"]);
    expect(verdictOf(line("", "https://vault.example.com/b"))).toEqual(["wrong"]);
    expect(verdictOf(line("a\u202eb", "https://vault.example.com/b"))).toEqual(["wrong"]);
  });
  test("two of one name pass when their other names tell them apart, here and in the sheet", () => {
    expect(verdictOf(line("Harbour Street Clinic", "https://vault.example.com/h1", { aliases: "York" }))).toEqual(["new"]);
    expect(verdictOf(line("Harbour Street Clinic", "https://vault.example.com/h1", { aliases: "leeds" }))).toEqual(["same_name"]);
    expect(verdictOf(line("Beta", "https://vault.example.com/b1", { aliases: "North" }), line("beta", "https://vault.example.com/b2", { aliases: "South" }), line("Beta", "https://vault.example.com/b3"))).toEqual(["new", "new", "twice"]);
  });
  test("what stands twice in the sheet counts at its first place", () => {
    expect(verdictOf(line("Beta", "https://vault.example.com/b1"), line("Gamma", "https://vault.example.com/b1/"), line("Beta", "https://vault.example.com/b2"))).toEqual(["new", "twice", "twice"]);
  });
});
