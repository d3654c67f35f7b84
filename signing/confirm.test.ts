// The page's own judgement of clients to be confirmed: what it may be told, what it refuses, what it signs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "#lib/protocol/bytes.ts";
import { clientHash, clientsChallenge } from "#lib/protocol/clients.ts";
import { clientChallenge, code2 } from "#lib/protocol/connect.ts";
import type { ConnectReply } from "#lib/protocol/messages.ts";
import { signedMessage } from "#lib/protocol/signed.ts";
import { createVaultKey } from "#lib/protocol/testing/authenticator.ts";
import { judgeReplies, whatIsConfirmed } from "./confirm.ts";
import { checkOffer, type ClientOffer, type ConfirmOffer } from "./offer.ts";

const secret = b64u(randomBytes(32));
const NOW = 1_795_000_000;
const replyOf = (publicKey: string, change: Partial<ConnectReply> = {}): ConnectReply => ({
  v: 1, request: b64u(randomBytes(32)), nonce: b64u(randomBytes(32)), vault_url: "https://vault.example.com/hmHr7A", vault_id: "hmHr7A", public_key: publicKey, backup_key: null, name: "Acme", agent_id: 7, uid: b64u(randomBytes(16)),
  grant: { scopes: "any", all_access: "never", max_lease: null, max_agents: 8, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" }, roles: [], adopted: [], credentials: [], sealed_token: { kem: "x25519", enc: b64u(randomBytes(32)), ct: b64u(randomBytes(64)) }, ...change,
});
async function answered(name = "Acme", change: Partial<ConnectReply> = {}): Promise<ClientOffer> {
  const key = await createVaultKey();
  const reply = replyOf(key.publicKey, change);
  return { name, contact: "Imogen Sarkis", reply: reply as unknown as ClientOffer["reply"], signature: await key.sign(signedMessage("connect-reply", reply)), replied_at: NOW, confirmed_as: null };
}
const offerOf = (...clients: ClientOffer[]): ConfirmOffer => ({ v: 1, kind: "confirm", msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, secret, seconds_left: 600, signers: [{ id: b64u(randomBytes(32)), label: "Desk", transports: ["usb"] }], clients });
const accepted = (value: unknown): boolean => {
  try {
    checkOffer(value);
    return true;
  } catch {
    return false;
  }
};

describe("what the page may be told", () => {
  test("an offer to confirm is taken as it is, also where a later vault says more in its reply", async () => {
    expect(accepted(offerOf(await answered(), await answered("Beta", { note: "from the year 2031" } as object)))).toBe(true);
  });
  test.each(["challenge", "code", "code_2", "hash", "root", "statement", "public_key"])("an offer that carries a %s beside the reply is refused whole: the page makes those itself", async (member) => {
    const good = await answered();
    const value = b64u(randomBytes(32));
    expect(accepted({ ...offerOf(good), [member]: value })).toBe(false);
    expect(accepted(offerOf({ ...good, [member]: value }))).toBe(false);
  });
  test("no signers, no clients, 1,001 clients, names that steer text, keys of another length: refused", async () => {
    const good = await answered();
    expect(accepted({ ...offerOf(good), signers: [] })).toBe(false);
    expect(accepted(offerOf())).toBe(false);
    expect(accepted(offerOf(...Array.from({ length: 1_000 }, () => good)))).toBe(true);
    expect(accepted(offerOf(...Array.from({ length: 1_001 }, () => good)))).toBe(false);
    for (const name of ["", "a\u202eb", "a\nb", "x".repeat(121)]) expect(accepted(offerOf({ ...good, name })), JSON.stringify(name)).toBe(false);
    for (const change of [{ public_key: "AA" }, { vault_id: "a/b" }, { vault_url: "javascript:alert(1)" }, { request: "x" }]) expect(accepted(offerOf({ ...good, reply: { ...good.reply, ...change } })), JSON.stringify(change)).toBe(false);
    expect(accepted(offerOf({ ...good, signature: "AA" }))).toBe(false);
  });
  test("nothing else of any shape is a client", () => fc.assert(fc.property(fc.anything(), (value) => !accepted(offerOf(value as ClientOffer)))));
});

describe("the list", () => {
  test("shows the codes that the clients see, made here from what the vaults signed", async () => {
    const [acme, beta] = [await answered(), await answered("Beta", { vault_id: "Qx81_b" })];
    const judged = await judgeReplies(offerOf(acme, beta));
    const codeOf = ({ reply }: ClientOffer) => code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id });
    expect(judged).toMatchObject([{ code: codeOf(acme), statement: { key: acme.reply.public_key, name: "Acme", vault: "hmHr7A" } }, { code: codeOf(beta), statement: { name: "Beta", vault: "Qx81_b" } }]);
  });
  test.each(["request", "vault_id", "vault_url", "public_key", "uid", "grant"])("a reply whose %s was altered on the way is refused: the vault never signed it", async (member) => {
    const good = await answered();
    const other = { request: b64u(randomBytes(32)), vault_id: "hmHr7B", vault_url: "https://vault.example.com/other", public_key: (await createVaultKey()).publicKey, uid: b64u(randomBytes(16)), grant: {} }[member];
    expect(await judgeReplies(offerOf(await answered("Beta"), { ...good, reply: { ...good.reply, [member]: other } }))).toEqual({ reason: "not_signed", name: "Acme" });
  });
  test("a whole vault put in the client's place stands under another code: that is what people compare", async () => {
    const [real, strange] = [await answered(), await answered()];
    const [one, two] = [await judgeReplies(offerOf(real)), await judgeReplies(offerOf(strange))];
    expect(Array.isArray(one) && Array.isArray(two) && one[0]?.code === two[0]?.code).toBe(false);
  });
  test("one key for two clients is refused whole; two clients of one name are shown and marked", async () => {
    const one = await answered();
    expect(await judgeReplies(offerOf(one, { ...one, name: "Beta" }))).toEqual({ reason: "twice", name: "Beta" });
    expect(await judgeReplies(offerOf(await answered(), await answered()))).toMatchObject([{ namesake: true }, { namesake: true }]);
  });
});

describe("what is signed", () => {
  test("covers exactly the clients that were heard, whatever their order, and is never a single statement's own hash", async () => {
    const judged = await judgeReplies(offerOf(await answered(), await answered("Beta"), await answered("Gamma")));
    if (!Array.isArray(judged)) throw new Error(judged.reason);
    const [a, b, c] = judged.map(({ statement }) => statement);
    const { confirmation, challenge } = whatIsConfirmed([b!, a!]);
    expect(confirmation.clients).toEqual([a!, b!].map(clientHash).toSorted((one, two) => (one < two ? -1 : 1)));
    expect(b64u(challenge)).toBe(b64u(clientsChallenge(confirmation)));
    expect(b64u(whatIsConfirmed([a!, b!]).challenge)).toBe(b64u(challenge));
    expect(b64u(whatIsConfirmed([a!, b!, c!]).challenge)).not.toBe(b64u(challenge));
    expect(b64u(whatIsConfirmed([a!]).challenge)).not.toBe(b64u(clientChallenge(a!)));
  });
});
