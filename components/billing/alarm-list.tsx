"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Money } from "#components/ui/money.tsx";
import { Note } from "#components/ui/note.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { AlarmLine, Alarms } from "#lib/billing/alarms.ts";
import type { AlarmKind } from "#lib/billing/types.ts";
import { subscriptionHref } from "./who.tsx";

const WORD: Record<AlarmKind, string> = {
  lock_mismatch: "Differs from its lock", reconcile_subscription: "Subscription differs", reconcile_invoice: "Invoice differs", reconcile_vault: "Vault differs", card_needed: "Card needed", event_failed: "Event not taken up", intent_stuck: "Not carried out",
};

function Clear({ alarm, clear }: { alarm: AlarmLine; clear: Deed<void> }) {
  const router = useRouter();
  const { busy, run } = useDeed(clear);
  return <Button size="small" pending={busy ? "Noting" : null} onClick={() => run({ alarm: alarm.id }, () => router.refresh())}>I looked at it<span className="sr-only">: {alarm.words}</span></Button>;
}

const Kind = ({ alarm: { kind, clearedAt } }: { alarm: AlarmLine }) => <Badge state={clearedAt !== null ? "none" : kind === "lock_mismatch" ? "refused" : "attention"}>{WORD[kind]}</Badge>;

/** Where it can be looked at; null: only at the payment provider. */
const placeOf = ({ kind, subscription }: AlarmLine): { href: string; words: string } | null => {
  if (kind === "event_failed") return { href: "/billing/events?show=failed", words: "See the event" };
  const href = subscriptionHref(subscription);
  return href === null ? null : { href, words: "See the subscription" };
};

function Place({ alarm }: { alarm: AlarmLine }) {
  const place = placeOf(alarm);
  return place && <Link prefetch={false} href={place.href} className="ml-1.5 rounded-in whitespace-nowrap underline decoration-line-strong underline-offset-2">{place.words}</Link>;
}

/** What lies before these. */
const More = ({ shown, count }: { shown: number; count: number }) => (shown < count ? <p className="px-gutter py-2 text-12 text-text-3">{`The newest ${shown.toLocaleString("en")} of ${count.toLocaleString("en")}.`}</p> : null);

/** Who looked at it, or the way to say so. */
function Done({ alarm, clear }: { alarm: AlarmLine; clear: Deed<void> | null }) {
  if (alarm.clearedAt !== null) return <span className="text-12 text-text-3">{alarm.clearedBy}</span>;
  return clear ? <Clear alarm={alarm} clear={clear} /> : null;
}

/** What somebody has to look at. `clear` null: this person only looks. */
export function AlarmList({ alarms, clear }: { alarms: Alarms; clear: Deed<void> | null }) {
  const { last } = alarms;
  const columns: Column<AlarmLine>[] = [
    { id: "kind", header: "What", width: "190px", hideBelow: "thumb", value: ({ kind }) => kind, cell: (alarm) => <Kind alarm={alarm} /> },
    { id: "words", header: "What it means", cell: (alarm) => (
      <span className="block py-1.5 text-pretty [overflow-wrap:anywhere]">
        <span className="mb-1 hidden max-thumb:block"><Kind alarm={alarm} /></span>
        {alarm.words}
        <Place alarm={alarm} />
        <span className="mt-1.5 hidden items-center justify-between gap-3 max-thumb:flex"><RelativeTime at={alarm.raisedAt} className="text-12 text-text-3" /><Done alarm={alarm} clear={clear} /></span>
      </span>
    ) },
    { id: "expected", header: "By the lock", align: "end", hideBelow: "rail", cell: ({ expected, currency }) => (expected === null || currency === null ? null : <Money of={{ minor: expected, currency }} />) },
    { id: "found", header: "Found", align: "end", hideBelow: "rail", cell: ({ found, currency }) => (found === null || currency === null ? null : <span className="text-danger-text"><Money of={{ minor: found, currency }} /></span>) },
    { id: "at", header: "Raised", align: "end", hideBelow: "thumb", value: ({ raisedAt }) => raisedAt, cell: ({ raisedAt }) => <RelativeTime at={raisedAt} className="text-text-3" /> },
    { id: "clear", header: "Do", silent: true, align: "end", hideBelow: "thumb", cell: (alarm) => <Done alarm={alarm} clear={clear} /> },
  ];
  return (
    <>
      <div className="px-gutter pt-4 pb-3">
        {last === null ? (
          <Note title="Not compared yet.">Every night Stripe, our records and the vaults are compared, and what differs stands here.</Note>
        ) : (
          <Note state={!last.ended || last.words !== null ? "attention" : last.alarms > 0 ? "refused" : "proven"} title={last.ended ? "Stripe, our records and the vaults were compared" : "The last comparison did not end"}>
            <RelativeTime at={last.at} />
            {`: ${last.subscriptions.toLocaleString("en")} subscriptions, ${last.invoices.toLocaleString("en")} invoices, ${last.vaults.toLocaleString("en")} vaults; ${last.mended === 0 ? "nothing was mended" : `${last.mended} brought to what Stripe says`}, ${last.alarms === 0 ? "nothing left to a person" : `${last.alarms} left to a person`}.${last.words ? ` ${last.words}` : ""}`}
          </Note>
        )}
      </div>
      <Table
        label="Alarms about money" columns={columns} rows={alarms.open} rowId={({ id }) => id} loading={false} error={null}
        empty={<Empty title="Nothing to look at">A renewal that differs from its lock by a cent, a card that is missing, an event that could not be taken up: each would stand here until somebody looked at it.</Empty>}
      />
      <More shown={alarms.open.length} count={alarms.openCount} />
      {alarms.cleared.length > 0 ? (
        <section aria-labelledby="cleared-title" className="border-t border-line">
          <h2 id="cleared-title" className="px-gutter pt-4 pb-1">Looked at</h2>
          <Table label="Alarms that somebody looked at" columns={columns} rows={alarms.cleared} rowId={({ id }) => id} loading={false} error={null} empty={null} />
          <More shown={alarms.cleared.length} count={alarms.clearedCount} />
        </section>
      ) : null}
    </>
  );
}
