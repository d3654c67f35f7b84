/** The daily turn over all tenants: months made ahead, what is over forgotten, empty months dropped, our own records checked. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import type { Log } from "../log.ts";
import { chainRecords, tenants } from "./chain-records.ts";
import { auditRecords } from "./check-records.ts";
import { forgetOver } from "./retention.ts";

export type Upkeep = { made: number; dropped: number; forgotten: number; found: number };

type Options = { db?: Database; clock?: Clock; log?: Pick<Log, "error"> };

/** One tenant's trouble is logged, and is not that of the others. */
async function forEach(mspIds: readonly string[], work: (mspId: string) => Promise<number>, log: Options["log"]): Promise<number> {
  let sum = 0;
  for (const mspId of mspIds) {
    try {
      sum += await work(mspId);
    } catch (error) {
      log?.error({ err: error, msp: mspId }, "an audit's turn failed");
    }
  }
  return sum;
}

export async function keepAudit({ db = database(), clock = systemClock, log }: Options = {}): Promise<Upkeep> {
  const [made] = await db.$queryRaw<{ n: number }[]>`select audit_partitions() as n`;
  const all = await tenants(db);
  const forgotten = await forEach(all, (mspId) => forgetOver(mspId, clock, db), log);
  const [dropped] = await db.$queryRaw<{ n: number }[]>`select audit_partitions_empty() as n`;
  const found = await forEach(all, (mspId) => auditRecords(mspId, db), log);
  return { made: made!.n, dropped: dropped!.n, forgotten, found };
}

/** Each minute: what was recorded since becomes leaves under a signed root. @returns how many */
export async function chainAll({ db = database(), log }: Options = {}): Promise<number> {
  return forEach(await tenants(db), (mspId) => chainRecords(mspId, db), log);
}
