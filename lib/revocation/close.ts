/** Closing a board: its certificate is issued, and what stood by is dropped, in one transaction. */
import type { Database } from "../db/client.ts";
import { write, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import type { CheckpointKey } from "../glass/checkpoint-key.ts";
import type { Actor } from "../identity/actor.ts";
import { b64u, hex } from "../protocol/bytes.ts";
import { parseAssertionHeader } from "../protocol/schema.ts";
import { record } from "../record/record.ts";
import { boardRows, type BoardRow } from "./facts.ts";
import type { Evidence } from "./evidence.ts";
import { certificateFile, freshSalt, issue, removalDigest, type CertifiedRow, type CertifiedSigner, type CertifiedVault, type Part } from "./certificate.ts";
import { isClosed, tally } from "./judge.ts";

const rowOf = ({ uid, agentId: id, name, scopes, allAccess }: BoardRow): CertifiedRow => ({ all_access: allAccess, id, name, scopes, uid });
const vaultOf = ({ vault: { address, id, key, name } }: BoardRow): CertifiedVault => ({ address, id, key, name });

async function partsOf({ db, actor: { mspId } }: Write, revocationId: string, rows: readonly BoardRow[]): Promise<Part[]> {
  const kept = await db.revocationRow.findMany({ where: { mspId, revocationId }, select: { vaultRef: true, uid: true, evidence: true, apartBy: true } });
  const people = await db.person.findMany({ where: { mspId, personId: { in: kept.flatMap(({ apartBy }) => apartBy ?? []) } }, select: { personId: true, name: true } });
  return rows.map((row): Part => {
    const { evidence, apartBy } = kept.find(({ vaultRef, uid }) => vaultRef === row.vaultRef && uid === row.uid)!;
    const base = { client: row.client, row: rowOf(row), salt: freshSalt(), vault: vaultOf(row) };
    if (row.verdict.state === "own") return { ...base, kind: "own" };
    if (row.verdict.state === "apart") return { ...base, kind: "apart", by: people.find(({ personId }) => personId === apartBy)?.name ?? "somebody", words: row.facts.apart?.words ?? "" };
    const { list, statement } = evidence as unknown as Evidence;
    const { removal } = row;
    return { ...base, kind: "removed", agent: row.vault.agent!, backup: row.verdict.backup, list, statement, removal: removal === null ? null : { answer: removal.answer, assertion: removal.header, body: removal.body, challenge: removal.challenge } };
  });
}

/** The hardware keys that approved, as the vaults know them. */
async function signersOf({ db, actor: { mspId } }: Write, rows: readonly BoardRow[]): Promise<CertifiedSigner[]> {
  const ids = [...new Set(rows.flatMap(({ removal }) => (removal === null ? [] : [parseAssertionHeader(removal.header).credential_id])))];
  const keys = await db.signingKey.findMany({ where: { mspId, credentialId: { in: ids.map((id) => Buffer.from(id, "base64url")) } }, include: { person: { select: { name: true } } } });
  return keys.map(({ credentialId, label, origin, rpId, publicKey, person }) => ({ credential_id: b64u(credentialId), label, origin, person: person.name, public_key: b64u(publicKey), rp_id: rpId }));
}

/** What stood by for a restored copy is not kept alive beyond the board (PROTOCOL 6, Standing revocation). */
async function dropStanding(tx: Write, rows: readonly BoardRow[], now: Date): Promise<void> {
  const { db, actor: { mspId } } = tx;
  const ours = rows.filter(({ facts: { own, shares } }) => !own && shares.some(({ kind, state }) => kind === "standing" && state === "held"));
  if (ours.length === 0) return;
  const operations = await db.planOperation.findMany({ where: { mspId, change: "revoke", uid: { in: ours.map(({ uid }) => uid) }, vaultRef: { in: ours.map(({ vaultRef }) => vaultRef) } }, select: { planId: true } });
  await db.dispatch.updateMany({
    where: { mspId, kind: "standing", state: "held", attempts: 0, vaultRef: { in: ours.map(({ vaultRef }) => vaultRef) }, planId: { in: operations.map(({ planId }) => planId) } },
    data: { state: "dropped", words: "The board is closed.", changedAt: now, settledAt: now },
  });
}

/** Judged once more under a lock; nothing happens when it does not hold. @returns the certificate's number, or null */
export async function closeBoard(worker: Actor, revocationId: string, key: CheckpointKey, { db, now }: { db: Database; now: () => Date }): Promise<number | null> {
  const { mspId } = worker;
  return write(worker, async (tx) => {
    const at = now();
    await tx.db.$queryRaw`select 1 from revocation where msp_id = ${mspId}::uuid and revocation_id = ${revocationId}::uuid for update`;
    const board = await tx.db.revocation.findUniqueOrThrow({ where: { mspId_revocationId: { mspId, revocationId } }, include: { opener: { select: { name: true } } } });
    const rows = await boardRows(tx, revocationId, at, true);
    const { absent, apart } = tally(rows.map(({ verdict }) => verdict));
    if (board.closedAt !== null || !isClosed(tally(rows.map(({ verdict }) => verdict)))) {
      tx.replayed = true; // somebody was faster, or it does not hold any more: nothing was changed
      return null;
    }
    const number = (await tx.db.revocationCertificate.count({ where: { mspId, revocationId } })) + 1;
    const { name } = await tx.db.msp.findUniqueOrThrow({ where: { mspId } });
    const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);
    const certificate = issue({
      at: seconds(at), board: revocationId, cause: board.cause === "token" ? "token" : "leaver", msp: { name, origin: env().APP_ORIGIN }, number, opened: seconds(board.openedAt), opened_by: board.opener.name, person: board.name, signers: await signersOf(tx, rows),
    }, await partsOf(tx, revocationId, rows), key);
    const digest = removalDigest(certificate.statement);
    await tx.db.revocationCertificate.create({ data: { mspId, revocationId, number, issuedAt: at, digest, proven: absent, certificate: certificateFile(certificate) } });
    await tx.db.revocation.updateMany({ where: { mspId, revocationId }, data: { closedAt: at } });
    await dropStanding(tx, rows, at);
    await record(tx, { action: "revocation.closed", target: { kind: "revocation", id: revocationId }, fields: { name: board.name, proven: absent, apart, certificate: number, digest: hex(digest).slice(0, 16) } });
    await tx.db.$executeRaw`select pg_notify('known', ${JSON.stringify({ msp_id: mspId, vault_ref: rows[0]!.vaultRef })})`;
    return number;
  }, db);
}
