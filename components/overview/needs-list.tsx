import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { shortDay } from "#lib/billing/clock-words.ts";
import type { Need } from "#lib/overview/needs.ts";

/** What needs a person now, most harmful first. The way out stands in the same row as the trouble. */
export function NeedsList({ needs }: { needs: readonly Need[] }) {
  return (
    <ul aria-label="Needs you">
      {needs.map(({ kind, count, what, sentence, since, on, href, deed, state }) => (
        <li key={kind} className="grid grid-cols-[14px_42px_minmax(0,1fr)_auto_108px] items-center gap-x-3 border-b border-line px-gutter py-2.5 last:border-b-transparent hover:bg-hover max-thumb:grid-cols-[14px_minmax(0,1fr)] max-thumb:items-start">
          <Glyph state={state} className="mt-[3px] self-start" />
          <span className="self-start text-right text-[18px]/[22px] font-semibold tabular-nums max-thumb:hidden">{count.toLocaleString("en")}</span>
          <div className="min-w-0">
            <h2 className="text-13 font-semibold">
              <span className="hidden max-thumb:inline">{count.toLocaleString("en")} </span>
              {what}
            </h2>
            <p className="text-pretty text-text-2 [overflow-wrap:anywhere]">{/* A sentence of ours, whatever script the name that it begins with. */}<bdi dir="ltr">{sentence}</bdi></p>
          </div>
          <span className="text-right text-12 text-text-3 max-thumb:hidden">{on ? shortDay(on) : since ? <RelativeTime at={since.getTime()} /> : null}</span>
          <Link href={href} className={`${buttonClass({ size: "small" })} justify-self-end max-thumb:col-start-2 max-thumb:mt-2 max-thumb:justify-self-start`}>
            {deed}
            <span className="sr-only">: {what}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
