/**
 * The grid as DOM: a window over rows and columns that recycles its elements. One scroll box with sticky panes, so that nothing comes
 * loose; places are arithmetic, since every cell has one size. The focused cell is never taken out of the document. It is long because
 * a window, its panes and its focus move together.
 */
import { emptyLook, lookOf, rowName, sentenceOf } from "#lib/matrix/cell.ts";
import { createCell, paintCell } from "./cell-element.ts";
import { HeadPainter, paintLineHead, paintPersonHead } from "./heads.ts";
import type { MatrixModel, Place } from "./model.ts";
import { cellAt, columnAt, columnCount, lineAt, rowCount } from "./view.ts";

export type Measures = { cellWidth: number; cellHeight: number; pane: number; head: number; sums: number };
/** The most cells that stand in the document at once; a window that needs more shows them without any in reserve. */
export const mostCells = 1_500;

type RowView = { element: HTMLElement; head: HTMLElement; own: HTMLElement; sum: HTMLElement; cells: Map<number, HTMLElement>; row: number };

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
const make = (className: string, role?: string): HTMLElement => {
  const element = Object.assign(document.createElement("div"), { className });
  if (role) element.setAttribute("role", role);
  return element;
};

type Range = { from: Place; to: Place } | null;
const isWithin = (range: Range, row: number, column: number): boolean => range !== null && row >= range.from.row && row <= range.to.row && column >= range.from.column && column <= range.to.column;
const borderOf = (range: Range, row: number, column: number): number =>
  range === null ? 0 : (row === range.from.row ? 1 : 0) | (column === range.to.column ? 2 : 0) | (row === range.to.row ? 4 : 0) | (column === range.from.column ? 8 : 0);

export class Grid {
  readonly root: HTMLElement;
  private readonly model: MatrixModel;
  private readonly head = make("mx-head", "rowgroup");
  private readonly body = make("mx-body", "rowgroup");
  /** Shades the column of the focus, under all cells. */
  private readonly strip = make("mx-strip");
  private readonly handle = Object.assign(document.createElement("i"), { className: "mx-handle", title: "Draw to fill" });
  private readonly heads: HeadPainter;
  private readonly rows = new Map<number, RowView>();
  private readonly spare: RowView[] = [];
  private readonly look = emptyLook();
  private readonly unsubscribe: () => void;
  private settle = 0;
  private now = { top: 1, bottom: 0, left: 1, right: 0 };
  private wantsFocus = false;
  private painting = false;
  /** What the cells on the screen were drawn for. */
  private shown = { row: 1, column: 1, selection: -1 };
  measures: Measures;
  private headHeight = 0;
  private range: Range = null;
  /** Rows and columns in reserve on each side of what is seen. */
  private readonly reserve = { rows: 8, columns: 3 };

  constructor(root: HTMLElement, model: MatrixModel, measures: Measures) {
    this.root = root;
    this.model = model;
    this.measures = measures;
    root.setAttribute("role", "grid");
    root.setAttribute("aria-multiselectable", "true");
    this.strip.setAttribute("aria-hidden", "true");
    this.body.append(this.strip);
    root.replaceChildren(this.head, this.body);
    this.heads = new HeadPainter(this.head, model);
    root.addEventListener("scroll", this.paint, { passive: true });
    root.addEventListener("focusin", this.onFocusIn);
    root.addEventListener("focusout", this.onFocusOut);
    this.unsubscribe = model.subscribe((change) => {
      if (change === "arranged") {
        this.lay();
        this.keepFocus();
      } else if (change === "painted") this.repaint();
      else this.move();
    });
    this.lay();
  }

  destroy(): void {
    this.unsubscribe();
    clearTimeout(this.settle);
    this.root.removeEventListener("scroll", this.paint);
    this.root.removeEventListener("focusin", this.onFocusIn);
    this.root.removeEventListener("focusout", this.onFocusOut);
    this.root.replaceChildren();
  }

