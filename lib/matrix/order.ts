/** In which order rows stand. Every order is total: ties fall back to name, place and vault, so that nothing jumps. */
import { bitCount, flag, FULL, HELD, isOld, type Facts } from "./facts.ts";
import { freeTokens } from "./block.ts";
import { isUnused } from "./cell.ts";
import type { Stage } from "./stage.ts";

export const orders = ["name", "tag", "plan", "free", "risk", "similarity"] as const;
export type Order = (typeof orders)[number];

/** `rows` in the order they are shown; `breaks`: rows after which another cluster begins. */
export type Ordered = { readonly rows: Uint32Array; readonly breaks: ReadonlySet<number> };

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const names = new WeakMap<readonly object[], Uint32Array>();

/** Each row's place in the order of names: compared once, then a number. */
function namePlaces(facts: Facts): Uint32Array {
  const known = names.get(facts.rows);
  if (known) return known;
  const sorted = facts.rows.map((row, at) => ({ row, at })).sort((a, b) => collator.compare(a.row.name, b.row.name) || collator.compare(a.row.place, b.row.place) || a.row.client - b.row.client || collator.compare(a.row.vault, b.row.vault) || a.at - b.at);
  const places = new Uint32Array(facts.rows.length);
  sorted.forEach(({ at }, place) => (places[at] = place));
  names.set(facts.rows, places);
  return places;
}

/**
 * How much there is to look at in a row: what somebody else changed, what cannot be told, full access, what nobody uses, what has
 * ended and is still there. A sum for sorting, shown to nobody.
 */
export function riskOf(facts: Facts, row: number): number {
  const width = facts.people.length;
  let risk = isOld(facts.rows[row]!) ? 60 : 0;
  for (let cell = row * width; cell < (row + 1) * width; cell += 1) {
    const access = facts.cells.access[cell]!;
    if (access === 0) continue;
    const flags = facts.cells.flags[cell]!;
    if (flags & flag.drift) risk += 100;
    if (access & FULL) risk += 4;
    if (isUnused(facts, cell)) risk += 3;
    if (facts.cells.end[cell]! > 0 && facts.cells.end[cell]! * 60_000 <= facts.at) risk += 20;
    if (flags & flag.unmapped) risk += 5;
  }
  return risk + facts.rows[row]!.loose * 10;
}

/**
 * What stands next to each other looks alike: rows with one pattern are one group, and from group to group the nearest that is left
 * is taken, the largest first. A pattern is who has access (exact) and in which roles (folded into 128 bits).
 */
function bySimilarity(facts: Facts, places: Uint32Array): Ordered {
  const width = facts.people.length;
  const own = Math.ceil(width / 32);
  const words = own + 4;
  const groups = new Map<string, { rows: number[]; pattern: Uint32Array }>();
  facts.rows.forEach((_, row) => {
    const pattern = new Uint32Array(words);
    for (let column = 0; column < width; column += 1) {
      const access = facts.cells.access[row * width + column]!;
      if ((access & HELD) === 0) continue;
      pattern[column >> 5]! |= 1 << (column & 31);
      const hash = (Math.imul((access & ~HELD) ^ (column << 8), 0x9e37_79b1) >>> 0) % 128;
      pattern[own + (hash >> 5)]! |= 1 << (hash & 31);
    }
    const name = pattern.join();
    const group = groups.get(name);
    if (group) group.rows.push(row);
    else groups.set(name, { rows: [row], pattern });
  });
  const list = [...groups.values()];
  const all = new Uint32Array(list.length * words);
  list.forEach((group, at) => all.set(group.pattern, at * words));
  const left = new Uint8Array(list.length).fill(1);
  const smallest = (group: { rows: number[] }) => Math.min(...group.rows.map((row) => places[row]!));
  let now = list.reduce((best, group, at) => (group.rows.length > list[best]!.rows.length || (group.rows.length === list[best]!.rows.length && smallest(group) < smallest(list[best]!)) ? at : best), 0);
  const rows: number[] = [];
  const breaks = new Set<number>();
  for (let count = 0; count < list.length; count += 1) {
    left[now] = 0;
    rows.push(...list[now]!.rows.toSorted((a, b) => places[a]! - places[b]!));
    let nearest = -1;
    let least = Infinity;
    const base = now * words;
    for (let at = 0; at < list.length; at += 1) {
      if (left[at] === 0) continue;
      let apart = 0;
      for (let word = 0, other = at * words; word < words && apart < least; word += 1, other += 1) {
        // bitCount by hand: the innermost loop of half a million comparisons.
        let n = (all[base + word]! ^ all[other]!) >>> 0;
        if (n === 0) continue;
        n -= (n >>> 1) & 0x5555_5555;
        n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
        apart += (((n + (n >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
      }
      if (apart < least) {
        least = apart;
        nearest = at;
      }
    }
    if (nearest < 0) break;
    // More than half of what either holds is different: another cluster.
    let held = 0;
    for (let word = 0; word < own; word += 1) held = Math.max(held, 0) + bitCount(all[base + word]! | all[nearest * words + word]!);
    let differ = 0;
    for (let word = 0; word < own; word += 1) differ += bitCount(all[base + word]! ^ all[nearest * words + word]!);
    if (differ * 2 > held) breaks.add(rows.at(-1)!);
    now = nearest;
  }
  return { rows: Uint32Array.from(rows), breaks };
}

/** All rows in an order. `stage` counts staged tokens into what is free. */
export function orderRows(facts: Facts, order: Order, stage: Stage): Ordered {
  const places = namePlaces(facts);
  if (order === "similarity") return bySimilarity(facts, places);
  const rows = Uint32Array.from(facts.rows, (_, row) => row);
  const key = new Float64Array(rows.length);
  const rank = (words: readonly string[]) => new Map([...new Set(words)].sort((a, b) => (a === "" ? 1 : b === "" ? -1 : collator.compare(a, b))).map((word, at) => [word, at]));
  if (order === "tag") {
    const first = facts.rows.map((row) => row.tags[0] ?? "");
    const ranks = rank(first);
    first.forEach((tag, row) => (key[row] = ranks.get(tag)!));
  } else if (order === "plan") {
    const ranks = rank(facts.rows.map((row) => row.plan));
    facts.rows.forEach((row, at) => (key[at] = ranks.get(row.plan)!));
  } else if (order === "free") facts.rows.forEach((_, row) => (key[row] = freeTokens(stage, row) ?? Infinity));
  else if (order === "risk") facts.rows.forEach((_, row) => (key[row] = -riskOf(facts, row)));
  rows.sort((a, b) => (key[a] === key[b] ? places[a]! - places[b]! : key[a]! - key[b]!));
  const breaks = new Set<number>();
  if (order === "tag" || order === "plan") for (let at = 1; at < rows.length; at += 1) if (key[rows[at]!] !== key[rows[at - 1]!]) breaks.add(rows[at - 1]!);
  return { rows, breaks };
}
