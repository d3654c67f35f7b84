/**
 * The worker's side of the outbox. A mail is claimed under a lease by ids only, then handled in its own tenant. SMTP has no
 * exactly-once: a worker that dies between the server's answer and our commit sends again, under the same Message-ID.
 */
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { sealKeys, unseal } from "../seal.ts";
import { isFinal, pauseAfter } from "./backoff.ts";
import type { SealedBody } from "./queue.ts";
import type { Letter, Sent } from "./transport.ts";

export type Post = { send(letter: Letter): Promise<Sent> };
type Claimed = { msp_id: string; id: string };

/** What a person may read of a failure: the server's answer, short, without addresses of servers inside our network. */
const reason = (error: unknown) => {
  const { responseCode, code } = (error ?? {}) as { responseCode?: number; code?: string };
  if (responseCode) return `the mail server answered ${responseCode}`;
  if (code === "ECONNECTION" || code === "ESOCKET" || code === "ECONNREFUSED") return "no mail server could be reached";
  if (code === "ETIMEDOUT") return "the mail server did not answer in time";
  if (code === "EAUTH") return "the mail server refused our credentials";
  if ((error as Error | undefined)?.name === "SealError") return "its sealed text could not be opened";
  return "the mail could not be handed over";
};

async function deliverOne(db: Database, post: Post, { msp_id: mspId, id }: Claimed): Promise<boolean> {
  const worker = workerFor(mspId);
  const key = { mspId_id: { mspId, id } };
  const mail = await read(worker, (tx) => tx.db.mail.findUnique({ where: key }), db);
  if (!mail || mail.state !== "waiting" || !mail.sealedBody) return false;
  const { template, toAddress: to } = mail;
  const attempts = mail.attempts + 1;
  const target = { kind: "mail", id } as const;
  try {
    const { text, html } = JSON.parse(unseal(sealKeys(env().SEAL_KEYS), { mspId, object: id, purpose: "mail-body" }, mail.sealedBody)) as SealedBody;
    const messageId = `<${id}@${new URL(env().APP_ORIGIN).hostname}>`;
    const { transport } = await post.send({ messageId, from: env().MAIL_FROM, to: { name: mail.toName, address: to }, subject: mail.subject, text, html });
    await write(worker, async (tx) => {
      await tx.db.mail.update({ where: key, data: { state: "sent", attempts, sentAt: new Date(), transport, sealedBody: null, nextAt: null, leaseUntil: null, lastError: null } });
      await record(tx, { action: "mail.sent", target, fields: { template, to, transport, attempts } });
    }, db);
    return true;
  } catch (error) {
    const pause = isFinal(error) ? null : pauseAfter(attempts);
    const why = reason(error);
    await write(worker, async (tx) => {
      const next = pause === null ? { state: "failed", nextAt: null, sealedBody: null } : { nextAt: new Date(Date.now() + pause * 1_000) };
      await tx.db.mail.update({ where: key, data: { ...next, attempts, leaseUntil: null, lastError: why } });
      const fields = { template, to, attempts, error: why };
      await record(tx, { action: pause === null ? "mail.given_up" : "mail.attempt_failed", target, fields });
    }, db);
    return false;
  }
}

/**
 * Delivers everything that is due.
 * @returns how many were sent, and when something is due next
 */
export async function deliverDue(post: Post, db: Database = database()): Promise<{ sent: number; nextDue: Date | null }> {
  let sent = 0;
  for (;;) {
    const claimed = await db.$queryRaw<Claimed[]>`select msp_id, id from mail_claim(${limits.mailSweep}::int, ${limits.mailLeaseSeconds}::int)`;
    if (claimed.length === 0) break;
    const rest = [...claimed];
    const lane = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) if (await deliverOne(db, post, next)) sent += 1;
    };
    await Promise.all(Array.from({ length: limits.mailConcurrency }, lane));
  }
  const [due] = await db.$queryRaw<{ at: Date | null }[]>`select mail_next_due() as at`;
  return { sent, nextDue: due?.at ?? null };
}
