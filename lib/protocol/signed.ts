// Messages under a vault's Ed25519 key: `"clavitor/<label>/v1\n" || JCS(object)` (PROTOCOL 1, 3, 7, 9, 10).
import { b64u, concat, tryB64u, type Bytes } from "./bytes.ts";
import { isSmallOrder } from "./curve.ts";
import { labelBytes, sha256 } from "./hash.ts";
import { jcsBytes } from "./jcs.ts";
import type {
  Answer,
  AnswerMessage,
  BackupKeyMessage,
  ConnectReply,
  HeadMessage,
  Mode,
  Receipt,
  Statement,
} from "./messages.ts";

/** What a vault signs, by label. */
export interface SignedObjects {
  answer: AnswerMessage;
  receipt: Receipt;
  statement: Statement;
  head: HeadMessage;
  "connect-reply": ConnectReply;
  "backup-key": BackupKeyMessage;
}
export type Label = keyof SignedObjects;

/** The exact bytes under the signature. */
export function signedMessage<L extends Label>(label: L, object: SignedObjects[L]): Bytes {
  return concat(labelBytes(label), jcsBytes(object));
}

/**
 * An Ed25519 public key for WebCrypto, for callers that verify many messages under one key. Null when it is not 32 bytes of
 * base64url, is a point of small order, or is no point.
 */
export async function importVaultKey(publicKey: string): Promise<CryptoKey | null> {
  const raw = tryB64u(publicKey, 32);
  if (raw === null || isSmallOrder(raw)) return null;
  try {
    return await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
}

/** Whether `signature` (b64u of 64 bytes) over the message is the key's. A malformed signature or key is false. */
export async function verifySigned<L extends Label>(
  label: L,
  object: SignedObjects[L],
  signature: string,
  publicKey: string | CryptoKey,
): Promise<boolean> {
  const bytes = tryB64u(signature, 64);
  const key = typeof publicKey === "string" ? await importVaultKey(publicKey) : publicKey;
  if (bytes === null || key === null) return false;
  return crypto.subtle.verify({ name: "Ed25519" }, key, bytes, signedMessage(label, object));
}

export const NONCE_HEADER = "Clavitor-Nonce";
export const ANSWER_HEADER = "Clavitor-Answer";

/** Whether a `Clavitor-Nonce` is base64url of 16 to 32 bytes. */
export function isNonce(text: string): boolean {
  const bytes = tryB64u(text);
  return bytes !== null && bytes.length >= 16 && bytes.length <= 32;
}

/** A request and its answer, as both sides know them. */
export interface AnswerContext {
  /** The caller's agent id; null when no row was recognised. */
  agent: number | null;
  /** The body's exact bytes; empty for an answer without one. */
  body: Uint8Array;
  method: string;
  nonce: string;
  status: number;
  /** Path and query as sent, with the base URL's prefix. */
  target: string;
  vault: string;
}

/** The object that the answer's signature covers. `at` in milliseconds. */
export function answerMessage(context: AnswerContext, { at, epoch, mode }: Omit<Answer, "signature">): AnswerMessage {
  const { agent, body, method, nonce, status, target, vault } = context;
  return { agent, at, body: b64u(sha256(body)), epoch, method, mode, nonce, status, target, vault };
}

/** The header `Clavitor-Answer`: base64url of JCS `{at, epoch, mode, signature}`. */
export function encodeAnswer({ at, epoch, mode, signature }: Answer): string {
  return b64u(jcsBytes({ at, epoch, mode, signature }));
}

const natural = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The answer in a header, or null when it is not exactly the canonical form of one. */
export function decodeAnswer(header: string): Answer | null {
  const bytes = header.length <= 1000 ? tryB64u(header) : null;
  if (bytes === null) return null;
  let value: Partial<Record<keyof Answer, unknown>>;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    if (typeof parsed !== "object" || parsed === null) return null;
    value = parsed;
  } catch {
    return null;
  }
  const { at, epoch, mode, signature } = value;
  if (!natural(at) || !natural(epoch) || (mode !== "primary" && mode !== "backup") || typeof signature !== "string") return null;
  const answer: Answer = { at, epoch, mode: mode satisfies Mode, signature };
  return encodeAnswer(answer) === header ? answer : null;
}

/**
 * The answer when its header is well-formed and signed by the key over exactly this request and body; null means that
 * nothing is known about the request, whatever its status (PROTOCOL 1).
 */
export async function verifyAnswer(
  header: string | null | undefined,
  context: AnswerContext,
  publicKey: string | CryptoKey,
): Promise<Answer | null> {
  const answer = header == null ? null : decodeAnswer(header);
  if (answer === null) return null;
  return (await verifySigned("answer", answerMessage(context, answer), answer.signature, publicKey)) ? answer : null;
}
