"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { ChangeCounts } from "#components/ui/change-sign.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { PlanRowLine } from "#lib/plan/list.ts";

const STATE: Record<PlanRowLine["state"], { glyph: State; words: string }> = {
  ready: { glyph: "attention", words: "Waits for a tap" },
  running: { glyph: "moving", words: "On its way" },
  partly: { glyph: "attention", words: "Not all of it is done" },
  done: { glyph: "proven", words: "Proven" },
  over: { glyph: "none", words: "Expired" },
  withdrawn: { glyph: "none", words: "Withdrawn" },
};

const KIND: Record<Exclude<PlanRowLine["kind"], "change">, string> = { exit: "exit", signers: "signers", renewal: "renewal" };

const columns: Column<PlanRowLine>[] = [
  {
    id: "title", header: "Plan", width: "46%", value: ({ title }) => title,
    cell: ({ id, title, handedToMe, kind }) => (
      <span className="flex min-w-0 items-baseline gap-2">
        <Link href={`/plans/${id}`} className="min-w-0 truncate font-medium" title={title}><bdi>{title}</bdi></Link>
        {kind === "change" ? null : <span className="text-12 text-text-3">{KIND[kind]}</span>}
        {handedToMe ? <span className="text-12 text-accent-text">handed to you</span> : null}
      </span>
    ),
  },
  { id: "state", header: "State", width: "180px", value: ({ state }) => state, cell: ({ state }) => <Badge state={STATE[state].glyph}>{STATE[state].words}</Badge> },
  { id: "counts", header: "Changes", width: "140px", cell: ({ counts }) => <ChangeCounts {...counts} />, hideBelow: "thumb" },
  { id: "vaults", header: "Vaults", align: "end", width: "120px", value: ({ vaults }) => vaults, cell: ({ vaults, proven, state }) => (state === "ready" || state === "over" || state === "withdrawn" ? vaults : `${proven} of ${vaults}`), hideBelow: "thumb" },
  { id: "by", header: "Made by", width: "160px", value: ({ madeBy }) => madeBy, cell: ({ madeBy }) => <bdi>{madeBy}</bdi>, hideBelow: "rail" },
  { id: "at", header: "Frozen", align: "end", width: "120px", value: ({ madeAt }) => madeAt, cell: ({ madeAt }) => <RelativeTime at={madeAt} className="text-text-3" /> },
];

/** Plans, those that wait for somebody first. */
export function PlanList({ plans }: { plans: readonly PlanRowLine[] }) {
  const router = useRouter();
  return (
    <div className="border-t border-line">
      <RefreshWhile active={plans.some(({ state }) => state === "running")} everyMs={2_000} />
      <Table
        label="Plans, those that wait first" columns={columns} rows={plans} rowId={({ id }) => id} loading={false} error={null} onOpen={({ id }) => router.push(`/plans/${id}`)}
        empty={<Empty title="No plan has been made yet">Stage changes in the matrix and review them: they are frozen here, and nothing reaches a vault before one tap of a signing key.</Empty>}
      />
    </div>
  );
}
