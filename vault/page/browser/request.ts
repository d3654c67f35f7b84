// One connect request as an owner sees it: who asks, for what, with which keys; and the form that answers it.
import { code1, requestHash } from "#lib/protocol/connect.ts";
import type { AgentRow, Connect, ConnectRequest, EntrySummary, Grant, NamedRole } from "#lib/protocol/messages.ts";
import { parseScopes } from "#lib/protocol/scopes.ts";
import { checkbox, h, labelled } from "./dom.ts";
import { grantSentences, moment } from "./words.ts";

/** Four letters at a time, as people read codes to each other. */
export function codeBlock(code: string, label: string): HTMLElement {
  const block = h("p", { className: "code" }, code.match(/.{4}/g)!.join(" "));
  block.setAttribute("aria-label", `${label}: ${[...code].join(" ")}`);
  return block;
}

export function requestSummary(request: ConnectRequest): HTMLElement {
  return h(
    "section",
    {},
    h("p", { className: "host" }, new URL(request.msp.origin).host),
    h("p", {}, `calls itself "${request.msp.name}" and asks to look after people's access to this vault.`),
    request.replaces === null ? null : h("p", { className: "note" }, "This replaces a connection that exists: its people stay, its old token ends."),
    h("h2", {}, "What they would be able to do"),
    h("ul", {}, ...grantSentences(request.want).map((sentence) => h("li", {}, sentence))),
    h("h2", {}, "Whose security keys would sign"),
    h("ul", {}, ...request.signers.map(({ person, label, origin }) => h("li", {}, `${person}, ${label}, on ${new URL(origin).host}`))),
    h("h2", {}, "Compare this code"),
    h("p", {}, "Call your provider on a number that you already have, not one from a message, and compare this with them:"),
    codeBlock(code1(requestHash(request)), "Code"),
    h("p", { className: "note" }, `The request ends ${moment(request.expires_at)}.`),
  );
}

export interface RequestForm {
  element: HTMLElement;
  /** The operation's body, or a sentence about what is still missing. */
  read(): Connect | string;
}

function titles(entries: readonly EntrySummary[], scope: string): string {
  const open = entries.filter((entry) => entry.scopes.split(",").includes(scope)).map(({ title }) => title);
  return open.length === 0 ? "opens no entry yet" : `opens ${open.length}: ${open.slice(0, 12).join(", ")}${open.length > 12 ? ", ..." : ""}`;
}

/** A number from 0 to `max` in an input. */
function numberInput(value: number, max: number): HTMLInputElement {
  return h("input", { type: "number", min: "0", max: String(max), step: "1", value: String(value), required: true });
}

