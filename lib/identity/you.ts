/** What a person may say of themselves: their name. */
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";
import { inOrder, type PersonRight } from "./permission.ts";

/** `inboxKey`: an inbox key in force says the name, so that another name needs another key. `asked`: an address that waits for its proof. */
export type You = { id: string; name: string; email: string; emailVerifiedAt: Date | null; asked: string | null; rights: PersonRight[]; since: Date; inboxKey: boolean };

export async function readYou(actor: Actor, db: Database = database()): Promise<You> {
  authorize(actor, "self");
  const { mspId, id: personId } = actor;
  return read(actor, async (tx) => {
    const [person, asked, keys] = await Promise.all([
      tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } }),
      tx.db.addressProof.findFirst({ where: { mspId, personId, usedAt: null, replacedAt: null, expiresAt: { gt: new Date() } }, select: { email: true } }),
      tx.db.inboxKey.count({ where: { mspId, personId, replacedAt: null } }),
    ]);
    if (!person) throw new Refusal("sign_in_needed");
    const { name, email, emailVerifiedAt, rights, createdAt } = person;
    return { id: personId, name, email, emailVerifiedAt, asked: asked?.email ?? null, rights: inOrder(rights), since: createdAt, inboxKey: keys > 0 };
  }, db);
}

/**
 * Takes another name. An inbox key that states the former is offered to no signer any more and no vault takes it for a new
 * token (PROTOCOL 8: the operation's name is the statement's): its person makes a new one.
 * Throws Refusal `moved_on` when it is the name already.
 */
export async function renameYou(actor: Actor, { name }: { name: string }, db: Database = database()): Promise<{ name: string; inboxKey: boolean }> {
  authorize(actor, "self");
  const { mspId, id: personId } = actor;
  return write(actor, async (tx) => {
    const before = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
    if (!before) throw new Refusal("sign_in_needed");
    if (before.name === name) throw new Refusal("moved_on");
    const inboxKey = (await tx.db.inboxKey.count({ where: { mspId, personId, replacedAt: null } })) > 0;
    await tx.db.person.update({ where: { mspId_personId: { mspId, personId } }, data: { name } });
    await record(tx, { action: "person.renamed", target: { kind: "person", id: personId }, fields: { from: before.name, to: name, inbox_key: inboxKey } });
    return { name, inboxKey };
  }, db);
}
