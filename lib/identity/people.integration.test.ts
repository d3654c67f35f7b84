import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { personActor, type Actor } from "./actor.ts";
import type { Browser } from "./browser.ts";
import { bindingOf, burnChallenge, drawChallenge } from "./challenge.ts";
import { deeds } from "./deed.ts";
import { beginJoin, invite, join, listInvitations, lookAtInvitation, revokeInvitation } from "./invitations.ts";
import { judgeSession } from "./judge-session.ts";
import { addKey, beginKey, listKeys, removeKey, renameKey } from "./keys.ts";
import { freeze, listMembers, setRights, thaw } from "./members.ts";
import { readOrganisation, renameOrganisation } from "./organisation.ts";
import { askRecovery, beginRecovery, listRecoveries, lookAtRecovery, ownersAt, recover, stopRecovery } from "./recovery.ts";
import { endOtherSessions, endSession, listSessions, signOut } from "./sessions.ts";
import { beginSignIn, signIn } from "./sign-in.ts";
import { beginSignUp, signUp } from "./sign-up.ts";
import type { Opened } from "./start-session.ts";
import { beginStepUp } from "./step-up.ts";
import { createPasskey, type Bent, type Passkey } from "./testing/passkey.ts";
import type { PersonRight } from "./permission.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
});
afterAll(async () => {
  await database().$disconnect();
  await t?.close();
});

const origin = "http://localhost:3999";
const browser = (): Browser => {
  const secret = randomBytes(32).toString("base64url");
  return { agent: "Chrome on Linux", address: "127.0.0.1", bind: (...parts) => bindingOf("visitor", secret, ...parts) };
};
const code = (asked: Promise<unknown>): Promise<string> => asked.then(() => "done", (error: Error & { failure?: { code: string } }) => error.failure?.code ?? `${error.name}: ${error.message}`);
const anyEmail = () => `${randomBytes(5).toString("hex")}@quillmoor.example`;

type Member = { actor: Actor; key: Passkey; email: string };

const actorOf = async ({ mspId, personId, sessionId }: Opened): Promise<Actor> => {
  const row = await read(personActor({ mspId, personId, name: "", rights: [] }), ({ db }) => db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId } } }));
  return personActor(row, sessionId);
};

async function founder(name = "Ines Halloran", organisation = "Quillmoor IT"): Promise<Member> {
  const [key, at, email] = [await createPasskey(origin), browser(), anyEmail()];
  const founding = { organisation, name, email };
  const opened = await signUp(founding, await key.register("signup", await beginSignUp(founding, at)), at);
  return { actor: await actorOf(opened), key, email };
}

const stepUp = async ({ actor, key }: Member, deed: string, bend?: Bent) => key.answer("stepup", await beginStepUp(actor, deed), bend);
const invited = async (by: Member, rights: PersonRight[], email = anyEmail()) => invite(by.actor, { email, rights, proof: await stepUp(by, deeds.invite(email, rights)) });
const secretOf = (link: string) => new URL(link).hash.slice(1);

async function joined(by: Member, rights: PersonRight[], name = "Tomas Varga"): Promise<Member> {
  const email = anyEmail();
  const { link } = await invited(by, rights, email);
  const [key, at, secret] = [await createPasskey(origin), browser(), secretOf(link)];
  const opened = await join({ secret, name }, await key.register("join", await beginJoin({ secret, name }, at)), at);
  return { actor: await actorOf(opened), key, email };
}

async function enter(key: Passkey, bend?: Bent): Promise<Opened> {
  const at = browser();
  return signIn(await key.answer("signin", await beginSignIn(at), bend), at);
}

const sql = (text: string, values: unknown[]) => t.asAdmin((admin) => admin.query(text, values));
const recorded = async (mspId: string) => (await sql("select action from record where msp_id = $1 order by id", [mspId])).rows.map(({ action }) => action as string);

