// The primary's side of replication: answers what a backup asks for, takes what only the backup can know, and certifies
// the backup's key (PROTOCOL 9).
import { randomBytes, verify, createPublicKey, type KeyObject } from "node:crypto";
import { openSync, readSync, closeSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { headMessage, verifyChain } from "#lib/protocol/audit.ts";
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import type { Head } from "#lib/protocol/messages.ts";
import { signedMessage } from "#lib/protocol/signed.ts";
import { settle, signedHead } from "../audit/read.ts";
import { record } from "../audit/write.ts";
import { copyFile } from "../copy.ts";
import type { Host } from "../host.ts";
import { noteUse } from "../read/authenticate.ts";
import { agentFrom } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { storeHead } from "./heads.ts";
import { changesAfter, metaRows, positionOf, trimLog } from "./log.ts";
import { openRequest, sealAnswer, type Certificate, type CopyAnswer, type Envelope, type ListAnswer, type PullAnswer, type PullRequest, type VaultRow } from "./wire.ts";

const MAX_SESSIONS = 8;
const MAX_TRANSFERS = 4;
export const PART_BYTES = 4 * 1_048_576;

interface Transfer {
  path: string;
  size: number;
}

export class ReplicaDoor {
  readonly #host: Host;
  readonly #secret: KeyObject;
  /** Session -> last counter. A recorded request names a counter that was used, and does nothing. */
  readonly #sessions = new Map<string, number>();
  readonly #transfers = new Map<string, Transfer>();

  constructor(host: Host, secret: KeyObject) {
    this.#host = host;
    this.#secret = secret;
  }

  /** The sealed answer; null for a stranger and for a request that was sent before. */
  async answer(body: Uint8Array): Promise<Buffer | null> {
    const envelope = openRequest(this.#secret, body);
    if (envelope === null || !this.#isFresh(envelope)) return null;
    const answer = await this.#judge(envelope);
    const bytes = answer instanceof Uint8Array ? answer : Buffer.from(JSON.stringify(answer));
    return sealAnswer(this.#secret, envelope.nonce, bytes);
  }

  #isFresh({ session, counter, request }: Envelope): boolean {
    if (request.kind === "hello") return true;
    const last = session === null ? undefined : this.#sessions.get(session);
    if (last === undefined || counter <= last) return false;
    this.#sessions.set(session!, counter);
    return true;
  }

  async #judge({ request }: Envelope): Promise<object> {
    switch (request.kind) {
      case "hello":
        return this.#hello();
      case "list":
        return this.#list();
      case "pull":
        return this.#host.has(request.vault) ? this.#host.use(request.vault, (vault) => pull(vault, request)) : { kind: "forked" };
      case "copy":
        return this.#copy(request.vault, request.backup_key);
      case "part":
        return this.#part(request.transfer, request.offset);
    }
  }

  #hello(): { session: string; origin: string } {
    const session = b64u(randomBytes(16));
    this.#sessions.set(session, 0);
    for (const old of this.#sessions.keys()) if (this.#sessions.size > MAX_SESSIONS) this.#sessions.delete(old);
    return { session, origin: this.#host.origin };
  }

  async #list(): Promise<ListAnswer> {
    const vaults: [string, string, number, string][] = [];
    for (const id of this.#host.ids()) {
      const position = await this.#host.position(id);
      if (position !== null) vaults.push([id, position.log, position.n, position.hash]);
    }
    return { vaults };
  }

  /** A consistent copy is made once and read in parts; the last few stay until the next ones, or the end of the process. */
  async #copy(id: string, backupKey: string): Promise<CopyAnswer | { kind: "forked" }> {
    if (!this.#host.has(id)) return { kind: "forked" };
    const transfer = b64u(randomBytes(16));
    const path = join(this.#host.dir, `.new-transfer-${transfer}`);
    const answer = await this.#host.use(id, async (vault) => {
      vault.write(true, () => vault.db.run("UPDATE replica SET backup_key = ?, revision = NULL, at = NULL WHERE one = 1", backupKey));
      settle(vault);
      const head = signedHead(vault);
      await copyFile(this.#host.path(id), path);
      return { transfer, size: statSync(path).size, keys: this.#host.exportKeys(vault), certificate: certify(vault, backupKey), head };
    });
    this.#transfers.set(transfer, { path, size: answer.size });
    for (const [old, { path: oldPath }] of this.#transfers) {
      if (this.#transfers.size <= MAX_TRANSFERS) break;
      rmSync(oldPath, { force: true });
      this.#transfers.delete(old);
    }
    return answer;
  }

  #part(transfer: string, offset: number): Buffer {
    const found = this.#transfers.get(transfer);
    if (found === undefined) return Buffer.alloc(0);
    const part = Buffer.alloc(Math.max(0, Math.min(PART_BYTES, found.size - offset)));
    const file = openSync(found.path, "r");
    try {
      const read = readSync(file, part, 0, part.length, offset);
      if (offset + read >= found.size) {
        rmSync(found.path, { force: true });
        this.#transfers.delete(transfer);
      }
      return part.subarray(0, read);
    } finally {
      closeSync(file);
    }
  }

  close(): void {
    for (const { path } of this.#transfers.values()) rmSync(path, { force: true });
    this.#transfers.clear();
  }
}

function certify(vault: Vault, backupKey: string): Certificate {
  const { epoch } = vault.state;
  return { epoch, signature: vault.sign("backup-key", { backup_key: backupKey, epoch, vault: vault.id }) };
}

function vaultRow({ db }: Vault): VaultRow {
  const row = db.get("SELECT name, epoch, epoch_revision, revision, highest_id, seals FROM vault WHERE one = 1")!;
  const entries = db.get("SELECT seq FROM sqlite_sequence WHERE name = 'entries'")?.seq as number | undefined;
  return { ...(row as unknown as Omit<VaultRow, "entry_ids">), entry_ids: entries ?? 0 };
}

/** Whether the backup's last event is one of this vault's: else one of the two went back without saying so. */
function isShared({ db }: Vault, last: PullRequest["last"]): boolean {
  if (last === null) return true;
  return db.get("SELECT hash FROM events WHERE stream = 'primary' AND seq = ?", last.seq)?.hash === last.hash;
}

function pull(vault: Vault, request: PullRequest): PullAnswer {
  const { db } = vault;
  const { log, n } = positionOf(db);
  const known = db.get("SELECT backup_key FROM replica")!.backup_key as string | null;
  if (known === null && isCertified(vault, request)) vault.write(true, () => db.run("UPDATE replica SET backup_key = ?", request.backup_key));
  else if (known !== request.backup_key) return { kind: "replaced" };
  if (request.position.log === log && (request.position.n > n || !isShared(vault, request.last))) return { kind: "forked" };
  takeIn(vault, request);
  const changes = changesAfter(db, request.position);
  if (changes === null) return { kind: "copy", backup_seq: backupSeq(vault) };
  settle(vault);
  return {
    kind: "delta",
    ...changes,
    vault: vaultRow(vault),
    meta: metaRows(db),
    head: signedHead(vault),
    certificate: certify(vault, request.backup_key),
    backup_seq: backupSeq(vault),
  };
}

function backupSeq({ db }: Vault): number {
  return (db.get("SELECT max(seq) AS seq FROM events WHERE stream = 'backup'")!.seq as number | null) ?? 0;
}

/** What only the backup can know, in one transaction: how far it is, whom it locked, which tokens were used, its events. */
function takeIn(vault: Vault, request: PullRequest): void {
  const { db } = vault;
  const known = db.get("SELECT revision FROM replica")!.revision as number | null;
  const same = request.position.log === positionOf(db).log;
  const advanced = same && known !== request.revision;
  const { locks, uses, events } = request;
  if (!advanced && locks.length + uses.length + events.length === 0) {
    if (same) trim(vault, request.applied);
    return;
  }
  vault.write(true, () => {
    if (advanced) db.run("UPDATE replica SET revision = ?, at = ?", request.revision, vault.now());
    if (same) trimLog(db, request.applied);
    for (const [uid, at] of uses) {
      const row = db.get("SELECT * FROM agents WHERE uid = ?", uid);
      if (row !== undefined) noteUse(vault, agentFrom(row), at);
    }
    for (const uid of locks) lock(vault, uid);
    takeEvents(vault, request);
  });
}

function trim(vault: Vault, n: number): void {
  if (vault.db.get("SELECT 1 FROM replica_log WHERE n <= ? LIMIT 1", n) !== undefined) vault.write(false, () => trimLog(vault.db, n));
}

/** A lock at the backup is a lock: only an owner takes it off, and owners change the primary. */
function lock(vault: Vault, uid: string): void {
  const row = vault.db.get("SELECT * FROM agents WHERE uid = ? AND locked = 0", uid);
  if (row === undefined) return;
  const agent = agentFrom(row);
  vault.db.run("UPDATE agents SET locked = 1, revision = ? WHERE uid = ?", vault.bumpRevision(), uid);
  record(vault, { actor: "system", action: "agent.lock", target: { kind: "agent", id: uid }, reason: "backup", ip: null, rows: [agent] });
}

/** The backup's stream, kept beside the own one: only what continues it and is signed by the certified key. */
function takeEvents(vault: Vault, { backup_key: key, events: sent, head }: PullRequest): void {
  if (sent.length === 0 || head === null) return;
  const events = sent.map(({ concerns: _, ...event }) => event);
  const { db } = vault;
  const last = db.get("SELECT epoch, seq, hash FROM events WHERE stream = 'backup' ORDER BY seq DESC LIMIT 1");
  const from = last === undefined ? null : { epoch: last.epoch as number, seq: last.seq as number, hash: last.hash as string };
  const chain = verifyChain(events, from, { stream: "backup", firstSeq: from === null ? events[0]!.seq : 1 });
  const end = events.at(-1)!;
  const fits = chain.ok && head.seq === end.seq && head.hash === end.hash && head.stream === "backup" && isHeadOf(head, vault.id, key);
  if (!fits) throw new Error("the backup's events do not continue its stream");
  for (const { actor, detail, concerns, ...event } of sent) {
    db.run(
      "INSERT INTO events (stream, seq, epoch, at, actor_kind, actor_id, action, outcome, detail_hash, prev, hash, detail, concerns) VALUES ('backup', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      event.seq, event.epoch, event.at, actor.kind, actor.agent_id, event.action, event.outcome, event.detail_hash, event.prev, event.hash,
      detail === null ? null : JSON.stringify(detail), concerns,
    ); // prettier-ignore
  }
  storeHead(db, head);
}

/** After a restore the file may not know its backup any more; its own signature of before says who that is. */
function isCertified({ id, keys }: Vault, { backup_key, certificate: { epoch, signature } }: PullRequest): boolean {
  return isSigned(signedMessage("backup-key", { backup_key, epoch, vault: id }), signature, keys.publicKey);
}

function isHeadOf(head: Head, vault: string, key: string): boolean {
  return isSigned(signedMessage("head", headMessage(head, vault)), head.signature, key);
}

function isSigned(message: Uint8Array, signature: string, key: string): boolean {
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key }, format: "jwk" });
  return verify(null, message, publicKey, fromB64u(signature, 64));
}
