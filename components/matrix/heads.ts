/** Heads of rows and columns: a client with its plan, tokens and state; a technician with initials, count and key. */
import { freeTokens } from "#lib/matrix/block.ts";
import { rowName } from "#lib/matrix/cell.ts";
import { flag, isHeld, isOld, type Facts, type Row } from "#lib/matrix/facts.ts";
import type { Measures } from "./grid.ts";
import type { MatrixModel } from "./model.ts";
import { columnAt, columnCount, lineAt, podBands, type Column, type Line } from "./view.ts";

const make = (tag: string, className: string, text?: string): HTMLElement => Object.assign(document.createElement(tag), { className, ...(text !== undefined && { textContent: text }) });
const bdi = (className: string, text: string): HTMLElement => {
  const outer = make("span", className);
  outer.append(make("bdi", "", text));
  return outer;
};

/** A plan's short name: T25, Pro, Ent. */
export const planLetters = (plan: string): string => plan.replace(/^team-/, "T").replace(/^enterprise$/, "Ent").replace(/^mme$/, "MME").replace(/^(pro|family|personal)$/, (word) => word[0]!.toUpperCase() + word.slice(1));
/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word) && !/^(van|von|de|der|den|di|da|la)$/iu.test(word));
  const first = (word: string | undefined) => (word ? Array.from(word)[0]!.toLocaleUpperCase("en") : "");
  return words.length > 1 ? first(words[0]) + first(words.at(-1)) : Array.from(words[0] ?? name).slice(0, 2).join("").toLocaleUpperCase("en");
}

/** What stands behind a row's name, with its words for who does not see it. */
export function rowState(row: Row): { text: string; tone: "" | "inf" | "dan" | "att"; words: string; className: string } | null {
  const old = row.age === null ? "never read" : row.age < 120 ? `${row.age} min old` : row.age < 2880 ? `${Math.floor(row.age / 60)} h old` : `${Math.floor(row.age / 1440)} d old`;
  switch (row.health) {
    case "failover": return { text: "failover", tone: "inf", words: "in failover: reads go on, writes wait", className: "fo" };
    case "lapsed": return { text: "unpaid", tone: "dan", words: "not paid: only an export is served", className: "" };
    case "silent": case "unread": return { text: old, tone: "inf", words: `does not answer, ${old}`, className: "stale" };
    case "lying": return { text: "lies", tone: "dan", words: "does not answer truthfully", className: "stale" };
    case "stopped": return { text: "stopped", tone: "dan", words: "work with it is stopped", className: "stale" };
    case "unconfirmed": return { text: "unconfirmed", tone: "att", words: "not confirmed yet, nothing can be planned", className: "" };
    case "ok": return null;
  }
}

function slots(used: number, staged: number, limit: number): HTMLElement {
  const none = used + staged >= limit;
  const box = make("span", `mx-slots${limit > 11 ? " bar" : ""}${none ? " full" : ""}`);
  box.setAttribute("aria-hidden", "true");
  if (limit > 11) {
    const part = (className: string, count: number) => Object.assign(make("i", className), { style: `width:${Math.min(100, (Math.max(0, count) / limit) * 100)}%` });
    box.append(part("u", used), ...(staged > 0 ? [part("s", staged)] : []));
  } else for (let at = 0; at < limit; at += 1) box.append(make("i", at < used ? "u" : at < used + staged ? "s" : ""));
  return box;
}

/** How many people have access in a row, the client's own rows not counted. */
export function peopleIn(facts: Facts, row: number): number {
  const width = facts.people.length;
  let count = 0;
  for (let cell = row * width; cell < (row + 1) * width; cell += 1) if (isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & (flag.gone | flag.own)) === 0) count += 1;
  return count;
}
export function clientsOf(facts: Facts, person: number): number {
  const width = facts.people.length;
  let count = 0;
  for (let row = 0, cell = person; row < facts.rows.length; row += 1, cell += width) if (isHeld(facts.cells.access[cell]!) && (facts.cells.flags[cell]! & (flag.gone | flag.own)) === 0) count += 1;
  return count;
}

export type Sums = { people: number; own: number; state: string };

