/**
 * A member who lost every key and is no owner: an owner invites them again, and the link lets the same person in with a new
 * key. What the lost keys held ends with it. An owner comes back by lib/identity/recovery.ts only.
 */
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { limits } from "../limits.ts";
import { queueMail } from "../mail/queue.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";
import type { Proof } from "./ceremony.ts";
import { deeds } from "./deed.ts";
import { keepKey } from "./keep-key.ts";
import { drawSecret, joinLink } from "./link.ts";
import { lockOwners, mailOwners } from "./owners.ts";
import { stepUp } from "./step-up.ts";
import type { VerifiedKey } from "./webauthn.ts";

/**
 * Sends the link to the person's own address and shows it to nobody: an owner who held it could come in as them.
 * Throws Refusal `not_found`, `owner_needs_way_back`, `person_frozen`, `invalid` at the limit of open ones, those of the step-up.
 */
export async function inviteAgain(actor: Actor, { personId, proof }: { personId: string; proof: Proof }, db: Database = database()): Promise<{ id: string; email: string }> {
  authorize(actor, "member.invite");
  await stepUp(actor, deeds.inviteAgain(personId), proof, db);
  const { secret, sha256 } = drawSecret();
  const id = uuid7();
  return write(actor, async (tx) => {
    const { mspId } = actor;
    const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } }, include: { msp: true } });
    if (!person) throw new Refusal("not_found");
    if (person.rights.includes("owner")) throw new Refusal("owner_needs_way_back");
    if (person.keptBy !== null) throw new Refusal("seat");
    if (person.frozenAt) throw new Refusal("person_frozen", { detail: "They are frozen: let them in again first. Nothing was sent." });
    await tx.db.invitation.updateMany({ where: { mspId, forPerson: personId, usedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
    if ((await tx.db.invitation.count({ where: { mspId, usedAt: null, revokedAt: null } })) >= limits.invitationsOpen) throw new Refusal("invalid", { detail: `At most ${limits.invitationsOpen} invitations stay open. Take some back first.` });
    await tx.db.$executeRaw`
      insert into invitation (msp_id, invitation_id, secret_sha256, email, rights, invited_by, for_person, expires_at)
      values (${mspId}::uuid, ${id}::uuid, ${sha256}, ${person.email}, ${person.rights}, ${actor.id}::uuid, ${personId}::uuid, now() + make_interval(secs => ${limits.invitationSeconds}::int))`;
    await record(tx, { action: "person.invited_again", target: { kind: "person", id: personId }, fields: { name: person.name, email: person.email } });
    await queueMail(tx, { address: person.email, name: person.name }, "invited_again", { organisation: person.msp.name, by: actor.name, person: person.name, link: joinLink(env().APP_ORIGIN, secret) });
    return { id, email: person.email };
  }, db);
}

/** Throws Refusal `invitation_expired` where the person may not come back this way any more. */
export function refuseComingBack(person: { frozenAt: Date | null; rights: readonly string[]; keptBy: string | null }): void {
  if (person.frozenAt || person.keptBy !== null || person.rights.includes("owner")) throw new Refusal("invitation_expired");
}

/**
 * In the transaction that used the link: former keys and sessions end, the inbox key with all its copies too, since whoever
 * has a lost key could open it; then the new key is kept. The person and all owners are mailed.
 */
export async function comeBack(tx: Write, key: VerifiedKey, label: string): Promise<void> {
  await lockOwners(tx);
  const { mspId, id: personId } = tx.actor;
  const person = await tx.db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId } }, include: { msp: true } });
  refuseComingBack(person);
  const now = new Date();
  const { count: keys } = await tx.db.passkey.deleteMany({ where: { mspId, personId } });
  const { count: sessions } = await tx.db.session.updateMany({ where: { mspId, personId, revokedAt: null, expiresAt: { gt: now } }, data: { revokedAt: now } });
  const { count: inboxKeys } = await tx.db.inboxKey.updateMany({ where: { mspId, personId, replacedAt: null }, data: { replacedAt: now } });
  await tx.db.inboxCopy.deleteMany({ where: { mspId, inboxKey: { personId } } });
  // The link was in this mailbox only.
  if (!person.emailVerifiedAt) await tx.db.person.update({ where: { mspId_personId: { mspId, personId } }, data: { emailVerifiedAt: now } });
  await record(tx, { action: "person.came_back", target: { kind: "person", id: personId }, fields: { name: person.name, keys, sessions, inbox_key: inboxKeys > 0 } });
  await keepKey(tx, person, key, label);
  await mailOwners(tx, "came_back", { organisation: person.msp.name, person: person.name, origin: env().APP_ORIGIN }, [person]);
}
