"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { boardsWords, listWords, outsideWords } from "#lib/revocation/board-words.ts";
import type { RevocationListLine } from "#lib/revocation/show.ts";

const columns: Column<RevocationListLine>[] = [
  { id: "name", header: "Whose tokens", width: "34%", value: ({ name }) => name, cell: ({ id, name }) => <Link href={`/revocations/${id}`} className="min-w-0 truncate font-medium" title={name}><bdi>{name}</bdi></Link> },
  { id: "state", header: "State", width: "200px", value: (row) => listWords(row).words, cell: (row) => <Badge state={listWords(row).glyph}>{listWords(row).words}</Badge> },
  { id: "cause", header: "Why", width: "150px", cell: ({ cause }) => <span className="text-text-2">{cause === "leaver" ? "leaves" : "token in wrong hands"}</span>, hideBelow: "thumb" },
  { id: "gone", header: "Proven gone", align: "end", width: "120px", value: ({ absent }) => absent, cell: ({ absent, total }) => `${absent} of ${total}`, hideBelow: "thumb" },
  { id: "by", header: "Opened by", width: "160px", value: ({ openedBy }) => openedBy, cell: ({ openedBy }) => <bdi>{openedBy}</bdi>, hideBelow: "rail" },
  { id: "at", header: "Opened", align: "end", width: "120px", value: ({ openedAt }) => openedAt, cell: ({ openedAt }) => <RelativeTime at={openedAt} className="text-text-3" /> },
];

/** Boards, the open ones first. `outside`: signed removals on no board that are not proven. */
export function BoardList({ boards, outside }: { boards: readonly RevocationListLine[]; outside: number }) {
  const router = useRouter();
  const open = boards.filter(({ closedAt }) => closedAt === null).length;
  return (
    <>
      <RefreshWhile active={open > 0} everyMs={3_000} />
      <PageHeader crumbs={<Link href="/technicians" className="link">Technicians</Link>} title="Revocations" sub={<>{boardsWords(boards)}{outside === 0 ? null : <> {outsideWords(outside)} <Link href="/plans" className="link">See the plans</Link></>}</>} />
      <div className="border-t border-line">
        <Table
          label="Revocation boards, the open ones first" columns={columns} rows={boards} rowId={({ id }) => id} loading={false} error={null} onOpen={({ id }) => router.push(`/revocations/${id}`)}
          empty={<Empty title="Nobody’s access was taken away with a board yet">On a technician’s page, “Take access away” opens one: for somebody who leaves, or for tokens that may be in wrong hands.</Empty>}
        />
      </div>
    </>
  );
}
