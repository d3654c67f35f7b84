/** What could be meant by the word under the caret of the query bar. */
import * as find from "../find/suggest.ts";
import { unusedSteps, type Facts } from "./facts.ts";
import { matrixLanguage, states, type Qualifier } from "./query.ts";

export type Suggestion = find.Suggestion;

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

/** Suggestions for what is typed, with the caret at `caret`. */
export const suggest = (facts: Facts, text: string, caret: number): Suggestion[] =>
  find.suggest(matrixLanguage, (key) => valuesOf(facts, key), [{ key: "client", most: 4, detail: "client" }, { key: "tech", most: 3, detail: "technician" }], text, caret);
