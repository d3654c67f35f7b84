/**
 * Staged cells as they are sent and kept apart from any order of rows: keys of vaults, ids of people, distinct wishes, and runs over
 * them. 50,000 cells of one kind are a few hundred bytes. Pure, for both sides.
 */
import { bitsOf, FULL, HELD, isHeld, ROLES, rolesIn, type Facts } from "./facts.ts";
import { accessOf, nothing, sign, type Stage, type Target } from "./stage.ts";

/** `none`: every row of theirs ends. `clear`: nothing is staged any more. Ends in minutes since 1970, 0 for none. */
export type Wish =
  | { readonly clear: true }
  | { readonly none: true; readonly reason: string }
  | { readonly held: boolean; readonly full: boolean; readonly roles: readonly string[]; readonly end: number; readonly lease: { readonly roles: readonly string[]; readonly end: number } | null; readonly reason: string };

export type Packed = { readonly rows: readonly string[]; readonly people: readonly string[]; readonly wishes: readonly Wish[]; readonly runs: string };
/** One cell, unpacked. */
export type Wished = { readonly row: string; readonly person: string; readonly wish: Wish };

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const places = new Map([...letters].map((letter, at) => [letter, at]));

/** Base64 figures of 5 bits with a bit that says whether more come: small numbers are one letter. */
function writeNumbers(numbers: readonly number[]): string {
  let text = "";
  for (const number of numbers) {
    let rest = number;
    while (rest > 31) {
      text += letters[(rest & 31) | 32]!;
      rest = Math.floor(rest / 32);
    }
    text += letters[rest]!;
  }
  return text;
}

/** Throws a RangeError for what writeNumbers did not write. */
function readNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const letter of text) {
    const place = places.get(letter);
    if (place === undefined || scale > 2 ** 40) throw new RangeError("not a list of runs");
    value += (place & 31) * scale;
    scale *= 32;
    if (place < 32) {
      numbers.push(value);
      value = 0;
      scale = 1;
    }
  }
  if (scale !== 1) throw new RangeError("a list of runs is cut off");
  return numbers;
}

/** Packs wishes by cell. Cells go person by person, so that a column is one run. */
export function pack(wished: readonly Wished[]): Packed {
  const rows: string[] = [];
  const people: string[] = [];
  const wishes: Wish[] = [];
  const place = <T>(list: T[], seen: Map<string, number>, name: string, value: T): number => seen.get(name) ?? (seen.set(name, list.length), list.push(value) - 1);
  const [seenRows, seenPeople, seenWishes] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  // The same wish is often the same object: its text is made once.
  const known = new Map<Wish, number>();
  const wishAt = (wish: Wish): number => {
    let at = known.get(wish);
    if (at === undefined) known.set(wish, (at = place(wishes, seenWishes, JSON.stringify(wish), wish)));
    return at;
  };
  const cells = wished.map(({ row, person, wish }) => ({ row: place(rows, seenRows, row, row), person: place(people, seenPeople, person, person), wish: wishAt(wish) }));
  cells.sort((a, b) => a.person - b.person || a.row - b.row);
  const numbers: number[] = [];
  let next = 0;
  for (let at = 0; at < cells.length; ) {
    const first = cells[at]!.person * rows.length + cells[at]!.row;
    let length = 1;
    while (at + length < cells.length && cells[at + length]!.wish === cells[at]!.wish && cells[at + length]!.person * rows.length + cells[at + length]!.row === first + length) length += 1;
    numbers.push(first - next, length - 1, cells[at]!.wish);
    next = first + length;
    at += length;
  }
  return { rows, people, wishes, runs: writeNumbers(numbers) };
}

/** Throws a RangeError where a run leaves its lists, or more than `most` cells come out. */
export function unpack({ rows, people, wishes, runs }: Packed, most = 500_000): Wished[] {
  const numbers = readNumbers(runs);
  if (numbers.length % 3 !== 0) throw new RangeError("a list of runs is cut off");
  const found: Wished[] = [];
  let next = 0;
  for (let at = 0; at < numbers.length; at += 3) {
    const from = next + numbers[at]!;
    next = from + numbers[at + 1]! + 1;
    const wish = wishes[numbers[at + 2]!];
    if (wish === undefined || next > rows.length * people.length || found.length + (next - from) > most) throw new RangeError("a run leaves its lists");
    for (let cell = from; cell < next; cell += 1) found.push({ row: rows[cell % rows.length]!, person: people[Math.floor(cell / rows.length)]!, wish });
  }
  return found;
}

/** How a cell is staged now, as a wish. */
export function wishOf(stage: Stage, cell: number): Wish {
  if (stage.sign[cell] === sign.none) return { clear: true };
  const reason = stage.reasonOf(cell);
  if (stage.sign[cell] === sign.revoke) return { none: true, reason };
  const wanted = stage.wanted(cell, { ...nothing });
  const ids = (access: number) => rolesIn(stage.facts, access).map((role) => role.id);
  return { held: isHeld(wanted.access), full: (wanted.access & FULL) !== 0, roles: ids(wanted.access), end: wanted.end, lease: wanted.lease ? { roles: ids(wanted.lease.access), end: wanted.lease.end } : null, reason };
}

/** A wish as the target of a cell; null: nothing is staged. Roles that the dictionary does not have any more are left out. */
export function targetOf(facts: Facts, wish: Wish): Target | null {
  if ("clear" in wish) return null;
  if ("none" in wish) return { ...nothing };
  const bits = bitsOf(facts, wish.roles) & ROLES;
  const access = wish.held ? ((bits | (wish.full ? FULL : 0) | HELD) >>> 0) : accessOf(0);
  return { access, end: wish.end, lease: wish.lease ? { access: (bitsOf(facts, wish.lease.roles) | HELD) >>> 0, end: wish.lease.end } : null };
}
export const reasonIn = (wish: Wish): string => ("clear" in wish ? "" : wish.reason);

/** Where keys and ids stand in these facts: wishes for what is not shown there have no cell. */
export function placesOf(facts: Facts): (wished: Pick<Wished, "row" | "person">) => number {
  const rows = new Map(facts.rows.map((row, at) => [row.key, at]));
  const people = new Map(facts.people.map((person, at) => [person.id, at]));
  return ({ row, person }) => {
    const [atRow, atColumn] = [rows.get(row), people.get(person)];
    return atRow === undefined || atColumn === undefined ? -1 : atRow * facts.people.length + atColumn;
  };
}

export const wishedOf = (stage: Stage, cell: number): Wished => ({ row: stage.facts.rows[Math.floor(cell / stage.facts.people.length)]!.key, person: stage.facts.people[cell % stage.facts.people.length]!.id, wish: wishOf(stage, cell) });
