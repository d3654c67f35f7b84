/**
 * What a person asks of the payment provider for one subscription: written down before the provider hears of it, carried out once. A
 * try looks first whether it was done already; then acts under a key of its own. An answer that is lost is asked for again under the
 * same key; a failure that they keep under it needs another (docs/decisions/0066-intents.md).
 */
import type { Prisma } from "#prisma/generated/client.ts";
import { capital } from "../capital.ts";
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { clearAlarms, raiseAlarm } from "./alarm.ts";
import { mirrorSubscription, nameOf, type Deps } from "./mirror.ts";
import { PaymentRefused, PaymentsAway, type Doing, type SubscriptionFacts } from "./payments.ts";
import type { IntentKind } from "./types.ts";

export type SubscriptionRow = Prisma.SubscriptionGetPayload<{ include: { account: true; client: true } }>;
export type IntentRow = Prisma.BillingIntentGetPayload<{ include: { subscription: { include: { account: true; client: true } } } }>;

/** What carrying out needs. `facts`: as the provider says it is now; null: it is not there yet. */
export type Work = { readonly actor: Actor; readonly intent: IntentRow; readonly row: SubscriptionRow; readonly facts: SubscriptionFacts | null; readonly doing: Doing; readonly deps: Required<Deps> };
/** @returns the subscriptions at the provider that it touched */
export type Carry = (work: Work) => Promise<readonly string[]>;

const carriers = new Map<IntentKind, Carry>();
/** Each kind says how it is carried out, beside its verb. */
export const carriesOut = (kind: IntentKind, carry: Carry): void => void carriers.set(kind, carry);

/** `done`: with the provider. `waiting`: written down, and tried until it is. */
export type Outcome = { readonly state: "done" | "waiting"; readonly intentId: string };

const withAll = { include: { account: true, client: true } } as const;

/** Locks the subscription and judges what every change needs. Throws Refusal `not_found`, `moved_on`, `billing_busy`, `subscription_over`. */
export async function lockSubscription(tx: Write, subscriptionId: string, version: number): Promise<SubscriptionRow> {
  const { mspId } = tx.actor;
  await tx.db.$queryRaw`select 1 from subscription where msp_id = ${mspId}::uuid and subscription_id = ${subscriptionId}::uuid for update`;
  const row = await tx.db.subscription.findUnique({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, ...withAll });
  // What a client pays for itself is its own business (SPEC section 7).
  if (row?.account.payer !== "msp") throw new Refusal("not_found");
  if (row.version !== version) throw new Refusal("moved_on");
  if ((await tx.db.billingIntent.count({ where: { mspId, subscriptionId, state: "begun" } })) > 0) throw new Refusal("billing_busy");
  if (row.state === "ended") throw new Refusal("subscription_over");
  return row;
}

/** Writes the intent into the caller's transaction, which locked the subscription. `words`: what is asked, for records. */
export async function writeIntent(tx: Write, row: { subscriptionId: string; name: string }, kind: IntentKind, input: Prisma.InputJsonObject, words: string): Promise<string> {
  const { mspId } = tx.actor;
  const { subscriptionId } = row;
  const intentId = uuid7();
  await tx.db.billingIntent.create({ data: { mspId, intentId, subscriptionId, kind, input: { ...input, asked: words }, askedBy: tx.actor.name, leaseUntil: new Date(Date.now() + limits.billingLeaseSeconds * 1_000) } });
  await tx.db.subscription.update({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, data: { version: { increment: 1 } } });
  await record(tx, { action: "billing.asked", target: { kind: "subscription", id: subscriptionId }, fields: { subscription: row.name, words } });
  await tx.db.$executeRaw`select billing_wake(${new Date(Date.now() + limits.billingLeaseSeconds * 1_000 + 1_000)})`;
  return intentId;
}

/** Whoever takes the place of a subscription at its end, and has not begun yet; null: nobody. */
export const followerOf = ({ db, actor: { mspId } }: Read, subscriptionId: string) => db.subscription.findFirst({ where: { mspId, follows: subscriptionId, state: { in: ["opening", "trialing"] } } });

export type Asking = { readonly subscriptionId: string; /** As the form was drawn. */ readonly version: number };

/**
 * The whole of a verb: authorize, judge and write down, then carry out at once. `judge` says what goes into the intent, or throws.
 * Throws Refusal `subscription_followed`, and `payment_refused` when the provider said no.
 */
export async function ask(actor: Actor, { subscriptionId, version }: Asking, kind: IntentKind, judge: (row: SubscriptionRow, tx: Write) => Promise<{ input: Prisma.InputJsonObject; words: string }>, deps: Deps): Promise<Outcome> {
  authorize(actor, "billing.write");
  const db = deps.db ?? database();
  const intentId = await write(actor, async (tx) => {
    const row = await lockSubscription(tx, subscriptionId, version);
    // One that goes on in another place is left alone until that is taken back; so is the one that waits to take it.
    if ((row.follows !== null && ["opening", "trialing"].includes(row.state)) || (kind !== "renew" && (await followerOf(tx, subscriptionId)))) throw new Refusal("subscription_followed");
    const { input, words } = await judge(row, tx);
    return writeIntent(tx, { subscriptionId, name: nameOf(row) }, kind, input, words);
  }, db);
  return { intentId, state: await carryOut(actor, intentId, deps) };
}

const pauseSeconds = (attempts: number): number => Math.min(3_600, 5 * 2 ** Math.min(attempts, 10));

