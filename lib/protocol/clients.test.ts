// One tap for many clients: what a list says, what it cannot be made to say.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, randomBytes, utf8 } from "./bytes.ts";
import { checkClients, checkClientStatement, clientHash, clientsChallenge, clientsOf, confirms, MAX_CONFIRMED, refuseConfirmation } from "./clients.ts";
import { clientChallenge } from "./connect.ts";
import { sha256 } from "./hash.ts";
import type { ClientStatement } from "./messages.ts";
import { createDevice } from "./testing/authenticator.ts";

const statement = (name = "Acme", vault = "hmHr7A"): ClientStatement => ({ key: b64u(randomBytes(32)), name, vault });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => b64u(bytes));
const accepted = (check: (value: unknown) => void, value: unknown) => {
  try {
    check(value);
    return true;
  } catch {
    return false;
  }
};

describe("golden bytes", () => {
  const KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"; // 00 01 02 ... 1f
  const acme = { key: KEY, name: "Acme", vault: "hmHr7A" };
  const bakery = { key: KEY, name: "Zoë’s Bakery", vault: "Qx81_b" };
  // The digests were computed from these texts outside this code.
  test("a list of one", () => {
    const bytes = `clavitor/clients/v1\n{"clients":["0Xm_5nSv9ApKxsnTnt8CVEltD3Skm1g7v_7uztxFZtw"],"v":1}`;
    expect(clientHash(acme)).toBe("0Xm_5nSv9ApKxsnTnt8CVEltD3Skm1g7v_7uztxFZtw");
    expect(b64u(clientsChallenge(clientsOf([acme])))).toBe(b64u(sha256(utf8(bytes))));
    expect(b64u(clientsChallenge(clientsOf([acme])))).toBe("TVpBueaSkVmOI6ry0a3vlPbrHQ6Tj0rX8lONYkllQTc");
  });
  test("a list of two, ascending as text", () => {
    const [first, second] = [clientHash(acme), clientHash(bakery)].toSorted((a, b) => (a < b ? -1 : 1));
    expect([first, second]).toEqual(["0Xm_5nSv9ApKxsnTnt8CVEltD3Skm1g7v_7uztxFZtw", "VogtW5ki20nEbitlla7aB5pM4VD041WqWkDW5HrQhhw"]);
    expect(b64u(clientsChallenge(clientsOf([bakery, acme])))).toBe(b64u(sha256(utf8(`clavitor/clients/v1\n{"clients":["${first}","${second}"],"v":1}`))));
    expect(b64u(clientsChallenge(clientsOf([bakery, acme])))).toBe("nEVSIfn4cAWv-ZIPx0F3wuLiqxGbY3Lqn2PZoIsr9sI");
  });
});

describe("a list", () => {
  test("is the same whatever the order and however often a statement is given", () =>
    fc.assert(fc.property(fc.array(fc.record({ key: hash, name: fc.constantFrom("Acme", "Beta", "=Gamma"), vault: fc.constantFrom("hmHr7A", "Qx81_b") }), { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 11 }), (statements, turn) => {
      const at = turn % statements.length;
      const other = [...statements.slice(at), ...statements.slice(0, at), ...statements];
      expect(clientsOf(other)).toEqual(clientsOf(statements));
      expect(() => checkClients(clientsOf(statements))).not.toThrow();
      return statements.every((one) => confirms(clientsOf(statements), one));
    })));
  test("names a statement only as it is: another key, name or vault is not confirmed", () => {
    const one = statement();
    const list = clientsOf([one, statement("Beta")]);
    expect(confirms(list, one)).toBe(true);
    for (const change of [{ key: b64u(randomBytes(32)) }, { name: "Acme " }, { vault: "hmHr7B" }]) expect(confirms(list, { ...one, ...change })).toBe(false);
  });
  test("of none and of 1,001 cannot be made, nor is it taken", () => {
    expect(() => clientsOf([])).toThrow(RangeError);
    const many = Array.from({ length: MAX_CONFIRMED }, () => statement());
    expect(accepted(checkClients, clientsOf(many))).toBe(true);
    expect(() => clientsOf([...many, statement()])).toThrow(RangeError);
    const hashes = [...many, statement()].map(clientHash).toSorted((a, b) => (a < b ? -1 : 1));
    expect(accepted(checkClients, { clients: [], v: 1 })).toBe(false);
    expect(accepted(checkClients, { clients: hashes, v: 1 })).toBe(false);
  });
  test("out of order, with a repeat, with a hash of another length or with one member more is refused", () => {
    const { clients } = clientsOf([statement(), statement(), statement()]);
    for (const value of [{ clients: clients.toReversed(), v: 1 }, { clients: [clients[0], clients[0]], v: 1 }, { clients: [clients[0]!.slice(1)], v: 1 }, { clients, v: 2 }, { clients, v: 1, name: "Acme" }, { clients }, clients]) {
      expect(accepted(checkClients, value), JSON.stringify(value)).toBe(false);
    }
  });
  test("nothing else of any shape is a list, nor a statement", () => fc.assert(fc.property(fc.anything(), (value) => !accepted(checkClients, value) && !accepted(checkClientStatement, value))));
});

describe("a client statement", () => {
  test("holds a key, a name and a vault, and nothing else", () => {
    const one = statement();
    expect(accepted(checkClientStatement, one)).toBe(true);
    for (const value of [{ ...one, challenge: one.key }, { ...one, key: one.key.slice(1) }, { ...one, name: "" }, { ...one, name: "a\u202eb" }, { ...one, vault: "" }, { ...one, vault: "a/b" }]) expect(accepted(checkClientStatement, value), JSON.stringify(value)).toBe(false);
  });
});

describe("a confirmation", () => {
  const signs = async (bend = {}) => {
    const device = await createDevice();
    const list = clientsOf([statement(), statement("Beta")]);
    const expected = { origin: device.origin, rpId: device.rpId, backupEligible: false, hardwareBound: false, publicKey: fromB64u(device.publicKey) };
    return { device, list, expected, assertion: await device.sign(clientsChallenge(list), bend) };
  };
  test("stands when a signer signed exactly this list", async () => {
    const { list, assertion, expected } = await signs();
    expect(await refuseConfirmation(list, assertion, expected)).toBeNull();
  });
  test("does not stand for one client more, one less, or a single statement's own hash", async () => {
    const { device, list, expected, assertion } = await signs();
    expect(await refuseConfirmation({ clients: list.clients.slice(1), v: 1 }, assertion, expected)).toMatchObject({ code: "proof_invalid" });
    expect(await refuseConfirmation(clientsOf([statement()]), assertion, expected)).toMatchObject({ code: "proof_invalid" });
    const single = statement();
    expect(await refuseConfirmation(clientsOf([single]), await device.sign(clientChallenge(single)), expected)).toMatchObject({ code: "proof_invalid" });
  });
  test("does not stand by another key, from another page, or without a verified person", async () => {
    const { list, assertion, expected } = await signs();
    const other = await createDevice();
    expect(await refuseConfirmation(list, assertion, { ...expected, publicKey: fromB64u(other.publicKey) })).toMatchObject({ code: "assertion_invalid" });
    for (const bend of [{ origin: "https://msp.example" }, { rpId: "msp.example" }, { flags: 0x01 }, { type: "webauthn.create" }]) {
      const bent = await signs(bend);
      expect(await refuseConfirmation(bent.list, bent.assertion, bent.expected), JSON.stringify(bend)).not.toBeNull();
    }
  });
});
