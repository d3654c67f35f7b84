"use client";
import { useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { PersonRight } from "#lib/identity/permission.ts";
import { RIGHT_WORDS } from "./right-words.ts";
import type { Action } from "./step-up.ts";

/** Times in epoch milliseconds. */
export type InvitationRow = { readonly id: string; readonly email: string; readonly rights: readonly PersonRight[]; readonly by: string; readonly createdAt: number; readonly expiresAt: number; readonly expired: boolean; readonly again: boolean };

/** Who was invited and has not joined. */
export function InvitationList({ invitations, revoke }: { invitations: readonly InvitationRow[]; revoke: Action<{ id: string }> | null }) {
  const [busy, start] = useTransition();
  const take = (id: string) =>
    start(async () => {
      const data = new FormData();
      data.set("id", id);
      const outcome = await revoke?.(null, data).catch(() => null);
      if (!outcome?.ok) toast({ state: "refused", words: outcome ? `${outcome.failure.title}. ${outcome.failure.remedy}` : "No answer came. Look at the list again." });
    });
  const columns: Column<InvitationRow>[] = [
    { id: "email", header: "Address", width: "34%", cell: (row) => <span className="flex min-w-0 flex-wrap items-center gap-x-2"><bdi className="min-w-0 truncate">{row.email}</bdi>{row.again ? <Badge>Comes back</Badge> : null}</span>, value: (row) => row.email },
    { id: "rights", header: "As", cell: (row) => <span className="flex flex-wrap gap-1 py-1">{row.rights.map((right) => <Badge key={right}>{RIGHT_WORDS[right].name}</Badge>)}</span>, value: (row) => row.rights.join(" "), hideBelow: "thumb" },
    { id: "by", header: "By", cell: (row) => <bdi>{row.by}</bdi>, value: (row) => row.by, hideBelow: "rail" },
    { id: "ends", header: "Ends", align: "end", width: "132px", cell: (row) => (row.expired ? <Badge state="refused">Ended</Badge> : <RelativeTime at={row.expiresAt} className="text-text-2" />), value: (row) => row.expiresAt },
    { id: "act", header: "Do", silent: true, align: "end", width: "108px", cell: (row) => (revoke ? <Button size="small" pending={busy ? "Asking" : null} aria-label={`Take back the invitation of ${row.email}`} onClick={() => take(row.id)}>Take back</Button> : null) },
  ];
  return (
    <section aria-labelledby="invitations-title" className="border-t border-line">
      <h2 id="invitations-title" className="px-gutter pt-4 pb-1">Invitations</h2>
      <Table label="Open invitations" columns={columns} rows={invitations} rowId={(row) => row.id} loading={false} error={null} empty={<Empty as="h3" title="Nobody is invited">Who is invited stands here until they join, or for as long as the link works.</Empty>} />
    </section>
  );
}
