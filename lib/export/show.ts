/** Exports as their page shows them, and the file itself, piece by piece. Times in epoch milliseconds. */
import { database, type Database } from "../db/client.ts";
import type { AuditExport as Row } from "#prisma/generated/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import type { Format } from "./chain.ts";
import { fileEnds, type Manifest } from "./format.ts";

export type ExportState = "waiting" | "running" | "done" | "failed" | "cancelled";
export type ExportLineOf = { readonly id: string; readonly format: Format; readonly query: string; readonly state: ExportState; readonly words: string | null; readonly lines: number; readonly bytes: number; readonly madeAt: number; readonly madeBy: string; readonly startedAt: number | null; readonly endedAt: number | null; readonly expiresAt: number; readonly key: string | null; readonly one: boolean; readonly manifest: Manifest };

const lineOf = (row: Row & { person: { name: string } }): ExportLineOf => ({
  id: row.exportId, format: row.format as Format, query: row.query, state: row.state as ExportState, words: row.words, lines: Number(row.lines), bytes: Number(row.bytes), madeAt: row.madeAt.getTime(), madeBy: row.person.name, startedAt: row.startedAt?.getTime() ?? null,
  endedAt: row.endedAt?.getTime() ?? null, expiresAt: row.expiresAt.getTime(), key: row.key, one: row.clientId !== null, manifest: row.manifest as unknown as Manifest,
});

/** Throws Refusal `forbidden`. */
export async function listExports(actor: Actor, db: Database = database()): Promise<ExportLineOf[]> {
  authorize(actor, "audit.export");
  const rows = await read(actor, (tx) => tx.db.auditExport.findMany({ where: { mspId: actor.mspId }, include: { person: { select: { name: true } } }, orderBy: { madeAt: "desc" }, take: 100 }), db);
  return rows.map(lineOf);
}

/** Throws Refusal `forbidden`, `export_gone`. */
export async function showExport(actor: Actor, { id }: { id: string }, db: Database = database()): Promise<ExportLineOf> {
  authorize(actor, "audit.export");
  const row = await read(actor, (tx) => tx.db.auditExport.findUnique({ where: { mspId_exportId: { mspId: actor.mspId, exportId: id } }, include: { person: { select: { name: true } } } }), db);
  if (!row) throw new Refusal("export_gone");
  return lineOf(row);
}

/**
 * The file of a finished export. That it was fetched is recorded before the first byte. `piece` gives null after the last; one is in
 * memory at a time. Throws Refusal `forbidden`, `export_gone`, `export_waits`.
 */
export async function fetchExport(actor: Actor, { id }: { id: string }, db: Database = database()): Promise<{ name: string; type: string; bytes: number; piece: (at: number) => Promise<Uint8Array | null> }> {
  authorize(actor, "audit.export");
  const { mspId } = actor;
  const row = await write(actor, async (tx) => {
    const found = await tx.db.auditExport.findUnique({ where: { mspId_exportId: { mspId, exportId: id } } });
    if (!found) throw new Refusal("export_gone");
    if (found.state !== "done") throw new Refusal("export_waits");
    await record(tx, { action: "export.fetched", target: { kind: "export", id }, fields: { format: found.format, lines: Number(found.lines) } });
    return found;
  }, db);
  const { end, type } = fileEnds[row.format as Format];
  return {
    name: `audit-${row.madeAt.toISOString().slice(0, 10)}-${id.slice(0, 8)}.${end}`, type, bytes: Number(row.bytes),
    piece: async (at) => {
      if (at >= row.parts) return null;
      const part = await read(actor, (tx) => tx.db.auditExportPart.findUnique({ where: { mspId_exportId_part: { mspId, exportId: id, part: at } } }), db);
      if (!part) throw new Refusal("export_gone");
      return part.bytes;
    },
  };
}
