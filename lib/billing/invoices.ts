/** Invoices that the MSP pays: as a page, as sheets, and split by client to the cent. Amounts in minor units of their currency. */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { dayOf, daysBetween, type Day } from "./days.ts";
import { minor } from "./money.ts";
import type { Currency } from "./price-list.ts";
import { mostCredit } from "./typed.ts";
import type { CollectedBy, InvoiceReason, InvoiceStatus } from "./types.ts";

export const invoiceShows = ["all", "open", "past-due", "paid", "void"] as const;
export type InvoiceShow = (typeof invoiceShows)[number];
export type InvoiceAsk = { readonly q?: string; readonly show?: InvoiceShow; /** `2026-11`; null: any. */ readonly month?: string | null; readonly subscription?: string | null; readonly page?: number };

export type InvoiceRow = {
  readonly id: string; readonly number: string | null; readonly subscriptionId: string | null; readonly clientId: string | null; readonly name: string; readonly place: string | null;
  readonly status: InvoiceStatus; readonly reason: InvoiceReason; readonly collection: CollectedBy; readonly currency: Currency;
  readonly net: number; readonly tax: number; readonly total: number; readonly remaining: number; readonly credited: number; readonly refunded: number; /** At most, tax included. */ readonly creditable: number;
  readonly issuedOn: Day; readonly dueOn: Day | null; readonly paidOn: Day | null; /** Of one that is open; 0: not past due. */ readonly pastDue: number;
  /** Of a renewal: what its lock says it must charge, net. */ readonly lockNet: number | null; readonly pdfUrl: string | null; readonly pageUrl: string | null; readonly purchaseOrder: string | null;
};

export type Invoices = {
  readonly rows: readonly InvoiceRow[]; readonly matching: number; readonly page: number; readonly pages: number; readonly months: readonly string[];
  readonly counts: Readonly<Record<InvoiceShow, number>>; /** Open, by currency. */ readonly owed: readonly { readonly currency: Currency; readonly open: number; readonly pastDue: number }[];
  /** Renewals compared with their locks, and those of them that differ. */ readonly compared: { readonly count: number; readonly differing: number };
};

type Row = {
  invoice_id: string; number: string | null; subscription_id: string | null; client_id: string | null; name: string; place: string | null; status: InvoiceStatus; reason: InvoiceReason; collection: CollectedBy; currency: string;
  net: bigint; tax: bigint; total: bigint; paid: bigint; remaining: bigint; credited: bigint; refunded: bigint; created_at: Date; issued_at: Date | null; due_at: Date | null; paid_at: Date | null; lock_net: bigint | null; pdf_url: string | null; page_url: string | null; purchase_order: string | null; matching: number;
};

export const invoicesOf = (mspId: string) => Prisma.sql`
  with invoices as (
    select i.*, s.client_id, s.plan, s.quantity, coalesce(c.name, nullif(s.label, ''), a.name) as name, coalesce(c.aliases[1], nullif(c.region, '')) as place
      from invoice i join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp'
      left join subscription s on s.msp_id = i.msp_id and s.subscription_id = i.subscription_id
      left join client c on c.msp_id = s.msp_id and c.client_id = s.client_id
     where i.msp_id = ${mspId}::uuid and i.status <> 'draft'
  )`;

const shown = (show: InvoiceShow, now: Date) =>
  ({ all: Prisma.sql`true`, open: Prisma.sql`status = 'open'`, "past-due": Prisma.sql`status = 'open' and due_at < ${now}`, paid: Prisma.sql`status = 'paid'`, void: Prisma.sql`status in ('void', 'uncollectible')` })[show];

function matching({ q = "", show = "all", month = null, subscription = null }: InvoiceAsk, now: Date): Prisma.Sql {
  const text = q.trim().toLowerCase();
  return Prisma.sql`${shown(show, now)}
    and ${text === "" ? Prisma.sql`true` : Prisma.sql`(strpos(lower(name), ${text}) > 0 or strpos(lower(coalesce(number, '')), ${text}) > 0 or strpos(lower(coalesce(purchase_order, '')), ${text}) > 0)`}
    and ${month === null ? Prisma.sql`true` : Prisma.sql`to_char(coalesce(issued_at, created_at) at time zone 'UTC', 'YYYY-MM') = ${month}`}
    and ${subscription === null ? Prisma.sql`true` : Prisma.sql`subscription_id = ${subscription}::uuid`}`;
}

const rowOf = (row: Row, today: Day): InvoiceRow => {
  const dueOn = row.due_at && dayOf(row.due_at);
  return {
    id: row.invoice_id, number: row.number, subscriptionId: row.subscription_id, clientId: row.client_id, name: row.name, place: row.place, status: row.status, reason: row.reason, collection: row.collection, currency: row.currency as Currency,
    net: minor(row.net), tax: minor(row.tax), total: minor(row.total), remaining: minor(row.remaining), credited: minor(row.credited), refunded: minor(row.refunded), creditable: mostCredit({ status: row.status, remaining: minor(row.remaining), paid: minor(row.paid), refunded: minor(row.refunded) }),
    issuedOn: dayOf(row.issued_at ?? row.created_at), dueOn, paidOn: row.paid_at && dayOf(row.paid_at), pastDue: row.status === "open" && dueOn !== null ? Math.max(0, daysBetween(dueOn, today)) : 0,
    lockNet: row.lock_net === null ? null : minor(row.lock_net), pdfUrl: row.pdf_url, pageUrl: row.page_url, purchaseOrder: row.purchase_order,
  };
};

