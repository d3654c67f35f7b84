/* oxlint-disable unicorn/consistent-function-scoping -- small makers stay beside their test */
// Connecting a client, and whose inbox a token is sealed to.
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, utf8 } from "./bytes.ts";
import { code2, connectLink, enrolChallenge, isLockedP0, lockedP0, parseConnectFragment, refuseReply, refuseRequestOrigins, refuseRequestTime, refuseSignerOrigin, requestHash, verifyEnrol } from "./connect.ts";
import { ProtocolError } from "./errors.ts";
import { checkEndorsement, checkInboxStatement, endorseChallenge, endorsementOf, endorses, inboxFingerprint, inboxKeyChallenge, INBOX_SECONDS, isCurrent, refuseEndorsement, refuseInboxSignature, refuseSealTo } from "./inbox.ts";
import { jcsBytes } from "./jcs.ts";
import type { ConnectReply, InboxStatement } from "./messages.ts";
import { signedMessage } from "./signed.ts";
import { createDevice, createVaultKey } from "./testing/authenticator.ts";
import { B32, connectRequest, GRANT, ID, MSP, SEAL_TO, signerOf, UID } from "./testing/samples.ts";

const NOW = 1_794_000_000;
const request = await connectRequest();
const codeOf = (action: () => unknown): string => {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
};

describe("the request", () => {
  test("travels in a link's fragment and comes back the same", () => {
    const link = connectLink("https://vault.example/hmHr7A", request);
    expect(link.startsWith("https://vault.example/hmHr7A/connect#")).toBe(true);
    expect(parseConnectFragment(new URL(link).hash.slice(1))).toEqual(request);
    expect(() => connectLink("https://vault.example/", request)).toThrow(TypeError);
  });

  test("a fragment that is too long, not canonical or not a request is refused", () => {
    expect(codeOf(() => parseConnectFragment("A".repeat(50_000)))).toBe("too_large");
    expect(codeOf(() => parseConnectFragment("A"))).toBe("not_canonical");
    expect(codeOf(() => parseConnectFragment(b64u(utf8("{ }"))))).toBe("not_canonical");
    expect(codeOf(() => parseConnectFragment(b64u(jcsBytes({ ...request, extra: 1 }))))).toBe("invalid");
  });

  test("lives seven days at most", () => {
    expect(refuseRequestTime(request, request.expires_at)).toMatchObject({ code: "request_expired" });
    expect(refuseRequestTime(request, request.expires_at - 1)).toBeNull();
    expect(refuseRequestTime(request, request.expires_at - 604_800)).toBeNull();
    expect(refuseRequestTime(request, request.expires_at - 604_801)).toMatchObject({ reason: "too_long" });
  });

  test("answers go to the MSP's origin and signers live on a house of their own", () => {
    expect(refuseRequestOrigins(request)).toBeNull();
    expect(refuseRequestOrigins({ ...request, reply_to: "https://evil.example/reply" })).toMatchObject({ code: "wrong_origin", reason: "reply_to" });
    const signer = request.signers[0]!;
    expect(refuseRequestOrigins({ ...request, signers: [signer, { ...signer, rp_id: "msp.example" }] })).toMatchObject({ reason: "rp_id" });
    expect(refuseSignerOrigin({ origin: MSP, rp_id: "msp.example" }, MSP)).toMatchObject({ reason: "signing_origin" });
    expect(refuseSignerOrigin({ origin: `${MSP}:8443`, rp_id: "msp.example" }, MSP)).toMatchObject({ reason: "signing_origin" });
    expect(refuseSignerOrigin({ origin: "junk", rp_id: "junk" }, MSP)).toMatchObject({ reason: "rp_id" });
  });
});

