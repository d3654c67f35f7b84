// What changed since: a log of keys, written by triggers in the transaction of the change itself, so that nothing that was
// committed can be missing from it. Only a primary that is followed has one. Rows are read when they are asked for, so a row
// that changed ten times travels once.
import { randomBytes } from "node:crypto";
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import type { Database, Row, Value } from "../store/database.ts";

/** Tables that a backup holds, with their keys. Receipts, sessions, marks and read windows stay where they were made. */
const TABLES = {
  uids: ["uid"],
  tokens_issued: ["hash"],
  agents: ["id"],
  credentials: ["credential_id"],
  roles: ["manager", "name"],
  entries: ["id"],
  entry_scopes: ["scope", "entry_id"],
  events: ["stream", "seq"],
  nonces: ["nonce"],
} as const satisfies Record<string, readonly string[]>;
export type Table = keyof typeof TABLES;
const ALL = Object.keys(TABLES) as Table[];
const VAULT_META = "vault_meta";

/** Keys in one answer. */
const PAGE = 2_000;
/** A backup that is further behind takes a whole copy; keeps a lost backup from growing the primary's file for ever. */
const MOST_KEYS = 200_000;

function triggers(table: Table): string {
  const key = (row: "NEW" | "OLD"): string => `json_array(${TABLES[table].map((column) => `${row}.${column}`).join(", ")})`;
  // A primary's file may hold the events of its backup too; they came from there.
  const when = (row: "NEW" | "OLD"): string => (table === "events" ? `WHEN ${row}.stream = 'primary'` : "");
  const on = (event: string, row: "NEW" | "OLD"): string =>
    `CREATE TRIGGER IF NOT EXISTS replica_${table}_${event} AFTER ${event} ON ${table} ${when(row)} BEGIN INSERT INTO replica_log (name, key) VALUES ('${table}', ${key(row)}); END;`;
  return [on("INSERT", "NEW"), on("UPDATE", "NEW"), on("DELETE", "OLD")].join("\n");
}

function exists(db: Database, table: string): boolean {
  return db.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table) !== undefined;
}

/** Begins to keep the log, once; the log's name changes whenever it begins anew. */
export function keepLog(db: Database): void {
  if (exists(db, "replica_log")) return;
  db.write(true, () => {
    db.exec(`CREATE TABLE replica_log (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL) STRICT;
CREATE TABLE replica (one INTEGER PRIMARY KEY CHECK (one = 1), log TEXT NOT NULL, backup_key TEXT, revision INTEGER, at INTEGER) STRICT;
${ALL.map(triggers).join("\n")}`);
    db.run("INSERT INTO replica (one, log) VALUES (1, ?)", b64u(randomBytes(16)));
  });
}

/** Ends the log: nobody follows, so nothing may pile up. Inside or outside a transaction. */
export function dropLog(db: Database): void {
  if (!exists(db, "replica_log")) return;
  const drops = ALL.flatMap((table) => ["INSERT", "UPDATE", "DELETE"].map((event) => `DROP TRIGGER IF EXISTS replica_${table}_${event};`));
  db.exec(`${drops.join("\n")} DROP TABLE replica_log; DROP TABLE replica;`);
}

/** Marks that `vault_meta` was written; it has no trigger, since it may be made by another hand. */
export function noteMetaChange(db: Database): void {
  if (exists(db, "replica_log")) db.run("INSERT INTO replica_log (name, key) VALUES (?, '[]')", VAULT_META);
}

/** A place in a primary's log. */
export interface Position {
  log: string;
  n: number;
}

export function positionOf(db: Database): Position {
  const log = db.get("SELECT log FROM replica WHERE one = 1")!.log as string;
  const n = (db.get("SELECT seq FROM sqlite_sequence WHERE name = 'replica_log'")?.seq as number | undefined) ?? 0;
  return { log, n };
}

