/**
 * The worker's side of the outbox. A mail is claimed under a lease by ids only, then handled in its own tenant. SMTP has no
 * exactly-once: a worker that dies between the server's answer and our commit sends again, under the same Message-ID.
 */
import type { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { sealKeys, unseal } from "../seal.ts";
import { isFinal, pauseAfter } from "./backoff.ts";
import type { SealedBody } from "./queue.ts";
import type { Letter, Sent } from "./transport.ts";

export type Post = { send(letter: Letter): Promise<Sent> };
type Claimed = { msp_id: string; id: string; lease_until: Date };

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

/** Another worker holds the mail by now; what this one knows of it no longer counts. */
class LostLease extends Error {
  override name = "LostLease";
}

type Held = Claimed & { db: Database; worker: Actor };

/** Changes the mail and records it, if the lease of this claim still holds it: a claim that ran out settles nothing. */
function settle({ db, worker, msp_id: mspId, id, lease_until: leaseUntil }: Held, data: Prisma.MailUpdateManyMutationInput, noted: (tx: Write) => Promise<void>): Promise<void> {
  return write(worker, async (tx) => {
    const { count } = await tx.db.mail.updateMany({ where: { mspId, id, state: "waiting", leaseUntil }, data });
    if (count === 0) throw new LostLease();
    await noted(tx);
  }, db);
}

/** All transports together are given less time than the lease lasts. */
const inTime = (sending: Promise<Sent>): Promise<Sent> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("late"), { code: "ETIMEDOUT" })), limits.mailSendMs);
  });
  return Promise.race([sending, late]).finally(() => clearTimeout(timer));
};

async function deliverOne(held: Held, post: Post): Promise<boolean> {
  const { db, worker, msp_id: mspId, id } = held;
  const mail = await read(worker, (tx) => tx.db.mail.findUnique({ where: { mspId_id: { mspId, id } } }), db);
  if (mail?.state !== "waiting" || !mail.sealedBody) return false;
  const { template, toAddress: to, sealedBody } = mail;
  const attempts = mail.attempts + 1;
  const target = { kind: "mail", id } as const;

  const failed = async (error: unknown) => {
    const pause = isFinal(error) ? null : pauseAfter(attempts);
    const why = reason(error);
    const next = pause === null ? { state: "failed", nextAt: null, sealedBody: null } : { nextAt: new Date(Date.now() + pause * 1_000) };
    await settle(held, { ...next, leaseUntil: null, lastError: why }, (tx) => record(tx, { action: pause === null ? "mail.given_up" : "mail.attempt_failed", target, fields: { template, to, attempts, error: why } }));
  };

  // The try commits before anything leaves: what cannot be written down is not sent, and no try goes uncounted.
  await settle(held, { attempts }, (tx) => record(tx, { action: "mail.attempted", target, fields: { template, to, attempts } }));
  let sent: Sent;
  try {
    const { text, html } = JSON.parse(unseal(sealKeys(env().SEAL_KEYS), { mspId, object: id, purpose: "mail-body" }, sealedBody)) as SealedBody;
    const messageId = `<${id}@${new URL(env().APP_ORIGIN).hostname}>`;
    sent = await inTime(post.send({ messageId, from: env().MAIL_FROM, to: { name: mail.toName, address: to }, subject: mail.subject, text, html }));
  } catch (error) {
    await failed(error);
    return false;
  }
  const { transport } = sent;
  await settle(held, { state: "sent", sentAt: new Date(), transport, sealedBody: null, nextAt: null, leaseUntil: null, lastError: null }, (tx) => record(tx, { action: "mail.sent", target, fields: { template, to, transport, attempts } }));
  return true;
}

/**
 * Delivers everything that is due.
 * Throws what stopped it (Refusal `record_unwritable`, `database_unavailable`); every mail it held is tried again later.
 * @returns how many were sent, and when something is due next
 */
export async function deliverDue(post: Post, db: Database = database()): Promise<{ sent: number; nextDue: Date | null }> {
  let sent = 0;
  let trouble: unknown;
  for (;;) {
    // Never more than are sent at once, so that no claim waits for its turn while its lease runs.
    const claimed = await db.$queryRaw<Claimed[]>`select msp_id, id, lease_until from mail_claim(${limits.mailConcurrency}::int, ${limits.mailLeaseSeconds}::int)`;
    if (claimed.length === 0) break;
    const outcomes = await Promise.allSettled(claimed.map((one) => deliverOne({ ...one, db, worker: workerFor(one.msp_id) }, post)));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") sent += Number(outcome.value);
      else if (!(outcome.reason instanceof LostLease)) trouble ??= outcome.reason;
    }
    // The database is away, or records cannot be written: no use in claiming more. What is claimed waits for its lease.
    if (trouble) throw trouble;
  }
  const [due] = await db.$queryRaw<{ at: Date | null }[]>`select mail_next_due() as at`;
  return { sent, nextDue: due?.at ?? null };
}
