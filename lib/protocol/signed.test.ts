/* oxlint-disable typescript/no-unsafe-type-assertion -- bent messages are not of their type; that is the point */
// Messages under a vault's key: answers, receipts, heads.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, randomBytes, utf8 } from "./bytes.ts";
import { LISTED } from "./curve.ts";
import { sealedTo } from "./kem.ts";
import type { Op, Receipt } from "./messages.ts";
import { opsDigest } from "./op.ts";
import { verifyReceipt, type ReceiptExpectation } from "./receipt.ts";
import {
  answerMessage,
  decodeAnswer,
  encodeAnswer,
  importVaultKey,
  isNonce,
  signedMessage,
  verifyAnswer,
  verifySigned,
  type AnswerContext,
} from "./signed.ts";
import { createVaultKey } from "./testing/authenticator.ts";

const vault = await createVaultKey();
const other = await createVaultKey();
const B32 = b64u(new Uint8Array(32));
const UID = b64u(new Uint8Array(16));
const ID = "23ea59fc-0ef4-4028-abd2-009d373b1223";

describe("signed answers", () => {
  const context: AnswerContext = { agent: 2, body: utf8('{"a":1}'), method: "GET", nonce: B32, status: 200, target: "/v/agents?after=0", vault: "hmHr7A" };
  const answer = async (change: Partial<AnswerContext> = {}) => {
    const parts = { at: 1_794_000_000_123, epoch: 1, mode: "primary" } as const;
    const signature = await vault.sign(signedMessage("answer", answerMessage({ ...context, ...change }, parts)));
    return encodeAnswer({ ...parts, signature });
  };

  test("an answer verifies for exactly its request", async () => {
    const header = await answer();
    expect(await verifyAnswer(header, context, vault.publicKey)).toMatchObject({ at: 1_794_000_000_123, epoch: 1, mode: "primary" });
    expect(await verifyAnswer(header, context, (await importVaultKey(vault.publicKey))!)).not.toBeNull();
    const changes: Partial<AnswerContext>[] = [
      { agent: null },
      { agent: 3 },
      { body: utf8('{"a":2}') },
      { method: "POST" },
      { nonce: UID },
      { status: 401 },
      { target: "/v/agents" },
      { vault: "other" },
    ];
    for (const change of changes) expect(await verifyAnswer(header, { ...context, ...change }, vault.publicKey)).toBeNull();
    expect(await verifyAnswer(header, context, other.publicKey)).toBeNull();
  });

  test("at, epoch and mode are under the signature", async () => {
    const good = decodeAnswer(await answer())!;
    for (const change of [{ at: 1 }, { epoch: 2 }, { mode: "backup" }] as const) {
      expect(await verifyAnswer(encodeAnswer({ ...good, ...change }), context, vault.publicKey)).toBeNull();
    }
  });

  test("an absent, altered or non-canonical header is no answer", async () => {
    const header = await answer();
    const json = new TextDecoder().decode(fromB64u(header));
    for (const bent of [null, undefined, "", `${header}A`, header.slice(1), b64u(utf8(` ${json}`)), b64u(utf8(json.replace("{", '{"x":1,'))), b64u(utf8("null")), b64u(Uint8Array.of(0xff)), "A".repeat(2000)]) {
      expect(await verifyAnswer(bent, context, vault.publicKey)).toBeNull();
    }
  });

  test("nonces are 16 to 32 bytes", () => {
    expect([15, 16, 32, 33].map((n) => isNonce(b64u(randomBytes(n))))).toEqual([false, true, true, false]);
    expect(isNonce("A".repeat(23) + "=")).toBe(false);
  });
});

describe("keys of vaults", () => {
  const head = { at: 1, epoch: 1, hash: B32, seq: 9, stream: "primary", vault: "hmHr7A" } as const;

  test("a signature under one label is none under another", async () => {
    const signature = await vault.sign(signedMessage("head", head));
    expect(await verifySigned("head", head, signature, vault.publicKey)).toBe(true);
    expect(await verifySigned("statement", head as never, signature, vault.publicKey)).toBe(false);
    expect(await verifySigned("head", { ...head, seq: 8 }, signature, vault.publicKey)).toBe(false);
  });

  test("malformed keys and signatures verify nothing, and never throw", async () => {
    const signature = await vault.sign(signedMessage("head", head));
    for (const key of ["", "AA", `${vault.publicKey}A`, ...LISTED.edwards.map((bytes) => b64u(bytes))]) {
      expect(await importVaultKey(key)).toBeNull();
      expect(await verifySigned("head", head, signature, key)).toBe(false);
    }
    for (const bent of ["", signature.slice(2), `${signature}AA`, b64u(new Uint8Array(64))]) expect(await verifySigned("head", head, bent, vault.publicKey)).toBe(false);
  });
});

