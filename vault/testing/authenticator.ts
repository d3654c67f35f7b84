// A security key in software, for the tests and benchmarks of the vault: real keys, real signatures, every flag settable.
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { b64u, concat, fromB64u, uint32be, utf8 } from "#lib/protocol/bytes.ts";
import { formatCoseKey, type SignatureAlgorithm } from "#lib/protocol/cose.ts";
import { enrolChallenge } from "#lib/protocol/connect.ts";
import type { Enrol, Signer } from "#lib/protocol/messages.ts";

const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;

export interface KeyOptions {
  alg?: SignatureAlgorithm;
  rpId: string;
  origin: string;
  backupEligible?: boolean;
  rsaBits?: number;
}

/** What a hostile or broken client could put instead. */
export interface Tampering {
  type?: string;
  origin?: string;
  rpId?: string;
  flags?: number;
  counter?: number;
  crossOrigin?: unknown;
  topOrigin?: string;
  signature?: Uint8Array;
}

export class SoftwareKey {
  readonly rpId: string;
  readonly origin: string;
  readonly credentialId: string;
  /** COSE, b64u. */
  readonly publicKey: string;
  readonly backupEligible: boolean;
  counter = 0;
  readonly #alg: SignatureAlgorithm;
  readonly #private: KeyObject;
  readonly #prf = randomBytes(32);

  constructor({ alg = "ES256", rpId, origin, backupEligible = false, rsaBits = 2048 }: KeyOptions) {
    this.rpId = rpId;
    this.origin = origin;
    this.backupEligible = backupEligible;
    this.credentialId = b64u(randomBytes(32));
    this.#alg = alg;
    const pair =
      alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : alg === "EdDSA"
          ? generateKeyPairSync("ed25519")
          : generateKeyPairSync("rsa", { modulusLength: rsaBits });
    this.#private = pair.privateKey;
    const jwk = pair.publicKey.export({ format: "jwk" });
    this.publicKey = b64u(
      alg === "ES256"
        ? formatCoseKey({ alg, x: fromB64u(jwk.x!), y: fromB64u(jwk.y!) })
        : alg === "EdDSA"
          ? formatCoseKey({ alg, x: fromB64u(jwk.x!) })
          : formatCoseKey({ alg, n: fromB64u(jwk.n!), e: fromB64u(jwk.e!) }),
    );
  }

  /** The PRF output for a salt; its first four bytes are p0. */
  prf(salt = "clavitor"): Buffer {
    return createHmac("sha256", this.#prf).update(salt).digest();
  }

  get p0(): string {
    return b64u(this.prf().subarray(0, 4));
  }

  #authenticatorData({ rpId, flags, counter }: Tampering, attested: Uint8Array = new Uint8Array()): Uint8Array {
    const usual = UP | UV | (this.backupEligible ? BE | BS : 0) | (attested.length > 0 ? AT : 0);
    const hash = createHash("sha256").update(rpId ?? this.rpId).digest();
    this.counter++;
    return concat(hash, Uint8Array.of(flags ?? usual), uint32be(counter ?? this.counter), attested);
  }

  #clientData(type: string, challenge: Uint8Array, tampering: Tampering): Uint8Array {
    const { origin, crossOrigin, topOrigin } = tampering;
    return utf8(
      JSON.stringify({
        type: tampering.type ?? type,
        challenge: b64u(challenge),
        origin: origin ?? this.origin,
        crossOrigin: crossOrigin ?? false,
        ...(topOrigin === undefined ? {} : { topOrigin }),
      }),
    );
  }

  /** An assertion over 32 bytes, in lib/protocol's names. */
  get(challenge: Uint8Array, tampering: Tampering = {}): Enrol {
    const authenticatorData = this.#authenticatorData(tampering);
    const clientData = this.#clientData("webauthn.get", challenge, tampering);
    const signed = concat(authenticatorData, createHash("sha256").update(clientData).digest());
    const signature = tampering.signature ?? sign(this.#alg === "EdDSA" ? null : "sha256", signed, this.#private);
    return { authenticator_data: b64u(authenticatorData), client_data_json: b64u(clientData), signature: b64u(signature) };
  }

  /** The same as `PublicKeyCredential.toJSON()` gives it. */
  getJson(challenge: Uint8Array, tampering: Tampering = {}): Record<string, unknown> {
    const { authenticator_data, client_data_json, signature } = this.get(challenge, tampering);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: "public-key",
      response: { authenticatorData: authenticator_data, clientDataJSON: client_data_json, signature, userHandle: null },
      clientExtensionResults: {},
    };
  }

  /** A RegistrationResponseJSON with attestation `none`. */
  createJson(challenge: Uint8Array, tampering: Tampering & { fmt?: string } = {}): Record<string, unknown> {
    const id = fromB64u(this.credentialId);
    const attested = concat(new Uint8Array(16), Uint8Array.of(id.length >> 8, id.length & 255), id, fromB64u(this.publicKey));
    const authData = this.#authenticatorData(tampering, attested);
    const fmt = utf8(tampering.fmt ?? "none");
    // CBOR {"fmt": text, "attStmt": {}, "authData": bytes}
    const attestation = concat(
      Uint8Array.of(0xa3, 0x63), utf8("fmt"), Uint8Array.of(0x60 | fmt.length), fmt,
      Uint8Array.of(0x67), utf8("attStmt"), Uint8Array.of(0xa0),
      Uint8Array.of(0x68), utf8("authData"), cborBytes(authData),
    ); // prettier-ignore
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: "public-key",
      response: { clientDataJSON: b64u(this.#clientData("webauthn.create", challenge, tampering)), attestationObject: b64u(attestation), transports: ["usb"] },
      clientExtensionResults: {},
    };
  }

  /** Proof of possession for `POST /credential` and connect requests. `msp`: the origin it is for. */
  enrol(msp: string, tampering: Tampering = {}): Enrol {
    return this.get(enrolChallenge({ credential_id: this.credentialId, msp, public_key: this.publicKey }), tampering);
  }

  /** As a connect request lists it. */
  signer(msp: string, person: string, label = `${person}'s key`): Signer {
    return {
      credential_id: this.credentialId,
      public_key: this.publicKey,
      label,
      person,
      rp_id: this.rpId,
      origin: this.origin,
      enrol: this.enrol(msp),
    };
  }
}

function cborBytes(bytes: Uint8Array): Uint8Array {
  const head = bytes.length < 24 ? [0x40 | bytes.length] : bytes.length < 256 ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 255];
  return concat(Uint8Array.from(head), bytes);
}
