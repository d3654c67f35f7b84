// A plan before the tap: one plain sentence, counts, riskiest first, every operation, the digest, the key. Nothing else.
import { b64u } from "#lib/protocol/bytes.ts";
import { signerFingerprint } from "#lib/protocol/connect.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { FRESH_ENDORSEMENT_SECONDS, inboxFingerprint } from "#lib/protocol/inbox.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { countChanges, sealedTo, type Plan, type PlanChange, type PlanVault } from "#lib/protocol/plan.ts";
import { accessWords, digestGroups, planSentence, risksOf, whoOf, type Risk } from "#lib/protocol/plan-words.ts";
import { collect, judgePlan, prepare, prepareCosign, ROUND_MS, sign, type Judged, type Prepared } from "./approve.ts";
import { check, dayText, el, glyph, name, note, type State } from "./draw.ts";
import type { House } from "./house.ts";
import { checkRelayed, type ApproveOffer } from "./offer.ts";
import { ceremonyFoot, show, showEnd, wordsOf } from "./stage.ts";
import { Stopped, type Words } from "./stopped.ts";
import { ask } from "./talk.ts";

const now = (): number => Math.floor(Date.now() / 1000);
const many = (count: number, one: string, more = `${one}s`): string => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

/** One line per operation, in the alphabet of change. */
function changeLine(plan: Plan, vault: PlanVault, change: PlanChange): HTMLElement {
  const who = whoOf(plan, change);
  const until = (seconds: number | null): string => (seconds === null ? "" : `, until ${dayText(seconds)}`);
  // A number that has no name here is its own word already.
  const numbers = (scopes: string): string => (scopes.split(",").every((scope) => !vault.roles.some((role) => role.scope === scope)) ? "" : ` (${scopes.replaceAll(",", " ")})`);
  if (change.change === "leave") return el("li", {}, el("b", {}, "−"), " our own row, our signers, and every token that we manage");
  const person = who === null ? "" : who;
  if (change.change === "renew") return el("li", {}, el("b", {}, "~"), " the console’s own token, which reads nothing");
  if (change.change === "enrol") {
    const { label, public_key: key } = plan.signers![change.signer]!;
    return el("li", {}, el("b", {}, "+"), " signer ", name(person), `: “${label}” `, el("span", { class: "mono small" }, spokenCode(signerFingerprint(key))));
  }
  if (change.change === "strike") return el("li", {}, el("b", {}, "−"), " signer ", name(person), `: “${change.label}”`);
  if (change.change === "grant") return el("li", {}, el("b", {}, "+"), " ", name(person), `: ${accessWords(change.access, vault)}${numbers(change.access.scopes)}${until(change.access.expires_at)}`);
  if (change.change === "reissue") return el("li", {}, el("b", {}, "~"), " ", name(person), `: a new token, ${accessWords(change.access, vault)}${numbers(change.access.scopes)}; the old one ends`);
  if (change.change === "revoke") return el("li", {}, el("b", {}, "−"), " ", name(person), `: ${accessWords(change.access, vault)}${numbers(change.access.scopes)}`);
  return el("li", {}, el("b", {}, "~"), " ", name(person), `: ${accessWords(change.before, vault)} → ${accessWords(change.after, vault)}${numbers(change.after.scopes)}${until(change.after.expires_at)}`);
}

/** A line that opens; what is inside is drawn when it does, since a plan may hold a thousand vaults. */
function fold(state: State, title: string, under: readonly (Node | string)[], inside: () => readonly Node[]): HTMLElement {
  const body = el("div", { class: "inside" });
  const made = el("details", { class: "fold" }, el("summary", {}, glyph(state), el("span", {}, el("b", {}, title), el("span", { class: "small" }, ...under))), body);
  made.addEventListener("toggle", () => {
    if (made.open && body.childElementCount === 0) body.replaceChildren(...inside());
  });
  return made;
}

const vaultList = (plan: Plan, vaults: readonly PlanVault[]): HTMLElement =>
  el("ul", { class: "vaults" }, ...vaults.map((vault) => el("li", {}, name(vault.name), el("span", { class: "small mono" }, ` ${vault.vault}`), el("ul", {}, ...vault.changes.map((change) => changeLine(plan, vault, change))))));

