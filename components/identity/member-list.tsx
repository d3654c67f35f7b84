"use client";
import { Ellipsis, Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button, IconButton } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Name } from "#components/ui/name.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { TapQuestion } from "#lib/identity/ceremony.ts";
import type { PersonRight } from "#lib/identity/permission.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { FreezeDialog, InviteAgainDialog, RightsDialog, ThawDialog } from "./member-dialogs.tsx";
import { RIGHT_WORDS } from "./right-words.ts";
import type { Action } from "./step-up.ts";

/** Times in epoch milliseconds. `self`: the one who looks. */
export type MemberRow = {
  readonly id: string; readonly name: string; readonly email: string; readonly rights: readonly PersonRight[]; readonly createdAt: number; readonly frozenAt: number | null;
  readonly keys: number; readonly sessions: number; readonly lastSeenAt: number | null; readonly self: boolean;
};
export type MemberActions = { beginTap: Action<TapQuestion>; invite: Action<{ id: string; link: string }>; setRights: Action<{ id: string }>; freeze: Action<{ id: string; sessions: number }>; thaw: Action<{ id: string }>; inviteAgain: Action<{ id: string; email: string }> };

/** Everybody of the organisation. Without `change` the list is only read. */
export function MemberList({ members, change }: { members: readonly MemberRow[]; change: MemberActions | null }) {
  const [open, setOpen] = useState<{ what: "invite" } | { what: "rights" | "freeze" | "thaw" | "again"; member: MemberRow } | null>(null);
  // What is asked stays while the window closes, so that its words do not vanish before it does.
  const [shown, setShown] = useState(false);
  const ask = (next: NonNullable<typeof open>) => {
    setOpen(next);
    setShown(true);
  };
  const close = () => setShown(false);
  const memberFor = (what: "rights" | "freeze" | "thaw" | "again") => (open?.what === what ? open.member : null);
  const columns: Column<MemberRow>[] = [
    {
      id: "name", header: "Member", width: "46%",
      cell: (row) => (
        <span className="grid min-w-0 gap-0.5 py-1.5">
          <span className="flex min-w-0 flex-wrap items-center gap-x-2"><span className="min-w-0 font-medium"><Name>{row.name}</Name></span>{row.self ? <Badge>You</Badge> : null}{row.frozenAt === null ? null : <Badge state="refused">Frozen</Badge>}</span>
          <span className="truncate text-12 text-text-3"><bdi>{row.email}</bdi></span>
        </span>
      ),
      value: (row) => row.name,
    },
    { id: "rights", header: "Rights", cell: (row) => <span className="flex flex-wrap gap-1 py-1">{row.rights.map((right) => <Badge key={right}>{RIGHT_WORDS[right].name}</Badge>)}</span>, value: (row) => row.rights.join(" ") },
    { id: "keys", header: "Keys", align: "end", width: "72px", cell: (row) => row.keys, value: (row) => row.keys, hideBelow: "thumb" },
    { id: "sessions", header: "Signed in", align: "end", width: "96px", cell: (row) => (row.sessions === 0 ? <span className="text-text-3">no</span> : row.sessions === 1 ? "1 session" : `${row.sessions} sessions`), value: (row) => row.sessions, hideBelow: "thumb" },
    { id: "seen", header: "Last seen", align: "end", width: "120px", cell: (row) => (row.lastSeenAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.lastSeenAt} className="text-text-2" />), value: (row) => row.lastSeenAt, hideBelow: "rail" },
    {
      id: "act", header: "Do", silent: true, align: "end", width: "64px",
      cell: (row) =>
        change ? (
          <Menu
            trigger={<IconButton label={`What to do with ${row.name}`} icon={<Ellipsis aria-hidden />} />}
            entries={[
              { kind: "deed", label: "Change rights…", run: () => ask({ what: "rights", member: row }) },
              // An owner comes back by a way of their own, and a frozen member not at all.
              ...(row.frozenAt === null && !row.rights.includes("owner") ? [{ kind: "deed" as const, label: "Invite again…", run: () => ask({ what: "again", member: row }) }] : []),
              { kind: "line" },
              row.frozenAt === null ? { kind: "deed", label: "Freeze…", danger: true, run: () => ask({ what: "freeze", member: row }) } : { kind: "deed", label: "Let in again…", run: () => ask({ what: "thaw", member: row }) },
            ]}
          />
        ) : null,
    },
  ];
  return (
    <section aria-labelledby="members-title">
      <div className="flex flex-wrap items-start justify-between gap-3 px-gutter pt-5 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="members-title">{members.length === 1 ? "1 member" : `${members.length} members`}</h2>
          <p className="mt-0.5 max-w-[70ch] text-text-2">Rights hold from the next click. Freezing ends every session at once; what somebody reaches in vaults ends only with a signed change.</p>
        </div>
        {change ? <Button tone="ink" icon={<Plus aria-hidden />} onClick={() => ask({ what: "invite" })}>Invite</Button> : null}
      </div>
      <Table label="Members" columns={columns} rows={members} rowId={(row) => row.id} loading={false} error={null} initialSort={{ by: "name", direction: "up" }} empty={<Empty title="There is no member">Whoever reads this is one; load the page again.</Empty>} />
      {change ? (
        <>
          <InviteDialog open={shown && open?.what === "invite"} onClose={close} beginTap={change.beginTap} invite={change.invite} />
          <RightsDialog open={shown} member={memberFor("rights")} onClose={close} beginTap={change.beginTap} setRights={change.setRights} />
          <FreezeDialog open={shown} member={memberFor("freeze")} onClose={close} freeze={change.freeze} />
          <InviteAgainDialog open={shown} member={memberFor("again")} onClose={close} beginTap={change.beginTap} inviteAgain={change.inviteAgain} />
          <ThawDialog open={shown} member={memberFor("thaw")} onClose={close} beginTap={change.beginTap} thaw={change.thaw} />
        </>
      ) : null}
    </section>
  );
}
