/**
 * The private half of an inbox key under one more passkey of the same person, so that losing one loses no token. The new
 * passkey answers an `inbox` question (PROTOCOL 6, "One credential, one purpose"), which a sign-in or a step-up never is.
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { answer, countOn } from "../identity/answer.ts";
import { proofShape, type Question } from "../identity/ceremony.ts";
import { burnChallenge, drawChallenge } from "../identity/challenge.ts";
import { bindingOfSession } from "../identity/step-up.ts";
import { limits } from "../limits.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { checkCopies, derivation } from "./copies.ts";

export const copyShape = z.strictObject({ inbox_key_id: z.uuid(), wrapped: z.string().regex(/^[A-Za-z0-9_-]+$/).max(80), proof: proofShape });

/** The question to the passkey that is to open the key too; bound to this session and this key. */
export async function beginInboxCopy(actor: Actor, { inbox_key_id: id }: { inbox_key_id: string }, db: Database = database()): Promise<Question> {
  authorize(actor, "inbox_key.own");
  return drawChallenge(actor.mspId, "inbox", bindingOfSession(actor, "inbox", id), db);
}

/** Throws Refusal: the ceremony's, `inbox_key_needed`, `inbox_passkey_gone`, `too_many`, `invalid`. */
export async function addInboxCopy(actor: Actor, given: z.output<typeof copyShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ copies: number }> {
  authorize(actor, "inbox_key.own");
  const { mspId, id: personId } = actor;
  const challenge = await burnChallenge(mspId, given.proof.challengeId, "inbox", bindingOfSession(actor, "inbox", given.inbox_key_id), db);
  const answered = await answer(given.proof.assertion, { challenge, origin: env().APP_ORIGIN }, actor.requestId, db);
  if (answered.actor.mspId !== mspId || answered.actor.id !== personId) throw new Refusal("inbox_passkey_gone");
  const { credentialId, label } = answered.key;
  try {
    checkCopies([{ credential_id: b64u(credentialId), derivation, wrapped: given.wrapped }]);
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
  const copies = await write(actor, async (tx) => {
    if (!(await countOn(tx, answered))) return 0;
    const key = await tx.db.inboxKey.findFirst({ where: { mspId, inboxKeyId: given.inbox_key_id, personId, replacedAt: null } });
    if (!key) throw new Refusal("inbox_key_needed");
    const where = { mspId, inboxKeyId: key.inboxKeyId };
    await tx.db.inboxCopy.deleteMany({ where: { ...where, credentialId } });
    const count = (await tx.db.inboxCopy.count({ where })) + 1;
    if (count > limits.inboxCopies) throw new Refusal("too_many");
    await tx.db.inboxCopy.create({ data: { ...where, credentialId, derivation, wrapped: fromB64u(given.wrapped), createdAt: clock.now() } });
    await record(tx, { action: "inbox_key.copied", target: { kind: "inbox_key", id: key.inboxKeyId }, fields: { key: label } });
    return count;
  }, db);
  if (copies === 0) throw new Refusal("key_refused");
  return { copies };
}
