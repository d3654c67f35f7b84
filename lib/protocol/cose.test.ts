/* oxlint-disable typescript/no-unsafe-type-assertion, unicorn/consistent-function-scoping, vitest/no-conditional-expect -- node:crypto's types want Buffer for DER keys; small makers stay beside their test */
// Keys of authenticators and the small formats beneath them.
import * as fc from "fast-check";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseAttestation } from "./attestation.ts";
import { b64u, concat, fromHex, hex, randomBytes, utf8 } from "./bytes.ts";
import { decodeCbor, decodeCborFrom } from "./cbor.ts";
import { formatCoseKey, parseCoseKey } from "./cose.ts";
import { isLowOrder, isSmallOrder, LISTED } from "./curve.ts";
import { derToRaw, rawToDer } from "./der.ts";

describe("CBOR", () => {
  test.each([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["20", -1],
    ["3903e7", -1000],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["6449455446", "IETF"],
    ["62c3bc", "ü"],
    ["83010203", [1, 2, 3]],
  ])("RFC 8949 appendix A: %s", (text, value) => {
    expect(decodeCbor(fromHex(text))).toEqual(value);
  });

  test("byte strings and maps", () => {
    expect(decodeCbor(fromHex("4401020304"))).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(decodeCbor(fromHex("a201020304"))).toEqual(new Map([[1, 2], [3, 4]]));
  });

  test.each([
    ["", "nothing"],
    ["1817", "a longer form than needed"],
    ["190017", "a longer form than needed"],
    ["1b0000000000000001", "a longer form than needed"],
    ["1bffffffffffffffff", "a number beyond 2^53"],
    ["5f42010243030405ff", "an indefinite length"],
    ["1c", "a reserved length"],
    ["f93c00", "a float"],
    ["c074", "a tag"],
    ["4401", "an early end"],
    ["5affffffff", "an early end"],
    ["a201020103", "a key twice"],
    ["a1f401", "a key that is no number or text"],
    ["61ff", "text that is not UTF-8"],
    ["0000", "bytes after the end"],
    ["8181818181818100", "too deep a nesting"],
  ])("refuses %s: %s", (text) => {
    expect(() => decodeCbor(fromHex(text))).toThrow(TypeError);
  });

  test("any bytes are read or refused, never a crash", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      try {
        const { end } = decodeCborFrom(data, 0);
        expect(end).toBeLessThanOrEqual(data.length);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }), { numRuns: 2000 });
  });
});

describe("COSE keys", () => {
  const x = randomBytes(32);
  const y = randomBytes(32);
  const n = new Uint8Array(256).fill(0x81);
  const e = Uint8Array.of(1, 0, 1);

  test("the three algorithms become importable keys", () => {
    expect(parseCoseKey(formatCoseKey({ alg: "ES256", x, y }))).toEqual({ alg: "ES256", jwk: { kty: "EC", crv: "P-256", x: b64u(x), y: b64u(y) } });
    expect(parseCoseKey(formatCoseKey({ alg: "EdDSA", x }))).toEqual({ alg: "EdDSA", jwk: { kty: "OKP", crv: "Ed25519", x: b64u(x) } });
    expect(parseCoseKey(formatCoseKey({ alg: "RS256", n, e }))).toEqual({ alg: "RS256", jwk: { kty: "RSA", n: b64u(n), e: b64u(e) } });
  });

  test("RSA keys have 2,048 to 4,096 bits, an odd modulus and an odd exponent from 3", () => {
    const rsa = (modulus: Uint8Array, exponent: Uint8Array = e) => () => parseCoseKey(formatCoseKey({ alg: "RS256", n: modulus, e: exponent }));
    expect(rsa(new Uint8Array(512).fill(0xff))).not.toThrow();
    expect(rsa(new Uint8Array(513).fill(0xff))).toThrow(TypeError);
    expect(rsa(new Uint8Array(255).fill(0xff))).toThrow(TypeError);
    expect(rsa(new Uint8Array(256).fill(0x7f))).toThrow(TypeError); // 2,047 bits
    expect(rsa(n.with(255, 0x80))).toThrow(TypeError);
    expect(rsa(concat(Uint8Array.of(0), n))).toThrow(TypeError);
    for (const bad of [[], [0], [1], [2], [0, 3], [1, 0, 0], [1, 0, 0, 0, 1]]) expect(rsa(n, Uint8Array.from(bad))).toThrow(TypeError);
    expect(rsa(n, Uint8Array.of(3))).not.toThrow();
  });

  test.each([
    ["an ES384 key", `a501020338222002215820${"00".repeat(32)}225820${"00".repeat(32)}`],
    ["an algorithm that does not fit the type", `a4010203272006215820${"09".repeat(32)}`],
    ["an empty map", "a0"],
    ["no map", "01"],
  ])("refuses %s", (_, text) => {
    expect(() => parseCoseKey(fromHex(text))).toThrow(TypeError);
  });

  test("refuses a further parameter, a short coordinate and bytes after the key", () => {
    const good = formatCoseKey({ alg: "EdDSA", x });
    expect(() => parseCoseKey(concat(good, Uint8Array.of(0)))).toThrow(TypeError);
    expect(() => parseCoseKey(concat(Uint8Array.of(0xa5), good.subarray(1), fromHex("0401")))).toThrow(TypeError);
    expect(() => parseCoseKey(formatCoseKey({ alg: "EdDSA", x: x.subarray(1) }))).toThrow(TypeError);
    expect(() => parseCoseKey(formatCoseKey({ alg: "ES256", x, y: y.subarray(1) }))).toThrow(TypeError);
  });

  test("refuses an Ed25519 key of small order", () => {
    for (const point of LISTED.edwards) expect(() => parseCoseKey(formatCoseKey({ alg: "EdDSA", x: point }))).toThrow(TypeError);
  });
});

