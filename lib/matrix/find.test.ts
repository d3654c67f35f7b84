import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Blocks } from "./block.ts";
import { toggleRole } from "./edit.ts";
import { cellOf, flag, HELD, isHeld, unusedStep, type Facts } from "./facts.ts";
import { select, type Ground } from "./filter.ts";
import { orderRows, orders } from "./order.ts";
import { parseQuery, qualifiers, type Term } from "./query.ts";
import { applyRules, lacking, ruleOf, stageRules, type Rule } from "./rule.ts";
import { Stage } from "./stage.ts";
import { suggest } from "./suggest.ts";
import { tokensOf, writeQuery } from "../find/language.ts";
import { portfolio } from "./testing/portfolio.ts";

const ground = (facts: Facts, rules: readonly Rule[] = []): Ground => {
  const stage = new Stage(facts);
  return { facts, stage, blocks: new Blocks(stage), rules: applyRules(facts, rules), minute: Math.floor(facts.at / 60_000), colleagues: new Set() };
};
const facts = portfolio({ clients: 60, technicians: 22 });
const rowsOf = (text: string, on = ground(facts)) => [...select(on, parseQuery(text)).rows].flatMap((shown, row) => (shown ? [row] : []));
const columnsOf = (text: string, on = ground(facts)) => [...select(on, parseQuery(text)).columns].flatMap((shown, column) => (shown ? [column] : []));
const allRows = facts.rows.map((_, row) => row);

describe("the query bar", () => {
  const anyValue = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll('"', "").trim()).filter((text) => text !== "");
  const anyTerm: fc.Arbitrary<Term> = fc.oneof(
    fc.record({ key: fc.constantFrom("client", "tag", "plan", "tech", "pod", "role"), value: anyValue, not: fc.boolean() }),
    fc.record({ key: fc.constantFrom("state"), value: fc.constantFrom("drift", "limit", "leave"), not: fc.boolean() }),
    fc.record({ key: fc.constantFrom("unused"), value: fc.constantFrom(">60d", ">7d"), not: fc.boolean() }),
    fc.record({ key: fc.constantFrom("free", "holders"), value: fc.constantFrom("0", "<3", ">5"), not: fc.boolean() }),
    fc.record({ key: fc.constant(null), value: anyValue, not: fc.boolean() }),
  );
  test("what is written as text is read as the same terms", () => {
    fc.assert(fc.property(fc.array(anyTerm, { maxLength: 6 }), (terms) => {
      expect(parseQuery(writeQuery(terms))).toEqual({ terms, problems: [] });
    }));
  });
  test("whatever is typed, it is read without an error", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      const { terms, problems } = parseQuery(text);
      expect(terms.length + problems.length).toBeLessThanOrEqual(tokensOf(text).length);
      select(ground(facts), { terms, problems });
      for (let caret = 0; caret <= text.length; caret += 1) suggest(facts, text, caret);
    }));
  });
  test("a qualifier, state, step or figure that does not exist is said, and the rest still counts", () => {
    const { terms, problems } = parseQuery("client:acme colour:red state:sleepy unused:>61d free:many");
    expect(terms).toEqual([{ key: "client", value: "acme", not: false }]);
    expect(problems.map(({ text }) => text)).toEqual(["colour:red", "state:sleepy", "unused:>61d", "free:many"]);
    for (const { why } of problems) expect(why).toMatch(/\.$/);
  });
  test("suggestions lead to terms that are read without a problem", () => {
    for (const key of qualifiers) {
      const offered = suggest(facts, `${key}:`, key.length + 1);
      expect(offered.length, key).toBeGreaterThan(0);
      for (const { text } of offered) expect(parseQuery(text).problems, text).toEqual([]);
    }
    expect(suggest(facts, "-cl", 3)[0]).toMatchObject({ text: "-client:", from: 0, to: 3, done: false });
    expect(suggest(facts, "tech:lind", 9).map(({ text }) => text)).toContain('tech:"Sarah Lindqvist" ');
  });
});

