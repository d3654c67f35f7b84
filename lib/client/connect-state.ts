/** Where the onboarding of one client stands, for its page: steps, link, codes, what the vault said. Times in epoch milliseconds. */
import type { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { code1, code2, connectLink, requestHash } from "../protocol/connect.ts";
import { looserMember } from "../protocol/grant.ts";
import type { ConnectReply, ConnectRequest, Grant } from "../protocol/messages.ts";
import { confirmationsOf } from "../signing/confirmable.ts";
import { readSigners } from "./ask.ts";
import { foldStep, type Step } from "./steps.ts";

export type SignerLine = { person: string; label: string };
export type RequestState = {
  id: string; link: string; code1: string; madeAt: number; expiresAt: number; mailedAt: number | null; over: boolean;
  replaces: boolean; want: Grant; roles: { name: string; scope: string | null }[]; signers: SignerLine[]; refused: { at: number; words: string } | null;
  /** A reply that is kept because its vault could not be checked: why. */
  held: string | null;
};
export type AnsweredState = {
  vaultId: string; vaultName: string; code2: string; at: number; grant: Grant; tightened: boolean; roles: { name: string; scope: string }[]; adopted: number;
  confirmedAs: string | null; confirmedAt: number | null; confirmedBy: string | null;
};
export type FoundPerson = { name: string; person: string | null; scopes: string; allAccess: boolean };
export type FoundState = { readAt: number | null; health: string; words: string | null; people: FoundPerson[]; own: number; tokens: { used: number; limit: number | null } | null; unnamed: string[] };
export type ConnectState = {
  client: { id: string; name: string; place: string | null; plan: string; tags: string[]; region: string; contact: { name: string; phone: string; mail: string }; ended: boolean };
  vault: { ref: string; address: string; state: string; stoppedWords: string | null } | null;
  step: Step; request: RequestState | null; answered: AnsweredState | null; found: FoundState | null;
  /** What a new request would hold. */
  offer: Asking;
};
export type Asking = { organisation: string; signers: SignerLine[]; roles: { name: string; letter: string }[]; technicians: number };

const include = {
  requests: { orderBy: { createdAt: "desc" }, take: 1 }, reading: true, agents: { include: { person: { select: { name: true } } }, orderBy: { name: "asc" } }, scopes: true, roleScopes: true,
} satisfies Prisma.VaultInclude;
type VaultRow = Prisma.VaultGetPayload<{ include: typeof include }>;

function requestOf(vault: VaultRow, now: number): RequestState | null {
  const row = vault.requests[0];
  if (!row || row.cancelledAt !== null) return null;
  const request = row.request as unknown as ConnectRequest;
  return {
    id: row.requestId, link: connectLink(vault.address, request), code1: code1(requestHash(request)), madeAt: row.createdAt.getTime(), expiresAt: row.expiresAt.getTime(), mailedAt: row.mailedAt?.getTime() ?? null,
    over: row.repliedAt === null && row.expiresAt.getTime() <= now, replaces: request.replaces !== null, want: request.want, roles: request.roles.map(({ name, scope }) => ({ name, scope })),
    signers: request.signers.map(({ person, label }) => ({ person, label })), refused: row.refusedAt && row.refusedWords ? { at: row.refusedAt.getTime(), words: row.refusedWords } : null,
    held: row.repliedAt !== null && row.sealedKey !== null ? (row.refusedWords ?? "The vault did not answer.") : null,
  };
}

type Word = { statement: { name: string }; confirmedAt: Date; personId: string };

function answeredOf(vault: VaultRow, answered: { reply: unknown; request: unknown; repliedAt: Date | null } | null, word: Word | undefined, by: string | null): AnsweredState | null {
  if (!answered?.repliedAt || vault.publicKey === null) return null;
  const reply = answered.reply as ConnectReply;
  const { want } = answered.request as ConnectRequest;
  if (reply.public_key !== vault.publicKey) return null;
  return {
    vaultId: reply.vault_id, vaultName: reply.name, code2: code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }), at: answered.repliedAt.getTime(), grant: reply.grant,
    tightened: looserMember(want, reply.grant) !== null, roles: reply.roles.map(({ name, scope }) => ({ name, scope })), adopted: reply.adopted.length,
    confirmedAs: word?.statement.name ?? null, confirmedAt: word?.confirmedAt.getTime() ?? null, confirmedBy: by,
  };
}

