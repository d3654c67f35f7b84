"use client";
import { Mail } from "lucide-react";
import Link from "next/link";
import { useOptimistic, useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { IconButton } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Name } from "#components/ui/name.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { ImportRow, RowState } from "#lib/client/import-state.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { NO_ANSWER, type Action } from "./connect-words.ts";

export const VERDICT: Record<NonNullable<ImportRow["verdict"]>, { state: State; words: string }> = {
  new: { state: "proven", words: "New" }, same_name: { state: "attention", words: "Same name" }, same_address: { state: "attention", words: "Same vault" }, twice: { state: "attention", words: "Twice" },
  wrong_address: { state: "refused", words: "Wrong address" }, unknown_plan: { state: "refused", words: "Unknown plan" }, wrong: { state: "refused", words: "Cannot be read" },
};
export const STATE: Record<RowState, { state: State; words: string }> = {
  none: { state: "none", words: "Not asked" }, failed: { state: "refused", words: "Not made" }, asked: { state: "moving", words: "Waits for their tap" }, refused: { state: "refused", words: "Answer refused" }, held: { state: "attention", words: "Vault silent" },
  over: { state: "attention", words: "Link has ended" }, unconfirmed: { state: "attention", words: "Compare code 2" }, connected: { state: "proven", words: "Connected" }, stopped: { state: "refused", words: "Stopped" }, ended: { state: "none", words: "Ended" },
};

const Said = ({ of, words }: { of: { state: State; words: string }; words: string | null }) => (
  <span className="block min-w-0 py-1.5">
    <Badge state={of.state}>{of.words}</Badge>
    {words ? <span className="block text-12 text-pretty text-text-3">{words}</span> : null}
  </span>
);

const NameOf = ({ row }: { row: ImportRow }) => (row.clientId ? <Link className="link" href={`/clients/${row.clientId}/connect`}><Name place={row.cells.aliases || null}>{row.cells.name}</Name></Link> : <Name place={row.cells.aliases || null}>{row.cells.name || "(no name)"}</Name>);

const who: Column<ImportRow> = { id: "name", header: "Client", width: "26%", cell: (row) => <NameOf row={row} />, value: (row) => row.cells.name };

/** Before: each row with what would become of it. */
export function PreviewRows({ rows }: { rows: readonly ImportRow[] }) {
  const columns: Column<ImportRow>[] = [
    { id: "line", header: "Line", align: "end", width: "56px", cell: (row) => <span className="text-text-3">{row.position}</span>, value: (row) => row.position },
    who,
    { id: "plan", header: "Plan", cell: (row) => <span className="whitespace-nowrap">{row.cells.plan}</span>, value: (row) => row.cells.plan, hideBelow: "rail" },
    { id: "address", header: "Address", width: "30%", cell: (row) => <span className="mono block truncate" title={row.cells.address}>{row.cells.address}</span>, value: (row) => row.cells.address, hideBelow: "thumb" },
    { id: "verdict", header: "Verdict", cell: (row) => <Said of={row.state === "failed" ? STATE.failed : row.verdict ? VERDICT[row.verdict] : STATE[row.state]} words={row.words} />, value: (row) => row.verdict ?? row.state },
  ];
  return <Table label="Rows of the sheet" columns={columns} rows={rows} rowId={(row) => String(row.position)} loading={false} error={null} empty={<Empty title="No row is left">All of them were asked.</Empty>} />;
}

/** Where there is no room for columns, whom to call and the codes stand under the name. */
const Callee = ({ row }: { row: ImportRow }) => (
  <span className="block min-w-0 py-1.5">
    <NameOf row={row} />
    <span className="block text-12 text-text-3 thumb:hidden"><bdi>{row.cells.contactName || "their owner"}</bdi> <span className="whitespace-nowrap select-all">{row.cells.contactPhone}</span></span>
    <span className="block text-12 text-text-3 rail:hidden">
      {row.code1 ? <span className="block whitespace-nowrap"><span className="sr-only">Code 1 </span><span className="mono whitespace-nowrap text-text">{spokenCode(row.code1)}</span></span> : null}
      {row.code2 ? <span className="block whitespace-nowrap"><span className="sr-only">Code 2 </span><span className="mono whitespace-nowrap text-text">{spokenCode(row.code2)}</span></span> : null}
    </span>
  </span>
);

type Called = Action<{ called: boolean }>;

function CalledBox({ row, importId, call }: { row: ImportRow; importId: string; call: Called }) {
  const [, start] = useTransition();
  const [called, show] = useOptimistic(row.calledAt !== null);
  const set = (on: boolean) =>
    start(async () => {
      show(on);
      const data = new FormData();
      for (const [key, value] of [["importId", importId], ["position", String(row.position)], ["called", on ? "yes" : "no"]] as const) data.set(key, value);
      const outcome = await call(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome.ok) toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  return <Checkbox label={`Called: ${row.cells.name}`} checked={called} onChange={set} />;
}

function MailButton({ row, mail }: { row: ImportRow; mail: Action<{ to: string }> }) {
  const [busy, start] = useTransition();
  const send = () =>
    start(async () => {
      const data = new FormData();
      data.set("requestId", row.requestId ?? "");
      const outcome = await mail(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      toast(outcome.ok ? { state: "proven", words: `On its way to ${outcome.value.to}` } : { state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  const off = busy ? "It is on its way." : row.cells.contactMail === "" ? "No mail address is written." : row.state === "asked" || row.state === "refused" ? null : "Nothing is open.";
  return <IconButton label={`${row.mailedAt === null ? "Mail the link" : "Mail the link again"}: ${row.cells.name}`} icon={<Mail aria-hidden />} size="small" disabledReason={off} onClick={send} />;
}

/** After: whom to call, with which codes, and how far each is. */
export function CallList({ rows, importId, call, mail }: { rows: readonly ImportRow[]; importId: string; call: Called; mail: Action<{ to: string }> }) {
  const columns: Column<ImportRow>[] = [
    { id: "called", header: "Called", width: "64px", cell: (row) => <CalledBox row={row} importId={importId} call={call} />, value: (row) => row.calledAt ?? 0 },
    { ...who, width: "32%", cell: (row) => <Callee row={row} /> },
    { id: "contact", header: "Contact", hideBelow: "thumb", cell: (row) => <span className="block py-1.5"><bdi>{row.cells.contactName || "their owner"}</bdi><span className="block text-12 text-text-3 select-all">{row.cells.contactPhone}</span></span>, value: (row) => row.cells.contactName },
    { id: "code1", header: "Code 1", cell: (row) => <span className="mono whitespace-nowrap">{row.code1 ? spokenCode(row.code1) : ""}</span>, hideBelow: "rail" },
    { id: "code2", header: "Code 2", cell: (row) => <span className="mono whitespace-nowrap">{row.code2 ? spokenCode(row.code2) : <span className="text-text-3">after their tap</span>}</span>, hideBelow: "rail" },
    { id: "state", header: "State", cell: (row) => <Said of={STATE[row.state]} words={row.state === "refused" || row.state === "held" ? row.words : null} />, value: (row) => row.state },
    { id: "mail", header: "Mail", silent: true, width: "48px", align: "end", hideBelow: "thumb", cell: (row) => <MailButton row={row} mail={mail} /> },
  ];
  return <Table label="Whom to call" columns={columns} rows={rows} rowId={(row) => String(row.position)} loading={false} error={null} empty={<Empty title="Nobody is asked yet">Once the requests are made, everybody stands here with the number to call and the code to compare.</Empty>} />;
}
