import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { queueMail } from "../mail/queue.ts";
import { connectLink } from "../protocol/connect.ts";
import type { ConnectRequest } from "../protocol/messages.ts";

/**
 * Mails the link to the client's contact. Never code 1: it is compared on another way than the one the link came by.
 * Throws Refusal `not_found`, `moved_on` when the request is over, `invalid` without an address, `too_many` within a minute of the last.
 */
export async function mailLink(actor: Actor, { requestId }: { requestId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ to: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const row = await tx.db.connectRequest.findUnique({ where: { mspId_requestId: { mspId, requestId } }, include: { vault: { include: { client: { include: { msp: { select: { name: true } } } } } } } });
    if (!row) throw new Refusal("not_found");
    const { client, address } = row.vault;
    if (row.cancelledAt !== null || row.repliedAt !== null || row.expiresAt <= now) throw new Refusal("moved_on");
    if (client.contactMail === "") throw new Refusal("invalid", { fields: { contactMail: "The client has no mail address here." } });
    // Of two presses at once the row decides; the mail's record stands in the same transaction.
    const { count } = await tx.db.connectRequest.updateMany({ where: { mspId, requestId, OR: [{ mailedAt: null }, { mailedAt: { lt: new Date(now.getTime() - limits.connectMailPauseMs) } }] }, data: { mailedAt: now } });
    if (count === 0) throw new Refusal("too_many");
    await queueMail(tx, { address: client.contactMail, name: client.contactName }, "connect_link", {
      organisation: client.msp.name, client: client.name, by: actor.name, host: new URL(address).host, link: connectLink(address, row.request as unknown as ConnectRequest), ends: row.expiresAt.toISOString().slice(0, 10),
    });
    return { to: client.contactMail };
  }, db);
}
