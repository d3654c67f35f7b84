/**
 * The one bar of the matrix: `client:acme tag:pod-a tech:sarah role:networking state:drift unused:>60d free:0 -tag:internal`. Text
 * becomes terms, terms become chips and text again. What it selects is lib/matrix/filter.ts.
 */
import * as language from "../find/language.ts";
import { unusedSteps } from "./facts.ts";

export const qualifiers = ["client", "tag", "plan", "tech", "pod", "role", "state", "unused", "free", "holders"] as const;
export type Qualifier = (typeof qualifiers)[number];

/** What can be said of a cell, and what of a whole row. */
export const cellStates = ["drift", "ending", "ended", "unused", "unclaimed", "own", "locked", "leased", "staged", "blocked", "colleague", "rule", "excluded", "running", "waiting", "failed"] as const;
export const rowStates = ["limit", "failover", "silent", "unpaid", "stopped", "unconfirmed", "unlinked"] as const;
export const states = [...cellStates, ...rowStates, "leave"] as const;
export type State = (typeof states)[number];

/** For figures the value has its sign: ">60d", "0", "<2". A free word is looked for in names and aliases. */
export type Term = language.Term<Qualifier>;
export type Query = language.Query<Qualifier>;

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
  if (key === "state" && !(states as readonly string[]).includes(value.toLowerCase())) return `There is no state “${value}”.`;
  if (key === "unused" && unusedDaysOf(value) === null) return `Unused is counted in steps: ${unusedSteps.slice(1).join(", ")} days.`;
  if ((key === "free" || key === "holders") && figureOf(value) === null) return `“${value}” is no figure; write 0, <3 or >5.`;
  return null;
}

export const matrixLanguage: language.Language<Qualifier> = { qualifiers, words: qualifierWords, wrong, kept: (key, value) => (key === "state" ? value.toLowerCase() : value) };
export const parseQuery = (text: string): Query => language.parseQuery(matrixLanguage, text);
