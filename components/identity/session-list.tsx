"use client";
import { useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "./step-up.ts";

/** Times in epoch milliseconds. `key` is null when the key that opened it was removed. */
export type SessionRow = { readonly id: string; readonly agent: string; readonly address: string; readonly key: string | null; readonly createdAt: number; readonly seenAt: number; readonly current: boolean };
type Ending = Action<{ ended: number }>;

/** Where one is signed in, this place first; each can be ended from here. */
export function SessionList({ sessions, end, endOthers }: { sessions: readonly SessionRow[]; end: Ending; endOthers: Ending }) {
  const [busy, start] = useTransition();
  const run = (action: Ending, id?: string) =>
    start(async () => {
      const data = new FormData();
      if (id) data.set("id", id);
      const outcome = await action(null, data).catch(() => null);
      if (outcome?.ok) toast({ state: "proven", words: outcome.value.ended === 1 ? "1 session ended" : `${outcome.value.ended} sessions ended` });
      else toast({ state: "refused", words: outcome ? `${outcome.failure.title}. ${outcome.failure.remedy}` : "No answer came. Look at the list again." });
    });
  const others = sessions.filter((session) => !session.current).length;
  const columns: Column<SessionRow>[] = [
    {
      id: "where", header: "Where",
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5 py-1.5">
          <span className="font-medium">{row.agent}</span>
          {row.current ? <Badge>This one</Badge> : null}
          <span className="mono basis-full text-12 text-text-3">{row.address}</span>
        </span>
      ),
      value: (row) => row.agent,
    },
    { id: "key", header: "Key", cell: (row) => (row.key === null ? <span className="text-text-3">removed</span> : <bdi>{row.key}</bdi>), value: (row) => row.key, hideBelow: "thumb" },
    { id: "since", header: "Since", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.createdAt} className="text-text-2" />, value: (row) => row.createdAt, hideBelow: "rail" },
    { id: "seen", header: "Last use", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.seenAt} className="text-text-2" />, value: (row) => row.seenAt, hideBelow: "thumb" },
    { id: "act", header: "Do", silent: true, align: "end", width: "96px", cell: (row) => (row.current ? null : <Button size="small" pending={busy ? "Ending" : null} onClick={() => run(end, row.id)}>End it</Button>) },
  ];
  return (
    <section aria-labelledby="sessions-title">
      <div className="flex flex-wrap items-start justify-between gap-3 px-gutter pt-5 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="sessions-title">Where you are signed in</h2>
          <p className="mt-0.5 max-w-[70ch] text-text-2">A session ends after 30 minutes in which nobody does anything, and after twelve hours in any case.</p>
        </div>
        <Button tone="danger" pending={busy ? "Ending" : null} disabledReason={others === 0 ? "There is no other session." : null} onClick={() => run(endOthers)}>
          End all others
        </Button>
      </div>
      <Table label="Your sessions" columns={columns} rows={sessions} rowId={(row) => row.id} loading={false} error={null} empty={<Empty title="No session is open">Sign in again to see it here.</Empty>} />
    </section>
  );
}
