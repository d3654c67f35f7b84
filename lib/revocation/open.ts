/** Opening a board: the tokens that shall be gone are written down, and their removal is frozen as a plan, in one transaction. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { freezeAndKeep, type MadePlan, type PlanHeading } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { record } from "../record/record.ts";
import { boardRows, type RowKey } from "./facts.ts";

export const causeShape = z.enum(["leaver", "token"]);
export type Cause = z.output<typeof causeShape>;
/** `tokens` null: all that we take for theirs. */
export type Opening = { personId: string; cause: Cause; reason: string | null; tokens: readonly RowKey[] | null };
/** `planId` null: nothing of it can be signed now, and the board says why, vault by vault. */
export type Opened = { revocationId: string; planId: string | null };

const keyOf = ({ vaultRef, uid }: RowKey) => `${vaultRef} ${uid}`;

async function rowsOf({ db, actor: { mspId } }: Write, personId: string, tokens: readonly RowKey[] | null) {
  const asked = tokens === null ? null : new Set(tokens.map(keyOf));
  const rows = await db.knownAgent.findMany({ where: { mspId, personId, vault: { state: { in: ["unconfirmed", "connected", "stopped"] } } }, include: { vault: { select: { managerUid: true, client: { select: { name: true } } } } }, take: limits.revocationRows + 1 });
  if (rows.length > limits.revocationRows) throw new Refusal("plan_too_large");
  return rows.filter((row) => row.uid !== row.vault.managerUid && (asked === null || asked.has(keyOf(row)))).map((row) => ({ ...row, own: row.managedBy === null || row.managedBy !== row.vault.managerUid || row.admin }));
}

/** As freezeAndKeep, but that nothing can go is an answer here: the board is opened, and says so. */
async function freeze(tx: Write, heading: PlanHeading, wanted: readonly WantedChange[], now: Date): Promise<MadePlan | null> {
  try {
    return await freezeAndKeep(tx, heading, wanted, now);
  } catch (error) {
    // Refused before anything was written.
    if (error instanceof Refusal && error.failure.code === "plan_empty") return null;
    throw error;
  }
}

/**
 * Opens a board for somebody who leaves, or for tokens that may be in wrong hands, with a plan that removes them. Nothing is live
 * before its tap. Throws Refusal `forbidden`, `not_found`, `nothing_to_revoke`, `revocation_open`, `plan_too_large`.
 */
export async function openRevocation(actor: Actor, { personId, cause, reason, tokens }: Opening, clock: Clock = systemClock, db: Database = database()): Promise<Opened> {
  authorize(actor, "revocation.open");
  authorize(actor, "plan.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`revocation:${mspId}:${personId}`}, 0))`;
    const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
    if (person === null) throw new Refusal("not_found");
    const rows = await rowsOf(tx, personId, tokens);
    const ours = rows.filter(({ own }) => !own);
    if (ours.length === 0) throw new Refusal("nothing_to_revoke");
    const open = await tx.db.revocationRow.findFirst({ where: { mspId, own: false, OR: ours.map(({ vaultRef, uid }) => ({ vaultRef, uid })), revocation: { closedAt: null } } });
    if (open !== null) throw new Refusal("revocation_open");
    const revocationId = uuid7(now.getTime());
    const title = (cause === "leaver" ? `${person.name} leaves` : `Tokens of ${person.name} in wrong hands`).slice(0, 120);
    const made = await freeze(tx, { title, reason, ticket: null }, ours.map(({ vaultRef, uid }) => ({ change: "revoke", vaultRef, uid })), now);
    const held = made === null ? [] : await tx.db.planOperation.findMany({ where: { mspId, planId: made.planId }, select: { vaultRef: true } });
    const planned = new Set(held.map(({ vaultRef }) => vaultRef));
    await tx.db.revocation.create({ data: { mspId, revocationId, cause, personId, name: person.name, reason, openedBy: actor.id, openedAt: now } });
    await tx.db.revocationRow.createMany({
      data: rows.map(({ vaultRef, uid, agentId, name, scopes, allAccess, own }) => ({
        mspId, revocationId, vaultRef, uid, agentId, name, scopes, allAccess, own,
        leftOut: own || planned.has(vaultRef) ? null : (made?.leftOut.find((one) => one.vaultRef === vaultRef)?.findings[0]?.words ?? "No plan can hold it now."),
      })),
    });
    await record(tx, { action: "revocation.opened", target: { kind: "revocation", id: revocationId }, fields: { name: person.name, cause, rows: ours.length, own: rows.length - ours.length } });
    await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
    return { revocationId, planId: made?.planId ?? null };
  }, db);
}

/**
 * Freezes what of a board needs a tap and stands in no plan that can get one. Throws Refusal `not_found`, `forbidden`,
 * `revocation_nothing_open`, `plan_empty`.
 */
export async function planOpenRows(actor: Actor, { revocationId }: { revocationId: string }, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "revocation.open");
  authorize(actor, "plan.make");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } } });
    if (board === null) throw new Refusal("not_found");
    const rows = await boardRows(tx, revocationId, now);
    const waiting = rows.filter(({ verdict: { state, standing }, openPlan }) => openPlan === null && standing === null && (state === "tap" || state === "unplanned" || state === "again"));
    if (waiting.length === 0) throw new Refusal("revocation_nothing_open");
    const title = `${board.name}: what is still open`.slice(0, 120);
    return freezeAndKeep(tx, { title, reason: board.reason, ticket: null }, waiting.map(({ vaultRef, uid }) => ({ change: "revoke", vaultRef, uid })), now);
  }, db);
}

/**
 * Sets one row apart: a person says, for good, that its end can be proven no more, and why. It holds the board open no longer, and the
 * certificate names it as unproven. Throws Refusal `not_found`, `moved_on` (it is proven, or was set apart before).
 */
export async function setApart(actor: Actor, { revocationId, vaultRef, uid, words }: { revocationId: string; vaultRef: string; uid: string; words: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ client: string }> {
  authorize(actor, "revocation.open");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } } });
    if (board === null) throw new Refusal("not_found");
    const row = (await boardRows(tx, revocationId, now)).find((one) => one.vaultRef === vaultRef && one.uid === uid);
    if (row === undefined) throw new Refusal("not_found");
    // Only where nothing can be asked any more: whatever can still be proven is not to be talked away.
    if (row.verdict.state !== "ended") throw new Refusal("moved_on");
    await tx.db.revocationRow.updateMany({ where: { mspId, revocationId, vaultRef, uid, apartAt: null }, data: { apartAt: now, apartBy: actor.id, apartWords: words } });
    await record(tx, { action: "revocation.set_apart", target: { kind: "revocation", id: revocationId }, fields: { name: board.name, client: row.client, words } });
    await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
    return { client: row.client };
  }, db);
}
