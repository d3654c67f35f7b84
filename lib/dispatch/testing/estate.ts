/** An MSP with a signer, endorsed technicians and connected reference vaults, as rows of a test's database; and the tap of a person, with the page's own code. */
import { randomBytes } from "node:crypto";
import { op, type VaultClient } from "#vault/testing/client.ts";
import { connectRequest, registerVault, WIDE, type ConnectedMsp, type OwnedVault, type World } from "#vault/testing/world.ts";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { collect, judgeAssertion, judgePlan, prepare, prepareCosign, type Prepared } from "../../../signing/approve.ts";
import { readHouse } from "../../../signing/house.ts";
import { checkOffer, checkRelayed, type ApproveOffer } from "../../../signing/offer.ts";
import type { TestDatabase } from "../../../tests/database.ts";
import { askApprove } from "../../approval/ask.ts";
import { cosignApproval } from "../../approval/cosign.ts";
import { approveOffer } from "../../approval/offer.ts";
import { relayBegin } from "../../approval/relay.ts";
import { releaseApproval } from "../../approval/release.ts";
import { write } from "../../db/tenant.ts";
import { personActor, type Actor } from "../../identity/actor.ts";
import { Reader } from "../../known/reader.ts";
import { addConnected, addPerson, type ConnectedClient } from "../../known/testing/connected.ts";
import { b64u, fromB64u } from "../../protocol/bytes.ts";
import { clientsChallenge, clientsOf } from "../../protocol/clients.ts";
import { jcs } from "../../protocol/jcs.ts";
import { endorseChallenge, endorsementOf, inboxKeyChallenge } from "../../protocol/inbox.ts";
import type { Connect, Grant, InboxStatement } from "../../protocol/messages.ts";
import { connectTokenInfo, generateSealKey, open, parseTokenPlaintext, type SealKeyPair } from "../../protocol/seal.ts";
import { record } from "../../record/record.ts";
import { tradeTicket } from "../../signing/trade.ts";
import type { Net } from "../../vault/net.ts";

export const CONSOLE = "http://localhost:3999";
export const SIGNING = { rpId: "sign.localhost", origin: "http://sign.localhost:3999" };
export const house = readHouse(SIGNING.origin, CONSOLE)!;
export const visitor = { userAgent: "Chrome", address: "127.0.0.1" };

export type EstateVault = ConnectedClient & { name: string; owned: OwnedVault; manager: VaultClient; key: string };
export type Technician = { personId: string; name: string; /** Of their inbox key: what a test opens their tokens with. */ pair: SealKeyPair };
export type Estate = { t: TestDatabase; mspId: string; owner: Actor; signer: SoftwareKey; world: World; net: Net; vaults: EstateVault[]; technicians: Technician[]; clock: { now(): Date } };

/** Connects with one given signer; WIDE is the grant of the vault's own tests. */
async function connect({ owner, key }: OwnedVault, signers: SoftwareKey[], grant: Grant): Promise<ConnectedMsp> {
  const { request, sealKey } = await connectRequest(signers, { want: grant }, CONSOLE);
  const body: Connect = { adopt: [], grant, request, roles: [{ name: "networking", scope: "0010" }] };
  const { receipt } = await owner.must([op("POST", "/connect", body)], { keys: [key] });
  const reply = receipt.results[0]!.connect!;
  const { account } = owner;
  const opened = parseTokenPlaintext((await open(sealKey, connectTokenInfo({ vault: account.vaultId, key: account.key, request: reply.reply.request }), reply.reply.sealed_token))!)!;
  return { manager: owner.as({ agentId: reply.reply.agent_id, uid: reply.reply.uid, token: opened.token }), signers, sealKey, request, reply };
}

export async function startEstate(t: TestDatabase, world: World, net: Net, clock: { now(): Date }): Promise<Estate> {
  const mspId = await t.msp("Quillmoor IT");
  const { actor, key } = await addSigner(t, mspId, "Ines Halloran");
  return { t, mspId, owner: actor, signer: key, world, net, vaults: [], technicians: [], clock };
}

export type SigningOwner = { actor: Actor; key: SoftwareKey };

/** An owner with a session and an enrolled signing key. */
export async function addSigner(t: TestDatabase, mspId: string, name: string): Promise<SigningOwner> {
  const personId = await addPerson(t, mspId, name, ["owner"]);
  const sessionId = crypto.randomUUID();
  const key = new SoftwareKey(SIGNING);
  await t.asAdmin(async (admin) => {
    const passkey = randomBytes(16);
    await admin.query("insert into passkey (msp_id, credential_id, person_id, public_key, transports, backup_eligible, backed_up, aaguid, label) values ($1, $2, $3, '\\x00', '{usb}', false, false, $4, 'Belt')", [mspId, passkey, personId, crypto.randomUUID()]);
    await admin.query("insert into session (msp_id, session_id, person_id, credential_id, agent, address, expires_at) values ($1, $2, $3, $4, 'Chrome', '127.0.0.1', now() + interval '8 hours')", [mspId, sessionId, personId, passkey]);
  });
  await addSigningKey(t, mspId, personId, key);
  return { actor: personActor({ mspId, personId, name, rights: ["owner"] }, sessionId), key };
}

