import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { sentence } from "./action.ts";

export type RecordLine = { id: string; at: Date; actor: string; actorKind: string; action: string; sentence: string; targetKind: string | null; targetId: string | null; requestId: string | null };
export type RecordPage = { lines: RecordLine[]; next: string | null };

const pageSize = 50;

/** A place in the list: the last line shown, as `<milliseconds>.<id>`. */
export function parseCursor(text: string | undefined): { at: Date; id: string } | undefined {
  const match = /^(\d{1,13})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? "");
  return match ? { at: new Date(Number(match[1])), id: match[2]! } : undefined;
}

/** Our own entries of the actor's tenant, newest first; keyset pagination, so that a late page costs what the first does. */
export async function listRecords(actor: Actor, cursor?: string): Promise<RecordPage> {
  authorize(actor, "record.read");
  const after = parseCursor(cursor);
  const rows = await read(actor, ({ db }) =>
    db.record.findMany({
      where: { mspId: actor.mspId, ...(after && { OR: [{ at: { lt: after.at } }, { at: after.at, id: { lt: after.id } }] }) },
      orderBy: [{ at: "desc" }, { id: "desc" }],
      take: pageSize + 1,
    }),
  );
  const lines = rows.slice(0, pageSize).map((row) => ({
    id: row.id, at: row.at, actor: row.actorName, actorKind: row.actorKind, action: row.action,
    sentence: sentence(row.action, row.fields), targetKind: row.targetKind, targetId: row.targetId, requestId: row.requestId,
  }));
  const last = lines.at(-1);
  return { lines, next: rows.length > pageSize && last ? `${last.at.getTime()}.${last.id}` : null };
}
