/**
 * The one bar of the matrix: `client:acme tag:pod-a tech:sarah role:networking state:drift unused:>60d free:0 -tag:internal`. Text
 * becomes terms, terms become chips and text again. What it selects is lib/matrix/filter.ts.
 */
import { unusedSteps } from "./facts.ts";

export const qualifiers = ["client", "tag", "plan", "tech", "pod", "role", "state", "unused", "free", "holders"] as const;
export type Qualifier = (typeof qualifiers)[number];
const isQualifier = (text: string): text is Qualifier => (qualifiers as readonly string[]).includes(text);

/** What can be said of a cell, and what of a whole row. */
export const cellStates = ["drift", "ending", "ended", "unused", "unclaimed", "own", "locked", "leased", "staged", "blocked", "colleague", "rule", "excluded", "running", "waiting", "failed"] as const;
export const rowStates = ["limit", "failover", "silent", "unpaid", "stopped", "unconfirmed", "unlinked"] as const;
export const states = [...cellStates, ...rowStates, "leave"] as const;
export type State = (typeof states)[number];

export type Term = {
  /** null: a free word, looked for in names and aliases. */
  readonly key: Qualifier | null;
  /** Without quotes. For figures with their sign: ">60d", "0", "<2". */
  readonly value: string;
  readonly not: boolean;
};
export type Problem = { readonly text: string; readonly why: string };
export type Query = { readonly terms: readonly Term[]; readonly problems: readonly Problem[] };

/** What each qualifier is for, as said in the suggestions. */
export const qualifierWords: Readonly<Record<Qualifier, string>> = {
  client: "a client's name or alias", tag: "a client's tag", plan: "a client's plan", tech: "a technician", pod: "technicians of a pod", role: "who holds a role; role:full for full access",
  state: "drift, ending, limit, staged …", unused: "not used for so long: >60d", free: "free tokens: 0, <3", holders: "how many people: role:networking holders:<2",
};

/** A figure with its comparison, as in `free:<3`. */
export type Figure = { readonly compare: "<" | ">" | "="; readonly value: number };
export function figureOf(text: string): Figure | null {
  const match = /^([<>]?)(\d{1,6})$/.exec(text);
  return match ? { compare: (match[1] || "=") as Figure["compare"], value: Number(match[2]) } : null;
}
export const holds = ({ compare, value }: Figure, given: number): boolean => (compare === "<" ? given < value : compare === ">" ? given > value : given === value);

/** Days of `unused:>60d`; only the steps that facts know. */
export function unusedDaysOf(text: string): number | null {
  const match = /^>?(\d{1,3})d?$/.exec(text);
  const days = match ? Number(match[1]) : Number.NaN;
  return (unusedSteps as readonly number[]).includes(days) && days > 0 ? days : null;
}

/** Why a value cannot be that of its qualifier; null when it can. Whether somebody is called so is no problem: then nothing is found. */
function wrong(key: Qualifier, value: string): string | null {
  if (value === "") return `Say which: ${qualifierWords[key]}.`;
  if (key === "state" && !(states as readonly string[]).includes(value.toLowerCase())) return `There is no state “${value}”.`;
  if (key === "unused" && unusedDaysOf(value) === null) return `Unused is counted in steps: ${unusedSteps.slice(1).join(", ")} days.`;
  if ((key === "free" || key === "holders") && figureOf(value) === null) return `“${value}” is no figure; write 0, <3 or >5.`;
  return null;
}

type Token = { text: string; from: number; to: number };

/** Words apart at spaces, but not inside quotes. A quote that is never closed goes to the end. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let from = -1;
  let quoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') quoted = !quoted;
    const space = letter === undefined || (/\s/u.test(letter) && !quoted);
    if (!space && from < 0) from = at;
    if (space && from >= 0) {
      tokens.push({ text: text.slice(from, at), from, to: at });
      from = -1;
    }
  }
  return tokens;
}

const bare = (text: string): string => text.replaceAll('"', "");

/** One word of the bar as a term. A word with a colon whose first part is no qualifier is a problem, unless it is quoted. */
export function termOf(token: string): Term | Problem {
  const not = token.length > 1 && token.startsWith("-");
  const rest = not ? token.slice(1) : token;
  const colon = rest.startsWith('"') ? -1 : rest.indexOf(":");
  if (colon <= 0) return { key: null, value: bare(rest), not };
  const name = rest.slice(0, colon).toLowerCase();
  const value = bare(rest.slice(colon + 1));
  if (!isQualifier(name)) return { text: token, why: `There is no “${name}:”. There are ${qualifiers.join(", ")}.` };
  const why = wrong(name, value);
  return why ? { text: token, why } : { key: name, value: name === "state" ? value.toLowerCase() : value, not };
}

export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  const problems: Problem[] = [];
  for (const token of tokensOf(text)) {
    const found = termOf(token.text);
    if ("why" in found) problems.push(found);
    else if (found.value !== "") terms.push(found);
  }
  return { terms, problems };
}

/** A term as it is written; `parseQuery` makes the same of it again. Quotes cannot stand in a value. */
export function writeTerm({ key, value, not }: Term): string {
  const plain = bare(value);
  const quote = /\s/u.test(plain) || (key === null && (plain.startsWith("-") || plain.includes(":")));
  return `${not ? "-" : ""}${key ? `${key}:` : ""}${quote ? `"${plain}"` : plain}`;
}
export const writeQuery = (terms: readonly Term[]): string => terms.map(writeTerm).join(" ");
