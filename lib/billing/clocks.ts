/**
 * Every date and stage of what can end in a deletion (SPEC section 7): a failed card, a past-due invoice, a cancellation, a
 * regret, a trial, and the compliance backup after all of them. The only place that knows these numbers; pages, mails and the
 * deletion itself ask here. Pure. A day begins at 00:00 UTC.
 */
import { addDays, daysBetween, laterOf, type Day } from "./days.ts";

/** Days, as the rule book counts them. */
export const rule = {
  /** Card: mail on day 0, retries on days 1 to 14, cancellation status and warning on day 15, deleted on day 22. */
  cardRetryUntil: 14, cardWarned: 15, cardDeleted: 22,
  /** Invoice: due so long after its issue; then reminders, suspension with the warning, deletion, all counted from the due day. */
  invoiceDue: 60, invoiceReminders: [7, 14, 21], invoiceSuspended: 30, invoiceDeleted: 37,
  /** Between the warning and the deletion there is never less. */
  warning: 7,
  /** After an annual auto-renewal. */
  regret: 14,
  trial: 7,
  /** Until the compliance backup of a deleted vault is destroyed; it is never restored. */
  backup: 30,
} as const;

/**
 * Why a clock runs. `warnedOn`: the day on which the seven-day warning really went out; null: it has not yet. A deletion waits
 * for it, however late we are.
 */
export type ClockCause =
  | { readonly kind: "card"; readonly failedOn: Day; readonly warnedOn: Day | null }
  | { readonly kind: "invoice"; readonly dueOn: Day; readonly warnedOn: Day | null }
  /** Auto-renewal switched off is the same: the vault lives to the end of the period. */
  | { readonly kind: "cancellation"; readonly askedOn: Day; readonly periodEndsOn: Day; readonly warnedOn: Day | null }
  | { readonly kind: "regret"; readonly refundedOn: Day; readonly warnedOn: Day | null };

export type ClockKind = ClockCause["kind"];

/** What happens on a day. `told` steps are mails, once each. */
export type StepId = "failed" | "reminder-1" | "reminder-2" | "reminder-3" | "asked" | "warning" | "last-day" | "suspended" | "ended" | "deleted" | "backup-destroyed";
export type Step = { readonly id: StepId; readonly on: Day; /** People are written to on this day. */ readonly told: boolean };

/**
 * `running`: nothing is withheld yet. `warned`: within the last seven days, still open. `suspended`: 402 for everybody but an
 * owner, so that the client can export. `deleted`: the vault is gone, its backup is not. `destroyed`: nothing is left.
 */
export type Stage = "running" | "warned" | "suspended" | "deleted" | "destroyed";

export type DeletionClock = {
  readonly kind: ClockKind;
  readonly stage: Stage;
  /** In the order of their days. */
  readonly steps: readonly Step[];
  readonly startedOn: Day;
  /** 402 from here on; null: it stays open until it is deleted. */
  readonly suspendedOn: Day | null;
  readonly deletedOn: Day;
  readonly backupDestroyedOn: Day;
  /** Until the deletion; 0 on that day and after. */
  readonly daysLeft: number;
};

export const dueOn = (issuedOn: Day): Day => addDays(issuedOn, rule.invoiceDue);

/** The last day on which an annual auto-renewal is refunded in full. Not for first charges, months, cancellations or reactivations. */
export const regretUntil = (renewedOn: Day): Day => addDays(renewedOn, rule.regret);
export const mayRegret = (renewal: { readonly renewedOn: Day; readonly interval: "year" | "month"; readonly automatic: boolean }, today: Day): boolean =>
  renewal.interval === "year" && renewal.automatic && today >= renewal.renewedOn && today <= regretUntil(renewal.renewedOn);

/** The day of the first charge of a plan that is tried. */
export const trialEnds = (startedOn: Day): Day => addDays(startedOn, rule.trial);

type Frame = { startedOn: Day; warnOn: Day; plannedDeletion: Day; suspendedOn: Day | null; before: Step[] };

const told = (id: StepId, on: Day): Step => ({ id, on, told: true });

