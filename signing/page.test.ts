// The page's own judgement: what it may be told, what it refuses, what it signs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "#lib/protocol/bytes.ts";
import { enrolChallenge } from "#lib/protocol/connect.ts";
import { endorseChallenge, inboxFingerprint, inboxKeyChallenge } from "#lib/protocol/inbox.ts";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import { createDevice, type Device } from "#lib/protocol/testing/authenticator.ts";
import { readAddress } from "./address.ts";
import { judgeStatements, whatIsSigned } from "./endorse.ts";
import { creationOptions, proofChallenge } from "./enrol.ts";
import { readHouse } from "./house.ts";
import { checkOffer, readProblem, type EndorseOffer, type EnrolOffer, type StatementOffer } from "./offer.ts";

const CONSOLE = "http://localhost:3000";
const house = readHouse("http://sign.localhost:3000", CONSOLE)!;
const NOW = 1_795_000_000;
const secret = b64u(randomBytes(32));

const passkey = () => createDevice({ origin: CONSOLE });
const statementOf = (change: Partial<InboxStatement> = {}): InboxStatement => ({ kem: "x25519", msp: CONSOLE, name: "Oskar Lund", not_after: NOW + 86_400 * 300, public_key: b64u(new Uint8Array(32).fill(9)), technician: crypto.randomUUID(), v: 1, ...change });
const stated = async (statement: InboxStatement, device: Device): Promise<StatementOffer> => ({
  statement, assertion: await device.sign(inboxKeyChallenge(statement)), passkey: { public_key: device.publicKey, backup_eligible: false, label: "Belt" }, made_at: NOW - 60, replaces: false,
});
const offerOf = (...statements: StatementOffer[]): EndorseOffer => ({ v: 1, kind: "endorse", msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, secret, seconds_left: 600, signers: [{ id: b64u(randomBytes(32)), label: "Desk", transports: ["usb"] }], statements });
const enrolOffer: EnrolOffer = { v: 1, kind: "enrol", msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, secret, seconds_left: 600, label: "Desk", hardware_bound: false, known: [{ id: b64u(randomBytes(32)), label: "Old desk", transports: [] }] };

const accepted = (value: unknown): boolean => {
  try {
    checkOffer(value);
    return true;
  } catch {
    return false;
  }
};

describe("what the page may be told", () => {
  test("an offer to enrol and one to endorse are taken as they are", async () => {
    expect(accepted(enrolOffer)).toBe(true);
    expect(accepted(offerOf(await stated(statementOf(), await passkey())))).toBe(true);
  });

  // A hostile server's way to have its own bytes signed: a batch's hash, or a sign-in's question, offered as "the challenge".
  test.each(["challenge", "bytes", "rp_id", "root", "digest", "extensions", "publicKey"])("an offer that carries a %s is refused whole, wherever it hides", async (member) => {
    const batch = b64u(randomBytes(32));
    expect(accepted({ ...enrolOffer, [member]: batch })).toBe(false);
    const good = await stated(statementOf(), await passkey());
    expect(accepted({ ...offerOf(good), [member]: batch })).toBe(false);
    expect(accepted(offerOf({ ...good, [member]: batch }))).toBe(false);
    expect(accepted(offerOf({ ...good, statement: { ...good.statement, [member]: batch } }))).toBe(false);
    expect(accepted({ ...enrolOffer, known: [{ ...enrolOffer.known[0], [member]: batch }] })).toBe(false);
  });
  test.each(["batch", "signin", "stepup", "", "constructor"])("an offer of the kind %j is refused", (kind) => expect(accepted({ ...enrolOffer, kind })).toBe(false));
  test("names that steer text are refused: what is read on the screen is what is signed", () => {
    for (const name of ["", "a\u202eb", "a\u2066b", "a\nb", "x".repeat(121)]) {
      expect(accepted({ ...enrolOffer, msp: { name } }), JSON.stringify(name)).toBe(false);
      expect(accepted({ ...enrolOffer, label: name }), JSON.stringify(name)).toBe(false);
    }
  });
  test("more than ten minutes, no signers, no statements, 1,001 statements: refused", async () => {
    const good = await stated(statementOf(), await passkey());
    expect(accepted({ ...enrolOffer, seconds_left: 601 })).toBe(false);
    expect(accepted({ ...offerOf(good), signers: [] })).toBe(false);
    expect(accepted(offerOf())).toBe(false);
    expect(accepted(offerOf(...Array.from({ length: 1_000 }, () => good)))).toBe(true);
    expect(accepted(offerOf(...Array.from({ length: 1_001 }, () => good)))).toBe(false);
  });
  test("a sealing key of low order, or of another length than its kem, is refused", async () => {
    const good = await stated(statementOf(), await passkey());
    for (const change of [{ public_key: b64u(new Uint8Array(32)) }, { kem: "x-wing" as const }, { kem: "x448" as "x25519" }, { public_key: `${good.statement.public_key}=` }]) {
      expect(accepted(offerOf({ ...good, statement: { ...good.statement, ...change } }))).toBe(false);
    }
  });
  test("nothing else of any shape is an offer", () => fc.assert(fc.property(fc.anything(), (value) => !accepted(value))));
  test("words of a refusal are shown only when they are words, and short", () => {
    expect(readProblem({ status: 409, code: "ticket_used", title: "t", detail: "d", remedy: "r" })).toMatchObject({ code: "ticket_used" });
    for (const value of [null, "x", { code: "a" }, { code: "a", title: 1, detail: "d", remedy: "r" }, { code: "a", title: "x".repeat(401), detail: "d", remedy: "r" }]) expect(readProblem(value)).toBeNull();
  });
});

