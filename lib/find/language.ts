/**
 * The language of a qualifier bar: `client:acme -tag:internal "Core switch"`. Text becomes terms, terms become chips and text again.
 * Which qualifiers there are, and what they take, is each page's own (lib/matrix/query.ts, lib/audit/query.ts). Pure.
 */
export type Language<Key extends string> = {
  readonly qualifiers: readonly Key[];
  /** What each is for, as said in the suggestions. */
  readonly words: Readonly<Record<Key, string>>;
  /** Why a value that is not empty cannot be that of its qualifier; null when it can. */
  readonly wrong: (key: Key, value: string) => string | null;
  /** How a value is kept: in small letters, where letters do not matter. */
  readonly kept?: (key: Key, value: string) => string;
};

export type Term<Key extends string> = {
  /** null: a free word. */
  readonly key: Key | null;
  /** Without quotes. */
  readonly value: string;
  readonly not: boolean;
};
export type Problem = { readonly text: string; readonly why: string };
export type Query<Key extends string> = { readonly terms: readonly Term<Key>[]; readonly problems: readonly Problem[] };
export type Token = { readonly text: string; readonly from: number; readonly to: number };

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
export function termOf<Key extends string>({ qualifiers, words, wrong, kept }: Language<Key>, token: string): Term<Key> | Problem {
  const not = token.length > 1 && token.startsWith("-");
  const rest = not ? token.slice(1) : token;
  const colon = rest.startsWith('"') ? -1 : rest.indexOf(":");
  if (colon <= 0) return { key: null, value: bare(rest), not };
  const name = rest.slice(0, colon).toLowerCase();
  const value = bare(rest.slice(colon + 1));
  const key = qualifiers.find((one) => one === name);
  if (!key) return { text: token, why: `There is no “${name}:”. There are ${qualifiers.join(", ")}.` };
  const why = value === "" ? `Say which: ${words[key]}.` : wrong(key, value);
  return why ? { text: token, why } : { key, value: kept?.(key, value) ?? value, not };
}

export function parseQuery<Key extends string>(language: Language<Key>, text: string): Query<Key> {
  const terms: Term<Key>[] = [];
  const problems: Problem[] = [];
  for (const token of tokensOf(text)) {
    const found = termOf(language, token.text);
    if ("why" in found) problems.push(found);
    else if (found.value !== "") terms.push(found);
  }
  return { terms, problems };
}

/** A term as it is written; `parseQuery` makes the same of it again. Quotes cannot stand in a value. */
export function writeTerm({ key, value, not }: Term<string>): string {
  const plain = bare(value);
  const quote = /\s/u.test(plain) || (key === null && (plain.startsWith("-") || plain.includes(":")));
  return `${not ? "-" : ""}${key ? `${key}:` : ""}${quote ? `"${plain}"` : plain}`;
}
export const writeQuery = (terms: readonly Term<string>[]): string => terms.map(writeTerm).join(" ");
