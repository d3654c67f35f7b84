/**
 * Whether this installation can serve: the database answers, its schema is this release's, a worker lives. Each part says
 * so in words, for /api/ready and for the system page.
 */
import type { Database } from "../db/client.ts";
import { MigrationError, pending, type Applied } from "../db/pending.ts";
import { limits } from "../limits.ts";
import built from "#prisma/generated/migrations.json" with { type: "json" };

export type Part = { name: "database" | "migrations" | "worker"; ready: boolean; says: string };
export type Readiness = { ready: boolean; parts: Part[] };

const part = (name: Part["name"], ready: boolean, says: string): Part => ({ name, ready, says });

/** Pure. */
export function judgeMigrations(here: readonly Applied[], applied: readonly Applied[]): Part {
  try {
    const open = pending(here, applied);
    if (open.length > 0) return part("migrations", false, `${open.length} not applied yet, the first is ${open[0]!.name}`);
    return part("migrations", true, `${applied.length} applied, the newest is ${applied.at(-1)?.name ?? "none"}`);
  } catch (error) {
    if (error instanceof MigrationError) return part("migrations", false, error.message);
    throw error;
  }
}

/** Pure. */
export function judgeWorkers(beats: readonly { at: Date }[], now: Date): Part {
  const ages = beats.map(({ at }) => now.getTime() - at.getTime()).sort((a, b) => a - b);
  const live = ages.filter((age) => age < limits.heartbeatStaleMs).length;
  if (live > 0) return part("worker", true, `${live} at work, the last sign ${Math.max(0, Math.round(ages[0]! / 1_000))} s ago`);
  return part("worker", false, ages.length === 0 ? "none has said anything" : `silent for ${Math.round(ages[0]! / 1_000)} s`);
}

/** Never throws: what cannot be asked is not ready, and says so. */
export async function readiness(db: Database): Promise<Readiness> {
  const began = performance.now();
  try {
    // The database's own clock judges the age, so that two machines' clocks need not agree.
    const applied = await db.$queryRaw<Applied[]>`select name, sha256 from schema_migration order by name`;
    const answered = Math.max(1, Math.round(performance.now() - began));
    const beats = await db.$queryRaw<{ at: Date; now: Date }[]>`select beat_at as at, now() as now from heartbeat order by beat_at desc limit 50`;
    const parts = [
      part("database", true, `answers in ${answered} ms`),
      judgeMigrations(built, applied),
      judgeWorkers(beats, beats[0]?.now ?? new Date()),
    ];
    return { ready: parts.every(({ ready }) => ready), parts };
  } catch {
    return {
      ready: false,
      parts: [part("database", false, "does not answer"), part("migrations", false, "cannot be told without the database"), part("worker", false, "cannot be told without the database")],
    };
  }
}
