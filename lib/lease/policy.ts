/** How long access may be given for, and what is done on a schedule: the organisation's own rules, under what each client's grant allows. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";

/** Hours of access for roles and for everything; days after which tokens are renewed and the break-glass is tried. */
export type Policy = { longestHours: number; longestFullHours: number; renewDays: number; drillDays: number };
/** Until an owner sets others: a week of a role, a night of everything, a season of a token, a season of trust in the break-glass. */
export const usualPolicy: Policy = { longestHours: 168, longestFullHours: 12, renewDays: 90, drillDays: 90 };

export async function policyIn({ db, actor: { mspId } }: Read): Promise<Policy> {
  const row = await db.accessPolicy.findUnique({ where: { mspId } });
  return row === null ? usualPolicy : { longestHours: row.longestHours, longestFullHours: row.longestFullHours, renewDays: row.renewDays, drillDays: row.drillDays };
}

/** Everybody who may ask or answer sees it. Throws Refusal `forbidden`. */
export async function readPolicy(actor: Actor, db: Database = database()): Promise<Policy> {
  authorize(actor, "request.read");
  return read(actor, policyIn, db);
}

const within = (least: number, most: number, unit: string) => z.coerce.number<string>({ error: `A number of ${unit}.` }).int(`Whole ${unit}.`).min(least, `At least ${least} ${unit}.`).max(most, `At most ${most} ${unit}.`);
/** As the table holds it too (0017). */
export const policyShape = z.object({ longestHours: within(1, 2_160, "hours"), longestFullHours: within(1, 720, "hours"), renewDays: within(7, 365, "days"), drillDays: within(7, 365, "days") });

/** Sets the rules; they hold for what is asked from now on. Throws Refusal `forbidden`. */
export async function setPolicy(actor: Actor, given: Policy, clock: Clock = systemClock, db: Database = database()): Promise<Policy> {
  authorize(actor, "policy.change");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const row = { ...given, setBy: actor.id, setAt: clock.now() };
    await tx.db.accessPolicy.upsert({ where: { mspId }, create: { mspId, ...row }, update: row });
    await record(tx, { action: "policy.changed", fields: { longest_hours: given.longestHours, longest_full_hours: given.longestFullHours, renew_days: given.renewDays, drill_days: given.drillDays } });
    return given;
  }, db);
}
