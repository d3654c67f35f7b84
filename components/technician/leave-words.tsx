import { Badge } from "#components/ui/badge.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import type { Leave } from "#lib/technician/leave.ts";

const day = (text: string) => calendarDate(Date.parse(`${text}T00:00:00Z`));

/** When somebody is away, with days as the calendar names them. Nothing for a leave that is over. */
export function LeaveBadge({ leave, state }: { leave: Leave | null; state: "now" | "ahead" | "over" | null }) {
  if (leave === null || state === null || state === "over") return null;
  if (state === "ahead") return <Badge>Away from {day(leave.from)}</Badge>;
  return <Badge>{leave.until === null ? "On leave" : `On leave until ${day(leave.until)}`}</Badge>;
}
