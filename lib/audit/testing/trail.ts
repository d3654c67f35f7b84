/** Events as rows of a test's database, made by the database itself so that there can be many. */
import { randomUUID } from "node:crypto";
import type { TestDatabase } from "../../../tests/database.ts";

export type TrailClient = { clientId: string; vaultRef: string };

/** A client with a connected vault, without a vault behind it. */
export async function addTrailClient(t: TestDatabase, mspId: string, name: string, plan = "team-10"): Promise<TrailClient> {
  const [clientId, vaultRef] = [randomUUID(), randomUUID()];
  await t.asAdmin(async (admin) => {
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', $4)", [mspId, clientId, name, plan]);
    await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, manager_uid, agent_id, granted, sealed_token, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', 'v', $5, $6, 'm', 2, '{}', '\\x00', now(), now())", [mspId, vaultRef, clientId, `https://${vaultRef}.example`, vaultRef.replaceAll("-", "").padEnd(43, "A").slice(0, 43), name]);
  });
  return { clientId, vaultRef };
}

/** `count` events, one every `everyMs` up to `until`; every tenth was refused. Ids carry the time of receipt. */
export async function addEvents(t: TestDatabase, mspId: string, { clientId, vaultRef }: TrailClient, { count, until, everyMs = 1_000, personId = null, name = "Priya Raman", stream = "primary" }: { count: number; until: number; everyMs?: number; personId?: string | null; name?: string; stream?: string }): Promise<void> {
  await t.asAdmin(async (admin) => {
    await admin.query("insert into audit_name (msp_id, name) values ($1, $2) on conflict do nothing", [mspId, name]);
    await admin.query(
      `insert into audit_event (msp_id, received_at, event_id, at, skewed, vault_ref, client_id, stream, epoch, branch, seq, vault_at, actor_kind, agent_id, agent_uid, person_id, actor_name, action, outcome, target_kind, target_id, reason, ip, detail, detail_hash, prev, hash)
       select $1, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text || $3), 1, 3) || '8' || substr(md5($3 || n::text), 1, 15))::uuid, at, false, $3::uuid, $2, $9, 1, 0, n, (extract(epoch from at) * 1000)::bigint,
              'human', 7, 'row-uid', $7::uuid, $8, case when n % 3 = 0 then 'totp.read' when n % 50 = 1 then 'agent.create' else 'entry.read' end, case when n % 10 = 0 then 'denied' else 'success' end, 'entry', 'entry-' || n, case when n % 10 = 0 then 'scope' end, '203.0.113.41',
              '{"meta":{}}', sha256('d'), sha256('p'), sha256(n::text::bytea)
         from (select n, to_timestamp($5::float8 / 1000) - (($4 - n) * $6::bigint) * interval '1 millisecond' as at from generate_series(1, $4::int) n) g`,
      [mspId, clientId, vaultRef, count, until, everyMs, personId, name, stream],
    );
  });
}