/** One more signing key of a person. */
export const addSigningKey = (t: TestDatabase, mspId: string, personId: string, key: SoftwareKey, label = "Desk"): Promise<unknown> =>
  t.asAdmin((admin) => admin.query("insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{usb}', false, false)",
    [mspId, Buffer.from(fromB64u(key.credentialId)), personId, Buffer.from(fromB64u(key.publicKey)), label, SIGNING.rpId, SIGNING.origin, CONSOLE, JSON.stringify(key.enrol(CONSOLE))]));

/** A technician with an inbox key of their own, endorsed by the signer. */
export async function addTechnician(estate: Estate, name: string, { by = estate.signer, endorsed = true }: { by?: SoftwareKey; endorsed?: boolean } = {}): Promise<Technician> {
  const { t, mspId, owner } = estate;
  const personId = await addPerson(t, mspId, name);
  const pair = await generateSealKey("x25519");
  const statement: InboxStatement = { kem: "x25519", msp: CONSOLE, name, not_after: Math.floor(Date.now() / 1_000) + 300 * 86_400, public_key: pair.publicKey, technician: personId, v: 1 };
  const passkey = new SoftwareKey({ rpId: "localhost", origin: CONSOLE });
  const [inboxKeyId, endorsementId] = [crypto.randomUUID(), crypto.randomUUID()];
  const endorsement = endorsementOf([statement]);
  await t.asAdmin(async (admin) => {
    await admin.query("insert into inbox_key (msp_id, inbox_key_id, person_id, statement, statement_hash, assertion, credential_id, passkey_public_key, passkey_backup_eligible, passkey_label, not_after) values ($1, $2, $3, $4, $5, $6, $7, $8, false, 'Belt', now() + interval '300 days')",
      [mspId, inboxKeyId, personId, JSON.stringify(statement), Buffer.from(inboxKeyChallenge(statement)), JSON.stringify(passkey.get(inboxKeyChallenge(statement))), Buffer.from(fromB64u(passkey.credentialId)), Buffer.from(fromB64u(passkey.publicKey))]);
    if (!endorsed) return;
    await admin.query("insert into endorsement (msp_id, endorsement_id, credential_id, person_id, endorsement, assertion) values ($1, $2, $3, $4, $5, $6)", [mspId, endorsementId, Buffer.from(fromB64u(by.credentialId)), owner.id, JSON.stringify(endorsement), JSON.stringify(by.get(endorseChallenge(endorsement)))]);
    await admin.query("insert into endorsed_key (msp_id, endorsement_id, inbox_key_id) values ($1, $2, $3)", [mspId, endorsementId, inboxKeyId]);
  });
  const made = { personId, name, pair };
  estate.technicians.push(made);
  return made;
}

/** Vaults of clients, connected, confirmed with one tap, and read once. `dial`: as this console calls them (a fault proxy's address). */
export async function addVaults(estate: Estate, names: readonly string[], { dial = estate.world.listening, grant = WIDE, also = [] }: { dial?: string | readonly string[]; grant?: Grant; also?: readonly SigningOwner[] } = {}): Promise<EstateVault[]> {
  const { t, mspId, owner, signer, world } = estate;
  const signing = [{ actor: owner, key: signer }, ...also];
  const made: EstateVault[] = [];
  for (const [i, name] of names.entries()) {
    const owned = await registerVault(world, name);
    const msp = await connect(owned, signing.map(({ key }) => key), grant);
    const base = typeof dial === "string" ? dial : dial[i]!;
    const rows = await addConnected(t, mspId, { name, url: `${base}/${owned.owner.account.vaultId}`, msp });
    made.push({ ...rows, name, owned, manager: msp.manager, key: owned.owner.account.key });
  }
  for (const one of signing) await confirmVaults(estate, made, one);
  estate.vaults.push(...made);
  await readAll(estate);
  return made;
}

/** One person's word which key is which client's. */
export async function confirmVaults({ t, mspId }: Estate, vaults: readonly EstateVault[], { actor, key }: SigningOwner): Promise<void> {
  const statements = vaults.map((vault) => ({ key: vault.key, name: vault.name, vault: vault.owned.owner.account.vaultId }));
  const confirmation = clientsOf(statements);
  const confirmationId = crypto.randomUUID();
  await t.asAdmin(async (admin) => {
    await admin.query("insert into confirmation (msp_id, confirmation_id, credential_id, person_id, confirmation, assertion) values ($1, $2, $3, $4, $5, $6)", [mspId, confirmationId, Buffer.from(fromB64u(key.credentialId)), actor.id, JSON.stringify(confirmation), JSON.stringify(key.get(clientsChallenge(confirmation)))]);
    for (const [i, { vaultRef }] of vaults.entries()) await admin.query("insert into confirmed_vault (msp_id, confirmation_id, vault_ref, statement) values ($1, $2, $3, $4)", [mspId, confirmationId, vaultRef, JSON.stringify(statements[i])]);
  });
}

