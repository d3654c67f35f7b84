/** Everything that ends by itself, over all clients: the calendar of endings, and slots that were lent. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { roleLetters, type Letters } from "../role/letters.ts";
import { dictionaryOf } from "../role/numbers.ts";

/** Times in epoch milliseconds. `lastsUntil`: how far the client's grant lets the end be moved from now on; null: no bound. */
export type LeaseLine = {
  readonly vaultRef: string; readonly uid: string; readonly clientId: string; readonly client: string; readonly personId: string | null; readonly name: string; readonly letters: Letters; readonly until: number;
  readonly lastUsedAt: number | null; readonly mine: boolean; readonly health: string; readonly lastsUntil: number | null; readonly moving: boolean;
};
export type LoanLine = { readonly id: string; readonly vaultRef: string; readonly client: string; readonly lender: string; readonly borrower: string; readonly until: number; /** Given: the borrower's row stands, or its time is over. */ readonly state: "planned" | "lent" | "over" | "back_planned" | "back" | "failed"; readonly planId: string; readonly backPlanId: string | null };
export type LeaseView = { readonly leases: readonly LeaseLine[]; readonly loans: readonly LoanLine[] };

type Row = { vault_ref: string; uid: string; client_id: string; client: string; person_id: string | null; name: string; scopes: string; all_access: boolean; expires_at: Date; last_used_at: Date | null; health: string | null; max_lease: number | null; moving: boolean };
type LoanRow = { loan_id: string; vault_ref: string; client: string; lender: string; borrower: string; ends_at: Date; plan_id: string; back_plan_id: string | null; given: string | null; tapped: boolean; withdrawn: boolean; back: string | null; back_dead: boolean };

/** Pure. */
export function loanState({ given, tapped, withdrawn, back, back_dead: backDead, back_plan_id: backPlanId, ends_at: endsAt }: Pick<LoanRow, "given" | "tapped" | "withdrawn" | "back" | "back_dead" | "back_plan_id" | "ends_at">, now: Date): LoanLine["state"] {
  if (given !== "proven") return withdrawn || (tapped && given !== null && ["refused", "late", "stopped", "lost"].includes(given)) ? "failed" : "planned";
  if (back === "proven") return "back";
  if (backPlanId !== null && !backDead) return "back_planned";
  return endsAt <= now ? "over" : "lent";
}

/** By their end, the nearest first. Throws Refusal `forbidden`. */
export async function listLeases(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<LeaseView> {
  authorize(actor, "lease.read");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const rows = await tx.db.$queryRaw<Row[]>`
      select a.vault_ref, a.uid, v.client_id, c.name as client, a.person_id, coalesce(p.name, a.name) as name, a.scopes, a.all_access, a.expires_at, a.last_used_at, r.health, (v.granted->>'max_lease')::integer as max_lease,
             exists (select from plan_operation o join dispatch d on d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref
                      where o.msp_id = a.msp_id and o.vault_ref = a.vault_ref and o.uid = a.uid and d.state in ('waiting', 'held', 'sent', 'accepted', 'lost', 'incident')) as moving
        from known_agent a join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
        left join reading r on r.msp_id = a.msp_id and r.vault_ref = a.vault_ref left join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
       where a.msp_id = ${mspId}::uuid and v.state = 'connected' and a.managed_by = v.manager_uid and not a.admin and a.expires_at > ${now}
       order by a.expires_at, lower(c.name), a.uid limit ${limits.leasesListed}`;
    const dictionary = await dictionaryOf(tx, [...new Set(rows.map(({ vault_ref }) => vault_ref))]);
    const loans = await tx.db.$queryRaw<LoanRow[]>`
      select l.loan_id, l.vault_ref, c.name as client, a.name as lender, b.name as borrower, l.ends_at, l.plan_id, l.back_plan_id, p.withdrawn_at is not null as withdrawn,
             exists (select from approval x where x.msp_id = l.msp_id and x.plan_id = l.plan_id) as tapped,
             (select d.state from dispatch d where d.msp_id = l.msp_id and d.plan_id = l.plan_id and d.vault_ref = l.vault_ref and d.kind = 'fresh' order by d.dispatch_id desc limit 1) as given,
             (select d.state from dispatch d where d.msp_id = l.msp_id and d.plan_id = l.back_plan_id and d.vault_ref = l.vault_ref and d.kind = 'fresh' order by d.dispatch_id desc limit 1) as back,
             coalesce(k.withdrawn_at is not null or (k.not_after <= ${now} and not exists (select from approval x where x.msp_id = l.msp_id and x.plan_id = l.back_plan_id)), false) as back_dead
        from slot_loan l join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
        join person a on a.msp_id = l.msp_id and a.person_id = l.lender_id join person b on b.msp_id = l.msp_id and b.person_id = l.borrower_id
        join plan p on p.msp_id = l.msp_id and p.plan_id = l.plan_id left join plan k on k.msp_id = l.msp_id and k.plan_id = l.back_plan_id
       where l.msp_id = ${mspId}::uuid order by l.ends_at desc limit 200`;
    return {
      leases: rows.map((row) => ({
        vaultRef: row.vault_ref, uid: row.uid, clientId: row.client_id, client: row.client, personId: row.person_id, name: row.name, letters: roleLetters(row.scopes, row.all_access, dictionary.get(row.vault_ref) ?? new Map()), until: row.expires_at.getTime(),
        lastUsedAt: row.last_used_at?.getTime() ?? null, mine: row.person_id === actor.id, health: row.health ?? "unread", lastsUntil: row.max_lease === null ? null : now.getTime() + row.max_lease * 1_000, moving: row.moving,
      })),
      loans: loans.map((row): LoanLine => ({ id: row.loan_id, vaultRef: row.vault_ref, client: row.client, lender: row.lender, borrower: row.borrower, until: row.ends_at.getTime(), planId: row.plan_id, backPlanId: row.back_plan_id, state: loanState(row, now) }))
        .filter(({ state, until }) => (state !== "back" && state !== "failed") || now.getTime() - until < 7 * 86_400_000),
    };
  }, db);
}
