import { randomUUID } from "node:crypto";
import type { TestDatabase } from "../../../tests/database.ts";

/** A client's vault that said it holds so many tokens. */
export async function usedUp(t: TestDatabase, mspId: string, clientId: string, tokens: number): Promise<void> {
  const vaultRef = randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, manager_uid, agent_id, granted, sealed_token, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $4, 'manager', 2, '{}', '\\x00', now(), now())", [mspId, vaultRef, clientId, `https://${vaultRef}.vault.example`, vaultRef.slice(0, 6)]);
    await admin.query("insert into reading (msp_id, vault_ref, health, tokens_used, tokens_limit, features, kems, health_since, next_read_at, next_probe_at, failures) values ($1, $2, 'ok', $3, $3, '{}', '{}', now(), '2099-01-01', '2099-01-01', 0)", [mspId, vaultRef, tokens]);
  });
}
