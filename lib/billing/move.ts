/**
 * A subscription that goes on in another row: for another payer with its lock, since the lock is ours and not the provider's; or in
 * another currency or interval without it, from the end of its period on. One recorded step each, and no cancellation: the vault lives on.
 */
import { z } from "zod";
import { systemClock } from "../clock.ts";
import type { Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { emailAddress } from "../identity/ceremony.ts";
import { raiseAlarm } from "./alarm.ts";
import { customerFor, ownAccount } from "./account-row.ts";
import { specOf } from "./catalogue.ts";
import { recomputeCollection } from "./collection.ts";
import { ask, carriesOut, type Asking, type Outcome, type SubscriptionRow, type Work } from "./intent.ts";
import { nameOf, type Deps } from "./mirror.ts";
import type { PriceSpec } from "./payments.ts";
import { isPlan, planOf } from "./plan.ts";
import { priceListAt, priceLists, type Currency } from "./price-list.ts";
import type { Lists } from "./subscribe.ts";
import type { CollectedBy, Interval } from "./types.ts";

type NextRow = { accountId: string; currency: string; interval: string; amount: bigint; collection: CollectedBy; /** Another payer goes on with its lock. */ movedFrom?: string; /** It takes its place at its end. */ follows?: string };

async function nextRow(tx: Write, row: SubscriptionRow, next: NextRow): Promise<string> {
  const { mspId, clientId, label, plan, quantity } = row;
  const subscriptionId = uuid7();
  await tx.db.subscription.create({ data: { mspId, subscriptionId, clientId, label, plan, quantity, state: "opening", ...next } });
  // Its vaults are kept alive by the new one from now on; one that only follows gets them when it begins (lib/billing/mirror.ts).
  if (next.movedFrom !== undefined) await tx.db.hostedVault.updateMany({ where: { mspId, subscriptionId: row.subscriptionId, goneAt: null }, data: { subscriptionId } });
  return subscriptionId;
}

/** Nobody leaves a debt behind by going on somewhere else. */
function refuseOwing({ unpaidSince, openDueAt }: SubscriptionRow, now: Date): void {
  if (unpaidSince !== null || (openDueAt !== null && openDueAt < now)) throw new Refusal("payment_owed");
}

export const payerShape = z.object({ name: z.string().trim().min(1).max(120), email: emailAddress, country: z.string().regex(/^([A-Z]{2})?$/) });
export type PayerInput = Asking & z.output<typeof payerShape>;

/** The client pays for itself from the next renewal on, at the price that was locked. Throws Refusal `not_found` without a client, `payment_owed`, and what `ask` throws. */
export async function changePayer(actor: Actor, input: PayerInput, deps: Deps): Promise<Outcome> {
  const outcome = await ask(actor, input, "payer", async (row, tx) => {
    if (row.clientId === null || row.state === "opening") throw new Refusal("not_found");
    refuseOwing(row, (deps.clock ?? systemClock).now());
    const { mspId, clientId } = row;
    const held = await tx.db.billingAccount.findFirst({ where: { mspId, payer: "client", clientId, currency: row.currency } });
    const account = held ?? (await tx.db.billingAccount.create({ data: { mspId, accountId: uuid7(), payer: "client", clientId, currency: row.currency, name: input.name, email: input.email, country: input.country } }));
    const collection: CollectedBy = isPlan(row.plan) && ["mme", "enterprise"].includes(planOf(row.plan).family) ? "invoice" : "card";
    const next = await nextRow(tx, row, { accountId: account.accountId, currency: row.currency, interval: row.interval, amount: row.amount, collection, movedFrom: row.subscriptionId });
    const lock = await tx.db.priceLock.findFirst({ where: { mspId, subscriptionId: row.subscriptionId, endedAt: null } });
    if (lock) await tx.db.priceLock.create({ data: { mspId, lockId: uuid7(), subscriptionId: next, plan: lock.plan, currency: lock.currency, interval: lock.interval, amount: lock.amount, listId: lock.listId, lockedAt: lock.lockedAt, carriedFrom: lock.lockId } });
    return { input: { next, accountId: account.accountId, collection }, words: `${input.name} to pay for it from its renewal on, at the locked price` };
  }, deps);
  if (outcome.state === "done") await recomputeCollection(actor, deps);
  return outcome;
}

/** Whoever begins on a card that is not there is told of it, long before it is charged. */
async function cardNeeded(tx: Write, row: SubscriptionRow, next: string, collection: CollectedBy, card: string | null, words: string): Promise<void> {
  if (collection === "card" && card === null) await raiseAlarm(tx, { kind: "card_needed", subject: next, words: `${nameOf(row)} is paid ${words} by card from its renewal on, and no card is on file for it.` });
}

export type CurrencyInput = Asking & { readonly currency: Currency };

/**
 * A new subscription in the other currency, at today's price, begins when this one ends. Throws Refusal `price_unpublished`, `moved_on`,
 * `payment_owed`, and what `ask` throws.
 */
export async function changeCurrency(actor: Actor, input: CurrencyInput, deps: Deps & Lists): Promise<Outcome> {
  const outcome = await ask(actor, input, "currency", async (row, tx) => {
    if (row.currency === input.currency) throw new Refusal("moved_on");
    const { spec, collection } = following(row, { currency: input.currency }, deps);
    const account = await ownAccount(tx, input.currency, { name: row.account.name, email: row.account.email });
    const next = await nextRow(tx, row, { accountId: account.accountId, currency: input.currency, interval: row.interval, amount: BigInt(spec.amount), collection, follows: row.subscriptionId });
    await cardNeeded(tx, row, next, collection, account.cardLast4, `in ${input.currency}`);
    return { input: { next, accountId: account.accountId, collection, spec }, words: `${input.currency} instead of ${row.currency} from its renewal on` };
  }, deps);
  if (outcome.state === "done") await recomputeCollection(actor, deps);
  return outcome;
}

export type IntervalInput = Asking & { readonly interval: Interval };

/** The same by the year or by the month: another price, which locks with its first charge. Throws as {@link changeCurrency}. */
export async function changeInterval(actor: Actor, input: IntervalInput, deps: Deps & Lists): Promise<Outcome> {
  const outcome = await ask(actor, input, "interval", async (row, tx) => {
    if (row.interval === input.interval) throw new Refusal("moved_on");
    const { spec, collection } = following(row, { interval: input.interval }, deps);
    const next = await nextRow(tx, row, { accountId: row.accountId, currency: row.currency, interval: input.interval, amount: BigInt(spec.amount), collection, follows: row.subscriptionId });
    await cardNeeded(tx, row, next, collection, row.account.cardLast4, `by the ${input.interval}`);
    return { input: { next, accountId: row.accountId, collection, spec }, words: `payment by the ${input.interval} from its renewal on` };
  }, deps);
  if (outcome.state === "done") await recomputeCollection(actor, deps);
  return outcome;
}

/** What takes the place is bought at today's list, and collected as this one is. */
function following(row: SubscriptionRow, to: { currency?: Currency; interval?: Interval }, { clock = systemClock, lists = priceLists }: Deps & Lists): { spec: PriceSpec; collection: CollectedBy } {
  if (row.state === "opening" || !row.renews || row.nextPlan !== null || !isPlan(row.plan)) throw new Refusal("moved_on");
  refuseOwing(row, clock.now());
  const spec = specOf(priceListAt(clock.now(), lists), row.plan, to.currency ?? (row.currency as Currency), to.interval ?? (row.interval as Interval));
  if (!spec) throw new Refusal("price_unpublished");
  return { spec, collection: row.collection as CollectedBy };
}

type Next = { next: string; accountId: string; collection: CollectedBy };

/** Opens the one that follows, at the end of what is paid for. @returns its id at the provider */
async function open({ actor, intent, row, facts, doing, deps: { payments, db } }: Work, price: string): Promise<string> {
  const { next, accountId, collection } = intent.input as unknown as Next;
  const customer = await customerFor(actor, accountId, payments, doing, db);
  const there = (await payments.subscriptionsOf(customer.id)).find(({ ours }) => ours === next);
  if (there) return there.id;
  const made = await payments.subscribe({ customer: customer.id, price, quantity: row.quantity, collection, subscription: next, trialEnd: facts!.periodEnd, trialDays: null, movedFrom: row.subscriptionId }, doing);
  return made.id;
}

carriesOut("payer", async (work) => {
  const { facts, doing, deps: { payments } } = work;
  if (!facts?.price) return [];
  const opened = await open(work, facts.price.id);
  if (facts.status !== "ended") await payments.end(facts.id, "moved", doing);
  return [facts.id, opened];
});

for (const kind of ["currency", "interval"] as const) {
  carriesOut(kind, async (work) => {
    const { intent, facts, doing, deps: { payments } } = work;
    if (!facts || facts.status === "ended") return facts ? [facts.id] : [];
    const opened = await open(work, (await payments.price((intent.input as unknown as { spec: PriceSpec }).spec)).id);
    if (facts.renews) await payments.setRenewal(facts.id, false, kind, doing);
    return [facts.id, opened];
  });
}
