import type { Metadata } from "next";
import { randomUUID } from "node:crypto";
import { MailList } from "#components/mail/mail-list.tsx";
import { TestMailForm } from "#components/mail/test-mail-form.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listMails } from "#lib/mail/list.ts";
import { retry, sendTest } from "./actions.ts";

export const metadata: Metadata = { title: "Mail" };

export default async function MailPage() {
  const actor = await pageActor("mail.read");
  const mails = await listMails(actor);
  const lines = mails.map(({ createdAt, sentAt, nextAt, ...mail }) => ({ ...mail, createdAt: createdAt.getTime(), sentAt: sentAt?.getTime() ?? null, nextAt: nextAt?.getTime() ?? null }));
  return (
    <>
      {holds(actor, "mail.test") ? <TestMailForm action={sendTest} onceKey={randomUUID()} /> : null}
      <MailList mails={lines} retry={holds(actor, "mail.retry") ? retry : null} />
    </>
  );
}
