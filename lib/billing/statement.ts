/**
 * The monthly statement: what was owed when a month began, what moved it, and what is open when it ends. One for each paying account and
 * currency; every amount, tax included, in minor units. Each movement has a day of its own that never changes, so neither does the
 * statement of a month that is over. Months begin at 00:00 UTC. Only what the MSP itself pays (SPEC section 7).
 */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { addMonths, dayOf, startOf, type Day } from "./days.ts";
import { minor } from "./money.ts";
import type { Currency } from "./price-list.ts";

/** payment takes from what is owed; refund, which follows a credit note, gives it back; closed: voided, or given up. */
export const moveKinds = ["invoice", "credit", "payment", "refund", "closed"] as const;
export type MoveKind = (typeof moveKinds)[number];

export type Move = {
  readonly kind: MoveKind; readonly on: Day; readonly invoiceId: string; readonly number: string | null; /** Of the credit note. */ readonly reference: string | null; readonly subscriptionId: string | null; readonly clientId: string | null; readonly name: string; readonly place: string | null;
  /** Adds to what is owed, or takes from it. */ readonly amount: number; /** Owed after it. */ readonly balance: number; readonly dueOn: Day | null;
};
/** An invoice with something open when the month ended. */
export type OpenInvoice = { readonly invoiceId: string; readonly number: string | null; readonly name: string; readonly place: string | null; readonly subscriptionId: string | null; readonly issuedOn: Day; /** null: charged to a card. */ readonly dueOn: Day | null; readonly amount: number };

export type Payer = { readonly name: string; readonly address: readonly string[]; readonly taxId: string | null; readonly purchaseOrder: string | null };
export type Section = {
  readonly accountId: string; readonly payer: Payer; readonly currency: Currency;
  readonly opening: number; /** What each kind came to; payments and credits are negative. */ readonly sums: Readonly<Record<MoveKind, number>>; readonly closing: number;
  readonly moves: readonly Move[]; readonly movesInAll: number; readonly open: readonly OpenInvoice[]; readonly openInAll: number;
};
/** `months`: with a statement, newest first. `day`: the last day it tells of. */
export type Statement = { readonly month: string; readonly months: readonly string[]; readonly over: boolean; readonly day: Day; readonly sections: readonly Section[] };

/** What stands in an address, as a month that has begun; else this one. Pure. */
export const monthAsked = (text: string | undefined, today: Day): string => (text !== undefined && /^2\d{3}-(0[1-9]|1[0-2])$/.test(text) && text <= today.slice(0, 7) ? text : today.slice(0, 7));

/** Part of an open invoice that was paid has no day of its own at the provider; it stands with the issue. */
const movesOf = (mspId: string) => Prisma.sql`
  with own as (
    select i.account_id, i.currency, i.invoice_id, i.number, i.status, i.total, i.paid, i.credited, i.refunded, i.paid_at, i.closed_at, coalesce(i.issued_at, i.created_at) as issued
      from invoice i join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp'
     where i.msp_id = ${mspId}::uuid and i.status <> 'draft'
  ), moves as (
    select account_id, currency, invoice_id, number, 0 as kind, issued as at, total as amount, null::text as reference from own where total <> 0
    union all select o.account_id, o.currency, o.invoice_id, o.number, 1, n.created_at, -n.total, n.number from own o join credit_note n on n.msp_id = ${mspId}::uuid and n.invoice_id = o.invoice_id and n.status = 'issued'
    union all select account_id, currency, invoice_id, number, 2, coalesce(paid_at, issued), -paid, null from own where paid <> 0
    union all select o.account_id, o.currency, o.invoice_id, o.number, 3, r.created_at, r.amount, null from own o join refund r on r.msp_id = ${mspId}::uuid and r.invoice_id = o.invoice_id and r.status in ('succeeded', 'pending')
    union all select account_id, currency, invoice_id, number, 4, coalesce(closed_at, issued), -(total - credited - paid + refunded), null from own where status in ('void', 'uncollectible') and total - credited - paid + refunded <> 0
  )`;

/** Whose an invoice is; joined to the few rows that are shown. */
const named = (mspId: string) => Prisma.sql`
  join invoice i on i.msp_id = ${mspId}::uuid and i.invoice_id = x.invoice_id join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id
  left join subscription s on s.msp_id = i.msp_id and s.subscription_id = i.subscription_id left join client c on c.msp_id = s.msp_id and c.client_id = s.client_id`;
const names = Prisma.sql`i.subscription_id, s.client_id, coalesce(c.name, nullif(s.label, ''), a.name) as name, coalesce(c.aliases[1], nullif(c.region, '')) as place, i.due_at, coalesce(i.issued_at, i.created_at) as issued`;

type SumRow = { account_id: string; currency: Currency; opening: bigint; closing: bigint; moves: number; kind_0: bigint; kind_1: bigint; kind_2: bigint; kind_3: bigint; kind_4: bigint };
type MoveRow = { account_id: string; currency: string; kind: number; at: Date; amount: bigint; reference: string | null; invoice_id: string; number: string | null; subscription_id: string | null; client_id: string | null; name: string; place: string | null; due_at: Date | null };
type OpenRow = { account_id: string; currency: string; invoice_id: string; number: string | null; name: string; place: string | null; subscription_id: string | null; issued: Date; due_at: Date | null; amount: bigint; in_all: number };
type AccountRow = { accountId: string; name: string; country: string; address: unknown; taxId: string | null; purchaseOrder: string | null };

