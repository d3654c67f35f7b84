/**
 * The worker's side: claims vaults whose log is due over all tenants and pulls them side by side, each under its lease. What one of
 * them does costs the others a place at most.
 */
import type { AuditPull, AuditStream, Client, Vault } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { observe, read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { readPause } from "../known/pause.ts";
import { never } from "../known/schedule.ts";
import { limits } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { isSkewed, timeText } from "./chain.ts";
import { pullVault, type Pulled, type PullState } from "./pull.ts";
import { Places } from "./places.ts";
import { checkReceipts } from "./receipts.ts";
import { saveFindings, type Kept } from "./store.ts";
import { loadWho, rememberRows } from "./who.ts";

type Options = { net?: Net; db?: Database; clock?: Clock; log?: Pick<Log, "error">; random?: () => number };
type Claimed = { msp_id: string; vault_ref: string; lease_until: Date };
type Due = Pick<Vault, "mspId" | "vaultRef" | "state" | "address" | "vaultId" | "publicKey" | "backupKey" | "agentId" | "sealedToken" | "clientId"> & { client: Pick<Client, "name">; auditPull: AuditPull | null; auditStreams: AuditStream[]; reading: { features: string[] } | null };

/** A turn that ended without asking. */
const unasked = (state: PullState | "ended", words: string | null) => ({ state, words, retryAfter: null, events: 0, skewMs: null, backupKey: null });

export class Puller {
  readonly #db: Database;
  readonly #net: Net | undefined;
  readonly #clock: Clock;
  readonly #log: Pick<Log, "error"> | undefined;
  readonly #random: (() => number) | undefined;
  readonly #busy = new Set<Promise<void>>();
  /** Pages are stored a few at a time: a connection each for all that are pulled would leave none for anybody else. */
  readonly #storing = new Places(limits.auditStoresAtOnce);
  #asked = false;
  #wake: () => void = () => undefined;
  #stopping = false;
  #run: Promise<number> | undefined;

  constructor({ net, db = database(), clock = systemClock, log, random }: Options = {}) {
    this.#db = db;
    this.#net = net;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
  }

  /** Pulls what is due, and what becomes due meanwhile, for at most limits.auditRunMs. A second call joins the first. @returns how many turns were taken */
  run(): Promise<number> {
    return (this.#run ??= this.#pullDue().finally(() => (this.#run = undefined)));
  }

  /**
   * Tells the run that goes on that something may be due. @returns whether there is one: it takes up what is due, or says at its end
   * (nextDue) that something is, so a job has nothing to wait for here.
   */
  wake(): boolean {
    this.#asked = true;
    this.#wake();
    return this.#run !== undefined;
  }

  /** Claims nothing more; what is under way is waited for. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#run;
  }

  async nextDue(): Promise<Date | null> {
    const [due] = await this.#db.$queryRaw<{ at: Date | null }[]>`select audit_pull_next_due() as at`;
    return due?.at && due.at.getTime() < never.getTime() ? due.at : null;
  }

  async #pullDue(): Promise<number> {
    await this.#db.$queryRaw`select audit_pull_begin()`;
    const until = performance.now() + limits.auditRunMs;
    let count = 0;
    try {
      while (!this.#stopping && performance.now() < until) {
        this.#asked = false;
        const free = limits.auditPullsAtOnce - this.#busy.size;
        const claimed = free === 0 ? [] : await this.#db.$queryRaw<Claimed[]>`select msp_id, vault_ref, lease_until from audit_pull_claim(${free}::int, ${limits.auditLeaseSeconds}::int)`;
        count += claimed.length;
        for (const one of claimed) {
          const turn: Promise<void> = this.#turn(one).finally(() => this.#busy.delete(turn));
          this.#busy.add(turn);
        }
        if (this.#busy.size === 0) break;
        // Until a turn ends or somebody asks: what is due meanwhile does not wait for the slowest.
        if (claimed.length === 0 && !this.#asked) await Promise.race([...this.#busy, new Promise<void>((resolve) => (this.#wake = resolve))]);
      }
    } finally {
      await Promise.all(this.#busy);
    }
    return count;
  }

  /** One vault's trouble with our own database or code: it is taken up again. The others go on. */
  async #turn({ msp_id: mspId, vault_ref: vaultRef, lease_until: leaseUntil }: Claimed): Promise<void> {
    try {
      const due = await this.#load(mspId, vaultRef);
      if (due !== null) await this.#save(due, leaseUntil, await this.#pull(due));
    } catch (error) {
      this.#log?.error({ err: error, vault: vaultRef }, "a vault's log could not be pulled");
      await this.#release(mspId, vaultRef, leaseUntil);
    }
  }

  /** Taken up again soon, if our own trouble lets that be written; else when the lease has run out. */
  async #release(mspId: string, vaultRef: string, leaseUntil: Date): Promise<void> {
    const again = new Date(this.#clock.now().getTime() + limits.readAgainSeconds * 1_000);
    await observe(workerFor(mspId), (tx) => tx.db.$executeRaw`update audit_pull set lease_until = null, next_at = ${again} where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and lease_until = ${leaseUntil}::timestamptz`, this.#db).catch(() => undefined);
  }

  #load(mspId: string, vaultRef: string): Promise<Due | null> {
    return read(workerFor(mspId), (tx) => tx.db.vault.findUnique({
      where: { mspId_vaultRef: { mspId, vaultRef } },
      select: {
        mspId: true, vaultRef: true, state: true, address: true, vaultId: true, publicKey: true, backupKey: true, agentId: true, sealedToken: true, clientId: true,
        client: { select: { name: true } }, auditPull: true, auditStreams: true, reading: { select: { features: true } },
      },
    }), this.#db);
  }

  async #pull(due: Due): Promise<Pulled | ReturnType<typeof unasked>> {
    const { state, publicKey, auditStreams: streams, auditPull, backupKey, reading } = due;
    if (state === "ended" || state === "asking" || publicKey === null) return unasked("ended", null);
    if (reading !== null && reading.features.length > 0 && !reading.features.includes("audit")) return unasked("withheld", "This vault keeps no log that could be read.");
    const kept = keptOf(due);
    const findings = await read(workerFor(due.mspId), (tx) => tx.db.auditFinding.count({ where: { mspId: due.mspId, vaultRef: due.vaultRef } }), this.#db);
    if (findings >= limits.auditFindingsPerVault) return unasked("broken", `So much is wrong with its log (${findings} findings) that it is not followed further.`);
    await rememberRows(due, this.#db);
    const who = await loadWho(due, this.#db);
    const backupKeys = [...new Set([auditPull?.backupKey, backupKey].filter((key) => key != null))];
    const pulled = await pullVault({ kept, client: openVault(due, this.#net), streams, backupKeys, who }, { db: this.#db, clock: this.#clock, storing: this.#storing });
    await checkReceipts(kept, this.#db);
    return pulled;
  }

  async #save(due: Due, leaseUntil: Date, pulled: Pulled | ReturnType<typeof unasked>): Promise<void> {
    const { mspId, vaultRef, auditPull: before } = due;
    const { state, words, retryAfter, skewMs, backupKey } = pulled;
    const failures = state === "silent" ? (before?.failures ?? 0) + 1 : 0;
    const calm = state === "broken" || state === "withheld" || due.state === "stopped";
    const at = this.#clock.now();
    const seconds = state === "behind" ? 0 : readPause({ failures, retryAfter, stopped: calm }, this.#random);
    const next = state === "ended" ? never : new Date(at.getTime() + seconds * 1_000);
    await observe(workerFor(mspId), async (tx) => {
      // Under another lease, somebody else knows more by now.
      const saved = await tx.db.$executeRaw`
        update audit_pull set state = ${state}, words = ${words}, backup_key = coalesce(${backupKey}, backup_key), skew_ms = coalesce(${skewMs}::bigint, skew_ms), failures = ${failures},
               pulled_at = case when ${skewMs !== null && state !== "silent"} then ${at}::timestamptz else pulled_at end, next_at = ${next}::timestamptz, lease_until = null
         where msp_id = ${mspId}::uuid and vault_ref = ${vaultRef}::uuid and lease_until = ${leaseUntil}::timestamptz`;
      if (saved === 0 || skewMs === null || !isSkewed(skewMs) || isSkewed(Number(before?.skewMs ?? 0))) return;
      const row = await tx.db.auditStream.findUnique({ where: { mspId_vaultRef_stream: { mspId, vaultRef, stream: "primary" } } });
      const [epoch, seq] = [row?.epoch ?? 0, Number(row?.seq ?? 0)];
      await saveFindings(tx, keptOf(due), [{
        kind: "clock", stream: "primary", branch: row?.branch ?? 0, epoch, seq, seqTo: seq, expected: at.toISOString(), found: timeText(at.getTime() + skewMs),
        words: `Its clock is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? "ahead of" : "behind"} ours.`, evidence: null, beforeAt: row?.at ?? null, afterAt: null,
      }]);
    }, this.#db);
  }
}

const keptOf = ({ mspId, vaultRef, clientId, client, publicKey }: Due): Kept => ({ mspId, vaultRef, clientId, clientName: client.name, vaultKey: publicKey ?? "" });
