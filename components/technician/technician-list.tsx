"use client";
import { Ellipsis, Search } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryStates } from "nuqs";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button, IconButton } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Input } from "#components/ui/input.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Name } from "#components/ui/name.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { Select } from "#components/ui/select.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { TechnicianLine, TechnicianList as Listed } from "#lib/technician/list.ts";
import { InboxBadge } from "./inbox-badge.tsx";
import { LeaveBadge } from "./leave-words.tsx";
import { NoteDialog } from "./note-dialog.tsx";
import { PodsDialog, type PodDeeds } from "./pods-dialog.tsx";

export type TechnicianDeeds = PodDeeds & { change: Deed<{ id: string }> };

const NO_POD = "none";
const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** What was typed is looked for in name, mail address, pod and tags; several words must all be found. */
function matches(line: TechnicianLine, words: readonly string[], pod: string): boolean {
  if (pod !== "" && (pod === NO_POD ? line.podId !== null : line.podId !== pod)) return false;
  const text = fold([line.name, line.email, line.podName ?? "", ...line.tags].join(" "));
  return words.every((word) => text.includes(word));
}

/** Everybody who reaches clients' vaults or may be let in. `deeds` null: only looks. */
export function TechnicianList({ technicians, pods, unlinked, deeds }: Listed & { deeds: TechnicianDeeds | null }) {
  const router = useRouter();
  const [{ q, pod }, setQuery] = useQueryStates({ q: parseAsString.withDefault(""), pod: parseAsString.withDefault("") });
  const [noted, setNoted] = useState<TechnicianLine | null>(null);
  // What is asked stays while the window closes, so that its words do not vanish before it does.
  const [open, setOpen] = useState<"note" | "pods" | null>(null);
  const rows = technicians.filter((line) => matches(line, fold(q).split(/\s+/).filter(Boolean), pod));
  const reaching = technicians.filter(({ clients }) => clients > 0).length;
  const waiting = technicians.filter(({ works, inbox }) => works && inbox.state === "waits").length;
  return (
    <>
      <PageHeader
        title={`${technicians.length === 1 ? "1 technician" : `${technicians.length} technicians`}, ${reaching} with access`}
        sub={[waiting > 0 ? `${waiting === 1 ? "1 inbox key waits" : `${waiting} inbox keys wait`} for a signer.` : "", unlinked > 0 ? `${unlinked === 1 ? "1 row belongs" : `${unlinked} rows belong`} to nobody we know, below.` : ""].join(" ").trim() || "What each of them reaches, as the vaults last said."}
        actions={<><Link href="/revocations" className={buttonClass({})}>Revocations</Link>{deeds ? <Button onClick={() => setOpen("pods")}>Pods…</Button> : null}</>}
      />
      <div className="flex flex-wrap items-center gap-2 px-gutter pb-3">
        <Input aria-label="Find a technician" placeholder="Name, tag or pod" lead={<Search aria-hidden />} value={q} dir="auto" className="w-[260px] max-thumb:w-full" onChange={(event) => void setQuery({ q: event.target.value || null })} />
        {pods.length > 0 ? <Select aria-label="Pod" value={pod} onChange={(next) => void setQuery({ pod: next || null })} className="w-[180px]" choices={[{ value: "", label: "All pods" }, ...pods.map(({ podId, name, people }) => ({ value: podId, label: `${name}, ${people}` })), { value: NO_POD, label: "In no pod" }]} /> : null}
        {q || pod ? <span className="text-text-3">{rows.length} of {technicians.length}</span> : null}
      </div>
      <Table
        label="Technicians" columns={columnsOf(deeds, (line) => { setNoted(line); setOpen("note"); })} rows={rows} rowId={(row) => row.id} loading={false} error={null} initialSort={{ by: "name", direction: "up" }} onOpen={(row) => router.push(`/technicians/${row.id}`)}
        empty={technicians.length === 0
          ? <Empty title="Nobody works as a technician yet">Invite people under Settings, Members, with the right of a technician. What they reach then stands here.</Empty>
          : <Empty title="Nobody answers that" actions={<Button onClick={() => void setQuery({ q: null, pod: null })}>Show all {technicians.length}</Button>}>No name, tag or pod holds all of these words.</Empty>}
      />
      {deeds ? (
        <>
          <NoteDialog key={noted?.id} open={open === "note"} person={noted} pods={pods} onClose={() => setOpen(null)} change={deeds.change} />
          <PodsDialog open={open === "pods"} pods={pods} onClose={() => setOpen(null)} deeds={deeds} />
        </>
      ) : null}
    </>
  );
}

