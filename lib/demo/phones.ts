import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { worldAt, type Phone, type World } from "./world.ts";

/**
 * What the admins of the demo read out when they are called: code 2 from their own screens. It stands in for 51 telephone calls
 * and never reaches the signing page, which computes its own. Null while nobody answers, and where there is no demo.
 */
export async function readPhones(actor: Actor, world: World = worldAt(), db: Database = database()): Promise<Phone[] | null> {
  authorize(actor, "client.connect");
  const demo = await read(actor, (tx) => tx.db.demo.findUnique({ where: { mspId: actor.mspId }, select: { demo: true } }), db);
  if (!demo) return null;
  try {
    return await world.phones(demo.demo);
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "demo_away") return null;
    throw error;
  }
}
