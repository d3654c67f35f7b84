import { headMessage } from "#lib/protocol/audit.ts";
import { storedHead } from "../failover/heads.ts";
import { isManager, type Agent } from "../store/rows.ts";
import type { Row } from "../store/database.ts";
import type { AuditDetail, AuditEvent, AuditPage, Head, Stream } from "#lib/protocol/messages.ts";
import type { Vault } from "../vault.ts";

/** Masked for a manager with `audit: "own"`, but for what concerns it (PROTOCOL 9). */
function mayRead(viewer: Agent, row: Row): boolean {
  return !isManager(viewer) || viewer.grant?.audit === "all" || (row.concerns as string).split(",").includes(viewer.uid);
}

/** A row of `events` as it is answered. */
export function eventFrom(row: Row, withDetail: boolean): AuditEvent {
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
    // Erased or masked: the hash still proves the chain.
    detail: withDetail && row.detail !== null ? (JSON.parse(row.detail as string) as AuditDetail) : null,
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

/** The head of the stream that this vault writes, signed as of now; null before the first event. */
export function signedHead(vault: Vault): Head | null {
  const { seq, hash, epoch } = vault.state.head;
  return seq === 0 ? null : headAt(vault, { seq, hash, epoch });
}

/** A head that ends at one event of the own stream. */
export function headAt(vault: Vault, { seq, hash, epoch }: { seq: number; hash: string; epoch: number }): Head {
  const head = { at: vault.nowMs(), epoch, hash, seq, stream: vault.stream };
  return { ...head, signature: vault.sign("head", headMessage(head, vault.id)) };
}

/**
 * A page of the log after `after`, with the signed head as of this moment (PROTOCOL 9). A stream that another host writes
 * is shown as far as that host's own signed head reaches.
 */
export function readAudit(vault: Vault, viewer: Agent, { after, limit, stream }: { after: number; limit: number; stream: Stream }): AuditPage {
  const head = stream === vault.stream ? signedHead(vault) : storedHead(vault.db, stream);
  const end = head?.seq ?? 0;
  const rows = vault.db.all("SELECT * FROM events WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?", stream, after, end, limit + 1);
  const first = vault.db.get("SELECT min(seq) AS seq FROM events WHERE stream = ?", stream)!.seq as number | null;
  return {
    events: rows.slice(0, limit).map((row) => eventFrom(row, mayRead(viewer, row))),
    head,
    first_seq: first ?? 1,
    more: rows.length > limit,
  };
}