describe("where the page stands", () => {
  test("the ticket is read out of the fragment and nowhere else", () => {
    const subject = crypto.randomUUID();
    expect(readAddress(`/approve/${subject}`, `#${secret}`)).toEqual({ subject, ticket: secret });
    expect(readAddress(`/approve/${subject}`, "")).toEqual({ subject, ticket: null });
    for (const [path, fragment] of [["/", `#${secret}`], [`/approve/${subject}/`, `#${secret}`], [`/approve/${subject}`, "#short"], [`/approve/${subject}`, `#${secret}x`], [`/approve/${subject.toUpperCase()}`, `#${secret}`]] as const) expect(readAddress(path, fragment), path).toBeNull();
  });
  test("a page delivered on the console's own host signs nothing: one credential, one purpose", () => {
    expect(readHouse("https://sign.example.com", "https://console.example.com")).toEqual({ origin: "https://sign.example.com", rpId: "sign.example.com", console: "https://console.example.com" });
    expect(readHouse(CONSOLE, CONSOLE)).toBeNull();
    expect(readHouse("http://localhost:3001", CONSOLE)).toBeNull();
    for (const origin of [null, "", "%CONSOLE_ORIGIN%", "http://console.example.com", "https://console.example.com/", "javascript:alert(1)"]) expect(readHouse("https://sign.example.com", origin), String(origin)).toBeNull();
  });
});

describe("enrolling", () => {
  const made = { credential_id: b64u(randomBytes(32)), public_key: b64u(randomBytes(77)), transports: [] };
  test("what the new key signs is made from the key itself and the console of the page as delivered", () => {
    expect(b64u(proofChallenge(made, house))).toBe(b64u(enrolChallenge({ credential_id: made.credential_id, public_key: made.public_key, msp: CONSOLE })));
  });
  test("nothing of an offer reaches what is signed", () => {
    const other = readHouse("http://sign.localhost:3000", "http://elsewhere.localhost:3000")!;
    expect(b64u(proofChallenge(made, other))).not.toBe(b64u(proofChallenge(made, house)));
    expect(proofChallenge.length).toBe(2); // the key and the house: there is no third place to hand bytes in
  });
  test("the browser is asked for a verified person, no attestation, and none of the keys that are known; challenge and handle are drawn anew", () => {
    const [one, two] = [creationOptions(enrolOffer, house), creationOptions(enrolOffer, house)];
    expect(one).toMatchObject({ rp: { id: "sign.localhost" }, attestation: "none", authenticatorSelection: { userVerification: "required" } });
    expect(one.excludeCredentials?.map(({ id }) => b64u(new Uint8Array(id as ArrayBuffer)))).toEqual(enrolOffer.known.map(({ id }) => id));
    expect(b64u(new Uint8Array(one.challenge as ArrayBuffer))).not.toBe(b64u(new Uint8Array(two.challenge as ArrayBuffer)));
    expect(b64u(new Uint8Array(one.user.id as ArrayBuffer))).not.toBe(b64u(new Uint8Array(two.user.id as ArrayBuffer)));
  });
});

