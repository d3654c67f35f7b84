import { createHash } from "node:crypto";
import type { Prisma } from "#prisma/generated/client.ts";
import { Refusal } from "../errors.ts";
import type { Write } from "./tenant.ts";

/**
 * Does the work at most once per key, for this tenant: two tabs, the back button and a double click get the first one's
 * outcome. The key is drawn with the form. Outcomes are kept for a day (0001, once_purge).
 * The outcome is stored, so it must survive JSON and hold no secret. Throws Refusal `already_sent` when the key was used for
 * something else: the same form with other words.
 * @param input what was sent; only its digest is kept
 */
export async function once<T extends Prisma.InputJsonObject>(tx: Write, { key, action, input: sent }: { key: string; action: string; input: unknown }, work: () => Promise<T>): Promise<T> {
  const { mspId } = tx.actor;
  const input = createHash("sha256").update(JSON.stringify(sent)).digest("hex");
  // The second of two simultaneous submissions waits here until the first has committed.
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${mspId}:${key}`}, 0))`;
  const before = await tx.db.once.findUnique({ where: { mspId_key: { mspId, key } } });
  if (before) {
    if (before.action !== action || before.input !== input) throw new Refusal("already_sent");
    tx.replayed = true;
    return before.outcome as unknown as T;
  }
  const outcome = await work();
  await tx.db.once.create({ data: { mspId, key, action, input, outcome } });
  return outcome;
}
