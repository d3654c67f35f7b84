const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago or how soon `at` is, seen from `now` (both epoch milliseconds): `now`, `41 min ago`, `in 3 h`, `5 d ago`; from 30
 * days on the date itself, as the count of days says nothing any more. Rounds down, so that nothing looks older than it is.
 */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const words = (count: number, unit: string) => (at <= now ? `${count} ${unit} ago` : `in ${count} ${unit}`);
  if (distance < 5 * SECOND) return "now";
  if (distance < MINUTE) return words(Math.floor(distance / SECOND), "s");
  if (distance < HOUR) return words(Math.floor(distance / MINUTE), "min");
  if (distance < DAY) return words(Math.floor(distance / HOUR), "h");
  if (distance < 30 * DAY) return words(Math.floor(distance / DAY), "d");
  return calendarDate(at);
}

/** The day in UTC: `20 Nov 2026`. `at`: epoch milliseconds. */
export function calendarDate(at: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "";
  // British English writes "Sept"; three letters keep a column of dates straight.
  return `${part("day")} ${part("month").slice(0, 3)} ${part("year")}`;
}

/** The exact time with its zone: `Fri 20 Nov 2026, 14:01:48 UTC`. `zone` is an IANA name. */
export function exactTime(at: number, zone = "UTC"): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone, timeZoneName: "short",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month").slice(0, 3)} ${part("year")}, ${part("hour")}:${part("minute")}:${part("second")} ${part("timeZoneName")}`;
}
