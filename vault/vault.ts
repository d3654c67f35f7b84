// One opened vault: its database, its keys, its clock, its place in the audit chain, and the lock under which changes
// run. Handles are opened and closed by the host; everything that must outlive a handle (spent challenges, the next lease
// that ends) is the host's.
import { sign } from "node:crypto";
import { CHAIN_START } from "#lib/protocol/audit.ts";
import { b64u } from "#lib/protocol/bytes.ts";
import type { Mode, Stream } from "#lib/protocol/messages.ts";
import { signedMessage, type Label, type SignedObjects } from "#lib/protocol/signed.ts";
import type { Clock } from "./clock.ts";
import type { Challenges } from "./challenge.ts";
import type { Database, Row } from "./store/database.ts";
import type { VaultKeys } from "./store/keys.ts";
import { MAX_SEALS } from "./store/seal.ts";
import { following } from "./failover/standby.ts";
import type { Certificate } from "./failover/wire.ts";
import { VerifierCache } from "./change/verifier.ts";
import { FailedSignatures } from "./change/failed-signatures.ts";

/** The names under which a test may stop the process; the production host passes no hook. */
export type Step =
  | "locked"
  | "challenge spent"
  | "verified"
  | "transaction begun"
  | "operation applied"
  | "audited"
  | "receipt stored"
  | "committed";

/** What is cached of the row `vault` and the end of the audit chain; rolled back with its transaction. */
interface State {
  name: string;
  mode: Mode;
  epoch: number;
  epochRevision: number;
  revision: number;
  highestId: number;
  syncedSeq: number;
  /** Last event of the stream this vault writes; seq 0 before the first. */
  head: { seq: number; hash: string; at: number; epoch: number };
  /** Unix second at which the next lease or claim ends; Infinity when none does. */
  nextDue: number;
  /** Unix ms of the latest event of either stream: the vault's time never runs behind it. */
  latest: number;
  /** On a backup: whom it follows, its own key and certificate, how far it is, and how many rows ended here. */
  standby: Standby | null;
}

interface Standby {
  primaryOrigin: string;
  backupKey: string;
  certificate: Certificate;
  at: number;
  ended: number;
}

export interface VaultOptions {
  id: string;
  /** Address without trailing slash, and the origin and RP id of the owner's devices. */
  url: string;
  origin: string;
  rpId: string;
  database: Database;
  keys: VaultKeys;
  clock: Clock;
  challenges: Challenges;
  onStep?: ((step: Step) => void) | undefined;
}



export class Vault {
  readonly id: string;
  readonly url: string;
  readonly origin: string;
  readonly rpId: string;
  readonly db: Database;
  readonly keys: VaultKeys;
  readonly challenges: Challenges;
  readonly clock: Clock;
  readonly verifiers = new VerifierCache();
  readonly failedSignatures = new FailedSignatures();
  /** Who was marked in which hour (PROTOCOL 9); the table behind it survives a restart. */
  readonly marked = new Map<string, number>();
  readonly step: (step: Step) => void;
  #state: State;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ id, url, origin, rpId, database, keys, clock, challenges, onStep }: VaultOptions) {
    this.id = id;
    this.url = url;
    this.origin = origin;
    this.rpId = rpId;
    this.db = database;
    this.keys = keys;
    this.clock = clock;
    this.challenges = challenges;
    this.step = onStep ?? (() => undefined);
    this.#state = this.#load();
  }

  #load(): State {
    const row = this.db.get("SELECT * FROM vault WHERE one = 1")!;
    const last: Row | undefined = this.db.get(
      "SELECT seq, hash, at, epoch FROM events WHERE stream = ? ORDER BY seq DESC LIMIT 1",
      row.mode as string,
    );
    return {
      name: row.name as string,
      mode: row.mode as Mode,
      epoch: row.epoch as number,
      epochRevision: row.epoch_revision as number,
      revision: row.revision as number,
      highestId: row.highest_id as number,
      syncedSeq: row.synced_seq as number,
      head: {
        seq: (last?.seq as number | undefined) ?? 0,
        hash: (last?.hash as string | undefined) ?? CHAIN_START,
        at: (last?.at as number | undefined) ?? 0,
        epoch: (last?.epoch as number | undefined) ?? (row.epoch as number),
      },
      nextDue: this.#readNextDue(),
      latest: Math.max(...(["primary", "backup"] as const).map((stream) => this.#lastAt(stream))),
      standby: row.mode === "backup" ? this.#readStandby() : null,
    };
  }

  #lastAt(stream: Stream): number {
    return (this.db.get("SELECT at FROM events WHERE stream = ? ORDER BY seq DESC LIMIT 1", stream)?.at as number | undefined) ?? 0;
  }

  #readStandby(): Standby {
    const { primaryOrigin, backupKey, certificate, at } = following(this.db);
    return { primaryOrigin, backupKey, certificate, at, ended: this.db.get("SELECT count(*) AS n FROM backup_ended")!.n as number };
  }

  /** Reads the cached state again, inside the transaction in which the file was changed past it. */
  reload(): void {
    this.#state = this.#load();
  }

  #readNextDue(): number {
    const due = this.db.get(
      "SELECT min(min(coalesce(expires_at, 9e15), CASE WHEN used_at IS NULL THEN coalesce(claim_by, 9e15) ELSE 9e15 END)) AS at FROM agents",
    )!.at as number | null;
    return due === null || due >= 9e15 ? Infinity : due;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  get stream(): Stream {
    return this.#state.mode;
  }

  /** Unix milliseconds, never behind the latest committed event (PROTOCOL 4, Leases): a clock set back revives nothing. */
  nowMs(): number {
    return Math.max(this.clock.wallMs(), this.#state.latest);
  }

  /** Unix seconds of {@link nowMs}. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** Changes cached state inside a transaction; a rollback undoes it. */
  update(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
  }

  /** The next revision, once per transaction that changes a row. */
  bumpRevision(): number {
    const revision = this.#state.revision + 1;
    if (this.#state.mode !== "primary") throw new Error("a backup has no revisions of its own");
    this.db.run("UPDATE vault SET revision = ? WHERE one = 1", revision);
    this.update({ revision });
    return revision;
  }

  /** One more value under the keys for entries; inside the transaction that stores it. */
  countSeal(): void {
    const used = this.db.get("UPDATE vault SET seals = seals + 1 WHERE one = 1 RETURNING seals")!.seals as number;
    if (used > MAX_SEALS) throw new Error("the keys of this vault are used up");
  }

  /** To be called inside every transaction that moved an `expires_at` or `claim_by`. */
  refreshNextDue(): void {
    this.update({ nextDue: this.#readNextDue() });
  }

  /** One transaction over file and cached state. `durable`: survives a power cut, not only the death of the process. */
  write<T>(durable: boolean, work: () => T): T {
    const before = this.#state;
    try {
      return this.db.write(durable, work);
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  /** Runs `work` after everything that asked before it: one submission at a time (PROTOCOL 7). */
  async serialised<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** b64u Ed25519 signature of this vault over a labelled object. */
  sign<L extends Label>(label: L, object: SignedObjects[L]): string {
    return b64u(sign(null, signedMessage(label, object), this.keys.signing));
  }

  close(): void {
    this.db.close();
  }
}
