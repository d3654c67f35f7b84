import type { Metadata } from "next";
import { MonthChart } from "#components/billing/month-chart.tsx";
import { RenewalCalendar } from "#components/billing/renewal-calendar.tsx";
import { RenewalTable } from "#components/billing/renewal-table.tsx";
import { readCalendar } from "#lib/billing/calendar.ts";
import { readClocks } from "#lib/billing/running.ts";
import { pageActor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: "Renewals" };

export default async function RenewalsPage() {
  const actor = await pageActor("billing.read");
  const [calendar, clocks] = await Promise.all([readCalendar(actor), readClocks(actor)]);
  const { today, days, ahead, spent } = calendar;
  const held = (currency: string) => days.reduce((sum, day) => (day.currency === currency ? sum + day.count : sum), 0);
  // The one that renews most first: the calendar is of that one.
  const found = [...new Set([...ahead, ...spent].map(({ currency }) => currency))].toSorted((a, b) => held(b) - held(a) || (a < b ? -1 : 1));
  const currencies = found.length > 0 ? found : (["USD"] as const);
  const month = today.slice(0, 7);
  return (
    <>
      {currencies.map((currency) => (
        <div key={currency} className="grid grid-cols-2 gap-x-10 gap-y-5 border-b border-line px-gutter py-4 max-rail:grid-cols-1">
          <MonthChart mode="ahead" title="To be charged" sub={`${currency}, next 12 months; dashed, what today’s list would ask`} caption={`To be charged in ${currency}, next 12 months`} sums={ahead.filter((sum) => sum.currency === currency)} current={month} />
          <MonthChart mode="spent" title="Charged" sub={`${currency}, last 12 months; dashed, what the list of each day asked`} caption={`Charged in ${currency}, last 12 months`} sums={spent.filter((sum) => sum.currency === currency)} current={month} />
        </div>
      ))}
      <div className="grid grid-cols-[minmax(0,1fr)_340px] max-rail:grid-cols-1">
        <RenewalTable days={days} />
        <div className="border-l border-line max-rail:order-first max-rail:border-b max-rail:border-l-0">
          <RenewalCalendar days={days} today={today} currency={currencies[0]} closing={new Set(clocks.flatMap(({ clock }) => clock.suspendedOn ?? []))} deleting={new Set(clocks.map(({ clock }) => clock.deletedOn))} />
        </div>
      </div>
    </>
  );
}
