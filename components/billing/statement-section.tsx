"use client";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Money } from "#components/ui/money.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { longDay, shortDay } from "#lib/billing/clock-words.ts";
import { MOVE_WORDS } from "#lib/billing/move-words.ts";
import type { Move, OpenInvoice, Section } from "#lib/billing/statement.ts";
import { subscriptionHref, Who } from "./who.tsx";

const Name = ({ of: { name, place, subscriptionId } }: { of: Pick<Move, "name" | "place" | "subscriptionId"> }) => <Who name={name} place={place} href={subscriptionHref(subscriptionId)} />;
const Numeral = ({ of: number }: { of: string | null }) => <span className="font-mono text-12 whitespace-nowrap">{number ?? "–"}</span>;
/** A table with nothing in it is a line here: a statement has two for each account and currency. */
const None = ({ children }: { children: string }) => <p className="px-gutter pb-2 text-text-2">{children}</p>;

/** One paying account in one currency: what was owed, what moved it, what is open and due when. */
export function StatementSection({ section, month, over, day }: { section: Section; month: string; over: boolean; day: string }) {
  const { payer, currency, opening, closing, sums, moves, movesInAll, open, openInAll, accountId } = section;
  const money = (minor: number) => <Money of={{ minor, currency }} />;
  const title = `statement-${accountId}-${currency}`;
  const moved: Column<Move>[] = [
    { id: "on", header: "Day", hideBelow: "thumb", cell: ({ on }) => <span className="whitespace-nowrap text-text-2">{shortDay(on)}</span> },
    { id: "kind", header: "What", hideBelow: "thumb", cell: (move) => <span className="block py-1 whitespace-nowrap">{MOVE_WORDS[move.kind]} <Numeral of={move.reference ?? move.number} />{move.reference ? <span className="block text-12 text-text-3">on {move.number ?? "–"}</span> : null}</span> },
    { id: "name", header: "Client", width: "60%", cell: (move) => <span className="block max-thumb:py-1.5"><Name of={move} /><span className="hidden truncate text-12 text-text-2 max-thumb:block">{`${shortDay(move.on)}, ${MOVE_WORDS[move.kind].toLowerCase()} `}<Numeral of={move.reference ?? move.number} /></span></span> },
    { id: "due", header: "Due", align: "end", hideBelow: "rail", cell: ({ dueOn }) => (dueOn ? <span className="text-text-2">{shortDay(dueOn, true)}</span> : null) },
    { id: "amount", header: "Amount", align: "end", cell: ({ amount }) => <span className="font-semibold">{money(amount)}</span> },
    { id: "balance", header: "Owed then", align: "end", hideBelow: "thumb", cell: ({ balance }) => <span className="text-text-2">{money(balance)}</span> },
  ];
  const standing: Column<OpenInvoice>[] = [
    { id: "number", header: "Invoice", hideBelow: "thumb", cell: ({ number }) => <Numeral of={number} /> },
    { id: "name", header: "Client", width: "60%", cell: (one) => <span className="block max-thumb:py-1.5"><Name of={one} /><span className="hidden text-text-2 max-thumb:block"><Numeral of={one.number} /></span></span> },
    { id: "issued", header: "Issued", align: "end", hideBelow: "thumb", cell: ({ issuedOn }) => <span className="text-text-2">{shortDay(issuedOn, true)}</span> },
    { id: "due", header: "Due", align: "end", cell: ({ dueOn }) => (dueOn === null ? <span className="text-text-2">charged to the card</span> : <span className={dueOn < day ? "text-danger-text" : "text-text-2"}>{shortDay(dueOn, true)}</span>) },
    { id: "amount", header: "Open", align: "end", cell: ({ amount }) => <span className="font-semibold">{money(amount)}</span> },
  ];
  return (
    <section aria-labelledby={title} className="border-t border-line pb-4">
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,360px)] gap-x-10 gap-y-4 px-gutter py-4 max-thumb:grid-cols-1">
        <div className="min-w-0 [overflow-wrap:anywhere]">
          <h3 id={title}><bdi>{payer.name}</bdi>{`, ${currency}`}</h3>
          <address className="mt-1 text-text-2 not-italic">{payer.address.map((line) => <span key={line} className="block">{line}</span>)}</address>
          {payer.taxId ? <p className="text-12 text-text-3">{`Tax number ${payer.taxId}`}</p> : null}
          {payer.purchaseOrder ? <p className="text-12 text-text-3">{`Purchase order ${payer.purchaseOrder}`}</p> : null}
        </div>
        <KeyValues
          lined
          of={[
            { key: "opening", label: `Owed on ${longDay(`${month}-01`)}`, value: money(opening) },
            { key: "invoice", label: "Invoices", value: money(sums.invoice) },
            ...(sums.credit !== 0 ? [{ key: "credit", label: "Credit notes", value: money(sums.credit) }] : []),
            { key: "payment", label: "Payments", value: money(sums.payment) },
            ...(sums.refund !== 0 ? [{ key: "refund", label: "Money back", value: money(sums.refund) }] : []),
            ...(sums.closed !== 0 ? [{ key: "closed", label: MOVE_WORDS.closed, value: money(sums.closed) }] : []),
            { key: "closing", label: `${closing < 0 ? "In your favour" : "Owed"} on ${longDay(day)}${over ? "" : ", so far"}`, value: <span className="font-semibold">{money(Math.abs(closing))}</span> },
          ]}
        />
      </div>
      <h4 className="px-gutter pt-1 pb-1 font-semibold">What moved it</h4>
      {moves.length === 0 ? <None>No invoice, payment or credit falls into this month.</None> : <Table label={`Movements in ${currency}, oldest first`} columns={moved} rows={moves} rowId={({ kind, invoiceId, reference, on, balance }) => `${kind} ${invoiceId} ${reference ?? ""} ${on} ${balance}`} loading={false} error={null} empty={null} />}
      {moves.length < movesInAll ? <p className="px-gutter pt-2 text-12 text-text-3">{`The first ${moves.length.toLocaleString("en")} of ${movesInAll.toLocaleString("en")}; the CSV holds all of them.`}</p> : null}
      <h4 className="px-gutter pt-4 pb-1 font-semibold">{over ? `Open on ${longDay(day)}` : "Open now"}</h4>
      {open.length === 0 ? <None>{over ? "Nothing was: every invoice was paid, credited or closed by then." : "Nothing is: every invoice is paid, credited or closed."}</None> : <Table label={`Open invoices in ${currency}, due soonest first`} columns={standing} rows={open} rowId={({ invoiceId }) => invoiceId} loading={false} error={null} empty={null} />}
      {open.length < openInAll ? <p className="px-gutter pt-2 text-12 text-text-3">{`The first ${open.length.toLocaleString("en")} of ${openInAll.toLocaleString("en")}; the page of invoices holds all of them.`}</p> : null}
    </section>
  );
}
