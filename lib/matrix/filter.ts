/**
 * What a query selects of the matrix. Terms about clients choose rows, terms about technicians choose columns, terms about cells
 * choose the rows and columns that have such a cell, and name the cells themselves for highlighting. The same qualifier twice means
 * either for names (client, plan, tech, pod), and both for the rest. A minus leaves out.
 */
import type { Blocks } from "./block.ts";
import { freeTokens } from "./block.ts";
import { fold } from "../find/fold.ts";
import { endsSoon, isUnused } from "./cell.ts";
import { flag, FULL, isHeld, isOld, progresses, unusedSteps, type Facts } from "./facts.ts";
import { figureOf, holds, unusedDaysOf, type cellStates, type Query, type rowStates, type Term } from "./query.ts";
import { ruleOf, type RuleCells } from "./rule.ts";
import { sign, type Stage } from "./stage.ts";

export type Ground = { facts: Facts; stage: Stage; blocks: Blocks; rules: RuleCells; minute: number; colleagues: ReadonlySet<number> };
export type Selected = {
  /** 1 for each row and column that is shown. */
  readonly rows: Uint8Array;
  readonly columns: Uint8Array;
  /** 1 for each cell that the terms about cells name; null when there are none. */
  readonly cells: Uint8Array | null;
};

const folded = new WeakMap<readonly object[], { rows: string[]; tags: string[][]; people: string[] }>();
function words(facts: Facts) {
  const known = folded.get(facts.rows);
  if (known) return known;
  const made = {
    rows: facts.rows.map((row) => fold([row.name, row.place, row.vault, ...row.aliases].join("\n"))),
    tags: facts.rows.map((row) => row.tags.map(fold)),
    people: facts.people.map((person) => fold(person.name)),
  };
  folded.set(facts.rows, made);
  return made;
}

type RowTest = (row: number) => boolean;
type ColumnTest = (column: number) => boolean;
type CellTest = (cell: number) => boolean;

const rowTestOf: Record<(typeof rowStates)[number], (ground: Ground) => RowTest> = {
  limit: ({ stage }) => (row) => (freeTokens(stage, row) ?? 1) <= 0,
  failover: ({ facts }) => (row) => facts.rows[row]!.health === "failover",
  silent: ({ facts }) => (row) => isOld(facts.rows[row]!),
  unpaid: ({ facts }) => (row) => facts.rows[row]!.health === "lapsed",
  stopped: ({ facts }) => (row) => facts.rows[row]!.health === "stopped" || facts.rows[row]!.health === "lying",
  unconfirmed: ({ facts }) => (row) => facts.rows[row]!.health === "unconfirmed",
  unlinked: ({ facts }) => (row) => facts.rows[row]!.loose > 0,
};
const isRowState = (text: string): text is (typeof rowStates)[number] => Object.hasOwn(rowTestOf, text);

const has = (bit: number) => ({ facts }: Ground): CellTest => (cell) => (facts.cells.flags[cell]! & bit) !== 0;
const goes = (name: (typeof progresses)[number]) => ({ facts }: Ground): CellTest => (cell) => progresses[facts.cells.progress[cell]!] === name;
const endOf = ({ cells }: Facts, cell: number): number => (cells.flags[cell]! & flag.leased ? (cells.leases.get(cell)?.end ?? cells.end[cell]!) : cells.end[cell]!);

const cellTestOf: Record<(typeof cellStates)[number], (ground: Ground) => CellTest> = {
  drift: has(flag.drift),
  ending: ({ facts, minute }) => (cell) => endOf(facts, cell) > minute && endOf(facts, cell) - minute <= endsSoon,
  ended: ({ facts, minute }) => (cell) => facts.cells.end[cell]! > 0 && facts.cells.end[cell]! <= minute,
  unused: ({ facts }) => (cell) => isHeld(facts.cells.access[cell]!) && isUnused(facts, cell),
  unclaimed: has(flag.unclaimed),
  own: has(flag.own),
  locked: has(flag.locked),
  leased: has(flag.leased),
  staged: ({ stage }) => (cell) => stage.sign[cell] !== sign.none,
  blocked: ({ blocks }) => { const all = blocks.all(); return (cell) => all.has(cell); },
  colleague: ({ colleagues }) => (cell) => colleagues.has(cell),
  rule: ({ facts, rules }) => (cell) => ruleOf(facts, rules, cell) === "by",
  excluded: ({ facts, rules }) => (cell) => ruleOf(facts, rules, cell) === "out",
  running: goes("running"),
  waiting: goes("waiting"),
  failed: goes("failed"),
};
const isCellState = (text: string): text is (typeof cellStates)[number] => Object.hasOwn(cellTestOf, text);

/** The bits whose role is meant: by its letter, or by the beginning of its name. */
function roleBits(facts: Facts, value: string): number {
  const asked = fold(value);
  if (asked === "full" || asked === "f") return FULL;
  let bits = 0;
  facts.roles.forEach((role, at) => {
    if (fold(role.letter) === asked || fold(role.name).startsWith(asked)) bits |= 1 << at;
  });
  return bits;
}

