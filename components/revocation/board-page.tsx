"use client";
import { RefreshCw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState, useTransition } from "react";
import { listenLive } from "#components/matrix/live.ts";
import { useDeed, type Deed } from "#components/plan/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Note } from "#components/ui/note.tsx";
import { Failure } from "#components/ui/states.tsx";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import { boardTitle, readAgainWords } from "#lib/revocation/board-words.ts";
import type { BoardLine, RevocationView } from "#lib/revocation/show.ts";
import { ApartDialog } from "./apart-dialog.tsx";
import { BoardSide } from "./board-side.tsx";
import { OpenRow, PlainRow, ProvenRow } from "./board-lists.tsx";
import { Sieve } from "./sieve.tsx";

export type BoardDeeds = { ask: Deed<{ count: number }> | null; plan: Deed<{ planId: string }> | null; apart: Deed<{ client: string }> | null };

/** Draws the page anew when one of its vaults moved; never while the last answer is still under way, and not more often than twice a second. */
function useLive(refs: ReadonlySet<string>): void {
  const router = useRouter();
  const [asking, start] = useTransition();
  const asked = useRef<{ asking: boolean; due: boolean; timer: number }>({ asking: false, due: false, timer: 0 });
  useEffect(() => {
    asked.current.asking = asking;
    if (!asking && asked.current.due) {
      asked.current.due = false;
      start(() => router.refresh());
    }
  }, [asking, router]);
  useEffect(() => {
    const state = asked.current;
    const stop = listenLive(({ vaults: moved, missed }) => {
      if (!missed && !moved.some((ref) => refs.has(ref))) return;
      if (state.timer !== 0) return;
      state.timer = window.setTimeout(() => {
        state.timer = 0;
        if (state.asking) state.due = true;
        else start(() => router.refresh());
      }, 400);
    });
    return () => {
      stop();
      if (state.timer !== 0) clearTimeout(state.timer);
      state.timer = 0;
    };
  }, [refs, router]);
}

function Under({ view }: { view: RevocationView }) {
  if (view.closedAt !== null) return <>Closed <ExactTime at={view.closedAt} />{view.tap ? `, ${spanWords(view.closedAt - view.tap.at)} after the tap` : ""}. {readAgainWords(view.count)}</>;
  return <>Opened by <bdi>{view.openedBy}</bdi> <RelativeTime at={view.openedAt} />{view.tap ? `, ${view.tap.taps === 1 ? "one tap" : `${view.tap.taps} taps`}` : ", not signed yet"}. This board closes when every vault was read again without the token.</>;
}

