/** Rules by tag and pod: they say what should stand in their cells, and stage it when asked. They never act by themselves. */
import { bitsOf, flag, HELD, isHeld, type Facts } from "./facts.ts";
import type { Stage } from "./stage.ts";

export type Rule = {
  readonly id: string;
  readonly name: string;
  /** Clients that carry it; "" for all. */
  readonly tag: string;
  /** Technicians of it; null for all. */
  readonly podId: string | null;
  /** Role ids that each of them should have there, at least. */
  readonly roles: readonly string[];
  /** Rows (keys of vaults) and technicians (ids) that the rule leaves out on purpose. */
  readonly without: readonly string[];
};

/** Per cell: the bits that rules want, and whether a rule leaves it out. */
export type RuleCells = { readonly wanted: Uint32Array; readonly out: Uint8Array };

export function applyRules(facts: Facts, rules: readonly Rule[]): RuleCells {
  const width = facts.people.length;
  const wanted = new Uint32Array(facts.cells.access.length);
  const out = new Uint8Array(wanted.length);
  for (const rule of rules) {
    const bits = bitsOf(facts, rule.roles);
    const left = new Set(rule.without);
    const pod = rule.podId === null ? null : facts.pods.findIndex((one) => one.id === rule.podId);
    const columns = facts.people.flatMap((person, column) => (pod === null || person.pod === pod ? [column] : []));
    if (bits === 0) continue;
    facts.rows.forEach((row, at) => {
      if (rule.tag !== "" && !row.tags.includes(rule.tag)) return;
      for (const column of columns) {
        const cell = at * width + column;
        if (left.has(row.key) || left.has(facts.people[column]!.id)) out[cell] = 1;
        else wanted[cell]! |= bits;
      }
    });
  }
  return { wanted, out };
}

/** "by": what is there is what rules want; "out": left out on purpose; "": no rule speaks of it, or more is there than it wants. */
export function ruleOf(facts: Facts, { wanted, out }: RuleCells, cell: number): "" | "by" | "out" {
  if (wanted[cell] !== 0) return isHeld(facts.cells.access[cell]!) && (facts.cells.access[cell]! & ~HELD) >>> 0 === wanted[cell] ? "by" : "";
  return out[cell] === 1 ? "out" : "";
}

/** Cells that lack what a rule wants, as things stand with everything staged: what "stage what rules want" would touch. */
export function lacking(stage: Stage, { wanted }: RuleCells): Uint32Array {
  const target = { access: 0, end: 0, lease: null };
  const found: number[] = [];
  for (let cell = 0; cell < wanted.length; cell += 1) {
    if (wanted[cell] === 0 || stage.facts.cells.flags[cell]! & flag.own) continue;
    if ((wanted[cell]! & ~stage.wanted(cell, target).access) !== 0) found.push(cell);
  }
  return Uint32Array.from(found);
}

/** Stages what rules want and is not there: one step of undo. Nothing is taken away from anybody. */
export function stageRules(stage: Stage, rules: RuleCells): number {
  return stage.edit(lacking(stage, rules), (cell, target) => {
    target.access = (target.access | rules.wanted[cell]! | HELD) >>> 0;
    return true;
  });
}
