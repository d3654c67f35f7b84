/** An organisation's roles: make, change, order, retire. Their numbers in vaults: numbers.ts. */
import { database, type Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { systemClock, type Clock } from "../clock.ts";
import { fold, usualRoles } from "./usual.ts";

/** First statement of every act on roles: names, letters and the order are judged against all of them, one act after the other. */
async function lockRoles({ db, actor }: Write): Promise<void> {
  await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`roles:${actor.mspId}`}, 0))`;
}

const living = ({ db, actor: { mspId } }: Write) => db.role.findMany({ where: { mspId, retiredAt: null }, orderBy: [{ position: "asc" }, { roleId: "asc" }] });

/** Throws Refusal `role_name_taken`, `role_letter_taken`, each with its field. */
function refuseTaken(others: readonly { name: string; letter: string }[], { name, letter }: { name: string; letter: string }): void {
  if (others.some((other) => fold(other.name) === fold(name))) throw new Refusal("role_name_taken", { fields: { name: "A role has this name." } });
  const holder = others.find((other) => other.letter === letter);
  if (holder) throw new Refusal("role_letter_taken", { fields: { letter: `${letter} is ${holder.name}.` } });
}

const make = async (tx: Write, role: { name: string; letter: string; position: number }): Promise<string> => {
  const { roleId } = await tx.db.role.create({ data: { mspId: tx.actor.mspId, roleId: uuid7(), ...role } });
  await record(tx, { action: "role.created", target: { kind: "role", id: roleId }, fields: { name: role.name, letter: role.letter } });
  return roleId;
};

const afterLast = (roles: readonly { position: number }[]): number => (roles.at(-1)?.position ?? -1) + 1;

/** A new role, last in the order; it has no number anywhere yet. Throws Refusal `role_name_taken`, `role_letter_taken`. */
export async function createRole(actor: Actor, { name, letter }: { name: string; letter: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "role.write");
  return write(actor, async (tx) => {
    await lockRoles(tx);
    const roles = await living(tx);
    refuseTaken(roles, { name, letter });
    return { id: await make(tx, { name, letter, position: afterLast(roles) }) };
  }, db);
}

/** The usual roles whose name and letter are both free. Throws Refusal `moved_on` when none is. */
export async function addUsualRoles(actor: Actor, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "role.write");
  return write(actor, async (tx) => {
    await lockRoles(tx);
    const roles = await living(tx);
    const missing = usualRoles.filter((usual) => !roles.some(({ name, letter }) => fold(name) === fold(usual.name) || letter === usual.letter));
    if (missing.length === 0) throw new Refusal("moved_on");
    for (const [index, role] of missing.entries()) await make(tx, { ...role, position: afterLast(roles) + index });
    return { count: missing.length };
  }, db);
}

/** Renames a role, or gives it another letter. Throws Refusal `not_found`, `moved_on`, `role_name_taken`, `role_letter_taken`. */
export async function changeRole(actor: Actor, { roleId, name, letter }: { roleId: string; name: string; letter: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "role.write");
  return write(actor, async (tx) => {
    await lockRoles(tx);
    const roles = await living(tx);
    const before = roles.find((role) => role.roleId === roleId);
    if (!before) throw new Refusal("not_found");
    if (before.name === name && before.letter === letter) throw new Refusal("moved_on");
    refuseTaken(roles.filter((role) => role !== before), { name, letter });
    await tx.db.role.update({ where: { mspId_roleId: { mspId: actor.mspId, roleId } }, data: { name, letter } });
    // Clients go on calling the number as it was: our new word is not their change.
    if (fold(before.name) !== fold(name)) await tx.db.roleScope.updateMany({ where: { mspId: actor.mspId, roleId, clientName: null }, data: { clientName: before.name } });
    await record(tx, { action: "role.changed", target: { kind: "role", id: roleId }, fields: { name, letter, old_name: before.name, old_letter: before.letter } });
    return { id: roleId };
  }, db);
}

/** Sets the order of all roles. Throws Refusal `moved_on` when the list is not exactly the roles there are, or already so. */
export async function orderRoles(actor: Actor, { roleIds }: { roleIds: readonly string[] }, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "role.write");
  return write(actor, async (tx) => {
    await lockRoles(tx);
    const roles = await living(tx);
    const wanted = roleIds.map((id) => roles.find(({ roleId }) => roleId === id));
    const same = roles.length === roleIds.length && new Set(roleIds).size === roleIds.length;
    if (!same || wanted.every((role, index) => role === roles[index])) throw new Refusal("moved_on");
    for (const [position, role] of wanted.entries()) {
      if (!role) throw new Refusal("moved_on");
      if (role.position !== position) await tx.db.role.update({ where: { mspId_roleId: { mspId: actor.mspId, roleId: role.roleId } }, data: { position } });
    }
    await record(tx, { action: "roles.ordered", fields: { letters: wanted.map((role) => role?.letter).join(" ") } });
    return { count: wanted.length };
  }, db);
}

/**
 * Retires a role that nobody holds: it is offered no more, its numbers are forgotten, its name and letter are free again.
 * Throws Refusal `not_found`, `role_held`.
 */
export async function retireRole(actor: Actor, { roleId }: { roleId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ name: string; numbers: number }> {
  authorize(actor, "role.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    await lockRoles(tx);
    const role = (await living(tx)).find((one) => one.roleId === roleId);
    if (!role) throw new Refusal("not_found");
    const [held] = await tx.db.$queryRaw<{ rows: number; vaults: number }[]>`
      select count(*)::int as rows, count(distinct a.vault_ref)::int as vaults
        from role_scope s join vault v using (msp_id, vault_ref)
        join known_agent a on a.msp_id = s.msp_id and a.vault_ref = s.vault_ref and a.managed_by = v.manager_uid and s.scope = any (string_to_array(a.scopes, ','))
       where s.msp_id = ${mspId}::uuid and s.role_id = ${roleId}::uuid and v.state <> 'ended'`;
    if (held && held.rows > 0) throw new Refusal("role_held", { detail: `${held.rows === 1 ? "1 row" : `${held.rows} rows`} of ours in ${held.vaults === 1 ? "1 vault" : `${held.vaults} vaults`} would keep a number that nothing here explains. Nothing was changed.` });
    const { count: numbers } = await tx.db.roleScope.deleteMany({ where: { mspId, roleId } });
    await tx.db.role.update({ where: { mspId_roleId: { mspId, roleId } }, data: { retiredAt: clock.now() } });
    await record(tx, { action: "role.retired", target: { kind: "role", id: roleId }, fields: { name: role.name, letter: role.letter, numbers } });
    return { name: role.name, numbers };
  }, db);
}
