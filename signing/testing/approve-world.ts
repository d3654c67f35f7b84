// A server's whole side of a plan, honest: a person, one technician, vaults that answer and sign. Tests and browser specs bend it in one place.
import { b64u, randomBytes, utf8 } from "#lib/protocol/bytes.ts";
import { clientsChallenge, clientsOf } from "#lib/protocol/clients.ts";
import { endorseChallenge, endorsementOf, inboxKeyChallenge } from "#lib/protocol/inbox.ts";
import type { AuthBegin, ClientStatement, InboxStatement } from "#lib/protocol/messages.ts";
import { planDigest, type Plan, type PlanVault } from "#lib/protocol/plan.ts";
import { answerMessage, encodeAnswer, signedMessage } from "#lib/protocol/signed.ts";
import { createDevice, createVaultKey, type Device } from "#lib/protocol/testing/authenticator.ts";
import type { AskBegin } from "../approve.ts";
import type { House } from "../house.ts";
import type { ApproveOffer, Relayed } from "../offer.ts";

export type FakeVault = { key: Awaited<ReturnType<typeof createVaultKey>>; name: string; vault: string; credentials: AuthBegin["credentials"]; mode: "primary" | "backup" };
export type ApproveWorld = { signer: Device; vaults: FakeVault[]; offer: ApproveOffer; relay: AskBegin; asked: number };
type Bend = { challenge?: string; status?: number; body?: Uint8Array };

export const credentialOf = (one: Device): AuthBegin["credentials"][number] => ({ id: one.credentialId, public_key: one.publicKey, rp_id: one.rpId, origin: one.origin, label: "Desk" });

/** An answer to /auth/begin, signed by the vault over exactly this request. @param now Unix seconds */
export async function answerBegin({ key, name, vault, credentials, mode }: FakeVault, place: number, nonce: string, now: number, bend: Bend = {}): Promise<Relayed> {
  const body = bend.body ?? utf8(JSON.stringify({ challenge: bend.challenge ?? b64u(randomBytes(32)), expires_at: now + 60, name, credentials }));
  const context = { agent: 9, body, method: "POST", nonce, status: bend.status ?? 201, target: `/${vault}/auth/begin`, vault };
  const said = { at: now * 1_000, epoch: 1, mode };
  const signature = await key.sign(signedMessage("answer", answerMessage(context, said)));
  return { place, status: context.status, body: b64u(body), answer: encodeAnswer({ ...said, signature }), target: context.target };
}

/** `count` vaults; each gets a grant, and a revoke where `revokes`. `now`: Unix seconds. */
export async function approveWorld({ house, now, count = 2, revokes = true, signer: given, endorser, confirmer }: { house: House; now: number; count?: number; revokes?: boolean; signer?: Device; endorser?: Device; confirmer?: Device }): Promise<ApproveWorld> {
  const signer = given ?? (await createDevice({ origin: house.origin }));
  const uid = b64u(randomBytes(16));
  const statement: InboxStatement = { kem: "x25519", msp: house.console, name: "Jim Okafor", not_after: now + 86_400 * 300, public_key: b64u(new Uint8Array(32).fill(9)), technician: crypto.randomUUID(), v: 1 };
  const hash = b64u(inboxKeyChallenge(statement));
  const vaults: FakeVault[] = [];
  for (let i = 0; i < count; i++) vaults.push({ key: await createVaultKey(), name: `Client ${i + 1}`, vault: `v${i}`, credentials: [credentialOf(signer)], mode: "primary" });
  vaults.sort((a, b) => (a.key.publicKey < b.key.publicKey ? -1 : 1));
  const parts = vaults.map(({ key, name, vault }): PlanVault => ({
    agent: 9, key: key.publicKey, name, vault, roles: [{ name: "Networking", scope: "0010" }],
    changes: [
      ...(revokes ? [{ change: "revoke" as const, id: crypto.randomUUID(), standing: crypto.randomUUID(), agent: 17, uid, name: "Hana Kobayashi", access: { scopes: "0014", all_access: false, expires_at: null } }] : []),
      { change: "grant", id: crypto.randomUUID(), person: 0, access: { scopes: "0010", all_access: false, expires_at: null } },
    ],
  }));
  const plan: Plan = { id: "01930000-0000-7000-8000-000000000001", kind: "change", msp: house.console, not_after: now + 3_600, people: [{ name: statement.name, seal_to: { kem: "x25519", public_key: statement.public_key }, statement: hash }], reason: null, ticket: null, title: "Jim works like Sarah", v: 1, vaults: parts };
  const confirmation = clientsOf(vaults.map(({ key, name, vault }): ClientStatement => ({ key: key.publicKey, name, vault })));
  const endorsement = endorsementOf([statement]);
  const [by, word] = [endorser ?? signer, confirmer ?? signer];
  const offer: ApproveOffer = {
    v: 1, kind: "approve", part: "release", first: null, msp: { name: "Quillmoor IT" }, person: { name: "Ines Halloran" }, secret: b64u(randomBytes(32)), seconds_left: 600, digest: b64u(planDigest(plan)), plan, left: [],
    signers: [{ id: signer.credentialId, label: "Desk", transports: ["usb"], public_key: signer.publicKey }],
    confirmations: [{ credential_id: word.credentialId, confirmation, assertion: await word.sign(clientsChallenge(confirmation)) }],
    inboxes: [{ statement, endorsements: [0] }],
    endorsements: [{ credential_id: by.credentialId, endorsement, assertion: await by.sign(endorseChallenge(endorsement)), endorsed_at: now - 86_400 * 30 }],
  };
  const made: ApproveWorld = { signer, vaults, offer, asked: 0, relay: async (asked) => { made.asked += asked.length; return Promise.all(asked.map(({ place, nonce }) => answerBegin(vaults[place]!, place, nonce, now))); } };
  return made;
}
