/**
 * Telling a client that its vault is going to be deleted: a person asks for it, who saw the words; at most once a day for each client.
 * That it was told stands in the clock, beside the people of the MSP who were.
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { queueMail } from "../mail/queue.ts";
import { record } from "../record/record.ts";
import { clientWords } from "./clock-words.ts";
import { dayOf } from "./days.ts";
import { clocksIn } from "./running.ts";

export const tellShape = z.object({ subscription: z.uuid() });

/**
 * To the contact of the client whose clock runs. Throws Refusal `forbidden`, `client_not_in_danger`, `client_unaddressed`, `client_told`.
 * @returns the address
 */
export async function tellClient(actor: Actor, { subscription }: z.output<typeof tellShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ to: string }> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  const now = clock.now();
  const today = dayOf(now);
  return write(actor, async (tx) => {
    const clientId = (await tx.db.subscription.findUnique({ where: { mspId_subscriptionId: { mspId, subscriptionId: subscription } }, select: { clientId: true } }))?.clientId;
    const line = clientId ? (await clocksIn(tx, now, clientId)).find(({ subscriptionId }) => subscriptionId === subscription) : undefined;
    if (!clientId || !line || line.clock.stage === "deleted") throw new Refusal("client_not_in_danger");
    // Two who press at once: the second waits here, and then finds the notice of the first.
    await tx.db.$queryRaw`select 1 from client where msp_id = ${mspId}::uuid and client_id = ${clientId}::uuid for update`;
    const client = await tx.db.client.findUniqueOrThrow({ where: { mspId_clientId: { mspId, clientId } } });
    if (client.contactMail === "") throw new Refusal("client_unaddressed");
    const step = `client ${today}`;
    const [told] = await tx.db.$queryRaw<{ n: number }[]>`
      select count(*)::int as n from clock_notice n where n.msp_id = ${mspId}::uuid and n.step = ${step}
         and split_part(n.clock, ' ', 2) in (select s.subscription_id::text from subscription s where s.msp_id = ${mspId}::uuid and s.client_id = ${clientId}::uuid)`;
    if (told!.n > 0) throw new Refusal("client_told");
    const { name: organisation } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    const to = { address: client.contactMail, name: client.contactName || client.name };
    const mailId = await queueMail(tx, to, "client_clock", { organisation, name: client.name, ...clientWords(line.clock, client.name, today) });
    await tx.db.clockNotice.create({ data: { mspId, clock: line.clock.name, step, toAddress: to.address, toName: to.name, mailId } });
    await record(tx, { action: "clock.client_told", target: { kind: "subscription", id: subscription }, fields: { name: client.name, to: to.address, deleted_on: line.clock.deletedOn } });
    return { to: to.address };
  }, db);
}