function frameOf(cause: ClockCause): Frame {
  switch (cause.kind) {
    case "card": {
      const { failedOn } = cause;
      return { startedOn: failedOn, warnOn: addDays(failedOn, rule.cardWarned), plannedDeletion: addDays(failedOn, rule.cardDeleted), suspendedOn: null, before: [told("failed", failedOn)] };
    }
    case "invoice": {
      const due = cause.dueOn;
      const suspendedOn = addDays(due, rule.invoiceSuspended);
      const reminders = rule.invoiceReminders.map((days, index) => told(`reminder-${(index + 1) as 1 | 2 | 3}`, addDays(due, days)));
      return { startedOn: due, warnOn: suspendedOn, plannedDeletion: addDays(due, rule.invoiceDeleted), suspendedOn, before: [...reminders, { id: "suspended", on: suspendedOn, told: false }] };
    }
    case "cancellation": {
      const { askedOn, periodEndsOn } = cause;
      // Asked for within the last week, the warning goes out at once, and the vault waits for its seven days, closed.
      const warnOn = laterOf(askedOn, addDays(periodEndsOn, -rule.warning));
      return { startedOn: askedOn, warnOn, plannedDeletion: laterOf(periodEndsOn, addDays(warnOn, rule.warning)), suspendedOn: periodEndsOn, before: [told("asked", askedOn), { id: "ended", on: periodEndsOn, told: false }] };
    }
    case "regret": {
      const { refundedOn } = cause;
      return { startedOn: refundedOn, warnOn: refundedOn, plannedDeletion: addDays(refundedOn, rule.warning), suspendedOn: null, before: [{ id: "ended", on: refundedOn, told: false }] };
    }
  }
}

/**
 * The clock as it stands on a day.
 * @returns null before it begins to matter: an invoice that is not past its due day
 */
export function clockOn(cause: ClockCause, today: Day): DeletionClock | null {
  const { startedOn, warnOn, plannedDeletion, suspendedOn, before } = frameOf(cause);
  if (cause.kind === "invoice" && today <= cause.dueOn) return null;
  // The warning that is late moves the deletion, never the other way round; one that is overdue today goes out today at best.
  const warnedOn = cause.warnedOn ?? laterOf(warnOn, today);
  const deletedOn = laterOf(plannedDeletion, addDays(warnedOn, rule.warning));
  const backupDestroyedOn = addDays(deletedOn, rule.backup);
  // A closed vault is a stage only where it is closed before it is deleted.
  const closes = suspendedOn !== null && suspendedOn < deletedOn ? suspendedOn : null;
  const steps: Step[] = [
    ...before, told("warning", warnedOn), told("last-day", addDays(deletedOn, -1)), told("deleted", deletedOn),
    { id: "backup-destroyed" as const, on: backupDestroyedOn, told: false },
  ];
  const stage: Stage = today >= backupDestroyedOn ? "destroyed" : today >= deletedOn ? "deleted" : closes !== null && today >= closes ? "suspended" : today >= warnedOn ? "warned" : "running";
  return { kind: cause.kind, stage, steps: steps.toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0)), startedOn, suspendedOn: closes, deletedOn, backupDestroyedOn, daysLeft: Math.max(0, daysBetween(today, deletedOn)) };
}

/** Steps whose day has come and that people are told of, oldest first. Which of them were told is in the table of notices. */
export const stepsToTell = (clock: DeletionClock, today: Day): readonly Step[] => clock.steps.filter(({ told: mails, on }) => mails && on <= today);

/** Whether the card is asked again on this day. */
export const retriesCardOn = (failedOn: Day, today: Day): boolean => {
  const since = daysBetween(failedOn, today);
  return since >= 1 && since <= rule.cardRetryUntil;
};

/** The clock that ends first; of two that end together the one that withholds more. null: none runs. */
export function soonest(clocks: readonly DeletionClock[]): DeletionClock | null {
  const harm = (clock: DeletionClock) => ["running", "warned", "suspended", "deleted", "destroyed"].indexOf(clock.stage);
  return clocks.toSorted((a, b) => (a.deletedOn < b.deletedOn ? -1 : a.deletedOn > b.deletedOn ? 1 : harm(b) - harm(a)))[0] ?? null;
}
