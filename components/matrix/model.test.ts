import { describe, expect, test } from "vitest";
import { cellOf, flag, HELD, type Facts } from "#lib/matrix/facts.ts";
import { orders } from "#lib/matrix/order.ts";
import { nothing, sign } from "#lib/matrix/stage.ts";
import { portfolio } from "#lib/matrix/testing/portfolio.ts";
import { stepOf } from "./hands.ts";
import { MatrixModel } from "./model.ts";
import { cellAt, columnCount, placeOf, podBands, rowCount } from "./view.ts";

const twoVaults = (): Facts => {
  const facts = portfolio({ clients: 20, technicians: 12 });
  return { ...facts, rows: facts.rows.map((row, at) => (at === 5 ? { ...row, client: 4, name: facts.rows[4]!.name, vault: "Branch" } : row)) };
};
const open = (canStage = true) => new MatrixModel(twoVaults(), canStage);

describe("what is shown", () => {
  test("every cell has one place and every place its cell, turned or not, in every order", () => {
    const model = open();
    for (const turned of [false, true]) for (const order of orders) {
      model.show({ turned, order });
      for (let row = 1; row <= rowCount(model.arrangement); row += 1) for (let column = 1; column <= columnCount(model.arrangement); column += 1) {
        const cell = cellAt(model.arrangement, row, column);
        expect(placeOf(model.arrangement, cell)).toEqual({ row, column });
      }
      expect([rowCount(model.arrangement), columnCount(model.arrangement)].sort((a, b) => a - b)).toEqual([12, 19]);
    }
  });
  test("more vaults of a client fold under it and unfold in place", () => {
    const model = open();
    const line = () => model.arrangement.lines.find(({ row }) => row === 4 || row === 5)!;
    expect(line().more).toBe(1);
    model.toggleClient(4);
    expect(model.arrangement.lines).toHaveLength(20);
    expect(model.arrangement.lines.filter(({ more }) => more === -1)).toHaveLength(1);
    model.toggleClient(4);
    expect(model.arrangement.lines).toHaveLength(19);
  });
  test("a folded pod is one column without cells, and its band says so", () => {
    const model = open();
    model.toggleFold(0);
    expect(model.arrangement.columns).toHaveLength(10);
    expect(cellAt(model.arrangement, 1, 1)).toBe(-1);
    expect(podBands(model.arrangement)[0]).toEqual({ pod: 0, from: 1, to: 1, folded: true });
    model.toggleFold(0);
    expect(model.arrangement.columns).toHaveLength(12);
  });
  test("the focus stays on its cell through order, filter, fold and turn, as long as the cell is shown", () => {
    const model = open();
    model.moveTo({ row: 7, column: 5 });
    const cell = model.focused;
    for (const change of [{ order: "free" }, { order: "similarity" }, { turned: true }, { query: "-tag:nothing" }, { highlight: true }] as const) {
      model.show(change);
      expect(model.focused).toBe(cell);
    }
    model.show({ query: "client:nobody", highlight: false });
    expect(rowCount(model.arrangement)).toBe(12);
    expect(model.focused).toBe(-1);
  });
});

describe("selection", () => {
  test("shift extends from where it began, a head takes the filtered row or column, and what is hidden is counted", () => {
    const model = open();
    model.moveTo({ row: 2, column: 2 });
    model.moveTo({ row: 4, column: 3 }, true);
    expect(model.selectionCount).toBe(6);
    model.moveTo({ row: 3, column: 2 }, true);
    expect(model.selectionCount).toBe(2);
    model.show({ query: "tag:vip" });
    const shown = rowCount(model.arrangement);
    model.selectRectangle({ row: 0, column: 3 }, { row: 0, column: 3 });
    expect(model.selectionCount).toBe(shown);
    expect(model.hiddenSelected()).toBe(0);
    model.show({ query: "-tag:vip" });
    expect(model.selectionCount).toBe(shown);
    expect(model.hiddenSelected()).toBe(shown);
  });
  test("a drawn range goes with the next step, so that no key acts where nobody looks; rows chosen one by one stay", () => {
    const model = open();
    model.moveTo({ row: 2, column: 2 });
    model.moveTo({ row: 4, column: 2 }, true);
    model.moveTo({ row: 4, column: 3 });
    expect(model.selectionCount).toBe(0);
    expect([...model.target()]).toEqual([model.focused]);
    model.selectRectangle({ row: 3, column: 0 }, { row: 3, column: 0 }, { add: true });
    model.moveTo({ row: 9, column: 1 });
    expect(model.selectionCount).toBe(12);
  });
  test("a second press on a whole row takes it out again, and several rectangles add up", () => {
    const model = open();
    const row = { row: 3, column: 0 };
    model.selectRectangle(row, row, { add: true, toggle: true });
    model.selectRectangle({ row: 6, column: 1 }, { row: 7, column: 2 }, { add: true });
    expect(model.selectionCount).toBe(16);
    model.selectRectangle(row, row, { add: true, toggle: true });
    expect(model.selectionCount).toBe(4);
  });
  test("all of a person's column can be taken when a part of it is selected", () => {
    const model = open();
    model.selectRectangle({ row: 1, column: 4 }, { row: 3, column: 4 });
    expect(model.oneColumn()).toEqual({ person: 3, rows: 20 });
    model.selectColumn(3);
    expect(model.selectionCount).toBe(20);
  });
});

