import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { offerable } from "../inbox/waiting.ts";
import type { MonthSum } from "../billing/calendar.ts";
import { dayOf, type Day } from "../billing/days.ts";
import { priceLists, type PriceList } from "../billing/price-list.ts";
import { completeIn } from "../audit/strip.ts";
import { calmEstate, type Calm } from "./calm.ts";
import { auditIn, grantsIn, type AuditVolume, type GrantDay } from "./charts.ts";
import { mineIn, type MyReach } from "./mine.ts";
import { moneyIn, moneyNeeds, pressingClocks, type MoneyFacts } from "./money.ts";
import { accessIn, accessNeeds } from "./access.ts";
import { byHarm, needsOf, type Estate, type Need } from "./needs.ts";
import { unfinishedIn, unfinishedNeeds } from "./unfinished.ts";
import { workIn, workNeeds } from "./work.ts";

export type Facts = { vaults: number; takeChanges: number; grants: number; fullAccess: number; endingSoon: number; technicians: number; onLeave: number;
  /** Clients where one person alone has a token of ours; the break-glass is nobody's. */ servedByOne: number; /** Deletion clocks that run; a cancellation far ahead is none yet. */ clocks: number;
  /** null: the audit is not this person's. */ log: Awaited<ReturnType<typeof completeIn>> | null;
};
/** Each part is null for whoever may not see it: an owner has all but `mine`, an auditor no money, finance nothing but money. */
export type Overview = {
  needs: readonly Need[]; drawnAt: Date; today: Day; /** What is said of the estate when nothing needs this person. */ calm: Calm | null;
  estate: { vaults: readonly Estate[]; facts: Facts; blind: Blind; grants: readonly GrantDay[] } | null;
  audit: AuditVolume | null; money: (MoneyFacts & { spent: readonly MonthSum[] }) | null; mine: readonly MyReach[] | null;
};
/** For the foot of the navigation: what the last probes said. */
export type Blind = { vaults: number; blind: number; notBlind: number; unproven: number; untried: number; triedAt: Date | null };

/** How far ahead an ending is news. */
const SOON_MS = 7 * 86_400_000;

type EstateRow = {
  vault_ref: string; client_id: string; client: string; plan: string; state: Estate["state"]; ended_by: string | null; since: Date;
  health: string | null; health_since: Date | null; words: string | null; tokens_used: number | null; tokens_limit: number | null;
  probe_result: string | null; unproven_since: Date | null; drifts: number; drift_since: Date | null; billed: boolean;
};

/**
 * What this person's Overview shows: one look, in one transaction, in as many questions whatever the size of the portfolio. Throws
 * Refusal `forbidden`, `database_unavailable`.
 */
