import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Blocks, freeTokens } from "./block.ts";
import { copyPattern, leaveEverywhere, lendNewRoles, makeLike, pastePattern, revoke, setEnd, setReason, toggleFull, toggleRole, unstage } from "./edit.ts";
import { cellOf, flag, FULL, HELD, isHeld, type Facts } from "./facts.ts";
import { pack, placesOf, reasonIn, targetOf, unpack, wishedOf } from "./pack.ts";
import { nothing, sameTarget, sign, Stage, type Target } from "./stage.ts";
import { portfolio } from "./testing/portfolio.ts";

const fresh = (clients = 12, technicians = 9): { facts: Facts; stage: Stage } => {
  const facts = portfolio({ clients, technicians });
  return { facts, stage: new Stage(facts) };
};
const cells = (...list: number[]) => Uint32Array.from(list);
const whole = (facts: Facts) => Uint32Array.from(facts.cells.access, (_, cell) => cell);
const wanted = (stage: Stage, cell: number): Target => stage.wanted(cell, { ...nothing });
const all = (stage: Stage) => [...whole(stage.facts)].map((cell) => wanted(stage, cell));

/** What the sums must be, counted the slow way. */
function recount(stage: Stage) {
  const sum = { grant: 0, revoke: 0, alter: 0, rows: 0 };
  const width = stage.facts.people.length;
  const rows = new Set<number>();
  const tokens = stage.facts.rows.map(() => 0);
  for (const cell of whole(stage.facts)) {
    const [known, want] = [stage.known(cell, { ...nothing }), wanted(stage, cell)];
    const count = (target: Target) => Number(isHeld(target.access)) + Number(target.lease !== null);
    tokens[Math.floor(cell / width)]! += count(want) - count(known);
    if (sameTarget(known, want)) continue;
    rows.add(Math.floor(cell / width));
    if (count(known) === 0) sum.grant += 1;
    else if (count(want) === 0) sum.revoke += 1;
    else sum.alter += 1;
  }
  return { sum: { ...sum, rows: rows.size }, tokens };
}

type Deed = { what: number; at: number; more: number };
const anyDeeds = fc.array(fc.record({ what: fc.nat(8), at: fc.nat(107), more: fc.nat(20) }), { maxLength: 25 });
function carryOut(stage: Stage, { what, at, more }: Deed): void {
  const some = Uint32Array.from({ length: Math.min(more + 1, 108 - at) }, (_, n) => at + n);
  const minute = Math.floor(stage.facts.at / 60_000);
  if (what === 0) toggleRole(stage, some, more % 8);
  else if (what === 1) toggleFull(stage, some);
  else if (what === 2) revoke(stage, some, more % 2 ? "leaves" : undefined);
  else if (what === 3) setEnd(stage, some, minute + more);
  else if (what === 4) lendNewRoles(stage, some, minute + 60);
  else if (what === 5) makeLike(stage, { from: at % 9, to: more % 9, rows: [0, 2, 5, 7], more: more % 2 === 0 });
  else if (what === 6) stage.undo();
  else if (what === 7) stage.redo();
  else unstage(stage, some);
}

