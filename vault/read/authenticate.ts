import { isToken, tokenHash } from "#lib/protocol/token.ts";
import type { Database } from "../store/database.ts";
import { agentFrom, type Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";

const MINUTE = 60;

/**
 * The row behind an `Authorization` header, or null: no bearer, another form, unknown, renewed, or ended (PROTOCOL 2). A
 * token of a session counts as its row's until it ends. Looked up by hash, so that time says nothing about a token.
 */
export function authenticate(vault: Vault, authorization: string | undefined): Agent | null {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined || !isToken(token)) return null;
  const hash = tokenHash(token);
  return byToken(vault.db, hash, vault.now());
}

function byToken(db: Database, hash: string, now: number): Agent | null {
  const row =
    db.get("SELECT * FROM agents WHERE token_hash = ?", hash) ??
    db.get("SELECT a.* FROM sessions s JOIN agents a ON a.id = s.agent_id WHERE s.token_hash = ? AND s.expires_at > ?", hash, now);
  return row === undefined ? null : agentFrom(row);
}

/** Whether {@link noteUse} has something to write; to the minute, so that a busy token costs one write a minute. */
export function isUseNews(agent: Agent, now: number): boolean {
  return agent.usedAt === null || now - agent.usedAt >= MINUTE;
}

/** Remembers that the token was used; inside a transaction. A first use also ends what a `claim_by` waited for. */
export function noteUse(vault: Vault, agent: Agent, now: number): void {
  if (!isUseNews(agent, now)) return;
  vault.db.run(
    "UPDATE agents SET used_before = CASE WHEN used_at / 3600 < ?1 / 3600 THEN used_at ELSE used_before END, used_at = ?1 WHERE id = ?2",
    now,
    agent.id,
  );
  // The primary must hear of it, or it would end a row that waits to be claimed.
  if (vault.state.mode === "backup") vault.db.run("INSERT INTO backup_uses (uid, at) VALUES (?1, ?2) ON CONFLICT (uid) DO UPDATE SET at = ?2", agent.uid, now);
  if (agent.usedAt === null && agent.claimBy !== null) vault.refreshNextDue();
}
