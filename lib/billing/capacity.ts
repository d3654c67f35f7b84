/**
 * Hard limits, decided under a lock of the subscription's row on the primary: of many who want the last place at once, one gets it. A
 * downgrade that waits counts already, so that nothing is given out that would stand in its way.
 */
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { workerFor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { judge } from "./limits.ts";
import { nameOf, type Deps } from "./mirror.ts";
import { isPlan, planOf, vaultLimit, type Limit, type Plan } from "./plan.ts";

export type Claim = { readonly subscriptionId: string; readonly vaultId: string; /** Base URL of the point of presence's sidecar. */ readonly pop: string; /** Hardware keys that the vault may hold. */ readonly devices: number };

async function locked(tx: Write, subscriptionId: string) {
  const { mspId } = tx.actor;
  await tx.db.$queryRaw`select 1 from subscription where msp_id = ${mspId}::uuid and subscription_id = ${subscriptionId}::uuid for update`;
  const row = await tx.db.subscription.findUnique({ where: { mspId_subscriptionId: { mspId, subscriptionId } }, include: { account: true, client: true } });
  if (!row || !isPlan(row.plan)) throw new Refusal("not_found");
  if (row.state === "ended" || row.state === "opening") throw new Refusal("subscription_over");
  const next = row.nextPlan !== null && isPlan(row.nextPlan) ? { plan: planOf(row.nextPlan), users: row.nextQuantity ?? row.quantity } : null;
  const held = { plan: planOf(row.plan), users: row.quantity };
  const smallest = (of: (plan: Plan, users: number) => Limit): number | null => {
    const both = [held, ...(next ? [next] : [])].map(({ plan, users }) => of(plan, users)).filter((limit) => typeof limit === "number");
    return both.length > 0 ? Math.min(...both) : null;
  };
  return { row, vaults: smallest(vaultLimit), devices: smallest(({ devices }) => devices) };
}

function refuseOver(used: number, limit: number | null, adding: number, what: string): void {
  if (judge(used, limit, adding).state === "over") throw new Refusal("capacity_full", { detail: `The plan holds ${limit} ${what}, and ${used} are taken. Limits are hard. Nothing was made.` });
}

/** Takes a vault under a subscription. The same vault asked for twice is there once. Throws Refusal `capacity_full`, `subscription_over`, `not_found`. */
export async function claimVault(mspId: string, { subscriptionId, vaultId, pop, devices }: Claim, db: Database = database()): Promise<{ expiresAt: Date }> {
  return write(workerFor(mspId), async (tx) => {
    const { row, vaults, devices: keys } = await locked(tx, subscriptionId);
    const held = await tx.db.hostedVault.findMany({ where: { mspId, subscriptionId, goneAt: null } });
    const own = held.find((one) => one.vaultId === vaultId);
    if (own) {
      tx.replayed = true;
      return { expiresAt: own.expiresAt };
    }
    refuseOver(held.length, vaults, 1, "vaults");
    refuseOver(held.reduce((sum, one) => sum + one.devices, 0), keys, devices, "hardware keys");
    const expiresAt = row.periodEnd ?? systemClock.now();
    try {
      await tx.db.hostedVault.create({ data: { mspId, vaultId, subscriptionId, pop, devices, expiresAt, suspendedAt: row.suspendedAt } });
    } catch (error) {
      // An id is taken once, whoever has it.
      if ((error as { code?: string }).code === "P2002") throw new Refusal("moved_on", { cause: error });
      throw error;
    }
    await record(tx, { action: "hosted_vault.registered", target: { kind: "hosted_vault", id: vaultId }, fields: { vault: vaultId, subscription: nameOf(row) } });
    await tx.db.$executeRaw`select billing_wake()`;
    return { expiresAt };
  }, db);
}

/** Gives a vault more or fewer hardware keys of its subscription's. Throws as {@link claimVault}. */
export async function setDevices(mspId: string, vaultId: string, devices: number, db: Database = database()): Promise<void> {
  if (!Number.isSafeInteger(devices) || devices < 0) throw new Refusal("invalid");
  await write(workerFor(mspId), async (tx) => {
    const own = await tx.db.hostedVault.findUnique({ where: { mspId_vaultId: { mspId, vaultId } } });
    if (!own || own.goneAt) throw new Refusal("not_found");
    const { devices: keys } = await locked(tx, own.subscriptionId);
    const { _sum: others } = await tx.db.hostedVault.aggregate({ where: { mspId, subscriptionId: own.subscriptionId, goneAt: null, vaultId: { not: vaultId } }, _sum: { devices: true } });
    refuseOver(others.devices ?? 0, keys, devices, "hardware keys");
    await tx.db.hostedVault.update({ where: { mspId_vaultId: { mspId, vaultId } }, data: { devices, nextAt: new Date() } });
    await record(tx, { action: "hosted_vault.devices_set", target: { kind: "hosted_vault", id: vaultId }, fields: { vault: vaultId, devices } });
  }, db);
}

export type VaultStatus = { readonly state: "active" | "suspended" | "expired" | "deleted"; readonly expiresAt: Date; readonly suspendedAt: Date | null };

/** What a point of presence is told at a vault's `expires_at` (SPEC section 8). Throws Refusal `not_found`. */
export async function vaultStatus(vaultId: string, { clock = systemClock, db = database() }: Pick<Deps, "clock" | "db"> = {}): Promise<VaultStatus> {
  const [found] = await db.$queryRaw<{ msp: string | null }[]>`select hosted_vault_tenant(${vaultId}) as msp`;
  if (!found?.msp) throw new Refusal("not_found");
  const mspId = found.msp;
  const row = await read(workerFor(mspId), (tx) => tx.db.hostedVault.findUniqueOrThrow({ where: { mspId_vaultId: { mspId, vaultId } } }), db);
  const now = clock.now();
  const state = row.deleteSince ? "deleted" : row.suspendedAt && row.suspendedAt <= now ? "suspended" : row.expiresAt <= now ? "expired" : "active";
  return { state, expiresAt: row.expiresAt, suspendedAt: row.suspendedAt };
}
