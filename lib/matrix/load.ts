/**
 * Facts out of the database: what the vaults were last read to hold, joined with people and the dictionary of roles. One vault is
 * one row. A vault's rows of ours come as one text, since a hundred thousand small rows cost more than they say.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { lengthsIn, longestOf } from "../role/lengths.ts";
import { emptyCells, flag, FULL, HELD, healths, isHeld, maxRoles, progresses, unusedStep, type Facts, type Health, type Person, type Progress, type Row } from "./facts.ts";

type VaultRow = {
  vault_ref: string; client_id: string; name: string; region: string; aliases: string[]; tags: string[]; plan: string; vault_name: string | null; state: string; manager_uid: string | null; granted: unknown;
  health: string | null; read_at: Date | null; tokens_used: number | null; tokens_limit: number | null;
};
type PersonRow = { person_id: string; name: string; pod_id: string | null; tags: string[] | null; leave_until: Date | null; away: boolean; frozen: boolean; endorsed: boolean; waiting: boolean };
type AgentRow = { person: string; ours: boolean; scopes: string; full: boolean; end: number; claim: boolean; used: number; created: number; locked: boolean };
type DriftRow = { vault_ref: string; uid: string; kind: string; name: string | null; scopes: string | null; full: boolean | null };

/** What a released change is doing in a cell; lib/dispatch knows, and hands it in. */
export type CellProgress = { readonly vaultRef: string; readonly personId: string; readonly progress: Exclude<Progress, ""> };
export type LoadOptions = { readonly vaultRefs?: readonly string[]; readonly progress?: readonly CellProgress[] };

const keyOf = (vaultRef: string, bytes: number): string => Buffer.from(vaultRef.replaceAll("-", ""), "hex").subarray(16 - bytes).toString("base64url");

/** Short keys of vaults, as short as tells all of them apart. The same vaults always give the same keys. */
export function keysOf(vaultRefs: readonly string[]): Map<string, string> {
  const short = new Map(vaultRefs.map((ref) => [ref, keyOf(ref, 8)]));
  return new Set(short.values()).size === vaultRefs.length ? short : new Map(vaultRefs.map((ref) => [ref, keyOf(ref, 16)]));
}

/** Every vault that has a row in the matrix, in a fixed order. */
const vaultRefsOf = ({ db, actor }: Read): Promise<{ vault_ref: string }[]> =>
  db.$queryRaw<{ vault_ref: string }[]>`select vault_ref from vault where msp_id = ${actor.mspId}::uuid and state in ('unconfirmed', 'connected', 'stopped') order by vault_ref`;

/** The key of each vault that has a row, and which vault each key names. */
export const keysIn = async (tx: Read): Promise<Map<string, string>> => keysOf((await vaultRefsOf(tx)).map((row) => row.vault_ref));
export const vaultsByKey = async (tx: Read): Promise<Map<string, string>> => new Map([...(await keysIn(tx))].map(([ref, key]) => [key, ref]));

async function peopleOf({ db, actor }: Read): Promise<PersonRow[]> {
  return db.$queryRaw<PersonRow[]>`
    select p.person_id, p.name, t.pod_id, t.tags, t.leave_until, coalesce(t.leave_from <= current_date and (t.leave_until is null or t.leave_until >= current_date), false) as away, p.frozen_at is not null as frozen,
           exists (select from inbox_key k join endorsed_key e using (msp_id, inbox_key_id) join endorsement s using (msp_id, endorsement_id) join signing_key g on g.msp_id = s.msp_id and g.credential_id = s.credential_id
                    where k.msp_id = p.msp_id and k.person_id = p.person_id and k.replaced_at is null and k.not_after > now() and g.removed_at is null) as endorsed,
           exists (select from inbox_key k where k.msp_id = p.msp_id and k.person_id = p.person_id and k.replaced_at is null and k.not_after > now()) as waiting
      from person p left join technician t using (msp_id, person_id) left join pod o on o.msp_id = t.msp_id and o.pod_id = t.pod_id
     where p.msp_id = ${actor.mspId}::uuid and ('technician' = any (p.rights) or exists (select from known_agent a where a.msp_id = p.msp_id and a.person_id = p.person_id))
     order by o.position nulls last, o.name, p.name, p.person_id`;
}

