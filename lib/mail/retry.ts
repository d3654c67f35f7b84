import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";

/** Tries a waiting mail now. One that was sent or given up has no text any more: Refusal `moved_on`. */
export async function retryMail(actor: Actor, id: string): Promise<{ id: string }> {
  authorize(actor, "mail.retry");
  return write(actor, async (tx) => {
    const { count } = await tx.db.mail.updateMany({ where: { mspId: actor.mspId, id, state: "waiting" }, data: { nextAt: new Date() } });
    if (count === 0) throw new Refusal("moved_on");
    const { template, toAddress } = await tx.db.mail.findUniqueOrThrow({ where: { mspId_id: { mspId: actor.mspId, id } }, select: { template: true, toAddress: true } });
    await record(tx, { action: "mail.retried", target: { kind: "mail", id }, fields: { template, to: toAddress } });
    await tx.db.$executeRaw`select job_wake('mail_deliver')`;
    return { id };
  });
}
