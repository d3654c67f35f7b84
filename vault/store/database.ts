import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { PlainError } from "./plain-error.ts";

export type Value = null | number | string | Uint8Array;
export type Row = Record<string, SQLOutputValue>;

/**
 * One SQLite file with its prepared statements. WAL, so that a backup can be read while the vault runs. `synchronous` is
 * NORMAL for reads (their audit event survives `kill -9`, not a power cut) and FULL for changes, see {@link Database.write}.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #full = false;

  constructor(path: string, { create = false }: { create?: boolean } = {}) {
    this.#db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
    if (create) this.#db.exec("PRAGMA journal_mode = WAL");
    this.#db.exec("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** Rows one at a time, for answers that stop early. */
  iterate(sql: string, ...values: Value[]): Iterable<Row> {
    return this.#prepare(sql).iterate(...values);
  }

  /** Number of rows changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /**
   * Runs `work` as one transaction; a throw rolls back. `durable` waits until the commit is on the disk, so that a power
   * cut loses nothing that was answered; without it only the death of the process is survived.
   */
  write<T>(durable: boolean, work: () => T): T {
    if (this.#full !== durable) {
      this.#db.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
      this.#full = durable;
    }
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself may have rolled back already (a full disk); a second one would hide the cause.
      if (this.#db.isTransaction) this.run("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}

/** SQLite's own generic words for a failure ("database disk image is malformed"), which quote no content; null for others. */
export function sqliteFailure(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR") return null;
  return "errstr" in error && typeof error.errstr === "string" ? error.errstr : "database failure";
}

/** SQLite's words for a file that is no whole database, as one plain sentence. */
export function plainOpenError(path: string, error: unknown): PlainError {
  const message = error instanceof Error ? error.message : String(error);
  if (/malformed|not a database|disk I\/O|short read|no such table/i.test(message)) {
    return new PlainError(`The file ${path} is damaged or not a vault (${message}). Restore it from your backup.`);
  }
  if (/locked|busy/i.test(message)) return new PlainError(`The file ${path} is in use by another program.`);
  return new PlainError(`The file ${path} cannot be opened (${message}).`);
}