describe("founding an organisation", () => {
  test("makes the organisation, its owner, the key and a session, each recorded, and mails the owner", async () => {
    const { actor, email } = await founder("Ines Halloran");
    expect(actor).toMatchObject({ kind: "person", name: "Ines Halloran", rights: ["owner"] });
    expect(await recorded(actor.mspId)).toEqual(["organisation.created", "person.joined", "passkey.added", "mail.queued", "address.asked", "mail.queued", "session.started"]);
    expect((await sql("select to_address, template from mail where msp_id = $1 order by id", [actor.mspId])).rows).toEqual([{ to_address: email, template: "key_added" }, { to_address: email, template: "address_proof" }]);
    expect(await readOrganisation(actor)).toMatchObject({ name: "Quillmoor IT", owners: ["Ines Halloran"] });
  });
  test("with other words than the question was asked for is refused, and founds nothing", async () => {
    const [key, at] = [await createPasskey(origin), browser()];
    const founding = { organisation: "Quillmoor IT", name: "Ines Halloran", email: anyEmail() };
    const answer = await key.register("signup", await beginSignUp(founding, at));
    expect(await code(signUp({ ...founding, organisation: "Other" }, answer, at))).toBe("ceremony_foreign");
    expect(await code(signUp(founding, answer, at))).toBe("ceremony_spent");
  });
  test("with a key that opens a door already is refused", async () => {
    const { key } = await founder();
    const at = browser();
    const founding = { organisation: "Second", name: "Ines Halloran", email: anyEmail() };
    expect(await code(signUp(founding, await key.register("signup", await beginSignUp(founding, at)), at))).toBe("key_known");
  });
  test("where sign-up is closed is refused before a question is asked", async () => {
    const held = env().SIGN_UP;
    try {
      env().SIGN_UP = "closed";
      expect(await code(beginSignUp({ organisation: "X", name: "Y", email: "z@x.example" }, browser()))).toBe("sign_up_closed");
    } finally {
      env().SIGN_UP = held;
    }
  });
  const bends: [string, Bent, string][] = [
    ["from another origin", { origin: "http://evil.example" }, "wrong_origin"],
    ["from a frame of another site", { client: { crossOrigin: true } }, "wrong_origin"],
    ["for another host", { rpId: "sign.localhost" }, "wrong_rp"],
    ["without the person being checked", { flags: 0x41 }, "not_verified"],
    ["of an assertion's type", { type: "webauthn.get" }, "key_refused"],
    ["over the bytes as handed, not derived", { raw: true }, "ceremony_foreign"],
    ["over the challenge of another purpose", { label: "stepup" }, "ceremony_foreign"],
  ];
  test.each(bends)("with a registration %s is refused", async (_how, bend, expected) => {
    const [key, at] = [await createPasskey(origin), browser()];
    const founding = { organisation: "Bent", name: "Ines Halloran", email: anyEmail() };
    expect(await code(signUp(founding, await key.register("signup", await beginSignUp(founding, at), bend), at))).toBe(expected);
    expect((await sql("select 1 from msp where name = 'Bent'", [])).rowCount).toBe(0);
  });
});

