/** The break-glass as its page shows it: is the key whole and endorsed, who keeps it, which clients have a row, what was opened. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { statementOf } from "../inbox/waiting.ts";
import { policyIn } from "../lease/policy.ts";
import { inboxFingerprint } from "../protocol/inbox.ts";
import { sealedTo } from "../protocol/kem.ts";
import { isListed } from "../receipt/listed.ts";

/** `stale`: their inbox key is another by now, and the share can be opened no more. Times in epoch milliseconds. */
export type Custodian = { readonly id: string; readonly name: string; readonly triedAt: number | null; readonly stale: boolean; readonly self: boolean };
export type GlassKey = { readonly id: string; readonly fingerprint: string; readonly madeAt: number; readonly madeBy: string; readonly notAfter: number; readonly state: "waits" | "endorsed" | "differs" | "over"; readonly endorsedBy: string | null; readonly custodians: readonly Custodian[] };
/**
 * - `none`: no row; `underway`: signed for, and not yet read back at the vault; `sealed`: ready; `former`: sealed to an earlier key;
 *   `rotate`: opened or used since it was sealed; `forbidden`: the client's grant allows no full access.
 */
export type GlassRow = { readonly vaultRef: string; readonly clientId: string; readonly client: string; readonly state: "none" | "underway" | "sealed" | "former" | "rotate" | "forbidden"; readonly handOverId: string | null; readonly sealedAt: number | null; readonly until: number | null; /** By the vault's word, also before it was sealed anew. */ readonly usedAt: number | null; /** Since it was sealed, by two custodians. */ readonly openedAt: number | null; /** A use since it was sealed that no opening explains. */ readonly alarmAt: number | null; readonly triedAt: number | null; readonly drillDue: boolean };
export type OpeningLine = { readonly id: string; readonly client: string; readonly clientId: string; readonly drill: boolean; readonly askedBy: string; readonly askedById: string; readonly askedAt: number; readonly reason: string; readonly endsAt: number; readonly secondBy: string | null; readonly releasedAt: number | null; readonly openedAt: number | null; readonly closedAt: number | null; readonly closedBy: string | null; readonly state: "asked" | "released" | "opened" | "over" };
export type GlassView = { readonly key: GlassKey | null; readonly rows: readonly GlassRow[]; readonly openings: readonly OpeningLine[]; readonly drillDays: number; readonly lastDrillAt: number | null; readonly custodian: boolean };

async function keyIn({ db, actor }: Read, now: Date): Promise<GlassKey | null> {
  const { mspId } = actor;
  const row = await db.inboxKey.findFirst({
    where: { mspId, replacedAt: null, person: { keptBy: { not: null } } },
    include: { person: { select: { keptBy: true } }, endorsed: { where: { endorsement: { signingKey: { removedAt: null } } }, include: { endorsement: { include: { person: { select: { name: true } } } } }, take: 1 }, shares: { include: { custodian: { select: { name: true, frozenAt: true, inboxKeys: { where: { replacedAt: null }, select: { inboxKeyId: true } } } } }, orderBy: { place: "asc" } } },
  });
  if (row === null) return null;
  const maker = await db.person.findUnique({ where: { mspId_personId: { mspId, personId: row.person.keptBy! } }, select: { name: true } });
  const word = row.endorsed[0]?.endorsement;
  return {
    id: row.inboxKeyId, fingerprint: inboxFingerprint(statementOf(row.statement)), madeAt: row.madeAt.getTime(), madeBy: maker?.name ?? "somebody", notAfter: row.notAfter.getTime(),
    state: row.notAfter <= now ? "over" : row.differsAt !== null ? "differs" : word === undefined ? "waits" : "endorsed", endorsedBy: word?.person.name ?? null,
    custodians: row.shares.map(({ custodianId, custodianKey, custodian, triedAt }) => ({ id: custodianId, name: custodian.name, triedAt: triedAt?.getTime() ?? null, self: custodianId === actor.id, stale: custodian.frozenAt !== null || !custodian.inboxKeys.some(({ inboxKeyId }) => inboxKeyId === custodianKey) })),
  };
}

type Row = { vault_ref: string; client_id: string; client: string; full: string | null; uid: string | null; until: Date | null; used_at: Date | null; hand_over_id: string | null; sealed_to: string | null; handed_at: Date | null; opened_at: Date | null; alarm_at: Date | null; tried_at: Date | null; underway: boolean };

