"use client";
import { useState, useTransition } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import { TypedConfirmation } from "#components/ui/typed-confirmation.tsx";

/** Times in epoch milliseconds. */
export type SigningKeyRow = { readonly id: string; readonly label: string; readonly person: string; readonly own: boolean; readonly hardwareBound: boolean; readonly since: number; readonly lastUsedAt: number | null; readonly removedAt: number | null };
type Remove = (previous: Outcome<{ label: string }> | null, data: FormData) => Promise<Outcome<{ label: string }>>;

function Kind({ row }: { row: SigningKeyRow }) {
  if (row.removedAt !== null) return <Badge>Removed</Badge>;
  return row.hardwareBound ? <Badge state="proven">Stays on its device</Badge> : <Badge state="attention">Can be copied</Badge>;
}

/** Who may approve with which key. Removed keys stay in the list: what they signed is still to be judged. */
export function SigningKeyList({ keys, remove }: { keys: readonly SigningKeyRow[]; remove: Remove | null }) {
  const [asked, setAsked] = useState<SigningKeyRow | null>(null);
  const [open, setOpen] = useState(false);
  const [busy, start] = useTransition();
  const confirm = () =>
    start(async () => {
      if (!asked || !remove) return;
      const data = new FormData();
      data.set("id", asked.id);
      const outcome = await remove(null, data);
      setOpen(false);
      if (outcome.ok) toast({ state: "refused", words: `“${outcome.value.label}” signs nothing more here` });
      else toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
    });
  const columns: Column<SigningKeyRow>[] = [
    { id: "label", header: "Key", cell: (row) => <span className="block max-w-[24ch] truncate font-medium" title={row.label}><bdi>{row.label}</bdi></span>, value: (row) => row.label },
    { id: "person", header: "Person", cell: (row) => <span className="block max-w-[24ch] truncate"><bdi>{row.person}</bdi>{row.own ? <span className="text-text-3"> (you)</span> : null}</span>, value: (row) => row.person },
    { id: "kind", header: "Kind", cell: (row) => <Kind row={row} />, value: (row) => Number(row.hardwareBound), hideBelow: "thumb" },
    { id: "since", header: "Since", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.since} className="text-text-3" />, value: (row) => row.since, hideBelow: "rail" },
    { id: "used", header: "Last used", align: "end", width: "120px", cell: (row) => (row.lastUsedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.lastUsedAt} className="text-text-3" />), value: (row) => row.lastUsedAt ?? 0, hideBelow: "rail" },
    {
      id: "act", header: "Do", silent: true, align: "end", width: "112px",
      cell: (row) => (remove && row.removedAt === null ? <Button size="small" tone="danger" aria-label={`Remove ${row.label} of ${row.person}`} onClick={() => (setAsked(row), setOpen(true))}>Remove</Button> : null),
    },
  ];
  return (
    <section aria-labelledby="signing-keys-title" className="border-t border-line">
      <h2 id="signing-keys-title" className="px-gutter pt-4 pb-1">Signing keys</h2>
      <Table
        label="Signing keys, those that count first" columns={columns} rows={keys} rowId={(row) => row.id} loading={false} error={null}
        empty={<Empty title="Nobody can approve yet">Enrol two keys on different devices before you connect the first client: a lost one then costs nothing.</Empty>}
      />
      <TypedConfirmation
        open={open} onOpenChange={setOpen} title={`Remove “${asked?.label ?? ""}” of ${asked?.person ?? ""}?`} name={asked?.label ?? ""} keep="Keep it" confirm="Remove the key"
        pending={busy ? "Removing" : null} onConfirm={confirm}
      >
        Here it approves and endorses nothing more, at once and for good; inbox keys that it endorsed wait for another signer. Vaults of clients that know it go on accepting it until it is removed from them as well, with a plan of its own.
      </TypedConfirmation>
    </section>
  );
}
