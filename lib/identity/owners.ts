/** The rule that no act leaves an organisation without an owner who can sign in, decided under one row's lock. */
import type { Write } from "../db/tenant.ts";

/** Two owners who remove each other at the same moment are put in a row here. First statement of every act that could take an owner. */
export async function lockOwners(tx: Write): Promise<void> {
  await tx.db.$queryRaw`select 1 from msp where msp_id = ${tx.actor.mspId}::uuid for update`;
}

/** How many owners besides this person can sign in: not frozen, with a key. */
export function otherOwners(tx: Write, personId: string): Promise<number> {
  return tx.db.person.count({ where: { mspId: tx.actor.mspId, personId: { not: personId }, rights: { has: "owner" }, frozenAt: null, passkeys: { some: {} } } });
}
