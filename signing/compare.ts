// What every comparison has in common: a list, for each one whether it is the same or differs, and one tap for those that are the same.
import { el, note, setOff } from "./draw.ts";
import { ceremonyFoot, show, showEnd, wordsOf } from "./stage.ts";
import { Stopped, type Words } from "./stopped.ts";
import { ask } from "./talk.ts";

export type Answer = "same" | "differs";
type Compared = { readonly hash: string };
/** One thing of the list as it is drawn; `say` shows the answer that holds now. */
export type Row = { readonly element: HTMLElement; readonly say: (answer: Answer | null) => void };
/** How a row learns and changes its own answer. */
export type Reply = { readonly now: () => Answer | null; readonly set: (answer: Answer | null) => void };

export type Comparison<Item extends Compared> = {
  readonly list: readonly Item[];
  readonly offer: { readonly secret: string; readonly seconds_left: number };
  readonly title: string;
  readonly lead: string;
  readonly row: (item: Item, reply: Reply) => Row;
  /** Drawn between the lead and the list, when there is something to say of all at once. */
  readonly above?: (answerAll: () => void) => HTMLElement | null;
  readonly checks: readonly HTMLElement[];
  /** The button's verb, one and several of what is tapped for, and what becomes of those that differ. */
  readonly words: { readonly verb: string; readonly one: string; readonly many: string; readonly differing: string };
  readonly door: "confirm" | "endorse";
  /** Signs: one touch. Throws `Stopped`. */
  readonly tap: (same: readonly Item[], differs: readonly Item[]) => Promise<object>;
  readonly done: (count: number) => Words;
  readonly left: Words;
};

export function compare<Item extends Compared>({ list, offer, title, lead, row, above, checks, words, door, tap, done, left }: Comparison<Item>): void {
  const answers = new Map<string, Answer>();
  let busy = false;
  const trouble = el("div", { "aria-live": "assertive" });
  const chosen = (answer: Answer) => list.filter(({ hash }) => answers.get(hash) === answer);
  const { foot, sign, name: nameButton, say, stop } = ceremonyFoot({
    words: "",
    press: () => void run(),
    under: "",
    seconds: offer.seconds_left,
    leave: () => void ask("decline", { secret: offer.secret, differs: chosen("differs").map(({ hash }) => hash) }).then(() => end("left"), (error: unknown) => failed(error)),
    over: () => end("late"),
  });
  sign.id = "sign";
  sign.setAttribute("aria-describedby", "said");

  const rows = list.map((item) => {
    const set = (answer: Answer | null) => {
      if (answer === null) answers.delete(item.hash);
      else answers.set(item.hash, answer);
      drawn.say(answer);
      count();
    };
    const drawn = row(item, { now: () => answers.get(item.hash) ?? null, set });
    return { hash: item.hash, element: drawn.element, set };
  });
  const answerAll = () => rows.forEach(({ hash, set }) => answers.get(hash) === "differs" || set("same"));

  function count(): void {
    const [same, differs] = [chosen("same").length, chosen("differs").length];
    nameButton(same === 0 ? `${words.verb} with one tap` : `${words.verb} ${same === list.length ? "" : `${same} of `}${list.length} ${list.length === 1 ? words.one : words.many} with one tap`);
    setOff(sign, same === 0);
    say(`${same + differs} of ${list.length} compared.${differs > 0 ? ` ${differs} ${differs === 1 ? "differs" : "differ"} and will be ${words.differing}.` : ""}${same + differs < list.length ? " What was not compared waits." : ""}`);
  }

  function end(how: "left" | "late" | Words): void {
    stop();
    if (how === "late") showEnd(new Stopped("too_late").words, false);
    else showEnd(how === "left" ? left : how, true);
    if (how !== "late") setTimeout(() => window.close(), 2500);
  }

  function failed(error: unknown): void {
    const { words: said, again } = wordsOf(error);
    if (!again) {
      stop();
      showEnd(said, false);
      return;
    }
    trouble.replaceChildren(note("attention", el("b", {}, said.title, ". "), said.detail, " ", said.remedy));
    trouble.scrollIntoView({ block: "nearest" });
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    trouble.replaceChildren();
    try {
      const same = chosen("same");
      const submission = await tap(same, chosen("differs"));
      say("Sending.");
      await ask(door, submission);
      end(done(same.length));
    } catch (error) {
      failed(error);
    } finally {
      busy = false;
    }
  }

  const head = el("section", { class: "part" }, el("h1", {}, title), el("p", { class: "lead" }, lead), trouble);
  const last = el("section", { class: "part" }, el("ul", { class: "checks" }, ...checks));
  show(title, [head, ...[above?.(answerAll)].filter((one) => one != null), el("ul", { class: "rows" }, ...rows.map(({ element }) => element)), last], foot);
  count();
}