describe("points of small order", () => {
  const p = 2n ** 255n - 19n;
  const mod = (a: bigint): bigint => ((a % p) + p) % p;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    let square = mod(base);
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = mod(result * square);
      square = mod(square * square);
    }
    return result;
  };
  const inverse = (a: bigint): bigint => power(a, p - 2n);
  const d = mod(-121665n * inverse(121666n));
  const little = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes.toReversed())}`) & ((1n << 255n) - 1n);
  type Point = readonly [bigint, bigint];
  const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
    const t = mod(d * x1 * x2 * y1 * y2);
    return [mod((x1 * y2 + x2 * y1) * inverse(1n + t)), mod((y1 * y2 + x1 * x2) * inverse(1n - t))];
  };
  const lift = (y: bigint): Point => {
    const square = mod((y * y - 1n) * inverse(d * y * y + 1n));
    const root = power(square, (p + 3n) / 8n);
    const x = mod(root * root) === square ? root : mod(root * power(2n, (p - 1n) / 4n));
    expect(mod(x * x)).toBe(square);
    return [x, y];
  };

  test("every listed Ed25519 point is the identity after doubling three times", () => {
    for (const bytes of LISTED.edwards) {
      let point = lift(mod(little(bytes)));
      for (let i = 0; i < 3; i++) point = add(point, point);
      expect(point).toEqual([0n, 1n]);
    }
    expect(new Set(LISTED.edwards.map((bytes) => mod(little(bytes)))).size).toBe(5); // all y of the eight torsion points
    expect(LISTED.edwards).toHaveLength(7);
  });

  test("the sign bit does not hide a listed point, and the base point is none", () => {
    for (const bytes of LISTED.edwards) expect(isSmallOrder(bytes.with(31, bytes[31]! | 0x80))).toBe(true);
    expect(isSmallOrder(fromHex(`58${"66".repeat(31)}`))).toBe(false);
  });

  test("every listed X25519 point is refused by the platform too, and an ordinary key is not listed", () => {
    const privateKey = createPrivateKey({ key: concat(fromHex("302e020100300506032b656e04220420"), new Uint8Array(32).fill(7)) as Buffer, format: "der", type: "pkcs8" });
    for (const bytes of LISTED.montgomery) {
      expect(isLowOrder(bytes)).toBe(true);
      const publicKey = createPublicKey({ key: concat(fromHex("302a300506032b656e032100"), bytes) as Buffer, format: "der", type: "spki" });
      expect(() => diffieHellman({ privateKey, publicKey })).toThrow(Error);
    }
    expect(isLowOrder(fromHex(`09${"00".repeat(31)}`))).toBe(false);
  });
});

describe("DER signatures", () => {
  test("raw to DER and back is the same, in the one spelling", () => {
    const half = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
    fc.assert(fc.property(half, half, (r, s) => {
      const raw = concat(r, s);
      expect(derToRaw(rawToDer(raw))).toEqual(raw);
    }));
  });

  test.each([
    ["3006020101020101", true, "the shortest"],
    ["3006020100020101", false, "zero"],
    ["300702020001020101", false, "a needless zero"],
    ["3006020181020101", false, "a negative number"],
    ["300602010102010100", false, "a byte after the end"],
    ["30080201010201010000", false, "bytes behind the second number, counted in the length"],
    ["30060201010201", false, "an early end"],
    ["308106020101020101", false, "a long length form"],
    ["3106020101020101", false, "no sequence"],
    ["3006030101020101", false, "no integer"],
    ["", false, "nothing"],
  ])("%s accepted: %s, because it is %s", (text, accepted) => {
    expect(derToRaw(fromHex(text)) !== null).toBe(accepted);
  });

  test("33 significant bytes are too many", () => {
    const long = concat(fromHex("3026022101"), new Uint8Array(32), fromHex("020101"));
    expect(derToRaw(long)).toBeNull();
  });
});

describe("attestation", () => {
  const cose = formatCoseKey({ alg: "EdDSA", x: randomBytes(32) });
  const head = (flags: number) => concat(randomBytes(32), Uint8Array.of(flags), new Uint8Array(4));
  const object = (authData: Uint8Array) =>
    concat(fromHex("a3"), fromHex("63"), utf8("fmt"), fromHex("64"), utf8("none"), fromHex("67"), utf8("attStmt"), fromHex("a0"), fromHex("68"), utf8("authData"), fromHex("59"), Uint8Array.of(authData.length >> 8, authData.length & 255), authData);
  const filler = new Uint8Array(300); // so that the length needs two bytes

  test("carries the credential's id and its COSE key as it stood", () => {
    const authData = concat(head(0x45), new Uint8Array(16), Uint8Array.of(1, 44), filler, cose);
    const attestation = parseAttestation(object(authData));
    expect(attestation?.format).toBe("none");
    expect(attestation?.authenticator.credential.credentialId).toEqual(filler);
    expect(attestation?.authenticator.credential.publicKey).toEqual(cose);
    expect(attestation?.authenticator.userVerified).toBe(true);
  });

  test("without a credential, cut short, or with a rest it is refused", () => {
    const authData = concat(head(0x45), new Uint8Array(16), Uint8Array.of(1, 44), filler, cose);
    expect(parseAttestation(object(concat(authData, Uint8Array.of(0))))).toBeNull();
    expect(parseAttestation(object(authData.subarray(0, 340)))).toBeNull();
    expect(parseAttestation(object(concat(head(0x05), filler)))).toBeNull();
    expect(parseAttestation(fromHex("a0"))).toBeNull();
    expect(parseAttestation(new Uint8Array(0))).toBeNull();
  });
});
