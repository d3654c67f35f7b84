/** "Why does this person have this": what stands behind one cell. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import type { Back } from "./back.ts";
import { historyOf, type HistoryLine } from "./history.ts";
import { vaultsByKey } from "./load.ts";
import { driftBack } from "./put-back.ts";
import { pricedWays, type PricedWay } from "./ways.ts";

/** One row of the vault that is this person's. Times in ms. */
export type CellRow = { uid: string; agent: string; name: string; ours: boolean; scopes: { scope: string; role: string | null }[]; fullAccess: boolean; createdAt: number; endsAt: number | null; lastUsedAt: number | null; handOver: string; locked: boolean; revision: number };
export type Inspection = {
  vaultRef: string; clientId: string; personId: string; rows: CellRow[];
  wanted: { scopes: string; fullAccess: boolean; endsAt: number | null; since: number }[];
  drift: { driftId: string; kind: string; seenAt: number; changedAt: number | null; changedBy: string | null; back: Back } | null;
  /** Others here who hold each of the roles of this cell: who could stand in. */
  cover: { role: string; others: number }[];
  /** Ways out for tokens that are staged and not free; empty where they fit. */
  ways: PricedWay[];
  /** Where these lead for the reader. */
  may: { money: boolean; lend: boolean };
  readAt: number | null;
  words: string | null;
  history: HistoryLine[];
};

/**
 * @param key of the vault in the matrix
 * @param adding tokens that are staged in that vault beside those in use
 * Throws Refusal `forbidden`, `not_found`.
 */
export async function inspectCell(actor: Actor, { key, personId, adding = 0 }: { key: string; personId: string; adding?: number }, clock: Clock = systemClock, db: Database = database()): Promise<Inspection> {
  authorize(actor, "matrix.read");
  return read(actor, async (tx) => {
    const { mspId } = actor;
    const vaultRef = (await vaultsByKey(tx)).get(key);
    const vault = vaultRef ? await tx.db.vault.findUnique({ where: { mspId_vaultRef: { mspId, vaultRef } }, include: { reading: true, roleScopes: { include: { role: true } } } }) : null;
    const person = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId } } });
    if (!vault || !vaultRef || !person) throw new Refusal("not_found");
    const names = new Map(vault.roleScopes.map(({ scope, role }) => [scope, role.name]));
    const agents = await tx.db.knownAgent.findMany({ where: { mspId, vaultRef, personId }, orderBy: [{ createdAt: "asc" }] });
    const wanted = await tx.db.wantedAgent.findMany({ where: { mspId, vaultRef, uid: { in: agents.map(({ uid }) => uid) } } });
    const drifts = await tx.db.drift.findMany({ where: { mspId, vaultRef, settledAt: null } });
    const drift = drifts.find(({ uid, before }) => agents.some((agent) => agent.uid === uid) || (before as { name?: string } | null)?.name?.normalize("NFC") === person.name.normalize("NFC"));
    const back = drift ? await driftBack(tx, drift.driftId, clock.now()) : null;
    const scopesOf = (text: string) => (text === "" ? [] : text.split(","));
    const held = new Set(agents.flatMap(({ scopes }) => scopesOf(scopes)));
    const others = held.size === 0 ? [] : await tx.db.knownAgent.findMany({ where: { mspId, vaultRef, managedBy: vault.managerUid, personId: { not: personId } }, select: { personId: true, scopes: true } });
    const cover = [...held].flatMap((scope) => { const role = names.get(scope); return role ? [{ role, others: new Set(others.filter(({ scopes }) => scopesOf(scopes).includes(scope)).map((one) => one.personId)).size }] : []; });
    const history = await historyOf(tx, { vaultRef, personId, uids: agents.map(({ uid }) => uid) });
    return {
      vaultRef, clientId: vault.clientId, personId,
      rows: agents.map((agent) => ({
        uid: agent.uid, agent: agent.agentId.toString(16).padStart(4, "0"), name: agent.name, ours: agent.managedBy !== null && agent.managedBy === vault.managerUid, scopes: scopesOf(agent.scopes).map((scope) => ({ scope, role: names.get(scope) ?? null })),
        fullAccess: agent.allAccess, createdAt: agent.createdAt.getTime(), endsAt: agent.expiresAt?.getTime() ?? null, lastUsedAt: agent.lastUsedAt?.getTime() ?? null, handOver: agent.handOver, locked: agent.locked, revision: Number(agent.revision),
      })),
      wanted: wanted.map((one) => ({ scopes: one.scopes, fullAccess: one.allAccess, endsAt: one.expiresAt?.getTime() ?? null, since: one.since.getTime() })),
      drift: drift ? { driftId: drift.driftId, kind: drift.kind, seenAt: drift.seenAt.getTime(), changedAt: drift.changedAt?.getTime() ?? null, changedBy: drift.changedBy, back: back?.back ?? { why: "It was settled meanwhile." } } : null,
      cover, ways: adding > 0 ? await pricedWays(tx, vaultRef, adding, clock.now()) : [], may: { money: holds(actor, "billing.read"), lend: holds(actor, "lease.extend") }, readAt: vault.reading?.readAt?.getTime() ?? null, words: vault.reading?.words ?? null,
      history,
    };
  }, db);
}
