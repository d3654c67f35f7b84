"use client";
import { useRef, useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { NumberLine, RolePage } from "#lib/role/show.ts";
import Link from "next/link";
import { NumberEdit } from "./number-edit.tsx";
import { useDeed, type Deed } from "./use-deed.ts";

export type NumberDeeds = { set: Deed<{ scope: string; held: number }>; accept: Deed<{ count: number; moved: number }> };
type Shown = "all" | "without" | "alarms";

/** One role and its number in each vault. `deeds` null: only looks. */
export function RoleNumbers({ role, usual, numbers, own, deeds }: RolePage & { deeds: NumberDeeds | null }) {
  const [shown, setShown] = useState<Shown>("all");
  const [editing, setEditing] = useState<string | null>(null);
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const without = numbers.filter(({ scope }) => scope === null);
  const alarmed = numbers.filter(({ alarms }) => alarms.length > 0);
  const suggested = numbers.filter(({ suggestion }) => suggestion !== null);
  const rows = shown === "without" ? without : shown === "alarms" ? alarmed : numbers;
  const end = (vaultRef: string) => {
    setEditing(null);
    // The focus goes back to where it came from, once the number stands there again.
    requestAnimationFrame(() => buttons.current.get(vaultRef)?.focus());
  };

  const columns: Column<NumberLine>[] = [
    { id: "client", header: "Client", width: "30%", cell: (row) => <Name place={row.place}>{row.clientName}</Name>, value: (row) => row.clientName },
    {
      id: "scope", header: "Number there", width: "120px", value: (row) => row.scope ?? "~",
      cell: (row) =>
        deeds && editing === row.vaultRef ? (
          <NumberEdit roleId={role.roleId} vaultRef={row.vaultRef} before={row.scope ?? ""} label={`Number of ${role.name} at ${row.clientName}`} set={deeds.set} onEnd={() => end(row.vaultRef)} />
        ) : deeds ? (
          <button
            type="button" ref={(element) => { if (element) buttons.current.set(row.vaultRef, element); else buttons.current.delete(row.vaultRef); }} onClick={() => setEditing(row.vaultRef)}
            aria-label={`Change the number of ${role.name} at ${row.clientName}, now ${row.scope ?? "none"}`} className="-mx-1.5 h-7 min-w-14 rounded-in border border-transparent px-1.5 text-left hover:border-line-strong hover:bg-surface max-thumb:h-9"
          >
            {row.scope === null ? <span className="text-text-3">none</span> : <span className="mono">{row.scope}</span>}
          </button>
        ) : row.scope === null ? <span className="text-text-3">none</span> : <span className="mono">{row.scope}</span>,
    },
    { id: "entries", header: "Entries", align: "end", width: "88px", cell: (row) => (row.entries === null ? <span className="text-text-3">{row.readAt === null ? "unread" : "–"}</span> : row.entries.toLocaleString("en")), value: (row) => row.entries, hideBelow: "thumb" },
  ];
  if (!own) columns.push({ id: "held", header: "Rows of ours", align: "end", width: "108px", cell: (row) => (row.scope === null ? <span className="text-text-3">–</span> : row.held.toLocaleString("en")), value: (row) => row.held, hideBelow: "rail" });
  columns.push(
    { id: "calls", header: "The client calls it", cell: (row) => (row.calls === null ? <span className="text-text-3">nothing</span> : <bdi className="block max-w-[26ch] truncate">{row.calls}</bdi>), value: (row) => row.calls ?? "", hideBelow: "rail" },
    { id: "state", header: "State", cell: (row) => <NumberState row={row} roleId={role.roleId} deeds={deeds} /> },
    { id: "read", header: "Read", align: "end", width: "104px", cell: (row) => (row.readAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.readAt} className="text-text-3" />), value: (row) => row.readAt, hideBelow: "rail" },
  );

  const numbered = numbers.length - without.length;
  return (
    <>
      <PageHeader
        crumbs={<><Link href="/roles" className="rounded-in hover:text-text">Roles</Link> <span aria-hidden>/</span> <CopyableId id={role.roleId} what="role" /></>}
        title={<span className="flex min-w-0 items-center gap-2.5"><span aria-hidden className="text-13"><RoleLetter letter={role.letter} name={role.name} /></span><bdi className="min-w-0">{role.name}</bdi></span>}
        sub={own ? `You hold it at ${numbers.length === 1 ? "1 client" : `${numbers.length} clients`}.` : `A number in ${numbered} of ${numbers.length === 1 ? "1 vault" : `${numbers.length} vaults`}${usual ? `, mostly ${usual}` : ""}.`}
        actions={deeds && suggested.length > 0 ? <AcceptAll roleId={role.roleId} rows={suggested} accept={deeds.accept} /> : null}
      />
      {own ? null : (
        <div className="px-gutter pb-4">
          <Note title="A number here is a note of ours.">It reaches no vault. Who holds the old number keeps it, and it shows without a role, until a plan moves them to the new one.</Note>
        </div>
      )}
      {own || numbers.length === 0 ? null : (
        <div className="px-gutter pb-3">
          <Segmented<Shown> label="Which vaults" value={shown} onChange={setShown} choices={[{ value: "all", label: `All ${numbers.length}` }, { value: "without", label: `No number ${without.length}` }, { value: "alarms", label: `Alarms ${alarmed.length}` }]} />
        </div>
      )}
      <Table
        label={`Numbers of ${role.name} by client`} columns={columns} rows={rows} rowId={(row) => row.vaultRef} loading={false} error={null} initialSort={{ by: "client", direction: "up" }}
        {...(deeds && { onOpen: (row: NumberLine) => setEditing(row.vaultRef) })}
        empty={numbers.length > 0 ? <Empty title="None of that kind">{shown === "without" ? "Every vault has a number for this role." : "Every number of this role fits what its vault says."}</Empty> : own ? <Empty title="You hold this role nowhere">What you reach stands on your own page.</Empty> : <Empty title="No vault is connected yet">Once a client is connected, its number for this role is noted here.</Empty>}
      />
    </>
  );
}

