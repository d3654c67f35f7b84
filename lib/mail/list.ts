import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";

export type MailState = "waiting" | "sent" | "failed";
export type MailLine = { id: string; template: string; to: string; subject: string; state: MailState; attempts: number; lastError: string | null; nextAt: Date | null; transport: string | null; createdAt: Date; sentAt: Date | null };

const shown = 100;

/** The newest mails of the actor's tenant. What they say is never listed: it may hold a one-time link. */
export async function listMails(actor: Actor): Promise<MailLine[]> {
  authorize(actor, "mail.read");
  const rows = await read(actor, ({ db }) =>
    db.mail.findMany({ where: { mspId: actor.mspId }, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: shown, omit: { sealedBody: true } }),
  );
  return rows.map((row) => ({
    id: row.id, template: row.template, to: row.toAddress, subject: row.subject, state: row.state as MailState, attempts: row.attempts,
    lastError: row.lastError, nextAt: row.nextAt, transport: row.transport, createdAt: row.createdAt, sentAt: row.sentAt,
  }));
}