describe("endorsing", () => {
  test("statements that stand are shown with the fingerprint that their owners see", async () => {
    const [oskar, tess] = [statementOf(), statementOf({ name: "Tess Quigley" })];
    const shown = await judgeStatements(offerOf(await stated(oskar, await passkey()), await stated(tess, await passkey())), house, NOW);
    expect(shown).toMatchObject([{ fingerprint: inboxFingerprint(oskar), hash: b64u(inboxKeyChallenge(oskar)), namesake: false }, { fingerprint: inboxFingerprint(tess) }]);
  });
  test("a key that the server exchanged is refused: the passkey never signed it", async () => {
    const good = await stated(statementOf(), await passkey());
    const swapped = { ...good, statement: { ...good.statement, public_key: b64u(new Uint8Array(32).fill(7)) } };
    expect(await judgeStatements(offerOf(swapped), house, NOW)).toEqual({ reason: "not_their_own", name: "Oskar Lund" });
  });
  test("a whole stranger's statement, passkey included, stands under another fingerprint: that is what people compare", async () => {
    const real = statementOf();
    const strange = { ...real, public_key: b64u(new Uint8Array(32).fill(7)) };
    const shown = await judgeStatements(offerOf(await stated(strange, await passkey())), house, NOW);
    expect(Array.isArray(shown) && shown[0]?.fingerprint).not.toBe(inboxFingerprint(real));
  });
  test.each([
    ["another name", (good: StatementOffer) => ({ ...good, statement: { ...good.statement, name: "Oskar Lunde" } })],
    ["a longer life", (good: StatementOffer) => ({ ...good, statement: { ...good.statement, not_after: good.statement.not_after + 1 } })],
    ["another person", (good: StatementOffer) => ({ ...good, statement: { ...good.statement, technician: crypto.randomUUID() } })],
    ["another kind of passkey", (good: StatementOffer) => ({ ...good, passkey: { ...good.passkey, backup_eligible: true } })],
  ])("a statement with %s than was signed is refused", async (_what, bend) => expect(await judgeStatements(offerOf(bend(await stated(statementOf(), await passkey()))), house, NOW)).toMatchObject({ reason: "not_their_own" }));
  test("an assertion that was given for a sign-in, or on another page, does not make a statement", async () => {
    const statement = statementOf();
    const device = await passkey();
    const good = await stated(statement, device);
    for (const assertion of [await device.sign(randomBytes(32)), await device.sign(inboxKeyChallenge(statement), { origin: "http://sign.localhost:3000" }), await device.sign(inboxKeyChallenge(statement), { flags: 0x01 }), await device.sign(inboxKeyChallenge(statement), { type: "webauthn.create" })]) {
      expect(await judgeStatements(offerOf({ ...good, assertion }), house, NOW)).toMatchObject({ reason: "not_their_own" });
    }
  });
  test("a statement for another console, one that is over or too long, and two for one person are refused", async () => {
    const device = await passkey();
    const judge = async (...statements: InboxStatement[]) => judgeStatements(offerOf(...(await Promise.all(statements.map((one) => stated(one, device))))), house, NOW);
    expect(await judge(statementOf({ msp: "http://elsewhere.localhost:3000" }))).toMatchObject({ reason: "other_organisation" });
    expect(await judge(statementOf({ not_after: NOW - 1 }))).toMatchObject({ reason: "not_current" });
    expect(await judge(statementOf({ not_after: NOW + 86_400 * 400 }))).toMatchObject({ reason: "not_current" });
    const one = statementOf();
    expect(await judge(one, { ...one, public_key: b64u(new Uint8Array(32).fill(8)) })).toMatchObject({ reason: "twice" });
  });
  test("two people of one name are both shown, and marked", async () => {
    const shown = await judgeStatements(offerOf(await stated(statementOf(), await passkey()), await stated(statementOf(), await passkey())), house, NOW);
    expect(shown).toMatchObject([{ namesake: true }, { namesake: true }]);
  });
  test("what is signed covers exactly the statements that were compared, whatever their order", () => {
    const [a, b, c] = [statementOf(), statementOf({ name: "Tess Quigley" }), statementOf({ name: "Jim Okafor" })];
    const { endorsement, challenge } = whatIsSigned([b, a]);
    expect([...endorsement.statements].sort()).toEqual([a, b].map((one) => b64u(inboxKeyChallenge(one))).sort());
    expect(b64u(challenge)).toBe(b64u(endorseChallenge(endorsement)));
    expect(b64u(whatIsSigned([a, b]).challenge)).toBe(b64u(challenge));
    expect(b64u(whatIsSigned([a, b, c]).challenge)).not.toBe(b64u(challenge));
  });
});
