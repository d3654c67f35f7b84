/** Which clients a search and its conditions leave, and what there is to choose from. Pure, and for the browser. */
import { conditions, type ConditionKind } from "./condition.ts";
import type { ClientLine, ClientState } from "./list.ts";

export const clientStates = ["new", "asking", "unconfirmed", "connected", "stopped", "leaving", "ended"] as const satisfies readonly ClientState[];

/** Conditions hold together; within `tags` each must be there, as in the matrix. Null: no condition. */
export type ClientFilter = { readonly q: string; readonly tags: readonly string[]; readonly plan: string | null; readonly health: ConditionKind | null; readonly state: ClientState | null };

/** Letters without accents, in one case: "angstrom" finds "Ångström". Right-to-left text stays as it is. */
export const folded = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").replaceAll("ø", "o").replaceAll("Ø", "o").replaceAll("ł", "l").replaceAll("Ł", "l").toLowerCase();

const haystacks = new WeakMap<ClientLine, string>();

/** What the words of a search are looked for in; made once per line. */
function haystack(line: ClientLine): string {
  const known = haystacks.get(line);
  if (known !== undefined) return known;
  const made = folded([line.name, line.place, ...line.aliases, ...line.tags, line.region, ...line.vaultIds].join("\n"));
  haystacks.set(line, made);
  return made;
}

/** Every word must be found somewhere; their order does not matter. */
export function filterClients(lines: readonly ClientLine[], { q, tags, plan, health, state }: ClientFilter): ClientLine[] {
  const words = folded(q).split(/\s+/).filter(Boolean);
  return lines.filter(
    (line) =>
      (plan === null || line.plan === plan) && (health === null || line.condition === health) && (state === null || line.state === state) &&
      tags.every((tag) => line.tags.includes(tag)) && words.every((word) => haystack(line).includes(word)),
  );
}

export type Choices = { readonly tags: readonly string[]; readonly plans: readonly string[]; readonly healths: readonly ConditionKind[]; readonly states: readonly ClientState[] };

/** What stands in the list at all: nothing else is offered as a condition. */
export function choicesOf(lines: readonly ClientLine[]): Choices {
  const collate = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  return {
    tags: [...new Set(lines.flatMap(({ tags }) => tags))].toSorted((a, b) => collate.compare(a, b)),
    plans: [...new Set(lines.map(({ plan }) => plan))].toSorted((a, b) => collate.compare(a, b)),
    healths: conditions.filter((kind) => lines.some(({ condition }) => condition === kind)),
    states: clientStates.filter((state) => lines.some((line) => line.state === state)),
  };
}

/** Which single condition, taken off, gives results again; null when none alone does. For an empty result that helps. */
export function blameFor(lines: readonly ClientLine[], filter: ClientFilter): { readonly off: keyof ClientFilter; readonly found: number } | null {
  const without: [keyof ClientFilter, ClientFilter][] = [["q", { ...filter, q: "" }], ["tags", { ...filter, tags: [] }], ["plan", { ...filter, plan: null }], ["health", { ...filter, health: null }], ["state", { ...filter, state: null }]];
  const found = without.map(([off, rest]) => ({ off, found: filterClients(lines, rest).length })).toSorted((a, b) => b.found - a.found)[0];
  return found && found.found > 0 ? found : null;
}
