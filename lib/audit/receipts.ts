/** Receipts must lie on their vault's chain (PROTOCOL 9); the events that one covers are linked to its plan. */
import type { Database } from "../db/client.ts";
import { observe } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { b64u, tryB64u } from "../protocol/bytes.ts";
import type { Stream } from "../protocol/messages.ts";
import { saveFindings, type Kept } from "./store.ts";

type Unchecked = { receipt_id: string; plan_id: string; epoch: number; stream: Stream; seq: bigint; hash: string; operations: number; reach_epoch: number; reach_seq: bigint };

/**
 * Judges the receipts of one vault whose place its log has reached by now: on the chain, taken back by a restore before we saw it, or
 * not on it: tampering. @returns how many were judged
 */
export function checkReceipts(kept: Kept, db: Database): Promise<number> {
  const { mspId, vaultRef } = kept;
  return observe(workerFor(mspId), async (tx) => {
    const receipts = await tx.db.$queryRaw<Unchecked[]>`
      select r.receipt_id::text, r.plan_id::text, r.epoch, a.said->>'stream' as stream, (a.said->>'seq')::bigint as seq, a.said->>'hash' as hash, a.operations, s.epoch as reach_epoch, s.seq as reach_seq
        from receipt r cross join lateral (select r.answer::jsonb->'receipt'->'audit' as said, jsonb_array_length(r.answer::jsonb->'receipt'->'results') as operations) a
        join audit_stream s on s.msp_id = r.msp_id and s.vault_ref = r.vault_ref and s.stream = a.said->>'stream'
       where r.msp_id = ${mspId}::uuid and r.vault_ref = ${vaultRef}::uuid and not exists (select from audit_receipt c where c.msp_id = r.msp_id and c.receipt_id = r.receipt_id)
         and (s.epoch > r.epoch or (s.epoch = r.epoch and s.seq >= (a.said->>'seq')::bigint))
       order by r.received_at limit 200`;
    for (const { receipt_id: receiptId, plan_id: planId, epoch, stream, seq, hash, operations, reach_epoch: reachEpoch } of receipts) {
      const at = await tx.db.$queryRaw<{ event_id: string; hash: Uint8Array; branch: number; at: Date }[]>`
        select event_id::text, hash, branch, at from audit_event where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream} and seq = ${seq} and epoch = ${epoch}`;
      const event = at.find((one) => b64u(one.hash) === hash);
      let verdict = event === undefined ? "not_held" : "on_chain";
      if (event !== undefined) {
        await tx.db.$executeRaw`
          update audit_event set plan_id = ${planId}::uuid, receipt_id = ${receiptId}::uuid where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream} and epoch = ${epoch} and branch = ${event.branch}
             and seq between ${seq}::bigint - ${operations}::int + 1 and ${seq}`;
      } else if (at.length > 0 || reachEpoch === epoch) {
        const [first] = await tx.db.$queryRaw<{ seq: bigint | null }[]>`select min(seq) as seq from audit_event where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and stream = ${stream}`;
        // Before the first event that we hold nothing can be said against it: the vault keeps no older ones, or their time here was over.
        const before = at.length === 0 && (first?.seq == null || first.seq > seq);
        if (!before) {
          verdict = "off_chain";
          const other = at.at(-1);
          await saveFindings(tx, kept, [{
            kind: "receipt", stream, branch: other?.branch ?? 0, epoch, seq: Number(seq), seqTo: Number(seq), expected: tryB64u(hash, 32) === null ? null : hash, found: other === undefined ? null : b64u(other.hash),
            words: "The receipt that it signed for a change of ours names an event that is not in its log.", evidence: receiptId, beforeAt: other?.at ?? null, afterAt: null,
          }]);
        }
      }
      await tx.db.$executeRaw`insert into audit_receipt (msp_id, receipt_id, verdict, event_id) values (${mspId}::uuid, ${receiptId}::uuid, ${verdict}, ${event?.event_id ?? null}::uuid) on conflict do nothing`;
    }
    return receipts.length;
  }, db);
}
