/** The line to one vault, held by one worker: every change of what is on its way goes through the fence. */
import type { Client, Dispatch, Vault } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { observe, read, write, type Write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { VaultClient } from "../vault/client.ts";

export type Held = { db: Database; worker: Actor; vaultRef: string; fence: bigint; now: () => Date };
export type Speech = Pick<VaultClient, "batch" | "agents" | "begin" | "credentials">;
/** `speakWith`: under another sealed token of ours (lib/dispatch/renewal.ts). */
export type Line = Held & { vault: Vault & { client: Pick<Client, "name" | "region"> }; speak: Speech; speakWith: (sealedToken: Uint8Array<ArrayBuffer>) => Speech };

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

/** Lets the line go: free, and asked again at `nextAt` (null: nothing is left to do). A clock of ours, and no deed: it is observed, not recorded. */
export async function letGo({ db, worker, vaultRef, fence }: Held, { nextAt, failures, words }: { nextAt: Date | null; failures: number; words: string | null }): Promise<void> {
  // Whoever joined the line meanwhile finds it due at once: what is open is asked of the shares themselves.
  await observe(worker, (tx) => tx.db.$executeRaw`update vault_line set lease_until = null, failures = ${failures}, words = ${words},
      next_at = case when ${nextAt}::timestamptz is null then (case when exists (select 1 from dispatch d where d.msp_id = vault_line.msp_id and d.vault_ref = vault_line.vault_ref and d.state in ('waiting', 'sent', 'accepted')) then now() end) else ${nextAt}::timestamptz end
    where msp_id = ${worker.mspId}::uuid and vault_ref = ${vaultRef}::uuid and fence = ${fence}`, db);
}

/** What there is to do at this vault, in order: proofs and open questions first, then removals, alterations, grants. */
export async function openDispatches({ db, worker, vaultRef }: Held): Promise<Dispatch[]> {
  const rows = await read(worker, (tx) => tx.db.dispatch.findMany({ where: { mspId: worker.mspId, vaultRef, state: { in: ["waiting", "sent", "accepted"] } }, orderBy: [{ rank: "asc" }, { dispatchId: "asc" }] }), db);
  const order: Readonly<Record<string, number>> = { accepted: 0, sent: 1, waiting: 2 };
  return rows.toSorted((a, b) => order[a.state]! - order[b.state]!);
}
