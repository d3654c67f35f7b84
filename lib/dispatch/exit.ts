/** The end of a connection, seen from its one share: the proof is a signed 401 of the primary (PROTOCOL 9), with or without a receipt. */
import type { Dispatch } from "#prisma/generated/client.ts";
import { read, type Write } from "../db/tenant.ts";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import type { Raw } from "../vault/call.ts";
import { behindFence, type Line } from "./line.ts";
import type { Next } from "./step.ts";

/** Whether this share ends a connection of ours. */
export async function isExit(tx: Pick<Write, "db" | "actor">, { planId }: Dispatch): Promise<boolean> {
  const plan = await tx.db.plan.findUnique({ where: { mspId_planId: { mspId: tx.actor.mspId, planId } }, select: { kind: true } });
  return plan?.kind === "exit";
}

/** As it is kept: an answer that anybody can verify under the vault's key (PROTOCOL 1). */
const kept = ({ body, answer, status, method, target, nonce }: Raw, at: Date) => ({ answer, at: at.getTime(), body: b64u(body), method, nonce, status, target });

/** Asks once more with our token, and proves the end by the signed refusal. */
export async function proveGone(line: Line, share: Dispatch): Promise<Next> {
  const { result, raw } = await line.speak.begin(b64u(randomBytes(16)));
  if (result.kind === "refused" && result.mode === "primary" && result.code === "unknown_token" && raw !== null) {
    await close(line, share, raw);
    return { kind: "on" };
  }
  const words = result.kind === "answered" ? "It accepted the end, and still knows our token." : result.words;
  return { kind: "wait", seconds: null, failed: true, words: `Accepted; asking once more: ${words}` };
}

/**
 * A signed 401 to a share that was sent: where it was our own exit, that is its proof, though the receipt was lost (the token that
 * would fetch it is dead). Where it was another's doing, false.
 */
export async function endedByUs(line: Line, share: Dispatch): Promise<boolean> {
  const { result, raw } = await line.speak.begin(b64u(randomBytes(16)));
  if (result.kind !== "refused" || result.mode !== "primary" || result.code !== "unknown_token" || raw === null) return false;
  const ours = await read(line.worker, (tx) => isExit(tx, share), line.db);
  // A first try that meets a dead token cannot have killed it: the client was faster.
  if (ours) await close(line, share, raw, share.firstSentAt === null ? "client" : "msp");
  return ours;
}

async function close(line: Line, share: Dispatch, raw: Raw, by: "msp" | "client" = "msp"): Promise<void> {
  await behindFence(line, async (tx) => {
    const now = line.now();
    const { mspId } = tx.actor;
    const { vaultRef, planId, dispatchId } = share;
    const { clientId, client } = line.vault;
    const receipt = await tx.db.receipt.findUnique({ where: { mspId_dispatchId: { mspId, dispatchId } }, select: { receiptId: true, revision: true } });
    if (receipt !== null) await tx.db.receipt.updateMany({ where: { mspId, receiptId: receipt.receiptId, readAt: null }, data: { readAt: now, readRevision: receipt.revision } });
    await tx.db.exit.updateMany({ where: { mspId, vaultRef, planId, goneAt: null }, data: { gone: kept(raw, now), goneAt: now } });
    const words = by === "client" ? "The client had ended it before." : receipt === null ? "The receipt was lost; the primary’s signed refusal proves the end." : null;
    await tx.db.dispatch.updateMany({ where: { mspId, dispatchId }, data: { state: by === "client" ? "refused" : "proven", words, changedAt: now, settledAt: now } });
    await tx.db.attempt.updateMany({ where: { mspId, dispatchId, outcome: null }, data: { outcome: "refused", status: 401, code: "unknown_token", words } });
    // Nothing else can reach it any more: the token is dead, and what it was sealed with is thrown away.
    await tx.db.dispatch.updateMany({ where: { mspId, vaultRef, state: { in: ["waiting", "held"] } }, data: { state: "dropped", words: "The connection has ended.", changedAt: now, settledAt: now } });
    await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { not: "ended" } }, data: { state: "ended", endedBy: by, endedAt: now, sealedToken: null } });
    await tx.db.wantedAgent.deleteMany({ where: { mspId, vaultRef } });
    await tx.db.drift.updateMany({ where: { mspId, vaultRef, settledAt: null }, data: { settledAt: now, settledHow: "gone" } });
    await tx.db.reading.deleteMany({ where: { mspId, vaultRef } });
    await tx.db.knownAgent.deleteMany({ where: { mspId, vaultRef } });
    await tx.db.knownScope.deleteMany({ where: { mspId, vaultRef } });
    const others = await tx.db.vault.count({ where: { mspId, clientId, state: { not: "ended" } } });
    if (others === 0) await tx.db.client.updateMany({ where: { mspId, clientId, endedAt: null }, data: { endedAt: now } });
    await record(tx, { action: "client.exited", target: { kind: "client", id: clientId }, fields: { client: client.name, proof: by === "client" ? "the client had ended it before, as the primary’s signed refusal says" : receipt === null ? "a signed refusal of the primary" : "the vault’s receipt, and a signed refusal of the primary" } });
  });
}
