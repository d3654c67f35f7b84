import { z } from "zod";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";

export const startShape = z.object({});

/**
 * Has the worker connect the demo's portfolio, from the first signing key on. Asked again it changes nothing: the worker goes
 * on where it stopped. Throws Refusal `not_found` for an organisation that is no demo, `signing_key_needed`.
 */
export async function startDemo(actor: Actor, db: Database = database()): Promise<{ started: boolean }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const demo = await tx.db.demo.findUnique({ where: { mspId } });
    if (!demo) throw new Refusal("not_found");
    const key = await tx.db.signingKey.findFirst({ where: { mspId, removedAt: null }, orderBy: { createdAt: "asc" } });
    if (!key) throw new Refusal("signing_key_needed");
    const changed = await tx.db.$executeRaw`update demo set started_at = now() where msp_id = ${mspId}::uuid and started_at is null`;
    await tx.db.$executeRaw`select job_wake('demo_connect')`;
    if (changed === 1) await record(tx, { action: "demo.started", fields: { label: key.label } });
    else tx.replayed = true; // nothing was written: the first to ask left the record
    return { started: changed === 1 };
  }, db);
}
