"use client";
import Link from "next/link";
import { cx } from "#components/ui/class-names.ts";
import { parseQuery, toggled, type Qualifier } from "#lib/audit/query.ts";
import type { Count, Tally } from "#lib/audit/tally.ts";
import { auditHref, figure } from "./words.ts";

/** What the selected lines are made of; each is a link that takes its condition on or off. */
export function Facets({ tally, query }: { tally: Tally; query: string }) {
  const groups: readonly { key: Qualifier; head: string; counts: readonly Count[] }[] = [
    { key: "outcome", head: "Outcome", counts: tally.outcomes },
    { key: "kind", head: "Kind", counts: tally.kinds },
    { key: "person", head: "Who", counts: tally.people },
    { key: "client", head: "Client", counts: tally.clients },
  ];
  const asked = parseQuery(query);
  return (
    <nav aria-label="Narrow by" className="grid grid-cols-1 content-start gap-3.5">
      {groups.map(({ key, head, counts }) =>
        counts.length === 0 ? null : (
          <section key={key}>
            <h2 className="px-2 pb-1 text-12 font-medium text-text-3">{head}</h2>
            <ul>
              {counts.map(({ value, label, count }) => {
                const on = asked.terms.some((term) => term.key === key && term.value === value && !term.not);
                return (
                  <li key={value}>
                    <Link href={auditHref(toggled(asked, { key, value, not: false }))} aria-current={on || undefined} className={cx("flex items-baseline gap-2 rounded-in px-2 py-0.5 hover:bg-active max-thumb:py-2", on && "bg-active font-medium")} prefetch={false} scroll={false}>
                      <bdi className="min-w-0 flex-1 truncate" data-hint={label} data-hint-clipped="">{label}</bdi>
                      <span className={cx("num", value === "refused" && count > 0 ? "font-semibold text-danger-text" : "text-text-3")}>{figure(count, true)}</span>
                    </Link>
                  </li>
                );
              })}
            </ul>
          </section>
        ),
      )}
      {tally.exact ? null : <p className="px-2 text-12 text-text-3">Estimated from a sample. “Count all” above counts each.</p>}
    </nav>
  );
}
