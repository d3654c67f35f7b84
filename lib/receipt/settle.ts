/** What receipts change here: what they did becomes what is wanted. In the caller's transaction. */
import type { Write } from "../db/tenant.ts";
import type { Op, Receipt } from "../protocol/messages.ts";

const dateOf = (seconds: unknown): Date | null => (typeof seconds === "number" ? new Date(seconds * 1_000) : null);

const textOf = (value: unknown): string => {
  if (typeof value !== "string") throw new TypeError("A change whose name or scopes are no text was sent.");
  return value;
};

export type Applied = { vaultRef: string; ops: readonly Op[]; receipt: Receipt };

/** What was applied is from now on what we want: the next reading compares with it, and finds no drift in our own doing. */
export async function wantApplied(tx: Write, applied: readonly Applied[]): Promise<void> {
  const { db, actor: { mspId } } = tx;
  const gone: { ref: string; uid: string }[] = [];
  const made: { ref: string; uid: string; scopes: string; all_access: boolean; expires_at: Date | null; name: string; sealed: boolean }[] = [];
  for (const { vaultRef, ops, receipt } of applied) {
    for (const [i, op] of ops.entries()) {
      const uid = receipt.results[i]?.uid ?? op.if?.uid;
      if (uid === undefined || !op.path.startsWith("/agent")) continue;
      const body = op.body ?? {};
      if (op.method === "DELETE") gone.push({ ref: vaultRef, uid });
      else if (op.method === "POST" && op.path === "/agent") made.push({ ref: vaultRef, uid, scopes: textOf(body["scopes"]), all_access: body["all_access"] === true, expires_at: dateOf(body["expires_at"]), name: textOf(body["name"]), sealed: "seal_to" in body });
      // The client knew the old token of a row that was handed over at connect, and does not know this one.
      else if (op.method === "POST" && op.path.endsWith("/token")) await db.wantedAgent.updateMany({ where: { mspId, vaultRef, uid }, data: { sealed: true } });
      else if (op.method === "PUT") await wantAltered(tx, vaultRef, uid, body);
    }
  }
  if (gone.length > 0) await db.$executeRaw`delete from wanted_agent w using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) as g(ref uuid, uid text) where w.msp_id = ${mspId}::uuid and w.vault_ref = g.ref and w.uid = g.uid`;
  if (made.length === 0) return;
  await db.$executeRaw`insert into wanted_agent (msp_id, vault_ref, uid, scopes, all_access, expires_at, name, sealed)
    select ${mspId}::uuid, g.ref, g.uid, g.scopes, g.all_access, g.expires_at, g.name, g.sealed from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as g(ref uuid, uid text, scopes text, all_access boolean, expires_at timestamptz, name text, sealed boolean)
    on conflict (msp_id, vault_ref, uid) do update set scopes = excluded.scopes, all_access = excluded.all_access, expires_at = excluded.expires_at, name = excluded.name, sealed = excluded.sealed`;
}

async function wantAltered({ db, actor: { mspId } }: Write, vaultRef: string, uid: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const where = { mspId_vaultRef_uid: { mspId, vaultRef, uid } };
  const changed = { ...("name" in body && { name: textOf(body["name"]) }), ...("scopes" in body && { scopes: textOf(body["scopes"]) }), ...("all_access" in body && { allAccess: body["all_access"] === true }), ...("expires_at" in body && { expiresAt: dateOf(body["expires_at"]) }) };
  const known = await db.knownAgent.findUnique({ where });
  if (known === null) await db.wantedAgent.updateMany({ where: { mspId, vaultRef, uid }, data: changed });
  else await db.wantedAgent.upsert({ where, create: { mspId, vaultRef, uid, scopes: known.scopes, allAccess: known.allAccess, expiresAt: known.expiresAt, ...changed }, update: changed });
}
