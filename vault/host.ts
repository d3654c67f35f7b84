// Many vaults in one process (PROTOCOL 13). A handle is opened at the first request, closed when idle, and kept below a
// number, so that ten thousand vaults cost ten thousand files and little memory. Long, because opening, holding, replacing and
// closing a handle guard one another, and must be read as one.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { b64u } from "#lib/protocol/bytes.ts";
import type { Mode } from "#lib/protocol/messages.ts";
import { Challenges } from "./challenge.ts";
import { systemClock, type Clock } from "./clock.ts";
import { dropLog, keepLog, positionOf, type Position } from "./failover/log.ts";
import { following } from "./failover/standby.ts";
import { carryOutDue } from "./lease.ts";
import { IDLE_CLOSE_MS, MAX_OPEN_VAULTS, SWEEP_MS } from "./limits.ts";
import { Database, plainOpenError } from "./store/database.ts";
import { createFile, lockFolder, removeDrafts } from "./store/folder.ts";
import { exportVaultKeys, loadHostKey, newVaultKeys, openBackupKeys, openVaultKeys, type VaultKeys } from "./store/keys.ts";
import { PlainError } from "./store/plain-error.ts";
import { FORMAT } from "./store/schema.ts";
import { Vault, type Step } from "./vault.ts";

/** 4 bytes in base64url. */
export const VAULT_ID = /^[A-Za-z0-9_-]{6}$/;

export type Log = (line: Readonly<Record<string, string | number | null>>) => void;

export interface HostOptions {
  /** Folder of the vault files; made with 0700 when missing. */
  dir: string;
  /** Where the vaults are opened in a browser; a vault's URL is `<origin>/<id>`. */
  origin: string;
  rpId: string;
  /** A backup serves only backups' files, a primary only primaries' (PROTOCOL 9). */
  mode?: Mode;
  /** On a primary: keeps a log of changes for a backup that follows, or ends it; a command leaves it as it is. */
  followed?: boolean | "as it is";
  clock?: Clock;
  log?: Log;
  /** Only tests pass one: called at each named step of a change. */
  onStep?: (step: Step) => void;
  idleCloseMs?: number;
  maxOpen?: number;
}

interface Handle {
  vault: Vault;
  /** Requests that hold it. */
  pins: number;
  usedAt: number;
  /** Called when the last request lets go. */
  onIdle?: () => void;
}

/** A vault's place in its log of changes, and the hash of its last event: two histories may count alike, never hash alike. */
interface Place extends Position {
  hash: string;
}

function placeOf({ db, state }: Vault): Place {
  return { ...positionOf(db), hash: state.head.hash };
}

