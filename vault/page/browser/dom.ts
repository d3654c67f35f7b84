// The whole of the page's view layer. Text only ever enters as text, so no word of a request or a row can become markup.
type Child = Node | string | null;
type Properties<K extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[K], "style" | "dataset">>;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties<K>, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A control with its label in front, tied together for assistive technology. */
export function labelled(label: string, control: HTMLElement, note: string | null = null): HTMLElement {
  return h("label", { className: "field" }, h("span", {}, label), control, note === null ? null : h("small", {}, note));
}

export function checkbox(label: string, checked: boolean, disabledReason: string | null = null): { box: HTMLInputElement; row: HTMLElement } {
  const box = h("input", { type: "checkbox", checked, disabled: disabledReason !== null });
  const row = h("label", { className: "check" }, box, h("span", {}, label), disabledReason === null ? null : h("small", {}, disabledReason));
  return { box, row };
}

/** Shows one view: replaces what was there and takes the focus to its heading. */
export function show(title: string, ...children: readonly Child[]): void {
  const main = document.querySelector("#main")!;
  const heading = h("h1", { tabIndex: -1 }, title);
  main.replaceChildren(heading, ...children.filter((child) => child !== null));
  document.title = title;
  heading.focus();
}

/** A line that speaks up when its text changes. */
export function statusLine(): HTMLParagraphElement {
  const line = h("p", { className: "status" });
  line.setAttribute("role", "status");
  return line;
}

/** A button that is busy while its work runs, and says in plain words what went wrong. */
export function action(label: string, line: HTMLElement, work: () => Promise<void>, kind: "primary" | "danger" | "" = "primary"): HTMLButtonElement {
  const button = h("button", { type: "button", className: kind }, label);
  button.addEventListener("click", () => {
    button.disabled = true;
    line.textContent = "";
    line.classList.remove("wrong");
    work()
      .catch((error: unknown) => {
        line.classList.add("wrong");
        line.textContent = error instanceof Error ? error.message : "Something went wrong.";
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return button;
}
