/** The entries of the lists: clients with who can open them, or technicians with what they open. Pure, over the model. */
import { freeTokens } from "#lib/matrix/block.ts";
import { rowName } from "#lib/matrix/cell.ts";
import { flag, isHeld } from "#lib/matrix/facts.ts";
import { sign } from "#lib/matrix/stage.ts";
import type { MatrixModel } from "./model.ts";

export type By = "client" | "technician";
/** `at`: row or column of the facts. `cells`: those that say something, as the query selects them. */
export type Entry = { readonly key: string; readonly at: number; readonly name: string; readonly cells: readonly number[]; /** Of those, what can be staged: a row that the client made is theirs. */ readonly ours: readonly number[]; /** With access of ours. */ readonly count: number; readonly staged: number; /** Free tokens; null: no limit, or no client. */ readonly free: number | null };

/** Cells that say something: access, or something staged. */
export const speaks = (model: MatrixModel, cell: number): boolean => isHeld(model.facts.cells.access[cell]!) || model.stage.sign[cell] !== sign.none || model.colleagueAt(cell) !== "";

function entryOf(model: MatrixModel, by: By, at: number): Entry {
  const { facts, selected, stage } = model;
  const width = facts.people.length;
  const cells: number[] = [];
  let [count, staged] = [0, 0];
  const look = (row: number, column: number) => {
    const cell = row * width + column;
    if (selected.rows[row] !== 1 || selected.columns[column] !== 1 || !speaks(model, cell) || !(model.highlights || selected.cells === null || selected.cells[cell] === 1)) return;
    cells.push(cell);
    if (isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & (flag.gone | flag.own)) === 0) count += 1;
    if (stage.sign[cell] !== sign.none) staged += 1;
  };
  if (by === "client") for (let column = 0; column < width; column += 1) look(at, column);
  else for (let row = 0; row < facts.rows.length; row += 1) look(row, at);
  const row = by === "client" ? facts.rows[at]! : null;
  return { key: row ? row.key : facts.people[at]!.id, at, name: row ? rowName(row) : facts.people[at]!.name, cells, ours: cells.filter((cell) => (facts.cells.flags[cell]! & flag.own) === 0), count, staged, free: row ? freeTokens(stage, at) : null };
}

/** Everything that is shown, in the matrix's order; more vaults of a client stand under it without being unfolded. */
export function entriesOf(model: MatrixModel, by: By): Entry[] {
  const { facts, arrangement, selected } = model;
  if (by === "technician") return facts.people.flatMap((_, column) => (selected.columns[column] === 1 ? [entryOf(model, by, column)] : []));
  const vaults = new Map<number, number[]>();
  facts.rows.forEach(({ client }, row) => {
    if (selected.rows[row] !== 1) return;
    const list = vaults.get(client);
    if (list) list.push(row);
    else vaults.set(client, [row]);
  });
  const rows = arrangement.lines.flatMap(({ row }) => vaults.get(facts.rows[row]!.client) ?? [row]);
  return [...new Set(rows)].map((row) => entryOf(model, by, row));
}
