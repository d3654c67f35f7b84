/** Storing what a reading brought: one statement per table and vault, never row by row. */
import type { Write } from "../db/tenant.ts";
import type { AgentRow, ScopeList, VaultInfo } from "../protocol/messages.ts";
import type { Directory } from "./directory.ts";
import { plainName } from "./directory.ts";

/** Columns of `reading` by their names in the database, as JSON gives them; absent ones stay as they are. */
export type Patch = Readonly<Record<string, string | number | null | readonly string[]>>;

/** Numbers of a vault go as far as JSON's; columns and calendars do not. What is beyond them is shown as their end. */
const yearEnd = 253_402_300_799;
const time = (seconds: number | null): string | null => (seconds === null ? null : new Date(Math.min(seconds, yearEnd) * 1_000).toISOString());
const count = (value: number | null): number | null => (value === null ? null : Math.min(value, 2_147_483_647));

/** What a primary says of itself. A backup's own word is only where it stands, and how far it has followed. */
export const infoPatch = (info: VaultInfo): Patch =>
  info.mode === "backup"
    ? { mode: "backup", replicated_revision: info.replicated?.revision ?? null, replicated_at: time(info.replicated?.at ?? null) }
    : {
        mode: "primary", epoch: info.epoch, epoch_revision: info.epoch_revision, revision: info.revision,
        replicated_revision: info.replicated?.revision ?? null, replicated_at: time(info.replicated?.at ?? null),
        tokens_used: count(info.limits.tokens.used), tokens_limit: count(info.limits.tokens.limit), devices_used: count(info.limits.devices.used), devices_limit: count(info.limits.devices.limit),
        expires_at: time(info.expires_at), paid_until: time(info.paid_until), features: info.features, kems: info.kems,
      };

export type Saved = { vaultRef: string; leaseUntil: Date; /** `next_read_at` when the read began: asked for again since, it stays. */ dueAt: Date; nextReadAt: Date; patch: Patch };

/**
 * Writes readings whose lease is still the one they were claimed under, and lets go of it. Several vaults of one tenant at once.
 * @returns the vaults that were written; of the others, somebody else knows more by now
 */
export async function saveReadings({ db, actor: { mspId } }: Write, readings: readonly Saved[]): Promise<Set<string>> {
  const given = readings.map(({ vaultRef, leaseUntil, dueAt, nextReadAt, patch }) => ({ vault_ref: vaultRef, lease: leaseUntil, due: dueAt, next: nextReadAt, patch }));
  const rows = await db.$queryRaw<{ vault_ref: string }[]>`
    update reading r set
        (read_at, health, health_since, words, mode, epoch, epoch_revision, revision, replicated_revision, replicated_at, tokens_used, tokens_limit, devices_used, devices_limit,
         expires_at, paid_until, features, kems, agents_etag, scopes_revision, failures, next_probe_at, probe_result, probe_at, probe_words, unproven_since)
      = (select n.read_at, n.health, n.health_since, n.words, n.mode, n.epoch, n.epoch_revision, n.revision, n.replicated_revision, n.replicated_at, n.tokens_used, n.tokens_limit, n.devices_used, n.devices_limit,
         n.expires_at, n.paid_until, n.features, n.kems, n.agents_etag, n.scopes_revision, n.failures, n.next_probe_at, n.probe_result, n.probe_at, n.probe_words, n.unproven_since
         from jsonb_populate_record(r, g.patch) n),
        next_read_at = case when r.next_read_at = g.due then g.next else r.next_read_at end, lease_until = null
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(vault_ref uuid, lease timestamptz, due timestamptz, next timestamptz, patch jsonb)
     where r.msp_id = ${mspId}::uuid and r.vault_ref = g.vault_ref and r.lease_until = g.lease
    returning r.vault_ref::text`;
  return new Set(rows.map((row) => row.vault_ref));
}

