/** From what is wanted to a plan: exact, in its one order, with fresh operation ids. Pure but for the ids, which are handed in. */
import { limits } from "../limits.ts";
import type { Signer } from "../protocol/messages.ts";
import type { Plan, PlanChange, PlanKind, PlanPerson, PlanVault } from "../protocol/plan.ts";
import { parseScopes } from "../protocol/scopes.ts";
import type { Facts, RowFacts, VaultFacts } from "./facts.ts";
import { changeOrder, type WantedChange } from "./wanted.ts";

export type Frozen = { plan: Plan; /** Our own name of each vault of the plan, by its place. */ refs: readonly string[]; /** Of each change, whose token it is where that is known, by operation id. */ persons: ReadonlyMap<string, string> };
export type Heading = { id: string; title: string; reason: string | null; ticket: string | null; msp: string; notAfter: number };

const accessOf = ({ scopes, allAccess, expiresAt }: { scopes: string; allAccess: boolean; expiresAt: number | null }) => ({ scopes, all_access: allAccess, expires_at: expiresAt });

/** Whether a vault takes rows back that nobody claims (PROTOCOL 3, features). */
const claimable = (vault: VaultFacts | undefined): boolean => vault?.features.includes("claim") ?? false;

function rowOf(vault: VaultFacts, uid: string): RowFacts {
  const row = vault.rows.find((one) => one.uid === uid);
  if (row === undefined) throw new Error("A row that is not there was let into a plan.");
  return row;
}

/**
 * Freezes changes that judge() lets go; throws for anything else, since a plan with a hole is none.
 * @param operationId draws a UUID v4 for each operation
 */
export function freezeChanges(wanted: readonly WantedChange[], facts: Facts, { id, title, reason, ticket, msp, notAfter }: Heading, operationId: () => string): Frozen {
  const holderOf = (one: { vaultRef: string; uid: string }): string => {
    const holder = facts.vaults.get(one.vaultRef)?.rows.find(({ uid }) => uid === one.uid)?.personId;
    if (holder == null) throw new Error("A row that belongs to nobody was let into a plan.");
    return holder;
  };
  const people: PlanPerson[] = [...new Set(wanted.flatMap((one) => (one.change === "grant" ? [one.personId] : one.change === "reissue" ? [holderOf(one)] : [])))].map((personId) => {
    const inbox = facts.people.get(personId)?.inbox;
    if (!inbox) throw new Error("Somebody without an endorsed inbox key was let into a plan.");
    const { kem, public_key, name } = inbox.statement;
    return { name, seal_to: { kem, public_key }, statement: inbox.hash };
  }).toSorted((a, b) => (a.statement < b.statement ? -1 : 1));
  const placeOf = (personId: string) => people.findIndex(({ statement }) => statement === facts.people.get(personId)?.inbox?.hash);
  const persons = new Map<string, string>();

  // New tokens are claimed within a day (issue: My tokens), so a plan that gives some cannot be signed for quite as long.
  const mustClaim = (one: WantedChange): boolean => one.change === "grant" && claimable(facts.vaults.get(one.vaultRef)) && facts.people.get(one.personId)?.seat !== true;
  const claims = wanted.some(mustClaim);
  const signedBy = claims ? Math.min(notAfter, facts.now + limits.claimSeconds - limits.claimLeftSeconds) : notAfter;
  const freeze = (vault: VaultFacts, one: WantedChange): PlanChange => {
    const operation = operationId();
    if (one.change === "grant") {
      persons.set(operation, one.personId);
      return { change: "grant", id: operation, person: placeOf(one.personId), access: accessOf(one), ...(mustClaim(one) && { claim_by: facts.now + limits.claimSeconds }) };
    }
    const row = rowOf(vault, one.uid);
    if (row.personId !== null) persons.set(operation, row.personId);
    if (one.change === "reissue") return { change: "reissue", id: operation, person: placeOf(holderOf(one)), agent: row.agentId, uid: row.uid, revision: row.revision, name: row.name, access: accessOf(row) };
    if (one.change === "revoke") return { change: "revoke", id: operation, standing: operationId(), agent: row.agentId, uid: row.uid, name: row.name, access: accessOf(row) };
    return { change: "alter", id: operation, agent: row.agentId, uid: row.uid, revision: row.revision, name: row.name, before: accessOf(row), after: accessOf(one) };
  };

  const refs = [...new Set(wanted.map(({ vaultRef }) => vaultRef))];
  const vaults = refs.map((vaultRef) => {
    const vault = facts.vaults.get(vaultRef);
    if (!vault?.statement || vault.key === null || vault.agentId === null) throw new Error("A vault that is not confirmed was let into a plan.");
    const changes = wanted.filter((one) => one.vaultRef === vaultRef).toSorted((a, b) => changeOrder[a.change] - changeOrder[b.change]).map((one) => freeze(vault, one));
    return { vaultRef, frozen: frozenVault(vault, changes) };
  }).toSorted((a, b) => (a.frozen.key < b.frozen.key ? -1 : 1));
  return { plan: { id, kind: "change", msp, not_after: signedBy, people, reason, ticket, title, v: 1, vaults: vaults.map(({ frozen }) => frozen) }, refs: vaults.map(({ vaultRef }) => vaultRef), persons };
}

function frozenVault(vault: VaultFacts, changes: PlanChange[]): PlanVault {
  const { statement, agentId } = vault;
  if (statement === null || agentId === null) throw new Error("A vault that is not confirmed was let into a plan.");
  const used = new Set(changes.flatMap((one) => (one.change === "alter" ? [one.before, one.after] : "access" in one ? [one.access] : [])).flatMap(({ scopes }) => parseScopes(scopes) ?? []));
  return { agent: agentId, changes, key: statement.key, name: statement.name, roles: vault.roles.filter(({ scope }) => used.has(scope)).map(({ name, scope }) => ({ name, scope })).toSorted((a, b) => (a.scope < b.scope ? -1 : 1)), vault: statement.vault };
}

/** The end of connections: our own row in each of these vaults, and nothing else. */
export function freezeExit(vaults: readonly VaultFacts[], heading: Heading, operationId: () => string): Frozen {
  return freezeOwn("exit", vaults.map((vault) => ({ vault, changes: [{ change: "leave", id: operationId(), uid: managerOf(vault) }] })), heading);
}

export function managerOf({ managerUid }: VaultFacts): string {
  if (managerUid === null) throw new Error("A vault that was never connected was let into a plan.");
  return managerUid;
}

/** Plans about our own row: its end, its signers, its token. Vaults come in any order, their changes in the one of PROTOCOL 7. */
export function freezeOwn(kind: Exclude<PlanKind, "change">, given: readonly { vault: VaultFacts; changes: PlanChange[] }[], { id, title, reason, ticket, msp, notAfter }: Heading, { signers, persons = new Map() }: { signers?: readonly Signer[]; persons?: ReadonlyMap<string, string> } = {}): Frozen {
  const parts = given.map(({ vault, changes }) => ({ vaultRef: vault.vaultRef, frozen: frozenVault(vault, changes) })).toSorted((a, b) => (a.frozen.key < b.frozen.key ? -1 : 1));
  return { plan: { id, kind, msp, not_after: notAfter, people: [], reason, ...(signers && signers.length > 0 && { signers }), ticket, title, v: 1, vaults: parts.map(({ frozen }) => frozen) }, refs: parts.map(({ vaultRef }) => vaultRef), persons };
}
