/** What a column can be ordered by. Null is "not known" and stands last in both directions. */
export type SortValue = string | number | bigint | null;

// Base sensitivity: "Élan" stands with "elan". Numeric: "Pod 2" stands before "Pod 10".
const words = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/** Ascending order of two values of one column; strings as people read them, numbers by size. Negative, zero or positive. */
export function compareSortValues(a: SortValue, b: SortValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "string" || typeof b === "string") return words.compare(String(a), String(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which row an arrow, Home, End or Page key leads to, from `at` among `count`; null when the key moves nothing. */
export function rowAfterKey(key: string, at: number, count: number, page = 10): number | null {
  if (count === 0) return null;
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1, PageDown: at + page, PageUp: at - page };
  const next = to[key];
  return next === undefined ? null : Math.max(0, Math.min(count - 1, next));
}
