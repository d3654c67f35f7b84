/** Drifts as rows: opened, followed and closed by what is read; accepted by a person; staged back by the matrix. */
import type { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { Prisma as PrismaValue } from "#prisma/generated/client.ts";
import type { AgentRow } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import { differences, reconcile, type DriftSide, type Earlier, type OpenDrift, type Wanted } from "./drift.ts";

const seconds = (at: Date | null): number | null => (at === null ? null : Math.floor(at.getTime() / 1_000));
const json = (side: DriftSide | null): Prisma.InputJsonValue | typeof PrismaValue.DbNull => (side === null ? PrismaValue.DbNull : { ...side });

export type DriftFacts = { vaultRef: string; managerUid: string; client: string; rows: readonly AgentRow[]; earlier: readonly Earlier[]; vaultNow: number };

/**
 * Compares what was read with what is wanted, and opens, follows or closes drifts, each with its record; at most
 * limits.driftsAtOnce of them, ends that were agreed first.
 * @returns the uids of drifts that are new or look otherwise, for a look at who did it; `more`: some are left for the next reading
 */
export async function findDrift(tx: Write, { vaultRef, managerUid, client, rows, earlier, vaultNow }: DriftFacts, now: Date): Promise<{ uids: string[]; more: boolean }> {
  const { db, actor: { mspId } } = tx;
  const [wantedRows, openRows] = await Promise.all([
    db.wantedAgent.findMany({ where: { mspId, vaultRef } }),
    db.drift.findMany({ where: { mspId, vaultRef, settledAt: null } }),
  ]);
  const wanted: Wanted[] = wantedRows.map(({ uid, scopes, allAccess, expiresAt, name, sealed }) => ({ uid, scopes, all_access: allAccess, expires_at: seconds(expiresAt), name, sealed }));
  const open: OpenDrift[] = openRows.map(({ driftId, uid, kind, after }) => ({ driftId, uid, kind, after: after as DriftSide | null }));
  const found = differences({ wanted, rows, earlier, managerUid, vaultNow, now: Math.floor(now.getTime() / 1_000) });
  const all = { ended: found.ended, ...reconcile(found.open, open) };
  let left: number = limits.driftsAtOnce;
  const some = <T>(list: readonly T[]): readonly T[] => {
    const taken = list.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const [ended, gone, changed, fresh] = [some(all.ended), some(all.gone), some(all.changed), some(all.fresh)];
  const more = ended.length + gone.length + changed.length + fresh.length < all.ended.length + all.gone.length + all.changed.length + all.fresh.length;
  const target = { kind: "vault", id: vaultRef } as const;
  for (const { uid, name, how } of ended) {
    await db.wantedAgent.deleteMany({ where: { mspId, vaultRef, uid } });
    await record(tx, { action: "access.ended", target, fields: { client, name, how } });
  }
  for (const one of fresh) {
    const driftId = uuid7(now.getTime());
    await db.drift.create({ data: { mspId, driftId, vaultRef, uid: one.uid, kind: one.kind, before: json(one.before), after: json(one.after), seenAt: now } });
    await record(tx, { action: "drift.seen", target: { kind: "drift", id: driftId }, fields: { client, name: (one.after ?? one.before)!.name, kind: one.kind } });
  }
  for (const one of changed) {
    // Under a number of its own: whoever still looks at the earlier one must not accept what they have not seen.
    const driftId = uuid7(now.getTime());
    await db.drift.updateMany({ where: { mspId, driftId: one.driftId, settledAt: null }, data: { driftId, kind: one.kind, before: json(one.before), after: json(one.after), changedAt: null, changedBy: null } });
    await record(tx, { action: "drift.seen", target: { kind: "drift", id: driftId }, fields: { client, name: (one.after ?? one.before)!.name, kind: one.kind } });
  }
  const names = new Map(openRows.map(({ driftId, before, after }) => [driftId, ((after ?? before) as DriftSide | null)?.name ?? "a row"]));
  for (const { driftId } of gone) {
    await db.drift.updateMany({ where: { mspId, driftId, settledAt: null }, data: { settledAt: now, settledHow: "gone" } });
    await record(tx, { action: "drift.gone", target: { kind: "drift", id: driftId }, fields: { client, name: names.get(driftId)! } });
  }
  return { uids: [...fresh, ...changed].map(({ uid }) => uid), more };
}

/**
 * What was found becomes what is wanted. Drifts that somebody settled meanwhile, or that look otherwise by now, are refused:
 * Refusal `moved_on`, and nothing is accepted. @param ids drifts, as they are shown
 */
export async function acceptDrift(actor: Actor, ids: readonly string[], clock: Clock = systemClock, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "drift.settle");
  const wantedIds = [...new Set(ids)];
  if (wantedIds.length === 0) throw new Refusal("invalid");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const drifts = await tx.db.drift.findMany({ where: { mspId, driftId: { in: wantedIds }, settledAt: null }, include: { vault: { select: { managerUid: true, client: { select: { name: true } } } } } });
    if (drifts.length !== wantedIds.length) throw new Refusal("moved_on");
    for (const { driftId, vaultRef, uid, kind, after: found, before, vault } of drifts) {
      const after = found as DriftSide | null;
      // One settles: a reading that closed it, or another person, came first.
      const { count } = await tx.db.drift.updateMany({ where: { mspId, driftId, settledAt: null }, data: { settledAt: now, settledHow: "accepted", settledBy: actor.kind === "person" ? actor.id : null } });
      if (count === 0) throw new Refusal("moved_on");
      const key = { mspId_vaultRef_uid: { mspId, vaultRef, uid } };
      if (after === null || after.own) await tx.db.wantedAgent.deleteMany({ where: { mspId, vaultRef, uid } });
      else {
        const access = { scopes: after.scopes, allAccess: after.all_access, expiresAt: after.expires_at === null ? null : new Date(after.expires_at * 1_000), name: after.name, ...(after.token_known && { sealed: false }), since: now };
        await tx.db.wantedAgent.upsert({ where: key, create: { mspId, vaultRef, uid, ...access }, update: access });
      }
      const name = (after ?? (before as DriftSide | null))?.name ?? "a row";
      await record(tx, { action: "drift.accepted", target: { kind: "drift", id: driftId }, fields: { client: vault.client.name, name, kind } });
    }
    // Whoever looks at one of these vaults sees that it is settled.
    for (const vaultRef of new Set(drifts.map((drift) => drift.vaultRef))) await tx.db.$executeRaw`select pg_notify('known', ${JSON.stringify({ msp_id: mspId, vault_ref: vaultRef })})`;
    return { count: drifts.length };
  }, db);
}

/** For staging: these drifts are answered by a staged change that puts back what is wanted. The caller records what it staged. @returns how many were open */
export async function settleDriftAsStaged({ db, actor }: Write, ids: readonly string[], clock: Clock = systemClock): Promise<number> {
  const { count } = await db.drift.updateMany({
    where: { mspId: actor.mspId, driftId: { in: [...ids] }, settledAt: null },
    data: { settledAt: clock.now(), settledHow: "staged", settledBy: actor.kind === "person" ? actor.id : null },
  });
  return count;
}
