import type { ReactNode } from "react";
import { moneyText } from "#components/ui/money-text.ts";
import { longDay } from "#lib/billing/clock-words.ts";
import type { LedgerTotal } from "#lib/billing/ledger.ts";

/** `minor` null: there is nothing to say in this currency. */
function Figure({ label, minor, currency, children }: { label: string; minor: number | null; currency: string; children: ReactNode }) {
  const amount = minor === null ? "–" : moneyText({ minor, currency }, "whenNeeded").amount;
  return (
    <div className="min-w-0">
      <dt className="text-text-2">{label}</dt>
      <dd>
        <span className="block text-[24px]/[32px] font-semibold tracking-[-0.022em] whitespace-nowrap max-thumb:text-20"><span className="mr-[0.3em] text-13 font-normal tracking-normal text-text-3">{currency}</span>{amount}</span>
        <small className="block text-12 text-text-3">{children}</small>
      </dd>
    </div>
  );
}

/** A year at the locks, at today's list, and what was saved so far; a row for each currency, which are never added together; the one of most subscriptions first. */
export function Figures({ totals, published }: { totals: readonly LedgerTotal[]; published: string }) {
  return (
    <div className="grid gap-3">
      {totals.toSorted((a, b) => b.count - a.count).map(({ currency, locked, list, saved, since }) => (
        <dl key={currency} className="grid grid-cols-3 gap-x-6 gap-y-3 max-thumb:grid-cols-2">
          <Figure label="Locked, a year" minor={locked} currency={currency}>for as long as each lives</Figure>
          <Figure label="Today’s list, a year" minor={list === 0 ? null : list} currency={currency}>{list === 0 ? `not published in ${currency}` : `list of ${longDay(published)}`}</Figure>
          <Figure label="Saved so far" minor={list === 0 && saved === 0 ? null : saved} currency={currency}>{list === 0 && saved === 0 ? "no list to compare with" : since === null ? "nothing was charged yet" : `since ${longDay(since)}`}</Figure>
        </dl>
      ))}
    </div>
  );
}
