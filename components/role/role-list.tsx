"use client";
import { Ellipsis, Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button, IconButton } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Name } from "#components/ui/name.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { RoleLine } from "#lib/role/show.ts";
import { RetireDialog, RoleDialog } from "./role-dialogs.tsx";
import { useDeed, type Deed } from "./use-deed.ts";

export type RoleDeeds = { create: Deed<{ id: string }>; addUsual: Deed<{ count: number }>; change: Deed<{ id: string }>; order: Deed<{ count: number }>; retire: Deed<{ name: string; numbers: number }> };

const count = (some: number, one: string, many: string) => (some === 1 ? `1 ${one}` : `${some.toLocaleString("en")} ${many}`);

/** All roles in their order. `vaults` null: whoever looks may not see clients. `deeds` null: only looks. `letter`: free for a new one. */
export function RoleList({ roles, vaults, alarms, letter, deeds }: { roles: readonly RoleLine[]; vaults: { readonly all: number; readonly unread: number } | null; alarms: number; letter: string | null; deeds: RoleDeeds | null }) {
  const router = useRouter();
  const [open, setOpen] = useState<{ what: "new" } | { what: "change" | "retire"; role: RoleLine } | null>(null);
  // What is asked stays while the window closes, so that its words do not vanish before it does.
  const [shown, setShown] = useState(false);
  const ask = (next: NonNullable<typeof open>) => {
    setOpen(next);
    setShown(true);
  };
  const close = () => setShown(false);
  const held = open && open.what !== "new" ? open.role : null;

  const sub = vaults === null ? "A role is a name here and a number in each vault." : `A role is a name here and a number in each vault, which is the client’s to choose.${vaults.unread > 0 ? ` ${count(vaults.unread, "vault was", "vaults were")} never read, so nothing is judged there.` : ""}`;
  return (
    <>
      <PageHeader
        title={`${count(roles.length, "role", "roles")}${vaults ? ` in ${count(vaults.all, "vault", "vaults")}` : ""}${alarms > 0 ? `, ${count(alarms, "thing", "things")} to look at` : ""}`}
        sub={sub}
        actions={deeds && roles.length > 0 ? <Button tone="ink" icon={<Plus aria-hidden />} onClick={() => ask({ what: "new" })}>New role</Button> : null}
      />
      <Table
        label="Roles in their order" columns={columnsOf(roles, vaults?.all ?? null, deeds, ask)} rows={roles} rowId={(row) => row.roleId} loading={false} error={null} onOpen={(row) => router.push(`/roles/${row.roleId}`)}
        empty={
          <Empty title="There is no role yet" actions={deeds ? <FirstRoles deeds={deeds} onNew={() => ask({ what: "new" })} /> : null}>
            Roles divide your work: networking, monitoring, backup. Each client’s vault has a number for each, and whoever holds the number opens the entries that carry it.
          </Empty>
        }
      />
      {deeds ? (
        <>
          <RoleDialog key={held?.roleId ?? "new"} open={shown && (open?.what === "new" || open?.what === "change")} role={open?.what === "change" ? held : null} letter={letter} onClose={close} save={open?.what === "change" ? deeds.change : deeds.create} />
          <RetireDialog open={shown && open?.what === "retire"} role={open?.what === "retire" ? held : null} vaults={held?.counts?.vaults ?? 0} onClose={close} retire={deeds.retire} />
        </>
      ) : null}
    </>
  );
}

function FirstRoles({ deeds, onNew }: { deeds: RoleDeeds; onNew: () => void }) {
  const { busy, run } = useDeed(deeds.addUsual);
  return (
    <>
      <Button tone="ink" pending={busy ? "Making them" : null} onClick={() => run({}, ({ count: made }) => toast({ state: "proven", words: `${count(made, "role", "roles")} made` }))}>Take the usual eight</Button>
      <Button onClick={onNew}>Name the first myself</Button>
    </>
  );
}

function columnsOf(roles: readonly RoleLine[], vaults: number | null, deeds: RoleDeeds | null, ask: (next: { what: "change" | "retire"; role: RoleLine }) => void): Column<RoleLine>[] {
  const columns: Column<RoleLine>[] = [
    {
      id: "name", header: "Role", width: "38%",
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2.5">
          <span aria-hidden><RoleLetter letter={row.letter} name={row.name} /></span>
          <Link href={`/roles/${row.roleId}`} className="min-w-0 rounded-in font-medium hover:underline"><Name>{row.name}</Name></Link>
          <span className="sr-only">, letter {row.letter}</span>
        </span>
      ),
    },
    { id: "key", header: "Key", width: "64px", cell: (row) => <KeyOf index={roles.indexOf(row)} />, hideBelow: "rail" },
  ];
  if (vaults !== null) {
    columns.push(
      { id: "vaults", header: "Has a number", align: "end", cell: (row) => <>{row.counts?.vaults.toLocaleString("en")} <span className="text-text-3">of {vaults.toLocaleString("en")}</span></> },
      { id: "rows", header: "Rows of ours", align: "end", cell: (row) => row.counts?.rows.toLocaleString("en"), hideBelow: "thumb" },
      { id: "suggestions", header: "Suggested", align: "end", cell: (row) => (row.counts?.suggestions ? row.counts.suggestions.toLocaleString("en") : <span className="text-text-3">–</span>), hideBelow: "rail" },
      { id: "alarms", header: "Alarms", align: "end", width: "96px", cell: (row) => (row.counts?.alarms ? <span className="flex justify-end"><Badge state="attention">{row.counts.alarms.toLocaleString("en")}</Badge></span> : <span className="text-text-3">none</span>) },
    );
  }
  if (deeds) columns.push({ id: "act", header: "Do", silent: true, align: "end", width: "64px", cell: (row) => <RoleMenu roles={roles} row={row} deeds={deeds} ask={ask} /> });
  return columns;
}

/** The key that stages the role in the matrix. */
function KeyOf({ index }: { index: number }) {
  return index < 9 ? <kbd className="rounded-in border border-line px-1.5 text-11">{index + 1}</kbd> : <span className="text-text-3">–</span>;
}

function RoleMenu({ roles, row, deeds, ask }: { roles: readonly RoleLine[]; row: RoleLine; deeds: RoleDeeds; ask: (next: { what: "change" | "retire"; role: RoleLine }) => void }) {
  const { run } = useDeed(deeds.order);
  const index = roles.indexOf(row);
  const move = (to: number) => {
    const ids = roles.map(({ roleId }) => roleId).filter((id) => id !== row.roleId);
    ids.splice(to, 0, row.roleId);
    run({ roleIds: ids.join(",") }, () => toast({ state: "proven", words: `${row.name} is number ${to + 1} now` }));
  };
  return (
    <Menu
      trigger={<IconButton label={`What to do with ${row.name}`} icon={<Ellipsis aria-hidden />} />}
      entries={[
        { kind: "deed", label: "Move up", run: () => move(index - 1), disabledReason: index === 0 ? "It is the first." : null },
        { kind: "deed", label: "Move down", run: () => move(index + 1), disabledReason: index === roles.length - 1 ? "It is the last." : null },
        { kind: "line" },
        { kind: "deed", label: "Change name or letter…", run: () => ask({ what: "change", role: row }) },
        { kind: "deed", label: "Retire…", danger: true, run: () => ask({ what: "retire", role: row }) },
      ]}
    />
  );
}
