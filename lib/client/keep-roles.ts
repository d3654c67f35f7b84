import type { Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { NamedRole } from "../protocol/messages.ts";

/** A letter for a role that has none yet: of its own name where free, else the first that is. Never F, which is full access. Pure. */
export function freeLetter(name: string, taken: ReadonlySet<string>): string | null {
  const own = name.normalize("NFD").toUpperCase().replaceAll(/[^A-Z]/g, "");
  return [...own, ..."ABCDEGHIJKLMNOPQRSTUVWXYZ"].find((letter) => letter !== "F" && !taken.has(letter)) ?? null;
}

/**
 * The numbers that the client gave the roles, into the dictionary of this vault. What a person set here before makes way for the
 * client's own word; a number that another role had here moves to the one that the client named. A role that was retired meanwhile is
 * made again under its name.
 */
export async function keepRoles(tx: Write, vaultRef: string, named: readonly NamedRole[], now: Date): Promise<void> {
  const { mspId } = tx.actor;
  const known = await tx.db.role.findMany({ where: { mspId, retiredAt: null } });
  const taken = new Set(known.map(({ letter }) => letter));
  let position = Math.max(0, ...known.map((role) => role.position + 1));
  for (const { name, scope } of named) {
    let role = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (role === undefined) {
      const letter = freeLetter(name, taken);
      // All 25 letters are in use: the number stays in the reply, and on the page of roles somebody maps it.
      if (letter === null) continue;
      taken.add(letter);
      role = await tx.db.role.create({ data: { mspId, roleId: uuid7(now.getTime()), name, letter, position, createdAt: now } });
      position += 1;
    }
    const { roleId } = role;
    await tx.db.roleScope.deleteMany({ where: { mspId, vaultRef, scope, roleId: { not: roleId } } });
    await tx.db.roleScope.upsert({ where: { mspId_vaultRef_roleId: { mspId, vaultRef, roleId } }, create: { mspId, vaultRef, roleId, scope, origin: "client", setAt: now }, update: { scope, origin: "client", setAt: now } });
  }
}
