/**
 * The only doors to a tenant's rows. All set the tenant for this one transaction, so that row-level security shows
 * no other's (also through PgBouncer's transaction mode). A read cannot write; a write that leaves no record does not commit;
 * an observation may touch only what machines saw (docs/decisions/0020-observations.md).
 */
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { database, type Database, type Transaction } from "./client.ts";
import { isUnavailable } from "./trouble.ts";

export type Read = { readonly db: Transaction; readonly actor: Actor };
/** `recorded` counts the records of this transaction (lib/record); `replayed` says that it repeated an outcome (once.ts). */
export type Write = Read & { recorded: number; replayed: boolean };

export class UnrecordedWrite extends Error {
  override name = "UnrecordedWrite";
}

type Door = "read" | "write" | "observe";

async function transaction<T>(db: Database, actor: Actor, door: Door, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await db.$transaction(
      async (tx) => {
        // A moment goes to the database without its zone, which is UTC whatever a server is set to.
        await tx.$executeRaw`select set_config('app.msp_id', ${actor.mspId}, true), set_config('timezone', 'UTC', true), set_config('transaction_read_only', ${door === "read" ? "on" : "off"}, true), set_config('role', ${door === "observe" ? "clavitor_observe" : "none"}, true)`;
        return work(tx);
      },
      { maxWait: limits.transactionWaitMs, timeout: limits.transactionMs },
    );
  } catch (error) {
    if (isUnavailable(error)) throw new Refusal("database_unavailable", { cause: error });
    throw error;
  }
}

/** Reads rows of the actor's tenant. Throws Refusal `database_unavailable`. */
export function read<T>(actor: Actor, work: (tx: Read) => Promise<T>, db: Database = database()): Promise<T> {
  return transaction(db, actor, "read", (tx) => work({ db: tx, actor }));
}

/** Changes rows of the actor's tenant, together with the record of it. Throws Refusal `database_unavailable`, `record_unwritable`. */
export function write<T>(actor: Actor, work: (tx: Write) => Promise<T>, db: Database = database()): Promise<T> {
  return transaction(db, actor, "write", async (tx) => {
    const scope: Write = { db: tx, actor, recorded: 0, replayed: false };
    const value = await work(scope);
    if (scope.recorded === 0 && !scope.replayed) throw new UnrecordedWrite("A write ended without a record; it was rolled back. Call record() in it.");
    return value;
  });
}

/**
 * Stores what a machine saw of a vault, without a record each: as a role that reaches the observation tables and nothing else
 * (0010). What matters of it is recorded in the same transaction. Throws Refusal `database_unavailable`, `record_unwritable`.
 */
export function observe<T>(actor: Actor, work: (tx: Write) => Promise<T>, db: Database = database()): Promise<T> {
  return transaction(db, actor, "observe", (tx) => work({ db: tx, actor, recorded: 0, replayed: false }));
}
