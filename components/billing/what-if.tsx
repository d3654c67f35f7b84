"use client";
import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { parseAsArrayOf, parseAsInteger, parseAsString, useQueryStates } from "nuqs";
import { useOptimistic, useTransition } from "react";
import { buttonClass } from "#components/ui/button-class.ts";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Code } from "#components/ui/badge.tsx";
import { Money } from "#components/ui/money.tsx";
import { moneyText } from "#components/ui/money-text.ts";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { longDay } from "#lib/billing/clock-words.ts";
import { planOf, plans, type PlanId } from "#lib/billing/plan.ts";
import type { WhatIf, WhatIfLine, WhatIfTotal } from "#lib/billing/what-if.ts";
import { Who } from "./who.tsx";

const PLANS = plans.filter(({ family }) => family !== "self-hosted").map(({ id, name }) => ({ value: id, label: name }));
const money = (minor: number, currency: string) => <Money of={{ minor, currency }} minorUnits="whenNeeded" />;

/** `+ USD 300`, `− USD 50`: the sign stands apart, so that it is seen. */
function Difference({ minor, currency }: { minor: number; currency: string }) {
  return <span className="whitespace-nowrap">{minor > 0 ? "+ " : minor < 0 ? "− " : ""}{money(Math.abs(minor), currency)}</span>;
}

