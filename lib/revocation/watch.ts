/**
 * The worker's side of boards: it asks vaults for proof as soon as there can be some, closes a board when there is proof of everything,
 * and opens it again when a vault overtakes what it had signed. Nothing here removes anything: that needs a plan and a tap. Long,
 * because what follows from one look at the vaults is read in one piece.
 */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { joinLines } from "../approval/release.ts";
import { record, recordAll } from "../record/record.ts";
import { openVault } from "../vault/open.ts";
import { vaultNet, type Net } from "../vault/net.ts";
import { boardRows, type BoardRow } from "./facts.ts";
import { lookAt, type Evidence } from "./evidence.ts";
import { closeBoard } from "./close.ts";
import { findingOf, isClosed, tally, type Finding } from "./judge.ts";
import { readSeen } from "./seen-read.ts";
import { openWords } from "./words.ts";

export type Watch = { db?: Database; net?: Net; now?: () => Date; /** Asks vaults again that gave no proof a moment ago. */ impatient?: boolean; /** Leaves what they had opened for another time. */ proofOnly?: boolean };
/** `awaited`: logs that a list waits for and that can be expected soon, once vaults whose log is due are pulled. */
export type Watched = { boards: number; awaited: number };
type Tools = Required<Watch>;

/** Vaults that gave no proof lately, in this process: asked again after a pause. Bounded by what is on boards. */
const paused = new Map<string, number>();

/** Whether a look at this vault can bring something: a removal that went through, a row that is gone or back, an epoch that rose. */
function wantsLook({ verdict: { state }, facts, shown, readAt, vault }: BoardRow): boolean {
  if (facts.vault !== "connected" || vault.agent === null || facts.health === "lying" || facts.own) return false;
  // A row seen in a later reading than the proof: the vault says one thing and its opposite.
  if (state === "absent") return shown === true && readAt !== null && facts.absent !== null && readAt > facts.absent.at;
  // It took the removal: its primary answered us since the reading that says silent or failover, and a board must not wait for the next.
  if (state === "reading") return true;
  if (facts.health === "silent" || facts.health === "failover") return false;
  return state === "again" || (shown === false && (state === "standing" || state === "tap" || state === "unsigned" || state === "unplanned" || state === "contradiction"));
}

type Found = { row: BoardRow; finding: Exclude<Finding, { kind: "nothing" }>; evidence: Evidence };

async function look(worker: Actor, rows: readonly BoardRow[], { db, net, now, impatient }: Tools, keep: (found: readonly Found[]) => Promise<void>): Promise<void> {
  const byVault = [...Map.groupBy(rows, ({ vaultRef }) => vaultRef)].filter(([ref]) => impatient || (paused.get(`${worker.mspId} ${ref}`) ?? 0) <= now().getTime());
  const vaults = await read(worker, (tx) => tx.db.vault.findMany({ where: { mspId: worker.mspId, vaultRef: { in: byVault.map(([ref]) => ref) } } }), db);
  let found: Found[] = [];
  const queue = [...byVault];
  const hand = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [ref, here] = next;
      const vault = vaults.find(({ vaultRef }) => vaultRef === ref)!;
      const looked = await lookAt(openVault(vault, net), vault.managerUid);
      const findings = looked.kind === "nothing" ? [] : here.flatMap((row): Found[] => {
        const finding = findingOf({ ...looked.sighting, shows: looked.shows.has(row.uid) }, row.facts);
        // Seen before at this very revision: said once.
        const known = finding.kind === "present" && row.facts.present?.epoch === finding.epoch && row.facts.present.revision === finding.revision;
        return finding.kind === "nothing" || known ? [] : [{ row, finding, evidence: looked.evidence }];
      });
      if (findings.length < here.length) paused.set(`${worker.mspId} ${ref}`, now().getTime() + limits.revocationLookPauseMs);
      found.push(...findings);
      if (found.length >= limits.revocationKept) {
        const full = found;
        found = [];
        await keep(full);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.revocationLooks, queue.length) }, hand));
  if (found.length > 0) await keep(found);
}

/** Open pages draw these rows anew (lib/matrix/listen.ts). */
async function tell(tx: Write, vaultRefs: readonly string[]): Promise<void> {
  await tx.db.$executeRaw`select pg_notify('known', json_build_object('msp_id', ${tx.actor.mspId}::text, 'vault_ref', g.ref)::text) from unnest(${[...new Set(vaultRefs)]}::text[]) as g(ref)`;
}

async function keepFound(tx: Write, board: Board, found: readonly Found[]): Promise<void> {
  const { revocationId, name } = board;
  const { mspId } = tx.actor;
  const target = { kind: "revocation" as const, id: revocationId };
  for (const { row: { vaultRef, uid }, finding, evidence } of found) {
    const data = finding.kind === "absent"
      ? { absentAt: new Date(finding.at), absentEpoch: finding.epoch, absentRevision: BigInt(finding.revision), evidence: JSON.parse(JSON.stringify(evidence)) as object }
      : { presentAt: new Date(finding.at), presentEpoch: finding.epoch, presentRevision: BigInt(finding.revision) };
    await tx.db.revocationRow.updateMany({ where: { mspId, revocationId, vaultRef, uid }, data });
  }
  await recordAll(tx, "revocation.absent", found.flatMap(({ row: { client }, finding }) => (finding.kind === "absent" ? [{ target, fields: { name, client, epoch: finding.epoch, revision: finding.revision } }] : [])));
  const back = found.filter(({ finding }) => finding.kind === "present");
  await recordAll(tx, "revocation.present", back.map(({ row: { client } }) => ({ target, fields: { name, client } })));
  for (const { row } of back) await deliverAgain(tx, board, row);
  await tell(tx, found.map(({ row: { vaultRef } }) => vaultRef));
}

