"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { inWindow, parseQuery, windowOf } from "#lib/audit/query.ts";
import type { Tally } from "#lib/audit/tally.ts";
import { auditHref, figure, shortTime } from "./words.ts";

const Chart = lazy(() => import("./histogram-chart.tsx"));

/** How much happened when. A drag over the bars, or a line of the table, chooses the time. */
export function Histogram({ tally, query, now }: { tally: Tally; query: string; now: number }) {
  const router = useRouter();
  const [asTable, setAsTable] = useState(false);
  const asked = parseQuery(query);
  const { since, until } = windowOf(asked, now);
  const pick = (from: number, to: number) => auditHref(inWindow(asked, from, to >= now ? null : to));
  const { bars, step } = tally;
  const edge = (at: number) => (at >= now ? "now" : shortTime(at, now).replace(/:\d{2}$/, ""));
  const refused = bars.reduce((sum, bar) => sum + bar.refused, 0);
  return (
    <section aria-label="Events over time" className="px-gutter pb-2">
      <Suspense fallback={<Skeleton className="h-[64px] w-full" />}>
        <Chart bars={bars} step={step} since={since} until={until} onPick={(from, to) => router.push(pick(from, to), { scroll: false })} />
      </Suspense>
      <div className="mt-0.5 flex items-baseline justify-between gap-3 border-t border-line-strong pt-0.5 text-11 text-text-3">
        <span>{edge(tally.from)}</span>
        <Button size="small" tone="quiet" aria-expanded={asTable} onClick={() => setAsTable(!asTable)} className="-my-1 text-11">{asTable ? "Hide the table" : "As a table"}</Button>
        <span>{edge(tally.until)}</span>
      </div>
      <p className="sr-only">{`${figure(tally.total, tally.exact)} selected; bars of ${step / 60_000} minutes, ${figure(refused, tally.exact)} of them refused or failed.`}</p>
      {asTable ? (
        <div className="mt-1 max-h-64 overflow-auto rounded-box border border-line">
          <table className="w-full text-12" aria-label="Events over time">
            <thead>
              <tr className="text-text-3 [&>th]:sticky [&>th]:top-0 [&>th]:bg-surface [&>th]:px-3 [&>th]:py-1 [&>th]:font-medium"><th scope="col" className="text-left">From, UTC</th><th scope="col" className="text-right">In vaults</th><th scope="col" className="text-right">Ours</th><th scope="col" className="text-right">Refused or failed</th></tr>
            </thead>
            <tbody>
              {bars.filter((bar) => bar.done + bar.ours + bar.refused > 0).map((bar) => (
                <tr key={bar.from} className="border-t border-line [&>td]:px-3 [&>td]:py-0.5">
                  <td><Link href={pick(bar.from, bar.from + step)} prefetch={false} scroll={false} className="underline decoration-line-strong underline-offset-2">{shortTime(bar.from, now)}</Link></td>
                  <td className="num">{figure(bar.done, true)}</td><td className="num">{figure(bar.ours, true)}</td><td className="num">{figure(bar.refused, true)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}