function Total({ total, to, published }: { total: WhatIfTotal; to: PlanId; published: string }) {
  const { currency, now, later, difference } = total;
  const most = Math.max(now, later, 1);
  const big = (minor: number) => <><span className="mr-[0.3em] text-13 font-normal tracking-normal text-text-3">{currency}</span>{moneyText({ minor, currency }, "whenNeeded").amount}</>;
  return (
    <div>
      {/* Amounts of six figures stand beside each other in 400 px; the difference, which decides, has a line of its own. */}
      <dl className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-end gap-x-4 gap-y-2 max-thumb:gap-x-2.5 [&_dd]:text-[24px]/[32px] [&_dd]:font-semibold [&_dd]:tracking-[-0.022em] [&_dd]:whitespace-nowrap max-thumb:[&_dd]:text-20">
        <div><dt className="text-text-2">Locked now, a year</dt><dd>{big(now)}</dd></div>
        <ArrowRight aria-hidden className="mb-2 size-4 text-text-3" />
        <div><dt className="text-text-2" data-hint={`List of ${longDay(published)}`}>{planOf(to).name}, today’s list</dt><dd>{big(later)}</dd></div>
        <div className="col-span-3 flex items-baseline justify-between gap-x-4 border-t border-line pt-2"><dt className="text-text-2">{difference < 0 ? "Less a year" : difference > 0 ? "More a year" : "The same a year"}</dt><dd className={difference > 0 ? "text-danger-text" : undefined}>{difference > 0 ? "+ " : difference < 0 ? "− " : ""}{big(Math.abs(difference))}</dd></div>
      </dl>
      <table className="mt-3 w-full text-12">
        <caption className="sr-only">Three years in {currency}, now and then</caption>
        <tbody>
          {([["3 years, now", now, "bg-text-3"], ["3 years, then", later, "border border-dashed border-accent bg-transparent"]] as const).map(([words, minor, look]) => (
            <tr key={words}>
              <th scope="row" className="w-24 py-0.5 text-left font-normal text-text-2">{words}</th>
              <td aria-hidden><span className={`keeps-colour block h-2.5 ${look}`} style={{ width: `${(minor / most) * 100}%` }} /></td>
              <td className="w-32 text-right">{money(minor * 3, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What would happen if these moved to another plan. Everything asked stands in the address, so that it can be sent to whoever decides. */
export function WhatIfBoard({ whatIf, published, may }: { whatIf: WhatIf; published: string; may: { clients: boolean } }) {
  const [pending, start] = useTransition();
  const [, set] = useQueryStates({ from: parseAsString, free: parseAsInteger, to: parseAsString, without: parseAsArrayOf(parseAsString) }, { shallow: false, startTransition: start });
  const { ask, lines, totals, idle } = whatIf;
  const taken = lines.filter((line) => line.taken);
  const locks = totals.reduce((sum, total) => sum + total.locks, 0);
  // A box shows at once what was pressed; the sums follow with the answer.
  const [without, mark] = useOptimistic<readonly string[]>(ask.without ?? []);
  const toggle = (id: string, on: boolean) => {
    const next = on ? without.filter((one) => one !== id) : [...without, id];
    start(async () => {
      mark(next);
      await set({ without: next });
    });
  };
  const plan = planOf(ask.to);
  const columns: Column<WhatIfLine>[] = [
    { id: "name", header: "Client", width: "60%", value: ({ line }) => line.name, cell: ({ line, loss, fits, taken: on }) => <span className="flex min-w-0 items-center gap-2"><Checkbox label={`Weigh ${line.name}`} checked={!without.includes(line.id) && (on || (ask.without ?? []).includes(line.id))} onChange={(next) => toggle(line.id, next)} /><span className="min-w-0 flex-1 max-thumb:py-1.5"><Who name={line.name} place={line.place} href={null} /><span className="hidden text-12 text-text-2 max-thumb:block">{money(loss.lock, loss.currency)}{!fits ? null : loss.after === null ? ", no price there" : <> → {money(loss.after, loss.afterCurrency)}</>}</span></span></span> },
    { id: "plan", header: "Plan", hideBelow: "thumb", value: ({ line }) => line.plan, cell: ({ line }) => <Code title={planOf(line.plan).name}>{planOf(line.plan).code}</Code> },
    { id: "tokens", header: "Tokens", align: "end", hideBelow: "thumb", value: ({ line }) => (line.tokens?.limit ? line.tokens.used / line.tokens.limit : null), cell: ({ line, tokensAfter, fits }) => <span>{line.tokens === null ? <span className="text-text-3">not read</span> : <span className={line.tokens.limit !== null && line.tokens.used >= line.tokens.limit ? "text-danger-text" : ""}>{line.tokens.limit === null ? line.tokens.used : `${line.tokens.used} of ${line.tokens.limit}`}</span>}<span className={fits ? "text-text-3" : "text-danger-text"}>{` → ${typeof tokensAfter === "number" ? tokensAfter.toLocaleString("en") : tokensAfter}`}</span></span> },
    { id: "lock", header: "Lock now", align: "end", hideBelow: "thumb", value: ({ loss }) => loss.lock, cell: ({ loss }) => money(loss.lock, loss.currency) },
    { id: "after", header: "Then", align: "end", hideBelow: "thumb", value: ({ loss }) => loss.after, cell: ({ loss, fits }) => (!fits ? <span className="text-danger-text">does not fit</span> : loss.after === null ? <span className="text-text-3">not published</span> : money(loss.after, loss.afterCurrency)) },
    { id: "more", header: "Difference a year", align: "end", value: ({ loss }) => loss.difference, cell: ({ loss, fits }) => (!fits ? <span className="hidden text-danger-text max-thumb:inline">does not fit</span> : loss.difference === null ? <span className="text-text-3">–</span> : <span className="font-semibold"><Difference minor={loss.difference} currency={loss.currency} /></span>) },
  ];
  return (
    <div aria-busy={pending || undefined}>
      <div className="px-gutter pt-4 pb-3">
        <h2 className="text-16 font-semibold">{taken.length === 0 ? "What if some moved?" : `What if ${taken.length === 1 ? "this one" : `these ${taken.length}`} moved to ${plan.name}?`}</h2>
        <p className="text-text-2">Nothing changes here. It only shows what would, and the address of this page can be sent to whoever decides.</p>
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Select aria-label="From which plan" className="w-36" value={ask.from ?? ""} onChange={(value) => void set({ from: value || null, without: null })} choices={[{ value: "", label: "Any plan" }, ...PLANS]} />
          <Select aria-label="How many free tokens" className="w-48" value={ask.free === null ? "" : String(ask.free)} onChange={(value) => void set({ free: value === "" ? null : Number(value), without: null })} choices={[{ value: "", label: "However many free" }, { value: "1", label: "No free token" }, { value: "2", label: "Fewer than 2 free" }, { value: "4", label: "Fewer than 4 free" }, { value: "8", label: "Fewer than 8 free" }, ...(ask.free !== null && ![1, 2, 4, 8].includes(ask.free) ? [{ value: String(ask.free), label: `Fewer than ${ask.free} free` }] : [])]} />
          <span className="text-text-3">to</span>
          <Select aria-label="To which plan" className="w-36" value={ask.to} onChange={(value) => void set({ to: value, without: null })} choices={PLANS} />
          <span className="text-12 text-text-3">{whatIf.matching > lines.length ? `the ${lines.length} with fewest free of ${whatIf.matching.toLocaleString("en")}` : `${taken.length} of ${lines.length}`}</span>
        </div>
      </div>
      {lines.length === 0 ? (
        ask.from === null && ask.free === null ? <Empty title="There is no subscription yet" actions={<Link href="/billing/plans" className={buttonClass({})}>See plans and prices</Link>}>What a move would cost, and which locks it would end, is shown here for each subscription that you pay.</Empty> : <Empty title="No subscription fits this">Choose another plan, or more free tokens.</Empty>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)_400px] border-t border-line max-rail:grid-cols-1">
          <Table label="What would change, fewest free tokens first" columns={columns} rows={lines} rowId={({ line }) => line.id} loading={false} error={null} empty={null} />
          <div className="grid grid-cols-1 content-start gap-4 border-l border-line py-4 pr-gutter pl-5 max-rail:order-first max-rail:border-b max-rail:border-l-0 max-rail:pl-gutter">
            {totals.map((total) => <Total key={total.currency} total={total} to={ask.to} published={published} />)}
            {locks > 0 ? <Note state="refused" title={locks === 1 ? "1 lock would end and never come back." : `${locks} locks would end and never come back.`}>The new ones start at today’s list, with the first charge, and then stay.</Note> : null}
            {whatIf.refused > 0 ? <Note state="attention" title={whatIf.refused === 1 ? "1 does not fit." : `${whatIf.refused} do not fit.`}>More is used there than {plan.name} holds, so the move would be refused; it is in no sum here.</Note> : null}
            {whatIf.unpriced > 0 ? <Note title={whatIf.unpriced === 1 ? "1 has no price there." : `${whatIf.unpriced} have no price there.`}>{plan.name} is not published in their currency, and currencies are not converted.</Note> : null}
            {idle.tokens > 0 ? <Note state="proven" title="Cheaper today:" action={may.clients ? <Link href="/matrix?q=unused%3A%3E60d" className="link text-12">See them</Link> : undefined}>{`${idle.tokens === 1 ? "1 token" : `${idle.tokens} tokens`} at ${idle.clients === 1 ? "1 of these clients" : `${idle.clients} of these clients`} ${idle.tokens === 1 ? "was" : "were"} not used for 60 days. Freeing them costs nothing and keeps every lock.`}</Note> : null}
          </div>
        </div>
      )}
    </div>
  );
}
