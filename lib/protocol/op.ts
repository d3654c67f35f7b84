import { b64u, concat, type Bytes } from "./bytes.ts";
import { labelBytes, labelledHash } from "./hash.ts";
import { jcsBytes } from "./jcs.ts";
import type { Op, Precondition } from "./messages.ts";

/** `H("clavitor/op/v1\n" || JCS(op))`, 32 bytes (PROTOCOL 6). Covers any JSON object: the doors judge, not the hash. */
export function opHash(op: Op): Bytes {
  return labelledHash("op", jcsBytes({ body: op.body, id: op.id, if: op.if, method: op.method, path: op.path }));
}

/** The receipt's `batch`: `H("clavitor/ops/v1\n" || JCS([b64u(op_hash), ...]))`, 32 bytes (PROTOCOL 7). */
export function opsDigest(ops: readonly Op[]): Bytes {
  return labelledHash("ops", jcsBytes(ops.map((op) => b64u(opHash(op)))));
}

export interface Leaf {
  /** The caller's agent id. */
  agent: number;
  /** The vault's challenge as it was given, or `standing/...`, or `cosign/...`. */
  challenge: string;
  /** The vault's Ed25519 public key, b64u: its identity. */
  key: string;
  /** In the order in which they apply. */
  ops: readonly Op[];
  /** vault_id: only a name. */
  vault: string;
}

/** `"clavitor/leaf/v1\n" || JCS({agent, challenge, key, ops: [b64u(op_hash), ...], vault})` (PROTOCOL 6). */
export function leafData({ agent, challenge, key, ops, vault }: Leaf): Bytes {
  return concat(
    labelBytes("leaf"),
    jcsBytes({ agent, challenge, key, ops: ops.map((op) => b64u(opHash(op))), vault }),
  );
}

const IF_MATCH = /^"([A-Za-z0-9_-]{22})(?::(0|[1-9][0-9]{0,15}))?"$/;

/** The precondition in an `If-Match` header, `"<uid>"` or `"<uid>:<revision>"`; null when it has another form (422). */
export function parseIfMatch(header: string): Precondition | null {
  const match = IF_MATCH.exec(header);
  if (match === null) return null;
  const uid = match[1]!;
  if (match[2] === undefined) return { uid };
  const revision = Number(match[2]);
  return Number.isSafeInteger(revision) ? { uid, revision } : null;
}

/** The header that says `precondition` on a single endpoint. */
export function formatIfMatch(precondition: Precondition): string {
  return "revision" in precondition ? `"${precondition.uid}:${precondition.revision}"` : `"${precondition.uid}"`;
}
