/** Addresses that are proven, one's own name, and the member who lost every key: against a real database, with keys in software. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { limits } from "../limits.ts";
import { unseal, sealKeys } from "../seal.ts";
import { personActor, type Actor } from "./actor.ts";
import { askAddressChange, askAddressProof, lookAtAddress, proveAddress, unprovenAddress } from "./address.ts";
import type { Browser } from "./browser.ts";
import { bindingOf } from "./challenge.ts";
import { inviteAgain } from "./come-back.ts";
import { deeds } from "./deed.ts";
import { beginJoin, invite, join, listInvitations, lookAtInvitation, revokeInvitation } from "./invitations.ts";
import { judgeSession } from "./judge-session.ts";
import { freeze, setRights } from "./members.ts";
import { beginSignIn, signIn } from "./sign-in.ts";
import { beginSignUp, signUp } from "./sign-up.ts";
import type { Opened } from "./start-session.ts";
import { beginStepUp } from "./step-up.ts";
import { createPasskey, type Passkey } from "./testing/passkey.ts";
import type { PersonRight } from "./permission.ts";
import { readYou, renameYou } from "./you.ts";

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
const sql = (text: string, values: unknown[]) => t.asAdmin((admin) => admin.query(text, values));
const recorded = async (mspId: string) => (await sql("select action from record where msp_id = $1 order by id", [mspId])).rows.map(({ action }) => action as string);

type Member = { actor: Actor; key: Passkey; email: string };
const actorOf = async ({ mspId, personId, sessionId }: Opened): Promise<Actor> => {
  const row = await read(personActor({ mspId, personId, name: "", rights: [] }), ({ db }) => db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId } } }));
  return personActor(row, sessionId);
};
async function founder(): Promise<Member> {
  const [key, at, email] = [await createPasskey(origin), browser(), anyEmail()];
  const founding = { organisation: "Quillmoor IT", name: "Ines Halloran", email };
  return { actor: await actorOf(await signUp(founding, await key.register("signup", await beginSignUp(founding, at)), at)), key, email };
}
const stepUp = async ({ actor, key }: Member, deed: string) => key.answer("stepup", await beginStepUp(actor, deed));
const secretOf = (link: string) => new URL(link).hash.slice(1);
async function comeWith(secret: string, name = "Tomas Varga"): Promise<{ opened: Opened; key: Passkey }> {
  const [key, at] = [await createPasskey(origin), browser()];
  return { opened: await join({ secret, name }, await key.register("join", await beginJoin({ secret, name }, at)), at), key };
}
async function joined(by: Member, rights: PersonRight[]): Promise<Member> {
  const email = anyEmail();
  const { link } = await invite(by.actor, { email, rights, proof: await stepUp(by, deeds.invite(email, rights)) });
  const { opened, key } = await comeWith(secretOf(link));
  return { actor: await actorOf(opened), key, email };
}
async function enter(key: Passkey): Promise<Opened> {
  const at = browser();
  return signIn(await key.answer("signin", await beginSignIn(at)), at);
}

type Sent = { template: string; to_address: string; link: string | null };
/** The mails of a tenant with the one-time link in each, as its reader sees it. */
async function mailsOf(mspId: string): Promise<Sent[]> {
  const { rows } = await sql("select id, template, to_address, sealed_body from mail where msp_id = $1 order by id", [mspId]);
  return rows.map((row: { id: string; template: string; to_address: string; sealed_body: Uint8Array }) => {
    const { text } = JSON.parse(unseal(sealKeys(env().SEAL_KEYS), { mspId, object: row.id, purpose: "mail-body" }, row.sealed_body)) as { text: string };
    return { template: row.template, to_address: row.to_address, link: /http:\S+#[\w-]{43}(?![\w-])/.exec(text)?.[0] ?? null };
  });
}
const lastLink = async (mspId: string, template: string) => secretOf((await mailsOf(mspId)).findLast((mail) => mail.template === template)!.link!);

describe("an address", () => {
  test("is proven by the link in the first mail, once; looking at the link alone proves nothing", async () => {
    const { actor, email } = await founder();
    expect(await unprovenAddress(actor)).toBe(email);
    const secret = await lastLink(actor.mspId, "address_proof");
    expect(await lookAtAddress(secret)).toEqual({ organisation: "Quillmoor IT", name: "Ines Halloran", email, from: null });
    expect(await unprovenAddress(actor)).toBe(email);
    expect(await proveAddress(secret)).toEqual({ email });
    expect(await unprovenAddress(actor)).toBeNull();
    expect((await readYou(actor)).emailVerifiedAt).not.toBeNull();
    expect(await code(proveAddress(secret))).toBe("address_unknown");
    expect(await recorded(actor.mspId)).toContain("address.verified");
  });
  test("that an owner invited somebody at needs no further proof", async () => {
    const member = await joined(await founder(), ["technician"]);
    expect(await unprovenAddress(member.actor)).toBeNull();
    expect(await code(askAddressProof(member.actor))).toBe("moved_on");
  });
  test("is proven by the newest link only, and not by one that is over", async () => {
    const { actor } = await founder();
    const first = await lastLink(actor.mspId, "address_proof");
    await askAddressProof(actor);
    expect(await code(proveAddress(first))).toBe("address_unknown");
    const second = await lastLink(actor.mspId, "address_proof");
    await sql("update address_proof set expires_at = now() where msp_id = $1", [actor.mspId]);
    expect(await code(lookAtAddress(second))).toBe("address_unknown");
    expect(await code(proveAddress(second))).toBe("address_unknown");
    expect(await code(proveAddress(randomBytes(32).toString("base64url")))).toBe("address_unknown");
  });
  test("gets no more than a handful of links an hour", async () => {
    const { actor } = await founder();
    for (let sent = 1; sent < limits.addressProofsPerHour; sent += 1) expect(await code(askAddressProof(actor))).toBe("done");
    expect(await code(askAddressProof(actor))).toBe("too_many");
  });
  test("is changed by the link to the new one, not by asking; the former is told, and links that wait there end", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    await inviteAgain(owner.actor, { personId: member.actor.id, proof: await stepUp(owner, deeds.inviteAgain(member.actor.id)) });
    const again = await lastLink(owner.actor.mspId, "invited_again");
    const fresh = anyEmail();
    await askAddressChange(member.actor, { email: fresh, proof: await stepUp(member, deeds.changeAddress(fresh)) });
    expect(await readYou(member.actor)).toMatchObject({ email: member.email, asked: fresh });
    const mspId = member.actor.mspId;
    const secret = await lastLink(mspId, "address_proof");
    expect(await lookAtAddress(secret)).toMatchObject({ email: fresh, from: member.email });
    await proveAddress(secret);
    expect(await readYou(member.actor)).toMatchObject({ email: fresh, asked: null });
    expect((await mailsOf(mspId)).findLast(({ template }) => template === "address_changed")).toMatchObject({ to_address: member.email });
    expect(await code(lookAtInvitation(again))).toBe("invitation_expired");
  });
  test("of another member is refused, when it is asked for and when it was taken meanwhile", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    expect(await code(askAddressChange(member.actor, { email: owner.email, proof: await stepUp(member, deeds.changeAddress(owner.email)) }))).toBe("address_taken");
    const wanted = anyEmail();
    await askAddressChange(member.actor, { email: wanted, proof: await stepUp(member, deeds.changeAddress(wanted)) });
    const secret = await lastLink(owner.actor.mspId, "address_proof");
    await sql("update person set email = $1 where person_id = $2", [wanted, owner.actor.id]);
    expect(await code(proveAddress(secret))).toBe("address_taken");
    expect(await readYou(member.actor)).toMatchObject({ email: member.email });
  });
  test("is not changed with a touch that was for another address", async () => {
    const owner = await founder();
    expect(await code(askAddressChange(owner.actor, { email: anyEmail(), proof: await stepUp(owner, deeds.changeAddress(anyEmail())) }))).toBe("ceremony_foreign");
  });
  test("of a frozen person is neither proven nor changed", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    const fresh = anyEmail();
    await askAddressChange(member.actor, { email: fresh, proof: await stepUp(member, deeds.changeAddress(fresh)) });
    const secret = await lastLink(owner.actor.mspId, "address_proof");
    await freeze(owner.actor, { personId: member.actor.id });
    expect(await code(proveAddress(secret))).toBe("address_unknown");
  });
  test("can be looked up by nobody: the finder gives ids only, and the app may not alter whose a link is", async () => {
    await t.asAdmin(async (admin) => {
      await admin.query("set role clavitor_claim");
      for (const column of ["person_id", "email"]) await expect(admin.query(`select ${column} from address_proof`), column).rejects.toThrow(/permission denied/);
    });
    await t.asApp(async (app) => {
      for (const text of ["update address_proof set email = 'x@y.example'", "update address_proof set expires_at = now()", "delete from address_proof"]) await expect(app.query(text), text).rejects.toThrow(/permission denied/);
      await expect(app.query("update invitation set for_person = null")).rejects.toThrow(/permission denied/);
    });
  });
});

