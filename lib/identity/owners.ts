/** Owners: the rule that no act leaves an organisation without one who can sign in, decided under one row's lock; and telling them all. */
import type { Write } from "../db/tenant.ts";
import { queueMail } from "../mail/queue.ts";
import type { TemplateName, Templates } from "../mail/template.ts";

/** Two owners who remove each other at the same moment are put in a row here. First statement of every act that could take an owner. */
export async function lockOwners(tx: Write): Promise<void> {
  await tx.db.$queryRaw`select 1 from msp where msp_id = ${tx.actor.mspId}::uuid for update`;
}

/** How many owners besides this person can sign in: not frozen, with a key. */
export function otherOwners(tx: Write, personId: string): Promise<number> {
  return tx.db.person.count({ where: { mspId: tx.actor.mspId, personId: { not: personId }, rights: { has: "owner" }, frozenAt: null, passkeys: { some: {} } } });
}

/**
 * Mails every owner who is not frozen, and `also` somebody it concerns, once each.
 * @returns how many mails were queued
 */
export async function mailOwners<T extends TemplateName>(tx: Write, template: T, data: Templates[T], also: readonly { email: string; name: string }[] = []): Promise<number> {
  const owners = await tx.db.person.findMany({ where: { mspId: tx.actor.mspId, rights: { has: "owner" }, frozenAt: null }, orderBy: { personId: "asc" } });
  const everybody = new Map([...also, ...owners].map(({ email, name }) => [email, name]));
  for (const [address, name] of everybody) await queueMail(tx, { address, name }, template, data);
  return everybody.size;
}
