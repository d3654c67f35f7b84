/* oxlint-disable typescript/no-unsafe-type-assertion, unicorn/consistent-function-scoping -- node:crypto's types want Buffer for DER keys; small makers stay beside their test */
import * as fc from "fast-check";
import { createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, decapsulate, diffieHellman } from "node:crypto";
import { describe, expect, test } from "vitest";
import { b64u, concat, fromB64u, fromHex, hex, randomBytes, utf8 } from "./bytes.ts";
import { LISTED } from "./curve.ts";
import { unwrapInboxKey, wrapInboxKey } from "./inbox.ts";
import { KEM_SIZES, refuseSealKey, sealedTo } from "./kem.ts";
import type { Kem } from "./messages.ts";
import { connectTokenInfo, generateSealKey, open, parseTokenPlaintext, seal, tokenInfo, tokenPlaintext } from "./seal.ts";

const B32 = b64u(new Uint8Array(32));
const info = tokenInfo({ vault: "hmHr7A", key: B32, uid: b64u(new Uint8Array(16)) });

// --- RFC 9180 and X-Wing again, on Node's own primitives, from their texts ---
const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac("sha256", key).update(data).digest();
const uint16 = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255);
const extract = (suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array => hmac(salt.length ? salt : new Uint8Array(32), concat(utf8("HPKE-v1"), suite, utf8(label), ikm));
const expand = (suite: Uint8Array, prk: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array =>
  hmac(prk, concat(uint16(length), utf8("HPKE-v1"), suite, utf8(label), context, Uint8Array.of(1))).subarray(0, length);

function x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return diffieHellman({
    privateKey: createPrivateKey({ key: concat(fromHex("302e020100300506032b656e04220420"), privateKey) as Buffer, format: "der", type: "pkcs8" }),
    publicKey: createPublicKey({ key: concat(fromHex("302a300506032b656e032100"), publicKey) as Buffer, format: "der", type: "spki" }),
  });
}

function sharedSecret(kem: Kem, privateKey: Uint8Array, publicKey: Uint8Array, enc: Uint8Array): Uint8Array {
  if (kem === "x25519") {
    const suite = concat(utf8("KEM"), fromHex("0020"));
    const prk = extract(suite, new Uint8Array(0), "eae_prk", x25519(privateKey, enc));
    return expand(suite, prk, "shared_secret", concat(enc, publicKey), 32);
  }
  // draft-connolly-cfrg-xwing-kem: the seed expands to ML-KEM's 64 bytes and the X25519 scalar.
  const expanded = createHash("shake256", { outputLength: 96 }).update(privateKey).digest();
  const mlkem = createPrivateKey({ key: concat(fromHex("3054020100300b06096086480165030404020442"), fromHex("8040"), expanded.subarray(0, 64)) as Buffer, format: "der", type: "pkcs8" });
  const ssM = decapsulate(mlkem, enc.subarray(0, 1088));
  const ctX = enc.subarray(1088);
  const ssX = x25519(expanded.subarray(64), ctX);
  return createHash("sha3-256").update(concat(ssM, ssX, ctX, publicKey.subarray(1184), fromHex("5c2e2f2f5e5c"))).digest();
}

function openByTheBook(kem: Kem, privateKey: Uint8Array, publicKey: Uint8Array, sealed: { enc: string; ct: string }): Uint8Array {
  const enc = fromB64u(sealed.enc);
  const ct = fromB64u(sealed.ct);
  const suite = concat(utf8("HPKE"), fromHex(kem === "x25519" ? "0020" : "647a"), fromHex("0001"), fromHex("0002"));
  const none = new Uint8Array(0);
  const context = concat(Uint8Array.of(0), extract(suite, none, "psk_id_hash", none), extract(suite, none, "info_hash", info));
  const secret = extract(suite, sharedSecret(kem, privateKey, publicKey, enc), "secret", none);
  const decipher = createDecipheriv("aes-256-gcm", expand(suite, secret, "key", context, 32), expand(suite, secret, "base_nonce", context, 12));
  decipher.setAuthTag(ct.subarray(-16));
  return concat(decipher.update(ct.subarray(0, -16)), decipher.final());
}

describe.each(["x25519", "x-wing"] as const)("%s", (kem) => {
  test("what is sealed opens with the pair, and with RFC 9180 worked out by hand", async () => {
    const pair = await generateSealKey(kem);
    const plaintext = utf8("a token");
    const sealed = await seal({ kem, public_key: pair.publicKey }, info, plaintext);
    expect(fromB64u(sealed.enc)).toHaveLength(KEM_SIZES[kem].enc);
    expect(pair.privateKey).toHaveLength(KEM_SIZES[kem].privateKey);
    expect(await open(pair, info, sealed)).toEqual(plaintext);
    expect(hex(openByTheBook(kem, pair.privateKey, fromB64u(pair.publicKey), sealed))).toBe(hex(plaintext));
  });

  test("another info, key, kem or a changed byte does not open, and says null", async () => {
    const pair = await generateSealKey(kem);
    const stranger = await generateSealKey(kem);
    const sealed = await seal({ kem, public_key: pair.publicKey }, info, utf8("a token"));
    const bend = (text: string, at: number): string => {
      const bytes = fromB64u(text);
      return b64u(bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ 4));
    };
    expect(await open(stranger, info, sealed)).toBeNull();
    expect(await open(pair, concat(info, Uint8Array.of(0)), sealed)).toBeNull();
    expect(await open(pair, connectTokenInfo({ vault: "hmHr7A", key: B32, request: B32 }), sealed)).toBeNull();
    expect(await open({ ...pair, kem: kem === "x25519" ? "x-wing" : "x25519" }, info, sealed)).toBeNull();
    expect(await open(pair, info, { ...sealed, ct: bend(sealed.ct, 3) })).toBeNull();
    expect(await open(pair, info, { ...sealed, enc: bend(sealed.enc, 3) })).toBeNull();
    expect(await open(pair, info, { ...sealed, enc: sealed.enc.slice(4) })).toBeNull();
    expect(await open(pair, info, { ...sealed, ct: "" })).toBeNull();
  });

  test("two seals of one text differ", async () => {
    const pair = await generateSealKey(kem);
    const to = { kem, public_key: pair.publicKey };
    const [first, second] = [await seal(to, info, utf8("x")), await seal(to, info, utf8("x"))];
    expect(first.enc).not.toBe(second.enc);
    expect(first.ct).not.toBe(second.ct);
  });

  test("a key of the wrong length, with a stray bit or a low-order point is invalid", async () => {
    const pair = await generateSealKey(kem);
    const key = fromB64u(pair.publicKey);
    expect(refuseSealKey({ kem, public_key: pair.publicKey })).toBeNull();
    const bad = [key.slice(1), concat(key, Uint8Array.of(0)), ...LISTED.montgomery.map((point) => concat(key.subarray(0, -32), point))];
    for (const one of bad) {
      expect(refuseSealKey({ kem, public_key: b64u(one) })).not.toBeNull();
      await expect(seal({ kem, public_key: b64u(one) }, info, utf8("x"))).rejects.toMatchObject({ code: "invalid" });
    }
    expect(refuseSealKey({ kem, public_key: `${pair.publicKey.slice(0, -1)}_` })).not.toBeNull();
  });
});

