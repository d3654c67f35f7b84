/** Rules by tag and pod, kept. What they mean for cells is `rule.ts`. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { keysIn, vaultsByKey } from "./load.ts";
import type { Rule } from "./rule.ts";

const rolesOf = ({ db, actor }: Read, ids: readonly string[]) => db.role.findMany({ where: { mspId: actor.mspId, roleId: { in: [...ids] }, retiredAt: null }, orderBy: { position: "asc" } });

/** Every rule, by name. Vaults are named by their key in the matrix. */
export async function listRules(actor: Actor, db: Database = database()): Promise<Rule[]> {
  authorize(actor, "matrix.read");
  return read(actor, async (tx) => {
    const rows = await tx.db.stagingRule.findMany({ where: { mspId: actor.mspId }, orderBy: [{ name: "asc" }, { ruleId: "asc" }] });
    const keys = rows.length === 0 ? new Map<string, string>() : await keysIn(tx);
    return rows.map(({ ruleId: id, name, tag, podId, roles, without }) => ({ id, name, tag, podId, roles, without: without.map((ref) => keys.get(ref) ?? ref) }));
  }, db);
}

/**
 * A new rule, or another version of one (`id`). `without`: keys of vaults and ids of technicians.
 * Throws Refusal `forbidden`, `not_found` (no such rule, role, pod), `rule_limit`.
 */
export async function saveRule(actor: Actor, given: Omit<Rule, "id"> & { id?: string | undefined }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "matrix.stage");
  return write(actor, async (tx) => {
    const { mspId } = actor;
    const roles = await rolesOf(tx, given.roles);
    const pod = given.podId === null ? null : await tx.db.pod.findUnique({ where: { mspId_podId: { mspId, podId: given.podId } } });
    if (roles.length !== new Set(given.roles).size || roles.length === 0 || (given.podId !== null && !pod)) throw new Refusal("not_found");
    if (!given.id && (await tx.db.stagingRule.count({ where: { mspId } })) >= limits.rulesPerOrganisation) throw new Refusal("rule_limit");
    const vaults = given.without.length === 0 ? new Map<string, string>() : await vaultsByKey(tx);
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const data = { name: given.name, tag: given.tag, podId: given.podId, roles: roles.map((role) => role.roleId), without: given.without.map((one) => vaults.get(one) ?? one).filter((one) => uuid.test(one)), setBy: actor.id, setAt: clock.now() };
    const id = given.id ?? uuid7();
    if (given.id) {
      const { count } = await tx.db.stagingRule.updateMany({ where: { mspId, ruleId: id }, data });
      if (count === 0) throw new Refusal("not_found");
    } else await tx.db.stagingRule.create({ data: { mspId, ruleId: id, ...data } });
    await record(tx, { action: "rule.saved", target: { kind: "rule", id }, fields: { name: given.name, tag: given.tag, pod: pod?.name ?? "", roles: roles.map((role) => role.name).join(", ") } });
    return { id };
  }, db);
}

/** Throws Refusal `forbidden`, `not_found`. */
export async function removeRule(actor: Actor, { id }: { id: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "matrix.stage");
  return write(actor, async (tx) => {
    const rule = await tx.db.stagingRule.findUnique({ where: { mspId_ruleId: { mspId: actor.mspId, ruleId: id } } });
    if (!rule) throw new Refusal("not_found");
    await tx.db.stagingRule.delete({ where: { mspId_ruleId: { mspId: actor.mspId, ruleId: id } } });
    await record(tx, { action: "rule.removed", target: { kind: "rule", id }, fields: { name: rule.name } });
    return { id };
  }, db);
}
