/** `checkout.session.expired`: nobody paid within a day, so there is no subscription. */
import { write } from "../../db/tenant.ts";
import { record } from "../../record/record.ts";
import { nameOf } from "../mirror.ts";
import type { Handler } from "./handler.ts";

export const handle: Handler = async (actor, { customer }, { payments, clock, db }, told) => {
  if (customer === null) return "none";
  const { mspId } = actor;
  const held = new Set((await payments.subscriptionsOf(customer)).map(({ ours }) => ours));
  return write(actor, async (tx) => {
    // Which of the opening ones it was is not asked of the event: those that the provider does not have, and whose page is a day old.
    const open = await tx.db.subscription.findMany({ where: { mspId, state: "opening", checkoutUrl: { not: null }, account: { stripeCustomer: customer }, createdAt: { lt: new Date(clock.now().getTime() - 23 * 3_600_000) } }, include: { client: true, account: true } });
    const gone = open.filter(({ subscriptionId }) => !held.has(subscriptionId));
    for (const row of gone) {
      await tx.db.subscription.update({ where: { mspId_subscriptionId: { mspId, subscriptionId: row.subscriptionId } }, data: { state: "ended", endedAt: clock.now(), endedBecause: "abandoned", checkoutUrl: null } });
      await record(tx, { action: "subscription.changed", target: { kind: "subscription", id: row.subscriptionId }, fields: { subscription: nameOf(row), words: "never paid for, and given up" } });
      told(`${nameOf(row)} was never paid for, and is given up`);
    }
    if (gone.length === 0) tx.replayed = true;
    return gone.length > 0 ? "changed" : "same";
  }, db);
};
