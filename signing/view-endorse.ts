// Endorsing inbox keys, as a person sees it: who, which fingerprint, same or not, one tap.
import { button, check, code, dayText, el, momentText, name, note, setOff, glyph } from "./draw.ts";
import { endorse, judgeStatements, type Shown } from "./endorse.ts";
import type { House } from "./house.ts";
import type { EndorseOffer } from "./offer.ts";
import { ceremonyFoot, show, showEnd, wordsOf } from "./stage.ts";
import { Stopped, type Words } from "./stopped.ts";
import { ask } from "./talk.ts";

const WRONG = {
  other_organisation: "it was made for another console",
  not_current: "it is not in force, or was made for longer than a year",
  twice: "there are two keys for one person",
  not_their_own: "it is not signed by the passkey that is named with it, so it may have been exchanged on the way",
} as const;

type Answer = "same" | "differs";

export async function viewEndorse(offer: EndorseOffer, house: House): Promise<void> {
  const judged = await judgeStatements(offer, house, Math.floor(Date.now() / 1000));
  if (!Array.isArray(judged)) {
    throw new Stopped("strange_statements", { detail: `The key of ${judged.name}: ${WRONG[judged.reason]}. Nothing of the list can be endorsed.` });
  }
  draw(offer, house, judged);
}

function draw(offer: EndorseOffer, house: House, list: readonly Shown[]): void {
  const answers = new Map<string, Answer>();
  let busy = false;
  const trouble = el("div", { "aria-live": "assertive" });
  const only = list.length === 1 ? list[0] : undefined;
  const title = only ? `Is this the key of ${only.offered.statement.name}?` : `Are these the keys of ${list.length} people?`;
  const head = el(
    "section",
    { class: "part" },
    el("h1", {}, title),
    el("p", { class: "lead" }, `Ask ${only ? "them" : "each of them"}, face to face or on a number you already have. They find the sixteen letters under Settings, My inbox key. Tokens will be sealed to ${only ? "this key" : "these keys"} and no other.`),
    trouble,
  );

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

  function count(): void {
    const same = chosen("same").length;
    const differs = chosen("differs").length;
    nameButton(same === 0 ? "Endorse with one tap" : `Endorse ${same === list.length ? "" : `${same} of `}${list.length} ${list.length === 1 ? "key" : "keys"} with one tap`);
    setOff(sign, same === 0);
    say(`${same + differs} of ${list.length} compared.${differs > 0 ? ` ${differs} ${differs === 1 ? "differs" : "differ"} and will be reported.` : ""}${same + differs < list.length ? " What was not compared waits." : ""}`);
  }

  function row(shown: Shown): HTMLElement {
    const { statement, passkey, made_at, replaces } = shown.offered;
    const place = el("div", { class: "ask" });
    const set = (answer: Answer | null) => {
      if (answer === null) answers.delete(shown.hash);
      else answers.set(shown.hash, answer);
      place.replaceChildren(...(answer === null ? questions() : said(answer)));
      place.querySelector("button")?.focus();
      count();
    };
    const label = (words: string, made: HTMLButtonElement) => (made.setAttribute("aria-label", `${words}: ${statement.name}`), made);
    const questions = () => [label("Read the same", button("ink", "Read the same", () => set("same"))), label("It differs", button("danger", "It differs", () => set("differs")))];
    const said = (answer: Answer) => [
      el("span", { class: answer === "same" ? "answer" : "answer differs" }, glyph(answer === "same" ? "ok" : "refused"), answer === "same" ? "read the same" : "it differs: will not be endorsed"),
      label("Take that back", button("link", "Take that back", () => set(null))),
    ];
    place.append(...questions());
    return el(
      "li",
      {},
      el("h2", { class: "who" }, name(statement.name), el("span", {}, "key “", name(passkey.label), `”, made ${momentText(made_at)}`)),
      code(shown.fingerprint),
      el("p", { class: "small" }, `All sixteen, read to you. Counts until ${dayText(statement.not_after)}.${replaces ? " Takes the place of an earlier key; tokens of that one keep working until they are renewed." : ""}`),
      shown.namesake ? note("attention", "Somebody else in this list has the same name. Make sure whom you are asking.") : null,
      statement.kem === "x25519" ? note("attention", "An older kind of key, without protection against quantum computers.") : null,
      place,
    );
  }

  function end(how: "left" | "late" | Words): void {
    stop();
    if (how === "late") showEnd(new Stopped("too_late").words, false);
    else if (how === "left") showEnd({ title: "Nothing was endorsed", detail: "You left it. The console knows, and what differed is reported.", remedy: "You can close this window." }, true);
    else showEnd(how, true);
    if (how !== "late") setTimeout(() => window.close(), 2500);
  }

  function failed(error: unknown): void {
    const { words, again } = wordsOf(error);
    if (!again) {
      stop();
      showEnd(words, false);
      return;
    }
    trouble.replaceChildren(note("attention", el("b", {}, words.title, ". "), words.detail, " ", words.remedy));
    trouble.scrollIntoView({ block: "nearest" });
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    trouble.replaceChildren();
    try {
      const same = chosen("same");
      const submission = await endorse(offer, house, same, chosen("differs"));
      say("Sending.");
      await ask("endorse", submission);
      end({ title: same.length === 1 ? "1 key is endorsed" : `${same.length} keys are endorsed`, detail: "Tokens may be sealed to them now. For seven days every plan will say that they are new.", remedy: "You can close this window." });
    } catch (error) {
      failed(error);
    } finally {
      busy = false;
    }
  }

  const last = el(
    "section",
    { class: "part" },
    el("ul", { class: "checks" }, check("ok", list.length === 1 ? "The statement carries its own passkey’s signature" : `All ${list.length} statements carry their own passkey’s signature`), check("none", "For seven days every plan will say that the keys are new"), check("none", "What is signed is made here, from what you see")),
  );
  show(title, [head, el("ul", { class: "rows" }, ...list.map(row)), last], foot);
  count();
}
