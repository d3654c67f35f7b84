"use client";
import { Ellipsis } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { IconButton } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Name } from "#components/ui/name.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import type { Letters } from "#lib/role/letters.ts";
import { inWords } from "#lib/role/letters.ts";
import type { AccessLine } from "#lib/technician/access.ts";
import type { ReactNode } from "react";

const DAY = 86_400_000;

/** Every role of a row as its letter; a number without a role stands as it is. */
export function RoleLetters({ letters }: { letters: Letters }) {
  return (
    <span className="flex flex-wrap items-center gap-1 py-1">
      {letters.full ? <RoleLetter letter="F" name="Full access" full /> : null}
      {letters.full ? null : letters.roles.map((role) => <RoleLetter key={role.roleId} letter={role.letter} name={role.name} />)}
      {letters.full ? null : letters.unmapped.map((scope) => <span key={scope} className="mono text-12 text-attention-text" data-hint="No role here has this number">{scope}</span>)}
      {!letters.full && letters.roles.length === 0 && letters.unmapped.length === 0 ? <span className="text-text-3">no role</span> : null}
    </span>
  );
}

/** Where somebody reaches what. `now` in epoch milliseconds; `unlink` null: only looks. */
export function AccessList({ rows, personId, name, self, now, unlink, empty }: { rows: readonly AccessLine[]; personId: string; name: string; self: boolean; now: number; unlink: Deed<{ count: number; moved: number }> | null; empty: ReactNode }) {
  const columns: Column<AccessLine>[] = [
    { id: "client", header: "Client", width: "32%", cell: (row) => <Name place={row.place}>{row.clientName}</Name>, value: (row) => row.clientName },
    { id: "roles", header: "Role", cell: (row) => <RoleLetters letters={row.letters} />, value: (row) => inWords(row.letters) },
    { id: "scopes", header: "Scope there", cell: (row) => <span className="mono text-12 text-text-2">{row.letters.full ? "all" : row.scopes === "" ? "none" : row.scopes.replaceAll(",", " ")}</span>, hideBelow: "rail" },
    { id: "since", header: "Since", align: "end", width: "112px", cell: (row) => <RelativeTime at={row.since} className="text-text-2" />, value: (row) => row.since, hideBelow: "rail" },
    { id: "until", header: "Until", align: "end", width: "116px", cell: (row) => (row.until === null ? <span className="text-text-3">no end</span> : row.until - now < 7 * DAY ? <Badge state="attention"><RelativeTime at={row.until} /></Badge> : <RelativeTime at={row.until} className="text-text-2" />), value: (row) => row.until, hideBelow: "thumb" },
    { id: "used", header: "Last used", align: "end", width: "116px", cell: (row) => (row.lastUsedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.lastUsedAt} className={now - row.lastUsedAt > 60 * DAY ? "text-attention-text" : "text-text-2"} />), value: (row) => row.lastUsedAt },
    { id: "state", header: "State", width: "176px", cell: (row) => <RowState row={row} />, hideBelow: "thumb" },
  ];
  if (unlink) columns.push({ id: "act", header: "Do", silent: true, align: "end", width: "64px", cell: (row) => <RowMenu row={row} personId={personId} name={name} unlink={unlink} /> });
  return <Table label={self ? "Where you have access" : `Where ${name} has access`} columns={columns} rows={rows} rowId={(row) => `${row.vaultRef}/${row.uid}`} loading={false} error={null} initialSort={{ by: "client", direction: "up" }} empty={empty} />;
}

/** What is odd about a row or about how we know it; nothing for what is plain. */
function RowState({ row }: { row: AccessLine }) {
  const odd = oddOf(row);
  return odd ? <span className="flex">{odd}</span> : <span className="text-text-3">as read {row.readAt === null ? null : <RelativeTime at={row.readAt} />}</span>;
}

function oddOf(row: AccessLine): ReactNode {
  if (row.kind === "own") return <Badge>The client’s own</Badge>;
  if (row.locked) return <Badge state="refused">Locked by the vault</Badge>;
  if (row.readAt === null) return <Badge state="none">Never read</Badge>;
  if (row.state === "stopped") return <Badge state="refused">Vault stopped</Badge>;
  if (row.health !== "ok" && row.health !== "unread") return <Badge state="attention">{HEALTH[row.health] ?? "Look at the vault"}</Badge>;
  if (row.handOver === "hash" || row.handOver === "plain") return <Badge state="attention">Token known to the client</Badge>;
  return null;
}
const HEALTH: Readonly<Record<string, string>> = { failover: "On its backup", lapsed: "Lapsed", ended: "Ended", silent: "Silent", lying: "Contradicts itself" };

function RowMenu({ row, personId, name, unlink }: { row: AccessLine; personId: string; name: string; unlink: Deed<{ count: number; moved: number }> }) {
  const { run } = useDeed(unlink);
  return (
    <Menu
      trigger={<IconButton label={`What to do with the row at ${row.clientName}`} icon={<Ellipsis aria-hidden />} />}
      entries={[{ kind: "deed", label: `This row is not ${name}’s`, detail: "A note of ours; nothing in the vault changes.", run: () => run({ rows: JSON.stringify([{ vaultRef: row.vaultRef, uid: row.uid }]), personId: "", before: personId }, () => toast({ state: "none", words: "Noted; it belongs to nobody we know" })) }]}
    />
  );
}