const askedOf = (intent: IntentRow): string => (intent.input as { asked?: string }).asked ?? intent.kind;

/** Carries an intent out, or finds it carried out. Throws Refusal `payment_refused`. */
export async function carryOut(actor: Actor, intentId: string, given: Deps): Promise<"done" | "waiting"> {
  const { mspId } = actor;
  const db = given.db ?? database();
  const deps = { payments: given.payments, clock: given.clock ?? systemClock, db };
  const intent = await read(actor, (tx) => tx.db.billingIntent.findUniqueOrThrow({ where: { mspId_intentId: { mspId, intentId } }, include: { subscription: withAll } }), db);
  if (intent.state !== "begun") return "done";
  const row = intent.subscription;
  const fields = { subscription: nameOf(row), words: askedOf(intent) };
  const target = { kind: "subscription", id: row.subscriptionId } as const;
  const settle = (state: "done" | "refused", words: string | null, noted: (tx: Write) => Promise<void>) =>
    write(actor, async (tx) => {
      const { count } = await tx.db.billingIntent.updateMany({ where: { mspId, intentId, state: "begun" }, data: { state, words, endedAt: new Date(), nextAt: null, leaseUntil: null } });
      if (count === 0) tx.replayed = true;
      else {
        await noted(tx);
        await clearAlarms(tx, "intent_stuck", intentId, "it was answered", new Date());
      }
    }, db);
  try {
    const facts = row.stripeSubscription === null ? null : await deps.payments.subscription(row.stripeSubscription);
    const touched = await carriers.get(intent.kind as IntentKind)!({ actor, intent, row, facts, doing: { intent: intentId, key: `${intentId}:${intent.attempts}` }, deps });
    for (const one of touched) await mirrorSubscription(actor, one, deps);
    await settle("done", null, (tx) => record(tx, { action: "billing.done", target, fields }));
    return "done";
  } catch (error) {
    if (error instanceof PaymentRefused) {
      await settle("refused", error.words, async (tx) => {
        // A subscription that was never opened is none.
        if (intent.kind === "subscribe") await tx.db.subscription.updateMany({ where: { mspId, subscriptionId: row.subscriptionId, state: "opening" }, data: { state: "ended", endedAt: deps.clock.now(), endedBecause: "abandoned" } });
        await neverBegan(tx, row.subscriptionId, (intent.input as { next?: string }).next, deps.clock.now());
        await record(tx, { action: "billing.refused", target, fields: { ...fields, why: error.words } });
      });
      throw new Refusal("payment_refused", { detail: `${capital(error.words)}. Nothing was changed and nothing was charged.`, cause: error });
    }
    if (!(error instanceof PaymentsAway)) throw error;
    await unanswered(actor, intent, error.answered, fields, db);
    return "waiting";
  }
}

/** The row that was to go on has not begun, and never will: what it had been given goes back. */
async function neverBegan(tx: Write, subscriptionId: string, next: string | undefined, at: Date): Promise<void> {
  if (next === undefined) return;
  const { mspId } = tx.actor;
  await tx.db.subscription.updateMany({ where: { mspId, subscriptionId: next, state: "opening" }, data: { state: "ended", endedAt: at, endedBecause: "abandoned" } });
  await tx.db.priceLock.updateMany({ where: { mspId, subscriptionId: next, endedAt: null }, data: { endedAt: at, endedBecause: "moved" } });
  await tx.db.hostedVault.updateMany({ where: { mspId, subscriptionId: next, goneAt: null }, data: { subscriptionId } });
}

async function unanswered(actor: Actor, intent: IntentRow, answered: boolean, fields: { subscription: string; words: string }, db: Database): Promise<void> {
  const { mspId, intentId } = intent;
  // Tries are counted in `words`, keys in `attempts`: only a failure that is kept under the key needs another one.
  const tries = Number(intent.words ?? "0") + 1;
  await write(actor, async (tx) => {
    const nextAt = new Date(Date.now() + pauseSeconds(tries) * 1_000);
    await tx.db.billingIntent.updateMany({ where: { mspId, intentId, state: "begun" }, data: { attempts: intent.attempts + (answered ? 1 : 0), words: String(tries), nextAt, leaseUntil: null } });
    await record(tx, { action: "billing.unanswered", target: { kind: "subscription", id: intent.subscriptionId }, fields: { ...fields, attempts: tries } });
    if (tries >= limits.intentAlarmAttempts) await raiseAlarm(tx, { kind: "intent_stuck", subject: intentId, words: `The payment provider has not answered for ${fields.words} of ${fields.subscription}; it is tried again every hour.` });
    await tx.db.$executeRaw`select billing_wake(${nextAt})`;
  }, db);
}

/** The worker's share: intents whose person, process or provider went away. @returns how many were carried out */
export async function carryOutDue(deps: Deps): Promise<number> {
  const db = deps.db ?? database();
  let done = 0;
  for (;;) {
    const due = await db.$queryRaw<{ msp_id: string; intent_id: string }[]>`select msp_id, intent_id from billing_intent_claim(${limits.billingAtOnce}::int, ${limits.billingLeaseSeconds}::int)`;
    if (due.length === 0) return done;
    for (const { msp_id: mspId, intent_id: intentId } of due) {
      try {
        if ((await carryOut(workerFor(mspId), intentId, { ...deps, db })) === "done") done += 1;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
  }
}
