import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { RelativeTime } from "#components/ui/time.tsx";
import type { Opening } from "#lib/billing/subscribable.ts";
import { planOf } from "#lib/billing/plan.ts";

/** What was begun and not paid: where to go on. After a day without payment it is taken back by itself. */
export function OpeningList({ openings }: { openings: readonly Opening[] }) {
  return (
    <section aria-labelledby="openings-title" className="border-t border-line">
      <RefreshWhile active everyMs={5_000} />
      <h2 id="openings-title" className="px-gutter pt-4 pb-1">Wait for their first payment</h2>
      <p className="px-gutter pb-2 text-12 text-text-3">Nothing is locked or opened before it. Without one, it is taken back after a day.</p>
      <ul>
        {openings.map(({ id, name, plan, url, since }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-gutter py-2.5">
            <span className="min-w-0 flex-1 basis-56"><bdi className="font-medium [overflow-wrap:anywhere]">{name}</bdi><span className="text-text-2">, {planOf(plan).name}, begun <RelativeTime at={since} /></span></span>
            {url === null ? <Badge state="moving">The provider is asked</Badge> : <a className={buttonClass({ size: "small" })} href={url}>Go on to the payment</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}
