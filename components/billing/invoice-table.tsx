"use client";
import { ExternalLink } from "lucide-react";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useTransition } from "react";
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

export const invoiceColumns = (today: string, withClient: boolean): Column<InvoiceRow>[] => [
  { id: "number", header: "Invoice", ...(withClient && { hideBelow: "thumb" as const }), cell: ({ number }) => <span className="font-mono text-12 whitespace-nowrap">{number ?? "–"}</span> },
  ...(withClient ? [{ id: "name", header: "Client", width: "60%", cell: ({ name, place, subscriptionId, number, issuedOn }: InvoiceRow) => <span className="block max-thumb:py-1.5"><Who name={name} place={place} href={subscriptionHref(subscriptionId)} /><span className="hidden truncate text-12 text-text-3 max-thumb:block">{number ? <span className="font-mono">{number}, </span> : null}{shortDay(issuedOn, true)}</span></span> }] : []),
  { id: "reason", header: "For", hideBelow: "rail", cell: ({ reason }) => <span className="whitespace-nowrap text-text-2">{REASON[reason]}</span> },
  { id: "issued", header: "Issued", align: "end", hideBelow: "thumb", cell: ({ issuedOn }) => <span className="text-text-2">{shortDay(issuedOn, true)}</span> },
  { id: "net", header: "Net", align: "end", hideBelow: "rail", cell: ({ net, currency, lockNet }) => <span className={lockNet !== null && lockNet !== net ? "text-danger-text" : ""} data-hint={lockNet === null ? undefined : lockNet === net ? "Equals its lock" : `Differs from its lock, ${lockText(lockNet, currency)}`}>{money(net, currency)}{lockNet !== null && lockNet !== net ? <span className="sr-only">{`, differs from its lock, ${lockText(lockNet, currency)}`}</span> : null}</span> },
  { id: "tax", header: "Tax", align: "end", hideBelow: "rail", cell: ({ tax, currency }) => (tax === 0 ? <span className="text-text-3">–</span> : money(tax, currency)) },
  { id: "total", header: "Total", align: "end", cell: (row) => <><span className="font-semibold">{money(row.total, row.currency)}</span>{withClient ? <span className="hidden text-12 text-text-2 max-thumb:block"><InvoiceState row={row} today={today} /></span> : null}</> },
  { id: "state", header: "State", ...(withClient && { hideBelow: "thumb" as const }), cell: (row) => <InvoiceState row={row} today={today} /> },
  { id: "open", header: "Documents", silent: true, align: "end", hideBelow: "thumb", cell: ({ pdfUrl, pageUrl, number }) => <span className="inline-flex gap-3 text-12">{pageUrl ? <a href={pageUrl} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 rounded-in text-text-2 hover:text-text">Page<span className="sr-only"> of {number}, in a new window</span><ExternalLink className="size-3" aria-hidden /></a> : null}{pdfUrl ? <a href={pdfUrl} target="_blank" rel="noreferrer" className="rounded-in text-text-2 underline decoration-line-strong underline-offset-2 hover:text-text">PDF<span className="sr-only"> of {number}, in a new window</span></a> : null}</span> },
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
        label="Invoices, newest first" columns={invoiceColumns(today, true)} rows={invoices.rows} rowId={({ id }) => id} loading={false} error={null}
        empty={counts.all === 0 ? <Empty title="No invoice was issued yet">Each subscription has invoices of its own. They appear here with their PDF as soon as they are issued.</Empty> : <Empty title="No invoice fits this">Take a filter off, or search for another name.</Empty>}
      />
      <Pages page={invoices.page} pages={invoices.pages} matching={invoices.matching} noun="invoices" go={(page) => void set({ page: page === 1 ? null : page })} />
    </section>
  );
}