describe("what a query selects", () => {
  test("an empty one shows everything", () => {
    expect(rowsOf("")).toEqual(allRows);
    expect(columnsOf("")).toHaveLength(22);
  });
  test("names are found without accents and case, in aliases too; two clients of one name both", () => {
    expect(rowsOf("client:chateau").every((row) => facts.rows[row]!.name.startsWith("Château"))).toBe(true);
    expect(rowsOf("client:chateau").length).toBeGreaterThan(0);
    expect(rowsOf('"Harbour Street Clinic"')).toEqual(expect.arrayContaining([3, 4]));
    expect(rowsOf("=1+1")).toEqual([0]);
    expect(rowsOf("النخيل")).toEqual([1]);
  });
  test("either of two clients, but both of two tags; a minus leaves out", () => {
    const one = rowsOf("client:acme");
    expect(rowsOf("client:acme client:chateau")).toEqual([...new Set([...one, ...rowsOf("client:chateau")])].sort((a, b) => a - b));
    expect(rowsOf("tag:pod-a tag:vip")).toEqual(allRows.filter((row) => row % 4 === 0 && row % 6 === 0));
    expect(rowsOf("-tag:internal")).toEqual(allRows.filter((row) => row % 31 !== 0));
  });
  test("technicians choose columns, and cells are looked for in those only", () => {
    expect(columnsOf("tech:sarah")).toEqual([0]);
    expect(columnsOf('pod:"night desk"')).toEqual(facts.people.flatMap((person, column) => (person.pod === 2 ? [column] : [])));
    const held = rowsOf("tech:sarah role:networking");
    expect(held).toEqual(allRows.filter((row) => (facts.cells.access[row * 22]! & 1) !== 0));
    expect(columnsOf("state:leave")).toEqual([16]);
  });
  test("clients without a second networking person are those with one or none", () => {
    const count = (row: number) => facts.people.filter((_, column) => (facts.cells.access[row * 22 + column]! & 1) !== 0).length;
    const found = rowsOf("role:networking holders:<2");
    expect(found).toEqual(allRows.filter((row) => count(row) < 2));
    expect(found.length).toBeGreaterThan(0);
    expect(columnsOf("role:networking holders:<2")).toHaveLength(22);
  });
  test("clients at their limit are those without a free token, and staging one more token can bring another one there", () => {
    const on = ground(facts);
    const atLimit = (row: number) => facts.rows[row]!.tokensLimit! <= facts.rows[row]!.tokensUsed;
    expect(rowsOf("state:limit", on)).toEqual(allRows.filter(atLimit));
    expect(rowsOf("free:0", on)).toEqual(allRows.filter(atLimit));
    const row = allRows.find((at) => !atLimit(at))!;
    facts.people.forEach((_, column) => toggleRole(on.stage, Uint32Array.of(row * 22 + column), 0));
    expect(rowsOf("state:limit", on)).toContain(row);
  });
  test("each state finds what has it, and its opposite the rest", () => {
    for (const state of ["drift", "ended", "unclaimed", "own", "leased", "failover", "silent", "unpaid", "unlinked", "ending"]) {
      const found = rowsOf(`state:${state}`);
      expect(found.length, state).toBeGreaterThan(0);
      expect([...found, ...rowsOf(`-state:${state}`)].sort((a, b) => a - b), state).toEqual(allRows);
    }
  });
  test("unused counts from the step asked for", () => {
    const rows = rowsOf("unused:>90d");
    expect(rows).toEqual(allRows.filter((row) => facts.people.some((_, column) => isHeld(facts.cells.access[row * 22 + column]!) && facts.cells.unused[row * 22 + column]! >= unusedStep(90))));
  });
  test("a row that is named has a cell that is named, whatever is asked", () => {
    const words = ["role:backup", "state:unused", "tech:jim", "tag:vip", "-role:web", "unused:>7d", "plan:team-10", "state:ending", "-tech:sarah"];
    fc.assert(fc.property(fc.subarray(words), (chosen) => {
      const found = select(ground(facts), parseQuery(chosen.join(" ")));
      const cells = found.cells ?? new Uint8Array(facts.cells.access.length);
      const withCell = [...found.rows].map((_, row) => Number(facts.people.some((_, column) => cells[row * 22 + column] === 1)));
      expect(found.cells === null ? [] : withCell).toEqual(found.cells === null ? [] : [...found.rows]);
      expect([...cells].flatMap((named, cell) => (named && !found.columns[cell % 22] ? [cell] : []))).toEqual([]);
    }));
  });
});

