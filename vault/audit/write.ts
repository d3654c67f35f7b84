// The vault's own record (PROTOCOL 9). An event is written in the transaction of what it records; when it cannot be
// written, neither is the change, and no answer leaves.
import { CHAIN_START, detailHash, eventHash } from "#lib/protocol/audit.ts";
import { b64u } from "#lib/protocol/bytes.ts";
import type { JsonObject } from "#lib/protocol/jcs.ts";
import type { Action, AuditBody, AuditDetail, Outcome } from "#lib/protocol/messages.ts";
import { isManager, type Agent } from "../store/rows.ts";
import { drawSalt } from "./salt.ts";
import type { Vault } from "../vault.ts";

/** Who acts. `system` is the vault itself; `anonymous` someone without a known token. */
export type Actor = Agent | "system" | "anonymous";

export interface EventInput {
  actor: Actor;
  action: Action;
  outcome?: Outcome;
  target?: { kind: "agent" | "entry" | "credential" | "vault"; id: string } | null;
  reason?: string | null;
  /** Remote address, null for what the vault does by itself. */
  ip: string | null;
  /** Numbers, codes and uids only: never titles, values, search terms, tokens. */
  meta?: JsonObject;
  /** Rows whose manager this concerns besides the actor's: the target before and after. */
  rows?: readonly Pick<Agent, "uid" | "managedBy">[];
}

/** Appends one event inside the running transaction; answers its place on the chain. */
export function record(vault: Vault, input: EventInput): { seq: number; hash: string } {
  const { head, epoch } = vault.state;
  const { actor } = input;
  const known = typeof actor === "string" ? null : actor;
  const detail: AuditDetail = {
    salt: drawSalt(),
    name: known?.name ?? (actor as string),
    target: input.target ?? null,
    reason: input.reason ?? null,
    ip: input.ip,
    meta: input.meta ?? {},
  };
  const body: AuditBody = {
    seq: head.seq + 1,
    at: vault.nowMs(),
    stream: vault.stream,
    epoch,
    actor: { kind: known?.kind ?? (actor as "system" | "anonymous"), agent_id: known?.id ?? null },
    action: input.action,
    outcome: input.outcome ?? "success",
    detail_hash: b64u(detailHash(detail)),
    // A new epoch starts a chain of its own; its numbers go on.
    prev: head.epoch === epoch ? head.hash : CHAIN_START,
  };
  const hash = b64u(eventHash(body));
  vault.db.run(
    "INSERT INTO events (stream, seq, epoch, at, actor_kind, actor_id, action, outcome, detail_hash, prev, hash, detail, concerns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    body.stream,
    body.seq,
    body.epoch,
    body.at,
    body.actor.kind,
    body.actor.agent_id,
    body.action,
    body.outcome,
    body.detail_hash,
    body.prev,
    hash,
    JSON.stringify(detail),
    concerned(known, input.rows ?? []),
  );
  vault.update({ head: { seq: body.seq, hash, at: body.at, epoch }, latest: body.at });
  return { seq: body.seq, hash };
}

/** The managers whose own business an event is: the actor itself, and whoever manages actor or target. */
function concerned(actor: Agent | null, rows: readonly Pick<Agent, "uid" | "managedBy">[]): string {
  const managers = new Set<string>();
  if (actor !== null) {
    if (isManager(actor)) managers.add(actor.uid);
    if (actor.managedBy !== null) managers.add(actor.managedBy);
  }
  for (const row of rows) {
    managers.add(row.uid);
    if (row.managedBy !== null) managers.add(row.managedBy);
  }
  return [...managers].join(",");
}
