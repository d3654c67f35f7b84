/** A board as its page shows it, and the list of boards. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { digestGroups } from "../protocol/plan-words.ts";
import { countBoard, type BoardCount } from "./board-words.ts";
import { boardRows, type BoardRow } from "./facts.ts";
import { tally, type Backup, type BoardTally, type RowState } from "./judge.ts";
import { toRotate } from "./seen.ts";
import { openWords } from "./words.ts";

/** Times in epoch milliseconds. `stage`: how far it came of asked, signed, accepted, read again and absent. */
export type BoardLine = {
  vaultRef: string; uid: string; clientId: string; client: string; scope: string; state: RowState; stage: 0 | 1 | 2 | 3 | 4; unknown: boolean; backup: Backup;
  lead: string; rest: string; contact: { name: string; phone: string; mail: string }; absentAt: number | null; receipt: string | null;
};
export type OwnLine = { client: string; clientId: string; name: string; scope: string; contact: { name: string; phone: string; mail: string } };
export type SeenTotals = { entries: number; changed: number; unchanged: number; clients: number; read: number; of: number };
export type RevocationView = {
  id: string; cause: "leaver" | "token"; name: string; personId: string | null; reason: string | null; openedBy: string; openedAt: number; closedAt: number | null; reopenedAt: number | null; reopenedWords: string | null;
  tally: BoardTally; count: BoardCount; open: BoardLine[]; proven: BoardLine[]; apart: (OwnLine & { words: string })[]; own: OwnLine[];
  /** The order of the four strips: open rows first. */
  strip: { stage: 0 | 1 | 2 | 3 | 4; unknown: boolean; title: string }[];
  tap: { by: string; key: string; at: number; digest: string[]; taps: number } | null; plans: { id: string; waiting: number }[]; replannable: number;
  certificate: { number: number; issuedAt: number; digest: string[]; proven: number; bytes: number } | null; lastProof: { client: string; at: number } | null; msp: string;
  seen: SeenTotals; may: { open: boolean; release: boolean };
};
export type RevocationListLine = { id: string; name: string; cause: "leaver" | "token"; openedAt: number; closedAt: number | null; reopenedAt: number | null; total: number; absent: number; apart: number; open: number; count: BoardCount; openedBy: string };

const scopeOf = (agentId: number): string => agentId.toString(16).padStart(4, "0");
const causeOf = (text: string): "leaver" | "token" => (text === "token" ? "token" : "leaver");

function lineOf(row: BoardRow, now: number): BoardLine {
  const { verdict, facts } = row;
  const { lead, rest } = openWords(facts, verdict, now);
  const stage = verdict.absent ? 4 : verdict.accepted ? 3 : verdict.signed ? 2 : verdict.asked ? 1 : 0;
  return {
    vaultRef: row.vaultRef, uid: row.uid, clientId: row.clientId, client: row.client, scope: scopeOf(row.agentId), state: verdict.state, stage, unknown: verdict.state === "sent" || verdict.state === "contradiction", backup: verdict.backup,
    lead, rest, contact: row.contact, absentAt: verdict.absent ? facts.absent!.at : null, receipt: facts.receipt?.id ?? null,
  };
}

const ownOf = (row: BoardRow): OwnLine => ({ client: row.client, clientId: row.clientId, name: row.name, scope: scopeOf(row.agentId), contact: row.contact });

const stateHere = ({ vaultRef, verdict: { state } }: BoardRow) => ({ vaultRef, state });

/** What needs somebody first: contradictions and what is back, then what another tap is needed for, then what waits. */
const order: Readonly<Record<RowState, number>> = { contradiction: 0, again: 1, unplanned: 2, tap: 3, unsigned: 4, ended: 5, sent: 6, standing: 7, reading: 8, waiting: 9, absent: 10, apart: 11, own: 12 };

