import type { Prisma } from "#prisma/generated/client.ts";
import type { Write } from "./tenant.ts";

/**
 * Does the work at most once per key, for this tenant: two tabs, the back button and a double click get the first one's
 * outcome. The key is drawn with the form. Outcomes are kept for limits.onceHours.
 * @param outcome must survive JSON; no secrets, since it is stored
 */
export async function once<T extends Prisma.InputJsonObject>(tx: Write, key: string, action: string, work: () => Promise<T>): Promise<T> {
  const { mspId } = tx.actor;
  // The second of two simultaneous submissions waits here until the first has committed.
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${mspId}:${key}`}, 0))`;
  const before = await tx.db.once.findUnique({ where: { mspId_key: { mspId, key } } });
  if (before?.action === action) {
    tx.replayed = true;
    return before.outcome as unknown as T;
  }
  const outcome = await work();
  await tx.db.once.create({ data: { mspId, key, action, outcome } });
  return outcome;
}