export function paintLineHead(head: HTMLElement, model: MatrixModel, { row: at, more }: Line): Sums {
  const row = model.facts.rows[at]!;
  const people = peopleIn(model.facts, at);
  const staged = model.stage.rowTokens[at]!;
  const state = rowState(row);
  const open = more === 0 && model.isClientOpen(row.client);
  const key = `${row.key}|${row.tokensUsed}|${row.tokensLimit}|${staged}|${row.health}|${row.age}|${more}|${open}|${people}`;
  const className = state?.className ?? "";
  const sums = { people, own: row.own, state: more < 0 ? `${className} sub` : className };
  if (head.dataset.key === key) return sums;
  head.dataset.key = key;
  const parts: HTMLElement[] = [];
  if (more > 0 || open) parts.push(Object.assign(make("button", "mx-fold", open ? "▾" : `+${more}`), { tabIndex: -1, title: open ? "Fold the vaults of this client" : `${more} more ${more === 1 ? "vault" : "vaults"} of this client` }));
  parts.push(bdi("mx-nm", more < 0 ? row.vault : row.name));
  if (row.place && more >= 0) parts.push(bdi("mx-pl", row.place));
  if (state) parts.push(make("span", `mx-st ${state.tone}`, state.text));
  parts.push(make("span", "mx-grow"), make("span", "mx-plan", planLetters(row.plan)));
  if (row.tokensLimit !== null) {
    parts.push(slots(row.tokensUsed, staged, row.tokensLimit), make("span", `mx-tk${row.tokensUsed + staged >= row.tokensLimit ? " none" : ""}`, `${row.tokensUsed + Math.max(0, staged)}/${row.tokensLimit}`));
  } else parts.push(make("span", "mx-tk", String(row.tokensUsed)));
  head.replaceChildren(...parts);
  const free = freeTokens(model.stage, at);
  head.setAttribute("aria-label", [
    rowName(row), row.plan.replace("-", " "), row.tokensLimit === null ? `${row.tokensUsed} tokens` : `${row.tokensUsed} of ${row.tokensLimit} tokens used${staged === 0 ? "" : `, ${free! < 0 ? `${-free!} too many` : `${free} free`} with what is staged`}`,
    `${people} ${people === 1 ? "person" : "people"}`, ...(row.own > 0 ? [`${row.own} own ${row.own === 1 ? "row" : "rows"} of the client`] : []), ...(row.loose > 0 ? [`${row.loose} of ours linked to nobody`] : []), ...(state ? [state.words] : []), ...(more > 0 ? [`${more} more ${more === 1 ? "vault" : "vaults"} folded`] : []),
  ].join(", "));
  return sums;
}

const inboxWords = { endorsed: "", waiting: "inbox key not endorsed", none: "no inbox key" } as const;

export function paintPersonHead(head: HTMLElement, model: MatrixModel, column: Column, as: "row" | "column"): Sums {
  const { facts } = model;
  if (column.kind === "pod") {
    const name = facts.pods[column.pod]?.name ?? "No pod";
    head.dataset.key = "";
    head.className = as === "row" ? "mx-rh" : "mx-h podh";
    head.replaceChildren(make("b", "", String(column.people.length)), make("span", "", "folded"));
    head.setAttribute("aria-label", `${name}, folded, ${column.people.length} people`);
    return { people: column.people.length, own: 0, state: "" };
  }
  const person = facts.people[column.person]!;
  const clients = clientsOf(facts, column.person);
  const away = person.leave !== null;
  const keyState = person.frozen ? "lf" : person.inbox !== "endorsed" ? "no" : away ? "lv" : "";
  const words = [person.name, ...(person.pod < 0 ? [] : [facts.pods[person.pod]!.name]), `${clients} ${clients === 1 ? "client" : "clients"}`, ...(person.frozen ? ["frozen"] : []), ...(inboxWords[person.inbox] ? [inboxWords[person.inbox]] : []), ...(away ? [person.leave ? `on leave until ${person.leave}` : "on leave"] : [])].join(", ");
  const sums = { people: clients, own: 0, state: away && as === "row" ? "away" : "" };
  const key = `${as}|${words}|${keyState}`;
  if (head.dataset.key === key) return sums;
  head.dataset.key = key;
  if (as === "row") {
    head.replaceChildren(bdi("mx-nm", person.name), make("span", "mx-grow"), make("i", `mx-kd ${keyState}`), make("span", "mx-tk", String(clients)));
  } else {
    const count = make("em", "");
    count.append(make("i", `mx-kd ${keyState}`), String(clients));
    head.className = `mx-h${away ? " away" : ""}`;
    head.replaceChildren(bdi("in", initials(person.name)), bdi("sh", person.name.split(/\s+/u)[0]!), count);
    head.title = words;
  }
  head.setAttribute("aria-label", words);
  return sums;
}

