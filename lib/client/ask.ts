import type { Prisma, Vault } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write, type Read, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { b64u, randomBytes } from "../protocol/bytes.ts";
import { code1, connectLink, requestHash } from "../protocol/connect.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { AskedRole, ClientStatement, ConnectReply, ConnectRequest, Enrol, Grant } from "../protocol/messages.ts";
import { checkConnectRequest } from "../protocol/schema.ts";
import { generateSealKey, type SealKeyPair } from "../protocol/seal.ts";
import { record } from "../record/record.ts";
import { seal, sealKeys } from "../seal.ts";
import { whereAnswered } from "../signing/answered.ts";
import { shownName } from "../signing/offer.ts";
import { judgeAddress } from "../vault/address.ts";
import { addressRules } from "../vault/net.ts";
import { buildRequest, isThin, pickSigners, proposeScope, type SignerKey } from "./request.ts";

export type AskInput = {
  clientId: string;
  /** As a person wrote it. */
  address: string;
  want: Grant;
  /** Names of the MSP's roles; unknown ones are refused. */
  roles: readonly string[];
  /** One signing key is enough for this one: said by a person who knows what it means. */
  oneSigner?: boolean;
  /** For a stopped vault: it was made anew and knows nothing of our row, said by a person who asked the client. */
  anew?: boolean;
};
/** `link` holds the whole request; `code1`: 16 letters. */
export type Asked = { vaultRef: string; requestId: string; link: string; code1: string; expiresAt: Date };

/** Every signing key of an owner who can sign in, that was enrolled for this console and this signing origin. */
export async function readSigners({ db, actor: { mspId } }: Read): Promise<SignerKey[]> {
  const { APP_ORIGIN, SIGN_ORIGIN } = env();
  const keys = await db.signingKey.findMany({
    where: { mspId, removedAt: null, origin: SIGN_ORIGIN, mspOrigin: APP_ORIGIN, person: { frozenAt: null, rights: { has: "owner" } } },
    include: { person: { select: { name: true } } }, orderBy: { createdAt: "asc" },
  });
  return pickSigners(keys.map((key): SignerKey => ({
    credential_id: b64u(key.credentialId), public_key: b64u(key.publicKey), label: shownName(key.label), person: shownName(key.person.name), rp_id: key.rpId, origin: key.origin, enrol: key.enrol as unknown as Enrol,
    personId: key.personId, lastUsedAt: key.lastUsedAt?.getTime() ?? null, createdAt: key.createdAt.getTime(),
  })));
}

/** The private half of `seal_to`, opened only for this organisation and this request. */
export const connectKeyContext = (mspId: string, requestId: string) => ({ mspId, object: requestId, purpose: "connect-key" }) as const;

const roleFields = { roles: "One of the roles is not there any more. Load the page again." };

async function askedRoles({ db, actor: { mspId } }: Read, names: readonly string[], vaultRef: string | null): Promise<AskedRole[]> {
  const roles = await db.role.findMany({ where: { mspId, retiredAt: null, name: { in: [...names] } }, include: { scopes: { select: { scope: true, vaultRef: true } } }, orderBy: { position: "asc" } });
  if (roles.length !== new Set(names).size) throw new Refusal("invalid", { fields: roleFields });
  const taken = new Set<string>();
  return roles.map(({ name, position, scopes }) => {
    const here = scopes.find((one) => one.vaultRef === vaultRef)?.scope;
    const proposed = here ?? proposeScope(scopes.map(({ scope }) => scope), position);
    // Two roles never propose one number; the client names the second one itself.
    const scope = taken.has(proposed) ? null : proposed;
    if (scope !== null) taken.add(scope);
    return { name, scope };
  });
}

const refuseAddress = (words: string) => new Refusal("invalid", { fields: { address: words } });

/** The row to connect: of this client and address if there is one, else a new one. Throws when it is somebody else's. */
async function vaultFor(tx: Write, clientId: string, address: string, now: Date): Promise<Vault> {
  const { mspId } = tx.actor;
  const known = await tx.db.vault.findFirst({ where: { mspId, address, state: { not: "ended" } }, include: { client: { select: { name: true } } } });
  if (known && known.clientId !== clientId) throw new Refusal("address_known", { fields: { address: `This is the vault of ${known.client.name}. One vault belongs to one client.` } });
  if (known) return known;
  return tx.db.vault.create({ data: { mspId, vaultRef: uuid7(now.getTime()), clientId, address, createdAt: now } });
}

/** Our row under the key that a signer confirmed last, from the reply that brought it; null where none was confirmed. */
async function confirmedRow({ db, actor: { mspId } }: Read, vaultRef: string): Promise<string | null> {
  const word = await db.confirmedVault.findFirst({ where: { mspId, vaultRef }, orderBy: { confirmation: { confirmedAt: "desc" } } });
  if (word === null) return null;
  const { key, vault } = word.statement as unknown as ClientStatement;
  const answers = await db.connectRequest.findMany({ where: { mspId, vaultRef, ...whereAnswered }, orderBy: { repliedAt: "desc" }, select: { reply: true } });
  const replies = answers.map(({ reply }) => reply as unknown as ConnectReply);
  return replies.find((reply) => reply.public_key === key && reply.vault_id === vault)?.uid ?? null;
}

