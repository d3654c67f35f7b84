/** Named searches of the audit, one's own or everybody's. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";

/** `mine`: may be removed by whoever asks. */
export type AuditView = { readonly id: string; readonly name: string; readonly query: string; readonly shared: boolean; readonly mine: boolean };

export async function listAuditViews(actor: Actor, db: Database = database()): Promise<AuditView[]> {
  authorize(actor, "audit.read");
  const rows = await read(actor, (tx) => tx.db.auditView.findMany({ where: { mspId: actor.mspId, OR: [{ shared: true }, { ownerId: actor.id }] }, orderBy: [{ name: "asc" }, { viewId: "asc" }] }), db);
  return rows.map(({ viewId: id, name, query, shared, ownerId }) => ({ id, name, query, shared, mine: ownerId === actor.id }));
}

/** Throws Refusal `forbidden`, `view_limit`. */
export async function saveAuditView(actor: Actor, { name, query, shared }: { name: string; query: string; shared: boolean }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "audit.view");
  const id = uuid7();
  return write(actor, async (tx) => {
    if ((await tx.db.auditView.count({ where: { mspId: actor.mspId } })) >= limits.viewsPerOrganisation) throw new Refusal("view_limit");
    await tx.db.auditView.create({ data: { mspId: actor.mspId, viewId: id, ownerId: actor.id, name, query, shared, savedAt: clock.now() } });
    await record(tx, { action: "audit_view.saved", target: { kind: "view", id }, fields: { name, shared } });
    return { id };
  }, db);
}

/** One's own only. Throws Refusal `forbidden`, `not_found`. */
export async function removeAuditView(actor: Actor, { id }: { id: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "audit.view");
  return write(actor, async (tx) => {
    const view = await tx.db.auditView.findFirst({ where: { mspId: actor.mspId, viewId: id, ownerId: actor.id } });
    if (!view) throw new Refusal("not_found");
    await tx.db.auditView.delete({ where: { mspId_viewId: { mspId: actor.mspId, viewId: id } } });
    await record(tx, { action: "audit_view.removed", target: { kind: "view", id }, fields: { name: view.name } });
    return { id };
  }, db);
}
