/** What of the work under way needs somebody: removals not proven, plans that wait for a tap, reads that were refused, logs that do not fit. */
import type { Read } from "../db/tenant.ts";
import { named, type Need } from "./needs.ts";

/** A board with rows of ours that are not proven gone. */
export type OpenBoard = { readonly id: string; readonly name: string; readonly since: Date; readonly open: number; readonly total: number; readonly clients: readonly string[] };
export type WaitingPlan = { readonly id: string; readonly title: string; readonly by: string; readonly grants: number; readonly alters: number; readonly revokes: number; readonly vaults: number; readonly since: Date };
export type Refused = { readonly count: number; readonly since: Date | null; readonly most: { readonly name: string; readonly client: string; readonly count: number } | null };
export type Work = { readonly boards: readonly OpenBoard[]; readonly plans: readonly WaitingPlan[]; readonly refused: Refused; readonly tampering: { readonly count: number; readonly clients: readonly string[]; readonly since: Date | null } };

/** How far back a refused read is news. */
export const refusedHours = 24;
const tamperingNewsMs = 7 * 86_400_000;
const shown = 100;

/** Four questions, whatever the size of the portfolio. */
export async function workIn({ db, actor: { mspId } }: Read, now: Date): Promise<Work> {
  const boards = await db.$queryRaw<{ id: string; name: string; since: Date; open: number; total: number; clients: string[] }[]>`
    select r.revocation_id as id, r.name, r.opened_at as since, count(*)::int as total, count(*) filter (where w.absent_at is null and w.apart_at is null)::int as open,
           coalesce((array_agg(distinct c.name) filter (where w.absent_at is null and w.apart_at is null))[1:4], '{}') as clients
      from revocation r join revocation_row w on w.msp_id = r.msp_id and w.revocation_id = r.revocation_id and not w.own
      join vault v on v.msp_id = w.msp_id and v.vault_ref = w.vault_ref join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
     where r.msp_id = ${mspId}::uuid and r.closed_at is null group by 1, 2, 3 having count(*) filter (where w.absent_at is null and w.apart_at is null) > 0 order by r.opened_at limit ${shown}`;
  const plans = await db.$queryRaw<WaitingPlan[]>`
    select p.plan_id as id, p.title, m.name as by, p.grants, p.alters, p.revokes, p.vault_count as vaults, p.made_at as since from plan p join person m on m.msp_id = p.msp_id and m.person_id = p.made_by
     where p.msp_id = ${mspId}::uuid and p.withdrawn_at is null and p.not_after > ${now} and not exists (select 1 from approval a where a.msp_id = p.msp_id and a.plan_id = p.plan_id) order by p.made_at limit ${shown}`;
  const refused = await db.$queryRaw<{ count: number; total: number; since: Date; name: string | null; client: string }[]>`
    select count(*)::int as count, (sum(count(*)) over ())::int as total, min(max(e.at)) over () as since, max(e.actor_name) as name, c.name as client
      from audit_event e join client c on c.msp_id = e.msp_id and c.client_id = e.client_id
     where e.msp_id = ${mspId}::uuid and e.at >= ${new Date(now.getTime() - refusedHours * 3_600_000)} and e.outcome = 'denied' group by e.client_id, e.agent_id, c.name order by 1 desc limit 1`;
  const [tampering] = await db.$queryRaw<{ count: number; clients: string[] | null; since: Date | null }[]>`
    select count(*)::int as count, (array_agg(distinct c.name) filter (where c.name is not null))[1:4] as clients, min(f.seen_at) as since
      from audit_finding f left join vault v on v.msp_id = f.msp_id and v.vault_ref = f.vault_ref left join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
     where f.msp_id = ${mspId}::uuid and f.severity = 'tampering' and f.seen_at >= ${new Date(now.getTime() - tamperingNewsMs)}`;
  const [most] = refused;
  return {
    boards, plans, refused: { count: most?.total ?? 0, since: most?.since ?? null, most: most ? { name: most.name ?? "a token without a person", client: most.client, count: most.count } : null },
    tampering: { count: tampering!.count, clients: tampering!.clients ?? [], since: tampering!.since },
  };
}

const signs = ({ grants, revokes, alters }: WaitingPlan) => [grants > 0 && `+${grants}`, revokes > 0 && `−${revokes}`, alters > 0 && `~${alters}`].filter(Boolean).join(" ");
const planWords = (plan: WaitingPlan) => `“${plan.title}” (${signs(plan)}, ${plan.vaults === 1 ? "1 vault" : `${plan.vaults} vaults`}) from ${plan.by}`;

/** Pure. `may`: who only looks is led to look. */
export function workNeeds({ boards, plans, refused, tampering }: Work, may: { release: boolean }): Need[] {
  const needs: Need[] = [];
  const open = boards.reduce((sum, board) => sum + board.open, 0);
  if (tampering.count > 0) {
    needs.push({ kind: "tampering", count: tampering.count, what: tampering.count === 1 ? "log does not fit what was seen" : "places in logs do not fit what was seen", sentence: tampering.clients.length > 0 ? `${named(tampering.clients)}: somebody rewrote, or left out, what a vault had signed.` : "Our own records do not fit their checkpoints.", since: tampering.since, href: "/audit", deed: "Look", state: "refused" });
  }
  if (open > 0) {
    const [first] = boards;
    needs.push({
      kind: "revokes", count: open, what: open === 1 ? "removal is not proven" : "removals are not proven", since: first!.since, href: boards.length === 1 ? `/revocations/${first!.id}` : "/revocations", deed: boards.length === 1 ? "Open the board" : "Open the boards", state: "refused",
      sentence: boards.length === 1 ? `${first!.name} may still read at ${named(first!.clients)}. ${first!.total - first!.open} of ${first!.total} ${first!.total === 1 ? "token is" : "tokens are"} done.` : `${named(boards.map(({ name }) => name))} may still read in ${open} places.`,
    });
  }
  if (plans.length > 0) {
    needs.push({ kind: "plans", count: plans.length, what: plans.length === 1 ? `plan waits for ${may.release ? "your" : "a"} tap` : `plans wait for ${may.release ? "your" : "a"} tap`, sentence: `${plans.slice(0, 2).map(planWords).join(", and ")}${plans.length > 2 ? `, and ${plans.length - 2} more` : ""}.`, since: plans[0]!.since, href: plans.length === 1 ? `/plans/${plans[0]!.id}` : "/plans", deed: may.release ? "Review" : "Look", state: "staged" });
  }
  if (refused.count > 0) {
    const { most } = refused;
    needs.push({ kind: "refused", count: refused.count, what: refused.count === 1 ? "read was refused in 24 hours" : "reads were refused in 24 hours", sentence: most ? (most.count === refused.count ? `To ${most.name} at ${most.client}.` : `${most.count} of them to ${most.name} at ${most.client}.`) : "", since: refused.since, href: `/audit?q=${encodeURIComponent("outcome:denied since:24h")}`, deed: "Read them", state: "attention" });
  }
  return needs;
}
