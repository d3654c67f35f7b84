/** What is there when a vault is first read after a connect becomes what is wanted (PROTOCOL 10: rows that the client handed over). */
import type { Write } from "../db/tenant.ts";
import type { AgentRow } from "../protocol/messages.ts";

/** The rows that the newest accepted reply handed over. */
async function adopted({ db, actor: { mspId } }: Write, vaultRef: string): Promise<ReadonlySet<string>> {
  const replies = await db.$queryRaw<{ adopted: unknown }[]>`
    select reply -> 'adopted' as adopted from connect_request where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and replied_at is not null and sealed_key is null and cancelled_at is null and refused_words is null order by replied_at desc limit 1`;
  const uids = replies[0]?.adopted;
  return new Set(Array.isArray(uids) ? uids.filter((uid) => typeof uid === "string") : []);
}

/**
 * Makes our rows wanted. After a connect that replaced an earlier one only those newly handed over: the others were agreed before,
 * and a row that came back meanwhile must not be taken for agreed.
 * @param vaults with the rows that our manager manages
 */
export async function importWanted(tx: Write, vaults: readonly { vaultRef: string; ours: readonly AgentRow[] }[]): Promise<void> {
  const { mspId } = tx.actor;
  const before = await tx.db.wantedAgent.groupBy({ by: ["vaultRef"], where: { mspId, vaultRef: { in: vaults.map(({ vaultRef }) => vaultRef) } } });
  const agreed = new Set(before.map(({ vaultRef }) => vaultRef));
  const data = [];
  for (const { vaultRef, ours } of vaults) {
    const handed = agreed.has(vaultRef) ? await adopted(tx, vaultRef) : null;
    for (const { uid, scopes, all_access: allAccess, expires_at: end } of ours) {
      if (handed === null || handed.has(uid)) data.push({ mspId, vaultRef, uid, scopes, allAccess, expiresAt: end === null ? null : new Date(end * 1_000) });
    }
  }
  await tx.db.wantedAgent.createMany({ data, skipDuplicates: true });
}
