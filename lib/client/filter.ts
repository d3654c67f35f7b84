/** Which clients a search and its conditions leave, and what there is to choose from. Pure, and for the browser. */
import { conditions, type ConditionKind } from "./condition.ts";
import type { ClientLine, ClientState } from "./list.ts";

export const clientStates = ["new", "asking", "unconfirmed", "connected", "stopped", "leaving", "ended"] as const satisfies readonly ClientState[];
/** One condition each, or one word for two: "stuck" takes no changes now, "lying" is not believed. */
export const clientHealths = ["lying", "lapsed", "stuck", "silent", "failover", "unconfirmed", "asking", "unread", "ended", "ok"] as const;
export type ClientHealth = (typeof clientHealths)[number];
export const clientProbes = ["not-blind", "unproven", "untried", "blind"] as const;
export type ClientProbe = (typeof clientProbes)[number];

/** Conditions hold together; within `tags` each must be there, as in the matrix. Null or false: no condition. */
export type ClientFilter = { readonly q: string; readonly tags: readonly string[]; readonly plan: string | null; readonly health: ClientHealth | null; readonly state: ClientState | null; readonly probe: ClientProbe | null; readonly drifted: boolean; readonly full: boolean };
export const noFilter: ClientFilter = { q: "", tags: [], plan: null, health: null, state: null, probe: null, drifted: false, full: false };

const kindsOf = (health: ClientHealth): readonly ConditionKind[] => (health === "stuck" ? ["silent", "failover"] : health === "lying" ? ["lying", "stopped"] : [health]);
const probeOf = ({ probe }: ClientLine): ClientProbe => (probe.result === null ? "untried" : probe.result === "not_blind" ? "not-blind" : probe.result);
const isFull = ({ tokens }: ClientLine): boolean => tokens !== null && tokens.limit !== null && tokens.used >= tokens.limit;

/** Letters that no decomposition takes apart, as people type them without their keyboard. */
const plainLetters: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ß: "ss", æ: "ae", œ: "oe" };

/** Letters without accents, in one case: "angstrom" finds "Ångström". Right-to-left text stays as it is. */
export const folded = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[øłđßæœ]/g, (letter) => plainLetters[letter]!);

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
export function filterClients(lines: readonly ClientLine[], { q, tags, plan, health, state, probe, drifted, full }: ClientFilter): ClientLine[] {
  const words = folded(q).split(/\s+/).filter(Boolean);
  const kinds = health === null ? null : kindsOf(health);
  return lines.filter(
    (line) =>
      (plan === null || line.plan === plan) && (kinds === null || kinds.includes(line.condition)) && (state === null || line.state === state) && (probe === null || (line.state !== "ended" && probeOf(line) === probe)) &&
      (!drifted || line.drift > 0) && (!full || isFull(line)) && tags.every((tag) => line.tags.includes(tag)) && words.every((word) => haystack(line).includes(word)),
  );
}

export type Choices = { readonly tags: readonly string[]; readonly plans: readonly string[]; readonly healths: readonly ClientHealth[]; readonly states: readonly ClientState[] };

/** What stands in the list at all: nothing else is offered as a condition. */
export function choicesOf(lines: readonly ClientLine[]): Choices {
  const collate = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  const kinds = new Set(conditions.filter((kind) => lines.some(({ condition }) => condition === kind)));
  return {
    tags: [...new Set(lines.flatMap(({ tags }) => tags))].toSorted((a, b) => collate.compare(a, b)),
    plans: [...new Set(lines.map(({ plan }) => plan))].toSorted((a, b) => collate.compare(a, b)),
    healths: clientHealths.filter((health) => (health === "stuck" ? kindsOf(health).every((kind) => kinds.has(kind)) : kindsOf(health).some((kind) => kinds.has(kind)))),
    states: clientStates.filter((state) => lines.some((line) => line.state === state)),
  };
}

/** The one condition whose absence gives most results again; null when none alone does. For an empty result that helps. */
export function blameFor(lines: readonly ClientLine[], filter: ClientFilter): { readonly off: keyof ClientFilter; readonly found: number } | null {
  const set = (Object.keys(noFilter) as (keyof ClientFilter)[]).filter((one) => JSON.stringify(filter[one]) !== JSON.stringify(noFilter[one]));
  const best = set.map((off) => ({ off, found: filterClients(lines, { ...filter, [off]: noFilter[off] }).length })).toSorted((a, b) => b.found - a.found)[0];
  return best && best.found > 0 ? best : null;
}
