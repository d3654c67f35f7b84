"use client";
import { useTransition } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";

/** Times in epoch milliseconds. What the mail says is not here: it may hold a one-time link. */
export type MailRow = {
  readonly id: string; readonly template: string; readonly to: string; readonly subject: string; readonly state: "waiting" | "sent" | "failed"; readonly attempts: number;
  readonly lastError: string | null; readonly nextAt: number | null; readonly transport: string | null; readonly createdAt: number; readonly sentAt: number | null;
};
type Retry = (previous: Outcome<{ id: string }> | null, data: FormData) => Promise<Outcome<{ id: string }>>;

// A server that took a mail has not proven that anybody got it, so it is no green.
const STATE = { waiting: "moving", sent: "none", failed: "refused" } as const;

function State({ row }: { row: MailRow }) {
  const words = row.state === "sent" ? "Taken by" : row.state === "failed" ? "Given up" : row.attempts === 0 ? "Waits" : "Failed, tries again";
  return (
    <div className="flex min-w-0 items-start gap-2 py-1.5">
      <Glyph state={row.state === "waiting" && row.attempts > 0 ? "attention" : STATE[row.state]} className="mt-[3px]" />
      <span className="min-w-0">
        {words}{" "}
        {row.state === "sent" ? <span className="mono text-text-2">{row.transport}</span> : null}
        {row.state === "sent" && row.sentAt !== null ? <span className="text-text-3">, <RelativeTime at={row.sentAt} /></span> : null}
        {row.state === "waiting" && row.attempts > 0 && row.nextAt !== null ? <RelativeTime at={row.nextAt} /> : null}
        {row.lastError ? <span className="block text-12 text-text-3">{row.attempts === 1 ? "1 try" : `${row.attempts} tries`}: {row.lastError}</span> : null}
      </span>
    </div>
  );
}

/** The outbox, newest first: what was sent, what waits, what failed and why. */
export function MailList({ mails, retry }: { mails: readonly MailRow[]; retry: Retry | null }) {
  const [busy, start] = useTransition();
  const ask = (id: string) =>
    start(async () => {
      const data = new FormData();
      data.set("id", id);
      const outcome = await retry?.(null, data);
      if (outcome && !outcome.ok) toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  const columns: Column<MailRow>[] = [
    { id: "to", header: "For", cell: (row) => <span className="block max-w-[30ch] truncate" title={row.to}><bdi>{row.to}</bdi></span>, value: (row) => row.to },
    { id: "subject", header: "Subject", cell: (row) => row.subject, value: (row) => row.subject, hideBelow: "thumb" },
    { id: "state", header: "State", cell: (row) => <State row={row} />, value: (row) => row.state },
    { id: "queued", header: "Queued", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.createdAt} className="text-text-3" />, value: (row) => row.createdAt, hideBelow: "rail" },
    { id: "act", header: "Do", silent: true, align: "end", width: "112px", cell: (row) => (retry && row.state === "waiting" && row.attempts > 0 ? <Button size="small" pending={busy ? "Asking" : null} onClick={() => ask(row.id)}>Try now</Button> : null) },
  ];
  return (
    <section aria-labelledby="outbox-title" className="border-t border-line">
      <h2 id="outbox-title" className="px-gutter pt-4 pb-1">Outbox</h2>
      <RefreshWhile active={mails.some((mail) => mail.state === "waiting")} everyMs={2_000} />
      <Table
        label="Mails, newest first" columns={columns} rows={mails} rowId={(row) => row.id} loading={false} error={null}
        empty={<Empty title="No mail has been sent yet">Invitations, alarms and reminders come here first and are sent from here. Each stays in this list with what became of it.</Empty>}
      />
    </section>
  );
}