/** One vault's rows as a text: a line per row, its fields between bars. No field can hold a bar or a line end. */
const agentLine = (line: string): AgentRow => {
  const [person, ours, scopes, full, end, claim, used, created, locked] = line.split("|") as [string, string, string, string, string, string, string, string, string];
  return { person, ours: ours === "1", scopes, full: full === "1", end: Number(end), claim: claim === "1", used: Number(used), created: Number(created), locked: locked === "1" };
};

type Dictionary = { bits: Map<string, number>; numbered: number };

/** `granted` as lib/protocol/messages.ts has it; what is missing counts as the narrowest. */
function grantOf(granted: unknown): { scopes: readonly string[] | "any"; full: Row["fullAccess"]; people: number | null } {
  const { scopes, all_access: full, max_agents: people } = (granted ?? {}) as { scopes?: readonly string[] | "any"; all_access?: Row["fullAccess"]; max_agents?: number };
  return { scopes: scopes ?? [], full: full ?? "never", people: people ?? null };
}

function healthOf({ state, health }: VaultRow): Health {
  if (state === "stopped" || health === "ended") return "stopped";
  if (state === "unconfirmed") return "unconfirmed";
  return healths.find((one) => one === health) ?? "unread";
}

/**
 * The matrix as it is known now. With `vaultRefs` only these rows (of what moved), with all people.
 * Rows come by client, columns by pod. Throws Refusal `forbidden`.
 */
export async function loadFacts(actor: Actor, { vaultRefs, progress = [] }: LoadOptions = {}, clock: Clock = systemClock, db: Database = database()): Promise<Facts> {
  authorize(actor, "matrix.read");
  return read(actor, (tx) => factsIn(tx, { ...(vaultRefs && { vaultRefs }), progress }, clock), db);
}

