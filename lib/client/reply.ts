/**
 * The answer of a client's vault to our request: taken once, at the public door or pasted, after every check of PROTOCOL 10.4. The
 * client stays unconfirmed until a signer has compared code 2. Long, because it is one ladder, read from top to bottom.
 */
import { Prisma, type ConnectRequest as RequestRow, type Vault } from "#prisma/generated/client.ts";
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { checkConnectReply } from "../protocol/answers.ts";
import { tryB64u } from "../protocol/bytes.ts";
import { run } from "../protocol/check.ts";
import { refuseReply } from "../protocol/connect.ts";
import type { ConnectReply, ConnectRequest } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import { SealError, sealKeys, unseal } from "../seal.ts";
import { loadDirectory } from "../known/directory.ts";
import { startReading } from "../known/schedule.ts";
import { VaultClient } from "../vault/client.ts";
import { vaultNet, type Net } from "../vault/net.ts";
import { sealVaultToken } from "../vault/open.ts";
import { connectKeyContext } from "./ask.ts";
import { checkVault, sameReply } from "./check-vault.ts";
import { misfit, openReplyToken } from "./open-reply.ts";
import { keyTaken, replyWords, tokenDoesNotOpen } from "./reply-words.ts";
import { keepRoles } from "./keep-roles.ts";

/** Where the client stands after its reply. `connected`: only a renewal of a connection that was confirmed under the same key. */
export type Taken = { state: "unconfirmed" | "connected"; vaultRef: string };

export const replyShape = z.object({ reply: z.unknown(), signature: z.string().max(200) });

type Found = { request: RequestRow; vault: Vault; client: string };
type Signed = { reply: ConnectReply; signature: string };

/** Checked, and kept as it came. */
const asJson = (value: object) => value as Prisma.InputJsonObject;

/** A reply reaches us from a page that we know nothing of: it acts for nobody, and is let write only what it proves. */
const replyDoor = (mspId: string): Actor => ({ kind: "worker", id: "reply-door", name: "The client's vault", mspId, rights: [] });

function parse(given: unknown): Signed {
  const outer = replyShape.safeParse(given);
  if (!outer.success) throw new Refusal("invalid", { detail: "This is no answer of a vault." });
  const { reply, signature } = outer.data;
  try {
    run(checkConnectReply, reply, "");
  } catch (error) {
    throw new Refusal("invalid", { detail: "This is no answer of a vault, or part of it is missing.", cause: error });
  }
  if (tryB64u(signature, 64) === null) throw new Refusal("invalid", { detail: "This is no answer of a vault, or part of it is missing." });
  return { reply, signature };
}

/** The text on the vault's page, as somebody copied it. Throws Refusal `invalid`, `too_large`. */
export function parsePasted(text: string): unknown {
  if (text.length > limits.connectReplyBytes) throw new Refusal("too_large");
  try {
    return JSON.parse(text.trim());
  } catch (error) {
    throw new Refusal("invalid", { fields: { reply: "This is not the whole answer. Copy all of it, from the first { to the last }." }, cause: error });
  }
}

async function findRequest(nonce: string, db: Database): Promise<{ mspId: string; requestId: string } | null> {
  const rows = await db.$queryRaw<{ msp_id: string; request_id: string }[]>`select msp_id, request_id from connect_request_find(${tryB64u(nonce, 32)})`;
  const [row] = rows;
  return row ? { mspId: row.msp_id, requestId: row.request_id } : null;
}

async function load(actor: Actor, requestId: string, db: Database): Promise<Found> {
  return read(actor, async (tx) => {
    const { vault: { client, ...vault }, ...request } = await tx.db.connectRequest.findUniqueOrThrow({ where: { mspId_requestId: { mspId: actor.mspId, requestId } }, include: { vault: { include: { client: { select: { name: true } } } } } });
    return { request, vault, client: client.name };
  }, db);
}

/** Whether this very answer was taken before; throws when another one was, or the request is over. */
function wasTaken({ request, vault }: Found, { reply }: Signed, now: Date): Taken | null {
  if (request.repliedAt !== null) {
    if (!sameReply(request.reply as unknown as ConnectReply, reply)) throw new Refusal("reply_used");
    // Taken, and its token opened; otherwise it is kept and is looked at again.
    if (request.sealedKey === null && request.cancelledAt === null && (vault.state === "unconfirmed" || vault.state === "connected")) return { state: vault.state, vaultRef: vault.vaultRef };
  }
  if (request.cancelledAt !== null || request.sealedKey === null) throw new Refusal("reply_over");
  if (now.getTime() > request.expiresAt.getTime() + limits.connectReplyGraceSeconds * 1_000) throw new Refusal("reply_over");
  return null;
}