describe("signing in", () => {
  test("with the key alone says who it is, and opens a session of its own", async () => {
    const { actor, key } = await founder();
    const opened = await enter(key);
    expect(opened).toMatchObject({ mspId: actor.mspId, personId: actor.id });
    expect(opened.sessionId).not.toBe(actor.sessionId);
    expect(await judgeSession(opened.mspId, opened.sessionId, false)).toMatchObject({ live: true, personId: actor.id });
  });
  const bends: [string, Bent, string][] = [
    ["from another origin", { origin: "http://sign.localhost:3999" }, "wrong_origin"],
    ["from a frame of another site", { client: { crossOrigin: true } }, "wrong_origin"],
    ["that names a top origin", { client: { topOrigin: "http://evil.example" } }, "wrong_origin"],
    ["for another host", { rpId: "evil.example" }, "wrong_rp"],
    ["without presence", { flags: 0x04 }, "not_verified"],
    ["without the person being checked", { flags: 0x01 }, "not_verified"],
    ["of a registration's type", { type: "webauthn.create" }, "key_refused"],
    ["over the bytes as handed, not derived", { raw: true }, "ceremony_foreign"],
    ["over the challenge of a step-up", { label: "stepup" }, "ceremony_foreign"],
    ["that names another person", { userHandle: "AAAAAAAAAAAAAAAAAAAAAA" }, "key_refused"],
    ["whose key became one that may leave its device", { flags: 0x0d }, "key_refused"],
  ];
  test.each(bends)("with an answer %s is refused, and opens nothing", async (_how, bend, expected) => {
    const { actor, key } = await founder();
    expect(await code(enter(key, bend))).toBe(expected);
    expect(await listSessions(actor)).toHaveLength(1);
  });
  test("a challenge is burned by the first answer, whatever it was worth", async () => {
    const { key } = await founder();
    const at = browser();
    const question = await beginSignIn(at);
    expect(await code(signIn(await key.answer("signin", question, { flags: 0x01 }), at))).toBe("not_verified");
    expect(await code(signIn(await key.answer("signin", question), at))).toBe("ceremony_spent");
  });
  test("the same answer twice opens one session", async () => {
    const { key } = await founder();
    const at = browser();
    const proof = await key.answer("signin", await beginSignIn(at));
    const both = await Promise.all([code(signIn(proof, at)), code(signIn(proof, at))]);
    expect(both.toSorted()).toEqual(["ceremony_spent", "done"]);
  });
  test("a challenge that is older than five minutes is refused as that, by the database's clock", async () => {
    const { key } = await founder();
    const at = browser();
    const question = await beginSignIn(at);
    await sql("update challenge set expires_at = now() - interval '1 second' where challenge_id = $1", [question.challengeId]);
    expect(await code(signIn(await key.answer("signin", question), at))).toBe("ceremony_expired");
  });
  test("the challenge of another browser is refused", async () => {
    const { key } = await founder();
    expect(await code(signIn(await key.answer("signin", await beginSignIn(browser())), browser()))).toBe("ceremony_foreign");
  });
  test("a challenge that was drawn for something else is refused", async () => {
    const { actor, key } = await founder();
    const at = browser();
    const question = await drawChallenge("00000000-0000-7000-8000-000000000000", "inbox", at.bind("signin"));
    expect(await code(signIn(await key.answer("signin", question), at))).toBe("ceremony_foreign");
    const step = await beginStepUp(actor, deeds.addKey());
    expect(await code(signIn(await key.answer("signin", step), at))).toBe("ceremony_foreign");
  });
  test("an unknown key, a wrong signature and a foreign key's id end in the same words", async () => {
    const { key } = await founder();
    const stranger = await createPasskey(origin);
    const failures = [];
    for (const attempt of [
      async () => enter(stranger),
      async () => { const at = browser(); const proof = await key.answer("signin", await beginSignIn(at)); proof.assertion.response.signature = (await stranger.answer("signin", await beginSignIn(at))).assertion.response.signature; return signIn(proof, at); },
      async () => { const at = browser(); const proof = await stranger.answer("signin", await beginSignIn(at)); proof.assertion.id = proof.assertion.rawId = key.credentialId; return signIn(proof, at); },
    ]) failures.push(await attempt().then(() => "done", (error: { failure: unknown }) => error.failure));
    expect(failures[0]).toMatchObject({ code: "key_refused" });
    expect(failures[1]).toEqual(failures[0]);
    expect(failures[2]).toEqual(failures[0]);
  });
  test("a key that counts backwards may be a copy: refused and recorded", async () => {
    const { actor, key } = await founder();
    await enter(key);
    key.counter -= 1;
    expect(await code(enter(key))).toBe("key_refused");
    expect(await recorded(actor.mspId)).toContain("passkey.counter_regressed");
    key.counter += 5;
    expect(await code(enter(key))).toBe("done");
  });
  test("a key that never counts, as synced ones, is let in again and again", async () => {
    const key = await createPasskey(origin, { counts: false });
    const at = browser();
    const founding = { organisation: "Synced", name: "Ines Halloran", email: anyEmail() };
    await signUp(founding, await key.register("signup", await beginSignUp(founding, at)), at);
    expect([await code(enter(key)), await code(enter(key))]).toEqual(["done", "done"]);
  });
});

