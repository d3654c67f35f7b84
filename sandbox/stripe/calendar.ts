/** Periods as Stripe counts them: from the anchor, so that the 31st comes back after a short month. Seconds since 1970, UTC. Pure. */
const at = (seconds: number) => new Date(seconds * 1_000);

/** The anchor moved by whole months; a day that a month does not have is its last one. */
export function addMonths(anchor: number, months: number): number {
  const date = at(anchor);
  const month = date.getUTCMonth() + months;
  const last = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), last), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()) / 1_000;
}

/** The end of the period that begins at `start`: the first anniversary of the anchor after it. */
export function periodEnd(anchor: number, start: number, interval: "month" | "year"): number {
  const step = interval === "year" ? 12 : 1;
  const between = (at(start).getUTCFullYear() - at(anchor).getUTCFullYear()) * 12 + at(start).getUTCMonth() - at(anchor).getUTCMonth();
  let count = Math.max(0, Math.floor(between / step) - 1);
  while (addMonths(anchor, count * step) <= start) count += 1;
  return addMonths(anchor, count * step);
}
