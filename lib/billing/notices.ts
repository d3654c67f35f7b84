/**
 * The mails of the deletion clocks: each step told once, to everybody who can do something about it, and written down who that was.
 * A deletion waits seven days from the day on which a transport took the warning (lib/billing/clocks.ts).
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { workerFor } from "../identity/actor.ts";
import { queueMail, type Recipient } from "../mail/queue.ts";
import { record } from "../record/record.ts";
import { aheadWords, causeWords, STEP_WORDS, wayOut } from "./clock-words.ts";
import type { Step } from "./clocks.ts";
import { dayOf, type Day } from "./days.ts";
import { decimal } from "./money.ts";
import { clocksIn, type ClockLine } from "./running.ts";

/**
 * What is told now: the last step whose day has come. Steps before it that nobody was told of, because we stood still, are not made
 * up for: three reminders in one minute help nobody. Pure.
 */
export const stepToTell = ({ clock }: Pick<ClockLine, "clock">): Step | null => {
  const last = clock.untold.at(-1);
  return last && clock.told.every(({ step }) => clock.steps.findIndex(({ id }) => id === step) < clock.steps.indexOf(last)) ? last : null;
};

/** Whoever may pay or decide: finance people and owners. */
async function recipients({ db, actor: { mspId } }: Write): Promise<Recipient[]> {
  const people = await db.person.findMany({ where: { mspId, frozenAt: null, rights: { hasSome: ["finance", "owner"] } }, select: { email: true, name: true }, orderBy: { email: "asc" } });
  return people.map(({ email, name }) => ({ address: email, name }));
}

/** @returns how many were written to; 0 when another worker was first */
async function tell(tx: Write, line: ClockLine, step: Step, today: Day): Promise<number> {
  const { mspId } = tx.actor;
  const { clock, name, owed, subscriptionId } = line;
  // Two workers at once: the second waits here, and then finds the notices of the first.
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${mspId} ${clock.name}`}, 0))`;
  if ((await tx.db.clockNotice.count({ where: { mspId, clock: clock.name, step: step.id } })) > 0) return 0;
  const { name: organisation } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
  const to = await recipients(tx);
  for (const recipient of to) {
    const mailId = await queueMail(tx, recipient, "deletion_clock", {
      organisation, name, step: STEP_WORDS[step.id], cause: causeWords(clock, today), ahead: aheadWords(clock, today), owed: owed ? `${owed.currency} ${decimal(owed.minor)}` : null, way: wayOut(clock)?.words ?? null, link: `${env().APP_ORIGIN}/billing/subscriptions/${subscriptionId}`,
    });
    await tx.db.clockNotice.create({ data: { mspId, clock: clock.name, step: step.id, toAddress: recipient.address, toName: recipient.name, mailId } });
  }
  await record(tx, { action: "clock.told", target: { kind: "subscription", id: subscriptionId }, fields: { name, step: STEP_WORDS[step.id], deleted_on: clock.deletedOn, people: to.length } });
  return to.length;
}

/** Tells what is due, of every tenant. A tenant that fails does not stop the next. @returns mails written */
export async function tellDue(clock: Clock = systemClock, db: Database = database(), failed: (mspId: string, error: unknown) => void = () => undefined): Promise<number> {
  const now = clock.now();
  const today = dayOf(now);
  const tenants = await db.$queryRaw<{ msp_id: string }[]>`select billing_tenants() as msp_id`;
  let mails = 0;
  for (const { msp_id: mspId } of tenants) {
    try {
      const actor = workerFor(mspId);
      const lines = await read(actor, (tx) => clocksIn(tx, now), db);
      for (const line of lines) {
        const step = stepToTell(line);
        if (step === null) continue;
        // What another worker told meanwhile leaves nothing to record, and nothing to commit.
        const told = await write(actor, async (tx) => {
          const count = await tell(tx, line, step, today);
          if (count === 0) tx.replayed = true;
          return count;
        }, db);
        mails += told;
      }
    } catch (error) {
      failed(mspId, error);
    }
  }
  return mails;
}
