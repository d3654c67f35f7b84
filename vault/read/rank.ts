// Search inside scope, pure. The file holds no clear titles, so there is no index to keep: what the caller may see is opened
// and ranked at each search. That also makes the ranking a function of visible entries alone (PROTOCOL 3): a shared index
// would tell by its word statistics what lies outside. The price is time linear in what the caller sees.

/** BM25 (Robertson and Zaragoza 2009) with its usual constants. */
const K1 = 1.2;
const B = 0.75;

export interface Searchable {
  title: string;
  tags: readonly string[];
  /** Labels and L1 values. */
  rest: readonly string[];
}

/** Words in lower case without marks, so that "Muller" finds "Müller". Numbers count as words. */
export function words(text: string): string[] {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Weighted words of one entry: a title says more than a tag, a tag more than the rest. */
function bag(entry: Searchable): string[] {
  const title = words(entry.title);
  const tags = entry.tags.flatMap(words);
  return [...title, ...title, ...title, ...tags, ...tags, ...entry.rest.flatMap(words)];
}

/**
 * Indexes of entries in which every word of the query begins some word, best first, ties in the given order. An empty
 * query finds nothing.
 */
export function rank(query: string, entries: readonly Searchable[]): number[] {
  const terms = [...new Set(words(query))];
  if (terms.length === 0) return [];
  const bags = entries.map(bag);
  const average = bags.reduce((sum, words) => sum + words.length, 0) / Math.max(1, bags.length);
  const counts = bags.map((words) => terms.map((term) => words.filter((word) => word.startsWith(term)).length));
  const rarity = terms.map((_, t) => {
    const having = counts.filter((count) => count[t]! > 0).length;
    return Math.log(1 + (bags.length - having + 0.5) / (having + 0.5));
  });
  const scored: { index: number; score: number }[] = [];
  counts.forEach((count, index) => {
    if (count.some((n) => n === 0)) return;
    const length = bags[index]!.length / (average || 1);
    const score = count.reduce((sum, n, t) => sum + (rarity[t]! * n * (K1 + 1)) / (n + K1 * (1 - B + B * length)), 0);
    scored.push({ index, score });
  });
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map(({ index }) => index);
}
