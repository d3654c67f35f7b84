"use client";
import Link from "next/link";
import { Badge } from "#components/ui/badge.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Name } from "#components/ui/name.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { RelativeTime } from "#components/ui/time.tsx";
import type { AccessRow, Origin, OwnRow } from "#lib/client/rows.ts";
import { initialsOf } from "#lib/client/rows.ts";
import type { RowMakers, Signed } from "#lib/plan/proven.ts";
import { andList } from "#lib/protocol/plan-words.ts";
import { inWords, type Letters as LettersValue } from "#lib/role/letters.ts";
import { Letters } from "./letters.tsx";

const Initials = ({ name, own }: { name: string; own?: boolean }) => (
  <span aria-hidden className={cx("grid size-6 shrink-0 place-items-center rounded-in text-10 font-semibold max-thumb:hidden", own ? "text-text-2 shadow-[inset_0_0_0_1px_var(--line-strong)]" : "bg-active text-text")}>
    {initialsOf(name)}
  </span>
);

const scopesWords = (scopes: string, full: boolean) => (full ? "all" : scopes === "" ? "none" : scopes.replaceAll(",", " "));

/** Who signed, with the ticket; the plan behind it for whoever reads plans. */
function SignedBy({ of: { by, plan } }: { of: Signed }) {
  const words = <bdi>{andList(by)}{plan?.ticket ? `, ${plan.ticket}` : ""}</bdi>;
  return plan === null ? words : <Link href={`/plans/${plan.id}`} prefetch={false} className="rounded-in hover:underline">{words}</Link>;
}

function OriginWords({ origin, maker }: { origin: Origin; maker: RowMakers[string] | undefined }) {
  if (origin.kind === "drift") return <Badge state="attention">not by us</Badge>;
  const from = origin.kind === "connect" ? "handed over at connect" : origin.kind === "accepted" ? <>the client, accepted by {origin.who ?? "an owner"}</> : maker?.made ? <SignedBy of={maker.made} /> : "a signed change";
  return <>{from}{maker?.altered ? <span className="block">changed {calendarDate(maker.altered.at)} by <SignedBy of={maker.altered} /></span> : null}</>;
}

const LastUsed = ({ at, unused }: { at: number | null; unused?: boolean }) =>
  at === null ? <span className={unused ? "text-attention-text" : "text-text-3"}>never</span> : <RelativeTime at={at} className={cx("whitespace-nowrap", unused ? "text-attention-text" : "text-text-2")} />;

/** Under a thumb the columns that are left out stand here. */
const Beneath = ({ letters, until, at, unused }: { letters: LettersValue; until: number | null; at: number | null; unused?: boolean }) => (
  <span className="hidden flex-wrap gap-x-2 text-12 text-text-2 max-thumb:flex">
    <span className="sr-only">{inWords(letters)}</span>
    <span>{until === null ? "no end" : `until ${calendarDate(until)}`}</span>
    <span>used <LastUsed at={at} {...(unused !== undefined && { unused })} /></span>
  </span>
);

