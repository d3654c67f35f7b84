"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { memo, type ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Glyph, type State } from "#components/ui/glyph.tsx";
import type { BoardLine, OwnLine } from "#lib/revocation/show.ts";

const GLYPH: Readonly<Record<BoardLine["state"], State>> = {
  contradiction: "refused", again: "refused", unplanned: "attention", tap: "attention", unsigned: "attention", ended: "attention", sent: "moving", standing: "moving", reading: "moving", waiting: "moving", absent: "proven", apart: "none", own: "none",
};

/** Who to call: name, then the number as a link that a phone dials. */
export function Contact({ contact, className }: { contact: OwnLine["contact"]; className?: string }) {
  if (contact.name === "" && contact.phone === "" && contact.mail === "") return <p className={className}><span className="text-12 text-text-3">No contact is noted.</span></p>;
  return (
    <p className={className}>
      {contact.name === "" ? null : <span className="block text-12 text-text-2"><bdi>{contact.name}</bdi></span>}
      {contact.phone === "" ? null : <a href={`tel:${contact.phone.replaceAll(/[^+\d]/g, "")}`} className="mono block text-12 hover:underline">{contact.phone}</a>}
      {contact.phone === "" && contact.mail !== "" ? <a href={`mailto:${contact.mail}`} className="block truncate text-12 hover:underline">{contact.mail}</a> : null}
    </p>
  );
}

/** One vault that is still open. Off the screen it costs nothing: a board may hold a thousand. */
export const OpenRow = memo(function OpenRow({ line, act }: { line: BoardLine; act: ReactNode }) {
  return (
    <li className="grid grid-cols-[14px_minmax(0,200px)_minmax(0,1fr)_minmax(0,190px)] items-start gap-x-3 gap-y-1 border-t border-line px-gutter py-3 [contain-intrinsic-size:auto_84px] [content-visibility:auto] max-rail:grid-cols-[14px_minmax(0,1fr)_minmax(0,170px)] max-thumb:grid-cols-[14px_minmax(0,1fr)]">
      <Glyph state={GLYPH[line.state]} className="mt-[3px]" />
      <Link href={`/clients/${line.clientId}`} className="min-w-0 truncate font-semibold max-rail:col-span-2 max-thumb:col-span-1" title={line.client}><bdi>{line.client}</bdi></Link>
      <div className="min-w-0 text-pretty max-rail:col-start-2">
        <strong className="font-semibold">{line.lead}</strong><span className="text-text-2">{line.rest}</span>
        {act}
      </div>
      <Contact contact={line.contact} className="min-w-0 max-thumb:col-start-2" />
    </li>
  );
});

/** Vaults of which there is nothing to say but that their turn comes: one line each. */
export const PlainRow = memo(function PlainRow({ line }: { line: BoardLine }) {
  return (
    <li className="grid h-[27px] grid-cols-[14px_minmax(0,1fr)_36px] items-center gap-x-2.5 border-b border-line [contain-intrinsic-size:auto_27px] [content-visibility:auto]">
      <Glyph state={GLYPH[line.state]} />
      <span className="min-w-0 truncate" title={line.client}><bdi>{line.client}</bdi></span>
      <span className="mono text-12 text-text-3">{line.scope}</span>
    </li>
  );
});

const time = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** `board`: its id once it is closed; then the client's part of the certificate can be taken out alone. */
export const ProvenRow = memo(function ProvenRow({ line, day, board }: { line: BoardLine; day: boolean; board: string | null }) {
  return (
    <li className="grid h-[27px] grid-cols-[14px_minmax(0,1fr)_36px_auto_60px_16px] items-center gap-x-2.5 border-b border-line [contain-intrinsic-size:auto_27px] [content-visibility:auto]">
      <Glyph state="proven" />
      <span className="min-w-0 truncate" title={line.client}><bdi>{line.client}</bdi>{line.backup === "waits" ? <Badge state="attention" className="ml-2">backup not confirmed</Badge> : null}</span>
      <span className="mono text-12 text-text-3">{line.scope}</span>
      <time className="mono text-12 text-text-3" dateTime={new Date(line.absentAt!).toISOString()}>{day ? `${new Date(line.absentAt!).toISOString().slice(5, 10)} ` : ""}{time(line.absentAt!)}</time>
      <span className="mono text-right text-12 text-text-3">{line.receipt === null ? <span data-hint="Removed by somebody else: there is no receipt of ours">none</span> : `rc_${line.receipt.slice(-4)}`}</span>
      {board === null ? null : <a href={`/revocations/${board}/certificate?client=${line.clientId}`} download aria-label={`Certificate of ${line.client} alone`} data-hint="This client’s part of the certificate alone" className="text-text-3 hover:text-text"><Download aria-hidden className="size-3.5" strokeWidth={1.5} /></a>}
    </li>
  );
});
