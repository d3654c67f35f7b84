/**
 * The state of an open matrix: facts, what is staged, what is shown, what is selected, where the focus is. No DOM and no React: the
 * grid, the lenses and the bars read it and are told when it changes. It is long because it is the one place where these meet.
 */
import { Blocks, causeWords, type Cause } from "#lib/matrix/block.ts";
import { sentenceOf, targetWords, type CellContext } from "#lib/matrix/cell.ts";
import { copyPattern, lendNewRoles, leaveEverywhere, makeLike, pastePattern, revoke, setEnd, setReason, toggleFull, toggleRole, unstage, type Pattern } from "#lib/matrix/edit.ts";
import { cellOf, flag, isHeld, isThere, type Facts } from "#lib/matrix/facts.ts";
import { select, type Ground, type Selected } from "#lib/matrix/filter.ts";
import { endWithin } from "#lib/matrix/length.ts";
import { orderRows, type Order, type Ordered } from "#lib/matrix/order.ts";
import { placesOf, reasonIn, targetOf, unpack, type Packed } from "#lib/matrix/pack.ts";
import { parseQuery, type Query } from "#lib/matrix/query.ts";
import { applyRules, lacking, ruleOf, stageRules, type Rule, type RuleCells } from "#lib/matrix/rule.ts";
import { nothing, sign, Stage, type Target } from "#lib/matrix/stage.ts";
import { arrange, cellAt, columnCount, placeOf, rectangle, rowCount, type Arrangement } from "./view.ts";

export type Place = { readonly row: number; readonly column: number };
/** `arranged`: other rows or columns stand there; `painted`: the same places look otherwise; `moved`: focus or selection. */
export type Change = "arranged" | "painted" | "moved";
export type Showing = { query: string; order: Order; turned: boolean; highlight: boolean };

/** Counts once per `key`: bars ask with every key that is pressed. */
function once<T>(key: () => string, count: () => T): () => T {
  let last: { key: string; value: T } | null = null;
  return () => {
    const now = key();
    if (last?.key !== now) last = { key: now, value: count() };
    return last.value;
  };
}

export class MatrixModel {
  facts: Facts;
  stage: Stage;
  readonly blocks: Blocks;
  rules: readonly Rule[] = [];
  ruleCells: RuleCells;
  arrangement!: Arrangement;
  query: Query = parseQuery("");
  showing: Showing = { query: "", order: "name", turned: false, highlight: false };
  /** What the query selects; its cells are marked when it highlights. */
  selected!: Selected;
  focus: Place = { row: 1, column: 1 };
  /** 1 for each selected cell, shown or hidden. */
  selection: Uint8Array;
  selectionCount = 0;
  /** Rises with each change of the selection. */
  selectionVersion = 0;
  anchor: Place = { row: 1, column: 1 };
  pattern: Pattern | null = null;
  /** Whether this person may stage. */
  readonly canStage: boolean;
  /** Said politely to whoever does not see: what the last deed did. */
  private words = "";
  /** Rises with each word. */
  said = 0;
  get spoken(): string {
    return this.words;
  }
  private set spoken(words: string) {
    this.words = words;
    this.said += 1;
  }
  private colleagues = new Map<number, string>();
  private colleagueCells: readonly { name: string; cells: Packed }[] = [];
  private readonly folded = new Set<number>();
  private readonly open = new Set<number>();
  private ordered!: Ordered;
  private readonly listeners = new Set<(change: Change) => void>();
  private before: Uint8Array | null = null;
  /** The selection is one range drawn by Shift or by the pointer, and nothing else. */
  private drawn = false;
  /** Rises with each change, for React. */
  version = 0;
  /** Rises when other rows or columns stand there. */
  arrangedVersion = 0;
  /** Rises when other facts, rules or colleagues' cells lie under it. */
  factsVersion = 0;

  constructor(facts: Facts, canStage: boolean) {
    this.facts = facts;
    this.canStage = canStage;
    this.stage = new Stage(facts);
    this.blocks = new Blocks(this.stage);
    this.ruleCells = applyRules(facts, []);
    this.selection = new Uint8Array(facts.cells.access.length);
    this.rearrange();
  }

