/** The signing house against a real database: windows, signing keys, inbox keys, endorsements. Keys are real, in software. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { checkOffer } from "../../signing/offer.ts";
import { judgeStatements } from "../../signing/endorse.ts";
import { readHouse } from "../../signing/house.ts";
import type { Clock } from "../clock.ts";
import { Refusal } from "../errors.ts";
import { personActor, type Actor } from "../identity/actor.ts";
import { renameYou } from "../identity/you.ts";
import { ceremonyChallenge, type Ceremony } from "../protocol/challenge.ts";
import { addInboxCopy, beginInboxCopy } from "../inbox/copy.ts";
import { myInbox } from "../inbox/mine.ts";
import { stateInboxKey } from "../inbox/state.ts";
import { listInboxKeys } from "../inbox/waiting.ts";
import { b64u, fromB64u, randomBytes } from "../protocol/bytes.ts";
import { enrolChallenge } from "../protocol/connect.ts";
import { endorseChallenge, endorsementOf, inboxKeyChallenge } from "../protocol/inbox.ts";
import type { InboxStatement } from "../protocol/messages.ts";
import { createDevice, type Bend, type Device } from "../protocol/testing/authenticator.ts";
import { askEndorse, askEnrol } from "./ask.ts";
import { declineWindow } from "./decline.ts";
import { endorseInboxKeys } from "./endorse.ts";
import { enrolSigningKey } from "./enrol.ts";
import { listSigningKeys, removeSigningKey, setHardwareBound } from "./keys.ts";
import type { Offer } from "./offer.ts";
import { tradeTicket } from "./trade.ts";
import { listWindows } from "./windows.ts";

const CONSOLE = "http://localhost:3999";
const SIGN = "http://sign.localhost:3999";
const CHROME = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
const visitor = { userAgent: CHROME, address: "127.0.0.1", requestId: "r1" };

let t: TestDatabase;
let mspId: string;
let ines: Actor; // owner
let oskar: Actor; // technician
let belt: Device; // oskar's passkey

const later = (ms: number): Clock => ({ now: () => new Date(Date.now() + ms) });
const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));

async function person(name: string, rights: string[]): Promise<Actor> {
  const [personId, sessionId] = [crypto.randomUUID(), crypto.randomUUID()];
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, $5)", [mspId, personId, name, `${personId}@quillmoor.example`, rights]);
    await admin.query("insert into session (msp_id, session_id, person_id, credential_id, expires_at, agent, address) values ($1, $2, $3, '\\x00', now() + interval '12 hours', 'Chrome', '127.0.0.1')", [mspId, sessionId, personId]);
  });
  return personActor({ mspId, personId, name, rights }, sessionId);
}

async function passkeyOf(actor: Actor, label: string): Promise<Device> {
  const device = await createDevice({ origin: CONSOLE });
  await t.asAdmin((admin) =>
    admin.query("insert into passkey (msp_id, credential_id, person_id, public_key, transports, backup_eligible, backed_up, aaguid, label) values ($1, $2, $3, $4, '{usb}', false, false, $5, $6)",
      [mspId, Buffer.from(fromB64u(device.credentialId)), actor.id, Buffer.from(fromB64u(device.publicKey)), crypto.randomUUID(), label]));
  return device;
}

const parts = (url: string) => ({ subject: /approve\/([0-9a-f-]+)#/.exec(url)![1]!, ticket: url.split("#")[1]! });
async function openWindow(asked: Promise<{ url: string }>): Promise<Offer> {
  return (await tradeTicket(parts((await asked).url), visitor, undefined, t.db)) as Offer;
}

const enrolled = async (device: Device, secret: string, bend: Bend = {}, msp = CONSOLE) => ({
  secret, credential_id: device.credentialId, public_key: device.publicKey, transports: ["usb" as const],
  enrol: await device.sign(enrolChallenge({ credential_id: device.credentialId, msp, public_key: device.publicKey }), bend),
});

async function signingKey(actor: Actor, label = "Desk"): Promise<Device> {
  const device = await createDevice({ origin: SIGN });
  const offer = await openWindow(askEnrol(actor, { label }, CHROME, undefined, t.db));
  await enrolSigningKey(await enrolled(device, offer.secret), visitor, undefined, t.db);
  return device;
}

const statementFor = (actor: Actor, change: Partial<InboxStatement> = {}): InboxStatement => ({
  kem: "x25519", msp: CONSOLE, name: actor.name, not_after: Math.floor(Date.now() / 1000) + 300 * 86_400, public_key: b64u(Uint8Array.from(randomBytes(32), (byte, i) => (i === 31 ? 9 : byte))), technician: actor.id, v: 1, ...change,
});
async function state(actor: Actor, device: Device, statement = statementFor(actor), bend: Bend = {}, change: Record<string, unknown> = {}) {
  return stateInboxKey(actor, { statement, credential_id: device.credentialId, assertion: await device.sign(inboxKeyChallenge(statement), bend), wrapped: b64u(randomBytes(60)), ...change }, undefined, t.db);
}

type CopyBend = { label?: Ceremony; raw?: boolean; askedFor?: string };
let counted = 1; // one counter for all keys here: it only has to grow
async function proofOf(device: Device, { challengeId, bytes }: { challengeId: string; bytes: string }, { label = "inbox", raw = false }: CopyBend = {}) {
  counted += 1;
  const signed = await device.sign(raw ? fromB64u(bytes) : ceremonyChallenge(label, fromB64u(bytes)), { counter: counted });
  const id = { id: device.credentialId, rawId: device.credentialId, type: "public-key" as const, clientExtensionResults: {} };
  return { challengeId, assertion: { ...id, response: { clientDataJSON: signed.client_data_json, authenticatorData: signed.authenticator_data, signature: signed.signature } } };
}
async function copy(actor: Actor, id: string, device: Device, bend: CopyBend = {}) {
  const question = await beginInboxCopy(actor, { inbox_key_id: bend.askedFor ?? id }, t.db);
  return addInboxCopy(actor, { inbox_key_id: id, wrapped: b64u(randomBytes(60)), proof: await proofOf(device, question, bend) }, undefined, t.db);
}

async function endorsed(device: Device, offer: Offer, pick: (name: string) => boolean = () => true, bend: Bend = {}, differs: string[] = []) {
  if (offer.kind !== "endorse") throw new Error("an offer to endorse");
  const endorsement = endorsementOf(offer.statements.map(({ statement }) => statement).filter(({ name }) => pick(name)));
  return { secret: offer.secret, credential_id: device.credentialId, endorsement: { statements: [...endorsement.statements], v: 1 as const }, assertion: await device.sign(endorseChallenge(endorsement), bend), differs };
}

const recordsOf = async () => (await t.asAdmin((admin) => admin.query<{ action: string }>("select action from record where msp_id = $1 order by at, id", [mspId]))).rows.map(({ action }) => action);

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(() => t.close());
beforeEach(async () => {
  mspId = await t.msp("Quillmoor IT");
  ines = await person("Ines Halloran", ["owner"]);
  oskar = await person("Oskar Lund", ["technician"]);
  belt = await passkeyOf(oskar, "Belt");
});

describe("a ticket", () => {
  test("opens the house once, is kept as a hash only, and leaves its records", async () => {
    const { url } = await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    expect(url).toMatch(/^http:\/\/sign\.localhost:3999\/approve\/[0-9a-f-]{36}#[A-Za-z0-9_-]{43}$/);
    const offer = await tradeTicket(parts(url), visitor, undefined, t.db);
    expect(() => checkOffer(offer)).not.toThrow();
    expect(offer).toMatchObject({ kind: "enrol", label: "Desk", person: { name: "Ines Halloran" }, msp: { name: "Quillmoor IT" }, hardware_bound: false });
    const { rows } = await t.asAdmin((admin) => admin.query("select row_to_json(s) as row from signing_ticket s where msp_id = $1", [mspId]));
    expect(JSON.stringify(rows)).not.toContain(parts(url).ticket);
    expect(JSON.stringify(rows)).not.toContain(offer.secret);
    expect(await recordsOf()).toEqual(["ticket.made", "ticket.opened"]);
  });
  test("used a second time, it says so, and the console shows who opened it", async () => {
    const { url } = await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    await tradeTicket(parts(url), visitor, undefined, t.db);
    expect(await codeOf(tradeTicket(parts(url), visitor, undefined, t.db))).toBe("ticket_used");
    expect(await listWindows(ines, "enrol", undefined, t.db)).toMatchObject([{ state: "open", openedBy: "Chrome on Linux, 127.0.0.1" }]);
  });
  test("of ten that come at once with the same ticket, one has it", async () => {
    const { url } = await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(tradeTicket(parts(url), visitor, undefined, t.db))));
    expect(codes.filter((code) => code === "no refusal")).toHaveLength(1);
    expect(codes.filter((code) => code === "ticket_used")).toHaveLength(9);
  });
  test("after two minutes it is too late, and it stays whole for nobody", async () => {
    const { url } = await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    expect(await codeOf(tradeTicket(parts(url), visitor, later(120_001), t.db))).toBe("ticket_expired");
    expect(await listWindows(ines, "enrol", later(120_001), t.db)).toMatchObject([{ state: "over" }]);
  });
  test("carried into another browser it is spent by that, recorded and shown; the own browser then gets nothing either", async () => {
    const { url } = await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    const thief = { userAgent: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", address: "203.0.113.9" };
    expect(await codeOf(tradeTicket(parts(url), thief, undefined, t.db))).toBe("ticket_elsewhere");
    expect(await codeOf(tradeTicket(parts(url), visitor, undefined, t.db))).toBe("ticket_used");
    expect(await listWindows(ines, "enrol", undefined, t.db)).toMatchObject([{ state: "refused", openedBy: "Firefox on Windows, 203.0.113.9" }]);
    expect(await recordsOf()).toEqual(["ticket.made", "ticket.elsewhere"]);
  });
  test("one that was invented, and one for another subject, are the same nothing", async () => {
    const one = parts((await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db)).url);
    const two = parts((await askEnrol(ines, { label: "Bag" }, CHROME, undefined, t.db)).url);
    expect(await codeOf(tradeTicket({ subject: one.subject, ticket: b64u(randomBytes(32)) }, visitor, undefined, t.db))).toBe("ticket_unknown");
    expect(await codeOf(tradeTicket({ subject: one.subject, ticket: two.ticket }, visitor, undefined, t.db))).toBe("ticket_unknown");
    expect((await tradeTicket(one, visitor, undefined, t.db)).kind).toBe("enrol");
  });
  test("dies with its session, and with its person's freeze, before and after it was traded", async () => {
    const end = (sql: string) => t.asAdmin((admin) => admin.query(sql, [mspId, ines.id]));
    const waiting = parts((await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db)).url);
    const offer = await openWindow(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db));
    const submission = await enrolled(await createDevice({ origin: SIGN }), offer.secret);
    for (const [stop, mend] of [["update person set frozen_at = now() where msp_id = $1 and person_id = $2", "update person set frozen_at = null where msp_id = $1 and person_id = $2"], ["update session set revoked_at = now() where msp_id = $1 and person_id = $2", "update session set revoked_at = null where msp_id = $1 and person_id = $2"], ["update session set seen_at = now() - interval '31 minutes' where msp_id = $1 and person_id = $2", "update session set seen_at = now() where msp_id = $1 and person_id = $2"]] as const) {
      await end(stop);
      expect(await codeOf(tradeTicket(waiting, visitor, undefined, t.db)), stop).toBe("signing_session_over");
      expect(await codeOf(enrolSigningKey(submission, visitor, undefined, t.db)), stop).toBe("signing_session_over");
      await end(mend);
    }
    expect((await tradeTicket(waiting, visitor, undefined, t.db)).kind).toBe("enrol");
  });
  test("is not made without the right, without a session, or for the thirty-first time in ten minutes", async () => {
    for (const actor of [oskar, await person("Nadia Voss", ["finance"]), await person("Ben Rowe", ["auditor"])]) {
      expect(await codeOf(askEnrol(actor, { label: "Desk" }, CHROME, undefined, t.db))).toBe("forbidden");
      expect(await codeOf(askEndorse(actor, {}, CHROME, undefined, t.db))).toBe("forbidden");
    }
    expect(await codeOf(askEnrol(personActor({ mspId, personId: ines.id, name: ines.name, rights: ["owner"] }), { label: "Desk" }, CHROME, undefined, t.db))).toBe("forbidden");
    for (let i = 0; i < 30; i += 1) await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    expect(await codeOf(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db))).toBe("too_many");
  });
  test("goes with its session when that is cleared away after thirty days", async () => {
    await askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db);
    await t.asAdmin((admin) => admin.query("update session set expires_at = now() - interval '31 days' where msp_id = $1", [mspId]));
    await t.asApp((app) => app.query("select identity_purge()"));
    const { rows } = await t.asAdmin((admin) => admin.query("select 1 from signing_ticket where msp_id = $1", [mspId]));
    expect(rows).toHaveLength(0);
  });
});

describe("enrolling a signing key", () => {
  test("keeps the key with its proof, and says whether it stays on its device", async () => {
    const device = await signingKey(ines);
    expect((await listSigningKeys(ines, t.db)).keys).toMatchObject([{ id: device.credentialId, label: "Desk", person: "Ines Halloran", own: true, hardwareBound: true, removedAt: null }]);
    expect(await listWindows(ines, "enrol", undefined, t.db)).toMatchObject([{ state: "done", words: "“Desk” is a signing key now." }]);
    expect(await recordsOf()).toEqual(["ticket.made", "ticket.opened", "signing_key.enrolled", "mail.queued"]);
  });

  test.each<[string, string, Bend, string?]>([
    ["for another console", "tap_for_another", {}, "http://elsewhere.localhost:3999"],
    ["on the console instead of the signing page", "tap_elsewhere", { origin: CONSOLE }],
    ["for another host", "tap_elsewhere", { rpId: "localhost" }],
    ["without PIN or finger", "tap_unverified", { flags: 0x01 }],
    ["in a frame of another page", "tap_refused", { client: { crossOrigin: true } }],
    ["as a creation", "tap_refused", { type: "webauthn.create" }],
  ])("a proof given %s is refused, recorded, and ends the window", async (_how, code, bend, msp) => {
    const offer = await openWindow(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db));
    const device = await createDevice({ origin: SIGN });
    expect(await codeOf(enrolSigningKey(await enrolled(device, offer.secret, bend, msp), visitor, undefined, t.db))).toBe(code);
    expect(await codeOf(enrolSigningKey(await enrolled(device, offer.secret), visitor, undefined, t.db))).toBe("signing_over");
    expect((await listSigningKeys(ines, t.db)).keys).toEqual([]);
    expect(await listWindows(ines, "enrol", undefined, t.db)).toMatchObject([{ state: "refused" }]);
    expect((await recordsOf()).at(-1)).toBe("ticket.refused");
  });
  test("the proof of another key than the one that is sent is refused", async () => {
    const [one, two] = [await createDevice({ origin: SIGN }), await createDevice({ origin: SIGN })];
    for (const change of [{ public_key: two.publicKey }, { credential_id: two.credentialId }]) {
      const offer = await openWindow(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db));
      expect(await codeOf(enrolSigningKey({ ...(await enrolled(one, offer.secret)), ...change }, visitor, undefined, t.db))).toBe("tap_for_another");
    }
  });
  test("a key is enrolled once for ever: not by somebody else, not after it was removed", async () => {
    const device = await signingKey(ines);
    const tobias = await person("Tobias Renner", ["owner"]);
    const again = async (actor: Actor) => {
      const offer = await openWindow(askEnrol(actor, { label: "Mine" }, CHROME, undefined, t.db));
      return codeOf(enrolSigningKey(await enrolled(device, offer.secret), visitor, undefined, t.db));
    };
    expect(await again(tobias)).toBe("signing_key_taken");
    await removeSigningKey(ines, { id: device.credentialId }, undefined, t.db);
    expect(await again(ines)).toBe("signing_key_taken");
  });
  test("where the organisation asks for it, a key that can be copied is refused; the rule is an owner's to set", async () => {
    await setHardwareBound(ines, { hardwareBound: true }, undefined, t.db);
    expect(await codeOf(setHardwareBound(oskar, { hardwareBound: false }, undefined, t.db))).toBe("forbidden");
    const copyable = { flags: 0x0d };
    const first = await openWindow(askEnrol(ines, { label: "Phone" }, CHROME, undefined, t.db));
    expect(first).toMatchObject({ hardware_bound: true });
    expect(await codeOf(enrolSigningKey(await enrolled(await createDevice({ origin: SIGN }), first.secret, copyable), visitor, undefined, t.db))).toBe("key_copyable");
    await setHardwareBound(ines, { hardwareBound: false }, undefined, t.db);
    const second = await openWindow(askEnrol(ines, { label: "Phone" }, CHROME, undefined, t.db));
    await enrolSigningKey(await enrolled(await createDevice({ origin: SIGN }), second.secret, copyable), visitor, undefined, t.db);
    expect((await listSigningKeys(ines, t.db)).keys).toMatchObject([{ hardwareBound: false }]);
  });
  test("the secret of one window serves no other kind, no second time, and not after ten minutes", async () => {
    await signingKey(ines);
    await state(oskar, belt);
    const toEndorse = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    expect(await codeOf(enrolSigningKey(await enrolled(await createDevice({ origin: SIGN }), toEndorse.secret), visitor, undefined, t.db))).toBe("signing_over");
    const late = await openWindow(askEnrol(ines, { label: "Late" }, CHROME, undefined, t.db));
    const submission = await enrolled(await createDevice({ origin: SIGN }), late.secret);
    expect(await codeOf(enrolSigningKey(submission, visitor, later(600_001), t.db))).toBe("signing_over");
    await enrolSigningKey(submission, visitor, undefined, t.db);
    expect(await codeOf(enrolSigningKey(submission, visitor, undefined, t.db))).toBe("signing_over");
    expect(await codeOf(enrolSigningKey({ ...submission, secret: b64u(randomBytes(32)) }, visitor, undefined, t.db))).toBe("signing_over");
  });
  test("leaving a window says so, and ends it", async () => {
    const offer = await openWindow(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db));
    await declineWindow({ secret: offer.secret, differs: [] }, visitor, undefined, t.db);
    expect(await listWindows(ines, "enrol", undefined, t.db)).toMatchObject([{ state: "declined" }]);
    expect(await codeOf(enrolSigningKey(await enrolled(await createDevice({ origin: SIGN }), offer.secret), visitor, undefined, t.db))).toBe("signing_over");
  });
  test("removing is recorded, done once, and only by an owner of the same organisation", async () => {
    const device = await signingKey(ines);
    expect(await codeOf(removeSigningKey(oskar, { id: device.credentialId }, undefined, t.db))).toBe("forbidden");
    const stranger = actorOf(await t.msp("Harbour IT"));
    expect(await codeOf(removeSigningKey({ ...stranger, rights: ["owner"] }, { id: device.credentialId }, undefined, t.db))).toBe("not_found");
    await removeSigningKey(ines, { id: device.credentialId }, undefined, t.db);
    expect(await codeOf(removeSigningKey(ines, { id: device.credentialId }, undefined, t.db))).toBe("moved_on");
    expect((await listSigningKeys(ines, t.db)).keys).toMatchObject([{ removedAt: expect.any(Number) as number }]);
    expect((await recordsOf()).slice(-2)).toEqual(["signing_key.removed", "mail.queued"]);
  });
});

describe("an inbox key", () => {
  test("is kept as stated, with one copy that only the passkey opens; a newer one takes its place", async () => {
    const first = await state(oskar, belt);
    expect(await myInbox(oskar, t.db)).toMatchObject({ key: { id: first.id, passkey: "Belt", endorsedBy: null, copies: [{ credential_id: belt.credentialId }] } });
    const second = await state(oskar, belt);
    expect((await myInbox(oskar, t.db)).key?.id).toBe(second.id);
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ id: second.id, state: "waits", fingerprint: second.fingerprint.replaceAll(" ", "") }]);
  });
  test("two tabs at once leave one key in force", async () => {
    await Promise.all([state(oskar, belt), state(oskar, belt), state(oskar, belt)]);
    expect(await listInboxKeys(ines, undefined, t.db)).toHaveLength(1);
  });
  test.each<[string, Partial<InboxStatement>]>([["another console", { msp: "http://elsewhere.localhost:3999" }], ["another person", { technician: crypto.randomUUID() }], ["another name", { name: "Ines Halloran" }], ["more than a year", { not_after: Math.floor(Date.now() / 1000) + 400 * 86_400 }], ["a time that is over", { not_after: 1_700_000_000 }]])(
    "a statement for %s is refused", async (_what, change) => expect(await codeOf(state(oskar, belt, statementFor(oskar, change)))).toBe("moved_on"));
  test("bytes that are no statement, or a key nobody can seal to, are refused", async () => {
    expect(await codeOf(state(oskar, belt, statementFor(oskar), {}, { statement: { v: 1 } }))).toBe("invalid");
    expect(await codeOf(state(oskar, belt, statementFor(oskar), {}, { statement: { ...statementFor(oskar), public_key: b64u(new Uint8Array(32)) } }))).toBe("invalid");
    expect(await codeOf(state(oskar, belt, statementFor(oskar), {}, { wrapped: b64u(randomBytes(28)) }))).toBe("invalid");
  });
  test.each<[string, string, Bend]>([["on another page", "tap_elsewhere", { origin: SIGN }], ["without PIN or finger", "tap_unverified", { flags: 0x01 }]])("a passkey's word given %s is refused", async (_how, code, bend) =>
    expect(await codeOf(state(oskar, belt, statementFor(oskar), bend))).toBe(code));
  test("the word of somebody else's passkey, and a word for another statement, are refused", async () => {
    const strange = await passkeyOf(ines, "Hers");
    expect(await codeOf(state(oskar, strange))).toBe("inbox_passkey_gone");
    const [signed, sent] = [statementFor(oskar), statementFor(oskar)];
    const assertion = await belt.sign(inboxKeyChallenge(signed));
    expect(await codeOf(state(oskar, belt, sent, {}, { assertion }))).toBe("tap_for_another");
  });
  test("is for whoever may hold tokens, and their own business: finance makes none, nobody reads another's copies", async () => {
    const key = await state(oskar, belt);
    expect(await codeOf(state(await person("Nadia Voss", ["finance"]), belt))).toBe("forbidden");
    const tess = await person("Tess Quigley", ["technician"]);
    expect(await myInbox(tess, t.db)).toMatchObject({ key: null });
    expect(await codeOf(copy(tess, key.id, await passkeyOf(tess, "Bag")))).toBe("inbox_key_needed");
  });
  test("goes under a second passkey of the same person, once, however often", async () => {
    const key = await state(oskar, belt);
    const bag = await passkeyOf(oskar, "Bag");
    expect(await copy(oskar, key.id, bag)).toEqual({ copies: 2 });
    expect(await copy(oskar, key.id, bag)).toEqual({ copies: 2 });
    expect(await codeOf(copy(oskar, key.id, await passkeyOf(ines, "Hers")))).toBe("inbox_passkey_gone");
    expect((await recordsOf()).filter((action) => action === "inbox_key.copied")).toHaveLength(2);
  });
  test("a tap given for a sign-in or a step-up, for the bytes as they came, for another key or a second time puts nothing anywhere", async () => {
    const key = await state(oskar, belt);
    const other = crypto.randomUUID();
    for (const label of ["signin", "stepup", "unlock"] as const) expect(await codeOf(copy(oskar, key.id, belt, { label })), label).toBe("ceremony_foreign");
    expect(await codeOf(copy(oskar, key.id, belt, { raw: true }))).toBe("ceremony_foreign");
    expect(await codeOf(copy(oskar, key.id, belt, { askedFor: other }))).toBe("ceremony_foreign");
    const question = await beginInboxCopy(oskar, { inbox_key_id: key.id }, t.db);
    const given = { inbox_key_id: key.id, wrapped: b64u(randomBytes(60)), proof: await proofOf(belt, question) };
    expect(await addInboxCopy(oskar, given, undefined, t.db)).toEqual({ copies: 1 });
    expect(await codeOf(addInboxCopy(oskar, given, undefined, t.db))).toBe("ceremony_spent");
  });
  test("the database takes no other derivation and no other length, whoever asks", async () => {
    const key = await state(oskar, belt);
    const put = (derivation: string, length: number) => t.asAdmin((admin) => admin.query("insert into inbox_copy (msp_id, inbox_key_id, credential_id, derivation, wrapped) values ($1, $2, $3, $4, $5)", [mspId, key.id, Buffer.from(randomBytes(32)), derivation, Buffer.alloc(length)]));
    await expect(put("argon2id/v1", 60)).rejects.toThrow(/check constraint/);
    await expect(put("prf-hkdf-sha256/v1", 28)).rejects.toThrow(/check constraint/);
  });
});

describe("endorsing", () => {
  const house = readHouse(SIGN, CONSOLE)!;
  test("one tap endorses many; the page's own check agrees with what the server offers", async () => {
    const desk = await signingKey(ines);
    const others = await Promise.all(["Tess Quigley", "Jim Okafor", "=cmd()", "مريم حداد"].map((name) => person(name, ["technician"])));
    await state(oskar, belt);
    for (const other of others) await state(other, await passkeyOf(other, "Key"));
    const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    checkOffer(offer);
    expect(offer.kind === "endorse" && (await judgeStatements(offer, house, Math.floor(Date.now() / 1000)))).toHaveLength(5);
    expect(await endorseInboxKeys(await endorsed(desk, offer), visitor, undefined, t.db)).toEqual({ endorsed: 5 });
    expect((await listInboxKeys(ines, undefined, t.db)).map(({ state: is, endorsedBy }) => [is, endorsedBy])).toEqual(Array.from({ length: 5 }, () => ["endorsed", "Ines Halloran"]));
    expect((await myInbox(oskar, t.db)).key).toMatchObject({ endorsedBy: "Ines Halloran" });
    expect((await listSigningKeys(ines, t.db)).keys).toMatchObject([{ lastUsedAt: expect.any(Number) as number }]);
    expect((await recordsOf()).at(-1)).toBe("inbox_keys.endorsed");
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
  });
  test("without a signing key there is no window to endorse in", async () => {
    await state(oskar, belt);
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("signing_key_needed");
  });
  test("what was compared and differed is never endorsed, never offered again, and said to everybody", async () => {
    const desk = await signingKey(ines);
    const tess = await person("Tess Quigley", ["technician"]);
    await state(oskar, belt);
    await state(tess, await passkeyOf(tess, "Bag"));
    const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    if (offer.kind !== "endorse") throw new Error("to endorse");
    const hers = offer.statements.find(({ statement }) => statement.name === "Tess Quigley")!;
    await endorseInboxKeys(await endorsed(desk, offer, (name) => name === "Oskar Lund", {}, [b64u(inboxKeyChallenge(hers.statement))]), visitor, undefined, t.db);
    expect((await listInboxKeys(ines, undefined, t.db)).map(({ name, state: is }) => `${name} ${is}`)).toEqual(["Tess Quigley differs", "Oskar Lund endorsed"]);
    expect((await myInbox(tess, t.db)).key?.differsAt).not.toBeNull();
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    expect(await recordsOf()).toContain("inbox_key.differed");
    await state(tess, await passkeyOf(tess, "New bag"));
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ name: "Tess Quigley", state: "waits" }, { state: "endorsed" }]);
  });
  test("what differed is reported also when nothing is signed", async () => {
    await signingKey(ines);
    await state(oskar, belt);
    const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    if (offer.kind !== "endorse") throw new Error("to endorse");
    await declineWindow({ secret: offer.secret, differs: [b64u(inboxKeyChallenge(offer.statements[0]!.statement))] }, visitor, undefined, t.db);
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "differs" }]);
  });
  test.each<[string, string, Bend]>([["on the console", "tap_elsewhere", { origin: CONSOLE }], ["for another host", "tap_elsewhere", { rpId: "localhost" }], ["without PIN or finger", "tap_unverified", { flags: 0x01 }], ["by a key that became copyable", "tap_refused", { flags: 0x0d }]])(
    "a tap given %s endorses nothing", async (_how, code, bend) => {
      const desk = await signingKey(ines);
      await state(oskar, belt);
      const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
      expect(await codeOf(endorseInboxKeys(await endorsed(desk, offer, undefined, bend), visitor, undefined, t.db))).toBe(code);
      expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "waits" }]);
      expect((await recordsOf()).at(-1)).toBe("ticket.refused");
    });
  test("a sign-in key, somebody else's signing key and a removed one endorse nothing", async () => {
    const desk = await signingKey(ines);
    const tobias = await person("Tobias Renner", ["owner"]);
    const his = await signingKey(tobias, "His");
    const bag = await signingKey(ines, "Bag");
    await state(oskar, belt);
    const attempt = async (device: Device) => codeOf(endorseInboxKeys(await endorsed(device, await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db))), visitor, undefined, t.db));
    expect(await attempt(await passkeyOf(ines, "Sign-in"))).toBe("signing_key_strange");
    expect(await attempt(his)).toBe("signing_key_strange");
    await removeSigningKey(ines, { id: bag.credentialId }, undefined, t.db);
    expect(await attempt(bag)).toBe("signing_key_strange");
    expect(await attempt(desk)).toBe("no refusal");
  });
  test("a list that was changed after the tap, and a statement that was never offered, are refused", async () => {
    const desk = await signingKey(ines);
    await state(oskar, belt);
    const stranger = b64u(inboxKeyChallenge(statementFor(oskar)));
    const first = await endorsed(desk, await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db)));
    expect(await codeOf(endorseInboxKeys({ ...first, endorsement: { statements: [stranger], v: 1 } }, visitor, undefined, t.db))).toBe("tap_for_another");
    const second = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    const signed = { statements: [stranger], v: 1 as const };
    expect(await codeOf(endorseInboxKeys({ ...(await endorsed(desk, second)), endorsement: signed, assertion: await desk.sign(endorseChallenge(signed)) }, visitor, undefined, t.db))).toBe("moved_on");
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "waits" }]);
  });
  test("a key that was replaced while the window stood open is not endorsed, and neither is its successor", async () => {
    const desk = await signingKey(ines);
    await state(oskar, belt);
    const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    const submission = await endorsed(desk, offer);
    await state(oskar, belt);
    expect(await codeOf(endorseInboxKeys(submission, visitor, undefined, t.db))).toBe("moved_on");
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "waits" }]);
  });
  test("when the signing key is removed, what it endorsed waits again", async () => {
    const desk = await signingKey(ines);
    await state(oskar, belt);
    await endorseInboxKeys(await endorsed(desk, await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db))), visitor, undefined, t.db);
    await removeSigningKey(ines, { id: desk.credentialId }, undefined, t.db);
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "waits", endorsedBy: null }]);
  });
  test("a frozen technician's key, and one whose passkey was removed, are not offered", async () => {
    await signingKey(ines);
    await state(oskar, belt);
    await t.asAdmin((admin) => admin.query("update person set frozen_at = now() where person_id = $1", [oskar.id]));
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    await t.asAdmin((admin) => admin.query("update person set frozen_at = null where person_id = $1", [oskar.id]));
    await t.asAdmin((admin) => admin.query("delete from passkey where person_id = $1", [oskar.id]));
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
  });
  test("an owner of another organisation sees and endorses none of them", async () => {
    await state(oskar, belt);
    const quillmoor = mspId;
    mspId = await t.msp("Harbour IT");
    const hers = await person("Ada Harbour", ["owner"]);
    await signingKey(hers);
    expect(await listInboxKeys(hers, undefined, t.db)).toEqual([]);
    const { rows } = await t.asAdmin((admin) => admin.query<{ inbox_key_id: string }>("select inbox_key_id from inbox_key where msp_id = $1", [quillmoor]));
    expect(await codeOf(askEndorse(hers, { ids: rows.map(({ inbox_key_id: id }) => id) }, CHROME, undefined, t.db))).toBe("moved_on");
  });
});

describe("mails about what signs", () => {
  const mails = async () => (await t.asAdmin((admin) => admin.query<{ line: string }>("select template || ' ' || to_name as line from mail where msp_id = $1 order by to_name, template", [mspId]))).rows.map(({ line }) => line);
  test("a signing key that comes or goes is told to its person and to every owner, once each, and to nobody else", async () => {
    await person("Bea Ortiz", ["owner"]);
    await person("Finn Aalto", ["finance"]);
    const device = await signingKey(ines);
    expect(await mails()).toEqual(["signing_key_enrolled Bea Ortiz", "signing_key_enrolled Ines Halloran"]);
    await removeSigningKey(ines, { id: device.credentialId }, undefined, t.db);
    expect((await mails()).filter((line) => line.startsWith("signing_key_removed"))).toEqual(["signing_key_removed Bea Ortiz", "signing_key_removed Ines Halloran"]);
  });
  test("a key of somebody who is no owner any more is told to them too when it goes", async () => {
    const bea = await person("Bea Ortiz", ["owner"]);
    const device = await signingKey(bea);
    await t.asAdmin((admin) => admin.query("update person set rights = '{finance}' where person_id = $1", [bea.id]));
    await removeSigningKey(ines, { id: device.credentialId }, undefined, t.db);
    expect((await mails()).filter((line) => line.startsWith("signing_key_removed"))).toEqual(["signing_key_removed Bea Ortiz", "signing_key_removed Ines Halloran"]);
  });
  test("a refused enrolment mails nobody", async () => {
    const device = await createDevice({ origin: SIGN });
    const offer = await openWindow(askEnrol(ines, { label: "Desk" }, CHROME, undefined, t.db));
    expect(await codeOf(enrolSigningKey(await enrolled(device, offer.secret, {}, "http://other.example"), visitor, undefined, t.db))).toBe("tap_for_another");
    expect(await mails()).toEqual([]);
  });
  test("a fingerprint that differs is told to all owners, also when nothing was signed", async () => {
    await person("Bea Ortiz", ["owner"]);
    await signingKey(ines);
    await state(oskar, belt);
    const offer = await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db));
    if (offer.kind !== "endorse") throw new Error("an offer to endorse");
    await declineWindow({ secret: offer.secret, differs: [b64u(inboxKeyChallenge(offer.statements[0]!.statement))] }, visitor, undefined, t.db);
    expect((await mails()).filter((line) => line.startsWith("fingerprint"))).toEqual(["fingerprint_differs Bea Ortiz", "fingerprint_differs Ines Halloran"]);
  });
});

describe("an inbox key of somebody who took another name", () => {
  const renamed = (name: string) => renameYou(oskar, { name }, t.db);
  test("is offered to no signer, and both pages say which name it states", async () => {
    await signingKey(ines);
    await state(oskar, belt);
    expect(await renamed("Oskar Berg")).toEqual({ name: "Oskar Berg", inboxKey: true });
    expect(await codeOf(askEndorse(ines, {}, CHROME, undefined, t.db))).toBe("moved_on");
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "renamed", name: "Oskar Lund", renamedTo: "Oskar Berg" }]);
    expect((await myInbox({ ...oskar, name: "Oskar Berg" }, t.db)).key?.renamedTo).toBe("Oskar Berg");
  });
  test("is not endorsed either when the name changed while the window stood open", async () => {
    const desk = await signingKey(ines);
    await state(oskar, belt);
    const submission = await endorsed(desk, await openWindow(askEndorse(ines, {}, CHROME, undefined, t.db)));
    await renamed("Oskar Berg");
    expect(await codeOf(endorseInboxKeys(submission, visitor, undefined, t.db))).toBe("moved_on");
  });
  test("is followed by one under the new name, which waits like any other; the former name is refused", async () => {
    await state(oskar, belt);
    await renamed("Oskar Berg");
    const now = { ...oskar, name: "Oskar Berg" };
    expect(await codeOf(state(now, belt, statementFor(oskar)))).toBe("moved_on");
    await state(now, belt);
    expect(await listInboxKeys(ines, undefined, t.db)).toMatchObject([{ state: "waits", name: "Oskar Berg", renamedTo: null }]);
  });
});

describe("an inbox key under a phrase", () => {
  const phrase = () => ({ memory_kib: 65_536, passes: 3, lanes: 4, salt: b64u(randomBytes(16)) });
  test("is kept with how it was derived, which the page is told, and recorded as such", async () => {
    const given = phrase();
    await state(oskar, belt, statementFor(oskar), {}, { phrase: given });
    const { key } = await myInbox(oskar, t.db);
    expect(key?.copies).toEqual([{ derivation: "phrase-argon2id/v1", ...given, wrapped: expect.stringMatching(/^[\w-]{80}$/) as string }]);
    const { rows } = await t.asAdmin((admin) => admin.query("select fields->>'under' as under from record where msp_id = $1 and action = 'inbox_key.stated'", [mspId]));
    expect(rows).toEqual([{ under: "phrase" }]);
  });
  test.each([["less memory", { memory_kib: 64 }], ["fewer passes", { passes: 1 }], ["fewer lanes", { lanes: 1 }], ["a shorter salt", { salt: b64u(randomBytes(8)) }]])("with %s is refused", async (_how, change) => {
    expect(await codeOf(state(oskar, belt, statementFor(oskar), {}, { phrase: { ...phrase(), ...change } }))).toBe("invalid");
    expect((await myInbox(oskar, t.db)).key).toBeNull();
  });
  test("cannot be weakened in the table either, by anybody who may write there", async () => {
    await state(oskar, belt, statementFor(oskar), {}, { phrase: phrase() });
    const changes = ["memory_kib = 64", "memory_kib = null", "passes = 1", "passes = null", "lanes = 1", "salt = '\\x00'", "salt = null", "derivation = 'prf-hkdf-sha256/v1'", "derivation = 'none'", "credential_id = '\\x0102'"];
    for (const change of changes) await expect(t.asAdmin((admin) => admin.query(`update inbox_copy set ${change} where msp_id = $1`, [mspId])), change).rejects.toThrow(/check constraint/);
  });
  test("can be put under a passkey as well, and then has both copies", async () => {
    const { id } = await state(oskar, belt, statementFor(oskar), {}, { phrase: phrase() });
    const blue = await passkeyOf(oskar, "Blue");
    expect(await copy(oskar, id, blue)).toEqual({ copies: 2 });
    expect((await myInbox(oskar, t.db)).key?.copies.map(({ derivation }) => derivation).toSorted()).toEqual(["phrase-argon2id/v1", "prf-hkdf-sha256/v1"]);
  });
});

describe("without the code's own checks", () => {
  test("plain SQL as one tenant sees no other's keys, tickets or endorsements, and no one may alter what was signed", async () => {
    await signingKey(ines);
    await state(oskar, belt);
    const other = await t.msp("Harbour IT");
    await t.asApp(async (app) => {
      await app.query("begin");
      await app.query("select set_config('app.msp_id', $1, true)", [other]);
      for (const table of ["signing_key", "signing_ticket", "signing_policy", "inbox_key", "inbox_copy", "endorsement", "endorsed_key"]) expect((await app.query(`select * from ${table}`)).rowCount, table).toBe(0);
      await app.query("rollback");
      for (const sql of ["update signing_key set public_key = '\\x00'", "update signing_key set person_id = person_id", "delete from signing_key", "update inbox_key set statement = '{}'", "update inbox_key set assertion = '{}'", "delete from inbox_key", "update endorsement set endorsement = '{}'", "delete from endorsement", "update signing_ticket set person_id = person_id", "update signing_ticket set ticket_sha256 = ticket_sha256"]) {
        await expect(app.query(sql), sql).rejects.toThrow(/permission denied/);
      }
    });
  });
  test("the finders give ids and nothing else", async () => {
    await t.asAdmin(async (admin) => {
      await admin.query("set role clavitor_claim");
      for (const column of ["person_id", "session_id", "label", "outcome"]) await expect(admin.query(`select ${column} from signing_ticket`), column).rejects.toThrow(/permission denied/);
      await expect(admin.query("select * from signing_key")).rejects.toThrow(/permission denied/);
    });
  });
});