const RISK: Readonly<Record<Risk["kind"], (risk: Risk, plan: Plan) => [state: State, title: string, under: string]>> = {
  strike: ({ count, vaults }) => ["attention", `${many(count, "signer")} struck in ${many(vaults.length, "vault")}`, "what it signed to stand falls with it, where it is not signed anew here"],
  enrol: ({ vaults }) => ["attention", `Somebody new may sign in ${many(vaults.length, "vault")}`, "compare the letters with what their own signing page showed"],
  exit: () => ["attention", "The connection ends", "it cannot be taken back; only the client can connect again"],
  full_access: ({ count, vaults }) => ["attention", `${many(count, "token")} with full access`, `everything in ${many(vaults.length, "vault")} can be read with ${count === 1 ? "it" : "them"}`],
  no_end: ({ count }) => ["attention", `${count === 1 ? "It has" : `${count} of them have`} no end`, "until somebody removes it"],
  whole_person: ({ vaults, name: person }) => ["attention", "A whole column", `${many(vaults.length, "vault")}, all about ${person ?? ""}; you typed the name`],
  whole_client: ({ name: client }) => ["attention", "A whole row", `everything is about ${client ?? ""}; you typed the name`],
  standing: ({ count }) => ["none", `${many(count, "removal")} ${count === 1 ? "stands" : "stand"} for 30 days`, "they reach a vault that is down now without another tap"],
};

function newKeys({ plan, inboxes, endorsements }: ApproveOffer): HTMLElement[] {
  return plan.people.flatMap(({ name: person }, i) => {
    const { statement, endorsements: named } = inboxes[i]!;
    const since = Math.min(...named.map((at) => endorsements[at]!.endorsed_at));
    if (!Number.isFinite(since) || now() - since > FRESH_ENDORSEMENT_SECONDS) return [];
    const vaults = plan.vaults.filter(({ changes }) => changes.some((one) => sealedTo(one) === i));
    const days = Math.floor((now() - since) / 86_400);
    return [fold("attention", `${many(vaults.length, "token")} to a key endorsed ${days < 1 ? "today" : `${many(days, "day")} ago`}`, [name(person), ` · ${spokenCode(inboxFingerprint(statement))}`], () => [vaultList(plan, vaults)])];
  });
}

export async function viewApprove(offer: ApproveOffer, house: House): Promise<void> {
  draw(offer, house, await judgePlan(offer, house, now()));
}

