/** Named views: an address of the matrix with a name, one's own or everybody's. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";

/** `search`: the address behind `?`; `mine`: may be removed by whoever asks. */
export type View = { id: string; name: string; search: string; shared: boolean; mine: boolean };

export async function listViews(actor: Actor, db: Database = database()): Promise<View[]> {
  authorize(actor, "matrix.read");
  const rows = await read(actor, (tx) => tx.db.matrixView.findMany({ where: { mspId: actor.mspId, OR: [{ shared: true }, { ownerId: actor.id }] }, orderBy: [{ name: "asc" }, { viewId: "asc" }] }), db);
  return rows.map(({ viewId: id, name, search, shared, ownerId }) => ({ id, name, search, shared, mine: ownerId === actor.id }));
}

/** Throws Refusal `forbidden`, `view_limit`. */
export async function saveView(actor: Actor, { name, search, shared }: { name: string; search: string; shared: boolean }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "matrix.stage");
  const id = uuid7();
  return write(actor, async (tx) => {
    if ((await tx.db.matrixView.count({ where: { mspId: actor.mspId } })) >= limits.viewsPerOrganisation) throw new Refusal("view_limit");
    await tx.db.matrixView.create({ data: { mspId: actor.mspId, viewId: id, ownerId: actor.id, name, search, shared, savedAt: clock.now() } });
    await record(tx, { action: "view.saved", target: { kind: "view", id }, fields: { name, shared } });
    return { id };
  }, db);
}

/** One's own only. Throws Refusal `forbidden`, `not_found`. */
export async function removeView(actor: Actor, { id }: { id: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "matrix.stage");
  return write(actor, async (tx) => {
    const view = await tx.db.matrixView.findFirst({ where: { mspId: actor.mspId, viewId: id, ownerId: actor.id } });
    if (!view) throw new Refusal("not_found");
    await tx.db.matrixView.delete({ where: { mspId_viewId: { mspId: actor.mspId, viewId: id } } });
    await record(tx, { action: "view.removed", target: { kind: "view", id }, fields: { name: view.name } });
    return { id };
  }, db);
}