describe("deeds", () => {
  test("who may only look stages nothing, and is told so", () => {
    const model = open(false);
    model.selectAll();
    expect([model.role(0), model.full(), model.revoke(), model.paste(), model.leave(1)]).toEqual([0, 0, 0, 0, 0]);
    expect(model.stage.cells()).toHaveLength(0);
    expect(model.spoken).toMatch(/look/);
  });
  test("fill down gives the first row of the selection to the rest", () => {
    const model = open();
    model.selectRectangle({ row: 10, column: 5 }, { row: 13, column: 6 });
    model.revoke();
    model.clearSelection();
    model.moveTo({ row: 10, column: 5 });
    model.role(5);
    model.selectRectangle({ row: 10, column: 5 }, { row: 13, column: 6 });
    model.fill("down");
    const wanted = (row: number, column: number) => model.stage.wanted(cellAt(model.arrangement, row, column), { access: 0, end: 0, lease: null }).access;
    expect([10, 11, 12, 13].map((row) => wanted(row, 5))).toEqual(Array.from({ length: 4 }, () => (HELD | 32) >>> 0));
    expect([10, 11, 12, 13].map((row) => wanted(row, 6))).toEqual([0, 0, 0, 0]);
  });
  test("walking goes through what is staged in reading order, around the end", () => {
    const model = open();
    for (const place of [{ row: 8, column: 2 }, { row: 3, column: 4 }, { row: 8, column: 6 }]) {
      model.moveTo(place);
      model.full();
    }
    const staged = [...model.stage.cells()].length;
    model.moveTo({ row: 1, column: 1 });
    const seen = Array.from({ length: staged + 1 }, () => { model.walk(1); return `${model.focus.row} ${model.focus.column}`; });
    expect(seen[0]).toBe("3 4");
    expect(seen.at(-1)).toBe(seen[0]);
    expect(new Set(seen).size).toBe(staged);
  });
});

describe("what comes from elsewhere", () => {
  test("rows that moved take their place; what is staged there and came true is settled, the rest stays, and nobody loses the focus", () => {
    const model = open();
    const empty = [0, 1, 2, 3].map((column) => cellOf(model.facts, 10, column)).filter((cell) => model.facts.cells.access[cell] === 0);
    for (const cell of empty.slice(0, 2)) {
      model.selectOnly(cell);
      model.role(0);
    }
    model.moveTo({ row: 9, column: 3 });
    const focused = model.focused;
    const one = portfolio({ clients: 20, technicians: 12 });
    const width = 12;
    const access = one.cells.access.slice(10 * width, 11 * width);
    access[empty[0]! % width] = (HELD | 1) >>> 0;
    const fresh: Facts = { ...one, rows: [one.rows[10]!], cells: { access, flags: one.cells.flags.slice(10 * width, 11 * width), unused: new Uint8Array(width), progress: new Uint8Array(width), end: new Uint32Array(width), leases: new Map() } };
    expect(model.replace(fresh, true)).toBe(true);
    expect(model.stage.sign[empty[0]!]).toBe(sign.none);
    expect(model.stage.sign[empty[1]!]).toBe(sign.grant);
    expect(model.focused).toBe(focused);
  });
  test("rows that moved keep what tells them apart from others of their name, and cost no undo", () => {
    const model = open();
    model.selectOnly(cellOf(model.facts, 2, 1));
    model.role(3);
    const one = model.facts.rows[5]!;
    expect(one.vault).toBe("Branch");
    // A part alone cannot know that there is another vault.
    expect(model.replace({ ...model.facts, rows: [{ ...one, vault: "", place: "", tokensUsed: 3 }], cells: { ...model.facts.cells, leases: new Map() } }, true)).toBe(true);
    expect(model.facts.rows[5]).toMatchObject({ vault: "Branch", tokensUsed: 3, client: one.client });
    expect(model.stage.sum.grant + model.stage.sum.alter + model.stage.sum.revoke).toBe(1);
    expect(model.stage.canUndo).toBe(true);
  });
  test("with 50,000 cells staged, a row that moved is laid in as fast as with none", () => {
    const facts = portfolio({ clients: 1_000, technicians: 50 });
    const model = new MatrixModel(facts, true);
    const part = (): Facts => ({ ...facts, rows: [facts.rows[7]!], cells: { access: facts.cells.access.slice(350, 400), flags: facts.cells.flags.slice(350, 400), unused: new Uint8Array(50), progress: new Uint8Array(50), end: new Uint32Array(50), leases: new Map() } });
    const median = () => Array.from({ length: 21 }, () => { const start = performance.now(); model.replace(part(), true); return performance.now() - start; }).toSorted((a, b) => a - b)[10]!;
    const empty = median();
    model.selectAll();
    model.role(0);
    expect(model.stage.cells().length).toBeGreaterThan(40_000);
    // Work that grew with what is staged would be hundreds of times more.
    expect(median()).toBeLessThan(empty * 10 + 5);
  });
  test("a row that was not there, or other people, cannot be laid in: everything has to be asked for", () => {
    const model = open();
    const other = portfolio({ clients: 1, technicians: 12, seed: 99 });
    expect(model.replace(other, true)).toBe(false);
    expect(model.replace({ ...model.facts, people: model.facts.people.slice(1) }, true)).toBe(false);
  });
});

