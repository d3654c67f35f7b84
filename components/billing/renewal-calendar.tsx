import { moneyText } from "#components/ui/money-text.ts";
import type { RenewalDay } from "#lib/billing/calendar.ts";
import { longDay, shortDay } from "#lib/billing/clock-words.ts";
import { addDays, startOf, type Day } from "#lib/billing/days.ts";

const WEEK = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const;
/** Monday of a day's week. */
const monday = (day: Day) => addDays(day, -((new Date(startOf(day)).getUTCDay() + 6) % 7));

/** Five weeks from this one: what is charged on which day, and which day closes or deletes a vault. One currency. */
export function RenewalCalendar({ days, today, closing, deleting, currency }: { days: readonly RenewalDay[]; today: Day; closing: ReadonlySet<Day>; deleting: ReadonlySet<Day>; currency: string }) {
  const first = monday(today);
  const charged = new Map(days.filter((day) => day.currency === currency).map((day) => [day.on, day]));
  const weeks = Array.from({ length: 5 }, (_, week) => Array.from({ length: 7 }, (_day, index) => addDays(first, week * 7 + index)));
  const other = [...new Set(days.map((day) => day.currency))].filter((one) => one !== currency);
  return (
    <section aria-label="Renewals in the five weeks from this one" className="py-3.5 pr-gutter pl-5 max-rail:pl-gutter">
      <div className="mb-2 flex items-baseline gap-2">
        <h2>Renewals</h2>
        <span className="text-12 text-text-3">{`${shortDay(first)} to ${shortDay(addDays(first, 34))}, ${currency}`}</span>
      </div>
      <table className="w-full table-fixed border-separate border-spacing-0 border-t border-l border-line">
        <thead className="text-11 text-text-3"><tr>{WEEK.map((day) => <th key={day} scope="col" className="h-5 border-r border-b border-line font-normal">{day}</th>)}</tr></thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((day) => {
                const charge = charged.get(day);
                const end = deleting.has(day) ? "delete" : closing.has(day) ? "close" : null;
                const words = [longDay(day), day === today && "today", charge && `${charge.count === 1 ? charge.names[0]! : `${charge.count} renewals`}, ${currency} ${moneyText({ minor: charge.locked, currency }).amount}`, end && (end === "delete" ? "a vault is deleted" : "a vault is suspended")].filter(Boolean).join(": ");
                return (
                  <td key={day} data-hint={charge || end ? words : undefined} className={`h-[33px] border-r border-b border-line px-1 py-px align-top ${end ? "bg-danger-soft" : charge ? "bg-active" : day < today ? "bg-sunken" : ""} ${day === today ? "shadow-[inset_0_0_0_1.5px_var(--text)]" : ""}`}>
                    <span className="sr-only">{words}</span>
                    <span aria-hidden className={`block text-10 whitespace-nowrap ${day === today ? "text-text" : "text-text-3"}`}>{day.endsWith("-01") || day === first ? shortDay(day) : Number(day.slice(8))}</span>
                    <b aria-hidden className={`block text-right leading-[15px] font-semibold ${end ? "text-10 text-danger-text" : charge && charge.locked >= 1_000_000 ? "text-10" : "text-12"}`}>{end ?? (charge ? moneyText({ minor: charge.locked, currency }, "whenNeeded").amount.replace(/\.\d+$/, "") : "")}</b>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {other.length > 0 ? <p className="mt-1.5 text-12 text-text-3">{`Renewals in ${other.join(", ")} are in the list.`}</p> : null}
    </section>
  );
}
