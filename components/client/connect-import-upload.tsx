"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Field, useField } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { decodeSheet, writeCsv } from "#lib/client/csv.ts";
import type { ImportLine } from "#lib/client/import-state.ts";
import { exampleHead } from "#lib/client/sheet.ts";
import type { Outcome } from "#components/ui/failure.ts";
import { NO_ANSWER, type Action } from "./connect-words.ts";
import { offerDownload } from "./connect-download.ts";

const EXAMPLE = [exampleHead, ["Wychwood Bakery", "Leeds", "pod-a, food", "North", "Imogen Sarkis", "+44 20 7946 0000", "it@wychwood.example", "Team 10", "https://vault.example.com/Qx81_b"]];

const refused = (detail: string): Outcome<never> => ({ ok: false, failure: { code: "invalid", title: "This file cannot be taken", detail: "Nothing was made.", remedy: "Mend the file and bring it again.", fields: { text: detail } } });

/** Reads the file here, so that its bytes are understood before anything is sent. */
const withFile = (bring: Action<{ importId: string }>, most: number): Action<{ importId: string }> => async (previous, form) => {
  const file = form.get("text");
  if (!(file instanceof File) || file.size === 0) return refused("Choose a file first.");
  if (file.size > most * 4) return refused(`The file is larger than any sheet of clients. At most ${(most / 1000).toLocaleString("en")} thousand characters are taken.`);
  const text = decodeSheet(new Uint8Array(await file.arrayBuffer()));
  if (text === null) return refused("Its letters are in no form that is read here. Save it as CSV in UTF-8.");
  if (text.length > most) return refused(`It holds more than ${(most / 1000).toLocaleString("en")} thousand characters. Bring it in parts.`);
  const data = new FormData();
  data.set("fileName", file.name.slice(0, 120));
  data.set("text", text);
  return bring(previous, data);
};

export function ConnectImportUpload({ bring, most, rows }: { bring: Action<{ importId: string }>; most: number; rows: number }) {
  const router = useRouter();
  const [name, setName] = useState<string | null>(null);
  return (
    <div className="px-gutter pb-6">
      <Form action={withFile(bring, most)} submit="Look at it" pending="Reading" error={NO_ANSWER} disabledReason={null} onDone={({ importId }) => router.push(`/clients/import/${importId}`)} className="max-w-[560px]">
        <Field name="text" label="Sheet of clients" help={`CSV with commas, semicolons or tabs; UTF-8 or UTF-16; at most ${rows.toLocaleString("en")} clients. The first line names the columns: name, other names, tags, region, contact, phone, mail, plan, address.`}>
          <FileInput onName={setName} />
        </Field>
      </Form>
      <p className="mt-3 flex flex-wrap items-center gap-2 text-12 text-text-3">
        <Button size="small" tone="quiet" icon={<Download aria-hidden />} onClick={() => offerDownload("clients-example.csv", writeCsv(EXAMPLE))}>An example to fill in</Button>
        {name === null ? null : <span>“<bdi>{name}</bdi>” is chosen. Nothing is made before you have seen each row.</span>}
      </p>
    </div>
  );
}

function FileInput({ onName }: { onName: (name: string | null) => void }) {
  return <input {...useField()} type="file" accept=".csv,.tsv,.txt,text/csv,text/plain" onChange={(event) => onName(event.target.files?.[0]?.name ?? null)} className="rounded-box border border-line-control bg-surface p-1.5 file:mr-3 file:rounded-in file:border-0 file:bg-active file:px-2.5 file:py-1 file:font-medium file:text-text" />;
}

export function ConnectImportList({ lines }: { lines: readonly ImportLine[] }) {
  const columns: Column<ImportLine>[] = [
    { id: "file", header: "Sheet", width: "44%", cell: (line) => <Link className="link" href={`/clients/import/${line.id}`}><bdi>{line.fileName}</bdi></Link>, value: (line) => line.fileName },
    { id: "made", header: "Requests", cell: (line) => <>{line.made.toLocaleString("en")} of {line.rows.toLocaleString("en")}{line.cancelled ? <span className="text-text-3">, put away</span> : null}</>, value: (line) => line.made },
    { id: "by", header: "By", cell: (line) => <bdi>{line.by}</bdi>, value: (line) => line.by, hideBelow: "thumb" },
    { id: "at", header: "Brought", align: "end", width: "120px", cell: (line) => <RelativeTime at={line.createdAt} className="text-text-3" />, value: (line) => line.createdAt },
  ];
  return (
    <section aria-labelledby="sheets-title" className="border-t border-line">
      <h2 id="sheets-title" className="px-gutter pt-4 pb-1">Sheets that were brought</h2>
      <Table label="Sheets, newest first" columns={columns} rows={lines} rowId={(line) => line.id} loading={false} error={null} empty={<Empty title="None yet">Each keeps its rows, whom was called and what became of it, at an address of its own.</Empty>} />
    </section>
  );
}
