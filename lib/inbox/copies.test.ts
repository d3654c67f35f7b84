import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { inboxPrfInput, unwrapInboxKey, wrapInboxKey } from "../protocol/inbox.ts";
import { checkCopies, derivation, phraseCost, phraseDerivation } from "./copies.ts";

const good = { credential_id: b64u(randomBytes(32)), derivation, wrapped: b64u(randomBytes(60)) };
const phrase = { derivation: phraseDerivation, ...phraseCost, salt: b64u(randomBytes(16)), wrapped: b64u(randomBytes(60)) };
const accepted = (value: unknown) => {
  try {
    checkCopies(value);
    return true;
  } catch {
    return false;
  }
};

describe("copies of an inbox key, as a browser takes them from the server", () => {
  test("a copy as we keep them is taken", () => expect(accepted([good])).toBe(true));
  test.each(["argon2id/v1", "prf-hkdf-sha256/v0", "pbkdf2", "none", "", "PRF-HKDF-SHA256/V1"])("another derivation, %j, is refused", (word) => expect(accepted([{ ...good, derivation: word }])).toBe(false));
  test.each(["iterations", "memory", "salt", "info", "prf_input", "parallelism"])("a copy that brings its own %s is refused: parameters are this page's, not the server's", (member) => expect(accepted([{ ...good, [member]: 1 }])).toBe(false));
  test("a copy under a phrase is taken at 64 MiB, three passes and four lanes, beside passkeys or alone", () => {
    expect(accepted([phrase])).toBe(true);
    expect(accepted([good, phrase])).toBe(true);
  });
  test.each([
    ["less memory", { memory_kib: 65_535 }], ["much less memory", { memory_kib: 8 }], ["fewer passes", { passes: 2 }], ["no passes", { passes: 0 }], ["fewer lanes", { lanes: 1 }],
    ["more memory, which would stop the browser", { memory_kib: 4_194_304 }], ["more passes", { passes: 100_000 }], ["a number in quotes", { passes: "3" }],
    ["a shorter salt", { salt: b64u(randomBytes(15)) }], ["no salt", { salt: "" }], ["a longer salt", { salt: b64u(randomBytes(17)) }],
    ["a salt that is missing", { salt: undefined }], ["a passkey's id beside it", { credential_id: b64u(randomBytes(32)) }], ["a version of its own", { version: 16 }],
    ["another kind of Argon2", { derivation: "phrase-argon2i/v1" }], ["the passkey's derivation", { derivation }], ["a cut copy", { wrapped: b64u(randomBytes(59)) }],
  ])("a phrase's copy with %s is refused", (_how, change) => expect(accepted([{ ...phrase, ...change }])).toBe(false));
  test("two phrases for one key are refused", () => expect(accepted([phrase, { ...phrase, salt: b64u(randomBytes(16)) }])).toBe(false));
  test("an empty list, and one longer than there can be copies, are refused", () => {
    expect(accepted([])).toBe(false);
    expect(accepted(Array.from({ length: 22 }, () => good))).toBe(false);
    expect(accepted("copies")).toBe(false);
  });
  test("one refused copy refuses the list", () => expect(accepted([good, { ...good, derivation: "none" }])).toBe(false));
  test("other lengths are refused", () => {
    for (const length of [0, 28, 59, 61]) expect(accepted([{ ...good, wrapped: b64u(randomBytes(length)) }]), String(length)).toBe(false);
  });
  test("the input of the PRF is fixed by the protocol, and what it gives opens only this person's copy of this key", async () => {
    expect(b64u(inboxPrfInput())).toHaveLength(43);
    const prf = randomBytes(32);
    const context = { credential_id: good.credential_id, public_key: b64u(randomBytes(32)), technician: crypto.randomUUID() };
    const wrapped = await wrapInboxKey(prf, randomBytes(32), context);
    expect(wrapped).toHaveLength(60);
    expect(await unwrapInboxKey(prf, wrapped, context)).toHaveLength(32);
    expect(await unwrapInboxKey(randomBytes(32), wrapped, context)).toBeNull();
    expect(await unwrapInboxKey(prf, wrapped, { ...context, technician: crypto.randomUUID() })).toBeNull();
    expect(await unwrapInboxKey(prf, wrapped, { ...context, credential_id: b64u(randomBytes(32)) })).toBeNull();
  });
});
