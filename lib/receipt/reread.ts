/** Is what a receipt says to be found in the vault? Pure, over a signed list of rows (PROTOCOL 14). */
import type { AgentRow, Op, Receipt, Result } from "../protocol/messages.ts";

/** `since`: found otherwise, in a later revision of that row: somebody changed it after us. */
export type Found = { kind: "proven"; since: readonly string[] } | { kind: "missing"; words: string };

type List = { revision: number; agents: readonly AgentRow[] };

function refuseRow(op: Op, result: Result, receipt: Receipt, { revision, agents }: List): { words: string } | { since: string } | null {
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