function draw(offer: ApproveOffer, house: House, judged: Judged): void {
  const whole = offer.plan;
  // What is said is what this tap covers: what is done or on its way is not said again.
  const plan: Plan = { ...whole, vaults: judged.open.map((place) => whole.vaults[place]!) };
  const counts = countChanges(plan);
  const operations = plan.vaults.reduce((sum, { changes }) => sum + changes.length, 0);
  const title = planSentence(plan);
  const cosigns = offer.part === "cosign";
  let busy = false;
  /** Prepared, and shown because not all vaults answered: the next press signs it if the minute still holds. */
  let ready: { prepared: Prepared; round: { id: string; leftMs: () => number } } | null = null;
  const trouble = el("div", { "aria-live": "assertive" });
  const gathered = el("div", { "aria-live": "polite" });
  const count = (cls: string, sign: string, amount: number, words: string): HTMLElement => el("div", { class: cls }, el("b", {}, `${sign}${amount.toLocaleString("en")}`), el("span", {}, words));

  const head = el(
    "section",
    { class: "part" },
    el("h1", {}, title),
    el(
      "div",
      { class: "counts" },
      ...(plan.kind === "signers" ? [count("minus", "−", counts.strike, "signers"), count("plus", "+", counts.enrol, "signers"), ...(counts.revoke > 0 ? [count("minus", "−", counts.revoke, "removals anew")] : [])] : plan.kind === "renewal" ? [count("plus", "~", counts.renew, counts.renew === 1 ? "token of ours" : "tokens of ours")] : counts.leave > 0 ? [count("minus", "−", counts.leave, counts.leave === 1 ? "connection" : "connections")] : [count("minus", "−", counts.revoke, "revokes"), count("plus", "~", counts.alter + counts.reissue, "changes"), count("plus", "+", counts.grant, "grants")]),
      count("", "", plan.vaults.length, plan.vaults.length === 1 ? "vault" : "vaults"),
    ),
    cosigns ? note("attention", el("b", {}, "You sign first, of two. "), "Nothing leaves until somebody else signs the same with their own key, within the hour.") : null,
    offer.first === null ? null : el("p", { class: "small" }, "Signed before by ", name(offer.first.person), `, key “${offer.first.label}”, as the console says; each vault checks it.`),
    trouble,
  );
  const risks = risksOf(plan).map((risk) => {
    const [state, words, under] = RISK[risk.kind](risk, plan);
    return fold(state, words, [under], () => [vaultList(plan, risk.vaults.map((place) => plan.vaults[place]!))]);
  });
  const because = [whole.reason, whole.ticket].filter((one) => one !== null).join(" · ");
  const folds = el(
    "section",
    { class: "folds" },
    el("h2", {}, "Riskiest first"),
    ...newKeys(offer), ...risks,
    fold("none", `All ${many(operations, "operation")}, client by client`, [because === "" ? "with the numbers that are signed" : name(because)], () => [vaultList(plan, plan.vaults)]),
  );
  const groups = digestGroups(judged.digest);
  const digest = el(
    "section",
    { class: "part" },
    el("h2", { class: "who" }, "Digest", el("span", {}, "made here, from what you see; the console shows the same")),
    el("p", { class: "digest", role: "img", "aria-label": `${groups[0]} to ${groups.at(-1)}` }, ...groups.map((group, i) => el(i === 0 || i === groups.length - 1 ? "b" : "span", { "aria-hidden": "true" }, group))),
    el(
      "ul",
      { class: "checks" },
      check("ok", judged.open.length === 1 ? "The vault is the client’s by your own key’s word" : `All ${judged.open.length} vaults are the clients’ by your own key’s word`),
      plan.people.length === 0 ? null : check("ok", plan.people.length === 1 ? "Tokens are sealed to the key that its owner stated" : "All tokens are sealed to keys that their owners stated"),
    ),
    gathered,
  );

  const { foot, sign: button, name: nameButton, say, stop } = ceremonyFoot({
    words: judged.usable.length === 1 ? `Touch your signing key “${judged.usable[0]!.label}”` : "Touch your signing key",
    press: () => void go(),
    under: "Closes by itself; the plan goes on.",
    seconds: offer.seconds_left,
    leave: () => void ask("decline", { secret: offer.secret, differs: [] }).then(() => end({ title: "Nothing was signed", detail: "You left it. The console knows.", remedy: "You can close this window." }, true), (error: unknown) => failed(error)),
    over: () => end(new Stopped("too_late").words, false),
  });
  button.id = "sign";

  function end(words: Words, good: boolean): void {
    stop();
    showEnd(words, good);
    if (good) setTimeout(() => window.close(), 2500);
  }

  function failed(error: unknown): void {
    const { words, again } = wordsOf(error);
    ready = null;
    if (!again) return end(words, false);
    say("Closes by itself; the plan goes on.");
    trouble.replaceChildren(note("attention", el("b", {}, words.title, ". "), words.detail, " ", words.remedy));
    trouble.scrollIntoView({ block: "nearest" });
  }

  async function gather(): Promise<NonNullable<typeof ready>> {
    const began = performance.now();
    const id = crypto.randomUUID();
    say(`Asking ${many(judged.open.length, "vault")} for a challenge.`);
    const collected = await collect(whole, judged.open, async (vaults) => {
      const value = await ask("begin", { secret: offer.secret, round: id, vaults });
      try {
        checkRelayed(value);
      } catch (error) {
        if (error instanceof ProtocolError) throw new Stopped("strange_offer");
        throw error;
      }
      return value.answers;
    });
    const prepared = await (cosigns ? prepareCosign : prepare)(offer, judged, collected, house, now());
    document.documentElement.dataset.signing = b64u(prepared.tree.challenge);
    return { prepared, round: { id, leftMs: () => ROUND_MS - (performance.now() - began) } };
  }

  function tell({ waiting }: Prepared): void {
    const answered = judged.open.length - waiting.length;
    gathered.replaceChildren(
      el("ul", { class: "checks" }, check(waiting.length === 0 ? "ok" : "attention", `${answered} of ${judged.open.length} ${judged.open.length === 1 ? "vault" : "vaults"} answered and signed it`)),
      ...(waiting.length === 0 ? [] : [fold("attention", `${many(waiting.length, "vault")} ${waiting.length === 1 ? "waits" : "wait"}`, ["removals there are signed to stand; the rest needs another tap later"], () => [el("ul", { class: "vaults" }, ...waiting.map(({ place, words }) => el("li", {}, name(whole.vaults[place]!.name), `: ${words}`)))])]),
    );
  }

  async function go(): Promise<void> {
    if (busy) return;
    busy = true;
    trouble.replaceChildren();
    try {
      // Shown before, and still within its minute: then this press is the yes to signing without those that are silent.
      const agreed = ready !== null && ready.round.leftMs() > 20_000;
      if (!agreed) ready = await gather();
      const { prepared, round } = ready!;
      tell(prepared);
      if (!agreed && prepared.waiting.length > 0) {
        nameButton(`Sign without ${many(prepared.waiting.length, "vault")}`);
        say("Not every vault answered. Look, then touch.");
        gathered.scrollIntoView({ block: "nearest" });
        return;
      }
      say("Touch your key now.");
      const submission = await sign(offer, judged, prepared, round, house);
      ready = null;
      say("Sending.");
      await ask(cosigns ? "cosign" : "approve", submission);
      const vaults = new Set(prepared.shares.map(({ vault }) => vault)).size;
      if (cosigns) end({ title: `Signed first, for ${many(vaults, "vault")}`, detail: "Nothing has left. It waits an hour for somebody else’s key; the console shows it.", remedy: "You can close this window." }, true);
      else end({ title: `Signed for ${many(vaults, "vault")}`, detail: "It is on its way. The console shows each vault’s receipt as it comes.", remedy: "You can close this window." }, true);
    } catch (error) {
      failed(error);
    } finally {
      busy = false;
    }
  }

  show(title, [head, folds, digest], foot);
}
