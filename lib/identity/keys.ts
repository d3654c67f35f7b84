/** A person's own keys: list, add, rename, remove. */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { queueMail } from "../mail/queue.ts";
import { b64u, tryB64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";
import { burnChallenge, drawChallenge } from "./challenge.ts";
import type { KeyQuestion, NewKey, Proof } from "./ceremony.ts";
import { deeds } from "./deed.ts";
import { keepKey } from "./keep-key.ts";
import { lockOwners, otherOwners } from "./owners.ts";
import { bindingOfSession, stepUp } from "./step-up.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeRegistration } from "./webauthn.ts";

export type KeyLine = { id: string; label: string; hardwareBound: boolean; backedUp: boolean; createdAt: Date; lastUsedAt: Date | null };

export async function listKeys(actor: Actor): Promise<KeyLine[]> {
  authorize(actor, "self");
  const rows = await read(actor, ({ db }) => db.passkey.findMany({ where: { mspId: actor.mspId, personId: actor.id }, orderBy: { createdAt: "asc" }, omit: { publicKey: true } }));
  return rows.map((row) => ({ id: b64u(row.credentialId), label: row.label, hardwareBound: !row.backupEligible, backedUp: row.backedUp, createdAt: row.createdAt, lastUsedAt: row.lastUsedAt }));
}

const self = async (tx: Pick<Write, "db" | "actor">) => {
  const { mspId, id: personId } = tx.actor;
  const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
  if (!person) throw new Refusal("sign_in_needed");
  return person;
};

/** After a tap with a key that is there already: the question to the new one. Throws Refusal. */
export async function beginKey(actor: Actor, { proof }: { proof: Proof }, db: Database = database()): Promise<KeyQuestion> {
  authorize(actor, "self");
  await stepUp(actor, deeds.addKey(), proof, db);
  const { person, msp, keys } = await read(actor, async (tx) => ({
    person: await self(tx),
    msp: await tx.db.msp.findUniqueOrThrow({ where: { mspId: actor.mspId } }),
    keys: await tx.db.passkey.findMany({ where: { mspId: actor.mspId, personId: actor.id }, select: { credentialId: true } }),
  }), db);
  const question = await drawChallenge(actor.mspId, "addkey", bindingOfSession(actor, "addkey"), db);
  return { ...question, rpName: msp.name, userId: userHandleOf(person.personId), userName: person.email, displayName: person.name, exclude: keys.map(({ credentialId }) => b64u(credentialId)) };
}

export async function addKey(actor: Actor, { label, key }: { label: string; key: NewKey }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "self");
  const challenge = await burnChallenge(actor.mspId, key.challengeId, "addkey", bindingOfSession(actor, "addkey"), db);
  const verified = await judgeRegistration(key.registration, { challenge, origin: env().APP_ORIGIN });
  return write(actor, async (tx) => {
    await keepKey(tx, await self(tx), verified, label);
    return { id: b64u(verified.credentialId) };
  }, db);
}

async function ownKey(tx: Pick<Write, "db" | "actor">, id: string) {
  const { mspId, id: personId } = tx.actor;
  const credentialId = tryB64u(id);
  const key = credentialId && (await tx.db.passkey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } } }));
  // Somebody else's key and no key are the same answer.
  if (!key || key.personId !== personId) throw new Refusal("not_found");
  return key;
}

export async function renameKey(actor: Actor, { id, label }: { id: string; label: string }): Promise<{ id: string }> {
  authorize(actor, "self");
  return write(actor, async (tx) => {
    const key = await ownKey(tx, id);
    await tx.db.passkey.update({ where: { mspId_credentialId: { mspId: actor.mspId, credentialId: key.credentialId } }, data: { label } });
    await record(tx, { action: "passkey.renamed", target: { kind: "passkey", id }, fields: { from: key.label, to: label } });
    return { id };
  });
}

/** Removes a key; sessions that it opened end with it. Throws Refusal `last_key` for the last key of the last owner. */
export async function removeKey(actor: Actor, { id, proof }: { id: string; proof: Proof }, db: Database = database()): Promise<{ id: string; endedThisSession: boolean }> {
  authorize(actor, "self");
  await stepUp(actor, deeds.removeKey(id), proof, db);
  return write(actor, async (tx) => {
    await lockOwners(tx);
    const { mspId, id: personId } = actor;
    const key = await ownKey(tx, id);
    const person = await self(tx);
    const keys = await tx.db.passkey.count({ where: { mspId, personId } });
    if (keys === 1 && person.rights.includes("owner") && (await otherOwners(tx, personId)) === 0) throw new Refusal("last_key");
    const opened = { mspId, personId, credentialId: key.credentialId, revokedAt: null };
    const own = await tx.db.session.count({ where: { ...opened, ...(actor.sessionId && { sessionId: actor.sessionId }) } });
    await tx.db.session.updateMany({ where: opened, data: { revokedAt: new Date() } });
    await tx.db.passkey.delete({ where: { mspId_credentialId: { mspId, credentialId: key.credentialId } } });
    await record(tx, { action: "passkey.removed", target: { kind: "passkey", id }, fields: { label: key.label } });
    await queueMail(tx, { address: person.email, name: person.name }, "key_removed", { name: person.name, label: key.label, origin: env().APP_ORIGIN });
    return { id, endedThisSession: own > 0 };
  }, db);
}
