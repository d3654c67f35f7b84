// Making and opening an inbox key, in the technician's browser (PROTOCOL 8). The private half exists here only, and only for
// as long as it takes to wrap it; every input of its wrapping is fixed by our own files, none comes from the server.
import { checkCopies, isPhraseCopy, phraseCost, type Copy, type PasskeyCopy, type PhraseCopy } from "#lib/inbox/copies.ts";
import { drawSalt, unwrapUnderPhrase, wrapUnderPhrase } from "#lib/inbox/phrase.ts";
import { b64u, fromB64u, randomBytes, type Bytes } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { inboxKeyChallenge, inboxPrfInput, unwrapInboxKey, wrapInboxKey } from "#lib/protocol/inbox.ts";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import { derivePhrase } from "./derive.ts";

export type OwnPasskey = { readonly credential_id: string; readonly label: string; readonly transports: readonly string[] };
export type Technician = { id: string; name: string; /** Origin of this console. */ console: string; /** How long a statement is made for. */ days: number };
/** A copy as the server hands it out: not judged yet. */
export type StoredCopy = Readonly<Record<string, string | number>>;
/** What opens a key: one of the passkeys, or the words of a phrase, in order. */
export type Opener = { readonly by: "passkey"; readonly passkeys: readonly OwnPasskey[] } | { readonly by: "phrase"; readonly words: readonly string[] };

/** Why a ceremony stops here, in the browser. */
export type StopReason = "no_tap" | "no_prf" | "strange_copies" | "not_opened" | "wrong_phrase" | "no_argon2" | "strange_key" | "unsupported" | "elsewhere";
export class InboxStop extends Error {
  override name = "InboxStop";
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(reason);
    this.reason = reason;
  }
}

export type Tapped = { credentialId: string; prf: Bytes | null; parts: { authenticator_data: string; client_data_json: string; signature: string }; userHandle: string | null };

/** One touch that signs `challenge` and evaluates the PRF at the protocol's own input, where passkey and browser can. */
export async function tap(challenge: Bytes, passkeys: readonly OwnPasskey[]): Promise<Tapped> {
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
  const prf = first instanceof ArrayBuffer && first.byteLength === 32 ? new Uint8Array(first) : null;
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  const parts = { authenticator_data: b64u(new Uint8Array(authenticatorData)), client_data_json: b64u(new Uint8Array(clientDataJSON)), signature: b64u(new Uint8Array(signature)) };
  return { credentialId, prf, parts, userHandle: userHandle ? b64u(new Uint8Array(userHandle)) : null };
}

/** The same where nothing can be done without the PRF's output. */
async function tapForPrf(challenge: Bytes, passkeys: readonly OwnPasskey[]): Promise<Tapped & { prf: Bytes }> {
  const { prf, ...tapped } = await tap(challenge, passkeys);
  if (prf === null) throw new InboxStop("no_prf");
  return { ...tapped, prf };
}

const derive = async (words: readonly string[], salt: Bytes): Promise<Bytes> => {
  try {
    return await derivePhrase(words, salt);
  } catch {
    throw new InboxStop("no_argon2");
  }
};

/** What a new key says of itself: this page's own console and person, and a year at most. `now`: Unix seconds. Pure. */
export const newStatement = (publicKey: string, technician: Technician, now: number): InboxStatement => ({
  kem: "x-wing", msp: technician.console, name: technician.name, not_after: now + technician.days * 86_400, public_key: publicKey, technician: technician.id, v: 1,
});

type Stated = { statement: InboxStatement; credential_id: string; assertion: Tapped["parts"]; wrapped: string; phrase?: { memory_kib: number; passes: number; lanes: number; salt: string } };
/** A stated key that waits for a phrase, because its passkey gave no PRF output. `drop` forgets the private half. */
export type Unwrapped = { readonly under: (words: readonly string[]) => Promise<Stated>; readonly drop: () => void };
export type Made = { stated: Stated } | { unwrapped: Unwrapped };

