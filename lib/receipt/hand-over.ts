/** Sealed tokens out of a receipt, beside it, by whom they are for: nobody here can open them, and nothing else of them is kept. */
import type { Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Op, Receipt } from "../protocol/messages.ts";

const claimBy = ({ body }: Op): Date | null => {
  const at = body?.["claim_by"];
  return typeof at === "number" ? new Date(at * 1_000) : null;
};

/**
 * Keeps what the vault handed over. `receipt` was verified against `ops`: what is sealed is sealed to the key that was signed
 * (lib/protocol/receipt.ts). In the transaction that keeps the receipt. @returns how many
 */
export async function keepHandOvers(tx: Write, { planId, vaultRef, receiptId }: { planId: string; vaultRef: string; receiptId: string }, ops: readonly Op[], receipt: Receipt, now: Date): Promise<number> {
  const { mspId } = tx.actor;
  const handed = ops.flatMap((op, i) => {
    const { sealed_token: sealed, sealed_to: sealedTo, uid = op.if?.uid, agent_id: agentId = Number(op.path.split("/")[2]) } = receipt.results[i]!;
    return sealed === undefined || sealedTo === undefined || uid === undefined || !op.path.startsWith("/agent") ? [] : [{ op, sealed, sealedTo, uid, agentId }];
  });
  if (handed.length === 0) return 0;
  const planned = await tx.db.planOperation.findMany({ where: { mspId, planId, operationId: { in: handed.map(({ op }) => op.id) } }, select: { operationId: true, personId: true } });
  const personOf = new Map(planned.map(({ operationId, personId }) => [operationId, personId]));
  const rows = handed.flatMap(({ op, sealed, sealedTo, uid, agentId }) => {
    const personId = personOf.get(op.id);
    if (personId == null) return [];
    return [{
      mspId, handOverId: uuid7(now.getTime()), vaultRef, uid, agentId, personId, operationId: op.id, receiptId, kind: op.path === "/agent" ? "grant" : "reissue",
      kem: sealed.kem, enc: sealed.enc, ct: sealed.ct, sealedTo, claimBy: claimBy(op), handedAt: new Date(receipt.applied_at * 1_000),
    }];
  });
  await tx.db.handOver.createMany({ data: rows });
  return rows.length;
}
