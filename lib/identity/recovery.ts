/**
 * The way back for an owner who lost every key (SPEC section 11): opened on the server (lib/identity/recover.ts), mailed to all
 * owners, effective after 24 hours, stopped by any owner until it is used. Keys that sign in vaults are not touched.
 */
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { installation, uuid7 } from "../id.ts";
import { limits } from "../limits.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { authorize, personActor, serverOperator, type Actor } from "./actor.ts";
import type { Browser } from "./browser.ts";
import type { KeyQuestion, NewKey } from "./ceremony.ts";
import { burnChallenge, drawChallenge } from "./challenge.ts";
import { keepKey } from "./keep-key.ts";
import { drawSecret, hashOfSecret, recoverLink } from "./link.ts";
import { mailOwners } from "./owners.ts";
import { startSession, type Opened } from "./start-session.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeRegistration } from "./webauthn.ts";

const minutes = (at: Date) => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

export type Asked = { organisation: string; person: string; effectiveAt: Date; expiresAt: Date; link: string; mailed: number };

/** Owners with this address, by organisation. For the program on the server only; no door leads here. */
export async function ownersAt(email: string, db: Database = database()): Promise<{ mspId: string; personId: string; organisation: string }[]> {
  const found = await db.$queryRaw<{ msp_id: string; person_id: string }[]>`select msp_id, person_id from owner_find(${email})`;
  return Promise.all(found.map(async ({ msp_id: mspId, person_id: personId }) => {
    const msp = await read(serverOperator(mspId), (tx) => tx.db.msp.findUniqueOrThrow({ where: { mspId } }), db);
    return { mspId, personId, organisation: msp.name };
  }));
}

/** Opens a way back; one that was open for this owner is stopped. The link is in the answer only: of its secret a hash is kept. */
export async function askRecovery({ mspId, personId }: { mspId: string; personId: string }, db: Database = database()): Promise<Asked> {
  const { secret, sha256 } = drawSecret();
  return write(serverOperator(mspId), async (tx) => {
    const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } }, include: { msp: true } });
    if (!person || person.frozenAt || !person.rights.includes("owner")) throw new Refusal("not_found");
    await tx.db.ownerRecovery.updateMany({ where: { mspId, personId, usedAt: null, stoppedAt: null }, data: { stoppedAt: new Date() } });
    const recoveryId = uuid7();
    const open = limits.recoveryDelaySeconds + limits.recoveryOpenSeconds;
    const [times] = await tx.db.$queryRaw<{ effective_at: Date; expires_at: Date }[]>`
      insert into owner_recovery (msp_id, recovery_id, person_id, secret_sha256, effective_at, expires_at)
      values (${mspId}::uuid, ${recoveryId}::uuid, ${personId}::uuid, ${sha256}, now() + make_interval(secs => ${limits.recoveryDelaySeconds}::int), now() + make_interval(secs => ${open}::int))
      returning effective_at, expires_at`;
    const { effective_at: effectiveAt, expires_at: expiresAt } = times!;
    await record(tx, { action: "recovery.asked", target: { kind: "recovery", id: recoveryId }, fields: { name: person.name, email: person.email, effective: minutes(effectiveAt) } });
    const mailed = await mailOwners(tx, "recovery_asked", { organisation: person.msp.name, person: person.name, effective: minutes(effectiveAt), origin: env().APP_ORIGIN });
    return { organisation: person.msp.name, person: person.name, effectiveAt, expiresAt, link: recoverLink(env().APP_ORIGIN, secret), mailed };
  }, db);
}

export type RecoveryLine = { id: string; person: string; createdAt: Date; effectiveAt: Date; expiresAt: Date };

/** Those that are open. */
export async function listRecoveries(actor: Actor): Promise<RecoveryLine[]> {
  authorize(actor, "recovery.stop");
  const rows = await read(actor, ({ db }) => db.ownerRecovery.findMany({ where: { mspId: actor.mspId, usedAt: null, stoppedAt: null, expiresAt: { gt: new Date() } }, include: { person: { select: { name: true } } }, orderBy: { createdAt: "desc" } }));
  return rows.map((row) => ({ id: row.recoveryId, person: row.person.name, createdAt: row.createdAt, effectiveAt: row.effectiveAt, expiresAt: row.expiresAt }));
}

