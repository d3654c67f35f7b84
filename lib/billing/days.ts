/**
 * Days of the calendar in UTC, written `2026-11-21`. Every rule about money counts days, never hours: a day written so has no
 * zone, sorts as text, and no daylight saving makes it longer. Pure, for the browser too.
 */
export type Day = string;

const DAY_MS = 86_400_000;

/** Throws a RangeError for what is no day of the calendar, such as 30 February. */
function midnight(day: Day): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || dayOf(at) !== day) throw new RangeError(`"${day}" is no day of the calendar`);
  return at;
}

/** The UTC day of a moment (epoch milliseconds or Date). */
export const dayOf = (at: number | Date): Day => new Date(at).toISOString().slice(0, 10);

/** 00:00 UTC of that day, epoch milliseconds. */
export const startOf = (day: Day): number => midnight(day);

export const addDays = (day: Day, days: number): Day => dayOf(midnight(day) + days * DAY_MS);

/** Whole days from one to the other; negative when `to` is earlier. */
export const daysBetween = (from: Day, to: Day): number => Math.round((midnight(to) - midnight(from)) / DAY_MS);

export const laterOf = (a: Day, b: Day): Day => (a > b ? a : b);

/** The same day of another month; where it has none, its last one. Count from the first anchor, or the 31st is lost for ever. */
export function addMonths(anchor: Day, months: number): Day {
  midnight(anchor);
  const [year, month, day] = anchor.split("-").map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(day, last)));
}

export type Interval = "year" | "month";
const monthsOf = { year: 12, month: 1 } as const;

/** The first anniversary of `anchor` after `day`. An anchor of 29 February falls on the 28th in common years, and comes back. */
export function nextRenewal(anchor: Day, interval: Interval, day: Day): Day {
  const step = monthsOf[interval];
  const [ay, am] = anchor.split("-").map(Number) as [number, number];
  const [y, m] = day.split("-").map(Number) as [number, number];
  // One before the estimate, since the day within the month may lie on either side.
  let count = Math.max(1, Math.floor(((y - ay) * 12 + (m - am)) / step) - 1);
  while (addMonths(anchor, count * step) <= day) count += 1;
  return addMonths(anchor, count * step);
}
