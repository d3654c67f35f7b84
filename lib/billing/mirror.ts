/**
 * Brings one subscription, its invoices and its locks to what the provider says now. Every event, every verb and the nightly comparison
 * end here: the state is read again, whole, and written only over what an older reading left (the number is drawn before the first
 * question). So no order and no repetition of news makes a difference. Long because it is one reading in one transaction.
 */
import type { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { clearAlarms, raiseAlarm } from "./alarm.ts";
import { chargedLine, episodesOf, renewalCharged, renewalDue, type Agreed, type Carried, type Ending, type Episode } from "./episodes.ts";
import { decimal, minor } from "./money.ts";
import type { InvoiceFacts, Payments, SubscriptionFacts } from "./payments.ts";
import { isPlan, planOf } from "./plan.ts";
import type { Currency } from "./price-list.ts";
import type { EndedBecause, LockEnded, SubscriptionState } from "./types.ts";

export type Deps = { readonly payments: Payments; readonly clock?: Clock; readonly db?: Database };
export type Mirrored = "changed" | "same" | "older" | "unknown";
/** Hears in words what a reading changed. */
export type Told = (words: string) => void;
type Telling = Write & { readonly told: Told };

type Row = Prisma.SubscriptionGetPayload<{ include: { account: true; client: true } }>;

/** How a subscription is called in records and alarms. */
export const nameOf = ({ label, client, account }: { label: string; client: { name: string } | null; account: { name: string } }): string => client?.name ?? (label || account.name);

export const nextReading = async (db: Database): Promise<bigint> => (await db.$queryRaw<{ n: bigint }[]>`select nextval('stripe_reading') as n`)[0]!.n;

const endings: readonly string[] = ["cancelled", "switched_off", "regret", "unpaid", "currency", "interval", "moved"] satisfies LockEnded[];
const because = (facts: SubscriptionFacts): EndedBecause => (facts.status === "abandoned" || facts.endedBecause === "abandoned" ? "abandoned" : facts.endedBecause !== null && endings.includes(facts.endedBecause) ? (facts.endedBecause as EndedBecause) : "cancelled");

/** What a row says of itself, out of facts. Pure. */
export function stateOf(facts: SubscriptionFacts, moved: boolean): SubscriptionState {
  if (facts.status === "ended" || facts.status === "abandoned") return "ended";
  // The rest of a period that another payer paid for is no trial.
  return facts.status === "trialing" && moved ? "active" : facts.status;
}

const earliest = (dates: readonly (Date | null)[]): Date | null => dates.reduce<Date | null>((first, one) => (one !== null && (first === null || one < first) ? one : first), null);

function columnsOf(facts: SubscriptionFacts, invoices: readonly InvoiceFacts[], episodes: readonly Episode[], moved: boolean) {
  const now = episodes.at(-1);
  const { price } = facts;
  // The plan that holds is the one last charged for; another one on the subscription waits for the renewal.
  const held = now?.price ?? price;
  const waits = now !== undefined && price !== null && (price.plan !== now.price.plan || facts.quantity !== now.quantity) && facts.status !== "ended";
  const open = invoices.filter(({ status }) => status === "open");
  const state = stateOf(facts, moved);
  return {
    ...(held && { plan: held.plan, currency: held.currency, interval: held.interval, amount: BigInt(held.amount), stripePrice: price?.id ?? held.id }),
    quantity: now?.quantity ?? facts.quantity, collection: facts.collection, state, startedAt: facts.startedAt, periodStart: facts.periodStart, periodEnd: facts.periodEnd, trialEnd: moved ? null : facts.trialEnd, renews: facts.renews && state !== "ended", // A subscription that goes on in another currency or interval is not the end of anything.
    stopAskedAt: facts.stopBecause === "currency" || facts.stopBecause === "interval" ? null : facts.stopAskedAt,
    nextPlan: waits ? price.plan : null, nextAmount: waits ? BigInt(price.amount) : null, nextQuantity: waits ? facts.quantity : null,
    unpaidSince: earliest(open.filter(({ collection, attempts }) => collection === "card" && attempts > 0).map(({ issuedAt }) => issuedAt)), openDueAt: earliest(open.map(({ dueAt }) => dueAt)),
    endedAt: state === "ended" ? (facts.endedAt ?? facts.periodEnd) : null, endedBecause: state === "ended" ? because(facts) : null, stripeItem: facts.item,
  };
}

async function saveInvoice(tx: Telling, row: Row, facts: InvoiceFacts, seen: bigint, lockNet: number | null): Promise<string> {
  const { mspId } = tx.actor;
  const before = await tx.db.invoice.findUnique({ where: { stripeInvoice: facts.id }, include: { creditNotes: true } });
  const invoiceId = before?.invoiceId ?? uuid7(facts.createdAt.getTime());
  const sum = (of: (credit: InvoiceFacts["credits"][number]) => number) => BigInt(facts.credits.filter(({ status }) => status === "issued").reduce((all, one) => all + of(one), 0));
  const data = {
    accountId: row.accountId, subscriptionId: row.subscriptionId, number: facts.number, status: facts.status, reason: facts.reason, collection: facts.collection, currency: facts.currency, net: BigInt(facts.net), tax: BigInt(facts.tax), total: BigInt(facts.total), paid: BigInt(facts.paid), remaining: BigInt(facts.remaining),
    credited: sum(({ total }) => total), refunded: sum(({ refunds }) => refunds.reduce((all, one) => all + one.amount, 0)), purchaseOrder: facts.purchaseOrder, createdAt: facts.createdAt, issuedAt: facts.issuedAt, dueAt: facts.dueAt, paidAt: facts.paidAt, closedAt: facts.closedAt,
    periodStart: chargedLine(facts)?.periodStart ?? facts.createdAt, periodEnd: chargedLine(facts)?.periodEnd ?? facts.createdAt, attempts: facts.attempts, failedAt: facts.collection === "card" && facts.attempts > 0 && facts.status === "open" ? facts.issuedAt : null, nextAttemptAt: facts.nextAttemptAt, pageUrl: facts.pageUrl, pdfUrl: facts.pdfUrl, lockNet: lockNet === null ? null : BigInt(lockNet),
  };
  const moved = !before || (Object.keys(data) as (keyof typeof data)[]).some((name) => String(before[name] instanceof Date ? (before[name] as Date).getTime() : before[name]) !== String(data[name] instanceof Date ? (data[name] as Date).getTime() : data[name]));
  if (!moved) return invoiceId;
  if (before) await tx.db.invoice.update({ where: { mspId_invoiceId: { mspId, invoiceId } }, data: { ...data, seen } });
  else await tx.db.invoice.create({ data: { mspId, invoiceId, stripeInvoice: facts.id, ...data, seen } });
  if (!before || before.status === "draft") {
    await tx.db.invoiceLine.deleteMany({ where: { mspId, invoiceId } });
    await tx.db.invoiceLine.createMany({ data: facts.lines.map((line, at) => ({ mspId, invoiceId, line: at, description: line.description.slice(0, 500), plan: line.price?.plan ?? null, quantity: line.quantity, unitAmount: line.price === null ? null : BigInt(line.price.amount), amount: BigInt(line.amount), tax: BigInt(line.tax), proration: line.proration, periodStart: line.periodStart, periodEnd: line.periodEnd })) });
  }
  for (const note of facts.credits) {
    const known = before?.creditNotes.find(({ stripeCreditNote }) => stripeCreditNote === note.id);
    if (known) {
      if (known.status !== note.status) await tx.db.creditNote.updateMany({ where: { mspId, creditNoteId: known.creditNoteId }, data: { status: note.status } });
      continue;
    }
    await tx.db.creditNote.create({ data: { mspId, creditNoteId: uuid7(), invoiceId, stripeCreditNote: note.id, number: note.number, status: note.status, net: BigInt(note.net), tax: BigInt(note.tax), total: BigInt(note.total), currency: facts.currency, words: note.words.slice(0, 500), pdfUrl: note.pdfUrl, createdAt: note.createdAt } });
    await tx.db.refund.createMany({ data: note.refunds.map(({ id, amount }) => ({ mspId, refundId: uuid7(), invoiceId, stripeRefund: id, status: "succeeded", amount: BigInt(amount), currency: facts.currency, createdAt: note.createdAt })), skipDuplicates: true });
  }
  if (!before || before.status !== facts.status || before.credited !== data.credited) {
    const words = !before || before.status !== facts.status ? `${facts.status}, ${facts.currency} ${decimal(facts.total)}` : `credited with ${facts.currency} ${decimal(minor(data.credited))}`;
    await record(tx, { action: "invoice.changed", target: { kind: "subscription", id: row.subscriptionId }, fields: { number: facts.number ?? facts.id, words } });
    tx.told(`invoice ${facts.number ?? facts.id} ${words}`);
  }
  return invoiceId;
}

const priced = (currency: string, amount: number, interval: string) => `${currency} ${decimal(amount)} a ${interval}`;

/** The ledger follows the episodes: a lock that is there is never altered, it can only end. */
async function saveLocks(tx: Telling, row: Row, episodes: readonly Episode[], invoiceIds: ReadonlyMap<string, string>): Promise<void> {
  const { mspId } = tx.actor;
  const { subscriptionId } = row;
  const held = await tx.db.priceLock.findMany({ where: { mspId, subscriptionId } });
  const name = nameOf(row);
  for (const [at, episode] of episodes.entries()) {
    if (episode.lockedAt === null) continue;
    const invoiceId = episode.lockedBy === null ? null : invoiceIds.get(episode.lockedBy)!;
    const { plan, currency, interval, amount, list } = episode.price;
    const lock = held.find((one) => (at === 0 && episode.lockedBy === null ? one.carriedFrom !== null : one.invoiceId === invoiceId));
    const target = { kind: "subscription", id: subscriptionId } as const;
    const ended = { endedAt: episode.endedAt, endedBecause: episode.endedBecause };
    if (!lock) {
      await tx.db.priceLock.create({ data: { mspId, lockId: uuid7(), subscriptionId, plan, currency, interval, amount: BigInt(amount), listId: list, lockedAt: episode.lockedAt, invoiceId, ...ended } });
      await record(tx, { action: "price_lock.made", target, fields: { subscription: name, plan: planOf(plan).name, price: priced(currency, amount, interval) } });
      tx.told(`${planOf(plan).name} locked at ${priced(currency, amount, interval)}`);
    } else if (lock.endedAt === null && episode.endedAt !== null) await tx.db.priceLock.updateMany({ where: { mspId, lockId: lock.lockId }, data: ended });
    if (episode.endedAt !== null && lock?.endedAt == null) {
      await record(tx, { action: "price_lock.ended", target, fields: { subscription: name, plan: planOf(plan).name, price: priced(currency, amount, interval), because: episode.endedBecause! } });
      tx.told(`the lock of ${priced(currency, amount, interval)} ended`);
    }
  }
}

/** Every renewal against its lock, to the cent, net. */
async function judgeRenewal(tx: Write, row: Row, facts: InvoiceFacts, due: number | null, invoiceId: string, at: Date): Promise<void> {
  if (due === null || facts.status === "void") return;
  const charged = renewalCharged(facts);
  if (charged === due) return clearAlarms(tx, "lock_mismatch", invoiceId, "it is as locked now", at);
  await raiseAlarm(tx, { kind: "lock_mismatch", subject: invoiceId, expected: due, found: charged, currency: facts.currency, words: `The renewal ${facts.number ?? facts.id} of ${nameOf(row)} charges ${facts.currency} ${decimal(charged)}; locked is ${facts.currency} ${decimal(due)}.` });
}

/** The price that another payer's lock holds, for a subscription that goes on with it. */
export async function carriedTo(tx: { db: Write["db"]; actor: Actor }, row: { subscriptionId: string; movedFrom: string | null }, stripePrice: string | null): Promise<Carried | null> {
  if (row.movedFrom === null) return null;
  const lock = await tx.db.priceLock.findFirst({ where: { mspId: tx.actor.mspId, subscriptionId: row.subscriptionId, carriedFrom: { not: null } } });
  if (!lock || !isPlan(lock.plan)) return null;
  return { price: { id: stripePrice ?? "", plan: lock.plan, list: lock.listId, currency: lock.currency as Currency, interval: lock.interval as "year" | "month", amount: minor(lock.amount) }, lockedAt: lock.lockedAt };
}

const changedWords = (before: Row, after: ReturnType<typeof columnsOf>): string | null => {
  const words = [
    before.state !== after.state && after.state.replace("_", " "), after.plan !== undefined && before.plan !== after.plan && `on ${planOf(after.plan).name}`, before.quantity !== after.quantity && `for ${after.quantity}`, before.nextPlan !== after.nextPlan && (after.nextPlan ? `to be ${planOf(after.nextPlan).name} from its renewal` : before.state !== "opening" && "without a change ahead"),
    before.renews !== after.renews && (after.renews ? "renewing" : "not renewing"), before.collection !== after.collection && (after.collection === "card" ? "collected by card" : "collected by invoice, Net 60"), before.periodEnd?.getTime() !== after.periodEnd.getTime() && `paid for until ${after.periodEnd.toISOString().slice(0, 10)}`,
    (before.unpaidSince === null) !== (after.unpaidSince === null) && (after.unpaidSince ? "with a failed payment" : "without a failed payment"),
  ].filter((word): word is string => typeof word === "string");
  return words.length > 0 ? words.join(", ") : null;
};

/** Throws PaymentsAway, Refusal. `unknown`: it is none of ours. */
export async function mirrorSubscription(actor: Actor, stripeSubscription: string, { payments, clock = systemClock, db = database() }: Deps, told: Told = () => undefined): Promise<Mirrored> {
  const { mspId } = actor;
  const seen = await nextReading(db);
  const facts = await payments.subscription(stripeSubscription);
  if (facts?.ours == null || !/^[0-9a-f-]{36}$/.test(facts.ours)) return "unknown";
  const subscriptionId = facts.ours;
  const invoices = await payments.invoicesOf(stripeSubscription);
  const customer = await payments.customer(facts.customer);
  // What is as it was costs a read, and no record: a night's comparison of many is mostly this.
  return write(actor, async (plain) => {
    const tx: Telling = Object.assign(plain, { told });
    const locked = await tx.db.$queryRaw<{ seen: bigint }[]>`select seen from subscription where msp_id = ${mspId}::uuid and subscription_id = ${subscriptionId}::uuid for update`;
    const settled = (outcome: Mirrored): Mirrored => {
      if (tx.recorded === 0) tx.replayed = true;
      return outcome;
    };
    if (!locked[0]) return settled("unknown");
    if (locked[0].seen >= seen) return settled("older");
    const row = await tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, include: { account: true, client: true } });
    const carried = await carriedTo(tx, row, facts.price?.id ?? null);
    const ending: Ending | null = stateOf(facts, row.movedFrom !== null) === "ended" && because(facts) !== "abandoned" ? { at: facts.endedAt ?? facts.periodEnd, because: because(facts) as LockEnded } : null;
    const episodes = episodesOf(invoices, { carried, ending });
    const columns = columnsOf(facts, invoices, episodes, row.movedFrom !== null);
    const agreed = await agreedOf(tx, subscriptionId);
    const invoiceIds = new Map<string, string>();
    for (const invoice of invoices) {
      const due = renewalDue(invoice, invoices, { carried, agreed });
      const invoiceId = await saveInvoice(tx, row, invoice, seen, due);
      invoiceIds.set(invoice.id, invoiceId);
      await judgeRenewal(tx, row, invoice, due, invoiceId, clock.now());
    }
    await saveLocks(tx, row, episodes, invoiceIds);
    const words = changedWords(row, columns);
    if (words) {
      await record(tx, { action: "subscription.changed", target: { kind: "subscription", id: subscriptionId }, fields: { subscription: nameOf(row), words } });
      told(`${nameOf(row)} is ${words}`);
    }
    await tx.db.subscription.update({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, data: { ...columns, ...(columns.state !== "opening" && { checkoutUrl: null }), stripeSubscription: facts.id, seen } });
    await paidUntil(tx, subscriptionId, columns.endedAt ?? columns.periodEnd);
    if (columns.endedBecause === "currency" || columns.endedBecause === "interval") await handOver(tx, subscriptionId);
    if (customer && row.account.seen < seen) await tx.db.billingAccount.update({ where: { mspId_accountId: { mspId, accountId: row.accountId } }, data: { cardBrand: customer.card?.brand ?? null, cardLast4: customer.card?.last4 ?? null, cardUntil: customer.card?.until ?? null, seen } });
    return settled(tx.recorded > 0 ? "changed" : "same");
  }, db);
}

