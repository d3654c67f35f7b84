/** Handing out: the certificate as a file, whole or the part of one client; what a leaver had opened as a list to be worked through. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { utf8 } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { certificateFile, excerpt, parseCertificate } from "./certificate.ts";
import { coverOf, foundIn } from "./seen-cover.ts";
import { coverWords } from "./seen-words.ts";

/** `name`: for the file. */
export type HandedOut = { name: string; file: string; number: number };

/**
 * The newest certificate of a closed board. @param clientId only this client's parts: what it may be given. Taking it out is recorded.
 * Throws Refusal `not_found`, `certificate_none` (the board is open, again or still), `forbidden`.
 */
export async function certificateOf(actor: Actor, { revocationId, clientId }: { revocationId: string; clientId: string | null }, db: Database = database()): Promise<HandedOut> {
  authorize(actor, "revocation.read");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } }, include: { certificates: { orderBy: { number: "desc" }, take: 1 }, rows: { where: clientId === null ? { own: false, uid: "" } : { vault: { clientId } }, include: { vault: { include: { client: true } } } } } });
    if (board === null || (clientId !== null && board.rows.length === 0)) throw new Refusal("not_found");
    const [kept] = board.certificates;
    // An older certificate of a board that was reopened is not handed out: it would say what is known to hold no more.
    if (board.closedAt === null || kept === undefined) throw new Refusal("certificate_none");
    const client = board.rows[0]?.vault.client.name ?? null;
    await record(tx, { action: "revocation.handed_out", target: { kind: "revocation", id: revocationId }, fields: { name: board.name, certificate: kept.number, client } });
    const name = `removal-${revocationId.slice(-12)}-${kept.number}`;
    if (clientId === null) return { name, file: kept.certificate, number: kept.number };
    const parsed = parseCertificate(utf8(kept.certificate));
    if ("words" in parsed) throw new TypeError("A certificate that is kept is not in its own form.");
    // A vault's id is a name; its key is who it is.
    const keys = new Set(board.rows.map(({ vault: { publicKey } }) => publicKey));
    return { name: `${name}-part`, file: certificateFile(excerpt(parsed.certificate, (part) => keys.has(part.vault.key))), number: kept.number };
  }, db);
}

/** One entry that was opened. Times in epoch milliseconds; `entry` is the uid by which the client finds it. */
export type SeenLine = { entry: string; token: string; reads: number; firstAt: number; lastAt: number; changedAt: number | null; removed: boolean };
export type SeenClient = { clientId: string; client: string; contact: { name: string; phone: string; mail: string }; vaults: number; lines: SeenLine[]; unchanged: number; readAt: number | null; gaps: string[] };
/** `gaps`: what these lists do not cover, in words. `readAt`: how far the client's logs are known; null: one of them not at all. */
export type RotationView = { id: string; name: string; closedAt: number | null; clients: SeenClient[]; entries: number; unchanged: number; unread: string[] };

/** What the holder of these tokens had opened, client by client, those with the most to rotate first. Throws Refusal `not_found`, `forbidden`. */
export async function rotationOf(actor: Actor, revocationId: string, { clock = systemClock, db = database() }: { clock?: Clock; db?: Database } = {}): Promise<RotationView> {
  authorize(actor, "revocation.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } }, include: { rows: { where: { own: false }, include: { vault: { include: { client: true } }, seen: { orderBy: { lastAt: "desc" } } } } } });
    if (board === null) throw new Refusal("not_found");
    const [covers, found] = [new Map((await coverOf(tx, revocationId)).map((one) => [`${one.vaultRef} ${one.uid}`, one])), await foundIn(tx, revocationId)];
    const moments = { openedAt: board.openedAt.getTime(), closedAt: board.closedAt?.getTime() ?? null, now: clock.now().getTime() };
    const clients = [...Map.groupBy(board.rows, ({ vault: { clientId } }) => clientId)].map(([clientId, rows]): SeenClient => {
      const { client } = rows[0]!.vault;
      const lines = rows.flatMap((row) => row.seen.map(({ entry, reads, firstAt, lastAt, changedAt, removed }): SeenLine => ({ entry, token: row.agentId.toString(16).padStart(4, "0"), reads, firstAt: firstAt.getTime(), lastAt: lastAt.getTime(), changedAt: changedAt?.getTime() ?? null, removed })));
      const times = rows.flatMap(({ seenAt }) => seenAt?.getTime() ?? []);
      const gaps = rows.flatMap(({ vaultRef, uid, seenAt, seenFrom, seenComplete, seenWords, absentAt }) => {
        const made = seenAt === null ? null : { at: seenAt.getTime(), from: seenFrom?.getTime() ?? 0, complete: seenComplete === true };
        const key = `${vaultRef} ${uid}`;
        return [...coverWords(covers.get(key)!, found.get(key) ?? [], made, { ...moments, absent: absentAt?.getTime() ?? null }), ...(seenWords === null ? [] : [seenWords])];
      });
      return { clientId, client: client.name, contact: { name: client.contactName, phone: client.contactPhone, mail: client.contactMail }, vaults: rows.length, lines: lines.toSorted((a, b) => Number(a.changedAt !== null) - Number(b.changedAt !== null) || b.lastAt - a.lastAt), unchanged: lines.filter(({ changedAt, removed }) => changedAt === null && !removed).length, readAt: times.length === rows.length ? Math.min(...times) : null, gaps: [...new Set(gaps)] };
    });
    const unread = clients.filter(({ readAt }) => readAt === null).map(({ client }) => client);
    const told = clients.filter(({ lines, gaps }) => lines.length > 0 || gaps.length > 0).toSorted((a, b) => b.unchanged - a.unchanged || a.client.localeCompare(b.client));
    return { id: revocationId, name: board.name, closedAt: board.closedAt?.getTime() ?? null, clients: told, entries: clients.reduce((sum, { lines }) => sum + lines.length, 0), unchanged: clients.reduce((sum, one) => sum + one.unchanged, 0), unread };
  }, db);
}
