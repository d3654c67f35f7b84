// The page's one stage: what stands in it, where the focus goes, how long it may stand, and what is said when it ends.
import { button, el, glyph, keyIcon, timeLeft } from "./draw.ts";
import { Stopped, type Words } from "./stopped.ts";
import { Refused } from "./talk.ts";

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks #${id}`);
  return found;
}

/** Replaces what is shown, and moves the focus there, so that a screen reader starts at its top. */
export function show(title: string, main: readonly Node[], foot: readonly Node[] = []): void {
  document.title = title;
  part("main").replaceChildren(...main);
  const footer = part("foot");
  footer.replaceChildren(...foot);
  footer.hidden = foot.length === 0;
  part("main").focus({ preventScroll: true });
  document.documentElement.dataset.shown = title;
}

export function showHouse(host: string): void {
  part("host").textContent = host;
}

export function showOrganisation(name: string): void {
  part("for").replaceChildren("for ", el("bdi", {}, name));
}

/** The end, good or bad: what happened, what it means, what to do. Nothing can be pressed afterwards. */
export function showEnd({ title, detail, remedy }: Words, good: boolean): void {
  const section = el("section", { class: "part", role: good ? "status" : "alert" }, el("h1", {}, title), el("p", { class: "lead" }, detail), el("p", { class: "lead" }, remedy));
  section.prepend(el("p", { class: "end-glyph" }, glyph(good ? "ok" : "refused")));
  show(title, [section]);
}

/** Counts down under the button; calls `over` once when nothing is left. Returns the line and a way to stop it. */
export function countdown(seconds: number, over: () => void): { line: HTMLElement; stop: () => void } {
  const ends = Date.now() + seconds * 1000;
  const line = el("span", {}, timeLeft(seconds));
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    line.textContent = timeLeft(left);
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, 1000);
  return { line, stop: () => clearInterval(timer) };
}

/** The foot of a ceremony: the one button, what is said under it, and the way out. */
export function ceremonyFoot({ words, press, under, seconds, leave, over }: { words: string; press: () => void; under: string; seconds: number; leave: () => void; over: () => void }) {
  const sign = button("sign", "", press);
  const name = (text: string) => sign.replaceChildren(keyIcon(), el("span", {}, text));
  name(words);
  const said = el("span", { id: "said", role: "status" }, under);
  const clock = countdown(seconds, over);
  const foot = [sign, el("div", { class: "under" }, said, el("span", { class: "end" }, clock.line, button("link", "Not now", leave)))];
  return { foot, sign, name, say: (text: string) => void (said.textContent = text), stop: clock.stop };
}

/** What went wrong; `again` where pressing the same button again may help, since nothing was spent. */
export function wordsOf(error: unknown): { words: Words; again: boolean } {
  if (error instanceof Refused) return { words: error.words, again: ["too_many", "database_unavailable"].includes(error.refusal) };
  if (error instanceof Stopped) return { words: error.words, again: ["no_tap", "key_known", "key_unknown", "no_answer", "nothing_to_sign", "minute_over", "not_verified"].includes(error.code) };
  return { words: new Stopped("unsupported", { title: "This page met something it does not know", detail: "Nothing was signed." }).words, again: false };
}
