/** Keys and pointer on the grid. Single letters work only while the grid has the focus, and can be switched off. */
import { LEADER_MS } from "#components/shell/chord.ts";
import type { Grid } from "./grid.ts";
import type { MatrixModel, Place } from "./model.ts";
import { cellAt, columnAt, columnCount, lineAt, rowCount } from "./view.ts";

/** What needs a window of its own; the page draws it. */
export type Ask = "peek" | "inspect" | "end" | "reason" | "like" | "find" | "review" | "leave";
export type Hands = { singleKeys: () => boolean; ask: (what: Ask) => void; escape: () => boolean; turn: () => void; highlight: () => void };

/** What a key does to the focus; null when it moves nothing. */
export function stepOf(key: string, from: Place, { rows, columns, page, control }: { rows: number; columns: number; page: number; control: boolean }): Place | null {
  const { row, column } = from;
  switch (key) {
    case "ArrowUp": return { row: control ? 1 : row - 1, column };
    case "ArrowDown": return { row: control ? rows : row + 1, column };
    case "ArrowLeft": return { row, column: control ? 1 : column - 1 };
    case "ArrowRight": return { row, column: control ? columns : column + 1 };
    case "PageUp": return { row: Math.max(1, row - page), column };
    case "PageDown": return { row: row + page, column };
    case "Home": return control ? { row: 1, column: 1 } : { row, column: column > 1 ? 1 : 0 };
    case "End": return control ? { row: rows, column: columns } : { row, column: columns };
    default: return null;
  }
}

