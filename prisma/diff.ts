/**
 * `npm run migrate:new NAME`: writes the SQL that turns the database, as migrations left it, into what prisma/*.prisma now
 * says. Prisma's WASM engine compares; a person reads the file, adds policies and grants, and lib/db/migrate.ts applies it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import pg from "pg";
import { migrationsFolder } from "../lib/db/migrate.ts";

/** Tables that Prisma does not describe: the rate limiter's own, and the list of what was applied. */
const elsewhere = ["public.rate_limit", "public.schema_migration"];

/** PostgreSQL's internal one-letter type, the type of char(1), and what Prisma calls a letter. */
const letterType = 18;
const charType = 1042;
const { Character } = ColumnTypeEnum;

/**
 * The engine reads columns of the catalogue's one-letter type, which @prisma/adapter-pg 7.10 does not know
 * (UnsupportedNativeDataType). They are brought through as char(1), and then named as what they are.
 */
class CatalogueAdapter extends PrismaPg {
  constructor(connectionString: string) {
    const letters = new Set<string>();
    const pool = new pg.Pool({ connectionString, max: 2 });
    const ask = pool.query.bind(pool) as unknown as (...given: unknown[]) => Promise<pg.QueryResult>;
    const askAndMark = async (...given: unknown[]) => {
      const result = await ask(...given);
      for (const field of result.fields ?? []) {
        if (field.dataTypeID !== letterType) continue;
        field.dataTypeID = charType;
        letters.add(field.name);
      }
      return result;
    };
    Object.assign(pool, { query: askAndMark });
    super(pool, { disposeExternalPool: true });
    const connect = this.connect.bind(this);
    this.connect = async () => {
      const connection = await connect();
      const queryRaw = connection.queryRaw.bind(connection);
      connection.queryRaw = async (query) => {
        const result = await queryRaw(query);
        return { ...result, columnTypes: result.columnTypes.map((type, index) => (letters.has(result.columnNames[index]!) ? Character : type)) };
      };
      return connection;
    };
  }
}

const schemaFiles = () =>
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".prisma"))
    .map((name) => ({ path: name, content: readFileSync(join(import.meta.dirname, name), "utf8") }));

/**
 * @param url a database to compare with, reachable with the right to read its catalogue
 * @returns SQL, or "" when nothing differs
 */
export async function difference(url: string): Promise<string> {
  const { SchemaEngine } = await import("@prisma/schema-engine-wasm");
  const files = schemaFiles();
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogueAdapter(url));
  const engine = await SchemaEngine.new({ datamodels: files.map(({ path, content }) => [path, content]) }, () => undefined, adapter);
  try {
    const { stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files, configDir: import.meta.dirname },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: null,
      filters: { externalTables: elsewhere, externalEnums: [] },
    });
    const sql = (stdout ?? "").trim();
    return sql === "-- This is an empty migration." ? "" : sql;
  } finally {
    engine.free();
  }
}

if (import.meta.main) {
  const name = process.argv[2] ?? "";
  const url = process.env.DATABASE_URL;
  if (!/^[a-z0-9_]{3,40}$/.test(name) || !url) {
    process.stderr.write(url ? "Name it: npm run migrate:new add_clients\n" : "Start the console once (npm start), so that there is a database to compare with.\n");
    process.exit(1);
  }
  const sql = await difference(url);
  if (!sql) {
    process.stdout.write("The database is what prisma/*.prisma describes; there is nothing to migrate.\n");
  } else {
    const number = String(readdirSync(migrationsFolder).filter((file) => file.endsWith(".sql")).length + 1).padStart(4, "0");
    const file = join(migrationsFolder, `${number}_${name}.sql`);
    writeFileSync(file, `${sql}\n\n-- A new table of a tenant also needs: enable and force row level security, its policy, grants to clavitor_app.\n`, { flag: "wx" });
    process.stdout.write(`Wrote prisma/migrations/${number}_${name}.sql. Read it, complete it, then start again to apply it.\n`);
  }
}