test("an unknown kem is invalid, and an ML-KEM coefficient beyond q is too", async () => {
  const pair = await generateSealKey("x-wing");
  await expect(seal({ kem: "p256" as Kem, public_key: pair.publicKey }, info, utf8("x"))).rejects.toMatchObject({ code: "invalid" });
  const key = fromB64u(pair.publicKey);
  key[0] = 0xff;
  key[1] = 0xff;
  expect(refuseSealKey({ kem: "x-wing", public_key: b64u(key) })).toBe("no ML-KEM-768 key");
  expect(refuseSealKey({ kem: 7, public_key: 7 })).toBe("unknown kem");
});

test("the name of a sealing key tells kem and key apart", () => {
  expect(sealedTo({ kem: "x25519", public_key: B32 })).not.toBe(sealedTo({ kem: "x-wing", public_key: B32 }));
});

describe("the plaintext of a token", () => {
  const parts = { agent: 17, key: B32, token: `cvt_${B32}`, uid: b64u(new Uint8Array(16)), vault: "hmHr7A", vault_url: "https://vault.example/hmHr7A" };

  test("reads back, and nothing but its canonical form does", () => {
    expect(parseTokenPlaintext(tokenPlaintext(parts))).toEqual({ ...parts, v: 1 });
    const text = new TextDecoder().decode(tokenPlaintext(parts));
    for (const bent of [text.replace('"v":1', '"v":2'), text.replace("{", "{ "), text.replace('"v":1', '"v":1,"w":1'), "null", "\u00ff"]) {
      expect(parseTokenPlaintext(utf8(bent))).toBeNull();
    }
    expect(parseTokenPlaintext(Uint8Array.of(0xff))).toBeNull();
  });
});

describe("the inbox key under a passkey", () => {
  const context = { credential_id: "AQ", public_key: B32, technician: "23ea59fc-0ef4-4028-abd2-009d373b1223" };

  test("opens with the same PRF output and context only", async () => {
    const prf = randomBytes(32);
    const secret = randomBytes(32);
    const wrapped = await wrapInboxKey(prf, secret, context);
    expect(await unwrapInboxKey(prf, wrapped, context)).toEqual(secret);
    expect(await unwrapInboxKey(randomBytes(32), wrapped, context)).toBeNull();
    for (const name of Object.keys(context)) expect(await unwrapInboxKey(prf, wrapped, { ...context, [name]: "other" })).toBeNull();
    expect(await unwrapInboxKey(prf, wrapped.with(20, wrapped[20]! ^ 1), context)).toBeNull();
    expect(await unwrapInboxKey(prf, wrapped.subarray(0, 20), context)).toBeNull();
    await expect(wrapInboxKey(randomBytes(31), secret, context)).rejects.toThrow(RangeError);
  });

  test("no two wraps share an IV", async () => {
    const prf = randomBytes(32);
    const ivs = new Set<string>();
    await fc.assert(fc.asyncProperty(fc.constant(0), async () => {
      ivs.add(hex((await wrapInboxKey(prf, new Uint8Array(32), context)).subarray(0, 12)));
    }), { numRuns: 20 });
    expect(ivs.size).toBe(20);
  });
});