describe("enrolment", () => {
  test("a signer that unlocks nothing has a p0 that is no PRF output and differs by credential", () => {
    // SHA-256 of the single byte 01.
    expect(lockedP0("AQ")).toBe("-S_USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo");
    expect(lockedP0("Ag")).not.toBe(lockedP0("AQ"));
    expect(isLockedP0(lockedP0("AQ"))).toBe(true);
  });

  test.each([0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc])("a PRF output beginning with byte %i is none, though four of them begin with the marker's letter", (first) => {
    const p0 = b64u(Uint8Array.of(first, 1, 2, 3));
    expect(p0.startsWith("-")).toBe(first >= 0xf8 && first <= 0xfb);
    expect(isLockedP0(p0)).toBe(false);
  });

  test("a new key proves that it holds its private half, for this MSP", async () => {
    const device = await createDevice();
    const signer = await signerOf(device, "Ada");
    expect(await verifyEnrol(signer, MSP, true)).toMatchObject({ backupEligible: false, backedUp: false, counter: 1, key: { alg: "ES256" } });
    expect(await verifyEnrol(signer, "https://other.example")).toEqual({ code: "proof_invalid", reason: "challenge" });
    expect(await verifyEnrol({ ...signer, credential_id: "AQ" }, MSP)).toMatchObject({ code: "proof_invalid" });
    expect(await verifyEnrol({ ...signer, public_key: (await createDevice()).publicKey }, MSP)).toMatchObject({ code: "proof_invalid" });
  });

  test("a signature by another key, on another origin, unverified, or of a synced key that must be bound, is assertion_invalid", async () => {
    const device = await createDevice();
    const stranger = await createDevice();
    const signer = await signerOf(device, "Ada");
    const enrol = await stranger.sign(enrolChallenge({ credential_id: device.credentialId, msp: MSP, public_key: device.publicKey }));
    expect(await verifyEnrol({ ...signer, enrol }, MSP)).toEqual({ code: "assertion_invalid", reason: "signature" });
    expect(await verifyEnrol(await signerOf(device, "Ada", { origin: MSP }), MSP)).toEqual({ code: "assertion_invalid", reason: "origin" });
    expect(await verifyEnrol(await signerOf(device, "Ada", { flags: 0x01 }), MSP)).toEqual({ code: "assertion_invalid", reason: "user_verified" });
    const synced = await signerOf(device, "Ada", { flags: 0x1d });
    expect(await verifyEnrol(synced, MSP, true)).toEqual({ code: "assertion_invalid", reason: "hardware_bound" });
    expect(await verifyEnrol(synced, MSP)).toMatchObject({ backupEligible: true, backedUp: true });
  });
});

describe("the reply", () => {
  const reply = async (change: Partial<ConnectReply> = {}) => {
    const vault = await createVaultKey();
    const value: ConnectReply = {
      v: 1,
      request: b64u(requestHash(request)),
      nonce: request.nonce,
      vault_url: "https://vault.example/hmHr7A",
      vault_id: "hmHr7A",
      public_key: vault.publicKey,
      backup_key: null,
      name: "Acme",
      agent_id: 2,
      uid: UID,
      grant: GRANT,
      roles: [{ name: "networking", scope: "0010" }],
      adopted: [],
      credentials: request.signers.map((signer) => signer.credential_id).toReversed(),
      sealed_token: { kem: "x25519", enc: B32, ct: B32 },
      ...change,
    };
    return refuseReply(value, await vault.sign(signedMessage("connect-reply", value)), request);
  };

  test("is taken when all fits, with a tighter grant too", async () => {
    expect(await reply()).toBeNull();
    expect(await reply({ grant: { ...GRANT, max_agents: 1 } })).toBeNull();
    expect(await reply({ roles: [] })).toBeNull();
  });

  test.each<[string, Partial<ConnectReply>]>([
    ["request", { request: B32 }],
    ["nonce", { nonce: UID }],
    ["vault_url", { vault_url: "http://vault.example" }],
    ["grant", { grant: { ...GRANT, max_agents: 21 } }],
    ["roles", { roles: [{ name: "backup", scope: "0010" }] }],
    ["credentials", { credentials: [] }],
    ["credentials", { credentials: ["AQ", "Ag"] }],
    ["sealed_token", { sealed_token: { kem: "x-wing", enc: B32, ct: B32 } }],
    ["signature", { public_key: B32 }],
  ])("is refused for its %s", async (reason, change) => {
    expect(await reply(change)).toBe(reason);
  });

  test("code 2 changes with vault, key and request", () => {
    const parts = { key: B32, request: B32, vault: "hmHr7A" };
    const codes = [parts, { ...parts, key: UID }, { ...parts, request: UID }, { ...parts, vault: "x" }].map(code2);
    expect(new Set(codes).size).toBe(4);
    expect(codes.every((code) => /^[0-9A-HJKMNP-TV-Z]{16}$/.test(code))).toBe(true);
  });
});

