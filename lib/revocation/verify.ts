/**
 * Checking a certificate of removal without us: nothing is asked of anybody, everything is in the file. Pure but for WebCrypto; runs in
 * Node and in a page opened from a disk. Long enough to be read top to bottom: one guard after another, one sentence each.
 */
import { checkAgentPage } from "../protocol/answers.ts";
import { parseAssertion, provenChallenge, refuseCeremony } from "../protocol/assertion.ts";
import { b64u, tryB64u, utf8 } from "../protocol/bytes.ts";
import { run } from "../protocol/check.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { parseCanonical } from "../protocol/jcs.ts";
import type { Op, SignedReceipt } from "../protocol/messages.ts";
import { leafData } from "../protocol/op.ts";
import { verifyReceipt } from "../protocol/receipt.ts";
import { checkBatch, parseAssertionHeader } from "../protocol/schema.ts";
import { decodeAnswer, importVaultKey, verifyAnswer, verifySigned } from "../protocol/signed.ts";
import { parseCertificate, partHash, removalDigest, removalMessage, type Certificate, type CertifiedSigner, type RemovedPart } from "./certificate.ts";

/** One proven vault. `readAt`: epoch milliseconds by the vault's own clock; `removedAt`: by its receipt, null without one of ours. */
export type ProvenPart = { client: string; vault: string; row: string; number: number; readAt: number; revision: number; removedAt: number | null; signer: string | null };
export type Verified = { ok: true; certificate: Certificate; digest: Uint8Array; proven: ProvenPart[]; /** All parts of the statement are in the file. */ whole: boolean };
export type Refused = { ok: false; /** The client whose part fails; null: the certificate as a whole. */ where: string | null; words: string };

class Fails extends Error {
  override name = "Fails";
}
function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Fails(words);
}

/** The rows of the vault, page by page, as its primary signed them. */
async function listOf({ list, vault, agent }: RemovedPart): Promise<{ uids: Set<string>; revision: number; epoch: number; at: number }> {
  const uids = new Set<string>();
  const path = new URL(vault.address).pathname.replace(/\/$/, "");
  let asked = `${path}/agents`;
  let first: { revision: number; epoch: number } | null = null;
  let at = 0;
  for (const [i, { answer, body, nonce, target }] of list.entries()) {
    must(target === asked, "its list of rows has a page that answers another question");
    const signed = await verifyAnswer(answer, { agent, body: utf8(body), method: "GET", nonce, status: 200, target, vault: vault.id }, vault.key);
    must(signed !== null, "its list of rows does not carry the vault’s signature");
    must(signed.mode === "primary" && decodeAnswer(answer)?.mode === "primary", "its list of rows is not its primary’s");
    const page: unknown = JSON.parse(body);
    run(checkAgentPage, page, "");
    first ??= { revision: page.revision, epoch: signed.epoch };
    must(page.revision === first.revision && signed.epoch === first.epoch, "the pages of its list are not of one moment");
    for (const { uid } of page.agents) uids.add(uid);
    must((page.next === null) === (i === list.length - 1), "its list of rows is not whole");
    asked = `${path}/agents?after=${page.next}`;
    at = Math.max(at, signed.at);
  }
  must(first !== null, "it has no list of rows");
  return { uids, at, ...first };
}

/** The receipt over exactly these operations, and the tap of a hardware key that covers them. */
async function removalOf({ removal, vault, agent, row }: RemovedPart, signers: readonly CertifiedSigner[]): Promise<{ receipt: SignedReceipt["receipt"]; signer: CertifiedSigner } | null> {
  if (removal === null) return null;
  const batch: unknown = parseCanonical(utf8(removal.body));
  run(checkBatch, batch, "");
  const ops: readonly Op[] = batch.operations;
  must(ops.some((op) => op.method === "DELETE" && op.if?.uid === row.uid), "what was signed does not remove this row");
  const assertion = parseAssertionHeader(removal.assertion);
  const challenge = provenChallenge(leafData({ agent, challenge: removal.challenge, key: vault.key, ops, vault: vault.id }), assertion.proof);
  const signer = signers.find(({ credential_id: id }) => id === assertion.credential_id);
  must(signer !== undefined, "it was approved with a key that the certificate does not name");
  const publicKey = tryB64u(signer.public_key);
  must(publicKey !== null, "the approving key is no key");
  must((await refuseCeremony(assertion, { origin: signer.origin, rpId: signer.rp_id, backupEligible: null, hardwareBound: false, challenge, publicKey })) === null, "the tap does not cover these operations");
  must(parseAssertion(assertion).client?.challenge === b64u(challenge), "the tap was for something else");
  const verdict = await verifyReceipt(JSON.parse(removal.answer), { ops, key: vault.key, vault: vault.id, agent, challenge: removal.challenge, webauthn: b64u(challenge), signers: [assertion.credential_id] });
  must(verdict.ok, "the vault’s receipt does not fit what was signed");
  return { receipt: verdict.receipt, signer };
}

