/** A person asks the vaults of a board at once: what is on its way is sent or asked for again, and everything open is read. */
import { joinLines } from "../approval/release.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { readNow } from "../known/schedule.ts";
import { record } from "../record/record.ts";
import { boardRows } from "./facts.ts";

/** Throws Refusal `not_found`, `forbidden`. @returns how many vaults are asked */
export async function askNow(actor: Actor, { revocationId }: { revocationId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "revocation.open");
  const { mspId } = actor;
  const refs = await write(actor, async (tx) => {
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } } });
    if (board === null) throw new Refusal("not_found");
    const open = (await boardRows(tx, revocationId, clock.now())).filter(({ verdict: { state } }) => !["absent", "apart", "own", "ended"].includes(state));
    await joinLines(tx, open.filter(({ verdict: { state } }) => state === "sent" || state === "standing" || state === "waiting" || state === "reading").map(({ vaultRef }) => ({ vaultRef, rank: 0 })));
    await record(tx, { action: "revocation.asked_again", target: { kind: "revocation", id: revocationId }, fields: { name: board.name, vaults: open.length } });
    await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
    return open.map(({ vaultRef }) => vaultRef);
  }, db);
  if (refs.length > 0) await readNow(actor, refs, db);
  return { count: refs.length };
}
