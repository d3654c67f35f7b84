/** A passkey in software, for tests: registers and signs as an authenticator does, and bends each part before it is signed. */
import { b64u, concat, fromB64u, uint32be, utf8, type Bytes } from "../../protocol/bytes.ts";
import { ceremonyChallenge } from "../../protocol/challenge.ts";
import { sha256 } from "../../protocol/hash.ts";
import { createDevice, type Bend, type Device } from "../../protocol/testing/authenticator.ts";
import { labelOf, type KeyQuestion, type NewKey, type Proof, type Purpose, type Question } from "../ceremony.ts";

export type Bent = Bend & { label?: "signin" | "stepup" | "inbox"; raw?: boolean; userHandle?: string };

export type Passkey = {
  credentialId: string;
  /** The counter that it shows next; synced passkeys always show 0. */
  counter: number;
  register(purpose: Purpose, question: KeyQuestion, bend?: Bent): Promise<NewKey>;
  answer(purpose: Purpose, question: Question, bend?: Bent): Promise<Proof>;
};

const challengeFor = (purpose: Purpose, { bytes }: Question, bend: Bent): Bytes => (bend.raw ? fromB64u(bytes) : ceremonyChallenge(bend.label ?? labelOf[purpose], fromB64u(bytes)));

const text = (given: string) => concat(Uint8Array.of(0x60 | given.length), utf8(given));
const bytesOf = (given: Uint8Array) => concat(given.length < 256 ? Uint8Array.of(0x58, given.length) : Uint8Array.of(0x59, given.length >> 8, given.length & 255), given);

/** `{fmt: "none", attStmt: {}, authData}` in CBOR. */
const attestation = (authData: Uint8Array) => concat(Uint8Array.of(0xa3), text("fmt"), text("none"), text("attStmt"), Uint8Array.of(0xa0), text("authData"), bytesOf(authData));

const clientData = (type: string, challenge: Bytes, device: Device, bend: Bent) =>
  utf8(JSON.stringify({ type: bend.type ?? type, challenge: b64u(challenge), origin: bend.origin ?? device.origin, crossOrigin: false, ...bend.client }));

export async function createPasskey(origin: string, { counts = true }: { counts?: boolean } = {}): Promise<Passkey> {
  const device = await createDevice({ origin });
  let userHandle: string | undefined;
  const passkey: Passkey = {
    credentialId: device.credentialId,
    counter: counts ? 1 : 0,
    async register(purpose, question, bend = {}) {
      userHandle = question.userId;
      const cose = fromB64u(device.publicKey);
      const id = fromB64u(device.credentialId);
      const authData = concat(
        sha256(utf8(bend.rpId ?? device.rpId)), Uint8Array.of(bend.flags ?? 0x45), uint32be(bend.counter ?? passkey.counter),
        new Uint8Array(16), Uint8Array.of(id.length >> 8, id.length & 255), id, cose,
      );
      if (counts) passkey.counter += 1;
      const json = clientData("webauthn.create", challengeFor(purpose, question, bend), device, bend);
      const registration = { id: device.credentialId, rawId: device.credentialId, type: "public-key" as const, response: { clientDataJSON: b64u(json), attestationObject: b64u(attestation(authData)), transports: ["usb"] }, clientExtensionResults: {} };
      return { challengeId: question.challengeId, registration };
    },
    async answer(purpose, question, bend = {}) {
      const signed = await device.sign(challengeFor(purpose, question, bend), { counter: passkey.counter, ...bend });
      if (counts) passkey.counter += 1;
      const handle = bend.userHandle ?? userHandle;
      return {
        challengeId: question.challengeId,
        assertion: {
          id: device.credentialId, rawId: device.credentialId, type: "public-key", clientExtensionResults: {},
          response: { clientDataJSON: signed.client_data_json, authenticatorData: signed.authenticator_data, signature: signed.signature, ...(handle && { userHandle: handle }) },
        },
      };
    },
  };
  return passkey;
}
