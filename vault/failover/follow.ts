// The backup's side of replication: asks the primary what changed, applies it in one transaction per vault, and tells what
// only a backup can know. Asynchronous: the primary never waits for it (PROTOCOL 9).
import type { KeyObject } from "node:crypto";
import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { fromB64u } from "#lib/protocol/bytes.ts";
import type { AuditEvent, Head } from "#lib/protocol/messages.ts";
import { eventFrom, headAt } from "../audit/read.ts";
import { setAside } from "../copy.ts";
import type { Host } from "../host.ts";
import { syncPath } from "../store/folder.ts";
import { PlainError } from "../store/plain-error.ts";
import type { Vault } from "../vault.ts";
import { storeHead } from "./heads.ts";
import { applyChanges, applyMeta, type Change } from "./log.ts";
import { backupSeed, convert, following } from "./standby.ts";
import { PrimaryLine } from "./primary-line.ts";
import type { CopyAnswer, Delta, ListAnswer, PullAnswer, PullRequest } from "./wire.ts";

/** The backup's own events and news in one request, which must stay below 1 MiB. */
const MAX_EVENTS = 300;
const MAX_NEWS = 500;
/** Rounds for one vault before the others get their turn: a busy primary always has something new. */
const MAX_ROUNDS = 200;

export interface FollowOptions {
  host: Host;
  secret: KeyObject;
  /** The primary's listening address. */
  primary: string;
  intervalMs: number;
}

export class Follower {
  readonly #host: Host;
  readonly #line: PrimaryLine;
  readonly #intervalMs: number;
  /** The last event of each vault's stream `backup` that the primary said it holds. */
  readonly #shipped = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #closing = false;
  #lastFailure = "";

  constructor({ host, secret, primary, intervalMs }: FollowOptions) {
    this.#host = host;
    this.#line = new PrimaryLine(secret, primary);
    this.#intervalMs = intervalMs;
  }

