/**
 * Our own token comes into use (PROTOCOL 4): stored before its hash was signed, taken into use with the vault's receipt, and the old one
 * kept until the new one has opened the vault's list. A lost answer shows as a 401 to the old token: then the new one asks.
 */
import type { Dispatch } from "#prisma/generated/client.ts";
import { read, type Write } from "../db/tenant.ts";
import type { SignedReceipt } from "../protocol/messages.ts";
import { utf8 } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import type { Called } from "../vault/call.ts";
import { behindFence, type Line } from "./line.ts";

type Place = Pick<Dispatch, "planId" | "vaultRef">;
const keyOf = (tx: Pick<Write, "actor">, { planId, vaultRef }: Place) => ({ mspId_planId_vaultRef: { mspId: tx.actor.mspId, planId, vaultRef } });

/** The token that waits beside the one in use; null: this share renews nothing, or it is settled. */
async function beside({ worker, db }: Line, share: Place): Promise<Uint8Array<ArrayBuffer> | null> {
  const row = await read(worker, (tx) => tx.db.tokenRenewal.findUnique({ where: keyOf(tx, share) }), db);
  return row?.sealedToken ?? null;
}

/** From the first byte on the reader takes a 401 for what it may be (lib/known/renewal.ts). */
export async function noteSent(tx: Write, share: Place, now: Date): Promise<void> {
  await tx.db.tokenRenewal.updateMany({ where: { mspId: tx.actor.mspId, planId: share.planId, vaultRef: share.vaultRef, sentAt: null }, data: { sentAt: now } });
}

/** A signed 401 to a renewal that was sent: most likely it was done. The same bytes with the new token bring the stored receipt. */
export async function askRenewed(line: Line, share: Dispatch): Promise<Called<SignedReceipt> | null> {
  const token = await beside(line, share);
  if (token === null || share.attempts === 0) return null;
  const called = await line.speakWith(token).batch(utf8(share.body), share.header);
  return called.result.kind === "refused" && (called.result.mode !== "primary" || called.result.code === "unknown_token") ? null : called;
}

/** With the receipt, in its transaction: the new token is the one in use, the old one waits beside it. */
export async function takeIntoUse(tx: Write, line: Line, share: Place): Promise<void> {
  const { mspId } = tx.actor;
  const { vaultRef } = share;
  const row = await tx.db.tokenRenewal.findUnique({ where: keyOf(tx, share) });
  if (row === null || row.sealedToken === null) return;
  const vault = await tx.db.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef } }, select: { sealedToken: true } });
  await tx.db.vault.updateMany({ where: { mspId, vaultRef }, data: { sealedToken: row.sealedToken } });
  await tx.db.tokenRenewal.update({ where: keyOf(tx, share), data: { sealedToken: vault.sealedToken } });
  await record(tx, { action: "vault.token_renewed", target: { kind: "vault", id: vaultRef }, fields: { client: line.vault.client.name } });
}

/** After takeIntoUse committed: this line speaks with it from now on. */
export async function speakAnew(line: Line): Promise<void> {
  const row = await read(line.worker, (tx) => tx.db.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId: tx.actor.mspId, vaultRef: line.vaultRef } }, select: { sealedToken: true } }), line.db);
  if (row.sealedToken !== null) line.speak = line.speakWith(row.sealedToken);
}

/** The new one opened the vault's list, in the transaction that proves it: the old one is thrown away. */
export async function throwOldAway(tx: Write, { planId, vaultRef }: Place, now: Date): Promise<void> {
  await tx.db.tokenRenewal.updateMany({ where: { mspId: tx.actor.mspId, planId, vaultRef, provenAt: null }, data: { sealedToken: null, provenAt: now } });
}

/**
 * The new token opens nothing although a receipt brought it: a vault that was restored from before it knows the old one again
 * (PROTOCOL 9). Then that one is taken back. @returns whether it was
 */
export async function takeBack(line: Line, share: Place): Promise<boolean> {
  const token = await beside(line, share);
  if (token === null) return false;
  const list = await line.speakWith(token).agents();
  if (list.kind !== "answered" || list.mode !== "primary") return false;
  await behindFence(line, async (tx) => {
    await tx.db.vault.updateMany({ where: { mspId: tx.actor.mspId, vaultRef: share.vaultRef }, data: { sealedToken: token } });
    await tx.db.tokenRenewal.update({ where: keyOf(tx, share), data: { sealedToken: null } });
    await record(tx, { action: "vault.token_taken_back", target: { kind: "vault", id: share.vaultRef }, fields: { client: line.vault.client.name } });
  });
  return true;
}
