// The part of a WebAuthn assertion that needs no database: reading it, the straight-line checks of PROTOCOL 6 that are
// cheaper than a signature, and the signature.
import { concat, equalBytes, fromB64u, tryB64u, tryText, utf8, type Bytes } from "./bytes.ts";
import { decodeCborFrom } from "./cbor.ts";
import { isRecord } from "./check.ts";
import { parseCoseKey, type SignerKey } from "./cose.ts";
import { derToRaw } from "./der.ts";
import { ProtocolError, type Code } from "./errors.ts";
import { sha256 } from "./hash.ts";
import type { Enrol, Proof } from "./messages.ts";
import { batchChallenge, leafHash, verifyInclusion } from "./tree.ts";

/** WebAuthn level 3, 6.1: bits of the flags byte. */
const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;
const ED = 0x80;
const RESERVED = 0x22;

export interface AuthenticatorData {
  rpIdHash: Bytes;
  userPresent: boolean;
  userVerified: boolean;
  /** BE: the key may leave the device. */
  backupEligible: boolean;
  /** BS: it has. */
  backedUp: boolean;
  /** AT: carries a new credential; never in an assertion. */
  attested: boolean;
  reserved: boolean;
  counter: number;
  /** What follows the counter when AT is set. `publicKey` is COSE, as it stood. */
  credential: { aaguid: Bytes; credentialId: Bytes; publicKey: Bytes } | null;
}

/** Reads authenticator data; null when it is short, has a rest, or its extensions are no CBOR map. */
export function parseAuthenticatorData(bytes: Uint8Array): AuthenticatorData | null {
  if (bytes.length < 37) return null;
  const flags = bytes[32]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 37;
  let credential: AuthenticatorData["credential"] = null;
  try {
    if (flags & AT) {
      if (bytes.length < 55) return null;
      const idLength = view.getUint16(53);
      const idEnd = 55 + idLength;
      if (idLength < 1 || idLength > 1023 || bytes.length < idEnd) return null;
      const { end } = decodeCborFrom(bytes, idEnd);
      credential = {
        aaguid: new Uint8Array(bytes.subarray(37, 53)),
        credentialId: new Uint8Array(bytes.subarray(55, idEnd)),
        publicKey: new Uint8Array(bytes.subarray(idEnd, end)),
      };
      at = end;
    }
    if (flags & ED) {
      const { value, end } = decodeCborFrom(bytes, at);
      if (!(value instanceof Map)) return null;
      at = end;
    }
  } catch {
    return null;
  }
  if (at !== bytes.length) return null;
  return {
    rpIdHash: new Uint8Array(bytes.subarray(0, 32)),
    userPresent: (flags & UP) !== 0,
    userVerified: (flags & UV) !== 0,
    backupEligible: (flags & BE) !== 0,
    backedUp: (flags & BS) !== 0,
    attested: (flags & AT) !== 0,
    reserved: (flags & RESERVED) !== 0,
    counter: view.getUint32(33),
    credential,
  };
}

/** What the browser says it signed. Members that are no string (no boolean for `crossOrigin`) are null. */
export interface ClientData {
  type: string | null;
  challenge: string | null;
  origin: string | null;
  /** Everything but absent and `false` counts as true. */
  crossOrigin: boolean;
  hasTopOrigin: boolean;
}

/** Reads clientDataJSON; null when it is no UTF-8 JSON object. Unknown members are allowed (WebAuthn 5.8.1 adds some). */
export function parseClientData(bytes: Uint8Array): ClientData | null {
  const source = tryText(bytes);
  if (source === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const record = value;
  const member = (name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined);
  const string = (name: string): string | null => {
    const found = member(name);
    return typeof found === "string" ? found : null;
  };
  const crossOrigin = member("crossOrigin");
  return {
    type: string("type"),
    challenge: string("challenge"),
    origin: string("origin"),
    crossOrigin: crossOrigin !== undefined && crossOrigin !== false,
    hasTopOrigin: member("topOrigin") !== undefined,
  };
}

/** An assertion's three byte strings, read once. */
export interface ParsedAssertion {
  authenticatorData: Bytes;
  clientDataJson: Bytes;
  signature: Bytes;
  /** null when malformed; the checks say so with their own codes. */
  authenticator: AuthenticatorData | null;
  client: ClientData | null;
}

/** Reads the three base64url members (an {@link Enrol}, an assertion or a cosign). Throws a TypeError on bad base64url. */
export function parseAssertion(assertion: Enrol): ParsedAssertion {
  const authenticatorData = fromB64u(assertion.authenticator_data);
  const clientDataJson = fromB64u(assertion.client_data_json);
  return {
    authenticatorData,
    clientDataJson,
    signature: fromB64u(assertion.signature),
    authenticator: parseAuthenticatorData(authenticatorData),
    client: parseClientData(clientDataJson),
  };
}

export interface Refusal {
  code: Code;
  reason: string;
}

/** The challenge to which a leaf and its proof lead. Throws ProtocolError `proof_invalid` for a malformed proof. */
export function provenChallenge(leafData: Uint8Array, proof: Proof): Bytes {
  const root = verifyInclusion({ leaf: leafHash(leafData), index: proof.index, size: proof.size, path: proof.path });
  return batchChallenge(proof.size, root);
}

/** Rung "challenge": the one in clientDataJSON must be `expected` (32 bytes). */
export function refuseChallenge({ client }: ParsedAssertion, expected: Uint8Array): Refusal | null {
  const signed = client?.challenge == null ? null : tryB64u(client.challenge, expected.length);
  return signed !== null && equalBytes(signed, expected) ? null : { code: "proof_invalid", reason: "challenge" };
}

/** The whole rung `proof_invalid`: leaf rebuilt by the caller, inclusion, and the signed challenge. */
export function refuseProof(parsed: ParsedAssertion, leafData: Uint8Array, proof: Proof): Refusal | null {
  try {
    return refuseChallenge(parsed, provenChallenge(leafData, proof));
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, reason: error.detail ?? "path" };
    throw error;
  }
}

