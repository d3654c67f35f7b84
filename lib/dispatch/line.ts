/** The line to one vault, held by one worker: every change of what is on its way goes through the fence. */
import type { Client, Vault } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Receipt } from "../protocol/messages.ts";
import type { VaultClient } from "../vault/client.ts";
import type { Ledger } from "./ledger.ts";

export type Held = { db: Database; worker: Actor; vaultRef: string; fence: bigint; now: () => Date };
export type Speech = Pick<VaultClient, "batch" | "agents" | "begin" | "credentials">;
/** `speakWith`: under another sealed token of ours (lib/dispatch/renewal.ts). */
export type Line = Held & { vault: Vault & { client: Pick<Client, "name" | "region"> }; speak: Speech; speakWith: (sealedToken: Uint8Array<ArrayBuffer>) => Speech; ledger: Ledger; /** Taken by this worker, by share. */ receipts: Map<string, { receiptId: string; receipt: Receipt }> };

/** Another worker holds the line by now: what this one learned is not written, the other one asks again with the same bytes. */
export class LostFence extends Error {
  override name = "LostFence";
}

/** Writes behind the fence, and lengthens the lease for the next step; whoever hands work in calls record() in it. Throws LostFence. */
export function behindFence<T>({ db, worker, vaultRef, fence }: Held, work: (tx: Write) => Promise<T>): Promise<T> {
  return write(worker, async (tx) => {
    const held = await tx.db.$executeRaw`update vault_line set lease_until = now() + make_interval(secs => ${limits.dispatchLeaseSeconds}::float8)
      where msp_id = ${worker.mspId}::uuid and vault_ref = ${vaultRef}::uuid and fence = ${fence}`;
    if (held === 0) throw new LostFence();
    return work(tx);
  }, db);
}
