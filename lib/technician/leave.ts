/** Being away. Days are of UTC, as `2026-11-21`; both ends belong to it, and without an end it lasts until it is taken back. Pure. */
export type Leave = { readonly from: string; readonly until: string | null };

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** `now`, still `ahead`, or `over`. */
export function leaveState(leave: Leave | null, today: string): "now" | "ahead" | "over" | null {
  if (leave === null) return null;
  if (leave.from > today) return "ahead";
  return leave.until !== null && leave.until < today ? "over" : "now";
}

/** A day that exists: `2026-02-30` does not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && dayOf(at) === text;
}

export const leaveInWords = (leave: Leave | null): string | null => (leave === null ? null : leave.until === null ? `from ${leave.from}` : `${leave.from} to ${leave.until}`);
