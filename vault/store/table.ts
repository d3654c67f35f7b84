import type { Database, Row } from "./database.ts";

/** All rows of a table that may not exist, or null: tables beside the vault's own are made when they are first needed. */
export function readTable(db: Database, name: "vault_meta" | "replica" | "stream_heads"): Row[] | null {
  if (db.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name) === undefined) return null;
  return db.all(`SELECT * FROM ${name}`);
}
