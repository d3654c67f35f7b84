// A hardware key in software, for tests: real keys, real signatures, and a place to bend each byte before it is signed.
import { b64u, concat, fromB64u, uint32be, utf8, type Bytes } from "../bytes.ts";
import { formatCoseKey, type SignatureAlgorithm } from "../cose.ts";
import { rawToDer } from "../der.ts";
import { sha256 } from "../hash.ts";
import type { Enrol } from "../messages.ts";

/** Flags of a hardware-bound key after a tap with PIN: UP and UV. */
export const UP_UV = 0x05;

export interface Bend {
  flags?: number;
  counter?: number;
  rpId?: string;
  type?: string;
  origin?: string;
  /** Further or replaced members of clientDataJSON. */
  client?: Record<string, unknown>;
  /** Replaces clientDataJSON whole. */
  clientDataJson?: Uint8Array;
  /** Bytes after the counter. */
  tail?: Uint8Array;
}

export interface Device {
  credentialId: string;
  /** COSE, b64u. */
  publicKey: string;
  origin: string;
  rpId: string;
  sign(challenge: Uint8Array, bend?: Bend): Promise<Enrol>;
}

async function make(params: EcKeyGenParams | RsaHashedKeyGenParams | Algorithm): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey(params, true, ["sign", "verify"]);
  if (!("publicKey" in made)) throw new TypeError("a signature algorithm makes a pair");
  return made;
}

async function keyPair(algorithm: SignatureAlgorithm): Promise<{ pair: CryptoKeyPair; cose: Bytes }> {
  if (algorithm === "ES256") {
    const pair = await make({ name: "ECDSA", namedCurve: "P-256" });
    const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
    return { pair, cose: formatCoseKey({ alg: "ES256", x: fromB64u(jwk.x!), y: fromB64u(jwk.y!) }) };
  }
  if (algorithm === "EdDSA") {
    const pair = await make({ name: "Ed25519" });
    return { pair, cose: formatCoseKey({ alg: "EdDSA", x: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) }) };
  }
  const pair = await make({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) });
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { pair, cose: formatCoseKey({ alg: "RS256", n: fromB64u(jwk.n!), e: fromB64u(jwk.e!) }) };
}

const SIGN = {
  ES256: { name: "ECDSA", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
  RS256: { name: "RSASSA-PKCS1-v1_5" },
} as const;

export async function createDevice({ algorithm = "ES256", origin = "https://sign.msp.example" }: { algorithm?: SignatureAlgorithm; origin?: string } = {}): Promise<Device> {
  const { pair, cose } = await keyPair(algorithm);
  const rpId = new URL(origin).hostname;
  return {
    credentialId: b64u(sha256(cose)),
    publicKey: b64u(cose),
    origin,
    rpId,
    async sign(challenge, bend = {}) {
      const authenticatorData = concat(
        sha256(utf8(bend.rpId ?? rpId)),
        Uint8Array.of(bend.flags ?? UP_UV),
        uint32be(bend.counter ?? 1),
        bend.tail ?? new Uint8Array(0),
      );
      const client = { type: bend.type ?? "webauthn.get", challenge: b64u(challenge), origin: bend.origin ?? origin, crossOrigin: false, ...bend.client };
      const clientDataJson = bend.clientDataJson ?? utf8(JSON.stringify(client));
      const raw = new Uint8Array(await crypto.subtle.sign(SIGN[algorithm], pair.privateKey, concat(authenticatorData, sha256(clientDataJson))));
      return {
        authenticator_data: b64u(authenticatorData),
        client_data_json: b64u(clientDataJson),
        signature: b64u(algorithm === "ES256" ? rawToDer(raw) : raw),
      };
    },
  };
}

/** A vault's Ed25519 key that signs messages. */
export async function createVaultKey(): Promise<{ publicKey: string; sign(message: Uint8Array): Promise<string> }> {
  const pair = await make({ name: "Ed25519" });
  return {
    publicKey: b64u(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))),
    async sign(message) {
      return b64u(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, new Uint8Array(message))));
    },
  };
}
