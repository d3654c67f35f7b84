// What is due is carried out before a request is answered (PROTOCOL 4 Leases, 13): leases and claims end here, and a
// manager's end takes its rows and signers along (Exit).
import type { Vault } from "./vault.ts";
import { agentFrom, isManager, type Agent } from "./store/rows.ts";
import { record } from "./audit/write.ts";

/** Removes a row and, when it is a manager, everything that hangs on it. Inside a transaction. Answers the uids removed with it. */
export function removeAgent(vault: Vault, agent: Agent, now: number): string[] {
  const { db } = vault;
  const removed: string[] = [];
  if (isManager(agent)) {
    for (const row of db.all("SELECT id, uid FROM agents WHERE managed_by = ? ORDER BY id", agent.uid)) {
      db.run("DELETE FROM agents WHERE id = ?", row.id as number);
      removed.push(row.uid as string);
    }
    db.run("DELETE FROM roles WHERE manager = ?", agent.uid);
  }
  // Marked, not deleted: use is 410 and re-enrolment 409 for ever. What unlocks is gone at once.
  db.run("UPDATE credentials SET revoked_at = ?, wrapped_l3 = x'' WHERE signs_for = ? AND revoked_at IS NULL", now, agent.id);
  db.run("DELETE FROM agents WHERE id = ?", agent.id);
  return removed;
}

/** Should the primary have made such a lease longer before its end, a whole copy brings everything back (failover/follow.ts). */
function noteEnded(vault: Vault, uids: readonly string[]): void {
  for (const uid of uids) vault.db.run("INSERT INTO backup_ended (uid) VALUES (?) ON CONFLICT DO NOTHING", uid);
  const { standby } = vault.state;
  if (standby !== null) vault.update({ standby: { ...standby, ended: standby.ended + uids.length } });
}

/** True when something was due. Leases end by the vault's own clock; each removal is an event. */
export function carryOutDue(vault: Vault): boolean {
  const now = vault.now();
  if (vault.state.nextDue > now) return false;
  const isBackup = vault.state.mode === "backup";
  vault.write(true, () => {
    const due = vault.db.all(
      "SELECT * FROM agents WHERE expires_at <= ?1 OR (claim_by <= ?1 AND used_at IS NULL) ORDER BY id",
      now,
    );
    // A backup ends them too, at the same second, in its own stream; the revision is the primary's to raise.
    if (due.length > 0 && !isBackup) vault.bumpRevision();
    for (const row of due) {
      // A manager that ended earlier in this loop took its rows along.
      if (vault.db.get("SELECT 1 FROM agents WHERE id = ?", row.id as number) === undefined) continue;
      const agent = agentFrom(row);
      const expired = agent.expiresAt !== null && agent.expiresAt <= now;
      const removed = removeAgent(vault, agent, now);
      if (isBackup) noteEnded(vault, [agent.uid, ...removed]);
      record(vault, {
        actor: "system",
        action: "agent.expire",
        target: { kind: "agent", id: agent.uid },
        reason: expired ? "lease" : "unclaimed",
        ip: null,
        rows: [agent],
        meta: removed.length > 0 ? { agent: agent.id, removed } : { agent: agent.id },
      });
    }
    vault.refreshNextDue();
  });
  return true;
}
