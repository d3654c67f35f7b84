// Heads of a stream that another host writes: kept as they came, with its signature.
import type { Head, Stream } from "#lib/protocol/messages.ts";
import type { Database } from "../store/database.ts";
import { readTable } from "../store/table.ts";

export function storeHead(db: Database, head: Head): void {
  db.exec("CREATE TABLE IF NOT EXISTS stream_heads (stream TEXT PRIMARY KEY, head TEXT NOT NULL) STRICT");
  db.run("INSERT INTO stream_heads (stream, head) VALUES (?1, ?2) ON CONFLICT (stream) DO UPDATE SET head = ?2", head.stream, JSON.stringify(head));
}

export function storedHead(db: Database, stream: Stream): Head | null {
  const row = readTable(db, "stream_heads")?.find((found) => found.stream === stream);
  return row === undefined ? null : (JSON.parse(row.head as string) as Head);
}

/** A stream that this host writes itself from now on. */
export function dropHead(db: Database, stream: Stream): void {
  if (readTable(db, "stream_heads") !== null) db.run("DELETE FROM stream_heads WHERE stream = ?", stream);
}
