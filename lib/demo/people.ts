/**
 * The demo's people become members, as if each had joined: person, passkey, pod, and for technicians the inbox key that they
 * stated. Statements go through the verb that judges those of a browser (lib/inbox/state.ts); one that does not hold stops here.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { rightsInWords } from "../identity/permission.ts";
import { stateInboxKey } from "../inbox/state.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { parseCoseKey } from "../protocol/cose.ts";
import { record } from "../record/record.ts";
import type { Member, People } from "./world.ts";

/** Authenticators that say no model have this (WebAuthn level 3, 6.5.2). */
const noModel = "00000000-0000-0000-0000-000000000000";
const day = (date: string) => new Date(`${date}T00:00:00Z`);

async function podsByName(tx: Write, pods: readonly string[]): Promise<Map<string, string>> {
  const { mspId } = tx.actor;
  await tx.db.pod.createMany({ data: pods.map((name, position) => ({ mspId, podId: uuid7(), name, position })), skipDuplicates: true });
  return new Map((await tx.db.pod.findMany({ where: { mspId, name: { in: [...pods] } } })).map(({ name, podId }) => [name, podId]));
}

async function addMember(tx: Write, { id: personId, name, email, rights, pod, tags, leave, passkey }: Member, pods: ReadonlyMap<string, string>): Promise<void> {
  const { mspId } = tx.actor;
  const publicKey = fromB64u(passkey.public_key);
  parseCoseKey(publicKey);
  const credentialId = fromB64u(passkey.credential_id);
  const [known] = await tx.db.$queryRaw<unknown[]>`select 1 from passkey_find(${credentialId})`;
  if (known) throw new Refusal("key_known");
  await tx.db.person.create({ data: { mspId, personId, name, email, rights } });
  await tx.db.passkey.create({
    data: { mspId, credentialId, personId, publicKey, counter: 0, transports: ["usb"], backupEligible: false, backedUp: false, aaguid: noModel, label: passkey.label },
  });
  if (rights.includes("technician")) {
    await tx.db.technician.create({ data: { mspId, personId, podId: pod === null ? null : (pods.get(pod) ?? null), tags, leaveFrom: leave && day(leave.from), leaveUntil: leave && day(leave.until) } });
  }
  await record(tx, { action: "demo.person_added", target: { kind: "person", id: personId }, fields: { name, rights: rightsInWords(rights) } });
}

/**
 * Brings in whoever is not there yet; a run that was cut off goes on where it stopped.
 * @param actor who claimed the demo
 * Throws Refusal `key_known` for a passkey that opens another door, `invalid`, `moved_on`, `tap_*` when a statement does not hold.
 */
export async function importPeople(actor: Actor, { pods, members }: People, clients: number, clock: Clock = systemClock, db: Database = database()): Promise<void> {
  const { mspId } = actor;
  const there = await read(actor, async (tx) => ({
    ids: new Set((await tx.db.person.findMany({ where: { mspId }, select: { personId: true } })).map(({ personId }) => personId)),
    keyed: new Set((await tx.db.inboxKey.findMany({ where: { mspId, replacedAt: null }, select: { personId: true } })).map(({ personId }) => personId)),
  }), db);
  const missing = members.filter(({ id }) => !there.ids.has(id));
  if (missing.length > 0) {
    await write(actor, async (tx) => {
      const byName = await podsByName(tx, pods);
      for (const member of missing) await addMember(tx, member, byName);
    }, db);
  }
  for (const { id: personId, name, rights, inbox } of members) {
    if (inbox === null || there.keyed.has(personId)) continue;
    if (!rights.includes("technician")) throw new Refusal("invalid");
    await stateInboxKey(personActor({ mspId, personId, name, rights }), inbox, clock, db);
  }
  await write(actor, async (tx) => {
    const changed = await tx.db.$executeRaw`update demo set people_at = now(), clients = ${clients}::int where msp_id = ${mspId}::uuid and people_at is null`;
    if (changed === 1) await record(tx, { action: "demo.people_added", fields: { people: members.length, pods: pods.length, clients } });
    else tx.replayed = true;
  }, db);
}
