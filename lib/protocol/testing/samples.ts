// One valid value of each message, for tests that bend them.
import { b64u } from "../bytes.ts";
import { enrolChallenge } from "../connect.ts";
import type { ConnectRequest, Grant, Signer } from "../messages.ts";
import { createDevice, type Bend, type Device } from "./authenticator.ts";

export const B32 = b64u(new Uint8Array(32));
export const UID = b64u(new Uint8Array(16));
export const ID = "23ea59fc-0ef4-4028-abd2-009d373b1223";
export const MSP = "https://msp.example";
/** An X25519 key that is no low-order point. */
export const SEAL_TO = { kem: "x25519", public_key: b64u(new Uint8Array(32).fill(9)) } as const;

export const GRANT: Grant = {
  scopes: ["0010", "0011"],
  all_access: "leased",
  max_lease: 28_800,
  max_agents: 20,
  entries: false,
  cosign: 1,
  signer_delay: 86_400,
  audit: "own",
};

export async function signerOf(device: Device, person: string, bend: Bend = {}, msp = MSP): Promise<Signer> {
  const { credentialId: credential_id, publicKey: public_key } = device;
  const enrol = await device.sign(enrolChallenge({ credential_id, msp, public_key }), bend);
  return { credential_id, public_key, label: "Blue key", person, rp_id: device.rpId, origin: device.origin, enrol };
}

export async function connectRequest(change: Partial<ConnectRequest> = {}): Promise<ConnectRequest> {
  return {
    v: 1,
    msp: { name: "North Star IT", origin: MSP },
    replaces: null,
    roles: [{ name: "networking", scope: null }],
    signers: [await signerOf(await createDevice(), "Ada"), await signerOf(await createDevice(), "Ben")],
    want: GRANT,
    reply_to: `${MSP}/connect/reply`,
    seal_to: SEAL_TO,
    nonce: B32,
    expires_at: 1_794_600_000,
    ...change,
  };
}
