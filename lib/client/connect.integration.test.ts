/** Connecting a client against real vaults and a real database: what is asked, what is taken, and everything that is not. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import type { OwnedVault } from "../../vault/testing/world.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { code1, code2, requestHash } from "../protocol/connect.ts";
import type { ConnectReply, SignedConnectReply } from "../protocol/messages.ts";
import { jcsBytes } from "../protocol/jcs.ts";
import { connectTokenInfo, seal } from "../protocol/seal.ts";
import { signedMessage } from "../protocol/signed.ts";
import { createVaultKey } from "../protocol/testing/authenticator.ts";
import { newToken } from "../protocol/token.ts";
import { confirmable } from "../signing/confirmable.ts";
import { read } from "../db/tenant.ts";
import { addressRules, closeVaultNet, openNet, type Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import { askConnect, type Asked, type AskInput } from "./ask.ts";
import { cancelConnect, giveUpClient } from "./cancel.ts";
import { showConnect } from "./connect-state.ts";
import { createClient } from "./create.ts";
import { mailLink } from "./mail-link.ts";
import { checkAgain, pasteReply, takeReply } from "./reply.ts";
import { defaultWant } from "./request.ts";
import { clientShape } from "./shape.ts";
import { CONSOLE, person, requestIn, role, rowOf, signingKey, startVaults, tapped, type Vaults } from "./testing/cast.ts";

let t: TestDatabase;
let vaults: Vaults;
let net: Net;
let mspId: string;
let ines: Actor;
let acme: OwnedVault & { address: string };

const codeOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.code : error));
const wordsOf = (attempt: Promise<unknown>) => attempt.then(() => "no refusal", (error: unknown) => (error instanceof Refusal ? error.failure.detail : String(error)));
const client = (name: string, more: Record<string, string> = {}) => createClient(ines, clientShape.parse({ name, plan: "team-10", contactMail: "it@acme.example", ...more }), undefined, t.db);
const ask = (clientId: string, address: string, more: Partial<AskInput> = {}) => askConnect(ines, { clientId, address, want: defaultWant(8), roles: [], ...more }, undefined, t.db);
const choices = () => ({ db: t.db, net });
const take = (signed: unknown) => takeReply(signed, choices());
const rows = async (sql: string, values: unknown[] = []) => (await t.asAdmin((admin) => admin.query(sql, values))).rows as Record<string, unknown>[];
const vaultRow = async (ref: string) => (await rows("select * from vault where vault_ref = $1", [ref]))[0]!;
const requestRow = async (id: string) => (await rows("select * from connect_request where request_id = $1", [id]))[0]!;
const recordsOf = async () => (await rows("select action from record where msp_id = $1 order by at, id", [mspId])).map(({ action }) => action);
/** The reply as a hostile page would bend it, signed by a key of its own. */
const forged = async (signed: SignedConnectReply, change: Partial<ConnectReply>): Promise<SignedConnectReply> => {
  const key = await createVaultKey();
  const reply = { ...signed.reply, public_key: key.publicKey, ...change };
  return { reply, signature: await key.sign(signedMessage("connect-reply", reply)) };
};

/** A whole reply, sealed and signed by somebody who has the link and nothing else. */
async function madeUp({ link }: Asked, address: string): Promise<SignedConnectReply> {
  const request = requestIn(link);
  const key = await createVaultKey();
  const [uid, vault] = [b64u(randomBytes(16)), "abcdef"];
  const hash = b64u(requestHash(request));
  const plaintext = { agent: 7, key: key.publicKey, token: newToken(), uid, v: 1, vault, vault_url: address } as const;
  const sealed = await seal(request.seal_to, connectTokenInfo({ vault, key: key.publicKey, request: hash }), jcsBytes(plaintext));
  const reply: ConnectReply = {
    v: 1, request: hash, nonce: request.nonce, vault_url: address, vault_id: vault, public_key: key.publicKey, backup_key: null, name: "Acme", agent_id: 7, uid, grant: request.want, roles: [], adopted: [],
    credentials: request.signers.map(({ credential_id: id }) => id), sealed_token: sealed,
  };
  return { reply, signature: await key.sign(signedMessage("connect-reply", reply)) };
}

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  vaults = await startVaults();
  net = openNet({ rules: addressRules(), callMs: 2_000 });
});
afterAll(async () => {
  await net.agent.destroy();
  await closeVaultNet();
  await vaults.end();
  await t.close();
});
beforeEach(async () => {
  mspId = await t.msp("Quillmoor IT");
  ines = await person(t, mspId, "Ines Halloran", ["owner"]);
  await signingKey(t, ines, "Desk");
  await signingKey(t, ines, "Safe");
  await role(t, mspId, "Networking", "N", 0);
  await role(t, mspId, "Monitoring", "M", 1);
  acme = await vaults.make("Acme");
});