function foundOf(vault: VaultRow): FoundState | null {
  const { reading } = vault;
  if (!reading) return null;
  const ours = vault.agents.filter(({ managedBy, uid }) => managedBy === vault.managerUid && uid !== vault.managerUid);
  const named = new Set(vault.roleScopes.map(({ scope }) => scope));
  return {
    readAt: reading.readAt?.getTime() ?? null, health: reading.health, words: reading.words, own: vault.agents.length - ours.length - vault.agents.filter(({ uid }) => uid === vault.managerUid).length,
    people: ours.map(({ name, person, scopes, allAccess }) => ({ name, person: person?.name ?? null, scopes, allAccess })),
    tokens: reading.tokensUsed === null ? null : { used: reading.tokensUsed, limit: reading.tokensLimit }, unnamed: vault.scopes.filter(({ scope, entries }) => entries > 0 && !named.has(scope)).map(({ scope }) => scope).toSorted(),
  };
}

async function askingOf(tx: Read): Promise<Asking> {
  const { mspId } = tx.actor;
  const organisation = await tx.db.msp.findUniqueOrThrow({ where: { mspId }, select: { name: true } });
  const roles = await tx.db.role.findMany({ where: { mspId, retiredAt: null }, orderBy: { position: "asc" }, select: { name: true, letter: true } });
  const technicians = await tx.db.person.count({ where: { mspId, rights: { has: "technician" }, frozenAt: null } });
  return { organisation: organisation.name, roles, technicians, signers: (await readSigners(tx)).map(({ person, label }) => ({ person, label })) };
}

/** What a request would hold if it were made now. Throws Refusal `forbidden`. */
export async function readAsking(actor: Actor, db: Database = database()): Promise<Asking> {
  authorize(actor, "client.connect");
  return read(actor, askingOf, db);
}

/** Throws Refusal `forbidden`, `not_found`. */
export async function showConnect(actor: Actor, clientId: string, clock: Clock = systemClock, db: Database = database()): Promise<ConnectState> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const now = clock.now().getTime();
  return read(actor, async (tx) => {
    const client = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } } });
    if (!client) throw new Refusal("not_found");
    const [vault] = await tx.db.vault.findMany({ where: { mspId, clientId, state: { not: "ended" } }, include, orderBy: { createdAt: "desc" }, take: 1 });
    const answer = vault ? await tx.db.connectRequest.findFirst({ where: { mspId, vaultRef: vault.vaultRef, repliedAt: { not: null }, sealedKey: null }, orderBy: { repliedAt: "desc" } }) : null;
    const words = vault ? await confirmationsOf(tx, [vault.vaultRef]) : [];
    const by = words[0] ? await tx.db.person.findUnique({ where: { mspId_personId: { mspId, personId: words[0].personId } }, select: { name: true } }) : null;
    const request = vault ? requestOf(vault, now) : null;
    const answered = vault ? answeredOf(vault, answer, words[0], by?.name ?? null) : null;
    return {
      client: { id: clientId, name: client.name, place: client.aliases[0] ?? null, plan: client.plan, tags: client.tags, region: client.region, contact: { name: client.contactName, phone: client.contactPhone, mail: client.contactMail }, ended: client.endedAt !== null },
      vault: vault ? { ref: vault.vaultRef, address: vault.address, state: vault.state, stoppedWords: vault.stoppedWords } : null,
      step: foldStep(vault?.state ?? null, request !== null), request, answered, found: vault ? foundOf(vault) : null,
      offer: await askingOf(tx),
    };
  }, db);
}
