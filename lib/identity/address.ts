/**
 * A person's address, and how it is proven: a one-time link that only its mailbox was sent. The same link changes an address:
 * the new one becomes theirs by being proven, and not before.
 */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { limits } from "../limits.ts";
import { queueMail } from "../mail/queue.ts";
import { record } from "../record/record.ts";
import { authorize, personActor, type Actor } from "./actor.ts";
import type { Proof } from "./ceremony.ts";
import { deeds } from "./deed.ts";
import { addressLink, drawSecret, hashOfSecret } from "./link.ts";
import { stepUp } from "./step-up.ts";

/** Sends the link, in the caller's transaction; an earlier one of the same person ends. Throws Refusal `too_many`. */
export async function sendAddressProof(tx: Write, person: { personId: string; name: string }, email: string): Promise<void> {
  const { mspId } = tx.actor;
  const { personId } = person;
  const [hour] = await tx.db.$queryRaw<{ sent: number }[]>`
    select count(*)::int as sent from address_proof where msp_id = ${mspId}::uuid and person_id = ${personId}::uuid and created_at > now() - interval '1 hour'`;
  if ((hour?.sent ?? 0) >= limits.addressProofsPerHour) throw new Refusal("too_many");
  await tx.db.addressProof.updateMany({ where: { mspId, personId, usedAt: null, replacedAt: null }, data: { replacedAt: new Date() } });
  const { secret, sha256 } = drawSecret();
  const id = uuid7();
  await tx.db.$executeRaw`
    insert into address_proof (msp_id, proof_id, person_id, email, secret_sha256, expires_at)
    values (${mspId}::uuid, ${id}::uuid, ${personId}::uuid, ${email}, ${sha256}, now() + make_interval(secs => ${limits.addressProofSeconds}::int))`;
  const { name: organisation } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
  await record(tx, { action: "address.asked", target: { kind: "person", id: personId }, fields: { email } });
  await queueMail(tx, { address: email, name: person.name }, "address_proof", { organisation, person: person.name, link: addressLink(env().APP_ORIGIN, secret) });
}

async function self(tx: Pick<Write, "db" | "actor">) {
  const { mspId, id: personId } = tx.actor;
  const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
  if (!person) throw new Refusal("sign_in_needed");
  return person;
}

/** Sends the link to one's own address once more. Throws Refusal `moved_on` when it is proven, `too_many`. */
export async function askAddressProof(actor: Actor, db: Database = database()): Promise<{ email: string }> {
  authorize(actor, "self");
  return write(actor, async (tx) => {
    const person = await self(tx);
    if (person.emailVerifiedAt) throw new Refusal("moved_on");
    await sendAddressProof(tx, person, person.email);
    return { email: person.email };
  }, db);
}

/** One's own address while it is not proven, or null. For the line over every page. */
export async function unprovenAddress(actor: Actor, db: Database = database()): Promise<string | null> {
  authorize(actor, "self");
  const { mspId, id: personId } = actor;
  const person = await read(actor, (tx) => tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } }, select: { email: true, emailVerifiedAt: true } }), db);
  return person && !person.emailVerifiedAt ? person.email : null;
}

async function refuseIfTaken(tx: Write, email: string) {
  const { mspId } = tx.actor;
  if (await tx.db.person.findUnique({ where: { mspId_email: { mspId, email } }, select: { personId: true } })) throw new Refusal("address_taken", { fields: { email: "This address belongs to a member." } });
}

/** Sends a link to another address; until it is used, mails go on to the former. Throws Refusal `address_taken`, `too_many`, those of the step-up. */
export async function askAddressChange(actor: Actor, { email, proof }: { email: string; proof: Proof }, db: Database = database()): Promise<{ email: string }> {
  authorize(actor, "self");
  await stepUp(actor, deeds.changeAddress(email), proof, db);
  return write(actor, async (tx) => {
    await refuseIfTaken(tx, email);
    await sendAddressProof(tx, await self(tx), email);
    return { email };
  }, db);
}

/** Throws Refusal `address_unknown`: mistyped, used, replaced, over, or of somebody who is frozen. */
async function open(secret: string, db: Database) {
  const [found] = await db.$queryRaw<{ msp_id: string; proof_id: string }[]>`select msp_id, proof_id from address_proof_find(${hashOfSecret(secret)})`;
  if (!found) throw new Refusal("address_unknown");
  const { msp_id: mspId, proof_id: proofId } = found;
  const visitor = personActor({ mspId, personId: proofId, name: "Address", rights: [] });
  const row = await read(visitor, async (tx) => {
    const proof = await tx.db.addressProof.findUniqueOrThrow({ where: { mspId_proofId: { mspId, proofId } }, include: { person: { include: { msp: { select: { name: true } } } } } });
    const [clock] = await tx.db.$queryRaw<{ over: boolean }[]>`select ${proof.expiresAt}::timestamptz <= now() as over`;
    return { ...proof, over: clock?.over ?? true };
  }, db);
  if (row.usedAt || row.replacedAt || row.over || row.person.frozenAt) throw new Refusal("address_unknown");
  return { mspId, proofId, person: row.person, email: row.email };
}

/** `from`: the address that it takes the place of, or null when it is the same. */
export type AddressLook = { organisation: string; name: string; email: string; from: string | null };

export async function lookAtAddress(secret: string, db: Database = database()): Promise<AddressLook> {
  const { person, email } = await open(secret, db);
  return { organisation: person.msp.name, name: person.name, email, from: person.email === email ? null : person.email };
}

/** Uses the link: the address is proven, and becomes the person's where it was another. Nobody is signed in by it. */
export async function proveAddress(secret: string, requestId?: string, db: Database = database()): Promise<{ email: string }> {
  const { mspId, proofId, person, email } = await open(secret, db);
  return write(personActor(person, undefined, requestId), async (tx) => {
    const used = await tx.db.$executeRaw`
      update address_proof set used_at = now()
       where msp_id = ${mspId}::uuid and proof_id = ${proofId}::uuid and used_at is null and replaced_at is null and expires_at > now()`;
    if (used !== 1) throw new Refusal("address_unknown");
    const before = await self(tx);
    const changes = before.email !== email;
    if (changes) await refuseIfTaken(tx, email);
    await tx.db.person.update({ where: { mspId_personId: { mspId, personId: before.personId } }, data: { email, emailVerifiedAt: new Date() } });
    if (changes) {
      // Links that wait in the former mailbox let nobody in any more.
      await tx.db.invitation.updateMany({ where: { mspId, forPerson: before.personId, usedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
      await record(tx, { action: "address.changed", target: { kind: "person", id: before.personId }, fields: { from: before.email, to: email } });
      await queueMail(tx, { address: before.email, name: before.name }, "address_changed", { organisation: person.msp.name, person: before.name, to: email, origin: env().APP_ORIGIN });
    }
    await record(tx, { action: "address.verified", target: { kind: "person", id: before.personId }, fields: { email } });
    return { email };
  }, db);
}
