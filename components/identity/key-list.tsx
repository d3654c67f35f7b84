"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { KeyQuestion, TapQuestion } from "#lib/identity/ceremony.ts";
import { deeds } from "#lib/identity/deed.ts";
import { KeyIcon } from "./key-icon.tsx";
import { tap, withTap, type Action } from "./step-up.ts";
import { ownFailure } from "./words.ts";

/** Times in epoch milliseconds. */
export type KeyRow = { readonly id: string; readonly label: string; readonly hardwareBound: boolean; readonly backedUp: boolean; readonly createdAt: number; readonly lastUsedAt: number | null };
type Removed = { id: string; endedThisSession: boolean };
export type KeyListProps = { keys: readonly KeyRow[]; beginTap: Action<TapQuestion>; begin: Action<KeyQuestion>; add: Action<{ id: string }>; rename: Action<{ id: string }>; remove: Action<Removed> };

/** Two touches: one with a key that is there, one with the new. */
const adding = ({ beginTap, begin, add }: KeyListProps): Action<{ id: string }> =>
  async (_previous, data) => {
    const label = data.get("label");
    if (typeof label !== "string" || label.trim() === "") return { ok: false, failure: { code: "invalid", title: "The key has no name yet", detail: "Nothing was changed.", remedy: "Type one, then go on.", fields: { label: "Type a name for the key." } } };
    const proof = await tap(beginTap, deeds.addKey());
    if (!proof.ok) return proof;
    const asked = new FormData();
    asked.set("proof", JSON.stringify(proof.value));
    const question = await begin(null, asked);
    if (!question.ok) return question;
    const { makeKey } = await import("./ceremony.ts");
    const key = await makeKey(question.value);
    if (!key.ok) return key;
    data.set("key", JSON.stringify(key.value));
    return add(null, data);
  };

/** One's own keys, with the last use of each. */
export function KeyList(props: KeyListProps) {
  const { keys } = props;
  const [open, setOpen] = useState<{ what: "add" } | { what: "rename" | "remove"; key: KeyRow } | null>(null);
  // What is asked stays while the window closes, so that its words do not vanish before it does.
  const [shown, setShown] = useState(false);
  const ask = (next: NonNullable<typeof open>) => {
    setOpen(next);
    setShown(true);
  };
  const close = () => setShown(false);
  const columns: Column<KeyRow>[] = [
    {
      id: "label", header: "Key",
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1.5">
          <bdi className="font-medium">{row.label}</bdi>
          <Badge>{row.hardwareBound ? "Stays in its device" : row.backedUp ? "Kept in a cloud" : "May leave its device"}</Badge>
        </span>
      ),
      value: (row) => row.label,
    },
    { id: "added", header: "Added", align: "end", width: "120px", cell: (row) => <RelativeTime at={row.createdAt} className="text-text-2" />, value: (row) => row.createdAt, hideBelow: "rail" },
    { id: "used", header: "Last use", align: "end", width: "120px", cell: (row) => (row.lastUsedAt === null ? <span className="text-text-3">not yet</span> : <RelativeTime at={row.lastUsedAt} className="text-text-2" />), value: (row) => row.lastUsedAt, hideBelow: "thumb" },
    {
      id: "act", header: "Do", silent: true, align: "end", width: "164px",
      cell: (row) => (
        <span className="flex justify-end gap-1.5">
          <Button size="small" aria-label={`Rename ${row.label}`} onClick={() => ask({ what: "rename", key: row })}>Rename</Button>
          <Button size="small" tone="danger" aria-label={`Remove ${row.label}`} onClick={() => ask({ what: "remove", key: row })}>Remove</Button>
        </span>
      ),
    },
  ];
  return (
    <section aria-labelledby="keys-title">
      <div className="flex flex-wrap items-start justify-between gap-3 px-gutter pt-5 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="keys-title">Keys that sign in as you</h2>
          <p className="mt-0.5 max-w-[70ch] text-text-2">Each opens the console and confirms what is done in it. None of them can approve a change in a vault.</p>
        </div>
        <Button tone="ink" icon={<Plus aria-hidden />} onClick={() => ask({ what: "add" })}>Add a key</Button>
      </div>
      {keys.length === 1 ? (
        <Note state="attention" title="There is one key only." className="mx-gutter mb-3">
          Lost, it locks you out. Add a second one and keep it elsewhere.
        </Note>
      ) : null}
      <Table label="Your keys" columns={columns} rows={keys} rowId={(row) => row.id} loading={false} error={null} empty={<Empty title="There is no key">Nobody can sign in as you.</Empty>} />
      <Dialog open={shown && open?.what === "add"} onOpenChange={close} title="Add a key" description="First touch a key that you have here already, then the new one. You are told by mail.">
        <Form action={adding(props)} submit="Touch both keys" pending="Waiting for your keys" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={() => { close(); toast({ state: "proven", words: "The key was added" }); }} className="pb-2">
          <Field name="label" label="Name of the new key" help="Where it is, or what it looks like: the blue one in the drawer.">
            <Input autoComplete="off" dir="auto" />
          </Field>
        </Form>
      </Dialog>
      <Dialog open={shown && open?.what === "rename"} onOpenChange={close} title="Rename the key">
        {open?.what === "rename" ? (
          <Form action={props.rename} submit="Rename" pending="Renaming" error={ownFailure("no_answer")} disabledReason={null} onDone={close} className="pb-2">
            <input type="hidden" name="id" value={open.key.id} />
            <Field name="label" label="Name">
              <Input defaultValue={open.key.label} autoComplete="off" dir="auto" />
            </Field>
          </Form>
        ) : null}
      </Dialog>
      <Dialog open={shown && open?.what === "remove"} onOpenChange={close} title={open?.what === "remove" ? `Remove “${open.key.label}”?` : ""} description="It will open nothing here any more, and sessions that it opened end, this one too if it was opened with it. You are told by mail.">
        {open?.what === "remove" ? (
          <Form<Removed>
            action={withTap(props.beginTap, () => deeds.removeKey(open.key.id), props.remove)} submit="Confirm with a key" pending="Waiting for your key" tone="danger" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null}
            onDone={({ endedThisSession }) => { if (endedThisSession) return location.assign("/sign-in?why=session_revoked"); close(); toast({ state: "proven", words: "The key was removed" }); }} className="pb-2"
            aside={<Button onClick={close}>Keep it</Button>}
          >
            <input type="hidden" name="id" value={open.key.id} />
          </Form>
        ) : null}
      </Dialog>
    </section>
  );
}
