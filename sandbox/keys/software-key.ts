/**
 * A security key in software (WebAuthn level 3, ES256), derived from the demo's seed: the same key after every restart
 * without a private key in a file. Honest only: what a hostile device does is the business of the vault's own tests.
 */
import { createECDH, createHash, createHmac, createPrivateKey, sign, type KeyObject } from "node:crypto";
import { b64u, concat, fromB64u, uint32be, utf8, type Bytes } from "../../lib/protocol/bytes.ts";
import { formatCoseKey } from "../../lib/protocol/cose.ts";
import { enrolChallenge } from "../../lib/protocol/connect.ts";
import type { Enrol, Signer } from "../../lib/protocol/messages.ts";
import { derive, type Seed } from "./derive.ts";

const UP_UV = 0x05;
const ATTESTED = 0x40;
/** The order of P-256 (FIPS 186-5 / SEC 2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** FIPS 186-5 A.2.1: 128 spare bits make the bias of the modulus nothing. */
function scalar(wide: Uint8Array): Buffer {
  const number = (BigInt(`0x${Buffer.from(wide).toString("hex")}`) % (ORDER - 1n)) + 1n;
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}

export interface KeyHome {
  /** Which key of whom: part of what it is derived from. */
  holder: string;
  /** The origin whose ceremonies it answers; its host is the RP id. */
  origin: string;
}

export class SoftwareKey {
  readonly origin: string;
  readonly rpId: string;
  readonly credentialId: string;
  /** COSE, b64u. */
  readonly publicKey: string;
  readonly #private: KeyObject;
  readonly #prf: Bytes;

  constructor(seed: Seed, { holder, origin }: KeyHome) {
    const purpose = `key/${origin}/${holder}`;
    this.origin = origin;
    this.rpId = new URL(origin).hostname;
    this.credentialId = b64u(derive(seed, `${purpose}/id`));
    this.#prf = derive(seed, `${purpose}/prf`);
    const d = scalar(derive(seed, `${purpose}/scalar`, 48));
    const curve = createECDH("prime256v1");
    curve.setPrivateKey(d);
    const point = curve.getPublicKey();
    const [x, y] = [new Uint8Array(point.subarray(1, 33)), new Uint8Array(point.subarray(33))];
    this.publicKey = b64u(formatCoseKey({ alg: "ES256", x, y }));
    this.#private = createPrivateKey({ key: { kty: "EC", crv: "P-256", d: b64u(d), x: b64u(x), y: b64u(y) }, format: "jwk" });
  }

  /** The PRF extension's output for an input, 32 bytes. */
  prf(input: Uint8Array): Bytes {
    return new Uint8Array(createHmac("sha256", this.#prf).update(input).digest());
  }

  /** b64u of the first four bytes of the PRF output that names a vault (PROTOCOL 13). */
  get p0(): string {
    return b64u(this.prf(utf8("clavitor")).subarray(0, 4));
  }

  /** Counter 0: a key that keeps none, so that two ceremonies at once never look like a copy (WebAuthn 6.1.1). */
  #authenticatorData(attested: Uint8Array = new Uint8Array(0)): Bytes {
    const flags = UP_UV | (attested.length > 0 ? ATTESTED : 0);
    return concat(createHash("sha256").update(this.rpId).digest(), Uint8Array.of(flags), uint32be(0), attested);
  }

  #clientData(type: "webauthn.get" | "webauthn.create", challenge: Uint8Array): Bytes {
    return utf8(JSON.stringify({ type, challenge: b64u(challenge), origin: this.origin, crossOrigin: false }));
  }

  /** A tap: the assertion over a 32-byte WebAuthn challenge. */
  assert(challenge: Uint8Array): Enrol {
    const authenticatorData = this.#authenticatorData();
    const clientData = this.#clientData("webauthn.get", challenge);
    const signature = sign("sha256", concat(authenticatorData, createHash("sha256").update(clientData).digest()), this.#private);
    return { authenticator_data: b64u(authenticatorData), client_data_json: b64u(clientData), signature: b64u(signature) };
  }

  /** The same as `PublicKeyCredential.toJSON()` gives it (WebAuthn AuthenticationResponseJSON). */
  assertionJson(challenge: Uint8Array): object {
    const { authenticator_data, client_data_json, signature } = this.assert(challenge);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: "public-key",
      response: { authenticatorData: authenticator_data, clientDataJSON: client_data_json, signature, userHandle: null },
      clientExtensionResults: {},
    };
  }

  /** A RegistrationResponseJSON with attestation `none`. */
  registrationJson(challenge: Uint8Array): object {
    const id = fromB64u(this.credentialId);
    const attested = concat(new Uint8Array(16), Uint8Array.of(id.length >> 8, id.length & 255), id, fromB64u(this.publicKey));
    const data = this.#authenticatorData(attested);
    // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}; the data is between 24 and 255 bytes long.
    const attestation = concat(Uint8Array.of(0xa3), cborText("fmt"), cborText("none"), cborText("attStmt"), Uint8Array.of(0xa0), cborText("authData"), Uint8Array.of(0x58, data.length), data);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: "public-key",
      response: { clientDataJSON: b64u(this.#clientData("webauthn.create", challenge)), attestationObject: b64u(attestation), transports: ["usb"] },
      clientExtensionResults: {},
    };
  }

  /** As a connect request lists it, with its proof of possession for `msp`, the console's origin (PROTOCOL 10). */
  signer({ msp, person, label }: { msp: string; person: string; label: string }): Signer {
    const { credentialId, publicKey, rpId, origin } = this;
    const enrol = this.assert(enrolChallenge({ credential_id: credentialId, msp, public_key: publicKey }));
    return { credential_id: credentialId, public_key: publicKey, label, person, rp_id: rpId, origin, enrol };
  }
}

function cborText(text: string): Bytes {
  return concat(Uint8Array.of(0x60 | text.length), utf8(text));
}
