/** A deletion clock in words, the same on pages and in mails. Pure, for the browser too. */
import type { DeletionClock, StepId } from "./clocks.ts";
import { daysBetween, type Day } from "./days.ts";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"] as const;

/** `5 December 2026`: a deletion is never dated without its year. */
export const longDay = (day: Day): string => `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]!} ${day.slice(0, 4)}`;
/** `5 Dec`, and with `year` `5 Dec 2026`. */
export const shortDay = (day: Day, year = false): string => `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]!.slice(0, 3)}${year ? ` ${day.slice(0, 4)}` : ""}`;
export const monthName = (month: string): string => `${MONTHS[Number(month.slice(5, 7)) - 1]!} ${month.slice(0, 4)}`;

const days = (count: number) => (count === 1 ? "1 day" : `${count} days`);

/** "22 days past due", "card refused 3 days ago", "cancelled, ends 1 March 2027", "refunded". */
export function causeWords(clock: Pick<DeletionClock, "kind" | "startedOn" | "suspendedOn" | "deletedOn">, today: Day): string {
  const since = daysBetween(clock.startedOn, today);
  switch (clock.kind) {
    case "invoice": return `${days(since)} past due`;
    case "card": return since === 0 ? "the card was refused today" : `the card was refused ${days(since)} ago`;
    case "cancellation": return `cancelled, ends on ${longDay(clock.suspendedOn ?? clock.deletedOn)}`;
    case "regret": return "refunded, and ended with that";
  }
}

/** What stands ahead: "Suspended on 28 November 2026, deleted for good on 5 December 2026." */
export function aheadWords(clock: Pick<DeletionClock, "stage" | "suspendedOn" | "deletedOn" | "backupDestroyedOn" | "kind">, today: Day): string {
  const deleted = `deleted for good on ${longDay(clock.deletedOn)}`;
  if (clock.stage === "deleted") return `Deleted on ${longDay(clock.deletedOn)}. The compliance backup is destroyed on ${longDay(clock.backupDestroyedOn)}; it restores nothing.`;
  if (clock.stage === "suspended") return `Suspended${clock.kind === "cancellation" ? ", because the period is over" : ""}: only its owner gets in, to export. ${deleted[0]!.toUpperCase()}${deleted.slice(1)}.`;
  if (clock.suspendedOn !== null && clock.suspendedOn > today) return `${clock.kind === "cancellation" ? "Closed" : "Suspended"} on ${longDay(clock.suspendedOn)}, ${deleted}.`;
  return `Open until then; ${deleted}.`;
}

export const STEP_WORDS: Record<StepId, string> = {
  failed: "Card refused", "reminder-1": "First reminder", "reminder-2": "Second reminder", "reminder-3": "Third reminder", asked: "Cancelled", warning: "Warning, seven days", "last-day": "Last day",
  suspended: "Suspended", ended: "Ends", deleted: "Deleted", "backup-destroyed": "Backup destroyed",
};

/** The cheapest way out; null once there is none. */
export function wayOut(clock: Pick<DeletionClock, "kind" | "stage">): { deed: string; words: string } | null {
  if (clock.stage === "deleted" || clock.stage === "destroyed") return null;
  switch (clock.kind) {
    case "invoice": return { deed: "Pay this invoice", words: "Paying it stops the clock at once and keeps the lock. No other client is touched." };
    case "card": return { deed: "Pay with another card", words: "Paying it stops the clock at once and keeps the lock. No other client is touched." };
    case "cancellation": return { deed: "Keep the subscription", words: "Keeping it costs nothing now, and the locked price stays. After the end the lock is lost for ever." };
    case "regret": return { deed: "Subscribe anew", words: "The lock is gone with the refund. A new subscription starts empty, at today’s list price." };
  }
}

/** What a client is told of its own vault: no amount, since what is owed may be another's to pay. */
export function clientWords(clock: Pick<DeletionClock, "kind" | "stage" | "suspendedOn" | "deletedOn" | "backupDestroyedOn">, name: string, today: Day): { subject: string; paragraphs: readonly string[] } {
  const cause = { invoice: "Its subscription is not paid for", card: "The card for its subscription was refused", cancellation: "Its subscription was cancelled", regret: "Its subscription was refunded, and has ended" }[clock.kind];
  return { subject: `The vault of ${name} is to be deleted on ${longDay(clock.deletedOn)}`, paragraphs: [`${cause}. ${aheadWords(clock, today)}`, "Until the deletion its owner can export everything in it, also while it is suspended. After it nothing can be brought back, by anybody."] };
}
