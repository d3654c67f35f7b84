import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync, chmodSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actorOf, refuseDistant, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { uuid7 } from "../id.ts";
import { record } from "../record/record.ts";
import { createDatabase, type Database } from "./client.ts";
import { observe, read, UnrecordedWrite, write } from "./tenant.ts";

let t: TestDatabase;
let quillmoor: string;
let harbour: string;

beforeAll(async () => {
  t = await testDatabase();
  quillmoor = await t.msp("Quillmoor IT");
  harbour = await t.msp("Harbour Systems");
});
afterAll(() => t?.close());

const recordColumns = "msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id";
const entry = (to: string) => ({ action: "mail.queued", fields: { template: "test", to } }) as const;
const note = (mspId: string, to: string, db: Database = t.db) => write(actorOf(mspId), (tx) => record(tx, entry(to)), db);
const seenBy = (mspId: string, db: Database = t.db) => read(actorOf(mspId), ({ db: tx }) => tx.record.findMany(), db);

describe("tenancy, as the code asks", () => {
  test("a tenant reads its own rows and no other's", async () => {
    await note(quillmoor, "a@quillmoor.example");
    await note(harbour, "b@harbour.example");
    const rows = await seenBy(quillmoor);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.mspId === quillmoor)).toBe(true);
  });

  test("a write that names another tenant's id is refused by the database", async () => {
    const attempt = write(actorOf(quillmoor), async (tx) => {
      await tx.db.once.create({ data: { mspId: harbour, key: uuid7(), action: "x", input: "x", outcome: {} } });
      tx.recorded += 1;
    }, t.db);
    await expect(attempt).rejects.toThrow(/row-level security/);
  });

  test("a read cannot write, whatever it tries", async () => {
    const attempt = read(actorOf(quillmoor), ({ db }) => db.msp.update({ where: { mspId: quillmoor }, data: { name: "Other" } }), t.db);
    await expect(attempt).rejects.toThrow(/read-only transaction/);
  });

  test("a write without a record does not commit", async () => {
    const attempt = write(actorOf(quillmoor), (tx) => tx.db.msp.update({ where: { mspId: quillmoor }, data: { name: "Unseen" } }), t.db);
    await expect(attempt).rejects.toThrow(UnrecordedWrite);
    const name = await read(actorOf(quillmoor), ({ db }) => db.msp.findUniqueOrThrow({ where: { mspId: quillmoor } }), t.db);
    expect(name.name).toBe("Quillmoor IT");
  });

  test("an observation needs no record, and reaches nothing but what machines saw", async () => {
    await expect(observe(actorOf(quillmoor), ({ db }) => db.reading.updateMany({ data: { failures: 0 } }), t.db)).resolves.toEqual({ count: 0 });
    const attempts: ((db: Parameters<Parameters<typeof observe>[1]>[0]["db"]) => Promise<unknown>)[] = [
      (db) => db.msp.update({ where: { mspId: quillmoor }, data: { name: "Unseen" } }), (db) => db.$executeRaw`update vault set state = 'ended'`, (db) => db.$executeRaw`select sealed_token from vault`,
      (db) => db.$executeRaw`update client set name = 'x'`, (db) => db.$executeRaw`insert into wanted_agent (msp_id, vault_ref, uid, scopes, all_access) values (${quillmoor}::uuid, ${quillmoor}::uuid, 'u', '', true)`,
      (db) => db.$executeRaw`update wanted_agent set all_access = true`, (db) => db.$executeRaw`insert into reading (msp_id, vault_ref, features, kems) values (${quillmoor}::uuid, ${quillmoor}::uuid, '{}', '{}')`,
      (db) => db.$executeRaw`select * from person`, (db) => db.$executeRaw`update record set action = 'x'`, (db) => db.$executeRaw`delete from record`, (db) => db.$executeRaw`delete from audit_event`, (db) => db.$executeRaw`select job_wake('vault_read')`,
    ];
    for (const attempt of attempts) await expect(observe(actorOf(quillmoor), ({ db }) => attempt(db), t.db), String(attempt)).rejects.toThrow(/permission denied|42501/);
    // What it found may be said, and the role ends with its transaction.
    await observe(actorOf(quillmoor), (tx) => record(tx, entry("seen@quillmoor.example")), t.db);
    await note(quillmoor, "after@quillmoor.example");
  });
  test("an observation stays in its tenant", async () => {
    const seen = await observe(actorOf(harbour), ({ db }) => db.$queryRaw<unknown[]>`select * from reading where msp_id = ${quillmoor}::uuid`, t.db);
    expect(seen).toEqual([]);
  });

  test("when the record cannot be written, the change is undone and the failure says that changes are stopped", async () => {
    await t.asAdmin((admin) => admin.query(`revoke insert (${recordColumns}) on record from clavitor_app`));
    try {
      const attempt = write(actorOf(quillmoor), async (tx) => {
        await tx.db.msp.update({ where: { mspId: quillmoor }, data: { name: "Unseen" } });
        await record(tx, entry("x@quillmoor.example"));
      }, t.db);
      await expect(attempt).rejects.toMatchObject({ failure: { code: "record_unwritable", status: 503 } });
    } finally {
      await t.asAdmin((admin) => admin.query(`grant insert (${recordColumns}) on record to clavitor_app`));
    }
    const msp = await read(actorOf(quillmoor), ({ db }) => db.msp.findUniqueOrThrow({ where: { mspId: quillmoor } }), t.db);
    expect(msp.name).toBe("Quillmoor IT");
  });
});

