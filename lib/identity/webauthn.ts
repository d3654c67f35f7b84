/**
 * Judging what a key answered. First a ladder of our own over what needs no key, one refusal each and the same for everybody,
 * so that it tells nothing of who exists; then @simplewebauthn's whole check, which knows the key. No database here.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject } from "@simplewebauthn/server/helpers";
import { Refusal } from "../errors.ts";
import { parseAuthenticatorData, parseClientData, type AuthenticatorData } from "../protocol/assertion.ts";
import { b64u, equalBytes, fromB64u, tryB64u, utf8, type Bytes } from "../protocol/bytes.ts";
import { COSE_ALGORITHMS, parseCoseKey } from "../protocol/cose.ts";
import { sha256 } from "../protocol/hash.ts";
import type { Assertion, Registration } from "./ceremony.ts";

/** `challenge`: the derived one, 32 bytes. `origin`: the console's; the RP id is its host. */
export type Expected = { challenge: Bytes; origin: string };

export type StoredKey = { credentialId: Uint8Array; publicKey: Uint8Array; counter: bigint; backupEligible: boolean };

export const rpIdOf = (origin: string): string => new URL(origin).hostname;

function ladder(type: "webauthn.get" | "webauthn.create", clientDataJson: string, authenticator: AuthenticatorData | null, expected: Expected): AuthenticatorData {
  const bytes = tryB64u(clientDataJson);
  const client = bytes && parseClientData(bytes);
  if (!client || !authenticator || client.type !== type) throw new Refusal("key_refused");
  const named = client.challenge === null ? null : tryB64u(client.challenge, expected.challenge.length);
  if (!named || !equalBytes(named, expected.challenge)) throw new Refusal("ceremony_foreign");
  if (client.origin !== expected.origin || client.crossOrigin || client.hasTopOrigin) throw new Refusal("wrong_origin");
  if (!equalBytes(authenticator.rpIdHash, sha256(utf8(rpIdOf(expected.origin))))) throw new Refusal("wrong_rp");
  if (!authenticator.userPresent || !authenticator.userVerified) throw new Refusal("not_verified");
  return authenticator;
}

/** What can be said of an assertion without knowing whose it is. Throws Refusal, one code per rung. */
export function judgeForm(assertion: Assertion, expected: Expected): AuthenticatorData {
  const data = tryB64u(assertion.response.authenticatorData);
  return ladder("webauthn.get", assertion.response.clientDataJSON, data && parseAuthenticatorData(data), expected);
}

/** An unknown credential is judged against this ES256 key, so that it takes the time of a known one; what comes of it never counts. */
const nobodysKey: StoredKey = {
  credentialId: new Uint8Array(16),
  // The generator of P-256: a point of the curve, and so plainly no person's key.
  publicKey: fromB64u("pQECAyYgASFYIGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWIlggT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"),
  counter: 0n,
  backupEligible: false,
};

/**
 * The signature and everything else, against the stored key; without one against nobody's, which always fails.
 * The counter is left to the caller: going back is a fact to record, not only an error.
 * Throws Refusal `key_refused`.
 */
export async function judgeAssertion(assertion: Assertion, expected: Expected, key: StoredKey | undefined): Promise<{ counter: bigint; backedUp: boolean }> {
  const known = key ?? nobodysKey;
  const id = key ? b64u(key.credentialId) : assertion.id;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: assertion,
      expectedChallenge: b64u(expected.challenge),
      expectedOrigin: expected.origin,
      expectedRPID: rpIdOf(expected.origin),
      requireUserVerification: true,
      credential: { id, publicKey: Uint8Array.from(known.publicKey), counter: 0 },
    });
    const backedUp = authenticationInfo.credentialBackedUp;
    // BE never changes in a credential's life (WebAuthn level 3, 6.1.3); another value is another authenticator.
    if (!verified || !key || assertion.id !== id || (authenticationInfo.credentialDeviceType === "multiDevice") !== key.backupEligible) throw new Refusal("key_refused");
    return { counter: BigInt(authenticationInfo.newCounter), backedUp };
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("key_refused", { cause: error });
  }
}

export type VerifiedKey = StoredKey & { credentialId: Bytes; publicKey: Bytes; backedUp: boolean; aaguid: string; transports: string[] };

/** A new key's proof of possession. Throws Refusal, the rungs of the ladder first. */
export async function judgeRegistration(registration: Registration, expected: Expected): Promise<VerifiedKey> {
  let authenticator: AuthenticatorData | null = null;
  try {
    authenticator = parseAuthenticatorData(Uint8Array.from(decodeAttestationObject(Uint8Array.from(fromB64u(registration.response.attestationObject))).get("authData")));
  } catch {
    // no CBOR, or not an attestation: the ladder refuses it
  }
  const { credential, backupEligible, backedUp, counter } = ladder("webauthn.create", registration.response.clientDataJSON, authenticator, expected);
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: registration,
      expectedChallenge: b64u(expected.challenge),
      expectedOrigin: expected.origin,
      expectedRPID: rpIdOf(expected.origin),
      requireUserVerification: true,
      supportedAlgorithmIDs: [...COSE_ALGORITHMS],
    });
    if (!verified || !credential || b64u(credential.credentialId) !== registration.id) throw new Refusal("key_refused");
    parseCoseKey(credential.publicKey);
    return {
      credentialId: credential.credentialId, publicKey: credential.publicKey, counter: BigInt(counter), backupEligible, backedUp,
      aaguid: registrationInfo.aaguid, transports: registration.response.transports ?? [],
    };
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("key_refused", { cause: error });
  }
}
