// Confirming clients, as a person sees it: who, which code, heard or not, one tap.
import { hostOf, originOf } from "#lib/protocol/address.ts";
import { button, check, code, el, glyph, momentText, name, note, setOff } from "./draw.ts";
import { confirm, judgeReplies, type Listed } from "./confirm.ts";
import type { House } from "./house.ts";
import type { ConfirmOffer } from "./offer.ts";
import { ceremonyFoot, show, showEnd, wordsOf } from "./stage.ts";
import { Stopped, type Words } from "./stopped.ts";
import { ask } from "./talk.ts";

const WRONG = {
  not_signed: "it is not signed by the vault whose key it names, so it was altered on the way",
  twice: "another client of the list has the very same key",
} as const;

/** Up to here all may be ticked at once; beyond, it takes typing: what was not heard must not be said by one careless press. */
const AT_ONCE = 10;

type Answer = "heard" | "differs";

export async function viewConfirm(offer: ConfirmOffer, house: House): Promise<void> {
  const judged = await judgeReplies(offer);
  if (!Array.isArray(judged)) throw new Stopped("strange_replies", { detail: `The answer of ${judged.name}: ${WRONG[judged.reason]}. Nothing of the list can be confirmed.` });
  draw(offer, house, judged);
}

function draw(offer: ConfirmOffer, house: House, list: readonly Listed[]): void {
  const answers = new Map<string, Answer>();
  let busy = false;
  const trouble = el("div", { "aria-live": "assertive" });
  const only = list.length === 1 ? list[0] : undefined;
  const title = only ? `Is this the vault of ${only.statement.name}?` : `Are these the vaults of ${list.length} clients?`;
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
  const rows = list.map((one) => row(one));

  function count(): void {
    const heard = chosen("heard").length;
    const differs = chosen("differs").length;
    nameButton(heard === 0 ? "Confirm with one tap" : `Confirm ${heard === list.length ? "" : `${heard} of `}${list.length} ${list.length === 1 ? "client" : "clients"} with one tap`);
    setOff(sign, heard === 0);
    say(`${heard + differs} of ${list.length} compared.${differs > 0 ? ` ${differs} ${differs === 1 ? "differs" : "differ"} and will be stopped.` : ""}${heard + differs < list.length ? " What was not compared waits." : ""}`);
  }

  function row(listed: Listed): { element: HTMLElement; tick: (on: boolean) => void } {
    const { statement, offered, namesake } = listed;
    const box = el("input", { type: "checkbox", "aria-label": `Heard it by voice: ${statement.name}` });
    const differs = button("link", "It differs", () => set(answers.get(listed.hash) === "differs" ? null : "differs"));
    differs.setAttribute("aria-label", `It differs: ${statement.name}`);
    const said = el("span", { role: "status" });
    const set = (answer: Answer | null) => {
      if (answer === null) answers.delete(listed.hash);
      else answers.set(listed.hash, answer);
      box.checked = answer === "heard";
      differs.setAttribute("aria-pressed", String(answer === "differs"));
      said.className = answer === "differs" ? "answer differs" : "";
      said.replaceChildren(...(answer === "differs" ? [glyph("refused"), "it differs: this connection will be stopped"] : []));
      count();
    };
    box.addEventListener("change", () => set(box.checked ? "heard" : null));
    const renamed = offered.confirmed_as !== null && offered.confirmed_as !== statement.name;
    const element = el(
      "li",
      {},
      el("h2", { class: "who" }, name(statement.name), el("span", {}, "vault ", el("b", { class: "id" }, statement.vault), ` at ${hostOf(originOf(offered.reply.vault_url) ?? "") ?? ""}, answered ${momentText(offered.replied_at)}`)),
      code(listed.code),
      el("p", { class: "small" }, ...(offered.contact === null ? ["They read all sixteen to you"] : [name(offered.contact), " reads all sixteen to you"]), ", from the page of their own vault."),
      namesake ? note("attention", "Another client of this list has the same name. Make sure whom you are asking.") : null,
      renamed ? note("attention", "Confirmed before as “", name(offered.confirmed_as ?? ""), "”. This tap gives it its new name.") : null,
      el("div", { class: "ask" }, el("label", { class: "heard" }, box, el("span", {}, "Heard it by voice")), differs, said),
    );
    return { element, tick: (on) => set(on ? "heard" : null) };
  }

  /** All at once: a press up to ten; beyond, the words have to be typed. */
  function allAtOnce(): HTMLElement | null {
    if (list.length === 1) return null;
    const tickAll = () => {
      list.forEach(({ hash }, at) => answers.get(hash) === "differs" || rows[at]!.tick(true));
    };
    if (list.length <= AT_ONCE) return el("section", { class: "part all" }, button("ink", `I heard all ${list.length}`, tickAll));
    const words = `heard all ${list.length}`;
    const typed = el("input", { type: "text", autocomplete: "off", spellcheck: "false", id: "all-typed" });
    const all = button("ink", `I heard all ${list.length}`, tickAll);
    setOff(all, true);
    typed.addEventListener("input", () => setOff(all, typed.value.trim().toLowerCase() !== words));
    return el("section", { class: "part all" }, el("label", { for: "all-typed" }, "To mark all of them at once, type ", el("b", {}, words)), el("div", { class: "ask" }, typed, all));
  }

  function end(how: "left" | "late" | Words): void {
    stop();
    if (how === "late") showEnd(new Stopped("too_late").words, false);
    else if (how === "left") showEnd({ title: "Nothing was confirmed", detail: "You left it. The console knows, and what differed is stopped.", remedy: "You can close this window." }, true);
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
      const heard = chosen("heard");
      const submission = await confirm(offer, house, heard, chosen("differs"));
      say("Sending.");
      await ask("confirm", submission);
      end({ title: heard.length === 1 ? "1 client is confirmed" : `${heard.length} clients are confirmed`, detail: "Changes may be planned for them now, and every approval checks what you signed here.", remedy: "You can close this window." });
    } catch (error) {
      failed(error);
    } finally {
      busy = false;
    }
  }

  const head = el(
    "section",
    { class: "part" },
    el("h1", {}, title),
    el("p", { class: "lead" }, `Call ${only ? "them" : "each of them"} on a number you already have, not one from a mail. After their tap, the page of their vault shows a second code: it must be ${only ? "this one" : "the one beside their name"}, letter by letter.`),
    trouble,
  );
  const last = el(
    "section",
    { class: "part" },
    el("ul", { class: "checks" }, check("ok", only ? "The answer carries its vault’s own signature" : `All ${list.length} answers carry their vault’s own signature`), check("none", "What is signed is made here, from what you see: name, vault and key of each")),
  );
  show(title, [head, ...[allAtOnce()].filter((one) => one !== null), el("ul", { class: "rows" }, ...rows.map(({ element }) => element)), last], foot);
  count();
}
