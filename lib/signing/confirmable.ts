/**
 * Vaults whose key a signer may confirm as a client's, and the confirmations there are (PROTOCOL 10.4). A confirmation counts as
 * long as its signing key does, for the very key and name that were signed.
 */
import type { Read } from "../db/tenant.ts";
import { clientHash } from "../protocol/clients.ts";
import type { ClientList, ClientStatement, ConnectReply, Enrol } from "../protocol/messages.ts";

/** `confirmedAs`: the name under which this very key was confirmed last, by a key that counts. */
export type Confirmable = {
  vaultRef: string; clientId: string; contactName: string; reply: ConnectReply; signature: string; repliedAt: Date;
  statement: ClientStatement; hash: string; confirmedAs: string | null; state: "unconfirmed" | "connected";
};

export type Confirmed = { vaultRef: string; statement: ClientStatement; list: ClientList; assertion: Enrol; credentialId: Uint8Array; personId: string; confirmedAt: Date };

/** Every confirmation that counts for these vaults as they are now, newest first: one per vault and tap. */
export async function confirmationsOf({ db, actor }: Read, vaultRefs: readonly string[]): Promise<Confirmed[]> {
  const { mspId } = actor;
  const [vaults, rows] = await Promise.all([
    db.vault.findMany({ where: { mspId, vaultRef: { in: [...vaultRefs] } }, select: { vaultRef: true, publicKey: true, vaultId: true } }),
    db.confirmedVault.findMany({ where: { mspId, vaultRef: { in: [...vaultRefs] }, confirmation: { signingKey: { removedAt: null } } }, include: { confirmation: true }, orderBy: { confirmation: { confirmedAt: "desc" } } }),
  ]);
  const now = new Map(vaults.map((vault) => [vault.vaultRef, vault]));
  return rows.flatMap(({ vaultRef, statement, confirmation }): Confirmed[] => {
    const signed = statement as unknown as ClientStatement;
    const vault = now.get(vaultRef);
    if (vault?.publicKey !== signed.key || vault.vaultId !== signed.vault) return [];
    const { credentialId, personId, confirmedAt } = confirmation;
    return [{ vaultRef, statement: signed, list: confirmation.confirmation as unknown as ClientList, assertion: confirmation.assertion as unknown as Enrol, credentialId, personId, confirmedAt }];
  });
}

/**
 * Which vaults may be confirmed now. Of `ids`: unconfirmed ones, and connected ones (another signing key, or a new name). Without
 * `ids`: those that wait for it, because nobody confirmed this key, or not under this name.
 */
export async function confirmable(tx: Read, ids: readonly string[] | undefined): Promise<Confirmable[]> {
  const { mspId } = tx.actor;
  const rows = await tx.db.vault.findMany({
    where: { mspId, ...(ids && { vaultRef: { in: [...ids] } }), state: { in: ["unconfirmed", "connected"] }, client: { endedAt: null } },
    include: { client: true, requests: { where: { repliedAt: { not: null } }, orderBy: { repliedAt: "desc" }, take: 1 } },
    orderBy: [{ connectedAt: "asc" }, { vaultRef: "asc" }],
  });
  const last = new Map((await confirmationsOf(tx, rows.map(({ vaultRef }) => vaultRef))).toReversed().map((one) => [one.vaultRef, one.statement.name]));
  return rows.flatMap((row): Confirmable[] => {
    const request = row.requests[0];
    if (!request?.repliedAt || request.replySignature === null) return [];
    const reply = request.reply as unknown as ConnectReply;
    // The pinned key is the reply's, or it is not offered: what is shown is what was checked when it came.
    if (reply.public_key !== row.publicKey || reply.vault_id !== row.vaultId) return [];
    const confirmedAs = last.get(row.vaultRef) ?? null;
    if (ids === undefined && confirmedAs === row.client.name) return [];
    const statement: ClientStatement = { key: reply.public_key, name: row.client.name, vault: reply.vault_id };
    const state = row.state === "connected" ? "connected" : "unconfirmed";
    return [{ vaultRef: row.vaultRef, clientId: row.clientId, contactName: row.client.contactName, reply, signature: request.replySignature, repliedAt: request.repliedAt, statement, hash: clientHash(statement), confirmedAs, state }];
  });
}
