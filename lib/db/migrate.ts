/**
 * Applies prisma/migrations/*.sql: one transaction each, in order of their names, under an advisory lock, each file's
 * SHA-256 kept so that a changed or missing file is noticed. Prisma's own engine is not used to apply: it splits files at
 * semicolons, which breaks function bodies, and leaves half a migration behind (docs/decisions/0004-migrations-as-sql.md).
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { MigrationError, pending, type Applied } from "./pending.ts";

export type Migration = Applied & { sql: string };

/** "clavitor" in ASCII; one migrator at a time per database. */
const lockKey = "7164218312404725618";

export const migrationsFolder = join(import.meta.dirname, "../../prisma/migrations");

export function readMigrations(folder = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), "utf8");
      return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * @param client connected as the owner, outside a transaction
 * @returns the names applied now
 */
export async function migrate(client: Client, files: readonly Migration[] = readMigrations()): Promise<string[]> {
  await client.query("select pg_advisory_lock($1)", [lockKey]);
  try {
    await client.query(
      "create table if not exists public.schema_migration (name text primary key, sha256 text not null, applied_at timestamptz(3) not null default now())",
    );
    const { rows } = await client.query<Applied>("select name, sha256 from public.schema_migration order by name");
    const names: string[] = [];
    for (const file of pending(files, rows)) {
      await client.query("begin");
      try {
        await client.query(file.sql);
        await client.query("insert into public.schema_migration (name, sha256) values ($1, $2)", [file.name, file.sha256]);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        const { message, position } = error as { message: string; position?: string };
        const line = position ? `, line ${file.sql.slice(0, Number(position)).split("\n").length}` : "";
        throw new MigrationError(`${file.name}${line}: ${message}. Nothing of it was applied.`, { cause: error });
      }
      names.push(file.name);
    }
    // The console asks whether it runs on the schema that it was built for (/api/ready).
    await client.query("grant select on public.schema_migration to clavitor_app");
    return names;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [lockKey]);
  }
}
