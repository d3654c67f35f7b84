/**
 * Database roles (the list and its reasons: prisma/migrations/0001_ground.sql). Made with the owner's rights, or with an
 * administrator's where the launcher has one. Passwords are those of the connection strings and are set anew each time.
 */
import type { Client } from "pg";
import pg from "pg";

const quote = (name: string) => pg.escapeIdentifier(name);
const literal = (text: string) => pg.escapeLiteral(text);

type Login = { user: string; password: string; database: string };

export function loginOf(url: string): Login {
  const parsed = new URL(url);
  return { user: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password), database: decodeURIComponent(parsed.pathname.slice(1)) };
}

const found = async (client: Client, query: string, name: string) => (await client.query(query, [name])).rowCount === 1;

async function ensureLogin(client: Client, { user, password }: Login, rights: string) {
  const { rows } = await client.query<{ strong: boolean }>("select rolsuper or rolbypassrls or rolreplication as strong from pg_roles where rolname = $1", [user]);
  if (rows[0]?.strong) throw new Error(`The role ${user} may bypass row-level security. Take that right away, then start again.`);
  // Altering says nothing of the strong rights: only a superuser may name them, even to take them away.
  const how = rows[0] ? `alter role ${quote(user)} login` : `create role ${quote(user)} login nosuperuser nobypassrls ${rights}`;
  await client.query(`${how} password ${literal(password)}`);
}

/** With an administrator: the owner's role and its database. Called for the embedded server and for test clusters. */
export async function ensureOwner(admin: Client, ownerUrl: string): Promise<void> {
  const owner = loginOf(ownerUrl);
  await ensureLogin(admin, owner, "createrole nocreatedb");
  if (!(await found(admin, "select 1 from pg_database where datname = $1", owner.database))) {
    await admin.query(`create database ${quote(owner.database)} owner ${quote(owner.user)}`);
  }
}

/** With the owner: the roles that run. Throws with the SQL for an administrator when the owner may not make them. */
export async function ensureRoles(owner: Client, appUrl: string, jobsUrl: string): Promise<void> {
  const [app, jobs] = [loginOf(appUrl), loginOf(jobsUrl)];
  for (const [role, expected] of [[app.user, "clavitor_app"], [jobs.user, "clavitor_jobs"]]) {
    if (role !== expected) throw new Error(`The user of ${expected === "clavitor_app" ? "APP" : "JOBS"}_DATABASE_URL must be ${expected}; it is ${role}.`);
  }
  try {
    await ensureLogin(owner, app, "nocreaterole nocreatedb");
    await ensureLogin(owner, jobs, "nocreaterole nocreatedb");
    if (!(await found(owner, "select 1 from pg_roles where rolname = $1", "clavitor_claim"))) await owner.query("create role clavitor_claim nologin nobypassrls");
    // The app becomes this role for one transaction at a time, to store what a machine saw (tenant.ts, observe); it inherits nothing of it.
    if (!(await found(owner, "select 1 from pg_roles where rolname = $1", "clavitor_observe"))) await owner.query("create role clavitor_observe nologin nobypassrls");
    if (!(await found(owner, "select 1 where pg_has_role($1, 'clavitor_observe', 'set')", "clavitor_app"))) await owner.query("grant clavitor_observe to clavitor_app with inherit false, set true");
    // The owner gives functions away to these two (0001), for which it must be able to become them.
    await owner.query("grant clavitor_claim, clavitor_jobs to current_user");
  } catch (error) {
    if ((error as { code?: string }).code !== "42501") throw error;
    throw new Error("The owner in DATABASE_URL may not make roles. Run docs/operations.md, Roles by hand, as an administrator, then start again.", { cause: error });
  }
  await grantDatabase(owner, app.database);
  await owner.query("revoke all on schema public from public");
  await owner.query("grant usage on schema public to clavitor_app, clavitor_jobs, clavitor_claim, clavitor_observe");
  // A login may change its own defaults for good; each start puts them back.
  for (const role of ["clavitor_app", "clavitor_jobs"]) {
    await owner.query(`alter role ${role} reset all`);
    await owner.query(`alter role ${role} set search_path = public, pg_temp`);
  }
}

/**
 * Who may enter a database. Not copied with a template, hence apart. Nobody who runs may make temporary objects or schemas:
 * either is a way to be looked up before what is meant.
 */
export async function grantDatabase(owner: Client, name: string): Promise<void> {
  const database = quote(name);
  await owner.query(`revoke all on database ${database} from public`);
  await owner.query(`revoke all on database ${database} from clavitor_app, clavitor_jobs`);
  await owner.query(`grant connect on database ${database} to clavitor_app, clavitor_jobs`);
}