/** Forgets what the backup has, and what is too long ago. */
export function trimLog(db: Database, upTo: number): void {
  db.run("DELETE FROM replica_log WHERE n <= ?", Math.max(upTo, positionOf(db).n - MOST_KEYS));
}

/** A cell on the wire: JSON's own types, and bytes as `{b: base64url}`. */
export type Cell = null | number | string | { b: string };
export type WireRow = Readonly<Record<string, Cell>>;

function toWire(row: Row): WireRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? { b: b64u(value) } : (value as Cell)]));
}

function fromWire(cell: Cell): Value {
  return typeof cell === "object" && cell !== null ? fromB64u(cell.b) : cell;
}

export interface Change {
  table: Table;
  key: readonly (string | number)[];
  /** The row as it is now; null when it is gone. */
  row: WireRow | null;
}

export interface Changes {
  n: number;
  more: boolean;
  changes: readonly Change[];
}

/** What changed after a place, or null when the log no longer reaches back that far. */
export function changesAfter(db: Database, { log, n }: Position): Changes | null {
  const now = positionOf(db);
  if (log !== now.log || n > now.n) return null;
  const first = db.get("SELECT min(n) AS n FROM replica_log")!.n as number | null;
  if ((first ?? now.n + 1) > n + 1) return null;
  const rows = db.all("SELECT n, name, key FROM replica_log WHERE n > ? ORDER BY n LIMIT ?", n, PAGE);
  const keys = new Map(rows.filter(({ name }) => name !== VAULT_META).map(({ name, key }) => [`${String(name)}${String(key)}`, { table: name as Table, key: key as string }]));
  const changes = [...keys.values()].map(({ table, key: text }) => {
    const key = JSON.parse(text) as (string | number)[];
    const row = db.get(`SELECT * FROM ${table} WHERE ${TABLES[table].map((column) => `${column} = ?`).join(" AND ")}`, ...key);
    return { table, key, row: row === undefined ? null : toWire(row) };
  });
  const last = (rows.at(-1)?.n as number | undefined) ?? n;
  return { n: last, more: last < now.n, changes };
}

/** The whole of `vault_meta`, or null where there is none. */
export function metaRows(db: Database): WireRow[] | null {
  return exists(db, VAULT_META) ? db.all(`SELECT * FROM ${VAULT_META}`).map(toWire) : null;
}

const NAME = /^[a-z][a-z0-9_]{0,39}$/;

function put(db: Database, table: string, row: WireRow, key: readonly string[]): void {
  const names = Object.keys(row);
  if (!names.every((name) => NAME.test(name))) throw new TypeError("a column's name is not one");
  const rest = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  const conflict = key.length === 0 ? "" : `ON CONFLICT (${key.join(", ")}) DO ${rest.length === 0 ? "NOTHING" : `UPDATE SET ${rest.join(", ")}`}`;
  db.run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ${conflict}`, ...Object.values(row).map(fromWire));
}

/** Makes the tables what they were at the primary; inside one transaction. Children go first, and come last. */
export function applyChanges(db: Database, changes: readonly Change[]): void {
  for (const table of [...ALL].reverse()) {
    const where = TABLES[table].map((column) => `${column} = ?`).join(" AND ");
    for (const { key, row } of changes.filter((change) => change.table === table)) {
      if (row === null) db.run(`DELETE FROM ${table} WHERE ${where}`, ...key);
    }
  }
  for (const table of ALL) for (const { row } of changes.filter((change) => change.table === table)) if (row !== null) put(db, table, row, TABLES[table]);
}

export function applyMeta(db: Database, rows: readonly WireRow[] | null): void {
  db.exec(`DROP TABLE IF EXISTS ${VAULT_META}`);
  if (rows === null) return;
  const names = Object.keys(rows[0] ?? { account_email: "" });
  if (!names.every((name) => NAME.test(name))) throw new TypeError("a column's name is not one");
  db.exec(`CREATE TABLE ${VAULT_META} (${names.join(", ")})`);
  for (const row of rows) put(db, VAULT_META, row, []);
}