describe("asking", () => {
  test("makes the exact request: our signers with their proofs, the grant, a fresh key, a nonce, seven days at most, and code 1 of it", async () => {
    const { clientId } = await client("Acme");
    const asked = await ask(clientId, `${acme.address}/ `, { roles: ["Networking", "Monitoring"] });
    const request = requestIn(asked.link);
    expect(asked.link.startsWith(`${acme.address}/connect#`)).toBe(true);
    expect(asked.code1).toBe(code1(requestHash(request)));
    expect(request).toMatchObject({ msp: { name: "Quillmoor IT", origin: CONSOLE }, replaces: null, want: defaultWant(8), reply_to: `${CONSOLE}/api/connect/reply`, seal_to: { kem: "x-wing" } });
    expect(request.signers.map(({ person: who, label }) => `${who} ${label}`).toSorted()).toEqual(["Ines Halloran Desk", "Ines Halloran Safe"]);
    expect(request.roles).toEqual([{ name: "Networking", scope: "0100" }, { name: "Monitoring", scope: "0101" }]);
    expect(request.expires_at - Date.now() / 1000).toBeLessThan(7 * 86_400);
    const row = await requestRow(asked.requestId);
    expect(JSON.stringify(row["request"])).not.toContain("private");
    expect(await recordsOf()).toEqual(["client.created", "connect.asked"]);
    const again = requestIn((await ask(clientId, acme.address)).link);
    expect(again.nonce).not.toBe(request.nonce);
    expect(again.seal_to.public_key).not.toBe(request.seal_to.public_key);
    expect((await requestRow(asked.requestId))["cancelled_at"]).not.toBeNull();
  });
  test("is refused without a signing key, and with one alone unless that is said in so many words", async () => {
    const { clientId } = await client("Acme");
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1 and label = 'Safe'", [mspId]));
    expect(await codeOf(ask(clientId, acme.address))).toBe("second_signer_needed");
    expect(await codeOf(ask(clientId, acme.address, { oneSigner: true }))).toBe("no refusal");
    await t.asAdmin((admin) => admin.query("update signing_key set removed_at = now(), removed_by = person_id where msp_id = $1", [mspId]));
    expect(await codeOf(ask(clientId, acme.address, { oneSigner: true }))).toBe("signing_key_needed");
  });
  test("takes keys of owners only, and none of somebody frozen", async () => {
    const oskar = await person(t, mspId, "Oskar Lund", ["technician"]);
    await signingKey(t, oskar, "Belt");
    const tobias = await person(t, mspId, "Tobias Renner", ["owner"]);
    await signingKey(t, tobias, "Vault");
    await t.asAdmin((admin) => admin.query("update person set frozen_at = now() where person_id = $1", [tobias.id]));
    const { clientId } = await client("Acme");
    expect(requestIn((await ask(clientId, acme.address)).link).signers.map(({ label }) => label).toSorted()).toEqual(["Desk", "Safe"]);
  });
  test("the same client twice, and one vault for two clients, are caught; two of one name need what tells them apart", async () => {
    const { clientId } = await client("Harbour Street Clinic");
    expect(await codeOf(client("harbour  street clinic"))).toBe("client_known");
    expect(await codeOf(client("Harbour Street Clinic", { aliases: "Leeds" }))).toBe("no refusal");
    expect(await codeOf(client("Harbour Street Clinic", { aliases: "leeds" }))).toBe("client_known");
    await ask(clientId, acme.address);
    const other = await client("Wychwood Bakery");
    expect(await codeOf(ask(other.clientId, acme.address))).toBe("address_known");
  });
  test("of ten who write the same name at once, one is told yes", async () => {
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(client("Acme"))));
    expect(codes.filter((code) => code === "no refusal")).toHaveLength(1);
    expect(codes.filter((code) => code === "client_known")).toHaveLength(9);
  });
  test.each(["http://vault.example.com/abc", "https://10.0.0.8/abc", "https://user:pw@vault.example.com/abc", "https://0x7f.1/abc", "vault", "https://vault.example.com/abc?x=1"])("the address %s is refused before anything is made", async (address) => {
    const { clientId } = await client("Acme");
    expect(await codeOf(ask(clientId, address))).toBe("invalid");
    expect(await rows("select 1 from vault where msp_id = $1", [mspId])).toHaveLength(0);
  });
  test("needs the right; another organisation's client is none", async () => {
    const { clientId } = await client("Acme");
    for (const rights of [["technician"], ["finance"], ["auditor"]]) {
      const other = await person(t, mspId, "Ben Rowe", rights);
      expect(await codeOf(askConnect(other, { clientId, address: acme.address, want: defaultWant(8), roles: [] }, undefined, t.db))).toBe("forbidden");
      expect(await codeOf(createClient(other, clientShape.parse({ name: "Beta", plan: "pro" }), undefined, t.db))).toBe("forbidden");
      expect(await codeOf(showConnect(other, clientId, undefined, t.db))).toBe("forbidden");
    }
    const strangers = await t.msp("Harbour IT");
    const ada = await person(t, strangers, "Ada Harbour", ["owner"]);
    await signingKey(t, ada);
    expect(await codeOf(askConnect(ada, { clientId, address: acme.address, want: defaultWant(8), roles: [], oneSigner: true }, undefined, t.db))).toBe("not_found");
  });
  test("the link is mailed without code 1, not twice within a minute, and not when it is over", async () => {
    const { clientId } = await client("Acme");
    const asked = await ask(clientId, acme.address);
    expect(await mailLink(ines, { requestId: asked.requestId }, undefined, t.db)).toEqual({ to: "it@acme.example" });
    expect(await codeOf(mailLink(ines, { requestId: asked.requestId }, undefined, t.db))).toBe("too_many");
    await cancelConnect(ines, { vaultRef: asked.vaultRef }, undefined, t.db);
    expect(await codeOf(mailLink(ines, { requestId: asked.requestId }, undefined, t.db))).toBe("moved_on");
  });
});

