/**
 * What of the matrix is shown, and in which place: rows in their order, columns with their pods folded or not, turned or not. Places
 * are counted from 1, since 0 is the head; a place leads to a cell of the facts, or to none (a folded pod). Pure.
 */
import { cellOf, type Facts } from "#lib/matrix/facts.ts";
import type { Selected } from "#lib/matrix/filter.ts";
import type { Ordered } from "#lib/matrix/order.ts";

export type Column = { readonly kind: "person"; readonly person: number } | { readonly kind: "pod"; readonly pod: number; readonly people: readonly number[] };
export type Line = { readonly row: number; readonly more: number };

export type Arrangement = {
  readonly facts: Facts;
  /** Rows of facts, top to bottom. `more`: other vaults of this client that are folded under it; -1: it is one of those, unfolded. */
  readonly lines: readonly Line[];
  readonly columns: readonly Column[];
  /** Places of lines after which a cluster ends. */
  readonly breaks: ReadonlySet<number>;
  readonly turned: boolean;
};

export type Arrange = { facts: Facts; ordered: Ordered; selected: Selected | null; foldedPods: ReadonlySet<number>; openClients: ReadonlySet<number>; turned: boolean };

/** `selected` null: nothing is hidden. */
export function arrange({ facts, ordered, selected, foldedPods, openClients, turned }: Arrange): Arrangement {
  const shown = [...ordered.rows].filter((row) => selected === null || selected.rows[row] === 1);
  const perClient = new Map<number, number[]>();
  for (const row of shown) {
    const { client } = facts.rows[row]!;
    const list = perClient.get(client);
    if (list) list.push(row);
    else perClient.set(client, [row]);
  }
  const lines: Line[] = [];
  const breaks = new Set<number>();
  const done = new Set<number>();
  for (const row of shown) {
    const { client } = facts.rows[row]!;
    if (!done.has(client)) {
      done.add(client);
      const vaults = perClient.get(client)!;
      const open = openClients.has(client);
      vaults.forEach((vault, at) => {
        if (at === 0) lines.push({ row: vault, more: vaults.length > 1 && !open ? vaults.length - 1 : 0 });
        else if (open) lines.push({ row: vault, more: -1 });
      });
    }
    if (ordered.breaks.has(row)) breaks.add(lines.length);
  }
  breaks.delete(lines.length);
  const columns: Column[] = [];
  const folded = new Map<number, number[]>();
  facts.people.forEach((person, at) => {
    if (selected !== null && selected.columns[at] === 0) return;
    if (!foldedPods.has(person.pod)) columns.push({ kind: "person", person: at });
    else if (folded.has(person.pod)) folded.get(person.pod)!.push(at);
    else {
      const people = [at];
      folded.set(person.pod, people);
      columns.push({ kind: "pod", pod: person.pod, people });
    }
  });
  return { facts, lines, columns, breaks, turned };
}

export const rowCount = ({ lines, columns, turned }: Arrangement): number => (turned ? columns.length : lines.length);
export const columnCount = ({ lines, columns, turned }: Arrangement): number => (turned ? lines.length : columns.length);
export const lineAt = ({ lines, turned }: Arrangement, row: number, column: number): Line | undefined => lines[(turned ? column : row) - 1];
export const columnAt = ({ columns, turned }: Arrangement, row: number, column: number): Column | undefined => columns[(turned ? row : column) - 1];

/** The cell at a place; -1 in the head, outside, or on a folded pod. */
export function cellAt(given: Arrangement, row: number, column: number): number {
  const line = lineAt(given, row, column);
  const head = columnAt(given, row, column);
  return line && head?.kind === "person" ? cellOf(given.facts, line.row, head.person) : -1;
}

/** Where a cell stands; null when it is not shown. */
export function placeOf(given: Arrangement, cell: number): { row: number; column: number } | null {
  const width = given.facts.people.length;
  const line = given.lines.findIndex(({ row }) => row === Math.floor(cell / width));
  const column = given.columns.findIndex((one) => one.kind === "person" && one.person === cell % width);
  if (line < 0 || column < 0) return null;
  return given.turned ? { row: column + 1, column: line + 1 } : { row: line + 1, column: column + 1 };
}

/** All cells of a rectangle of places, both ends included, row by row. */
export function rectangle(given: Arrangement, from: { row: number; column: number }, to: { row: number; column: number }): number[][] {
  const [top, bottom] = [Math.min(from.row, to.row), Math.max(from.row, to.row)];
  const [left, right] = [Math.min(from.column, to.column), Math.max(from.column, to.column)];
  const grid: number[][] = [];
  for (let row = Math.max(1, top); row <= Math.min(bottom, rowCount(given)); row += 1) {
    const line: number[] = [];
    for (let column = Math.max(1, left); column <= Math.min(right, columnCount(given)); column += 1) line.push(cellAt(given, row, column));
    grid.push(line);
  }
  return grid;
}

/** Runs of one pod in the head, for its band. Places from 1. */
export function podBands({ facts, columns }: Arrangement): { pod: number; from: number; to: number; folded: boolean }[] {
  const bands: { pod: number; from: number; to: number; folded: boolean }[] = [];
  columns.forEach((column, at) => {
    const pod = column.kind === "pod" ? column.pod : facts.people[column.person]!.pod;
    const last = bands.at(-1);
    if (last && last.pod === pod) last.to = at + 1;
    else bands.push({ pod, from: at + 1, to: at + 1, folded: column.kind === "pod" });
  });
  return bands;
}
