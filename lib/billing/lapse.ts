/**
 * What a deletion clock does when its day comes (lib/billing/clocks.ts says when): suspension, the end of the subscription, deletion of
 * its vaults; and the way back when it was paid. One unpaid client never touches another's. Run hourly; each step is found done when
 * it is.
 */
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { workerFor, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { beginDeletion } from "./hosted.ts";
import { followerOf } from "./intent.ts";
import { mirrorSubscription, nameOf, type Deps } from "./mirror.ts";
import { clocksIn, type ClockLine } from "./running.ts";
import { endFollower } from "./stop.ts";

async function setSuspended(actor: Actor, subscriptionId: string, at: Date | null, db: Database): Promise<void> {
  const { mspId } = actor;
  await write(actor, async (tx) => {
    const row = await tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, include: { account: true, client: true } });
    if ((row.suspendedAt === null) === (at === null)) {
      tx.replayed = true;
      return;
    }
    await tx.db.subscription.update({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, data: { suspendedAt: at } });
    await tx.db.hostedVault.updateMany({ where: { mspId, subscriptionId, goneAt: null, deleteSince: null }, data: { suspendedAt: at, nextAt: new Date() } });
    await record(tx, { action: "subscription.changed", target: { kind: "subscription", id: subscriptionId }, fields: { subscription: nameOf(row), words: at ? "suspended: its vaults answer an owner only" : "open again" } });
    await tx.db.$executeRaw`select billing_wake()`;
  }, db);
}

async function lapseOne(actor: Actor, line: ClockLine, { payments, clock, db }: Required<Deps>): Promise<void> {
  const { mspId } = actor;
  const { subscriptionId, clock: running } = line;
  if (running.stage === "suspended" && running.kind === "invoice") await setSuspended(actor, subscriptionId, clock.now(), db);
  if (running.stage !== "deleted") return;
  const row = await read(actor, (tx) => tx.db.subscription.findUniqueOrThrow({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, include: { hosted: { where: { deleteSince: null } } } }), db);
  const why = running.kind === "card" || running.kind === "invoice" ? "unpaid" : null;
  if (why !== null && row.state !== "ended" && row.stripeSubscription !== null) {
    await payments.end(row.stripeSubscription, why, { intent: subscriptionId, key: `${subscriptionId}:lapse:${running.deletedOn}` });
    await mirrorSubscription(actor, row.stripeSubscription, { payments, clock, db });
  }
  // Nothing takes the place of one that was not paid for.
  const follower = await read(actor, (tx) => followerOf(tx, subscriptionId), db);
  if (follower) {
    const ended = await endFollower(actor, follower.subscriptionId, { intent: subscriptionId, key: `${subscriptionId}:lapse:${running.deletedOn}` }, { payments, db });
    if (ended !== null) await mirrorSubscription(actor, ended, { payments, clock, db });
  }
  await write(actor, async (tx) => {
    const { count } = await tx.db.subscription.updateMany({ where: { mspId, subscriptionId, deleteAt: null }, data: { deleteAt: clock.now() } });
    if (count === 0) tx.replayed = true;
    else await record(tx, { action: "subscription.changed", target: { kind: "subscription", id: subscriptionId }, fields: { subscription: line.name, words: "at its end: its vaults are deleted" } });
  }, db);
  for (const { vaultId } of row.hosted) await beginDeletion(mspId, vaultId, running.kind === "cancellation" ? "the subscription was cancelled" : running.kind === "regret" ? "its renewal was taken back" : "it was not paid for", db);
}

/** All clocks of one MSP. Throws PaymentsAway. */
export async function lapse(mspId: string, given: Deps): Promise<void> {
  const deps = { payments: given.payments, clock: given.clock ?? systemClock, db: given.db ?? database() };
  const actor = workerFor(mspId);
  const lines = await read(actor, (tx) => clocksIn(tx, deps.clock.now()), deps.db);
  for (const line of lines) await lapseOne(actor, line, deps);
  // Paid meanwhile: no clock runs for it any more, and its vaults open again.
  const still = new Set(lines.filter(({ clock: { stage, kind } }) => kind === "invoice" && (stage === "suspended" || stage === "deleted")).map(({ subscriptionId }) => subscriptionId));
  const suspended = await read(actor, (tx) => tx.db.subscription.findMany({ where: { mspId, suspendedAt: { not: null }, state: { not: "ended" } }, select: { subscriptionId: true } }), deps.db);
  for (const { subscriptionId } of suspended) if (!still.has(subscriptionId)) await setSuspended(actor, subscriptionId, null, deps.db);
}
