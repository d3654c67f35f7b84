/**
 * What a person has staged, as arrays over the same cells as the facts, with undo and redo. Nothing here is live: it is a wish
 * until a plan of it was signed. A cell that is staged to what is known anyway is not staged. It is long because sums, undo and facts that
 * are read anew all touch the same arrays.
 */
import { flag, HELD, isHeld, rowOf, type Facts, type LeaseFact } from "./facts.ts";

/** What a cell is or should be. `access` without HELD: no row at all. */
export type Target = { access: number; end: number; lease: LeaseFact | null };
export const nothing: Readonly<Target> = { access: 0, end: 0, lease: null };

/** In `Stage.sign`. */
export const sign = { none: 0, grant: 1, revoke: 2, alter: 3 } as const;

/** Steps of undo hold the cells they changed; past this many cells in all, the oldest steps are forgotten. */
const historyCells = 4_000_000;

type Step = { cells: Uint32Array; staged: Uint8Array; access: Uint32Array; end: Uint32Array; reason: Uint16Array; leases: Map<number, LeaseFact> };

export const sameLease = (a: LeaseFact | null | undefined, b: LeaseFact | null | undefined): boolean => (!a || !b ? !a === !b : a.access === b.access && a.end === b.end);
export const sameTarget = (a: Readonly<Target>, b: Readonly<Target>): boolean => a.access === b.access && a.end === b.end && sameLease(a.lease, b.lease);
const tokensOf = (access: number, lease: LeaseFact | null | undefined): number => (isHeld(access) ? 1 : 0) + (lease ? 1 : 0);

export class Stage {
  facts: Facts;
  /** How each cell is staged; 0: not at all. The other arrays count only where this is not 0. */
  sign!: Uint8Array;
  access!: Uint32Array;
  end!: Uint32Array;
  /** Index into `reasons`. */
  reason!: Uint16Array;
  /** Rises with each cell staged: where tokens run out, the latest are the ones too many. */
  order!: Uint32Array;
  readonly leases = new Map<number, LeaseFact>();
  readonly reasons: string[] = [""];
  /** Cells by sign, and the rows that they touch. */
  readonly sum = { grant: 0, revoke: 0, alter: 0, rows: 0 };
  /** Per row: how many tokens more it would use, and how many of its cells are staged. */
  rowTokens!: Int32Array;
  rowStaged!: Uint32Array;
  /** Rises with each change. */
  version = 0;
  private next = 1;
  private past: Step[] = [];
  private future: Step[] = [];

  constructor(facts: Facts) {
    this.facts = facts;
    this.allocate();
  }

  private allocate(): void {
    const count = this.facts.cells.access.length;
    this.sign = new Uint8Array(count);
    this.access = new Uint32Array(count);
    this.end = new Uint32Array(count);
    this.reason = new Uint16Array(count);
    this.order = new Uint32Array(count);
    this.rowTokens = new Int32Array(this.facts.rows.length);
    this.rowStaged = new Uint32Array(this.facts.rows.length);
  }

  /** What the vault is known to hold of ours. What the client removed, or made itself, is none. */
  known(cell: number, into: Target): Target {
    const { cells } = this.facts;
    const there = (cells.flags[cell]! & (flag.gone | flag.own)) === 0;
    into.access = there ? cells.access[cell]! : 0;
    into.end = there ? cells.end[cell]! : 0;
    into.lease = there ? (cells.leases.get(cell) ?? null) : null;
    return into;
  }

  /** What is wanted: as staged, else as known. */
  wanted(cell: number, into: Target): Target {
    if (this.sign[cell] === sign.none) return this.known(cell, into);
    into.access = this.access[cell]!;
    into.end = this.end[cell]!;
    into.lease = this.leases.get(cell) ?? null;
    return into;
  }

  reasonOf(cell: number): string {
    return this.sign[cell] === sign.none ? "" : this.reasons[this.reason[cell]!]!;
  }

  reasonIndex(text: string): number {
    const at = this.reasons.indexOf(text);
    return at >= 0 ? at : this.reasons.push(text) - 1;
  }

  private readonly scratch: Target = { ...nothing };
  private readonly scratchWanted: Target = { ...nothing };

  /** Takes a cell out of the sums. */
  private leave(cell: number): void {
    const was = this.sign[cell]!;
    if (was === sign.none) return;
    const row = rowOf(this.facts, cell);
    const known = this.known(cell, this.scratch);
    this.rowTokens[row]! -= tokensOf(this.access[cell]!, this.leases.get(cell)) - tokensOf(known.access, known.lease);
    this.rowStaged[row]! -= 1;
    if (this.rowStaged[row] === 0) this.sum.rows -= 1;
    if (was === sign.grant) this.sum.grant -= 1;
    else if (was === sign.revoke) this.sum.revoke -= 1;
    else this.sum.alter -= 1;
    this.sign[cell] = sign.none;
    if (this.leases.size > 0) this.leases.delete(cell);
  }

  /** Stages one cell, or takes it back where that is what is known. Keeps no history. */
  put(cell: number, target: Readonly<Target>, reason: number): void {
    this.leave(cell);
    const { access, end, lease } = target;
    const known = this.known(cell, this.scratch);
    if (known.access === access && known.end === end && sameLease(known.lease, lease)) return;
    const before = tokensOf(known.access, known.lease);
    const after = tokensOf(access, lease);
    const now = before === 0 ? sign.grant : after === 0 ? sign.revoke : sign.alter;
    this.sign[cell] = now;
    this.access[cell] = access;
    this.end[cell] = end;
    this.reason[cell] = reason;
    this.order[cell] = this.next++;
    if (lease) this.leases.set(cell, lease);
    const row = rowOf(this.facts, cell);
    this.rowTokens[row]! += after - before;
    if (this.rowStaged[row]!++ === 0) this.sum.rows += 1;
    if (now === sign.grant) this.sum.grant += 1;
    else if (now === sign.revoke) this.sum.revoke += 1;
    else this.sum.alter += 1;
  }