function select(values: readonly (readonly [string, string])[], chosen: string): HTMLSelectElement {
  return h("select", {}, ...values.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

const ACCESS = [["never", "never"], ["leased", "for a limited time"], ["yes", "without a time limit"]] as const;

/** Why a row cannot be handed over under this grant, or null. The vault judges again. */
export function whyNotAdopted(row: AgentRow, grant: Grant, now: number): string | null {
  if (row.admin) return "an owner or provider";
  const scopes = parseScopes(row.scopes) ?? [];
  const { scopes: allowed } = grant;
  if (allowed !== "any" && !scopes.every((scope) => allowed.includes(scope))) return "has a role outside what is granted";
  if (row.all_access && (grant.all_access === "never" || (grant.all_access === "leased" && row.expires_at === null))) return "can reach everything";
  if (row.expires_at !== null && grant.max_lease !== null && row.expires_at - now > grant.max_lease) return "lasts longer than is granted";
  return null;
}

/** Why these numbers cannot be the roles', or null. The vault judges again. */
export function whyNotNumbered(named: readonly NamedRole[], { scopes }: Grant, rows: readonly AgentRow[]): string | null {
  for (const [i, { name, scope }] of named.entries()) {
    if (scopes !== "any" && !scopes.includes(scope)) return `The number of role "${name}" is not among those that you allow.`;
    const row = rows.find((one) => one.scope === scope);
    if (row !== undefined) return `The number of role "${name}" is the own number of ${row.name}.`;
    const twin = named.slice(0, i).find((one) => one.scope === scope);
    if (twin !== undefined) return `The roles "${twin.name}" and "${name}" have the same number.`;
  }
  return null;
}

export function requestForm(request: ConnectRequest, rows: readonly AgentRow[], entries: readonly EntrySummary[], now: number): RequestForm {
  const { want } = request;

  const roles = request.roles.map(({ name, scope }) => {
    const input = h("input", { type: "text", value: scope ?? "", pattern: "[0-9a-f]{4}", maxLength: 4, spellcheck: false, autocomplete: "off" });
    const note = h("small", {}, scope === null ? "leave empty to give no number" : titles(entries, scope));
    input.addEventListener("input", () => {
      note.textContent = /^[0-9a-f]{4}$/.test(input.value) ? titles(entries, input.value) : "four digits 0-9 or a-f, or empty";
    });
    return { name, input, row: h("label", { className: "field" }, h("span", {}, `Role "${name}"`), input, note) };
  });

  const scopeBoxes = want.scopes === "any" ? [] : want.scopes.map((scope) => ({ scope, ...checkbox(`Number ${scope}: ${titles(entries, scope)}`, true) }));
  const anyScope = want.scopes === "any" ? checkbox("Any role number, not only the ones named above", true) : null;
  const access = select(ACCESS.slice(0, ACCESS.findIndex(([value]) => value === want.all_access) + 1), want.all_access);
  const longest = want.max_lease ?? 30 * 86_400;
  const lease = numberInput(Math.ceil(longest / 3_600), Math.ceil((want.max_lease ?? 3_650 * 86_400) / 3_600));
  const unbounded = want.max_lease === null ? checkbox("No longest time", true) : null;
  const people = numberInput(want.max_agents, want.max_agents);
  const mayWrite = want.entries ? checkbox("They may create, change and delete entries", true) : null;
  const two = checkbox("Two different people must sign every change", want.cosign === 2, want.cosign === 2 ? "asked for" : null);
  const delay = numberInput(Math.ceil(want.signer_delay / 3_600), 8_760);
  const ownLog = checkbox("They read only the parts of the log that concern them", want.audit === "own", want.audit === "own" ? "asked for" : null);

  const adoptable = rows.filter((row) => !row.admin && row.kind === "human");
  const adopt = adoptable.map((agent) => ({ agent, ...checkbox(`${agent.name}${agent.scopes === "" ? "" : ` (${agent.scopes})`}`, false, whyNotAdopted(agent, want, now)) }));

  const risky = want.entries || want.all_access === "yes";
  const confirm = risky ? checkbox("I have read that they may change entries, or give access to everything without a time limit, and I want that", false) : null;
  const compared = checkbox("I compared the code with my provider on a number that I already had", false);

  function grant(): Grant {
    const numbers = roles.map(({ input }) => input.value).filter((value) => value !== "");
    const chosen = scopeBoxes.filter(({ box }) => box.checked).map(({ scope }) => scope);
    return {
      scopes: want.scopes === "any" ? (anyScope!.box.checked ? "any" : [...new Set(numbers)].sort()) : chosen,
      all_access: access.value as Grant["all_access"],
      max_lease: unbounded?.box.checked === true ? null : Math.min(Number(lease.value) * 3_600, want.max_lease ?? Number.MAX_SAFE_INTEGER),
      max_agents: Number(people.value),
      entries: mayWrite?.box.checked ?? false,
      cosign: two.box.checked ? 2 : 1,
      signer_delay: Math.max(want.signer_delay, Number(delay.value) * 3_600),
      audit: ownLog.box.checked ? "own" : "all",
    };
  }

  const element = h(
    "section",
    {},
    request.roles.length === 0 ? null : h("fieldset", {}, h("legend", {}, "The roles they ask for, and what each would open"), ...roles.map(({ row }) => row)),
    h(
      "fieldset",
      {},
      h("legend", {}, "Allow less than they ask for, if you like"),
      ...scopeBoxes.map(({ row }) => row),
      anyScope?.row ?? null,
      labelled("Access to everything", access),
      labelled("Longest time of an access, in hours", lease),
      unbounded?.row ?? null,
      labelled("People and programs at most", people),
      mayWrite?.row ?? null,
      two.row,
      labelled("Hours until a new key of theirs counts", delay, `at least ${Math.ceil(want.signer_delay / 3_600)}`),
      ownLog.row,
    ),
    adopt.length === 0
      ? null
      : h("fieldset", {}, h("legend", {}, "People they shall look after from now on"), h("p", { className: "note" }, "Whoever you leave out stays your own: they cannot change or end that access."), ...adopt.map(({ row }) => row)),
    confirm?.row ?? null,
    compared.row,
  );

  return {
    element,
    read() {
      const given = grant();
      if (!compared.box.checked) return "Compare the code first, then say that you did.";
      if ((given.entries || given.all_access === "yes") && confirm?.box.checked !== true) return "Confirm the far-reaching part, or allow less.";
      const named = roles.filter(({ input }) => input.value !== "").map(({ name, input }) => ({ name, scope: input.value }));
      if (!named.every(({ scope }) => /^[0-9a-f]{4}$/.test(scope) && scope !== "0000")) return "A role number has four digits 0-9 or a-f, and is not 0000.";
      const wrong = whyNotNumbered(named, given, rows);
      if (wrong !== null) return wrong;
      if (![given.max_agents, given.signer_delay, given.max_lease ?? 1].every((n) => Number.isSafeInteger(n) && n >= 0) || given.max_lease === 0) return "A number is missing or out of range.";
      return { adopt: adopt.filter(({ box }) => box.checked).map(({ agent: { uid, revision } }) => ({ uid, revision })), grant: given, request, roles: named };
    },
  };
}