/** A new pair, stated with one touch, and wrapped by it where the passkey can. Throws InboxStop. */
export async function makeInboxKey(technician: Technician, passkeys: readonly OwnPasskey[]): Promise<Made> {
  if (technician.console !== location.origin) throw new InboxStop("elsewhere");
  // The sealing library is fetched only by whoever makes or opens a key.
  const { generateSealKey } = await import("#lib/protocol/seal.ts");
  const pair = await generateSealKey("x-wing");
  const drop = () => void pair.privateKey.fill(0);
  try {
    const statement = newStatement(pair.publicKey, technician, Math.floor(Date.now() / 1_000));
    const { credentialId, prf, parts } = await tap(inboxKeyChallenge(statement), passkeys);
    const said = { statement, credential_id: credentialId, assertion: parts };
    if (prf === null) {
      const under = async (words: readonly string[]): Promise<Stated> => {
        const salt = drawSalt();
        const derived = await derive(words, salt);
        const wrapped = await wrapUnderPhrase(derived, pair.privateKey, { public_key: pair.publicKey, technician: technician.id, salt });
        derived.fill(0);
        return { ...said, wrapped: b64u(wrapped), phrase: { ...phraseCost, salt: b64u(salt) } };
      };
      return { unwrapped: { under, drop } };
    }
    const wrapped = await wrapInboxKey(prf, pair.privateKey, { credential_id: credentialId, public_key: pair.publicKey, technician: technician.id });
    prf.fill(0);
    drop();
    return { stated: { ...said, wrapped: b64u(wrapped) } };
  } catch (error) {
    drop();
    throw error;
  }
}

/** The copies as the server gave them, or a stop: another derivation, another parameter, or one too many, is refused. Pure. */
export function readCopies(copies: readonly StoredCopy[]): { byPasskey: ReadonlyMap<string, PasskeyCopy>; phrase: PhraseCopy | null } {
  const given: unknown = copies;
  try {
    checkCopies(given);
  } catch {
    throw new InboxStop("strange_copies");
  }
  const judged: readonly Copy[] = given;
  const byPasskey = new Map<string, PasskeyCopy>();
  for (const copy of judged) if (!isPhraseCopy(copy)) byPasskey.set(copy.credential_id, copy);
  return { byPasskey, phrase: judged.find(isPhraseCopy) ?? null };
}

/**
 * Opens the private half with one of the passkeys that hold a copy, or with the phrase. Each copy is bound to the public key,
 * so one that opens proves that the key which is shown is the key that was made. The caller wipes what it is given.
 * Throws InboxStop.
 */
export async function openInboxKey(statement: InboxStatement, copies: readonly StoredCopy[], opener: Opener): Promise<Bytes> {
  const { byPasskey, phrase } = readCopies(copies);
  const { public_key, technician } = statement;
  if (opener.by === "phrase") {
    if (phrase === null) throw new InboxStop("not_opened");
    const salt = fromB64u(phrase.salt);
    const derived = await derive(opener.words, salt);
    const opened = await unwrapUnderPhrase(derived, fromB64u(phrase.wrapped), { public_key, technician, salt });
    derived.fill(0);
    if (!opened) throw new InboxStop("wrong_phrase");
    return opened;
  }
  // Answered to nobody: the bytes are drawn here, and still signed under the inbox's own label only.
  const { credentialId, prf } = await tapForPrf(ceremonyChallenge("inbox", randomBytes(32)), opener.passkeys.filter((one) => byPasskey.has(one.credential_id)));
  const copy = byPasskey.get(credentialId);
  const opened = copy && (await unwrapInboxKey(prf, fromB64u(copy.wrapped), { credential_id: credentialId, public_key, technician }));
  prf.fill(0);
  if (!opened) throw new InboxStop("not_opened");
  return opened;
}

/** Whether the key that is shown is the one that this person's passkey or phrase opens. Throws InboxStop when it is not. */
export async function checkInboxKey(statement: InboxStatement, copies: readonly StoredCopy[], opener: Opener): Promise<void> {
  (await openInboxKey(statement, copies, opener)).fill(0);
}

/** Opens the key and puts it under another passkey, with a touch of that one. `question`: drawn for this by the server. */
export async function copyInboxKey(
  { statement, copies, id }: { statement: InboxStatement; copies: readonly StoredCopy[]; id: string },
  opener: Opener,
  target: OwnPasskey,
  ask: () => Promise<{ challengeId: string; bytes: string }>,
): Promise<object> {
  const privateKey = await openInboxKey(statement, copies, opener);
  try {
    const { challengeId, bytes } = await ask();
    const { credentialId, prf, parts, userHandle } = await tapForPrf(ceremonyChallenge("inbox", fromB64u(bytes, 32)), [target]);
    const wrapped = await wrapInboxKey(prf, privateKey, { credential_id: credentialId, public_key: statement.public_key, technician: statement.technician });
    prf.fill(0);
    const response = { clientDataJSON: parts.client_data_json, authenticatorData: parts.authenticator_data, signature: parts.signature, ...(userHandle && { userHandle }) };
    return { inbox_key_id: id, wrapped: b64u(wrapped), proof: { challengeId, assertion: { id: credentialId, rawId: credentialId, type: "public-key", response, clientExtensionResults: {} } } };
  } finally {
    privateKey.fill(0);
  }
}
