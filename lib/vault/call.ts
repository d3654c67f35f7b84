/** One call to one vault: a nonce goes out, and what comes back counts only under the pinned key (PROTOCOL 1). */
import { BACKUP_KEY_HEADER, verifyBackupKey } from "../protocol/backup-key.ts";
import { b64u, randomBytes, tryText } from "../protocol/bytes.ts";
import { isRecord, run, type Check } from "../protocol/check.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Answer } from "../protocol/messages.ts";
import { ANSWER_HEADER, decodeAnswer, importVaultKey, NONCE_HEADER, verifyAnswer, type AnswerContext } from "../protocol/signed.ts";
import { limits } from "../limits.ts";
import { judgeAddress } from "./address.ts";
import type { Net } from "./net.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import { refusal, unknown, type Result, type Unknown } from "./result.ts";
import { troubleOf } from "./trouble.ts";

/** What is needed to speak as our row to one vault. `token` null: our own token could not be opened. */
export type Access = { url: string; vaultId: string; publicKey: string; agentId: number; token: string | null };

export type Asked<T> = {
  method: "GET" | "POST";
  /** Below the vault's address, with its query. */
  path: string;
  check: Check<T>;
  body?: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  nonce?: string;
  /** The longest `Retry-After` that is honoured, seconds. */
  patience?: number;
  /** For `/vault`, which names its key: tells another key from a changed answer. */
  namesItsKey?: boolean;
};

/** An answer as it came and what it answers: for the signing page, which verifies it again by itself. */
export type Raw = { body: Uint8Array; answer: string; backupKey: string | null; status: number; method: string; target: string; nonce: string };

export type Called<T> = { result: Result<T>; raw: Raw | null };

type Heads = Readonly<Record<string, string | string[] | undefined>>;
/** One value or none: a header that stands twice is none of the protocol's. */
const one = (headers: Heads, name: string): string | undefined => {
  const value = headers[name.toLowerCase()];
  return typeof value === "string" ? value : undefined;
};

/** 16 fresh bytes for a nonce; drawn for many at once, since asking the system for each costs more than the rest of a request's head. */
let drawn = randomBytes(0);
function freshNonce(): string {
  if (drawn.length === 0) drawn = randomBytes(4_096);
  const nonce = b64u(drawn.subarray(0, 16));
  drawn = drawn.subarray(16);
  return nonce;
}

/** Judging and parsing a key each time would cost more than the signature itself; keys are few and public. */
const keys = new Map<string, CryptoKey | null>();
async function keyOf(publicKey: string): Promise<CryptoKey | null> {
  const known = keys.get(publicKey);
  if (known !== undefined) return known;
  if (keys.size >= limits.vaultKeysHeld) keys.clear();
  const key = await importVaultKey(publicKey);
  keys.set(publicKey, key);
  return key;
}

/** The answer when it is the vault's: as primary under the pinned key, as backup under the key that this one certified (PROTOCOL 9). */
async function proven(header: string, certificate: string | undefined, context: AnswerContext, publicKey: string): Promise<Answer | null> {
  const answer = decodeAnswer(header);
  const key = await keyOf(publicKey);
  if (answer === null || key === null) return null;
  if (answer.mode === "primary") return verifyAnswer(header, context, key);
  const backupKey = await verifyBackupKey(certificate, { vault: context.vault, epoch: answer.epoch }, key);
  return backupKey === null ? null : verifyAnswer(header, context, backupKey);
}

