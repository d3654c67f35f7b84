/** What a person may do with a plan besides signing it: withdraw it, hand it on, make it anew, stop what was not sent. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { freezeAndKeep, type MadePlan } from "./create.ts";
import { mayBeTappedAgain } from "./dispatch-state.ts";
import { loadFacts } from "./facts.ts";
import { loadPlan } from "./load.ts";
import { planRenewal } from "./renewal.ts";
import { planSigners } from "./signers.ts";
import { wantedAgain } from "./stale.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Net } from "../vault/net.ts";

/** Ends a plan that was never signed. Throws Refusal `not_found`, `moved_on`. */
export async function withdrawPlan(actor: Actor, { planId }: { planId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ title: string }> {
  authorize(actor, "plan.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { row } = await loadPlan(tx, planId);
    const approvals = await tx.db.approval.count({ where: { mspId, planId } });
    const { count } = approvals > 0 ? { count: 0 } : await tx.db.plan.updateMany({ where: { mspId, planId, withdrawnAt: null }, data: { withdrawnAt: clock.now(), withdrawnBy: actor.id } });
    if (count === 0) throw new Refusal("moved_on");
    await record(tx, { action: "plan.withdrawn", target: { kind: "plan", id: planId }, fields: { title: row.title } });
    return { title: row.title };
  }, db);
}

/** Hands a plan to a colleague: it stands in their list first. Throws Refusal `not_found`. */
export async function handPlan(actor: Actor, { planId, personId }: { planId: string; personId: string }, db: Database = database()): Promise<{ to: string }> {
  authorize(actor, "plan.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { row } = await loadPlan(tx, planId);
    const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
    if (person === null || person.frozenAt !== null) throw new Refusal("not_found");
    await tx.db.plan.updateMany({ where: { mspId, planId }, data: { handedTo: personId } });
    await record(tx, { action: "plan.handed", target: { kind: "plan", id: planId }, fields: { title: row.title, to: person.name } });
    return { to: person.name };
  }, db);
}

/**
 * The same wishes, judged and frozen anew from the world as it is now: of what was refused, is stale, or waits. What is done or on
 * its way is left out. Throws Refusal `plan_empty`, `not_found`, `plan_over` for an exit (it is planned anew from its own page).
 */
export async function replan(actor: Actor, { planId }: { planId: string }, clock: Clock = systemClock, db: Database = database(), net?: Net): Promise<MadePlan> {
  authorize(actor, "plan.make");
  const { mspId } = actor;
  const { plan: before, refs: all } = await read(actor, (tx) => loadPlan(tx, planId), db);
  if (before.kind === "signers" || before.kind === "renewal") return ownAnew(actor, before, all, planId, clock, db, net);
  return write(actor, async (tx) => {
    const now = clock.now();
    const { plan, refs, operations, row } = await loadPlan(tx, planId);
    if (row.kind === "exit") throw new Refusal("plan_over");
    const dispatches = await tx.db.dispatch.findMany({ where: { mspId, planId }, select: { vaultRef: true, kind: true, state: true, attempts: true } });
    const places = new Set(refs.flatMap((vaultRef, place) => {
      const here = dispatches.filter((one) => one.vaultRef === vaultRef);
      return mayBeTappedAgain(here.filter(({ state }) => state !== "refused")) ? [place] : [];
    }));
    const facts = await loadFacts(tx, refs, [], now);
    const persons = new Map(operations.flatMap(({ operationId, personId }) => (personId === null ? [] : [[operationId, personId] as const])));
    const wanted = wantedAgain(plan, refs, persons, facts.vaults, places);
    if (wanted.length === 0) throw new Refusal("plan_empty", { detail: "Everything in it is done, on its way, or gone by itself. Nothing was frozen." });
    const made = await freezeAndKeep(tx, { title: plan.title, reason: plan.reason, ticket: plan.ticket }, wanted, now);
    const approvals = await tx.db.approval.count({ where: { mspId, planId } });
    if (approvals === 0) {
      await tx.db.plan.updateMany({ where: { mspId, planId, withdrawnAt: null }, data: { withdrawnAt: now, withdrawnBy: actor.id } });
      await record(tx, { action: "plan.withdrawn", target: { kind: "plan", id: planId }, fields: { title: row.title } });
    }
    return made;
  }, db);
}

/** Of our own row: the same keys, or new tokens, for the vaults as they are now. What was not signed gives way first. */
async function ownAnew(actor: Actor, plan: Plan, vaultRefs: readonly string[], planId: string, clock: Clock, db: Database, net: Net | undefined): Promise<MadePlan> {
  const heading = { title: plan.title, reason: plan.reason, ticket: plan.ticket };
  const strikes = plan.vaults.flatMap(({ changes }) => changes.flatMap((one) => (one.change === "strike" ? [one.credential_id] : [])));
  const unsigned = await withdrawPlan(actor, { planId }, clock, db).then(() => true, (error: unknown) => {
    // Signed before, in part perhaps: what is done there is found done, and left out.
    if (error instanceof Refusal && error.failure.code === "moved_on") return false;
    throw error;
  });
  if (plan.kind === "renewal") return planRenewal(actor, { ...heading, vaultRefs: unsigned ? vaultRefs : await unprovenOf(actor, planId, db) }, clock, db);
  return planSigners(actor, { ...heading, add: plan.signers?.map(({ credential_id: id }) => id) ?? [], strike: [...new Set(strikes)] }, clock, db, net);
}

const unprovenOf = (actor: Actor, planId: string, db: Database): Promise<string[]> =>
  read(actor, async (tx) => (await tx.db.tokenRenewal.findMany({ where: { mspId: actor.mspId, planId, provenAt: null }, select: { vaultRef: true } })).map(({ vaultRef }) => vaultRef), db);

/**
 * Stops what was not sent: nothing of it leaves any more, standing removals included. What a byte of has left cannot be stopped, and
 * is told apart. @returns how many shares
 */
export async function stopPlan(actor: Actor, { planId }: { planId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ stopped: number }> {
  authorize(actor, "plan.release");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    const { row } = await loadPlan(tx, planId);
    const sent = await tx.db.dispatch.findMany({ where: { mspId, planId, kind: "fresh", state: "sent" }, select: { vaultRef: true } });
    // A standing removal beside a share that is out there stays: whether it was done is not known yet, and the removal was wanted.
    const { count } = await tx.db.dispatch.updateMany({
      where: { mspId, planId, state: { in: ["waiting", "held"] }, attempts: 0, NOT: { kind: "standing", vaultRef: { in: sent.map(({ vaultRef }) => vaultRef) } } },
      data: { state: "stopped", words: "Stopped before it was sent.", changedAt: now, settledAt: now },
    });
    await tx.db.approval.updateMany({ where: { mspId, planId, stoppedAt: null }, data: { stoppedAt: now, stoppedBy: actor.id } });
    await record(tx, { action: "plan.stopped", target: { kind: "plan", id: planId }, fields: { title: row.title, stopped: count } });
    return { stopped: count };
  }, db);
}
