/** What will be charged, day by day, and what was, month by month. By currency: they are never added to each other. */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { addDays, addMonths, dayOf, nextRenewal, type Day, type Interval } from "./days.ts";
import { minor } from "./money.ts";
import { priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import { listRows } from "./ledger.ts";

/** `locked`: what is charged; `list`: what today's list would ask, or the same where it names no price. */
export type RenewalDay = { readonly on: Day; readonly currency: Currency; readonly count: number; readonly locked: number; readonly list: number; /** Up to three, by name. */ readonly names: readonly string[] };
export type MonthSum = { readonly month: string; readonly currency: Currency; readonly charged: number; readonly list: number };
export type Calendar = { readonly today: Day; readonly days: readonly RenewalDay[]; readonly ahead: readonly MonthSum[]; readonly spent: readonly MonthSum[] };

type DueRow = { period_end: Date; anchor: Date; interval: Interval; currency: Currency; amount: bigint; list: bigint | null; name: string };

/** `2026-11` and the months after it. */
export const monthsFrom = (day: Day, count: number): string[] => Array.from({ length: count }, (_, index) => addMonths(`${day.slice(0, 7)}-01`, index).slice(0, 7));

/** Every charge of a subscription until a day, by its own anniversary: the 31st comes back after February. Pure. */
export function chargesUntil(first: Day, anchor: Day, interval: Interval, until: Day): Day[] {
  const days: Day[] = [];
  for (let on = first; on <= until; on = nextRenewal(anchor, interval, on)) days.push(on);
  return days;
}

export async function calendarIn({ db, actor: { mspId } }: Read, now: Date, lists: readonly PriceList[]): Promise<Calendar> {
  const today = dayOf(now);
  const until = addDays(addMonths(`${today.slice(0, 7)}-01`, 12), -1);
  const current = priceListAt(now, lists).published;
  const prices = Prisma.sql`prices as materialized (select x.published::timestamptz as published, x.plan, x.currency, x.interval, x.amount from jsonb_to_recordset(${JSON.stringify(listRows(lists))}::jsonb) as x(published text, plan text, currency text, interval text, amount bigint))`;
  const due = await db.$queryRaw<DueRow[]>`
    with ${prices}
    select s.period_end, coalesce(s.started_at, s.period_start, s.period_end) as anchor, s.interval, s.currency, coalesce(s.next_amount * coalesce(s.next_quantity, s.quantity), s.amount * s.quantity)::bigint as amount,
           (p.amount * coalesce(s.next_quantity, s.quantity))::bigint as list, coalesce(c.name, nullif(s.label, ''), a.name) as name
      from subscription s join billing_account a on a.msp_id = s.msp_id and a.account_id = s.account_id and a.payer = 'msp'
      left join client c on c.msp_id = s.msp_id and c.client_id = s.client_id
      left join prices p on p.plan = coalesce(s.next_plan, s.plan) and p.currency = s.currency and p.interval = s.interval and p.published = ${current}::timestamptz
     where s.msp_id = ${mspId}::uuid and s.state not in ('ended', 'opening') and s.renews and s.period_end is not null and s.period_end >= ${new Date(`${today}T00:00:00Z`)} and s.period_end < ${new Date(`${addDays(until, 1)}T00:00:00Z`)}
     order by name`;
  const days = new Map<string, { on: Day; currency: Currency; count: number; locked: number; list: number; names: string[] }>();
  for (const row of due) {
    const amount = minor(row.amount);
    for (const on of chargesUntil(dayOf(row.period_end), dayOf(row.anchor), row.interval, until)) {
      const key = `${on} ${row.currency}`;
      const day = days.get(key) ?? { on, currency: row.currency, count: 0, locked: 0, list: 0, names: [] };
      day.count += 1;
      day.locked += amount;
      day.list += row.list === null ? amount : minor(row.list);
      if (day.names.length < 3) day.names.push(row.name);
      days.set(key, day);
    }
  }
  const back = addMonths(`${today.slice(0, 7)}-01`, -11);
  // Net of what was credited, and of the tax in a credit note only as far as the note says it.
  const spent = await db.$queryRaw<{ month: string; currency: Currency; charged: bigint; list: bigint }[]>`
    with ${prices}, charged as (
      select i.invoice_id, to_char(coalesce(i.issued_at, i.created_at) at time zone 'UTC', 'YYYY-MM') as month, i.currency, i.net - coalesce((select sum(n.net) from credit_note n where n.msp_id = i.msp_id and n.invoice_id = i.invoice_id and n.status = 'issued'), 0) as net,
             coalesce((select sum(greatest(l.amount, coalesce(l.quantity * p.amount, l.amount))) from invoice_line l
                 left join lateral (select amount from prices where plan = l.plan and currency = i.currency and interval = s.interval and published <= l.period_start and not l.proration order by published desc limit 1) p on true
                where l.msp_id = i.msp_id and l.invoice_id = i.invoice_id), i.net) as list
        from invoice i join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp'
        left join subscription s on s.msp_id = i.msp_id and s.subscription_id = i.subscription_id
       where i.msp_id = ${mspId}::uuid and i.status in ('open', 'paid') and coalesce(i.issued_at, i.created_at) >= ${new Date(`${back}T00:00:00Z`)}
    ) select month, currency, sum(net)::bigint as charged, sum(greatest(list, net))::bigint as list from charged group by 1, 2 order by 1, 2`;
  const listed = [...days.values()].toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.currency < b.currency ? -1 : 1));
  return { today, days: listed, ahead: sumByMonth(listed, monthsFrom(today, 12)), spent: filled(spent.map(({ month, currency, charged, list }) => ({ month, currency, charged: minor(charged), list: minor(list) })), monthsFrom(back, 12)) };
}

/** Each month for each currency that occurs, also those without anything: a gap in a chart is read as a month left out. Pure. */
export function filled(sums: readonly MonthSum[], months: readonly string[]): MonthSum[] {
  const found = new Map(sums.map((sum) => [`${sum.month} ${sum.currency}`, sum]));
  return [...new Set(sums.map(({ currency }) => currency))].toSorted().flatMap((currency) => months.map((month) => found.get(`${month} ${currency}`) ?? { month, currency, charged: 0, list: 0 }));
}

/** Pure. */
export function sumByMonth(days: readonly RenewalDay[], months: readonly string[]): MonthSum[] {
  const sums = new Map<string, MonthSum>();
  for (const { on, currency, locked, list } of days) {
    const month = on.slice(0, 7);
    const sum = sums.get(`${month} ${currency}`) ?? { month, currency, charged: 0, list: 0 };
    sums.set(`${month} ${currency}`, { ...sum, charged: sum.charged + locked, list: sum.list + list });
  }
  return filled([...sums.values()], months);
}

/** Twelve months ahead and twelve back. Throws Refusal `forbidden`, `database_unavailable`. */
export async function readCalendar(actor: Actor, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<Calendar> {
  authorize(actor, "billing.read");
  return read(actor, (tx) => calendarIn(tx, clock.now(), lists), db);
}
