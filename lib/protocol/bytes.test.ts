import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, concat, decodeByLoop, encodeByLoop, equalBytes, fromB64u, fromHex, hex, tryB64u, tryText, uint32be, uint64be, utf8 } from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 100 });

describe("base64url", () => {
  test("RFC 4648 examples, without padding", () => {
    const examples = [["", ""], ["f", "Zg"], ["fo", "Zm8"], ["foo", "Zm9v"], ["foob", "Zm9vYg"], ["fooba", "Zm9vYmE"], ["foobar", "Zm9vYmFy"]] as const;
    for (const [plain, text] of examples) {
      expect(b64u(utf8(plain))).toBe(text);
      expect(fromB64u(text)).toEqual(utf8(plain));
    }
    expect(b64u(Uint8Array.of(0xfb, 0xff))).toBe("-_8");
  });

  test("agrees with the platform's encoder for any bytes", () => {
    fc.assert(fc.property(bytes, (data) => {
      expect(b64u(data)).toBe(Buffer.from(data).toString("base64url"));
      expect(fromB64u(b64u(data))).toEqual(new Uint8Array(data));
    }));
  });

  test("a text that decodes is the only spelling of its bytes", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("A", "B", "Q", "g", "w", "_", "-", "8", "9", "=", "+", "/", " ", "\n"), maxLength: 12 }), (text) => {
      const data = tryB64u(text);
      expect(data === null ? null : b64u(data)).toBe(data === null ? null : text);
    }), { numRuns: 2000 });
  });

  test.each(["Zg==", "Zh", "Z", "Zg\n", " Zg", "Zm9+", "Zm9/", "Zm9é", "AAAAA"])("refuses %j", (text) => {
    expect(tryB64u(text)).toBeNull();
    expect(() => fromB64u(text)).toThrow(TypeError);
  });

  test("a wrong length is refused", () => {
    expect(tryB64u("Zm9v", 3)).not.toBeNull();
    expect(tryB64u("Zm9v", 4)).toBeNull();
    expect(tryB64u("", 0)).toEqual(new Uint8Array(0));
  });
});

describe("numbers and text", () => {
  test("integers are big-endian and bounded", () => {
    expect(hex(uint32be(0x01020304))).toBe("01020304");
    expect(hex(uint64be(65536))).toBe("0000000000010000");
    expect(hex(uint64be(Number.MAX_SAFE_INTEGER))).toBe("001fffffffffffff");
    for (const wrong of [-1, 1.5, 2 ** 32, Number.NaN]) expect(() => uint32be(wrong)).toThrow(RangeError);
    for (const wrong of [-1, 1.5, 2 ** 53]) expect(() => uint64be(wrong)).toThrow(RangeError);
  });

  test("malformed UTF-8 is refused and a byte order mark stays", () => {
    expect(tryText(Uint8Array.of(0xc3, 0x28))).toBeNull();
    expect(tryText(Uint8Array.of(0xed, 0xa0, 0x80))).toBeNull(); // a surrogate
    expect(tryText(Uint8Array.of(0xc0, 0x80))).toBeNull(); // overlong
    expect(tryText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe("\ufeffA");
  });

  test("hex both ways, and equality by value", () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => {
      expect(fromHex(hex(a))).toEqual(new Uint8Array(a));
      expect(equalBytes(a, b)).toBe(hex(a) === hex(b));
      expect(concat(a, b).length).toBe(a.length + b.length);
    }));
    expect(() => fromHex("0")).toThrow(TypeError);
    expect(() => fromHex("zz")).toThrow(TypeError);
  });
});

describe("base64url in Node and in a browser", () => {
  test("both write the same text and read the same bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(encodeByLoop(bytes)).toBe(b64u(bytes));
      expect(decodeByLoop(b64u(bytes))).toEqual(tryB64u(b64u(bytes)));
    }));
  });
  test("both refuse the same texts, also with a length asked for", () => {
    const near = fc.string({ unit: fc.constantFrom(..."AZaz09-_+/= \né"), maxLength: 12 });
    fc.assert(fc.property(near, fc.option(fc.nat(9), { nil: undefined }), (text, length) => {
      expect(decodeByLoop(text, length)).toEqual(tryB64u(text, length));
    }), { numRuns: 2_000 });
  });
  test("a part of a larger buffer is encoded alone", () => expect(b64u(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe("AgM"));
});