  start(): void {
    const again = (): void => {
      if (!this.#closing) this.#timer = setTimeout(() => void this.catchUp().catch(() => undefined).then(again), this.#intervalMs);
    };
    void this.catchUp().catch(() => undefined).then(again);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  /** Brings every vault to where the primary is now. Rejects when the primary cannot be asked; that is logged once. */
  async catchUp(): Promise<void> {
    this.#running ??= this.#round().finally(() => (this.#running = null));
    return this.#running;
  }

  async #round(): Promise<void> {
    try {
      const { vaults } = (await this.#line.ask({ kind: "list" })) as ListAnswer;
      for (const [id, log, n, hash] of vaults) {
        if (this.#closing) return;
        if (await this.#isBehind(id, { log, n, hash })) await this.#catchUpVault(id);
      }
      if (this.#lastFailure !== "") this.#host.log({ event: "primary.reached" });
      this.#lastFailure = "";
    } catch (error) {
      const message = error instanceof Error ? error.message : "unexpected failure";
      if (message !== this.#lastFailure) this.#host.log({ event: "primary.unreachable", message });
      this.#lastFailure = message;
      throw error;
    }
  }

  async #isBehind(id: string, primary: { log: string; n: number; hash: string }): Promise<boolean> {
    if (this.#host.modeOf(id) !== "backup" || !this.#shipped.has(id)) return true;
    return this.#host.use(id, (vault) => {
      const { position } = following(vault.db);
      const same = position.log === primary.log && position.n === primary.n && lastOf(vault)?.hash === primary.hash;
      return !same || vault.state.head.seq > this.#shipped.get(id)! || news(vault).some((list) => list.length > 0);
    });
  }

  async #catchUpVault(id: string): Promise<void> {
    if (this.#host.modeOf(id) !== "backup") return this.#copy(id);
    let gathered: Change[] = [];
    let next: number | null = null;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const asked: PullRequest = await this.#host.use(id, (vault) => pullRequest(vault, next, this.#shipped.get(id) ?? null));
      const answer = (await this.#line.ask(asked)) as PullAnswer;
      if (answer.kind === "forked" || answer.kind === "replaced") {
        this.#host.log({ event: `backup.${answer.kind}`, vault: id, message: answer.kind === "forked" ? "The primary's history is not the one that was copied here. Nothing is taken from it." : "Another backup follows this vault now." });
        return;
      }
      const advanced = this.#shipped.get(id) !== answer.backup_seq;
      this.#shipped.set(id, answer.backup_seq);
      if (answer.kind === "copy") {
        // What only this file knows goes first; then it is replaced.
        const rest = await this.#host.use(id, ({ state }) => state.head.seq > answer.backup_seq);
        if (!rest || !advanced) return this.#copy(id);
        continue;
      }
      gathered = [...gathered, ...answer.changes];
      next = answer.n;
      if (answer.more) continue;
      const whole = gathered;
      const applied = await this.#host.use(id, (vault) => apply(vault, answer, whole, asked));
      if (applied === "copy") return this.#copy(id);
      gathered = [];
      next = null;
      if (applied === "nothing" && (await this.#host.use(id, ({ state }) => state.head.seq <= answer.backup_seq))) return;
    }
  }

  /** A whole copy, put in place of whatever stands there. A file with something of its own is kept aside. */
  async #copy(id: string): Promise<void> {
    const host = this.#host;
    const mode = host.modeOf(id);
    const path = host.path(id);
    const { seed, backupKey } = backupSeed(host.hostKey, id, mode === "backup" ? path : null);
    const answer = (await this.#line.ask({ kind: "copy", vault: id, backup_key: backupKey })) as CopyAnswer | { kind: "forked" };
    if ("kind" in answer) return;
    const draft = join(host.dir, `.new-copy-${id}`);
    try {
      await this.#fetch(answer, draft);
      const { keys, certificate, head } = answer;
      const origin = this.#line.origin;
      const publicKey = convert(draft, { vaultId: id, hostKey: host.hostKey, keys: fromB64u(keys, 64), seed, backupKey, primaryOrigin: origin, certificate, head, now: Math.floor(host.clock.wallMs() / 1000) });
      const aside: string[] = [];
      await host.replace(id, () => {
        if (existsSync(path)) aside.push(setAside(path));
        renameSync(draft, path);
        syncPath(host.dir);
      });
      this.#shipped.delete(id);
      host.log({ event: "backup.copied", vault: id, public_key: publicKey, kept_aside: aside.map((kept) => basename(kept)).join() });
    } finally {
      for (const end of ["", "-wal", "-shm"]) rmSync(draft + end, { force: true });
    }
    // The next request tells the primary that the copy arrived.
    return this.#catchUpVault(id);
  }

  async #fetch({ transfer, size }: CopyAnswer, draft: string): Promise<void> {
    for (const end of ["", "-wal", "-shm"]) rmSync(draft + end, { force: true });
    const file = openSync(draft, "wx", 0o600);
    try {
      for (let offset = 0; offset < size; ) {
        const part = await this.#line.askBytes({ kind: "part", transfer, offset });
        if (part.length === 0) throw new PlainError("The copy ended early.");
        writeSync(file, part);
        offset += part.length;
      }
    } finally {
      closeSync(file);
    }
    chmodSync(draft, 0o600);
    syncPath(draft);
  }
}

/** Locks and uses of tokens that the primary was not told yet. */
function news({ db }: Vault): [locks: string[], uses: [string, number][]] {
  return [
    db.all("SELECT uid FROM backup_locks ORDER BY uid LIMIT ?", MAX_NEWS).map(({ uid }) => uid as string),
    db.all("SELECT uid, at FROM backup_uses ORDER BY uid LIMIT ?", MAX_NEWS).map(({ uid, at }) => [uid as string, at as number]),
  ];
}

/** `next`: where the pages gathered so far end; null = nothing gathered. `shipped`: null = not known yet. */
function pullRequest(vault: Vault, next: number | null, shipped: number | null): PullRequest {
  const { db, state } = vault;
  const { position, backupKey, certificate } = following(db);
  const [locks, uses] = news(vault);
  const { events, head } = next === null && shipped !== null ? ownEvents(vault, shipped) : { events: [], head: null };
  return {
    kind: "pull",
    vault: vault.id,
    backup_key: backupKey,
    certificate,
    position: { log: position.log, n: next ?? position.n },
    applied: position.n,
    revision: state.revision,
    last: lastOf(vault),
    locks,
    uses,
    events,
    head,
  };
}

/** The last event of the primary's stream here. */
function lastOf({ db }: Vault): PullRequest["last"] {
  const last = db.get("SELECT seq, hash FROM events WHERE stream = 'primary' ORDER BY seq DESC LIMIT 1");
  return last === undefined ? null : { seq: last.seq as number, hash: last.hash as string };
}

function ownEvents(vault: Vault, after: number): { events: (AuditEvent & { concerns: string })[]; head: Head | null } {
  const rows = vault.db.all("SELECT * FROM events WHERE stream = 'backup' AND seq > ? ORDER BY seq LIMIT ?", after, MAX_EVENTS);
  const events = rows.map((row) => Object.assign(eventFrom(row, true), { concerns: row.concerns as string }));
  const end = events.at(-1);
  return { events, head: end === undefined ? null : headAt(vault, end) };
}

/**
 * Makes the file what the primary's was, in one transaction. `copy`: a row that ended here by its lease lives on at the
 * primary, so what hung on it must come back whole.
 */
function apply(vault: Vault, delta: Delta, changes: readonly Change[], asked: PullRequest): "applied" | "nothing" | "copy" {
  const { db } = vault;
  const told = asked.locks.length + asked.uses.length > 0;
  if (changes.length === 0 && !told && delta.n === asked.applied) return "nothing";
  return vault.write(true, () => {
    const ended = new Set(db.all("SELECT uid FROM backup_ended").map(({ uid }) => uid));
    if (changes.some(({ table, row }) => table === "agents" && row !== null && ended.has(row["uid"] as string))) return "copy";
    applyChanges(db, changes);
    const { name, epoch, epoch_revision, revision, highest_id, seals, entry_ids } = delta.vault;
    db.run(
      "UPDATE vault SET name = ?, epoch = ?, epoch_revision = ?, revision = ?, highest_id = ?, seals = ? WHERE one = 1",
      name, epoch, epoch_revision, revision, highest_id, seals,
    ); // prettier-ignore
    db.run("UPDATE sqlite_sequence SET seq = ? WHERE name = 'entries'", entry_ids);
    applyMeta(db, delta.meta);
    if (delta.head !== null) storeHead(db, delta.head);
    for (const uid of asked.locks) db.run("DELETE FROM backup_locks WHERE uid = ?", uid);
    for (const [uid, at] of asked.uses) db.run("DELETE FROM backup_uses WHERE uid = ? AND at <= ?", uid, at);
    // What happened here since it was told still holds here.
    db.run("UPDATE agents SET locked = 1 WHERE uid IN (SELECT uid FROM backup_locks)");
    db.run("UPDATE agents SET used_at = u.at FROM backup_uses u WHERE u.uid = agents.uid AND coalesce(agents.used_at, 0) < u.at");
    const { certificate, n } = delta;
    db.run("UPDATE following SET n = ?, at = ?, certificate_epoch = ?, certificate = ?", n, vault.now(), certificate.epoch, certificate.signature);
    vault.reload();
    return "applied";
  });
}
