/**
 * The certificate of an exit: what the vault said before (signed statement), its receipt, and its primary's signed refusal of our
 * token afterwards. Each verifies under the vault's key alone; nothing of it rests on our word.
 */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";

/** Times in epoch milliseconds. */
export type EndedVault = { vaultRef: string; vaultName: string; planId: string; endedAt: number | null; endedBy: "msp" | "client" | null; words: string | null; certificate: boolean };

/** The vaults of a client whose connection ended, and by whom. */
export async function exitsOf(actor: Actor, clientId: string, db: Database = database()): Promise<EndedVault[]> {
  authorize(actor, "client.exit");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const rows = await tx.db.vault.findMany({ where: { mspId, clientId, state: "ended" }, include: { exits: { where: { goneAt: { not: null } }, orderBy: { goneAt: "desc" }, take: 1 } } });
    return rows.map((row) => ({
      vaultRef: row.vaultRef, vaultName: row.vaultName ?? row.vaultId ?? "a vault", planId: row.exits[0]?.planId ?? "", endedAt: row.endedAt?.getTime() ?? null, endedBy: row.endedBy === "msp" || row.endedBy === "client" ? row.endedBy : null,
      words: row.endedBy === "client" ? "The client ended it at their own vault." : null, certificate: row.exits.length > 0,
    }));
  }, db);
}

export type Certificate = {
  v: 1; kind: "exit"; client: string; vault: { id: string; name: string; key: string; address: string };
  before: { statement: unknown; signature: string }; signers: { label: string; person: string }[];
  /** `{receipt, signature}` as it came; null when it was lost, since the token that would fetch it is dead. */
  receipt: unknown;
  /** The primary's signed 401: header, body (b64u), nonce, method, target. */
  gone: unknown; ended_at: string;
  /** How to check it, in words. */
  check: string[];
};

/** Throws Refusal `not_found` unless the exit of this vault is proven. */
export async function certificateOf(actor: Actor, { vaultRef, planId }: { vaultRef: string; planId: string }, db: Database = database()): Promise<Certificate> {
  authorize(actor, "client.exit");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const exit = await tx.db.exit.findUnique({ where: { mspId_vaultRef_planId: { mspId, vaultRef, planId } }, include: { vault: { include: { client: { select: { name: true } } } } } });
    if (exit?.goneAt == null || exit.vault.publicKey === null || exit.vault.vaultId === null) throw new Refusal("not_found");
    const receipt = await tx.db.receipt.findFirst({ where: { mspId, planId, vaultRef } });
    const before = exit.before as unknown as { statement: { statement: unknown; signature: string }; credentials: { label: string; person: string }[] };
    const { vault } = exit;
    return {
      v: 1, kind: "exit", client: vault.client.name, vault: { id: exit.vault.vaultId, name: vault.vaultName ?? "", key: exit.vault.publicKey, address: vault.address },
      before: before.statement, signers: before.credentials.map(({ label, person }) => ({ label, person })), receipt: receipt === null ? null : (JSON.parse(receipt.answer) as unknown), gone: exit.gone, ended_at: exit.goneAt.toISOString(),
      check: [
        'before: Ed25519 by the vault\'s key over "clavitor/statement/v1\\n" and the canonical JSON of the statement: every token that we managed, and our grant',
        'receipt: Ed25519 by the same key over "clavitor/receipt/v1\\n" and the canonical JSON of the receipt: the deletion of our own row, which deletes our signers and those tokens with it',
        "gone: the vault's signed answer 401 to our token after it (the header Clavitor-Answer, over method, target, nonce, status and the body's SHA-256, with agent null)",
      ],
    };
  }, db);
}
