"use client";
import { cx } from "#components/ui/class-names.ts";

/** One day of the calendar. `key`: YYYY-MM-DD in UTC, as all exact times here. */
export type Day = { readonly key: string; readonly at: number; readonly count: number };

const DAY = 86_400_000;
export const dayKey = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Five weeks from the Monday before `now`, with how many rows end on each day. Pure. */
export function daysOf(ends: readonly number[], now: number): Day[] {
  const today = Math.floor(now / DAY) * DAY;
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  const counts = new Map<string, number>();
  for (const end of ends) counts.set(dayKey(end), (counts.get(dayKey(end)) ?? 0) + 1);
  return Array.from({ length: 35 }, (_, i) => ({ key: dayKey(monday + i * DAY), at: monday + i * DAY, count: counts.get(dayKey(monday + i * DAY)) ?? 0 }));
}

const HEADS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const long = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const month = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });

/** The calendar of endings: a press shows that day's rows alone, another takes the filter off. */
export function Calendar({ days, now, chosen, choose }: { days: readonly Day[]; now: number; chosen: string | null; choose: (key: string | null) => void }) {
  const today = dayKey(now);
  const most = Math.max(1, ...days.map(({ count }) => count));
  return (
    <table aria-label="Endings by day, in UTC" className="w-full table-fixed border-separate border-spacing-1">
      <thead><tr>{HEADS.map((head) => <th key={head} scope="col" className="pb-0.5 text-left text-11 font-normal text-text-3">{head}</th>)}</tr></thead>
      <tbody>
        {Array.from({ length: 5 }, (_, week) => (
          <tr key={days[week * 7]!.key}>
            {days.slice(week * 7, week * 7 + 7).map(({ key, at, count }) => {
              const over = key < today;
              const number = new Date(at).getUTCDate();
              const box = cx("relative flex h-11 w-full flex-col justify-between overflow-hidden rounded-in px-1.5 py-1 text-left text-11", over ? "text-text-3" : "text-text-2", key === today && "shadow-[inset_0_0_0_1px_var(--line-control)]", chosen === key && "bg-accent-soft shadow-[inset_0_0_0_1.5px_var(--accent)]", chosen !== key && (count > 0 ? "bg-active" : "bg-sunken"));
              const label = `${long.format(at)}: ${count === 0 ? "nothing ends" : count === 1 ? "1 row ends" : `${count} rows end`}`;
              const inside = (
                <>
                  <span>{number}{number === 1 || key === days[0]!.key ? ` ${month.format(at)}` : ""}</span>
                  {count > 0 ? <span className="text-13 font-semibold text-text tabular-nums">{count}</span> : null}
                  {count > 0 ? <span aria-hidden className="keeps-colour absolute inset-x-0 bottom-0 h-[3px] bg-attention-solid" style={{ width: `${Math.max(8, (count / most) * 100)}%` }} /> : null}
                </>
              );
              return (
                <td key={key} className="p-0">
                  {count > 0 ? <button type="button" aria-pressed={chosen === key} onClick={() => choose(chosen === key ? null : key)} className={cx(box, "hover:bg-hover focus-visible:outline-offset-1")}><span className="sr-only">{label}</span><span aria-hidden className="contents">{inside}</span></button> : <span className={box}><span className="sr-only">{label}</span><span aria-hidden>{number}{number === 1 || key === days[0]!.key ? ` ${month.format(at)}` : ""}</span></span>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
