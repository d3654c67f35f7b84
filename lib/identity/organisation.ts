import { read, write } from "../db/tenant.ts";
import { record } from "../record/record.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "./actor.ts";

export type Organisation = { id: string; name: string; createdAt: Date; owners: string[] };

/** What every member may know: the name, and who to ask. */
export async function readOrganisation(actor: Actor): Promise<Organisation> {
  authorize(actor, "organisation.read");
  const { mspId } = actor;
  return read(actor, async ({ db }) => {
    const msp = await db.msp.findUniqueOrThrow({ where: { mspId } });
    const owners = await db.person.findMany({ where: { mspId, rights: { has: "owner" }, frozenAt: null }, orderBy: { name: "asc" }, select: { name: true } });
    return { id: mspId, name: msp.name, createdAt: msp.createdAt, owners: owners.map(({ name }) => name) };
  });
}

export async function renameOrganisation(actor: Actor, { name }: { name: string }): Promise<{ name: string }> {
  authorize(actor, "organisation.rename");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const before = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    if (before.name === name) throw new Refusal("moved_on");
    await tx.db.msp.update({ where: { mspId }, data: { name } });
    await record(tx, { action: "organisation.renamed", target: { kind: "organisation", id: mspId }, fields: { from: before.name, to: name } });
    return { name };
  });
}