  private readonly onFocusIn = (): void => {
    this.wantsFocus = true;
  };
  private readonly onFocusOut = (event: FocusEvent): void => {
    // A cell that is recycled loses the focus to nobody; it is given to the right one at once.
    if (this.painting) return;
    if (event.relatedTarget !== null || document.hasFocus()) this.wantsFocus = event.relatedTarget instanceof Node && this.root.contains(event.relatedTarget);
  };

  /** Sizes of everything, then a fresh window. */
  private lay(): void {
    const { arrangement } = this.model;
    const { cellWidth, cellHeight, pane, head, sums } = this.measures;
    const [rows, columns] = [rowCount(arrangement), columnCount(arrangement)];
    this.headHeight = arrangement.turned ? 150 : head;
    (this.root.parentElement ?? this.root).style.setProperty("--mx-pane", `${pane}px`);
    this.root.setAttribute("aria-label", arrangement.turned ? "Clients by technician" : "Technicians by client");
    this.root.setAttribute("aria-rowcount", String(rows + 1));
    this.root.setAttribute("aria-colcount", String(columns + 1));
    const width = pane + columns * cellWidth + sums;
    this.head.style.width = this.body.style.width = `max(100%, ${width}px)`;
    this.head.style.height = `${this.headHeight}px`;
    this.body.style.height = `${rows * cellHeight}px`;
    this.heads.arrange(this.measures);
    for (const view of this.rows.values()) this.spare.push(view);
    this.rows.clear();
    this.now = { top: 1, bottom: 0, left: 1, right: 0 };
    this.window(true);
  }

  private readonly paint = (): void => this.window(false);

  /**
   * The focus moved, and perhaps the selection. Where it stays in sight, two rows and two heads change their dress and nothing is drawn:
   * a key must be seen within a frame. What the browser would have to lay out for an answer is asked before anything is written.
   */
  private move(): void {
    const { focus, selectionVersion } = this.model;
    const target = this.target();
    if (selectionVersion !== this.shown.selection) this.repaint();
    // The new cell stands before anything scrolls: taking the old one out would take the focus along.
    else if (!this.element(focus)) this.window(false, true);
    this.dress();
    this.keepFocus();
    if (target === null) return;
    this.root.scrollTop = target.top;
    this.root.scrollLeft = target.left;
    this.window(false);
    this.keepFocus();
  }

  /** Row, column, head and tab stop of the focus, and of where it was. */
  private dress(): void {
    const { focus } = this.model;
    const { row, column } = this.shown;
    if (row !== focus.row || column !== focus.column) {
      this.rows.get(row)?.element.classList.remove("fr");
      for (const place of [{ row, column }, focus]) {
        const element = this.element(place);
        if (element) element.tabIndex = place === focus ? 0 : -1;
      }
    }
    this.rows.get(focus.row)?.element.classList.add("fr");
    this.heads.dress(focus.column);
    this.placeHandle();
    this.strip.hidden = focus.column < 1;
    this.strip.style.left = `${this.measures.pane + (focus.column - 1) * this.measures.cellWidth}px`;
    this.shown = { row: focus.row, column: focus.column, selection: this.model.selectionVersion };
  }

  /** The corner by which a range is drawn on, where one can be: in its last cell. */
  private placeHandle(): void {
    const range = this.model.canStage ? this.model.range() : null;
    const corner = range ? this.rows.get(range.to.row)?.cells.get(range.to.column) : undefined;
    if (!corner) this.handle.remove();
    else if (this.handle.parentElement !== corner) corner.append(this.handle);
  }

  /** Other measures, or another size of the box. */
  resize(): void {
    this.lay();
  }

  /** The same window, drawn again. */
  repaint(): void {
    this.window(true);
  }

  private seen(): { top: number; bottom: number; left: number; right: number } {
    const { cellWidth, cellHeight, pane, sums } = this.measures;
    const { scrollTop, scrollLeft, clientWidth, clientHeight } = this.root;
    const { headHeight } = this;
    const [rows, columns] = [rowCount(this.model.arrangement), columnCount(this.model.arrangement)];
    return {
      top: clamp(Math.floor(scrollTop / cellHeight) + 1, 1, Math.max(1, rows)), bottom: clamp(Math.ceil((scrollTop + clientHeight - headHeight) / cellHeight), 0, rows),
      left: clamp(Math.floor(scrollLeft / cellWidth) + 1, 1, Math.max(1, columns)), right: clamp(Math.ceil((scrollLeft + clientWidth - pane - sums) / cellWidth), 0, columns),
    };
  }

