// Operations on agents: create, update, delete, token (PROTOCOL 4).
import { ProtocolError } from "#lib/protocol/errors.ts";
import { sealedTo } from "#lib/protocol/kem.ts";
import type { AgentCreate, AgentRow, AgentToken, AgentUpdate, Result } from "#lib/protocol/messages.ts";
import { formatScopes, MAX_SCOPES, parseScopes, scopeOf } from "#lib/protocol/scopes.ts";
import { tokenHash } from "#lib/protocol/token.ts";
import { removeAgent } from "../lease.ts";
import { isManager, isOwner, type Agent } from "../store/rows.ts";
import type { Applied, ChangeContext } from "./context.ts";
import { manages, refuseCreateMembers, refuseLimits, refuseReach, refuseTokenMembers, refuseUpdateMembers, type RuleRefusal } from "./rules.ts";

function pass(refusal: RuleRefusal | null): void {
  if (refusal !== null) throw new ProtocolError(refusal);
}

/** What a hand-over leaves in the row and in the receipt. */
interface HandOver {
  hash: string;
  kind: AgentRow["hand_over"];
  sealedTo: string | null;
  result: Pick<Result, "sealed_token" | "sealed_to">;
}

/** Takes the row's new token into use by the way that the body names. */
function handOver(context: ChangeContext, body: AgentToken, agentId: number, uid: string): HandOver {
  if (body.token_hash !== undefined) {
    context.issueToken(body.token_hash);
    return { hash: body.token_hash, kind: "hash", sealedTo: null, result: {} };
  }
  const { token } = context.draft();
  const hash = tokenHash(token);
  context.issueToken(hash);
  if (body.seal_to === undefined) {
    context.tokens[context.op.id] = token;
    return { hash, kind: "plain", sealedTo: null, result: {} };
  }
  const to = sealedTo(body.seal_to);
  const sealed = context.sealed({ to: body.seal_to, purpose: { kind: "token" }, agentId, uid });
  return { hash, kind: "sealed", sealedTo: to, result: { sealed_token: sealed, sealed_to: to } };
}

/** Times lie ahead, and an owner has none: a vault must not lose its owner by a clock. */
function checkTimes(context: ChangeContext, body: Pick<AgentCreate, "expires_at" | "claim_by">, owner: boolean): void {
  for (const member of ["expires_at", "claim_by"] as const) {
    const time = body[member];
    if (time === undefined) continue;
    if (time <= context.now) context.invalid(member, "lies in the past");
    if (owner) context.invalid(member, "an owner has none");
  }
}