describe("tenancy, with the code's own check taken away", () => {
  const asTenant = <T>(mspId: string, work: (client: pg.Client) => Promise<T>) =>
    t.asApp(async (client) => {
      await client.query("begin");
      await client.query("select set_config('app.msp_id', $1, true)", [mspId]);
      try {
        return await work(client);
      } finally {
        await client.query("rollback");
      }
    });

  test("plain SQL without a tenant shows nothing and changes nothing", async () => {
    await note(harbour, "c@harbour.example");
    await t.asApp(async (client) => {
      for (const table of ["msp", "record", "mail", "once"]) expect((await client.query(`select * from ${table}`)).rowCount, table).toBe(0);
      expect((await client.query("update mail set attempts = 99")).rowCount).toBe(0);
    });
  });

  test("plain SQL as one tenant cannot read, change or add another's rows", async () => {
    await note(harbour, "d@harbour.example");
    await asTenant(quillmoor, async (client) => {
      for (const table of ["msp", "record", "mail", "once"]) expect((await client.query(`select * from ${table} where msp_id = $1`, [harbour])).rowCount, table).toBe(0);
      expect((await client.query("update msp set name = 'x' where msp_id = $1", [harbour])).rowCount).toBe(0);
      await expect(client.query("insert into once (msp_id, key, action, input, outcome) values ($1, gen_random_uuid(), 'x', 'x', '{}')", [harbour])).rejects.toThrow(/row-level security/);
    });
  });

  test("a row cannot be moved to another tenant", async () => {
    await asTenant(quillmoor, async (client) => {
      await expect(client.query("update msp set msp_id = $1 where msp_id = $2", [crypto.randomUUID(), quillmoor])).rejects.toThrow(/row-level security/);
    });
  });

  test("nobody who runs may change or remove a record", async () => {
    await asTenant(quillmoor, (client) => expect(client.query("update record set action = 'x'")).rejects.toThrow(/permission denied/));
    await asTenant(quillmoor, (client) => expect(client.query("delete from record")).rejects.toThrow(/permission denied/));
  });

  test("even the owner of the tables sees no tenant's rows without naming the tenant", async () => {
    await t.asOwner(async (owner) => expect((await owner.query("select * from record")).rowCount).toBe(0));
  });

  test("the roles that run cannot bypass row-level security and own none of our tables", async () => {
    const { rows } = await t.asAdmin((admin) => admin.query<{ rolname: string; strong: boolean; owns: number }>(
      `select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as strong,
              (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relowner = r.oid and n.nspname = 'public') as owns
         from pg_roles r where rolname in ('clavitor_app', 'clavitor_jobs', 'clavitor_claim', 'clavitor_observe')`));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row, row.rolname).toMatchObject({ strong: false, owns: 0 });
  });

  test("the role that claims work sees ids and no words of a mail", async () => {
    await t.asAdmin(async (admin) => {
      await admin.query("set role clavitor_claim");
      await expect(admin.query("select subject from mail")).rejects.toThrow(/permission denied/);
      await expect(admin.query("select to_address from mail")).rejects.toThrow(/permission denied/);
      await expect(admin.query("select * from record")).rejects.toThrow(/permission denied/);
    });
  });

  test("nobody who runs may make a temporary object, a schema or anything in ours: each could be looked up before what is meant", async () => {
    const attempts = ["create temporary table mine (id int)", "create domain pg_temp.text as pg_catalog.text", "create function pg_temp.evil() returns int language sql as 'select 1'", "create schema mine", "create schema clavitor_owner", "create table public.mine (id int)", "create function public.mail_claim(int) returns int language sql as 'select 1'"];
    for (const url of [t.urls.app, t.urls.jobs]) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (const attempt of attempts) await expect(client.query(attempt), attempt).rejects.toThrow(/permission denied/);
      await client.end();
    }
  });

  test("every function that runs with another's rights looks pg_temp up last, and bounds the numbers that it is given", async () => {
    const { rows } = await t.asAdmin((admin) => admin.query<{ name: string; path: string }>("select proname as name, array_to_string(proconfig, ';') as path from pg_proc p join pg_namespace n on n.oid = p.pronamespace where prosecdef and n.nspname = 'public'"));
    expect(rows.length).toBeGreaterThan(3);
    for (const { name, path } of rows) expect(path, name).toBe("search_path=pg_catalog, public, pg_temp");
    await note(quillmoor, "bounded@quillmoor.example");
    await t.asAdmin((admin) => admin.query("insert into once (msp_id, key, action, input, outcome) values ($1, gen_random_uuid(), 'x', 'x', '{}')", [harbour]));
    expect((await t.asApp((client) => client.query("select once_purge() as gone"))).rows[0].gone).toBe("0");
    await t.asAdmin((admin) => admin.query("insert into mail (msp_id, id, template, to_address, to_name, subject, sealed_body) select $1, gen_random_uuid(), 'test', 'a@b.example', '', 's', 'x' from generate_series(1, 60)", [harbour]));
    const claimed = await t.asApp((client) => client.query("select lease_until - now() as lease from mail_claim(1000000, 2147483647)"));
    expect(claimed.rowCount).toBe(50);
    expect((await t.asAdmin((admin) => admin.query("select max(lease_until - now()) <= interval '601 seconds' as short from mail"))).rows[0].short).toBe(true);
  });

  test("a record's time is the database's own, whatever the app says", async () => {
    await asTenant(quillmoor, (client) => expect(client.query("insert into record (msp_id, id, at, actor_kind, actor_id, actor_name, action) values ($1, gen_random_uuid(), '1999-01-01', 'x', 'x', 'x', 'x')", [quillmoor])).rejects.toThrow(/permission denied/));
  });

  test("every table of a tenant forces row-level security and leads with msp_id in its primary key", async () => {
    const withoutTenant = ["heartbeat", "rate_limit", "schema_migration"];
    const { rows } = await t.asAdmin((admin) => admin.query<{ name: string; forced: boolean; first: string }>(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
              (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as first
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`));
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(["mail", "msp", "once", "record", ...withoutTenant]));
    for (const row of rows.filter(({ name }) => !withoutTenant.includes(name))) expect(row, row.name).toMatchObject({ forced: true, first: "msp_id" });
  });

  test("a month of events is reached through its table alone: nobody who runs has a right on the part itself", async () => {
    const { rows } = await t.asAdmin((admin) => admin.query<{ name: string; reached: boolean }>(
      `select c.relname as name, bool_or(has_table_privilege(r.rolname, c.oid, 'select, insert, update, delete, truncate') or has_any_column_privilege(r.rolname, c.oid, 'select, insert, update')) as reached
         from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join pg_roles r
        where n.nspname = 'public' and c.relkind = 'r' and c.relispartition and r.rolname in ('clavitor_app', 'clavitor_jobs', 'clavitor_claim', 'clavitor_observe') group by 1 order by 1`));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row, row.name).toMatchObject({ reached: false });
  });
});

describe("many tenants on few connections", () => {
  test("200 transactions of two tenants on four connections never see each other's rows", async () => {
    const db = createDatabase(t.urls.app, 4);
    try {
      await mixed(db);
    } finally {
      await db.$disconnect();
    }
  });

  test("the same through PgBouncer in transaction mode", async (context) => {
    const program = findPgBouncer();
    if (!program) return context.skip("PgBouncer is not installed here (Debian: apt-get install pgbouncer); the guarantee was not tried through it.");
    const bouncer = await startPgBouncer(program, t.urls.app);
    const db = createDatabase(bouncer.url, 8);
    try {
      await mixed(db);
      await expect(db.$queryRaw`select * from record`).resolves.toEqual([]);
    } finally {
      await db.$disconnect();
      await bouncer.stop();
    }
  });

  async function mixed(db: Database) {
    const work = Array.from({ length: 200 }, async (_, index) => {
      const mine = index % 2 === 0 ? quillmoor : harbour;
      if (index % 5 === 0) await note(mine, `${index}@mixed.example`, db);
      const rows = await seenBy(mine, db);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.every((row) => row.mspId === mine)).toBe(true);
    });
    await Promise.all(work);
  }
});

test("tests refuse a database that is not on this machine", () => {
  expect(() => refuseDistant("postgresql://u:p@db.example.com/clavitor")).toThrow(/refuse/);
});

function findPgBouncer(): string | undefined {
  for (const path of ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]) {
    try {
      execFileSync(path, ["--version"], { stdio: "ignore" });
      return path;
    } catch {
      // not there
    }
  }
  return undefined;
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

async function startPgBouncer(program: string, behind: string) {
  const target = new URL(behind);
  const folder = mkdtempSync(join(tmpdir(), "clavitor-bouncer-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, "users.txt"), `"${target.username}" "${target.password}"\n`, { mode: 0o644 });
  writeFileSync(join(folder, "pgbouncer.ini"), `[databases]\n* = host=127.0.0.1 port=${target.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = plain\nauth_file = ${folder}/users.txt\npool_mode = transaction\ndefault_pool_size = 4\nignore_startup_parameters = extra_float_digits\n`, { mode: 0o644 });
  const asRoot = process.getuid?.() === 0;
  const child: ChildProcess = spawn(program, [join(folder, "pgbouncer.ini")], { stdio: "ignore", ...(asRoot && { uid: 65534, gid: 65534 }) });
  const url = Object.assign(new URL(behind), { port: String(port) }).href;
  const end = performance.now() + 10_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    url,
    stop: () => new Promise<void>((resolve) => (child.once("exit", () => resolve()), child.kill("SIGTERM"))),
  };
}
