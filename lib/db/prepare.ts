/** A start's database step, as a program: owner and database (embedded only), roles, graphile-worker's schema, migrations. */
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { migrate, readMigrations } from "./migrate.ts";
import { parseEnv, parseWorkerEnv } from "../env.ts";
import { ensureOwner, ensureRoles, loginOf } from "./roles.ts";

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: "clavitor prepare" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

type Urls = { adminUrl?: string | undefined; ownerUrl: string; appUrl: string; jobsUrl: string };

/**
 * Brings a database to the state that this release needs. Safe to repeat, and safe when two run at once.
 * @returns the migrations applied now
 */
export async function prepare({ adminUrl, ownerUrl, appUrl, jobsUrl }: Urls): Promise<string[]> {
  if (adminUrl) await connected(adminUrl, (admin) => ensureOwner(admin, ownerUrl));
  return connected(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ version: number }>("select current_setting('server_version_num')::int as version");
    if (rows[0]!.version < 160_000) throw new Error(`PostgreSQL 16 or newer is needed; DATABASE_URL names version ${rows[0]!.version}.`);
    // Names mean ours, whatever schemas and temporary objects others could make.
    await owner.query("set search_path = public, pg_temp");
    await owner.query("set lock_timeout = '60s'");
    // Two starts on one database: the second waits here rather than racing for the same roles.
    await owner.query("select pg_advisory_lock(hashtext('clavitor prepare'))");
    await ensureRoles(owner, appUrl, jobsUrl);
    await ensureJobs(owner, jobsUrl);
    return migrate(owner);
  });
}

/** graphile-worker's tables, made by and belonging to its own role, which may make a schema for this moment only. */
async function ensureJobs(owner: pg.Client, jobsUrl: string): Promise<void> {
  const database = pg.escapeIdentifier(loginOf(jobsUrl).database);
  await owner.query(`grant create on database ${database} to clavitor_jobs`);
  try {
    await runMigrations({ connectionString: jobsUrl });
  } finally {
    await owner.query(`revoke create on database ${database} from clavitor_jobs`);
  }
}

if (import.meta.main) {
  const need = (name: string) => {
    const value = process.env[name];
    if (!value) {
      process.stderr.write(`${name} is missing. See docs/operations.md, Settings.\n`);
      process.exit(1);
    }
    return value;
  };
  try {
    // Before anything is changed: a wrong setting must not be found out after the migrations.
    parseEnv(process.env);
    parseWorkerEnv(process.env);
    const applied = await prepare({
      adminUrl: process.env.ADMIN_DATABASE_URL,
      ownerUrl: need("DATABASE_URL"),
      appUrl: need("APP_DATABASE_URL"),
      jobsUrl: need("JOBS_DATABASE_URL"),
    });
    process.stdout.write(applied.length > 0 ? `${applied.length} of ${readMigrations().length} applied\n` : `${readMigrations().length} in place\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