describe("a session", () => {
  const verdict = async ({ mspId, sessionId }: Opened) => {
    const judged = await judgeSession(mspId, sessionId, false);
    return judged.live ? "live" : judged.why;
  };
  test("ends after 30 minutes in which nobody did anything; asking is no activity", async () => {
    const opened = await enter((await founder()).key);
    await sql("update session set seen_at = now() - interval '29 minutes 50 seconds' where session_id = $1", [opened.sessionId]);
    expect(await verdict(opened)).toBe("live");
    await sql("update session set seen_at = seen_at - interval '11 seconds' where session_id = $1", [opened.sessionId]);
    expect(await verdict(opened)).toBe("session_idle");
    expect(await judgeSession(opened.mspId, opened.sessionId, true)).toEqual({ live: false, why: "session_idle" });
  });
  test("goes on for 30 minutes from what a person did last", async () => {
    const opened = await enter((await founder()).key);
    await sql("update session set seen_at = now() - interval '29 minutes' where session_id = $1", [opened.sessionId]);
    await judgeSession(opened.mspId, opened.sessionId, true);
    await sql("update session set seen_at = seen_at - interval '29 minutes' where session_id = $1", [opened.sessionId]);
    expect(await verdict(opened)).toBe("live");
  });
  test("ends after twelve hours, whatever is done in it", async () => {
    const opened = await enter((await founder()).key);
    await sql("update session set expires_at = now() where session_id = $1", [opened.sessionId]);
    expect(await judgeSession(opened.mspId, opened.sessionId, true)).toEqual({ live: false, why: "session_expired" });
    const { rows } = await sql("select expires_at - created_at = interval '12 hours' as twelve from session where session_id = $1", [(await enter((await founder()).key)).sessionId]);
    expect(rows).toEqual([{ twelve: true }]);
  });
  test("is not found under another organisation, nor under no id", async () => {
    const [one, other] = [await enter((await founder()).key), await founder()];
    expect(await verdict({ ...one, mspId: other.actor.mspId })).toBe("session_revoked");
    expect(await verdict({ ...one, sessionId: crypto.randomUUID() })).toBe("session_revoked");
  });
  test("is listed with its place and ended by its person, by nobody else", async () => {
    const member = await founder();
    const [second, stranger] = [await enter(member.key), await founder()];
    const listed = await listSessions(member.actor);
    expect(listed.map(({ current, agent, key }) => ({ current, agent, key }))).toEqual([{ current: true, agent: "Chrome on Linux", key: "First key" }, { current: false, agent: "Chrome on Linux", key: "First key" }]);
    expect(await code(endSession(stranger.actor, { id: second.sessionId }))).toBe("moved_on");
    const colleague = await joined(member, ["owner"]);
    expect(await code(endSession(colleague.actor, { id: second.sessionId }))).toBe("moved_on");
    expect(await verdict(second)).toBe("live");
    await endSession(member.actor, { id: second.sessionId });
    expect(await verdict(second)).toBe("session_revoked");
  });
  test("all others end at once; signing out ends this one", async () => {
    const member = await founder();
    const others = [await enter(member.key), await enter(member.key)];
    expect(await endOtherSessions(member.actor)).toEqual({ ended: 2 });
    expect(await Promise.all(others.map(verdict))).toEqual(["session_revoked", "session_revoked"]);
    await signOut(member.actor);
    expect(await listSessions(member.actor)).toEqual([]);
  });
});

describe("step-up", () => {
  test("a tap for one deed serves no other, in no other session, and once", async () => {
    const owner = await founder();
    const [email, other] = [anyEmail(), anyEmail()];
    const proof = await stepUp(owner, deeds.invite(email, ["technician"]));
    expect(await code(invite(owner.actor, { email, rights: ["owner"], proof }))).toBe("ceremony_foreign");
    const again = await stepUp(owner, deeds.invite(other, ["technician"]));
    const elsewhere = await actorOf(await enter(owner.key));
    expect(await code(invite(elsewhere, { email: other, rights: ["technician"], proof: again }))).toBe("ceremony_foreign");
    const third = await stepUp(owner, deeds.invite(other, ["technician"]));
    expect(await code(invite(owner.actor, { email: other, rights: ["technician"], proof: third }))).toBe("done");
    expect(await code(invite(owner.actor, { email: other, rights: ["technician"], proof: third }))).toBe("ceremony_spent");
  });
  test("a colleague's key is refused", async () => {
    const owner = await founder();
    const colleague = await joined(owner, ["owner"]);
    const proof = await colleague.key.answer("stepup", await beginStepUp(owner.actor, deeds.addKey()));
    expect(await code(beginKey(owner.actor, { proof }))).toBe("key_refused");
  });
  test("a sign-in's answer is no step-up", async () => {
    const owner = await founder();
    const proof = await owner.key.answer("stepup", await beginStepUp(owner.actor, deeds.addKey()), { label: "signin" });
    expect(await code(beginKey(owner.actor, { proof }))).toBe("ceremony_foreign");
  });
});

