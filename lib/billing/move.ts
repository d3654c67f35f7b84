/**
 * A subscription that goes on in another row: for another payer with its lock, since the lock is ours and not the provider's; or in
 * another currency without it. One recorded step each, and no cancellation: the vault lives on.
 */
import { z } from "zod";
import { systemClock } from "../clock.ts";
import type { Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { emailAddress } from "../identity/ceremony.ts";
import { customerFor, ownAccount } from "./account-row.ts";
import { specOf } from "./catalogue.ts";
import { collectionFor, recomputeCollection } from "./collection.ts";
import { ask, carriesOut, type Asking, type Outcome, type SubscriptionRow, type Work } from "./intent.ts";
import type { Deps } from "./mirror.ts";
import type { PriceSpec } from "./payments.ts";
import { isPlan, planOf } from "./plan.ts";
import { currencies, priceListAt, priceLists } from "./price-list.ts";
import type { Lists } from "./subscribe.ts";
import type { CollectedBy, Interval } from "./types.ts";

async function nextRow(tx: Write, row: SubscriptionRow, next: { accountId: string; currency: string; amount: bigint; collection: CollectedBy; movedFrom: string | null }): Promise<string> {
  const { mspId, clientId, label, plan, interval, quantity } = row;
  const subscriptionId = uuid7();
  await tx.db.subscription.create({ data: { mspId, subscriptionId, clientId, label, plan, interval, quantity, state: "opening", ...next } });
  // Its vaults are kept alive by the new one from now on.
  await tx.db.hostedVault.updateMany({ where: { mspId, subscriptionId: row.subscriptionId, goneAt: null }, data: { subscriptionId } });
  return subscriptionId;
}

export const payerShape = z.object({ name: z.string().trim().min(1).max(120), email: emailAddress, country: z.string().regex(/^([A-Z]{2})?$/) });
export type PayerInput = Asking & z.output<typeof payerShape>;

/** The client pays for itself from the next renewal on, at the price that was locked. Throws Refusal `not_found` without a client, and what `ask` throws. */
export async function changePayer(actor: Actor, input: PayerInput, deps: Deps): Promise<Outcome> {
  const outcome = await ask(actor, input, "payer", async (row, tx) => {
    if (row.clientId === null || row.state === "opening") throw new Refusal("not_found");
    const { mspId, clientId } = row;
    const held = await tx.db.billingAccount.findFirst({ where: { mspId, payer: "client", clientId, currency: row.currency } });
    const account = held ?? (await tx.db.billingAccount.create({ data: { mspId, accountId: uuid7(), payer: "client", clientId, currency: row.currency, name: input.name, email: input.email, country: input.country } }));
    const collection: CollectedBy = isPlan(row.plan) && ["mme", "enterprise"].includes(planOf(row.plan).family) ? "invoice" : "card";
    const next = await nextRow(tx, row, { accountId: account.accountId, currency: row.currency, amount: row.amount, collection, movedFrom: row.subscriptionId });
    const lock = await tx.db.priceLock.findFirst({ where: { mspId, subscriptionId: row.subscriptionId, endedAt: null } });
    if (lock) await tx.db.priceLock.create({ data: { mspId, lockId: uuid7(), subscriptionId: next, plan: lock.plan, currency: lock.currency, interval: lock.interval, amount: lock.amount, listId: lock.listId, lockedAt: lock.lockedAt, carriedFrom: lock.lockId } });
    return { input: { next, accountId: account.accountId, collection }, words: `${input.name} to pay for it from its renewal on, at the locked price` };
  }, deps);
  if (outcome.state === "done") await recomputeCollection(actor, deps);
  return outcome;
}

export type CurrencyInput = Asking & { readonly currency: (typeof currencies)[number] };

/** A new subscription in the other currency, at today's price, begins when this one ends. Throws Refusal `price_unpublished`, `not_larger`, and what `ask` throws. */
export const changeCurrency = (actor: Actor, input: CurrencyInput, deps: Deps & Lists): Promise<Outcome> =>
  ask(actor, input, "currency", async (row, tx) => {
    const { clock = systemClock, lists = priceLists } = deps;
    if (row.currency === input.currency || row.state === "opening" || !row.renews || !isPlan(row.plan)) throw new Refusal("moved_on");
    const spec = specOf(priceListAt(clock.now(), lists), row.plan, input.currency, row.interval as Interval);
    if (!spec) throw new Refusal("price_unpublished");
    const account = await ownAccount(tx, input.currency, { name: row.account.name, email: row.account.email });
    const collection = await collectionFor(tx, row.plan, lists, clock.now());
    const next = await nextRow(tx, row, { accountId: account.accountId, currency: input.currency, amount: BigInt(spec.amount), collection, movedFrom: null });
    return { input: { next, accountId: account.accountId, collection, spec }, words: `${input.currency} instead of ${row.currency} from its renewal on` };
  }, deps);

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

carriesOut("currency", async (work) => {
  const { intent, facts, doing, deps: { payments } } = work;
  if (!facts) return [];
  const opened = await open(work, (await payments.price((intent.input as unknown as { spec: PriceSpec }).spec)).id);
  if (facts.renews) await payments.setRenewal(facts.id, false, "currency", doing);
  return [facts.id, opened];
});