/** Everything that can be said without asking the vault. A sentence, or the token. */
async function judge({ request: row, vault }: Found, { reply, signature }: Signed, db: Database, actor: Actor): Promise<{ words: string } | { token: string }> {
  const request = row.request as unknown as ConnectRequest;
  const refusal = await refuseReply(reply, signature, request);
  if (refusal !== null) return { words: replyWords(refusal) };
  const wrong = misfit(reply, request, vault.address);
  if (wrong !== null) return { words: wrong };
  const holder = await read(actor, (tx) => tx.db.vault.findFirst({ where: { mspId: vault.mspId, publicKey: reply.public_key, state: { not: "ended" }, vaultRef: { not: vault.vaultRef } }, include: { client: { select: { name: true } } } }), db);
  if (holder) return { words: keyTaken(holder.client.name) };
  let privateKey: string;
  try {
    privateKey = unseal(sealKeys(env().SEAL_KEYS), connectKeyContext(row.mspId, row.requestId), row.sealedKey!);
  } catch (error) {
    if (error instanceof SealError) throw new Refusal("unexpected", { cause: error });
    throw error;
  }
  const token = await openReplyToken(reply, request, privateKey);
  return token === null ? { words: tokenDoesNotOpen } : { token };
}

type Choices = { clock?: Clock; db?: Database; net?: Net };

/**
 * Takes a reply. Idempotent: the same one again has the same answer, and of two at once one is written.
 * @param expected pasted by a person at a client's page: the reply must be that one's
 * Throws Refusal `invalid`, `reply_unknown`, `reply_elsewhere`, `reply_over`, `reply_used`, `reply_refused` (with the reason),
 * `reply_waits` (kept, the vault could not be checked).
 */
async function take(given: unknown, expected: { actor: Actor; vaultRef: string } | null, { clock = systemClock, db = database(), net = vaultNet() }: Choices): Promise<Taken> {
  const signed = parse(given);
  const found = await findRequest(signed.reply.nonce, db);
  if (found === null || (expected && expected.actor.mspId !== found.mspId)) throw new Refusal("reply_unknown");
  const actor = expected?.actor ?? replyDoor(found.mspId);
  const place = await load(actor, found.requestId, db);
  if (expected && place.vault.vaultRef !== expected.vaultRef) throw new Refusal("reply_elsewhere");
  const before = wasTaken(place, signed, clock.now());
  if (before) return before;
  const judged = await judge(place, signed, db, actor);
  if ("words" in judged) return refuse(actor, place, judged.words, clock.now(), db);
  const { reply } = signed;
  const client = new VaultClient({ url: reply.vault_url, vaultId: reply.vault_id, publicKey: reply.public_key, agentId: reply.agent_id, token: judged.token }, net);
  const { bySeal } = await read(actor, loadDirectory, db);
  const checked = await checkVault(client, reply, place.request.request as unknown as ConnectRequest, bySeal);
  if (checked.kind === "refuse") return refuse(actor, place, checked.words, clock.now(), db);
  if (checked.kind === "wait") return hold(actor, place, signed, checked.words, clock.now(), db);
  try {
    return await write(actor, (tx) => keep(tx, place, signed, judged.token, clock.now()), db);
  } catch (error) {
    // Two clients' replies under one key at the same moment: the index decides who was first (vault_public_key_key).
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return refuse(actor, place, keyTaken("another client"), clock.now(), db);
    throw error;
  }
}

/** At the public door: guarded by nonce and signature alone. */
export const takeReply = (given: unknown, choices: Choices = {}): Promise<Taken> => take(given, null, choices);

/** Pasted by a person, at the client it is meant for. */
export async function pasteReply(actor: Actor, { vaultRef, text }: { vaultRef: string; text: string }, choices: Choices = {}): Promise<Taken> {
  authorize(actor, "client.connect");
  return take(parsePasted(text), { actor, vaultRef }, choices);
}

