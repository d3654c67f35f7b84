/** `customer.updated`: another card is on file, perhaps. */
import { write } from "../../db/tenant.ts";
import { record } from "../../record/record.ts";
import { clearAlarms } from "../alarm.ts";
import { nextReading } from "../mirror.ts";
import type { Handler } from "./handler.ts";

export const handle: Handler = async (actor, { customer }, { payments, clock, db }, told) => {
  if (customer === null) return "none";
  const { mspId } = actor;
  const seen = await nextReading(db);
  const facts = await payments.customer(customer);
  if (!facts) return "unknown";
  return write(actor, async (tx) => {
    const row = await tx.db.billingAccount.findFirst({ where: { mspId, stripeCustomer: customer } });
    const { brand = null, last4 = null, until = null } = facts.card ?? {};
    if (!row || row.seen >= seen || (row.cardBrand === brand && row.cardLast4 === last4 && row.cardUntil === until)) {
      tx.replayed = true;
      return row ? (row.seen >= seen ? "older" : "same") : "unknown";
    }
    await tx.db.billingAccount.update({ where: { mspId_accountId: { mspId, accountId: row.accountId } }, data: { cardBrand: brand, cardLast4: last4, cardUntil: until, seen } });
    if (facts.card) {
      const waiting = await tx.db.subscription.findMany({ where: { mspId, accountId: row.accountId }, select: { subscriptionId: true } });
      for (const { subscriptionId } of waiting) await clearAlarms(tx, "card_needed", subscriptionId, "a card is on file", clock.now());
    }
    await record(tx, { action: "billing_account.saved", target: { kind: "billing_account", id: row.accountId }, fields: { name: row.name, changed: facts.card ? `the card on file, ${facts.card.brand} ending in ${facts.card.last4},` : "the card on file, none," } });
    told(facts.card ? `the card on file is ${facts.card.brand} ending in ${facts.card.last4}` : "no card is on file any more");
    return "changed";
  }, db);
};
