/** The ceremonies of the console, as page and server both name them. Pure; runs in the browser too. */
import { z } from "zod";
import type { Ceremony } from "../protocol/challenge.ts";

/** What a challenge is drawn for. A row of another purpose is never accepted. */
export const purposes = ["signup", "signin", "join", "recover", "addkey", "stepup", "inbox"] as const;
export type Purpose = (typeof purposes)[number];

/**
 * The label under which the page derives the WebAuthn challenge (PROTOCOL 6, "One credential, one purpose"). A key that is
 * registered for sign-in is registered under that label; `webauthn.create` and the row's purpose tell it from a sign-in.
 */
export const labelOf: Readonly<Record<Purpose, Ceremony>> = { signup: "signin", signin: "signin", join: "signin", recover: "signin", addkey: "signin", stepup: "stepup", inbox: "inbox" };

/** What the page is handed: 32 bytes to derive its challenge from, and the name of the row that judges the answer. */
export type Question = { challengeId: string; bytes: string };

/** For a step-up: which keys may answer, so that the browser offers no other. */
export type TapQuestion = Question & { allow: string[] };

/** More for a registration: who it is for, and which keys the authenticator must not register twice. */
export type KeyQuestion = Question & { rpName: string; userId: string; userName: string; displayName: string; exclude: string[] };

const b64 = (most: number) => z.string().regex(/^[A-Za-z0-9_-]*$/).max(most);

/** An assertion as `@simplewebauthn/browser` gives it; what is not named here is dropped. */
export const assertionShape = z.object({
  id: b64(1_364).min(1), rawId: b64(1_364).min(1), type: z.literal("public-key"),
  response: z.object({ clientDataJSON: b64(4_096).min(1), authenticatorData: b64(2_048).min(1), signature: b64(1_024).min(1), userHandle: b64(128).optional() }),
  clientExtensionResults: z.object({}).default({}),
});
export type Assertion = z.output<typeof assertionShape>;

/** A registration likewise. */
export const registrationShape = z.object({
  id: b64(1_364).min(1), rawId: b64(1_364).min(1), type: z.literal("public-key"),
  response: z.object({ clientDataJSON: b64(4_096).min(1), attestationObject: b64(32_768).min(1), transports: z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(10).optional() }),
  clientExtensionResults: z.object({}).default({}),
});
export type Registration = z.output<typeof registrationShape>;

/** An answered question. */
export const proofShape = z.object({ challengeId: z.uuid(), assertion: assertionShape });
export type Proof = z.output<typeof proofShape>;

export const newKeyShape = z.object({ challengeId: z.uuid(), registration: registrationShape });
export type NewKey = z.output<typeof newKeyShape>;

export const clean = (most: number, empty: string) =>
  z.string().trim().min(1, empty).max(most, `At most ${most} letters.`)
    // PROTOCOL 1: what may stand in a name. Letters that turn the reading direction hide what follows them.
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    .refine((text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/.test(text), "It holds a character that cannot be shown. Type it anew.");

export const organisationName = clean(120, "Type the organisation's name.");
export const personName = clean(120, "Type a name.");
export const keyLabel = clean(60, "Type a name for the key.");
/** Kept in lower case: two spellings of one address are one person. */
export const emailAddress = z.string().trim().toLowerCase().min(1, "Type an address.").max(254, "An address has at most 254 letters.").pipe(z.email("This is no mail address. It looks like name@example.com."))
  .refine((text) => text.lastIndexOf("@") <= 64, "The part before the @ has at most 64 letters.");
/** The secret of a one-time link: 32 bytes. */
export const linkSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