/** "1 h 51 min", "4.2 s". */
export function spanWords(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1_440)} days`;
}

/** Revocation board: what of somebody's access is gone by the vaults' own signed word, and what is still open and why. */
export function BoardPage({ view, deeds }: { view: RevocationView; deeds: BoardDeeds }) {
  const router = useRouter();
  const refs = useMemo(() => new Set([...view.open, ...view.proven].map(({ vaultRef }) => vaultRef)), [view.open, view.proven]);
  useLive(refs);
  const [apart, setApart] = useState<BoardLine | null>(null);
  const ask = useDeed(deeds.ask, () => router.refresh());
  const plan = useDeed(deeds.plan, ({ planId }) => router.push(`/plans/${planId}`));
  const days = new Set(view.proven.map(({ absentAt }) => new Date(absentAt!).toISOString().slice(0, 10))).size > 1;
  // While most wait for the same thing, it is said once; what has words of its own follows.
  const same = view.open.filter(({ state }) => state === (view.tap === null ? "unsigned" : "waiting"));
  const plain = same.length > 3 ? same : [];
  const told = plain.length === 0 ? view.open : view.open.filter((line) => !plain.includes(line));
  const failed = ask.failed ?? plan.failed;
  const moving = view.open.some(({ state }) => state === "sent" || state === "standing" || state === "waiting" || state === "reading" || state === "again");
  return (
    <div className="grid min-h-full grid-cols-[minmax(0,1fr)_372px] max-rail:grid-cols-1">
      <div className="min-w-0">
        <header className="px-gutter pt-5 pb-4">
          <p className="mb-1 flex flex-wrap items-center gap-x-1.5 text-12 text-text-3">
            <Link href="/revocations" className="link">Revocations</Link> / {view.personId === null ? <bdi>{view.name}</bdi> : <Link href={`/technicians/${view.personId}`} className="link"><bdi>{view.name}</bdi></Link>} / <CopyableId id={view.id} what="revocation board" />
          </p>
          <h1 className="text-28 font-semibold text-balance max-thumb:text-20" aria-live="polite"><bdi>{boardTitle(view.name, view.count, view.closedAt !== null)}</bdi></h1>
          <p className="mt-0.5 text-pretty text-text-2"><Under view={view} />{view.reason ? <> <bdi>{view.reason}</bdi></> : null}</p>
        </header>
        {view.reopenedAt !== null ? <Note state="refused" title="Opened again." className="mx-gutter mb-4"><RelativeTime at={view.reopenedAt} />: {view.reopenedWords}</Note> : null}
        {failed ? <Failure failure={failed} /> : null}
        {view.plans.map(({ id, waiting }) => (
          <Note key={id} state="attention" title={waiting === 1 ? "One removal waits for a tap." : `${waiting.toLocaleString("en")} removals wait for one tap.`} className="mx-gutter mb-4" action={<Link href={`/plans/${id}`} className={buttonClass({ tone: "sign" })}>Review and sign</Link>}>
            Nothing has reached a vault before it.
          </Note>
        ))}
        {view.replannable > 0 && deeds.plan !== null ? (
          <Note state="attention" title={view.replannable === 1 ? "One token needs another tap." : `${view.replannable} tokens need another tap.`} className="mx-gutter mb-4" action={<Button tone="sign" pending={plan.busy ? "Planning" : null} onClick={() => plan.run({ revocationId: view.id })}>Plan {view.replannable === 1 ? "it" : "them"}</Button>}>
            Their signed removals did nothing, or the token came back since.
          </Note>
        ) : null}
        <Sieve view={view} />
        {view.open.length > 0 ? (
          <section aria-labelledby="open-title" className="border-t border-line">
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-gutter py-3">
              <h2 id="open-title" className="text-14 font-semibold">Still open <span className="font-normal text-text-3">{view.open.length.toLocaleString("en")}</span></h2>
              <span className="flex-1" />
              {view.tap ? <span className="text-12 text-text-3">signed <RelativeTime at={view.tap.at} /></span> : null}
              {deeds.ask !== null && moving ? <Button size="small" icon={<RefreshCw aria-hidden />} pending={ask.busy ? "Asking" : null} onClick={() => ask.run({ revocationId: view.id })}>{view.open.length === 1 ? "Ask it now" : `Ask all ${view.open.length.toLocaleString("en")} now`}</Button> : null}
            </div>
            {plain.length > 0 ? (
              <div className="border-t border-line px-gutter pt-2 pb-4">
                <p className="pb-1 text-12 text-text-3">{plain[0]!.state === "unsigned" ? "In the plan, not signed yet" : "Signed, next in line"}</p>
                <ul className="grid grid-cols-2 gap-x-8 max-[1180px]:grid-cols-1">{plain.map((line) => <PlainRow key={`${line.vaultRef} ${line.uid}`} line={line} />)}</ul>
              </div>
            ) : null}
            <ul>
              {told.map((line) => <OpenRow key={`${line.vaultRef} ${line.uid}`} line={line} act={line.state === "ended" && deeds.apart !== null ? <button type="button" className="link ml-1.5" onClick={() => setApart(line)}>Set apart…</button> : null} />)}
            </ul>
          </section>
        ) : null}
        {view.proven.length > 0 ? (
          <section aria-labelledby="proven-title" className="border-t border-line pb-6">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4 px-gutter py-3">
              <h2 id="proven-title" className="text-14 font-semibold">Proven <span className="font-normal text-text-3">{view.proven.length.toLocaleString("en")}</span></h2>
              <span className="text-12 text-text-3">token, time of the second reading (UTC), receipt</span>
            </div>
            <ul className="grid grid-cols-2 gap-x-8 px-gutter max-[1180px]:grid-cols-1">
              {view.proven.map((line) => <ProvenRow key={`${line.vaultRef} ${line.uid}`} line={line} day={days} board={view.certificate ? view.id : null} />)}
            </ul>
          </section>
        ) : null}
      </div>
      <BoardSide view={view} />
      {deeds.apart === null ? null : <ApartDialog line={apart} revocationId={view.id} apart={deeds.apart} onClose={() => setApart(null)} />}
    </div>
  );
}
