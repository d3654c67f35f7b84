"use client";
import { RelativeTime } from "#components/ui/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import type { MyReach as Reach } from "#lib/overview/mine.ts";
import { reachTitle } from "#lib/overview/reach-words.ts";

const columns: Column<Reach>[] = [
  { id: "client", header: "Client", width: "40%", value: ({ client }) => client, cell: ({ client, place }) => <span className="flex min-w-0 gap-1.5"><bdi className="truncate font-medium">{client}</bdi>{place ? <bdi className="shrink-0 text-text-3">{place}</bdi> : null}</span> },
  { id: "access", header: "Access", width: "36%", value: ({ access }) => access, cell: ({ access, claimBy }) => <span className="flex min-w-0 gap-2"><bdi className="truncate" title={access}>{access}</bdi>{claimBy === null ? null : <Badge state="staged">new</Badge>}</span> },
  { id: "until", header: "Until", align: "end", value: ({ until }) => until, cell: ({ until }) => (until === null ? <span className="text-text-3">no end</span> : <RelativeTime at={until} />) },
  { id: "used", header: "Last used", align: "end", hideBelow: "thumb", value: ({ lastUsedAt }) => lastUsedAt, cell: ({ lastUsedAt }) => (lastUsedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={lastUsedAt} className="text-text-2" />) },
];

/** The clients that one reaches oneself. */
export function MyReach({ reach }: { reach: readonly Reach[] }) {
  return (
    <section aria-labelledby="reach-title" className="border-t border-line">
      <h2 id="reach-title" className="px-gutter pt-4 pb-1">{reachTitle(reach)}</h2>
      <Table label="Clients that you reach" columns={columns} rows={reach} rowId={({ vaultRef, uid }) => `${vaultRef} ${uid}`} loading={false} error={null} empty={<Empty title="You reach no vault yet">An owner grants access in the matrix; with your inbox key the token comes to you sealed.</Empty>} />
    </section>
  );
}
