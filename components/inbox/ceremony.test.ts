import { describe, expect, test } from "vitest";
import { checkInboxStatement, isCurrent } from "#lib/protocol/inbox.ts";
import { b64u, randomBytes } from "#lib/protocol/bytes.ts";
import { generateSealKey } from "#lib/protocol/seal.ts";
import { newStatement, readCopies } from "./ceremony.ts";

const copy = { credential_id: b64u(randomBytes(32)), derivation: "prf-hkdf-sha256/v1", wrapped: b64u(randomBytes(60)) };
const technician = { id: crypto.randomUUID(), name: "Oskar Lund", console: "http://localhost:3000", days: 365 };
const now = 1_795_000_000;

describe("the technician's page", () => {
  test("takes copies as they are kept here", () => expect([...readCopies([copy]).byPasskey.keys()]).toEqual([copy.credential_id]));
  test.each<Record<string, string | number>>([{ derivation: "argon2id/v1" }, { derivation: "prf-hkdf-sha256/v0" }, { memory: 8 }, { iterations: 1 }, { prf_input: "" }, { wrapped: "" }])("stops at copies that say %j, before any passkey is asked", (change) => {
    expect(() => readCopies([{ ...copy, ...change }])).toThrow(expect.objectContaining({ name: "InboxStop", reason: "strange_copies" }) as Error);
  });
  test("states its own console, its own person and less than a year, over a hybrid key", async () => {
    const { publicKey } = await generateSealKey("x-wing");
    const statement = newStatement(publicKey, technician, now);
    expect(() => checkInboxStatement(statement)).not.toThrow();
    expect(statement).toMatchObject({ kem: "x-wing", msp: technician.console, name: "Oskar Lund", technician: technician.id });
    expect(isCurrent(statement, now)).toBe(true);
    // A browser whose clock runs a day ahead still stays within the protocol's year of 366 days.
    expect(isCurrent(newStatement(publicKey, technician, now + 86_400), now)).toBe(true);
  });
});
