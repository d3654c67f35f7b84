/**
 * The nightly comparison of the provider, our records and the vaults. What differs is read again whole and brought to what the provider
 * says; what cannot be explained so raises an alarm. Long lists are compared in short, so that only differences cost a full reading.
 */
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import { workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { clearAlarms, raiseAlarm, type Alarm } from "./alarm.ts";
import { mirrorSubscription, stateOf, type Deps } from "./mirror.ts";
import { minor } from "./money.ts";
import type { InvoiceShort, SubscriptionFacts } from "./payments.ts";

export type Compared = { readonly subscriptions: number; readonly invoices: number; readonly vaults: number; readonly mended: number; readonly alarms: number };

const rowsOf = (actor: Actor, db: Database) =>
  read(actor, (tx) => tx.db.subscription.findMany({ where: { mspId: actor.mspId }, select: { subscriptionId: true, stripeSubscription: true, state: true, stripePrice: true, quantity: true, nextPlan: true, nextQuantity: true, periodEnd: true, renews: true, collection: true, movedFrom: true, account: { select: { stripeCustomer: true } } } }), db);
type Row = Awaited<ReturnType<typeof rowsOf>>[number];

const sameTime = (a: Date | null, b: Date | null): boolean => (a?.getTime() ?? null) === (b?.getTime() ?? null);

/** Whether a row says what the provider says, as far as a list tells. Pure. */
export function agrees(row: Row, facts: SubscriptionFacts): boolean {
  const ended = row.state === "ended";
  return row.stripeSubscription === facts.id && row.state === stateOf(facts, row.movedFrom !== null) && (ended || (row.stripePrice === (facts.price?.id ?? row.stripePrice) && (row.nextQuantity ?? row.quantity) === facts.quantity && sameTime(row.periodEnd, facts.periodEnd) && row.renews === facts.renews && row.collection === facts.collection));
}

type Held = { stripeInvoice: string; status: string; total: bigint; remaining: bigint; credited: bigint };
export const sameInvoice = (held: Held | undefined, there: InvoiceShort): boolean => held !== undefined && held.status === there.status && minor(held.total) === there.total && minor(held.remaining) === there.remaining && minor(held.credited) === there.credited;

/** At most so many readings under way. */
async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(limits.billingAtOnce, items.length) }, async () => {
    for (let at = next++; at < items.length; at = next++) await work(items[at]!);
  }));
}

/** Throws PaymentsAway; what was compared until then stays as it was read, and the run says why it did not end. */
export async function reconcile(mspId: string, given: Deps): Promise<Compared> {
  const deps = { payments: given.payments, clock: given.clock ?? systemClock, db: given.db ?? database() };
  const { payments, clock, db } = deps;
  const actor = workerFor(mspId);
  const runId = uuid7();
  await write(actor, async (tx) => {
    tx.replayed = true; // its record is written with its end
    await tx.db.reconciliation.create({ data: { mspId, runId } });
  }, db);
  const counts = { subscriptions: 0, invoices: 0, vaults: 0, mended: 0, alarms: 0 };
  const end = (words: string | null) =>
    write(actor, async (tx) => {
      await tx.db.reconciliation.updateMany({ where: { mspId, runId }, data: { ...counts, words, endedAt: words === null ? new Date() : null } });
      const { subscriptions, invoices, mended, alarms } = counts;
      await record(tx, { action: "reconciliation.ended", fields: { subscriptions, invoices, mended, alarms } });
    }, db);
  const alarm = async (raised: Alarm) => {
    const fresh = await write(actor, async (tx) => {
      const is = await raiseAlarm(tx, raised);
      if (!is) tx.replayed = true;
      return is;
    }, db);
    if (fresh) counts.alarms += 1;
  };
  try {
    const rows = await rowsOf(actor, db);
    const byOwn = new Map(rows.map((row) => [row.subscriptionId, row]));
    const customers = [...new Set((await read(actor, (tx) => tx.db.billingAccount.findMany({ where: { mspId, stripeCustomer: { not: null } }, select: { stripeCustomer: true } }), db)).map(({ stripeCustomer }) => stripeCustomer!))];
    const again = new Set<string>();
    const there = new Set<string>();
    for (const customer of customers) {
      const found = await payments.subscriptionsOf(customer);
      counts.subscriptions += found.length;
      for (const facts of found) {
        there.add(facts.id);
        const row = facts.ours === null ? undefined : byOwn.get(facts.ours);
        if (!row) await alarm({ kind: "reconcile_subscription", subject: facts.id, words: `The payment provider has a subscription, ${facts.id}, that is none of ours.` });
        else if (!agrees(row, facts)) again.add(facts.id);
      }
      const since = new Date(clock.now().getTime() - limits.reconcileInvoiceDays * 86_400_000);
      const invoices = await payments.invoicesSince(customer, since);
      counts.invoices += invoices.length;
      const held = new Map((await read(actor, (tx) => tx.db.invoice.findMany({ where: { mspId, account: { stripeCustomer: customer }, createdAt: { gte: since } }, select: { stripeInvoice: true, status: true, total: true, remaining: true, credited: true } }), db)).map((one) => [one.stripeInvoice, one]));
      for (const invoice of invoices) {
        if (sameInvoice(held.get(invoice.id), invoice)) continue;
        if (invoice.subscription === null) await alarm({ kind: "reconcile_invoice", subject: invoice.id, words: `The payment provider has an invoice, ${invoice.id}, that belongs to no subscription of ours.` });
        else again.add(invoice.subscription);
      }
    }
    await sideBySide([...again], async (id) => {
      if ((await mirrorSubscription(actor, id, deps)) === "changed") counts.mended += 1;
    });
    for (const row of rows) if (row.stripeSubscription !== null && row.state !== "ended" && !there.has(row.stripeSubscription)) await alarm({ kind: "reconcile_subscription", subject: row.subscriptionId, words: `A subscription of ours, ${row.stripeSubscription}, is not there at the payment provider.` });
    counts.vaults = await compareVaults(actor, alarm, clock.now(), db);
    await end(null);
    return counts;
  } catch (error) {
    await end((error as Error).name === "PaymentsAway" ? "the payment provider did not answer" : "something went wrong; the log says what");
    throw error;
  }
}

/** Vaults that live longer or shorter than is paid, a day after they should have been told. */
async function compareVaults(actor: Actor, alarm: (raised: Alarm) => Promise<void>, now: Date, db: Database): Promise<number> {
  const { mspId } = actor;
  const rows = await read(actor, (tx) => tx.db.hostedVault.findMany({ where: { mspId, goneAt: null } }), db);
  for (const row of rows) {
    const told = sameTime(row.toldExpiresAt, row.expiresAt) && sameTime(row.toldSuspendedAt, row.suspendedAt);
    const since = row.deleteSince ?? row.toldAt ?? row.createdAt;
    if ((row.deleteSince !== null || !told) && now.getTime() - since.getTime() > 86_400_000) await alarm({ kind: "reconcile_vault", subject: row.vaultId, words: row.deleteSince ? `The vault ${row.vaultId} should be gone since ${row.deleteSince.toISOString().slice(0, 10)}, and its file is still there.` : `The vault ${row.vaultId} was not told until when it is paid for.` });
    else await write(actor, async (tx) => {
      tx.replayed = true;
      await clearAlarms(tx, "reconcile_vault", row.vaultId, "it was told", now);
    }, db);
  }
  return rows.length;
}
