import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { inboxPrfInput, unwrapInboxKey, wrapInboxKey } from "../protocol/inbox.ts";
import { checkCopies, derivation } from "./copies.ts";

const good = { credential_id: b64u(randomBytes(32)), derivation, wrapped: b64u(randomBytes(60)) };
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
