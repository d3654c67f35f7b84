"use client";
import Link from "next/link";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Name } from "#components/ui/name.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.tsx";
import { alarmKinds, type AlarmKind } from "#lib/role/check.ts";
import type { AlarmLine } from "#lib/role/show.ts";
import { useDeed, type Deed } from "./use-deed.ts";

const WORD: Record<AlarmKind, string> = { collides: "Collision", shared: "Two roles, one number", renamed: "Changed by the client", outside: "Outside the grant", nameless: "Number without a role", unused: "Unused" };
const HARMFUL: ReadonlySet<AlarmKind> = new Set(["collides", "shared"]);

/** What the check against the vaults found, the worst first. `agree` null: only looks. */
export function AlarmList({ alarms, agree }: { alarms: readonly AlarmLine[]; agree: Deed<{ name: string }> | null }) {
  if (alarms.length === 0) return null;
  const columns: Column<AlarmLine>[] = [
    { id: "kind", header: "What", width: "184px", cell: (row) => <span className="flex"><Kind row={row} /></span>, value: (row) => alarmKinds.indexOf(row.kind), hideBelow: "thumb" },
    { id: "client", header: "Client", width: "24%", cell: (row) => <Name place={row.place.place}>{row.place.clientName}</Name>, value: (row) => row.place.clientName, hideBelow: "thumb" },
    { id: "words", header: "What it means", cell: (row) => <Meaning row={row} agree={agree} /> },
    { id: "act", header: "Do", silent: true, align: "end", width: "176px", cell: (row) => <WayOut row={row} agree={agree} />, hideBelow: "thumb" },
  ];
  return (
    <section aria-labelledby="alarms-title" className="border-t border-line">
      <h2 id="alarms-title" className="px-gutter pt-5">Numbers against what the vaults say</h2>
      <p className="max-w-[80ch] px-gutter pt-0.5 pb-2 text-pretty text-text-2">Role ids and row ids share one space of numbers, and the numbers are the clients’. What stands here was true when each vault was last read.</p>
      <Table label="Alarms about numbers, the worst first" columns={columns} rows={alarms} rowId={(row) => row.id} loading={false} error={null} empty={<Empty title="Nothing to look at">Every number fits.</Empty>} />
    </section>
  );
}

function Kind({ row }: { row: AlarmLine }) {
  return <Badge state={HARMFUL.has(row.kind) ? "refused" : row.kind === "unused" ? "none" : "attention"}>{WORD[row.kind]}</Badge>;
}

/** Under a thumb everything of the row stands in this one cell. */
function Meaning({ row, agree }: { row: AlarmLine; agree: Deed<{ name: string }> | null }) {
  return (
    <span className="grid gap-1.5 py-1.5">
      <span className="hidden min-w-0 flex-wrap items-center gap-x-2 gap-y-1 max-thumb:flex"><Kind row={row} /><Name place={row.place.place}>{row.place.clientName}</Name></span>
      <span className="max-w-[70ch] text-pretty">{row.sentence}</span>
      <span className="hidden max-thumb:block"><WayOut row={row} agree={agree} /></span>
    </span>
  );
}

/** The way out, in the row of the trouble. */
function WayOut({ row, agree }: { row: AlarmLine; agree: Deed<{ name: string }> | null }) {
  if (row.kind === "renamed" && agree && row.roleId && row.clientCalls) return <Agree roleId={row.roleId} row={row} name={row.clientCalls} agree={agree} />;
  if (row.roleId) return <Link href={`/roles/${row.roleId}`} className={buttonClass({ size: "small" })}>Look at its numbers<span className="sr-only"> for {row.place.clientName}</span></Link>;
  return null;
}

function Agree({ roleId, row, name, agree }: { roleId: string; row: AlarmLine; name: string; agree: Deed<{ name: string }> }) {
  const { busy, run } = useDeed(agree);
  return (
    <Button size="small" pending={busy ? "Noting" : null} onClick={() => run({ roleId, vaultRef: row.place.vaultRef, name }, () => toast({ state: "proven", words: "Noted as right" }))}>
      It is right so<span className="sr-only">: {row.place.clientName} calls {row.scope} {name}</span>
    </Button>
  );
}
