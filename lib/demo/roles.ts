import type { Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import type { Portfolio } from "./world.ts";

/** The demo's roles in their order; those that are there already stay as they are. */
export async function makeRoles(actor: Actor, roles: Portfolio["roles"], db: Database): Promise<void> {
  const { mspId } = actor;
  const there = new Set((await read(actor, (tx) => tx.db.role.findMany({ where: { mspId, retiredAt: null }, select: { name: true } }), db)).map(({ name }) => name.toLowerCase()));
  const missing = roles.flatMap((role, position) => (there.has(role.name.toLowerCase()) ? [] : [{ ...role, position }]));
  if (missing.length === 0) return;
  await write(actor, async (tx) => {
    await tx.db.role.createMany({ data: missing.map(({ name, letter, position }) => ({ mspId, roleId: uuid7(), name, letter, position })) });
    await record(tx, { action: "demo.roles_added", fields: { letters: missing.map(({ letter }) => letter).join(" ") } });
  }, db);
}
