/** Requests as who answers sees them (limit, coverage, last use), and as who asked does. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { RoleMark } from "../role/letters.ts";

/** `others`: colleagues who hold all of what is asked there, or more. `lastUsedAt`: of what the asker has there; null: never, or nothing. */
export type RequestVault = { readonly vaultRef: string; readonly clientId: string; readonly client: string; readonly used: number | null; readonly limit: number | null; readonly health: string; readonly has: boolean; readonly lastUsedAt: number | null; readonly others: readonly string[]; readonly full: string };
/** `open`; `planned`: approved, and its plan waits for a tap; `running`; `given`; `failed`: approved, and nothing came of the plan. */
export type RequestState = "open" | "planned" | "running" | "given" | "failed" | "refused" | "withdrawn";
export type RequestLine = {
  readonly id: string; readonly kind: "access" | "renewal"; readonly personId: string; readonly person: string; readonly mine: boolean; readonly roles: readonly RoleMark[]; readonly full: boolean;
  readonly hours: number | null; readonly givenHours: number | null; readonly reason: string; readonly ticket: string | null; readonly askedAt: number; readonly state: RequestState;
  readonly answeredBy: string | null; readonly answeredAt: number | null; readonly words: string | null; readonly planId: string | null; readonly vaults: readonly RequestVault[];
};

type VaultRow = { request_id: string; vault_ref: string; client_id: string; client: string; used: number | null; limit: number | null; health: string | null; has: boolean; last_used_at: Date | null; others: string[] | null; full: string | null };

const vaultsOf = ({ db, actor: { mspId } }: Read, ids: readonly string[]): Promise<VaultRow[]> => db.$queryRaw<VaultRow[]>`
  select x.request_id, v.vault_ref, v.client_id, c.name as client, r.tokens_used as used, r.tokens_limit as "limit", r.health, coalesce(v.granted->>'all_access', 'never') as full,
         exists (select from known_agent a where a.msp_id = v.msp_id and a.vault_ref = v.vault_ref and a.person_id = q.person_id and a.managed_by = v.manager_uid) as has,
         (select max(a.last_used_at) from known_agent a where a.msp_id = v.msp_id and a.vault_ref = v.vault_ref and a.person_id = q.person_id) as last_used_at,
         (select array_agg(distinct p.name order by p.name) from known_agent a join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
           where a.msp_id = v.msp_id and a.vault_ref = v.vault_ref and a.person_id <> q.person_id and a.managed_by = v.manager_uid and p.kept_by is null
             and (a.all_access or (not q.full_access and array(select s.scope from role_scope s where s.msp_id = v.msp_id and s.vault_ref = v.vault_ref and s.role_id = any (q.roles)) <@ string_to_array(a.scopes, ',')))) as others
    from access_request_vault x join access_request q using (msp_id, request_id) join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
    left join reading r on r.msp_id = v.msp_id and r.vault_ref = v.vault_ref
   where x.msp_id = ${mspId}::uuid and x.request_id = any (${[...ids]}::uuid[]) order by lower(c.name), v.vault_ref`;

type Shares = { tapped: boolean; withdrawn: boolean; over: boolean; states: string[] };
/** Pure. */
export function stateOf(answer: string | null, plan: Shares | null): RequestState {
  if (answer === null) return "open";
  if (answer === "refused" || answer === "withdrawn") return answer;
  if (plan === null || plan.withdrawn || (!plan.tapped && plan.over)) return "failed";
  if (!plan.tapped) return "planned";
  if (plan.states.some((state) => ["waiting", "sent", "accepted", "held"].includes(state))) return "running";
  return plan.states.includes("proven") ? "given" : "failed";
}

/** All of the organisation for who answers or audits, one's own for everybody else; open ones first, then the newest. Throws Refusal `forbidden`. */
export async function listRequests(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<RequestLine[]> {
  authorize(actor, "request.read");
  const { mspId } = actor;
  const all = holds(actor, "request.answer") || holds(actor, "plan.read");
  const now = clock.now();
  return read(actor, async (tx) => {
    const rows = await tx.db.accessRequest.findMany({
      where: { mspId, ...(!all && { personId: actor.id }) }, orderBy: [{ answer: { sort: "asc", nulls: "first" } }, { askedAt: "desc" }, { requestId: "desc" }], take: limits.requestsListed,
      include: { person: { select: { name: true } }, plan: { select: { withdrawnAt: true, notAfter: true, approvals: { select: { approvalId: true } }, dispatches: { select: { state: true } } } } },
    });
    const vaults = Map.groupBy(await vaultsOf(tx, rows.map(({ requestId }) => requestId)), ({ request_id }) => request_id);
    const roles = new Map((await tx.db.role.findMany({ where: { mspId }, select: { roleId: true, name: true, letter: true, position: true } })).map((role) => [role.roleId, role]));
    const by = new Map((await tx.db.person.findMany({ where: { mspId, personId: { in: rows.flatMap(({ answeredBy }) => answeredBy ?? []) } }, select: { personId: true, name: true } })).map((one) => [one.personId, one.name]));
    const lines = rows.map((row): RequestLine => ({
      id: row.requestId, kind: row.kind === "renewal" ? "renewal" : "access", personId: row.personId, person: row.person.name, mine: row.personId === actor.id,
      roles: row.roles.flatMap((id) => roles.get(id) ?? []).toSorted((a, b) => a.position - b.position), full: row.fullAccess, hours: row.seconds === null ? null : row.seconds / 3_600, givenHours: row.givenSeconds === null ? null : row.givenSeconds / 3_600,
      reason: row.reason, ticket: row.ticket, askedAt: row.askedAt.getTime(), answeredBy: row.answeredBy === null ? null : (by.get(row.answeredBy) ?? null), answeredAt: row.answeredAt?.getTime() ?? null, words: row.words, planId: row.planId,
      state: stateOf(row.answer, row.plan && { tapped: row.plan.approvals.length > 0, withdrawn: row.plan.withdrawnAt !== null, over: row.plan.notAfter <= now, states: row.plan.dispatches.map(({ state }) => state) }),
      vaults: (vaults.get(row.requestId) ?? []).map((one) => ({ vaultRef: one.vault_ref, clientId: one.client_id, client: one.client, used: one.used, limit: one.limit, health: one.health ?? "unread", has: one.has, lastUsedAt: one.last_used_at?.getTime() ?? null, others: one.others ?? [], full: one.full ?? "never" })),
    }));
    return lines.toSorted((a, b) => Number(b.state === "open") - Number(a.state === "open") || b.askedAt - a.askedAt);
  }, db);
}
