/**
 * One step of one share: written down first, sent, judged, written down. Every outcome and its record commit together, behind the
 * fence. Long, because the states of a share read best in one piece, each with what follows from it.
 */
import type { Dispatch } from "#prisma/generated/client.ts";
import { read, type Write } from "../db/tenant.ts";
import { limits } from "../limits.ts";
import { releaseReading } from "../known/schedule.ts";
import { haltWords } from "../plan/halt.ts";
import { settledStates, dispatchState, type DispatchState } from "../plan/dispatch-state.ts";
import { utf8, tryText } from "../protocol/bytes.ts";
import type { Op, Receipt, SignedReceipt } from "../protocol/messages.ts";
import { verifyReceipt } from "../protocol/receipt.ts";
import { expectationOf, operationsIn, receiptWords, type SentTo } from "../receipt/expect.ts";
import { findIn } from "../receipt/reread.ts";
import { record } from "../record/record.ts";
import type { Called } from "../vault/call.ts";
import { askCanary, stopSecondWave, wakeSecondWaves } from "./canary.ts";
import { endedByUs, proveGone } from "./exit.ts";
import { isHalt } from "./ledger.ts";
import { behindFence, LostFence, type Line } from "./line.ts";
import { askRenewed, speakAnew, takeBack, takeIntoUse } from "./renewal.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

/** What the line does next: at once the next thing, or nothing before `seconds` are over. `failed`: it counts for the back-off. */
export type Next = { kind: "on"; /** As it stands now, when it is still open. */ share?: Dispatch } | { kind: "wait"; seconds: number | null; failed: boolean; words: string };
const on: Next = { kind: "on" };

const target = ({ dispatchId }: Dispatch) => ({ kind: "dispatch" as const, id: dispatchId });
const fieldsOf = ({ vault }: Line, { kind }: Dispatch) => ({ client: vault.client.name, kind });

function sentTo({ vault: { publicKey, vaultId, agentId } }: Line): SentTo {
  if (publicKey === null || vaultId === null || agentId === null) throw new Error("A share for a vault that was never connected.");
  return { key: publicKey, vault: vaultId, agent: agentId };
}

type Change = { state: DispatchState; words?: string | null; code?: string | null; tookMs?: number | null; acceptedAt?: Date };

async function move(tx: Write, share: Dispatch, { state, ...more }: Change, now: Date): Promise<void> {
  const { dispatchId, vaultRef } = share;
  // Open pages draw these cells anew (lib/matrix/listen.ts).
  await tx.db.$executeRaw`select pg_notify('known', ${JSON.stringify({ msp_id: tx.actor.mspId, vault_ref: vaultRef })})`;
  await tx.db.dispatch.updateMany({ where: { mspId: tx.actor.mspId, dispatchId }, data: { state, ...more, changedAt: now, ...(settledStates.has(state) && { settledAt: now }) } });
  if (settledStates.has(state)) await wakeSecondWaves(tx, [share]);
}

/** Sends nothing any more of a share that did nothing: its standing one, if it has one, takes over at once. */
async function endFresh(tx: Write, share: Dispatch, now: Date): Promise<void> {
  if (share.kind !== "fresh") return;
  const { mspId } = tx.actor;
  await tx.db.dispatch.updateMany({ where: { mspId, planId: share.planId, vaultRef: share.vaultRef, kind: "standing", state: "held" }, data: { state: "waiting", changedAt: now } });
}

/** A share that was never sent and cannot be any more. */
async function settleUnsent(line: Line, share: Dispatch, state: "late" | "over" | "refused", words: string): Promise<Next> {
  await behindFence(line, async (tx) => {
    const now = line.now();
    await move(tx, share, { state, words }, now);
    await endFresh(tx, share, now);
    await record(tx, state === "refused" ? { action: "dispatch.refused", target: target(share), fields: { ...fieldsOf(line, share), code: "not_sent", words } } : { action: "dispatch.late", target: target(share), fields: { ...fieldsOf(line, share), words } });
  });
  return on;
}

/** One step of `share`. Throws LostFence, and what stopped the writing (Refusal `record_unwritable`, `database_unavailable`). */
export async function step(line: Line, share: Dispatch): Promise<Next> {
  if (dispatchState(share.state) === "accepted") return prove(line, share);
  const now = line.now().getTime();
  const until = share.startBefore.getTime();
  if (share.state === "waiting") {
    if (line.vault.state !== "connected") return settleUnsent(line, share, "refused", "It is no longer connected, so nothing was sent.");
    if (now >= until && share.wave === 1) return settleUnsent(line, share, "late", "The first wave took its whole minute.");
    if (now >= until) return settleUnsent(line, share, share.kind === "fresh" ? "late" : "over", share.words ?? (share.kind === "fresh" ? "It did not come to its turn within the minute." : "Its thirty days are over."));
    if (share.wave === 1) {
      const canary = await askCanary(line, share);
      if (canary === "wait") return { kind: "wait", seconds: (until - now) / 1_000, failed: false, words: "Waits for the first wave." };
      if (canary !== "go") {
        await stopSecondWave(line, share, canary.failed);
        return on;
      }
    }
  } else if (share.kind === "fresh") {
    // Between the last moment to start and the certain end, asking again could start it late (PROTOCOL 5): so it waits.
    const over = until + limits.challengeOverMs - limits.challengeStartMs;
    if (now >= until && now < over) return { kind: "wait", seconds: (over - now) / 1_000, failed: false, words: "Waits until asking again can only tell what became of it." };
    if (share.firstSentAt !== null && now - share.firstSentAt.getTime() > limits.receiptKeptMs) return settle(line, share, { kind: "lost", words: "The vault keeps receipts for a day, and did not answer within it." }, null, 0);
  }
  return send(line, share);
}

