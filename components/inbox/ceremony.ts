// Making and opening an inbox key, in the technician's browser (PROTOCOL 8). The private half exists here only, and only for
// as long as it takes to wrap it; every input of its wrapping is fixed by lib/protocol, none comes from the server.
import { checkCopies } from "#lib/inbox/copies.ts";
import { b64u, fromB64u, randomBytes, type Bytes } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { inboxFingerprint, inboxKeyChallenge, inboxPrfInput, unwrapInboxKey, wrapInboxKey } from "#lib/protocol/inbox.ts";
import type { InboxStatement } from "#lib/protocol/messages.ts";

export type OwnPasskey = { readonly credential_id: string; readonly label: string; readonly transports: readonly string[] };
export type Technician = { id: string; name: string; /** Origin of this console. */ console: string; /** How long a statement is made for. */ days: number };
export type StoredCopy = { readonly credential_id: string; readonly derivation: string; readonly wrapped: string };

/** Why a ceremony stops here, in the browser. */
export type StopReason = "no_tap" | "no_prf" | "strange_copies" | "not_opened" | "strange_key" | "unsupported" | "elsewhere";
export class InboxStop extends Error {
  override name = "InboxStop";
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(reason);
    this.reason = reason;
  }
}

type Tapped = { credentialId: string; prf: Bytes; parts: { authenticator_data: string; client_data_json: string; signature: string }; userHandle: string | null };

/** One touch that signs `challenge` and evaluates the PRF at the protocol's own input. */
async function tap(challenge: Bytes, passkeys: readonly OwnPasskey[]): Promise<Tapped> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge,
    rpId: location.hostname,
    allowCredentials: passkeys.map(({ credential_id, transports }) => ({ type: "public-key", id: fromB64u(credential_id), transports: [...transports] as AuthenticatorTransport[] })),
    userVerification: "required",
    timeout: 120_000,
    extensions: { prf: { eval: { first: inboxPrfInput() } } },
  };
  let credential: Credential | null;
  try {
    credential = await navigator.credentials.get({ publicKey });
  } catch (error) {
    throw new InboxStop(error instanceof Error && error.name === "NotAllowedError" ? "no_tap" : "unsupported");
  }
  if (!(credential instanceof PublicKeyCredential) || !(credential.response instanceof AuthenticatorAssertionResponse)) throw new InboxStop("unsupported");
  const credentialId = b64u(new Uint8Array(credential.rawId));
  if (!passkeys.some((one) => one.credential_id === credentialId)) throw new InboxStop("strange_key");
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!(first instanceof ArrayBuffer) || first.byteLength !== 32) throw new InboxStop("no_prf");
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  const parts = { authenticator_data: b64u(new Uint8Array(authenticatorData)), client_data_json: b64u(new Uint8Array(clientDataJSON)), signature: b64u(new Uint8Array(signature)) };
  return { credentialId, prf: new Uint8Array(first), parts, userHandle: userHandle ? b64u(new Uint8Array(userHandle)) : null };
}

/** What a new key says of itself: this page's own console and person, and a year at most. `now`: Unix seconds. Pure. */
export const newStatement = (publicKey: string, technician: Technician, now: number): InboxStatement => ({
  kem: "x-wing", msp: technician.console, name: technician.name, not_after: now + technician.days * 86_400, public_key: publicKey, technician: technician.id, v: 1,
});

export type Stated = { statement: InboxStatement; credential_id: string; assertion: Tapped["parts"]; wrapped: string };

/** A new pair, stated and wrapped with one touch. Throws InboxStop. */
export async function makeInboxKey(technician: Technician, passkeys: readonly OwnPasskey[]): Promise<{ stated: Stated; fingerprint: string }> {
  if (technician.console !== location.origin) throw new InboxStop("elsewhere");
  // The sealing library is fetched only by whoever makes or opens a key.
  const { generateSealKey } = await import("#lib/protocol/seal.ts");
  const pair = await generateSealKey("x-wing");
  try {
    const statement = newStatement(pair.publicKey, technician, Math.floor(Date.now() / 1_000));
    const { credentialId, prf, parts } = await tap(inboxKeyChallenge(statement), passkeys);
    const wrapped = await wrapInboxKey(prf, pair.privateKey, { credential_id: credentialId, public_key: pair.publicKey, technician: technician.id });
    prf.fill(0);
    return { stated: { statement, credential_id: credentialId, assertion: parts, wrapped: b64u(wrapped) }, fingerprint: inboxFingerprint(statement) };
  } finally {
    pair.privateKey.fill(0);
  }
}

/** The copies as the server gave them, or a stop: another derivation, or a parameter of its own, is refused. Pure. */
export function readCopies(copies: readonly StoredCopy[]): ReturnType<typeof byCredential> {
  try {
    checkCopies(copies);
  } catch {
    throw new InboxStop("strange_copies");
  }
  return byCredential(copies);
}
const byCredential = (copies: readonly StoredCopy[]) => new Map(copies.map((copy) => [copy.credential_id, fromB64u(copy.wrapped)]));

/**
 * Opens the private half with one of the passkeys that hold a copy. The copy is bound to the public key, so one that opens
 * proves that the key which is shown is the key that was made.
 */
async function openCopy(statement: InboxStatement, copies: readonly StoredCopy[], passkeys: readonly OwnPasskey[]): Promise<Bytes> {
  const kept = readCopies(copies);
  // Answered to nobody: the bytes are drawn here, and still signed under the inbox's own label only.
  const { credentialId, prf } = await tap(ceremonyChallenge("inbox", randomBytes(32)), passkeys.filter((one) => kept.has(one.credential_id)));
  const wrapped = kept.get(credentialId);
  const opened = wrapped && (await unwrapInboxKey(prf, wrapped, { credential_id: credentialId, public_key: statement.public_key, technician: statement.technician }));
  prf.fill(0);
  if (!opened) throw new InboxStop("not_opened");
  return opened;
}

/** Whether the key that is shown is the one that this person's passkey opens. Throws InboxStop when it is not. */
export async function checkInboxKey(statement: InboxStatement, copies: readonly StoredCopy[], passkeys: readonly OwnPasskey[]): Promise<void> {
  (await openCopy(statement, copies, passkeys)).fill(0);
}

/** Two touches: one opens the key, one puts it under another passkey. `question`: drawn for this by the server. */
export async function copyInboxKey(
  { statement, copies, id }: { statement: InboxStatement; copies: readonly StoredCopy[]; id: string },
  passkeys: readonly OwnPasskey[],
  target: OwnPasskey,
  ask: () => Promise<{ challengeId: string; bytes: string }>,
): Promise<object> {
  const privateKey = await openCopy(statement, copies, passkeys);
  try {
    const { challengeId, bytes } = await ask();
    const { credentialId, prf, parts, userHandle } = await tap(ceremonyChallenge("inbox", fromB64u(bytes, 32)), [target]);
    const wrapped = await wrapInboxKey(prf, privateKey, { credential_id: credentialId, public_key: statement.public_key, technician: statement.technician });
    prf.fill(0);
    const response = { clientDataJSON: parts.client_data_json, authenticatorData: parts.authenticator_data, signature: parts.signature, ...(userHandle && { userHandle }) };
    return { inbox_key_id: id, wrapped: b64u(wrapped), proof: { challengeId, assertion: { id: credentialId, rawId: credentialId, type: "public-key", response, clientExtensionResults: {} } } };
  } finally {
    privateKey.fill(0);
  }
}
