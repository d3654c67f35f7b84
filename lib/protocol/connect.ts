// Connecting a client's vault (PROTOCOL 10): the request in a link, the codes that people compare, the vault's reply.
import { hostOf, isBaseUrl, originOf } from "./address.ts";
import { parseAssertion, parseAuthenticatorData, refuseChallenge, refuseDevice, verifyAssertionSignature, type Refusal } from "./assertion.ts";
import { b64u, fromB64u, tryB64u, type Bytes } from "./bytes.ts";
import { code80 } from "./crockford.ts";
import { parseCoseKey, type SignerKey } from "./cose.ts";
import { ProtocolError } from "./errors.ts";
import { looserMember } from "./grant.ts";
import { labelledHash, sha256 } from "./hash.ts";
import { jcsBytes, parseCanonical } from "./jcs.ts";
import type { ClientStatement, ConnectReply, ConnectRequest, Signer } from "./messages.ts";
import { checkConnectRequest, MAX_REQUEST_BYTES } from "./schema.ts";
import { verifySigned } from "./signed.ts";

/** Sixteen letters of a signer's public key (b64u COSE), by which its person and whoever rolls it out compare it by voice. */
export const signerFingerprint = (publicKey: string): string => code80(labelledHash("signer-fp", fromB64u(publicKey)));

/** Longest life of a request, seconds. */
export const REQUEST_SECONDS = 604_800;

/** `H("clavitor/connect-request/v1\n" || JCS(request))`, 32 bytes. */
export function requestHash(request: ConnectRequest): Bytes {
  return labelledHash("connect-request", jcsBytes(request));
}

/** Code 1: the first 80 bits of the request's hash, 16 letters. The owner compares it before the tap. */
export function code1(hash: Uint8Array): string {
  return code80(hash);
}

/** Code 2: 80 bits of `H("clavitor/connect-code/v1\n" || JCS({key, request, vault}))`, compared by voice after it. */
export function code2({ key, request, vault }: { key: string; request: string; vault: string }): string {
  return code80(labelledHash("connect-code", jcsBytes({ key, request, vault })));
}

/** `<vault_url>/connect#<b64u(JCS(request))>`. Throws a TypeError for a base URL that is not canonical. */
export function connectLink(vaultUrl: string, request: ConnectRequest): string {
  if (!isBaseUrl(vaultUrl)) throw new TypeError("not the base URL of a vault");
  return `${vaultUrl}/connect#${b64u(jcsBytes(request))}`;
}

/**
 * The request in a link's fragment (without "#"). Throws ProtocolError: `too_large` beyond 32 KiB, `not_canonical` when it is
 * not base64url of JCS, `invalid` with the member's pointer.
 */
export function parseConnectFragment(fragment: string): ConnectRequest {
  if (fragment.length > Math.ceil((MAX_REQUEST_BYTES * 4) / 3)) throw new ProtocolError("too_large", { detail: "a request has at most 32 KiB" });
  const bytes = tryB64u(fragment);
  if (bytes === null) throw new ProtocolError("not_canonical", { detail: "not base64url" });
  const value: unknown = parseCanonical(bytes);
  checkConnectRequest(value, "");
  return value;
}

/** `request_expired` when the request has ended at `now` (Unix seconds) or was made for more than seven days. */
export function refuseRequestTime(request: ConnectRequest, now: number): Refusal | null {
  if (request.expires_at <= now) return { code: "request_expired", reason: "expired" };
  return request.expires_at > now + REQUEST_SECONDS ? { code: "request_expired", reason: "too_long" } : null;
}

/** One credential, one purpose (PROTOCOL 6): the RP id is the origin's host, and that host is not the console's. */
export function refuseSignerOrigin(signer: Pick<Signer, "rp_id" | "origin">, mspOrigin: string): Refusal | null {
  const host = hostOf(signer.origin);
  if (host === null || host !== signer.rp_id) return { code: "wrong_origin", reason: "rp_id" };
  return host === hostOf(mspOrigin) ? { code: "wrong_origin", reason: "signing_origin" } : null;
}

