/** What a subscription can be begun with: clients that have none, what each plan costs today, how it is paid, and what was begun and waits. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { specOf } from "./catalogue.ts";
import { collectionFor } from "./collection.ts";
import { known } from "./ledger.ts";
import type { Deps } from "./mirror.ts";
import { isPlan, plans, planOf, type PlanId } from "./plan.ts";
import { currencies, priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import { planShape, subscribe, usersShape, type Subscribed } from "./subscribe.ts";
import { intervals, type CollectedBy, type Interval } from "./types.ts";

export type Unsubscribed = { readonly id: string; readonly name: string; readonly place: string | null; /** As it was connected; null: none that is sold. */ readonly plan: PlanId | null };
/** `amount`: net minor units of one unit and one interval, at today's list. */
export type Offered = { readonly currency: Currency; readonly interval: Interval; readonly amount: number };
export type Offer = { readonly plan: PlanId; readonly collection: CollectedBy; readonly prices: readonly Offered[] };
/** Begun, and not paid yet. `url`: where to pay; null while the provider is asked. */
export type Opening = { readonly id: string; readonly name: string; readonly plan: PlanId; readonly url: string | null; readonly since: number };
/** `more`: clients beyond limits.unsubscribedListed. `cards`: the last four digits on file, by currency. */
export type SubscribeForm = { readonly clients: readonly Unsubscribed[]; readonly more: number; readonly offers: readonly Offer[]; readonly openings: readonly Opening[]; readonly currency: Currency; readonly cards: Readonly<Partial<Record<Currency, string>>> };

/** A client that the MSP pays for and works for. */
const ours = { payer: "msp", exitStartedAt: null, endedAt: null };
const buyable = plans.filter(({ id }) => id !== "self-hosted");

/** Clients that pay for themselves are not in it. @param first one that is in it whatever the list's end. Throws Refusal `forbidden`. */
export async function subscribeForm(actor: Actor, { first }: { first?: string | undefined }, { clock = systemClock, db = database(), lists = priceLists }: { clock?: Clock; db?: Database; lists?: readonly PriceList[] } = {}): Promise<SubscribeForm> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  const now = clock.now();
  const list = priceListAt(now, lists);
  return read(actor, async (tx) => {
    const where = { mspId, ...ours, subscriptions: { none: { state: { not: "ended" } } } };
    const clients = await tx.db.client.findMany({ where, orderBy: [{ name: "asc" }, { clientId: "asc" }], take: limits.unsubscribedListed, select: { clientId: true, name: true, aliases: true, region: true, plan: true } });
    const all = clients.length < limits.unsubscribedListed ? clients.length : await tx.db.client.count({ where });
    const asked = first === undefined || clients.some(({ clientId }) => clientId === first) ? null : await tx.db.client.findFirst({ where: { ...where, clientId: first } });
    if (asked !== null) clients.push(asked);
    const accounts = await tx.db.billingAccount.findMany({ where: { mspId, payer: "msp", currency: { not: null } }, orderBy: { createdAt: "asc" }, select: { currency: true, cardLast4: true } });
    const openings = await tx.db.subscription.findMany({ where: { mspId, state: "opening", account: { payer: "msp" }, follows: null }, orderBy: { createdAt: "desc" }, take: limits.openingsListed, select: { subscriptionId: true, label: true, plan: true, checkoutUrl: true, createdAt: true, client: { select: { name: true } }, account: { select: { name: true } } } });
    const offers: Offer[] = [];
    for (const { id: plan } of buyable) {
      const prices = currencies.flatMap((currency) => intervals.flatMap((interval) => {
        const spec = specOf(list, plan, currency, interval);
        return spec === null ? [] : [{ currency, interval, amount: spec.amount }];
      }));
      if (prices.length > 0) offers.push({ plan, prices, collection: await collectionFor(tx, plan, lists, now) });
    }
    return {
      clients: clients.map(({ clientId: id, name, aliases, region, plan }) => ({ id, name, place: aliases[0] ?? (region || null), plan: isPlan(plan) && plan !== "self-hosted" ? plan : null })), more: all - clients.length, offers,
      openings: openings.map(({ subscriptionId: id, label, plan, checkoutUrl: url, createdAt, client, account }) => ({ id, name: client?.name ?? (label || account.name), plan: known(plan), url, since: createdAt.getTime() })),
      currency: currencies.find((one) => one === accounts[0]?.currency) ?? "USD",
      cards: Object.fromEntries(accounts.flatMap(({ currency, cardLast4 }) => (cardLast4 === null ? [] : [[currency, cardLast4]]))),
    };
  }, db);
}

export const beginShape = z.object({ client: z.uuid("Choose a client."), plan: planShape, currency: z.enum(currencies, "Choose a currency."), interval: z.enum(intervals, "Choose how often it is paid."), users: usersShape.default(1), trial: z.enum(["yes", "no"]).default("no") });

/**
 * One client's subscription, at the price of today. `payments` is a function, since none may be set up. Throws Refusal
 * `payments_not_set_up`, `invalid` (fewer users than the plan begins with), and what `subscribe` throws.
 */
export async function begin(actor: Actor, given: z.output<typeof beginShape>, { payments, ...deps }: Omit<Deps, "payments"> & { payments: () => Deps["payments"]; lists?: readonly PriceList[] }): Promise<Subscribed> {
  authorize(actor, "billing.write");
  const from = planOf(given.plan).usersFrom;
  if (from !== null && given.users < from) throw new Refusal("invalid", { fields: { users: `It begins with ${from.toLocaleString("en")} users.` } });
  // Whoever pays for itself is subscribed by nobody here. One that pays already is told by `subscribe`.
  const client = await read(actor, (tx) => tx.db.client.findFirst({ where: { mspId: actor.mspId, clientId: given.client, ...ours } }), deps.db);
  if (client === null) throw new Refusal("not_found");
  return subscribe(actor, { client: given.client, label: "", plan: given.plan, currency: given.currency, interval: given.interval, users: from === null ? 1 : given.users, trial: given.trial === "yes" && planOf(given.plan).trialDays !== null }, { ...deps, payments: payments() });
}