  private window(all: boolean, pinned = false): void {
    this.painting = true;
    this.draw(all, pinned);
    if (all) this.dress();
    this.painting = false;
  }

  /** `all`: every cell anew. `pinned`: the focus moved, so that what is kept in the document is another. */
  private draw(all: boolean, pinned: boolean): void {
    const { model } = this;
    const { arrangement, focus } = model;
    const seen = this.seen();
    const [rows, columns] = [rowCount(arrangement), columnCount(arrangement)];
    const size = (reserve: { rows: number; columns: number }) => (seen.bottom - seen.top + 1 + 2 * reserve.rows) * (seen.right - seen.left + 1 + 2 * reserve.columns);
    const reserve = { ...this.reserve };
    while (size(reserve) > mostCells && reserve.rows + reserve.columns > 0) reserve[reserve.rows > reserve.columns ? "rows" : "columns"] -= 1;
    const want = {
      top: clamp(seen.top - reserve.rows, 1, Math.max(1, rows)), bottom: clamp(seen.bottom + reserve.rows, 0, rows),
      left: clamp(seen.left - reserve.columns, 1, Math.max(1, columns)), right: clamp(seen.right + reserve.columns, 0, columns),
    };
    // What is in reserve moves in steps, so that most frames of a scroll touch nothing.
    if (!all && !pinned && this.covers(seen, rows, columns)) return;
    const focusRow = focus.row >= 1 && focus.row <= rows ? focus.row : 0;
    const wanted = (row: number) => (row >= want.top && row <= want.bottom) || row === focusRow;
    for (const [row, view] of this.rows) {
      if (wanted(row)) continue;
      this.rows.delete(row);
      this.spare.push(view);
    }
    const context = model.context();
    this.range = model.selectionCount > 0 ? model.range() : null;
    const drawRow = (row: number) => {
      let view = this.rows.get(row);
      const fresh = view === undefined;
      if (!view) {
        view = this.spare.pop() ?? this.createRow();
        this.rows.set(row, view);
        this.placeRow(view, row);
      }
      const inWindow = row >= want.top && row <= want.bottom;
      const [left, right] = inWindow ? [want.left, want.right] : [1, 0];
      const keep = (column: number) => (column >= left && column <= right) || (row === focusRow && column === focus.column);
      const free: HTMLElement[] = [];
      for (const [column, cell] of view.cells) {
        if (keep(column)) continue;
        view.cells.delete(column);
        free.push(cell);
      }
      const drawCell = (column: number) => {
        let cell = view.cells.get(column);
        const freshCell = cell === undefined;
        if (!cell) {
          cell = free.pop() ?? view.element.appendChild(createCell());
          view.cells.set(column, cell);
          this.placeCell(cell, column);
        }
        if (freshCell || fresh || all) this.drawCell(cell, row, column, context);
      };
      for (let column = left; column <= right; column += 1) drawCell(column);
      if (row === focusRow && focus.column >= 1 && focus.column <= columns) drawCell(focus.column);
      for (const cell of free) cell.remove();
      if (fresh || all) this.drawHead(view, row);
    };
    for (let row = want.top; row <= want.bottom; row += 1) drawRow(row);
    if (focusRow > 0 && (focusRow < want.top || focusRow > want.bottom)) drawRow(focusRow);
    for (const view of this.spare.splice(0)) view.element.remove();
    this.now = want;
    this.placeHandle();
    this.heads.paint(want.left, want.right, this.measures, all);
    clearTimeout(this.settle);
    this.settle = window.setTimeout(() => this.sort(), 160);
  }

