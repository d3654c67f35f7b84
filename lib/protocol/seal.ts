// HPKE base mode (RFC 9180) for the hand-over of tokens (PROTOCOL 8): KDF HKDF-SHA256 (0x0001), AEAD AES-256-GCM (0x0002),
// KEM X25519 (0x0020) or X-Wing (0x647a), empty aad.
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { b64u, concat, fromB64u, tryB64u, tryText, utf8, type Bytes } from "./bytes.ts";
import { invalid, base64url, integer, literal, object, run, string } from "./check.ts";
import { ProtocolError } from "./errors.ts";
import { labelBytes } from "./hash.ts";
import { jcsBytes, parseCanonical } from "./jcs.ts";
import { isKem, KEM_SIZES, refuseSealKey } from "./kem.ts";
import type { Kem, SealedToken, SealTo, TokenPlaintext } from "./messages.ts";

const suites: Partial<Record<Kem, CipherSuite>> = {};

function suiteOf(kem: Kem): CipherSuite {
  return (suites[kem] ??= new CipherSuite({
    kem: kem === "x25519" ? new DhkemX25519HkdfSha256() : new XWing(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  }));
}

export interface SealKeyPair {
  kem: Kem;
  /** b64u, as it stands in `seal_to`. */
  publicKey: string;
  /** 32 bytes: the X25519 scalar, or X-Wing's seed. */
  privateKey: Bytes;
}

/** A fresh pair. */
export async function generateSealKey(kem: Kem): Promise<SealKeyPair> {
  const suite = suiteOf(kem);
  const pair = await suite.kem.generateKeyPair();
  return {
    kem,
    publicKey: b64u(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey))),
    privateKey: new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey)),
  };
}

/**
 * `info` of a technician's token: `"clavitor/token/v1\n" || vault_id || "\n" || key || "\n" || uid`, each as in JSON; `key`
 * is the vault's public key, `uid` the row's.
 */
export function tokenInfo({ vault, key, uid }: { vault: string; key: string; uid: string }): Bytes {
  return concat(labelBytes("token"), utf8(`${vault}\n${key}\n${uid}`));
}

/** `info` of the manager's token in a connect reply; `request` is b64u of the request's hash (PROTOCOL 10). */
export function connectTokenInfo({ vault, key, request }: { vault: string; key: string; request: string }): Bytes {
  return concat(labelBytes("connect-token"), utf8(`${vault}\n${key}\n${request}`));
}

/**
 * Seals bytes to a key. Throws ProtocolError `invalid` for an unknown kem, a wrong length, a point of low order, or a key
 * that cannot be encapsulated to.
 */
export async function seal(to: SealTo, info: Uint8Array, plaintext: Uint8Array): Promise<SealedToken> {
  const refusal = refuseSealKey(to);
  if (refusal !== null) invalid("/seal_to", refusal);
  const suite = suiteOf(to.kem);
  let sender;
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(fromB64u(to.public_key));
    sender = await suite.createSenderContext({ recipientPublicKey, info });
  } catch {
    throw new ProtocolError("invalid", { path: "/seal_to", detail: "a key that cannot be sealed to" });
  }
  const ct = await sender.seal(plaintext);
  return { kem: to.kem, enc: b64u(new Uint8Array(sender.enc)), ct: b64u(new Uint8Array(ct)) };
}

/**
 * Opens what {@link seal} made for this pair and this `info`. Null when the kem differs, a length is wrong, or the
 * ciphertext was not made for this key and info.
 */
export async function open(pair: Pick<SealKeyPair, "kem" | "privateKey">, info: Uint8Array, sealed: SealedToken): Promise<Bytes | null> {
  if (!isKem(sealed.kem) || sealed.kem !== pair.kem) return null;
  const enc = tryB64u(sealed.enc, KEM_SIZES[sealed.kem].enc);
  const ct = tryB64u(sealed.ct);
  if (enc === null || ct === null) return null;
  const suite = suiteOf(sealed.kem);
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(pair.privateKey);
    const recipient = await suite.createRecipientContext({ recipientKey, enc, info });
    return new Uint8Array(await recipient.open(ct));
  } catch {
    return null;
  }
}

/** What is sealed: `JCS({agent, key, token, uid, v: 1, vault, vault_url})`. */
export function tokenPlaintext({ agent, key, token, uid, vault, vault_url }: Omit<TokenPlaintext, "v">): Bytes {
  return jcsBytes({ agent, key, token, uid, v: 1, vault, vault_url });
}

const checkTokenPlaintext = object({
  agent: integer(1, 65_535),
  key: base64url(32),
  token: string,
  uid: base64url(16),
  v: literal(1),
  vault: string,
  vault_url: string,
});

/** Reads an opened plaintext; null when it is not exactly the canonical form of one. */
export function parseTokenPlaintext(bytes: Uint8Array): TokenPlaintext | null {
  if (tryText(bytes) === null) return null;
  try {
    const value: unknown = parseCanonical(bytes);
    run(checkTokenPlaintext, value, "");
    return value;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
