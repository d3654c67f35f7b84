/** What about money a person has to look at, and the last night's comparison of Stripe, our records and the vaults. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { minor } from "./money.ts";
import type { Currency } from "./price-list.ts";
import type { AlarmKind } from "./types.ts";

/** Times in epoch milliseconds. `expected` and `found`: of a mismatch. */
export type AlarmLine = { readonly id: string; readonly kind: AlarmKind; readonly words: string; readonly expected: number | null; readonly found: number | null; readonly currency: Currency | null; readonly raisedAt: number; readonly clearedAt: number | null; readonly clearedBy: string | null };
export type Alarms = { readonly open: readonly AlarmLine[]; readonly cleared: readonly AlarmLine[]; readonly last: { readonly at: number; readonly ended: boolean; readonly subscriptions: number; readonly invoices: number; readonly vaults: number; readonly mended: number; readonly alarms: number; readonly words: string | null } | null };

const shown = 100;

export async function readAlarms(actor: Actor, db: Database = database()): Promise<Alarms> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const rows = await tx.db.billingAlarm.findMany({ where: { mspId }, orderBy: [{ clearedAt: { sort: "desc", nulls: "first" } }, { raisedAt: "desc" }], take: 2 * shown });
    const run = await tx.db.reconciliation.findFirst({ where: { mspId }, orderBy: { startedAt: "desc" } });
    const lines = rows.map((row): AlarmLine => ({
      id: row.alarmId, kind: row.kind as AlarmKind, words: row.words, expected: row.expected === null ? null : minor(row.expected), found: row.found === null ? null : minor(row.found), currency: row.currency as Currency | null,
      raisedAt: row.raisedAt.getTime(), clearedAt: row.clearedAt?.getTime() ?? null, clearedBy: row.clearedBy,
    }));
    return {
      open: lines.filter(({ clearedAt }) => clearedAt === null), cleared: lines.filter(({ clearedAt }) => clearedAt !== null).slice(0, 20),
      last: run && { at: (run.endedAt ?? run.startedAt).getTime(), ended: run.endedAt !== null, subscriptions: run.subscriptions, invoices: run.invoices, vaults: run.vaults, mended: run.mended, alarms: run.alarms, words: run.words },
    };
  }, db);
}

export const clearShape = z.object({ alarm: z.uuid() });

/** Somebody looked at it. Of two at once the second is told. Throws Refusal `forbidden`, `not_found`, `moved_on`. */
export async function clearAlarm(actor: Actor, { alarm }: z.output<typeof clearShape>, clock: Clock = systemClock, db: Database = database()): Promise<void> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  await write(actor, async (tx) => {
    const held = await tx.db.billingAlarm.findUnique({ where: { mspId_alarmId: { mspId, alarmId: alarm } } });
    if (!held) throw new Refusal("not_found");
    const { count } = await tx.db.billingAlarm.updateMany({ where: { mspId, alarmId: alarm, clearedAt: null }, data: { clearedAt: clock.now(), clearedBy: actor.name } });
    if (count === 0) throw new Refusal("moved_on");
    await record(tx, { action: "alarm.cleared", target: { kind: "billing_alarm", id: alarm }, fields: { kind: held.kind, words: held.words.slice(0, 200) } });
  }, db);
}

/** How many wait. Throws Refusal `forbidden`. */
export async function openAlarms(actor: Actor, db: Database = database()): Promise<number> {
  authorize(actor, "billing.read");
  return read(actor, (tx) => tx.db.billingAlarm.count({ where: { mspId: actor.mspId, clearedAt: null } }), db);
}

/** For the Overview: how many, and the oldest in words. In a transaction that is open. */
export async function alarmsIn({ db, actor: { mspId } }: Read): Promise<{ count: number; words: string; since: Date | null }> {
  const [row] = await db.$queryRaw<{ count: number; words: string | null; since: Date | null }[]>`
    select count(*)::int as count, (array_agg(words order by raised_at))[1] as words, min(raised_at) as since from billing_alarm where msp_id = ${mspId}::uuid and cleared_at is null`;
  return { count: row!.count, words: row!.words ?? "", since: row!.since };
}