describe("keys", () => {
  async function second(member: Member): Promise<Passkey> {
    const key = await createPasskey(origin);
    const question = await beginKey(member.actor, { proof: await stepUp(member, deeds.addKey()) });
    expect(question.exclude).toContain(member.key.credentialId);
    await addKey(member.actor, { label: "Desk key", key: await key.register("addkey", question) });
    return key;
  }
  const remove = async (member: Member, id: string) => removeKey(member.actor, { id, proof: await stepUp(member, deeds.removeKey(id)) });

  test("several open the same door, with name and last use; adding is mailed and recorded", async () => {
    const member = await founder();
    const key = await second(member);
    expect((await enter(key)).personId).toBe(member.actor.id);
    expect((await listKeys(member.actor)).map(({ label, lastUsedAt, hardwareBound }) => ({ label, used: lastUsedAt !== null, hardwareBound }))).toEqual([{ label: "First key", used: true, hardwareBound: true }, { label: "Desk key", used: true, hardwareBound: true }]);
    await renameKey(member.actor, { id: key.credentialId, label: "Key at the desk" });
    expect((await listKeys(member.actor))[1]?.label).toBe("Key at the desk");
    expect((await sql("select count(*)::int as mails from mail where msp_id = $1 and template = 'key_added'", [member.actor.mspId])).rows).toEqual([{ mails: 2 }]);
  });
  test("a removed key opens nothing, its sessions end, and it is mailed and recorded", async () => {
    const member = await founder();
    const key = await second(member);
    const opened = await enter(key);
    expect(await remove(member, key.credentialId)).toMatchObject({ endedThisSession: false });
    expect(await judgeSession(opened.mspId, opened.sessionId, false)).toMatchObject({ live: false });
    expect(await code(enter(key))).toBe("key_refused");
    expect(await recorded(member.actor.mspId)).toContain("passkey.removed");
    expect((await sql("select 1 from mail where msp_id = $1 and template = 'key_removed'", [member.actor.mspId])).rowCount).toBe(1);
  });
  test("the last key of the last owner cannot be removed; with another owner it can", async () => {
    const member = await founder();
    expect(await code(remove(member, member.key.credentialId))).toBe("last_key");
    await joined(member, ["owner"]);
    expect(await code(remove(member, member.key.credentialId))).toBe("done");
  });
  test("two owners who each remove their last key at the same moment leave one", async () => {
    const one = await founder();
    const other = await joined(one, ["owner"]);
    const proofs = [await stepUp(one, deeds.removeKey(one.key.credentialId)), await stepUp(other, deeds.removeKey(other.key.credentialId))] as const;
    const both = await Promise.all([code(removeKey(one.actor, { id: one.key.credentialId, proof: proofs[0] })), code(removeKey(other.actor, { id: other.key.credentialId, proof: proofs[1] }))]);
    expect(both.toSorted()).toEqual(["done", "last_key"]);
  });
  test("somebody else's key can be neither renamed nor removed", async () => {
    const owner = await founder();
    const colleague = await joined(owner, ["technician"]);
    expect(await code(renameKey(owner.actor, { id: colleague.key.credentialId, label: "Mine" }))).toBe("not_found");
    expect(await code(remove(owner, colleague.key.credentialId))).toBe("not_found");
  });
});