/**
 * Whose row at the vault is renewed: ours, wherever there is one. A vault that never answered has none. Where the codes differed, what
 * answered was not the client's vault, which knows nothing of the row that it named: theirs is the one that was confirmed before, if
 * any. A vault that was made anew has none either; what was confirmed is forgotten only when another key is (PROTOCOL 10.4).
 */
async function replacesOf(tx: Read, { state, managerUid, confirmedAt, vaultRef }: Vault, anew: boolean): Promise<string | null> {
  if (state === "asking" || (state === "stopped" && anew)) return null;
  return state === "stopped" && confirmedAt === null ? confirmedRow(tx, vaultRef) : managerUid;
}

/** Open requests of a vault end: a newer one takes their place, or nobody wants them any more. Their keys are wiped. */
export async function endRequests(tx: Write, vaultRef: string, now: Date): Promise<number> {
  const { count } = await tx.db.connectRequest.updateMany({ where: { mspId: tx.actor.mspId, vaultRef, cancelledAt: null, OR: [{ repliedAt: null }, { sealedKey: { not: null } }] }, data: { cancelledAt: now, sealedKey: null } });
  return count;
}

/** In the caller's transaction. `pair`: a fresh key pair for this request alone. Throws as {@link askConnect}. */
export async function askConnectIn(tx: Write, input: AskInput, pair: SealKeyPair, now: Date): Promise<Asked> {
  const { mspId } = tx.actor;
  const { APP_ORIGIN, SEAL_KEYS } = env();
  const judged = judgeAddress(input.address, addressRules());
  if (!judged.ok) throw refuseAddress(judged.words);
  const client = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId: input.clientId } }, include: { msp: { select: { name: true } } } });
  if (!client || client.endedAt !== null) throw new Refusal("not_found");
  const signers = await readSigners(tx);
  if (signers.length === 0) throw new Refusal("signing_key_needed");
  if (isThin(signers) && input.oneSigner !== true) throw new Refusal("second_signer_needed");
  const vault = await vaultFor(tx, client.clientId, judged.url, now);
  await endRequests(tx, vault.vaultRef, now);

  const expiresAt = new Date(now.getTime() + limits.connectRequestSeconds * 1_000);
  const request: ConnectRequest = buildRequest({
    msp: { name: shownName(client.msp.name), origin: APP_ORIGIN }, replaces: await replacesOf(tx, vault, input.anew === true), roles: await askedRoles(tx, input.roles, vault.vaultRef), signers, want: input.want,
    sealTo: { kem: pair.kem, public_key: pair.publicKey }, nonce: b64u(randomBytes(32)), expiresAt: Math.floor(expiresAt.getTime() / 1_000),
  });
  try {
    checkConnectRequest(request, "");
  } catch (error) {
    if (error instanceof ProtocolError) throw new Refusal("invalid", { detail: `The vault would not take this request: ${error.detail ?? error.code}. Nothing was asked.`, cause: error });
    throw error;
  }
  const hash = requestHash(request);
  const requestId = uuid7(now.getTime());
  await tx.db.connectRequest.create({
    data: {
      mspId, requestId, vaultRef: vault.vaultRef, nonce: Buffer.from(request.nonce, "base64url"), request: request as unknown as Prisma.InputJsonObject, requestHash: hash,
      sealedKey: seal(sealKeys(SEAL_KEYS), connectKeyContext(mspId, requestId), b64u(pair.privateKey)), madeBy: tx.actor.id, createdAt: now, expiresAt,
    },
  });
  await record(tx, { action: "connect.asked", target: { kind: "vault", id: vault.vaultRef }, fields: { client: client.name, address: judged.url, signers: signers.length, replaces: request.replaces !== null } });
  return { vaultRef: vault.vaultRef, requestId, link: connectLink(judged.url, request), code1: code1(hash), expiresAt };
}

/**
 * Asks a client's owner for one tap: the request in a link, and code 1 to compare. An earlier open request for the same vault ends.
 * Where we have a row at the vault already, the request replaces its token, grant and signers and keeps its people (PROTOCOL 10.2).
 * Throws Refusal `forbidden`, `not_found`, `invalid` (address, roles), `address_known`, `signing_key_needed`, `second_signer_needed`.
 */
export async function askConnect(actor: Actor, input: AskInput, clock: Clock = systemClock, db: Database = database()): Promise<Asked> {
  authorize(actor, "client.connect");
  const pair = await generateSealKey("x-wing");
  return write(actor, (tx) => askConnectIn(tx, input, pair, clock.now()), db);
}