describe("the stage", () => {
  test("counts what is staged right, whatever is done in whatever order", () => {
    fc.assert(fc.property(anyDeeds, (deeds) => {
      const { stage } = fresh();
      for (const deed of deeds) carryOut(stage, deed);
      const { sum, tokens } = recount(stage);
      expect(stage.sum).toEqual(sum);
      expect([...stage.rowTokens]).toEqual(tokens);
      expect(stage.cells().length).toBe(sum.grant + sum.revoke + sum.alter);
    }));
  });
  test("undo takes everything back, redo brings everything again", () => {
    fc.assert(fc.property(anyDeeds, (deeds) => {
      const { stage } = fresh();
      const none = all(stage);
      for (const deed of deeds) carryOut(stage, deed);
      const done = all(stage);
      while (stage.undo());
      expect(all(stage)).toEqual(none);
      expect(stage.cells().length).toBe(0);
      while (stage.redo());
      // Steps that a later edit had cut off stay away: what is redone is what stood when undo began, or further.
      while (stage.canRedo) stage.redo();
      expect(deeds.some(({ what }) => what === 6) || JSON.stringify(all(stage)) === JSON.stringify(done)).toBe(true);
    }));
  });
  test("a cell staged to what is known is not staged", () => {
    const { stage, facts } = fresh();
    const cell = facts.cells.access.findIndex((access) => (access & FULL) === 0 && !isHeld(access));
    toggleRole(stage, cells(cell), 0);
    expect(stage.sign[cell]).toBe(sign.grant);
    toggleRole(stage, cells(cell), 0);
    expect(stage.sign[cell]).toBe(sign.none);
    expect(stage.sum).toEqual({ grant: 0, revoke: 0, alter: 0, rows: 0 });
  });
  test("a role's key on a mixed selection gives it to the rest, and only on all takes it away", () => {
    const { stage } = fresh();
    const pair = cells(cellOf(stage.facts, 5, 0), cellOf(stage.facts, 5, 8));
    revoke(stage, pair);
    toggleRole(stage, pair.subarray(0, 1), 6);
    toggleRole(stage, pair, 6);
    expect([...pair].map((cell) => wanted(stage, cell).access)).toEqual([(HELD | 64) >>> 0, (HELD | 64) >>> 0]);
    toggleRole(stage, pair, 6);
    expect([...pair].map((cell) => wanted(stage, cell).access)).toEqual([0, 0]);
  });
  test("what a client made itself is never staged", () => {
    const { stage, facts } = fresh();
    const own = facts.cells.flags.findIndex((flags) => (flags & flag.own) !== 0);
    expect(revoke(stage, cells(own))).toBe(0);
    expect(toggleFull(stage, cells(own))).toBe(0);
    expect(stage.sign[own]).toBe(sign.none);
  });
  test("putting back what a client removed is a grant, and leaving it so is nothing", () => {
    const { stage, facts } = fresh();
    const gone = facts.cells.flags.findIndex((flags) => (flags & flag.gone) !== 0);
    expect(revoke(stage, cells(gone))).toBe(0);
    toggleRole(stage, cells(gone), 2);
    expect(stage.sign[gone]).toBe(sign.grant);
  });
  test("a role with an earlier end is a second row and costs a token; where there was nothing, it is just an end", () => {
    const { stage, facts } = fresh();
    const held = facts.cells.access.findIndex((access, cell) => isHeld(access) && (access & (FULL | 128)) === 0 && facts.cells.flags[cell] === 0 && facts.cells.end[cell] === 0);
    const empty = facts.cells.access.findIndex((access) => !isHeld(access));
    toggleRole(stage, cells(held), 7);
    toggleRole(stage, cells(empty), 7);
    lendNewRoles(stage, cells(held, empty), 99);
    expect(wanted(stage, held)).toEqual({ access: facts.cells.access[held], end: facts.cells.end[held], lease: { access: (HELD | 128) >>> 0, end: 99 } });
    expect(wanted(stage, empty)).toEqual({ access: (HELD | 128) >>> 0, end: 99, lease: null });
    expect(stage.rowTokens.reduce((sum, tokens) => sum + tokens, 0)).toBe(2);
  });
  test("a column copied onto another makes one like the other, and one undo takes it back", () => {
    const { stage, facts } = fresh();
    const column = (at: number) => facts.rows.map((_, row) => [cellOf(facts, row, at)]);
    const before = all(stage);
    pastePattern(stage, copyPattern(stage, column(1)), column(4));
    const ours = facts.rows.flatMap((_, row) => (facts.cells.flags[cellOf(facts, row, 4)]! & flag.own ? [] : [row]));
    expect(ours.map((row) => wanted(stage, cellOf(facts, row, 4)))).toEqual(ours.map((row) => wanted(stage, cellOf(facts, row, 1))));
    stage.undo();
    expect(all(stage)).toEqual(before);
  });
  test("like somebody, except three clients: those three stay as they are", () => {
    const { stage, facts } = fresh();
    const out = [1, 4, 6];
    makeLike(stage, { from: 2, to: 5, rows: facts.rows.flatMap((_, row) => (out.includes(row) ? [] : [row])), more: false });
    for (const row of out) expect(stage.sign[cellOf(facts, row, 5)]).toBe(sign.none);
    expect(wanted(stage, cellOf(facts, 2, 5))).toEqual(wanted(stage, cellOf(facts, 2, 2)));
  });
  test("a leaver loses every row of ours, and nothing else happens", () => {
    const { stage, facts } = fresh();
    leaveEverywhere(stage, 3, "leaves");
    facts.rows.forEach((_, row) => expect(isHeld(wanted(stage, cellOf(facts, row, 3)).access)).toBe(false));
    expect(stage.sum.grant + stage.sum.alter).toBe(0);
    expect([...stage.cells()].every((cell) => cell % 9 === 3 && stage.reasonOf(cell) === "leaves")).toBe(true);
  });
  test("what came true by itself is not staged any more, the rest stays by vault and person", () => {
    const { stage, facts } = fresh();
    const two = [...whole(facts)].filter((cell) => !isHeld(facts.cells.access[cell]!)).slice(0, 2) as [number, number];
    toggleRole(stage, cells(...two), 0);
    const next: Facts = { ...facts, cells: { ...facts.cells, access: facts.cells.access.slice() } };
    next.cells.access[two[0]] = (HELD | 1) >>> 0;
    stage.onto(next, (cell) => cell);
    expect(stage.sign[two[0]]).toBe(sign.none);
    expect(stage.sign[two[1]]).toBe(sign.grant);
  });
});