describe("invitations", () => {
  test("a member joins once, with the rights that were said, and the mail holds the link", async () => {
    const owner = await founder();
    const email = anyEmail();
    const { link } = await invited(owner, ["technician", "finance"], email);
    expect(link).toMatch(/^http:\/\/localhost:3999\/join#[\w-]{43}$/);
    expect(await lookAtInvitation(secretOf(link))).toEqual({ organisation: "Quillmoor IT", email, rights: ["technician", "finance"], by: "Ines Halloran", again: null });
    const [key, at, secret] = [await createPasskey(origin), browser(), secretOf(link)];
    const opened = await join({ secret, name: "Tomas Varga" }, await key.register("join", await beginJoin({ secret, name: "Tomas Varga" }, at)), at);
    expect(await actorOf(opened)).toMatchObject({ mspId: owner.actor.mspId, name: "Tomas Varga", rights: ["technician", "finance"] });
    expect(await code(lookAtInvitation(secret))).toBe("invitation_used");
    expect(await code(beginJoin({ secret, name: "Somebody" }, browser()))).toBe("invitation_used");
    expect((await sql("select secret_sha256::text from invitation where email = $1", [email])).rows[0].secret_sha256).not.toContain(secret);
  });
  test("two who join with one link at the same moment are one member", async () => {
    const owner = await founder();
    const secret = secretOf((await invited(owner, ["technician"])).link);
    const attempts = await Promise.all(["Tomas Varga", "Priya Raman"].map(async (name) => {
      const [key, at] = [await createPasskey(origin), browser()];
      const answer = await key.register("join", await beginJoin({ secret, name }, at));
      return () => code(join({ secret, name }, answer, at));
    }));
    expect((await Promise.all(attempts.map((attempt) => attempt()))).toSorted()).toEqual(["done", "invitation_used"]);
    expect(await listMembers(owner.actor)).toHaveLength(2);
  });
  test("an expired, a withdrawn and an unknown one say so, and an answer to one opens no other", async () => {
    const owner = await founder();
    const [late, back, one, other] = [await invited(owner, ["auditor"]), await invited(owner, ["auditor"]), await invited(owner, ["auditor"]), await invited(owner, ["owner"])];
    await sql("update invitation set expires_at = now() where invitation_id = $1", [late.id]);
    expect(await code(lookAtInvitation(secretOf(late.link)))).toBe("invitation_expired");
    await revokeInvitation(owner.actor, { id: back.id });
    expect(await code(lookAtInvitation(secretOf(back.link)))).toBe("invitation_expired");
    expect(await code(lookAtInvitation(randomBytes(32).toString("base64url")))).toBe("invitation_unknown");
    const [key, at] = [await createPasskey(origin), browser()];
    const answer = await key.register("join", await beginJoin({ secret: secretOf(one.link), name: "Priya Raman" }, at));
    expect(await code(join({ secret: secretOf(other.link), name: "Priya Raman" }, answer, at))).toBe("ceremony_foreign");
  });
  test("a newer invitation of one address ends the older; a member's address is refused", async () => {
    const owner = await founder();
    const email = anyEmail();
    const [older, newer] = [await invited(owner, ["technician"], email), await invited(owner, ["technician"], email)];
    expect(await code(lookAtInvitation(secretOf(older.link)))).toBe("invitation_expired");
    expect(await code(lookAtInvitation(secretOf(newer.link)))).toBe("done");
    expect(await code(invited(owner, ["technician"], owner.email))).toBe("already_member");
  });
  test("those of an owner who was frozen are worth nothing", async () => {
    const owner = await founder();
    const rogue = await joined(owner, ["owner"]);
    const { link } = await invited(rogue, ["owner"]);
    await freeze(owner.actor, { personId: rogue.actor.id });
    expect(await code(lookAtInvitation(secretOf(link)))).toBe("invitation_expired");
    expect(await listInvitations(owner.actor)).toEqual([]);
  });
});

describe("members", () => {
  test("freezing ends every session at once, refuses the key, and can be undone with a tap", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    const second = await enter(member.key);
    expect(await freeze(owner.actor, { personId: member.actor.id })).toMatchObject({ sessions: 2 });
    expect(await judgeSession(second.mspId, second.sessionId, true)).toEqual({ live: false, why: "person_frozen" });
    expect(await code(enter(member.key))).toBe("person_frozen");
    await thaw(owner.actor, { personId: member.actor.id, proof: await stepUp(owner, deeds.thaw(member.actor.id)) });
    expect(await judgeSession(second.mspId, second.sessionId, true)).toEqual({ live: false, why: "session_revoked" });
    expect(await code(enter(member.key))).toBe("done");
  });
  test("rights change with a tap and are recorded; the last owner stays one", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    const change = async (personId: string, rights: PersonRight[]) => setRights(owner.actor, { personId, rights, proof: await stepUp(owner, deeds.setRights(personId, rights)) });
    expect(await code(change(owner.actor.id, ["auditor"]))).toBe("last_owner");
    await change(member.actor.id, ["owner", "finance"]);
    expect((await listMembers(owner.actor)).find(({ id }) => id === member.actor.id)).toMatchObject({ rights: ["owner", "finance"], keys: 1, sessions: 1, self: false });
    expect(await code(change(owner.actor.id, ["auditor"]))).toBe("done");
    expect(await recorded(owner.actor.mspId)).toContain("person.rights_changed");
  });
  test("the last owner cannot be frozen, not by themselves", async () => {
    const owner = await founder();
    expect(await code(freeze(owner.actor, { personId: owner.actor.id }))).toBe("last_owner");
  });
  test("two owners who freeze each other at the same moment leave one", async () => {
    const one = await founder();
    const other = await joined(one, ["owner"]);
    const both = await Promise.all([code(freeze(one.actor, { personId: other.actor.id })), code(freeze(other.actor, { personId: one.actor.id }))]);
    expect(both.toSorted()).toEqual(["done", "last_owner"]);
  });
  test("another organisation's member is not found", async () => {
    const [owner, stranger] = [await founder(), await founder("Dario Lenz", "Harbour Systems")];
    expect(await code(freeze(owner.actor, { personId: stranger.actor.id }))).toBe("not_found");
    expect((await listMembers(owner.actor)).map(({ id }) => id)).toEqual([owner.actor.id]);
  });
});