function invalid(reason: string): Refusal {
  return { code: "assertion_invalid", reason };
}

export interface DeviceExpectation {
  origin: string;
  rpId: string;
  /** BE at enrolment; null when this is the enrolment. */
  backupEligible: boolean | null;
  hardwareBound: boolean;
}

/**
 * The rungs after the credential was found, in PROTOCOL 6's order: origin and RP id, then form, then presence and
 * verification. Null when all stand. What is absent fails the rung that would have looked at it.
 */
export function refuseDevice({ authenticator, client }: ParsedAssertion, expected: DeviceExpectation): Refusal | null {
  if (client === null || client.origin !== expected.origin) return { code: "wrong_origin", reason: "origin" };
  if (authenticator === null) return { code: "assertion_invalid", reason: "authenticator_data" };
  if (!equalBytes(authenticator.rpIdHash, sha256(utf8(expected.rpId)))) return { code: "wrong_origin", reason: "rp_id" };
  if (client.type !== "webauthn.get") return invalid("type");
  if (client.crossOrigin) return invalid("cross_origin");
  if (client.hasTopOrigin) return invalid("top_origin");
  if (authenticator.attested) return invalid("attested");
  if (authenticator.reserved) return invalid("reserved_flags");
  if (!authenticator.backupEligible && authenticator.backedUp) return invalid("backup_state");
  if (expected.backupEligible !== null && authenticator.backupEligible !== expected.backupEligible) {
    return invalid("backup_eligible");
  }
  if (expected.hardwareBound && authenticator.backupEligible) return invalid("hardware_bound");
  if (!authenticator.userPresent) return { code: "user_not_verified", reason: "user_present" };
  if (!authenticator.userVerified) return { code: "user_not_verified", reason: "user_verified" };
  return null;
}

/** What the authenticator signed: `authenticatorData || SHA-256(clientDataJSON)` (WebAuthn 7.2). */
export function signedBytes({ authenticatorData, clientDataJson }: ParsedAssertion): Bytes {
  return concat(authenticatorData, sha256(clientDataJson));
}

const ALGORITHM = {
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
  EdDSA: { import: { name: "Ed25519" }, verify: { name: "Ed25519" } },
  RS256: { import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" } },
} as const;

/** The key for WebCrypto. Throws when the point is not on its curve. */
export async function importSignerKey(key: SignerKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", { ...key.jwk }, ALGORITHM[key.alg].import, false, ["verify"]);
}

/**
 * Whether the signature over {@link signedBytes} is the key's. An ES256 signature must be strict DER. A key that cannot be
 * imported verifies nothing: false.
 */
export async function verifyAssertionSignature(parsed: ParsedAssertion, key: SignerKey): Promise<boolean> {
  const signature = key.alg === "ES256" ? derToRaw(parsed.signature) : parsed.signature;
  if (signature === null) return false;
  let imported: CryptoKey;
  try {
    imported = await importSignerKey(key);
  } catch {
    return false;
  }
  return crypto.subtle.verify(ALGORITHM[key.alg].verify, imported, signature, signedBytes(parsed));
}

/** As {@link refuseDevice}, {@link refuseChallenge} and the signature together, for ceremonies outside a batch. */
export async function refuseCeremony(
  assertion: Enrol,
  expected: DeviceExpectation & { challenge: Uint8Array; publicKey: Uint8Array },
): Promise<Refusal | null> {
  const parsed = parseAssertion(assertion);
  const early = refuseChallenge(parsed, expected.challenge) ?? refuseDevice(parsed, expected);
  if (early !== null) return early;
  let key: SignerKey;
  try {
    key = parseCoseKey(expected.publicKey);
  } catch {
    return { code: "assertion_invalid", reason: "public_key" };
  }
  return (await verifyAssertionSignature(parsed, key)) ? null : { code: "assertion_invalid", reason: "signature" };
}