export async function factsIn(tx: Read, { vaultRefs, progress = [] }: LoadOptions, clock: Clock): Promise<Facts> {
  const { db, actor } = tx;
  const only = vaultRefs ? [...vaultRefs] : null;
  const allRefs = await vaultRefsOf(tx);
  const keys = keysOf(allRefs.map((row) => row.vault_ref));
  const lengths = await lengthsIn(tx);
  const roles = (await db.$queryRaw<{ role_id: string; name: string; letter: string }[]>`
    select role_id, name, letter from role where msp_id = ${actor.mspId}::uuid and retired_at is null order by position, name limit ${maxRoles}`).map(({ role_id: id, name, letter }) => ({ id, name, letter, longest: lengths.roles.get(id) ?? null }));
  const pods = await db.$queryRaw<{ id: string; name: string }[]>`select pod_id as id, name from pod where msp_id = ${actor.mspId}::uuid order by position, name`;
  const people = await peopleOf(tx);
  const vaults = await db.$queryRaw<VaultRow[]>`
    select v.vault_ref, v.client_id, c.name, c.region, c.aliases, c.tags, c.plan, v.vault_name, v.state, v.manager_uid, v.granted, r.health, r.read_at, r.tokens_used, r.tokens_limit
      from vault v join client c using (msp_id, client_id) left join reading r using (msp_id, vault_ref)
     where v.msp_id = ${actor.mspId}::uuid and v.state in ('unconfirmed', 'connected', 'stopped') and (${only}::uuid[] is null or v.vault_ref = any (${only}::uuid[]))
     order by lower(c.name), c.client_id, v.created_at, v.vault_ref`;
  const scopes = await db.$queryRaw<{ vault_ref: string; map: string }[]>`
    select vault_ref, string_agg(scope || role_id::text, ',') as map from role_scope where msp_id = ${actor.mspId}::uuid and (${only}::uuid[] is null or vault_ref = any (${only}::uuid[])) group by vault_ref`;
  const agents = await db.$queryRaw<{ vault_ref: string; lines: string }[]>`
    select a.vault_ref, string_agg(concat_ws('|', coalesce(a.person_id::text, ''), (a.managed_by = v.manager_uid)::int::text, a.scopes, a.all_access::int::text, coalesce(ceil(extract(epoch from a.expires_at) / 60), 0)::bigint::text,
             (a.last_used_at is null and a.hand_over = 'sealed')::int::text, coalesce(extract(epoch from a.last_used_at), 0)::bigint::text, extract(epoch from a.created_at)::bigint::text, a.locked::int::text), E'\n') as lines
      from known_agent a join vault v using (msp_id, vault_ref)
     where a.msp_id = ${actor.mspId}::uuid and not a.admin and a.uid is distinct from v.manager_uid and (${only}::uuid[] is null or a.vault_ref = any (${only}::uuid[]))
     group by a.vault_ref`;
  const drifts = await db.$queryRaw<DriftRow[]>`
    select d.vault_ref, d.uid, d.kind, d.before->>'name' as name, d.before->>'scopes' as scopes, (d.before->>'all_access')::boolean as full
      from drift d where d.msp_id = ${actor.mspId}::uuid and d.settled_at is null and (${only}::uuid[] is null or d.vault_ref = any (${only}::uuid[]))`;
  const drifted = new Map((drifts.length === 0 ? [] : await db.$queryRaw<{ vault_ref: string; uid: string; person_id: string | null }[]>`
    select vault_ref, uid, person_id from known_agent where msp_id = ${actor.mspId}::uuid and uid = any (${drifts.map((one) => one.uid)})`).map((one) => [`${one.vault_ref} ${one.uid}`, one.person_id]));

  const at = clock.now().getTime();
  const width = people.length;
  const columns = new Map(people.map((person, column) => [person.person_id, column]));
  const names = new Map(people.map((person, column) => [person.name.normalize("NFC"), column]));
  const rowAt = new Map(vaults.map((vault, row) => [vault.vault_ref, row]));
  const bitOf = new Map(roles.map((role, bit) => [role.id, 1 << bit]));
  const dictionaries = new Map(scopes.map(({ vault_ref: ref, map }) => {
    const bits = new Map<string, number>();
    let numbered = 0;
    for (const entry of map.split(",")) {
      const bit = bitOf.get(entry.slice(4)) ?? 0;
      if (bit === 0) continue;
      bits.set(entry.slice(0, 4), bit);
      numbered |= bit;
    }
    return [ref, { bits, numbered } satisfies Dictionary];
  }));
  const none: Dictionary = { bits: new Map(), numbered: 0 };
  const cells = emptyCells(vaults.length * width);
  const own = new Uint32Array(vaults.length);
  const loose = new Uint32Array(vaults.length);
  const managed = new Uint32Array(vaults.length);

  const accessIn = (dictionary: Dictionary, list: string, full: boolean): { access: number; unmapped: boolean } => {
    let access = full ? FULL : 0;
    let unmapped = false;
    for (const scope of list === "" ? [] : list.split(",")) {
      const bit = dictionary.bits.get(scope);
      if (bit === undefined) unmapped = true;
      else access |= bit;
    }
    return { access: (access | HELD) >>> 0, unmapped };
  };

  for (const { vault_ref: ref, lines } of agents) {
    const row = rowAt.get(ref);
    if (row === undefined) continue;
    const dictionary = dictionaries.get(ref) ?? none;
    // Rows of ours first, and of those the one that stays longest: the other is the lease beside it.
    const rows = lines.split("\n").map(agentLine).sort((a, b) => Number(b.ours) - Number(a.ours) || (b.end || Infinity) - (a.end || Infinity) || a.created - b.created);
    for (const agent of rows) {
      const column = columns.get(agent.person);
      if (agent.ours) managed[row]! += 1;
      else own[row]! += 1;
      if (column === undefined) {
        if (agent.ours) loose[row]! += 1;
        continue;
      }
      const cell = row * width + column;
      const { access, unmapped } = accessIn(dictionary, agent.scopes, agent.full);
      if (isHeld(cells.access[cell]!)) {
        // A second row of ours; what the client made beside ours counts in the row's own, and is seen in the inspector.
        if (!agent.ours) continue;
        const before = cells.leases.get(cell);
        const end = agent.end || cells.end[cell]!;
        cells.leases.set(cell, { access: (access | (before?.access ?? 0)) >>> 0, end: before ? Math.min(before.end, end) : end });
        cells.flags[cell]! |= flag.leased;
        continue;
      }
      const since = agent.used || agent.created;
      cells.access[cell] = access;
      cells.end[cell] = agent.end;
      cells.unused[cell] = unusedStep(Math.max(0, (at / 1000 - since) / 86_400));
      cells.flags[cell] = (agent.claim ? flag.unclaimed : 0) | (agent.used === 0 ? flag.neverUsed : 0) | (agent.ours ? 0 : flag.own) | (unmapped ? flag.unmapped : 0) | (agent.locked ? flag.locked : 0);
    }
  }
  for (const drift of drifts) {
    const row = rowAt.get(drift.vault_ref);
    const person = drifted.get(`${drift.vault_ref} ${drift.uid}`);
    const column = person ? columns.get(person) : drift.name === null ? undefined : names.get(drift.name.normalize("NFC"));
    if (row === undefined || column === undefined) continue;
    const cell = row * width + column;
    cells.flags[cell]! |= flag.drift;
    if (drift.kind === "removed" && !isHeld(cells.access[cell]!)) {
      const { access, unmapped } = accessIn(dictionaries.get(drift.vault_ref) ?? none, drift.scopes ?? "", drift.full ?? false);
      cells.access[cell] = access;
      cells.flags[cell]! |= flag.gone | (unmapped ? flag.unmapped : 0);
    }
  }
  for (const { vaultRef, personId, progress: now } of progress) {
    const [row, column] = [rowAt.get(vaultRef), columns.get(personId)];
    if (row !== undefined && column !== undefined) cells.progress[row * width + column] = progresses.indexOf(now);
  }

  const shared = new Map<string, Set<string>>();
  const perClient = new Map<string, number>();
  const clients = new Map<string, number>();
  for (const vault of vaults) {
    const key = vault.name.normalize("NFC");
    shared.set(key, (shared.get(key) ?? new Set()).add(vault.client_id));
    perClient.set(vault.client_id, (perClient.get(vault.client_id) ?? 0) + 1);
    if (!clients.has(vault.client_id)) clients.set(vault.client_id, clients.size);
  }
  const podAt = new Map(pods.map((pod, place) => [pod.id, place]));
  return {
    at, fullLongest: lengths.fullHours, roles, pods,
    people: people.map((person): Person => ({
      id: person.person_id, name: person.name, pod: person.pod_id === null ? -1 : (podAt.get(person.pod_id) ?? -1), tags: person.tags ?? [], inbox: person.endorsed ? "endorsed" : person.waiting ? "waiting" : "none",
      leave: person.away ? (person.leave_until?.toISOString().slice(0, 10) ?? "") : null, frozen: person.frozen,
    })),
    rows: vaults.map((vault, row): Row => {
      const dictionary = dictionaries.get(vault.vault_ref) ?? none;
      const grant = grantOf(vault.granted);
      let granted = 0;
      for (const [scope, bit] of dictionary.bits) if (grant.scopes === "any" || grant.scopes.includes(scope)) granted |= bit;
      const twins = shared.get(vault.name.normalize("NFC"))!.size > 1;
      return {
        key: keys.get(vault.vault_ref)!, client: clients.get(vault.client_id)!, name: vault.name, place: twins ? vault.region || vault.aliases[0] || vault.client_id.slice(-4) : "",
        vault: perClient.get(vault.client_id)! > 1 ? (vault.vault_name ?? "vault") : "", aliases: vault.aliases, tags: vault.tags, plan: vault.plan, health: healthOf(vault),
        age: vault.read_at ? Math.max(0, Math.floor((at - vault.read_at.getTime()) / 60_000)) : null, tokensUsed: vault.tokens_used ?? managed[row]! + own[row]!, tokensLimit: vault.tokens_limit,
        own: own[row]!, loose: loose[row]!, numbered: dictionary.numbered, granted, fullAccess: grant.full, grantFree: grant.people === null ? null : grant.people - managed[row]!,
        longest: longestOf(lengths, { full: false, roles: [], tags: vault.tags })?.hours ?? null,
      };
    }),
    cells,
  };
}
