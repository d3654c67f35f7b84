/** Members of the organisation: list, rights, freeze. */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";
import type { Proof } from "./ceremony.ts";
import { deeds } from "./deed.ts";
import { lockOwners, otherOwners } from "./owners.ts";
import { inOrder, rightsInWords, type PersonRight } from "./permission.ts";
import { stepUp } from "./step-up.ts";

export type MemberLine = { id: string; name: string; email: string; rights: PersonRight[]; createdAt: Date; frozenAt: Date | null; keys: number; sessions: number; lastSeenAt: Date | null; self: boolean };

/** Everybody of the organisation, by name. Sessions are counted, their places are their person's own business. */
export async function listMembers(actor: Actor): Promise<MemberLine[]> {
  authorize(actor, "member.read");
  const rows = await read(actor, ({ db }) => db.$queryRaw<{ person_id: string; name: string; email: string; rights: string[]; created_at: Date; frozen_at: Date | null; keys: number; sessions: number; seen_at: Date | null }[]>`
    select p.person_id, p.name, p.email, p.rights, p.created_at, p.frozen_at,
           (select count(*)::int from passkey k where k.msp_id = p.msp_id and k.person_id = p.person_id) as keys,
           (select count(*)::int from session s where s.msp_id = p.msp_id and s.person_id = p.person_id and s.revoked_at is null and s.expires_at > now()
               and s.seen_at > now() - make_interval(secs => ${limits.sessionIdleSeconds}::int)) as sessions,
           (select max(s.seen_at) from session s where s.msp_id = p.msp_id and s.person_id = p.person_id) as seen_at
      from person p where p.msp_id = ${actor.mspId}::uuid order by p.name, p.person_id`);
  return rows.map((row) => ({
    id: row.person_id, name: row.name, email: row.email, rights: inOrder(row.rights), createdAt: row.created_at, frozenAt: row.frozen_at,
    keys: row.keys, sessions: row.sessions, lastSeenAt: row.seen_at, self: row.person_id === actor.id,
  }));
}

async function member(tx: Write, personId: string) {
  const found = await tx.db.person.findUnique({ where: { mspId_personId: { mspId: tx.actor.mspId, personId } } });
  if (!found) throw new Refusal("not_found");
  return found;
}

/** Invitations of somebody who may not invite any more are worth nothing from that moment. */
const withdrawInvitations = (tx: Write, invitedBy: string) =>
  tx.db.invitation.updateMany({ where: { mspId: tx.actor.mspId, invitedBy, usedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });

/** Sets what a member may do; holds from their next click. Throws Refusal `last_owner`. */
export async function setRights(actor: Actor, { personId, rights, proof }: { personId: string; rights: readonly PersonRight[]; proof: Proof }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "member.rights");
  await stepUp(actor, deeds.setRights(personId, rights), proof, db);
  return write(actor, async (tx) => {
    await lockOwners(tx);
    const before = await member(tx, personId);
    const after = inOrder(rights);
    if (rightsInWords(before.rights) === rightsInWords(after)) throw new Refusal("moved_on");
    if (before.keptBy !== null) throw new Refusal("seat");
    if (before.rights.includes("owner") && !after.includes("owner")) {
      if ((await otherOwners(tx, personId)) === 0) throw new Refusal("last_owner");
      await withdrawInvitations(tx, personId);
    }
    await tx.db.person.update({ where: { mspId_personId: { mspId: actor.mspId, personId } }, data: { rights: after } });
    await record(tx, { action: "person.rights_changed", target: { kind: "person", id: personId }, fields: { name: before.name, from: rightsInWords(before.rights), to: rightsInWords(after) } });
    return { id: personId };
  }, db);
}

/** Ends every session of a member at once and lets them start none. No step-up: what stops harm must not wait for a key. */
export async function freeze(actor: Actor, { personId }: { personId: string }, db: Database = database()): Promise<{ id: string; sessions: number }> {
  authorize(actor, "member.freeze");
  return write(actor, async (tx) => {
    await lockOwners(tx);
    const before = await member(tx, personId);
    if (before.frozenAt) throw new Refusal("moved_on");
    if (before.rights.includes("owner") && (await otherOwners(tx, personId)) === 0) throw new Refusal("last_owner");
    const now = new Date();
    await tx.db.person.update({ where: { mspId_personId: { mspId: actor.mspId, personId } }, data: { frozenAt: now } });
    const { count: sessions } = await tx.db.session.updateMany({ where: { mspId: actor.mspId, personId, revokedAt: null, expiresAt: { gt: now } }, data: { revokedAt: now } });
    await withdrawInvitations(tx, personId);
    await tx.db.invitation.updateMany({ where: { mspId: actor.mspId, forPerson: personId, usedAt: null, revokedAt: null }, data: { revokedAt: now } });
    await record(tx, { action: "person.frozen", target: { kind: "person", id: personId }, fields: { name: before.name, sessions } });
    return { id: personId, sessions };
  }, db);
}

/** Lets a frozen member sign in again; their old sessions stay ended. */
export async function thaw(actor: Actor, { personId, proof }: { personId: string; proof: Proof }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "member.freeze");
  await stepUp(actor, deeds.thaw(personId), proof, db);
  return write(actor, async (tx) => {
    const before = await member(tx, personId);
    if (!before.frozenAt) throw new Refusal("moved_on");
    await tx.db.person.update({ where: { mspId_personId: { mspId: actor.mspId, personId } }, data: { frozenAt: null } });
    await record(tx, { action: "person.thawed", target: { kind: "person", id: personId }, fields: { name: before.name } });
    return { id: personId };
  }, db);
}
