// The first gate of seed 001: may this row read this entry? One statement for every case, so that "there is no such entry"
// and "it is not yours" cannot be told apart by what was done.
import { ProtocolError } from "#lib/protocol/errors.ts";
import { parseScopes } from "#lib/protocol/scopes.ts";
import { isClosedFor } from "../lapse.ts";
import { record } from "../audit/write.ts";
import type { Row } from "../store/database.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { noteUse } from "./authenticate.ts";

/** Scopes as a JSON list, the form in which a statement takes a set. The empty set meets nothing (PROTOCOL 1). */
export function scopesJson(agent: Pick<Agent, "scopes">): string {
  return JSON.stringify(parseScopes(agent.scopes) ?? []);
}

const VISIBLE =
  "(?2 = 1 OR EXISTS (SELECT 1 FROM entry_scopes s WHERE s.entry_id = e.id AND s.scope IN (SELECT value FROM json_each(?3))))";

/** The entry when this row may read it; undefined when it may not, or there is none. */
export function visibleEntry(vault: Vault, agent: Agent, id: number): Row | undefined {
  return vault.db.get(`SELECT e.* FROM entries e WHERE e.id = ?1 AND ${VISIBLE}`, id, agent.allAccess ? 1 : 0, scopesJson(agent));
}

/** Visible entries above `after`, by id. */
export function visibleEntries(vault: Vault, agent: Agent, after: number, limit: number): Row[] {
  return vault.db.all(
    `SELECT e.id, e.uid, e.scopes, e.l1, e.revision, e.updated_at FROM entries e WHERE e.id > ?1 AND ${VISIBLE} ORDER BY e.id LIMIT ?4`,
    after,
    agent.allAccess ? 1 : 0,
    scopesJson(agent),
    limit,
  );
}

type ReadAction = "entry.read" | "totp.read" | "entries.list" | "entries.search";

/** A refusal of a read whose event stays: thrown out of the transaction only after its commit. */
export class Refused {
  readonly error: ProtocolError;
  constructor(error: ProtocolError) {
    this.error = error;
  }
}

/**
 * One read with its audit event in one transaction (PROTOCOL 9). A lapsed
 * vault serves none, and a locked row reads nothing (PROTOCOL 12). `work` answers
 * either what to serve and which event records it, or a refusal with its event already written.
 */
export function auditedRead<T>(vault: Vault, agent: Agent, action: ReadAction, ip: string, work: (now: number) => T | Refused): T {
  const result = vault.write(false, () => {
    const now = vault.now();
    noteUse(vault, agent, now);
    if (isClosedFor(vault, agent)) {
      record(vault, { actor: agent, action, outcome: "denied", reason: "expired", ip });
      return new Refused(new ProtocolError("expired"));
    }
    if (agent.locked) {
      record(vault, { actor: agent, action, outcome: "denied", reason: "locked", ip });
      return new Refused(new ProtocolError("locked"));
    }
    return work(now);
  });
  if (result instanceof Refused) throw result.error;
  return result;
}

/** Denied: the same words whether the entry exists or not. */
export function denied(vault: Vault, agent: Agent, action: ReadAction, ip: string, id: number): Refused {
  record(vault, { actor: agent, action, outcome: "denied", reason: "scope", ip, meta: { entry: id } });
  return new Refused(new ProtocolError("denied"));
}
