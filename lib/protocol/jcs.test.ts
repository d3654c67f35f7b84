import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex, utf8 } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { sha256, sha256Script } from "./hash.ts";
import { jcs, jcsBytes, MAX_DEPTH, parseCanonical } from "./jcs.ts";

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: MAX_DEPTH - 2, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("json"), { maxKeys: 4 }),
  ),
}));

const refusal = (text: string | Uint8Array): string => {
  try {
    parseCanonical(typeof text === "string" ? utf8(text) : text);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "accepted";
};

describe("canonical JSON", () => {
  test("RFC 8785 3.2.3: members in order of their UTF-16 code units", () => {
    const value = { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" };
    expect(Object.keys(value).length).toBe(7);
    const order = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"];
    const places = order.map((name) => jcs(value).indexOf(name));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("RFC 8785 3.2.2.2: the escapes of strings", () => {
    expect(jcs('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
    expect(jcs("\b\t\n\f\r\u001f\u007f\u2028")).toBe('"\\b\\t\\n\\f\\r\\u001f\u007f\u2028"');
  });

  test("what is written parses to the same value, and only its own bytes parse", () => {
    fc.assert(fc.property(json, (value) => {
      const bytes = jcsBytes(value);
      const parsed = parseCanonical(bytes);
      expect(hex(jcsBytes(parsed))).toBe(hex(bytes));
      expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(JSON.stringify(JSON.parse(jcs(value))))));
    }), { numRuns: 500 });
  });

  test("two different values never have one form", () => {
    fc.assert(fc.property(json, json, (a, b) => {
      expect(jcs(a) === jcs(b)).toBe(jcs(JSON.parse(jcs(a))) === jcs(JSON.parse(jcs(b))));
    }));
    expect(jcs(["a,b"])).not.toBe(jcs(["a", "b"]));
  });

  test("a member named __proto__ is data", () => {
    const text = '{"__proto__":{"admin":true}}';
    expect(jcs(parseCanonical(utf8(text)))).toBe(text);
  });

  test.each([undefined, 1.5, Number.NaN, 2 ** 53, 1n, Symbol("s"), () => 1, new Date(0), new Map(), "\ud800", { a: undefined }, { "\udc00": 1 }, [undefined]])(
    "refuses to write %s",
    (value) => {
      expect(() => jcs(value)).toThrow(TypeError);
    },
  );

  test("a hole in a list and a cycle are refused", () => {
    // eslint-disable-next-line no-sparse-arrays
    expect(() => jcs([1, , 2])).toThrow(TypeError);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => jcs(cycle)).toThrow(RangeError);
  });

  test("minus zero is written as zero and refused when read", () => {
    expect(jcs(-0)).toBe("0");
    expect(refusal("-0")).toBe("not_canonical");
  });

  test.each([
    ["", "nothing"],
    [" {}", "white space"],
    ["{}\n", "a line end"],
    ["\ufeff{}", "a byte order mark"],
    ['{"a":1,"a":1}', "a member twice"],
    ['{"b":1,"a":1}', "another order"],
    ["1.0", "another number form"],
    ["1e3", "an exponent"],
    ["1.5", "a fraction"],
    ["9007199254740993", "an unsafe integer"],
    ['"\\u0041"', "a needless escape"],
    ['"\\/"', "an escaped slash"],
    ['"\\u000A"', "upper-case hex"],
    ['"\\ud800"', "a lone surrogate"],
    ["NaN", "no JSON"],
    ["[1,]", "a trailing comma"],
  ])("%j is not canonical: %s", (text) => {
    expect(refusal(text)).toBe("not_canonical");
  });

  test("bytes that are not UTF-8 are not canonical", () => {
    expect(refusal(Uint8Array.of(0x22, 0xff, 0x22))).toBe("not_canonical");
  });

  test("depth 8 is read and depth 9 refused, scalars not counting as a level of nesting", () => {
    expect(refusal("[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH))).toBe("accepted");
    expect(refusal("[".repeat(MAX_DEPTH + 1) + "]".repeat(MAX_DEPTH + 1))).toBe("not_canonical");
    expect(refusal("[".repeat(200_000) + "]".repeat(200_000))).toBe("not_canonical");
  });
});

describe("SHA-256", () => {
  test("FIPS 180-4 examples", () => {
    expect(hex(sha256(utf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hex(sha256())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  test("the script for browsers agrees with Node's, whatever the length", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(hex(sha256Script(data))).toBe(hex(sha256(data)));
    }));
  });

  test("parts are hashed as if laid end to end", () => {
    fc.assert(fc.property(fc.uint8Array(), fc.nat(50), (data, cut) => {
      expect(sha256(data.subarray(0, cut), data.subarray(cut))).toEqual(sha256(data));
    }));
  });
});
