/* oxlint-disable unicorn/consistent-function-scoping -- small makers stay beside their test */
import { createPublicKey, verify as nodeVerify } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseAssertion,
  parseAuthenticatorData,
  parseClientData,
  provenChallenge,
  refuseCeremony,
  refuseChallenge,
  refuseDevice,
  refuseProof,
  signedBytes,
  verifyAssertionSignature,
  type DeviceExpectation,
} from "./assertion.ts";
import { b64u, concat, fromB64u, fromHex, randomBytes, utf8 } from "./bytes.ts";
import { parseCoseKey } from "./cose.ts";
import { sha256 } from "./hash.ts";
import type { Op } from "./messages.ts";
import { leafData, type Leaf } from "./op.ts";
import { createDevice, type Bend } from "./testing/authenticator.ts";
import { buildTree, drawOrder, leafHash } from "./tree.ts";

const device = await createDevice();
const expected: DeviceExpectation = { origin: device.origin, rpId: device.rpId, backupEligible: false, hardwareBound: true };
const challenge = sha256(utf8("challenge"));
const refusal = async (bend: Bend, change: Partial<DeviceExpectation> = {}) =>
  refuseDevice(parseAssertion(await device.sign(challenge, bend)), { ...expected, ...change });

describe("the cheap rungs, one bent thing at a time", () => {
  test("a good assertion passes every rung", async () => {
    const parsed = parseAssertion(await device.sign(challenge));
    expect(refuseChallenge(parsed, challenge)).toBeNull();
    expect(refuseDevice(parsed, expected)).toBeNull();
    expect(await verifyAssertionSignature(parsed, parseCoseKey(fromB64u(device.publicKey)))).toBe(true);
  });

  test.each<[string, Bend, string, string]>([
    ["another origin", { origin: "https://msp.example" }, "wrong_origin", "origin"],
    ["an origin that only begins alike", { origin: "https://sign.msp.example.evil.example" }, "wrong_origin", "origin"],
    ["another port", { origin: "https://sign.msp.example:8443" }, "wrong_origin", "origin"],
    ["an origin that is no text", { client: { origin: ["https://sign.msp.example"] } }, "wrong_origin", "origin"],
    ["another RP id", { rpId: "msp.example" }, "wrong_origin", "rp_id"],
    ["a registration", { type: "webauthn.create" }, "assertion_invalid", "type"],
    ["a frame of another origin", { client: { crossOrigin: true } }, "assertion_invalid", "cross_origin"],
    ["a crossOrigin that is no boolean", { client: { crossOrigin: "false" } }, "assertion_invalid", "cross_origin"],
    ["a top origin", { client: { topOrigin: "https://sign.msp.example" } }, "assertion_invalid", "top_origin"],
    ["a reserved flag", { flags: 0x07 }, "assertion_invalid", "reserved_flags"],
    ["the other reserved flag", { flags: 0x25 }, "assertion_invalid", "reserved_flags"],
    ["backed up without being eligible", { flags: 0x15 }, "assertion_invalid", "backup_state"],
    ["a key that has become eligible for backup", { flags: 0x0d }, "assertion_invalid", "backup_eligible"],
    ["no presence", { flags: 0x04 }, "user_not_verified", "user_present"],
    ["no verification", { flags: 0x01 }, "user_not_verified", "user_verified"],
    ["bytes after the counter", { tail: Uint8Array.of(0) }, "assertion_invalid", "authenticator_data"],
    ["an extension flag without extensions", { flags: 0x85 }, "assertion_invalid", "authenticator_data"],
    ["attested data that is cut short", { flags: 0x45 }, "assertion_invalid", "authenticator_data"],
    ["clientDataJSON that is no JSON", { clientDataJson: utf8("{") }, "wrong_origin", "origin"],
  ])("%s", async (_, bend, code, reason) => {
    expect(await refusal(bend)).toEqual({ code, reason });
  });

  test("attested data is never in an assertion", async () => {
    const tail = concat(new Uint8Array(16), Uint8Array.of(0, 1, 7), fromB64u(device.publicKey));
    expect(await refusal({ flags: 0x45, tail })).toEqual({ code: "assertion_invalid", reason: "attested" });
  });

  test("extensions are allowed when they are a CBOR map and nothing follows", async () => {
    expect(await refusal({ flags: 0x85, tail: fromHex("a0") })).toBeNull();
    expect(await refusal({ flags: 0x85, tail: fromHex("a000") })).toMatchObject({ reason: "authenticator_data" });
    expect(await refusal({ flags: 0x85, tail: fromHex("01") })).toMatchObject({ reason: "authenticator_data" });
  });

  test("a passkey that syncs is refused only where the credential is bound to hardware", async () => {
    expect(await refusal({ flags: 0x1d }, { backupEligible: true, hardwareBound: false })).toBeNull();
    expect(await refusal({ flags: 0x1d }, { backupEligible: true, hardwareBound: true })).toMatchObject({ reason: "hardware_bound" });
    expect(await refusal({ flags: 0x05 }, { backupEligible: true, hardwareBound: false })).toMatchObject({ reason: "backup_eligible" });
    expect(await refusal({ flags: 0x0d }, { backupEligible: null, hardwareBound: false })).toBeNull();
  });

  test("origin comes before form, and form before presence", async () => {
    expect(await refusal({ origin: "https://x.example", type: "x", flags: 0 })).toMatchObject({ reason: "origin" });
    expect(await refusal({ type: "x", flags: 0 })).toMatchObject({ reason: "type" });
  });

  test("another challenge, none, or one spelled otherwise is proof_invalid", async () => {
    const proof = async (bend: Bend) => refuseChallenge(parseAssertion(await device.sign(challenge, bend)), challenge);
    expect(await proof({ client: { challenge: b64u(sha256(challenge)) } })).toEqual({ code: "proof_invalid", reason: "challenge" });
    expect(await proof({ client: { challenge: `${b64u(challenge)}=` } })).not.toBeNull();
    expect(await proof({ client: { challenge: 7 } })).not.toBeNull();
    expect(await proof({ clientDataJson: utf8("[]") })).not.toBeNull();
    expect(await proof({ clientDataJson: Uint8Array.of(0xff) })).not.toBeNull();
  });
});

