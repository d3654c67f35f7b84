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

/** Times in epoch milliseconds. `expected` and `found`: of a mismatch. `subscription`: the one it is about, where it is about one of ours. */
export type AlarmLine = { readonly id: string; readonly kind: AlarmKind; readonly words: string; readonly subscription: string | null; readonly expected: number | null; readonly found: number | null; readonly currency: Currency | null; readonly raisedAt: number; readonly clearedAt: number | null; readonly clearedBy: string | null };
/** The newest lines of each, and how many there are. */
export type Alarms = { readonly open: readonly AlarmLine[]; readonly openCount: number; readonly cleared: readonly AlarmLine[]; readonly clearedCount: number; readonly last: { readonly at: number; readonly ended: boolean; readonly subscriptions: number; readonly invoices: number; readonly vaults: number; readonly mended: number; readonly alarms: number; readonly words: string | null } | null };

const shown = 100;
const shownCleared = 20;

type Row = { alarm_id: string; kind: AlarmKind; words: string; expected: bigint | null; found: bigint | null; currency: Currency | null; raised_at: Date; cleared_at: Date | null; cleared_by: string | null; subscription: string | null };

/** The newest of those that are open, or that somebody looked at. A subject is the id of a subscription, an invoice, an attempt or a vault, or the provider's. */
function newest({ db, actor: { mspId } }: Read, cleared: boolean): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    with few as (
      select *, case when subject ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then subject::uuid end as id from billing_alarm
       where msp_id = ${mspId}::uuid and (cleared_at is not null) = ${cleared} order by coalesce(cleared_at, raised_at) desc, alarm_id desc limit ${cleared ? shownCleared : shown}
    )
    select a.alarm_id::text, a.kind, a.words, a.expected, a.found, a.currency, a.raised_at, a.cleared_at, a.cleared_by, coalesce(s.subscription_id, i.subscription_id, n.subscription_id, h.subscription_id)::text as subscription
      from few a
      left join subscription s on s.msp_id = a.msp_id and s.subscription_id = a.id
      left join invoice i on i.msp_id = a.msp_id and i.invoice_id = a.id
      left join billing_intent n on n.msp_id = a.msp_id and n.intent_id = a.id
      left join hosted_vault h on h.msp_id = a.msp_id and h.vault_id = a.subject
     order by coalesce(a.cleared_at, a.raised_at) desc, a.alarm_id desc`;
}

const lineOf = (row: Row): AlarmLine => ({
  id: row.alarm_id, kind: row.kind, words: row.words, subscription: row.subscription, expected: row.expected === null ? null : minor(row.expected), found: row.found === null ? null : minor(row.found), currency: row.currency,
  raisedAt: row.raised_at.getTime(), clearedAt: row.cleared_at?.getTime() ?? null, clearedBy: row.cleared_by,
});

export async function readAlarms(actor: Actor, db: Database = database()): Promise<Alarms> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const [counts] = await tx.db.$queryRaw<{ open: number; cleared: number }[]>`
      select count(*) filter (where cleared_at is null)::int as open, count(*) filter (where cleared_at is not null)::int as cleared from billing_alarm where msp_id = ${mspId}::uuid`;
    const run = await tx.db.reconciliation.findFirst({ where: { mspId }, orderBy: { startedAt: "desc" } });
    return {
      open: (await newest(tx, false)).map(lineOf), openCount: counts!.open, cleared: (await newest(tx, true)).map(lineOf), clearedCount: counts!.cleared,
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
