/** What could be meant by the word under the caret of the query bar. */
import { unusedSteps, type Facts } from "./facts.ts";
import { fold } from "./filter.ts";
import { qualifiers, qualifierWords, states, tokensOf, type Qualifier } from "./query.ts";

/** `text` takes the place of the word from `from` to `to`. `done`: a whole term; else more is typed after it. */
export type Suggestion = { readonly text: string; readonly label: string; readonly detail: string; readonly from: number; readonly to: number; readonly done: boolean };
const most = 8;

const quoted = (value: string): string => (/\s/u.test(value) ? `"${value}"` : value);

function valuesOf(facts: Facts, key: Qualifier): { value: string; detail: string }[] {
  const counted = (all: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).map(([value, count]) => ({ value, detail: String(count) }));
  };
  switch (key) {
    case "client": return facts.rows.map((row) => ({ value: row.name, detail: row.place || row.aliases[0] || "" }));
    case "tag": return counted(facts.rows.flatMap((row) => row.tags));
    case "plan": return counted(facts.rows.map((row) => row.plan));
    case "tech": return facts.people.map((person) => ({ value: person.name, detail: person.pod < 0 ? "" : facts.pods[person.pod]!.name }));
    case "pod": return facts.pods.map((pod) => ({ value: pod.name, detail: "" }));
    case "role": return [...facts.roles.map((role) => ({ value: role.name.toLowerCase(), detail: role.letter })), { value: "full", detail: "F" }];
    case "state": return states.map((state) => ({ value: state, detail: "" }));
    case "unused": return unusedSteps.slice(1).map((days) => ({ value: `>${days}d`, detail: "" }));
    case "free": return ["0", "<3", ">5"].map((value) => ({ value, detail: "" }));
    case "holders": return ["0", "<2", ">5"].map((value) => ({ value, detail: "" }));
  }
}

/** The best first: what begins with it, then what has it in the middle. */
function matching<T extends { value: string }>(all: readonly T[], asked: string): T[] {
  const wanted = fold(asked);
  const scored = all.flatMap((one) => {
    const at = fold(one.value).indexOf(wanted);
    return at < 0 ? [] : [{ one, score: at === 0 ? 0 : 1 }];
  });
  const seen = new Set<string>();
  return scored.sort((a, b) => a.score - b.score).map(({ one }) => one).filter(({ value }) => !seen.has(value) && seen.add(value)).slice(0, most);
}

/** Suggestions for what is typed, with the caret at `caret`. */
export function suggest(facts: Facts, text: string, caret: number): Suggestion[] {
  const token = tokensOf(text).find(({ from, to }) => from < caret && caret <= to) ?? { text: "", from: caret, to: caret };
  const not = token.text.startsWith("-") ? "-" : "";
  const word = token.text.slice(not.length).replaceAll('"', "");
  const colon = word.indexOf(":");
  const place = { from: token.from, to: token.to };
  if (colon > 0) {
    const key = qualifiers.find((one) => one === word.slice(0, colon).toLowerCase());
    if (!key) return [];
    return matching(valuesOf(facts, key), word.slice(colon + 1)).map(({ value, detail }) => ({ text: `${not}${key}:${quoted(value)} `, label: value, detail, ...place, done: true }));
  }
  const keys = qualifiers.filter((key) => key.startsWith(word.toLowerCase())).map((key): Suggestion => ({ text: `${not}${key}:`, label: `${not}${key}:`, detail: qualifierWords[key], ...place, done: false }));
  if (word === "") return keys.slice(0, qualifiers.length);
  const clients = matching(valuesOf(facts, "client"), word).slice(0, 4).map(({ value, detail }): Suggestion => ({ text: `${not}client:${quoted(value)} `, label: value, detail: detail || "client", ...place, done: true }));
  const people = matching(valuesOf(facts, "tech"), word).slice(0, 3).map(({ value }): Suggestion => ({ text: `${not}tech:${quoted(value)} `, label: value, detail: "technician", ...place, done: true }));
  return [...keys, ...clients, ...people].slice(0, most);
}
