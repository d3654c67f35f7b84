// Abuse limits (PROTOCOL 12): how many distinct entries a row may read in a minute and an hour. A program that is turned
// against its owner shows itself by reading widely, and is stopped after the second time until an owner looks.
import { ProtocolError } from "#lib/protocol/errors.ts";
import { record } from "../audit/write.ts";
import { VIOLATION_WINDOW_SECONDS } from "../limits.ts";
import { limitsOf, type Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { Refused } from "./gate.ts";

const MINUTE = 60;
const HOUR = 3_600;

/** Seconds until another distinct entry fits into the window, or 0 when this one does. A repeat is free. */
function waitFor(vault: Vault, agent: Agent, entryId: number, now: number, window: number, most: number): number {
  const others = vault.db.get(
    "SELECT count(*) AS n, max(entry_id = ?3) AS repeated FROM distinct_reads WHERE agent_id = ?1 AND at > ?2",
    agent.id,
    now - window,
    entryId,
  )!;
  const surplus = (others.n as number) - most;
  if (others.repeated === 1 || surplus < 0) return 0;
  // Whoever waits as long as it was told must not meet a second violation: after limits were made tighter, more than one
  // entry has to leave the window first.
  const leaving = vault.db.get("SELECT at FROM distinct_reads WHERE agent_id = ? AND at > ? ORDER BY at LIMIT 1 OFFSET ?", agent.id, now - window, surplus)!;
  return Math.max(1, (leaving.at as number) + window - now);
}

/** On a backup the lock holds at once and is told to the primary, which alone can raise a revision. */
function lock(vault: Vault, { id, uid }: Agent): void {
  if (vault.state.mode === "backup") {
    vault.db.run("UPDATE agents SET locked = 1 WHERE id = ?", id);
    vault.db.run("INSERT INTO backup_locks (uid) VALUES (?) ON CONFLICT DO NOTHING", uid);
  } else {
    vault.db.run("UPDATE agents SET locked = 1, revision = ? WHERE id = ?", vault.bumpRevision(), id);
  }
}

/** To be asked for a read that would be served. Counts it, or refuses it and on the second violation locks the row. */
export function withinLimits(vault: Vault, agent: Agent, entryId: number, action: "entry.read" | "totp.read", ip: string, now: number): Refused | null {
  const limits = limitsOf(agent);
  if (limits === null) return null;
  const { db } = vault;
  const wait = Math.max(
    waitFor(vault, agent, entryId, now, MINUTE, limits.per_minute),
    waitFor(vault, agent, entryId, now, HOUR, limits.per_hour),
  );
  if (wait === 0) {
    db.run("DELETE FROM distinct_reads WHERE agent_id = ? AND at <= ?", agent.id, now - HOUR);
    db.run("INSERT INTO distinct_reads (agent_id, entry_id, at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = ?3", agent.id, entryId, now);
    return null;
  }
  record(vault, { actor: agent, action, outcome: "denied", reason: "limit", ip, meta: { entry: entryId } });
  db.run("DELETE FROM violations WHERE agent_id = ? AND at <= ?", agent.id, now - VIOLATION_WINDOW_SECONDS);
  db.run("INSERT INTO violations (agent_id, at) VALUES (?, ?)", agent.id, now);
  const violations = db.get("SELECT count(*) AS n FROM violations WHERE agent_id = ?", agent.id)!.n as number;
  if (violations >= 2) {
    lock(vault, agent);
    db.run("DELETE FROM violations WHERE agent_id = ?", agent.id);
    record(vault, { actor: "system", action: "agent.lock", target: { kind: "agent", id: agent.uid }, reason: "limit", ip: null, rows: [agent] });
  }
  return new Refused(new ProtocolError("slow_down", { extra: { retry_after: wait } }));
}