async function send(line: Line, share: Dispatch): Promise<Next> {
  const first = share.firstSentAt === null;
  const number = share.attempts + 1;
  const may = await line.ledger.sent.add({ line, share, number });
  if (may === "lost") throw new LostFence();
  if (may === "stopped") return on;
  // Lifting it wakes the line; until then a fresh share is looked at when its minute ends, and said to be late.
  if (isHalt(may)) return { kind: "wait", seconds: Math.max(1, Math.min(limits.standingPauseSeconds, (share.startBefore.getTime() - line.now().getTime()) / 1_000)), failed: false, words: haltWords(may) };
  const began = line.now().getTime();
  // The writing took its time: what would start too late now has sent no byte, and says so.
  if (first && began >= share.startBefore.getTime()) return settleUnsent(line, share, share.kind === "fresh" ? "late" : "over", "It did not come to its turn within the minute.");
  const called = await line.speak.batch(utf8(share.body), share.header, { revokes: share.rank === 0 });
  const tookMs = Math.max(0, line.now().getTime() - began);
  // Its first moment stays as it was found: a first try is told from a later one by it (lib/dispatch/exit.ts).
  const tried = { ...share, attempts: number };
  return settle(line, tried, judged(line, tried, called), called, tookMs);
}

const judged = (line: Line, { kind, epoch, firstSentAt, startBefore }: Dispatch, { result }: Called<SignedReceipt>): Verdict =>
  verdictOf(result, { kind: kind === "fresh" ? "fresh" : "standing", epoch, ageMs: line.now().getTime() - (firstSentAt ?? line.now()).getTime(), keptMs: limits.receiptKeptMs, stands: line.now() < startBefore });

async function settle(line: Line, share: Dispatch, verdict: Verdict, called: Called<SignedReceipt> | null, tookMs: number): Promise<Next> {
  if (verdict.kind === "receipt") return accept(line, share, verdict.answer, called, tookMs);
  if (verdict.kind === "gone") {
    if (await endedByUs(line, share)) return on;
    const renewed = await askRenewed(line, share);
    // What the new token is answered is the answer; that nothing came is no end of the connection either.
    if (renewed !== null && renewed.result.kind === "refused") {
      // It knows the new token, and not what brought it: the receipt went with a restore.
      await behindFence(line, (tx) => takeIntoUse(tx, line, share));
      await speakAnew(line);
      return settle(line, share, { kind: "lost", words: "The new token is in use; its receipt is gone." }, renewed, tookMs);
    }
    if (renewed !== null) return settle(line, share, judged(line, share, renewed), renewed, tookMs);
  }
  const state: DispatchState = ({ wait: "waiting", late: "late", refused: "refused", gone: "refused", lost: "lost", over: "over", incident: "incident", unknown: "sent" } as const)[verdict.kind];
  const code = "code" in verdict ? verdict.code : null;
  await behindFence(line, async (tx) => {
    const now = line.now();
    await move(tx, share, { state, words: verdict.words, code, tookMs }, now);
    await completeAttempt(tx, share, { outcome: verdict.kind === "unknown" ? "unknown" : "refused", status: called && called.result.kind !== "unknown" ? called.result.status : null, code, words: verdict.words, tookMs });
    if (state !== "sent" && state !== "waiting") await endFresh(tx, share, now);
    await note(tx, line, share, verdict);
    if (settledStates.has(state)) await releaseReading(tx, share.vaultRef);
  });
  if (verdict.kind === "unknown") return { kind: "wait", seconds: verdict.seconds, failed: true, words: verdict.words };
  if (verdict.kind === "wait") return { kind: "wait", seconds: verdict.seconds, failed: verdict.seconds === null, words: verdict.words };
  return on;
}

async function note(tx: Write, line: Line, share: Dispatch, verdict: Exclude<Verdict, { kind: "receipt" }>): Promise<void> {
  const [at, fields, { words }] = [target(share), fieldsOf(line, share), verdict];
  switch (verdict.kind) {
    case "unknown": return record(tx, { action: "dispatch.unknown", target: at, fields: { ...fields, words } });
    case "wait": return record(tx, { action: "dispatch.waits", target: at, fields: { ...fields, words } });
    case "late": case "over": return record(tx, { action: "dispatch.late", target: at, fields: { ...fields, words } });
    case "lost": return record(tx, { action: "dispatch.lost", target: at, fields });
    case "incident": return record(tx, { action: "dispatch.incident", target: at, fields: { ...fields, reason: words } });
    case "refused": return record(tx, { action: "dispatch.refused", target: at, fields: { ...fields, code: verdict.code, words } });
    case "gone": return record(tx, { action: "dispatch.refused", target: at, fields: { ...fields, code: "unknown_token", words } });
  }
}

