/** The deeds of the matrix's keys, each one step of undo. Cells come as their numbers; nothing here knows of views. */
import { FULL, HELD, ROLES, flag, isHeld, type Facts } from "./facts.ts";
import { accessOf, nothing, sign, type Stage, type Target } from "./stage.ts";

/** The bits of a row that keeps numbers without a role: it stays a row even when its last role goes. */
const keeps = (facts: Facts, cell: number): number => ((facts.cells.flags[cell]! & flag.unmapped) !== 0 && (facts.cells.flags[cell]! & flag.own) === 0 ? HELD : 0);

function toggleBit(stage: Stage, cells: Uint32Array, bit: number): number {
  const target: Target = { ...nothing };
  // Off only when every one of them has it: pressing a role's key on a mixed selection gives it to the rest.
  const all = cells.every((cell) => (stage.facts.cells.flags[cell]! & flag.own) !== 0 || (stage.wanted(cell, target).access & bit) !== 0);
  return stage.edit(cells, (cell, wanted) => {
    const bits = all ? wanted.access & ~bit & ~HELD : (wanted.access | bit) & ~HELD;
    wanted.access = accessOf(bits) || keeps(stage.facts, cell) >>> 0;
    if (!isHeld(wanted.access)) wanted.end = 0;
    return true;
  });
}

/** Gives a role to all cells, or takes it from all when each has it. `role`: its place in the dictionary. Returns the cells changed. */
export const toggleRole = (stage: Stage, cells: Uint32Array, role: number): number => toggleBit(stage, cells, 1 << role);
/** The same for full access. Roles beside it stay: they are what is left when it ends. */
export const toggleFull = (stage: Stage, cells: Uint32Array): number => toggleBit(stage, cells, FULL);

/** Ends everything of ours in these cells. What was only staged there goes away. */
export const revoke = (stage: Stage, cells: Uint32Array, reason?: string): number => stage.edit(cells, (_, wanted) => (Object.assign(wanted, nothing), true), reason);

/** Back to what is known: nothing staged there. */
export const unstage = (stage: Stage, cells: Uint32Array): number => stage.edit(cells, (cell, wanted) => (stage.known(cell, wanted), true));

/** Gives the rows an end, in minutes since 1970; 0 takes it away. Cells without access have none to end. */
export const setEnd = (stage: Stage, cells: Uint32Array, end: number): number =>
  stage.edit(cells, (_, wanted) => {
    if (!isHeld(wanted.access)) return false;
    wanted.end = end;
    return true;
  });

/**
 * Ends only the roles that are new in these cells: they move into a second row, which costs a token of its own (SPEC section 4).
 * Where everything is new there is nothing to keep beside it, and the whole row gets the end.
 */
export const lendNewRoles = (stage: Stage, cells: Uint32Array, end: number): number => {
  const known: Target = { ...nothing };
  return stage.edit(cells, (cell, wanted) => {
    stage.known(cell, known);
    const added = wanted.access & ROLES & ~known.access;
    if (added === 0) return false;
    const rest = accessOf(wanted.access & ~added & ~HELD);
    if (!isHeld(known.access) || !isHeld(rest)) wanted.end = end;
    else {
      wanted.access = rest;
      wanted.lease = { access: (added | HELD) >>> 0, end };
    }
    return true;
  });
};

/** Writes a reason on what is staged in these cells. */
export const setReason = (stage: Stage, cells: Uint32Array, reason: string): number => stage.edit(cells, (cell) => stage.sign[cell] !== sign.none, reason);

/** A rectangle as copied: what is wanted in each of its cells, row by row. */
export type Pattern = { readonly height: number; readonly width: number; readonly cells: readonly Readonly<Target>[] };

/** `grid`: the rectangle's cells row by row; -1 where there is none (a folded pod). */
export function copyPattern(stage: Stage, grid: readonly (readonly number[])[]): Pattern {
  return { height: grid.length, width: grid[0]?.length ?? 0, cells: grid.flatMap((line) => line.map((cell) => (cell < 0 ? nothing : stage.wanted(cell, { ...nothing })))) };
}

/** Lays a pattern over a rectangle, repeated as often as it fits; `grid` as for copying. Roles without a number there are staged all the same, and blocked. */
export function pastePattern(stage: Stage, pattern: Pattern, grid: readonly (readonly number[])[]): number {
  if (pattern.height === 0 || pattern.width === 0) return 0;
  const wanted = new Map<number, Readonly<Target>>();
  grid.forEach((line, row) => line.forEach((cell, column) => cell >= 0 && wanted.set(cell, pattern.cells[(row % pattern.height) * pattern.width + (column % pattern.width)]!)));
  return stage.edit(Uint32Array.from(wanted.keys()), (cell, target) => (Object.assign(target, wanted.get(cell)), true));
}

/**
 * Makes one person like another at these rows: exactly, or only adding what they lack (`more`). Columns are people's numbers.
 * The rows left out are the "except" of it.
 */
export function makeLike(stage: Stage, { from, to, rows, more, reason }: { from: number; to: number; rows: readonly number[]; more: boolean; reason?: string }): number {
  const width = stage.facts.people.length;
  const model: Target = { ...nothing };
  return stage.edit(Uint32Array.from(rows, (row) => row * width + to), (cell, target) => {
    stage.wanted(cell - to + from, model);
    if (!more) Object.assign(target, model);
    else if (isHeld(model.access)) {
      if (!isHeld(target.access)) target.end = model.end;
      target.access = (target.access | model.access) >>> 0;
      target.lease ??= model.lease;
    } else return false;
    return true;
  }, reason);
}

/** A leaver: ends everything of ours that this person has, in every row. */
export function leaveEverywhere(stage: Stage, person: number, reason?: string): number {
  const width = stage.facts.people.length;
  return revoke(stage, Uint32Array.from(stage.facts.rows, (_, row) => row * width + person), reason);
}
