"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { offerFile } from "#components/token/offer-file.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import type { Failure as FailureOf } from "#components/ui/failure.ts";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Failure } from "#components/ui/states.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import { proofName, writeProof } from "#lib/audit/proof-file.ts";
import type { Detail } from "#lib/audit/show.ts";
import type { AuditLine } from "#lib/audit/line.ts";
import { checkProof, type Checked } from "./proof.ts";
import { Sentence } from "./sentence.tsx";
import { auditHref } from "./words.ts";

const away: FailureOf = { code: "unexpected", title: "This line could not be had", detail: "The console did not answer.", remedy: "Close it and open it again." };
type Loaded = { detail: Detail | null; failure: FailureOf | null };

/** All of one line: who, what, from where, and what proves it, checked in this browser. */
export default function LineDetail({ line }: { line: AuditLine }) {
  const [{ detail, failure }, setLoaded] = useState<Loaded>({ detail: null, failure: null });
  const { source, id } = line;
  useEffect(() => {
    const over = new AbortController();
    const load = async () => {
      try {
        const response = await fetch(`/api/audit/line?${new URLSearchParams({ source, id }).toString()}`, { signal: over.signal });
        const body: unknown = await response.json();
        setLoaded(response.ok ? { detail: body as Detail, failure: null } : { detail: null, failure: body as FailureOf });
      } catch {
        if (!over.signal.aborted) setLoaded({ detail: null, failure: away });
      }
    };
    void load();
    return () => over.abort();
  }, [source, id]);

  if (failure) return <Failure failure={failure} as="h3" className="px-0" />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_312px] gap-6 pt-1 pl-[130px] max-rail:grid-cols-[minmax(0,1fr)_270px] max-rail:pl-0 max-thumb:grid-cols-1 max-thumb:gap-3">
      <div className="min-w-0">
        <p className="pb-2"><Sentence parts={line.parts} wrap /></p>
        <Facts line={line} detail={detail} />
        <div className="mt-3 flex flex-wrap items-center gap-2">
          {line.vaultRef !== null && line.actor.agentId !== null ? <Link href={auditHref(`vault:${line.vaultRef} token:${line.actor.agentId}`)} className={buttonClass({ size: "small" })}>All by this token</Link> : null}
          {line.actor.personId !== null ? <Link href={auditHref(`person:${line.actor.personId}`)} className={buttonClass({ size: "small" })}>All by {line.actor.name ?? "this person"}</Link> : null}
          {detail && detail.removable > 0 && line.vaultRef !== null && line.actor.personId !== null ? <Link href={`/technicians/${line.actor.personId}?away=${line.vaultRef}`} className={buttonClass({ size: "small", tone: "danger" })}>Remove <bdi>{line.actor.name ?? "them"}</bdi> here…</Link> : null}
          {detail?.plan ? <Link href={`/plans/${detail.plan.id}`} className={buttonClass({ size: "small" })}>The plan</Link> : null}
          {detail ? <CopyJson detail={detail} /> : null}
        </div>
        {detail ? <Raw detail={detail} /> : null}
      </div>
      {detail ? <Proof detail={detail} /> : <Skeleton className="h-32 w-full" />}
    </div>
  );
}

function Facts({ line, detail }: { line: AuditLine; detail: Detail | null }) {
  const { actor, target } = line;
  return (
    <KeyValues
      of={[
        { key: "at", label: "Happened", value: <ExactTime at={line.at} /> },
        ...(line.skewed && detail?.vaultAt != null ? [{ key: "skew", label: "Its clock", value: <><ExactTime at={detail.vaultAt} />, which cannot be</> }] : []),
        { key: "received", label: "Came here", value: <><ExactTime at={line.receivedAt} /> <span className="text-text-3">(<RelativeTime at={line.receivedAt} />)</span></> },
        { key: "who", label: "Who", value: <><bdi>{actor.name ?? "not told"}</bdi><span className="text-text-3">{`, ${actor.kind}${actor.agentId === null ? "" : `, row ${actor.agentId}`}`}</span></> },
        ...(line.client ? [{ key: "client", label: "Client", value: <Link href={`/clients/${line.client.id}`} className="underline decoration-line-strong underline-offset-2"><bdi>{line.client.name}</bdi></Link> }] : []),
        ...(target ? [{ key: "target", label: "About", value: <span className="break-all"><bdi>{target.name ?? target.kind}</bdi> <span className="mono text-text-3">{target.id}</span></span> }] : []),
        ...(line.ip ? [{ key: "ip", label: "From", value: <Link href={auditHref(`ip:${line.ip}`)} className="mono underline decoration-line-strong underline-offset-2">{line.ip}</Link> }] : []),
        ...(detail && detail.near > 1 ? [{ key: "near", label: "Near it", value: `${detail.near} refusals of this row within ten minutes around it` }] : []),
        ...(line.told ? [] : [{ key: "told", label: "Details", value: "The client lets us see that it happened, and not what. The hash still proves it." }]),
        ...(detail?.receipt ? [{ key: "receipt", label: "Receipt", value: detail.receipt.verdict === "on_chain" ? "Ours, and it lies on this chain" : detail.receipt.verdict === null ? "Ours; not compared yet" : detail.receipt.verdict === "taken_back" ? "Taken back by a restore of the vault" : "Ours, and it does not lie on this chain" }] : []),
      ]}
    />
  );
}