/** Vaults of the subscription are to be told of another end; a sidecar hears of it with the next round. */
async function paidUntil(tx: Write, subscriptionId: string, until: Date): Promise<void> {
  const moved = await tx.db.hostedVault.updateMany({ where: { mspId: tx.actor.mspId, subscriptionId, goneAt: null, deleteSince: null, expiresAt: { not: until } }, data: { expiresAt: until, nextAt: new Date() } });
  if (moved.count > 0) await tx.db.$executeRaw`select billing_wake()`;
}

/** Its place is taken: the vaults are kept alive by the one that follows, from now on. */
async function handOver(tx: Write, subscriptionId: string): Promise<void> {
  const { mspId } = tx.actor;
  const next = await tx.db.subscription.findFirst({ where: { mspId, follows: subscriptionId, state: { not: "ended" } } });
  if (!next?.periodEnd) return;
  const moved = await tx.db.hostedVault.updateMany({ where: { mspId, subscriptionId, goneAt: null, deleteSince: null }, data: { subscriptionId: next.subscriptionId, expiresAt: next.periodEnd, nextAt: new Date() } });
  if (moved.count > 0) await tx.db.$executeRaw`select billing_wake()`;
}

async function agreedOf(tx: Write, subscriptionId: string): Promise<Agreed[]> {
  const rows = await tx.db.billingIntent.findMany({ where: { mspId: tx.actor.mspId, subscriptionId, kind: "downgrade", state: { not: "refused" } }, orderBy: { begunAt: "asc" } });
  return rows.flatMap(({ input, begunAt }) => {
    const { plan, amount, quantity, at } = input as { plan: string; amount: number; quantity: number; at?: string };
    return isPlan(plan) ? [{ plan, amount, quantity, at: at === undefined ? begunAt : new Date(at) }] : [];
  });
}

/** Reads a subscription of ours again by our own id. Throws Refusal, PaymentsAway. */
export async function mirrorOwn(actor: Actor, subscriptionId: string, deps: Deps): Promise<Mirrored> {
  const db = deps.db ?? database();
  const row = await read(actor, (tx) => tx.db.subscription.findUnique({ where: { mspId_subscriptionId: { mspId: actor.mspId, subscriptionId } }, select: { stripeSubscription: true } }), db);
  return row?.stripeSubscription ? mirrorSubscription(actor, row.stripeSubscription, { ...deps, db }) : "unknown";
}