function parsed(body: Uint8Array): unknown {
  const text = tryText(body);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether the answer is whole and true under a key that it names itself, which is not the pinned one. */
async function isOfAnotherKey(value: unknown, header: string, context: AnswerContext, pinned: string): Promise<boolean> {
  const named = isRecord(value) ? value["public_key"] : undefined;
  return typeof named === "string" && named !== pinned && (await verifyAnswer(header, context, named)) !== null;
}

type Came = { status: number; headers: Heads; body: Uint8Array };

type Sent = Pick<Asked<unknown>, "method" | "path" | "body" | "headers">;

async function send(net: Net, { url, token }: { url: string; token: string }, { method, path, body, headers }: Sent, nonce: string): Promise<Came | Unknown> {
  const origin = new URL(url).origin;
  const signal = AbortSignal.timeout(net.callMs);
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await net.agent.request({
        origin, path: url.slice(origin.length) + path, method, signal,
        headers: { ...headers, accept: "application/json", authorization: `Bearer ${token}`, [NONCE_HEADER]: nonce },
        ...(body !== undefined && { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }),
      });
      return { status: answer.statusCode, headers: answer.headers, body: new Uint8Array(await answer.body.arrayBuffer()) };
    } catch (error) {
      const trouble = troubleOf(error);
      // A kept connection may be closed at the moment it is used again. A read is asked once more (RFC 9110 9.2.2); a change
      // never is from here: who sent it knows what asking again means.
      if (trouble !== "broken" || method !== "GET" || attempt === 2) return unknown(trouble);
    }
  }
}

/** Calls once. Never rejects for anything that a vault, a network or an address does. */
export async function call<T>(net: Net, access: Access, asked: Asked<T>): Promise<Called<T>> {
  const nothing = (result: Unknown): Called<T> => ({ result, raw: null });
  const { vaultId, publicKey, agentId, token } = access;
  // Judged at each call: what an operator allows may have changed since the address was taken.
  const address = judgeAddress(access.url, net.rules);
  if (!address.ok || address.url !== access.url) return nothing(unknown("address"));
  if (token === null) return nothing(unknown("sealed"));
  const { method, path, check, nonce = freshNonce(), patience = limits.vaultPatienceSeconds } = asked;
  const came = await send(net, { url: access.url, token }, asked, nonce);
  if ("kind" in came) return nothing(came);
  const { status, headers, body } = came;
  const retryAfter = retryAfterSeconds(one(headers, "retry-after"), patience, Date.now());
  if (status >= 300 && status < 400 && status !== 304) return nothing(unknown("redirected"));
  const header = one(headers, ANSWER_HEADER);
  // Somebody before the vault may ask for time too (a load balancer's 503); it is granted, within our own pauses.
  if (header === undefined) return nothing(unknown("unsigned", { retryAfter: retryAfter === null ? null : Math.min(retryAfter, limits.vaultBackoffSeconds) }));
  const target = access.url.slice(new URL(access.url).origin.length) + path;
  // A 401 is an answer to nobody: no row was recognised (PROTOCOL 1).
  const context: AnswerContext = { agent: status === 401 ? null : agentId, body, method, nonce, status, target, vault: vaultId };
  const certificate = one(headers, BACKUP_KEY_HEADER);
  const answer = await proven(header, certificate, context, publicKey);
  const value = status === 304 ? null : parsed(body);
  if (answer === null) return nothing(unknown(asked.namesItsKey && (await isOfAnotherKey(value, header, context, publicKey)) ? "wrong_key" : "forged"));
  const raw: Raw = { body, answer: header, backupKey: certificate ?? null, status, method, target, nonce };
  const signed = { mode: answer.mode, epoch: answer.epoch, at: answer.at };
  if (status !== 304 && (status < 200 || status > 299)) return { result: refusal(status, value, signed, { retryAfter, primaryLocation: one(headers, "x-primary-location") }), raw };
  try {
    run(check, value, "");
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // The pointer is built from the vault's own member names only where a list or a known member stands: ours, and short.
    return nothing(unknown("garbage", { where: `${path.split("?", 1)[0]}${error.path === undefined || error.path === "" ? "" : `, at ${error.path.slice(0, 120)}`}` }));
  }
  const etag = one(headers, "etag");
  return { result: { ...signed, kind: "answered", status, value, etag: etag !== undefined && /^[\x21\x23-\x7e"]{1,100}$/.test(etag) ? etag : null }, raw };
}
