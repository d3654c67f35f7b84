/**
 * The lock ledger as a page of lines, ordered and cut by the database: it stays one query at ten thousand subscriptions. Only what
 * the MSP itself pays; a client that pays for itself is not in it (SPEC section 7). Amounts are net minor units, of a whole year.
 */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { dayOf, type Day } from "./days.ts";
import { minor } from "./money.ts";
import { isPlan, planOf, vaultLimit, type PlanId } from "./plan.ts";
import { currencies, priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import type { CollectedBy, Interval, SubscriptionState } from "./types.ts";

export type LedgerLine = {
  readonly id: string; readonly clientId: string | null; readonly name: string; /** What tells it from another of the same name. */ readonly place: string | null;
  readonly plan: PlanId; readonly currency: Currency; readonly interval: Interval; readonly users: number; readonly collection: CollectedBy; readonly state: SubscriptionState;
  /** A year. `list`: the same at today's list; null where it is not published in this currency. `saved`: over every charge so far. */
  readonly locked: number; readonly list: number | null; readonly saved: number;
  /** null: not charged yet, so nothing is locked. */
  readonly since: Day | null; readonly renewsOn: Day | null; readonly renews: boolean; readonly nextPlan: PlanId | null; readonly nextUsers: number | null;
  /** In another currency or interval from its end on: then it does not renew, and nothing ends (lib/billing/move.ts). */
  readonly goesOn: { readonly currency: Currency; readonly interval: Interval } | null;
  readonly tokens: { readonly used: number; readonly limit: number | null } | null; readonly vaults: { readonly used: number; readonly limit: number | null };
};

export const ledgerSorts = ["name", "plan", "tokens", "locked", "list", "saved", "since", "renews"] as const;
export type LedgerSort = (typeof ledgerSorts)[number];
export const ledgerShows = ["all", "full", "renewing", "unlocked"] as const;
export type LedgerShow = (typeof ledgerShows)[number];
export type LedgerAsk = { readonly q?: string; readonly show?: LedgerShow; readonly plan?: PlanId | null; readonly sort?: LedgerSort; readonly direction?: "up" | "down"; readonly page?: number };

/** One currency; they are never added to each other. */
export type LedgerTotal = { readonly currency: Currency; readonly count: number; readonly locked: number; readonly list: number; readonly saved: number; readonly since: Day | null };
export type LedgerGroup = { readonly plan: PlanId; readonly collection: CollectedBy; readonly currency: Currency; readonly count: number; readonly list: number };
export type Ledger = {
  readonly lines: readonly LedgerLine[]; readonly matching: number; readonly page: number; readonly pages: number;
  readonly totals: readonly LedgerTotal[]; readonly groups: readonly LedgerGroup[]; readonly counts: { readonly all: number; readonly full: number; readonly renewing: number; readonly unlocked: number };
  readonly listPublished: Day;
};

/** How far ahead a renewal is shown as coming. */
export const renewingDays = 30;

export type LedgerRow = {
  subscription_id: string; client_id: string | null; name: string; place: string | null; plan: string; currency: string; interval: Interval; quantity: number; collection: CollectedBy; state: SubscriptionState;
  locked: bigint; list: bigint | null; saved: bigint; since: Date | null; period_end: Date | null; renews: boolean; next_plan: string | null; next_quantity: number | null; next_currency: string | null; next_interval: Interval | null;
  tokens_used: number | null; tokens_limit: number | null; vaults: number; matching: number;
};

/** Every published price of every list, as rows for SQL: what a charge would have been at list on its day. */
export const listRows = (lists: readonly PriceList[]) =>
  lists.flatMap(({ published, prices }) => Object.entries(prices).flatMap(([plan, price]) => currencies.flatMap((currency) => (["year", "month"] as const).flatMap((interval) => {
    const amount = (interval === "year" ? price.annual : price.monthly)?.[currency];
    return amount === undefined ? [] : [{ published, plan, currency, interval, amount }];
  }))));

/**
 * One row for each subscription that the MSP pays and that has not ended. `saved` compares what each paid first or renewal invoice
 * charged with the list that was in force when its period began; prorated changes are left out. `only`: of which subscriptions `s`.
 */
export const ledgerRows = (mspId: string, lists: readonly PriceList[], now: Date, only: Prisma.Sql = Prisma.sql`true`) => {
  const current = priceListAt(now, lists).published;
  return Prisma.sql`
    with prices as materialized (
      select x.published::timestamptz as published, x.plan, x.currency, x.interval, x.amount from jsonb_to_recordset(${JSON.stringify(listRows(lists))}::jsonb) as x(published text, plan text, currency text, interval text, amount bigint)
    ), saved as (
      select i.subscription_id, sum(greatest(0, l.quantity * p.amount - l.amount))::bigint as saved
        from invoice i join invoice_line l on l.msp_id = i.msp_id and l.invoice_id = i.invoice_id and not l.proration and l.plan is not null
        join subscription s on s.msp_id = i.msp_id and s.subscription_id = i.subscription_id
        join lateral (select amount from prices where plan = l.plan and currency = i.currency and interval = s.interval and published <= l.period_start order by published desc limit 1) p on true
       where i.msp_id = ${mspId}::uuid and i.status = 'paid' and i.reason in ('first', 'renewal') and ${only} group by i.subscription_id
    ), usage as (
      select distinct on (v.client_id) v.client_id, r.tokens_used, r.tokens_limit
        from vault v join reading r on r.msp_id = v.msp_id and r.vault_ref = v.vault_ref
       where v.msp_id = ${mspId}::uuid and v.state in ('connected', 'unconfirmed') and r.tokens_used is not null
       order by v.client_id, r.tokens_used::float8 / nullif(r.tokens_limit, 0) desc nulls last
    ), hosted as (
      select subscription_id, count(*)::int as vaults from hosted_vault where msp_id = ${mspId}::uuid and gone_at is null group by subscription_id
    ), followers as (
      select distinct on (follows) follows, currency, interval from subscription where msp_id = ${mspId}::uuid and follows is not null and state in ('opening', 'trialing') order by follows, subscription_id
    ), namesakes as (
      select lower(name) as name from client where msp_id = ${mspId}::uuid group by 1 having count(*) > 1
    ), ledger as (
      select s.subscription_id, s.client_id, coalesce(c.name, nullif(s.label, ''), a.name) as name,
             coalesce(c.aliases[1], case when lower(c.name) in (select name from namesakes) then nullif(c.region, '') end) as place,
             s.plan, s.currency, s.interval, s.quantity, s.collection, s.state, s.period_end, s.renews, s.next_plan, s.next_quantity, f.currency as next_currency, f.interval as next_interval, k.locked_at as since,
             coalesce(k.amount, s.amount) * s.quantity * case s.interval when 'month' then 12 else 1 end as locked,
             p.amount * s.quantity * case s.interval when 'month' then 12 else 1 end as list,
             coalesce(v.saved, 0)::bigint as saved, u.tokens_used, u.tokens_limit, coalesce(h.vaults, 0) as vaults
        from subscription s join billing_account a on a.msp_id = s.msp_id and a.account_id = s.account_id and a.payer = 'msp'
        left join client c on c.msp_id = s.msp_id and c.client_id = s.client_id
        left join price_lock k on k.msp_id = s.msp_id and k.subscription_id = s.subscription_id and k.ended_at is null
        left join prices p on p.plan = s.plan and p.currency = s.currency and p.interval = s.interval and p.published = ${current}::timestamptz
        left join saved v on v.subscription_id = s.subscription_id
        left join usage u on u.client_id = s.client_id
        left join hosted h on h.subscription_id = s.subscription_id
        left join followers f on f.follows = s.subscription_id
       where s.msp_id = ${mspId}::uuid and s.state not in ('ended', 'opening') and not (s.state = 'trialing' and s.follows is not null) and ${only}
    )`;
};

const ORDER: Record<LedgerSort, Prisma.Sql> = {
  name: Prisma.sql`lower(name)`, plan: Prisma.sql`list`, tokens: Prisma.sql`tokens_used::float8 / nullif(tokens_limit, 0)`, locked: Prisma.sql`locked`, list: Prisma.sql`list`, saved: Prisma.sql`saved`, since: Prisma.sql`since`, renews: Prisma.sql`period_end`,
};

function shown(show: LedgerShow, now: Date): Prisma.Sql {
  if (show === "full") return Prisma.sql`tokens_limit is not null and tokens_used >= tokens_limit`;
  if (show === "renewing") return Prisma.sql`renews and period_end < ${new Date(now.getTime() + renewingDays * 86_400_000)}`;
  return show === "unlocked" ? Prisma.sql`since is null` : Prisma.sql`true`;
}

/** A plan as a row of a subscription names it. */
export const known = (plan: string): PlanId => {
  if (!isPlan(plan)) throw new RangeError(`no plan is called ${plan}`);
  return plan;
};

export function lineOf(row: LedgerRow): LedgerLine {
  const plan = known(row.plan);
  const limit = vaultLimit(planOf(plan), row.quantity);
  return {
    id: row.subscription_id, clientId: row.client_id, name: row.name, place: row.place, plan, currency: row.currency as Currency, interval: row.interval, users: row.quantity, collection: row.collection, state: row.state,
    locked: minor(row.locked), list: row.list === null ? null : minor(row.list), saved: minor(row.saved), since: row.since && dayOf(row.since), renewsOn: row.period_end && dayOf(row.period_end), renews: row.renews, nextPlan: row.next_plan === null ? null : known(row.next_plan), nextUsers: row.next_quantity,
    goesOn: row.next_currency === null || row.next_interval === null ? null : { currency: row.next_currency as Currency, interval: row.next_interval },
    tokens: row.tokens_used === null ? null : { used: row.tokens_used, limit: row.tokens_limit }, vaults: { used: row.vaults, limit: typeof limit === "number" ? limit : null },
  };
}

const matchingText = (q: string) => (q === "" ? Prisma.sql`true` : Prisma.sql`(strpos(lower(name), ${q.toLowerCase()}) > 0 or strpos(lower(coalesce(place, '')), ${q.toLowerCase()}) > 0)`);

/** A page of it, with totals over everything. Throws Refusal `forbidden`, `database_unavailable`. */
export async function readLedger(actor: Actor, ask: LedgerAsk = {}, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<Ledger> {
  authorize(actor, "billing.read");
  return read(actor, (tx) => ledgerIn(tx, ask, clock.now(), lists), db);
}

async function ledgerIn({ db, actor: { mspId } }: Read, ask: LedgerAsk, now: Date, lists: readonly PriceList[]): Promise<Ledger> {
  const { q = "", show = "all", plan = null, sort = "renews", direction = "up", page: asked = 1 } = ask;
  const ledger = ledgerRows(mspId, lists, now);
  const soon = new Date(now.getTime() + renewingDays * 86_400_000);
  const groups = await db.$queryRaw<{ plan: string; collection: CollectedBy; currency: Currency; count: number; locked: bigint; list: bigint; saved: bigint; since: Date | null; full: number; renewing: number; unlocked: number }[]>`
    ${ledger} select plan, collection, currency, count(*)::int as count, sum(locked)::bigint as locked, coalesce(sum(list), 0)::bigint as list, sum(saved)::bigint as saved, min(since) as since,
      count(*) filter (where tokens_limit is not null and tokens_used >= tokens_limit)::int as full, count(*) filter (where renews and period_end < ${soon})::int as renewing, count(*) filter (where since is null)::int as unlocked
      from ledger group by 1, 2, 3 order by 3, 2 desc, 5 desc`;
  const size = limits.ledgerPage;
  const rows = async (page: number) => db.$queryRaw<LedgerRow[]>`
    ${ledger} select *, count(*) over ()::int as matching from ledger where ${matchingText(q.trim())} and ${shown(show, now)} and ${plan === null ? Prisma.sql`true` : Prisma.sql`plan = ${plan}`}
     order by ${ORDER[sort]} ${direction === "up" ? Prisma.sql`asc` : Prisma.sql`desc`} nulls last, subscription_id limit ${size} offset ${(page - 1) * size}`;
  let page = Math.max(1, asked);
  let found = await rows(page);
  // Past the end, after something ended or the filter became narrower: the first page rather than an empty one.
  if (found.length === 0 && page > 1) found = await rows((page = 1));
  const matching = found[0]?.matching ?? 0;
  const sum = (pick: (group: (typeof groups)[number]) => number) => groups.reduce((total, group) => total + pick(group), 0);
  const totals = [...Map.groupBy(groups, ({ currency }) => currency)].map(([currency, own]): LedgerTotal => {
    const add = (pick: (group: (typeof own)[number]) => bigint) => minor(own.reduce((total, group) => total + pick(group), 0n));
    const first = own.flatMap(({ since }) => since ?? []).toSorted((a, b) => a.getTime() - b.getTime())[0];
    return { currency, count: own.reduce((total, { count }) => total + count, 0), locked: add(({ locked }) => locked), list: add(({ list }) => list), saved: add(({ saved }) => saved), since: first ? dayOf(first) : null };
  });
  return {
    lines: found.map(lineOf), matching, page, pages: Math.max(1, Math.ceil(matching / size)), totals,
    groups: groups.map((group) => ({ plan: known(group.plan), collection: group.collection, currency: group.currency, count: group.count, list: minor(group.list) })),
    counts: { all: sum(({ count }) => count), full: sum(({ full }) => full), renewing: sum(({ renewing }) => renewing), unlocked: sum(({ unlocked }) => unlocked) }, listPublished: priceListAt(now, lists).published,
  };
}

/** Every line that matches, for a sheet; at most limits.ledgerSheet. */
export async function allLines(actor: Actor, ask: Pick<LedgerAsk, "q" | "show" | "plan"> = {}, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<LedgerLine[]> {
  authorize(actor, "billing.read");
  const now = clock.now();
  const rows = await read(actor, (tx) => tx.db.$queryRaw<LedgerRow[]>`
    ${ledgerRows(actor.mspId, lists, now)} select *, 0 as matching from ledger where ${matchingText((ask.q ?? "").trim())} and ${shown(ask.show ?? "all", now)} and ${ask.plan ? Prisma.sql`plan = ${ask.plan}` : Prisma.sql`true`}
     order by lower(name), subscription_id limit ${limits.ledgerSheet}`, db);
  return rows.map(lineOf);
}