  readonly subscribe = (listener: (change: Change) => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly snapshot = (): number => this.version;
  tell(change: Change): void {
    this.version += 1;
    if (change === "arranged") this.arrangedVersion += 1;
    for (const listener of this.listeners) listener(change);
  }

  get minute(): number {
    return Math.floor(Date.now() / 60_000);
  }
  private ground(): Ground {
    return { facts: this.facts, stage: this.stage, blocks: this.blocks, rules: this.ruleCells, minute: this.minute, colleagues: new Set(this.colleagues.keys()) };
  }
  context(): CellContext {
    const minute = this.minute;
    return {
      facts: this.facts, stage: this.stage, minute, cause: (cell) => (this.stage.sign[cell] === sign.none ? null : this.blocks.of(cell)), causeWords: (cell, cause) => this.causeWords(cell, cause).what,
      rule: (cell) => ruleOf(this.facts, this.ruleCells, cell), others: (cell) => this.colleagues.get(cell) ?? "",
    };
  }
  causeWords(cell: number, cause: Cause): { what: string; help: string } {
    const width = this.facts.people.length;
    return causeWords(cause, this.facts, this.facts.rows[Math.floor(cell / width)]!, this.facts.people[cell % width]!, this.stage.wanted(cell, { ...nothing }), this.stage.known(cell, { ...nothing }));
  }
  sentence(cell: number): string {
    return sentenceOf(this.context(), cell);
  }

  // What is shown

  show(change: Partial<Showing>): void {
    const start = performance.now();
    const kept = cellAt(this.arrangement, this.focus.row, this.focus.column);
    this.showing = { ...this.showing, ...change };
    this.query = parseQuery(this.showing.query);
    this.rearrange(kept);
    this.tell("arranged");
    performance.measure("matrix-show", { start });
  }
  /** Rows keep their places while cells change; they are put in order anew when they are asked for. */
  private rearrange(kept = -1): void {
    this.ordered = orderRows(this.facts, this.showing.order, this.stage);
    this.selected = select(this.ground(), this.query);
    this.place(kept);
  }
  private place(kept: number): void {
    this.arrangement = arrange({ facts: this.facts, ordered: this.ordered, selected: this.showing.highlight ? null : this.selected, foldedPods: this.folded, openClients: this.open, turned: this.showing.turned });
    const found = kept >= 0 ? placeOf(this.arrangement, kept) : null;
    this.focus = found ?? this.within(this.focus);
    this.anchor = this.focus;
    this.before = null;
  }
  private within({ row, column }: Place): Place {
    return { row: Math.max(0, Math.min(row, rowCount(this.arrangement))), column: Math.max(0, Math.min(column, columnCount(this.arrangement))) };
  }
  toggleFold(pod: number): void {
    const kept = cellAt(this.arrangement, this.focus.row, this.focus.column);
    if (!this.folded.delete(pod)) this.folded.add(pod);
    this.place(kept);
    this.tell("arranged");
  }
  toggleClient(client: number): void {
    const kept = cellAt(this.arrangement, this.focus.row, this.focus.column);
    if (!this.open.delete(client)) this.open.add(client);
    this.place(kept);
    this.tell("arranged");
  }
  isClientOpen(client: number): boolean {
    return this.open.has(client);
  }
  /** A cell that a query names, or one outside of what it names while it highlights. */
  isMarked(cell: number): boolean {
    if (this.selected.cells) return this.selected.cells[cell] === 1;
    const width = this.facts.people.length;
    return this.selected.rows[Math.floor(cell / width)] === 1 && this.selected.columns[cell % width] === 1;
  }
  get highlights(): boolean {
    return this.showing.highlight && this.query.terms.length > 0;
  }

  // Focus and selection

  get focused(): number {
    return cellAt(this.arrangement, this.focus.row, this.focus.column);
  }
  moveTo(place: Place, extend = false): void {
    this.focus = this.within(place);
    if (extend) this.extend();
    else {
      // A drawn range goes with the next step, as in any sheet: a key must not act where nobody looks. What was chosen row by row stays.
      if (this.drawn) {
        this.selection.fill(0);
        this.selectionCount = 0;
        this.selectionVersion += 1;
        this.drawn = false;
      }
      this.anchor = this.focus;
      this.before = null;
    }
    this.tell("moved");
  }
  /** From the anchor to the focus, on top of what was selected before. */
  private extend(): void {
    if (this.before === null) {
      this.drawn = this.selectionCount === 0;
      this.before = this.selection.slice();
    }
    this.selection.set(this.before);
    for (const line of rectangle(this.arrangement, this.anchor, this.focus)) for (const cell of line) if (cell >= 0) this.selection[cell] = 1;
    this.count();
  }
  private count(): void {
    this.selectionVersion += 1;
    let count = 0;
    for (const one of this.selection) count += one;
    this.selectionCount = count;
  }
  clearSelection(): void {
    this.selection.fill(0);
    this.selectionCount = 0;
    this.selectionVersion += 1;
    this.drawn = false;
    this.before = null;
    this.anchor = this.focus;
    this.tell("moved");
  }
  /** Adds a rectangle to the selection, or takes it out when all of it is selected. A head takes its whole row or column, as filtered. */
  selectRectangle(from: Place, to: Place, { add = false, toggle = false } = {}): void {
    const bottom = rowCount(this.arrangement);
    const right = columnCount(this.arrangement);
    const [a, b] = [{ row: from.row === 0 ? 1 : from.row, column: from.column === 0 ? 1 : from.column }, { row: to.row === 0 || from.row === 0 ? bottom : to.row, column: to.column === 0 || from.column === 0 ? right : to.column }];
    const cells = rectangle(this.arrangement, a, b).flat().filter((cell) => cell >= 0);
    if (!add) this.selection.fill(0);
    this.drawn = false;
    const off = toggle && cells.length > 0 && cells.every((cell) => this.selection[cell] === 1);
    for (const cell of cells) this.selection[cell] = off ? 0 : 1;
    this.before = null;
    this.count();
    this.tell("moved");
  }
  /** One cell and nothing else: a list acts on the line it stands in. */
  selectOnly(cell: number): void {
    this.selection.fill(0);
    this.selection[cell] = 1;
    this.selectionCount = 1;
    this.selectionVersion += 1;
    this.drawn = false;
    this.before = null;
    this.tell("moved");
  }
  /** Adds cells to the selection, or takes them out: what is ticked in a list. The client's own rows are never among them. */
  choose(cells: readonly number[], on: boolean): void {
    for (const cell of cells) if ((this.facts.cells.flags[cell]! & flag.own) === 0) this.selection[cell] = on ? 1 : 0;
    this.drawn = false;
    this.before = null;
    this.count();
    this.tell("moved");
  }
  /** A deed on one cell, whatever else is selected, which stays so. */
  alone(cell: number, deed: () => void): void {
    const [kept, count] = [this.selection, this.selectionCount];
    this.selection = new Uint8Array(kept.length);
    this.selection[cell] = 1;
    this.selectionCount = 1;
    deed();
    [this.selection, this.selectionCount] = [kept, count];
    this.selectionVersion += 1;
    this.tell("moved");
  }
  selectAll(): void {
    this.selectRectangle({ row: 0, column: 0 }, { row: 0, column: 0 });
  }
  /** Every cell of these rows or columns, shown or not: "select all 1,000 matching". */
  selectColumn(person: number): void {
    this.selection.fill(0);
    this.facts.rows.forEach((_, row) => (this.selection[cellOf(this.facts, row, person)] = 1));
    this.drawn = false;
    this.count();
    this.tell("moved");
  }
  /** Selected cells, or the focused one when none is. */
  target(): Uint32Array {
    if (this.selectionCount === 0) return this.focused < 0 ? new Uint32Array(0) : Uint32Array.of(this.focused);
    const cells = new Uint32Array(this.selectionCount);
    let at = 0;
    for (let cell = 0; cell < this.selection.length && at < cells.length; cell += 1) if (this.selection[cell] === 1) cells[at++] = cell;
    return cells;
  }
  /** How many of the selected are hidden by the query or a fold. */
  readonly hiddenSelected = once(() => `${this.selectionVersion} ${this.arrangedVersion}`, () => this.countHidden());
  private countHidden(): number {
    if (this.selectionCount === 0) return 0;
    const rows = new Uint8Array(this.facts.rows.length);
    const columns = new Uint8Array(this.facts.people.length);
    for (const { row } of this.arrangement.lines) rows[row] = 1;
    for (const column of this.arrangement.columns) if (column.kind === "person") columns[column.person] = 1;
    const width = columns.length;
    let hidden = 0;
    for (let cell = 0; cell < this.selection.length; cell += 1) if (this.selection[cell] === 1 && !(rows[Math.floor(cell / width)] && columns[cell % width])) hidden += 1;
    return hidden;
  }
  /** When the selection lies in one person's column, without all of it: who, and how many rows there are. */
  oneColumn(): { person: number; rows: number } | null {
    if (this.selectionCount < 2 || this.selectionCount === this.facts.rows.length) return null;
    const width = this.facts.people.length;
    const person = this.selection.indexOf(1) % width;
    for (let cell = 0; cell < this.selection.length; cell += 1) if (this.selection[cell] === 1 && cell % width !== person) return null;
    return { person, rows: this.facts.rows.length };
  }

  // Deeds. Each says what it did, is one step of undo, and is nothing where one may not stage.

  private did(count: number, words: string): number {
    performance.mark("matrix-did");
    this.spoken = count === 0 ? "Nothing changed" : `${words}: ${count} ${count === 1 ? "cell" : "cells"}`;
    this.tell("painted");
    return count;
  }
  private able(): boolean {
    if (!this.canStage) this.spoken = "You may look at the matrix, not change it";
    return this.canStage;
  }
  role(at: number): number {
    const role = this.facts.roles[at];
    return role && this.able() ? this.did(toggleRole(this.stage, this.target(), at), `Staged ${role.name}`) : 0;
  }
  full(): number {
    return this.able() ? this.did(toggleFull(this.stage, this.target()), "Staged full access") : 0;
  }
  revoke(reason?: string): number {
    return this.able() ? this.did(revoke(this.stage, this.target(), reason), "Staged removal") : 0;
  }
  /** Stages in one cell what was wanted there before somebody else changed it. */
  putBack(cell: number, target: Target | null, reason: string): number {
    if (!this.able() || target === null) return 0;
    return this.did(this.stage.edit(Uint32Array.of(cell), (_, wanted) => (Object.assign(wanted, target), true), reason), "Staged to put it back");
  }
  /** Stages the removal of one cell, so that its token is free for another. */
  free(cell: number): number {
    return this.able() ? this.did(revoke(this.stage, Uint32Array.of(cell), "frees an unused token"), "Staged removal") : 0;
  }
  /** Gives the longest end that the rules allow: one cell, or every one that is too long. */
  endWithin(cell?: number): number {
    const cells = cell === undefined ? Uint32Array.from([...this.blocks.all()].flatMap(([at, cause]) => (cause === "length" ? [at] : []))) : Uint32Array.of(cell);
    return this.able() ? this.did(endWithin(this.stage, cells), "Staged the longest end allowed") : 0;
  }
  unstage(): number {
    return this.able() ? this.did(unstage(this.stage, this.target()), "Taken back") : 0;
  }
  unstageAll(): number {
    return this.able() ? this.did(unstage(this.stage, this.stage.cells()), "Taken back everything") : 0;
  }
  end(minute: number, onlyNew: boolean): number {
    return this.able() ? this.did(onlyNew ? lendNewRoles(this.stage, this.target(), minute) : setEnd(this.stage, this.target(), minute), minute === 0 ? "Staged without an end" : "Staged an end") : 0;
  }
  reason(text: string): number {
    return this.able() ? this.did(setReason(this.stage, this.target(), text), "Reason noted") : 0;
  }
  like(from: number, to: number, rows: readonly number[], more: boolean, reason?: string): number {
    return this.able() ? this.did(makeLike(this.stage, { from, to, rows, more, ...(reason && { reason }) }), `Made ${this.facts.people[to]!.name} like ${this.facts.people[from]!.name}`) : 0;
  }
  leave(person: number, reason?: string): number {
    return this.able() ? this.did(leaveEverywhere(this.stage, person, reason), `Staged removal of ${this.facts.people[person]!.name} everywhere`) : 0;
  }
  byRules(): number {
    return this.able() ? this.did(stageRules(this.stage, this.ruleCells), "Staged what rules want") : 0;
  }
  /** How many cells lack what rules want. */
  readonly lacking = once(() => `${this.stage.version} ${this.factsVersion}`, () => (this.rules.length === 0 ? 0 : lacking(this.stage, this.ruleCells).length));
  private box(): Place[] {
    if (this.selectionCount === 0) return [this.focus, this.focus];
    let [top, left, bottom, right] = [Infinity, Infinity, 0, 0];
    for (let row = 1; row <= rowCount(this.arrangement); row += 1) for (let column = 1; column <= columnCount(this.arrangement); column += 1) {
      const cell = cellAt(this.arrangement, row, column);
      if (cell < 0 || this.selection[cell] === 0) continue;
      [top, left, bottom, right] = [Math.min(top, row), Math.min(left, column), Math.max(bottom, row), Math.max(right, column)];
    }
    return bottom === 0 ? [this.focus, this.focus] : [{ row: top, column: left }, { row: bottom, column: right }];
  }
  copy(): void {
    const [from, to] = this.box() as [Place, Place];
    this.pattern = copyPattern(this.stage, rectangle(this.arrangement, from, to));
    this.spoken = `Copied ${this.pattern.height} by ${this.pattern.width}`;
    this.tell("moved");
  }
  /** At the focus in the pattern's own size, or over the selection as often as it fits. */
  paste(): number {
    if (!this.pattern || !this.able()) return 0;
    const [from, to] = this.box() as [Place, Place];
    const end = this.selectionCount > 1 ? to : { row: from.row + this.pattern.height - 1, column: from.column + this.pattern.width - 1 };
    return this.did(pastePattern(this.stage, this.pattern, rectangle(this.arrangement, from, end)), "Pasted");
  }
  /** The first row (or column) of the selection over the rest of it. */
  fill(direction: "down" | "right"): number {
    if (!this.able() || this.selectionCount < 2) return 0;
    const [from, to] = this.box() as [Place, Place];
    const first = rectangle(this.arrangement, from, direction === "down" ? { row: from.row, column: to.column } : { row: to.row, column: from.column });
    return this.did(pastePattern(this.stage, copyPattern(this.stage, first), rectangle(this.arrangement, from, to)), "Filled");
  }
  /** The rectangle that a fill starts from: the drawn range, or the focused cell. Null for a selection of another shape. */
  range(): { from: Place; to: Place } | null {
    if (this.selectionCount > 0 && !this.drawn) return null;
    const [a, b] = this.selectionCount > 0 ? [this.anchor, this.focus] : [this.focus, this.focus];
    const [from, to] = [{ row: Math.max(1, Math.min(a.row, b.row)), column: Math.max(1, Math.min(a.column, b.column)) }, { row: Math.max(a.row, b.row), column: Math.max(a.column, b.column) }];
    return to.row < 1 || to.column < 1 || (this.selectionCount === 0 && this.focused < 0) ? null : { from, to };
  }
  /** What a fill that is being drawn would cover; null: none is. */
  filling: { from: Place; to: Place } | null = null;
  /** The range drawn on to a place, along rows or columns, whichever it leaves further. Null: the place lies in it. */
  stretch(place: Place): { from: Place; to: Place } | null {
    const range = this.range();
    if (!range) return null;
    const { from, to } = range;
    const past = (at: number, first: number, last: number) => (at < first ? at - first : at > last ? at - last : 0);
    const [down, across] = [past(place.row, from.row, to.row), past(place.column, from.column, to.column)];
    if (down === 0 && across === 0) return null;
    if (Math.abs(down) >= Math.abs(across)) return { from: { row: Math.max(1, Math.min(from.row, place.row)), column: from.column }, to: { row: Math.max(to.row, place.row), column: to.column } };
    return { from: { row: from.row, column: Math.max(1, Math.min(from.column, place.column)) }, to: { row: to.row, column: Math.max(to.column, place.column) } };
  }
  /** Shows what a fill to this place would cover; null takes it away. */
  previewFill(place: Place | null): void {
    const next = place === null ? null : this.stretch(place);
    const same = (a: Place, b: Place) => a.row === b.row && a.column === b.column;
    if (next === this.filling || (next && this.filling && same(next.from, this.filling.from) && same(next.to, this.filling.to))) return;
    this.filling = next;
    this.tell("painted");
  }
  /** Repeats the range up to a place, as often as it fits: one step of undo. What was filled is the range then. */
  fillTo(place: Place): number {
    this.filling = null;
    const [range, whole] = [this.range(), this.stretch(place)];
    if (!range || !whole || !this.able()) return this.did(0, "");
    const source = copyPattern(this.stage, rectangle(this.arrangement, range.from, range.to));
    const target = rectangle(this.arrangement, whole.from, whole.to);
    const turn = (at: number, size: number) => ((at % size) + size) % size;
    // The range stays what it is, also where the fill goes up or to the left of it.
    const cells = target.flatMap((line, row) => line.map((_, column) => source.cells[turn(whole.from.row + row - range.from.row, source.height) * source.width + turn(whole.from.column + column - range.from.column, source.width)]!));
    const count = this.did(pastePattern(this.stage, { height: target.length, width: target[0]!.length, cells }, target), "Filled");
    this.selection.fill(0);
    this.selectionCount = 0;
    this.anchor = whole.from;
    this.before = null;
    this.moveTo(whole.to, true);
    return count;
  }
  undo(): void {
    const cells = this.able() ? this.stage.undo() : null;
    this.did(cells?.length ?? 0, "Undone");
  }
  redo(): void {
    const cells = this.able() ? this.stage.redo() : null;
    this.did(cells?.length ?? 0, "Done again");
  }
  /** The next staged cell that is shown, after the focus, or before it. */
  walk(step: 1 | -1): void {
    const rows = rowCount(this.arrangement);
    const columns = columnCount(this.arrangement);
    const count = rows * columns;
    const start = (Math.max(1, this.focus.row) - 1) * columns + Math.max(1, this.focus.column) - 1;
    for (let n = 1; n <= count; n += 1) {
      const at = (((start + n * step) % count) + count) % count;
      const place = { row: Math.floor(at / columns) + 1, column: (at % columns) + 1 };
      const cell = cellAt(this.arrangement, place.row, place.column);
      if (cell < 0 || this.stage.sign[cell] === sign.none) continue;
      this.moveTo(place);
      return;
    }
    this.spoken = "Nothing staged is shown";
    this.tell("moved");
  }

  // What comes from elsewhere

  setRules(rules: readonly Rule[]): void {
    this.rules = rules;
    this.ruleCells = applyRules(this.facts, rules);
    this.factsVersion += 1;
    this.tell("painted");
  }
  setColleagues(given: readonly { name: string; cells: Packed }[]): void {
    this.colleagueCells = given;
    const place = placesOf(this.facts);
    this.colleagues = new Map();
    for (const { name, cells } of given) for (const wished of unpack(cells)) {
      const cell = place(wished);
      const target = targetOf(this.facts, wished.wish);
      if (cell < 0 || !target) continue;
      const what = targetWords(this.facts, target, this.minute);
      this.colleagues.set(cell, `${name} has staged ${what}`);
    }
    this.factsVersion += 1;
    this.tell("painted");
  }
  colleagueAt(cell: number): string {
    return this.colleagues.get(cell) ?? "";
  }
  reasonsOf(cells: Packed): string[] {
    return [...new Set(cells.wishes.map(reasonIn).filter(Boolean))];
  }

  /**
   * Facts read anew: all of them, or with `partial` only the rows that moved. What is staged, selected and focused stays where it is.
   * False: rows, people or roles are others than a part can say; ask for all.
   */
  replace(fresh: Facts, partial: boolean): boolean {
    return partial ? this.patch(fresh) : this.exchange(fresh);
  }
  private exchange(next: Facts): true {
    const before = this.facts;
    const kept = this.focused;
    const moved = movedTo(before, next);
    const selection = new Uint8Array(next.cells.access.length);
    for (let cell = 0; cell < this.selection.length; cell += 1) {
      if (this.selection[cell] === 0) continue;
      const to = moved(cell);
      if (to >= 0) selection[to] = 1;
    }
    this.stage.onto(next, moved);
    this.facts = next;
    this.selection = selection;
    this.count();
    this.ruleCells = applyRules(next, this.rules);
    this.setColleagues(this.colleagueCells);
    this.rearrange(kept >= 0 ? moved(kept) : -1);
    this.tell("arranged");
    return true;
  }
  /** Rows in their places. Their order stays while a hand works on them: only other rows or people put everything in order anew. */
  private patch(fresh: Facts): boolean {
    const { facts } = this;
    const alike = (a: Facts["people"][number], b: Facts["people"][number]) => a.id === b.id && a.pod === b.pod && a.name === b.name;
    const same = facts.people.length === fresh.people.length && facts.people.every((one, at) => alike(one, fresh.people[at]!)) && facts.roles.length === fresh.roles.length && facts.roles.every((one, at) => one.id === fresh.roles[at]!.id);
    const at = new Map(facts.rows.map(({ key }, row) => [key, row]));
    const places = fresh.rows.map(({ key }) => at.get(key) ?? -1);
    if (!same || places.includes(-1)) return false;
    const tagged = fresh.rows.some((row, from) => row.tags.join("\n") !== facts.rows[places[from]!]!.tags.join("\n"));
    this.stage.refresh(places, () => {
      this.facts = withRows(facts, fresh, places);
      return this.facts;
    });
    this.arrangement = { ...this.arrangement, facts: this.facts };
    if (tagged && this.rules.length > 0) this.ruleCells = applyRules(this.facts, this.rules);
    this.factsVersion += 1;
    this.tell("painted");
    return true;
  }

  readonly totals = once(() => `${this.factsVersion} ${this.minute}`, () => this.sumUp());
  private sumUp(): { clients: number; technicians: number; grants: number; endSoon: number; drift: number; unused: number; atLimit: number; waiting: number } {
    const { cells, rows, people } = this.facts;
    const minute = this.minute;
    const sum = { clients: new Set(rows.map((row) => row.client)).size, technicians: people.length, grants: 0, endSoon: 0, drift: 0, unused: 0, atLimit: rows.filter((row) => row.tokensLimit !== null && row.tokensUsed >= row.tokensLimit).length, waiting: 0 };
    for (let cell = 0; cell < cells.access.length; cell += 1) {
      if (!isHeld(cells.access[cell]!)) continue;
      if (isThere(cells, cell) && (cells.flags[cell]! & flag.own) === 0) sum.grants += 1;
      if (cells.flags[cell]! & flag.drift) sum.drift += 1;
      if (cells.end[cell]! > minute && cells.end[cell]! - minute <= 7 * 1440) sum.endSoon += 1;
      if (cells.progress[cell] === 2) sum.waiting += 1;
    }
    return sum;
  }
}

/** Where a cell of `before` stands in `next`; -1: nowhere. */
function movedTo(before: Facts, next: Facts): (cell: number) => number {
  const [rowAt, columnAtId] = [new Map(next.rows.map(({ key }, row) => [key, row])), new Map(next.people.map(({ id }, column) => [id, column]))];
  const rows = Int32Array.from(before.rows, ({ key }) => rowAt.get(key) ?? -1);
  const columns = Int32Array.from(before.people, ({ id }) => columnAtId.get(id) ?? -1);
  const [from, to] = [before.people.length, next.people.length];
  return (cell) => {
    const [row, column] = [rows[Math.floor(cell / from)]!, columns[cell % from]!];
    return row < 0 || column < 0 ? -1 : row * to + column;
  };
}

/** The rows of `fresh` at these places of `facts`. The arrays of cells stay the same ones: they are many, and few of them change. */
function withRows(facts: Facts, fresh: Facts, places: readonly number[]): Facts {
  const width = facts.people.length;
  const { cells } = facts;
  const rows = [...facts.rows];
  places.forEach((to, from) => {
    // What tells two of one name apart is known only where all of them are.
    const { client, place, vault } = rows[to]!;
    rows[to] = { ...fresh.rows[from]!, client, place, vault };
    for (const plane of ["access", "flags", "unused", "progress", "end"] as const) cells[plane].set(fresh.cells[plane].subarray(from * width, (from + 1) * width), to * width);
    for (let column = 0; column < width; column += 1) {
      cells.leases.delete(to * width + column);
      const lease = fresh.cells.leases.get(from * width + column);
      if (lease) cells.leases.set(to * width + column, lease);
    }
  });
  return { ...facts, at: fresh.at, people: fresh.people, rows };
}
