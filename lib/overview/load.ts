import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { offerable } from "../inbox/waiting.ts";
import { needsOf, type Estate, type Need } from "./needs.ts";

export type Facts = { vaults: number; takeChanges: number; grants: number; fullAccess: number; endingSoon: number; technicians: number; onLeave: number };
export type Overview = { needs: Need[]; estate: Estate[]; facts: Facts; blind: Blind; drawnAt: Date };
/** For the foot of the navigation: what the last probes said. */
export type Blind = { vaults: number; blind: number; notBlind: number; unproven: number; untried: number; triedAt: Date | null };

/** How far ahead an ending is news. */
const SOON_MS = 7 * 86_400_000;

type EstateRow = {
  vault_ref: string; client_id: string; client: string; plan: string; state: Estate["state"]; ended_by: string | null; since: Date;
  health: string | null; health_since: Date | null; words: string | null; tokens_used: number | null; tokens_limit: number | null;
  probe_result: string | null; unproven_since: Date | null; drifts: number; drift_since: Date | null;
};

/** One look at everything the actor's MSP holds. Throws Refusal `forbidden`. */
export async function readOverview(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<Overview> {
  authorize(actor, "client.read");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const rows = await tx.db.$queryRaw<EstateRow[]>`
      select v.vault_ref, v.client_id, c.name as client, c.plan, v.state, v.ended_by,
             coalesce(v.ended_at, v.stopped_at, v.connected_at, v.created_at) as since,
             r.health, r.health_since, r.words, r.tokens_used, r.tokens_limit, r.probe_result, r.unproven_since,
             coalesce(d.count, 0)::int as drifts, d.since as drift_since
        from vault v join client c using (msp_id, client_id)
        left join reading r using (msp_id, vault_ref)
        left join (select msp_id, vault_ref, count(*) as count, min(seen_at) as since from drift where settled_at is null group by 1, 2) d using (msp_id, vault_ref)
       where v.msp_id = ${mspId}::uuid order by c.name, v.vault_ref`;
    const grants = await tx.db.$queryRaw<{ grants: number; full: number; soon: number }[]>`
      select count(*)::int as grants, count(*) filter (where a.all_access)::int as full, count(*) filter (where a.expires_at < ${new Date(now.getTime() + SOON_MS)})::int as soon
        from known_agent a join vault v using (msp_id, vault_ref)
       where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin`;
    const [technicians, onLeave, signingKeys, waiting] = [
      await tx.db.person.count({ where: { mspId, rights: { has: "technician" }, frozenAt: null } }),
      await tx.db.technician.count({ where: { mspId, leaveFrom: { lte: now }, OR: [{ leaveUntil: null }, { leaveUntil: { gte: now } }] } }),
      await tx.db.signingKey.count({ where: { mspId, removedAt: null } }),
      (await offerable(tx, undefined, now)).length,
    ];
    const estate = rows.map((row): Estate => ({
      vaultRef: row.vault_ref, clientId: row.client_id, client: row.client, plan: row.plan, state: row.state, endedBy: row.ended_by, since: row.since,
      health: row.health, healthSince: row.health_since, words: row.words, tokensUsed: row.tokens_used, tokensLimit: row.tokens_limit,
      probe: row.probe_result, unprovenSince: row.unproven_since, drifts: row.drifts, driftSince: row.drift_since,
    }));
    const { grants: inForce, full, soon } = grants[0]!;
    const standing = estate.filter(({ state }) => state === "connected" || state === "unconfirmed");
    const facts: Facts = {
      vaults: standing.length, takeChanges: standing.filter(({ state, health }) => state === "connected" && health === "ok").length,
      grants: inForce, fullAccess: full, endingSoon: soon, technicians, onLeave,
    };
    return { needs: needsOf(estate, { inboxKeysWaiting: waiting, signingKeys, endingSoon: soon, now }), estate: standing, facts, blind: await blindOf(tx.db, mspId), drawnAt: now };
  }, db);
}

type Db = Parameters<Parameters<typeof read>[1]>[0]["db"];

async function blindOf(db: Db, mspId: string): Promise<Blind> {
  const [row] = await db.$queryRaw<{ vaults: number; blind: number; not_blind: number; unproven: number; tried_at: Date | null }[]>`
    select count(*)::int as vaults, count(*) filter (where r.probe_result = 'blind')::int as blind, count(*) filter (where r.probe_result = 'not_blind')::int as not_blind,
           count(*) filter (where r.probe_result = 'unproven')::int as unproven, max(r.probe_at) as tried_at
      from vault v left join reading r using (msp_id, vault_ref)
     where v.msp_id = ${mspId}::uuid and v.state in ('unconfirmed', 'connected')`;
  const { vaults, blind, not_blind: notBlind, unproven, tried_at: triedAt } = row!;
  return { vaults, blind, notBlind, unproven, untried: vaults - blind - notBlind - unproven, triedAt };
}

/** What the foot of the navigation says. Throws Refusal `forbidden`. */
export async function readBlind(actor: Actor, db: Database = database()): Promise<Blind> {
  authorize(actor, "client.read");
  return read(actor, ({ db: tx }) => blindOf(tx, actor.mspId), db);
}
