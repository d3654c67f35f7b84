/** A new subscription: by the card on file, by Checkout where there is none, or by invoice, Net 60, as the portfolio says. */
import { z } from "zod";
import { database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { systemClock } from "../clock.ts";
import { customerFor, ownAccount } from "./account-row.ts";
import { specOf, unitsOf } from "./catalogue.ts";
import { collectionFor } from "./collection.ts";
import { carriesOut, carryOut, writeIntent, type Outcome } from "./intent.ts";
import type { Deps } from "./mirror.ts";
import { isPlan, planOf, type PlanId } from "./plan.ts";
import { currencies, priceListAt, priceLists, type PriceList } from "./price-list.ts";
import { intervals } from "./types.ts";

export const planShape = z.string().refine((text): text is PlanId => isPlan(text) && text !== "self-hosted", "Choose a plan.");
export const usersShape = z.coerce.number().int().min(1).max(limits.subscriptionUsers);
export const subscribeShape = z.object({ client: z.uuid().nullable(), label: z.string().trim().max(120).default(""), plan: planShape, currency: z.enum(currencies), interval: z.enum(intervals), users: usersShape.default(1), trial: z.boolean().default(false) });
export type SubscribeInput = z.output<typeof subscribeShape>;

export type Lists = { readonly lists?: readonly PriceList[]; /** Plans that are bought right after this one, in one order: the rule weighs all of them. */ readonly order?: readonly PlanId[] };
export type Subscribed = Outcome & { readonly subscriptionId: string; /** Where to pay, when no card is on file. */ readonly checkoutUrl: string | null };

/** Throws Refusal `forbidden`, `not_found`, `price_unpublished`, `payment_refused`. */
export async function subscribe(actor: Actor, input: SubscribeInput, deps: Deps & Lists): Promise<Subscribed> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  const { clock = systemClock, db = database(), lists = priceLists } = deps;
  const plan = planOf(input.plan);
  const spec = specOf(priceListAt(clock.now(), lists), input.plan, input.currency, input.interval);
  if (!spec) throw new Refusal("price_unpublished");
  const quantity = unitsOf(input.plan, input.users);
  const subscriptionId = uuid7();
  const intentId = await write(actor, async (tx) => {
    const client = input.client === null ? null : await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId: input.client } } });
    if (input.client !== null && !client) throw new Refusal("not_found");
    if (client) {
      // One subscription per client at a time: two tabs, or two finance people, buy it once.
      await tx.db.$queryRaw`select 1 from client where msp_id = ${mspId}::uuid and client_id = ${client.clientId}::uuid for update`;
      if ((await tx.db.subscription.count({ where: { mspId, clientId: client.clientId, state: { not: "ended" } } })) > 0) throw new Refusal("billing_busy");
    }
    const msp = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    const owner = await tx.db.person.findFirst({ where: { mspId, rights: { hasSome: ["finance", "owner"] } }, orderBy: { createdAt: "asc" } });
    const account = await ownAccount(tx, input.currency, { name: msp.name, email: owner?.email ?? "" });
    const collection = await collectionFor(tx, input.plan, lists, clock.now(), deps.order);
    await tx.db.subscription.create({ data: { mspId, subscriptionId, accountId: account.accountId, clientId: client?.clientId ?? null, label: input.label, plan: input.plan, currency: input.currency, interval: input.interval, quantity, collection, state: "opening", amount: BigInt(spec.amount) } });
    const trialDays = input.trial ? plan.trialDays : null;
    return writeIntent(tx, { subscriptionId, name: client?.name ?? (input.label || account.name) }, "subscribe", { spec, quantity, trialDays }, `a subscription to ${plan.name}`);
  }, db);
  const state = await carryOut(actor, intentId, deps);
  const row = await write(actor, async (tx) => {
    tx.replayed = true;
    return tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId } } });
  }, db);
  return { intentId, state, subscriptionId, checkoutUrl: row.checkoutUrl };
}

carriesOut("subscribe", async ({ actor, intent, row, doing, deps: { payments, db } }) => {
  const { spec, quantity, trialDays } = intent.input as unknown as { spec: Parameters<typeof payments.price>[0]; quantity: number; trialDays: number | null };
  const customer = await customerFor(actor, row.accountId, payments, doing, db);
  const there = (await payments.subscriptionsOf(customer.id)).find(({ ours }) => ours === row.subscriptionId);
  if (there) return [there.id];
  const price = await payments.price(spec);
  if (row.collection === "invoice" || customer.hasCard) {
    const made = await payments.subscribe({ customer: customer.id, price: price.id, quantity, collection: row.collection as "card" | "invoice", subscription: row.subscriptionId, trialEnd: null, trialDays, movedFrom: null }, doing);
    return [made.id];
  }
  const { APP_ORIGIN } = env();
  const { url } = await payments.checkout({ customer: customer.id, price: price.id, quantity, subscription: row.subscriptionId, trialDays, successUrl: `${APP_ORIGIN}/billing?paid=${row.subscriptionId}`, cancelUrl: `${APP_ORIGIN}/billing` }, doing);
  await write(actor, async (tx) => {
    await tx.db.subscription.update({ where: { mspId_subscriptionId: { mspId: actor.mspId, subscriptionId: row.subscriptionId } }, data: { checkoutUrl: url } });
    await record(tx, { action: "subscription.changed", target: { kind: "subscription", id: row.subscriptionId }, fields: { subscription: row.client?.name ?? row.label, words: "waiting for its first payment" } });
  }, db);
  return [];
});
