"use client";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Money } from "#components/ui/money.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { longDay, shortDay } from "#lib/billing/clock-words.ts";
import type { InvoiceRow } from "#lib/billing/invoices.ts";
import { onwards } from "#lib/billing/onwards.ts";
import { isPlan, planOf } from "#lib/billing/plan.ts";
import type { LockRow, SubscriptionFacts, Used } from "#lib/billing/subscription.ts";
import type { Deed } from "#components/role/use-deed.ts";
import { ChangePanel, UsersPanel } from "./change-panel.tsx";
import { ClockCard } from "./clock-card.tsx";
import { ownInvoiceColumns } from "./invoice-table.tsx";
import { TellClient } from "./tell-client.tsx";

const CreditDialog = lazy(async () => ({ default: (await import("./windows.tsx")).CreditDialog }));

const money = (minor: number, currency: string) => <Money of={{ minor, currency }} />;
const of = ({ used, limit }: Used) => (limit === null ? used.toLocaleString("en") : `${used.toLocaleString("en")} of ${limit.toLocaleString("en")}`);
const ENDED: Record<string, string> = { upgraded: "moved up", downgraded: "moved down", cancelled: "cancelled", switched_off: "renewal switched off", regret: "refunded", unpaid: "not paid", currency: "another currency", interval: "by the month or the year", moved: "another payer; it lives on there" };

const Charged = ({ lock: { lockedOn, carried } }: { lock: LockRow }) => <>{shortDay(lockedOn, true)}{carried ? <span className="text-text-3">, carried over</span> : null}</>;

const lockColumns: Column<LockRow>[] = [
  {
    id: "plan", header: "Plan", width: "50%",
    cell: (lock) => (
      <span className="block truncate max-thumb:py-1">
        <span className="font-medium">{isPlan(lock.plan) ? planOf(lock.plan).name : lock.plan}</span><span className="text-text-3">{lock.interval === "month" ? ", a month" : ", a year"}{isPlan(lock.plan) && planOf(lock.plan).usersFrom !== null ? " and user" : ""}</span>
        <span className="hidden text-12 whitespace-normal text-text-3 max-thumb:block">{"from "}<Charged lock={lock} /></span>
      </span>
    ),
  },
  { id: "amount", header: "Locked", align: "end", cell: ({ amount, currency }) => <span className="font-semibold">{money(amount, currency)}</span> },
  { id: "from", header: "First charged", align: "end", hideBelow: "thumb", cell: (lock) => <Charged lock={lock} /> },
  { id: "ended", header: "Until", align: "end", cell: ({ endedOn, endedBecause }) => (endedOn === null ? <Badge state="proven">for life</Badge> : <span className="text-text-2">{shortDay(endedOn, true)}<span className="max-thumb:hidden">, </span><span className="max-thumb:block max-thumb:max-w-[16ch] max-thumb:pb-1 max-thumb:text-12 max-thumb:leading-4 max-thumb:whitespace-normal max-thumb:text-text-3">{ENDED[endedBecause ?? ""] ?? endedBecause}</span></span>) },
];

/** One subscription: its lock, what would end it, its invoices. */
export function SubscriptionPage({ facts, invoices, may, change, tell }: { facts: SubscriptionFacts; invoices: readonly InvoiceRow[]; may: { client: boolean }; /** null: this person only looks. */ change: Deed<{ state: "done" | "waiting" }> | null; tell: Deed<{ to: string }> | null }) {
  const { line, locks, clock, today, regretUntil, follower, version } = facts;
  const [crediting, credit] = useState<string | null>(null);
  const credited = invoices.find(({ id }) => id === crediting);
  const off = follower ? "It goes on in another place already. Take that back first." : null;
  const columns = ownInvoiceColumns(today, change && (({ id, number, creditable }) => (creditable > 0 ? <Button size="small" disabledReason={off} onClick={() => credit(id)}>Credit<span className="sr-only"> {number}</span>…</Button> : null)));
  return (
    <>
      <div className="px-gutter pt-4 pb-3">
        <h2 className="flex flex-wrap items-baseline gap-x-2 text-left text-20 font-semibold"><bdi className="[overflow-wrap:anywhere]">{line.name}</bdi>{line.place ? <bdi className="font-normal text-text-3">{line.place}</bdi> : null}</h2>
        <p className="text-text-2">{planOf(line.plan).name}, paid {line.interval === "year" ? "by the year" : "by the month"} {line.collection === "card" ? "by card" : "by invoice, Net 60"}.{may.client && line.clientId ? <> <Link className="link" href={`/clients/${line.clientId}`}>Open the client</Link></> : null}</p>
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_360px] border-t border-line max-rail:grid-cols-1">
        <div className="min-w-0">
          <h3 className="px-gutter pt-4 pb-1">Locks</h3>
          <Table label="Locks, the newest first" columns={lockColumns} rows={locks} rowId={({ id }) => id} loading={false} error={null} empty={<Empty title="Nothing is locked yet">The first successful charge locks its price for as long as the subscription lives.</Empty>} />
          <h3 className="border-t border-line px-gutter pt-4 pb-1">Invoices</h3>
          <Table label="Invoices of this subscription, newest first" columns={columns} rows={invoices} rowId={({ id }) => id} loading={false} error={null} empty={<Empty title="No invoice was issued yet">It has invoices of its own; they appear here.</Empty>} />
        </div>
        <div className="divide-y divide-line border-l border-line max-rail:order-first max-rail:border-b max-rail:border-l-0">
          {clock ? <ClockCard line={clock} today={today} linked={false} more={tell ? <TellClient line={clock} today={today} tell={tell} /> : null} /> : null}
          <div className="py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
            <KeyValues
              lined
              of={[
                { key: "locked", label: "Locked, a year", value: money(line.locked, line.currency) },
                { key: "list", label: "Today’s list, a year", value: line.list === null ? "not published" : money(line.list, line.currency) },
                ...(line.list === null && line.saved === 0 ? [] : [{ key: "saved", label: "Saved so far", value: money(line.saved, line.currency) }]),
                { key: "renews", label: line.renews ? "Renews" : follower ? "Until" : "Ends", value: line.renewsOn ? longDay(line.renewsOn) : "–" },
                ...(follower ? [{ key: "follower", label: `Then, ${onwards(follower, line.currency)}`, value: <>{money(follower.yearly, follower.currency)} a year</> }] : []),
                ...(line.nextPlan && line.nextPlan !== line.plan ? [{ key: "next", label: "Then", value: planOf(line.nextPlan).name }] : []),
                ...(regretUntil ? [{ key: "regret", label: "Refunded in full until", value: longDay(regretUntil) }] : []),
                { key: "tokens", label: "Tokens in the fullest vault", value: line.tokens === null ? "not read" : line.tokens.limit === null ? line.tokens.used : `${line.tokens.used} of ${line.tokens.limit}` },
                { key: "vaults", label: "Vaults", value: of(facts.used.vaults) },
                ...(facts.used.devices.used === 0 && facts.used.devices.limit === null ? [] : [{ key: "devices", label: "Devices", value: of(facts.used.devices) }]),
              ]}
            />
          </div>
          {line.since === null ? null : <UsersPanel facts={facts} change={change} />}
          {line.since === null ? null : <ChangePanel facts={facts} change={change} />}
        </div>
      </div>
      {change && credited ? <Suspense><CreditDialog close={() => credit(null)} invoice={credited} subscription={line.id} version={version} change={change} /></Suspense> : null}
    </>
  );
}