async function provePart(part: RemovedPart, signers: readonly CertifiedSigner[]): Promise<ProvenPart> {
  must((await importVaultKey(part.vault.key)) !== null, "its vault’s key is no key");
  const { uids, revision, epoch, at } = await listOf(part);
  must(!uids.has(part.row.uid), "its signed list shows the row");
  const { statement, signature } = part.statement;
  must(statement.vault === part.vault.id && (await verifySigned("statement", statement, signature, part.vault.key)), "its statement does not carry the vault’s signature");
  must(uids.has(statement.manager), "its list of rows leaves out the row with whose token it was asked");
  must(statement.epoch === epoch && statement.revision >= revision && !statement.agents.some(({ uid }) => uid === part.row.uid), "its statement shows the row, or is of another time");
  const removed = await removalOf(part, signers);
  must(removed === null || removed.receipt.epoch < epoch || (removed.receipt.epoch === epoch && removed.receipt.revision <= revision), "its list is older than its receipt");
  return { client: part.client, vault: part.vault.id, row: part.row.name, number: part.row.id, readAt: at, revision, removedAt: removed === null ? null : removed.receipt.applied_at * 1_000, signer: removed?.signer.label ?? null };
}

/** Whether the console's own statement is signed by the key beside it. */
async function isStated({ statement, signature, key }: Certificate): Promise<boolean> {
  const [bytes, imported] = [tryB64u(signature, 64), await importVaultKey(key)];
  return bytes !== null && imported !== null && crypto.subtle.verify({ name: "Ed25519" }, imported, bytes, removalMessage(statement));
}

/**
 * Judges a file. Never throws for what stands in it. @param expected the installation's key, b64u, when whoever checks knows it from
 * elsewhere: then no other counts
 */
export async function verifyCertificate(file: Uint8Array, expected: string | null = null): Promise<Verified | Refused> {
  const parsed = parseCertificate(file);
  if ("words" in parsed) return { ok: false, where: null, words: parsed.words };
  const { certificate } = parsed;
  const { statement, parts, key } = certificate;
  const whole = (words: string): Refused => ({ ok: false, where: null, words });
  if (expected !== null && expected !== key) return whole("It is signed by another installation than the one you named.");
  if (!(await isStated(certificate))) return whole("Its signature does not hold: a byte was changed, or it was signed by another key than the one it names.");
  const hashes = parts.map(partHash);
  if (new Set(hashes).size !== hashes.length || hashes.some((one) => !statement.parts.includes(one))) return whole("A part of it is not one that was certified: a byte was changed.");
  const complete = parts.length === statement.parts.length;
  const count = (kind: string) => parts.filter((part) => part.kind === kind).length;
  if (complete && (count("removed") !== statement.removed || count("own") !== statement.own || count("apart") !== statement.apart)) return whole("It counts its parts wrongly.");
  const proven: ProvenPart[] = [];
  for (const part of parts) {
    if (part.kind !== "removed") continue;
    try {
      proven.push(await provePart(part, statement.signers));
    } catch (error) {
      if (error instanceof Fails) return { ok: false, where: part.client, words: `${error.message}.` };
      if (error instanceof ProtocolError || error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError) return { ok: false, where: part.client, words: "what it holds is not in the protocol’s form." };
      throw error;
    }
  }
  return { ok: true, certificate, digest: removalDigest(statement), proven, whole: complete };
}

