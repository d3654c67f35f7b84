/**
 * Applies prisma/migrations/*.sql: one transaction each, in order of their names, under an advisory lock, each file's
 * SHA-256 kept so that a changed or missing file is noticed. Prisma's own engine is not used to apply: it splits files at
 * semicolons, which breaks function bodies, and leaves half a migration behind (docs/decisions/0004-migrations-as-sql.md).
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";

export type Migration = { name: string; sql: string; sha256: string };

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

export class MigrationError extends Error {
  override name = "MigrationError";
}

/** Pure: which are still to be applied. Throws when what was applied is not what lies here. */
export function pending(files: readonly Migration[], applied: readonly { name: string; sha256: string }[]): Migration[] {
  for (const [index, done] of applied.entries()) {
    const file = files[index];
    if (!file) throw new MigrationError(`The database has ${done.name}, which this release does not know. Start a release that has it.`);
    if (file.name !== done.name) throw new MigrationError(`The database has ${done.name} where this release has ${file.name}. Migrations are only ever added at the end.`);
    if (file.sha256 !== done.sha256) throw new MigrationError(`${done.name} was changed after it was applied. Put it back as it was, and make the change a new migration.`);
  }
  return files.slice(applied.length);
}

/**
 * @param client connected as the owner, outside a transaction
 * @returns the names applied now
 */
export async function migrate(client: Client, files: readonly Migration[] = readMigrations()): Promise<string[]> {
  await client.query("select pg_advisory_lock($1)", [lockKey]);
  try {
    await client.query(
      "create table if not exists schema_migration (name text primary key, sha256 text not null, applied_at timestamptz(3) not null default now())",
    );
    const { rows } = await client.query<{ name: string; sha256: string }>("select name, sha256 from schema_migration order by name");
    const names: string[] = [];
    for (const file of pending(files, rows)) {
      await client.query("begin");
      try {
        await client.query(file.sql);
        await client.query("insert into schema_migration (name, sha256) values ($1, $2)", [file.name, file.sha256]);
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
    await client.query("grant select on schema_migration to clavitor_app");
    return names;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [lockKey]);
  }
}