/** The removal that stood by goes in line again: the row is back, and its thirty days are not over (PROTOCOL 9, Restore). */
async function deliverAgain(tx: Write, { revocationId, name }: Board, { vaultRef, uid, client }: BoardRow): Promise<void> {
  const { mspId } = tx.actor;
  const plans = await tx.db.planOperation.findMany({ where: { mspId, vaultRef, uid, change: "revoke" }, select: { planId: true } });
  const { count } = await tx.db.dispatch.updateMany({ where: { mspId, vaultRef, planId: { in: plans.map(({ planId }) => planId) }, kind: "standing", state: "held", startBefore: { gt: new Date() } }, data: { state: "waiting", words: null, changedAt: new Date() } });
  if (count === 0) return;
  await joinLines(tx, [{ vaultRef, rank: 0 }]);
  await record(tx, { action: "revocation.delivered_again", target: { kind: "revocation", id: revocationId }, fields: { name, client } });
  await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
}

export type Board = { revocationId: string; name: string; openedAt: Date; closedAt: Date | null };

/** Proof that a vault took back is no proof: it is asked for anew when the vault is believed again. */
async function withdraw(tx: Write, { revocationId, name }: Board, rows: readonly BoardRow[]): Promise<void> {
  const { mspId } = tx.actor;
  for (const { vaultRef, uid, client, facts } of rows) {
    await tx.db.$executeRaw`update revocation_row set absent_at = null, absent_epoch = null, absent_revision = null, evidence = null where msp_id = ${mspId}::uuid and revocation_id = ${revocationId}::uuid and vault_ref = ${vaultRef}::uuid and uid = ${uid}`;
    await record(tx, { action: "revocation.withdrawn", target: { kind: "revocation", id: revocationId }, fields: { name, client, words: facts.words ?? "It contradicts what it signed." } });
  }
}

/** Everything that one board asks for now. @returns the logs that it waits for */
async function watchOne(worker: Actor, revocationId: string, tools: Tools): Promise<number> {
  const { db, now } = tools;
  const { mspId } = worker;
  const load = () => read(worker, async (tx) => ({ board: await tx.db.revocation.findUniqueOrThrow({ where: { mspId_revocationId: { mspId, revocationId } } }), rows: await boardRows(tx, revocationId, now()) }), db);
  let { board, rows } = await load();
  const lying = rows.filter(({ facts: { health, absent } }) => health === "lying" && absent !== null);
  const overtaken = rows.filter((row) => row.facts.absent !== null && (row.verdict.state === "again" || row.verdict.state === "contradiction" || wantsLook(row)));
  if (lying.length > 0 || (board.closedAt !== null && overtaken.length > 0)) {
    await write(worker, async (tx) => {
      await withdraw(tx, board, lying);
      const first = overtaken[0] ?? lying[0]!;
      const { lead, rest } = openWords(first.facts, first.verdict, now().getTime());
      const words = `${first.client}: ${lead === "" ? "A later list shows the token." : `${lead}${rest}`}`.slice(0, 500);
      const { count } = await tx.db.revocation.updateMany({ where: { mspId, revocationId, closedAt: { not: null } }, data: { closedAt: null, reopenedAt: now(), reopenedWords: words } });
      if (count > 0) await record(tx, { action: "revocation.reopened", target: { kind: "revocation", id: revocationId }, fields: { name: board.name, words } });
      else if (lying.length === 0) tx.replayed = true; // another worker was faster
      await tell(tx, [first.vaultRef]);
    }, db);
    ({ board, rows } = await load());
  }
  const asked = board.closedAt === null ? rows.filter(wantsLook) : [];
  if (asked.length > 0) {
    await look(worker, asked, tools, (found) => write(worker, (tx) => keepFound(tx, board, found), db));
    ({ board, rows } = await load());
  }
  if (board.closedAt === null && isClosed(tally(rows.map(({ verdict }) => verdict)))) {
    await closeBoard(worker, revocationId, await checkpointKey(db), tools);
    ({ board, rows } = await load());
  }
  // Last: what they had opened is wanted soon, and the end of their tokens sooner.
  return tools.proofOnly ? 0 : readSeen(worker, board, rows, tools);
}

/**
 * Looks at every board that is open or was overtaken, over all tenants. One that fails does not hold up the others; what stopped the
 * first of them is thrown at the end.
 */
export async function watchRevocations(given: Watch = {}): Promise<Watched> {
  const tools: Tools = { db: database(), net: given.net ?? vaultNet(), now: () => new Date(), impatient: false, proofOnly: false, ...given };
  const due = await tools.db.$queryRaw<{ msp_id: string; revocation_id: string }[]>`select msp_id::text, revocation_id::text from revocation_due()`;
  let trouble: unknown;
  let awaited = 0;
  for (const { msp_id: mspId, revocation_id: id } of due) {
    try {
      awaited += await watchOne(workerFor(mspId), id, tools);
    } catch (error) {
      trouble ??= error;
    }
  }
  if (trouble !== undefined) throw trouble;
  return { boards: due.length, awaited };
}

/** Watches for proof as long as `work` (the delivery of removals) goes on, so that each vault's follows at once, and once after it. */
export async function watchBeside<T>(work: Promise<T>, given: Watch = {}): Promise<T> {
  const watch: Watch = { ...given, proofOnly: true };
  const state = { over: false };
  const ended = work.then(() => undefined, () => undefined).then(() => void (state.over = true));
  while (!state.over) {
    // What cannot be watched now is told at the end: the work is not held up by it.
    const seen = await watchRevocations(watch).catch(() => null);
    if (seen === null || seen.boards === 0) break;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, limits.revocationBesideMs))]);
  }
  const value = await work;
  await watchRevocations(watch);
  return value;
}
