import type { Pool } from "pg";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { limits } from "../limits.ts";

export type Verdict = { allowed: true } | { allowed: false; retryAfter: number };

async function take(limiter: RateLimiterMemory | RateLimiterPostgres, key: string): Promise<Verdict> {
  try {
    await limiter.consume(key);
    return { allowed: true };
  } catch (error) {
    if (error instanceof RateLimiterRes) return { allowed: false, retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1_000)) };
    throw error;
  }
}

/**
 * Changes are counted in the database, so that several processes share one count; while it is away they are counted in
 * memory rather than not at all. Reads are counted in memory: a count that costs a write would be the better attack.
 */
export function createLimiter(pool: Pool): { change(key: string): Promise<Verdict>; read(key: string): Promise<Verdict>; ceremony(key: string): Promise<Verdict>; machine(key: string): Promise<Verdict> } {
  const shared = (keyPrefix: string, points: number) =>
    new RateLimiterPostgres({
      storeClient: pool, storeType: "pool", tableName: "rate_limit", tableCreated: true, keyPrefix, clearExpiredByTimeout: false,
      points, duration: 60, inMemoryBlockOnConsumed: points + 1, insuranceLimiter: new RateLimiterMemory({ points, duration: 60 }),
    });
  const change = shared("change", limits.changesPerMinute);
  const ceremony = shared("ceremony", limits.ceremoniesPerMinute);
  const read = new RateLimiterMemory({ points: limits.readsPerMinute, duration: 60 });
  const machine = new RateLimiterMemory({ points: limits.machinesPerMinute, duration: 60 });
  return { machine: (key) => take(machine, key), change: (key) => take(change, key), read: (key) => take(read, key), ceremony: (key) => take(ceremony, key) };
}
