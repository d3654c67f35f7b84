/**
 * What a row of a vault means in roles: its numbers looked up in that vault's part of the dictionary (SPEC section 5). Pure,
 * and for the browser too. A number that no role has there is kept as it is, never dropped: somebody may open something by it.
 */
import { isScope, parseScopes } from "../protocol/scopes.ts";

/** A role as it is shown. `position`: the order of the roles everywhere, by which the keys 1 to 9 count too. */
export type RoleMark = { readonly roleId: string; readonly name: string; readonly letter: string; readonly position: number };

/** One vault's part of the dictionary: number → role. Both sides are unique within a vault. */
export type RoleScopes = ReadonlyMap<string, RoleMark>;

/** `full`: reads everything there, whatever its numbers. `roles` in their order, `unmapped` ascending. */
export type Letters = { readonly full: boolean; readonly roles: readonly RoleMark[]; readonly unmapped: readonly string[] };

/** The letter of full access; no role may take it. */
export const fullLetter = "F";

export const inRoleOrder = (a: RoleMark, b: RoleMark): number => a.position - b.position || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Rows of one vault's dictionary as a look-up. Throws a TypeError for what is no scope and for a number or a role named twice. */
export function roleScopesOf(rows: Iterable<RoleMark & { readonly scope: string }>): RoleScopes {
  const map = new Map<string, RoleMark>();
  const seen = new Set<string>();
  for (const { scope, roleId, name, letter, position } of rows) {
    if (!isScope(scope)) throw new TypeError("not a scope");
    if (map.has(scope) || seen.has(roleId)) throw new TypeError(`a dictionary names ${scope} or its role twice`);
    seen.add(roleId);
    map.set(scope, { roleId, name, letter, position });
  }
  return map;
}

/**
 * The roles behind a row's canonical scope list. Full access has its roles beside it: they are what stays when it ends.
 * Throws a TypeError for a list that is not canonical: damaged data is no empty cell.
 */
export function roleLetters(scopes: string, allAccess: boolean, roleScopes: RoleScopes): Letters {
  const numbers = parseScopes(scopes);
  if (numbers === null) throw new TypeError("not a scope list");
  const roles: RoleMark[] = [];
  const unmapped: string[] = [];
  for (const number of numbers) {
    const role = roleScopes.get(number);
    if (role) roles.push(role);
    else unmapped.push(number);
  }
  return { full: allAccess, roles: roles.toSorted(inRoleOrder), unmapped };
}

/** Whether the row opens nothing at all. */
export const isEmpty = ({ full, roles, unmapped }: Letters): boolean => !full && roles.length === 0 && unmapped.length === 0;

/**
 * What stands in a cell of 36 px: `F`, `N`, `NM`, from three on `N+2`; `?` for a number without a role, after the letters.
 * `""` opens nothing.
 */
export function cellText(letters: Letters): string {
  if (letters.full) return fullLetter;
  const marks = [...letters.roles.map(({ letter }) => letter), ...letters.unmapped.map(() => "?")];
  return marks.length <= 2 ? marks.join("") : `${marks[0]}+${marks.length - 1}`;
}

/** The same in words, for the accessible name and for sentences: "Networking, Monitoring and the number 0042". */
export function inWords({ full, roles, unmapped }: Letters): string {
  if (full) return "full access";
  const numbers = unmapped.length === 0 ? [] : [`the ${unmapped.length === 1 ? "number" : "numbers"} ${unmapped.join(", ")}`];
  const words = [...roles.map(({ name }) => name), ...numbers];
  if (words.length === 0) return "no role";
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`;
}
