/** What could be meant by the word under the caret of a qualifier bar. Pure. */
import { fold } from "./fold.ts";
import { tokensOf, type Language } from "./language.ts";

/** `text` takes the place of the word from `from` to `to`. `done`: a whole term; else more is typed after it. */
export type Suggestion = { readonly text: string; readonly label: string; readonly detail: string; readonly from: number; readonly to: number; readonly done: boolean };
export type Value = { readonly value: string; readonly detail: string };
const most = 8;

const quoted = (value: string): string => (/\s/u.test(value) ? `"${value}"` : value);

/** The best first: what begins with it, then what has it in the middle. */
export function matching<T extends { value: string }>(all: readonly T[], asked: string): T[] {
  const wanted = fold(asked);
  const scored = all.flatMap((one) => {
    const at = fold(one.value).indexOf(wanted);
    return at < 0 ? [] : [{ one, score: at === 0 ? 0 : 1 }];
  });
  const seen = new Set<string>();
  return scored.sort((a, b) => a.score - b.score).map(({ one }) => one).filter(({ value }) => !seen.has(value) && seen.add(value)).slice(0, most);
}

/**
 * Suggestions for what is typed, with the caret at `caret`. `values` of a qualifier; `free`: qualifiers whose values are offered for a
 * free word, so many of each, and what to say of one that says nothing of itself.
 */
export function suggest<Key extends string>({ qualifiers, words }: Language<Key>, values: (key: Key) => readonly Value[], free: readonly { key: Key; most: number; detail: string }[], text: string, caret: number): Suggestion[] {
  const token = tokensOf(text).find(({ from, to }) => from < caret && caret <= to) ?? { text: "", from: caret, to: caret };
  const not = token.text.startsWith("-") ? "-" : "";
  const word = token.text.slice(not.length).replaceAll('"', "");
  const colon = word.indexOf(":");
  const place = { from: token.from, to: token.to };
  const whole = (key: Key, { value, detail }: Value): Suggestion => ({ text: `${not}${key}:${quoted(value)} `, label: value, detail, ...place, done: true });
  if (colon > 0) {
    const key = qualifiers.find((one) => one === word.slice(0, colon).toLowerCase());
    return key ? matching(values(key), word.slice(colon + 1)).map((value) => whole(key, value)) : [];
  }
  const keys = qualifiers.filter((key) => key.startsWith(word.toLowerCase())).map((key): Suggestion => ({ text: `${not}${key}:`, label: `${not}${key}:`, detail: words[key], ...place, done: false }));
  if (word === "") return keys;
  const offered = free.flatMap(({ key, most: some, detail }) => matching(values(key), word).slice(0, some).map((one) => whole(key, { value: one.value, detail: one.detail || detail })));
  return [...keys, ...offered].slice(0, most);
}
