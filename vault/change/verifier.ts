import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { signedBytes, type ParsedAssertion } from "#lib/protocol/assertion.ts";
import { fromB64u } from "#lib/protocol/bytes.ts";
import { derToRaw } from "#lib/protocol/der.ts";
import { parseCoseKey, type SignatureAlgorithm } from "#lib/protocol/cose.ts";

interface Verifier {
  alg: SignatureAlgorithm;
  key: KeyObject;
}

/** A verifying key from COSE bytes (base64url). Throws when it is none, or its point is not on its curve. */
export function verifierOf(cose: string): Verifier {
  const { alg, jwk } = parseCoseKey(fromB64u(cose));
  return { alg, key: createPublicKey({ key: { ...jwk }, format: "jwk" }) };
}

/** Whether the signature is the key's, by node:crypto: the same judgement as lib/protocol's, without a promise. */
export function isSignedBy({ alg, key }: Verifier, parsed: ParsedAssertion): boolean {
  // ES256 arrives as DER, node's default for EC keys; strictly, or one signature had many spellings. EdDSA names no digest.
  if (alg === "ES256" && derToRaw(parsed.signature) === null) return false;
  return verify(alg === "EdDSA" ? null : "sha256", signedBytes(parsed), key, parsed.signature);
}

/** Parsed keys by their COSE text: parsing costs three times a verification. Bounded by the vault's own credentials. */
export class VerifierCache {
  readonly #known = new Map<string, Verifier>();

  of(cose: string): Verifier {
    let verifier = this.#known.get(cose);
    if (verifier === undefined) {
      verifier = verifierOf(cose);
      this.#known.set(cose, verifier);
    }
    return verifier;
  }
}