/** Every connected vault with its break-glass row, if it has one. */
export async function glassRowsIn({ db, actor: { mspId } }: Read, drillDays: number, now: Date): Promise<GlassRow[]> {
  const key = await db.inboxKey.findFirst({ where: { mspId, replacedAt: null, person: { keptBy: { not: null } } }, select: { statement: true } });
  const seal = key === null ? null : sealedTo(statementOf(key.statement));
  const rows = await db.$queryRaw<Row[]>`
    select v.vault_ref, v.client_id, c.name as client, v.granted->>'all_access' as full, a.uid, a.expires_at as until, a.last_used_at as used_at, h.hand_over_id, h.sealed_to, h.handed_at,
           (select max(o.opened_at) from break_glass_opening o where o.msp_id = h.msp_id and o.hand_over_id = h.hand_over_id and not o.drill) as opened_at,
           greatest((select max(u.used_at) from break_glass_use u where u.msp_id = a.msp_id and u.vault_ref = a.vault_ref and u.uid = a.uid and u.opening_id is null and (h.handed_at is null or u.used_at >= h.handed_at)),
                    case when (h.handed_at is null or a.last_used_at >= h.handed_at)
                          and not exists (select from break_glass_use u where u.msp_id = a.msp_id and u.vault_ref = a.vault_ref and u.uid = a.uid and u.used_at >= a.last_used_at)
                          and not exists (select from break_glass_opening o join hand_over x on x.msp_id = o.msp_id and x.hand_over_id = o.hand_over_id
                                           where o.msp_id = a.msp_id and o.vault_ref = a.vault_ref and x.uid = a.uid and not o.drill and o.opened_at <= a.last_used_at + interval '5 minutes') then a.last_used_at end) as alarm_at,
           (select max(o.opened_at) from break_glass_opening o where o.msp_id = v.msp_id and o.vault_ref = v.vault_ref and o.drill) as tried_at,
           exists (select from dispatch d left join receipt e using (msp_id, dispatch_id) join plan_operation o on o.msp_id = d.msp_id and o.plan_id = d.plan_id and o.vault_ref = d.vault_ref join person p on p.msp_id = o.msp_id and p.person_id = o.person_id and p.kept_by is not null
                    where d.msp_id = v.msp_id and d.vault_ref = v.vault_ref and d.kind = 'fresh' and o.change in ('grant', 'reissue')
                      and (d.state in ('waiting', 'sent', 'accepted') or (d.state = 'proven' and not ${isListed}))) as underway
      from vault v join client c using (msp_id, client_id) left join reading r using (msp_id, vault_ref)
      left join lateral (select k.* from known_agent k join person p on p.msp_id = k.msp_id and p.person_id = k.person_id and p.kept_by is not null
                          where k.msp_id = v.msp_id and k.vault_ref = v.vault_ref and k.managed_by = v.manager_uid and k.all_access and not k.admin order by k.created_at desc limit 1) a on true
      left join lateral (select x.* from hand_over x where x.msp_id = v.msp_id and x.vault_ref = v.vault_ref and x.uid = a.uid order by x.handed_at desc, x.hand_over_id desc limit 1) h on true
     where v.msp_id = ${mspId}::uuid and v.state = 'connected' order by lower(c.name), v.vault_ref`;
  return rows.map((row): GlassRow => {
    const handedAt = row.handed_at?.getTime() ?? null;
    const spent = row.opened_at !== null || (row.used_at !== null && handedAt !== null && row.used_at.getTime() >= handedAt);
    const found = row.uid === null ? (row.full === "never" || row.full === null ? "forbidden" : "none") : row.hand_over_id === null || row.sealed_to !== seal ? "former" : spent ? "rotate" : "sealed";
    const state = row.underway && found !== "sealed" ? "underway" : found;
    const tried = Math.max(row.tried_at?.getTime() ?? 0, handedAt ?? 0);
    return { vaultRef: row.vault_ref, clientId: row.client_id, client: row.client, state, handOverId: row.hand_over_id, sealedAt: handedAt, until: row.until?.getTime() ?? null, usedAt: row.used_at?.getTime() ?? null, openedAt: row.opened_at?.getTime() ?? null, alarmAt: row.alarm_at?.getTime() ?? null, triedAt: row.tried_at?.getTime() ?? null, drillDue: state === "sealed" && now.getTime() - tried >= drillDays * 86_400_000 };
  });
}

/** Owners, auditors, and custodians see it whole. Throws Refusal `forbidden`. */
export async function viewBreakGlass(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<GlassView> {
  authorize(actor, "break_glass.read");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const { drillDays } = await policyIn(tx);
    const key = await keyIn(tx, now);
    const custodian = key?.custodians.some(({ self }) => self) ?? false;
    // A technician who keeps no share learns that there is one, and nothing of which clients it opens.
    const whole = custodian || holds(actor, "break_glass.set") || holds(actor, "plan.read");
    const openings = whole ? await tx.db.breakGlassOpening.findMany({ where: { mspId }, include: { asker: { select: { name: true } }, vault: { select: { clientId: true, client: { select: { name: true } } } } }, orderBy: [{ askedAt: "desc" }, { openingId: "desc" }], take: 50 }) : [];
    const names = new Map((await tx.db.person.findMany({ where: { mspId, personId: { in: openings.flatMap(({ secondBy, closedBy }) => [secondBy, closedBy].filter((one) => one !== null)) } }, select: { personId: true, name: true } })).map((one) => [one.personId, one.name]));
    const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? "somebody"));
    const lastDrill = await tx.db.breakGlassOpening.findFirst({ where: { mspId, drill: true, openedAt: { not: null } }, orderBy: { openedAt: "desc" }, select: { openedAt: true } });
    return {
      key, custodian, drillDays, lastDrillAt: lastDrill?.openedAt?.getTime() ?? null, rows: whole ? await glassRowsIn(tx, drillDays, now) : [],
      openings: openings.map((row): OpeningLine => ({
        id: row.openingId, client: row.vault.client.name, clientId: row.vault.clientId, drill: row.drill, askedBy: row.asker.name, askedById: row.askedBy, askedAt: row.askedAt.getTime(), reason: row.reason, endsAt: row.endsAt.getTime(),
        secondBy: nameOf(row.secondBy), releasedAt: row.releasedAt?.getTime() ?? null, openedAt: row.openedAt?.getTime() ?? null, closedAt: row.closedAt?.getTime() ?? null, closedBy: nameOf(row.closedBy),
        state: row.closedAt !== null || row.endsAt <= now ? "over" : row.openedAt !== null ? "opened" : row.releasedAt !== null ? "released" : "asked",
      })),
    };
  }, db);
}
