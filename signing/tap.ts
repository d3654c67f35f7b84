// The one place that asks a key for a tap, and the words for when it does not come.
import { b64u } from "#lib/protocol/bytes.ts";
import type { Enrol } from "#lib/protocol/messages.ts";
import { Stopped } from "./stopped.ts";

/** How long the browser waits for a key, milliseconds. */
export const TAP_MS = 120_000;

export async function tap(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    // InvalidStateError: the authenticator already holds one of `excludeCredentials` (WebAuthn 6.3.2).
    if (name === "InvalidStateError") throw new Stopped("key_known");
    if (name === "NotAllowedError" || name === "AbortError") throw new Stopped("no_tap");
    if (name === "SecurityError") throw new Stopped("misbuilt");
    if (name === "NotSupportedError") throw new Stopped("unsupported");
    throw error;
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Stopped("unsupported");
  return credential;
}

export const credentialOf = (credential: PublicKeyCredential): string => b64u(new Uint8Array(credential.rawId));

/** The assertion's three parts. Stopped `key_unknown` when another key answered than was asked. */
export function enrolOf(credential: PublicKeyCredential, allowed: readonly string[]): Enrol {
  if (!allowed.includes(credentialOf(credential))) throw new Stopped("key_unknown");
  if (!(credential.response instanceof AuthenticatorAssertionResponse)) throw new Stopped("unsupported");
  const { authenticatorData, clientDataJSON, signature } = credential.response;
  return { authenticator_data: b64u(new Uint8Array(authenticatorData)), client_data_json: b64u(new Uint8Array(clientDataJSON)), signature: b64u(new Uint8Array(signature)) };
}
