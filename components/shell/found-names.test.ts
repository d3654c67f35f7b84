import { expect, test } from "vitest";
import type { FoundNames } from "#lib/find/by-name.ts";
import { parseQuery as auditQuery } from "#lib/audit/query.ts";
import { parseQuery as matrixQuery } from "#lib/matrix/query.ts";
import { kindsInWords, moreWords, nameCommands, stillAnswers } from "./found-names.ts";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const sarah = { id: id(1), name: "Sarah Lindqvist", pod: "Pod A", works: true, frozen: false, clients: 214 };
const all = { matrix: true, audit: true, remove: true };
const found = (more: Partial<FoundNames>): FoundNames => ({ clients: { list: [], more: false }, technicians: { list: [], more: false }, may: all, ...more });
const lines = (given: FoundNames) => nameCommands(given).map(({ group, label, detail }) => [group, label.replaceAll(/[\u2068\u2069]/g, ""), detail]);
const address = (given: FoundNames, start: string) => {
  const command = nameCommands(given).find(({ id: one }) => one.startsWith(start))!;
  return new URL("href" in command ? command.href : "", "http://localhost");
};

test("a technician stands with what can be done: remove, their column, what they did", () => {
  expect(lines(found({ technicians: { list: [sarah], more: false } }))).toEqual([
    ["Technicians", "Sarah Lindqvist", "technician, Pod A, 214 clients"],
    ["Do", "Remove Sarah Lindqvist everywhere…", "opens a board; nothing is sent before its tap"],
    ["In the matrix", "What Sarah Lindqvist can reach", "their column"],
    ["Audit", "What Sarah Lindqvist did", "the last 24 hours"],
  ]);
});
test("nobody is offered what their rights do not open, nor the removal of somebody who has no row", () => {
  expect(lines(found({ technicians: { list: [sarah], more: false }, may: { matrix: false, audit: false, remove: false } }))).toHaveLength(1);
  expect(lines(found({ technicians: { list: [{ ...sarah, clients: 0 }], more: false } })).map(([group]) => group)).not.toContain("Do");
});
test("a client leads to its page, its row and what happened there; one that has ended to its page alone", () => {
  const list = [{ id: id(2), name: "Acme", place: "Leith", ended: false }, { id: id(3), name: "Acme", place: null, ended: true }];
  expect(lines(found({ clients: { list, more: false } }))).toEqual([["Clients", "Acme", "Leith"], ["Clients", "Acme", "ended"], ["In the matrix", "Who can reach Acme", "Leith"], ["Audit", "What happened at Acme", "Leith"]]);
});
test("with many of a name only the best two bring what can be done with them", () => {
  const list = Array.from({ length: 6 }, (_, n) => ({ id: id(n), name: `Branch ${n}`, place: null, ended: false }));
  expect(lines(found({ clients: { list, more: true } })).filter(([group]) => group === "In the matrix")).toHaveLength(2);
});
test("names with blanks, quotes and colons are one term in the bars they lead to, and a person goes by id", () => {
  const given = found({ clients: { list: [{ id: id(4), name: 'The "Old": Mill & Co', place: null, ended: false }], more: false }, technicians: { list: [{ ...sarah, name: "نور الحسيني" }], more: false } });
  expect(matrixQuery(address(given, "row").searchParams.get("q")!)).toMatchObject({ terms: [{ key: "client", value: "The Old: Mill & Co" }], problems: [] });
  expect(matrixQuery(address(given, "column").searchParams.get("q")!)).toMatchObject({ terms: [{ key: "tech", value: "نور الحسيني" }], problems: [] });
  expect(auditQuery(address(given, "did").searchParams.get("q")!)).toMatchObject({ terms: [{ key: "since" }, { key: "person", value: id(1) }], problems: [] });
  expect(address(given, "remove").pathname).toBe(`/technicians/${id(1)}`);
});
test("a client and a place of one name are two lines", () => {
  const ids = nameCommands(found({ clients: { list: [{ id: id(5), name: "Matrix", place: null, ended: false }], more: false } })).map((command) => command.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).not.toContain("go /matrix");
});
test("while more is typed only what still answers stays, and nothing is said of there being more", () => {
  const given = found({ clients: { list: [{ id: id(6), name: "Château", place: null, ended: false }, { id: id(7), name: "Chapel", place: "Rotonde", ended: false }], more: true }, technicians: { list: [sarah], more: true } });
  expect(stillAnswers(given, "chat")).toMatchObject({ clients: { list: [{ name: "Château" }], more: false }, technicians: { list: [] } });
  expect(stillAnswers(given, "rot")).toMatchObject({ clients: { list: [{ name: "Chapel" }] } });
  expect(moreWords(given)).toBe("There are more clients and technicians of that name: type more letters.");
  expect(moreWords(found({ clients: null, technicians: { list: [], more: false } }))).toBe("");
});
test("kinds are named as they are open", () => {
  expect([kindsInWords({ clients: true, technicians: true }), kindsInWords({ clients: false, technicians: true }), kindsInWords({ clients: false, technicians: false })]).toEqual(["clients and technicians", "technicians", ""]);
});
