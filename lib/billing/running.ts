/** The deletion clocks that run, with who was told and the way out: the same list for the Overview, a client's page, finance and mails. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { runningClock, type RunningClock, type Told } from "./clock-cause.ts";
import { rule } from "./clocks.ts";
import { dayOf } from "./days.ts";
import { minor } from "./money.ts";
import type { Currency } from "./price-list.ts";

export type ClockLine = {
  readonly subscriptionId: string; readonly clientId: string | null; readonly name: string; readonly place: string | null; readonly contactMail: string; readonly plan: string;
  readonly clock: RunningClock;
  /** What is open now; null where nothing is owed, or it is another's to pay. */
  readonly owed: { readonly minor: number; readonly currency: Currency; readonly number: string | null; readonly pageUrl: string | null } | null;
};

type Row = {
  subscription_id: string; client_id: string | null; name: string; place: string | null; contact_mail: string; plan: string; payer: "msp" | "client"; state: string; ended_because: string | null; ended_at: Date | null; unpaid_since: Date | null; open_due_at: Date | null; stop_asked_at: Date | null;
  period_end: Date | null; renews: boolean; collection: string; currency: Currency; owed: bigint | null; number: string | null; page_url: string | null; told: { clock: string; step: string; toName: string; toldAt: string; sentAt: string | null }[];
};

/**
 * Soonest first. A client that pays for itself is in it too, because its vault is worked on from here; what it owes is not ours to
 * show. `client`: of this one only.
 */
export async function clocksIn({ db, actor: { mspId } }: Read, now: Date, client: string | null = null): Promise<ClockLine[]> {
  const today = dayOf(now);
  const rows = await db.$queryRaw<Row[]>`
    select s.subscription_id, s.client_id, coalesce(c.name, nullif(s.label, ''), a.name) as name, coalesce(c.aliases[1], nullif(c.region, '')) as place, coalesce(c.contact_mail, '') as contact_mail, s.plan, a.payer, s.state, s.ended_because, s.ended_at, s.unpaid_since, s.open_due_at,
           s.stop_asked_at, s.period_end, s.renews, s.collection, s.currency, o.owed, o.number, o.page_url, coalesce(n.told, '[]'::jsonb) as told
      from subscription s join billing_account a on a.msp_id = s.msp_id and a.account_id = s.account_id
      left join client c on c.msp_id = s.msp_id and c.client_id = s.client_id
      left join lateral (select sum(i.remaining)::bigint as owed, min(i.number) as number, min(i.page_url) as page_url from invoice i where i.msp_id = s.msp_id and i.subscription_id = s.subscription_id and i.status = 'open') o on true
      left join lateral (select jsonb_agg(jsonb_build_object('clock', t.clock, 'step', t.step, 'toName', t.to_name, 'toldAt', t.told_at, 'sentAt', case when m.id is null then t.told_at else m.sent_at end) order by t.told_at) as told
               from clock_notice t left join mail m on m.msp_id = t.msp_id and m.id = t.mail_id where t.msp_id = s.msp_id and t.clock = any(array[
               'card ' || s.subscription_id || ' ' || to_char(s.unpaid_since at time zone 'UTC', 'YYYY-MM-DD'), 'invoice ' || s.subscription_id || ' ' || to_char(s.open_due_at at time zone 'UTC', 'YYYY-MM-DD'),
               'cancellation ' || s.subscription_id || ' ' || to_char(s.stop_asked_at at time zone 'UTC', 'YYYY-MM-DD'), 'regret ' || s.subscription_id || ' ' || to_char(s.ended_at at time zone 'UTC', 'YYYY-MM-DD')])) n on true
     where s.msp_id = ${mspId}::uuid and (${client}::uuid is null or s.client_id = ${client}::uuid)
       and (s.unpaid_since is not null or s.open_due_at < ${new Date(`${today}T00:00:00Z`)} or s.stop_asked_at is not null or s.ended_because = 'regret')
       and (s.state <> 'ended' or s.ended_at > ${new Date(now.getTime() - (rule.backup + rule.invoiceDeleted + rule.warning) * 86_400_000)})
     order by least(s.unpaid_since + interval '22 days', s.open_due_at + interval '37 days', case when not s.renews then s.period_end end), s.subscription_id limit ${limits.clocksShown}`;
  const lines = rows.flatMap((row): ClockLine[] => {
    const told = row.told.map((one): Told => ({ ...one, toldAt: new Date(one.toldAt), sentAt: one.sentAt === null ? null : new Date(one.sentAt) }));
    const clock = runningClock({
      subscriptionId: row.subscription_id, state: row.state, endedBecause: row.ended_because, endedAt: row.ended_at, unpaidSince: row.unpaid_since, openDueAt: row.open_due_at, stopAskedAt: row.stop_asked_at, periodEnd: row.period_end, renews: row.renews, collection: row.collection,
    }, told, today);
    if (!clock) return [];
    const ours = row.payer === "msp" && row.owed !== null && row.owed > 0n;
    return [{ subscriptionId: row.subscription_id, clientId: row.client_id, name: row.name, place: row.place, contactMail: row.contact_mail, plan: row.plan, clock, owed: ours ? { minor: minor(row.owed!), currency: row.currency, number: row.number, pageUrl: row.page_url } : null }];
  });
  return lines.toSorted((a, b) => (a.clock.deletedOn < b.clock.deletedOn ? -1 : a.clock.deletedOn > b.clock.deletedOn ? 1 : a.name < b.name ? -1 : 1));
}

/** For finance and owners, with what is owed. Throws Refusal `forbidden`, `database_unavailable`. */
export async function readClocks(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<ClockLine[]> {
  authorize(actor, "billing.read");
  return read(actor, (tx) => clocksIn(tx, clock.now()), db);
}

/** A client's own, for whoever may see the client: a clock that deletes is no secret of finance; what is owed is. */
export async function readClientClocks(actor: Actor, clientId: string, clock: Clock = systemClock, db: Database = database()): Promise<ClockLine[]> {
  authorize(actor, "client.read");
  const money = holds(actor, "billing.read");
  const lines = await read(actor, (tx) => clocksIn(tx, clock.now(), clientId), db);
  return money ? lines : lines.map((line) => ({ ...line, owed: null }));
}
