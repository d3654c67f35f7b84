/** Is what a receipt says to be found in the vault? Pure, over a signed list of rows (PROTOCOL 14). */
import type { AgentRow, CredentialRow, Op, Receipt, Result } from "../protocol/messages.ts";

/** `since`: found otherwise, in a later revision of that row: somebody changed it after us. */
export type Found = { kind: "proven"; since: readonly string[] } | { kind: "missing"; words: string };

/** `signers`: asked for where an operation is about one. */
type List = { revision: number; agents: readonly AgentRow[]; signers?: readonly CredentialRow[] };

/** A signer that was struck never counts again; one that was added may have been struck since (PROTOCOL 4, Signers of a manager). */
function refuseSigner({ method, path, body }: Op, signers: readonly CredentialRow[]): { words: string } | { since: string } | null {
  const id = method === "DELETE" ? path.slice("/credential/".length) : body?.["credential_id"];
  const found = signers.find((one) => one.id === id);
  if (method === "DELETE") return found === undefined || found.revoked ? null : { words: "a signer that was struck still counts" };
  if (found === undefined) return { words: "a signer that was added is not there" };
  if (found.public_key !== body?.["public_key"]) return { words: "a signer is there under another key" };
  return found.revoked ? { since: "That signer was struck since." } : null;
}

function refuseRow(op: Op, result: Result, receipt: Receipt, { revision, agents, signers = [] }: List): { words: string } | { since: string } | null {
  if (op.path.startsWith("/credential")) return refuseSigner(op, signers);
  const uid = result.uid ?? op.if?.uid;
  const row = agents.find((one) => one.uid === uid);
  if (op.method === "DELETE") return row === undefined ? null : { words: "a row that was deleted is still there" };
  const later = { since: row === undefined ? "The client removed a row since." : "The client changed a row since." };
  if (row === undefined) return revision > receipt.revision ? later : { words: "a row that was made is not there" };
  const body = op.body ?? {};
  const wants: [unknown, unknown][] = [
    ...("scopes" in body ? [[body["scopes"], row.scopes] as [unknown, unknown]] : []),
    ...("all_access" in body ? [[body["all_access"], row.all_access] as [unknown, unknown]] : []),
    ...("expires_at" in body ? [[body["expires_at"], row.expires_at] as [unknown, unknown]] : op.method === "POST" && op.path === "/agent" ? [[null, row.expires_at] as [unknown, unknown]] : []),
    ...(result.sealed_to === undefined ? [] : [[result.sealed_to, row.sealed_to] as [unknown, unknown]]),
  ];
  if (wants.every(([wanted, found]) => wanted === found)) return null;
  return row.revision > receipt.revision ? later : { words: "a row is not as it was signed" };
}

/**
 * @param list a signed answer of a `primary`, of the receipt's epoch and at least its revision; the caller has seen to that
 */
export function findIn(ops: readonly Op[], receipt: Receipt, list: List): Found {
  const since: string[] = [];
  for (const [i, op] of ops.entries()) {
    const found = refuseRow(op, receipt.results[i]!, receipt, list);
    if (found === null) continue;
    if ("words" in found) return { kind: "missing", words: found.words };
    since.push(found.since);
  }
  return { kind: "proven", since: [...new Set(since)] };
}
