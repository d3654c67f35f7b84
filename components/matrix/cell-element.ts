/** One cell's element: made once, painted again and again. What is drawn the same is not touched. */
import type { Look } from "#lib/matrix/cell.ts";

type Painted = HTMLElement & { painted?: string };

const span = (tag: string, className: string): HTMLElement => Object.assign(document.createElement(tag), { className });

export function createCell(): HTMLElement {
  const cell = span("div", "mx-c");
  cell.setAttribute("role", "gridcell");
  return cell;
}

/** `border`: which sides of the drawn range run along this cell: 1 top, 2 right, 4 bottom, 8 left. `filling`: a fill would reach it. */
export type Dress = { selected: boolean; edge: boolean; dim: boolean; border: number; filling: boolean };

/** Paints a look. Letters are one text; sign, small words and mark are elements only where there are any. */
export function paintCell(cell: HTMLElement, look: Look, { selected, edge, dim, border, filling }: Dress): void {
  const key = `${look.kind}|${look.sign}|${look.letters}|${look.small}|${look.mark}|${look.struck}${look.rule}${look.other}${look.pale}${selected}${border}${filling}${edge}${dim}`;
  if ((cell as Painted).painted === key) return;
  (cell as Painted).painted = key;
  let name = "mx-c";
  if (look.kind) name += ` ${look.kind}`;
  if (look.rule) name += " rule";
  if (look.other) name += " other";
  if (look.pale) name += " pale";
  if (selected) name += " sel";
  if (border & 1) name += " bt";
  if (border & 2) name += " br";
  if (border & 4) name += " bb";
  if (border & 8) name += " bl";
  if (filling) name += " fill";
  if (edge) name += " pf";
  if (dim) name += " dim";
  cell.className = name;
  const only = cell.childElementCount === 1 ? cell.firstElementChild : null;
  const plain = !look.sign && !look.small && !look.mark && !look.struck;
  if (plain && look.letters !== "" && only?.tagName === "SPAN") return only.setAttribute("data-l", look.letters);
  const parts: HTMLElement[] = [];
  if (look.mark === "lock") parts.push(span("i", "mk lock"));
  if (look.sign) parts.push(drawn("b", look.sign));
  if (look.letters) parts.push(drawn(look.struck ? "s" : "span", look.letters));
  if (look.small) parts.push(drawn("small", look.small));
  if (look.mark && look.mark !== "lock") parts.push(span("i", `mk ${look.mark}`));
  cell.replaceChildren(...parts);
}

/** Letters are drawn, not written: who listens hears the sentence, and "NM" is no part of it (WCAG 2.5.3). */
function drawn(tag: "b" | "s" | "span" | "small", letters: string): HTMLElement {
  const element = document.createElement(tag);
  element.dataset.l = letters;
  if (tag === "b") element.className = "o";
  return element;
}
