import { Download } from "lucide-react";
import type { Metadata } from "next";
import { InvoiceTable } from "#components/billing/invoice-table.tsx";
import { Money } from "#components/ui/money.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { dayOf } from "#lib/billing/days.ts";
import { readInvoices } from "#lib/billing/invoices.ts";
import { systemClock } from "#lib/clock.ts";
import { pageActor } from "#lib/identity/session.ts";
import { invoiceAskOf, type Search } from "../asked.ts";

export const metadata: Metadata = { title: "Invoices" };

export default async function InvoicesPage({ searchParams }: { searchParams: Promise<Search> }) {
  const actor = await pageActor("billing.read");
  const ask = invoiceAskOf(await searchParams);
  const invoices = await readInvoices(actor, ask);
  const query = new URLSearchParams(Object.entries({ q: ask.q, show: ask.show, month: ask.month }).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-gutter pt-4 pb-1">
        <p className="min-w-0 flex-1 basis-64 text-pretty text-text-2">
          {invoices.owed.length === 0 ? "Nothing is owed. " : invoices.owed.map(({ currency, open, pastDue }) => <span key={currency}><Money of={{ minor: open, currency }} /> open{pastDue > 0 ? <>, of it <span className="text-danger-text"><Money of={{ minor: pastDue, currency }} /> past due</span></> : null}. </span>)}
          One client’s invoice never touches another’s.
        </p>
        <a href={`/billing/sheet/invoices?${query}`} download className={buttonClass({})}><Download aria-hidden />CSV, split by client</a>
      </div>
      <InvoiceTable invoices={invoices} today={dayOf(systemClock.now())} />
    </>
  );
}