describe("the answer", () => {
  let asked: Asked;
  let clientId: string;
  beforeEach(async () => {
    ({ clientId } = await client("Acme"));
    asked = await ask(clientId, acme.address, { roles: ["Networking", "Monitoring"] });
  });
  const state = () => showConnect(ines, clientId, undefined, t.db);

  test("of the client's own vault is taken: unconfirmed, its token opened and sealed anew, roles in the dictionary, reading begun", async () => {
    const belt = await rowOf(acme, "Oskar Lund", "");
    const signed = await tapped(acme, asked.link, { roles: [{ name: "Networking", scope: "0010" }, { name: "Monitoring", scope: "0011" }], adopt: [belt] });
    expect(await take(signed)).toEqual({ state: "unconfirmed", vaultRef: asked.vaultRef });
    const row = await vaultRow(asked.vaultRef);
    expect(row).toMatchObject({ state: "unconfirmed", vault_id: signed.reply.vault_id, public_key: signed.reply.public_key, manager_uid: signed.reply.uid, agent_id: signed.reply.agent_id, confirmed_at: null });
    expect((await requestRow(asked.requestId))["sealed_key"]).toBeNull();
    const vault = await t.db.$transaction(async (tx) => {
      await tx.$executeRaw`select set_config('app.msp_id', ${mspId}, true)`;
      return tx.vault.findUniqueOrThrow({ where: { mspId_vaultRef: { mspId, vaultRef: asked.vaultRef } } });
    });
    expect(await openVault(vault, net).info()).toMatchObject({ kind: "answered", value: { vault_id: signed.reply.vault_id } });
    expect(await rows("select r.name, s.scope, s.origin from role_scope s join role r using (msp_id, role_id) where s.vault_ref = $1 order by s.scope", [asked.vaultRef])).toEqual([{ name: "Networking", scope: "0010", origin: "client" }, { name: "Monitoring", scope: "0011", origin: "client" }]);
    expect(await rows("select 1 from reading where vault_ref = $1", [asked.vaultRef])).toHaveLength(1);
    expect(await state()).toMatchObject({ step: "compare", answered: { code2: code2({ key: signed.reply.public_key, request: signed.reply.request, vault: signed.reply.vault_id }), adopted: 1, tightened: false } });
    expect((await recordsOf()).at(-1)).toBe("connect.answered");
  });
  test("the same one again has the same answer and writes nothing; of ten at once one is written", async () => {
    const signed = await tapped(acme, asked.link);
    const answers = await Promise.all(Array.from({ length: 10 }, () => take(signed)));
    for (const answer of answers) expect(answer).toEqual({ state: "unconfirmed", vaultRef: asked.vaultRef });
    expect(await take(signed)).toEqual({ state: "unconfirmed", vaultRef: asked.vaultRef });
    expect((await recordsOf()).filter((action) => action === "connect.answered")).toHaveLength(1);
  });
  test("pasted does the same; half of it, something else, and one that is another client's do not", async () => {
    const signed = await tapped(acme, asked.link);
    const other = await client("Wychwood Bakery");
    const beta = await vaults.make("Wychwood");
    const theirs = await ask(other.clientId, beta.address);
    const text = `\n ${JSON.stringify(signed, null, 2)} \n`;
    const paste = (vaultRef: string, given: string) => pasteReply(ines, { vaultRef, text: given }, choices());
    expect(await codeOf(paste(theirs.vaultRef, text))).toBe("reply_elsewhere");
    expect(await codeOf(paste(asked.vaultRef, text.slice(0, 200)))).toBe("invalid");
    expect(await codeOf(paste(asked.vaultRef, "{}"))).toBe("invalid");
    expect(await codeOf(paste(asked.vaultRef, "x".repeat(70_000)))).toBe("too_large");
    expect((await vaultRow(asked.vaultRef))["state"]).toBe("asking");
    expect(await paste(asked.vaultRef, text)).toMatchObject({ state: "unconfirmed" });
  });
  test("of a link that was opened at another client's vault is refused as coming from a strange address", async () => {
    const beta = await vaults.make("Wychwood");
    const signed = await tapped(beta, asked.link);
    expect(await wordsOf(take(signed))).toContain("strange address");
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ state: "asking", sealed_token: null });
    expect((await state()).request?.refused?.words).toContain(beta.address);
    expect((await recordsOf()).at(-1)).toBe("connect.refused");
    // The right vault may still answer with the same link.
    expect(await take(await tapped(acme, asked.link))).toMatchObject({ state: "unconfirmed" });
  });
  test("to a request that was altered on its way is refused, whatever was altered", async () => {
    const request = requestIn(asked.link);
    const signed = await tapped(acme, asked.link, { request: { ...request, roles: [] }, roles: [] });
    expect(await wordsOf(take(signed))).toContain("is not the request that we made");
    expect((await vaultRow(asked.vaultRef))["state"]).toBe("asking");
  });
  test("with another number than any of ours, or of a request that was taken back, replaced or is long over, is none of ours", async () => {
    const signed = await tapped(acme, asked.link);
    expect(await codeOf(take({ ...signed, reply: { ...signed.reply, nonce: b64u(randomBytes(32)) } }))).toBe("reply_unknown");
    await t.asAdmin((admin) => admin.query("update connect_request set expires_at = now() - interval '2 days' where request_id = $1", [asked.requestId]));
    expect(await codeOf(take(signed))).toBe("reply_over");
    await t.asAdmin((admin) => admin.query("update connect_request set expires_at = now() - interval '2 hours' where request_id = $1", [asked.requestId]));
    await cancelConnect(ines, { vaultRef: asked.vaultRef }, undefined, t.db);
    expect(await codeOf(take(signed))).toBe("reply_over");
  });
  test("bent by a page that signs with a key of its own is refused: the token is not for it, or the address is not its", async () => {
    const signed = await tapped(acme, asked.link);
    expect(await wordsOf(take(await forged(signed, {})))).toContain("cannot be opened");
    expect(await wordsOf(take(await forged(signed, { grant: { ...signed.reply.grant, max_agents: 9 } })))).toContain("more than we asked for");
    expect(await wordsOf(take(await forged(signed, { roles: [{ name: "Secret", scope: "0044" }] })))).toContain("a role that we did not ask for");
    expect(await wordsOf(take(await forged(signed, { credentials: signed.reply.credentials.slice(1) })))).toContain("other signing keys");
    expect(await wordsOf(take({ ...signed, signature: b64u(randomBytes(64)) }))).toContain("not signed by the vault");
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ state: "asking", sealed_token: null, public_key: null });
    expect(await take(signed)).toMatchObject({ state: "unconfirmed" });
  });
  test("under a key that another client has already is refused; another answer to a request that was answered too", async () => {
    const signed = await tapped(acme, asked.link);
    await take(signed);
    expect(await codeOf(take(await forged(signed, {})))).toBe("reply_used");
    const other = await client("Wychwood Bakery");
    const beta = await vaults.make("Wychwood");
    const theirs = await ask(other.clientId, beta.address);
    const answer = await tapped(beta, theirs.link);
    const stand = (key: string) => t.asAdmin((admin) => admin.query("update vault set public_key = $1 where vault_ref = $2", [key, asked.vaultRef]));
    await stand(answer.reply.public_key);
    expect(await wordsOf(take(answer))).toContain("Its key is the one of the vault of Acme");
    await stand(signed.reply.public_key);
    expect(await take(answer)).toMatchObject({ state: "unconfirmed" });
    await expect(stand(answer.reply.public_key)).rejects.toThrow(/vault_public_key_key/); // whoever is faster
  });
  test("whose vault does not answer is kept, stays unconfirmed in words, and is taken when the vault is back", async () => {
    const signed = await tapped(acme, asked.link);
    await vaults.close();
    try {
      expect(await codeOf(take(signed))).toBe("reply_waits");
      expect(await vaultRow(asked.vaultRef)).toMatchObject({ state: "asking", sealed_token: null });
      expect((await state()).request?.held).toContain("Nothing answers");
      expect(await codeOf(checkAgain(ines, { vaultRef: asked.vaultRef }, choices()))).toBe("reply_waits");
      // Another one is judged by itself: it neither counts nor takes the place of the one that is kept.
      expect(await codeOf(take(await forged(signed, {})))).toBe("reply_refused");
      expect((await requestRow(asked.requestId))["reply"]).toEqual(signed.reply);
      expect((await recordsOf()).filter((action) => action === "connect.held")).toHaveLength(1);
    } finally {
      await vaults.restart();
    }
    expect(await checkAgain(ines, { vaultRef: asked.vaultRef }, choices())).toMatchObject({ state: "unconfirmed" });
    expect(await codeOf(checkAgain(ines, { vaultRef: asked.vaultRef }, choices()))).toBe("moved_on");
  });
  test("made up by somebody who saw the link, while the vault is silent or not, never keeps the true one out", async () => {
    const fake = await madeUp(asked, acme.address);
    await vaults.close();
    try {
      expect(await codeOf(take(fake))).toBe("reply_waits");
    } finally {
      await vaults.restart();
    }
    expect(await state()).toMatchObject({ answered: null });
    const signed = await tapped(acme, asked.link);
    expect(await wordsOf(checkAgain(ines, { vaultRef: asked.vaultRef }, choices()))).toContain("is another one than the one that signed");
    expect(await requestRow(asked.requestId)).toMatchObject({ replied_at: null, reply: null });
    for (let times = 0; times < 3; times++) expect(await codeOf(take(fake))).toBe("reply_refused");
    expect((await recordsOf()).filter((action) => action === "connect.refused")).toHaveLength(1); // the same no once
    expect(await take(signed)).toMatchObject({ state: "unconfirmed" });
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ public_key: signed.reply.public_key });
  });
  test("kept while the vault was silent, then ended with its request, is shown and confirmed nowhere", async () => {
    await take(await tapped(acme, asked.link));
    const first = (await state()).answered!;
    const again = await ask(clientId, acme.address);
    const renewal = await tapped(acme, again.link);
    await vaults.close();
    try {
      expect(await codeOf(take(renewal))).toBe("reply_waits");
    } finally {
      await vaults.restart();
    }
    const confirmed = () => read(ines, (tx) => confirmable(tx, [asked.vaultRef]), t.db);
    expect((await state()).answered).toEqual(first);
    expect((await confirmed()).map(({ reply }) => reply.nonce)).toEqual([requestIn(asked.link).nonce]);
    // Its key is wiped a day after its life (connect_purge): it was never taken, and is not taken for it now.
    await t.asAdmin((admin) => admin.query("update connect_request set sealed_key = null where request_id = $1", [again.requestId]));
    expect(await codeOf(take(renewal))).toBe("reply_over");
    expect((await state()).answered).toEqual(first);
    expect((await confirmed()).map(({ reply }) => reply.nonce)).toEqual([requestIn(asked.link).nonce]);
  });
  test("a renewal whose old token was read as ended before the answer came is a connection again; one that was ended by us is not", async () => {
    await take(await tapped(acme, asked.link));
    await t.asAdmin((admin) => admin.query("update vault set state = 'connected', confirmed_at = now() where vault_ref = $1", [asked.vaultRef]));
    const end = (by: string) => t.asAdmin((admin) => admin.query("update vault set state = 'ended', ended_at = now(), ended_by = $2, sealed_token = null where vault_ref = $1", [asked.vaultRef, by]));
    const again = await ask(clientId, acme.address);
    const renewal = await tapped(acme, again.link);
    await end("msp");
    expect(await codeOf(take(renewal))).toBe("reply_over");
    await end("client");
    expect(await take(renewal)).toMatchObject({ state: "connected" });
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ ended_at: null, ended_by: null });
  });
  test("after codes that differed the next request asks for a row of its own: that vault was never the client's", async () => {
    await take(await tapped(acme, asked.link));
    await t.asAdmin((admin) => admin.query("update vault set state = 'stopped', stopped_at = now(), stopped_words = 'x' where vault_ref = $1", [asked.vaultRef]));
    expect(requestIn((await ask(clientId, acme.address)).link).replaces).toBeNull();
  });
  test("a stopped vault that was made anew is asked for a row of its own; the earlier key is forgotten only when the new one is confirmed", async () => {
    const first = await tapped(acme, asked.link);
    await take(first);
    const stop = (confirmed: string) => t.asAdmin((admin) => admin.query(`update vault set state = 'stopped', confirmed_at = ${confirmed}, stopped_at = now(), stopped_words = 'another key' where vault_ref = $1`, [asked.vaultRef]));
    const confirm = (key: string, vault: string) => t.asAdmin(async (admin) => {
      const id = crypto.randomUUID();
      await admin.query("insert into confirmation (msp_id, confirmation_id, credential_id, person_id, confirmation, assertion) select $1, $2, credential_id, person_id, '{}', '{}' from signing_key where msp_id = $1 limit 1", [mspId, id]);
      await admin.query("insert into confirmed_vault (msp_id, confirmation_id, vault_ref, statement) values ($1, $2, $3, $4)", [mspId, id, asked.vaultRef, JSON.stringify({ key, name: "Acme", vault })]);
    });
    const replaces = async (more: Partial<AskInput> = {}) => requestIn((await ask(clientId, acme.address, more)).link).replaces;
    await confirm(first.reply.public_key, first.reply.vault_id);
    expect(await replaces({ anew: true })).toBe(first.reply.uid); // it is not stopped: nothing starts anew
    await stop("now()");
    expect(await replaces()).toBe(first.reply.uid);
    const again = await ask(clientId, acme.address, { anew: true });
    expect(requestIn(again.link).replaces).toBeNull();
    // Recreated at its old address: another vault to its key, the same to its place.
    const remade = await vaults.make("Acme");
    await t.asAdmin((admin) => admin.query("update vault set address = $2 where vault_ref = $1", [asked.vaultRef, remade.address]));
    const second = await tapped(remade, again.link);
    expect(await take(second)).toMatchObject({ state: "unconfirmed", vaultRef: asked.vaultRef });
    expect(second.reply.public_key).not.toBe(first.reply.public_key);
    acme = { ...remade };
    // The second code differed: the row that is renewed is the one that was confirmed.
    await stop("null");
    expect(await replaces()).toBe(first.reply.uid);
    await confirm(second.reply.public_key, second.reply.vault_id);
    expect(await replaces()).toBe(second.reply.uid);
  });
  test("that is no reply, however it is shaped, is refused before anything is looked up", async () => {
    for (const given of [null, [], "x", {}, { reply: {}, signature: "x" }, { reply: null, signature: 7 }]) expect(await codeOf(take(given)), JSON.stringify(given)).toBe("invalid");
    const { reply, signature } = await tapped(acme, asked.link);
    let deep: unknown = 1;
    for (let depth = 0; depth < 20_000; depth++) deep = [deep];
    for (const more of ["a\u0000b", "\ud800", 1.5, deep]) expect(await codeOf(take({ reply: { ...reply, more }, signature }))).toBe("invalid");
  });
  test("tightened by the client is shown as such; what they allow is what counts", async () => {
    const { want } = requestIn(asked.link);
    await take(await tapped(acme, asked.link, { grant: { ...want, all_access: "never", max_agents: 3 } }));
    expect(await state()).toMatchObject({ answered: { tightened: true, grant: { all_access: "never", max_agents: 3 } } });
    expect((await vaultRow(asked.vaultRef))["granted"]).toMatchObject({ max_agents: 3 });
  });
  test("renews a connection: same row and people, new token, grant and signers; a confirmed key needs no second comparison", async () => {
    const first = await tapped(acme, asked.link);
    await take(first);
    await t.asAdmin((admin) => admin.query("update vault set state = 'connected', confirmed_at = now() where vault_ref = $1", [asked.vaultRef]));
    const before = (await vaultRow(asked.vaultRef))["sealed_token"];
    const again = await ask(clientId, acme.address, { want: { ...defaultWant(8), max_agents: 20 } });
    expect(again.vaultRef).toBe(asked.vaultRef);
    expect(requestIn(again.link).replaces).toBe(first.reply.uid);
    expect((await vaultRow(asked.vaultRef))["state"]).toBe("connected");
    const second = await tapped(acme, again.link);
    expect(await take(second)).toEqual({ state: "connected", vaultRef: asked.vaultRef });
    const row = await vaultRow(asked.vaultRef);
    expect(row).toMatchObject({ manager_uid: first.reply.uid, granted: { max_agents: 20 }, public_key: first.reply.public_key });
    expect(row["sealed_token"]).not.toEqual(before);
    expect(await rows("select 1 from vault where client_id = $1", [clientId])).toHaveLength(1);
  });
  test("after a stop needs the comparison again, also under the same key", async () => {
    await take(await tapped(acme, asked.link));
    await t.asAdmin((admin) => admin.query("update vault set state = 'stopped', confirmed_at = now(), stopped_at = now(), stopped_words = 'another key' where vault_ref = $1", [asked.vaultRef]));
    const again = await ask(clientId, acme.address);
    expect(await take(await tapped(acme, again.link))).toMatchObject({ state: "unconfirmed" });
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ stopped_words: null, confirmed_at: null });
  });
});