/** The head of the grid: pods as bands, columns in the window, the word over the sums. */
export class HeadPainter {
  private readonly model: MatrixModel;
  private readonly row = make("div", "mx-hr");
  private readonly bands = make("div", "mx-bands");
  private readonly corner = make("div", "mx-corner");
  private readonly sums = make("div", "mx-hsum");
  private readonly cells = new Map<number, HTMLElement>();
  private edges = new Set<number>();
  private dressed = 0;

  constructor(head: HTMLElement, model: MatrixModel) {
    this.model = model;
    this.row.setAttribute("role", "row");
    this.row.setAttribute("aria-rowindex", "1");
    this.corner.setAttribute("role", "columnheader");
    this.corner.setAttribute("aria-colindex", "1");
    this.bands.setAttribute("aria-hidden", "true");
    this.sums.setAttribute("aria-hidden", "true");
    this.row.append(this.corner, this.sums);
    head.append(this.bands, this.row);
  }

  isEdge(column: number): boolean {
    return this.edges.has(column);
  }

  element(column: number): HTMLElement | null {
    return column === 0 ? this.corner : (this.cells.get(column) ?? null);
  }

  paint(left: number, right: number, measures: Measures, all: boolean): void {
    const { model } = this;
    const { arrangement, focus, facts } = model;
    if (all) {
      this.corner.replaceChildren(make("span", "sr-only", arrangement.turned ? "Technician" : "Client"));
      this.sums.textContent = arrangement.turned ? "Clients" : "People";
    }
    const corner = focus.row === 0 && focus.column === 0 ? 0 : -1;
    if (this.corner.tabIndex !== corner) this.corner.tabIndex = corner;
    const free: HTMLElement[] = [];
    for (const [column, cell] of this.cells) {
      if ((column >= left && column <= right) || (focus.row === 0 && focus.column === column)) continue;
      this.cells.delete(column);
      free.push(cell);
    }
    const draw = (column: number) => {
      let cell = this.cells.get(column);
      if (cell && !all) return;
      if (!cell) {
        cell = free.pop() ?? this.row.appendChild(make("div", "mx-h"));
        cell.setAttribute("role", "columnheader");
        cell.setAttribute("aria-colindex", String(column + 1));
        cell.style.left = `${measures.pane + (column - 1) * measures.cellWidth}px`;
        this.cells.set(column, cell);
      }
      const head = columnAt(arrangement, 1, column);
      const line = lineAt(arrangement, 1, column);
      if (arrangement.turned && line) {
        const row = facts.rows[line.row]!;
        cell.dataset.key = "";
        cell.className = `mx-h tall${isOld(row) ? " away" : ""}`;
        cell.replaceChildren(bdi("tn", rowName(row)));
        cell.title = rowName(row);
        cell.setAttribute("aria-label", `${rowName(row)}, ${peopleIn(facts, line.row)} people`);
      } else if (head) paintPersonHead(cell, model, head, "column");
      cell.classList.toggle("fc", focus.column === column);
      cell.classList.toggle("pf", this.edges.has(column));
      cell.tabIndex = focus.row === 0 && focus.column === column ? 0 : -1;
    };
    for (let column = left; column <= right; column += 1) draw(column);
    if (focus.row === 0 && focus.column >= 1 && focus.column <= columnCount(arrangement)) draw(focus.column);
    for (const cell of free) cell.remove();
  }

  /** Marks the head of the focused column, and takes the mark off the one before. */
  dress(column: number): void {
    if (this.dressed !== column) this.cells.get(this.dressed)?.classList.remove("fc");
    this.cells.get(column)?.classList.add("fc");
    this.dressed = column;
  }

  /** Pods anew, and where one ends. Before the cells are drawn: they carry the line. */
  arrange({ pane, cellWidth }: Measures): void {
    const { arrangement, facts } = this.model;
    this.edges = new Set();
    if (arrangement.turned) {
      this.bands.replaceChildren();
      return;
    }
    const bands = podBands(arrangement);
    this.bands.replaceChildren(...(facts.pods.length === 0 ? [] : bands).map(({ pod, from, to, folded }) => {
      const name = facts.pods[pod]?.name ?? "No pod";
      const band = make("div", "mx-band", `${folded ? "▸ " : ""}${name}`);
      band.style.left = `${pane + (from - 1) * cellWidth}px`;
      band.style.width = `${(to - from + 1) * cellWidth}px`;
      band.dataset.pod = String(pod);
      band.title = folded ? `Unfold ${name}` : `Fold ${name}`;
      if (from > 1) this.edges.add(from);
      return band;
    }));
    for (const { from } of bands) if (from > 1) this.edges.add(from);
  }
}
