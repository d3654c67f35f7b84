/** What a role's number in a vault probably is: the client's own name for it first, then what it is elsewhere. Pure. */
import type { VaultFacts } from "./check.ts";
import { fold } from "./usual.ts";

export type Suggestion = { readonly scope: string; /** The client calls the number so; or it is this role's usual number. */ readonly why: "name" | "usual"; readonly entries: number };

/** The number that a role has in most vaults. null: in fewer than two, or two numbers are equally usual. */
export function usualNumber(scopes: Iterable<string>): string | null {
  const counts = new Map<string, number>();
  for (const scope of scopes) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  const [first, second] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return first && first[1] >= 2 && first[1] > (second?.[1] ?? 0) ? first[0] : null;
}

/**
 * For a role without a number in a vault that was read. Never a number that is a row's id or another role's, nor one outside
 * the grant. The usual number counts only where the vault knows it and calls it nothing else.
 * @param usual of this role over the other vaults
 */
export function suggest(role: { readonly roleId: string; readonly name: string }, usual: string | null, facts: VaultFacts): Suggestion | null {
  if (facts.readAt === null || facts.dictionary.some(({ roleId }) => roleId === role.roleId)) return null;
  const taken = new Set(facts.dictionary.map(({ scope }) => scope));
  const free = (scope: string) => !taken.has(scope) && !facts.agents.has(scope) && (facts.granted === null || facts.granted === "any" || facts.granted.includes(scope));
  const called = [...facts.scopes].filter(([scope, { name }]) => name !== null && fold(name) === fold(role.name) && free(scope));
  // Two numbers of one name: which one is meant, only the client knows.
  if (called.length > 0) return called.length === 1 ? { scope: called[0]![0], why: "name", entries: called[0]![1].entries } : null;
  const said = usual === null ? undefined : facts.scopes.get(usual);
  if (usual === null || said === undefined || said.name !== null || said.entries === 0 || !free(usual)) return null;
  return { scope: usual, why: "usual", entries: said.entries };
}
