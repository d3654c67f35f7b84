import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { endRequests } from "./ask.ts";

/**
 * Takes an open request back: its link opens nothing here any more. A vault that never answered is forgotten, so that its address
 * is free; one that has is left as it is. Throws Refusal `not_found`, `moved_on` when nothing is open.
 */
export async function cancelConnect(actor: Actor, { vaultRef }: { vaultRef: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ clientId: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const vault = await tx.db.vault.findUnique({ where: { mspId_vaultRef: { mspId, vaultRef } }, include: { client: { select: { name: true } } } });
    if (!vault) throw new Refusal("not_found");
    const ended = await endRequests(tx, vaultRef, now);
    const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: "asking" }, data: { state: "ended", endedAt: now, endedBy: "msp" } });
    if (ended + count === 0) throw new Refusal("moved_on");
    await record(tx, { action: "connect.cancelled", target: { kind: "vault", id: vaultRef }, fields: { client: vault.client.name, address: vault.address } });
    return { clientId: vault.clientId };
  }, db);
}

/**
 * Gives up a client whose vault was never confirmed. Whatever we were given is thrown away; a row of ours at their vault stays
 * until they remove it on their own page. Throws Refusal `not_found`, `client_connected` when a vault of theirs is.
 */
export async function giveUpClient(actor: Actor, { clientId }: { clientId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ name: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const client = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } }, include: { vaults: true } });
    if (!client || client.endedAt !== null) throw new Refusal("not_found");
    if (client.vaults.some(({ confirmedAt, state }) => confirmedAt !== null && state !== "ended")) throw new Refusal("client_connected");
    for (const { vaultRef, state } of client.vaults) {
      if (state === "ended") continue;
      await endRequests(tx, vaultRef, now);
      const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, confirmedAt: null, state: { not: "ended" } }, data: { state: "ended", endedAt: now, endedBy: "msp", sealedToken: null } });
      if (count === 0) throw new Refusal("client_connected");
    }
    await tx.db.client.updateMany({ where: { mspId, clientId }, data: { endedAt: now } });
    await record(tx, { action: "client.given_up", target: { kind: "client", id: clientId }, fields: { name: client.name } });
    return { name: client.name };
  }, db);
}
