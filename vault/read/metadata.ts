// Metadata by bearer alone, never a field value (PROTOCOL 3).
import { ProtocolError } from "#lib/protocol/errors.ts";
import { KEMS } from "#lib/protocol/kem.ts";
import {
  FEATURES,
  type AgentPage,
  type AgentRow,
  type CredentialList,
  type ScopeList,
  type SignedStatement,
  type Statement,
  type VaultInfo,
} from "#lib/protocol/messages.ts";
import { parseScopes } from "#lib/protocol/scopes.ts";
import { MAX_PAGE_BYTES } from "../limits.ts";
import { agentFrom, agentRow, credentialFrom, isManager, isOwner, type Agent } from "../store/rows.ts";
import { readTable } from "../store/table.ts";
import { readVaultMeta } from "../store/vault-meta.ts";
import type { Vault } from "../vault.ts";

const HOUR = 3_600;

/** Rows and devices in use. Leased and manager rows count as tokens, signers as devices (SPEC 6). */
export function usage(vault: Vault): { tokens: number; devices: number } {
  return {
    tokens: vault.db.get("SELECT count(*) AS n FROM agents")!.n as number,
    devices: vault.db.get("SELECT count(*) AS n FROM credentials WHERE revoked_at IS NULL")!.n as number,
  };
}

/**
 * The backup's key and how far it is: on a primary what the backup reported, on a backup its own state. `at` is the Unix
 * second at which that revision was reached.
 */
export function backupState({ db, state }: Vault): { backupKey: string | null; replicated: VaultInfo["replicated"] } {
  if (state.standby !== null) return { backupKey: state.standby.backupKey, replicated: { revision: state.revision, at: state.standby.at } };
  const row = readTable(db, "replica")?.[0];
  const revision = (row?.revision ?? null) as number | null;
  return { backupKey: (row?.backup_key ?? null) as string | null, replicated: revision === null ? null : { revision, at: row!.at as number } };
}

export function vaultInfo(vault: Vault, agent: Agent): VaultInfo {
  const { name, mode, epoch, epochRevision, revision } = vault.state;
  const { backupKey, replicated } = backupState(vault);
  const meta = readVaultMeta(vault.db);
  const used = usage(vault);
  return {
    protocol: 1,
    vault_id: vault.id,
    name,
    public_key: vault.keys.publicKey,
    backup_key: backupKey,
    mode,
    epoch,
    epoch_revision: epochRevision,
    revision,
    replicated,
    features: FEATURES,
    kems: KEMS,
    limits: { tokens: { used: used.tokens, limit: meta.tokens }, devices: { used: used.devices, limit: meta.devices } },
    expires_at: agent.expiresAt,
    paid_until: meta.paidUntil,
    grant: agent.grant,
    now: vault.now(),
  };
}

/** The ETag of /agents: everything in it changes with the revision, or with the hour. */
export function agentsTag(vault: Vault): string {
  // A backup cannot raise the revision when a lease ends there, so what ended since counts apart.
  const ended = vault.state.standby?.ended ?? 0;
  return `"${vault.state.revision}.${Math.floor(vault.now() / HOUR)}${ended === 0 ? "" : `.${ended}`}"`;
}

/** `GET /agents`, in order of id; a page is cut at 1 MiB. */
export function listAgents(vault: Vault, { after, limit }: { after: number; limit: number }): AgentPage {
  const now = vault.now();
  const rows = vault.db.all("SELECT * FROM agents WHERE id > ? ORDER BY id LIMIT ?", after, limit + 1);
  const agents: AgentRow[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    const shown = agentRow(agentFrom(row), now);
    bytes += Buffer.byteLength(JSON.stringify(shown)) + 1;
    if (bytes > MAX_PAGE_BYTES - 1_000 && agents.length > 0) break;
    agents.push(shown);
  }
  return { revision: vault.state.revision, next: agents.length < rows.length ? agents.at(-1)!.id : null, agents };
}

/** `GET /scopes`: every number that an entry or a row carries or a role has; counts, never an entry. */
export function listScopes(vault: Vault): ScopeList {
  const { db } = vault;
  const entries = new Map<string, number>();
  for (const row of db.all("SELECT scope, count(*) AS n FROM entry_scopes GROUP BY scope")) entries.set(row.scope as string, row.n as number);
  const agents = new Map<string, string[]>();
  for (const row of db.all("SELECT uid, scopes FROM agents ORDER BY id")) {
    for (const scope of parseScopes(row.scopes as string) ?? []) agents.set(scope, [...(agents.get(scope) ?? []), row.uid as string]);
  }
  const names = new Map<string, string>();
  for (const row of db.all("SELECT scope, name FROM roles ORDER BY manager DESC, name DESC")) names.set(row.scope as string, row.name as string);
  const all = [...new Set([...entries.keys(), ...agents.keys(), ...names.keys()])].sort();
  return {
    revision: vault.state.revision,
    scopes: all.map((scope) => ({
      scope,
      entries: entries.get(scope) ?? 0,
      agents: agents.get(scope) ?? [],
      name: names.get(scope) ?? null,
    })),
  };
}

/** `GET /statement?for=`: what a manager can reach here, signed, verifiable later and offline. */
export function statementFor(vault: Vault, viewer: Agent, id: number): SignedStatement {
  // A manager may ask for itself; whether another id is a manager is none of its business.
  if (!isOwner(viewer) && viewer.id !== id) throw new ProtocolError("not_granted");
  const row = vault.db.get("SELECT * FROM agents WHERE id = ?", id);
  const manager = row === undefined ? null : agentFrom(row);
  if (manager === null || !isManager(manager) || manager.grant === null) throw new ProtocolError("no_such_agent");
  const now = vault.now();
  const managed = vault.db.all("SELECT * FROM agents WHERE managed_by = ? ORDER BY id", manager.uid);
  const statement: Statement = {
    agents: managed.map((found) => agentRow(agentFrom(found), now)),
    at: now,
    epoch: vault.state.epoch,
    grant: manager.grant,
    manager: manager.uid,
    revision: vault.state.revision,
    vault: vault.id,
    v: 1,
  };
  return { statement, signature: vault.sign("statement", statement) };
}

/** `GET /credentials`: the devices that sign for this row; an owner sees all, markers of revoked ones included. */
export function listCredentials(vault: Vault, viewer: Agent): CredentialList {
  const rows = isOwner(viewer)
    ? vault.db.all("SELECT * FROM credentials ORDER BY created_at, credential_id")
    : vault.db.all("SELECT * FROM credentials WHERE signs_for = ? ORDER BY created_at, credential_id", viewer.id);
  return {
    credentials: rows.map(credentialFrom).map((credential) => ({
      id: credential.credentialId,
      public_key: credential.publicKey,
      label: credential.label,
      person: credential.person,
      rp_id: credential.rpId,
      origin: credential.origin,
      signs_for: credential.signsFor,
      counts_from: credential.countsFrom,
      revoked: credential.revokedAt !== null,
    })),
  };
}