describe("a range drawn on by its corner", () => {
  const at = (model: MatrixModel, row: number, column: number) => cellAt(model.arrangement, row, column);
  /** What is wanted there; a client's own row is never staged, so it says nothing of a fill. */
  const wantedAt = (model: MatrixModel, row: number, column: number) => ((model.facts.cells.flags[at(model, row, column)]! & flag.own) !== 0 ? null : model.stage.wanted(at(model, row, column), { ...nothing }).access);
  const column = (model: MatrixModel, rows: readonly number[]) => rows.map((row) => wantedAt(model, row, 2));
  test("repeats downwards and upwards as often as it fits, in one step of undo, and the range itself stays as it was", () => {
    const model = open();
    model.moveTo({ row: 8, column: 2 });
    model.moveTo({ row: 9, column: 2 }, true);
    model.role(0);
    model.moveTo({ row: 8, column: 2 });
    model.role(1);
    model.moveTo({ row: 9, column: 2 }, true);
    const [first, second] = column(model, [8, 9]);
    expect(first).not.toBe(second);
    model.fillTo({ row: 13, column: 3 });
    expect(column(model, [8, 9, 10, 11, 12, 13])).toEqual([first, second, first, second, first, second]);
    expect(model.range()).toEqual({ from: { row: 8, column: 2 }, to: { row: 13, column: 2 } });
    const before = open();
    model.undo();
    expect(column(model, [10, 11, 12, 13])).toEqual(column(before, [10, 11, 12, 13]));
    model.clearSelection();
    model.moveTo({ row: 8, column: 2 });
    model.moveTo({ row: 9, column: 2 }, true);
    model.fillTo({ row: 5, column: 2 });
    // Counted from the range: right above its first row comes its last.
    expect(column(model, [5, 6, 7, 8, 9])).toEqual([second, first, second, first, second]);
    model.undo();
    expect(column(model, [5, 6, 7, 8, 9])).toEqual([...column(before, [5, 6, 7]), first, second]);
  });
  test("follows the pointer along the one direction that it leaves further, and covers nothing while it is inside", () => {
    const model = open();
    model.moveTo({ row: 4, column: 4 });
    expect(model.stretch({ row: 4, column: 4 })).toBeNull();
    expect(model.stretch({ row: 5, column: 8 })).toEqual({ from: { row: 4, column: 4 }, to: { row: 4, column: 8 } });
    expect(model.stretch({ row: 1, column: 3 })).toEqual({ from: { row: 1, column: 4 }, to: { row: 4, column: 4 } });
    model.previewFill({ row: 9, column: 4 });
    expect(model.filling).toEqual({ from: { row: 4, column: 4 }, to: { row: 9, column: 4 } });
    expect(model.stage.version).toBe(0);
  });
  test("stages nothing for whoever may only look, and is no range when cells were chosen apart", () => {
    const model = open(false);
    model.moveTo({ row: 4, column: 4 });
    expect(model.fillTo({ row: 9, column: 4 })).toBe(0);
    expect(model.stage.sum.grant + model.stage.sum.revoke + model.stage.sum.alter).toBe(0);
    model.selectRectangle({ row: 2, column: 2 }, { row: 2, column: 2 }, { add: true });
    expect(model.range()).toBeNull();
  });
});

test("keys move as in a table: edges, pages, and never by a letter", () => {
  const size = { rows: 100, columns: 20, page: 24, control: false };
  expect(stepOf("ArrowDown", { row: 3, column: 3 }, size)).toEqual({ row: 4, column: 3 });
  expect(stepOf("PageDown", { row: 3, column: 3 }, size)).toEqual({ row: 27, column: 3 });
  expect(stepOf("End", { row: 3, column: 3 }, { ...size, control: true })).toEqual({ row: 100, column: 20 });
  expect(stepOf("Home", { row: 3, column: 3 }, size)).toEqual({ row: 3, column: 1 });
  expect(stepOf("a", { row: 3, column: 3 }, size)).toBeNull();
});
