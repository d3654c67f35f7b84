import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seal, SealError, sealKeys, unseal, type SealContext } from "./seal.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64url")}`;
const context: SealContext = { mspId: "018f3c1e-0000-7000-8000-000000000001", object: "018f3c1e-0000-7000-8000-000000000002", purpose: "mail-body" };

test("what is sealed opens to the same text, whatever it is", () => {
  const keys = sealKeys([key("k1")]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => unseal(keys, context, seal(keys, context, text)) === Buffer.from(text).toString()));
});

test("the same text never seals to the same bytes", () => {
  const keys = sealKeys([key("k1")]);
  expect(Buffer.from(seal(keys, context, "a")).equals(Buffer.from(seal(keys, context, "a")))).toBe(false);
});

test("after a rotation the new key seals and the old one still opens", () => {
  const [old, fresh] = [key("k1"), key("k2")];
  const before = seal(sealKeys([old]), context, "before");
  const both = sealKeys([fresh, old]);
  expect(unseal(both, context, before)).toBe("before");
  expect(Buffer.from(seal(both, context, "after")).subarray(2, 4).toString()).toBe("k2");
  expect(() => unseal(sealKeys([fresh]), context, before)).toThrow(/sealed with the key "k1"/);
});

test("moved to another tenant, another row or another purpose, it does not open", () => {
  const keys = sealKeys([key("k1")]);
  const envelope = seal(keys, context, "secret");
  for (const moved of [{ ...context, mspId: context.object }, { ...context, object: context.mspId }, { ...context, purpose: "other" as "mail-body" }]) expect(() => unseal(keys, moved, envelope)).toThrow(SealError);
});

test("any changed bit, and any cut, is noticed", () => {
  const keys = sealKeys([key("k1")]);
  const envelope = seal(keys, context, "a secret of some length");
  fc.assert(fc.property(fc.nat(envelope.length - 1), fc.nat(7), (at, bit) => {
    const altered = Uint8Array.from(envelope);
    altered[at]! ^= 1 << bit;
    expect(() => unseal(keys, context, altered)).toThrow(SealError);
  }));
  fc.assert(fc.property(fc.nat(envelope.length - 1), (length) => {
    expect(() => unseal(keys, context, envelope.subarray(0, length))).toThrow(SealError);
  }));
});
