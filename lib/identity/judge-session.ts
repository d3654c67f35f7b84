import { database, type Database } from "../db/client.ts";
import { isUnavailable } from "../db/trouble.ts";
import { Refusal, type FailureCode } from "../errors.ts";

/** Why a session is over, as its failure is called. */
export type Ended = Extract<FailureCode, "session_idle" | "session_expired" | "session_revoked" | "person_frozen">;
export type Judged = { live: true; personId: string; idleEndsAt: Date } | { live: false; why: Ended };

const why = { unknown: "session_revoked", revoked: "session_revoked", frozen: "person_frozen", expired: "session_expired", idle: "session_idle" } as const;

/**
 * The row decides, by the database's clock (0002_people.sql, session_judge).
 * @param active a person did something: only then is the idle clock set back
 */
export async function judgeSession(mspId: string, sessionId: string, active: boolean, db: Database = database()): Promise<Judged> {
  try {
    const [row] = await db.$queryRaw<{ verdict: keyof typeof why | "live"; person_id: string; idle_ends_at: Date }[]>`
      select verdict, person_id, idle_ends_at from session_judge(${mspId}::uuid, ${sessionId}::uuid, ${active})`;
    if (row?.verdict === "live") return { live: true, personId: row.person_id, idleEndsAt: row.idle_ends_at };
    return { live: false, why: why[row?.verdict ?? "unknown"] };
  } catch (error) {
    if (isUnavailable(error)) throw new Refusal("database_unavailable", { cause: error });
    throw error;
  }
}