/** `personLinks`: whether the people's own pages may be opened from here; `claimLinks`: whether it can be said whose a row is. `makers`: of the rows that a signed change of ours touched. */
export function AccessTable({ rows, makers, label, personLinks, claimLinks }: { rows: readonly AccessRow[]; makers: RowMakers; label: string; personLinks: boolean; claimLinks: boolean }) {
  const columns: Column<AccessRow>[] = [
    {
      id: "who", header: "Who", width: "236px", value: (row) => row.name,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2.5 py-1">
          <Initials name={row.name} />
          <span className="grid min-w-0">
            <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
              <span className="min-w-0 font-medium">
                {row.person && personLinks ? <Link href={`/technicians/${row.person.id}`} prefetch={false} className="rounded-in hover:underline"><Name>{row.name}</Name></Link> : <Name>{row.name}</Name>}
              </span>
              {row.person !== null ? null : claimLinks ? <Link href="/technicians#unlinked-title" prefetch={false} className="rounded-in" data-hint="Say whose it is"><Badge state="attention">nobody we know</Badge></Link> : <Badge state="attention">nobody we know</Badge>}
              {row.locked ? <Badge state="refused">locked</Badge> : null}
              {row.unopened ? <Badge state="staged">not opened yet</Badge> : null}
              {row.tokenKnownToClient ? <Badge className="max-thumb:h-auto max-thumb:whitespace-normal">token known to the client</Badge> : null}
            </span>
            {row.person && row.person.name !== row.name ? <span className="truncate text-12 text-text-3"><bdi>{row.person.name}</bdi> with us</span> : null}
            <Beneath letters={row.letters} until={row.until} at={row.lastUsedAt} unused={row.unused} />
          </span>
        </span>
      ),
    },
    { id: "role", header: "Role", width: "108px", value: (row) => inWords(row.letters), cell: (row) => <Letters of={row.letters} /> },
    { id: "scopes", header: "Scope here", hideBelow: "rail", cell: (row) => <span className="mono block max-w-[92px] text-text-3">{scopesWords(row.scopes, row.letters.full)}</span> },
    { id: "since", header: "Since", value: (row) => row.since, hideBelow: "rail", cell: (row) => <span className="whitespace-nowrap text-text-2">{calendarDate(row.since)}</span> },
    { id: "until", header: "Until", value: (row) => row.until, hideBelow: "thumb", cell: (row) => (row.until === null ? <span className="whitespace-nowrap text-text-3">no end</span> : row.ending ? <Badge state="attention">{calendarDate(row.until)}</Badge> : <span className="whitespace-nowrap">{calendarDate(row.until)}</span>) },
    { id: "used", header: "Last used", value: (row) => row.lastUsedAt, hideBelow: "thumb", cell: (row) => <LastUsed at={row.lastUsedAt} unused={row.unused} /> },
    { id: "by", header: "By", hideBelow: "rail", cell: (row) => <span className="text-pretty text-text-2"><OriginWords origin={row.origin} maker={makers[row.uid]} /></span> },
  ];
  return <Table label={label} columns={columns} rows={rows} rowId={(row) => row.uid} loading={false} error={null} empty={<Empty title="Nobody of ours can open it">Give somebody a role in the matrix; it is live only after a tap of a signing key.</Empty>} />;
}

const WHAT: Record<OwnRow["what"], string> = { owner: "owner", "another manager": "another manager", person: "person", program: "program" };

export function OwnTable({ rows, label }: { rows: readonly OwnRow[]; label: string }) {
  const columns: Column<OwnRow>[] = [
    {
      id: "who", header: "Who", width: "30%",
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2.5 py-1">
          <Initials name={row.name} own />
          <span className="grid min-w-0"><span className="min-w-0 font-medium"><Name>{row.name}</Name></span><Beneath letters={row.letters} until={row.until} at={row.lastUsedAt} /></span>
        </span>
      ),
    },
    { id: "what", header: "What", cell: (row) => <span className="text-text-2">{WHAT[row.what]}</span> },
    { id: "scopes", header: "Scope here", hideBelow: "rail", cell: (row) => <span className="mono text-text-3">{scopesWords(row.scopes, row.letters.full)}</span> },
    { id: "since", header: "Since", hideBelow: "rail", cell: (row) => <span className="whitespace-nowrap text-text-2">{calendarDate(row.since)}</span> },
    { id: "until", header: "Until", hideBelow: "thumb", cell: (row) => <span className="whitespace-nowrap text-text-3">{row.until === null ? "no end" : calendarDate(row.until)}</span> },
    { id: "used", header: "Last used", hideBelow: "thumb", cell: (row) => <LastUsed at={row.lastUsedAt} /> },
    { id: "by", header: "By", hideBelow: "rail", cell: () => <span className="text-text-2">themselves</span> },
  ];
  return <Table label={label} columns={columns} rows={rows} rowId={(row) => row.uid} loading={false} error={null} empty={<Empty title="No row of their own is shown">An owner’s row should be among them.</Empty>} />;
}
