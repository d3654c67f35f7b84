/** Invitations: send, list, take back; and joining with one. */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { installation, uuid7 } from "../id.ts";
import { limits } from "../limits.ts";
import { queueMail } from "../mail/queue.ts";
import { record } from "../record/record.ts";
import { authorize, personActor, type Actor } from "./actor.ts";
import type { Browser } from "./browser.ts";
import type { KeyQuestion, NewKey, Proof } from "./ceremony.ts";
import { burnChallenge, drawChallenge } from "./challenge.ts";
import { comeBack, refuseComingBack } from "./come-back.ts";
import { deeds } from "./deed.ts";
import { keepKey } from "./keep-key.ts";
import { drawSecret, hashOfSecret, joinLink } from "./link.ts";
import { inOrder, rightsInWords, type PersonRight } from "./permission.ts";
import { startSession, type Opened } from "./start-session.ts";
import { stepUp } from "./step-up.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeRegistration } from "./webauthn.ts";

/** `again`: for a member who lost every key. */
export type InvitationLine = { id: string; email: string; rights: PersonRight[]; by: string; createdAt: Date; expiresAt: Date; expired: boolean; again: boolean };

/** Open ones and those that ended unused, newest first. Their links are shown once, when they are made: only a hash is kept. */
export async function listInvitations(actor: Actor): Promise<InvitationLine[]> {
  authorize(actor, "member.read");
  const rows = await read(actor, ({ db }) => db.invitation.findMany({ where: { mspId: actor.mspId, usedAt: null, revokedAt: null }, include: { inviter: { select: { name: true } } }, orderBy: { createdAt: "desc" }, take: limits.invitationsOpen }));
  const now = Date.now();
  return rows.map((row) => ({ id: row.invitationId, email: row.email, rights: inOrder(row.rights), by: row.inviter.name, createdAt: row.createdAt, expiresAt: row.expiresAt, expired: row.expiresAt.getTime() <= now, again: row.forPerson !== null }));
}

async function refuseIfFull(tx: Write, email: string) {
  const { mspId } = tx.actor;
  if (await tx.db.person.findUnique({ where: { mspId_email: { mspId, email } }, select: { personId: true } })) throw new Refusal("already_member", { fields: { email: "This address belongs to a member." } });
  if ((await tx.db.person.count({ where: { mspId } })) >= limits.membersPerOrganisation) throw new Refusal("invalid", { fields: { email: `An organisation has at most ${limits.membersPerOrganisation} members.` } });
}

/**
 * Invites somebody: a mail, and the link for when mail is down. A newer invitation of the same address ends the older.
 * The link is in this answer and in the sealed mail, nowhere else. The same form sent twice is stopped by its proof, which
 * counts once. Throws Refusal `already_member`, `invalid` at a limit, and those of the step-up.
 */