/** Hangs keys and pointer on a grid. Returns how to take them off again. */
export function holdGrid(grid: Grid, model: MatrixModel, hands: Hands): () => void {
  const { root } = grid;

  const headDeed = (): boolean => {
    const { row, column } = model.focus;
    const { arrangement } = model;
    if ((row === 0) !== (column === 0)) {
      const line = lineAt(arrangement, row, column);
      if (line && (line.more !== 0 || model.isClientOpen(model.facts.rows[line.row]!.client))) return model.toggleClient(model.facts.rows[line.row]!.client), true;
      model.selectRectangle(model.focus, model.focus);
      return true;
    }
    const head = columnAt(arrangement, row, column);
    if (row > 0 && column > 0 && head?.kind === "pod") return model.toggleFold(head.pod), true;
    return false;
  };

  // `G` and a letter lead elsewhere (components/shell/chord.ts): that letter is not ours.
  let leader = -Infinity;
  /** Letters and signs. Returns whether the key was one of ours. */
  const letter = (event: KeyboardEvent): boolean => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const led = event.timeStamp - leader <= LEADER_MS;
    if (key !== "shift") leader = key === "g" && !led ? event.timeStamp : -Infinity;
    if (led || key === "g") return false;
    if (/^[1-9]$/.test(key)) return model.role(Number(key) - 1), true;
    switch (key) {
      case "f": return model.full(), true;
      case "e": return hands.ask("end"), true;
      case "r": return hands.ask("reason"), true;
      case "c": return model.copy(), true;
      case "v": return model.paste(), true;
      case "z": return event.shiftKey ? model.redo() : model.undo(), true;
      case "x": return model.selectRectangle({ row: model.focus.row, column: 0 }, { row: model.focus.row, column: 0 }, { add: true, toggle: true }), true;
      case "l": return hands.ask("like"), true;
      case "u": return model.unstage(), true;
      case "p": { const cell = model.focused; if (cell >= 0) model.toggleFold(model.facts.people[cell % model.facts.people.length]!.pod); return true; }
      case "t": return hands.turn(), true;
      case "h": return hands.highlight(), true;
      case "/": return hands.ask("find"), true;
      case "[": return model.walk(-1), true;
      case "]": return model.walk(1), true;
      default: return false;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.altKey) return;
    const control = event.ctrlKey || event.metaKey;
    const rows = rowCount(model.arrangement);
    const columns = columnCount(model.arrangement);
    const place = stepOf(event.key, model.focus, { rows, columns, page: grid.pageRows, control });
    if (place) {
      event.preventDefault();
      event.stopPropagation();
      return model.moveTo({ row: Math.max(event.shiftKey ? 1 : 0, place.row), column: Math.max(event.shiftKey ? 1 : 0, place.column) }, event.shiftKey);
    }
    let ours = true;
    if (control) {
      const key = event.key.toLowerCase();
      if (key === "a") model.selectAll();
      else if (key === "c") model.copy();
      else if (key === "v") model.paste();
      else if (key === "z" && event.shiftKey) model.redo();
      else if (key === "z") model.undo();
      else if (key === "d") model.fill("down");
      else if (key === "r") model.fill("right");
      else if (key === "enter") hands.ask("review");
      else if (key === " ") model.selectRectangle({ row: 0, column: model.focus.column }, { row: 0, column: model.focus.column });
      else ours = false;
    } else if (event.key === "Backspace" || event.key === "Delete") model.revoke();
    else if (event.key === "Enter") { if (!headDeed()) hands.ask("inspect"); }
    else if (event.key === " ") { if (event.shiftKey) model.selectRectangle({ row: model.focus.row, column: 0 }, { row: model.focus.row, column: 0 }); else if (!headDeed()) hands.ask("peek"); }
    else if (event.key === "Escape" && filling) {
      filling = false;
      model.previewFill(null);
    } else if (event.key === "Escape") { if (!hands.escape()) { if (model.selectionCount > 0) model.clearSelection(); else ours = false; } }
    else ours = hands.singleKeys() && letter(event);
    if (!ours) return;
    event.preventDefault();
    event.stopPropagation();
  };

  let dragging = false;
  let filling = false;
  let filledTo: Place | null = null;
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const band = (event.target as HTMLElement).closest<HTMLElement>("[data-pod]");
    if (band) return model.toggleFold(Number(band.dataset.pod));
    const place = grid.placeUnder(event.clientX, event.clientY);
    if (!place) return;
    event.preventDefault();
    if ((event.target as HTMLElement).closest(".mx-handle")) {
      filling = true;
      root.setPointerCapture(event.pointerId);
      return;
    }
    if ((event.target as HTMLElement).closest(".mx-fold")) {
      const line = lineAt(model.arrangement, place.row, place.column);
      if (line) model.toggleClient(model.facts.rows[line.row]!.client);
      return;
    }
    grid.takeFocus();
    if (place.row === 0 || place.column === 0) {
      model.selectRectangle(place, place, { add: event.ctrlKey || event.metaKey, toggle: event.ctrlKey || event.metaKey });
      model.moveTo(place);
      return;
    }
    if (columnAt(model.arrangement, place.row, place.column)?.kind === "pod") return model.toggleFold((columnAt(model.arrangement, place.row, place.column) as { pod: number }).pod);
    if (event.shiftKey) model.moveTo(place, true);
    else if (event.ctrlKey || event.metaKey) {
      const cell = cellAt(model.arrangement, place.row, place.column);
      model.moveTo(place);
      if (cell >= 0) model.selectRectangle(place, place, { add: true, toggle: true });
    } else {
      if (model.selectionCount > 0) model.clearSelection();
      model.moveTo(place);
    }
    dragging = true;
    root.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!dragging && !filling) return;
    grid.scrollTowards(event.clientX, event.clientY);
    const place = grid.placeUnder(event.clientX, event.clientY);
    if (filling) {
      if (place) model.previewFill((filledTo = place));
      return;
    }
    if (!place || place.row === 0 || place.column === 0 || (place.row === model.focus.row && place.column === model.focus.column)) return;
    model.moveTo(place, true);
  };
  const onPointerUp = (event: PointerEvent) => {
    if (filling && model.filling) {
      if (event.type === "pointerup" && filledTo) model.fillTo(filledTo);
      else model.previewFill(null);
      grid.takeFocus();
    }
    dragging = false;
    filling = false;
    if (root.hasPointerCapture(event.pointerId)) root.releasePointerCapture(event.pointerId);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const place = grid.placeUnder(event.clientX, event.clientY);
    if (place && place.row > 0 && place.column > 0) hands.ask("inspect");
  };
  root.addEventListener("keydown", onKeyDown);
  root.addEventListener("pointerdown", onPointerDown);
  root.addEventListener("pointermove", onPointerMove);
  root.addEventListener("pointerup", onPointerUp);
  root.addEventListener("pointercancel", onPointerUp);
  root.addEventListener("dblclick", onDoubleClick);
  return () => {
    root.removeEventListener("keydown", onKeyDown);
    root.removeEventListener("pointerdown", onPointerDown);
    root.removeEventListener("pointermove", onPointerMove);
    root.removeEventListener("pointerup", onPointerUp);
    root.removeEventListener("pointercancel", onPointerUp);
    root.removeEventListener("dblclick", onDoubleClick);
  };
}
