"use client";
import { RotateCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { parseAsInteger, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useTransition } from "react";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { EventLine, Events } from "#lib/billing/received.ts";
import type { EventState } from "#lib/billing/types.ts";
import { Pages } from "./pages.tsx";
import { Shows } from "./shows.tsx";

const SHOWS = ["all", "failed", "waiting", "done", "ignored"] as const;
const WORDS = { all: "All", failed: "Failed", waiting: "Waiting", done: "Done", ignored: "Not ours" } as const;
const BADGE: Record<EventState, { state: State; word: string }> = { failed: { state: "refused", word: "failed" }, waiting: { state: "moving", word: "waiting" }, done: { state: "proven", word: "done" }, ignored: { state: "none", word: "not ours" } };

export type Again = { readonly one: Deed<void>; readonly all: Deed<{ events: number }> };

function HandleAgain({ event, one }: { event: EventLine; one: Deed<void> }) {
  const router = useRouter();
  const { busy, run } = useDeed(one);
  return (
    <Button
      size="small" pending={busy ? "Asking" : null} disabledReason={event.state === "waiting" ? "It is in line already." : null}
      onClick={() => run({ event: event.id }, () => {
        toast({ state: "moving", words: "It is in line, and handled in a moment." });
        router.refresh();
      })}
    >
      Handle again<span className="sr-only">: {event.type}, {event.id}</span>
    </Button>
  );
}

function HandleAll({ failed, all }: { failed: number; all: Deed<{ events: number }> }) {
  const router = useRouter();
  const { busy, run } = useDeed(all);
  return (
    <Button
      icon={<RotateCw aria-hidden />} pending={busy ? "Asking" : null} disabledReason={failed === 0 ? "No event failed." : null}
      onClick={() => run({}, ({ events }) => {
        toast({ state: "moving", words: events === 1 ? "It is in line, and handled in a moment." : `${events.toLocaleString("en")} are in line, and handled one after another.` });
        router.refresh();
      })}
    >
      {failed === 0 ? "Handle failed ones again" : failed === 1 ? "Handle the failed one again" : `Handle all ${failed.toLocaleString("en")} failed again`}
    </Button>
  );
}

/** What the payment provider told us, newest first, and what it changed. `again` null: this person only looks. */
export function EventTable({ events, again }: { events: Events; again: Again | null }) {
  const [pending, start] = useTransition();
  const [{ show }, set] = useQueryStates({ show: parseAsStringLiteral(SHOWS).withDefault("all"), page: parseAsInteger.withDefault(1) }, { shallow: false, startTransition: start });
  const { rows, counts, page, pages } = events;
  const columns: Column<EventLine>[] = [
    { id: "type", header: "Event", width: "30%", cell: (event) => { const { type, id, words, state, receivedAt } = event; return <span className="block min-w-0 py-1.5"><span className="block truncate font-medium" data-hint={type} data-hint-clipped>{type}</span><span className="block truncate font-mono text-12 text-text-3 select-all" data-hint={id} data-hint-clipped>{id}</span><span className="hidden text-12 text-pretty [overflow-wrap:anywhere] text-text-2 max-thumb:block"><span className={state === "failed" ? "text-danger-text" : undefined}>{BADGE[state].word}: {words ?? "not handled yet"}</span></span><span className="mt-1.5 hidden items-center justify-between gap-3 max-thumb:flex"><RelativeTime at={receivedAt} className="text-12 text-text-3" />{again ? <HandleAgain event={event} one={again.one} /> : null}</span></span>; } },
    { id: "state", header: "State", hideBelow: "thumb", cell: ({ state }) => <Badge state={BADGE[state].state}>{BADGE[state].word}</Badge> },
    { id: "words", header: "What it changed", width: "50%", hideBelow: "thumb", cell: ({ words, state, attempts, deliveries }) => (
      <span className="block py-1.5 text-pretty [overflow-wrap:anywhere]">
        <span className={state === "failed" ? "text-danger-text" : undefined}>{words ?? "not handled yet"}</span>
        {attempts > 1 || deliveries > 1 ? <span className="block text-12 text-text-3">{[attempts > 1 ? `tried ${attempts} times` : null, deliveries > 1 ? `came ${deliveries} times` : null].filter(Boolean).join(", ")}</span> : null}
      </span>
    ) },
    { id: "at", header: "Received", align: "end", hideBelow: "thumb", cell: ({ receivedAt }) => <RelativeTime at={receivedAt} className="text-text-3" /> },
    { id: "again", header: "Do", silent: true, align: "end", hideBelow: "thumb", cell: (event) => (again ? <HandleAgain event={event} one={again.one} /> : null) },
  ];
  return (
    <section aria-label="Events of the payment provider" aria-busy={pending || undefined}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-gutter pt-4 pb-1">
        <p className="min-w-0 flex-1 basis-64 text-pretty text-text-2">Each is kept as it came and says only where to look: what is so is read again at the payment provider. So none does harm when it is handled twice.</p>
        {again ? <HandleAll failed={counts.failed} all={again.all} /> : null}
      </div>
      <div className="px-gutter py-2.5">
        <Shows label="Which events" value={show} onChange={(value) => void set({ show: value, page: null })} choices={SHOWS.map((value) => ({ value, label: `${WORDS[value]} ${counts[value].toLocaleString("en")}` }))} />
      </div>
      <Table
        label="Events, newest first" columns={columns} rows={rows} rowId={({ id }) => id} loading={false} error={null}
        empty={counts.all === 0 ? <Empty title="No event came yet">Whatever the payment provider tells us about your account stands here as it came, with what it changed.</Empty> : <Empty title={show === "failed" ? "No event failed" : "None is in this state"}>{show === "failed" ? "One that cannot be handled is tried twelve times; then it stands here and raises an alarm." : "Choose another state above."}</Empty>}
      />
      <Pages page={page} pages={pages} matching={counts[show]} noun="events" go={(to) => void set({ page: to === 1 ? null : to })} />
    </section>
  );
}
