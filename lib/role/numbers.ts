/**
 * The dictionary: which number a role has in a vault. A change here is a note of ours and reaches no vault: whoever holds the
 * old number keeps it until a plan moves them (ARCHITECTURE, rule 1).
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { loadFacts, type PlacedFacts } from "./facts.ts";
import { roleScopesOf, type RoleMark, type RoleScopes } from "./letters.ts";
import { suggest, usualNumber } from "./suggest.ts";

/** The dictionary per vault, for letters (letters.ts). A vault without a number has no entry. The caller has authorized the actor. */
export async function dictionaryOf({ db, actor }: Read, vaultRefs?: readonly string[]): Promise<Map<string, RoleScopes>> {
  const { mspId } = actor;
  const refs = vaultRefs === undefined ? null : [...vaultRefs];
  // Plain SQL: a portfolio has ten thousand numbers, and they are read with every list of people.
  const rows = await db.$queryRaw<{ vault_ref: string; scope: string; role_id: string }[]>`
    select vault_ref, scope, role_id from role_scope where msp_id = ${mspId}::uuid and (${refs}::uuid[] is null or vault_ref = any (${refs}::uuid[]))`;
  const roles = new Map((await rolesOf({ db, actor })).map((role) => [role.roleId, role]));
  // A retired role has no numbers left (roles.ts).
  const marks = rows.flatMap((row) => (roles.has(row.role_id) ? [{ ...roles.get(row.role_id)!, scope: row.scope, vaultRef: row.vault_ref }] : []));
  return new Map([...Map.groupBy(marks, ({ vaultRef }) => vaultRef)].map(([vaultRef, given]) => [vaultRef, roleScopesOf(given)]));
}

/** The roles there are, in their order. The caller has authorized the actor. */
export const rolesOf = ({ db, actor: { mspId } }: Read): Promise<RoleMark[]> =>
  db.role.findMany({ where: { mspId, retiredAt: null }, orderBy: [{ position: "asc" }, { roleId: "asc" }], select: { roleId: true, name: true, letter: true, position: true } });