function cellTest(ground: Ground, term: Term): CellTest {
  const { facts } = ground;
  const { access, unused, flags } = facts.cells;
  if (term.key === "role") {
    const bits = roleBits(facts, term.value);
    return (cell) => (access[cell]! & bits) !== 0 && (flags[cell]! & flag.gone) === 0;
  }
  if (term.key === "unused") {
    const days = unusedDaysOf(term.value)!;
    return (cell) => isHeld(access[cell]!) && unusedSteps[unused[cell]!]! >= days;
  }
  if (!isCellState(term.value)) throw new TypeError(`not a state of a cell: ${term.value}`);
  return cellTestOf[term.value](ground);
}

/** Selects. Terms about cells look at the columns that are left, so `tech:sarah role:backup` means Sarah's backup cells. */
export function select(ground: Ground, { terms }: Query): Selected {
  const { facts, stage } = ground;
  const width = facts.people.length;
  const text = words(facts);
  const either = new Map<string, RowTest[]>();
  const rowTests: RowTest[] = [];
  const eitherColumn = new Map<string, ColumnTest[]>();
  const columnTests: ColumnTest[] = [];
  const cellTests: CellTest[] = [];
  const cellNots: CellTest[] = [];
  let count: ReturnType<typeof figureOf> = null;
  const chooseRow = (term: Term, group: string | null, test: RowTest) => {
    if (term.not) rowTests.push((row) => !test(row));
    else if (group === null) rowTests.push(test);
    else either.set(group, [...(either.get(group) ?? []), test]);
  };
  const chooseColumn = (term: Term, group: string, test: ColumnTest) => {
    if (term.not) columnTests.push((column) => !test(column));
    else eitherColumn.set(group, [...(eitherColumn.get(group) ?? []), test]);
  };
  for (const term of terms) {
    const asked = fold(term.value);
    switch (term.key) {
      case null: chooseRow(term, null, (row) => text.rows[row]!.includes(asked)); break;
      case "client": chooseRow(term, "client", (row) => text.rows[row]!.includes(asked)); break;
      case "plan": chooseRow(term, "plan", (row) => fold(facts.rows[row]!.plan) === asked); break;
      case "tag": chooseRow(term, null, (row) => text.tags[row]!.includes(asked)); break;
      case "free": {
        const figure = figureOf(term.value)!;
        chooseRow(term, null, (row) => { const free = freeTokens(stage, row); return free !== null && holds(figure, Math.max(0, free)); });
        break;
      }
      case "tech": chooseColumn(term, "tech", (column) => text.people[column]!.includes(asked)); break;
      case "pod": chooseColumn(term, "pod", (column) => facts.people[column]!.pod >= 0 && fold(facts.pods[facts.people[column]!.pod]!.name).includes(asked)); break;
      case "holders": count = figureOf(term.value); break;
      case "state":
        if (term.value === "leave") chooseColumn(term, "leave", (column) => facts.people[column]!.leave !== null);
        else if (isRowState(term.value)) chooseRow(term, null, rowTestOf[term.value](ground));
        else (term.not ? cellNots : cellTests).push(cellTest(ground, term));
        break;
      case "role": case "unused": (term.not ? cellNots : cellTests).push(cellTest(ground, term)); break;
    }
  }
  const rows = new Uint8Array(facts.rows.length);
  const columns = new Uint8Array(width);
  for (let row = 0; row < rows.length; row += 1) rows[row] = Number(rowTests.every((test) => test(row)) && [...either.values()].every((tests) => tests.some((test) => test(row))));
  for (let column = 0; column < width; column += 1) columns[column] = Number(columnTests.every((test) => test(column)) && [...eitherColumn.values()].every((tests) => tests.some((test) => test(column))));
  if (cellTests.length === 0 && cellNots.length === 0 && count === null) return { rows, columns, cells: null };

  const counted = cellTests.length > 0 ? cellTests : [(cell: number) => isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & flag.gone) === 0];
  const cells = new Uint8Array(facts.cells.access.length);
  const inColumn = new Uint8Array(width);
  for (let row = 0; row < rows.length; row += 1) {
    if (rows[row] === 0) continue;
    let found = 0;
    let out = false;
    for (let column = 0, cell = row * width; column < width && !out; column += 1, cell += 1) {
      if (columns[column] === 0) continue;
      if (cellNots.some((test) => test(cell))) out = true;
      else if (counted.every((test) => test(cell))) {
        cells[cell] = 1;
        found += 1;
      }
    }
    const kept = !out && (count ? holds(count, found) : cellTests.length === 0 || found > 0);
    rows[row] = Number(kept);
    for (let column = 0, cell = row * width; column < width; column += 1, cell += 1) {
      if (!kept) cells[cell] = 0;
      else if (cells[cell] === 1) inColumn[column] = 1;
    }
  }
  // With a count, people without such a cell are part of the answer: they are who is missing.
  if (cellTests.length > 0 && count === null) for (let column = 0; column < width; column += 1) columns[column]! &= inColumn[column]!;
  return { rows, columns, cells: cellTests.length > 0 ? cells : null };
}