/** A page of them, newest first. Throws Refusal `forbidden`, `database_unavailable`. */
export async function readInvoices(actor: Actor, ask: InvoiceAsk = {}, clock: Clock = systemClock, db: Database = database()): Promise<Invoices> {
  authorize(actor, "billing.read");
  const now = clock.now();
  const today = dayOf(now);
  const size = limits.ledgerPage;
  return read(actor, async (tx) => {
    const base = invoicesOf(actor.mspId);
    const facts = await tx.db.$queryRaw<{ currency: Currency; month: string; count: number; open: number; late: number; paid: number; over: number; owed: bigint; late_owed: bigint; compared: number; differing: number }[]>`
      ${base} select currency, to_char(coalesce(issued_at, created_at) at time zone 'UTC', 'YYYY-MM') as month, count(*)::int as count, count(*) filter (where status = 'open')::int as open, count(*) filter (where status = 'open' and due_at < ${now})::int as late,
        count(*) filter (where status = 'paid')::int as paid, count(*) filter (where status in ('void', 'uncollectible'))::int as over,
        coalesce(sum(remaining) filter (where status = 'open'), 0)::bigint as owed, coalesce(sum(remaining) filter (where status = 'open' and due_at < ${now}), 0)::bigint as late_owed,
        count(*) filter (where lock_net is not null)::int as compared, count(*) filter (where lock_net is not null and lock_net <> net)::int as differing
        from invoices group by 1, 2 order by 2 desc`;
    const rows = (page: number) => tx.db.$queryRaw<Row[]>`${base} select *, count(*) over ()::int as matching from invoices where ${matching(ask, now)} order by coalesce(issued_at, created_at) desc, invoice_id desc limit ${size} offset ${(page - 1) * size}`;
    let page = Math.max(1, ask.page ?? 1);
    let found = await rows(page);
    if (found.length === 0 && page > 1) found = await rows((page = 1));
    const sum = (pick: (fact: (typeof facts)[number]) => number) => facts.reduce((total, fact) => total + pick(fact), 0);
    const count = found[0]?.matching ?? 0;
    const owed = [...Map.groupBy(facts, ({ currency }) => currency)].map(([currency, own]) => ({ currency, open: minor(own.reduce((total, fact) => total + fact.owed, 0n)), pastDue: minor(own.reduce((total, fact) => total + fact.late_owed, 0n)) }));
    return {
      rows: found.map((row) => rowOf(row, today)), matching: count, page, pages: Math.max(1, Math.ceil(count / size)), months: [...new Set(facts.map(({ month }) => month))],
      counts: { all: sum((fact) => fact.count), open: sum((fact) => fact.open), "past-due": sum((fact) => fact.late), paid: sum((fact) => fact.paid), void: sum((fact) => fact.over) },
      owed: owed.filter(({ open }) => open !== 0), compared: { count: sum((fact) => fact.compared), differing: sum((fact) => fact.differing) },
    };
  }, db);
}

/** One line of one invoice, as a PSA takes it up. The lines of an invoice add up to it, to the cent. */
export type SplitLine = InvoiceRow & { readonly line: number; readonly description: string; readonly plan: string | null; readonly quantity: number; readonly unitAmount: number | null; readonly lineNet: number; readonly lineTax: number; readonly periodStart: Day; readonly periodEnd: Day };

/** Every line of every invoice that matches, oldest first, so that a sheet can be continued; at most limits.invoiceSheet. */
export async function splitByClient(actor: Actor, ask: Omit<InvoiceAsk, "page"> = {}, clock: Clock = systemClock, db: Database = database()): Promise<SplitLine[]> {
  authorize(actor, "billing.read");
  const now = clock.now();
  const today = dayOf(now);
  type LineRow = Row & { line: number; description: string; line_plan: string | null; line_quantity: number; unit_amount: bigint | null; amount: bigint; line_tax: bigint; line_start: Date; line_end: Date };
  const rows = await read(actor, (tx) => tx.db.$queryRaw<LineRow[]>`
    ${invoicesOf(actor.mspId)}, wanted as (select * from invoices where ${matching(ask, now)})
    select w.*, 0 as matching, l.line, l.description, l.plan as line_plan, l.quantity as line_quantity, l.unit_amount, l.amount, l.tax as line_tax, l.period_start as line_start, l.period_end as line_end
      from wanted w join invoice_line l on l.msp_id = w.msp_id and l.invoice_id = w.invoice_id
     order by coalesce(w.issued_at, w.created_at), w.invoice_id, l.line limit ${limits.invoiceSheet}`, db);
  return rows.map((row) => ({
    ...rowOf(row, today), line: row.line, description: row.description, plan: row.line_plan, quantity: row.line_quantity, unitAmount: row.unit_amount === null ? null : minor(row.unit_amount),
    lineNet: minor(row.amount), lineTax: minor(row.line_tax), periodStart: dayOf(row.line_start), periodEnd: dayOf(row.line_end),
  }));
}
