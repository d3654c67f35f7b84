"use client";
import { ExternalLink } from "lucide-react";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useTransition, type ReactNode } from "react";
import { Input } from "#components/ui/input.tsx";
import { Money } from "#components/ui/money.tsx";
import { moneyText } from "#components/ui/money-text.ts";
import { Select } from "#components/ui/select.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { monthName, shortDay } from "#lib/billing/clock-words.ts";
import type { InvoiceRow, Invoices } from "#lib/billing/invoices.ts";
import { InvoiceState } from "./invoice-brief.tsx";
import { Pages } from "./pages.tsx";
import { Shows } from "./shows.tsx";
import { subscriptionHref, Who } from "./who.tsx";

const SHOWS = ["all", "open", "past-due", "paid", "void"] as const;
const WORDS = { all: "All", open: "Open", "past-due": "Past due", paid: "Paid", void: "Void" } as const;
const REASON = { first: "first charge", renewal: "renewal", change: "change of plan", other: "other" } as const;

const lockText = (minor: number, currency: string) => Object.values(moneyText({ minor, currency })).join(" ");
const money = (minor: number, currency: string) => <Money of={{ minor, currency }} />;

const issuedColumn: Column<InvoiceRow> = { id: "issued", header: "Issued", align: "end", hideBelow: "thumb", cell: ({ issuedOn }) => <span className="text-text-2">{shortDay(issuedOn, true)}</span> };
const documentsColumn: Column<InvoiceRow> = { id: "open", header: "Documents", silent: true, align: "end", hideBelow: "thumb", cell: ({ pdfUrl, pageUrl, number }) => <span className="inline-flex gap-3 text-12">{pageUrl ? <a href={pageUrl} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 rounded-in text-text-2 hover:text-text">Page<span className="sr-only"> of {number}, in a new window</span><ExternalLink className="size-3" aria-hidden /></a> : null}{pdfUrl ? <a href={pdfUrl} target="_blank" rel="noreferrer" className="rounded-in text-text-2 underline decoration-line-strong underline-offset-2 hover:text-text">PDF<span className="sr-only"> of {number}, in a new window</span></a> : null}</span> };

/** What an invoice charges without tax, beside what its lock says. */
function Net({ row: { net, currency, lockNet } }: { row: InvoiceRow }) {
  const differs = lockNet !== null && lockNet !== net;
  return <span className={differs ? "text-danger-text" : ""} data-hint={lockNet === null ? undefined : differs ? `Differs from its lock, ${lockText(lockNet, currency)}` : "Equals its lock"}>{money(net, currency)}{differs ? <span className="sr-only">{`, differs from its lock, ${lockText(lockNet, currency)}`}</span> : null}</span>;
}

const invoiceColumns = (today: string): Column<InvoiceRow>[] => [
  { id: "number", header: "Invoice", hideBelow: "thumb", cell: ({ number }) => <span className="font-mono text-12 whitespace-nowrap">{number ?? "–"}</span> },
  { id: "name", header: "Client", width: "60%", cell: ({ name, place, subscriptionId, number, issuedOn }) => <span className="block max-thumb:py-1.5"><Who name={name} place={place} href={subscriptionHref(subscriptionId)} /><span className="hidden truncate text-12 text-text-3 max-thumb:block">{number ? <span className="font-mono">{number}, </span> : null}{shortDay(issuedOn, true)}</span></span> },
  { id: "reason", header: "For", hideBelow: "rail", cell: ({ reason }) => <span className="whitespace-nowrap text-text-2">{REASON[reason]}</span> },
  issuedColumn,
  { id: "net", header: "Net", align: "end", hideBelow: "rail", cell: (row) => <Net row={row} /> },
  { id: "tax", header: "Tax", align: "end", hideBelow: "rail", cell: ({ tax, currency }) => (tax === 0 ? <span className="text-text-3">–</span> : money(tax, currency)) },
  { id: "total", header: "Total", align: "end", cell: (row) => <><span className="font-semibold">{money(row.total, row.currency)}</span><span className="hidden text-12 text-text-2 max-thumb:block"><InvoiceState row={row} today={today} /></span></> },
  { id: "state", header: "State", hideBelow: "thumb", cell: (row) => <InvoiceState row={row} today={today} /> },
  documentsColumn,
];

/** Of one subscription, in the narrower part of its page: two lines a row. `credit`: what stands at a row's end, under a thumb below its state. */
export const ownInvoiceColumns = (today: string, credit: ((row: InvoiceRow) => ReactNode) | null): Column<InvoiceRow>[] => [
  { id: "number", header: "Invoice", cell: ({ number, reason }) => <span className="block py-1 leading-[18px]"><span className="block font-mono text-12 whitespace-nowrap">{number ?? "–"}</span><span className="block text-12 whitespace-nowrap text-text-3">{REASON[reason]}</span></span> },
  issuedColumn,
  { id: "total", header: "Total", align: "end", cell: (row) => <span className="block py-1 leading-[18px]"><span className="block font-semibold">{money(row.total, row.currency)}</span><span className="block text-12 text-text-3">{"net "}<Net row={row} /></span></span> },
  { id: "state", header: "State", cell: (row) => <span className="block py-1 leading-[18px]"><InvoiceState row={row} today={today} /><span className="block pl-[22px] text-12 max-thumb:hidden">{documentsColumn.cell(row)}</span>{credit ? <span className="mt-1 hidden max-thumb:block">{credit(row)}</span> : null}</span> },
  ...(credit ? [{ id: "credit", header: "Credit", silent: true, align: "end" as const, hideBelow: "thumb" as const, cell: credit }] : []),
];

/** Invoices, newest first; the server finds and cuts. */
export function InvoiceTable({ invoices, today }: { invoices: Invoices; today: string }) {
  const [pending, start] = useTransition();
  const [{ q, show, month }, set] = useQueryStates({ q: parseAsString.withDefault(""), show: parseAsStringLiteral(SHOWS).withDefault("all"), month: parseAsString.withDefault(""), page: parseAsInteger.withDefault(1) }, { shallow: false, startTransition: start, throttleMs: 300 });
  const { counts } = invoices;
  return (
    <section aria-label="Invoices" aria-busy={pending || undefined}>
      <div className="flex flex-wrap items-center gap-2 px-gutter py-2.5">
        <span className="w-60 max-thumb:w-full"><Input type="search" aria-label="Find an invoice" placeholder="Client, number or purchase order" value={q} maxLength={200} autoComplete="off" spellCheck={false} dir="auto" onChange={(event) => void set({ q: event.target.value || null, page: null })} /></span>
        <Shows label="Which invoices" value={show} onChange={(value) => void set({ show: value, page: null })} choices={SHOWS.filter((one) => one !== "void" || counts.void > 0).map((value) => ({ value, label: `${WORDS[value]} ${counts[value].toLocaleString("en")}` }))} />
        <Select aria-label="Month" className="w-44 max-thumb:w-full" value={month} onChange={(value) => void set({ month: value || null, page: null })} choices={[{ value: "", label: "Any month" }, ...invoices.months.map((value) => ({ value, label: monthName(value) }))]} />
      </div>
      <Table
        label="Invoices, newest first" columns={invoiceColumns(today)} rows={invoices.rows} rowId={({ id }) => id} loading={false} error={null}
        empty={counts.all === 0 ? <Empty title="No invoice was issued yet">Each subscription has invoices of its own. They appear here with their PDF as soon as they are issued.</Empty> : <Empty title="No invoice fits this">Take a filter off, or search for another name.</Empty>}
      />
      <Pages page={invoices.page} pages={invoices.pages} matching={invoices.matching} noun="invoices" go={(page) => void set({ page: page === 1 ? null : page })} />
    </section>
  );
}
