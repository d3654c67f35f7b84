/**
 * Webhooks: kept as they came before anything is done with them, each once, then handled by the worker, in any order, and again on
 * demand. The door judges signature and age over the raw body.
 */
import { z } from "zod";
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { installation } from "../id.ts";
import { authorize, workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { createLog } from "../log.ts";
import { record } from "../record/record.ts";
import { clearAlarms, raiseAlarm } from "./alarm.ts";
import { handlers } from "./events/all.ts";
import type { Handled } from "./events/handler.ts";
import type { Deps } from "./mirror.ts";
import { keptEvent } from "./stripe.ts";

const log = createLog("billing");

const tenantOf = async (customer: string | null, db: Database): Promise<string | null> => (customer === null ? null : (await db.$queryRaw<{ msp: string | null }[]>`select stripe_tenant(${customer}) as msp`)[0]?.msp ?? null);

/** Keeps an event and wakes the worker. Throws Refusal `webhook_foreign`, `too_large`. @returns whether it is new here */
export async function receiveEvent(body: string, signature: string, { payments, clock = systemClock, db = database() }: Deps): Promise<{ fresh: boolean }> {
  if (Buffer.byteLength(body) > limits.webhookBytes) throw new Refusal("too_large");
  let event;
  try {
    event = payments.event(body, signature, clock.now());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal("webhook_foreign", { cause: error });
  }
  const mspId = (await tenantOf(event.customer, db)) ?? installation;
  return write(workerFor(mspId), async (tx) => {
    const [row] = await tx.db.$queryRaw<{ deliveries: number }[]>`
      insert into stripe_event (msp_id, event_id, type, object, customer, body, created_at) values (${mspId}::uuid, ${event.id}, ${event.type}, ${event.object}, ${event.customer}, ${body}, ${event.createdAt})
      on conflict (msp_id, event_id) do update set deliveries = stripe_event.deliveries + 1 returning deliveries`;
    const fresh = row!.deliveries === 1;
    // That it came twice is counted, and is no deed.
    if (!fresh) tx.replayed = true;
    else {
      await record(tx, { action: "stripe_event.received", target: { kind: "stripe_event", id: event.id }, fields: { type: event.type, event: event.id } });
      await tx.db.$executeRaw`select billing_wake()`;
    }
    return { fresh };
  }, db);
}

const outcomes: Readonly<Record<Handled, string>> = { changed: "something changed", same: "all was as known", older: "a newer reading was there", unknown: "nothing here is meant", none: "nothing here is meant" };
/** What an event changed stands in a row of a page, and in its record. */
const changeWords = 300;
const pauseSeconds = (attempts: number): number => Math.min(3_600, 2 ** Math.min(attempts, 12));

/** A customer that is being made at this moment is known a little later; so long an event of an unknown one waits. */
const unknownAttempts = 6;

async function handleOne(mspId: string, eventId: string, deps: Required<Deps>): Promise<void> {
  const { db, clock } = deps;
  const worker = workerFor(mspId);
  const row = await read(worker, (tx) => tx.db.stripeEvent.findUnique({ where: { mspId_eventId: { mspId, eventId } } }), db);
  if (row?.state !== "waiting") return;
  const attempts = row.attempts + 1;
  const settle = (state: "done" | "ignored" | "failed" | "waiting", words: string, nextAt: Date | null = null) =>
    write(worker, async (tx) => {
      const { count } = await tx.db.stripeEvent.updateMany({ where: { mspId, eventId, state: "waiting" }, data: { state, attempts, words, handledAt: state === "waiting" ? null : clock.now(), nextAt, leaseUntil: null } });
      if (count === 0) tx.replayed = true;
      else await record(tx, { action: "stripe_event.handled", target: { kind: "stripe_event", id: eventId }, fields: { type: row.type, event: eventId, outcome: words } });
      if (state === "done" || state === "ignored") await clearAlarms(tx, "event_failed", eventId, "it was handled", clock.now());
      if (state === "failed") await raiseAlarm(tx, { kind: "event_failed", subject: eventId, words: `The event ${eventId}, ${row.type}, could not be handled: ${words}.` });
    }, db);
  const later = (words: string) => settle("waiting", words, new Date(Date.now() + pauseSeconds(attempts) * 1_000));
  const handle = handlers[row.type];
  if (!handle) return settle("ignored", "nothing here depends on it");
  const event = keptEvent(row.body);
  const tenant = mspId === installation ? await tenantOf(event.customer, db) : mspId;
  if (tenant === null) return attempts < unknownAttempts ? later("a customer that nobody here knows yet") : settle("ignored", "a customer that nobody here knows");
  try {
    const changes: string[] = [];
    const outcome = await handle(workerFor(tenant), event, deps, (words) => void changes.push(words));
    const said = outcome === "changed" && changes.length > 0 ? changes.join("; ") : outcomes[outcome];
    await settle(outcome === "none" || outcome === "unknown" ? "ignored" : "done", said.length > changeWords ? `${said.slice(0, changeWords - 1)}…` : said);
  } catch (error) {
    log.warn({ err: error, event: eventId, type: row.type }, "an event was not handled");
    const words = (error as Error).name === "PaymentsAway" ? "the payment provider does not answer" : "something went wrong; the log says what";
    await (attempts >= limits.webhookAttempts ? settle("failed", words) : later(words));
  }
}

/** The worker's share: every event that is due. @returns how many were handled */
export async function handleEvents(given: Deps): Promise<number> {
  const deps = { payments: given.payments, clock: given.clock ?? systemClock, db: given.db ?? database() };
  let handled = 0;
  for (;;) {
    const due = await deps.db.$queryRaw<{ msp_id: string; event_id: string }[]>`select msp_id, event_id from stripe_event_claim(${limits.billingAtOnce}::int, ${limits.billingLeaseSeconds}::int)`;
    if (due.length === 0) return handled;
    await Promise.all(due.map(({ msp_id: mspId, event_id: eventId }) => handleOne(mspId, eventId, deps)));
    handled += due.length;
  }
}

/** Waiting once more, as if it had just come; its body is as it was. */
const again = () => ({ state: "waiting", attempts: 0, nextAt: new Date(), leaseUntil: null, handledAt: null, words: null });

export const replayShape = z.object({ event: z.string().min(1).max(120) });

/** Has an event handled once more, whatever came of it before. Throws Refusal `forbidden`, `not_found`, `event_waiting`. */
export async function replayEvent(actor: Actor, eventId: string, db: Database = database()): Promise<void> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  await write(actor, async (tx) => {
    const row = await tx.db.stripeEvent.findUnique({ where: { mspId_eventId: { mspId, eventId } } });
    if (!row) throw new Refusal("not_found");
    // Of two who press at once the second finds it in line.
    const { count } = await tx.db.stripeEvent.updateMany({ where: { mspId, eventId, state: { not: "waiting" } }, data: again() });
    if (count === 0) throw new Refusal("event_waiting");
    await record(tx, { action: "stripe_event.replayed", target: { kind: "stripe_event", id: eventId }, fields: { type: row.type, event: eventId } });
    await tx.db.$executeRaw`select billing_wake()`;
  }, db);
}

/** Has every event handled once more that was given up. Throws Refusal `forbidden`, `events_none_failed`. @returns how many */
export async function replayFailed(actor: Actor, db: Database = database()): Promise<{ events: number }> {
  authorize(actor, "billing.write");
  return write(actor, async (tx) => {
    const { count: events } = await tx.db.stripeEvent.updateMany({ where: { mspId: actor.mspId, state: "failed" }, data: again() });
    if (events === 0) throw new Refusal("events_none_failed");
    await record(tx, { action: "stripe_event.all_replayed", fields: { events } });
    await tx.db.$executeRaw`select billing_wake()`;
    return { events };
  }, db);
}
