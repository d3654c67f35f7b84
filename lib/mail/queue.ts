import type { Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { uuid7 } from "../id.ts";
import { record } from "../record/record.ts";
import { seal, sealKeys } from "../seal.ts";
import { asHtml, asText, compose, type TemplateName, type Templates } from "./template.ts";

export type Recipient = { address: string; name: string };
export type SealedBody = { text: string; html: string };

/**
 * Puts a mail into the outbox, in the caller's transaction: it is sent if and only if that commits. Its words are sealed,
 * because they may hold a one-time link.
 * @returns the mail's id
 */
export async function queueMail<T extends TemplateName>(tx: Write, to: Recipient, template: T, data: Templates[T]): Promise<string> {
  const { mspId } = tx.actor;
  const id = uuid7();
  const mail = compose(template, data);
  const body: SealedBody = { text: asText(mail), html: asHtml(mail) };
  const sealedBody = seal(sealKeys(env().SEAL_KEYS), { mspId, object: id, purpose: "mail-body" }, JSON.stringify(body));
  await tx.db.mail.create({ data: { mspId, id, template, toAddress: to.address, toName: to.name, subject: mail.subject, sealedBody } });
  await record(tx, { action: "mail.queued", target: { kind: "mail", id }, fields: { template, to: to.address } });
  await tx.db.$executeRaw`select job_wake('mail_deliver')`;
  return id;
}
