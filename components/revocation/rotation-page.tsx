"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Note } from "#components/ui/note.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Empty } from "#components/ui/states.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import type { RotationView, SeenClient } from "#lib/revocation/hand-out.ts";
import { Contact } from "./board-lists.tsx";

const entries = (count: number) => (count === 1 ? "1 entry" : `${count.toLocaleString("en")} entries`);

function OneClient({ id, client, open }: { id: string; client: SeenClient; open: boolean }) {
  const shown = client.lines.slice(0, 200);
  return (
    <section aria-labelledby={`c-${client.clientId}`} className="border-t border-line px-gutter py-3">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-1">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id={`c-${client.clientId}`} className="text-14 font-semibold"><Link href={`/clients/${client.clientId}`}><bdi>{client.client}</bdi></Link></h2>
          <p className="text-text-2">{client.lines.length === 0 ? "No entry was opened, as far as their log tells us." : <>{entries(client.lines.length)} opened, <strong className="font-semibold text-attention-text">{client.unchanged.toLocaleString("en")} not changed since</strong>.</>} {client.readAt === null ? null : <>Their log as of <RelativeTime at={client.readAt} />.</>}</p>
        </div>
        <Contact contact={client.contact} />
        {client.lines.length > 0 ? <a href={`/revocations/${id}/rotation/list?client=${client.clientId}`} download className={buttonClass({ size: "small" })}><Download aria-hidden className="size-3.5" />Sheet for them<span className="sr-only">, {client.client}</span></a> : null}
      </div>
      {client.gaps.map((words) => <Note key={words} state="attention" className="mt-2">{words}</Note>)}
      {client.lines.length > 0 ? (
        <details open={open} className="mt-1.5">
          <summary className="w-fit cursor-default text-12 text-text-2 hover:text-text">Which entries</summary>
          <table className="mt-1 w-full max-w-[900px] text-12" aria-label={`Entries opened at ${client.client}`}>
            <thead><tr className="text-left text-text-3 [&>th]:py-1 [&>th]:pr-4 [&>th]:font-medium"><th scope="col">Entry</th><th scope="col">Last opened</th><th scope="col" className="text-right max-thumb:hidden">Times</th><th scope="col">Since then</th></tr></thead>
            <tbody className="[&_td]:border-t [&_td]:border-line [&_td]:py-1 [&_td]:pr-4">
              {shown.map((line) => (
                <tr key={`${line.entry} ${line.token}`}>
                  <td className="mono break-all">{line.entry}</td>
                  <td><ExactTime at={line.lastAt} /></td>
                  <td className="num text-right max-thumb:hidden">{line.reads}</td>
                  <td>{line.removed ? <Badge state="proven">removed</Badge> : line.changedAt === null ? <Badge state="attention">not changed</Badge> : <Badge state="proven">changed</Badge>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {client.lines.length > shown.length ? <p className="mt-1 text-12 text-text-3">and {client.lines.length - shown.length} more, in the sheet</p> : null}
        </details>
      ) : null}
    </section>
  );
}

/** What a leaver had opened and nobody changed since, client by client: the list by which secrets are rotated. */
export function RotationPage({ view }: { view: RotationView }) {
  return (
    <>
      <PageHeader
        crumbs={<><Link href="/revocations" className="link">Revocations</Link> / <Link href={`/revocations/${view.id}`} className="link"><bdi>{view.name}</bdi></Link></>}
        title={view.unchanged === 0 ? <>Nothing that <bdi>{view.name}</bdi> opened is left unchanged</> : <>{entries(view.unchanged)} that <bdi>{view.name}</bdi> opened {view.unchanged === 1 ? "was" : "were"} not changed since</>}
        sub="From the vaults’ own logs, as the audit keeps them, by the token. What an entry is called, this console cannot know: the client finds it by its id."
        actions={view.entries > 0 ? <a href={`/revocations/${view.id}/rotation/list`} download className={buttonClass({})}><Download aria-hidden className="size-3.5" />All as one sheet</a> : null}
      />
      {view.unread.length > 0 ? <Note state="moving" title={view.unread.length === 1 ? "The list of one client is not whole yet." : `The lists of ${view.unread.length} clients are not whole yet.`} className="mx-gutter mb-4">{view.unread.slice(0, 5).join(", ")}{view.unread.length > 5 ? ` and ${view.unread.length - 5} more` : ""}: they may hold more.</Note> : null}
      {view.clients.length === 0 ? <div className="border-t border-line"><Empty title="No entry was opened">{view.unread.length > 0 ? "By the logs that were looked up so far." : "Their tokens opened nothing, by all that the vaults’ logs tell."}</Empty></div> : view.clients.map((client) => <OneClient key={client.clientId} id={view.id} client={client} open={view.clients.length <= 8} />)}
    </>
  );
}
