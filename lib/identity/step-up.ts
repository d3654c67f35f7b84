/**
 * Step-up: a fresh tap for one deed. The challenge is bound to the session and to the exact text of the deed, which the verb
 * derives again from what it is about to do (lib/identity/deed.ts).
 */
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";
import { answer, countOn } from "./answer.ts";
import type { Proof, TapQuestion } from "./ceremony.ts";
import { bindingOf, burnChallenge, drawChallenge } from "./challenge.ts";

/** What a signed-in person's challenges are bound to. Throws Refusal `sign_in_needed` for an actor without a session. */
export function bindingOfSession(actor: Actor, ...parts: string[]): ReturnType<typeof bindingOf> {
  if (actor.kind !== "person" || !actor.sessionId) throw new Refusal("sign_in_needed");
  return bindingOf("session", actor.mspId, actor.sessionId, ...parts);
}

export async function beginStepUp(actor: Actor, deed: string, db: Database = database()): Promise<TapQuestion> {
  authorize(actor, "self");
  const boundTo = bindingOfSession(actor, deed);
  const keys = await read(actor, (tx) => tx.db.passkey.findMany({ where: { mspId: actor.mspId, personId: actor.id }, select: { credentialId: true } }), db);
  return { ...(await drawChallenge(actor.mspId, "stepup", boundTo, db)), allow: keys.map(({ credentialId }) => b64u(credentialId)) };
}

/** Burns, judges, and records the tap. Throws Refusal; `key_refused` also for a good key of somebody else. */
export async function stepUp(actor: Actor, deed: string, { challengeId, assertion }: Proof, db: Database = database()): Promise<void> {
  const challenge = await burnChallenge(actor.mspId, challengeId, "stepup", bindingOfSession(actor, deed), db);
  const answered = await answer(assertion, { challenge, origin: env().APP_ORIGIN }, actor.requestId, db);
  if (answered.actor.mspId !== actor.mspId || answered.actor.id !== actor.id) throw new Refusal("key_refused");
  const counted = await write(actor, async (tx) => {
    if (!(await countOn(tx, answered))) return false;
    await record(tx, { action: "session.stepped_up", target: { kind: "session", id: actor.sessionId! }, fields: { key: answered.key.label, deed } });
    return true;
  }, db);
  if (!counted) throw new Refusal("key_refused");
}