describe("orders", () => {
  test("every order shows each row once, and is the same each time", () => {
    for (const order of orders) {
      const first = orderRows(facts, order, new Stage(facts));
      expect([...first.rows].sort((a, b) => a - b), order).toEqual(allRows);
      expect([...orderRows(facts, order, new Stage(facts)).rows], order).toEqual([...first.rows]);
    }
  });
  test("by free tokens the fullest come first; by risk what a client changed itself", () => {
    const free = [...orderRows(facts, "free", new Stage(facts)).rows].map((row) => facts.rows[row]!.tokensLimit! - facts.rows[row]!.tokensUsed);
    expect(free).toEqual(free.toSorted((a, b) => a - b));
    expect(facts.people.some((_, column) => (facts.cells.flags[orderRows(facts, "risk", new Stage(facts)).rows[0]! * 22 + column]! & flag.drift) !== 0)).toBe(true);
  });
  test("by similarity rows with one pattern stand together, and the odd one at an edge of them", () => {
    const small = portfolio({ clients: 30, technicians: 12 });
    small.cells.access.fill(0);
    small.cells.flags.fill(0);
    for (let row = 0; row < 30; row += 1) for (const column of row % 2 ? [0, 1, 2, 3] : [6, 7, 8, 9]) small.cells.access[cellOf(small, row, column)] = (HELD | 1) >>> 0;
    small.cells.access[cellOf(small, 14, 10)] = (HELD | 1) >>> 0;
    const { rows, breaks } = orderRows(small, "similarity", new Stage(small));
    const parities = [...rows].map((row) => row % 2);
    expect(parities.filter((parity, at) => at > 0 && parity !== parities[at - 1])).toHaveLength(1);
    expect(breaks.size).toBe(1);
    const evens = [...rows].filter((row) => row % 2 === 0);
    expect([0, evens.length - 1]).toContain(evens.indexOf(14));
  });
});

describe("rules", () => {
  const rule = (more: Partial<Rule> = {}): Rule => ({ id: "1", name: "Night desk watches pod A", tag: "pod-a", podId: facts.pods[2]!.id, roles: [facts.roles[1]!.id], without: [], ...more });
  test("a rule stages what is missing in its cells and nowhere else, and takes nothing away", () => {
    const on = ground(facts, [rule()]);
    const missing = [...lacking(on.stage, on.rules)];
    expect(missing.every((cell) => facts.people[cell % 22]!.pod === 2 && facts.rows[Math.floor(cell / 22)]!.tags.includes("pod-a"))).toBe(true);
    expect(stageRules(on.stage, on.rules)).toBe(missing.length);
    expect(on.stage.sum.revoke).toBe(0);
    expect([...lacking(on.stage, on.rules)]).toEqual([]);
    on.stage.undo();
    expect(on.stage.cells()).toHaveLength(0);
  });
  test("a rule by itself stages nothing", () => expect(ground(facts, [rule()]).stage.cells()).toHaveLength(0));
  test("what a rule leaves out is said to be left out, and is not staged", () => {
    const cell = [...lacking(ground(facts).stage, applyRules(facts, [rule()]))][0]!;
    const rules = applyRules(facts, [rule({ without: [facts.rows[Math.floor(cell / 22)]!.key] })]);
    expect(ruleOf(facts, rules, cell)).toBe("out");
    expect([...lacking(new Stage(facts), rules)]).not.toContain(cell);
  });
});
