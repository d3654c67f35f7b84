"use client";
import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";

export type RecordRow = { readonly id: string; readonly at: number; readonly actor: string; readonly action: string; readonly sentence: string; readonly requestId: string | null };

const COLUMNS: Column<RecordRow>[] = [
  { id: "at", header: "When", width: "132px", cell: (row) => <RelativeTime at={row.at} className="text-text-2" /> },
  { id: "what", header: "What was done", cell: (row) => <span className="block py-1.5"><b className="font-medium"><bdi>{row.actor}</bdi></b> {row.sentence}</span> },
  { id: "id", header: "Entry", align: "end", width: "190px", hideBelow: "rail", cell: (row) => <CopyableId id={row.id} what="entry" className="max-w-[170px]" /> },
];

/** Our own audit entries, newest first. */
export function RecordList({ lines, next, isFirst }: { lines: readonly RecordRow[]; next: string | null; isFirst: boolean }) {
  return (
    <section aria-labelledby="records-title">
      <h2 id="records-title" className="px-gutter pt-5">What this console wrote down</h2>
      <p className="mt-0.5 mb-2 max-w-[70ch] px-gutter text-text-2">Every change leaves its entry in the same transaction. Nothing that runs can alter or remove one.</p>
      <Table
        label="Entries, newest first" columns={COLUMNS} rows={lines} rowId={(row) => row.id} loading={false} error={null}
        empty={isFirst ? <Empty title="Nothing was changed yet">Each change writes who did what here, as it happens. Send a test mail to see the first entries.</Empty> : <Empty title="No older entries">This is the end of the list.</Empty>}
      />
      {next || !isFirst ? (
        <nav aria-label="Pages" className="flex gap-2 px-gutter py-4">
          {isFirst ? null : <Link href="/settings/records" className={buttonClass({})}>Newest</Link>}
          {next ? <Link href={`/settings/records?after=${next}`} className={buttonClass({})}>Older</Link> : null}
        </nav>
      ) : null}
    </section>
  );
}