describe("signatures", () => {
  test.each(["ES256", "EdDSA", "RS256"] as const)("%s: valid as signed, invalid after any change, and Node agrees", async (algorithm) => {
    const signer = await createDevice({ algorithm });
    const key = parseCoseKey(fromB64u(signer.publicKey));
    const parsed = parseAssertion(await signer.sign(challenge));
    expect(await verifyAssertionSignature(parsed, key)).toBe(true);
    const node = createPublicKey({ key: { ...key.jwk }, format: "jwk" });
    expect(nodeVerify(algorithm === "EdDSA" ? null : "sha256", signedBytes(parsed), node, parsed.signature)).toBe(true);

    const last = parsed.signature.length - 1;
    expect(await verifyAssertionSignature({ ...parsed, signature: parsed.signature.with(last, parsed.signature[last]! ^ 1) }, key)).toBe(false);
    expect(await verifyAssertionSignature({ ...parsed, signature: parsed.signature.slice(0, -1) }, key)).toBe(false);
    expect(await verifyAssertionSignature({ ...parsed, authenticatorData: parsed.authenticatorData.with(36, 9) }, key)).toBe(false);
    expect(await verifyAssertionSignature({ ...parsed, clientDataJson: concat(parsed.clientDataJson, utf8(" ")) }, key)).toBe(false);
    const other = await createDevice({ algorithm });
    expect(await verifyAssertionSignature(parsed, parseCoseKey(fromB64u(other.publicKey)))).toBe(false);
  });

  test("a point that is not on P-256 verifies nothing", async () => {
    const parsed = parseAssertion(await device.sign(challenge));
    const off = { alg: "ES256", jwk: { kty: "EC", crv: "P-256", x: b64u(new Uint8Array(32).fill(1)), y: b64u(new Uint8Array(32).fill(1)) } } as const;
    expect(await verifyAssertionSignature(parsed, off)).toBe(false);
  });

  test("a raw ECDSA signature is no WebAuthn signature", async () => {
    const parsed = parseAssertion(await device.sign(challenge));
    expect(await verifyAssertionSignature({ ...parsed, signature: randomBytes(64) }, parseCoseKey(fromB64u(device.publicKey)))).toBe(false);
  });

  test("a whole ceremony: challenge, device, key, signature", async () => {
    const good = await device.sign(challenge);
    const all = { ...expected, challenge, publicKey: fromB64u(device.publicKey) };
    expect(await refuseCeremony(good, all)).toBeNull();
    expect(await refuseCeremony(good, { ...all, challenge: sha256(challenge) })).toMatchObject({ code: "proof_invalid" });
    expect(await refuseCeremony(good, { ...all, origin: "https://msp.example" })).toMatchObject({ code: "wrong_origin" });
    expect(await refuseCeremony(good, { ...all, publicKey: Uint8Array.of(0) })).toMatchObject({ reason: "public_key" });
    expect(await refuseCeremony({ ...good, signature: b64u(new Uint8Array(70)) }, all)).toMatchObject({ reason: "signature" });
  });
});

