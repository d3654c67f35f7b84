// What a plan does, in words: the one plain sentence above the tap, and what a person should look at first. Pure; the console
// and the signing page say the same words because it is the same code over the same value.
import type { Access, Plan, PlanChange, PlanVault } from "./plan.ts";

const many = (count: number, one: string, more = `${one}s`): string => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

/** "a, b and c". */
export function andList(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** Roles of an access at a vault, by name where its numbers have one: "Networking and 0017", "full access". */
export function accessWords({ scopes, all_access }: Access, { roles }: Pick<PlanVault, "roles">): string {
  if (all_access) return "full access";
  if (scopes === "") return "no role";
  return andList(scopes.split(",").map((scope) => roles.find((role) => role.scope === scope)?.name ?? scope));
}

/** Whose row a change is about. */
export function whoOf(plan: Pick<Plan, "people" | "signers">, change: PlanChange): string | null {
  if (change.change === "grant" || change.change === "reissue") return plan.people[change.person]?.name ?? null;
  if (change.change === "enrol") return plan.signers?.[change.signer]?.person ?? null;
  if (change.change === "strike") return change.person;
  return change.change === "leave" || change.change === "renew" ? null : change.name;
}

interface Touched {
  change: PlanChange;
  vault: PlanVault;
}
const touchedBy = (plan: Plan, kind: PlanChange["change"]): Touched[] => plan.vaults.flatMap((vault) => vault.changes.filter(({ change }) => change === kind).map((change) => ({ change, vault })));
const clientsOf = (touched: readonly Touched[]): number => new Set(touched.map(({ vault }) => vault.key)).size;

/** What all of them get, when it is the same everywhere; else null. */
function sameAccess(touched: readonly Touched[]): string | null {
  const words = new Set(touched.map(({ change, vault }) => ("access" in change ? accessWords(change.access, vault) : change.change === "alter" ? accessWords(change.after, vault) : "")));
  const [only] = words;
  return words.size === 1 && only !== undefined ? only : null;
}

const atClients = (touched: readonly Touched[]): string => (touched.length === 1 ? `at ${touched[0]!.vault.name}` : `at ${many(clientsOf(touched), "client")}`);

function onePerson(plan: Plan, person: string): string[] {
  const grants = touchedBy(plan, "grant");
  const alters = touchedBy(plan, "alter");
  const revokes = touchedBy(plan, "revoke");
  const reissues = touchedBy(plan, "reissue");
  const granted = sameAccess(grants);
  const altered = sameAccess(alters);
  return [
    ...(grants.length === 0 ? [] : [`give ${person} ${granted ?? many(grants.length, "token")} ${atClients(grants)}`]),
    ...(reissues.length === 0 ? [] : [`renew ${reissues.length === 1 ? "the token" : many(reissues.length, "token")} of ${person} ${atClients(reissues)}`]),
    ...(alters.length === 0 ? [] : [`change what ${grants.length > 0 ? "they reach" : `${person} reaches`} ${atClients(alters)}${altered === null ? "" : ` to ${altered}`}`]),
    ...(revokes.length === 0 ? [] : [`remove ${revokes.length === 1 ? "the token" : many(revokes.length, "token")} ${grants.length + alters.length > 0 ? "they hold" : `of ${person}`} ${atClients(revokes)}`]),
  ];
}

function severalPeople(plan: Plan): string[] {
  const part = (kind: "grant" | "reissue" | "alter" | "revoke", say: (touched: Touched[], people: number) => string) => {
    const touched = touchedBy(plan, kind);
    return touched.length === 0 ? [] : [say(touched, new Set(touched.map(({ change }) => whoOf(plan, change))).size)];
  };
  return [
    ...part("grant", (touched, people) => `give ${many(people, "person", "people")} ${many(touched.length, "token")} ${atClients(touched)}`),
    ...part("reissue", (touched, people) => `renew ${many(touched.length, "token")} of ${many(people, "person", "people")} ${atClients(touched)}`),
    ...part("alter", (touched, people) => `change ${many(touched.length, "token")} of ${many(people, "person", "people")} ${atClients(touched)}`),
    ...part("revoke", (touched, people) => `remove ${many(touched.length, "token")} of ${many(people, "person", "people")} ${atClients(touched)}`),
  ];
}

const vaultsOf = (touched: readonly Touched[]): string => (touched.length === 1 ? `at ${touched[0]!.vault.name}` : `in ${many(touched.length, "vault")}`);

/** Who signs for us from now on, and who no more; each key by its label and its person. */
function signersSentence(plan: Plan): string {
  const [enrols, strikes, revokes] = [touchedBy(plan, "enrol"), touchedBy(plan, "strike"), touchedBy(plan, "revoke")];
  const keys = (touched: readonly Touched[]): string[] => [...new Set(touched.map(({ change }) => (change.change === "enrol" ? `“${plan.signers?.[change.signer]?.label ?? ""}” of ${whoOf(plan, change) ?? ""}` : change.change === "strike" ? `“${change.label}” of ${change.person}` : "")))];
  const parts = [
    ...(enrols.length === 0 ? [] : [`let ${andList(keys(enrols))} sign for us ${vaultsOf(enrols)}`]),
    ...(strikes.length === 0 ? [] : [`strike ${andList(keys(strikes))} ${vaultsOf(strikes)}, for ever`]),
    ...(revokes.length === 0 ? [] : [`sign ${many(revokes.length, "removal")} anew that it had signed to stand`]),
  ];
  return `You ${andList(parts)}. Nobody’s access is given or changed.`;
}

/** The one plain sentence: "You give Jim Okafor Networking at 38 clients, and remove 5 tokens they hold at 5 clients. Nobody else is touched." */
export function planSentence(plan: Plan): string {
  if (plan.kind === "exit") {
    const names = plan.vaults.map(({ name }) => name);
    return `You end the connection to ${names.length > 3 ? many(names.length, "vault") : andList(names)}: our own row there, and with it our signers and every token that we manage. What the client owns stays.`;
  }
  if (plan.kind === "signers") return signersSentence(plan);
  if (plan.kind === "renewal") return `You renew the console’s own token ${vaultsOf(touchedBy(plan, "renew"))}. It reads nothing there, before and after; the old one opens nothing any more. Nobody’s access changes.`;
  const people = [...new Set(plan.vaults.flatMap(({ changes }) => changes.map((change) => whoOf(plan, change))))].filter((name) => name !== null);
  const [only] = people;
  // Two people may have one name: then it is not one person, whatever the name says.
  const statements = new Set(plan.people.map(({ statement }) => statement));
  const single = people.length === 1 && statements.size <= 1 && only !== undefined;
  const parts = single ? onePerson(plan, only) : severalPeople(plan);
  const joined = parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")}, and ${parts.at(-1)}`;
  return `You ${joined}. ${single ? "Nobody else is touched." : `Nobody beyond these ${people.length.toLocaleString("en")} is touched.`}`;
}

/** What stands out, the gravest first. Places point into the plan's vaults. */
export type Risk = { kind: "exit" | "strike" | "enrol" | "full_access" | "no_end" | "whole_client" | "whole_person" | "standing"; count: number; vaults: readonly number[]; name: string | null };

/** Friction by harm (UX, Review): one person or one client in more than ten vaults or rows, or an exit, wants a name typed. */
export const FRICTION_AT = 10;

export function risksOf(plan: Plan): Risk[] {
  const places = (test: (change: PlanChange) => boolean) => {
    const vaults: number[] = [];
    let count = 0;
    plan.vaults.forEach(({ changes }, i) => {
      const here = changes.filter(test).length;
      if (here > 0) vaults.push(i);
      count += here;
    });
    return { count, vaults };
  };
  const wider = (change: PlanChange): Access | null => (change.change === "grant" ? change.access : change.change === "alter" && change.after.all_access && !change.before.all_access ? change.after : null);
  const found: Risk[] = [
    { kind: "exit", name: null, ...places(({ change }) => change === "leave") },
    { kind: "strike", name: null, ...places(({ change }) => change === "strike") },
    { kind: "enrol", name: null, ...places(({ change }) => change === "enrol") },
    { kind: "full_access", name: null, ...places((change) => wider(change)?.all_access === true) },
    { kind: "no_end", name: null, ...places((change) => wider(change)?.all_access === true && wider(change)?.expires_at === null) },
  ];
  const typed = nameToType(plan);
  if (typed !== null && plan.kind === "change") found.push({ kind: typed.of === "person" ? "whole_person" : "whole_client", name: typed.name, ...places((change) => typed.of === "client" || whoOf(plan, change) === typed.name) });
  found.push({ kind: "standing", name: null, ...places(({ change }) => change === "revoke") });
  return found.filter(({ count }) => count > 0);
}

/** Whose name is typed before the key is asked: of the one person or the one client that more than ten changes are about; null: none. */
export function nameToType(plan: Plan): { of: "person" | "client" | "plan"; name: string } | null {
  const [first] = plan.vaults;
  if (plan.kind === "exit") return first === undefined ? null : { of: "client", name: first.name };
  const total = plan.vaults.reduce((sum, { changes }) => sum + changes.length, 0);
  if (total <= FRICTION_AT || plan.kind === "renewal") return null;
  if (plan.kind === "signers") return { of: "plan", name: plan.title };
  const people = new Set(plan.vaults.flatMap(({ changes }) => changes.map((change) => whoOf(plan, change))));
  const [only] = people;
  if (people.size === 1 && typeof only === "string") return { of: "person", name: only };
  if (plan.vaults.length === 1 && first !== undefined) return { of: "client", name: first.name };
  return { of: "plan", name: plan.title };
}

/** A digest in sixteen groups of four hexadecimal digits. */
export function digestGroups(digest: Uint8Array): string[] {
  const text = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.match(/.{4}/g) ?? [];
}
