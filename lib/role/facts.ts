/** What the vaults last said about numbers, for the check and the suggestions. Facts of stopped and unconfirmed vaults included. */
import type { Read } from "../db/tenant.ts";
import type { Numbered, VaultFacts } from "./check.ts";
import { placed } from "./place.ts";

/** `place`: what tells it from another vault of the same client's name; null where the name is enough. */
export type VaultPlace = { readonly vaultRef: string; readonly clientId: string; readonly clientName: string; readonly place: string | null; readonly vaultId: string; readonly state: string };
export type PlacedFacts = VaultFacts & VaultPlace;

const grouped = <Row extends { vault_ref: string }>(rows: readonly Row[]): Map<string, Row[]> => {
  const map = new Map<string, Row[]>();
  for (const row of rows) {
    const found = map.get(row.vault_ref);
    if (found) found.push(row);
    else map.set(row.vault_ref, [row]);
  }
  return map;
};

/** The numbers that a stored grant allows; null when it says nothing we know. */
export function grantedScopes(value: unknown): VaultFacts["granted"] {
  if (value === "any") return "any";
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : null;
}

/**
 * Facts of every vault that is ours to work in, by client name; of `only` those when given. Five queries, whatever their number.
 * The caller has authorized the actor.
 */
export async function loadFacts({ db, actor }: Read, only?: readonly string[]): Promise<PlacedFacts[]> {
  const { mspId } = actor;
  const refs = only === undefined ? null : [...only];
  const vaults = await db.$queryRaw<{ vault_ref: string; client_id: string; name: string; place: string | null; vault_id: string; state: string; scopes: unknown; read_at: Date | null }[]>`
    with ${placed(mspId)}
    select v.vault_ref, v.client_id, c.name, d.place, v.vault_id, v.state, v.granted -> 'scopes' as scopes, r.read_at
      from vault v join client c using (msp_id, client_id) join placed d using (msp_id, vault_ref) left join reading r using (msp_id, vault_ref)
     where v.msp_id = ${mspId}::uuid and v.state in ('unconfirmed', 'connected', 'stopped') and (${refs}::uuid[] is null or v.vault_ref = any (${refs}::uuid[]))
     order by lower(c.name), c.client_id, v.vault_ref`;
  const of = vaults.map(({ vault_ref }) => vault_ref);
  const dictionary = grouped(
    await db.$queryRaw<{ vault_ref: string; role_id: string; scope: string; client_name: string | null }[]>`
      select s.vault_ref, s.role_id, s.scope, s.client_name from role_scope s join role r using (msp_id, role_id)
       where s.msp_id = ${mspId}::uuid and s.vault_ref = any (${of}::uuid[]) and r.retired_at is null`,
  );
  const scopes = grouped(
    await db.$queryRaw<{ vault_ref: string; scope: string; entries: number; name: string | null }[]>`
      select vault_ref, scope, entries, name from known_scope where msp_id = ${mspId}::uuid and vault_ref = any (${of}::uuid[]) order by scope`,
  );
  const agents = grouped(
    // Only ids that mean something as a number too; a vault may have thousands of rows.
    await db.$queryRaw<{ vault_ref: string; scope: string; name: string }[]>`
      select a.vault_ref, n.scope, a.name
        from known_agent a
        join (select vault_ref, scope from known_scope where msp_id = ${mspId}::uuid and vault_ref = any (${of}::uuid[])
              union select vault_ref, scope from role_scope where msp_id = ${mspId}::uuid and vault_ref = any (${of}::uuid[])) n
          on n.vault_ref = a.vault_ref and n.scope = lpad(to_hex(a.agent_id), 4, '0')
       where a.msp_id = ${mspId}::uuid`,
  );
  const held = grouped(
    await db.$queryRaw<{ vault_ref: string; scope: string; rows: number }[]>`
      select a.vault_ref, s.scope, count(*)::int as rows
        from known_agent a join vault v using (msp_id, vault_ref) cross join lateral unnest(string_to_array(a.scopes, ',')) as s (scope)
       where a.msp_id = ${mspId}::uuid and a.vault_ref = any (${of}::uuid[]) and a.managed_by = v.manager_uid
       group by a.vault_ref, s.scope order by s.scope`,
  );
  return vaults.map((row) => ({
    vaultRef: row.vault_ref, clientId: row.client_id, clientName: row.name, place: row.place, vaultId: row.vault_id, state: row.state,
    readAt: row.read_at?.getTime() ?? null, granted: grantedScopes(row.scopes),
    dictionary: (dictionary.get(row.vault_ref) ?? []).map((one): Numbered => ({ roleId: one.role_id, scope: one.scope, clientName: one.client_name })),
    scopes: new Map((scopes.get(row.vault_ref) ?? []).map((one) => [one.scope, { entries: one.entries, name: one.name }])),
    agents: new Map((agents.get(row.vault_ref) ?? []).map((one) => [one.scope, one.name])),
    held: new Map((held.get(row.vault_ref) ?? []).map((one) => [one.scope, one.rows])),
  }));
}