/** Looks again at a reply that is kept because its vault could not be checked. Throws as {@link takeReply}; `moved_on` when there is none. */
export async function checkAgain(actor: Actor, { vaultRef }: { vaultRef: string }, choices: Choices = {}): Promise<Taken> {
  authorize(actor, "client.connect");
  const row = await read(actor, (tx) => tx.db.connectRequest.findFirst({ where: { mspId: actor.mspId, vaultRef, repliedAt: { not: null }, sealedKey: { not: null }, cancelledAt: null }, orderBy: { createdAt: "desc" } }), choices.db ?? database());
  if (!row) throw new Refusal("moved_on");
  return take({ reply: row.reply, signature: row.replySignature }, { actor, vaultRef }, choices);
}

async function refuse(actor: Actor, { request, client }: Found, words: string, now: Date, db: Database): Promise<never> {
  const { mspId, requestId, vaultRef } = request;
  await write(actor, async (tx) => {
    // Also one that was kept until now; one that was taken stays what it is.
    await tx.db.connectRequest.updateMany({ where: { mspId, requestId, sealedKey: { not: null } }, data: { refusedAt: now, refusedWords: words, repliedAt: null, reply: Prisma.DbNull, replySignature: null } });
    await record(tx, { action: "connect.refused", target: { kind: "vault", id: vaultRef }, fields: { client, reason: words } });
  }, db);
  throw new Refusal("reply_refused", { detail: words });
}

async function hold(actor: Actor, { request, client }: Found, { reply, signature }: Signed, words: string, now: Date, db: Database): Promise<never> {
  const { mspId, requestId, vaultRef } = request;
  await write(actor, async (tx) => {
    await tx.db.connectRequest.updateMany({ where: { mspId, requestId, cancelledAt: null, sealedKey: { not: null } }, data: { repliedAt: request.repliedAt ?? now, reply: asJson(reply), replySignature: signature, refusedAt: null, refusedWords: words } });
    await record(tx, { action: "connect.held", target: { kind: "vault", id: vaultRef }, fields: { client, reason: words } });
  }, db);
  throw new Refusal("reply_waits", { detail: `${words} Its answer is kept; the client stays unconfirmed until the vault itself answers.` });
}

async function keep(tx: Write, { request, client, vault }: Found, { reply, signature }: Signed, token: string, now: Date): Promise<Taken> {
  const { mspId, requestId, vaultRef } = request;
  // Of two at once the second waits here, and finds what the first has written.
  await tx.db.$queryRaw`select 1 from connect_request where msp_id = ${mspId}::uuid and request_id = ${requestId}::uuid for update`;
  const current = await tx.db.connectRequest.findUniqueOrThrow({ where: { mspId_requestId: { mspId, requestId } }, include: { vault: true } });
  const before = wasTaken({ request: current, vault: current.vault, client }, { reply, signature }, now);
  if (before) {
    tx.replayed = true;
    return before;
  }
  // A renewal under the key that a signer has confirmed needs no second comparison; another key always does.
  const renewed = current.vault.confirmedAt !== null && current.vault.publicKey === reply.public_key && current.vault.state !== "stopped";
  const state = renewed ? "connected" : "unconfirmed";
  await tx.db.vault.update({
    where: { mspId_vaultRef: { mspId, vaultRef } },
    data: {
      state, vaultId: reply.vault_id, publicKey: reply.public_key, backupKey: reply.backup_key, vaultName: reply.name, agentId: reply.agent_id, managerUid: reply.uid, granted: { ...reply.grant },
      sealedToken: sealVaultToken({ mspId, vaultRef }, token), connectedAt: vault.connectedAt ?? now, stoppedAt: null, stoppedWords: null, ...(state === "unconfirmed" && { confirmedAt: null }),
    },
  });
  await tx.db.connectRequest.update({ where: { mspId_requestId: { mspId, requestId } }, data: { repliedAt: now, reply: asJson(reply), replySignature: signature, sealedKey: null, refusedAt: null, refusedWords: null } });
  await keepRoles(tx, vaultRef, reply.roles, now);
  await startReading(tx, vaultRef);
  await record(tx, { action: "connect.answered", target: { kind: "vault", id: vaultRef }, fields: { client, vault: reply.vault_id, people: reply.adopted.length, roles: reply.roles.length, confirmed: state === "connected" } });
  return { state, vaultRef };
}
