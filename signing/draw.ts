// Drawing with elements and text only: no markup is ever made from a string (Trusted Types forbid it here anyway).
type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | EventListener>>;

/** An element with attributes, listeners (functions) and children; text is text. */
export function el<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "string") made.setAttribute(key, value);
    else made.addEventListener(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A name of somebody: kept apart from the direction of the words around it. */
export const name = (text: string): HTMLElement => el("bdi", {}, text);

type Shape = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];

function drawing(className: string, viewBox: string, shapes: Shape): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of shapes) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    svg.append(part);
  }
  return svg;
}

export type State = "ok" | "attention" | "refused" | "none";
/** The console's state glyphs (components/ui/glyph): each has its own outline, so that none depends on colour. */
const GLYPHS: Record<State, Shape> = {
  ok: [["circle", { cx: "7", cy: "7", r: "6" }], ["path", { class: "in", d: "M4.3 7.2l1.9 1.9 3.5-4" }]],
  attention: [["path", { d: "M7 .6L13.4 7 7 13.4.6 7z" }], ["path", { class: "in", d: "M7 4v3.4M7 9.7v.02" }]],
  refused: [["rect", { x: "1", y: "1", width: "12", height: "12", rx: "2" }], ["path", { class: "in", d: "M4.7 4.7l4.6 4.6M9.3 4.7L4.7 9.3" }]],
  none: [["circle", { class: "line", cx: "7", cy: "7", r: "5.3" }]],
};

export const glyph = (state: State): SVGSVGElement => drawing(`glyph ${state}`, "0 0 14 14", GLYPHS[state]);

export const check = (state: State, ...words: readonly Child[]): HTMLElement => el("li", {}, glyph(state), el("span", {}, ...words));

export const note = (state: "attention" | "refused", ...words: readonly Child[]): HTMLElement => el("div", { class: `note ${state}` }, glyph(state), el("span", {}, ...words));

/** A key, on the one button that asks for a touch. */
export const keyIcon = (): SVGSVGElement => drawing("icon", "0 0 16 16", [["circle", { cx: "5.3", cy: "10.2", r: "2.8" }], ["path", { d: "M7.4 8.2l5.6-5.6M10.6 5l2 2" }]]);

/** A button; it stays reachable while it is off, so that its reason can be read. */
export function button(kind: "ink" | "danger" | "sign" | "link", words: string, press: () => void): HTMLButtonElement {
  const made = el("button", { type: "button", class: kind === "link" ? "link" : `button ${kind}` }, words);
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-disabled") !== "true") press();
  });
  return made;
}

export function setOff(target: HTMLButtonElement, off: boolean): void {
  if (off) target.setAttribute("aria-disabled", "true");
  else target.removeAttribute("aria-disabled");
}

/** In groups of four, and read letter by letter by a screen reader. */
export function code(fingerprint: string): HTMLElement {
  const groups = fingerprint.match(/.{1,4}/g) ?? [];
  const spoken = groups.map((group) => [...group].join(" ")).join(", ");
  return el("p", { class: "code", role: "img", "aria-label": spoken }, ...groups.map((group) => el("span", { "aria-hidden": "true" }, group)));
}

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const moment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/** Unix seconds, in the person's own zone. */
export const dayText = (seconds: number): string => day.format(seconds * 1000);
export const momentText = (seconds: number): string => moment.format(seconds * 1000);

export const timeLeft = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes > 0 ? `${minutes} min ` : ""}${seconds % 60} s left`;
};
