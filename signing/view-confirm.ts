// Confirming clients, as a person sees it: who, which code, heard or not, one tap.
import { hostOf, originOf } from "#lib/protocol/address.ts";
import { compare, type Reply, type Row } from "./compare.ts";
import { confirm, judgeReplies, type Listed } from "./confirm.ts";
import { button, check, code, el, glyph, momentText, name, note, setOff } from "./draw.ts";
import type { House } from "./house.ts";
import type { ConfirmOffer } from "./offer.ts";
import { Stopped } from "./stopped.ts";

const WRONG = {
  not_signed: "it is not signed by the vault whose key it names, so it was altered on the way",
  twice: "another client of the list has the very same key",
} as const;

/** Up to here all may be ticked at once; beyond, it takes typing: what was not heard must not be said by one careless press. */
const AT_ONCE = 10;

export async function viewConfirm(offer: ConfirmOffer, house: House): Promise<void> {
  const list = await judgeReplies(offer);
  if (!Array.isArray(list)) throw new Stopped("strange_replies", { detail: `The answer of ${list.name}: ${WRONG[list.reason]}. Nothing of the list can be confirmed.` });
  const only = list.length === 1 ? list[0] : undefined;
  compare<Listed>({
    list, offer, row, door: "confirm",
    title: only ? `Is this the vault of ${only.statement.name}?` : `Are these the vaults of ${list.length} clients?`,
    lead: `Call ${only ? "them" : "each of them"} on a number you already have, not one from a mail. After their tap, the page of their vault shows a second code: it must be ${only ? "this one" : "the one beside their name"}, letter by letter.`,
    above: (answerAll) => allAtOnce(list.length, answerAll),
    checks: [check("ok", only ? "The answer carries its vault’s own signature" : `All ${list.length} answers carry their vault’s own signature`), check("none", "What is signed is made here, from what you see: name, vault and key of each")],
    words: { verb: "Confirm", one: "client", many: "clients", differing: "stopped" },
    tap: (heard, differs) => confirm(offer, house, heard, differs),
    done: (count) => ({ title: count === 1 ? "1 client is confirmed" : `${count} clients are confirmed`, detail: "Changes may be planned for them now, and every approval checks what you signed here.", remedy: "You can close this window." }),
    left: { title: "Nothing was confirmed", detail: "You left it. The console knows, and what differed is stopped.", remedy: "You can close this window." },
  });
}

function row({ statement, offered, namesake, code: letters }: Listed, { now, set }: Reply): Row {
  const box = el("input", { type: "checkbox", "aria-label": `Heard it by voice: ${statement.name}` });
  const differs = button("link", "It differs", () => set(now() === "differs" ? null : "differs"));
  differs.setAttribute("aria-label", `It differs: ${statement.name}`);
  const said = el("span", { role: "status" });
  box.addEventListener("change", () => set(box.checked ? "same" : null));
  const renamed = offered.confirmed_as !== null && offered.confirmed_as !== statement.name;
  return {
    element: el(
      "li",
      {},
      el("h2", { class: "who" }, name(statement.name), el("span", {}, "vault ", el("b", { class: "id" }, statement.vault), ` at ${hostOf(originOf(offered.reply.vault_url) ?? "") ?? ""}, answered ${momentText(offered.replied_at)}`)),
      code(letters),
      el("p", { class: "small" }, ...(offered.contact === null ? ["They read all sixteen to you"] : [name(offered.contact), " reads all sixteen to you"]), ", from the page of their own vault."),
      namesake ? note("attention", "Another client of this list has the same name. Make sure whom you are asking.") : null,
      renamed ? note("attention", "Confirmed before as “", name(offered.confirmed_as ?? ""), "”. This tap gives it its new name.") : null,
      el("div", { class: "ask" }, el("label", { class: "heard" }, box, el("span", {}, "Heard it by voice")), differs, said),
    ),
    say: (answer) => {
      box.checked = answer === "same";
      differs.setAttribute("aria-pressed", String(answer === "differs"));
      said.className = answer === "differs" ? "answer differs" : "";
      said.replaceChildren(...(answer === "differs" ? [glyph("refused"), "it differs: this connection will be stopped"] : []));
    },
  };
}

/** All at once: a press up to ten; beyond, the words have to be typed. */
function allAtOnce(count: number, answerAll: () => void): HTMLElement | null {
  if (count === 1) return null;
  if (count <= AT_ONCE) return el("section", { class: "part all" }, button("link", `I heard all ${count}`, answerAll));
  const words = `heard all ${count}`;
  const typed = el("input", { type: "text", autocomplete: "off", spellcheck: "false", id: "all-typed" });
  const all = button("ink", `I heard all ${count}`, answerAll);
  setOff(all, true);
  typed.addEventListener("input", () => setOff(all, typed.value.trim().toLowerCase() !== words));
  return el("section", { class: "part all" }, el("label", { for: "all-typed" }, "To mark all of them at once, type ", el("b", {}, words)), el("div", { class: "ask" }, typed, all));
}
