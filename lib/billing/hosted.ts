/**
 * Points of presence are told what became of a subscription, through the sidecar of each on its private interface: until when a vault
 * lives, since when it is suspended, that it is to be deleted. Told again until it is so; a vault that was deleted leaves a tombstone,
 * and its place is free only when its file is gone (SPEC section 8).
 */
import { request } from "undici";
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { raiseAlarm } from "./alarm.ts";

/** What a sidecar answers. Throws when nobody does. */
export type Sidecar = {
  extend(pop: string, vault: string, meta: { expires_at: number; paid_until: number; suspended_at: number | null; devices: number }): Promise<"done" | "gone">;
  delete(pop: string, vault: string): Promise<void>;
  exists(pop: string, vault: string): Promise<boolean>;
};

export function httpSidecar(secret: string): Sidecar {
  const call = async (method: "GET" | "POST", url: string, body?: object) => {
    const answer = await request(url, { method, headers: { authorization: `Bearer ${secret}`, ...(body && { "content-type": "application/json" }) }, ...(body && { body: JSON.stringify(body) }), headersTimeout: limits.popAnswerMs, bodyTimeout: limits.popAnswerMs });
    await answer.body.dump();
    if (answer.statusCode !== 200 && answer.statusCode !== 404) throw new Error(`the sidecar answered ${answer.statusCode}`);
    return answer.statusCode;
  };
  return {
    extend: async (pop, vault, meta) => ((await call("POST", `${pop}/vault/${vault}/extend`, meta)) === 404 ? "gone" : "done"),
    delete: async (pop, vault) => void (await call("POST", `${pop}/vault/${vault}/delete`)),
    exists: async (pop, vault) => (await call("GET", `${pop}/vault/${vault}/exists`)) === 200,
  };
}

export type Telling = { readonly sidecar?: Sidecar; readonly db?: Database };
const ourSidecar = (): Sidecar => httpSidecar(env().POP_SECRET ?? "");

/** A vault is to be deleted; that it is asked twice changes nothing. */
export async function beginDeletion(mspId: string, vaultId: string, because: string, db: Database = database()): Promise<void> {
  await write(workerFor(mspId), async (tx) => {
    const { count } = await tx.db.hostedVault.updateMany({ where: { mspId, vaultId, deleteSince: null }, data: { deleteSince: systemClock.now(), deleteBecause: because, nextAt: new Date(), attempts: 0 } });
    if (count === 0) {
      tx.replayed = true;
      return;
    }
    await record(tx, { action: "hosted_vault.deletion_begun", target: { kind: "hosted_vault", id: vaultId }, fields: { vault: vaultId, because } });
    await tx.db.$executeRaw`select billing_wake()`;
  }, db);
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);
const pauseSeconds = (attempts: number): number => Math.min(3_600, 5 * 2 ** Math.min(attempts, 10));

async function tellOne(mspId: string, vaultId: string, sidecar: Sidecar, db: Database): Promise<void> {
  const worker = workerFor(mspId);
  const row = await read(worker, (tx) => tx.db.hostedVault.findUnique({ where: { mspId_vaultId: { mspId, vaultId } } }), db);
  if (!row || row.nextAt === null) return;
  const target = { kind: "hosted_vault", id: vaultId } as const;
  const where = { mspId, vaultId, leaseUntil: row.leaseUntil };
  try {
    if (row.deleteSince) {
      await sidecar.delete(row.pop, vaultId);
      if (await sidecar.exists(row.pop, vaultId)) throw new Error("the file is still there");
      await write(worker, async (tx) => {
        await tx.db.hostedVault.updateMany({ where, data: { goneAt: new Date(), nextAt: null, leaseUntil: null, attempts: 0, words: null } });
        await record(tx, { action: "hosted_vault.gone", target, fields: { vault: vaultId } });
      }, db);
      return;
    }
    const { expiresAt, suspendedAt } = row;
    const answer = await sidecar.extend(row.pop, vaultId, { expires_at: seconds(expiresAt), paid_until: seconds(expiresAt), suspended_at: suspendedAt && seconds(suspendedAt), devices: row.devices });
    if (answer === "gone") throw new Error("there is no such vault");
    await write(worker, async (tx) => {
      await tx.db.hostedVault.updateMany({ where, data: { toldExpiresAt: expiresAt, toldSuspendedAt: suspendedAt, toldAt: new Date(), nextAt: null, leaseUntil: null, attempts: 0, words: null } });
      await record(tx, { action: "hosted_vault.told", target, fields: { vault: vaultId, words: suspendedAt ? `suspended since ${suspendedAt.toISOString().slice(0, 10)}` : `paid for until ${expiresAt.toISOString().slice(0, 10)}` } });
    }, db);
  } catch (error) {
    const attempts = row.attempts + 1;
    const words = (error as Error).message.slice(0, 200);
    await write(worker, async (tx) => {
      await tx.db.hostedVault.updateMany({ where, data: { attempts, words, leaseUntil: null, nextAt: new Date(Date.now() + pauseSeconds(attempts) * 1_000) } });
      await record(tx, { action: "hosted_vault.untold", target, fields: { vault: vaultId, words, attempts } });
      if (attempts === limits.popAlarmAttempts) await raiseAlarm(tx, { kind: "reconcile_vault", subject: vaultId, words: `The point of presence of the vault ${vaultId} does not take ${row.deleteSince ? "its deletion" : "what is paid for"}; it is told again every hour.` });
    }, db);
  }
}

/** The worker's share: every vault that is to be told something. @returns how many were tried */
export async function tellVaults({ sidecar = ourSidecar(), db = database() }: Telling = {}): Promise<number> {
  let told = 0;
  for (;;) {
    const due = await db.$queryRaw<{ msp_id: string; vault_id: string }[]>`select msp_id, vault_id from hosted_vault_claim(${limits.billingAtOnce}::int, ${limits.billingLeaseSeconds}::int)`;
    if (due.length === 0) return told;
    await Promise.all(due.map(({ msp_id: mspId, vault_id: vaultId }) => tellOne(mspId, vaultId, sidecar, db)));
    told += due.length;
  }
}
