import type { Write } from "../db/tenant.ts";

/** From now on the vault is read and probed; at once, and then by the schedule. In the caller's transaction. */
export async function startReading(tx: Write, vaultRef: string): Promise<void> {
  await tx.db.$executeRaw`insert into reading (msp_id, vault_ref, features, kems) values (${tx.actor.mspId}::uuid, ${vaultRef}::uuid, '{}', '{}')
    on conflict (msp_id, vault_ref) do update set next_read_at = now(), next_probe_at = now()`;
  await tx.db.$executeRaw`select job_wake('vault_read')`;
}
