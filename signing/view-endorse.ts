// Endorsing inbox keys, as a person sees it: who, which fingerprint, same or not, one tap.
import { compare, type Answer, type Reply, type Row } from "./compare.ts";
import { button, check, code, dayText, el, glyph, momentText, name, note } from "./draw.ts";
import { endorse, judgeStatements, type Shown } from "./endorse.ts";
import type { House } from "./house.ts";
import type { EndorseOffer } from "./offer.ts";
import { Stopped } from "./stopped.ts";

const WRONG = {
  other_organisation: "it was made for another console",
  not_current: "it is not in force, or was made for longer than a year",
  twice: "there are two keys for one person",
  not_their_own: "it is not signed by the passkey that is named with it, so it may have been exchanged on the way",
} as const;

export async function viewEndorse(offer: EndorseOffer, house: House): Promise<void> {
  const list = await judgeStatements(offer, house, Math.floor(Date.now() / 1000));
  if (!Array.isArray(list)) throw new Stopped("strange_statements", { detail: `The key of ${list.name}: ${WRONG[list.reason]}. Nothing of the list can be endorsed.` });
  const only = list.length === 1 ? list[0] : undefined;
  compare<Shown>({
    list, offer, row, door: "endorse",
    title: only ? `Is this the key of ${only.offered.statement.name}?` : `Are these the keys of ${list.length} people?`,
    lead: `Ask ${only ? "them" : "each of them"}, face to face or on a number you already have. They find the sixteen letters under Settings, My inbox key. Tokens will be sealed to ${only ? "this key" : "these keys"} and no other.`,
    checks: [check("ok", only ? "The statement carries its own passkey’s signature" : `All ${list.length} statements carry their own passkey’s signature`), check("none", "For seven days every plan will say that the keys are new"), check("none", "What is signed is made here, from what you see")],
    words: { verb: "Endorse", one: "key", many: "keys", differing: "reported" },
    tap: (same, differs) => endorse(offer, house, same, differs),
    done: (count) => ({ title: count === 1 ? "1 key is endorsed" : `${count} keys are endorsed`, detail: "Tokens may be sealed to them now. For seven days every plan will say that they are new.", remedy: "You can close this window." }),
    left: { title: "Nothing was endorsed", detail: "You left it. The console knows, and what differed is reported.", remedy: "You can close this window." },
  });
}

function row({ offered, fingerprint, namesake }: Shown, { set }: Reply): Row {
  const { statement, passkey, made_at, replaces } = offered;
  const label = (words: string, made: HTMLButtonElement) => (made.setAttribute("aria-label", `${words}: ${statement.name}`), made);
  const questions = () => [label("Read the same", button("ink", "Read the same", () => set("same"))), label("It differs", button("danger", "It differs", () => set("differs")))];
  const said = (answer: Answer) => [
    el("span", { class: answer === "same" ? "answer" : "answer differs" }, glyph(answer === "same" ? "ok" : "refused"), answer === "same" ? "read the same" : "it differs: will not be endorsed"),
    label("Take that back", button("link", "Take that back", () => set(null))),
  ];
  const place = el("div", { class: "ask" }, ...questions());
  return {
    element: el(
      "li",
      {},
      el("h2", { class: "who" }, name(statement.name), el("span", {}, "key “", name(passkey.label), `”, made ${momentText(made_at)}`)),
      code(fingerprint),
      el("p", { class: "small" }, `All sixteen, read to you. Counts until ${dayText(statement.not_after)}.${replaces ? " Takes the place of an earlier key; tokens of that one keep working until they are renewed." : ""}`),
      namesake ? note("attention", "Somebody else in this list has the same name. Make sure whom you are asking.") : null,
      statement.kem === "x25519" ? note("attention", "An older kind of key, without protection against quantum computers.") : null,
      place,
    ),
    say: (answer) => {
      place.replaceChildren(...(answer === null ? questions() : said(answer)));
      place.querySelector("button")?.focus();
    },
  };
}
