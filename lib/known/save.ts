/**
 * Storing what readings brought: one statement per table for many vaults of one tenant, never row by row. Rows that did not change
 * are not written; what is gone is handed back, for who it was.
 */
import type { Write } from "../db/tenant.ts";
import type { AgentRow, ScopeList, VaultInfo } from "../protocol/messages.ts";
import { plainName, type Directory } from "./directory.ts";
import { isOurs, type Earlier } from "./drift.ts";

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
 * Writes readings whose lease is still the one they were claimed under, and lets go of it.
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

/** Readings with nothing new but their age: the same, for the columns that move each minute. */
export async function saveAges({ db, actor: { mspId } }: Write, readings: readonly Saved[]): Promise<void> {
  await db.$executeRaw`
    update reading r set read_at = coalesce(g.read, r.read_at), failures = 0, next_read_at = case when r.next_read_at = g.due then g.next else r.next_read_at end, lease_until = null
      from unnest(${readings.map(({ vaultRef }) => vaultRef)}::uuid[], ${readings.map(({ leaseUntil }) => leaseUntil)}::timestamptz[], ${readings.map(({ dueAt }) => dueAt)}::timestamptz[],
                  ${readings.map(({ nextReadAt }) => nextReadAt)}::timestamptz[], ${readings.map(({ patch }) => (patch["read_at"] as string | undefined) ?? null)}::timestamptz[]) as g(vault_ref, lease, due, next, read)
     where r.msp_id = ${mspId}::uuid and r.vault_ref = g.vault_ref and r.lease_until = g.lease`;
}

export type Rows = { vaultRef: string; managerUid: string | null; agents: readonly AgentRow[] };

/**
 * Whose a row is, as far as it says so itself: a seal outweighs what was set by hand, a name only fills what is empty. A client's own
 * row belongs to nobody here by its name alone: the client names it, and may have a person of the same name.
 */
export const personOf = (row: AgentRow, { bySeal, byName }: Directory, managerUid: string | null): { bySeal: string | null; byName: string | null } => ({
  bySeal: row.sealed_to === null ? null : (bySeal.get(row.sealed_to) ?? null), byName: managerUid !== null && isOurs(row, managerUid) ? (byName.get(plainName(row.name)) ?? null) : null,
});

/** All rows of these vaults as they are now. @returns those that are no more, by vault */
export async function saveAgents({ db, actor: { mspId } }: Write, vaults: readonly Rows[], directory: Directory): Promise<Map<string, Earlier[]>> {
  const given = vaults.flatMap(({ vaultRef, managerUid, agents }) => agents.map((row) => {
    const person = personOf(row, directory, managerUid);
    return {
      v: vaultRef, uid: row.uid, id: row.id, name: row.name, kind: row.kind, scopes: row.scopes, full: row.all_access, admin: row.admin, by: row.managed_by, made: time(row.created_at), ends: time(row.expires_at),
      claim: time(row.claim_by), used: time(row.last_used_at), locked: row.locked, hand: row.hand_over, seal: row.sealed_to, rev: row.revision, p_seal: person.bySeal, p_name: person.byName,
    };
  }));
  const text = JSON.stringify(given);
  const gone = await db.$queryRaw<{ vault_ref: string; uid: string; name: string; claim_by: Date | null; last_used_at: Date | null }[]>`
    delete from known_agent k where k.msp_id = ${mspId}::uuid and k.vault_ref = any(${vaults.map(({ vaultRef }) => vaultRef)}::uuid[])
       and (k.vault_ref, k.uid) not in (select g.v, g.uid from jsonb_to_recordset(${text}::jsonb) as g(v uuid, uid text))
    returning k.vault_ref::text, k.uid, k.name, k.claim_by, k.last_used_at`;
  await db.$executeRaw`
    with given as (
      select g.*, coalesce(g.p_seal, k.person_id, g.p_name) as person from jsonb_to_recordset(${text}::jsonb) as g(v uuid, uid text, id integer, name text, kind text, scopes text, "full" boolean, admin boolean, by text,
          made timestamptz(3), ends timestamptz(3), claim timestamptz(3), used timestamptz(3), locked boolean, hand text, seal text, rev bigint, p_seal uuid, p_name uuid)
        left join known_agent k on k.msp_id = ${mspId}::uuid and k.vault_ref = g.v and k.uid = g.uid
       where k.uid is null
          or (k.agent_id, k.name, k.kind, k.scopes, k.all_access, k.admin, k.managed_by, k.created_at, k.expires_at, k.claim_by, k.last_used_at, k.locked, k.hand_over, k.sealed_to, k.revision, k.person_id)
             is distinct from (g.id, g.name, g.kind, g.scopes, g."full", g.admin, g.by, g.made, g.ends, g.claim, g.used, g.locked, g.hand, g.seal, g.rev, coalesce(g.p_seal, k.person_id, g.p_name))
    )
    insert into known_agent (msp_id, vault_ref, uid, agent_id, name, kind, scopes, all_access, admin, managed_by, created_at, expires_at, claim_by, last_used_at, locked, hand_over, sealed_to, revision, person_id)
    select ${mspId}::uuid, v, uid, id, name, kind, scopes, "full", admin, by, made, ends, claim, used, locked, hand, seal, rev, person from given
    on conflict (msp_id, vault_ref, uid) do update set
      agent_id = excluded.agent_id, name = excluded.name, kind = excluded.kind, scopes = excluded.scopes, all_access = excluded.all_access, admin = excluded.admin, managed_by = excluded.managed_by,
      created_at = excluded.created_at, expires_at = excluded.expires_at, claim_by = excluded.claim_by, last_used_at = excluded.last_used_at, locked = excluded.locked, hand_over = excluded.hand_over,
      sealed_to = excluded.sealed_to, revision = excluded.revision, person_id = excluded.person_id`;
  const seconds = (at: Date | null) => (at === null ? null : Math.floor(at.getTime() / 1_000));
  const byVault = Map.groupBy(gone, (row) => row.vault_ref);
  return new Map([...byVault].map(([ref, rows]) => [ref, rows.map(({ uid, name, claim_by, last_used_at }) => ({ uid, name, claim_by: seconds(claim_by), last_used_at: seconds(last_used_at) }))]));
}

