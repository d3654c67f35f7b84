/**
 * The worker's side: claims vaults that are due over all tenants, reads them side by side, each under its lease. A vault that does
 * not answer costs a slow place, never one of the fast: after a moment it is counted apart, so that the others are read on.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { observe, read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Log } from "../log.ts";
import { openVault } from "../vault/open.ts";
import type { Net } from "../vault/net.ts";
import { loadDirectory, type Directory } from "./directory.ts";
import { LostLease, readVault, type Held } from "./read.ts";
import { saveReadings, type Saved } from "./save.ts";
import { never } from "./schedule.ts";

type Claimed = { msp_id: string; vault_ref: string; lease_until: Date; probe_due: boolean };
type Options = { net?: Net; db?: Database; clock?: Clock; log?: Pick<Log, "error">; random?: () => number };
type Loaded = { held: Held[]; /** Rows that are due and have nothing to read: their connection ended. */ over: { vaultRef: string; leaseUntil: Date; dueAt: Date }[] };

/** Readings with nothing new but their age, kept together: one statement for many. */
const quietAtMost = 200;
const quietMs = 100;

export class Reader {
  readonly #db: Database;
  readonly #net: Net | undefined;
  readonly #clock: Clock;
  readonly #log: Pick<Log, "error"> | undefined;
  readonly #random: (() => number) | undefined;
  #fast = 0;
  #slow = 0;
  readonly #running = new Set<Promise<void>>();
  readonly #quiet = new Map<string, Saved[]>();
  #quietTimer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;
  #run: Promise<number> | undefined;
  #stopping = false;

  constructor({ net, db = database(), clock = systemClock, log, random }: Options = {}) {
    this.#db = db;
    this.#net = net;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
  }

  /** Reads what is due, and what becomes due meanwhile, for at most limits.readRunMs. A second call joins the first. @returns how many were read */
  run(): Promise<number> {
    this.#wake();
    return (this.#run ??= this.#readDue().finally(() => {
      this.#run = undefined;
    }));
  }

  /** Claims nothing more; what is under way is waited for. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#run;
  }

  async nextDue(): Promise<Date | null> {
    const [due] = await this.#db.$queryRaw<{ at: Date | null }[]>`select reading_next_due() as at`;
    return due?.at && due.at.getTime() < never.getTime() ? due.at : null;
  }

  async #readDue(): Promise<number> {
    const until = performance.now() + limits.readRunMs;
    let count = 0;
    try {
      while (!this.#stopping && performance.now() < until) {
        const free = Math.min(limits.readsAtOnce - this.#fast, limits.readsSlowAtOnce - this.#slow - this.#fast);
        // Not for single places: a claim for each vault that ends would be one question to the database a vault.
        const claimed = free >= limits.readsAtOnce / 4 ? await this.#claim(free) : [];
        if (claimed.length > 0) {
          count += claimed.length;
          await this.#begin(claimed);
          continue;
        }
        if (this.#running.size > 0) await this.#changed();
        else if (this.#quiet.size > 0) await this.#flush();
        else break;
      }
    } finally {
      await Promise.all(this.#running);
      await this.#flush();
    }
    return count;
  }

  #claim(free: number): Promise<Claimed[]> {
    return this.#db.$queryRaw<Claimed[]>`select msp_id, vault_ref, lease_until, probe_due from reading_claim(${free}::int, ${limits.readLeaseSeconds}::int)`;
  }

  /** Until a place is free, somebody asks, or something may have become due. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 250);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #begin(claimed: readonly Claimed[]): Promise<void> {
    const tenants = Map.groupBy(claimed, ({ msp_id: mspId }) => mspId);
    await Promise.all([...tenants].map(async ([mspId, rows]) => {
      const { held, over } = await this.#load(mspId, rows);
      let directory: Promise<Directory> | undefined;
      const load = () => (directory ??= read(workerFor(mspId), loadDirectory, this.#db));
      for (const one of held) this.#start(one, mspId, load);
      for (const one of over) this.#keep(mspId, { ...one, nextReadAt: never, patch: { next_probe_at: never.toISOString() } });
    }));
  }

  async #load(mspId: string, claimed: readonly Claimed[]): Promise<Loaded> {
    const vaults = await read(workerFor(mspId), ({ db }) => db.vault.findMany({
      where: { mspId, vaultRef: { in: claimed.map(({ vault_ref: ref }) => ref) } }, include: { reading: true, client: { select: { name: true, exitStartedAt: true } } },
    }), this.#db);
    const byRef = new Map(vaults.map((vault) => [vault.vaultRef, vault]));
    const held: Held[] = [];
    const over: Loaded["over"] = [];
    for (const { vault_ref: ref, lease_until: leaseUntil, probe_due: probeDue } of claimed) {
      const vault = byRef.get(ref);
      if (!vault?.reading) continue;
      const { reading } = vault;
      if (vault.state === "ended" || vault.state === "asking") over.push({ vaultRef: ref, leaseUntil, dueAt: reading.nextReadAt });
      else held.push({ vault: { ...vault, reading }, leaseUntil, probeDue, client: openVault(vault, this.#net) });
    }
    return { held, over };
  }

  #start(held: Held, mspId: string, directory: () => Promise<Directory>): void {
    this.#fast += 1;
    let place: "fast" | "slow" = "fast";
    const toSlow = setTimeout(() => {
      place = "slow";
      this.#fast -= 1;
      this.#slow += 1;
      this.#wake();
    }, limits.readSlowMs);
    const work = this.#one(held, mspId, directory).finally(() => {
      clearTimeout(toSlow);
      if (place === "fast") this.#fast -= 1;
      else this.#slow -= 1;
      this.#running.delete(work);
      this.#wake();
    });
    this.#running.add(work);
  }

  async #one(held: Held, mspId: string, directory: () => Promise<Directory>): Promise<void> {
    try {
      const { saved, quiet } = await readVault(held, { db: this.#db, worker: workerFor(mspId), directory, now: () => this.#clock.now(), ...(this.#random && { random: this.#random }) });
      if (quiet) this.#keep(mspId, saved);
    } catch (error) {
      // One vault's trouble with our own database or code: its lease runs out and it is read again. The others go on.
      if (!(error instanceof LostLease)) this.#log?.error({ err: error, vault: held.vault.vaultRef }, "a vault could not be read");
    }
  }

  #keep(mspId: string, saved: Saved): void {
    const waiting = this.#quiet.get(mspId) ?? [];
    waiting.push(saved);
    this.#quiet.set(mspId, waiting);
    if (waiting.length >= quietAtMost) void this.#flush();
    else this.#quietTimer ??= setTimeout(() => void this.#flush(), quietMs);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = undefined;
    const batches = [...this.#quiet];
    this.#quiet.clear();
    await Promise.all(batches.map(async ([mspId, saved]) => {
      try {
        await observe(workerFor(mspId), (tx) => saveReadings(tx, saved), this.#db);
      } catch (error) {
        this.#log?.error({ err: error }, "readings could not be kept");
      }
    }));
  }
}