describe("one's own name", () => {
  test("is changed by its person, recorded, and shown to the others", async () => {
    const { actor } = await founder();
    expect(await renameYou(actor, { name: "Ines Varga" })).toEqual({ name: "Ines Varga", inboxKey: false });
    expect(await readYou(actor)).toMatchObject({ name: "Ines Varga", rights: ["owner"] });
    expect(await recorded(actor.mspId)).toContain("person.renamed");
    expect(await code(renameYou(actor, { name: "Ines Varga" }))).toBe("moved_on");
  });
});

describe("a member who lost every key", () => {
  const again = async (owner: Member, personId: string) => inviteAgain(owner.actor, { personId, proof: await stepUp(owner, deeds.inviteAgain(personId)) });
  const inboxKeyOf = async ({ actor }: Member) => {
    const id = crypto.randomUUID();
    await sql(`insert into inbox_key (msp_id, inbox_key_id, person_id, statement, statement_hash, assertion, credential_id, passkey_public_key, passkey_backup_eligible, passkey_label, not_after)
      values ($1, $2, $3, '{}', $4, '{}', '\\x01', '\\x01', false, 'Lost', now() + interval '1 year')`, [actor.mspId, id, actor.id, randomBytes(32)]);
    await sql("insert into inbox_copy (msp_id, inbox_key_id, credential_id, derivation, wrapped) values ($1, $2, '\\x01', 'prf-hkdf-sha256/v1', $3)", [actor.mspId, id, randomBytes(60)]);
    return id;
  };

  test("comes back as the same person with a new key; what the lost ones held ends, and person and owners are told", async () => {
    const owner = await founder();
    const other = await joined(owner, ["owner"]);
    const member = await joined(owner, ["technician", "finance"]);
    const { mspId, id: personId } = member.actor;
    const inbox = await inboxKeyOf(member);
    expect(await again(owner, personId)).toMatchObject({ email: member.email });
    const mail = (await mailsOf(mspId)).findLast(({ template }) => template === "invited_again")!;
    expect(mail.to_address).toBe(member.email);
    const secret = secretOf(mail.link!);
    expect(await lookAtInvitation(secret)).toMatchObject({ again: "Tomas Varga", email: member.email, rights: ["technician", "finance"] });
    // Until it is used, nothing has changed.
    expect((await enter(member.key)).personId).toBe(personId);
    const { opened, key } = await comeWith(secret, "Somebody Else");
    expect(opened.personId).toBe(personId);
    expect(await actorOf(opened)).toMatchObject({ id: personId, name: "Tomas Varga", rights: ["technician", "finance"] });
    expect(await code(enter(member.key))).toBe("key_refused");
    expect((await enter(key)).personId).toBe(personId);
    expect(await judgeSession(mspId, member.actor.sessionId!, false)).toMatchObject({ live: false });
    expect(await judgeSession(mspId, opened.sessionId, false)).toMatchObject({ live: true });
    expect((await sql("select replaced_at is not null as replaced from inbox_key where inbox_key_id = $1", [inbox])).rows).toEqual([{ replaced: true }]);
    expect((await sql("select 1 from inbox_copy where inbox_key_id = $1", [inbox])).rowCount).toBe(0);
    const told = (await mailsOf(mspId)).filter(({ template }) => template === "came_back").map(({ to_address: to }) => to);
    expect(told.toSorted()).toEqual([owner.email, other.email, member.email].toSorted());
    expect(await recorded(mspId)).toEqual(expect.arrayContaining(["person.invited_again", "person.came_back"]));
    expect(await code(comeWith(secret))).toBe("invitation_used");
  });
  test("is not helped this way when an owner: neither asked for, nor by a link from before", async () => {
    const owner = await founder();
    const other = await joined(owner, ["owner"]);
    expect(await code(again(owner, other.actor.id))).toBe("owner_needs_way_back");
    const member = await joined(owner, ["technician"]);
    await again(owner, member.actor.id);
    const secret = await lastLink(owner.actor.mspId, "invited_again");
    await setRights(owner.actor, { personId: member.actor.id, rights: ["owner"], proof: await stepUp(owner, deeds.setRights(member.actor.id, ["owner"])) });
    expect(await code(lookAtInvitation(secret))).toBe("invitation_expired");
    expect(await code(comeWith(secret))).toBe("invitation_expired");
    expect((await enter(member.key)).personId).toBe(member.actor.id);
  });
  test("who became an owner between the question and the answer keeps every key", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    await again(owner, member.actor.id);
    const secret = await lastLink(owner.actor.mspId, "invited_again");
    const [key, at] = [await createPasskey(origin), browser()];
    const answer = await key.register("join", await beginJoin({ secret, name: "x" }, at));
    await sql("update person set rights = '{owner}' where person_id = $1", [member.actor.id]);
    expect(await code(join({ secret, name: "x" }, answer, at))).toBe("invitation_expired");
    expect((await enter(member.key)).personId).toBe(member.actor.id);
  });
  test("who is frozen is not let in: not when it is asked, and not by a link from before", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    await again(owner, member.actor.id);
    const secret = await lastLink(owner.actor.mspId, "invited_again");
    await freeze(owner.actor, { personId: member.actor.id });
    expect(await code(again(owner, member.actor.id))).toBe("person_frozen");
    expect(await code(comeWith(secret))).toBe("invitation_expired");
  });
  test("is invited by an owner with a touch for exactly that person, within the organisation only", async () => {
    const [owner, stranger] = [await founder(), await founder()];
    const member = await joined(owner, ["technician"]);
    const auditor = await joined(owner, ["auditor"]);
    expect(await code(inviteAgain(owner.actor, { personId: member.actor.id, proof: await stepUp(owner, deeds.inviteAgain(auditor.actor.id)) }))).toBe("ceremony_foreign");
    expect(await code(again(auditor, member.actor.id))).toBe("forbidden");
    expect(await code(again(stranger, member.actor.id))).toBe("not_found");
  });
  test("uses the newest link only, and an owner can take it back", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    await again(owner, member.actor.id);
    const first = await lastLink(owner.actor.mspId, "invited_again");
    await again(owner, member.actor.id);
    expect(await code(comeWith(first))).toBe("invitation_expired");
    const second = await lastLink(owner.actor.mspId, "invited_again");
    const [line] = await listInvitations(owner.actor);
    expect(line).toMatchObject({ email: member.email, again: true });
    await revokeInvitation(owner.actor, { id: line!.id });
    expect(await code(comeWith(second))).toBe("invitation_expired");
  });
  test("is one person to the database too: a link for one cannot be used up by another", async () => {
    const owner = await founder();
    const member = await joined(owner, ["technician"]);
    await again(owner, member.actor.id);
    await expect(sql("update invitation set used_at = now(), person_id = $1 where for_person = $2", [owner.actor.id, member.actor.id])).rejects.toThrow(/check constraint/);
  });
});
