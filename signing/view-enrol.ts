// Enrolling a signing key, as a person sees it.
import { signerFingerprint } from "#lib/protocol/connect.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { el, name, note } from "./draw.ts";
import { makeKey, proveKey, type EnrolSubmission, type MadeKey } from "./enrol.ts";
import type { House } from "./house.ts";
import type { EnrolOffer } from "./offer.ts";
import { ceremonyFoot, show, showEnd, wordsOf } from "./stage.ts";
import { Stopped } from "./stopped.ts";
import { ask } from "./talk.ts";

export function viewEnrol(offer: EnrolOffer, house: House): void {
  let made: MadeKey | null = null;
  let proven: EnrolSubmission | null = null;
  let busy = false;
  const trouble = el("div", { "aria-live": "assertive" });
  const host = new URL(house.origin).host;
  const title = "A new signing key";
  const section = el(
    "section",
    { class: "part" },
    el("h1", {}, "Make “", name(offer.label), "” a signing key of ", name(offer.person.name), "?"),
    el("p", { class: "lead" }, "With it you approve changes to clients’ vaults. It works on this page and nowhere else; your sign-in keys stay what they are."),
    trouble,
  );
  const facts = el(
    "dl",
    { class: "facts" },
    el("dt", {}, "Works only on"), el("dd", {}, host),
    el("dt", {}, "Signs for"), el("dd", {}, name(offer.msp.name), `, ${house.console}`),
    el("dt", {}, "Kind of key"), el("dd", {}, offer.hardware_bound ? "Only one that stays on its device. Your organisation asks for it." : "Any. Best is a hardware key that stays on its device."),
    el("dt", {}, "Touches"), el("dd", {}, "Two: one makes the key, one proves that you hold it."),
  );

  const { foot, name: nameButton, say, stop } = ceremonyFoot({
    words: "Touch your new signing key",
    press: () => void run(),
    under: "",
    seconds: offer.seconds_left,
    leave: () => void ask("decline", { secret: offer.secret, differs: [] }).then(() => end("left"), (error: unknown) => failed(error)),
    over: () => end("late"),
  });

  function end(how: "done" | "left" | "late"): void {
    stop();
    if (how === "done") showEnd({ title: `“${offer.label}” is a signing key now`, detail: "The console shows it in its list. It approves nothing by itself.", remedy: "You can close this window." }, true);
    else if (how === "left") showEnd({ title: "Nothing was made", detail: "You left it. The console knows.", remedy: "You can close this window." }, true);
    else showEnd(new Stopped("too_late").words, false);
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
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    trouble.replaceChildren();
    try {
      if (made === null) {
        say("Touch 1 of 2: the key is made.");
        made = await makeKey(offer, house);
        // Whoever rolls it out to vaults compares these letters by voice.
        facts.append(el("dt", {}, "Its letters"), el("dd", { class: "mono" }, spokenCode(signerFingerprint(made.public_key))));
      }
      nameButton("Touch it once more, to prove it");
      say("Touch 2 of 2: it proves that you hold it.");
      proven ??= await proveKey(made, offer, house);
      say("Sending.");
      await ask("enrol", proven);
      end("done");
    } catch (error) {
      failed(error);
      say(made === null ? "" : "The key is made, and not yet proven.");
    } finally {
      busy = false;
    }
  }

  show(title, [section, el("section", { class: "part" }, facts)], foot);
}