/** Any owner, at any time before it is used. Throws Refusal `moved_on`. */
export async function stopRecovery(actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  authorize(actor, "recovery.stop");
  return write(actor, async (tx) => {
    const { mspId } = actor;
    const { count } = await tx.db.ownerRecovery.updateMany({ where: { mspId, recoveryId: id, usedAt: null, stoppedAt: null }, data: { stoppedAt: new Date() } });
    if (count === 0) throw new Refusal("moved_on");
    const { person } = await tx.db.ownerRecovery.findUniqueOrThrow({ where: { mspId_recoveryId: { mspId, recoveryId: id } }, include: { person: { select: { name: true } } } });
    await record(tx, { action: "recovery.stopped", target: { kind: "recovery", id }, fields: { name: person.name } });
    return { id };
  });
}

export type WayBack = { organisation: string; name: string; effectiveAt: Date; effective: boolean };

/** Throws Refusal `recovery_unknown`: mistyped, used, stopped, ended, or for somebody who is frozen or no owner any more. */
async function open(secret: string, db: Database) {
  const [found] = await db.$queryRaw<{ msp_id: string; recovery_id: string }[]>`select msp_id, recovery_id from owner_recovery_find(${hashOfSecret(secret)})`;
  if (!found) throw new Refusal("recovery_unknown");
  const { msp_id: mspId, recovery_id: id } = found;
  const visitor = personActor({ mspId, personId: id, name: "Way back", rights: [] });
  const row = await read(visitor, async (tx) => {
    const recovery = await tx.db.ownerRecovery.findUniqueOrThrow({ where: { mspId_recoveryId: { mspId, recoveryId: id } }, include: { person: { include: { msp: true } } } });
    const [clock] = await tx.db.$queryRaw<{ over: boolean; effective: boolean }[]>`select ${recovery.expiresAt}::timestamptz <= now() as over, ${recovery.effectiveAt}::timestamptz <= now() as effective`;
    return { ...recovery, ...clock! };
  }, db);
  if (row.usedAt || row.stoppedAt || row.over || row.person.frozenAt || !row.person.rights.includes("owner")) throw new Refusal("recovery_unknown");
  return { mspId, id, person: row.person, effectiveAt: row.effectiveAt, effective: row.effective };
}

export async function lookAtRecovery(secret: string, db: Database = database()): Promise<WayBack> {
  const { person, effectiveAt, effective } = await open(secret, db);
  return { organisation: person.msp.name, name: person.name, effectiveAt, effective };
}

/** Throws Refusal `recovery_waiting` before its time. */
export async function beginRecovery(secret: string, browser: Pick<Browser, "bind">, db: Database = database()): Promise<KeyQuestion> {
  const { id, person, effective } = await open(secret, db);
  if (!effective) throw new Refusal("recovery_waiting");
  const question = await drawChallenge(installation, "recover", browser.bind("recover", id), db);
  const keys = await read(personActor(person), (tx) => tx.db.passkey.findMany({ where: { mspId: person.mspId, personId: person.personId }, select: { credentialId: true } }), db);
  return { ...question, rpName: person.msp.name, userId: userHandleOf(person.personId), userName: person.email, displayName: person.name, exclude: keys.map(({ credentialId }) => b64u(credentialId)) };
}

/** Keeps the new key, uses the way back up, tells all owners, opens a session. Older keys stay, for the owner to remove. */
export async function recover(secret: string, { challengeId, registration }: NewKey, browser: Browser, db: Database = database()): Promise<Opened> {
  const { mspId, id, person } = await open(secret, db);
  const challenge = await burnChallenge(installation, challengeId, "recover", browser.bind("recover", id), db);
  const key = await judgeRegistration(registration, { challenge, origin: env().APP_ORIGIN });
  const label = "Key after the way back";
  return write(personActor(person, undefined, browser.requestId), async (tx) => {
    const used = await tx.db.$executeRaw`
      update owner_recovery set used_at = now()
       where msp_id = ${mspId}::uuid and recovery_id = ${id}::uuid and used_at is null and stopped_at is null and effective_at <= now() and expires_at > now()`;
    if (used !== 1) throw new Refusal("recovery_unknown");
    await keepKey(tx, person, key, label);
    await record(tx, { action: "recovery.used", target: { kind: "recovery", id }, fields: { name: person.name, label } });
    await mailOwners(tx, "recovery_used", { organisation: person.msp.name, person: person.name, origin: env().APP_ORIGIN });
    return startSession(tx, { credentialId: key.credentialId, label }, browser);
  }, db);
}
