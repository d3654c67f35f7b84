"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useTransition } from "react";
import { Code } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Input } from "#components/ui/input.tsx";
import { Money } from "#components/ui/money.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Slots } from "#components/ui/slots.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { shortDay } from "#lib/billing/clock-words.ts";
import type { Ledger, LedgerLine } from "#lib/billing/ledger.ts";
import { onwards } from "#lib/billing/onwards.ts";
import { planOf } from "#lib/billing/plan.ts";
import { Pages } from "./pages.tsx";
import { subscriptionHref, Who } from "./who.tsx";

const SORTS = ["name", "plan", "tokens", "locked", "list", "saved", "since", "renews"] as const;
const SHOWS = ["all", "full", "renewing", "unlocked"] as const;

/** The dashed rest is what the list would ask on top. */
function LockBar({ locked, list }: { locked: number; list: number | null }) {
  if (list === null) return null;
  return (
    <span aria-hidden className="keeps-colour block h-2 w-9 border-[0.75px] border-l-0 border-dashed border-line-control bg-[repeating-linear-gradient(135deg,var(--line-strong)_0_1px,transparent_1px_3px)]">
      <i className="-my-[0.75px] block h-2 bg-text-3" style={{ width: `${Math.min(100, (locked / Math.max(1, list)) * 100)}%` }} />
    </span>
  );
}

const money = (minor: number, currency: string) => <Money of={{ minor, currency }} minorUnits="whenNeeded" />;
const none = <span className="text-text-3">–</span>;
const year = (day: string, today: string) => (day.slice(0, 4) === today.slice(0, 4) ? shortDay(day) : `${shortDay(day)} ’${day.slice(2, 4)}`);

/** Its next renewal, its end, or how it goes on from then. */
function Renews({ line: { renewsOn, renews, goesOn, currency }, today }: { line: LedgerLine; today: string }) {
  if (renewsOn === null) return none;
  const day = year(renewsOn, today);
  if (goesOn !== null) return <span className="text-text-2">{`${onwards(goesOn, currency)} from ${day}`}</span>;
  return renews ? day : <span className="text-danger-text">{`ends ${day}`}</span>;
}

const columnsFor = (today: string, clocks: ReadonlyMap<string, string>): Column<LedgerLine>[] => [
  {
    id: "name", header: "Client", width: "60%", value: ({ name }) => name,
    cell: ({ id, name, place }) => (
      <span className="flex min-w-0 items-center gap-1.5">
        <Who name={name} place={place} href={subscriptionHref(id)} />
        {clocks.has(id) ? <span className="shrink-0 rounded-in bg-danger-soft px-1.5 text-12 font-medium text-danger-text">{clocks.get(id)}</span> : null}
      </span>
    ),
  },
  { id: "plan", header: "Plan", value: ({ plan }) => planOf(plan).name, cell: ({ plan, interval, users, nextPlan, nextUsers }) => <span className="inline-flex items-center gap-1.5"><Code title={`${planOf(plan).name}${interval === "month" ? ", monthly" : ""}`}>{planOf(plan).code}</Code>{users > 1 ? <span className="text-12 text-text-3">{users.toLocaleString("en")}</span> : null}{nextPlan ? <span className="text-12 text-text-3" data-hint="At the next renewal">→ {nextPlan === plan && nextUsers !== null ? nextUsers.toLocaleString("en") : planOf(nextPlan).code}</span> : null}</span> },
  {
    id: "tokens", header: "Tokens", align: "end", value: ({ tokens }) => (tokens && tokens.limit !== null ? tokens.used / tokens.limit : null), hideBelow: "thumb",
    cell: ({ tokens }) => (tokens === null ? none : tokens.limit === null ? tokens.used : <span className="inline-flex items-center gap-2"><Slots used={tokens.used} limit={tokens.limit} /><span className={`w-12 text-right ${tokens.used >= tokens.limit ? "text-danger-text" : ""}`}>{`${tokens.used}/${tokens.limit}`}</span></span>),
  },
  { id: "locked", header: "Locked", align: "end", value: ({ locked }) => locked, cell: ({ locked, list, currency, since }) => <span className="inline-flex items-center gap-2"><span className={since === null ? "text-text-3" : "font-semibold"}>{money(locked, currency)}</span><span className="max-thumb:hidden"><LockBar locked={locked} list={list} /></span></span> },
  { id: "list", header: "List", align: "end", value: ({ list }) => list, hideBelow: "thumb", cell: ({ list, locked, currency }) => (list === null ? <span className="text-text-3">not published</span> : list === locked ? <span className="text-text-3">same</span> : <span className="text-text-2">{money(list, currency)}</span>) },
  { id: "saved", header: "Saved", align: "end", value: ({ saved }) => saved, hideBelow: "rail", cell: ({ saved, currency }) => (saved === 0 ? none : money(saved, currency)) },
  { id: "since", header: "Since", align: "end", value: ({ since }) => since, hideBelow: "rail", cell: ({ since }) => (since === null ? <span className="text-text-3">not charged yet</span> : <span className="text-text-2">{`${shortDay(since).split(" ")[1]!} ${since.slice(0, 4)}`}</span>) },
  { id: "renews", header: "Renews", align: "end", value: ({ renewsOn }) => renewsOn, cell: (line) => <Renews line={line} today={today} /> },
];

