/** A few vaults first: the others of the tap go when all of those are proven, and stop by themselves when one is not. */
import type { Dispatch } from "#prisma/generated/client.ts";
import { read, type Write } from "../db/tenant.ts";
import { dispatchState, settledStates } from "../plan/dispatch-state.ts";
import { record } from "../record/record.ts";
import { behindFence, type Line } from "./line.ts";

export type Canary = "go" | "wait" | { failed: string };

/** What the first wave says to a share of the second. */
export async function askCanary(line: Line, { approvalId, planId }: Dispatch): Promise<Canary> {
  const first = await read(line.worker, (tx) => tx.db.dispatch.findMany({ where: { mspId: line.worker.mspId, planId, approvalId, kind: "fresh", wave: 0 }, select: { state: true, vault: { select: { client: { select: { name: true } } } } } }), line.db);
  const bad = first.find(({ state }) => settledStates.has(dispatchState(state)) && state !== "proven");
  if (bad !== undefined) return { failed: bad.vault.client.name };
  return first.every(({ state }) => state === "proven") ? "go" : "wait";
}

/** A share of the second wave that never goes: its standing removal does not either, since a person has to look first. */
export async function stopSecondWave(line: Line, share: Dispatch, client: string): Promise<void> {
  const words = `Stopped by itself: ${client}, of the first wave, is not proven.`;
  await behindFence(line, async (tx) => {
    const now = line.now();
    const { mspId } = tx.actor;
    await tx.db.dispatch.updateMany({ where: { mspId, planId: share.planId, vaultRef: share.vaultRef, approvalId: share.approvalId, state: { in: ["waiting", "held"] }, attempts: 0 }, data: { state: "stopped", words, changedAt: now, settledAt: now } });
    await record(tx, { action: "dispatch.stopped", target: { kind: "dispatch", id: share.dispatchId }, fields: { client: line.vault.client.name, words } });
  });
}

/** The last of the first wave settled, in its transaction: the second wave's lines are due now. */
export async function wakeSecondWave(tx: Write, { planId, approvalId, wave, kind }: Dispatch): Promise<void> {
  if (wave !== 0 || kind !== "fresh") return;
  const { mspId } = tx.actor;
  const woken = await tx.db.$executeRaw`
    update vault_line l set next_at = now() from dispatch d
     where d.msp_id = ${mspId}::uuid and d.plan_id = ${planId}::uuid and d.approval_id = ${approvalId}::uuid and d.wave = 1 and d.state = 'waiting' and l.msp_id = d.msp_id and l.vault_ref = d.vault_ref
       and not exists (select from dispatch f where f.msp_id = d.msp_id and f.plan_id = d.plan_id and f.approval_id = d.approval_id and f.kind = 'fresh' and f.wave = 0 and f.state in ('waiting', 'sent', 'accepted'))`;
  if (woken > 0) await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
}

