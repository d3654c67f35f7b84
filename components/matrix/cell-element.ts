/** One cell's element: made once, painted again and again. What is drawn the same is not touched. */
import type { Look } from "#lib/matrix/cell.ts";

type Drawn = HTMLElement & { drawn?: string };

const span = (tag: string, className: string): HTMLElement => Object.assign(document.createElement(tag), { className });

export function createCell(): HTMLElement {
  const cell = span("div", "mx-c");
  cell.setAttribute("role", "gridcell");
  return cell;
}

export type Dress = { selected: boolean; focusRow: boolean; focusColumn: boolean; edge: boolean; dim: boolean };

/** Paints a look. Letters are one text; sign, small words and mark are elements only where there are any. */
export function paintCell(cell: HTMLElement, look: Look, { selected, focusRow, focusColumn, edge, dim }: Dress): void {
  const key = `${look.kind}|${look.sign}|${look.letters}|${look.small}|${look.mark}|${look.struck}${look.rule}${look.other}${look.pale}${selected}${focusRow}${focusColumn}${edge}${dim}`;
  if ((cell as Drawn).drawn === key) return;
  (cell as Drawn).drawn = key;
  let name = "mx-c";
  if (look.kind) name += ` ${look.kind}`;
  if (look.rule) name += " rule";
  if (look.other) name += " other";
  if (look.pale) name += " pale";
  if (selected) name += " sel";
  if (focusRow) name += " fr";
  if (focusColumn) name += " fc";
  if (edge) name += " pf";
  if (dim) name += " dim";
  cell.className = name;
  if (!look.sign && !look.small && !look.mark && !look.struck) {
    cell.textContent = look.letters;
    return;
  }
  const parts: (Node | string)[] = [];
  if (look.mark === "lock") parts.push(span("i", "mk lock"));
  if (look.sign) parts.push(Object.assign(span("b", "o"), { textContent: look.sign }));
  parts.push(look.struck ? Object.assign(document.createElement("s"), { textContent: look.letters }) : look.letters);
  if (look.small) parts.push(Object.assign(document.createElement("small"), { textContent: look.small }));
  if (look.mark && look.mark !== "lock") parts.push(span("i", `mk ${look.mark}`));
  cell.replaceChildren(...parts);
}