async function tapOf({ db, actor: { mspId } }: Read, revocationId: string): Promise<RevocationView["tap"]> {
  const taps = await db.$queryRaw<{ by: string; key: string; at: Date; digest: Uint8Array }[]>`
    select distinct on (a.approval_id) p.name as by, s.label as key, a.signed_at as at, a.digest
      from revocation_row w
      join plan_operation o on o.msp_id = w.msp_id and o.vault_ref = w.vault_ref and o.uid = w.uid and o.change = 'revoke'
      join approval a on a.msp_id = o.msp_id and a.plan_id = o.plan_id
      join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
      join signing_key s on s.msp_id = a.msp_id and s.credential_id = a.credential_id
     where w.msp_id = ${mspId}::uuid and w.revocation_id = ${revocationId}::uuid order by a.approval_id`;
  const first = taps[0];
  return first === undefined ? null : { by: first.by, key: first.key, at: first.at.getTime(), digest: digestGroups(first.digest), taps: taps.length };
}

async function seenTotals({ db, actor: { mspId } }: Read, revocationId: string, rows: readonly BoardRow[]): Promise<SeenTotals> {
  const entries = await db.revocationSeen.findMany({ where: { mspId, revocationId }, select: { vaultRef: true, changedAt: true, removed: true } });
  const unchanged = toRotate(entries).length;
  const clientOf = new Map(rows.map(({ vaultRef, clientId }) => [vaultRef, clientId]));
  const ours = rows.filter(({ facts }) => !facts.own);
  return { entries: entries.length, changed: entries.length - unchanged, unchanged, clients: new Set(entries.map(({ vaultRef }) => clientOf.get(vaultRef))).size, read: ours.filter(({ seen }) => seen !== null).length, of: ours.length };
}

/** Throws Refusal `not_found`, `forbidden`. */
export async function showRevocation(actor: Actor, revocationId: string, { clock = systemClock, db = database() }: { clock?: Clock; db?: Database } = {}): Promise<RevocationView> {
  authorize(actor, "revocation.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const board = await tx.db.revocation.findUnique({ where: { mspId_revocationId: { mspId, revocationId } }, include: { opener: { select: { name: true } }, certificates: { orderBy: { number: "desc" }, take: 1, select: { number: true, issuedAt: true, digest: true, proven: true, certificate: true } } } });
    if (board === null) throw new Refusal("not_found");
    const now = clock.now();
    const rows = await boardRows(tx, revocationId, now);
    const ours = rows.filter(({ verdict }) => verdict.state !== "own");
    const lines = ours.filter(({ verdict }) => verdict.state !== "apart").map((row) => lineOf(row, now.getTime())).toSorted((a, b) => order[a.state] - order[b.state]);
    const proven = lines.filter(({ state }) => state === "absent");
    const open = lines.filter(({ state }) => state !== "absent");
    const plans = Map.groupBy(ours.filter(({ openPlan }) => openPlan !== null), ({ openPlan }) => openPlan!);
    const last = proven.toSorted((a, b) => b.absentAt! - a.absentAt!)[0];
    const certificate = board.certificates[0];
    const { name } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    return {
      id: revocationId, cause: causeOf(board.cause), name: board.name, personId: board.personId, reason: board.reason, openedBy: board.opener.name, openedAt: board.openedAt.getTime(), closedAt: board.closedAt?.getTime() ?? null, reopenedAt: board.closedAt === null ? (board.reopenedAt?.getTime() ?? null) : null, reopenedWords: board.reopenedWords,
      tally: tally(rows.map(({ verdict }) => verdict)), count: countBoard(rows.map(stateHere)), open, proven, apart: rows.filter(({ verdict }) => verdict.state === "apart").map((row) => ({ ...ownOf(row), words: row.facts.apart?.words ?? "" })), own: rows.filter(({ verdict }) => verdict.state === "own").map(ownOf),
      strip: [...open, ...proven].map(({ stage, unknown, client }) => ({ stage, unknown, title: client })),
      tap: await tapOf(tx, revocationId), plans: [...plans].map(([id, held]) => ({ id, waiting: held.length })), replannable: ours.filter(({ verdict: { state, standing }, openPlan }) => openPlan === null && standing === null && (state === "tap" || state === "unplanned" || state === "again")).length,
      certificate: board.closedAt === null || certificate === undefined ? null : { number: certificate.number, issuedAt: certificate.issuedAt.getTime(), digest: digestGroups(certificate.digest), proven: certificate.proven, bytes: certificate.certificate.length },
      lastProof: last === undefined ? null : { client: last.client, at: last.absentAt! }, msp: name, seen: await seenTotals(tx, revocationId, rows),
      may: { open: holds(actor, "revocation.open"), release: holds(actor, "plan.release") },
    };
  }, db);
}

