/** Card or Net 60 by the rule of the whole account, and made so when the portfolio crosses the line (SPEC section 7). */
import { systemClock } from "../clock.ts";
import { database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { collectionOf, invoiceFromMinor, type Subscription } from "./account.ts";
import { raiseAlarm } from "./alarm.ts";
import { carriesOut, carryOut, lockSubscription, writeIntent } from "./intent.ts";
import { nameOf, type Deps } from "./mirror.ts";
import { isPlan, planOf, type PlanId } from "./plan.ts";
import { annualPrice, priceListAt, priceLists, type Currency, type PriceList } from "./price-list.ts";
import type { CollectedBy } from "./types.ts";

// What only waits to take another's place is not a second one.
const held = async ({ db, actor: { mspId } }: Read) =>
  (await db.subscription.findMany({ where: { mspId, state: { notIn: ["ended", "opening"] }, NOT: { state: "trialing", follows: { not: null } }, account: { payer: "msp" } }, select: { subscriptionId: true, plan: true, currency: true, quantity: true, collection: true, version: true, account: { select: { cardLast4: true } } }, orderBy: { createdAt: "asc" } })).filter((row): row is typeof row & { plan: PlanId } => isPlan(row.plan));

const asRule = (row: { plan: PlanId; currency: string; quantity: number }): Subscription => ({ plan: row.plan, currency: row.currency as Currency, users: row.quantity });
const by = (collection: ReturnType<typeof collectionOf>[number]): CollectedBy => (collection === "card" ? "card" : "invoice");

/** How a new subscription of this plan is collected, together with what there is. */
export async function collectionFor(tx: Read, plan: PlanId, lists: readonly PriceList[], now: Date, order: readonly PlanId[] = []): Promise<CollectedBy> {
  const rows = await held(tx);
  const together = order.map((one): Subscription => ({ plan: one, currency: "USD" }));
  return by(collectionOf([...rows.map(asRule), ...together, { plan, currency: "USD" }], priceListAt(now, lists)).at(-1)!);
}

export type Explained = { readonly by: CollectedBy; /** Team plans of the account at list, a year, USD cents. */ readonly together: number; readonly from: number; readonly subscriptions: number; readonly reason: string };

/** Why a plan is collected as it is, for whoever asks on screen. Pure. */
export function explain(plan: PlanId, subscriptions: readonly Subscription[], list: PriceList): Explained {
  const { family } = planOf(plan);
  const together = subscriptions.filter((one) => planOf(one.plan).family === "team").reduce((sum, one) => sum + (annualPrice(list, one.plan, "USD") ?? 0), 0);
  const count = subscriptions.filter((one) => one.plan !== "self-hosted").length;
  const reached = together >= invoiceFromMinor && count >= 2;
  const reason = family === "individual" ? "Personal, Family and Pro are paid by card, a year at a time." : family !== "team" ? "MME and Enterprise are paid by invoice, Net 60." : reached ? "Team plans of one account from USD 2,500 a year at list, with two subscriptions or more, are paid by invoice, Net 60." : "Team plans below USD 2,500 a year at list together, or a single subscription, are paid by card.";
  return { by: family === "individual" || (family === "team" && !reached) ? "card" : "invoice", together, from: invoiceFromMinor, subscriptions: count, reason };
}

/**
 * Brings every subscription of the MSP to the rule. A period that was paid for is not touched: the next invoice follows it. One that
 * falls back to a card where none is on file raises an alarm. @returns how many were changed
 */
export async function recomputeCollection(actor: Actor, deps: Deps & { lists?: readonly PriceList[] }): Promise<number> {
  const { clock = systemClock, db = database(), lists = priceLists } = deps;
  const rows = await read(actor, held, db);
  const wanted = collectionOf(rows.map(asRule), priceListAt(clock.now(), lists));
  let changed = 0;
  for (const [at, row] of rows.entries()) {
    const to = by(wanted[at]!);
    if (to === row.collection) continue;
    const intentId = await write(actor, async (tx) => {
      const busy = await tx.db.billingIntent.count({ where: { mspId: actor.mspId, subscriptionId: row.subscriptionId, state: "begun" } });
      if (busy > 0) {
        tx.replayed = true; // what is under way ends with another look at the rule
        return null;
      }
      const locked = await lockSubscription(tx, row.subscriptionId, row.version);
      if (to === "card" && row.account.cardLast4 === null) await raiseAlarm(tx, { kind: "card_needed", subject: row.subscriptionId, words: `${nameOf(locked)} is paid by card from its next renewal on, and no card is on file.` });
      return writeIntent(tx, { subscriptionId: row.subscriptionId, name: nameOf(locked) }, "collection", { to }, `payment by ${to === "card" ? "card" : "invoice, Net 60"}, as the portfolio is now`);
    }, db);
    if (intentId !== null && (await carryOut(actor, intentId, deps)) === "done") changed += 1;
  }
  return changed;
}

carriesOut("collection", async ({ intent, facts, doing, deps: { payments } }) => {
  const { to } = intent.input as { to: CollectedBy };
  if (!facts) return [];
  if (facts.collection !== to) await payments.setCollection(facts.id, to, doing);
  return [facts.id];
});