describe("one tap over many vaults", () => {
  const opFor = (i: number): Op => ({
    body: null,
    id: `23ea59fc-0ef4-4028-abd2-0000000000${String(i).padStart(2, "0")}`,
    if: { uid: b64u(sha256(utf8(`row ${i}`)).subarray(0, 16)) },
    method: "DELETE",
    path: `/agent/${i + 2}`,
  });
  const leaves: Leaf[] = Array.from({ length: 70 }, (_, i) => ({
    agent: 2,
    challenge: b64u(sha256(utf8(`challenge ${i}`))),
    key: b64u(sha256(utf8(`key ${i}`))),
    ops: [opFor(i)],
    vault: `vault${i}`,
  }));
  const tree = buildTree({ shares: leaves.map((leaf) => leafHash(leafData(leaf))), seed: randomBytes(32), order: drawOrder(70) });

  test("every vault finds its own operations under the one signature", async () => {
    const parsed = parseAssertion(await device.sign(tree.challenge));
    leaves.forEach((leaf, i) => {
      expect(refuseProof(parsed, leafData(leaf), tree.proof(i))).toBeNull();
      expect(provenChallenge(leafData(leaf), tree.proof(i))).toEqual(tree.challenge);
    });
  });

  test("swapped operations, another vault's proof, another challenge, key, agent or order are refused", async () => {
    const parsed = parseAssertion(await device.sign(tree.challenge));
    fc.assert(fc.property(fc.nat(69), fc.integer({ min: 1, max: 69 }), (i, shift) => {
      const leaf = leaves[i]!;
      const other = leaves[(i + shift) % 70]!;
      const proof = tree.proof(i);
      const bent: Leaf[] = [
        { ...leaf, ops: other.ops },
        { ...leaf, ops: [...leaf.ops, ...other.ops] },
        { ...leaf, ops: [] },
        { ...leaf, ops: [{ ...leaf.ops[0]!, body: {} }] },
        { ...leaf, challenge: other.challenge },
        { ...leaf, key: other.key },
        { ...leaf, vault: other.vault },
        { ...leaf, agent: 3 },
      ];
      for (const one of bent) expect(refuseProof(parsed, leafData(one), proof)?.code).toBe("proof_invalid");
      expect(refuseProof(parsed, leafData(leaf), tree.proof((i + shift) % 70))?.code).toBe("proof_invalid");
      expect(refuseProof(parsed, leafData(leaf), { ...proof, size: 96 })?.code).toBe("proof_invalid");
    }), { numRuns: 60 });
  });

  test("a vault's challenge signed as it stands approves nothing", async () => {
    const bare = parseAssertion(await device.sign(fromB64u(leaves[0]!.challenge)));
    expect(refuseProof(bare, leafData(leaves[0]!), tree.proof(0))?.code).toBe("proof_invalid");
  });
});

test("no bytes make the readers throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), fc.json(), (data, json) => {
    expect(() => parseAuthenticatorData(data)).not.toThrow();
    expect(() => parseClientData(data)).not.toThrow();
    expect(() => parseClientData(utf8(json))).not.toThrow();
  }), { numRuns: 1000 });
});
