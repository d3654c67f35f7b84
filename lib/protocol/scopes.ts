// Scopes: sets of 4-digit hex numbers, shared with agent ids (PROTOCOL 1, seed 001). Text form is canonical: ascending,
// no repeats, so that a set has one spelling and one hash.

/** At most this many in one list (PROTOCOL 1). */
export const MAX_SCOPES = 32;

/** The highest agent id and scope. */
export const MAX_ID = 65_535;

/** One scope id: four lower-case hex digits, never "0000". */
export function isScope(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{4}$/.test(value) && value !== "0000";
}

/** The scope that is an agent's id. Throws a RangeError outside 1..65535. */
export function scopeOf(id: number): string {
  if (!Number.isInteger(id) || id < 1 || id > MAX_ID) throw new RangeError("not an agent id");
  return id.toString(16).padStart(4, "0");
}

/** The number of a scope. */
export function idOf(scope: string): number {
  if (!isScope(scope)) throw new TypeError("not a scope");
  return Number.parseInt(scope, 16);
}

/** True for scope ids that ascend without repeats (a grant's list; the 32 bind only the comma-separated form). */
export function isAscending(scopes: readonly unknown[]): scopes is readonly string[] {
  let last = "";
  for (const scope of scopes) {
    if (!isScope(scope) || scope <= last) return false;
    last = scope;
  }
  return true;
}

/** The set behind a comma-separated list, or null when it is not in the canonical form. `""` is the empty set. */
export function parseScopes(list: string): readonly string[] | null {
  if (list === "") return [];
  const scopes = list.split(",");
  return scopes.length <= MAX_SCOPES && isAscending(scopes) ? scopes : null;
}

/** The canonical list of a set given in any order, repeats allowed. Throws on a non-scope or on more than 32. */
export function formatScopes(scopes: Iterable<string>): string {
  const set = [...new Set(scopes)].sort();
  if (!isAscending(set)) throw new TypeError("not scope ids");
  if (set.length > MAX_SCOPES) throw new RangeError("more than 32 scopes");
  return set.join(",");
}

/**
 * Whether two canonical lists share a scope: gate 1 of the vault. The empty set meets nothing, not even another empty one.
 * Throws a TypeError for a list that is not canonical, so that damaged data never opens an entry.
 */
export function intersects(a: string, b: string): boolean {
  const left = parseScopes(a);
  const right = parseScopes(b);
  if (left === null || right === null) throw new TypeError("not a scope list");
  return left.some((scope) => right.includes(scope));
}
