/** What the pages of roles show: all of them with their alarms, and one with its number in each vault. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { alarmSentence, byHarm, checkVault, type Alarm, type AlarmKind } from "./check.ts";
import { loadFacts, type PlacedFacts, type VaultPlace } from "./facts.ts";
import type { RoleMark } from "./letters.ts";
import { rolesOf } from "./numbers.ts";
import { suggest, usualNumber, type Suggestion } from "./suggest.ts";

/** `vaults`: in how many it has a number; `rows`: how many rows of ours carry it, `alarms`: about it. null for who may not see clients. */
export type RoleLine = RoleMark & { readonly counts: { readonly vaults: number; readonly rows: number; readonly alarms: number; readonly suggestions: number } | null };
export type AlarmLine = { readonly id: string; readonly kind: AlarmKind; readonly roleId: string | null; readonly scope: string; readonly sentence: string; readonly place: VaultPlace; readonly clientCalls: string | null };
/** `vaults` we work in, `unread` of them not judged yet; null for who may not see clients. */
export type RoleOverview = { readonly roles: readonly RoleLine[]; readonly alarms: readonly AlarmLine[]; readonly vaults: { readonly all: number; readonly unread: number } | null };

const placeOf = ({ vaultRef, clientId, clientName, place, vaultId, state }: PlacedFacts): VaultPlace => ({ vaultRef, clientId, clientName, place, vaultId, state });

const usualOf = (facts: readonly PlacedFacts[], roleId: string) => usualNumber(facts.flatMap(({ dictionary }) => dictionary.filter((one) => one.roleId === roleId).map(({ scope }) => scope)));

function alarmsOf(facts: readonly PlacedFacts[], roles: readonly RoleMark[]): { alarm: Alarm; line: AlarmLine }[] {
  const names = new Map(roles.map(({ roleId, name }) => [roleId, name]));
  const places = new Map(facts.map((one) => [one.vaultRef, placeOf(one)]));
  return facts.flatMap((one) => checkVault(one, names)).toSorted(byHarm).map((alarm) => ({
    alarm,
    line: {
      id: `${alarm.vaultRef}/${alarm.scope}/${alarm.kind}/${alarm.roleId ?? ""}`, kind: alarm.kind, roleId: alarm.roleId, scope: alarm.scope,
      sentence: alarmSentence(alarm, (roleId) => names.get(roleId) ?? "a role"), place: places.get(alarm.vaultRef)!, clientCalls: alarm.kind === "renamed" ? alarm.clientName : null,
    },
  }));
}

/** Every member of a right with `role.read` sees names and letters; counts and alarms name clients and need `client.read`. */
export async function listRoles(actor: Actor, db: Database = database()): Promise<RoleOverview> {
  authorize(actor, "role.read");
  const seesClients = holds(actor, "client.read");
  return read(actor, async (tx) => {
    const roles = await rolesOf(tx);
    if (!seesClients) return { roles: roles.map((role) => ({ ...role, counts: null })), alarms: [], vaults: null };
    const facts = await loadFacts(tx);
    const alarms = alarmsOf(facts, roles);
    return {
      roles: roles.map((role) => {
        const numbered = facts.flatMap((vault) => vault.dictionary.filter(({ roleId }) => roleId === role.roleId).map(({ scope }) => vault.held.get(scope) ?? 0));
        const usual = usualOf(facts, role.roleId);
        return {
          ...role,
          counts: {
            vaults: numbered.length, rows: numbered.reduce((sum, held) => sum + held, 0),
            alarms: alarms.filter(({ alarm }) => alarm.roleId === role.roleId).length,
            suggestions: facts.filter((vault) => suggest(role, usual, vault) !== null).length,
          },
        };
      }),
      alarms: alarms.map(({ line }) => line),
      vaults: { all: facts.length, unread: facts.filter(({ readAt }) => readAt === null).length },
    };
  }, db);
}

/** `entries`, `calls`: what the vault says of the number; null where it says nothing of it, or was never read. */
export type NumberLine = VaultPlace & {
  readonly scope: string | null; readonly held: number; readonly entries: number | null; readonly calls: string | null; readonly readAt: number | null;
  readonly suggestion: Suggestion | null; readonly alarms: readonly AlarmLine[];
};
export type RolePage = { readonly role: RoleMark; readonly usual: string | null; readonly numbers: readonly NumberLine[]; /** Only the vaults that the actor reaches in this role are shown. */ readonly own: boolean };

/** One role and its number in each vault. Who may not see clients sees where they hold it themselves. Throws Refusal `not_found`. */
export async function showRole(actor: Actor, { roleId }: { roleId: string }, db: Database = database()): Promise<RolePage> {
  authorize(actor, "role.read");
  const own = !holds(actor, "client.read");
  return read(actor, async (tx) => {
    const roles = await rolesOf(tx);
    const role = roles.find((one) => one.roleId === roleId);
    if (!role) throw new Refusal("not_found");
    const mine = own ? await tx.db.$queryRaw<{ vault_ref: string }[]>`
      select distinct s.vault_ref from role_scope s
        join known_agent a on a.msp_id = s.msp_id and a.vault_ref = s.vault_ref and a.person_id = ${actor.id}::uuid and s.scope = any (string_to_array(a.scopes, ','))
       where s.msp_id = ${actor.mspId}::uuid and s.role_id = ${roleId}::uuid` : null;
    const facts = await loadFacts(tx, mine?.map(({ vault_ref }) => vault_ref));
    const usual = own ? null : usualOf(facts, roleId);
    const alarms = own ? [] : alarmsOf(facts, roles).map(({ line }) => line).filter((line) => line.roleId === roleId);
    const alarmsAt = Map.groupBy(alarms, ({ place }) => place.vaultRef);
    const numbers = facts.map((vault): NumberLine => {
      const scope = vault.dictionary.find((one) => one.roleId === roleId)?.scope ?? null;
      const said = scope === null ? undefined : vault.scopes.get(scope);
      return {
        ...placeOf(vault), scope, readAt: vault.readAt,
        held: own || scope === null ? 0 : (vault.held.get(scope) ?? 0), entries: said?.entries ?? (scope !== null && vault.readAt !== null ? 0 : null), calls: said?.name ?? null,
        suggestion: own ? null : suggest(role, usual, vault), alarms: alarmsAt.get(vault.vaultRef) ?? [],
      };
    });
    return { role, usual, numbers, own };
  }, db);
}
