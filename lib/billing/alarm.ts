/** Raising an alarm about money, in the caller's transaction: one that is open of its kind and subject is brought up to date. */
import type { Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import { record } from "../record/record.ts";
import type { Currency } from "./price-list.ts";
import type { AlarmKind } from "./types.ts";

export type Alarm = { readonly kind: AlarmKind; readonly subject: string; readonly words: string; readonly expected?: number; readonly found?: number; readonly currency?: Currency };

/** @returns whether it is a new one */
export async function raiseAlarm(tx: Write, { kind, subject, words, expected, found, currency }: Alarm): Promise<boolean> {
  const { mspId } = tx.actor;
  // One that a person looked at stays looked at, as long as it says the same.
  const last = await tx.db.billingAlarm.findFirst({ where: { mspId, kind, subject }, orderBy: { raisedAt: "desc" } });
  const same = last && last.words === words && last.expected === (expected === undefined ? null : BigInt(expected)) && last.found === (found === undefined ? null : BigInt(found));
  if (same) return false;
  if (last?.clearedAt === null) {
    await tx.db.billingAlarm.updateMany({ where: { mspId, alarmId: last.alarmId }, data: { words, expected: expected ?? null, found: found ?? null } });
  } else {
    await tx.db.billingAlarm.create({ data: { mspId, alarmId: uuid7(), kind, subject, words, expected: expected ?? null, found: found ?? null, currency: currency ?? null } });
  }
  await record(tx, { action: "alarm.raised", fields: { words: words.slice(0, 200) } });
  return true;
}

/** What it was about is as it should be again. */
export async function clearAlarms(tx: Write, kind: AlarmKind, subject: string, why: string, at: Date): Promise<void> {
  await tx.db.billingAlarm.updateMany({ where: { mspId: tx.actor.mspId, kind, subject, clearedAt: null }, data: { clearedAt: at, clearedBy: why } });
}
