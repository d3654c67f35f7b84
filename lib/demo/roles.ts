import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { createRole } from "../role/roles.ts";
import type { Portfolio } from "./world.ts";

/** The demo's roles in their order; those that are there already, under whatever letter, stay as they are. */
export async function makeRoles(actor: Actor, roles: Portfolio["roles"], db: Database): Promise<void> {
  const living = await read(actor, (tx) => tx.db.role.findMany({ where: { mspId: actor.mspId, retiredAt: null }, select: { name: true } }), db);
  const there = new Set(living.map(({ name }) => name.toLowerCase()));
  for (const { name, letter } of roles) if (!there.has(name.toLowerCase())) await createRole(actor, { name, letter }, db);
}
