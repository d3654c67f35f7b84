import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button-class.ts";
import { Money } from "#components/ui/money.tsx";
import { aheadWords, causeWords, longDay, shortDay, STEP_WORDS, wayOut } from "#lib/billing/clock-words.ts";
import { daysBetween, type Day } from "#lib/billing/days.ts";
import type { ClockLine } from "#lib/billing/running.ts";

/** "on 5, 12 and 19 Nov": the days of one month are said once. */
function toldWords({ clock }: ClockLine): string {
  const days = [...new Set(clock.told.map(({ toldAt }) => new Date(toldAt).toISOString().slice(0, 10)))].toSorted();
  if (days.length === 0) return "Nobody was told yet.";
  const who = [...new Set(clock.told.map(({ toName }) => toName))];
  const said = days.map((day, index) => (days[index + 1]?.slice(0, 7) === day.slice(0, 7) ? String(Number(day.slice(8))) : shortDay(day)));
  return `Told on ${said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said.at(-1)!}` : said[0]!}: ${who.join(", ")}.`;
}

/** From the first day to the deletion: what has passed is filled, the suspension is a bar, the deletion a diamond. */
function Line({ clock, today }: { clock: ClockLine["clock"]; today: Day }) {
  const whole = Math.max(1, daysBetween(clock.startedOn, clock.deletedOn));
  const at = (day: Day) => `${Math.min(100, Math.max(0, (daysBetween(clock.startedOn, day) / whole) * 100))}%`;
  return (
    <div aria-hidden className="keeps-colour relative mt-3.5 mb-1.5 h-2 rounded bg-surface shadow-[inset_0_0_0_1px_var(--danger-line)]">
      <span className="absolute inset-y-0 left-0 rounded-l bg-danger-solid" style={{ width: at(today) }} />
      {clock.steps.filter(({ told, on, id }) => told && on <= today && id !== "deleted").map(({ id, on }) => <span key={id} className="absolute top-0.5 ml-0.5 size-1 rounded-full bg-surface" style={{ left: at(on) }} />)}
      <span className="absolute -top-1 -ml-px h-4 w-0.5 bg-text" style={{ left: at(today) }} />
      {clock.suspendedOn ? <span className="absolute -top-[3px] -ml-1 h-3.5 w-2 rounded-xs bg-danger-soft shadow-[inset_0_0_0_1.5px_var(--danger-solid)]" style={{ left: at(clock.suspendedOn) }} /> : null}
      <span className="absolute -top-0.5 right-[3px] size-3 rotate-45 rounded-xs bg-danger-solid" />
    </div>
  );
}

/**
 * A deletion clock: which vault, which date, who was told, the cheapest way out. `pay`: the door to the way out, where this person
 * has one. The same card stands on the Overview, the client's page and in finance.
 */
export function ClockCard({ line, today, more, linked = true }: { line: ClockLine; today: Day; more?: ReactNode; linked?: boolean }) {
  const { clock, owed, name, place, subscriptionId } = line;
  const out = wayOut(clock);
  const danger = clock.stage !== "running" || clock.kind !== "cancellation";
  const title = (
    <>
      <bdi className="font-semibold text-text">{name}</bdi>
      {place ? <bdi className="text-text-3"> {place}</bdi> : null}
    </>
  );
  return (
    <section aria-label={`Deletion clock of ${name}`} className={`${danger ? "bg-danger-soft" : "bg-sunken"} px-gutter py-3.5 pl-5 max-rail:pl-gutter`}>
      <div className="flex items-baseline gap-2">
        <h2>Deletion clock</h2>
        <span className={`ml-auto font-medium ${danger ? "text-danger-text" : "text-text-2"}`}>{clock.stage === "deleted" ? "deleted" : clock.daysLeft === 1 ? "1 day" : `${clock.daysLeft} days`}</span>
      </div>
      <p className="mt-0.5 text-pretty text-text-2 [overflow-wrap:anywhere]">
        {linked ? <Link href={`/billing/subscriptions/${subscriptionId}`} className="rounded-in hover:underline">{title}</Link> : title}
        {`, ${causeWords(clock, today)}. ${toldWords(line)}`}
      </p>
      <Line clock={clock} today={today} />
      <ol className="sr-only">{clock.steps.map(({ id, on }) => <li key={id}>{`${STEP_WORDS[id]}: ${longDay(on)}`}</li>)}</ol>
      <p className={danger ? "text-12 text-danger-text" : "text-12 text-text-2"}>{aheadWords(clock, today)}</p>
      {out ? (
        <>
          {owed && (owed.pageUrl || more) ? (
            <div className="mt-2.5 flex flex-wrap gap-2">
              {owed.pageUrl ? <a href={owed.pageUrl} target="_blank" rel="noreferrer" className={buttonClass({ tone: "ink" })}>Pay <Money of={{ minor: owed.minor, currency: owed.currency }} /><span className="sr-only"> for {name}, in a new window</span></a> : null}
              {more}
            </div>
          ) : more ? <div className="mt-2.5 flex flex-wrap gap-2">{more}</div> : null}
          <p className="mt-2 text-12 text-pretty text-text-2">{out.words}</p>
        </>
      ) : null}
    </section>
  );
}
