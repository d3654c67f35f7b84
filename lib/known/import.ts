/** What is there when a vault is first read after a connect becomes what is wanted (PROTOCOL 10: rows that the client handed over). */
import type { Write } from "../db/tenant.ts";
import type { AgentRow } from "../protocol/messages.ts";

/** The rows that the newest accepted reply handed over. */
async function adopted({ db, actor: { mspId } }: Write, vaultRef: string): Promise<ReadonlySet<string>> {
  const replies = await db.$queryRaw<{ adopted: unknown }[]>`
    select reply -> 'adopted' as adopted from connect_request where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and replied_at is not null order by replied_at desc limit 1`;
  const uids = replies[0]?.adopted;
  return new Set(Array.isArray(uids) ? uids.filter((uid) => typeof uid === "string") : []);
}

/**
 * Makes our rows wanted. After a connect that replaced an earlier one only those newly handed over: the others were agreed before,
 * and a row that came back meanwhile must not be taken for agreed.
 * @param ours rows that our manager manages
 */
export async function importWanted(tx: Write, vaultRef: string, ours: readonly AgentRow[]): Promise<void> {
  const { mspId } = tx.actor;
  const before = await tx.db.wantedAgent.count({ where: { mspId, vaultRef } });
  const handed = before === 0 ? null : await adopted(tx, vaultRef);
  const rows = ours.filter(({ uid }) => handed === null || handed.has(uid));
  await tx.db.wantedAgent.createMany({
    data: rows.map(({ uid, scopes, all_access: allAccess, expires_at: end }) => ({ mspId, vaultRef, uid, scopes, allAccess, expiresAt: end === null ? null : new Date(end * 1_000) })),
    skipDuplicates: true,
  });
}