/** Reads every vault now, as the worker does. */
export async function readAll({ t, net }: Pick<Estate, "t" | "net">): Promise<void> {
  await t.asAdmin((admin) => admin.query("update reading set next_read_at = now(), lease_until = null where next_read_at < '9000-01-01'"));
  const reader = new Reader({ net, db: t.db });
  await reader.run();
  await reader.stop();
}

/** The window of a plan, opened and traded, as the page gets it. */
export async function openPlan({ t, owner, clock }: Estate, { planId, digest }: { planId: string; digest: string }, { by = owner, part = "release" }: { by?: Actor; part?: ApproveOffer["part"] } = {}): Promise<ApproveOffer> {
  const { url } = await askApprove(by, { planId, digest, part }, visitor.userAgent, clock, t.db);
  const [, subject, ticket] = /approve\/([0-9a-f-]+)#(.+)$/.exec(url)!;
  const offer: unknown = JSON.parse(JSON.stringify(await tradeTicket({ subject: subject!, ticket: ticket! }, visitor, clock, t.db, approveOffer)));
  checkOffer(offer);
  if (offer.kind !== "approve") throw new Error("another window");
  return offer;
}

export type Tap = { offer: ApproveOffer; prepared: Prepared; submission: Parameters<typeof releaseApproval>[0] };

/** What a person and the page do up to the submission: every check of the page is run. `bend` comes between key and submission. */
export async function tapPlan(estate: Estate, offer: ApproveOffer, { key = estate.signer }: { key?: SoftwareKey } = {}): Promise<Tap> {
  const { t, net, clock } = estate;
  const now = () => Math.floor(clock.now().getTime() / 1_000);
  const judged = await judgePlan(offer, house, now());
  const round = crypto.randomUUID();
  const collected = await collect(offer.plan, judged.open, async (vaults) => {
    const value: unknown = JSON.parse(jcs(await relayBegin({ secret: offer.secret, round, vaults: [...vaults] }, visitor, clock, t.db, net)));
    checkRelayed(value);
    return value.answers;
  });
  const prepared = await (offer.part === "cosign" ? prepareCosign : prepare)(offer, judged, collected, house, now());
  const assertion = key.get(prepared.tree.challenge);
  await judgeAssertion(prepared, key.credentialId, assertion, house);
  const { issuedAt, challenges, left, places, seed } = prepared;
  return { offer, prepared, submission: { secret: offer.secret, round, credential_id: key.credentialId, digest: b64u(judged.digest), assertion, seed: b64u(seed), issued_at: issuedAt, challenges: offer.part === "cosign" ? [] : [...challenges], left: [...left], places: [...places] } };
}

export async function releasePlan(estate: Estate, plan: { planId: string; digest: string }): Promise<Tap> {
  const tap = await tapPlan(estate, await openPlan(estate, plan));
  await releaseApproval(tap.submission, visitor, estate.clock, estate.t.db);
  return tap;
}

/** The first of two signatures, by somebody else than the one who releases. */
export async function cosignPlan(estate: Estate, plan: { planId: string; digest: string }, { actor, key }: SigningOwner): Promise<Tap> {
  const tap = await tapPlan(estate, await openPlan(estate, plan, { by: actor, part: "cosign" }), { key });
  await cosignApproval({ ...tap.submission, challenges: [] }, visitor, estate.clock, estate.t.db);
  return tap;
}

/** Where each share of a plan stands. */
export async function sharesNow({ t, mspId }: Estate, planId: string): Promise<{ vault_ref: string; kind: string; state: string; code: string | null; words: string | null; attempts: number }[]> {
  return t.asAdmin(async (admin) => (await admin.query("select vault_ref, kind, state, code, words, attempts from dispatch where msp_id = $1 and plan_id = $2 order by kind, dispatch_id", [mspId, planId])).rows as never);
}

/** Makes every line due now, whatever it waits for. */
export const hurry = ({ t }: Estate): Promise<unknown> => t.asAdmin((admin) => admin.query("update vault_line set next_at = now(), lease_until = null where next_at is not null or exists (select 1 from dispatch d where d.msp_id = vault_line.msp_id and d.vault_ref = vault_line.vault_ref and d.state in ('waiting', 'sent', 'accepted'))"));

/** A record, so that a write of a test commits. */
export const noted = async (estate: Estate, work: Parameters<typeof write<void>>[1]): Promise<void> =>
  write(estate.owner, async (tx) => {
    await work(tx);
    await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
  }, estate.t.db);
