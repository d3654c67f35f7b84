import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combine, releaseInfo, shareInfo, split } from "./split.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const places = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 2, maxLength: 12 });

describe("a key in shares", () => {
  test("any two shares make it again, in either order", () => fc.assert(fc.property(key, places, fc.nat(), fc.nat(), (secret, at, i, j) => {
    const shares = split(secret, at);
    const [one, other] = [shares[i % at.length]!, shares[j % at.length]!];
    fc.pre(one.place !== other.place);
    expect(combine(one, other)).toEqual(Uint8Array.from(secret));
    expect(combine(other, one)).toEqual(Uint8Array.from(secret));
  })));
  test("one share says nothing: for every key there is a second share that makes it", () => {
    const [share] = split(new Uint8Array(32).fill(7), [3, 9]);
    const made = new Set(Array.from({ length: 256 }, (_, other) => combine({ place: 3, bytes: share!.bytes.slice(0, 1) }, { place: 9, bytes: Uint8Array.of(other) })[0]));
    expect(made.size).toBe(256);
  });
  test("the same key is never split twice alike", () => expect(split(new Uint8Array(32), [1, 2])[0]!.bytes).not.toEqual(split(new Uint8Array(32), [1, 2])[0]!.bytes));
  test("a changed share makes another key, never none", () => {
    const [one, other] = split(new Uint8Array(32).fill(1), [1, 2]);
    expect(combine(one!, { ...other!, bytes: other!.bytes.map((byte) => byte ^ 1) })).not.toEqual(new Uint8Array(32).fill(1));
  });
  test.each([[[1]], [[1, 1]], [[0, 1]], [[1, 256]], [[1.5, 2]]])("places %j are refused", (at) => expect(() => split(new Uint8Array(32), at)).toThrow(RangeError));
  test("two shares of one place are refused", () => {
    const [one] = split(new Uint8Array(32), [1, 2]);
    expect(() => combine(one!, one!)).toThrow(RangeError);
  });
  test("known answers: the field is that of AES (FIPS 197, 4.2: {57} x {83} = {c1})", () => {
    // A line with slope 0x83 through 0: its value at 0x57 is their product.
    expect(combine({ place: 0x57, bytes: Uint8Array.of(0xc1) }, { place: 1, bytes: Uint8Array.of(0x83) })).toEqual(Uint8Array.of(0));
  });
  test("a share is bound to custodian, key and place, a release to its opening and whom it is for", () => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    expect(text(shareInfo({ custodian: "c", key: "k", place: 2 }))).toBe('clavitor/break-glass-share/v1\n{"custodian":"c","key":"k","place":2}');
    expect(text(releaseInfo({ key: "k", opening: "o", place: 2, to: "t" }))).toBe('clavitor/break-glass-release/v1\n{"key":"k","opening":"o","place":2,"to":"t"}');
  });
});
