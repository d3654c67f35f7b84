"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { RadioGroup } from "#components/ui/radio.tsx";

import type { OwnRecords } from "#lib/export/format.ts";
import { ownRecords } from "./words.ts";

export type Action = (previous: unknown, form: FormData) => Promise<Outcome<{ id: string }>>;
const unanswered = { code: "unexpected", title: "No answer came", detail: "The connection broke before the console answered; it may have done it.", remedy: "Load the page and look, then try again." } as const;

export function SaveView({ open, onClose, query, save }: { open: boolean; onClose: () => void; query: string; save: Action }) {
  const router = useRouter();
  const [shared, setShared] = useState(false);
  return (
    <Dialog open={open} onOpenChange={(next) => next || onClose()} title="Save this view" description="The conditions in the bar, under a name.">
      <Form action={save} submit="Save view" pending="Saving" error={unanswered} disabledReason={null} onDone={() => { onClose(); router.refresh(); }} className="pb-4">
        <input type="hidden" name="query" value={query} />
        <input type="hidden" name="shared" value={shared ? "yes" : "no"} />
        <Field name="name" label="Name"><Input maxLength={120} /></Field>
        <Checkbox checked={shared} onChange={setShared}>For everybody here</Checkbox>
      </Form>
    </Dialog>
  );
}

type Look = { one: string | null; clients: number; leftOut: readonly { client: string; plan: string; why: string }[]; ours: OwnRecords };
const formats = [
  { value: "csv", label: "CSV", help: "For spreadsheets. Cells that would be formulas are kept as text." },
  { value: "jsonl", label: "JSON Lines", help: "Everything, with each event as its vault told it, so that its hash can be checked again." },
  { value: "ocsf", label: "OCSF", help: "Open Cybersecurity Schema Framework 1.8.0, for a SIEM." },
];

export function ExportWindow({ open, onClose, query, ask }: { open: boolean; onClose: () => void; query: string; ask: Action }) {
  const router = useRouter();
  const [format, setFormat] = useState("csv");
  const [look, setLook] = useState<Look | null>(null);
  useEffect(() => {
    if (!open) return undefined;
    const over = new AbortController();
    void fetch(`/api/audit/exports?${new URLSearchParams({ q: query }).toString()}`, { signal: over.signal }).then(async (response) => setLook(response.ok ? ((await response.json()) as Look) : null)).catch(() => undefined);
    return () => over.abort();
  }, [open, query]);
  const left = look?.leftOut ?? [];
  return (
    <Dialog open={open} onOpenChange={(next) => next || onClose()} title="Export what is selected" description={query === "" ? "All that is here, oldest first, signed." : `${query}, oldest first, signed.`} width={520}>
      <Form action={ask} submit="Start the export" pending="Starting" error={unanswered} disabledReason={null} onDone={({ id }) => router.push(`/audit/exports/${id}`)} className="pb-4">
        <input type="hidden" name="query" value={query} />
        <input type="hidden" name="format" value={format} />
        <RadioGroup label="Format" value={format} onChange={setFormat} choices={formats} />
        {look === null ? null : look.one !== null ? <Note state="proven">The evidence pack of <bdi>{look.one}</bdi>, which is in every plan.</Note> : left.length > 0 ? (
          <Note state="attention">
            {look.clients === 0 ? "None of these clients has central export; it comes with MME and up. Name one client for its own evidence pack." : `${look.clients} of ${look.clients + left.length} clients. ${left.length === 1 ? "One is" : `${left.length} are`} left out, and the file names them: central export comes with MME and up.`}
            <span className="mt-1 block truncate text-12 text-text-3">{left.slice(0, 6).map(({ client }) => client).join(", ")}{left.length > 6 ? ` and ${left.length - 6} more` : ""}</span>
          </Note>
        ) : <Note state="proven">{`All ${look.clients} clients.`}</Note>}
        {look === null ? null : <p className="text-12 text-text-3">Our own records: {ownRecords[look.ours]}.</p>}
      </Form>
    </Dialog>
  );
}
