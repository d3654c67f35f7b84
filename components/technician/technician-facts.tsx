"use client";
import Link from "next/link";
import { useState, type ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Name } from "#components/ui/name.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { TechnicianPage } from "#lib/technician/show.ts";
import { INBOX_WORD, InboxBadge } from "./inbox-badge.tsx";
import { LeaveBadge } from "./leave-words.tsx";
import { NoteDialog } from "./note-dialog.tsx";

/** The head of a technician's page. `change` null: only looks; `list`: may go back to all of them; `audit`: may see what they did. */
export function TechnicianFacts({ page, pods, list, audit, change, more = null }: { page: TechnicianPage; pods: readonly { podId: string; name: string }[]; list: boolean; audit: boolean; change: Deed<{ id: string }> | null; /** Further buttons of the head. */ more?: ReactNode }) {
  const [open, setOpen] = useState(false);
  const clients = new Set(page.access.map(({ clientId }) => clientId)).size;
  const { passkeys, inbox } = page;
  return (
    <>
      <PageHeader
        crumbs={list ? <><Link href="/technicians" className="rounded-in hover:text-text">Technicians</Link> <span aria-hidden>/</span> <CopyableId id={page.id} what="technician" /></> : <CopyableId id={page.id} what="technician" />}
        title={<span className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1"><span className="min-w-0 max-w-full"><Name>{page.name}</Name></span>{page.frozenAt === null ? null : <Badge state="refused">Frozen</Badge>}{page.rights.includes("technician") ? null : <Badge state="attention">Not a technician any more</Badge>}<LeaveBadge leave={page.leave} state={page.leaveState} /></span>}
        sub={`${page.self ? "You have" : "Has"} access at ${clients === 0 ? "no client" : clients === 1 ? "1 client" : `${clients} clients`}.`}
        actions={<>{audit ? <Link href={`/audit?q=${encodeURIComponent(`since:30d person:${page.id}`)}`} className={buttonClass({})}>What they did</Link> : null}{change ? <Button onClick={() => setOpen(true)}>Pod, tags and leave…</Button> : null}{more}</>}
      />
      <div className="grid gap-x-10 border-t border-line px-gutter py-4 min-[960px]:grid-cols-2">
        <KeyValues
          of={[
            { key: "mail", label: "Mail", value: <bdi className="break-all">{page.email}</bdi> },
            { key: "since", label: "Member since", value: <RelativeTime at={page.since} /> },
            { key: "pod", label: "Pod", value: page.podName ? <bdi>{page.podName}</bdi> : <span className="text-text-3">in no pod</span> },
            { key: "tags", label: "Tags", value: page.tags.length > 0 ? <bdi>{page.tags.join(", ")}</bdi> : <span className="text-text-3">none</span> },
          ]}
        />
        <KeyValues
          of={[
            { key: "keys", label: "Passkeys", value: passkeys.count === 0 ? <span className="text-text-3">none</span> : <>{passkeys.count}, {passkeys.hardwareBound === passkeys.count ? "all stay" : `${passkeys.hardwareBound} of them ${passkeys.hardwareBound === 1 ? "stays" : "stay"}`} on {passkeys.count === 1 ? "its device" : "their device"}{passkeys.lastUsedAt === null ? null : <>; last used <RelativeTime at={passkeys.lastUsedAt} /></>}</> },
            ...(page.signingKeys > 0 ? [{ key: "signing", label: "Signing keys", value: page.signingKeys }] : []),
            { key: "inbox", label: "Inbox key", value: <span className="grid gap-1"><span><InboxBadge inbox={inbox} /></span><span className="text-12 text-pretty text-text-3">{INBOX_WORD[inbox.state].means}</span></span> },
            ...(inbox.state === "none" ? [] : [{ key: "fingerprint", label: "Fingerprint", value: <span className="mono">{inbox.fingerprint}</span> }]),
            ...(inbox.state === "endorsed" ? [{ key: "endorsed", label: "Endorsed by", value: <><bdi>{inbox.endorsedBy}</bdi>, <RelativeTime at={inbox.endorsedAt} /></> }] : []),
          ]}
        />
      </div>
      {change ? <NoteDialog open={open} person={page} pods={pods} onClose={() => setOpen(false)} change={change} /> : null}
    </>
  );
}
