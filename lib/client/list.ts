/** Every client of an MSP in a line each, with what its vaults last said. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { conditionKind, worstOf, type ConditionKind, type Health, type VaultState } from "./condition.ts";
import { nextStep, type AskedState, type NextStep } from "./next-step.ts";
import type { ProbeResult, ProbeState } from "./probe-words.ts";

/** A client's vaults folded into one word, the least finished first; `leaving` and `ended` are the client's own. */
export type ClientState = "new" | "asking" | "unconfirmed" | "stopped" | "connected" | "leaving" | "ended";

/** Times in epoch milliseconds. `place`: what tells it from another client of the same name, never cut. Tokens: of the fullest vault. */
export type ClientLine = {
  readonly id: string; readonly name: string; readonly place: string | null; readonly aliases: readonly string[]; readonly tags: readonly string[]; readonly region: string; readonly plan: string; readonly payer: "msp" | "client";
  readonly state: ClientState; readonly step: NextStep | null; readonly vaults: number; readonly vaultIds: readonly string[];
  readonly condition: ConditionKind; readonly tokens: { readonly used: number; readonly limit: number | null } | null;
  readonly probe: ProbeState; readonly people: number; readonly drift: number; readonly readAt: number | null;
};

/** `more`: there are clients beyond limits.clientsListed, which are not in `lines`. */
export type ClientList = { readonly lines: readonly ClientLine[]; readonly more: boolean };

type VaultFacts = {
  state: VaultState; vaultId: string | null; health: Health | null; readAt: number | null; used: number | null; limit: number | null; drift: number;
  probe: ProbeResult | null; probeAt: number | null; probeWords: string | null; unprovenSince: number | null;
  asked: AskedState | null;
};
type Row = { client_id: string; name: string; aliases: string[]; tags: string[]; region: string; plan: string; payer: "msp" | "client"; leaving: boolean; ended: boolean; people: number; namesakes: number; vaults: VaultFacts[] };

const order = ["stopped", "unconfirmed", "connected", "asking", "ended"] as const;

/** Pure. The state that a person has to know first; a client whose other vault is being asked is connected all the same. */
export function foldState(states: readonly VaultState[], { leaving, ended }: { leaving: boolean; ended: boolean }): ClientState {
  if (ended) return "ended";
  if (leaving) return "leaving";
  return order.find((state) => states.includes(state)) ?? "new";
}

const probeRank = (probe: ProbeResult | null) => (probe === "not_blind" ? 3 : probe === "unproven" ? 2 : probe === "blind" ? 1 : 0);

/** Pure. One line of what the tables hold. What has ended says nothing about today. */
export function lineOf(row: Row, now: number): ClientLine {
  const alive = row.vaults.filter(({ state }) => state !== "ended");
  const shown = alive.length > 0 ? alive : row.vaults;
  const state = foldState(row.vaults.map((vault) => vault.state), row);
  const counted = alive.filter((vault) => vault.used !== null).toSorted((a, b) => (b.limit === null ? 0 : b.used! / b.limit) - (a.limit === null ? 0 : a.used! / a.limit))[0];
  const probed = alive.toSorted((a, b) => probeRank(b.probe) - probeRank(a.probe))[0];
  const reads = alive.flatMap(({ readAt }) => (readAt === null ? [] : [readAt]));
  const unfinished = alive.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state)).find((vault) => vault.state !== "connected");
  return {
    id: row.client_id, name: row.name, place: row.aliases[0] ?? (row.namesakes > 1 ? row.region || shown[0]?.vaultId || null : null), aliases: row.aliases, tags: row.tags, region: row.region, plan: row.plan, payer: row.payer,
    state, step: state === "leaving" || state === "ended" ? null : nextStep(unfinished?.state ?? (state === "new" ? "new" : "connected"), unfinished?.asked ?? null, now),
    vaults: shown.length, vaultIds: shown.flatMap(({ vaultId }) => vaultId ?? []),
    condition: worstOf(shown.map(conditionKind)), tokens: counted ? { used: counted.used!, limit: counted.limit } : null,
    probe: { result: probed?.probe ?? null, at: probed?.probeAt ?? null, words: probed?.probeWords ?? null, unprovenSince: probed?.unprovenSince ?? null },
    people: row.people, drift: alive.reduce((sum, vault) => sum + vault.drift, 0), readAt: reads.length > 0 ? Math.min(...reads) : null,
  };
}

/** Everybody's line, by name. Throws Refusal `forbidden`, `database_unavailable`. */
export async function listClients(actor: Actor, now: number = Date.now(), db: Database = database()): Promise<ClientList> {
  authorize(actor, "client.read");
  const { mspId } = actor;
  const rows = await read(actor, (tx) => tx.db.$queryRaw<Row[]>`
    with open_drift as (
      select vault_ref, count(*)::int as open from drift where msp_id = ${mspId}::uuid and settled_at is null group by vault_ref
    ), holders as (
      select v.client_id, count(distinct coalesce(k.person_id::text, k.uid))::int as people
        from vault v join known_agent k on k.msp_id = v.msp_id and k.vault_ref = v.vault_ref and k.managed_by = v.manager_uid and k.uid <> v.manager_uid
       where v.msp_id = ${mspId}::uuid and v.state <> 'ended' group by v.client_id
    ), newest as (
      select distinct on (vault_ref) vault_ref, jsonb_build_object(
               'expiresAt', floor(extract(epoch from expires_at) * 1000), 'cancelledAt', floor(extract(epoch from cancelled_at) * 1000),
               'repliedAt', floor(extract(epoch from replied_at) * 1000), 'refusedAt', floor(extract(epoch from refused_at) * 1000)) as asked
        from connect_request where msp_id = ${mspId}::uuid order by vault_ref, created_at desc
    ), vaults as (
      select v.client_id, jsonb_agg(jsonb_build_object(
               'state', v.state, 'vaultId', v.vault_id, 'health', r.health, 'readAt', floor(extract(epoch from r.read_at) * 1000), 'used', r.tokens_used, 'limit', r.tokens_limit,
               'probe', r.probe_result, 'probeAt', floor(extract(epoch from r.probe_at) * 1000), 'probeWords', r.probe_words, 'unprovenSince', floor(extract(epoch from r.unproven_since) * 1000),
               'drift', coalesce(d.open, 0), 'asked', n.asked) order by v.created_at) as vaults
        from vault v
        left join reading r on r.msp_id = v.msp_id and r.vault_ref = v.vault_ref
        left join open_drift d on d.vault_ref = v.vault_ref
        left join newest n on n.vault_ref = v.vault_ref
       where v.msp_id = ${mspId}::uuid group by v.client_id
    )
    select c.client_id::text, c.name, c.aliases, c.tags, c.region, c.plan, c.payer, c.exit_started_at is not null as leaving, c.ended_at is not null as ended,
           coalesce(h.people, 0) as people, count(*) over (partition by lower(c.name))::int as namesakes, coalesce(v.vaults, '[]'::jsonb) as vaults
      from client c left join vaults v using (client_id) left join holders h using (client_id)
     where c.msp_id = ${mspId}::uuid
     order by c.name, c.client_id limit ${limits.clientsListed + 1}`, db);
  return { lines: rows.slice(0, limits.clientsListed).map((row) => lineOf(row, now)), more: rows.length > limits.clientsListed };
}
