import Link from "next/link";
import { Glyph } from "#components/ui/glyph.tsx";
import { Money } from "#components/ui/money.tsx";
import { shortDay } from "#lib/billing/clock-words.ts";
import type { InvoiceRow, Invoices } from "#lib/billing/invoices.ts";

/** What an invoice is at, in a word and a shape. */
export function InvoiceState({ row, today }: { row: InvoiceRow; today: string }) {
  const day = (on: string) => shortDay(on, on.slice(0, 4) !== today.slice(0, 4));
  if (row.status === "paid") return <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap"><Glyph state="proven" />{row.refunded > 0 ? (row.refunded >= row.total ? "refunded" : "partly refunded") : `paid${row.paidOn ? ` ${day(row.paidOn)}` : ""}`}</span>;
  if (row.status === "open") return row.pastDue > 0 ? <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap text-danger-text"><Glyph state="refused" />{row.pastDue} d past due</span> : <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap"><Glyph state="none" />{row.collection === "card" ? "card is tried again" : row.dueOn ? `due ${day(row.dueOn)}` : "open"}</span>;
  return <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap text-text-3"><Glyph state="none" />{row.status === "uncollectible" ? "given up" : row.status}</span>;
}

/** The last few, and whether every renewal equals its lock. */
export function InvoiceBrief({ invoices, today }: { invoices: Invoices; today: string }) {
  const { compared } = invoices;
  return (
    <>
      <section aria-labelledby="brief-title" className="py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
        <div className="mb-1.5 flex items-baseline gap-2">
          <h2 id="brief-title">Invoices</h2>
          <Link href="/billing/invoices" className="ml-auto rounded-in text-12 text-text-2 underline decoration-line-strong underline-offset-2 hover:text-text">{`all ${invoices.counts.all.toLocaleString("en")}`}</Link>
        </div>
        {invoices.rows.length === 0 ? <p className="text-12 text-text-3">None was issued yet.</p> : null}
        <ul>
          {invoices.rows.slice(0, 6).map((row) => (
            <li key={row.id} className="grid grid-cols-[76px_minmax(0,1fr)_auto] gap-x-2 border-t border-line py-[5px] leading-[18px] first:border-t-0">
              <span className="font-mono text-12 text-text-2">{row.number ?? "–"}</span>
              <bdi className="truncate text-left" data-hint={row.name} data-hint-clipped>{row.name}</bdi>
              <span className="text-right"><Money of={{ minor: row.total, currency: row.currency }} /></span>
              <span />
              <span className="text-12 text-text-3">{shortDay(row.issuedOn, row.issuedOn.slice(0, 4) !== today.slice(0, 4))}</span>
              <span className="justify-self-end text-12 text-text-2"><InvoiceState row={row} today={today} /></span>
            </li>
          ))}
        </ul>
      </section>
      <p className="flex items-start gap-2.5 py-3 pr-gutter pl-5 max-rail:pl-gutter">
        <Glyph state={compared.differing > 0 ? "refused" : compared.count > 0 ? "proven" : "none"} className="mt-[3px]" />
        <span>
          {compared.count === 0 ? "No renewal was charged yet." : compared.differing === 0 ? "Every renewal equals its lock, to the cent." : compared.differing === 1 ? "1 renewal differs from its lock." : `${compared.differing} renewals differ from their locks.`}
          <span className="block text-12 text-text-3">{compared.differing > 0 ? <Link href="/billing/alarms" className="underline underline-offset-2">See the alarms</Link> : compared.count > 0 ? `${compared.count.toLocaleString("en")} compared` : null}</span>
        </span>
      </p>
    </>
  );
}
