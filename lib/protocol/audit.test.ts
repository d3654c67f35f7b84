import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHAIN_START, detailHash, eventHash, headFell, headMessage, isReceiptEvent, verifyChain, verifyHead, type ChainPoint } from "./audit.ts";
import { b64u, utf8 } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import type { AuditBody, AuditDetail, AuditEvent, Stream } from "./messages.ts";
import { signedMessage } from "./signed.ts";
import { createVaultKey } from "./testing/authenticator.ts";

function chain(count: number, { epoch = 1, firstSeq = 1, stream = "primary", prev = CHAIN_START }: { epoch?: number; firstSeq?: number; stream?: Stream; prev?: string } = {}): AuditEvent[] {
  const events: AuditEvent[] = [];
  let before = prev;
  for (let i = 0; i < count; i++) {
    const seq = firstSeq + i;
    const detail: AuditDetail = { salt: b64u(sha256(utf8(`salt ${seq}`)).subarray(0, 16)), name: "Sarah", target: { kind: "entry", id: b64u(new Uint8Array(16)) }, reason: null, ip: null, meta: {} };
    const body: AuditBody = { seq, at: 1_794_000_000_000 + seq, stream, epoch, actor: { kind: "human", agent_id: 2 }, action: "entry.read", outcome: "success", detail_hash: b64u(detailHash(detail)), prev: before };
    before = b64u(eventHash(body));
    events.push({ ...body, hash: before, detail });
  }
  return events;
}
const pointOf = (event: AuditEvent): ChainPoint => ({ epoch: event.epoch, seq: event.seq, hash: event.hash });
const fault = (result: ReturnType<typeof verifyChain>) => (result.ok ? null : { kind: result.fault.kind, index: result.fault.index, seq: result.fault.seq });

describe("chain", () => {
  const events = chain(12);

  test("holds from the start, page by page, and when nothing is new", () => {
    expect(verifyChain(events, null)).toEqual({ ok: true, last: pointOf(events[11]!) });
    const first = verifyChain(events.slice(0, 5), null);
    expect(verifyChain(events.slice(5), first.last)).toEqual({ ok: true, last: pointOf(events[11]!) });
    expect(verifyChain([], first.last)).toEqual({ ok: true, last: first.last });
    expect(verifyChain([], null)).toEqual({ ok: true, last: null });
  });

  test("an erased detail breaks nothing, an altered one is found where it is", () => {
    expect(verifyChain(events.with(4, { ...events[4]!, detail: null }), null).ok).toBe(true);
    const bent = events.with(4, { ...events[4]!, detail: { ...events[4]!.detail!, name: "Eve" } });
    expect(fault(verifyChain(bent, null))).toEqual({ kind: "detail", index: 4, seq: 5 });
  });

  test("any altered member of any event is found at its place", () => {
    const changes: Partial<AuditBody>[] = [{ at: 1 }, { actor: { kind: "human", agent_id: 3 } }, { actor: { kind: "agent", agent_id: 2 } }, { action: "totp.read" }, { outcome: "denied" }, { detail_hash: CHAIN_START }];
    fc.assert(fc.property(fc.nat(11), fc.constantFrom(...changes), (i, change) => {
      const result = verifyChain(events.with(i, { ...events[i]!, ...change }), null);
      expect(fault(result)).toEqual({ kind: "hash", index: i, seq: i + 1 });
      expect(result.last).toEqual(i === 0 ? null : pointOf(events[i - 1]!));
    }));
  });

  test("an event rewritten with a new hash breaks the next one's prev", () => {
    const body = { ...events[4]!, outcome: "denied" as const };
    const bent = events.with(4, { ...body, hash: b64u(eventHash(body)) });
    expect(fault(verifyChain(bent, null))).toEqual({ kind: "prev", index: 5, seq: 6 });
  });

  test("a removed, repeated or swapped event is found at its place", () => {
    expect(fault(verifyChain(events.toSpliced(4, 1), null))).toEqual({ kind: "gap", index: 4, seq: 6 });
    expect(fault(verifyChain(events.toSpliced(4, 0, events[4]!), null))).toEqual({ kind: "order", index: 5, seq: 5 });
    expect(fault(verifyChain(events.with(4, events[5]!).with(5, events[4]!), null))).toEqual({ kind: "gap", index: 4, seq: 6 });
    expect(fault(verifyChain(events.slice(1), null))).toEqual({ kind: "gap", index: 0, seq: 2 });
    expect(fault(verifyChain(events.slice(6), pointOf(events[4]!)))).toEqual({ kind: "gap", index: 0, seq: 7 });
  });

  test("a chain that does not start at zero, or continues another, is found", () => {
    expect(fault(verifyChain(chain(2, { prev: b64u(sha256(utf8("x"))) }), null))).toEqual({ kind: "prev", index: 0, seq: 1 });
    expect(fault(verifyChain(events.slice(5), { ...pointOf(events[4]!), hash: CHAIN_START }))).toEqual({ kind: "prev", index: 0, seq: 6 });
  });

  test("old events may have been removed up to first_seq, and only there", () => {
    expect(verifyChain(events.slice(6), null, { firstSeq: 7 }).ok).toBe(true);
    expect(verifyChain(events.slice(6), pointOf(events[2]!), { firstSeq: 7 }).ok).toBe(true);
    expect(fault(verifyChain(events.slice(7), null, { firstSeq: 7 }))).toEqual({ kind: "gap", index: 0, seq: 8 });
    expect(fault(verifyChain(events.slice(7), pointOf(events[2]!), { firstSeq: 7 }))).toEqual({ kind: "gap", index: 0, seq: 8 });
    // Where nothing was removed before it, first_seq excuses no broken link.
    expect(fault(verifyChain(events.slice(6), { ...pointOf(events[5]!), hash: CHAIN_START }, { firstSeq: 7 }))).toEqual({ kind: "prev", index: 0, seq: 7 });
  });

  test("a higher epoch starts a new chain from zero; a lower one and the other stream are faults", () => {
    const restored = chain(3, { epoch: 2, firstSeq: 9 });
    expect(verifyChain([...events, ...restored], null).ok).toBe(true);
    expect(fault(verifyChain([...events, ...chain(1, { epoch: 2, firstSeq: 13, prev: events[11]!.hash })], null))).toEqual({ kind: "prev", index: 12, seq: 13 });
    expect(fault(verifyChain([...restored, ...events], null, { firstSeq: 9 }))).toEqual({ kind: "epoch", index: 3, seq: 1 });
    expect(fault(verifyChain(chain(1, { stream: "backup" }), null))).toEqual({ kind: "stream", index: 0, seq: 1 });
    expect(verifyChain(chain(2, { stream: "backup" }), null, { stream: "backup" }).ok).toBe(true);
  });

  test("a member that this version does not know is covered by the hash too", () => {
    const { hash: _, ...body } = { ...events[0]!, later: "member" };
    const later = { ...body, hash: b64u(eventHash(body)) };
    expect(verifyChain([later], null).ok).toBe(true);
    expect(fault(verifyChain([{ ...later, later: "other" } as AuditEvent], null))).toMatchObject({ kind: "hash" });
  });
});

