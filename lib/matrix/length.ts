/**
 * The organisation's rules of length over a staged cell, as lib/plan/check.ts judges the plan of it: what is given anew, or for longer
 * than before, needs an end within the tightest rule. Narrowing never does. Pure but for the clock; for the browser.
 */
import { FULL, HELD, isHeld, ROLES, type Facts, type Row } from "./facts.ts";
import { accessOf, nothing, type Stage, type Target } from "./stage.ts";

/** `of`: what the rule is about, in words. `whole`: a row that had no end would get one. `part`: which of a cell's two rows. */
export type TooLong = { readonly hours: number; readonly of: string; readonly whole: boolean; readonly part: "main" | "lease" };
type Half = { readonly access: number; readonly end: number };

const endOf = ({ access, end }: Half): number => (isHeld(access) ? end || Infinity : 0);

/** Bits that a rule can be about. Asked for every staged cell, so the roles are looked through once. */
const ruled = new WeakMap<Facts["roles"], number>();
function ruledIn(roles: Facts["roles"]): number {
  const known = ruled.get(roles);
  if (known !== undefined) return known;
  const bits = roles.reduce((sum, { longest }, bit) => (longest === null ? sum : sum | (1 << bit)), FULL);
  ruled.set(roles, bits);
  return bits;
}

/** The tightest rule over what `after` gives more than `before`; null: none. */
function tightest(facts: Facts, row: Row, before: Half, after: Half): { hours: number; of: string } | null {
  if (!isHeld(after.access)) return null;
  const later = endOf(after) > endOf(before);
  const added = after.access & (ROLES | FULL) & (later ? -1 : ~before.access);
  if ((added === 0 && !later) || (row.longest === null && (added & ruledIn(facts.roles)) === 0)) return null;
  let found: { hours: number; of: string } | null = null;
  const rule = (hours: number | null, of: string) => {
    if (hours !== null && (found === null || hours < found.hours)) found = { hours, of };
  };
  if ((added & FULL) !== 0) rule(facts.fullLongest, "full access");
  facts.roles.forEach((role, bit) => (added & (1 << bit)) !== 0 && rule(role.longest, role.name));
  rule(row.longest, `access at ${row.name}`);
  return found;
}

/** What stands against a cell, the first of its rows that is too long; null: nothing. */
export function tooLong(facts: Facts, row: Row, known: Readonly<Target>, wanted: Readonly<Target>): TooLong | null {
  const minute = Math.floor(Date.now() / 60_000);
  const over = (before: Half, after: Half, part: TooLong["part"]): TooLong | null => {
    const rule = tightest(facts, row, before, after);
    return rule === null || (after.end !== 0 && after.end - minute <= rule.hours * 60) ? null : { ...rule, part, whole: isHeld(before.access) && before.end === 0 };
  };
  return over(known, wanted, "main") ?? over(known.lease ?? nothing, wanted.lease ?? nothing, "lease");
}

/**
 * Gives these cells the longest ends that the rules allow, one step of undo. New roles beside what somebody has for good become a row
 * of their own, so that only they end; full access ends with its whole row. @returns how many cells are staged differently
 */
export function endWithin(stage: Stage, cells: Uint32Array): number {
  const { facts } = stage;
  const known: Target = { ...nothing };
  return stage.edit(cells, (cell, wanted) => {
    const row = facts.rows[Math.floor(cell / facts.people.length)]!;
    stage.known(cell, known);
    let changed = false;
    for (let round = 0; round < 2; round += 1) {
      const over = tooLong(facts, row, known, wanted);
      if (over === null) break;
      const end = Math.floor(Date.now() / 60_000) + over.hours * 60;
      const added = wanted.access & ROLES & ~known.access;
      if (over.part === "lease") wanted.lease = { access: wanted.lease!.access, end };
      else if (over.whole && wanted.end === 0 && (wanted.access & FULL & ~known.access) === 0 && added !== 0 && wanted.lease === null) {
        wanted.access = accessOf(wanted.access & ~added & ~HELD);
        wanted.lease = { access: accessOf(added), end };
      } else wanted.end = end;
      changed = true;
    }
    return changed;
  });
}