/** Origin rules of a request: `reply_to` on `msp.origin`, every signer on a signing origin. Null when all stand. */
export function refuseRequestOrigins(request: ConnectRequest): Refusal | null {
  if (originOf(request.reply_to) !== request.msp.origin) return { code: "wrong_origin", reason: "reply_to" };
  for (const signer of request.signers) {
    const refusal = refuseSignerOrigin(signer, request.msp.origin);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** `H("clavitor/enrol/v1\n" || JCS({credential_id, msp, public_key}))`: what a new credential signs first. */
export function enrolChallenge({ credential_id, msp, public_key }: { credential_id: string; msp: string; public_key: string }): Bytes {
  return labelledHash("enrol", jcsBytes({ credential_id, msp, public_key }));
}

/** `p0` of a signer that unlocks nothing (PROTOCOL 4): `"-" || b64u(H(credential_id))`, over the id's bytes. */
export function lockedP0(credentialId: string): string {
  return `-${b64u(sha256(fromB64u(credentialId)))}`;
}

const LOCKED_P0_CHARACTERS = 44;

/** Whether a `p0` is the marker of {@link lockedP0}: by length, because "-" can begin the 6 characters of a PRF output too. */
export function isLockedP0(p0: string): boolean {
  return p0.length === LOCKED_P0_CHARACTERS && p0.startsWith("-");
}

export interface Enrolled {
  key: SignerKey;
  backupEligible: boolean;
  backedUp: boolean;
  counter: number;
}

/**
 * Proof of possession: the challenge is the enrolment's (`proof_invalid`), all else `assertion_invalid` with the rung as
 * reason, as PROTOCOL 10 asks of a failed `enrol`. `msp` is `msp.origin`, or the vault's own origin for an owner's device.
 */
export async function verifyEnrol(signer: Pick<Signer, "credential_id" | "public_key" | "rp_id" | "origin" | "enrol">, msp: string, hardwareBound = false): Promise<Enrolled | Refusal> {
  const { credential_id, public_key } = signer;
  const parsed = parseAssertion(signer.enrol);
  const wrong = refuseChallenge(parsed, enrolChallenge({ credential_id, msp, public_key }));
  if (wrong !== null) return wrong;
  const device = refuseDevice(parsed, { origin: signer.origin, rpId: signer.rp_id, backupEligible: null, hardwareBound });
  if (device !== null) return { code: "assertion_invalid", reason: device.reason };
  let key: SignerKey;
  try {
    key = parseCoseKey(fromB64u(public_key));
  } catch {
    return { code: "assertion_invalid", reason: "public_key" };
  }
  if (!(await verifyAssertionSignature(parsed, key))) return { code: "assertion_invalid", reason: "signature" };
  const { backupEligible, backedUp, counter } = parseAuthenticatorData(parsed.authenticatorData)!;
  return { key, backupEligible, backedUp, counter };
}

/** `H("clavitor/client/v1\n" || JCS({key, name, vault}))`: a signer confirms which key is this client's. */
export function clientChallenge({ key, name, vault }: ClientStatement): Bytes {
  return labelledHash("client", jcsBytes({ key, name, vault }));
}

export type ReplyRefusal =
  | "request"
  | "nonce"
  | "vault_url"
  | "grant"
  | "roles"
  | "credentials"
  | "sealed_token"
  | "signature";

/**
 * What does not fit in a reply to `request`, or null: request hash and nonce, an allowed address, a grant within the one
 * asked for, the no role that was not asked for, exactly the signers' credentials, a token for the asked kem, and the
 * signature under the reply's own key. Whether that key is new to this MSP, and the client's, is for others to say.
 */
export async function refuseReply(reply: ConnectReply, signature: string, request: ConnectRequest): Promise<ReplyRefusal | null> {
  if (reply.request !== b64u(requestHash(request))) return "request";
  if (reply.nonce !== request.nonce) return "nonce";
  if (!isBaseUrl(reply.vault_url)) return "vault_url";
  if (looserMember(reply.grant, request.want) !== null) return "grant";
  const asked = new Set(request.roles.map((role) => role.name));
  if (!reply.roles.every((role) => asked.has(role.name))) return "roles";
  const given = [...reply.credentials].sort();
  const wanted = request.signers.map((signer) => signer.credential_id).sort();
  if (given.length !== wanted.length || given.some((id, i) => id !== wanted[i])) return "credentials";
  if (reply.sealed_token.kem !== request.seal_to.kem) return "sealed_token";
  return (await verifySigned("connect-reply", reply, signature, reply.public_key)) ? null : "signature";
}

