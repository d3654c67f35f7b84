/**
 * The dictionary against what each vault says (SPEC section 5): role ids and agent ids share one space of numbers, and the
 * numbers are the client's. Pure: facts in, alarms out, the worst first.
 */
import { fold } from "./usual.ts";

/** One role's number in a vault. `clientName`: what the client calls it, as last agreed here; null: the role's name. */
export type Numbered = { readonly roleId: string; readonly scope: string; readonly clientName: string | null };

export type VaultFacts = {
  readonly vaultRef: string;
  /** When the vault was last read whole, epoch milliseconds; null: never yet, so that nothing can be judged. */
  readonly readAt: number | null;
  /** The numbers that its owner lets us give; null: not known. */
  readonly granted: "any" | readonly string[] | null;
  readonly dictionary: readonly Numbered[];
  /** Per number, as the vault says: how many entries carry it, and what the client calls it. */
  readonly scopes: ReadonlyMap<string, { readonly entries: number; readonly name: string | null }>;
  /** Ids of the vault's rows that are a role's number there too, with the row's name. */
  readonly agents: ReadonlyMap<string, string>;
  /** How many rows of ours carry a number. */
  readonly held: ReadonlyMap<string, number>;
};

type At = { readonly vaultRef: string; readonly scope: string; readonly held: number };
export type Alarm = At &
  (
    | { readonly kind: "collides"; readonly roleId: string; readonly agent: string }
    | { readonly kind: "shared"; readonly roleId: string; readonly otherRoleId: string }
    | { readonly kind: "renamed"; readonly roleId: string; readonly clientName: string }
    | { readonly kind: "outside"; readonly roleId: string }
    | { readonly kind: "nameless"; readonly roleId: null; readonly clientName: string | null }
    | { readonly kind: "unused"; readonly roleId: string }
  );
export type AlarmKind = Alarm["kind"];

/** By harm: what lets somebody read what was not meant, what may soon, what does nothing. */
export const alarmKinds: readonly AlarmKind[] = ["collides", "shared", "renamed", "outside", "nameless", "unused"];

export function checkVault(facts: VaultFacts, roleNames: ReadonlyMap<string, string>): Alarm[] {
  if (facts.readAt === null) return [];
  const alarms: Alarm[] = [];
  const numbers = new Map<string, string>();
  for (const { roleId, scope, clientName } of facts.dictionary) {
    const at = { vaultRef: facts.vaultRef, scope, held: facts.held.get(scope) ?? 0 };
    const agent = facts.agents.get(scope);
    if (agent !== undefined) alarms.push({ ...at, kind: "collides", roleId, agent });
    const other = numbers.get(scope);
    if (other !== undefined) alarms.push({ ...at, kind: "shared", roleId, otherRoleId: other });
    numbers.set(scope, roleId);
    const said = facts.scopes.get(scope);
    const agreed = clientName ?? roleNames.get(roleId) ?? "";
    if (said?.name != null && fold(said.name) !== fold(agreed)) alarms.push({ ...at, kind: "renamed", roleId, clientName: said.name });
    if (facts.granted !== null && facts.granted !== "any" && !facts.granted.includes(scope)) alarms.push({ ...at, kind: "outside", roleId });
    if ((said?.entries ?? 0) === 0) alarms.push({ ...at, kind: "unused", roleId });
  }
  for (const [scope, held] of facts.held) {
    if (!numbers.has(scope)) alarms.push({ vaultRef: facts.vaultRef, scope, held, kind: "nameless", roleId: null, clientName: facts.scopes.get(scope)?.name ?? null });
  }
  return alarms.toSorted(byHarm);
}

/** The worst first; within a kind what more people hold, then the number. */
export const byHarm = (a: Alarm, b: Alarm): number => alarmKinds.indexOf(a.kind) - alarmKinds.indexOf(b.kind) || b.held - a.held || (a.scope < b.scope ? -1 : a.scope > b.scope ? 1 : 0);

// Names from a vault may read from right to left; isolated, they do not turn the sentence around them.
const quoted = (text: string) => `“\u2068${text}\u2069”`;
const people = (count: number, verb: "carry" | "hold") => (count === 1 ? `1 row of ours ${verb === "carry" ? "carries" : "holds"}` : `${count} rows of ours ${verb}`);

/** What is wrong, and what it means. `name`: of a role by its id. */
export function alarmSentence(alarm: Alarm, name: (roleId: string) => string): string {
  const { scope, held } = alarm;
  switch (alarm.kind) {
    case "collides":
      return `${scope} is also the id of ${quoted(alarm.agent)}: whoever gets ${name(alarm.roleId)} can open what belongs to that row alone.`;
    case "shared":
      return `${scope} stands for ${name(alarm.otherRoleId)} too: who gets one of them gets both.`;
    case "renamed":
      return `The client calls ${scope} ${quoted(alarm.clientName)} now. ${held > 0 ? `${people(held, "hold")} it as ${name(alarm.roleId)}.` : "Nobody of ours holds it."}`;
    case "outside":
      return `The client’s grant does not hold ${scope}: a grant of ${name(alarm.roleId)} would be refused.`;
    case "nameless":
      return `${people(held, "carry")} ${scope}${alarm.clientName === null ? "" : `, which the client calls ${quoted(alarm.clientName)}`}, and no role here has it.`;
    case "unused":
      return held > 0 ? `No entry carries ${scope}: ${people(held, "hold")} it, and it opens nothing.` : `No entry carries ${scope}.`;
  }
}
