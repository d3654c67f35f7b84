/**
 * The worker's side: claims vaults that are due over all tenants, reads them side by side, each under its lease, and has them kept
 * together. A vault that does not answer costs a slow place, never one of the fast: after a moment it is counted apart, so that
 * the others are read on.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Net } from "../vault/net.ts";
import { loadDirectory, type Directory } from "./directory.ts";
import { keepOutcomes } from "./keep.ts";
import { loadHeld, type Claimed } from "./load.ts";
import { readVault, type Held, type Outcome } from "./read.ts";
import { never } from "./schedule.ts";

type Options = { net?: Net; db?: Database; clock?: Clock; log?: Pick<Log, "error">; random?: () => number };

/** One tenant's vaults in this run: its people, and what is still to be kept of it. */
type Tenant = { mspId: string; directory: () => Promise<Directory>; waiting: Outcome[]; keeping: Promise<void> | null };

export class Reader {
  readonly #db: Database;
  readonly #net: Net | undefined;
  readonly #clock: Clock;
  readonly #log: Pick<Log, "error"> | undefined;
  readonly #random: (() => number) | undefined;
  /** Claimed and loaded, waiting for a place: a place that is free must not wait for the database. */
  #ready: Held[] = [];
  #fast = 0;
  #slow = 0;
  #unkept = 0;
  readonly #tenants = new Map<string, Tenant>();
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
      this.#tenants.clear();
    }));
  }

  /**
   * Tells the run that goes on that something may be due. @returns whether there is one: it takes up what is due, or says at its end
   * (nextDue) that something is, so a job has nothing to wait for here.
   */
  wake(): boolean {
    this.#wake();
    return this.#run !== undefined;
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
    let trouble: unknown;
    const open = () => !this.#stopping && performance.now() < until && trouble === undefined;
    while (open()) {
      this.#startReady();
      // A claim for each place that frees would be one question to the database a vault.
      const wanted = this.#unkept < limits.readsUnkept ? limits.readsAhead - this.#ready.length : 0;
      if (wanted >= limits.readsAhead / 2) {
        try {
          const claimed = await this.#claim(wanted);
          count += claimed;
          if (claimed > 0) continue;
        } catch (error) {
          trouble = error;
          break;
        }
      }
      if (this.#busy() === 0) break;
      await this.#changed();
    }
    while (this.#busy() > 0) {
      this.#startReady();
      await this.#changed();
    }
    if (trouble !== undefined) throw trouble;
    return count;
  }

  #busy(): number {
    return this.#fast + this.#slow + this.#ready.length + this.#unkept;
  }

  /** Until a place is free, something was kept, somebody asks, or something may have become due. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 250);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #claim(atMost: number): Promise<number> {
    const claimed = await this.#db.$queryRaw<Claimed[]>`select msp_id, vault_ref, lease_until, probe_due from reading_claim(${atMost}::int, ${limits.readLeaseSeconds}::int)`;
    await Promise.all([...Map.groupBy(claimed, ({ msp_id: mspId }) => mspId)].map(async ([mspId, rows]) => this.#ready.push(...(await loadHeld(mspId, rows, this.#db, this.#net)))));
    return claimed.length;
  }

  #startReady(): void {
    while (this.#ready.length > 0 && this.#fast < limits.readsAtOnce && this.#fast + this.#slow < limits.readsSlowAtOnce) void this.#one(this.#ready.shift()!);
  }

  async #one(held: Held): Promise<void> {
    const tenant = this.#tenant(held.vault.mspId);
    this.#fast += 1;
    let place: "fast" | "slow" = "fast";
    const toSlow = setTimeout(() => {
      place = "slow";
      this.#fast -= 1;
      this.#slow += 1;
      this.#wake();
    }, limits.readSlowMs);
    try {
      const outcome = await readVault(held, { directory: tenant.directory, now: () => this.#clock.now(), ...(this.#random && { random: this.#random }) });
      this.#unkept += 1;
      tenant.waiting.push(outcome);
      tenant.keeping ??= this.#keep(tenant);
    } catch (error) {
      this.#failed(error, held);
    } finally {
      clearTimeout(toSlow);
      if (place === "fast") this.#fast -= 1;
      else this.#slow -= 1;
      this.#startReady();
      if (this.#ready.length <= limits.readsAhead / 2) this.#wake();
    }
  }

  /** One vault's trouble with our own database or code: its lease runs out and it is read again. The others go on. */
  #failed(error: unknown, { vault: { vaultRef } }: Held): void {
    this.#log?.error({ err: error, vault: vaultRef }, "a vault could not be read");
  }

  #tenant(mspId: string): Tenant {
    const known = this.#tenants.get(mspId);
    if (known !== undefined) return known;
    let loading: Promise<Directory> | undefined;
    let loadedAt = 0;
    const directory = () => {
      // A run lasts a minute, and people come meanwhile: their seal must not look like a stranger's.
      if (loading === undefined || performance.now() - loadedAt > limits.directoryKeptMs) {
        loadedAt = performance.now();
        loading = read(workerFor(mspId), loadDirectory, this.#db);
      }
      return loading;
    };
    const tenant: Tenant = { mspId, waiting: [], keeping: null, directory };
    this.#tenants.set(mspId, tenant);
    return tenant;
  }

  /** Asking a vault again after its reading was kept takes a slow place; the run waits for it, the keeping of others does not. */
  async #beside(work: () => Promise<void>): Promise<void> {
    this.#slow += 1;
    try {
      await work();
    } finally {
      this.#slow -= 1;
      this.#startReady();
      this.#wake();
    }
  }

  /** One transaction at a time per tenant: what comes meanwhile is kept with the next. */
  async #keep(tenant: Tenant): Promise<void> {
    // What ends at about the same moment is kept together; nobody waits for it.
    await new Promise((resolve) => setTimeout(resolve, limits.readsKeptAfterMs));
    while (tenant.waiting.length > 0) {
      const outcomes = tenant.waiting.splice(0, limits.readsKeptAtOnce);
      await keepOutcomes(outcomes, { db: this.#db, worker: workerFor(tenant.mspId), directory: tenant.directory, later: (work) => void this.#beside(work) }, (error, { held }) => this.#failed(error, held));
      this.#unkept -= outcomes.length;
    }
    tenant.keeping = null;
    this.#wake();
  }
}