/** Two people who number one vault at the same moment are put in a row here. */
async function lockNumbers({ db, actor }: Write, vaultRefs: readonly string[]): Promise<void> {
  for (const vaultRef of vaultRefs.toSorted()) await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`numbers:${actor.mspId}:${vaultRef}`}, 0))`;
}

async function roleAndVault(tx: Write, roleId: string, vaultRef: string): Promise<{ role: RoleMark; facts: PlacedFacts; managerId: number | null }> {
  const { mspId } = tx.actor;
  await lockNumbers(tx, [vaultRef]);
  const role = (await rolesOf(tx)).find((one) => one.roleId === roleId);
  const [facts] = await loadFacts(tx, [vaultRef]);
  if (!role || !facts) throw new Refusal("not_found");
  const { agentId } = await tx.db.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } }, select: { agentId: true } });
  return { role, facts, managerId: agentId };
}

/**
 * Notes a role's number in a vault, or takes it away. `before`: the number as the page showed it, `""` for none.
 * `held`: how many rows of ours still carry the old number. Throws Refusal `not_found`, `moved_on`, `scope_is_row`, `scope_taken`.
 */
export async function setNumber(actor: Actor, { roleId, vaultRef, scope, before }: { roleId: string; vaultRef: string; scope: string; before: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ scope: string; held: number }> {
  authorize(actor, "role.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { role, facts, managerId } = await roleAndVault(tx, roleId, vaultRef);
    const now = facts.dictionary.find((one) => one.roleId === roleId)?.scope ?? "";
    if (now !== before || now === scope) throw new Refusal("moved_on");
    const at = { mspId_vaultRef_roleId: { mspId, vaultRef, roleId } };
    if (scope === "") await tx.db.roleScope.delete({ where: at });
    else {
      const row = await rowWithId(tx, vaultRef, scope, managerId);
      if (row !== null) throw new Refusal("scope_is_row", { detail: `${scope} is the id of “${row}” at ${facts.clientName}. Roles and rows share one space of numbers: whoever got ${role.name} could open what belongs to that row alone. Nothing was changed.` });
      const other = facts.dictionary.find((one) => one.scope === scope);
      if (other) throw new Refusal("scope_taken", { detail: `At ${facts.clientName}, ${scope} stands for ${(await rolesOf(tx)).find((one) => one.roleId === other.roleId)?.name ?? "another role"}: who got one of the two would get both. Nothing was changed.` });
      // The name that the client gives the number stood beside it when it was typed: from here on only another one is news.
      const data = { scope, origin: "person", clientName: facts.scopes.get(scope)?.name ?? null, setAt: clock.now() };
      await tx.db.roleScope.upsert({ where: at, update: data, create: { mspId, vaultRef, roleId, ...data } });
    }
    const held = now === "" ? 0 : (facts.held.get(now) ?? 0);
    await record(tx, { action: "role_scope.set", target: { kind: "vault", id: vaultRef }, fields: { role: role.name, client: facts.clientName, from: now || null, to: scope || null, held } });
    return { scope, held };
  }, db);
}

/** The name of the row whose id is this number. The manager's own id is known before the first reading. */
async function rowWithId({ db, actor: { mspId } }: Write, vaultRef: string, scope: string, managerId: number | null): Promise<string | null> {
  const agentId = Number.parseInt(scope, 16);
  const row = await db.knownAgent.findFirst({ where: { mspId, vaultRef, agentId }, select: { name: true } });
  return row?.name ?? (agentId === managerId ? "our own row" : null);
}

/**
 * Takes over the suggested numbers of a role that are still what was shown. Throws Refusal `not_found`; `moved_on` when none is.
 * @param pairs as the page showed them
 */
export async function acceptSuggestions(actor: Actor, { roleId, pairs }: { roleId: string; pairs: readonly { vaultRef: string; scope: string }[] }, db: Database = database()): Promise<{ count: number; moved: number }> {
  authorize(actor, "role.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    await lockNumbers(tx, pairs.map(({ vaultRef }) => vaultRef));
    const role = (await rolesOf(tx)).find((one) => one.roleId === roleId);
    if (!role) throw new Refusal("not_found");
    // The usual number is a matter of all vaults, so all are read.
    const facts = await loadFacts(tx);
    const usual = usualNumber(facts.flatMap(({ dictionary }) => dictionary.filter((one) => one.roleId === roleId).map(({ scope }) => scope)));
    const shown = new Map(pairs.map(({ vaultRef, scope }) => [vaultRef, scope]));
    const good = facts.flatMap((vault) => {
      const scope = shown.get(vault.vaultRef);
      return scope !== undefined && suggest(role, usual, vault)?.scope === scope ? [{ mspId, vaultRef: vault.vaultRef, roleId, scope, origin: "suggestion" }] : [];
    });
    if (good.length === 0) throw new Refusal("moved_on");
    await tx.db.roleScope.createMany({ data: good });
    await record(tx, { action: "role_scopes.accepted", target: { kind: "role", id: roleId }, fields: { role: role.name, count: good.length } });
    return { count: good.length, moved: shown.size - good.length };
  }, db);
}

/** Agrees that the client calls a role's number otherwise; the alarm ends until it is called something else again. Throws Refusal `not_found`, `moved_on`. */
export async function agreeName(actor: Actor, { roleId, vaultRef, name }: { roleId: string; vaultRef: string; name: string }, db: Database = database()): Promise<{ name: string }> {
  authorize(actor, "role.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { role, facts } = await roleAndVault(tx, roleId, vaultRef);
    const scope = facts.dictionary.find((one) => one.roleId === roleId)?.scope;
    // What is agreed to is what the vault says now, not what a page once showed.
    if (scope === undefined || facts.scopes.get(scope)?.name !== name) throw new Refusal("moved_on");
    await tx.db.roleScope.update({ where: { mspId_vaultRef_roleId: { mspId, vaultRef, roleId } }, data: { clientName: name } });
    await record(tx, { action: "role_scope.name_agreed", target: { kind: "vault", id: vaultRef }, fields: { role: role.name, client: facts.clientName, scope, name } });
    return { name };
  }, db);
}