describe("limits while editing", () => {
  test("the latest tokens are the ones too many, and freeing one unblocks the next", () => {
    const { stage, facts } = fresh(24, 9);
    const row = facts.rows.findIndex((one, at) => one.tokensLimit !== null && one.tokensLimit - one.tokensUsed >= 1 && at > 10 && one.health === "ok");
    const line = Array.from({ length: 9 }, (_, column) => cellOf(facts, row, column));
    const empty = line.filter((cell, column) => !isHeld(facts.cells.access[cell]!) && facts.people[column]!.inbox === "endorsed" && facts.cells.flags[cell] === 0);
    Object.assign(facts.rows[row]!, { tokensUsed: facts.rows[row]!.tokensLimit! - 1, numbered: 0xff, granted: 0xff });
    const blocks = new Blocks(stage);
    for (const cell of empty.slice(0, 3)) toggleRole(stage, cells(cell), 0);
    expect(freeTokens(stage, row)).toBe(-2);
    expect(empty.slice(0, 3).map((cell) => blocks.of(cell))).toEqual([null, "limit", "limit"]);
    const held = empty.at(-1)!;
    facts.cells.access[held] = (HELD | 1) >>> 0;
    revoke(stage, cells(held));
    expect(empty.slice(0, 3).map((cell) => blocks.of(cell))).toEqual([null, null, "limit"]);
  });
  test("a grant to somebody without an endorsed inbox key, of a role without a number or outside the grant, or of full access where it is not allowed, is blocked; revoking never is", () => {
    const { stage, facts } = fresh(14, 14);
    const blocks = new Blocks(stage);
    const free = (row: number) => Object.assign(facts.rows[row]!, { tokensLimit: null, health: "ok", numbered: 0xff, granted: 0xff, fullAccess: "yes" });
    for (let row = 0; row < 5; row += 1) free(row);
    const at = (row: number, column: number) => cellOf(facts, row, column);
    revoke(stage, whole(facts));
    expect([...blocks.all().values()]).toEqual([]);
    unstage(stage, whole(facts));
    for (let row = 0; row < 5; row += 1) for (const column of [5, 12]) facts.cells.access[at(row, column)] = facts.cells.flags[at(row, column)] = 0;
    Object.assign(facts.rows[1]!, { numbered: 0xfe });
    Object.assign(facts.rows[2]!, { granted: 0xfe });
    Object.assign(facts.rows[3]!, { fullAccess: "never" });
    Object.assign(facts.rows[4]!, { health: "unconfirmed" });
    toggleRole(stage, cells(at(0, 12), at(0, 5), at(1, 5), at(2, 5), at(4, 5)), 0);
    toggleFull(stage, cells(at(3, 5)));
    expect([at(0, 12), at(0, 5), at(1, 5), at(2, 5), at(3, 5), at(4, 5)].map((cell) => blocks.of(cell))).toEqual(["inbox", null, "number", "grant", "full", "unconfirmed"]);
  });
});

describe("a draft on its way", () => {
  test("what is packed comes out again, to the last end and reason", () => {
    fc.assert(fc.property(anyDeeds, (deeds) => {
      const { stage, facts } = fresh();
      for (const deed of deeds) carryOut(stage, deed);
      setReason(stage, whole(facts), "joins the night desk");
      const place = placesOf(facts);
      const copy = new Stage(facts);
      for (const wished of unpack(pack([...stage.cells()].map((cell) => wishedOf(stage, cell))))) copy.put(place(wished), targetOf(facts, wished.wish)!, copy.reasonIndex(reasonIn(wished.wish)));
      expect(all(copy)).toEqual(all(stage));
      expect(copy.sum).toEqual(stage.sum);
      for (const cell of stage.cells()) expect(copy.reasonOf(cell)).toBe("joins the night desk");
    }));
  });
  test("50,000 cells of one kind are small", () => {
    const { stage, facts } = fresh(1_000, 50);
    toggleRole(stage, whole(facts), 0);
    const packed = pack([...stage.cells()].map((cell) => wishedOf(stage, cell)));
    expect(JSON.stringify(packed).length).toBeLessThan(120_000);
  });
  test("runs that leave their lists, are cut off or are too many are refused", () => {
    const good = pack([{ row: "r", person: "p", wish: { none: true, reason: "" } }]);
    expect(unpack(good)).toHaveLength(1);
    for (const runs of ["AAB", "AB", "ABA", "gA", "?", "BAA", "AfA"]) expect(() => unpack({ ...good, runs }), runs).toThrow(RangeError);
    expect(() => unpack({ ...good, runs: "AAA" }, 0)).toThrow(RangeError);
  });
});
