import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { checkCopies, derivation } from "./copies.ts";

export const copyShape = z.strictObject({ inbox_key_id: z.uuid(), wrapped: z.string().regex(/^[A-Za-z0-9_-]+$/).max(80) });

/**
 * The private half under one more passkey of the same person, so that losing one loses no token.
 * @param proven the passkey that just answered an `inbox` ceremony (lib/identity): its id, and that it is the actor's
 * Throws Refusal `inbox_key_needed`, `inbox_passkey_gone`, `too_many`.
 */
export async function addInboxCopy(actor: Actor, given: z.output<typeof copyShape>, proven: { credentialId: Uint8Array; label: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ copies: number }> {
  authorize(actor, "inbox_key.own");
  const { mspId, id: personId } = actor;
  const credentialId = Uint8Array.from(proven.credentialId);
  try {
    checkCopies([{ credential_id: b64u(credentialId), derivation, wrapped: given.wrapped }]);
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
  return write(actor, async (tx) => {
    const key = await tx.db.inboxKey.findFirst({ where: { mspId, inboxKeyId: given.inbox_key_id, personId, replacedAt: null } });
    if (!key) throw new Refusal("inbox_key_needed");
    const passkey = await tx.db.passkey.findFirst({ where: { mspId, credentialId, personId } });
    if (!passkey) throw new Refusal("inbox_passkey_gone");
    const where = { mspId, inboxKeyId: key.inboxKeyId };
    await tx.db.inboxCopy.deleteMany({ where: { ...where, credentialId } });
    const copies = (await tx.db.inboxCopy.count({ where })) + 1;
    if (copies > limits.inboxCopies) throw new Refusal("too_many");
    await tx.db.inboxCopy.create({ data: { ...where, credentialId, derivation, wrapped: fromB64u(given.wrapped), createdAt: clock.now() } });
    await record(tx, { action: "inbox_key.copied", target: { kind: "inbox_key", id: key.inboxKeyId }, fields: { key: proven.label } });
    return { copies };
  }, db);
}
