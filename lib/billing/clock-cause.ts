/** Which clocks run for a subscription, out of what its row says (prisma/billing.prisma). Pure. */
import { clockOn, soonest, stepsToTell, type ClockCause, type DeletionClock, type Step } from "./clocks.ts";
import { dayOf, type Day } from "./days.ts";

export type ClockFacts = {
  readonly subscriptionId: string; readonly state: string; readonly endedBecause: string | null; readonly endedAt: Date | null;
  readonly unpaidSince: Date | null; readonly openDueAt: Date | null; readonly stopAskedAt: Date | null; readonly periodEnd: Date | null; readonly renews: boolean; readonly collection: string;
};

/** A notice that went out: `clock` as {@link clockName} writes it. */
export type Told = { readonly clock: string; readonly step: string; readonly toName: string; readonly toldAt: Date; /** When a transport took the mail; null: none has yet, and a warning that nobody took is no warning. */ readonly sentAt: Date | null };

/** What runs, for whom, since when: a second failed card of the same subscription is another clock. */
export const clockName = (subscriptionId: string, kind: ClockCause["kind"], since: Day): string => `${kind} ${subscriptionId} ${since}`;

export type RunningClock = DeletionClock & { readonly name: string; readonly cause: ClockCause; /** Who was told when, oldest first. */ readonly told: readonly Told[]; /** Steps whose day has come, and whose mail has not gone out. */ readonly untold: readonly Step[] };

type Bare = { kind: "card"; failedOn: Day } | { kind: "invoice"; dueOn: Day } | { kind: "cancellation"; askedOn: Day; periodEndsOn: Day } | { kind: "regret"; refundedOn: Day };

function causesOf(facts: ClockFacts): Bare[] {
  const causes: Bare[] = [];
  const ended = facts.state === "ended";
  if (ended && facts.endedBecause === "regret" && facts.endedAt) causes.push({ kind: "regret", refundedOn: dayOf(facts.endedAt) });
  // A move to another payer, and another currency, go on in another row; nothing is deleted for them.
  const stopped = ended ? facts.endedBecause === "cancelled" || facts.endedBecause === "switched_off" : !facts.renews;
  if (stopped && facts.stopAskedAt && facts.periodEnd) causes.push({ kind: "cancellation", askedOn: dayOf(facts.stopAskedAt), periodEndsOn: dayOf(facts.endedAt ?? facts.periodEnd) });
  const owing = !ended || facts.endedBecause === "unpaid";
  if (owing && facts.unpaidSince) causes.push({ kind: "card", failedOn: dayOf(facts.unpaidSince) });
  if (owing && facts.openDueAt) causes.push({ kind: "invoice", dueOn: dayOf(facts.openDueAt) });
  return causes;
}

const since = (cause: Bare): Day => (cause.kind === "card" ? cause.failedOn : cause.kind === "invoice" ? cause.dueOn : cause.kind === "cancellation" ? cause.askedOn : cause.refundedOn);

/** The clock of a subscription that deletes first; null: none runs. A deleted vault's clock runs on until its backup is destroyed. */
export function runningClock(facts: ClockFacts, told: readonly Told[], today: Day): RunningClock | null {
  const clocks = causesOf(facts).flatMap((bare): RunningClock[] => {
    const name = clockName(facts.subscriptionId, bare.kind, since(bare));
    const own = told.filter(({ clock }) => clock === name).toSorted((a, b) => a.toldAt.getTime() - b.toldAt.getTime());
    const warnings = own.flatMap(({ step, sentAt }) => (step === "warning" && sentAt ? [sentAt.getTime()] : []));
    const cause = { ...bare, warnedOn: warnings.length > 0 ? dayOf(Math.min(...warnings)) : null } as ClockCause;
    const clock = clockOn(cause, today);
    if (!clock || clock.stage === "destroyed") return [];
    return [{ ...clock, name, cause, told: own, untold: stepsToTell(clock, today).filter(({ id }) => !own.some(({ step }) => step === id)) }];
  });
  const first = soonest(clocks);
  return clocks.find((clock) => clock === first) ?? null;
}