  private covers(seen: { top: number; bottom: number; left: number; right: number }, rows: number, columns: number): boolean {
    const { now } = this;
    const near = (edge: number, end: number, room: number, at: number) => (at === end ? true : Math.abs(edge - at) >= room);
    return now.top <= seen.top && now.bottom >= seen.bottom && now.left <= seen.left && now.right >= seen.right && near(seen.top, 1, 3, now.top) && near(seen.bottom, rows, 3, now.bottom) && near(seen.left, 1, 1, now.left) && near(seen.right, columns, 1, now.right);
  }

  private createRow(): RowView {
    const element = make("mx-r", "row");
    const head = make("mx-rh", "rowheader");
    head.setAttribute("aria-colindex", "1");
    const own = make("mx-own");
    const sum = make("mx-sum");
    own.setAttribute("aria-hidden", "true");
    sum.setAttribute("aria-hidden", "true");
    element.append(head, own, sum);
    this.body.append(element);
    return { element, head, own, sum, cells: new Map(), row: 0 };
  }

  private placeRow(view: RowView, row: number): void {
    view.row = row;
    view.element.style.top = `${(row - 1) * this.measures.cellHeight}px`;
    view.element.setAttribute("aria-rowindex", String(row + 1));
  }

  private placeCell(cell: HTMLElement, column: number): void {
    cell.style.left = `${this.measures.pane + (column - 1) * this.measures.cellWidth}px`;
    cell.setAttribute("aria-colindex", String(column + 1));
    cell.dataset.column = String(column);
  }

  private drawCell(element: HTMLElement, row: number, column: number, context: ReturnType<MatrixModel["context"]>): void {
    const { model } = this;
    const { arrangement, focus } = model;
    const cell = cellAt(arrangement, row, column);
    const focused = focus.row === row && focus.column === column;
    const edge = this.heads.isEdge(column);
    if (cell < 0) {
      const head = columnAt(arrangement, row, column);
      const line = lineAt(arrangement, row, column);
      const held = head?.kind === "pod" && line ? head.people.filter((person) => model.facts.cells.access[line.row * model.facts.people.length + person] !== 0).length : 0;
      paintCell(element, Object.assign(this.look, emptyLook(), { letters: held > 0 ? String(held) : "", kind: "" }), { selected: false, edge, dim: false, border: 0, filling: false });
      element.classList.add("pod");
      element.setAttribute("aria-label", head?.kind === "pod" && line ? `${rowName(model.facts.rows[line.row]!)}, ${model.facts.pods[head.pod]?.name ?? "No pod"}, folded: ${held} of ${head.people.length} people` : "");
      element.removeAttribute("aria-selected");
    } else {
      const selected = model.selection[cell] === 1;
      lookOf(context, cell, this.look);
      paintCell(element, this.look, { selected, border: selected ? borderOf(this.range, row, column) : 0, filling: isWithin(model.filling, row, column), edge, dim: model.highlights && !model.isMarked(cell) });
      element.setAttribute("aria-label", sentenceOf(context, cell));
      element.setAttribute("aria-selected", selected ? "true" : "false");
    }
    this.mark(element, focused);
  }

  /** One tab stop: the focused cell. The others stay focusable: what loses that while it has the focus loses the focus too. */
  private mark(element: HTMLElement, focused: boolean): void {
    const stop = focused ? 0 : -1;
    if (element.tabIndex !== stop || !element.hasAttribute("tabindex")) element.tabIndex = stop;
  }

  private drawHead(view: RowView, row: number): void {
    const { model } = this;
    const { arrangement, focus } = model;
    const line = lineAt(arrangement, row, 1);
    const column = columnAt(arrangement, row, 1);
    const sums = arrangement.turned ? (column ? paintPersonHead(view.head, model, column, "row") : null) : line ? paintLineHead(view.head, model, line) : null;
    view.own.textContent = sums?.own ? `+${sums.own}` : "";
    view.sum.textContent = sums ? String(sums.people) : "";
    view.element.className = `mx-r${arrangement.breaks.has(row) && !arrangement.turned ? " brk" : ""}${sums?.state ? ` ${sums.state}` : ""}${focus.row === row ? " fr" : ""}`;
    this.mark(view.head, focus.row === row && focus.column === 0);
  }