function payerOf({ name, country, address, taxId, purchaseOrder }: AccountRow): Payer {
  const { line1, postal_code: postalCode, city } = (address ?? {}) as Record<string, string | undefined>;
  return { name, address: [line1, [postalCode, city].filter(Boolean).join(" "), country].filter((line): line is string => Boolean(line)), taxId, purchaseOrder };
}

const same = (section: { account_id: string; currency: string }) => (row: { account_id: string; currency: string }) => row.account_id === section.account_id && row.currency === section.currency;

/**
 * `whole`: every movement, for a sheet (at most limits.invoiceSheet); else the first limits.statementLines of the month. Throws Refusal
 * `forbidden`, `database_unavailable`.
 */
export async function readStatement(actor: Actor, asked: string | undefined, { whole = false, clock = systemClock, db = database() }: { whole?: boolean; clock?: Clock; db?: Database } = {}): Promise<Statement> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  const today = dayOf(clock.now());
  const month = monthAsked(asked, today);
  const [from, next] = [`${month}-01`, addMonths(`${month}-01`, 1)];
  const [start, end] = [new Date(startOf(from)), new Date(startOf(next))];
  const most = whole ? limits.invoiceSheet : limits.statementLines;
  return read(actor, async (tx) => {
    const base = movesOf(mspId);
    const [first] = await tx.db.$queryRaw<{ at: Date | null }[]>`select min(coalesce(i.issued_at, i.created_at)) as at from invoice i join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp' where i.msp_id = ${mspId}::uuid and i.status <> 'draft'`;
    const sums = await tx.db.$queryRaw<SumRow[]>`
      ${base} select account_id, currency, coalesce(sum(amount) filter (where at < ${start}), 0)::bigint as opening, coalesce(sum(amount), 0)::bigint as closing, count(*) filter (where at >= ${start})::int as moves,
        ${Prisma.join(moveKinds.map((_, kind) => Prisma.sql`coalesce(sum(amount) filter (where at >= ${start} and kind = ${kind}), 0)::bigint as ${Prisma.raw(`kind_${kind}`)}`))}
        from moves where at < ${end} group by 1, 2 order by 2, 1`;
    const moves = await tx.db.$queryRaw<MoveRow[]>`
      ${base}, x as (select * from moves where at >= ${start} and at < ${end} order by currency, account_id, at, kind, number, invoice_id limit ${most})
      select x.*, ${names} from x ${named(mspId)} order by x.currency, x.account_id, x.at, x.kind, x.number, x.invoice_id`;
    const open = await tx.db.$queryRaw<OpenRow[]>`
      ${base}, standing as (select account_id, currency, invoice_id, sum(amount)::bigint as amount from moves where at < ${end} group by 1, 2, 3 having sum(amount) <> 0),
      x as (select t.*, count(*) over (partition by t.account_id, t.currency)::int as in_all, v.number, coalesce(v.due_at, v.issued_at, v.created_at) as by from standing t join invoice v on v.msp_id = ${mspId}::uuid and v.invoice_id = t.invoice_id order by t.currency, t.account_id, by, v.number, t.invoice_id limit ${most})
      select x.*, ${names} from x ${named(mspId)} order by x.currency, x.account_id, x.by, x.number, x.invoice_id`;
    const accounts = new Map((await tx.db.billingAccount.findMany({ where: { mspId, payer: "msp" } })).map((account) => [account.accountId, account]));
    const sections = sums.map((sum): Section => {
      let balance = minor(sum.opening);
      const standing = open.filter(same(sum));
      return {
        accountId: sum.account_id, payer: payerOf(accounts.get(sum.account_id)!), currency: sum.currency, opening: minor(sum.opening), closing: minor(sum.closing),
        sums: { invoice: minor(sum.kind_0), credit: minor(sum.kind_1), payment: minor(sum.kind_2), refund: minor(sum.kind_3), closed: minor(sum.kind_4) }, movesInAll: sum.moves, openInAll: standing[0]?.in_all ?? 0,
        moves: moves.filter(same(sum)).map((row): Move => {
          const amount = minor(row.amount);
          balance += amount;
          return { kind: moveKinds[row.kind]!, on: dayOf(row.at), invoiceId: row.invoice_id, number: row.number, reference: row.reference, subscriptionId: row.subscription_id, clientId: row.client_id, name: row.name, place: row.place, amount, balance, dueOn: row.kind === 0 && row.due_at ? dayOf(row.due_at) : null };
        }),
        open: standing.map((row): OpenInvoice => ({ invoiceId: row.invoice_id, number: row.number, name: row.name, place: row.place, subscriptionId: row.subscription_id, issuedOn: dayOf(row.issued), dueOn: row.due_at && dayOf(row.due_at), amount: minor(row.amount) })),
      };
    });
    const over = month < today.slice(0, 7);
    return { month, months: monthsBack(first?.at ? dayOf(first.at) : today, today), over, day: over ? dayOf(end.getTime() - 1) : today, sections };
  }, db);
}

/** From this month back to the first that has anything. Pure. */
export function monthsBack(first: Day, today: Day): string[] {
  const months: string[] = [];
  for (let back = 0, month = today.slice(0, 7); month >= first.slice(0, 7); month = addMonths(`${today.slice(0, 7)}-01`, -++back).slice(0, 7)) months.push(month);
  return months;
}
