/** Opening the signing window over a plan. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { loadPlan } from "../plan/load.ts";
import { hex } from "../protocol/bytes.ts";
import type { AskedWindow } from "../signing/ask.ts";
import { makeTicket } from "../signing/ticket.ts";
import { offerable, type Part } from "./signable.ts";

/**
 * A window in which the actor signs what is open of this plan: first of two (`cosign`), or to release it. Its record is the ticket's (makeTicket calls record()).
 * @param digest hex, as it stood on the page that was reviewed
 * Throws Refusal `signing_key_needed`, `plan_differs`, `plan_over`, `plan_stale`, `plan_long`, `not_found`, `cosign_*`, `work_frozen`.
 */
export async function askApprove(actor: Actor, { planId, digest, part = "release", canary = null }: { planId: string; digest: string; part?: Part; /** How many vaults go first; null: all at once. */ canary?: number | null }, userAgent: string, clock: Clock = systemClock, db: Database = database()): Promise<AskedWindow> {
  authorize(actor, "plan.release");
  return write(actor, async (tx) => {
    const keys = await tx.db.signingKey.count({ where: { mspId: actor.mspId, personId: actor.id, removedAt: null } });
    if (keys === 0) throw new Refusal("signing_key_needed");
    const loaded = await loadPlan(tx, planId);
    if (hex(loaded.row.digest) !== digest) throw new Refusal("plan_differs");
    await offerable(tx, loaded, part, clock.now());
    return makeTicket(tx, { kind: part === "cosign" ? "cosign" : "approve", planId, canary: part === "cosign" ? null : canary, userAgent }, clock);
  }, db);
}
