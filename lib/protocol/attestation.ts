// Registration (PROTOCOL 13): attestation `none` is accepted, so what matters of an attestation object is its data.
import { parseAuthenticatorData, type AuthenticatorData } from "./assertion.ts";
import type { Bytes } from "./bytes.ts";
import { decodeCbor } from "./cbor.ts";

export interface Attestation {
  /** `none` and others: the statement is not verified, so it says nothing about the device. */
  format: string;
  authenticatorData: Bytes;
  authenticator: AuthenticatorData & { credential: NonNullable<AuthenticatorData["credential"]> };
}

/** Reads an attestation object (WebAuthn 6.5.4); null when it is malformed or carries no credential. */
export function parseAttestation(bytes: Uint8Array): Attestation | null {
  let value: unknown;
  try {
    value = decodeCbor(bytes);
  } catch {
    return null;
  }
  if (!(value instanceof Map)) return null;
  const format: unknown = value.get("fmt");
  const authenticatorData: unknown = value.get("authData");
  if (typeof format !== "string" || !(authenticatorData instanceof Uint8Array) || !(value.get("attStmt") instanceof Map)) return null;
  const authenticator = parseAuthenticatorData(authenticatorData);
  if (authenticator === null || authenticator.credential === null) return null;
  return {
    format,
    authenticatorData: new Uint8Array(authenticatorData),
    authenticator: { ...authenticator, credential: authenticator.credential },
  };
}