function CopyJson({ detail }: { detail: Detail }) {
  const [words, setWords] = useState("Copy as JSON");
  const copy = () => navigator.clipboard.writeText(JSON.stringify(detail.raw ?? detail.line, null, 2)).then(() => setWords("Copied"), () => setWords("The browser refused"));
  return <Button size="small" tone="quiet" onClick={() => void copy()}>{words}</Button>;
}

function Raw({ detail }: { detail: Detail }) {
  const { parts: _parts, ...line } = detail.line;
  return (
    <details className="mt-3">
      <summary className="cursor-pointer text-12 text-text-2">{detail.raw ? "The event as the vault told it" : "The record as it is kept"}</summary>
      {/* Focusable, so that a keyboard can scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} dir="ltr" className="mono mt-1 max-h-72 overflow-auto rounded-box border border-line bg-surface p-2.5 text-11 whitespace-pre-wrap break-all">{JSON.stringify(detail.raw ?? line, null, 2)}</pre>
    </details>
  );
}

const short = (hash: string): string => `${hash.slice(0, 6)} … ${hash.slice(-4)}`;

function Proof({ detail }: { detail: Detail }) {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let stopped = false;
    void checkProof(detail).then((found) => stopped || setChecked(found));
    return () => {
      stopped = true;
    };
  }, [detail]);
  const { line, links, head, record } = detail;
  const place = line.place.stream === "console" ? "Our own record" : `${line.place.stream} stream, epoch ${line.place.epoch}${line.place.branch > 0 ? `, branch ${line.place.branch}` : ""}`;
  return (
    <section aria-label="Proof" className="h-fit min-w-0 rounded-box border border-line bg-surface px-3.5 py-2.5">
      <p className="flex items-center gap-2">
        <strong className="font-semibold">Proof</strong>
        {checked && checked.checks.length > 0 ? <Badge state={checked.holds ? "proven" : "refused"} className="ml-auto">{checked.holds ? `checked here, ${Math.max(1, Math.round(checked.ms))} ms` : "does not hold"}</Badge> : null}
      </p>
      <p className="text-12 text-text-3">{place}</p>
      {detail.raw ? (
        <ol className="mono mt-1.5 text-11 leading-5">
          {links.map((link) => (
            <li key={link.id} className={link.id === line.id ? "font-semibold text-text" : "text-text-2"}><span className="inline-block w-16">{link.seq.toLocaleString("en")}</span>{short(link.hash)}</li>
          ))}
          {head && head.head.seq > (line.place.seq ?? 0) + 1 ? <li className="font-sans text-12 text-text-3">{`${(head.head.seq - (line.place.seq ?? 0) - 1).toLocaleString("en")} more, all linked when they came`}</li> : null}
          {head ? <li className="text-ok-text"><span className="inline-block w-16">{head.head.seq.toLocaleString("en")}</span>head, signed {new Date(head.head.at).toISOString().slice(11, 19)}</li> : null}
        </ol>
      ) : (
        <p className="mt-1.5 text-12 text-text-2">{record === null ? "It becomes a leaf of our signed tree within a minute." : `Leaf ${record.position.toLocaleString("en")} of the tree of our records, ${record.path.length} hashes from the signed root over ${record.size.toLocaleString("en")}: ${short(record.root)}.`}</p>
      )}
      {record ? (
        <div className="mt-2 grid justify-items-start gap-1">
          <Button size="small" icon={<Download aria-hidden />} onClick={() => offerFile(proofName(line.id), writeProof(record), "application/json")}>Download the proof</Button>
          <p className="text-12 text-text-3">The record, its path and the signed checkpoint in one file. <code className="mono rounded-in bg-hover px-1 break-words">npm run verify-export FILE</code> checks it without us and without a network.</p>
        </div>
      ) : null}
      {checked && checked.checks.length > 0 ? (
        <ul className="mt-1.5 text-12 text-text-2">
          {checked.checks.map(({ words, holds }) => <li key={words} className={holds === false ? "font-medium text-danger-text" : undefined}>{holds === null ? "– " : holds ? "✓ " : "✗ "}{words}</li>)}
        </ul>
      ) : null}
      {detail.findings.map((finding) => <p key={finding.words} className={finding.severity === "tampering" ? "mt-1.5 text-12 text-danger-text" : "mt-1.5 text-12 text-attention-text"}>{finding.words}</p>)}
      <CopyableId id={line.id} what="line" className="mt-1.5" />
    </section>
  );
}
