"use client";
import Link from "next/link";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Drawer } from "#components/ui/dialog.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { Name } from "#components/ui/name.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { chainWords } from "#lib/audit/chain-words.ts";
import type { Coverage, Strip } from "#lib/audit/strip.ts";
import { auditHref, pullWords, shortTime } from "./words.ts";

/** How far behind, as heights of one strip: a minute is little, an hour is the whole. */
const heightOf = ({ completeUntil, state }: Coverage, now: number): number => (completeUntil === null ? 26 : state === "ok" ? Math.min(10, 2 + (now - completeUntil) / 60_000) : Math.min(26, 8 + ((now - completeUntil) / 3_600_000) * 18));
const sinceWords = (vault: Coverage, now: number): string => (vault.completeUntil === null ? pullWords[vault.state].words : `${pullWords[vault.state].words}, complete until ${shortTime(vault.completeUntil, now)}`);

/** Over the table: to when it is complete, which vaults are not, and whether the chains hold. All of it opens as a list. */
export function CoverageStrip({ strip }: { strip: Strip }) {
  const [open, setOpen] = useState(false);
  const { vaults, completeUntil, upToDate, now } = strip;
  const behind = vaults.filter(({ state }) => state !== "ok").toSorted((a, b) => (a.completeUntil ?? 0) - (b.completeUntil ?? 0));
  const chains = chainWords(strip);
  return (
    <section aria-label="How complete this is" className="flex flex-wrap items-center gap-x-5 gap-y-2 px-gutter pb-3">
      <p className="leading-[18px] whitespace-nowrap">
        <strong className="font-semibold">{vaults.length === 0 ? "No vault is connected" : completeUntil === null ? "Nothing is complete yet" : `Complete until ${shortTime(completeUntil, now)}`}</strong>
        <br />
        <span className="text-12 text-text-3">{vaults.length === 0 ? "our own records stand below" : `in ${upToDate} of ${vaults.length} ${vaults.length === 1 ? "vault" : "vaults"}, UTC`}</span>
      </p>
      <button type="button" onClick={() => setOpen(true)} aria-label={`Show how complete each of ${vaults.length} vaults is`} className="flex h-[26px] w-[312px] max-w-full items-end gap-px overflow-hidden border-b border-line-strong hover:border-text-3 max-rail:w-[200px] max-thumb:w-full">
        {vaults.slice(0, 104).map((vault) => (
          <i key={vault.vaultRef} data-hint={`${vault.client}: ${sinceWords(vault, now)}`} style={{ height: `${heightOf(vault, now)}px` }} className={cx("keeps-colour min-w-[2px] flex-1 rounded-t-[1px]", vault.state === "ok" ? "bg-text-3" : vault.state === "broken" ? "bg-danger-solid" : vault.completeUntil === null ? "shadow-[inset_0_0_0_1px_var(--info-solid)]" : "bg-info-solid")} />
        ))}
      </button>
      <ul className="min-w-0 flex-1 basis-60 text-12 leading-[18px] text-text-2">
        {behind.slice(0, 2).map((vault) => (
          <li key={vault.vaultRef} className="flex items-center gap-2">
            <Glyph state={pullWords[vault.state].state} />
            <span className="truncate"><bdi>{vault.client}</bdi>, {sinceWords(vault, now)}</span>
          </li>
        ))}
        {behind.length > 2 ? <li className="pl-[22px] text-text-3">{`and ${behind.length - 2} more`}</li> : null}
      </ul>
      <button type="button" onClick={() => setOpen(true)} className="rounded-in text-left leading-[18px] hover:underline">
        <span className="flex items-center gap-2">
          <Glyph state={chains.state} />
          <strong className="font-semibold">{chains.words}</strong>
        </span>
        <span className="block text-12 text-text-3">{chains.small}</span>
      </button>
      <Drawer open={open} onOpenChange={setOpen} title="How complete the audit is" description="Every vault’s own log is pulled and checked event by event: hashes, numbers, links and the signed head.">
        {strip.findings.length > 0 ? (
          <section className="mb-5">
            <h3 className="mb-1 text-12 font-medium text-text-3">Found</h3>
            <ul className="grid gap-2">
              {strip.findings.map((finding) => (
                <li key={finding.id} className="rounded-box border border-line p-2.5">
                  <p className="flex flex-wrap items-center gap-2">
                    <Badge state={finding.severity === "tampering" ? "refused" : "attention"}>{finding.severity === "tampering" ? "Tampering" : "To know"}</Badge>
                    <bdi className="font-medium">{finding.client ?? "Our own records"}</bdi>
                    <span className="text-12 text-text-3">{`${finding.stream ?? "position"}${finding.stream ? `, epoch ${finding.epoch}` : ""}, ${finding.seq === finding.seqTo ? `number ${finding.seq}` : `numbers ${finding.seq} to ${finding.seqTo}`}`}</span>
                    <RelativeTime at={finding.seenAt} className="ml-auto text-12 text-text-3" />
                  </p>
                  <p className="mt-1 text-pretty text-text-2">{finding.words}</p>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        <h3 className="mb-1 text-12 font-medium text-text-3">Vaults</h3>
        <ul>
          {vaults.map((vault) => (
            <li key={vault.vaultRef} className="grid grid-cols-[14px_minmax(0,1fr)_auto] gap-x-3 border-t border-line py-2">
              <Glyph state={pullWords[vault.state].state} className="mt-[3px]" />
              <Link href={auditHref(`vault:${vault.vaultRef}`)} className="min-w-0 hover:underline"><Name>{vault.client}</Name></Link>
              <span className="num text-text-2">{vault.completeUntil === null ? "nothing yet" : shortTime(vault.completeUntil, now)}</span>
              <span className="col-start-2 col-end-4 text-12 text-text-3">{[pullWords[vault.state].words, `${vault.events.toLocaleString("en")} events`, ...(vault.masked > 0 ? [`${vault.masked.toLocaleString("en")} without details, which the client does not show`] : []), ...(vault.words ? [vault.words] : [])].join("; ")}</span>
            </li>
          ))}
        </ul>
        <p className="mt-4 text-12 text-text-3">{strip.checkpoint ? <>Our own records are a tree of their own; the last signed checkpoint covers {strip.checkpoint.size.toLocaleString("en")}, <RelativeTime at={strip.checkpoint.signedAt} />.</> : "Our own records are not signed yet; that happens within a minute of the first."}</p>
      </Drawer>
    </section>
  );
}
