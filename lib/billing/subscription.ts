/** One subscription that the MSP pays: its lock, every lock before, its invoices, its clock, and what each change would do to it. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { mayRegret, regretUntil } from "./clocks.ts";
import { dayOf, type Day } from "./days.ts";
import { followerOf } from "./intent.ts";
import { ledgerRows, lineOf, type LedgerLine, type LedgerRow } from "./ledger.ts";
import { lockLoss, type LockChange, type LockLoss } from "./lock-loss.ts";
import { minor } from "./money.ts";
import { planOf, plans, vaultLimit, type Limit } from "./plan.ts";
import { currencies, priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import { clocksIn, type ClockLine } from "./running.ts";
import { usageOf } from "./usage.ts";

export type LockRow = { readonly id: string; readonly plan: string; readonly currency: Currency; readonly interval: "year" | "month"; readonly amount: number; readonly lockedOn: Day; readonly carried: boolean; readonly endedOn: Day | null; readonly endedBecause: string | null };
/** What somebody may think of, with what it would do to the lock. */
export type Choice = { readonly id: string; readonly change: LockChange; readonly words: string; readonly loss: LockLoss };
/** `limit` null: none that is a number. */
export type Used = { readonly used: number; readonly limit: number | null };
export type SubscriptionFacts = { readonly line: LedgerLine; readonly today: Day; readonly locks: readonly LockRow[]; readonly clock: ClockLine | null; readonly choices: readonly Choice[]; /** Until when the last renewal is refunded in full; null: it is not. */ readonly regretUntil: Day | null; /** What takes its place at its end, in another currency or interval; a year. */ readonly follower: { readonly currency: Currency; readonly interval: "year" | "month"; readonly yearly: number } | null; /** Limits used: its vaults and their devices; null: no limit, or one by the user that is not named. */ readonly used: { readonly vaults: Used; readonly devices: Used }; /** As it is now: who changes it says which one was looked at. */ readonly version: number };

/** Pure. Every way to lose a lock, larger plans first. */
export function choicesOf(line: LedgerLine, list: PriceList): Choice[] {
  const held = { plan: line.plan, currency: line.currency, interval: line.interval, users: line.users, locked: line.locked };
  const choice = (id: string, change: LockChange, words: string): Choice => ({ id, change, words, loss: lockLoss(held, change, list) });
  const { family } = planOf(line.plan);
  const own = plans.findIndex(({ id }) => id === line.plan);
  const moves = plans.map((plan, index) => ({ plan, up: index > own })).filter(({ plan }) => plan.id !== line.plan && plan.family !== "self-hosted" && (plan.family !== "individual") === (family !== "individual"));
  return [
    ...moves.filter(({ up }) => up).map(({ plan }) => choice(plan.id, { kind: "plan", to: plan.id }, `Move up to ${plan.name}`)),
    ...moves.filter(({ up }) => !up).map(({ plan }) => choice(plan.id, { kind: "plan", to: plan.id }, `Move down to ${plan.name}`)),
    ...(["year", "month"] as const).filter((interval) => interval !== line.interval && (interval === "year" ? list.prices[line.plan].annual : list.prices[line.plan].monthly)?.[line.currency] !== undefined).map((interval) => choice(interval, { kind: "interval", to: interval }, `Pay by the ${interval}`)),
    ...currencies.filter((currency) => currency !== line.currency && list.prices[line.plan].annual[currency] !== undefined).map((currency) => choice(currency, { kind: "currency", to: currency }, `Pay in ${currency}`)),
    ...(line.clientId === null ? [] : [choice("payer", { kind: "payer" }, "Let the client pay for itself")]),
    choice("end", { kind: "end" }, "Cancel, or switch renewal off"),
  ];
}

/** Throws Refusal `forbidden`; `not_found` also for one that another pays. */
export async function readSubscription(actor: Actor, id: string, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<SubscriptionFacts> {
  authorize(actor, "billing.read");
  if (!z.uuid().safeParse(id).success) throw new Refusal("not_found");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const [row] = await tx.db.$queryRaw<LedgerRow[]>`${ledgerRows(mspId, lists, now, Prisma.sql`s.subscription_id = ${id}::uuid`)} select *, 1 as matching from ledger`;
    if (!row) throw new Refusal("not_found");
    const line = lineOf(row);
    const { version } = await tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId: id } }, select: { version: true } });
    const locks = await tx.db.priceLock.findMany({ where: { mspId, subscriptionId: id }, orderBy: { lockedAt: "desc" } });
    const [renewed] = await tx.db.$queryRaw<{ on: Date }[]>(Prisma.sql`select period_start as on from invoice where msp_id = ${mspId}::uuid and subscription_id = ${id}::uuid and reason = 'renewal' and status = 'paid' and refunded = 0 order by period_start desc limit 1`);
    const running = (await clocksIn(tx, now, line.clientId)).find(({ subscriptionId }) => subscriptionId === id) ?? null;
    const next = await followerOf(tx, id);
    const follower = next && { currency: next.currency as Currency, interval: next.interval as "year" | "month", yearly: minor(next.amount) * next.quantity * (next.interval === "month" ? 12 : 1) };
    const today = dayOf(now);
    const plan = planOf(line.plan);
    const usage = await usageOf(tx, { subscriptionId: id, clientId: line.clientId, quantity: line.users });
    const limited = (used: number, limit: Limit): Used => ({ used, limit: typeof limit === "number" ? limit : null });
    const renewal = renewed && { renewedOn: dayOf(renewed.on), interval: line.interval, automatic: true };
    return {
      line, today, version, follower, used: { vaults: limited(usage.vaults, vaultLimit(plan, line.users)), devices: limited(usage.devices, plan.devices) }, clock: running, choices: choicesOf(line, priceListAt(now, lists)), regretUntil: renewal && mayRegret(renewal, today) ? regretUntil(renewal.renewedOn) : null,
      locks: locks.map((lock): LockRow => ({ id: lock.lockId, plan: lock.plan, currency: lock.currency as Currency, interval: lock.interval as "year" | "month", amount: minor(lock.amount), lockedOn: dayOf(lock.lockedAt), carried: lock.carriedFrom !== null, endedOn: lock.endedAt && dayOf(lock.endedAt), endedBecause: lock.endedBecause })),
    };
  }, db);
}