export async function invite(actor: Actor, { email, rights, proof }: { email: string; rights: readonly PersonRight[]; proof: Proof }, db: Database = database()): Promise<{ id: string; link: string }> {
  authorize(actor, "member.invite");
  await stepUp(actor, deeds.invite(email, rights), proof, db);
  const { secret, sha256 } = drawSecret();
  const link = joinLink(env().APP_ORIGIN, secret);
  const id = uuid7();
  return write(actor, async (tx) => {
    const { mspId } = actor;
    await refuseIfFull(tx, email);
    await tx.db.invitation.updateMany({ where: { mspId, email, usedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
    if ((await tx.db.invitation.count({ where: { mspId, usedAt: null, revokedAt: null } })) >= limits.invitationsOpen) {
      throw new Refusal("invalid", { fields: { email: `At most ${limits.invitationsOpen} invitations stay open. Take some back first.` } });
    }
    await tx.db.$executeRaw`
      insert into invitation (msp_id, invitation_id, secret_sha256, email, rights, invited_by, expires_at)
      values (${mspId}::uuid, ${id}::uuid, ${sha256}, ${email}, ${inOrder(rights)}, ${actor.id}::uuid, now() + make_interval(secs => ${limits.invitationSeconds}::int))`;
    const { name: organisation } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    await record(tx, { action: "invitation.sent", target: { kind: "invitation", id }, fields: { email, rights: rightsInWords(rights) } });
    await queueMail(tx, { address: email, name: "" }, "invitation", { organisation, by: actor.name, rights: rightsInWords(rights), link });
    return { id, link };
  }, db);
}

export async function revokeInvitation(actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  authorize(actor, "member.invite");
  return write(actor, async (tx) => {
    const { mspId } = actor;
    const { count } = await tx.db.invitation.updateMany({ where: { mspId, invitationId: id, usedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count === 0) throw new Refusal("moved_on");
    const { email } = await tx.db.invitation.findUniqueOrThrow({ where: { mspId_invitationId: { mspId, invitationId: id } }, select: { email: true } });
    await record(tx, { action: "invitation.revoked", target: { kind: "invitation", id }, fields: { email } });
    return { id };
  });
}

/** `again`: the name of the member who comes back with a new key, or null for somebody new. */
export type Invited = { organisation: string; email: string; rights: PersonRight[]; by: string; again: string | null };

/** The invitation of a link, open. Throws Refusal `invitation_unknown`, `invitation_used`, `invitation_expired`. */
async function open(secret: string, db: Database) {
  const [found] = await db.$queryRaw<{ msp_id: string; invitation_id: string }[]>`select msp_id, invitation_id from invitation_find(${hashOfSecret(secret)})`;
  if (!found) throw new Refusal("invitation_unknown");
  const { msp_id: mspId, invitation_id: id } = found;
  const visitor = personActor({ mspId, personId: id, name: "Invited", rights: [] });
  const row = await read(visitor, async (tx) => {
    const invitation = await tx.db.invitation.findUniqueOrThrow({ where: { mspId_invitationId: { mspId, invitationId: id } }, include: { inviter: { select: { name: true } }, msp: { select: { name: true } }, again: true } });
    const [clock] = await tx.db.$queryRaw<{ over: boolean }[]>`select ${invitation.expiresAt}::timestamptz <= now() as over`;
    return { ...invitation, over: clock?.over ?? true };
  }, db);
  if (row.usedAt) throw new Refusal("invitation_used");
  if (row.revokedAt || row.over) throw new Refusal("invitation_expired");
  if (row.again) refuseComingBack(row.again);
  const invited: Invited = { organisation: row.msp.name, email: row.email, rights: inOrder(row.again?.rights ?? row.rights), by: row.inviter.name, again: row.again?.name ?? null };
  return { mspId, id, invited, again: row.again };
}

/** What the holder of a link may see before joining. */
export const lookAtInvitation = async (secret: string, db: Database = database()): Promise<Invited> => (await open(secret, db)).invited;

const bound = (browser: Pick<Browser, "bind">, invitationId: string, name: string) => browser.bind("join", invitationId, name);

export async function beginJoin({ secret, name }: { secret: string; name: string }, browser: Pick<Browser, "bind">, db: Database = database()): Promise<KeyQuestion> {
  const { id, invited, again } = await open(secret, db);
  const question = await drawChallenge(installation, "join", bound(browser, id, name), db);
  return { ...question, rpName: invited.organisation, userId: userHandleOf(again?.personId ?? question.challengeId), userName: invited.email, displayName: again?.name ?? name, exclude: [] };
}

/**
 * Makes the member, or lets the one who was invited again back in under their own name; uses the invitation up, opens the
 * session: one transaction, so that a refusal leaves the invitation open.
 */
export async function join({ secret, name }: { secret: string; name: string }, { challengeId, registration }: NewKey, browser: Browser, db: Database = database()): Promise<Opened> {
  const { mspId, id, invited, again } = await open(secret, db);
  const challenge = await burnChallenge(installation, challengeId, "join", bound(browser, id, name), db);
  const key = await judgeRegistration(registration, { challenge, origin: env().APP_ORIGIN });
  const person = again ?? { mspId, personId: challengeId, name, email: invited.email, rights: invited.rights };
  const label = again ? "Key after coming back" : "First key";
  return write(personActor(person, undefined, browser.requestId), async (tx) => {
    const used = await tx.db.$executeRaw`
      update invitation set used_at = now(), person_id = ${person.personId}::uuid
       where msp_id = ${mspId}::uuid and invitation_id = ${id}::uuid and used_at is null and revoked_at is null and expires_at > now()`;
    if (used !== 1) throw new Refusal("invitation_used");
    if (again) await comeBack(tx, key, label);
    else {
      await refuseIfFull(tx, person.email);
      // An owner named the address, and a link was sent to it: it needs no further proof.
      await tx.db.person.create({ data: { mspId, personId: person.personId, name, email: person.email, rights: [...person.rights], emailVerifiedAt: new Date() } });
      await record(tx, { action: "person.joined", target: { kind: "person", id: person.personId }, fields: { name, email: person.email, rights: rightsInWords(person.rights) } });
      await keepKey(tx, person, key, label);
    }
    return startSession(tx, { credentialId: key.credentialId, label }, browser);
  }, db);
}
