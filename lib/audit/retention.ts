/**
 * How long events of vaults are kept: without end until an owner sets months, never fewer than six, which the database holds to as well
 * (audit_forget). What is due can be seen before it goes. Our own records are never forgotten: they are a chain.
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { authorize, workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";

export const leastMonths = 6;
/** As a form says it: empty is without end. */
export const retentionInput = z.object({ months: z.string().trim().regex(/^\d{0,4}$/, "A number of months, or nothing.").transform((text) => (text === "" ? null : Number(text))).refine((months) => months === null || (months >= leastMonths && months <= 1_200), `From ${leastMonths} to 1,200 months, or nothing.`) });

/** `events` and `clients`: what would go now. */
export type Preview = { months: number | null; before: Date | null; events: number; clients: { client: string; events: number }[] };
/** `events`: taken from vaults in all. `effectiveAt`: when a setting begins, while it has not. */
export type Retention = { months: number | null; events: number; oldest: Date | null; effectiveAt: Date | null };

/** The same day so many months ago, UTC; a day that a month has not is its last. */
export function monthsAgo(months: number, now: Date): Date {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1, now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds(), now.getUTCMilliseconds()));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(now.getUTCDate(), days));
  return first;
}

/** When a setting begins: an owner's slip, or somebody at an owner's session, can be put right until then. */
const effective = (changedAt: Date): Date => new Date(changedAt.getTime() + limits.auditRetentionDelaySeconds * 1_000);

/** What is set, and how much there is. Throws Refusal `forbidden`. */
export async function readRetention(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<Retention> {
  authorize(actor, "audit.read");
  const { mspId } = actor;
  return read(actor, async ({ db: tx }) => {
    const setting = await tx.auditSetting.findUnique({ where: { mspId } });
    const [held] = await tx.$queryRaw<{ events: bigint | null; oldest: Date | null }[]>`
      select (select sum(events) from audit_stream where msp_id = ${mspId}::uuid)::bigint as events, (select received_at from audit_event where msp_id = ${mspId}::uuid order by received_at limit 1) as oldest`;
    const from = setting?.keepMonths == null ? null : effective(setting.changedAt);
    return { months: setting?.keepMonths ?? null, events: Number(held?.events ?? 0), oldest: held?.oldest ?? null, effectiveAt: from !== null && from > clock.now() ? from : null };
  }, db);
}

/** The dry run: what a setting would take away at once, counted, and nothing is touched. Throws Refusal `forbidden`. */
export async function previewRetention(actor: Actor, months: number | null, clock: Clock = systemClock, db: Database = database()): Promise<Preview> {
  authorize(actor, "audit.retain");
  if (months === null) return { months, before: null, events: 0, clients: [] };
  const before = monthsAgo(Math.max(months, leastMonths), clock.now());
  const rows = await read(actor, (tx) => tx.db.$queryRaw<{ client: string; events: bigint }[]>`
    select c.name as client, count(*) as events from audit_event e join client c on c.msp_id = e.msp_id and c.client_id = e.client_id
     where e.msp_id = ${actor.mspId}::uuid and e.received_at < ${before} group by c.client_id, c.name order by count(*) desc, c.name`, db);
  const clients = rows.map(({ client, events }) => ({ client, events: Number(events) }));
  return { months, before, events: clients.reduce((sum, { events }) => sum + events, 0), clients };
}

/** @param input months, or null for without end. It begins a week later (limits.auditRetentionDelaySeconds). Throws Refusal `forbidden`. */
export async function setRetention(actor: Actor, { months }: z.output<typeof retentionInput>, db: Database = database()): Promise<{ months: number | null }> {
  authorize(actor, "audit.retain");
  const { mspId } = actor;
  await write(actor, async (tx) => {
    const before = await tx.db.auditSetting.findUnique({ where: { mspId } });
    await tx.db.auditSetting.upsert({ where: { mspId }, create: { mspId, keepMonths: months }, update: { keepMonths: months, changedAt: new Date() } });
    await record(tx, { action: "audit.retention_set", fields: { months, before: before?.keepMonths ?? null } });
  }, db);
  return { months };
}

/** The daily turn of one tenant: what is over goes, in pieces, each with its record. @returns how many events went */
export async function forgetOver(mspId: string, clock: Clock = systemClock, db: Database = database()): Promise<number> {
  const worker = workerFor(mspId);
  const setting = await read(worker, (tx) => tx.db.auditSetting.findUnique({ where: { mspId } }), db);
  const months = setting?.keepMonths ?? null;
  if (setting === null || months === null || effective(setting.changedAt) > clock.now()) return 0;
  const before = monthsAgo(months, clock.now());
  let total = 0;
  for (;;) {
    const gone = await write(worker, async (tx) => {
      const [row] = await tx.db.$queryRaw<{ gone: number }[]>`select audit_forget(${before}::timestamptz, ${limits.auditForgetAtOnce}::int) as gone`;
      const count = row!.gone;
      // Nothing was over, nothing was done.
      if (count === 0) tx.replayed = true;
      else await record(tx, { action: "audit.forgotten", fields: { events: count, before: before.toISOString().slice(0, 10) } });
      return count;
    }, db);
    total += gone;
    if (gone === limits.auditForgetAtOnce) continue;
    // Nobody's name stays when nothing is left of whom it named. That was recorded with the events.
    if (total > 0) await write(worker, async (tx) => {
      await tx.db.$executeRaw`select audit_names_forget()`;
      tx.replayed = true;
    }, db);
    return total;
  }
}
