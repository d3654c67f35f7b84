/** A sheet as its page shows it: preview, call list, result. Times in epoch milliseconds. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { code1, code2, connectLink, requestHash } from "../protocol/connect.ts";
import type { ConnectReply, ConnectRequest } from "../protocol/messages.ts";
import { judgedRows } from "./import.ts";
import type { Cells, Verdict } from "./sheet.ts";

/** `none`: no request yet, see the verdict. */
export type RowState = "none" | "failed" | "asked" | "refused" | "held" | "over" | "unconfirmed" | "connected" | "stopped" | "ended";
export type ImportRow = {
  position: number; cells: Cells; verdict: Verdict["kind"] | null; words: string | null; state: RowState; clientId: string | null;
  link: string | null; code1: string | null; code2: string | null; requestId: string | null; mailedAt: number | null; calledAt: number | null;
};
export type ImportState = { id: string; fileName: string; createdAt: number; by: string; startedAt: number | null; cancelledAt: number | null; rows: ImportRow[] };
export type ImportLine = { id: string; fileName: string; createdAt: number; by: string; rows: number; made: number; cancelled: boolean };

type VaultRow = { state: string; publicKey: string | null; address: string; requests: { requestId: string; request: unknown; reply: unknown; repliedAt: Date | null; sealedKey: unknown; cancelledAt: Date | null; expiresAt: Date; refusedAt: Date | null; refusedWords: string | null; mailedAt: Date | null }[] };

function stateOf(vault: VaultRow, now: number): RowState {
  if (vault.state !== "asking") return vault.state as RowState;
  const request = vault.requests[0];
  if (!request || request.cancelledAt !== null) return "ended";
  if (request.repliedAt !== null) return "held";
  if (request.refusedAt !== null) return "refused";
  return request.expiresAt.getTime() <= now ? "over" : "asked";
}

function code2Of(vault: VaultRow): string | null {
  const reply = vault.requests[0]?.reply as ConnectReply | null | undefined;
  return reply && reply.public_key === vault.publicKey ? code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }) : null;
}

/** Throws Refusal `forbidden`, `not_found`. */
export async function showImport(actor: Actor, importId: string, now: number = Date.now(), db: Database = database()): Promise<ImportState> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const { sheet, rows } = await judgedRows(tx, importId);
    const refs = rows.flatMap(({ row }) => row.vaultRef ?? []);
    const vaults = await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: refs } }, include: { requests: { orderBy: { createdAt: "desc" }, take: 1 } } });
    const at = new Map(vaults.map((vault) => [vault.vaultRef, vault]));
    const by = await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId: sheet.madeBy } }, select: { name: true } });
    return {
      id: importId, fileName: sheet.fileName, createdAt: sheet.createdAt.getTime(), by: by?.name ?? "", startedAt: sheet.startedAt?.getTime() ?? null, cancelledAt: sheet.cancelledAt?.getTime() ?? null,
      rows: rows.map(({ row, cells, verdict }): ImportRow => {
        const vault = row.vaultRef === null ? undefined : at.get(row.vaultRef);
        const request = vault?.requests[0];
        const asked = request && (request.request as unknown as ConnectRequest);
        const state = vault ? stateOf(vault, now) : row.failedWords === null ? "none" : "failed";
        return {
          position: row.position, cells, verdict: verdict?.kind ?? null, words: row.failedWords ?? (verdict && verdict.kind !== "new" ? verdict.words : (request?.refusedWords ?? null)), state, clientId: row.clientId,
          link: vault && asked && state !== "ended" ? connectLink(vault.address, asked) : null, code1: asked ? code1(requestHash(asked)) : null, code2: vault ? code2Of(vault) : null, requestId: request?.requestId ?? null,
          mailedAt: request?.mailedAt?.getTime() ?? null, calledAt: row.calledAt?.getTime() ?? null,
        };
      }),
    };
  }, db);
}

/** The sheets that were brought, newest first. Throws Refusal `forbidden`. */
export async function listImports(actor: Actor, db: Database = database()): Promise<ImportLine[]> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const sheets = await tx.db.clientImport.findMany({ where: { mspId }, include: { person: { select: { name: true } }, rows: { select: { madeAt: true } } }, orderBy: { createdAt: "desc" }, take: 50 });
    return sheets.map(({ importId, fileName, createdAt, person, rows, cancelledAt }) => ({ id: importId, fileName, createdAt: createdAt.getTime(), by: person.name, rows: rows.length, made: rows.filter(({ madeAt }) => madeAt !== null).length, cancelled: cancelledAt !== null }));
  }, db);
}