function NumberState({ row, roleId, deeds }: { row: NumberLine; roleId: string; deeds: NumberDeeds | null }) {
  if (row.alarms.length > 0) {
    return (
      <span className="grid gap-1 py-1.5">
        {row.alarms.map((alarm) => (
          <span key={alarm.id} className="flex items-start gap-x-2 gap-y-1 max-thumb:flex-wrap"><Badge state={alarm.kind === "collides" || alarm.kind === "shared" ? "refused" : alarm.kind === "unused" ? "none" : "attention"} className="shrink-0">{WORD[alarm.kind]}</Badge><span className="max-w-[48ch] text-12 text-pretty text-text-2">{alarm.sentence}</span></span>
        ))}
      </span>
    );
  }
  if (row.suggestion) return <Suggested row={row} suggestion={row.suggestion} roleId={roleId} accept={deeds?.accept ?? null} />;
  return <span className="text-text-3">{row.readAt === null ? "not judged yet" : row.scope === null ? "no number" : "fits"}</span>;
}
const WORD = { collides: "Collision", shared: "Shared", renamed: "Renamed", outside: "Outside", nameless: "No role", unused: "Unused" } as const;

function Suggested({ row, suggestion, roleId, accept }: { row: NumberLine; suggestion: NonNullable<NumberLine["suggestion"]>; roleId: string; accept: NumberDeeds["accept"] | null }) {
  const why = suggestion.why === "name" ? "the client calls it so" : "usual elsewhere";
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1">
      <span className="text-text-2">Perhaps <span className="mono">{suggestion.scope}</span>: {why}, {suggestion.entries === 1 ? "1 entry" : `${suggestion.entries} entries`}</span>
      {accept ? <AcceptOne roleId={roleId} row={row} scope={suggestion.scope} accept={accept} /> : null}
    </span>
  );
}

function AcceptOne({ roleId, row, scope, accept }: { roleId: string; row: NumberLine; scope: string; accept: NumberDeeds["accept"] }) {
  const { busy, run } = useDeed(accept);
  return <Button size="small" pending={busy ? "Noting" : null} onClick={() => run({ roleId, pairs: `${row.vaultRef}:${scope}` }, () => toast({ state: "proven", words: `Noted as ${scope}` }))}>Take it<span className="sr-only">: {scope} for {row.clientName}</span></Button>;
}

function AcceptAll({ roleId, rows, accept }: { roleId: string; rows: readonly NumberLine[]; accept: NumberDeeds["accept"] }) {
  const { busy, run } = useDeed(accept);
  const pairs = rows.map(({ vaultRef, suggestion }) => `${vaultRef}:${suggestion?.scope}`).join(",");
  return <Button tone="ink" pending={busy ? "Noting" : null} onClick={() => run({ roleId, pairs }, ({ count, moved }) => toast({ state: "proven", words: `${count === 1 ? "1 number" : `${count} numbers`} noted${moved > 0 ? `, ${moved} had changed` : ""}` }))}>{rows.length === 1 ? "Take the suggestion" : `Take all ${rows.length} suggestions`}</Button>;
}