export async function saveScopes({ db, actor: { mspId } }: Write, vaults: readonly { vaultRef: string; scopes: ScopeList }[]): Promise<void> {
  const given = vaults.flatMap(({ vaultRef, scopes }) => scopes.scopes.map(({ scope, entries, name }) => ({ v: vaultRef, scope, entries: count(entries), name })));
  await db.$executeRaw`
    with given as (select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g(v uuid, scope text, entries integer, name text)),
    gone as (delete from known_scope k where k.msp_id = ${mspId}::uuid and k.vault_ref = any(${vaults.map(({ vaultRef }) => vaultRef)}::uuid[]) and (k.vault_ref, k.scope) not in (select g.v, g.scope from given g))
    insert into known_scope as k (msp_id, vault_ref, scope, entries, name) select ${mspId}::uuid, v, scope, entries, name from given
    on conflict (msp_id, vault_ref, scope) do update set entries = excluded.entries, name = excluded.name where (k.entries, k.name) is distinct from (excluded.entries, excluded.name)`;
}

/**
 * What is agreed of rows that nobody had seen yet (wanted_agent.name, sealed) is how they are seen first; a token that we have renewed
 * since is its person's alone from then on.
 */
export async function agreeUnseen({ db, actor: { mspId } }: Write, vaultRefs: readonly string[], managers: readonly string[]): Promise<void> {
  await db.$executeRaw`
    update wanted_agent w set name = coalesce(w.name, k.name), sealed = k.hand_over = 'sealed' or coalesce(w.sealed, false)
      from known_agent k join unnest(${[...vaultRefs]}::uuid[], ${[...managers]}::text[]) as a(vault_ref, manager) on a.vault_ref = k.vault_ref
     where w.msp_id = ${mspId}::uuid and k.msp_id = w.msp_id and k.vault_ref = w.vault_ref and k.uid = w.uid and k.managed_by = a.manager and not k.admin
       and (w.name is null or w.sealed is null or (not w.sealed and k.hand_over = 'sealed'))`;
}

/**
 * The vaults of these in which something may differ from what is wanted, or did: everything else needs no closer look. Ours is a
 * row that the vault's manager manages (drift.ts, isOurs).
 */
export async function maybeDrifted({ db, actor: { mspId } }: Write, vaultRefs: readonly string[], managers: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ vault_ref: string }[]>`
    with asked as (select * from unnest(${[...vaultRefs]}::uuid[], ${[...managers]}::text[]) as a(vault_ref, manager)),
    ours as (select k.vault_ref, k.uid, k.scopes, k.all_access, k.expires_at from known_agent k join asked a on a.vault_ref = k.vault_ref where k.msp_id = ${mspId}::uuid and k.managed_by = a.manager and not k.admin),
    wish as (select w.vault_ref, w.uid, w.scopes, w.all_access, w.expires_at from wanted_agent w join asked a on a.vault_ref = w.vault_ref where w.msp_id = ${mspId}::uuid)
    select vault_ref::text from ((table ours except table wish) union all (table wish except table ours)) different
    union select w.vault_ref::text from wanted_agent w join asked a on a.vault_ref = w.vault_ref join known_agent k on k.msp_id = w.msp_id and k.vault_ref = w.vault_ref and k.uid = w.uid
           where w.msp_id = ${mspId}::uuid and (w.name <> k.name or (w.sealed and k.hand_over <> 'sealed'))
    union select d.vault_ref::text from drift d join asked a on a.vault_ref = d.vault_ref where d.msp_id = ${mspId}::uuid and d.settled_at is null`;
  return new Set(rows.map((row) => row.vault_ref));
}

export type Probing = { vaultRef: string; at: Date; result: string; words: string | null };

/** Probes' rows for the strip of the last days; older ones of these vaults go (limits.probesKeptDays). */
export async function saveProbes({ db, actor: { mspId } }: Write, probes: readonly Probing[], keptDays: number): Promise<void> {
  await db.$executeRaw`
    with given as (select * from jsonb_to_recordset(${JSON.stringify(probes.map(({ vaultRef, ...rest }) => ({ v: vaultRef, ...rest })))}::jsonb) as g(v uuid, at timestamptz, result text, words text)),
    old as (delete from probe p using given g where p.msp_id = ${mspId}::uuid and p.vault_ref = g.v and p.at < g.at - make_interval(days => ${keptDays}::int))
    insert into probe (msp_id, vault_ref, at, result, words) select ${mspId}::uuid, v, at, result, words from given on conflict do nothing`;
}

/** Open pages follow on the channel `known`: which vault of which tenant, nothing of what it says. Sent when the transaction commits. */
export async function tellKnown({ db, actor: { mspId } }: Write, vaultRefs: readonly string[]): Promise<void> {
  await db.$executeRaw`select pg_notify('known', json_build_object('msp_id', ${mspId}::text, 'vault_ref', ref)::text) from unnest(${[...vaultRefs]}::text[]) as ref`;
}