  /** Reading order in the document, as soon as nothing moves. The focused cell stays put, the others go around it. */
  private sort(): void {
    const around = (parent: HTMLElement, ordered: readonly HTMLElement[]) => {
      const before = [...parent.children].filter((child) => ordered.includes(child as HTMLElement));
      if (before.every((child, at) => child === ordered[at])) return;
      const kept = ordered.find((child) => child.contains(document.activeElement));
      if (!kept) return parent.append(...ordered);
      for (const child of ordered.slice(0, ordered.indexOf(kept))) parent.insertBefore(child, kept);
      for (const child of ordered.slice(ordered.indexOf(kept) + 1)) parent.append(child);
    };
    const views = [...this.rows.values()].sort((a, b) => a.row - b.row);
    around(this.body, views.map(({ element }) => element));
    for (const { element, head, own, sum, cells } of views) around(element, [head, ...[...cells].sort((a, b) => a[0] - b[0]).map(([, cell]) => cell), own, sum]);
  }

  /** The element at a place, if it is in the document. */
  element({ row, column }: Place): HTMLElement | null {
    if (row === 0) return this.heads.element(column);
    const view = this.rows.get(row);
    return view ? (column === 0 ? view.head : (view.cells.get(column) ?? null)) : null;
  }

  /** Where the box has to stand for the focus to be seen; null where it is. */
  private target(): { top: number; left: number } | null {
    const { focus } = this.model;
    const { cellWidth, cellHeight, pane, sums } = this.measures;
    const { scrollTop, scrollLeft, clientWidth, clientHeight } = this.root;
    let [top, left] = [scrollTop, scrollLeft];
    if (focus.row >= 1) {
      const at = (focus.row - 1) * cellHeight;
      top = at < top ? at : Math.max(top, at + cellHeight - clientHeight + this.headHeight);
    }
    if (focus.column >= 1) {
      const at = (focus.column - 1) * cellWidth;
      left = at < left ? at : Math.max(left, at + cellWidth - clientWidth + pane + sums);
    }
    return top === scrollTop && left === scrollLeft ? null : { top, left };
  }

  private keepFocus(): void {
    if (this.wantsFocus) this.element(this.model.focus)?.focus({ preventScroll: true });
  }
  takeFocus(): void {
    this.wantsFocus = true;
    this.move();
  }

  /** The place under a point of the window; null on the sums and outside. Places past the end are clamped. */
  placeUnder(x: number, y: number): Place | null {
    const box = this.root.getBoundingClientRect();
    const { cellWidth, cellHeight, pane, sums } = this.measures;
    const [inX, inY] = [x - box.left, y - box.top];
    if (inX > this.root.clientWidth - sums) return null;
    const { headHeight } = this;
    const row = inY < headHeight ? 0 : Math.floor((inY - headHeight + this.root.scrollTop) / cellHeight) + 1;
    const column = inX < pane ? 0 : Math.floor((inX - pane + this.root.scrollLeft) / cellWidth) + 1;
    if (row > rowCount(this.model.arrangement) || column > columnCount(this.model.arrangement)) return null;
    return { row, column };
  }

  /** Goes on while something is drawn towards an edge. */
  scrollTowards(x: number, y: number): void {
    const box = this.root.getBoundingClientRect();
    const { cellWidth, cellHeight, pane, sums } = this.measures;
    const near = 14;
    if (y > box.top + this.root.clientHeight - near) this.root.scrollTop += cellHeight;
    else if (y < box.top + this.headHeight + near && y > box.top) this.root.scrollTop -= cellHeight;
    if (x > box.left + this.root.clientWidth - sums - near) this.root.scrollLeft += cellWidth;
    else if (x < box.left + pane + near && x > box.left) this.root.scrollLeft -= cellWidth;
  }

  /** How many rows fit, for Page keys. */
  get pageRows(): number {
    return Math.max(1, Math.floor((this.root.clientHeight - this.headHeight) / this.measures.cellHeight) - 1);
  }
}
