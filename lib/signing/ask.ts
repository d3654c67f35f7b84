/** What the console asks of the signing house: each verb makes a ticket, and nothing else. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { offerable } from "../inbox/waiting.ts";
import { MAX_CONFIRMED } from "../protocol/clients.ts";
import { MAX_ENDORSED } from "../protocol/inbox.ts";
import { confirmable } from "./confirmable.ts";
import { makeTicket } from "./ticket.ts";

export type AskedWindow = { id: string; url: string };

/** A window in which the actor enrols a new signing key under this label. Its record is the ticket's (makeTicket calls record()). */
export async function askEnrol(actor: Actor, { label }: { label: string }, userAgent: string, clock: Clock = systemClock, db: Database = database()): Promise<AskedWindow> {
  authorize(actor, "signing_key.enrol");
  return write(actor, (tx) => makeTicket(tx, { kind: "enrol", label, userAgent }, clock), db);
}

/**
 * A window in which the actor endorses the inbox keys of this list, or all that wait. The list is frozen here: who comes
 * later waits for the next.
 * Throws Refusal `signing_key_needed`, `moved_on` when none of them waits any more.
 */
export async function askEndorse(actor: Actor, { ids }: { ids?: readonly string[] }, userAgent: string, clock: Clock = systemClock, db: Database = database()): Promise<AskedWindow> {
  authorize(actor, "inbox_key.endorse");
  return write(actor, async (tx) => {
    const keys = await tx.db.signingKey.count({ where: { mspId: actor.mspId, personId: actor.id, removedAt: null } });
    if (keys === 0) throw new Refusal("signing_key_needed");
    const waiting = (await offerable(tx, ids, clock.now())).slice(0, MAX_ENDORSED);
    if (waiting.length === 0) throw new Refusal("moved_on");
    return makeTicket(tx, { kind: "endorse", inboxKeyIds: waiting.map(({ inboxKeyId }) => inboxKeyId), userAgent }, clock);
  }, db);
}

/**
 * A window in which the actor confirms which keys are these clients', or all that wait. The list is frozen here, as in askEndorse.
 * Throws Refusal `signing_key_needed`, `moved_on` when none of them can be confirmed any more.
 */
export async function askConfirm(actor: Actor, { vaultRefs }: { vaultRefs?: readonly string[] }, userAgent: string, clock: Clock = systemClock, db: Database = database()): Promise<AskedWindow> {
  authorize(actor, "client.connect");
  return write(actor, async (tx) => {
    const keys = await tx.db.signingKey.count({ where: { mspId: actor.mspId, personId: actor.id, removedAt: null } });
    if (keys === 0) throw new Refusal("signing_key_needed");
    const waiting = (await confirmable(tx, vaultRefs)).slice(0, MAX_CONFIRMED);
    if (waiting.length === 0) throw new Refusal("moved_on");
    return makeTicket(tx, { kind: "confirm", vaultRefs: waiting.map(({ vaultRef }) => vaultRef), userAgent }, clock);
  }, db);
}
