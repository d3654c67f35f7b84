// Whose sealing key is it? (PROTOCOL 8.) A technician's passkey states it, a signer endorses it once after comparing a
// fingerprint; the signing page checks both before every tap.
import { isOrigin } from "./address.ts";
import { refuseCeremony, type DeviceExpectation, type Refusal } from "./assertion.ts";
import { b64u, concat, utf8, type Bytes } from "./bytes.ts";
import { literal, object, run, that, list } from "./check.ts";
import { code80 } from "./crockford.ts";
import { ProtocolError } from "./errors.ts";
import { labelledHash, sha256 } from "./hash.ts";
import { jcsBytes } from "./jcs.ts";
import { refuseSealKey } from "./kem.ts";
import type { Endorsement, Enrol, InboxStatement, SealTo } from "./messages.ts";
import { hash, text, time, uuid } from "./schema.ts";

/** Longest life of an inbox statement: one year, counted as 366 days, seconds. */
export const INBOX_SECONDS = 31_622_400;
/** A key endorsed more recently than this is shown as new, seconds. */
export const FRESH_ENDORSEMENT_SECONDS = 604_800;
export const MAX_ENDORSED = 1_000;

/** `H("clavitor/inbox-key/v1\n" || JCS(s))`: the passkey's challenge, and the statement's name in an endorsement. */
export function inboxKeyChallenge(statement: InboxStatement): Bytes {
  return labelledHash("inbox-key", jcsBytes(statement));
}

/** What two people compare: 80 bits of `H("clavitor/inbox-fp/v1\n" || JCS(s))`, 16 letters. */
export function inboxFingerprint(statement: InboxStatement): string {
  return code80(labelledHash("inbox-fp", jcsBytes(statement)));
}

/** The endorsement of statements, given in any order; repeats count once. Throws a RangeError outside 1..1,000. */
export function endorsementOf(statements: readonly InboxStatement[]): Endorsement {
  const hashes = [...new Set(statements.map((statement) => b64u(inboxKeyChallenge(statement))))].sort();
  if (hashes.length < 1 || hashes.length > MAX_ENDORSED) throw new RangeError("1 to 1,000 statements");
  return { statements: hashes, v: 1 };
}

/** `H("clavitor/endorse/v1\n" || JCS(endorsement))`: what a signer signs. */
export function endorseChallenge(endorsement: Endorsement): Bytes {
  return labelledHash("endorse", jcsBytes(endorsement));
}

const inboxStatement = object({
  kem: literal("x25519", "x-wing"),
  msp: that<string>(isOrigin, "an origin"),
  name: text,
  not_after: time,
  public_key: that<string>((value) => typeof value === "string", "a key"),
  technician: uuid,
  v: literal(1),
});

/** Throws ProtocolError `invalid` unless the value is a statement over a key that can be sealed to. */
export function checkInboxStatement(value: unknown, path = ""): asserts value is InboxStatement {
  run(inboxStatement, value, path);
  const refusal = refuseSealKey(value);
  if (refusal !== null) throw new ProtocolError("invalid", { path: `${path}/public_key`, detail: refusal });
}

const endorsement = object({ statements: list(hash, 1, MAX_ENDORSED), v: literal(1) });

/** Throws ProtocolError `invalid` unless the value is an endorsement of 1 to 1,000 hashes, ascending without repeats. */
export function checkEndorsement(value: unknown, path = ""): asserts value is Endorsement {
  run(endorsement, value, path);
  const hashes = value.statements;
  hashes.forEach((one, i) => {
    if (i > 0 && hashes[i - 1]! >= one) throw new ProtocolError("invalid", { path: `${path}/statements/${i}`, detail: "ascending" });
  });
}

/** Whether a statement is in force at `now` (Unix seconds) and does not reach further than a year. */
export function isCurrent(statement: InboxStatement, now: number): boolean {
  return now <= statement.not_after && statement.not_after <= now + INBOX_SECONDS;
}

export interface SigningDevice extends DeviceExpectation {
  /** COSE. */
  publicKey: Uint8Array;
}

/** (a): the technician's passkey over the statement. Null when it stands. */
export async function refuseInboxSignature(statement: InboxStatement, assertion: Enrol, passkey: SigningDevice): Promise<Refusal | null> {
  return refuseCeremony(assertion, { ...passkey, challenge: inboxKeyChallenge(statement) });
}

/** (b): a signer's assertion over the endorsement. Null when it stands. */
export async function refuseEndorsement(given: Endorsement, assertion: Enrol, signer: SigningDevice): Promise<Refusal | null> {
  return refuseCeremony(assertion, { ...signer, challenge: endorseChallenge(given) });
}

/** Whether an endorsement names a statement. */
export function endorses(given: Endorsement, statement: InboxStatement): boolean {
  return given.statements.includes(b64u(inboxKeyChallenge(statement)));
}

/**
 * The check before a tap: is `sealTo` the key of this statement, in force, made for this MSP, under the operation's name?
 * Returns what does not fit, or null.
 */
export function refuseSealTo(
  sealTo: SealTo,
  statement: InboxStatement,
  { name, msp, now }: { name: string; msp: string; now: number },
): "key" | "name" | "msp" | "not_current" | null {
  if (sealTo.kem !== statement.kem || sealTo.public_key !== statement.public_key) return "key";
  if (statement.name !== name) return "name";
  if (statement.msp !== msp) return "msp";
  return isCurrent(statement, now) ? null : "not_current";
}

/** PRF input under which each passkey wraps the inbox key: `H("clavitor/inbox-prf/v1")`, 32 bytes, no newline. */
export function inboxPrfInput(): Bytes {
  return sha256(utf8("clavitor/inbox-prf/v1"));
}

/** The context that a wrapped inbox key is bound to. All as in JSON. */
export interface WrapContext {
  credential_id: string;
  public_key: string;
  technician: string;
}

/** AES-GCM's associated data: `JCS({credential_id, public_key, technician})`. */
export function wrapAad({ credential_id, public_key, technician }: WrapContext): Bytes {
  return jcsBytes({ credential_id, public_key, technician });
}

const IV_BYTES = 12;

async function wrappingKey(prf: Uint8Array): Promise<CryptoKey> {
  if (prf.length !== 32) throw new RangeError("a PRF output has 32 bytes");
  const material = await crypto.subtle.importKey("raw", new Uint8Array(prf), "HKDF", false, ["deriveKey"]);
  const params = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: utf8("clavitor/inbox-wrap/v1") };
  return crypto.subtle.deriveKey(params, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * The private key under one passkey: `iv(12) || AES-256-GCM`. The key is HKDF-SHA256 of the 32-byte PRF output, salt 32 zero
 * bytes, info `clavitor/inbox-wrap/v1`.
 */
export async function wrapInboxKey(prf: Uint8Array, privateKey: Uint8Array, context: WrapContext): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const params = { name: "AES-GCM", iv, additionalData: wrapAad(context) };
  const ct = await crypto.subtle.encrypt(params, await wrappingKey(prf), new Uint8Array(privateKey));
  return concat(iv, new Uint8Array(ct));
}

/** The private key again, or null when PRF output, context or bytes are others. */
export async function unwrapInboxKey(prf: Uint8Array, wrapped: Uint8Array, context: WrapContext): Promise<Bytes | null> {
  if (wrapped.length < IV_BYTES + 16) return null;
  const params = { name: "AES-GCM", iv: new Uint8Array(wrapped.subarray(0, IV_BYTES)), additionalData: wrapAad(context) };
  const key = await wrappingKey(prf);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(params, key, new Uint8Array(wrapped.subarray(IV_BYTES))));
  } catch {
    return null;
  }
}