describe("giving up", () => {
  test("a request taken back frees its address, ends its key, and its link opens nothing; a second press is told", async () => {
    const { clientId } = await client("Acme");
    const asked = await ask(clientId, acme.address);
    await cancelConnect(ines, { vaultRef: asked.vaultRef }, undefined, t.db);
    expect(await requestRow(asked.requestId)).toMatchObject({ sealed_key: null });
    expect(await codeOf(cancelConnect(ines, { vaultRef: asked.vaultRef }, undefined, t.db))).toBe("moved_on");
    const other = await client("Wychwood Bakery");
    expect(await codeOf(ask(other.clientId, acme.address))).toBe("no refusal");
  });
  test("an unfinished client goes with its requests; a connected one does not", async () => {
    const { clientId } = await client("Acme");
    const asked = await ask(clientId, acme.address);
    await take(await tapped(acme, asked.link));
    expect(await giveUpClient(ines, { clientId }, undefined, t.db)).toEqual({ name: "Acme" });
    expect(await vaultRow(asked.vaultRef)).toMatchObject({ state: "ended", ended_by: "msp", sealed_token: null });
    const beta = await client("Beta");
    const theirs = await ask(beta.clientId, acme.address);
    await t.asAdmin((admin) => admin.query("update vault set confirmed_at = now() where vault_ref = $1", [theirs.vaultRef]));
    expect(await codeOf(giveUpClient(ines, { clientId: beta.clientId }, undefined, t.db))).toBe("client_connected");
  });
});
