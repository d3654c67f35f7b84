// What two hosts of one operator say to each other. Both hold the same secret of 32 bytes, in a file that only they can read;
// every message is sealed under it (AES-256-GCM), so that the keys and tokens' hashes that travel here are never in clear,
// with TLS or without. A stranger gets the 404 of any unknown path.
import { createHmac, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { b64u, tryB64u } from "#lib/protocol/bytes.ts";
import type { AuditEvent, Head } from "#lib/protocol/messages.ts";
import { openAtRest, sealAtRest } from "../store/seal.ts";
import { PlainError } from "../store/plain-error.ts";
import type { Change, Position, WireRow } from "./log.ts";

export const REPLICA_PATH = "/replica";
export const REPLICA_TYPE = "application/octet-stream";

/** Reads the secret that both hosts share. Throws PlainError when it is missing, short or readable by others. */
export function loadSecret(path: string): KeyObject {
  if (!existsSync(path)) throw new PlainError(`The replication secret ${path} is missing. Make it once with --new-replication-secret and copy it to the other host.`);
  if ((statSync(path).mode & 0o077) !== 0) throw new PlainError(`The replication secret ${path} can be read by others. Give it mode 0600.`);
  const secret = tryB64u(readFileSync(path, "utf8").trim(), 32);
  if (secret === null) throw new PlainError(`The replication secret ${path} is not base64url of 32 bytes.`);
  return createSecretKey(createHmac("sha256", secret).update("clavitor/replica/v1").digest());
}

/** Draws a secret into a file of mode 0600 that must not be there yet. */
export function newSecret(path: string): void {
  if (existsSync(path)) throw new PlainError(`${path} is there already.`);
  const file = openSync(path, "wx", 0o600);
  writeSync(file, `${b64u(randomBytes(32))}\n`);
  fsyncSync(file);
  closeSync(file);
}

/** A certificate of PROTOCOL 9 over `{backup_key, epoch, vault}`. */
export interface Certificate {
  epoch: number;
  signature: string;
}

export interface PullRequest {
  kind: "pull";
  vault: string;
  backup_key: string;
  /** Of that key, as the primary last gave it: a restored primary's file may not know it any more. */
  certificate: Certificate;
  /** Where the backup asks from; pages that it gathered but not applied lie between `applied` and here. */
  position: Position;
  applied: number;
  /** The revision that the backup has applied: what the primary shows as `replicated`. */
  revision: number;
  /** The backup's last event of stream `primary`: shows whether both have one history. */
  last: { seq: number; hash: string } | null;
  /** uids that the backup locked, and uses of tokens there (PROTOCOL 12; `claim_by` of 4). */
  locks: readonly string[];
  uses: readonly (readonly [uid: string, at: number])[];
  /** The backup's own stream from where the primary said it was, with the head that signs for it. */
  events: readonly (AuditEvent & { concerns: string })[];
  head: Head | null;
}

export type Request =
  | { kind: "hello" }
  | { kind: "list" }
  | PullRequest
  | { kind: "copy"; vault: string; backup_key: string }
  | { kind: "part"; transfer: string; offset: number };

/** What belongs to the vault and is no row of a table that the log watches. */
export interface VaultRow {
  name: string;
  epoch: number;
  epoch_revision: number;
  revision: number;
  highest_id: number;
  seals: number;
  /** The highest entry id ever given. */
  entry_ids: number;
}

export interface Delta {
  kind: "delta";
  n: number;
  more: boolean;
  changes: readonly Change[];
  vault: VaultRow;
  meta: readonly WireRow[] | null;
  /** The primary's own head, for readers of its stream at the backup. */
  head: Head | null;
  certificate: Certificate;
  /** The last event of stream `backup` that the primary holds. */
  backup_seq: number;
}

export type PullAnswer = Delta | { kind: "copy"; backup_seq: number } | { kind: "forked" } | { kind: "replaced" };
/** `hash`: of the last event of stream `primary`. */
export type ListAnswer = { vaults: readonly (readonly [id: string, log: string, n: number, hash: string])[] };
export interface CopyAnswer {
  transfer: string;
  size: number;
  /** b64u of data key and signing seed, to be sealed again under the backup's host key. */
  keys: string;
  certificate: Certificate;
  head: Head | null;
}

/** A request with what keeps it from being used twice; `session` null in `hello` only. */
export interface Envelope {
  nonce: string;
  session: string | null;
  counter: number;
  request: Request;
}

const REQUEST = "replica\nrequest";
const answerContext = (nonce: string): string => `replica\nanswer\n${nonce}`;

export function sealRequest(key: KeyObject, envelope: Envelope): Buffer {
  return sealAtRest(key, REQUEST, Buffer.from(JSON.stringify(envelope)));
}

/** Null for anything that was not sealed under this secret. */
export function openRequest(key: KeyObject, bytes: Uint8Array): Envelope | null {
  try {
    return JSON.parse(openAtRest(key, REQUEST, bytes).toString("utf8")) as Envelope;
  } catch {
    return null;
  }
}

/** An answer belongs to one request: it opens under that request's nonce only. */
export function sealAnswer(key: KeyObject, nonce: string, answer: Uint8Array): Buffer {
  return sealAtRest(key, answerContext(nonce), answer);
}

export function openAnswer(key: KeyObject, nonce: string, bytes: Uint8Array): Buffer {
  return openAtRest(key, answerContext(nonce), bytes);
}