export function createAgent(context: ChangeContext, body: AgentCreate): Applied {
  const { vault, now } = context;
  const caller = context.caller();
  const manager = isManager(caller) ? caller : null;
  const asked = parseScopes(body.scopes)!;
  if (manager !== null) pass(refuseCreateMembers(body) ?? refuseLimits(null, { kind: body.kind, limits: body.limits }));
  checkTimes(context, body, body.all_access && body.admin);
  if (manager !== null) {
    const reach = { scopes: body.scopes, allAccess: body.all_access, admin: body.admin, expiresAt: body.expires_at ?? null };
    pass(refuseReach(manager.grant, reach, context.facts(manager.uid, context.managedCount(manager.uid) + 1)));
  }
  context.withinLimit("tokens", 1);
  const id = context.assignId(asked);
  const { uid } = context.draft();
  const scopes = body.own_scope === true ? [...asked, scopeOf(id)] : asked;
  if (scopes.length > MAX_SCOPES) context.invalid("scopes", `at most ${MAX_SCOPES} with its own`);
  const given = handOver(context, body, id, uid);
  const revision = context.revision();
  vault.db.run("INSERT INTO uids (uid) VALUES (?)", uid);
  vault.db.run(
    `INSERT INTO agents (id, uid, token_hash, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, claim_by, hand_over, sealed_to, limits, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    uid,
    given.hash,
    body.name,
    body.kind,
    formatScopes(scopes),
    body.all_access ? 1 : 0,
    body.admin ? 1 : 0,
    caller.uid,
    now,
    body.expires_at ?? null,
    body.claim_by ?? null,
    given.kind,
    given.sealedTo,
    body.limits === undefined ? null : JSON.stringify(body.limits),
    revision,
  );
  vault.refreshNextDue();
  return {
    result: { status: "created", agent_id: id, uid, ...given.result },
    event: { action: "agent.create", target: { kind: "agent", id: uid }, rows: [{ uid, managedBy: caller.uid }], meta: { agent: id } },
  };
}

/** The row as the update would leave it; nothing is written. */
function updated(before: Agent, body: AgentUpdate): Agent {
  return {
    ...before,
    name: body.name ?? before.name,
    kind: body.kind ?? before.kind,
    scopes: body.scopes ?? before.scopes,
    allAccess: body.all_access ?? before.allAccess,
    admin: body.admin ?? before.admin,
    expiresAt: body.expires_at === undefined ? before.expiresAt : body.expires_at,
    limits: body.limits === undefined ? before.limits : body.limits,
    managedBy: body.managed_by === undefined ? before.managedBy : body.managed_by,
    locked: body.locked === undefined ? before.locked : body.locked,
    grant: body.grant ?? before.grant,
  };
}

/** What an owner may not do either, because the row would mean something else than its name says. */
function checkOwnersUpdate(context: ChangeContext, before: Agent, after: Agent, body: AgentUpdate): void {
  // A manager carries a grant, signers and people; turning one into something else (or back) would leave them hanging.
  if (isManager(before) !== isManager(after)) context.invalid(body.admin === undefined ? "all_access" : "admin", "a manager is made and ended, not converted");
  if (body.grant !== undefined && !isManager(after)) context.invalid("grant", "only a manager has a grant");
  if (isOwner(after) && (after.expiresAt !== null || before.claimBy !== null)) context.invalid("expires_at", "an owner has none");
  if (after.managedBy === before.managedBy || after.managedBy === null) return;
  const heir = context.agentByUid(after.managedBy);
  if (heir === null || !heir.admin || heir.uid === before.uid) context.invalid("managed_by", "the uid of an owner or manager");
  if (isManager(heir)) pass(refuseReach(heir.grant, after, context.facts(heir.uid, context.managedCount(heir.uid) + 1)));
}

export function updateAgent(context: ChangeContext, id: number, body: AgentUpdate): Applied {
  const { vault } = context;
  const before = context.target(id);
  const manager = context.managerCaller();
  const after = updated(before, body);
  if (manager !== null) {
    pass(refuseUpdateMembers(body));
    if (!manages(manager, before)) throw new ProtocolError("not_granted");
    pass(refuseLimits(before, after));
  }
  context.assertFresh(before.revision);
  if (typeof body.expires_at === "number" && body.expires_at <= context.now) context.invalid("expires_at", "lies in the past");
  if (manager === null) checkOwnersUpdate(context, before, after, body);
  else pass(refuseReach(manager.grant, after, context.facts(manager.uid, 0)));
  const unlocks = before.locked && !after.locked;
  const event: Applied["event"] = {
    action: unlocks ? "agent.unlock" : "agent.update",
    target: { kind: "agent", id: before.uid },
    rows: [before, after],
    meta: { agent: id, members: Object.keys(body).sort() },
  };
  if (JSON.stringify(before) === JSON.stringify(after)) return { result: { status: "unchanged", agent_id: id, uid: before.uid }, event };
  vault.db.run(
    `UPDATE agents SET name = ?, kind = ?, scopes = ?, all_access = ?, admin = ?, expires_at = ?, limits = ?, managed_by = ?, locked = ?, grant_json = ?, revision = ? WHERE id = ?`,
    after.name,
    after.kind,
    after.scopes,
    after.allAccess ? 1 : 0,
    after.admin ? 1 : 0,
    after.expiresAt,
    after.limits === undefined ? null : JSON.stringify(after.limits),
    after.managedBy,
    after.locked ? 1 : 0,
    after.grant === null ? null : JSON.stringify(after.grant),
    context.revision(),
    id,
  );
  if (unlocks) {
    // The owner looked: count and window both start again, or the next new entry would be refused at once.
    vault.db.run("DELETE FROM violations WHERE agent_id = ?", id);
    vault.db.run("DELETE FROM distinct_reads WHERE agent_id = ?", id);
  }
  vault.refreshNextDue();
  if (isOwner(before) || isOwner(after)) context.assertOwnerRemains();
  return { result: { status: "changed", agent_id: id, uid: before.uid }, event };
}

export function deleteAgent(context: ChangeContext, id: number): Applied {
  const { vault } = context;
  const { standing } = context.approval;
  if (standing) {
    // Delivered late, it may find the row gone: the wish is fulfilled (PROTOCOL 6).
    const wanted = context.op.if!.uid;
    if (context.agentById(id) === null && context.agentByUid(wanted) === null && context.wasHere(wanted)) {
      return {
        result: { status: "already_gone", agent_id: id, uid: wanted },
        event: { action: "agent.delete", target: { kind: "agent", id: wanted }, meta: { agent: id, already_gone: true } },
      };
    }
  }
  const target = context.target(id);
  const caller = context.caller();
  const manager = isManager(caller) ? caller : null;
  if (standing && (target.admin || target.managedBy !== caller.uid)) throw new ProtocolError("not_granted");
  if (manager !== null && target.id !== manager.id && !manages(manager, target)) throw new ProtocolError("not_granted");
  context.assertFresh(target.revision);
  const revision = context.revision();
  const removed = removeAgent(vault, target, context.now);
  // What an owner managed is the vault's own from now on.
  vault.db.run("UPDATE agents SET managed_by = NULL, revision = ? WHERE managed_by = ?", revision, target.uid);
  vault.refreshNextDue();
  if (isOwner(target)) context.assertOwnerRemains();
  return {
    result: { status: "deleted", agent_id: id, uid: target.uid },
    event: {
      action: "agent.delete",
      target: { kind: "agent", id: target.uid },
      rows: [target],
      meta: removed.length > 0 ? { agent: id, removed } : { agent: id },
    },
  };
}

export function renewToken(context: ChangeContext, id: number, body: AgentToken): Applied {
  const { vault } = context;
  const target = context.target(id);
  const manager = context.managerCaller();
  if (manager !== null) {
    pass(refuseTokenMembers(manager, target, body));
    // A fresh token is fresh reach: the row must still lie inside the grant.
    if (target.id !== manager.id) pass(refuseReach(manager.grant, target, context.facts(manager.uid, 0)));
  }
  context.assertFresh(target.revision);
  const given = handOver(context, body, id, target.uid);
  vault.db.run("UPDATE agents SET token_hash = ?, hand_over = ?, sealed_to = ?, revision = ? WHERE id = ?", given.hash, given.kind, given.sealedTo, context.revision(), id);
  vault.db.run("DELETE FROM sessions WHERE agent_id = ?", id);
  return {
    result: { status: "changed", agent_id: id, uid: target.uid, ...given.result },
    event: { action: "agent.token", target: { kind: "agent", id: target.uid }, rows: [target], meta: { agent: id, hand_over: given.kind } },
  };
}
