/** Renewal of technicians' tokens: which are older than the organisation lets them grow, and one plan that re-issues them. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { freezeAndKeep, type MadePlan } from "../plan/create.ts";
import { limits } from "../limits.ts";
import { policyIn } from "../lease/policy.ts";

export type AgeingToken = { vaultRef: string; uid: string; client: string; personId: string; person: string; /** Epoch milliseconds: since when this token is out. */ since: number; days: number; /** Why it cannot be renewed as it stands; null: it can. */ hindrance: string | null };

type Row = { vault_ref: string; uid: string; client: string; person_id: string; person: string; row_name: string; since: Date; frozen: boolean; endorsed: boolean; key_name: string | null };

/** Every token of ours that belongs to a person, the oldest first. A renewal begins a token's life anew. */
async function tokensByAge({ db, actor: { mspId } }: Read, now: Date): Promise<AgeingToken[]> {
  const rows = await db.$queryRaw<Row[]>`
    select a.vault_ref, a.uid, c.name as client, p.person_id, p.name as person, a.name as row_name, greatest(a.created_at, max(h.handed_at)) as since, p.frozen_at is not null as frozen,
           exists (select from inbox_key k join endorsed_key e using (msp_id, inbox_key_id) join endorsement d using (msp_id, endorsement_id) join signing_key s on s.msp_id = d.msp_id and s.credential_id = d.credential_id
                    where k.msp_id = p.msp_id and k.person_id = p.person_id and k.replaced_at is null and k.differs_at is null and k.not_after > ${now} and s.removed_at is null) as endorsed,
           (select k.statement->>'name' from inbox_key k where k.msp_id = p.msp_id and k.person_id = p.person_id and k.replaced_at is null limit 1) as key_name
      from known_agent a join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
      join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
      left join hand_over h on h.msp_id = a.msp_id and h.vault_ref = a.vault_ref and h.uid = a.uid
     where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin
     group by a.msp_id, a.vault_ref, a.uid, a.name, a.created_at, c.name, p.msp_id, p.person_id, p.name, p.frozen_at
     order by since, lower(c.name), a.uid`;
  return rows.map((row) => ({
    vaultRef: row.vault_ref, uid: row.uid, client: row.client, personId: row.person_id, person: row.person, since: row.since.getTime(), days: Math.floor((now.getTime() - row.since.getTime()) / 86_400_000),
    hindrance: row.frozen ? "is frozen" : !row.endorsed ? "has no endorsed inbox key" : row.key_name !== row.row_name ? `is called ${row.row_name} there` : null,
  }));
}

export type RenewalView = { readonly renewDays: number; readonly due: readonly AgeingToken[]; /** Of those not due. */ readonly nextAt: number | null; readonly total: number };

/** What is due by the organisation's schedule, and when the next falls due. Throws Refusal `forbidden`. */
export async function renewals(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<RenewalView> {
  authorize(actor, "lease.read");
  const now = clock.now();
  return read(actor, async (tx) => {
    const { renewDays } = await policyIn(tx);
    const all = await tokensByAge(tx, now);
    const due = all.filter(({ days }) => days >= renewDays);
    const next = all.find(({ days }) => days < renewDays);
    return { renewDays, due, nextAt: next === undefined ? null : next.since + renewDays * 86_400_000, total: all.length };
  }, db);
}

/**
 * One plan that renews everything that is due and can be: one tap then does it. What its vault or its person hinders is left out and
 * named. Throws Refusal `plan_empty`, `forbidden`.
 */
export async function planRenewal(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "token.renew");
  const now = clock.now();
  return write(actor, async (tx) => {
    const { renewDays } = await policyIn(tx);
    const due = (await tokensByAge(tx, now)).filter(({ days, hindrance }) => days >= renewDays && hindrance === null);
    // A vault too many waits for the next plan; the page goes on saying that it is due.
    const vaults = new Set([...new Set(due.map(({ vaultRef }) => vaultRef))].slice(0, limits.planVaults));
    const wanted = due.filter(({ vaultRef }) => vaults.has(vaultRef)).map(({ vaultRef, uid }) => ({ change: "reissue" as const, vaultRef, uid }));
    if (wanted.length === 0) throw new Refusal("plan_empty", { detail: "No token is due that could be renewed. Nothing was frozen." });
    return freezeAndKeep(tx, { title: `Renew ${wanted.length === 1 ? "1 token" : `${wanted.length} tokens`}`, reason: `Older than ${renewDays} days`, ticket: null }, wanted, now);
  }, db);
}