type AttemptEnd = { outcome: "receipt" | "refused" | "unknown"; status: number | null; code: string | null; words: string | null; tookMs: number };
async function completeAttempt(tx: Write, { dispatchId, attempts: number }: Dispatch, end: AttemptEnd): Promise<void> {
  await tx.db.attempt.updateMany({ where: { mspId: tx.actor.mspId, dispatchId, number, outcome: null }, data: end });
}

/** A receipt is judged against what was sent, to the byte; one that does not fit is an incident, never a success. */
async function accept(line: Line, share: Dispatch, answer: SignedReceipt, called: Called<SignedReceipt> | null, tookMs: number): Promise<Next> {
  const verdict = await verifyReceipt(answer, expectationOf(share, sentTo(line)));
  if (!verdict.ok) return settle(line, share, { kind: "incident", words: `The receipt does not fit what was sent: ${receiptWords[verdict.reason]}.` }, called, tookMs);
  const { receipt } = verdict;
  const ops = operationsIn(share);
  const body = called?.raw ? tryText(called.raw.body) : null;
  const receiptId = await line.ledger.accepted.add({ line, share, answer: body ?? JSON.stringify(answer), receipt, ops, tookMs });
  if (receiptId === null) throw new LostFence();
  if (ops.some(({ path }) => path.endsWith("/token"))) await speakAnew(line);
  line.receipts.set(share.dispatchId, { receiptId, receipt });
  return { kind: "on", share: { ...share, state: "accepted" } };
}

/** The re-read: signed, by the primary, of the receipt's epoch and at least its revision (PROTOCOL 14). Until then nothing is proven. */
async function prove(line: Line, share: Dispatch): Promise<Next> {
  const ops = operationsIn(share);
  if (ops.some(isOwnRow(line))) return proveGone(line, share);
  const kept = await receiptOf(line, share);
  const list = await line.speak.agents();
  if (list.kind !== "answered") {
    const words = list.kind === "refused" && list.code === "unknown_token" ? "It accepted, and then knew our token no more." : list.words;
    if (list.kind === "refused" && list.mode === "primary" && list.code === "unknown_token" && (await takeBack(line, share))) return settle(line, share, { kind: "lost", words: "The vault was restored since, and knows our old token again." }, null, 0);
    if (list.kind === "refused" && list.mode === "primary" && list.code === "unknown_token") return settle(line, share, { kind: "lost", words }, null, 0);
    return { kind: "wait", seconds: list.kind === "unknown" ? list.retryAfter : (list.retryAfter ?? null), failed: true, words: `Accepted; reading back: ${words}` };
  }
  if (list.mode !== "primary" || list.value.unchanged) return { kind: "wait", seconds: null, failed: true, words: "Accepted; a backup answers, which may lag." };
  const { receipt } = kept;
  // A new epoch may have dropped what came after its copy: older receipts are then not proven by anything but the rows themselves.
  if (list.epoch === receipt.epoch && list.value.revision < receipt.revision) return { kind: "wait", seconds: null, failed: true, words: "Accepted; its list is older than its receipt." };
  const signers = ops.some(({ path }) => path.startsWith("/credential")) ? await line.speak.credentials() : null;
  if (signers !== null && (signers.kind !== "answered" || signers.mode !== "primary")) return { kind: "wait", seconds: signers.kind === "unknown" ? signers.retryAfter : null, failed: true, words: `Accepted; reading back its signers: ${signers.kind === "answered" ? "a backup answers, which may lag." : signers.words}` };
  const found = findIn(ops, receipt, { ...list.value, signers: signers?.value ?? [] });
  const { revision } = list.value;
  if (found.kind === "missing") {
    const words = list.epoch === receipt.epoch ? `The receipt says it was done, and ${found.words}.` : `The vault was restored since, and ${found.words}.`;
    return settle(line, share, list.epoch === receipt.epoch ? { kind: "incident", words } : { kind: "lost", words }, null, 0);
  }
  if (!(await line.ledger.proven.add({ line, share, receiptId: kept.receiptId, revision, words: found.since.join(" ") || null, ops }))) throw new LostFence();
  return on;
}

const isOwnRow = ({ vault: { managerUid } }: Line) => ({ method, if: condition }: Op): boolean => method === "DELETE" && condition !== null && condition.uid === managerUid;

/** The one that this worker took, or the row that another left. */
async function receiptOf({ db, worker, receipts }: Line, { dispatchId }: Dispatch): Promise<{ receiptId: string; receipt: Receipt }> {
  const mine = receipts.get(dispatchId);
  if (mine !== undefined) return mine;
  const row = await read(worker, (tx) => tx.db.receipt.findUniqueOrThrow({ where: { mspId_dispatchId: { mspId: worker.mspId, dispatchId } } }), db);
  return { receiptId: row.receiptId, receipt: (JSON.parse(row.answer) as SignedReceipt).receipt };
}