describe("inbox statements", () => {
  const statement: InboxStatement = { kem: "x25519", msp: MSP, name: "Sarah", not_after: NOW + 1000, public_key: SEAL_TO.public_key, technician: ID, v: 1 };

  test("every member counts, in challenge and fingerprint", () => {
    const others: InboxStatement[] = [statement, { ...statement, kem: "x-wing" }, { ...statement, msp: "https://x.example" }, { ...statement, name: "sarah" }, { ...statement, not_after: 1 }, { ...statement, public_key: B32 }, { ...statement, technician: ID.replace("2", "3") }];
    expect(new Set(others.map((one) => b64u(inboxKeyChallenge(one)))).size).toBe(7);
    expect(new Set(others.map(inboxFingerprint)).size).toBe(7);
  });

  test("counts with the technician's passkey and a signer's endorsement, neither standing in for the other", async () => {
    const passkey = await createDevice({ origin: MSP });
    const signer = await createDevice();
    const deviceOf = (one: typeof passkey) => ({ origin: one.origin, rpId: one.rpId, backupEligible: null, hardwareBound: false, publicKey: fromB64u(one.publicKey) });
    const endorsement = endorsementOf([statement]);
    const own = await passkey.sign(inboxKeyChallenge(statement));
    const endorsed = await signer.sign(endorseChallenge(endorsement));
    expect(await refuseInboxSignature(statement, own, deviceOf(passkey))).toBeNull();
    expect(await refuseEndorsement(endorsement, endorsed, deviceOf(signer))).toBeNull();
    expect(await refuseInboxSignature({ ...statement, name: "Eve" }, own, deviceOf(passkey))).toMatchObject({ code: "proof_invalid" });
    expect(await refuseEndorsement(endorsement, own, deviceOf(passkey))).toMatchObject({ code: "proof_invalid" });
    expect(await refuseEndorsement(endorsement, endorsed, deviceOf(passkey))).toMatchObject({ code: "wrong_origin" });
  });

  test("an endorsement lists 1 to 1,000 hashes, ascending, each once", () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({ ...statement, not_after: i }));
    const endorsement = endorsementOf(many.slice(0, 1000));
    expect(codeOf(() => checkEndorsement(endorsement))).toBe("ok");
    expect(endorsementOf(many.slice(0, 1000).toReversed())).toEqual(endorsement);
    expect(endorsementOf([statement, statement]).statements).toHaveLength(1);
    expect(() => endorsementOf(many)).toThrow(RangeError);
    expect(() => endorsementOf([])).toThrow(RangeError);
    expect(endorses(endorsement, many[3]!)).toBe(true);
    expect(endorses(endorsement, many[1000]!)).toBe(false);
    expect(codeOf(() => checkEndorsement({ ...endorsement, statements: endorsement.statements.toReversed() }))).toBe("invalid");
    expect(codeOf(() => checkEndorsement({ v: 1, statements: [B32, B32] }))).toBe("invalid");
    expect(codeOf(() => checkEndorsement({ v: 1, statements: [] }))).toBe("invalid");
  });

  test("a malformed statement is refused", () => {
    expect(codeOf(() => checkInboxStatement(statement))).toBe("ok");
    for (const bent of [{ ...statement, v: 2 }, { ...statement, name: "a\nb" }, { ...statement, msp: "msp.example" }, { ...statement, technician: "x" }, { ...statement, public_key: B32 }, { ...statement, kem: "rsa" }, { ...statement, extra: 1 }, null]) {
      expect(codeOf(() => checkInboxStatement(bent))).toBe("invalid");
    }
  });

  test("is in force to its last second and for a year at most", () => {
    expect([NOW + 1000, NOW + 1001, NOW + 1000 - INBOX_SECONDS, NOW + 999 - INBOX_SECONDS].map((now) => isCurrent(statement, now))).toEqual([true, false, true, false]);
  });

  test("before a tap, key, name, MSP and time must fit", () => {
    const expected = { name: "Sarah", msp: MSP, now: NOW };
    expect(refuseSealTo(SEAL_TO, statement, expected)).toBeNull();
    expect(refuseSealTo({ ...SEAL_TO, public_key: B32 }, statement, expected)).toBe("key");
    expect(refuseSealTo({ ...SEAL_TO, kem: "x-wing" }, statement, expected)).toBe("key");
    expect(refuseSealTo(SEAL_TO, statement, { ...expected, name: "Eve" })).toBe("name");
    expect(refuseSealTo(SEAL_TO, statement, { ...expected, msp: "https://x.example" })).toBe("msp");
    expect(refuseSealTo(SEAL_TO, statement, { ...expected, now: NOW + 1001 })).toBe("not_current");
  });
});
