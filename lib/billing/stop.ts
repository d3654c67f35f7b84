/** The end of a subscription, and taking it back: cancelled or switched off for the end of its period, or renewing again before that. */
import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { ask, carriesOut, followerOf, type Asking, type Outcome } from "./intent.ts";
import type { Deps } from "./mirror.ts";
import type { Doing, Payments } from "./payments.ts";

/** `cancelled`: somebody wants it gone; `switched_off`: it is only not to renew by itself. Either way the lock goes with it. */
export type StopInput = Asking & { readonly because: "cancelled" | "switched_off" };

/** It lives to the end of what was paid for (SPEC section 7). Throws Refusal `moved_on` when it is so already, and what `ask` throws. */
export const stop = (actor: Actor, input: StopInput, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "stop", async (row) => {
    if (!row.renews || row.state === "opening") throw new Refusal("moved_on");
    return { input: { because: input.because }, words: input.because === "cancelled" ? "its cancellation" : "an end of automatic renewal" };
  }, deps);

/**
 * As long as its period lasts; the lock is then as it was. Where another was to take its place, in another currency or interval, that
 * one ends before it begins. Throws Refusal `moved_on`, and what `ask` throws.
 */
export const renewAgain = (actor: Actor, input: Asking, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "renew", async (row, tx) => {
    if (row.renews) throw new Refusal("moved_on");
    const next = await followerOf(tx, row.subscriptionId);
    return { input: next ? { instead: next.subscriptionId } : {}, words: "automatic renewal" };
  }, deps);

carriesOut("stop", async ({ intent, facts, doing, deps: { payments } }) => {
  if (!facts) return [];
  if (facts.renews && facts.status !== "ended") await payments.setRenewal(facts.id, false, (intent.input as { because: string }).because, doing);
  return [facts.id];
});

carriesOut("renew", async ({ actor, intent, facts, doing, deps: { payments, db } }) => {
  if (!facts) return [];
  // Too late: it ended meanwhile, and whatever takes its place has begun.
  if (facts.status === "ended") return [facts.id];
  const { instead } = intent.input as { instead?: string };
  const next = instead === undefined ? null : await endFollower(actor, instead, doing, { payments, db });
  if (!facts.renews) await payments.setRenewal(facts.id, true, null, doing);
  return [facts.id, ...(next === null ? [] : [next])];
});

/** Ends one that was to take another's place, before it begins: it was never paid for. @returns its id at the provider */
export async function endFollower(actor: Actor, subscriptionId: string, doing: Doing, { payments, db }: { payments: Payments; db: Database }): Promise<string | null> {
  const row = await read(actor, (tx) => tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId: actor.mspId, subscriptionId } }, include: { account: true } }), db);
  const { stripeCustomer } = row.account;
  const there = row.stripeSubscription ?? (stripeCustomer === null ? null : ((await payments.subscriptionsOf(stripeCustomer)).find(({ ours }) => ours === subscriptionId)?.id ?? null));
  if (there !== null) await payments.end(there, "abandoned", { ...doing, key: `${doing.key}:instead` });
  return there;
}
