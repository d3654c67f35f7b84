/**
 * `npm run demo -- remove` calls this program with the owner's login, while nothing else runs: every row of every claimed demo
 * goes, records included, which no running part has the right to do. What the other tenants have is not looked at: row-level
 * security binds the owner of the tables too, and each deletion is made inside the demo's own tenant.
 */
import pg from "pg";

export type RemovedDemo = { mspId: string; name: string; rows: number };

type Table = { name: string; references: string[] };

/** Tables with a tenant, each after all that refer to it; a table that refers to itself is emptied in one statement. */
export function inDeletingOrder(tables: readonly Table[]): string[] {
  const left = new Map(tables.map((table) => [table.name, table]));
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left.keys()].filter((name) => [...left.values()].every((other) => other.name === name || !other.references.includes(name)));
    if (free.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...left.keys()].join(", ")}.`);
    for (const name of free.toSorted()) {
      order.push(name);
      left.delete(name);
    }
  }
  return order;
}

async function tenantTables(owner: pg.Client): Promise<Table[]> {
  // Parts of a partitioned table go with it.
  const { rows } = await owner.query<Table>(`
    select c.relname as name,
           array(select distinct r.relname::text from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = c.oid and k.contype = 'f') as references
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'msp_id' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`);
  return rows;
}

/** The claimed demos of this installation, by name. */
export async function listDemos(owner: pg.Client): Promise<{ mspId: string; name: string }[]> {
  await owner.query("begin");
  try {
    // The one role that sees across tenants, and of this table ids only.
    await owner.query("set local role clavitor_claim");
    const { rows } = await owner.query<{ msp_id: string }>("select msp_id from demo order by msp_id");
    await owner.query("reset role");
    const named: { mspId: string; name: string }[] = [];
    for (const { msp_id: mspId } of rows) {
      await owner.query("select set_config('app.msp_id', $1, true)", [mspId]);
      const found = await owner.query<{ name: string }>("select name from msp where msp_id = $1", [mspId]);
      named.push({ mspId, name: found.rows[0]?.name ?? "" });
    }
    return named;
  } finally {
    await owner.query("rollback");
  }
}

/** Removes them all in one transaction. @param owner connected with the owner's login */
export async function removeDemos(owner: pg.Client): Promise<RemovedDemo[]> {
  const demos = await listDemos(owner);
  const tables = inDeletingOrder(await tenantTables(owner));
  const removed: RemovedDemo[] = [];
  await owner.query("begin");
  try {
    for (const { mspId, name } of demos) {
      await owner.query("select set_config('app.msp_id', $1, true)", [mspId]);
      let count = 0;
      for (const table of tables) count += (await owner.query(`delete from public.${pg.escapeIdentifier(table)} where msp_id = $1`, [mspId])).rowCount ?? 0;
      removed.push({ mspId, name, rows: count });
    }
    await owner.query("commit");
  } catch (error) {
    await owner.query("rollback");
    throw error;
  }
  return removed;
}

if (import.meta.main) {
  const connectionString = process.env.DATABASE_URL;
  const owner = new pg.Client({ connectionString, application_name: "clavitor demo removal" });
  try {
    if (!connectionString) throw new Error("DATABASE_URL is missing. See docs/operations.md, Settings.");
    await owner.connect();
    const asked = process.argv[2];
    process.stdout.write(JSON.stringify(asked === "list" ? await listDemos(owner) : await removeDemos(owner)));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    await owner.end().catch(() => undefined);
  }
}
