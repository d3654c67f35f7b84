/** When a vault is read: begun with a connection, asked for by a person, held while a change is under way. */
import { database, type Database } from "../db/client.ts";
import { observe, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";

/** An ended vault is read no more, until a new connect. (No `infinity`: it is no date to a client.) */
export const never = new Date("9999-01-01T00:00:00Z");

/**
 * A vault is read from now on, in the caller's transaction; the worker wakes when it commits. After a connect that replaces an
 * earlier one the vault starts anew: what it said under the old one is no measure for it (PROTOCOL 9), what was read stays shown.
 */
export async function startReading(tx: Write, vaultRef: string): Promise<void> {
  const { mspId } = tx.actor;
  const fresh = {
    readAt: null, health: "unread", healthSince: new Date(), words: null, mode: null, epoch: null, epochRevision: null, revision: null, replicatedRevision: null, replicatedAt: null,
    agentsEtag: null, scopesRevision: null, failures: 0, nextReadAt: new Date(), nextProbeAt: new Date(), leaseUntil: null, probeResult: null, probeAt: null, probeWords: null, unprovenSince: new Date(),
  };
  await tx.db.reading.upsert({ where: { mspId_vaultRef: { mspId, vaultRef } }, create: { mspId, vaultRef, ...fresh, features: [], kems: [] }, update: fresh });
  await tx.db.$executeRaw`select job_wake('vault_read')`;
}

/**
 * Reads these vaults as soon as a worker has a hand free, also when one is in the middle of an older read of them. A vault that
 * somebody had read within the last limits.readNowEverySeconds is not asked again: everybody may look, and nobody make load.
 * Throws Refusal `invalid` for more than a page can show. @returns how many of them are read at all
 */
export async function readNow(actor: Actor, vaultRefs: readonly string[], db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "client.read");
  if (vaultRefs.length > limits.readNowAtOnce) throw new Refusal("invalid");
  const { count, moved } = await observe(actor, async ({ db: tx }) => {
    const [row] = await tx.$queryRaw<{ count: number; moved: number }[]>`
      with read as (select r.vault_ref from reading r where r.msp_id = ${actor.mspId}::uuid and r.vault_ref = any(${[...vaultRefs]}::uuid[]) and r.next_read_at < ${never}),
      moved as (update reading r set next_read_at = now(), asked_at = now() from read
                 where r.msp_id = ${actor.mspId}::uuid and r.vault_ref = read.vault_ref and (r.asked_at is null or r.asked_at <= now() - make_interval(secs => ${limits.readNowEverySeconds}::int)) returning 1)
      select (select count(*) from read)::int as count, (select count(*) from moved)::int as moved`;
    return row!;
  }, db);
  // Apart: whoever stores what was seen may wake nobody, and a wake without a due row does no harm.
  if (moved > 0) await db.$executeRaw`select job_wake('vault_read')`;
  return { count };
}

/**
 * Nobody reads this vault for so long: a change of ours is under way there, and what it has done so far must not look like a
 * drift. A read that is in the middle stores nothing. To be held again before it runs out, at most ten minutes each.
 */
export async function holdReading(tx: Write, vaultRef: string, seconds: number): Promise<void> {
  await tx.db.$executeRaw`update reading set lease_until = now() + make_interval(secs => least(${seconds}::float8, 600)) where msp_id = ${tx.actor.mspId}::uuid and vault_ref = ${vaultRef}::uuid`;
}

/** Reads it again, at once: what was changed is seen (PROTOCOL 14: a board closes on a signed list, not on a receipt). */
export async function releaseReading(tx: Write, vaultRef: string): Promise<void> {
  await tx.db.$executeRaw`update reading set lease_until = null, next_read_at = now() where msp_id = ${tx.actor.mspId}::uuid and vault_ref = ${vaultRef}::uuid and next_read_at < ${never}`;
  await tx.db.$executeRaw`select job_wake('vault_read')`;
}
