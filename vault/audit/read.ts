import { headMessage } from "#lib/protocol/audit.ts";
import { isManager, type Agent } from "../store/rows.ts";
import type { Row } from "../store/database.ts";
import type { AuditDetail, AuditEvent, AuditPage, Stream } from "#lib/protocol/messages.ts";
import type { Vault } from "../vault.ts";

function eventFrom(row: Row, viewer: Agent): AuditEvent {
  const mayRead = !isManager(viewer) || viewer.grant?.audit === "all" || (row.concerns as string).split(",").includes(viewer.uid);
  return {
    seq: row.seq as number,
    at: row.at as number,
    stream: row.stream as Stream,
    epoch: row.epoch as number,
    actor: { kind: row.actor_kind as AuditEvent["actor"]["kind"], agent_id: row.actor_id as number | null },
    action: row.action as AuditEvent["action"],
    outcome: row.outcome as AuditEvent["outcome"],
    detail_hash: row.detail_hash as string,
    prev: row.prev as string,
    hash: row.hash as string,
    // Erased, or masked for a manager with `audit: "own"`: the hash still proves the chain (PROTOCOL 9).
    detail: mayRead && row.detail !== null ? (JSON.parse(row.detail as string) as AuditDetail) : null,
  };
}

/**
 * Makes everything up to the head survive a power cut. Reads commit without waiting for the disk; a head that was signed
 * and then lost would look like tampering to whoever pulled it.
 */
export function settle(vault: Vault): void {
  const { head, syncedSeq } = vault.state;
  if (syncedSeq >= head.seq) return;
  vault.write(true, () => {
    vault.db.run("UPDATE vault SET synced_seq = ? WHERE one = 1", head.seq);
    vault.update({ syncedSeq: head.seq });
  });
}

/** A page of the log after `after`, with the signed head as of this moment (PROTOCOL 9). */
export function readAudit(vault: Vault, viewer: Agent, { after, limit, stream }: { after: number; limit: number; stream: Stream }): AuditPage {
  const rows = vault.db.all("SELECT * FROM events WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?", stream, after, limit + 1);
  const first = vault.db.get("SELECT min(seq) AS seq FROM events WHERE stream = ?", stream)!.seq as number | null;
  const last = vault.db.get("SELECT seq, hash, epoch FROM events WHERE stream = ? ORDER BY seq DESC LIMIT 1", stream);
  const at = vault.nowMs();
  const head =
    last === undefined
      ? null
      : { at, epoch: last.epoch as number, hash: last.hash as string, seq: last.seq as number, stream };
  return {
    events: rows.slice(0, limit).map((row) => eventFrom(row, viewer)),
    head: head === null ? null : { ...head, signature: vault.sign("head", headMessage(head, vault.id)) },
    first_seq: first ?? 1,
    more: rows.length > limit,
  };
}