describe("without the right every verb refuses before it asks anything", () => {
  const proof = { challengeId: crypto.randomUUID(), assertion: { id: "x", rawId: "x", type: "public-key" as const, response: { clientDataJSON: "x", authenticatorData: "x", signature: "x" }, clientExtensionResults: {} } };
  const id = crypto.randomUUID();
  const owners: [string, (actor: Actor) => Promise<unknown>][] = [
    ["invite", (actor) => invite(actor, { email: "a@b.example", rights: ["owner"], proof })],
    ["take back an invitation", (actor) => revokeInvitation(actor, { id })],
    ["set rights", (actor) => setRights(actor, { personId: id, rights: ["owner"], proof })],
    ["freeze", (actor) => freeze(actor, { personId: id })],
    ["thaw", (actor) => thaw(actor, { personId: id, proof })],
    ["rename the organisation", (actor) => renameOrganisation(actor, { name: "Mine" })],
    ["stop a way back", (actor) => stopRecovery(actor, { id })],
    ["list ways back", (actor) => listRecoveries(actor)],
  ];
  for (const right of ["technician", "finance", "auditor"] as const) {
    test.each(owners)(`a member who is ${right} only cannot: %s`, async (_what, verb) => {
      expect(await code(verb(personActor({ mspId: id, personId: id, name: "Priya Raman", rights: [right] }, id)))).toBe("forbidden");
    });
  }
  test.each(["technician", "finance"] as const)("a member who is %s only sees no list of members", async (right) => {
    expect(await code(listMembers(personActor({ mspId: id, personId: id, name: "Priya Raman", rights: [right] }, id)))).toBe("forbidden");
  });
  test("row-level security shows no person, key, session, challenge, invitation or way back without a tenant", async () => {
    await founder();
    await t.asApp(async (client) => {
      for (const table of ["person", "passkey", "session", "invitation", "owner_recovery"]) expect((await client.query(`select * from ${table}`)).rowCount, table).toBe(0);
      await expect(client.query("select * from challenge")).rejects.toThrow(/permission denied/);
      await expect(client.query("update passkey set public_key = ''")).rejects.toThrow(/permission denied/);
      await expect(client.query("update session set expires_at = now()")).rejects.toThrow(/permission denied/);
    });
  });
  test("the role that finds keys and links sees no key, no secret's use, no name", async () => {
    await t.asAdmin(async (admin) => {
      await admin.query("set role clavitor_claim");
      for (const text of ["select public_key from passkey", "select email from invitation", "select name from person", "select address from session", "select effective_at from owner_recovery"]) {
        await expect(admin.query(text), text).rejects.toThrow(/permission denied/);
      }
    });
  });
});

