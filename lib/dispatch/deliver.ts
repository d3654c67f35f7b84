/**
 * The worker's side of dispatches: lines to vaults are claimed under a lease with a fencing token, one write in flight per vault, a
 * cap over all workers. One vault's silence never holds another: each has its own line, its own pauses, its own hand.
 */
import { database, type Database } from "../db/client.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { OpenableVault } from "../vault/open.ts";
import { openVault } from "../vault/open.ts";
import { Ledger } from "./ledger.ts";
import { LostFence, type Held, type Line } from "./line.ts";
import { step, type Next } from "./step.ts";
import { pauseSeconds } from "./verdict.ts";

type Claimed = { msp_id: string; vault_ref: string; fence: bigint; lease_until: Date };
export type Delivery = {
  db?: Database;
  now?: () => Date;
  /** How a vault is spoken to; tests put faults between. */
  speak?: (vault: OpenableVault) => Line["speak"];
  concurrency?: number;
  cap?: number;
};
type Tools = Required<Delivery>;

/** Everything that is due at one vault, step by step, until it must wait. */
async function workLine(held: Held, ledger: Ledger, { speak, now }: Tools): Promise<void> {
  const { vaultRef, fence } = held;
  const found = await ledger.load.add(vaultRef);
  if (found === null) return;
  const { vault, failures } = found;
  const line: Line = { ...held, vault, ledger, receipts: new Map(), speak: speak(vault), speakWith: (sealedToken) => speak({ ...vault, sealedToken }) };
  const skipped = new Set<string>();
  let waits: Extract<Next, { kind: "wait" }> | null = null;
  let shares = found.shares;
  for (;;) {
    const share = shares.find(({ dispatchId }) => !skipped.has(dispatchId));
    if (share === undefined) break;
    const next = await step(line, share);
    if (next.kind === "on") {
      // What a step leaves open is taken on as it is; when it is settled, the rows say what there is besides.
      shares = next.share === undefined ? await ledger.open.add(vaultRef) : [next.share];
      continue;
    }
    waits = next;
    // A vault that does not answer is not asked the next thing at once; what waits for its own clock lets others pass.
    if (next.failed) break;
    skipped.add(share.dispatchId);
    shares = await ledger.open.add(vaultRef);
  }
  if (waits === null) return void (await ledger.leave.add({ vaultRef, fence, nextAt: null, before: failures, failures: 0, words: null }));
  const urgent = (await ledger.open.add(vaultRef)).some(({ kind, state, startBefore }) => kind === "fresh" && (state === "accepted" || startBefore > now()));
  const most = urgent ? limits.freshPauseSeconds : limits.standingPauseSeconds;
  const after = waits.failed ? failures + 1 : 0;
  const seconds = Math.min(waits.seconds ?? pauseSeconds(after, most), limits.vaultPatienceSeconds);
  await ledger.leave.add({ vaultRef, fence, nextAt: new Date(now().getTime() + seconds * 1_000), before: waits.seconds === null ? failures : 0, failures: after, words: waits.words });
}

/**
 * Delivers everything that is due, until nothing is. Throws what stopped it (Refusal `record_unwritable`, `database_unavailable`):
 * what it held waits for its lease, and nothing was sent that was not written down.
 * @returns how many lines were worked, and when something is due next
 */
export async function deliverDispatches(given: Delivery = {}): Promise<{ lines: number; nextDue: Date | null }> {
  const tools: Tools = { db: database(), now: () => new Date(), speak: (vault) => openVault(vault), concurrency: limits.dispatchConcurrency, cap: limits.dispatchCap, ...given };
  const { db, now, concurrency, cap } = tools;
  const running = new Set<Promise<void>>();
  const ledgers = new Map<string, Ledger>();
  const ledgerOf = (mspId: string): Ledger => ledgers.get(mspId) ?? ledgers.set(mspId, new Ledger(workerFor(mspId), db, now)).get(mspId)!;
  let lines = 0;
  let trouble: unknown;
  for (;;) {
    const room = trouble === undefined ? concurrency - running.size : 0;
    // A claim for each place that frees would be one question to the database a vault.
    const claimed = room > 0 && (running.size === 0 || room >= concurrency / 4) ? await db.$queryRaw<Claimed[]>`select msp_id, vault_ref, fence, lease_until from vault_line_claim(${room}::int, ${limits.dispatchLeaseSeconds}::int, ${cap}::int)` : [];
    for (const { msp_id: mspId, vault_ref: vaultRef, fence } of claimed) {
      lines += 1;
      const work = workLine({ db, worker: workerFor(mspId), vaultRef, fence, now }, ledgerOf(mspId), tools)
        .catch((error: unknown) => {
          if (!(error instanceof LostFence)) trouble ??= error;
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (trouble !== undefined) throw trouble;
  const [due] = await db.$queryRaw<{ at: Date | null }[]>`select vault_line_next_due() as at`;
  return { lines, nextDue: due?.at ?? null };
}

