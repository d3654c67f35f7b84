// The grant as a set of permissions: comparing two, and asking one (PROTOCOL 4 and 10). Pure, for the vault, its page, and
// the plane alike; what needs rows is the vault's.
import type { Grant } from "./messages.ts";
import { parseScopes } from "./scopes.ts";

const ALL_ACCESS = ["never", "leased", "yes"] as const;

/** The first member in which `given` is looser than `asked`, or null when it lies within ("tighten, never loosen"). */
export function looserMember(given: Grant, asked: Grant): keyof Grant | null {
  if (asked.scopes !== "any" && (given.scopes === "any" || !given.scopes.every((scope) => asked.scopes.includes(scope)))) return "scopes";
  if (ALL_ACCESS.indexOf(given.all_access) > ALL_ACCESS.indexOf(asked.all_access)) return "all_access";
  if (asked.max_lease !== null && (given.max_lease === null || given.max_lease > asked.max_lease)) return "max_lease";
  if (given.max_agents > asked.max_agents) return "max_agents";
  if (given.entries && !asked.entries) return "entries";
  if (given.cosign < asked.cosign) return "cosign";
  if (given.signer_delay < asked.signer_delay) return "signer_delay";
  if (given.audit === "all" && asked.audit === "own") return "audit";
  return null;
}

/** Whether `given` allows nothing that `asked` does not. */
export function isGrantWithin(given: Grant, asked: Grant): boolean {
  return looserMember(given, asked) === null;
}

/** Whether a canonical scope list lies inside the grant. A list that is not canonical does not. */
export function scopesWithin(list: string, grant: Grant): boolean {
  const scopes = parseScopes(list);
  if (scopes === null) return false;
  return grant.scopes === "any" || scopes.every((scope) => grant.scopes.includes(scope));
}