describe("the way back for an owner", () => {
  const ask = async (owner: Member) => {
    const [found] = await ownersAt(owner.email.toUpperCase());
    expect(found).toMatchObject({ mspId: owner.actor.mspId, personId: owner.actor.id });
    return askRecovery(found!);
  };
  const aDayLater = (link: string) => sql("update owner_recovery set created_at = created_at - interval '25 hours', effective_at = effective_at - interval '25 hours', expires_at = expires_at - interval '25 hours' where secret_sha256 = sha256($1::bytea)", [secretOf(link)]);
  const come = async (link: string) => {
    const [key, at, secret] = [await createPasskey(origin), browser(), secretOf(link)];
    const opened = await recover(secret, await key.register("recover", await beginRecovery(secret, at)), at);
    return { key, opened };
  };

  test("is mailed to every owner, waits 24 hours, then lets the owner in once with a new key", async () => {
    const owner = await founder();
    await joined(owner, ["owner"]);
    await joined(owner, ["technician"]);
    const asked = await ask(owner);
    expect(asked.mailed).toBe(2);
    expect(asked.effectiveAt.getTime() - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    expect(await lookAtRecovery(secretOf(asked.link))).toMatchObject({ name: "Ines Halloran", effective: false });
    expect(await code(come(asked.link))).toBe("recovery_waiting");
    await aDayLater(asked.link);
    const { key, opened } = await come(asked.link);
    expect(opened.personId).toBe(owner.actor.id);
    expect((await enter(key)).personId).toBe(owner.actor.id);
    expect(await code(come(asked.link))).toBe("recovery_unknown");
    expect(await recorded(owner.actor.mspId)).toEqual(expect.arrayContaining(["recovery.asked", "recovery.used"]));
  });
  test("is stopped by any owner, and then by nobody again", async () => {
    const owner = await founder();
    const asked = await ask(owner);
    const [open] = await listRecoveries(owner.actor);
    await stopRecovery(owner.actor, { id: open!.id });
    await aDayLater(asked.link);
    expect(await code(come(asked.link))).toBe("recovery_unknown");
    expect(await code(stopRecovery(owner.actor, { id: open!.id }))).toBe("moved_on");
  });
  test("a newer one ends the older, and an answer begun before it was stopped counts for nothing", async () => {
    const owner = await founder();
    const asked = await ask(owner);
    await aDayLater(asked.link);
    const [key, at, secret] = [await createPasskey(origin), browser(), secretOf(asked.link)];
    const answer = await key.register("recover", await beginRecovery(secret, at));
    await ask(owner);
    expect(await code(recover(secret, answer, at))).toBe("recovery_unknown");
  });
  test("is not opened for who is no owner, and the database itself keeps the 24 hours", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    expect(await ownersAt(member.email)).toEqual([]);
    const asked = await ask(owner);
    await expect(sql("update owner_recovery set effective_at = now() where secret_sha256 = sha256($1::bytea)", [secretOf(asked.link)])).rejects.toThrow(/check constraint/);
  });
});

test("a challenge is found under its own tenant only", async () => {
  const [one, other] = [await founder(), await founder()];
  const bound = bindingOf("x");
  const { challengeId } = await drawChallenge(one.actor.mspId, "inbox", bound);
  expect(await code(burnChallenge(other.actor.mspId, challengeId, "inbox", bound))).toBe("ceremony_foreign");
  expect(await code(burnChallenge(one.actor.mspId, challengeId, "inbox", bound))).toBe("done");
});