const listed = 200;

/** Boards, the open ones first. */
export async function listRevocations(actor: Actor, { personId, clock = systemClock, db = database() }: { personId?: string; clock?: Clock; db?: Database } = {}): Promise<RevocationListLine[]> {
  authorize(actor, "revocation.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const boards = await tx.db.revocation.findMany({ where: { mspId, ...(personId !== undefined && { personId }) }, orderBy: [{ closedAt: { sort: "desc", nulls: "first" } }, { openedAt: "desc" }], take: listed, include: { opener: { select: { name: true } }, rows: { where: { own: false }, select: { vaultRef: true, apartAt: true } } } });
    const lines: RevocationListLine[] = [];
    for (const board of boards) {
      // A closed board of which nothing was set apart closed because each row was proven absent; any other is judged.
      const judged = board.closedAt === null || board.rows.some(({ apartAt }) => apartAt !== null);
      const count = countBoard(judged ? (await boardRows(tx, board.revocationId, clock.now())).map(stateHere) : board.rows.map(({ vaultRef }) => ({ vaultRef, state: "absent" })));
      const { tokens: total, absent, apart } = count;
      lines.push({ id: board.revocationId, name: board.name, cause: causeOf(board.cause), openedAt: board.openedAt.getTime(), closedAt: board.closedAt?.getTime() ?? null, reopenedAt: board.reopenedAt?.getTime() ?? null, total, absent, apart, open: board.closedAt === null ? total - absent - apart : 0, count, openedBy: board.opener.name });
    }
    return lines.toSorted((a, b) => Number(a.closedAt !== null) - Number(b.closedAt !== null) || b.openedAt - a.openedAt);
  }, db);
}


/**
 * Removals that were signed on no board and that no dispatch has proven: those whose row is still known, or that are on their way.
 * What a board holds is counted there; of a connection that is over nothing can be known. Of a whole portfolio, in one question.
 */
export async function removalsOutside(actor: Actor, db: Database = database()): Promise<number> {
  authorize(actor, "revocation.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const [row] = await tx.db.$queryRaw<{ count: number }[]>`
      select count(distinct (o.vault_ref, o.uid))::int as count
        from plan_operation o join vault v on v.msp_id = o.msp_id and v.vault_ref = o.vault_ref and v.state <> 'ended'
       where o.msp_id = ${mspId}::uuid and o.change = 'revoke' and exists (select from approval a where a.msp_id = o.msp_id and a.plan_id = o.plan_id)
         and not exists (select from revocation_row w where w.msp_id = o.msp_id and w.vault_ref = o.vault_ref and w.uid = o.uid and not w.own)
         and not exists (select from plan_operation q join dispatch d on d.msp_id = q.msp_id and d.plan_id = q.plan_id and d.vault_ref = q.vault_ref and d.state = 'proven'
                          where q.msp_id = o.msp_id and q.vault_ref = o.vault_ref and q.uid = o.uid and q.change = 'revoke')
         and (exists (select from known_agent k where k.msp_id = o.msp_id and k.vault_ref = o.vault_ref and k.uid = o.uid)
              or exists (select from dispatch d where d.msp_id = o.msp_id and d.plan_id = o.plan_id and d.vault_ref = o.vault_ref and d.state in ('waiting', 'held', 'sent', 'accepted')))`;
    return row!.count;
  }, db);
}
