// What a browser's `PublicKeyCredential.toJSON()` gives (WebAuthn level 3, 5.1): read without minding members of its own.
import { ProtocolError } from "#lib/protocol/errors.ts";
import { tryB64u } from "#lib/protocol/bytes.ts";
import { pointer } from "#lib/protocol/check.ts";

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ProtocolError("invalid", { path, detail: "an object" });
  return value as Readonly<Record<string, unknown>>;
}

/** A base64url member of at most `max` bytes. */
function bytes(holder: Readonly<Record<string, unknown>>, name: string, path: string, max: number): string {
  const value = holder[name];
  const size = typeof value === "string" && value.length <= max * 2 ? (tryB64u(value)?.length ?? 0) : 0;
  if (size < 1 || size > max) throw new ProtocolError("invalid", { path: `${path}/${name}`, detail: `base64url of 1 to ${max} bytes` });
  return value as string;
}

/** The members of a body by name; another one is 422. */
export function members(body: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  for (const name of Object.keys(body)) if (!names.includes(name)) throw new ProtocolError("invalid", { path: pointer("", name), detail: "unknown member" });
  return body;
}

export interface AuthenticationResponse {
  credentialId: string;
  /** In the names that lib/protocol reads. */
  assertion: { authenticator_data: string; client_data_json: string; signature: string };
}

/** An AuthenticationResponseJSON. Throws ProtocolError `invalid`. */
export function authenticationResponse(value: unknown, path: string): AuthenticationResponse {
  const whole = record(value, path);
  const response = record(whole["response"], `${path}/response`);
  return {
    credentialId: bytes(whole, "id", path, 1023),
    assertion: {
      authenticator_data: bytes(response, "authenticatorData", `${path}/response`, 4096),
      client_data_json: bytes(response, "clientDataJSON", `${path}/response`, 4096),
      signature: bytes(response, "signature", `${path}/response`, 1024),
    },
  };
}

export interface RegistrationResponse {
  credentialId: string;
  clientDataJson: string;
  attestationObject: string;
}

/** A RegistrationResponseJSON. Throws ProtocolError `invalid`. */
export function registrationResponse(value: unknown, path: string): RegistrationResponse {
  const whole = record(value, path);
  const response = record(whole["response"], `${path}/response`);
  return {
    credentialId: bytes(whole, "id", path, 1023),
    clientDataJson: bytes(response, "clientDataJSON", `${path}/response`, 4096),
    attestationObject: bytes(response, "attestationObject", `${path}/response`, 16_384),
  };
}
