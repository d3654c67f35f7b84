import { describe, expect, test } from "vitest";
import { parseAttestation } from "../../lib/protocol/attestation.ts";
import { parseAssertion, refuseDevice, verifyAssertionSignature } from "../../lib/protocol/assertion.ts";
import { b64u, fromB64u } from "../../lib/protocol/bytes.ts";
import { refuseSignerOrigin, verifyEnrol } from "../../lib/protocol/connect.ts";
import { parseCoseKey } from "../../lib/protocol/cose.ts";
import { isUuid } from "../../lib/protocol/schema.ts";
import { derive, deriveUuid, readSeed, seedName } from "./derive.ts";
import { SoftwareKey } from "./software-key.ts";

const seed = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
const home = { holder: "ines/desk", origin: "http://sign.localhost:3000" };

describe("what comes from the seed", () => {
  test("is the same for one seed and purpose, and another for every other", () => {
    expect(derive(seed, "a")).toEqual(derive(seed, "a"));
    expect(new Set([derive(seed, "a"), derive(seed, "b"), derive(other, "a")].map((bytes) => b64u(bytes))).size).toBe(3);
    expect(isUuid(deriveUuid(seed, "sarah"))).toBe(true);
    expect(deriveUuid(seed, "sarah")).not.toBe(deriveUuid(seed, "jim"));
  });
  test("a seed that is not 32 bytes is refused without being quoted", () => {
    for (const text of [undefined, "", "secret-but-short", `${b64u(seed)}=`]) {
      expect(() => readSeed(text)).toThrow(/^CLAVITOR_DEMO_SEED must be base64url of 32 bytes$/);
    }
    expect(readSeed(b64u(seed))).toEqual(seed);
  });
  test("a seed's name tells seeds apart and is not part of the seed", () => {
    expect(seedName(seed)).not.toBe(seedName(other));
    expect(b64u(seed)).not.toContain(seedName(seed).slice(0, 6));
  });
});

describe("a software key", () => {
  test("is the same key after a restart, and another for every holder, origin and seed", () => {
    const key = new SoftwareKey(seed, home);
    expect(new SoftwareKey(seed, home)).toMatchObject({ credentialId: key.credentialId, publicKey: key.publicKey, p0: key.p0 });
    for (const change of [{ ...home, holder: "ines/safe" }, { ...home, origin: "http://localhost:3000" }]) {
      expect(new SoftwareKey(seed, change).publicKey).not.toBe(key.publicKey);
      expect(new SoftwareKey(seed, change).credentialId).not.toBe(key.credentialId);
    }
    expect(new SoftwareKey(other, home).publicKey).not.toBe(key.publicKey);
  });
  test("signs what a verifier of the protocol accepts, and nothing else", async () => {
    const key = new SoftwareKey(seed, home);
    const parsed = parseAssertion(key.assert(new Uint8Array(32).fill(1)));
    expect(refuseDevice(parsed, { origin: key.origin, rpId: key.rpId, backupEligible: false, hardwareBound: true })).toBeNull();
    expect(await verifyAssertionSignature(parsed, parseCoseKey(fromB64u(key.publicKey)))).toBe(true);
    const stranger = new SoftwareKey(other, home);
    expect(await verifyAssertionSignature(parsed, parseCoseKey(fromB64u(stranger.publicKey)))).toBe(false);
  });
  test("registers with attestation none and its own public key", () => {
    const key = new SoftwareKey(seed, home);
    const { response } = key.registrationJson(new Uint8Array(32)) as { response: { attestationObject: string } };
    const attestation = parseAttestation(fromB64u(response.attestationObject))!;
    expect(attestation.format).toBe("none");
    expect(b64u(attestation.authenticator.credential.publicKey)).toBe(key.publicKey);
    expect(b64u(attestation.authenticator.credential.credentialId)).toBe(key.credentialId);
  });
  test("proves possession as a signer for one console, and for no other", async () => {
    const signer = new SoftwareKey(seed, home).signer({ msp: "http://localhost:3000", person: "Ines Halloran", label: "Desk" });
    expect(refuseSignerOrigin(signer, "http://localhost:3000")).toBeNull();
    expect(await verifyEnrol(signer, "http://localhost:3000", true)).toMatchObject({ backupEligible: false });
    expect(await verifyEnrol(signer, "http://localhost:4000", true)).toMatchObject({ code: "proof_invalid" });
  });
  test("its PRF output depends on key and input", () => {
    const key = new SoftwareKey(seed, home);
    expect(key.prf(Uint8Array.of(1))).not.toEqual(key.prf(Uint8Array.of(2)));
    expect(key.prf(Uint8Array.of(1))).not.toEqual(new SoftwareKey(other, home).prf(Uint8Array.of(1)));
    expect(fromB64u(key.p0)).toHaveLength(4);
  });
});
