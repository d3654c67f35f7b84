/** The demo goes without a trace, and what is real stays to the last row. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { inDeletingOrder, listDemos, removeDemos } from "./remove.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

type Made = { table: string; columns: string[] };

/**
 * An organisation with at least one row in every table of a tenant that there is, also in those of later days: the columns
 * and what they refer to are read from the database, so that no table can be forgotten here.
 */
async function organisation(name: string): Promise<string> {
  return t.asAdmin(async (admin) => {
    const mspId = await t.msp(name);
    await admin.query("set session_replication_role = replica"); // rows alone matter here, not what they mean
    const { rows: tables } = await admin.query<Made>(`
      select c.relname as table, array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull) as columns
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'msp_id')`);
    for (const { table } of tables) {
      if (table === "msp") continue;
      await admin.query(`alter table ${table} disable row level security`);
      const { rows: columns } = await admin.query<{ name: string; type: string; fallback: boolean }>(`
        select a.attname as name, format_type(a.atttypid, null) as type, a.atthasdef as fallback from pg_attribute a
         where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull and not (a.atthasdef and a.attname not in ('msp_id'))`, [table]);
      const { rows: checks } = await admin.query<{ name: string }>("select conname as name from pg_constraint where conrelid = $1::regclass and contype = 'c'", [table]);
      for (const check of checks) await admin.query(`alter table ${table} drop constraint "${check.name}"`);
      const value = ({ name: column, type }: { name: string; type: string }): unknown => {
        if (column === "msp_id") return mspId;
        if (type === "uuid") return crypto.randomUUID();
        if (type === "bytea") return randomBytes(32);
        if (type === "jsonb") return "{}";
        if (type.endsWith("[]")) return "{}";
        if (type.startsWith("timestamp") || type === "date") return "2026-11-21T00:00:00Z";
        if (type === "boolean") return false;
        if (/int|numeric|double/.test(type)) return 1;
        return type === "\"char\"" || type === "character" ? "a" : crypto.randomUUID().slice(0, 8);
      };
      await admin.query(`insert into ${table} (${columns.map((column) => `"${column.name}"`).join(", ")}) values (${columns.map((_, at) => `$${at + 1}`).join(", ")})`, columns.map(value));
    }
    for (const { table } of tables) if (table !== "msp") await admin.query(`alter table ${table} enable row level security`);
    return mspId;
  });
}

const rowsOf = (mspId: string): Promise<Record<string, number>> =>
  t.asAdmin(async (admin) => {
    const { rows } = await admin.query<{ name: string }>("select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'msp_id' where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition");
    const counts: Record<string, number> = {};
    for (const { name } of rows) counts[name] = (await admin.query(`select 1 from "${name}" where msp_id = $1`, [mspId])).rowCount ?? 0;
    return counts;
  });
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

test("every row of a claimed demo goes, in every table that has a tenant; a real organisation keeps every row", async () => {
  const [demo, real] = [await organisation("Quillmoor IT"), await organisation("Harbour Systems")];
  await t.asAdmin((admin) => admin.query("delete from demo where msp_id = $1", [real]));
  const before = { demo: await rowsOf(demo), real: await rowsOf(real) };
  expect(Object.keys(before.demo).length).toBeGreaterThan(25);
  expect(Object.entries(before.demo).filter(([, count]) => count === 0)).toEqual([]);
  await t.asOwner(async (owner) => {
    expect(await listDemos(owner)).toEqual([{ mspId: demo, name: "Quillmoor IT" }]);
    expect(await removeDemos(owner)).toEqual([{ mspId: demo, name: "Quillmoor IT", rows: sum(before.demo) }]);
  });
  expect(sum(await rowsOf(demo))).toBe(0);
  expect(await rowsOf(real)).toEqual(before.real);
});

test("where nothing was claimed nothing goes; a second removal finds nothing", async () => {
  await t.asOwner(async (owner) => expect(await removeDemos(owner)).toEqual([]));
});

test("the running parts cannot do it: their login may delete neither records nor organisations", async () => {
  const mspId = await t.msp("Fernhill Managed Services");
  await t.asApp(async (app) => {
    await app.query("select set_config('app.msp_id', $1, false)", [mspId]);
    await expect(app.query("delete from msp")).rejects.toThrow(/permission denied/);
    await expect(app.query("delete from record")).rejects.toThrow(/permission denied/);
    await expect(app.query("delete from demo")).rejects.toThrow(/permission denied/);
  });
});

test("a table is emptied after all that refer to it, whatever order they come in; a circle is named, not guessed at", () => {
  const tables = [{ name: "client", references: ["msp"] }, { name: "msp", references: [] }, { name: "vault", references: ["client"] }, { name: "plan", references: ["plan", "vault"] }];
  expect(inDeletingOrder(tables)).toEqual(["plan", "vault", "client", "msp"]);
  expect(() => inDeletingOrder([{ name: "a", references: ["b"] }, { name: "b", references: ["a"] }])).toThrow("a circle: a, b");
});
