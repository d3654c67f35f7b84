/**
 * The page's side of every ceremony. It never has a key sign bytes that it was handed: the challenge is derived here, under the
 * label of what the person is about to do (PROTOCOL 6, "One credential, one purpose").
 */
import { browserSupportsWebAuthn, startAuthentication, startRegistration, WebAuthnError } from "@simplewebauthn/browser";
import type { Failure } from "#lib/errors.ts";
import type { KeyQuestion, NewKey, Proof, Question } from "#lib/identity/ceremony.ts";
import { b64u, tryB64u } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge, type Ceremony } from "#lib/protocol/challenge.ts";
import { COSE_ALGORITHMS } from "#lib/protocol/cose.ts";
import type { Outcome } from "#components/ui/failure.ts";
import { failureOfCode } from "./code-words.ts";
import { failureOfProblem, ownFailure } from "./words.ts";

const refused = (failure: Failure) => ({ ok: false, failure }) as const;
/** The browser's own limit on a question to a key; ours on the server is longer, so that ours never cuts a touch off. */
const patience = 180_000;

/** Asks one of our doors. */
export async function ask<Value>(path: string, body: object = {}): Promise<Outcome<Value>> {
  try {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    return response.ok ? { ok: true, value: answer as Value } : refused(failureOfProblem(answer));
  } catch {
    return refused(ownFailure("no_answer"));
  }
}

/** Throws a TypeError for anything but 32 bytes: a server that hands something else is not asking what it should. */
export function derivedChallenge(label: Ceremony, { bytes }: Pick<Question, "bytes">): string {
  const drawn = tryB64u(bytes, 32);
  if (!drawn) throw new TypeError("A question has 32 bytes.");
  return b64u(ceremonyChallenge(label, drawn));
}

function worded(thrown: unknown): Failure {
  const name = thrown instanceof WebAuthnError ? (thrown.cause as Error | undefined)?.name ?? thrown.name : (thrown as Error | undefined)?.name;
  if (name === "InvalidStateError") return failureOfCode("key_known");
  if (name === "NotAllowedError" || name === "AbortError" || name === "TimeoutError") return ownFailure("not_touched");
  if (name === "SecurityError") return failureOfCode("wrong_origin");
  if (name === "ConstraintError") return failureOfCode("not_verified");
  return failureOfCode("ceremony_foreign");
}

/** Has a key answer a question. The RP id is this page's own host, whatever the server says. */
export async function answerQuestion(label: "signin" | "stepup", question: Question & { allow?: readonly string[] }): Promise<Outcome<Proof>> {
  if (!browserSupportsWebAuthn()) return refused(ownFailure("no_passkeys"));
  try {
    const assertion = await startAuthentication({ optionsJSON: { challenge: derivedChallenge(label, question), rpId: location.hostname, userVerification: "required", timeout: patience, ...(question.allow && { allowCredentials: question.allow.map((id) => ({ id, type: "public-key" as const })) }) } });
    const { id, rawId, response } = assertion;
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    return { ok: true, value: { challengeId: question.challengeId, assertion: { id, rawId, type: "public-key", clientExtensionResults: {}, response: { clientDataJSON, authenticatorData, signature, ...(userHandle && { userHandle }) } } } };
  } catch (thrown) {
    return refused(worded(thrown));
  }
}

/** Has a new key made for sign-in: kept by the authenticator (no name is typed at sign-in), its holder checked. */
export async function makeKey(question: KeyQuestion): Promise<Outcome<NewKey>> {
  if (!browserSupportsWebAuthn()) return refused(ownFailure("no_passkeys"));
  try {
    const registration = await startRegistration({
      optionsJSON: {
        challenge: derivedChallenge("signin", question),
        rp: { id: location.hostname, name: question.rpName },
        user: { id: question.userId, name: question.userName, displayName: question.displayName },
        pubKeyCredParams: COSE_ALGORITHMS.map((alg) => ({ alg, type: "public-key" })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        excludeCredentials: question.exclude.map((id) => ({ id, type: "public-key" })),
        attestation: "none",
        // Hardware keys can only ever give a PRF output when they were made with it; the inbox key is wrapped under it (PROTOCOL 8).
        extensions: { prf: {} },
        timeout: patience,
      },
    });
    const { id, rawId, response } = registration;
    const { clientDataJSON, attestationObject, transports } = response;
    return { ok: true, value: { challengeId: question.challengeId, registration: { id, rawId, type: "public-key", clientExtensionResults: {}, response: { clientDataJSON, attestationObject, ...(transports && { transports }) } } } };
  } catch (thrown) {
    return refused(worded(thrown));
  }
}

/** Hands a finished ceremony to next-auth, which answers with the session's cookie or with a code of ours. */
async function enter(payload: object): Promise<Outcome<null>> {
  try {
    const { csrfToken } = (await (await fetch("/api/auth/csrf", { cache: "no-store" })).json()) as { csrfToken: string };
    const response = await fetch("/api/auth/callback/passkey", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ csrfToken, json: "true", callbackUrl: location.origin, payload: JSON.stringify(payload) }) });
    const answer = (await response.json()) as { url?: string };
    if (response.ok) return { ok: true, value: null };
    if (answer.url) return refused(failureOfCode(new URL(answer.url).searchParams.get("error")));
    return refused(failureOfProblem(answer));
  } catch {
    return refused(ownFailure("no_answer"));
  }
}

export async function signIn(): Promise<Outcome<null>> {
  const question = await ask<Question>("/api/ceremony/sign-in");
  if (!question.ok) return question;
  const proof = await answerQuestion("signin", question.value);
  return proof.ok ? enter({ deed: "sign-in", proof: proof.value }) : proof;
}

async function enterWithNewKey(path: string, asked: object, payload: object): Promise<Outcome<null>> {
  const question = await ask<KeyQuestion>(path, asked);
  if (!question.ok) return question;
  const key = await makeKey(question.value);
  return key.ok ? enter({ ...payload, key: key.value }) : key;
}

export const signUp = (founding: { organisation: string; name: string; email: string }): Promise<Outcome<null>> => enterWithNewKey("/api/ceremony/sign-up", founding, { deed: "sign-up", founding });
export const join = (secret: string, name: string): Promise<Outcome<null>> => enterWithNewKey("/api/ceremony/join", { secret, name }, { deed: "join", secret, name });
export const recover = (secret: string): Promise<Outcome<null>> => enterWithNewKey("/api/ceremony/recover", { secret }, { deed: "recover", secret });
export const claim = (secret: string, name: string): Promise<Outcome<null>> => enterWithNewKey("/api/ceremony/claim", { secret, name }, { deed: "claim", secret, name });
