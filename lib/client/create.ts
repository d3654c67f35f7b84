import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { nameKey, type ClientInput } from "./shape.ts";

/** One at a time per organisation, so that of two who write the same name at once one is told. */
export const lockClients = (tx: Write): Promise<number> => tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${tx.actor.mspId}:client`}, 0))`;

/** Whether another client of this name would be mistaken for it: two of one name need something that tells them apart. */
export function isSameClient(given: Pick<ClientInput, "name" | "aliases">, known: { name: string; aliases: readonly string[] }): boolean {
  if (nameKey(given.name) !== nameKey(known.name)) return false;
  // Without other names nothing tells it apart.
  const theirs = new Set(known.aliases.map(nameKey));
  return given.aliases.every((alias) => theirs.has(nameKey(alias)));
}

/** In the caller's transaction, which must hold {@link lockClients}. Throws Refusal `client_known`, `too_many`. */
export async function createClientIn(tx: Write, input: ClientInput, now: Date): Promise<{ clientId: string }> {
  const { mspId } = tx.actor;
  const namesakes = await tx.db.client.findMany({ where: { mspId, endedAt: null, name: { equals: input.name, mode: "insensitive" } }, select: { name: true, aliases: true } });
  if (namesakes.some((known) => isSameClient(input, known))) throw new Refusal("client_known", { fields: { name: "A client of this name is here already. If this is another one, write under Other names what tells the two apart, such as its town." } });
  if ((await tx.db.client.count({ where: { mspId, endedAt: null } })) >= limits.clientsPerOrganisation) throw new Refusal("too_many");
  const clientId = uuid7(now.getTime());
  await tx.db.client.create({ data: { mspId, clientId, ...input, createdAt: now } });
  await record(tx, { action: "client.created", target: { kind: "client", id: clientId }, fields: { name: input.name, plan: input.plan } });
  return { clientId };
}

/**
 * A client without a vault yet: what is asked of it comes next (askConnect).
 * Throws Refusal `forbidden`, `client_known` when one of this name is here and nothing tells them apart, `too_many`.
 */
export async function createClient(actor: Actor, input: ClientInput, clock: Clock = systemClock, db: Database = database()): Promise<{ clientId: string }> {
  authorize(actor, "client.connect");
  return write(actor, async (tx) => {
    await lockClients(tx);
    return createClientIn(tx, input, clock.now());
  }, db);
}