/** How many rows are of people here. A person set by hand stays; a seal outweighs it, a name only fills what is empty. */
export async function saveAgents({ db, actor: { mspId } }: Write, vaultRef: string, agents: readonly AgentRow[], { bySeal, byName }: Directory): Promise<void> {
  const given = agents.map((row) => ({
    uid: row.uid, agent_id: row.id, name: row.name, kind: row.kind, scopes: row.scopes, all_access: row.all_access, admin: row.admin, managed_by: row.managed_by,
    created_at: time(row.created_at), expires_at: time(row.expires_at), claim_by: time(row.claim_by), last_used_at: time(row.last_used_at), locked: row.locked, hand_over: row.hand_over,
    sealed_to: row.sealed_to, revision: row.revision,
    by_seal: row.sealed_to === null ? null : (bySeal.get(row.sealed_to) ?? null), by_name: row.admin ? null : (byName.get(plainName(row.name)) ?? null),
  }));
  await db.$executeRaw`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(uid text, agent_id integer, name text, kind text, scopes text, all_access boolean, admin boolean, managed_by text,
        created_at timestamptz, expires_at timestamptz, claim_by timestamptz, last_used_at timestamptz, locked boolean, hand_over text, sealed_to text, revision bigint, by_seal uuid, by_name uuid)
    ), gone as (
      delete from known_agent k where k.msp_id = ${mspId}::uuid and k.vault_ref = ${vaultRef}::uuid and not exists (select 1 from given g where g.uid = k.uid)
    )
    insert into known_agent as k (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, claim_by, last_used_at, locked, hand_over, sealed_to, revision, person_id)
    select ${mspId}::uuid, ${vaultRef}::uuid, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, claim_by, last_used_at, locked, hand_over, sealed_to, revision, coalesce(by_seal, by_name) from given
    on conflict (msp_id, vault_ref, uid) do update set
      agent_id = excluded.agent_id, name = excluded.name, kind = excluded.kind, scopes = excluded.scopes, all_access = excluded.all_access, admin = excluded.admin, managed_by = excluded.managed_by,
      created_at = excluded.created_at, expires_at = excluded.expires_at, claim_by = excluded.claim_by, last_used_at = excluded.last_used_at, locked = excluded.locked, hand_over = excluded.hand_over,
      sealed_to = excluded.sealed_to, revision = excluded.revision,
      person_id = case when (select g.by_seal from given g where g.uid = excluded.uid) is not null then excluded.person_id else coalesce(k.person_id, excluded.person_id) end
    where (k.revision, k.locked, k.name, k.scopes, k.person_id) is distinct from (excluded.revision, excluded.locked, excluded.name, excluded.scopes, excluded.person_id)
       or (k.last_used_at, k.expires_at, k.managed_by, k.sealed_to, k.hand_over) is distinct from (excluded.last_used_at, excluded.expires_at, excluded.managed_by, excluded.sealed_to, excluded.hand_over)`;
}

export async function saveScopes({ db, actor: { mspId } }: Write, vaultRef: string, { scopes }: ScopeList): Promise<void> {
  const given = scopes.map(({ scope, entries, name }) => ({ scope, entries: count(entries), name }));
  await db.$executeRaw`
    with given as (select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(scope text, entries integer, name text)),
    gone as (delete from known_scope k where k.msp_id = ${mspId}::uuid and k.vault_ref = ${vaultRef}::uuid and not exists (select 1 from given g where g.scope = k.scope))
    insert into known_scope as k (msp_id, vault_ref, scope, entries, name) select ${mspId}::uuid, ${vaultRef}::uuid, scope, entries, name from given
    on conflict (msp_id, vault_ref, scope) do update set entries = excluded.entries, name = excluded.name where (k.entries, k.name) is distinct from (excluded.entries, excluded.name)`;
}

export type Probing = { at: Date; result: string; words: string | null };

/** A probe's row for the strip of the last days; older ones go (limits.probesKeptDays). */
export async function saveProbe({ db, actor: { mspId } }: Write, vaultRef: string, { at, result, words }: Probing, keptDays: number): Promise<void> {
  await db.$executeRaw`
    with old as (delete from probe where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and at < ${new Date(at.getTime() - keptDays * 86_400_000)})
    insert into probe (msp_id, vault_ref, at, result, words) values (${mspId}::uuid, ${vaultRef}::uuid, ${at}, ${result}, ${words}) on conflict do nothing`;
}

/** Open pages follow on the channel `known`: which vault of which tenant, nothing of what it says. Sent when the transaction commits. */
export async function tellKnown({ db, actor: { mspId } }: Write, vaultRef: string): Promise<void> {
  await db.$executeRaw`select pg_notify('known', ${JSON.stringify({ msp_id: mspId, vault_ref: vaultRef })})`;
}