function columnsOf(deeds: TechnicianDeeds | null, note: (line: TechnicianLine) => void): Column<TechnicianLine>[] {
  return [
    {
      id: "name", header: "Technician", width: "34%", value: (row) => row.name,
      cell: (row) => (
        <span className="grid min-w-0 gap-0.5 py-1.5">
          <span className="flex min-w-0 flex-wrap items-center gap-x-2">
            <Link href={`/technicians/${row.id}`} className="min-w-0 max-w-full rounded-in font-medium hover:underline"><Name>{row.name}</Name></Link>
            {row.frozenAt === null ? null : <Badge state="refused">Frozen</Badge>}
            {row.works ? null : <Badge state="attention">Not a technician any more</Badge>}
            <LeaveBadge leave={row.leave} state={row.leaveState} />
          </span>
          <span className="truncate text-12 text-text-3"><bdi>{[row.podName, ...row.tags].filter(Boolean).join(" · ") || row.email}</bdi></span>
        </span>
      ),
    },
    { id: "roles", header: "Roles", cell: (row) => <Roles row={row} />, hideBelow: "thumb" },
    { id: "clients", header: "Clients", align: "end", width: "88px", cell: (row) => (row.clients === 0 ? <span className="text-text-3">none</span> : row.clients.toLocaleString("en")), value: (row) => row.clients },
    { id: "end", header: "Next end", align: "end", width: "108px", cell: (row) => (row.nextEnd === null ? <span className="text-text-3">no end</span> : <RelativeTime at={row.nextEnd} className="text-text-2" />), value: (row) => row.nextEnd, hideBelow: "rail" },
    { id: "used", header: "Last used", align: "end", width: "108px", cell: (row) => (row.lastUsedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.lastUsedAt} className="text-text-2" />), value: (row) => row.lastUsedAt, hideBelow: "rail" },
    { id: "keys", header: "Keys", align: "end", width: "64px", cell: (row) => row.keys, value: (row) => row.keys, hideBelow: "rail" },
    { id: "inbox", header: "Inbox key", width: "168px", cell: (row) => <span className="flex"><InboxBadge inbox={row.inbox} /></span>, value: (row) => row.inbox.state, hideBelow: "thumb" },
    {
      id: "act", header: "Do", silent: true, align: "end", width: "64px",
      cell: (row) => (
        <Menu
          trigger={<IconButton label={`What to do with ${row.name}`} icon={<Ellipsis aria-hidden />} />}
          link={(href) => <Link href={href} />}
          entries={[{ kind: "link", label: "Where they have access", href: `/technicians/${row.id}` }, ...(deeds ? [{ kind: "deed" as const, label: "Pod, tags and leave…", run: () => note(row) }] : [])]}
        />
      ),
    },
  ];
}

/** Full access first, on its keycap; a number without a role is a question mark. Each says at how many clients. */
function Roles({ row }: { row: TechnicianLine }) {
  const at = (clients: number) => (clients === 1 ? "at 1 client" : `at ${clients} clients`);
  if (row.clients === 0) return <span className="text-text-3">–</span>;
  return (
    <span className="flex flex-wrap gap-1 py-1">
      {row.fullAt > 0 ? <RoleLetter letter="F" name={`Full access ${at(row.fullAt)}`} full /> : null}
      {row.roles.map((role) => <RoleLetter key={role.roleId} letter={role.letter} name={`${role.name} ${at(role.clients)}`} />)}
      {row.otherNumbers > 0 ? <RoleLetter letter="?" name={row.otherNumbers === 1 ? "1 number without a role" : `${row.otherNumbers} numbers without a role`} /> : null}
    </span>
  );
}