  private snapshot(cells: Uint32Array): Step {
    const step: Step = { cells, staged: new Uint8Array(cells.length), access: new Uint32Array(cells.length), end: new Uint32Array(cells.length), reason: new Uint16Array(cells.length), leases: new Map() };
    cells.forEach((cell, at) => {
      step.staged[at] = this.sign[cell]!;
      step.access[at] = this.access[cell]!;
      step.end[at] = this.end[cell]!;
      step.reason[at] = this.reason[cell]!;
      const lease = this.leases.get(cell);
      if (lease) step.leases.set(cell, lease);
    });
    return step;
  }

  /**
   * One step of editing: `change` fills in what each cell should become, or says false to leave it. Returns how many cells are
   * staged differently now. A step that changes nothing is no step.
   */
  edit(cells: Uint32Array, change: (cell: number, target: Target) => boolean, reason?: string): number {
    const step = this.snapshot(cells);
    const target: Target = { ...nothing };
    const given = reason === undefined ? null : this.reasonIndex(reason);
    let changed = 0;
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at]!;
      // What the client made itself is theirs: shown, never staged.
      if (this.facts.cells.flags[cell]! & flag.own) continue;
      this.wanted(cell, target);
      const kept = this.sign[cell] === sign.none ? 0 : this.reason[cell]!;
      if (!change(cell, target)) continue;
      this.put(cell, target, given ?? kept);
      const was = step.staged[at]!;
      const same = was === this.sign[cell] && (was === sign.none || (step.access[at] === this.access[cell] && step.end[at] === this.end[cell] && step.reason[at] === this.reason[cell] && sameLease(step.leases.get(cell), this.leases.get(cell))));
      if (!same) changed += 1;
    }
    if (changed === 0) return 0;
    this.version += 1;
    this.future = [];
    this.past.push(step);
    let held = 0;
    for (let at = this.past.length - 1; at >= 0; at -= 1) {
      held += this.past[at]!.cells.length;
      if (held > historyCells && at < this.past.length - 1) {
        this.past.splice(0, at + 1);
        break;
      }
    }
    return changed;
  }

  private restore(step: Step): Step {
    const inverse = this.snapshot(step.cells);
    step.cells.forEach((cell, at) => {
      if (step.staged[at] === sign.none) this.leave(cell);
      else this.put(cell, { access: step.access[at]!, end: step.end[at]!, lease: step.leases.get(cell) ?? null }, step.reason[at]!);
    });
    this.version += 1;
    return inverse;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }
  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Takes the last step back; the cells that it had changed, or null when there is none. */
  undo(): Uint32Array | null {
    const step = this.past.pop();
    if (!step) return null;
    this.future.push(this.restore(step));
    return step.cells;
  }

  redo(): Uint32Array | null {
    const step = this.future.pop();
    if (!step) return null;
    this.past.push(this.restore(step));
    return step.cells;
  }

  /** All staged cells, in their order in the matrix. */
  cells(): Uint32Array {
    const list = new Uint32Array(this.sum.grant + this.sum.revoke + this.sum.alter);
    let at = 0;
    for (let cell = 0; cell < this.sign.length && at < list.length; cell += 1) if (this.sign[cell] !== sign.none) list[at++] = cell;
    return list;
  }

  /**
   * Facts as read anew. What is staged stays by row and person (`moved`: where a cell stands now, -1 for nowhere); what came true by
   * itself is not staged any more. The steps of undo go with the old cells when the rows are others.
   */
  onto(facts: Facts, moved: (cell: number) => number): void {
    const staged = this.cells();
    const kept = Array.from(staged, (cell) => ({ cell: moved(cell), target: this.wanted(cell, { ...nothing }), reason: this.reason[cell]!, order: this.order[cell]! }));
    const same = facts.cells.access.length === this.facts.cells.access.length && kept.every(({ cell }, at) => cell === staged[at]);
    this.facts = facts;
    this.leases.clear();
    Object.assign(this.sum, { grant: 0, revoke: 0, alter: 0, rows: 0 });
    this.allocate();
    for (const { cell, target, reason } of kept.filter((one) => one.cell >= 0).toSorted((a, b) => a.order - b.order)) this.put(cell, target, reason);
    if (!same) {
      this.past = [];
      this.future = [];
    }
    this.version += 1;
  }

  /**
   * A few rows read anew, in their places: `change` writes what they hold and gives the facts. Only what is staged in these rows is
   * looked at, so that a client's own change costs the same however much is staged elsewhere.
   */
  refresh(rows: readonly number[], change: () => Facts): void {
    const width = this.facts.people.length;
    const lifted: { cell: number; target: Target; reason: number; order: number }[] = [];
    for (const row of rows) {
      if (this.rowStaged[row] === 0) continue;
      for (let cell = row * width; cell < (row + 1) * width; cell += 1) {
        if (this.sign[cell] === sign.none) continue;
        lifted.push({ cell, target: { ...this.wanted(cell, this.scratchWanted) }, reason: this.reason[cell]!, order: this.order[cell]! });
        this.leave(cell);
      }
    }
    this.facts = change();
    let fell = false;
    for (const { cell, target, reason, order } of lifted) {
      this.put(cell, target, reason);
      if (this.sign[cell] === sign.none) fell = true;
      else this.order[cell] = order;
    }
    if (fell) this.version += 1;
  }
}

/** An access with these roles and full access; nothing at all is no row. */
export const accessOf = (bits: number): number => (bits === 0 ? 0 : (bits | HELD) >>> 0);
