// Ceremony 1: a new signing key. Two taps on the same key: one makes it, one proves that it is here and signs under this
// house's name (PROTOCOL 10.1, `enrol`). What the proof signs is made here, from the new key and the console's origin.
import { parseAttestation } from "#lib/protocol/attestation.ts";
import { b64u, equalBytes, fromB64u, randomBytes, type Bytes } from "#lib/protocol/bytes.ts";
import { enrolChallenge } from "#lib/protocol/connect.ts";
import { COSE_ALGORITHMS, parseCoseKey } from "#lib/protocol/cose.ts";
import type { Enrol } from "#lib/protocol/messages.ts";
import type { House } from "./house.ts";
import type { EnrolOffer, KnownKey } from "./offer.ts";
import { Stopped } from "./stopped.ts";
import { enrolOf, tap, TAP_MS } from "./tap.ts";

/** A credential that was made and not yet proven. */
export interface MadeKey {
  /** b64u. */
  credential_id: string;
  /** COSE, b64u. */
  public_key: string;
  transports: string[];
}

export interface EnrolSubmission extends MadeKey {
  secret: string;
  enrol: Enrol;
}

const descriptor = ({ id, transports }: KnownKey): PublicKeyCredentialDescriptor => ({ type: "public-key", id: fromB64u(id), transports: [...transports] as AuthenticatorTransport[] });

/**
 * What the browser is asked for. The challenge of a creation is signed by nothing that anybody checks (attestation is not
 * asked for), so it is drawn here; the user handle is drawn too, since an authenticator replaces a key of an equal handle.
 */
export function creationOptions(offer: EnrolOffer, house: House): PublicKeyCredentialCreationOptions {
  return {
    challenge: randomBytes(32),
    rp: { id: house.rpId, name: `Signing for ${offer.msp.name}` },
    user: { id: randomBytes(32), name: `${offer.person.name}, ${offer.label}`, displayName: `${offer.person.name}, ${offer.label}` },
    pubKeyCredParams: COSE_ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: offer.known.map(descriptor),
    authenticatorSelection: { userVerification: "required", residentKey: "discouraged" },
    attestation: "none",
    timeout: TAP_MS,
  };
}

/** Reads the new credential. Stopped `copyable` when the organisation takes only keys that stay on their device. */
export function readMadeKey(rawId: Uint8Array, attestationObject: Uint8Array, transports: readonly string[], offer: EnrolOffer): MadeKey {
  const attestation = parseAttestation(attestationObject);
  if (attestation === null || !equalBytes(attestation.authenticator.credential.credentialId, rawId)) throw new Stopped("key_unreadable");
  const { publicKey } = attestation.authenticator.credential;
  try {
    parseCoseKey(publicKey);
  } catch {
    throw new Stopped("key_unreadable");
  }
  if (offer.hardware_bound && attestation.authenticator.backupEligible) throw new Stopped("copyable");
  return { credential_id: b64u(rawId), public_key: b64u(publicKey), transports: [...transports] };
}

export async function makeKey(offer: EnrolOffer, house: House): Promise<MadeKey> {
  const made = await tap(() => navigator.credentials.create({ publicKey: creationOptions(offer, house) }));
  if (!(made.response instanceof AuthenticatorAttestationResponse)) throw new Stopped("key_unreadable");
  const { response } = made;
  return readMadeKey(new Uint8Array(made.rawId), new Uint8Array(response.attestationObject), response.getTransports(), offer);
}

/** What the new key signs. Never a value from the server: only what was just made here, and the console's own origin. */
export function proofChallenge(made: MadeKey, house: House): Bytes {
  return enrolChallenge({ credential_id: made.credential_id, msp: house.console, public_key: made.public_key });
}

export async function proveKey(made: MadeKey, offer: EnrolOffer, house: House): Promise<EnrolSubmission> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: proofChallenge(made, house),
    rpId: house.rpId,
    allowCredentials: [descriptor({ id: made.credential_id, label: offer.label, transports: made.transports })],
    userVerification: "required",
    timeout: TAP_MS,
  };
  const proof = await tap(() => navigator.credentials.get({ publicKey }));
  return { secret: offer.secret, ...made, enrol: enrolOf(proof, [made.credential_id]) };
}