export async function readOverview(actor: Actor, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<Overview> {
  authorize(actor, "organisation.read");
  const now = clock.now();
  const today = dayOf(now);
  const [clients, seesMoney] = [holds(actor, "client.read"), holds(actor, "billing.read")];
  return read(actor, async (tx) => {
    const estate = clients ? await estateIn(tx, now) : null;
    const unfinished = clients && holds(actor, "plan.read") ? await unfinishedIn(tx, now) : null;
    const work = clients && holds(actor, "plan.read") ? workNeeds(await workIn(tx, now), { release: holds(actor, "plan.release") }) : [];
    const money = clients || seesMoney ? await moneyIn(tx, now, lists) : null;
    const access = clients && holds(actor, "request.answer") ? accessNeeds(await accessIn(tx, now)) : [];
    // Whoever sees every client's rows sees their own among them.
    const mine = !clients && holds(actor, "inbox_key.own") ? await mineIn(tx, now) : null;
    const looks = holds(actor, "client.connect");
    const needs = byHarm([...(estate?.needs ?? []).map((need) => (looks ? need : { ...need, deed: "Look" })), ...work, ...(unfinished ? unfinishedNeeds(unfinished) : []), ...access, ...(money ? moneyNeeds(money, today, seesMoney) : []), ...(mine?.needs ?? [])]);
    return {
      needs, drawnAt: now, today, calm: estate && calmEstate({ vaults: estate.facts.vaults, unread: estate.standing.filter(({ health }) => health === null).length, moving: unfinished?.moving ?? null }),
      estate: estate && { vaults: estate.standing, facts: { ...estate.facts, clocks: pressingClocks(money?.clocks ?? []).length, log: holds(actor, "audit.read") ? await completeIn(tx) : null }, blind: estate.blind, grants: await grantsIn(tx, now) },
      audit: holds(actor, "audit.read") ? await auditIn(tx, now) : null,
      money: seesMoney && money ? { ...money, spent: money.calendar?.spent ?? [] } : null, mine: mine?.reach ?? null,
    };
  }, db);
}

async function estateIn(tx: Read, now: Date): Promise<{ needs: Need[]; standing: Estate[]; facts: Omit<Facts, "clocks" | "log">; blind: Blind }> {
  const { mspId } = tx.actor;
  const rows = await tx.db.$queryRaw<EstateRow[]>`
    select v.vault_ref, v.client_id, c.name as client, c.plan, v.state, v.ended_by,
           coalesce(v.ended_at, v.stopped_at, v.connected_at, v.created_at) as since,
           r.health, r.health_since, r.words, r.tokens_used, r.tokens_limit, r.probe_result, r.unproven_since,
           coalesce(d.count, 0)::int as drifts, d.since as drift_since,
           exists (select from subscription s join billing_account b on b.msp_id = s.msp_id and b.account_id = s.account_id and b.payer = 'msp' where s.msp_id = c.msp_id and s.client_id = c.client_id and s.state not in ('ended', 'opening')) as billed
      from vault v join client c using (msp_id, client_id)
      left join reading r using (msp_id, vault_ref)
      left join (select msp_id, vault_ref, count(*) as count, min(seen_at) as since from drift where settled_at is null group by 1, 2) d using (msp_id, vault_ref)
     where v.msp_id = ${mspId}::uuid order by c.name, v.vault_ref`;
  const grants = await tx.db.$queryRaw<{ grants: number; full: number; soon: number; served_by_one: number }[]>`
    with held as (select a.all_access, a.expires_at, v.client_id, case when p.kept_by is null and p.frozen_at is null and (a.expires_at is null or a.expires_at > ${now}) then coalesce(a.person_id::text, a.name) end as holder
                    from known_agent a join vault v using (msp_id, vault_ref) left join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
                   where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin)
    select count(*)::int as grants, count(*) filter (where all_access)::int as full, count(*) filter (where expires_at > ${now} and expires_at < ${new Date(now.getTime() + SOON_MS)})::int as soon,
           (select count(*)::int from (select 1 from held group by client_id having count(distinct holder) = 1) one) as served_by_one
      from held`;
  const [technicians, onLeave, signingKeys, waiting] = [
    await tx.db.person.count({ where: { mspId, rights: { has: "technician" }, frozenAt: null } }),
    await tx.db.technician.count({ where: { mspId, leaveFrom: { lte: now }, OR: [{ leaveUntil: null }, { leaveUntil: { gte: now } }] } }),
    await tx.db.signingKey.count({ where: { mspId, removedAt: null } }),
    (await offerable(tx, undefined, now)).length,
  ];
  const estate = rows.map((row): Estate => ({
    vaultRef: row.vault_ref, clientId: row.client_id, client: row.client, plan: row.plan, state: row.state, endedBy: row.ended_by, since: row.since,
    health: row.health, healthSince: row.health_since, words: row.words, tokensUsed: row.tokens_used, tokensLimit: row.tokens_limit,
    probe: row.probe_result, unprovenSince: row.unproven_since, drifts: row.drifts, driftSince: row.drift_since, billed: row.billed,
  }));
  const { grants: inForce, full, soon, served_by_one: servedByOne } = grants[0]!;
  const standing = estate.filter(({ state }) => state === "connected" || state === "unconfirmed");
  const facts = {
    vaults: standing.length, takeChanges: standing.filter(({ state, health }) => state === "connected" && health === "ok").length,
    grants: inForce, fullAccess: full, endingSoon: soon, technicians, onLeave, servedByOne,
  };
  return { needs: needsOf(estate, { inboxKeysWaiting: waiting, signingKeys, endingSoon: soon, now, may: (permission) => holds(tx.actor, permission) }), standing, facts, blind: await blindOf(tx.db, mspId) };
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
