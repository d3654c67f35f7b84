import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openAtRest, sealAtRest } from "./seal.ts";

const newKey = (): KeyObject => createSecretKey(randomBytes(32));
const key = newKey();
const REFUSED = /unable to authenticate|unknown form/;

test("what was sealed opens under the same key and context", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plain, context) => {
    expect(new Uint8Array(openAtRest(key, context, sealAtRest(key, context, plain)))).toEqual(plain);
  }));
});

test("another key, another context, and any changed, missing or added byte do not open", () => {
  const sealed = sealAtRest(key, "entry\nA", Buffer.from("secret"));
  expect(() => openAtRest(newKey(), "entry\nA", sealed)).toThrow(REFUSED);
  expect(() => openAtRest(key, "entry\nB", sealed)).toThrow(REFUSED);
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i]! ^= 1;
    expect(() => openAtRest(key, "entry\nA", changed)).toThrow(REFUSED);
    expect(() => openAtRest(key, "entry\nA", sealed.subarray(0, i))).toThrow(REFUSED);
  }
  expect(() => openAtRest(key, "entry\nA", Buffer.concat([sealed, Buffer.of(0)]))).toThrow(REFUSED);
});

test("two seals of one value differ", () => {
  expect(sealAtRest(key, "c", Buffer.from("x")).equals(sealAtRest(key, "c", Buffer.from("x")))).toBe(false);
});