describe("heads and receipts", () => {
  const last = chain(3)[2]!;

  test("a head is the vault's word over stream, epoch, number, hash and time", async () => {
    const key = await createVaultKey();
    const parts = { stream: "primary", epoch: 1, seq: 3, hash: last.hash, at: 5 } as const;
    const head = { ...parts, signature: await key.sign(signedMessage("head", headMessage(parts, "hmHr7A"))) };
    expect(await verifyHead(head, "hmHr7A", key.publicKey)).toBe(true);
    expect(await verifyHead(head, "other", key.publicKey)).toBe(false);
    for (const change of [{ stream: "backup" }, { epoch: 2 }, { seq: 2 }, { hash: CHAIN_START }, { at: 6 }] as const) expect(await verifyHead({ ...head, ...change }, "hmHr7A", key.publicKey)).toBe(false);
  });

  test("a head that falls, or differs at one place, without a new epoch is told", () => {
    const head = { epoch: 2, seq: 10, hash: "a" };
    expect(headFell(head, { epoch: 2, seq: 11, hash: "b" })).toBe(false);
    expect(headFell(head, head)).toBe(false);
    expect(headFell(head, { epoch: 2, seq: 10, hash: "b" })).toBe(true);
    expect(headFell(head, { epoch: 2, seq: 9, hash: "b" })).toBe(true);
    expect(headFell(head, { epoch: 1, seq: 11, hash: "b" })).toBe(true);
    expect(headFell(head, { epoch: 3, seq: 1, hash: "b" })).toBe(false);
  });

  test("a receipt names its event by stream, epoch, number and hash", () => {
    const receipt = { epoch: 1, audit: { stream: "primary", seq: 3, hash: last.hash } } as const;
    expect(isReceiptEvent(receipt, last)).toBe(true);
    expect(isReceiptEvent({ ...receipt, epoch: 2 }, last)).toBe(false);
    expect(isReceiptEvent({ ...receipt, audit: { ...receipt.audit, hash: CHAIN_START } }, last)).toBe(false);
    expect(isReceiptEvent({ ...receipt, audit: { ...receipt.audit, seq: 2 } }, last)).toBe(false);
  });
});
