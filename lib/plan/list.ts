/** Plans, those that wait for somebody first. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { planKind } from "./load.ts";
import type { PlanKind } from "../protocol/plan.ts";
import type { PlanState } from "./show.ts";

/** Times in epoch milliseconds. */
export type PlanRowLine = { id: string; kind: PlanKind; title: string; state: PlanState; counts: { grant: number; alter: number; revoke: number }; vaults: number; proven: number; refused: number; madeBy: string; madeAt: number; notAfter: number; mine: boolean; handedToMe: boolean };

const pageSize = 100;

export async function listPlans(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<PlanRowLine[]> {
  authorize(actor, "plan.read");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const rows = await tx.db.plan.findMany({ where: { mspId }, orderBy: { madeAt: "desc" }, take: pageSize, include: { person: { select: { name: true } }, approvals: { select: { approvalId: true }, take: 1 } } });
    const tallies = await tx.db.$queryRaw<{ planId: string; kind: string; state: string; count: number }[]>`
      select plan_id as "planId", kind, state, count(*)::int as count from dispatch where msp_id = ${mspId}::uuid and plan_id = any(${rows.map(({ planId }) => planId)}::uuid[]) group by plan_id, kind, state`;
    const lines = rows.map((row): PlanRowLine => {
      const own = tallies.filter(({ planId }) => planId === row.planId);
      const count = (...states: string[]) => own.filter(({ kind, state }) => kind === "fresh" && states.includes(state)).reduce((sum, one) => sum + one.count, 0);
      const moving = own.some(({ state }) => ["waiting", "sent", "accepted"].includes(state));
      const proven = count("proven");
      const state: PlanState = row.withdrawnAt !== null ? "withdrawn" : row.approvals.length === 0 ? (row.notAfter <= now ? "over" : "ready") : moving ? "running" : proven >= row.vaultCount ? "done" : "partly";
      return {
        id: row.planId, kind: planKind(row.kind), title: row.title, state, counts: { grant: row.grants, alter: row.alters, revoke: row.revokes }, vaults: row.vaultCount, proven, refused: count("refused", "incident", "lost"),
        madeBy: row.person.name, madeAt: row.madeAt.getTime(), notAfter: row.notAfter.getTime(), mine: row.madeBy === actor.id, handedToMe: row.handedTo === actor.id,
      };
    });
    const order: Readonly<Record<PlanState, number>> = { ready: 0, running: 1, partly: 2, done: 3, over: 3, withdrawn: 3 };
    return lines.toSorted((a, b) => order[a.state] - order[b.state] || Number(b.handedToMe) - Number(a.handedToMe) || b.madeAt - a.madeAt);
  }, db);
}
