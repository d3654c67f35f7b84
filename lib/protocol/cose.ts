// Public keys of authenticators: COSE (RFC 9053, RFC 8230) to JWK, which WebCrypto and node:crypto both import.
import { b64u, concat, type Bytes } from "./bytes.ts";
import { decodeCbor, type Cbor } from "./cbor.ts";
import { isSmallOrder } from "./curve.ts";

export type SignatureAlgorithm = "ES256" | "EdDSA" | "RS256";

/** A key with the one algorithm it is for. `jwk` holds just what an import needs. */
export interface SignerKey {
  alg: SignatureAlgorithm;
  jwk: { kty: "EC"; crv: "P-256"; x: string; y: string } | { kty: "OKP"; crv: "Ed25519"; x: string } | { kty: "RSA"; n: string; e: string };
}

/** COSE algorithm numbers in the order in which a page offers them. */
export const COSE_ALGORITHMS = [-7, -8, -257] as const;

const KTY = 1;
const ALG = 3;

function bytesOf(map: ReadonlyMap<number | string, Cbor>, label: number, length?: number): Bytes {
  const value = map.get(label);
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length)) {
    throw new TypeError("cose: a parameter is missing or has the wrong length");
  }
  return value;
}

function exactly(map: ReadonlyMap<number | string, Cbor>, labels: readonly number[]): void {
  if (map.size !== labels.length || !labels.every((label) => map.has(label))) {
    throw new TypeError("cose: other parameters than the algorithm has");
  }
}

function rsa(map: ReadonlyMap<number | string, Cbor>): SignerKey {
  exactly(map, [KTY, ALG, -1, -2]);
  const n = bytesOf(map, -1);
  const e = bytesOf(map, -2);
  const bits = n.length === 0 ? 0 : n.length * 8 - (Math.clz32(n[0]!) - 24);
  if (n[0] === 0 || bits < 2048 || bits > 4096 || (n.at(-1)! & 1) === 0) {
    throw new TypeError("cose: an RSA modulus has 2,048 to 4,096 bits and is odd");
  }
  // An exponent of 1 would make every signature its own message; WebCrypto implementations differ on large ones.
  if (e.length < 1 || e.length > 4 || e[0] === 0 || (e.at(-1)! & 1) === 0 || (e.length === 1 && e[0]! < 3)) {
    throw new TypeError("cose: an RSA exponent is odd, 3 or more, at most 32 bits");
  }
  return { alg: "RS256", jwk: { kty: "RSA", n: b64u(n), e: b64u(e) } };
}

/**
 * The key in COSE bytes: ES256 on P-256, EdDSA on Ed25519, or RS256 with 2,048 to 4,096 bits (PROTOCOL 6). Throws a
 * TypeError for another algorithm, other parameters, an RSA key out of bounds or an Ed25519 point of small order. That an
 * ES256 point lies on its curve is checked where the key is imported.
 */
export function parseCoseKey(cose: Uint8Array): SignerKey {
  const map = decodeCbor(cose);
  if (!(map instanceof Map)) throw new TypeError("cose: not a map");
  const key = map as ReadonlyMap<number | string, Cbor>;
  const kty = key.get(KTY);
  const alg = key.get(ALG);
  if (kty === 2 && alg === -7 && key.get(-1) === 1) {
    exactly(key, [KTY, ALG, -1, -2, -3]);
    return { alg: "ES256", jwk: { kty: "EC", crv: "P-256", x: b64u(bytesOf(key, -2, 32)), y: b64u(bytesOf(key, -3, 32)) } };
  }
  if (kty === 1 && alg === -8 && key.get(-1) === 6) {
    exactly(key, [KTY, ALG, -1, -2]);
    const x = bytesOf(key, -2, 32);
    if (isSmallOrder(x)) throw new TypeError("cose: an Ed25519 point of small order");
    return { alg: "EdDSA", jwk: { kty: "OKP", crv: "Ed25519", x: b64u(x) } };
  }
  if (kty === 3 && alg === -257) return rsa(key);
  throw new TypeError("cose: neither ES256, EdDSA nor RS256");
}

function cborHead(major: number, n: number): Uint8Array {
  if (n < 24) return Uint8Array.of((major << 5) | n);
  if (n < 256) return Uint8Array.of((major << 5) | 24, n);
  return Uint8Array.of((major << 5) | 25, n >> 8, n & 255);
}

function cborBytes(bytes: Uint8Array): Uint8Array {
  return concat(cborHead(2, bytes.length), bytes);
}

/** COSE bytes (CTAP2 canonical order) of a key's raw parts; what an authenticator would have sent. */
export function formatCoseKey(
  key:
    | { alg: "ES256"; x: Uint8Array; y: Uint8Array }
    | { alg: "EdDSA"; x: Uint8Array }
    | { alg: "RS256"; n: Uint8Array; e: Uint8Array },
): Bytes {
  if (key.alg === "ES256") {
    return concat(Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21), cborBytes(key.x), Uint8Array.of(0x22), cborBytes(key.y));
  }
  if (key.alg === "EdDSA") return concat(Uint8Array.of(0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21), cborBytes(key.x));
  return concat(Uint8Array.of(0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20), cborBytes(key.n), Uint8Array.of(0x21), cborBytes(key.e));
}
