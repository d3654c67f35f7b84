/** What a receipt changes here: it is kept verbatim, and what it did becomes what is wanted. In the caller's transaction. */
import type { Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Op, Receipt } from "../protocol/messages.ts";

export type KeptReceipt = { dispatchId: string; planId: string; vaultRef: string; answer: string; receipt: Receipt };

/** @returns the receipt's id */
export async function keepReceipt(tx: Write, { dispatchId, planId, vaultRef, answer, receipt }: KeptReceipt, now: Date): Promise<string> {
  const { mspId } = tx.actor;
  const receiptId = uuid7(now.getTime());
  await tx.db.receipt.create({
    data: { mspId, receiptId, dispatchId, planId, vaultRef, answer, epoch: receipt.epoch, revision: BigInt(receipt.revision), appliedAt: new Date(receipt.applied_at * 1_000), receivedAt: now },
  });
  return receiptId;
}

const dateOf = (seconds: unknown): Date | null => (typeof seconds === "number" ? new Date(seconds * 1_000) : null);

const textOf = (value: unknown): string => {
  if (typeof value !== "string") throw new TypeError("A change whose name or scopes are no text was sent.");
  return value;
};

/** What was applied is from now on what we want: the next reading compares with it, and finds no drift in our own doing. */
export async function wantApplied(tx: Write, vaultRef: string, ops: readonly Op[], receipt: Receipt): Promise<void> {
  const { mspId } = tx.actor;
  for (const [i, op] of ops.entries()) {
    const uid = receipt.results[i]?.uid ?? op.if?.uid;
    if (uid === undefined || !op.path.startsWith("/agent")) continue;
    const where = { mspId_vaultRef_uid: { mspId, vaultRef, uid } };
    const body = op.body ?? {};
    if (op.method === "DELETE") await tx.db.wantedAgent.deleteMany({ where: { mspId, vaultRef, uid } });
    else if (op.method === "POST" && op.path === "/agent") {
      const row = { scopes: textOf(body["scopes"]), allAccess: body["all_access"] === true, expiresAt: dateOf(body["expires_at"]), name: textOf(body["name"]), sealed: "seal_to" in body };
      await tx.db.wantedAgent.upsert({ where, create: { mspId, vaultRef, uid, ...row }, update: row });
    } else if (op.method === "POST" && op.path.endsWith("/token")) {
      // The client knew the old token of a row that was handed over at connect, and does not know this one.
      await tx.db.wantedAgent.updateMany({ where: { mspId, vaultRef, uid }, data: { sealed: true } });
    } else if (op.method === "PUT") {
      const changed = { ...("name" in body && { name: textOf(body["name"]) }), ...("scopes" in body && { scopes: textOf(body["scopes"]) }), ...("all_access" in body && { allAccess: body["all_access"] === true }), ...("expires_at" in body && { expiresAt: dateOf(body["expires_at"]) }) };
      const known = await tx.db.knownAgent.findUnique({ where });
      if (known === null) await tx.db.wantedAgent.updateMany({ where: { mspId, vaultRef, uid }, data: changed });
      else await tx.db.wantedAgent.upsert({ where, create: { mspId, vaultRef, uid, scopes: known.scopes, allAccess: known.allAccess, expiresAt: known.expiresAt, ...changed }, update: changed });
    }
  }
}
