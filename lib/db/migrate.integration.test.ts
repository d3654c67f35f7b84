import { createHash } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../tests/database.ts";
import { migrate, readMigrations, type Migration } from "./migrate.ts";
import { MigrationError } from "./pending.ts";

let t: TestDatabase;
beforeAll(async () => void (t = await testDatabase()));
afterAll(() => t?.close());

const made = (name: string, sql: string): Migration => ({ name, sql, sha256: createHash("sha256").update(sql).digest("hex") });
const exists = async (client: pg.Client, table: string) => (await client.query("select to_regclass($1) as found", [table])).rows[0].found !== null;

test("a migration that fails in the middle leaves nothing of itself, says file and line, and runs once it is mended", async () => {
  const broken = made("9001_broken.sql", "create table half (id int);\ninsert into half values (1);\ninsert into no_such_table values (1);\n");
  await t.asOwner(async (owner) => {
    await expect(migrate(owner, [...readMigrations(), broken])).rejects.toThrow(/9001_broken\.sql, line 3: relation "no_such_table" does not exist\. Nothing of it was applied\./);
    expect(await exists(owner, "half")).toBe(false);
    expect(await migrate(owner, [...readMigrations(), made("9001_broken.sql", "create table half (id int);")])).toEqual(["9001_broken.sql"]);
    expect(await exists(owner, "half")).toBe(true);
  });
});

test("function bodies and DO blocks with semicolons are applied whole", async () => {
  const sql = "do $$ begin perform 1; perform 2; end $$;\ncreate function three() returns int language plpgsql as $f$ begin return 1; return 3; end $f$;";
  await t.asOwner(async (owner) => {
    const before = [...readMigrations(), made("9001_broken.sql", "create table half (id int);")];
    expect(await migrate(owner, [...before, made("9002_bodies.sql", sql)])).toEqual(["9002_bodies.sql"]);
    expect((await owner.query("select three()")).rows[0].three).toBe(1);
  });
});

test("a file that was changed after it was applied, and a file that is gone, stop the start", async () => {
  await t.asOwner(async (owner) => {
    const [first, ...rest] = readMigrations();
    await expect(migrate(owner, [made(first!.name, `${first!.sql} -- changed`), ...rest])).rejects.toThrow(/was changed after it was applied/);
    await expect(migrate(owner, readMigrations())).rejects.toThrow(MigrationError);
  });
});

test("two migrators at once apply each file once", async () => {
  const fresh = await testDatabase();
  try {
    const files = [...readMigrations(), made("9001_slow.sql", "create table slow (id int); select pg_sleep(0.2);")];
    const both = await Promise.all([0, 1].map(() => fresh.asOwner((owner) => migrate(owner, files))));
    expect(both.flat()).toEqual(["9001_slow.sql"]);
  } finally {
    await fresh.close();
  }
});

test("what the app runs on is what prisma/*.prisma describes", async () => {
  const { difference } = await import("../../prisma/diff.ts");
  const fresh = await testDatabase();
  try {
    expect(await difference(fresh.urls.admin)).toBe("");
    await fresh.asOwner((owner) => owner.query("alter table mail drop column transport"));
    expect(await difference(fresh.urls.admin)).toContain(`ALTER TABLE "mail" ADD COLUMN     "transport" TEXT`);
  } finally {
    await fresh.close();
  }
});
