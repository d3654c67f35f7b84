"use client";
import { Copy, Download } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Name } from "#components/ui/name.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { RoleLetters } from "#components/technician/access-list.tsx";
import { inWords } from "#lib/role/letters.ts";
import type { TokenLine } from "#lib/token/mine.ts";

/** An opened token as the page shows it: never its letters, but the last four. */
export type Shown = { readonly id: string; readonly client: string; readonly tail: string; readonly openedAt: number };

/** The bar of the time that is left in memory, and the seconds beside it. */
function TimeLeft({ until, whole }: { until: number; whole: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, until - now);
  const seconds = Math.ceil(left / 1_000);
  return (
    <div className="mt-3 grid grid-cols-[1fr_auto] items-center gap-2.5">
      <span className="keeps-colour h-1.5 overflow-hidden rounded-[1px] bg-line" aria-hidden><span className="block h-full bg-text-2" style={{ width: `${(left / whole) * 100}%` }} /></span>
      <span className="text-12 text-text-2">goes away in {seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`}</span>
    </div>
  );
}

/** One token on paper. `shown` null: sealed, or no longer in this page's memory. */
export function Letter({ line, shown, keyLabel, memoryUntil, memoryMs, copy, profile, actions }: { line: TokenLine; shown: Shown | null; keyLabel: string | null; memoryUntil: number; memoryMs: number; copy: () => void; profile: (kind: "extension" | "command_line") => void; actions: React.ReactNode }) {
  return (
    <article className="mx-auto mt-10 mb-6 w-[min(560px,calc(100%-64px))] max-rail:mt-6 max-rail:w-[calc(100%-40px)] max-thumb:w-[calc(100%-32px)]">
      <div className="rounded-box bg-surface px-8 pt-7 pb-6 shadow-float max-thumb:px-4 max-thumb:pt-5">
        <p className="mb-2 flex items-center gap-2 text-text-2">
          <Glyph state={shown ? "proven" : line.state === "strange" ? "refused" : line.state === "waits" ? "staged" : "none"} />
          <span>{shown ? <>Opened by you, <RelativeTime at={shown.openedAt} /></> : line.state === "waits" ? "Sealed; nobody has seen what is in it" : line.state === "strange" ? "Not sealed to your key; owners were told" : line.openedAt === null ? "Not opened here" : <>Opened <RelativeTime at={line.openedAt} />, and no longer kept in this page</>}</span>
        </p>
        <h2 className="text-[24px]/[30px] font-semibold tracking-[-0.022em] text-balance">Your token for <Name>{line.client}</Name></h2>
        <div className="my-4 border-y border-line py-2.5">
          <KeyValues of={[
            { key: "opens", label: "Opens", value: line.letters === null ? "is read from the vault in a moment" : <span className="flex flex-wrap items-center gap-2"><RoleLetters letters={line.letters} /><span>{inWords(line.letters)}</span></span> },
            { key: "not", label: "Does not open", value: line.letters?.full ? "nothing is left out; every read is logged at the client" : "anything else; refusals are logged at the client" },
            { key: "until", label: "Until", value: line.until === null ? "no end date" : <RelativeTime at={line.until} /> },
            { key: "claim", label: "Use it", value: line.claimBy === null || line.state === "in_use" ? "any time" : <>once <RelativeTime at={line.claimBy} />, or the vault takes it back</> },
            { key: "sealed", label: "Sealed", value: line.id === null ? "no; it came with the connection" : keyLabel === null ? "by the vault itself" : <>by the vault itself, to your key “<bdi>{keyLabel}</bdi>”</> },
          ]} />
        </div>
        {shown ? (
          <>
            <div className="flex h-12 items-center gap-3 rounded-box border border-line-control bg-surface pr-2 pl-3.5 font-mono text-13 font-medium">
              <span className="min-w-0 flex-1 overflow-hidden tracking-[.12em] text-ellipsis whitespace-nowrap text-text-2 max-thumb:tracking-normal" aria-label={`A token that ends with ${shown.tail}`} role="img">cvt_••••••••••••••••••••••••••{shown.tail}</span>
              <Button tone="ink" icon={<Copy aria-hidden />} onClick={copy}>Copy once</Button>
            </div>
            <TimeLeft until={memoryUntil} whole={memoryMs} />
            <div className="mt-5 flex flex-wrap gap-2">
              <Button icon={<Download aria-hidden />} onClick={() => profile("extension")}>Profile for the extension</Button>
              <Button icon={<Download aria-hidden />} onClick={() => profile("command_line")}>Profile for the command line</Button>
            </div>
          </>
        ) : (
          <div className="flex flex-wrap gap-2">{actions}</div>
        )}
      </div>
      <p className="mt-3 text-center text-12 text-balance text-text-3">The console and its operators cannot open this. Lost it? Ask for a new one; this one then ends.</p>
    </article>
  );
}
