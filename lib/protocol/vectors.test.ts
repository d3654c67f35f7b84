/* oxlint-disable typescript/no-unsafe-type-assertion, vitest/no-conditional-expect -- JSON of the shared file is typed by its first values */
// Every shared vector of PROTOCOL 15, made by an independent implementation of the text.
import { describe, expect, test } from "vitest";
import { provenChallenge } from "./assertion.ts";
import { detailHash, eventHash, verifyChain } from "./audit.ts";
import { b64u, fromB64u, fromHex, hex, utf8 } from "./bytes.ts";
import { clientChallenge, code1, code2, enrolChallenge, requestHash } from "./connect.ts";
import { labelBytes, sha256 } from "./hash.ts";
import { endorseChallenge, endorsementOf, inboxFingerprint, inboxKeyChallenge } from "./inbox.ts";
import { jcs, jcsBytes, parseCanonical } from "./jcs.ts";
import type { AuditEvent, ClientStatement, ConnectRequest, InboxStatement, Op } from "./messages.ts";
import { leafData, opHash, opsDigest } from "./op.ts";
import { signedMessage, type Label, type SignedObjects } from "./signed.ts";
import { batchChallenge, leafHash, padHash, verifyInclusion } from "./tree.ts";
import vectors from "./vectors/protocol-v1.json" with { type: "json" };

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("vectors", () => {
  test.each(vectors.jcs.map((vector) => [vector.canonical_hex, vector.value]))("canonical JSON %s", (expected, value) => {
    expect(hex(utf8(jcs(value)))).toBe(expected);
    expect(parseCanonical(fromHex(expected))).toEqual(value);
  });

  test.each(vectors.op.map((vector) => [vector.op.path, vector]))("operation %s", (_, { op, op_hash }) => {
    expect(b64u(opHash(op as Op))).toBe(op_hash);
  });

  test("batch digest over all operations", () => {
    expect(vectors.op.map(({ op }) => b64u(opHash(op as Op)))).toEqual(vectors.batch.ops);
    expect(b64u(opsDigest(vectors.op.map(({ op }) => op as Op)))).toBe(vectors.batch.batch);
  });

  test.each(vectors.tree.map((tree) => [`${tree.shares.length} of ${tree.size}`, tree] as const))("tree of %s shares", (_, vector) => {
    const seed = fromB64u(vector.seed, 32);
    expect(b64u(padHash(seed, 0))).toBe(vector.first_pad);
    expect(b64u(padHash(seed, vector.size - vector.shares.length - 1))).toBe(vector.last_pad);
    const shares = vector.shares.map((share) => leafHash(leafData({ ...share, ops: share.ops as Op[] })));
    const pads = new Set(Array.from({ length: vector.size - shares.length }, (_, i) => b64u(padHash(seed, i))));
    const leaves = new Map(vector.shares.map((share, i) => [share.index, b64u(shares[i]!)]));
    vector.shares.forEach((share, i) => {
      const { index, path } = share;
      expect(b64u(shares[i]!)).toBe(share.leaf_hash);
      expect(b64u(opsDigest(share.ops as Op[]))).toBe(share.batch);
      const root = verifyInclusion({ leaf: shares[i]!, index, size: vector.size, path });
      expect(b64u(root)).toBe(vector.root);
      expect(b64u(batchChallenge(vector.size, root))).toBe(vector.webauthn_challenge);
      expect(b64u(provenChallenge(leafData({ ...share, ops: share.ops as Op[] }), { index, size: vector.size, path }))).toBe(
        vector.webauthn_challenge,
      );
      // The neighbour is another share or a pad made from the seed: nothing else was approved.
      const neighbour = leaves.get(index ^ 1);
      if (neighbour === undefined) expect(pads).toContain(path[0]);
      else expect(path[0]).toBe(neighbour);
    });
  });

  test("audit chain, with an erased detail", () => {
    const events = vectors.audit as AuditEvent[];
    for (const event of events) {
      if (event.detail !== null) expect(b64u(detailHash(event.detail))).toBe(event.detail_hash);
      expect(b64u(eventHash(event))).toBe(event.hash);
    }
    const last = events.at(-1)!;
    expect(verifyChain(events, null)).toEqual({ ok: true, last: { epoch: last.epoch, seq: last.seq, hash: last.hash } });
  });

  test("request hash, code 1 and code 2", () => {
    const hash = requestHash(vectors.codes.request as unknown as ConnectRequest);
    expect(b64u(hash)).toBe(vectors.codes.request_hash);
    expect(code1(hash)).toBe(vectors.codes.code_1);
    expect(code2(vectors.codes.code_2_of)).toBe(vectors.codes.code_2);
  });

  test("inbox statement, endorsement and fingerprint", () => {
    const statement = vectors.inbox.statement as InboxStatement;
    expect(b64u(inboxKeyChallenge(statement))).toBe(vectors.inbox.inbox_key_challenge);
    expect(b64u(endorseChallenge(endorsementOf([statement])))).toBe(vectors.inbox.endorse_challenge);
    expect(inboxFingerprint(statement)).toBe(vectors.inbox.fingerprint);
  });

  const signed = vectors.messages.filter(({ label }) => label !== "client" && label !== "enrol");
  test.each(signed.map((vector) => [vector.label, vector] as const))("signed message %s", (label, vector) => {
    const message = signedMessage(label as Label, vector.object as unknown as SignedObjects[Label]);
    expect(hex(message)).toBe(vector.message_hex);
    expect(b64u(sha256(message))).toBe(vector.sha256);
  });

  test("client statement and enrolment are the hashes of their messages", () => {
    const client = vectors.messages.find(({ label }) => label === "client")!;
    const enrol = vectors.messages.find(({ label }) => label === "enrol")!;
    for (const { label, object, message_hex } of [client, enrol]) {
      expect(text(fromHex(message_hex))).toBe(text(labelBytes(label)) + text(jcsBytes(object)));
    }
    expect(b64u(clientChallenge(client.object as unknown as ClientStatement))).toBe(client.sha256);
    expect(b64u(enrolChallenge(enrol.object as unknown as Parameters<typeof enrolChallenge>[0]))).toBe(enrol.sha256);
  });

  test("nothing in the file is left untested", () => {
    expect(Object.keys(vectors).sort()).toEqual(["audit", "batch", "codes", "inbox", "jcs", "messages", "op", "tree"]);
    expect(vectors.messages.map(({ label }) => label).sort()).toEqual(["answer", "backup-key", "client", "enrol", "head", "receipt"]);
  });
});
