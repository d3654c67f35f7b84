// What a manager may do (PROTOCOL 4), pure: rows before and after, the grant, and the few facts that need the table, given as
// numbers and questions. Everything not allowed here is `not_granted`.
import type { AgentCreate, AgentToken, AgentUpdate, EntryUpdate, Grant, Limits } from "#lib/protocol/messages.ts";
import { scopesWithin } from "#lib/protocol/grant.ts";
import { parseScopes } from "#lib/protocol/scopes.ts";
import { limitsOf, type Agent } from "../store/rows.ts";

export type RuleRefusal = "not_granted" | "scope_collision";

/** The part of a row that a grant speaks about. */
export type Reach = Pick<Agent, "scopes" | "allAccess" | "admin" | "expiresAt">;

export interface Facts {
  now: number;
  /** Rows it would manage afterwards. */
  managed: number;
  /** Whether a scope is the id of a row that the manager does not manage. */
  isForeignId: (scope: string) => boolean;
}

/** Whether a row may be under a manager with this grant: reach, lease and number of rows. Also for rows an owner hands over. */
export function refuseReach(grant: Grant | null, row: Reach, { now, managed, isForeignId }: Facts): RuleRefusal | null {
  if (grant === null || row.admin) return "not_granted";
  if (!scopesWithin(row.scopes, grant)) return "not_granted";
  if (row.allAccess && (grant.all_access === "never" || (grant.all_access === "leased" && row.expiresAt === null))) return "not_granted";
  if (row.expiresAt !== null && grant.max_lease !== null && row.expiresAt - now > grant.max_lease) return "not_granted";
  if (managed > grant.max_agents) return "not_granted";
  return collides(grant, parseScopes(row.scopes) ?? [], isForeignId);
}

function collides(grant: Grant, scopes: readonly string[], isForeignId: (scope: string) => boolean): RuleRefusal | null {
  return grant.scopes === "any" && scopes.some(isForeignId) ? "scope_collision" : null;
}

/** Members of a create that no manager may send, whatever the grant. */
export function refuseCreateMembers(body: AgentCreate): RuleRefusal | null {
  return body.admin || body.seal_to === undefined || body.token_hash !== undefined || body.own_scope === true ? "not_granted" : null;
}

/** Members of an update that are the owners'. */
export function refuseUpdateMembers(body: AgentUpdate): RuleRefusal | null {
  const owners = body.managed_by !== undefined || body.locked !== undefined || body.grant !== undefined || body.expires_at === null;
  return owners || body.admin === true ? "not_granted" : null;
}

/** What binds reads of a row; `null` = nothing. */
type Bound = Pick<Agent, "kind" | "limits">;

function isWithin(after: Limits | null, bound: Limits | null): boolean {
  if (bound === null) return true;
  return after !== null && after.per_minute <= bound.per_minute && after.per_hour <= bound.per_hour;
}

/**
 * Abuse limits lock a row that only an owner unlocks, so a manager tightens or leaves them: nothing looser than what bound
 * the row before (`before` null: a new row, bound by the default of its kind), be it by `limits` or by another `kind`.
 */
export function refuseLimits(before: Bound | null, after: Bound): RuleRefusal | null {
  // An explicit "none" would also outlive a later change of kind.
  const lifts = after.limits === null && before?.limits !== null;
  const bound = limitsOf(before ?? { kind: after.kind, limits: undefined });
  return lifts || !isWithin(limitsOf(after), bound) ? "not_granted" : null;
}

/** Whether `target` is a row that `manager` manages: never itself, an admin row, or a row of anyone else. */
export function manages(manager: Agent, target: Agent): boolean {
  return target.managedBy === manager.uid && !target.admin && target.id !== manager.id;
}

/** Renewal: its own row by the hash of a token it drew, rows it manages only sealed. */
export function refuseTokenMembers(manager: Agent, target: Agent, body: AgentToken): RuleRefusal | null {
  if (target.id === manager.id) return body.token_hash !== undefined ? null : "not_granted";
  return manages(manager, target) && body.seal_to !== undefined ? null : "not_granted";
}

/**
 * Entries, only with `grant.entries`. Scopes that a manager adds to an entry must lie in the grant as those of a row must:
 * else it could open to its people what the owner closed. What stood there may stay.
 */
export function refuseEntry(grant: Grant | null, before: string, after: EntryUpdate | null, isForeignId: (scope: string) => boolean): RuleRefusal | null {
  if (grant === null || !grant.entries) return "not_granted";
  if (after?.scopes === undefined) return null;
  const stood = new Set(parseScopes(before) ?? []);
  const added = (parseScopes(after.scopes) ?? []).filter((scope) => !stood.has(scope));
  if (grant.scopes !== "any" && !added.every((scope) => grant.scopes.includes(scope))) return "not_granted";
  return collides(grant, added, isForeignId);
}
