import { Download } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ClockCard } from "#components/billing/clock-card.tsx";
import { Figures } from "#components/billing/figures.tsx";
import { InvoiceBrief } from "#components/billing/invoice-brief.tsx";
import { LedgerTable } from "#components/billing/ledger-table.tsx";
import { MonthChart } from "#components/billing/month-chart.tsx";
import { PaymentDetails } from "#components/billing/payment-details.tsx";
import { RenewalCalendar } from "#components/billing/renewal-calendar.tsx";
import { TellClient } from "#components/billing/tell-client.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Note } from "#components/ui/note.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { readCalendar } from "#lib/billing/calendar.ts";
import { causeWords } from "#lib/billing/clock-words.ts";
import { readInvoices } from "#lib/billing/invoices.ts";
import { readLedger } from "#lib/billing/ledger.ts";
import { payingAccounts } from "#lib/billing/portal.ts";
import { portfolioWords } from "#lib/billing/portfolio-words.ts";
import { readClocks, type ClockLine } from "#lib/billing/running.ts";
import { systemClock } from "#lib/clock.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { limits } from "#lib/limits.ts";
import { paymentDetails, tell } from "./actions.ts";
import { ledgerAskOf, type Search } from "./asked.ts";

export const metadata: Metadata = { title: "Billing" };

export default async function BillingPage({ searchParams }: { searchParams: Promise<Search> }) {
  const actor = await pageActor("billing.read");
  const search = await searchParams;
  const [ask, clock] = [ledgerAskOf(search), { now: () => at }];
  const at = systemClock.now();
  const [ledger, calendar, clocks, invoices, accounts] = await Promise.all([readLedger(actor, ask, clock), readCalendar(actor, clock), readClocks(actor, clock), readInvoices(actor, {}, clock), payingAccounts(actor)]);
  const { today } = calendar;
  const currency = ledger.totals.toSorted((a, b) => b.count - a.count)[0]?.currency ?? "USD";
  const ahead = calendar.ahead.filter((sum) => sum.currency === currency);
  const card = (line: ClockLine) => <ClockCard key={line.subscriptionId} line={line} today={today} more={holds(actor, "billing.write") ? <TellClient line={line} today={today} tell={tell} /> : null} />;
  return (
    <ServerTime now={at.getTime()}>
      {search.paid === undefined ? null : <Note state="moving" className="mx-gutter mt-4" title="The payment page was left.">A subscription stands here as soon as the payment provider says that it is paid, usually within a minute. Until then it waits under <Link className="link" href="/billing/subscriptions/new">Subscribe a client</Link>.</Note>}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-gutter pt-4 pb-3">
        <p className="min-w-0 flex-1 basis-64 text-pretty text-text-2">{portfolioWords(ledger.groups)}</p>
        <div className="flex flex-wrap gap-2">
          {holds(actor, "billing.write") ? <Link className={buttonClass({ tone: "ink" })} href="/billing/subscriptions/new">Subscribe a client</Link> : null}
          {holds(actor, "billing.write") ? <PaymentDetails accounts={accounts} open={paymentDetails} /> : null}
          <a href="/billing/sheet/subscriptions" download className={buttonClass({})}><Download aria-hidden />CSV</a>
        </div>
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,520px)] items-start gap-6 border-b border-line px-gutter pb-4 max-rail:grid-cols-1">
        <Figures totals={ledger.totals} published={ledger.listPublished} />
        <MonthChart compact labelled mode="ahead" title="Renewals, next 12 months" sub={`${currency}; dashed, what the list would ask`} caption="Renewals in the next 12 months" sums={ahead} current={today.slice(0, 7)} height={104} />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_312px] max-rail:grid-cols-1">
        <LedgerTable ledger={ledger} today={today} clocks={clocks.map(({ subscriptionId, clock: running }) => [subscriptionId, running.kind === "cancellation" ? "ends" : causeWords(running, today).includes("past due") ? "unpaid" : running.kind === "card" ? "card refused" : "refunded"] as const)} />
        <div className="divide-y divide-line border-l border-line max-rail:order-first max-rail:border-b max-rail:border-l-0">
          {clocks.slice(0, 3).map(card)}
          {clocks.length > 3 ? (
            <details>
              <summary className="cursor-pointer px-gutter py-2.5 pl-5 text-12 text-text-2 hover:text-text max-rail:pl-gutter">{clocks.length === 4 ? "1 more deletion clock runs" : `${(clocks.length - 3).toLocaleString("en")} more deletion clocks run`}{clocks.length === limits.clocksShown ? "; these are those that end first" : ""}</summary>
              <div className="divide-y divide-line border-t border-line">{clocks.slice(3).map(card)}</div>
            </details>
          ) : null}
          <RenewalCalendar days={calendar.days} today={today} currency={currency} closing={new Set(clocks.flatMap(({ clock: running }) => running.suspendedOn ?? []))} deleting={new Set(clocks.map(({ clock: running }) => running.deletedOn))} />
          <InvoiceBrief invoices={invoices} today={today} />
        </div>
      </div>
    </ServerTime>
  );
}