export class Host {
  readonly dir: string;
  readonly origin: string;
  readonly rpId: string;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly challenges: Challenges;
  readonly log: Log;
  readonly hostKey: Buffer;
  readonly #lock: DatabaseSync;
  readonly #handles = new Map<string, Handle>();
  /** Vaults whose file is being replaced: requests wait for the new one. */
  readonly #gates = new Map<string, Promise<void>>();
  /** Places of closed vaults in their logs, as long as their files look the same. */
  readonly #positions = new Map<string, { seen: string; position: Place | null }>();
  /** When the next lease of a closed vault ends; -1 = not known yet, so it is looked at in its turn. */
  readonly #due = new Map<string, number>();
  readonly #options: HostOptions;
  readonly #sweeper: NodeJS.Timeout;
  #learning: NodeJS.Timeout | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.dir = options.dir;
    this.origin = options.origin;
    this.rpId = options.rpId;
    this.mode = options.mode ?? "primary";
    this.clock = options.clock ?? systemClock;
    this.challenges = new Challenges(this.clock);
    this.log = options.log ?? (() => undefined);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    this.#lock = lockFolder(this.dir);
    removeDrafts(this.dir);
    const ids = this.ids();
    try {
      this.hostKey = loadHostKey(join(this.dir, "host.key"), ids.length === 0);
    } catch (error) {
      this.#lock.close();
      throw error;
    }
    for (const id of ids) this.#due.set(id, -1);
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS);
    this.#sweeper.unref();
    this.#learn(ids);
  }

  /** Every vault in the folder. */
  ids(): string[] {
    return readdirSync(this.dir)
      .filter((name) => name.startsWith("clavitor-") && VAULT_ID.test(name.slice(9)))
      .map((name) => name.slice(9));
  }

  /** Looks at each vault once after a start, a few at a time, to learn when its next lease ends. */
  #learn(ids: string[]): void {
    const next = ids.pop();
    if (next === undefined) return;
    if (this.#due.get(next) === -1) this.#carryOut(next);
    this.#learning = setTimeout(() => this.#learn(ids), 10);
    this.#learning.unref();
  }

  path(id: string): string {
    return join(this.dir, `clavitor-${id}`);
  }

  has(id: string): boolean {
    return VAULT_ID.test(id) && (this.#handles.has(id) || existsSync(this.path(id)));
  }

  url(id: string): string {
    return `${this.origin}/${id}`;
  }

  get openCount(): number {
    return this.#handles.size;
  }

  /** Runs `work` on the opened vault, which stays open meanwhile. Throws PlainError when the file cannot be opened. */
  async use<T>(id: string, work: (vault: Vault) => Promise<T> | T): Promise<T> {
    for (let gate = this.#gates.get(id); gate !== undefined; gate = this.#gates.get(id)) await gate;
    const handle = this.#handle(id);
    handle.pins++;
    try {
      return await work(handle.vault);
    } finally {
      handle.pins--;
      handle.usedAt = this.clock.steadyMs();
      if (handle.pins === 0) handle.onIdle?.();
    }
  }

  #handle(id: string): Handle {
    const known = this.#handles.get(id);
    if (known !== undefined) {
      // Map order is use order: the first entry is the least recently used.
      this.#handles.delete(id);
      this.#handles.set(id, known);
      known.usedAt = this.clock.steadyMs();
      return known;
    }
    const handle: Handle = { vault: this.#open(id), pins: 0, usedAt: this.clock.steadyMs() };
    this.#handles.set(id, handle);
    this.#closeSurplus(id);
    return handle;
  }

  #open(id: string): Vault {
    const path = this.path(id);
    let database: Database | undefined;
    try {
      database = new Database(path);
      const row = database.get("SELECT * FROM vault WHERE one = 1");
      if (row === undefined) throw new PlainError(`The file ${path} holds no vault. Restore it from your backup.`);
      if (row.format !== FORMAT) throw new PlainError(`The file ${path} has format ${String(row.format)}; this program reads format ${FORMAT}.`);
      if (row.vault_id !== id) throw new PlainError(`The file ${path} is the vault ${String(row.vault_id)}, not ${id}. Give it back its name.`);
      if (row.mode !== this.mode) {
        throw new PlainError(row.mode === "backup" ? `The vault ${id} is a backup here. Start with --mode backup, or --promote it.` : `The vault ${id} is a primary here; it is served again when a copy of the followed one has replaced it.`);
      }
      const keys = this.#keysOf(id, database, row.public_key as string, row.sealed_keys as Uint8Array);
      const { followed = false } = this.#options;
      if (this.mode === "primary" && followed !== "as it is") (followed ? keepLog : dropLog)(database);
      return new Vault({
        id,
        url: this.url(id),
        origin: this.origin,
        rpId: this.rpId,
        database,
        keys,
        clock: this.clock,
        challenges: this.challenges,
        onStep: this.#options.onStep,
      });
    } catch (error) {
      database?.close();
      throw error instanceof PlainError ? error : plainOpenError(path, error);
    }
  }

  #keysOf(id: string, database: Database, publicKey: string, sealed: Uint8Array): VaultKeys {
    if (this.mode === "primary") return openVaultKeys(this.hostKey, id, publicKey, sealed);
    const { backupKey, sealedBackupKeys } = following(database);
    return openBackupKeys(this.hostKey, id, publicKey, backupKey, sealedBackupKeys);
  }

  /** b64u of data key and signing seed, for a backup's copy: leaves this process only sealed under the replication secret. */
  exportKeys({ id, db }: Vault): string {
    const row = db.get("SELECT public_key, sealed_keys FROM vault WHERE one = 1")!;
    return b64u(exportVaultKeys(this.hostKey, id, row.public_key as string, row.sealed_keys as Uint8Array));
  }

  /** Where a vault's log is, or null when its file cannot be opened. Looks into a closed one only when its file changed. */
  async position(id: string): Promise<Place | null> {
    const handle = this.#handles.get(id);
    if (handle !== undefined) return placeOf(handle.vault);
    const known = this.#positions.get(id);
    if (known !== undefined && known.seen === this.#looks(id)) return known.position;
    const position = await this.use(id, placeOf).catch((error: unknown) => {
      if (error instanceof PlainError) return null;
      throw error;
    });
    const opened = this.#handles.get(id);
    if (opened !== undefined && opened.pins === 0) this.#close(id, opened);
    this.#positions.set(id, { seen: this.#looks(id), position });
    return position;
  }

  #looks(id: string): string {
    return ["", "-wal"].map((end) => statSync(this.path(id) + end, { throwIfNoEntry: false })).map((found) => `${found?.mtimeMs}/${found?.size}`).join(" ");
  }

  /** The mode of a vault's file, whatever this host's own is; null when there is none. */
  modeOf(id: string): Mode | null {
    if (this.#handles.has(id)) return this.mode;
    if (!this.has(id)) return null;
    const database = new Database(this.path(id));
    try {
      return database.get("SELECT mode FROM vault WHERE one = 1")!.mode as Mode;
    } finally {
      database.close();
    }
  }

  /** Runs `place`, which may move the vault's file, while nothing has it open; requests that come meanwhile wait. */
  async replace(id: string, place: () => void): Promise<void> {
    const gate = Promise.withResolvers<void>();
    this.#gates.set(id, gate.promise);
    try {
      const handle = this.#handles.get(id);
      if (handle !== undefined && handle.pins > 0) await new Promise<void>((resolve) => void (handle.onIdle = resolve));
      const open = this.#handles.get(id);
      if (open !== undefined) this.#close(id, open);
      place();
      this.#due.set(id, -1);
    } finally {
      this.#gates.delete(id);
      gate.resolve();
    }
    this.#carryOut(id);
  }

  #close(id: string, handle: Handle): void {
    this.#due.set(id, handle.vault.state.nextDue);
    this.#handles.delete(id);
    handle.vault.close();
  }

  #closeSurplus(asked: string): void {
    const max = this.#options.maxOpen ?? MAX_OPEN_VAULTS;
    let surplus = this.#handles.size - max;
    for (const [id, handle] of this.#handles) {
      if (surplus <= 0) return;
      if (handle.pins > 0 || id === asked) continue;
      this.#close(id, handle);
      surplus--;
    }
  }

  #carryOut(id: string): void {
    try {
      const { vault } = this.#handle(id);
      carryOutDue(vault);
      this.#due.set(id, vault.state.nextDue);
    } catch (error) {
      this.#due.set(id, Infinity);
      this.log({ event: "vault.unreadable", vault: id, message: error instanceof PlainError ? error.message : "unexpected failure" });
    }
  }

  /** Ends what is due everywhere, closed vaults included, and closes idle handles. */
  sweep(): void {
    const now = Math.floor(this.clock.wallMs() / 1000);
    for (const [id, { vault }] of this.#handles) if (vault.state.nextDue <= vault.now()) this.#carryOut(id);
    for (const [id, due] of this.#due) if (due >= 0 && due <= now && !this.#handles.has(id)) this.#carryOut(id);
    this.closeIdle(this.#options.idleCloseMs ?? IDLE_CLOSE_MS);
  }

  /** Closes handles that no request holds and that were not used for so long (milliseconds; 0 = all of them). */
  closeIdle(forMs = 0): void {
    const since = this.clock.steadyMs() - forMs;
    for (const [id, handle] of this.#handles) if (handle.pins === 0 && handle.usedAt <= since) this.#close(id, handle);
  }

  /**
   * A new vault; `fill` writes its first rows. A taken `wanted` gets a random free id (PROTOCOL 13). Answers the id.
   */
  create(wanted: string, name: string, fill: (vault: Vault) => void): string {
    const id = this.has(wanted) ? this.#freeId() : wanted;
    const { keys, sealed } = newVaultKeys(this.hostKey, id);
    createFile(this.dir, this.path(id), (database) => {
      database.run(
        "INSERT INTO vault (one, format, vault_id, name, created_at, public_key, sealed_keys, mode, epoch, epoch_revision, revision, highest_id) VALUES (1, ?, ?, ?, ?, ?, ?, 'primary', 1, 0, 0, 0)",
        FORMAT,
        id,
        name,
        Math.floor(this.clock.wallMs() / 1000),
        keys.publicKey,
        sealed,
      );
      const { origin, rpId, clock, challenges } = this;
      fill(new Vault({ id, url: this.url(id), origin, rpId, database, keys, clock, challenges }));
    });
    return id;
  }

  #freeId(): string {
    for (;;) {
      const id = b64u(randomBytes(4));
      if (!this.has(id)) return id;
    }
  }

  /** Closes every handle; the folder may then be opened by another process. */
  close(): void {
    clearInterval(this.#sweeper);
    clearTimeout(this.#learning);
    for (const [id, handle] of this.#handles) this.#close(id, handle);
    if (this.#lock.isOpen) this.#lock.close();
  }
}
