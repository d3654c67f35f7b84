import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { ClockCard } from "#components/billing/clock-card.tsx";
import { MonthChart } from "#components/billing/month-chart.tsx";
import { RenewalCalendar } from "#components/billing/renewal-calendar.tsx";
import { AuditBars } from "#components/overview/audit-bars.tsx";
import { Estate } from "#components/overview/estate.tsx";
import { GrantChart } from "#components/overview/grant-chart.tsx";
import { MyReach } from "#components/overview/my-reach.tsx";
import { NeedsList } from "#components/overview/needs-list.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Empty } from "#components/ui/states.tsx";
import { exactTime } from "#components/ui/time-text.ts";
import { ServerTime } from "#components/ui/time.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { readOverview, type Overview } from "#lib/overview/load.ts";
import { headline } from "#lib/overview/needs.ts";
import { HaltBanner } from "../halt-banner.tsx";

export const metadata: Metadata = { title: "Overview" };

/** What is said when nothing needs this person. */
function quietOf({ calm, mine }: Overview): { title: string; words: string } {
  if (calm) return calm;
  if (mine) return { title: "Nothing waits for you", words: "New tokens, endings and keys that need you appear here by themselves." };
  return { title: "Nothing of money needs you", words: "Invoices past due, clocks that end in a deletion, renewals and alarms appear here by themselves." };
}

const Panel = ({ children }: { children: ReactNode }) => <div className="min-w-0 border-line px-gutter py-4 not-first:border-l max-rail:not-first:border-t max-rail:not-first:border-l-0">{children}</div>;

export default async function OverviewPage() {
  const actor = await pageActor("organisation.read");
  const overview = await readOverview(actor);
  const { needs, estate, audit, money, mine, drawnAt, today } = overview;
  const onboard = holds(actor, "client.connect") ? (
    <Link href="/clients/new" className={buttonClass({ tone: "ink" })}>
      <Plus aria-hidden />
      Onboard a client
    </Link>
  ) : null;
  const quiet = quietOf(overview);
  // Of several currencies the one with most of it is drawn; Billing shows each.
  const currency = money ? ([...Map.groupBy(money.spent, (sum) => sum.currency)].toSorted(([, a], [, b]) => b.reduce((sum, { charged }) => sum + charged, 0) - a.reduce((sum, { charged }) => sum + charged, 0))[0]?.[0] ?? money.calendar?.ahead[0]?.currency ?? "USD") : "USD";
  const panels = [
    estate ? <GrantChart key="grants" days={estate.grants} /> : null,
    audit ? <AuditBars key="audit" volume={audit} /> : null,
    money ? <MonthChart key="money" mode="spent" height={196} title="Charged by month" sub={`${currency}, list price dashed`} caption={`Charged by month, ${currency}`} sums={money.spent.filter((sum) => sum.currency === currency)} current={today.slice(0, 7)} /> : null,
    money && !estate ? <MonthChart key="ahead" mode="ahead" height={196} title="To be charged" sub={`${currency}, today’s list dashed`} caption={`To be charged by month, ${currency}`} sums={(money.calendar?.ahead ?? []).filter((sum) => sum.currency === currency)} current={today.slice(0, 7)} /> : null,
  ].filter((panel) => panel !== null);
  const aside = estate ? (
    <Estate vaults={estate.vaults} facts={estate.facts} now={drawnAt.getTime()} />
  ) : money ? (
    <div className="divide-y divide-line">
      {money.clocks.slice(0, 3).map((line) => <ClockCard key={line.subscriptionId} line={line} today={today} />)}
      {money.calendar ? <RenewalCalendar days={money.calendar.days} today={today} currency={currency} closing={new Set(money.clocks.flatMap(({ clock }) => clock.suspendedOn ?? []))} deleting={new Set(money.clocks.map(({ clock }) => clock.deletedOn))} /> : null}
    </div>
  ) : null;
  return (
    <ServerTime now={drawnAt.getTime()}>
      <HaltBanner actor={actor} />
      <PageHeader crumbs={exactTime(drawnAt.getTime())} title={headline(needs.length)} large actions={onboard} />
      <div className={`grid border-t border-line max-rail:grid-cols-1 ${aside ? "grid-cols-[minmax(0,1fr)_324px]" : "grid-cols-1"}`}>
        {needs.length > 0 ? <NeedsList needs={needs} /> : <Empty title={quiet.title} actions={estate && estate.facts.vaults === 0 ? onboard : null}>{quiet.words}</Empty>}
        {aside ? <div className="border-l border-line max-rail:border-t max-rail:border-l-0">{aside}</div> : null}
      </div>
      {mine ? <MyReach reach={mine} /> : null}
      {panels.length > 0 ? <div className={`grid border-t border-line max-rail:grid-cols-1 ${panels.length === 3 ? "grid-cols-3" : panels.length === 2 ? "grid-cols-2" : "grid-cols-1"}`}>{panels.map((panel) => <Panel key={panel.key}>{panel}</Panel>)}</div> : null}
    </ServerTime>
  );
}
