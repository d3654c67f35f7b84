"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Fragment, useState } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import { isPlan, planOf } from "#lib/billing/plan.ts";
import type { ExportLineOf, ExportState } from "#lib/export/show.ts";
import type { Action } from "./windows.tsx";
import { ownRecords } from "./words.ts";

const STATE: Readonly<Record<ExportState, { glyph: State; words: string }>> = { waiting: { glyph: "moving", words: "Waits for the worker" }, running: { glyph: "moving", words: "Being written" }, done: { glyph: "proven", words: "Sealed" }, failed: { glyph: "refused", words: "Not finished" }, cancelled: { glyph: "none", words: "Stopped" } };
const FORMAT: Readonly<Record<ExportLineOf["format"], string>> = { csv: "CSV", jsonl: "JSON Lines", ocsf: "OCSF" };
const size = (bytes: number): string => (bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000).toLocaleString("en")} kB` : `${(bytes / 1_000_000).toLocaleString("en", { maximumFractionDigits: 1 })} MB`);
const underway = ({ state }: Pick<ExportLineOf, "state">): boolean => state === "waiting" || state === "running";

const columns: Column<ExportLineOf>[] = [
  { id: "what", header: "What", width: "50%", cell: ({ id, query, madeAt }) => <span className="block max-thumb:py-1.5"><Link href={`/audit/exports/${id}`} className="font-medium"><Name>{query === "" ? "All of the audit" : query}</Name></Link><RelativeTime at={madeAt} className="hidden text-12 text-text-3 max-thumb:block" /></span> },
  { id: "state", header: "State", width: "170px", cell: ({ state }) => <Badge state={STATE[state].glyph}>{STATE[state].words}</Badge> },
  { id: "format", header: "Format", width: "100px", hideBelow: "thumb", cell: ({ format }) => FORMAT[format] },
  { id: "lines", header: "Lines", align: "end", width: "100px", hideBelow: "thumb", cell: ({ lines }) => lines.toLocaleString("en") },
  { id: "by", header: "Asked by", width: "160px", hideBelow: "rail", cell: ({ madeBy }) => <bdi>{madeBy}</bdi> },
  { id: "at", header: "Asked", align: "end", width: "110px", hideBelow: "thumb", cell: ({ madeAt }) => <RelativeTime at={madeAt} className="text-text-3" /> },
];

export function ExportList({ exports }: { exports: readonly ExportLineOf[] }) {
  const router = useRouter();
  return (
    <div className="border-t border-line">
      <RefreshWhile active={exports.some(underway)} everyMs={2_000} />
      <Table label="Exports, newest first" columns={columns} rows={exports} rowId={({ id }) => id} loading={false} error={null} onOpen={({ id }) => router.push(`/audit/exports/${id}`)} empty={<Empty title="No export is kept" actions={<Link href="/audit" className={buttonClass({})}>Go to the audit</Link>}>Choose what you want in the audit, then “Export”. Its file is written in the background, sealed, and kept here for seven days.</Empty>} />
    </div>
  );
}

/** Each name in its own direction. */
function LeftOut({ clients }: { clients: ExportLineOf["manifest"]["left_out"] }) {
  // Two clients may have one name.
  // eslint-disable-next-line react/no-array-index-key
  return clients.map(({ client, plan }, index) => <Fragment key={index}>{index > 0 ? ", " : ""}<bdi>{client}</bdi>{` (${isPlan(plan) ? planOf(plan).name : plan})`}</Fragment>);
}

/** One export: how far it is, what is missing, the file, and how it is checked. */
export function ExportPage({ given, stop }: { given: ExportLineOf; stop: Action }) {
  const router = useRouter();
  const [stopping, setStopping] = useState(false);
  const { manifest, state } = given;
  const missing = manifest.vaults.flatMap(({ client, missing: words }) => words.map((word) => ({ client, word })));
  const rate = given.startedAt === null || state !== "running" ? null : given.lines / Math.max(1, (Date.now() - given.startedAt) / 1_000);
  const onStop = async () => {
    setStopping(true);
    const form = new FormData();
    form.set("id", given.id);
    await stop(null, form);
    setStopping(false);
    router.refresh();
  };
  return (
    <div className="grid max-w-[860px] gap-5 border-t border-line px-gutter py-5">
      <RefreshWhile active={underway(given)} everyMs={1_000} />
      {underway(given) ? (
        <section aria-label="Progress" className="grid gap-3">
          <p><Badge state="moving">{STATE[state].words}</Badge></p>
          {state === "waiting" ? <p aria-live="polite" className="text-text-2">Nothing is written yet.</p> : <p aria-live="polite"><strong className="text-28 font-semibold">{given.lines.toLocaleString("en")}</strong> <span className="text-text-2">{`lines written, ${size(given.bytes)}${rate === null ? "" : `, ${Math.round(rate).toLocaleString("en")} a second`}`}</span></p>}
          <p className="text-text-3">You can leave this page; the file is written all the same.</p>
          <div><Button onClick={() => void onStop()} pending={stopping ? "Stopping" : null}>Stop the export</Button></div>
        </section>
      ) : state === "done" ? (
        <section aria-label="The file" className="grid gap-3">
          <p><Badge state="proven">Sealed</Badge></p>
          <Progress parts={[{ state: "proven", count: given.lines }]} total={given.lines} noun={`lines, ${size(given.bytes)}`} perSecond={null} label="Lines written" />
          <div className="flex flex-wrap items-center gap-3">
            <a href={`/audit/exports/${given.id}/file`} download className={buttonClass({ tone: "ink" })}>Download the file</a>
            <span className="text-12 text-text-3">kept until <ExactTime at={given.expiresAt} /></span>
          </div>
        </section>
      ) : <Note state={state === "failed" ? "refused" : "none"} title={`${STATE[state].words}.`}>{given.words}</Note>}
      {manifest.left_out.length > 0 ? <Note state="attention" title={manifest.left_out.length === 1 ? "One client is left out." : `${manifest.left_out.length} clients are left out.`}>Central export comes with MME and up; each client’s own evidence pack is in its plan. The file names them: <LeftOut clients={manifest.left_out.slice(0, 20)} />{manifest.left_out.length > 20 ? ` and ${manifest.left_out.length - 20} more` : ""}.</Note> : null}
      {missing.length > 0 ? (
        <Note state="attention" title="Not all of it is here yet; the file says so.">
          <span className="block">{missing.slice(0, 12).map(({ client, word }) => <span key={`${client} ${word}`} className="block"><bdi>{client}</bdi>: {word}</span>)}{missing.length > 12 ? <span className="block">and {missing.length - 12} more</span> : null}</span>
        </Note>
      ) : null}
      <KeyValues
        of={[
          { key: "query", label: "Selected", value: <bdi>{given.query || "everything"}</bdi> },
          { key: "format", label: "Format", value: FORMAT[given.format] },
          { key: "until", label: "Up to", value: <ExactTime at={manifest.until} /> },
          { key: "clients", label: "Holds", value: given.one ? "one client’s own evidence pack" : manifest.vaults.length === 1 ? "one vault" : `${manifest.vaults.length} vaults` },
          ...(manifest.own_records === undefined ? [] : [{ key: "ours", label: "Our own records", value: ownRecords[manifest.own_records] }]),
          { key: "by", label: "Asked by", value: <><bdi>{given.madeBy}</bdi>, <RelativeTime at={given.madeAt} /></> },
          ...(given.key ? [{ key: "key", label: "Sealed with", value: <span className="mono break-all">{given.key}</span> }] : []),
          { key: "id", label: "Id", value: <CopyableId id={given.id} what="export" /> },
        ]}
      />
      {state === "done" ? <p className="text-text-2">Whoever gets the file can check it without us and without a network: <code className="mono rounded-in bg-hover px-1">npm run verify-export FILE</code> finds any line that was changed, dropped, added or moved.</p> : null}
    </div>
  );
}