/** The lock ledger: ordered, found and cut by the server; here it is drawn and asked. `clocks`: a word per subscription that is in trouble. */
export function LedgerTable({ ledger, today, clocks }: { ledger: Ledger; today: string; clocks: readonly (readonly [id: string, words: string])[] }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const [{ sort, direction, show, q }, set] = useQueryStates({
    q: parseAsString.withDefault(""), show: parseAsStringLiteral(SHOWS).withDefault("all"), sort: parseAsStringLiteral(SORTS).withDefault("renews"), direction: parseAsStringLiteral(["up", "down"] as const).withDefault("up"), page: parseAsInteger.withDefault(1),
  }, { shallow: false, startTransition: start, throttleMs: 300 });
  const { counts } = ledger;
  const words = { all: `All ${counts.all.toLocaleString("en")}`, full: `No free token ${counts.full.toLocaleString("en")}`, renewing: `Renewing ${counts.renewing.toLocaleString("en")}`, unlocked: `Not charged ${counts.unlocked.toLocaleString("en")}` };
  const columns = columnsFor(today, new Map(clocks));
  return (
    <section aria-label="Lock ledger" aria-busy={pending || undefined}>
      <div className="flex flex-wrap items-center gap-2 px-gutter pt-3 pb-2">
        <h2>Lock ledger</h2>
        <span className="text-12 text-text-3 max-thumb:hidden">the price of the first charge stays</span>
        <span className="ml-auto flex flex-wrap items-center gap-2 max-thumb:ml-0 max-thumb:w-full">
          <span className="w-44 max-thumb:w-full"><Input type="search" aria-label="Find a client" placeholder="Find a client" value={q} maxLength={200} autoComplete="off" spellCheck={false} dir="auto" onChange={(event) => void set({ q: event.target.value || null, page: null })} /></span>
          <Segmented label="Which subscriptions" value={show} onChange={(value) => void set({ show: value, page: null })} choices={SHOWS.filter((one) => one !== "unlocked" || counts.unlocked > 0).map((value) => ({ value, label: words[value] }))} />
        </span>
      </div>
      <Table
        label="Subscriptions with their locks" columns={columns} rows={ledger.lines} rowId={({ id }) => id} loading={false} error={null}
        sort={{ by: sort, direction }} onSort={({ by, direction: next }) => void set({ sort: SORTS.find((one) => one === by) ?? "renews", direction: next, page: null })}
        onOpen={({ id }) => router.push(`/billing/subscriptions/${id}`)}
        empty={counts.all === 0 ? <Empty title="There is no subscription yet" actions={<Link href="/billing/plans" className={buttonClass({})}>See plans and prices</Link>}>Each client’s subscription stands here with the price of its first charge, which stays for as long as it lives.</Empty> : <Empty title="No subscription fits this">Take a filter off, or search for another name.</Empty>}
      />
      <Pages page={ledger.page} pages={ledger.pages} matching={ledger.matching} noun="subscriptions" go={(page) => void set({ page: page === 1 ? null : page })} />
    </section>
  );
}