describe("receipts", () => {
  const sealTo = { kem: "x25519", public_key: b64u(new Uint8Array(32).fill(9)) } as const;
  const ops: Op[] = [
    { body: { name: "Sarah", seal_to: { ...sealTo } }, id: ID, if: null, method: "POST", path: "/agent" },
    { body: null, id: ID.replace("2", "3"), if: { uid: UID }, method: "DELETE", path: "/agent/17" },
    { body: { scopes: "" }, id: ID.replace("2", "4"), if: { uid: UID, revision: 3 }, method: "PUT", path: "/agent/18" },
    { body: null, id: ID.replace("2", "5"), if: null, method: "DELETE", path: "/credential/AQ" },
  ];
  const receipt: Receipt = {
    v: 1,
    vault: "hmHr7A",
    epoch: 1,
    agent: 2,
    batch: b64u(opsDigest(ops)),
    challenge: B32,
    webauthn: B32,
    signers: ["AQ"],
    applied_at: 1,
    revision: 4,
    results: [
      { id: ops[0]!.id, status: "created", agent_id: 19, uid: UID, sealed_token: { kem: "x25519", enc: B32, ct: B32 }, sealed_to: sealedTo(sealTo) },
      { id: ops[1]!.id, status: "deleted", agent_id: 17, uid: UID },
      { id: ops[2]!.id, status: "unchanged", agent_id: 18, uid: UID },
      { id: ops[3]!.id, status: "deleted", credential_id: "AQ" },
    ],
    audit: { stream: "primary", seq: 4, hash: B32 },
  };
  const expected: ReceiptExpectation = { ops, key: vault.publicKey, vault: "hmHr7A", agent: 2, challenge: B32, webauthn: B32, signers: ["AQ"] };
  const judge = async (bent: unknown, change: Partial<ReceiptExpectation> = {}) => {
    const signature = await vault.sign(signedMessage("receipt", bent as Receipt));
    const verdict = await verifyReceipt({ receipt: bent, signature }, { ...expected, ...change });
    return verdict.ok ? "ok" : verdict.reason;
  };
  const withResult = (i: number, change: object): Receipt => ({ ...receipt, results: receipt.results.with(i, { ...receipt.results[i]!, ...change }) });

  test("a true receipt is accepted, with tokens beside it and later members inside it", async () => {
    expect(await judge(receipt)).toBe("ok");
    const later = { ...receipt, later: "member" };
    expect(await judge(later)).toBe("ok");
    const signature = await vault.sign(signedMessage("receipt", receipt));
    expect(await verifyReceipt({ receipt, signature, tokens: { [ID]: "cvt_x" } }, expected)).toEqual({ ok: true, receipt });
  });

  test("a changed member without a new signature is refused", async () => {
    const signature = await vault.sign(signedMessage("receipt", receipt));
    expect(await verifyReceipt({ receipt: { ...receipt, revision: 5 }, signature }, expected)).toMatchObject({ reason: "signature" });
    expect(await verifyReceipt({ receipt, signature }, { ...expected, key: other.publicKey })).toMatchObject({ reason: "signature" });
  });

  test.each<[string, unknown]>([
    ["vault", { ...receipt, vault: "other" }],
    ["agent", { ...receipt, agent: 3 }],
    ["batch", { ...receipt, batch: b64u(opsDigest(ops.toReversed())) }],
    ["challenge", { ...receipt, challenge: "standing/1/2" }],
    ["webauthn", { ...receipt, webauthn: b64u(new Uint8Array(32).fill(1)) }],
    ["signers", { ...receipt, signers: ["Ag"] }],
    ["signers", { ...receipt, signers: ["AQ", "Ag"] }],
    ["results", { ...receipt, results: receipt.results.slice(0, 3) }],
    ["operation_id", { ...receipt, results: receipt.results.toReversed() }],
    ["status", withResult(0, { status: "deleted" })],
    ["status", withResult(1, { status: "unchanged" })],
    ["status", withResult(1, { status: "already_gone" })],
    ["status", withResult(2, { status: "deleted" })],
    ["row", withResult(0, { agent_id: undefined })],
    ["row", withResult(1, { agent_id: 18 })],
    ["row", withResult(1, { uid: b64u(new Uint8Array(16).fill(1)) })],
    ["row", withResult(3, { credential_id: "Ag" })],
    ["seal", withResult(0, { sealed_to: B32 })],
    ["seal", withResult(0, { sealed_token: undefined })],
    ["seal", withResult(0, { sealed_token: { kem: "x-wing", enc: B32, ct: B32 } })],
    ["seal", withResult(2, { sealed_to: B32 })],
    ["form", { ...receipt, v: 2 }],
    ["form", { ...receipt, audit: null }],
    ["form", withResult(1, { uid: "x" })],
    ["form", null],
  ])("a well-signed receipt with another %s is refused", async (reason, bent) => {
    const json: unknown = JSON.parse(JSON.stringify(bent));
    expect(await judge(json)).toBe(reason);
  });

  test("a receipt that names one signer where two signed is refused", async () => {
    expect(await judge(receipt, { signers: ["AQ", "Ag"] })).toBe("signers");
  });

  test("already_gone is a success of a standing share only", async () => {
    const gone = withResult(1, { status: "already_gone" });
    expect(await judge({ ...gone, challenge: "standing/1/2" }, { challenge: "standing/1/2" })).toBe("ok");
  });

  test("no answer makes the judge throw", async () => {
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect((await verifyReceipt(value, expected)).ok).toBe(false);
      expect((await verifyReceipt({ receipt: value, signature: B32 }, expected)).ok).toBe(false);
    }));
  });
});
