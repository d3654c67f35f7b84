// Is this the vault's word that exactly these operations were applied? (PROTOCOL 7.) Everything that the receipt says is
// compared with what was sent; the signature comes last, because it is the dearest.
import { checkSignedReceipt } from "./answers.ts";
import { b64u } from "./bytes.ts";
import { parseDatedChallenge } from "./challenge.ts";
import { isRecord, run } from "./check.ts";
import { ProtocolError } from "./errors.ts";
import { isKem, sealedTo } from "./kem.ts";
import type { Op, Receipt, Result, ResultStatus, SealTo } from "./messages.ts";
import { opsDigest } from "./op.ts";
import { verifySigned } from "./signed.ts";

/** What was sent, and to whom. */
export interface ReceiptExpectation {
  ops: readonly Op[];
  /** The vault's public key, b64u. */
  key: string;
  vault: string;
  /** The caller's agent id. */
  agent: number;
  /** The challenge in the leaf: the vault's, or `standing/...`. */
  challenge: string;
  /** b64u of the WebAuthn challenge that was signed. */
  webauthn: string;
  /** Credential ids in the order in which they signed: the first, then the cosigner. */
  signers: readonly string[];
}

export type ReceiptRefusal =
  | "form"
  | "vault"
  | "agent"
  | "batch"
  | "challenge"
  | "webauthn"
  | "signers"
  | "results"
  | "operation_id"
  | "status"
  | "row"
  | "seal"
  | "signature";

export type ReceiptVerdict =
  | { ok: true; receipt: Receipt }
  /** `detail` says where: a JSON pointer for `form`, an operation id for a result. Never a value of the receipt. */
  | { ok: false; reason: ReceiptRefusal; detail: string };

const STATUSES: readonly { method: Op["method"]; path: RegExp; statuses: readonly ResultStatus[] }[] = [
  { method: "POST", path: /^\/connect$/, statuses: ["created", "changed"] },
  { method: "POST", path: /\/token$/, statuses: ["changed"] },
  { method: "POST", path: /^/, statuses: ["created"] },
  { method: "PUT", path: /^/, statuses: ["changed", "unchanged"] },
  { method: "DELETE", path: /^/, statuses: ["deleted", "already_gone"] },
];

function sealToOf(op: Op): SealTo | null {
  const holder = op.path === "/connect" && op.body !== null ? op.body["request"] : op.body;
  const found = isRecord(holder) ? holder["seal_to"] : undefined;
  if (!isRecord(found)) return null;
  const { kem, public_key } = found;
  return isKem(kem) && typeof public_key === "string" ? { kem, public_key } : null;
}

/** Which rung a single result fails, or null. */
function refuseResult(op: Op, result: Result, standing: boolean): ReceiptRefusal | null {
  if (result.id !== op.id) return "operation_id";
  const allowed = STATUSES.find(({ method, path }) => method === op.method && path.test(op.path))?.statuses ?? [];
  if (!allowed.includes(result.status)) return "status";
  // Only a standing share may find its row gone; a fresh one would have been refused (PROTOCOL 4, Row identity).
  if (result.status === "already_gone" && !standing) return "status";

  const [, noun, id] = op.path.split("/");
  if (op.if !== null && result.uid !== undefined && result.uid !== op.if.uid) return "row";
  if (noun === "agent") {
    if (id === undefined ? result.agent_id === undefined || result.uid === undefined : result.agent_id !== undefined && result.agent_id !== Number(id)) {
      return "row";
    }
  } else if (noun === "entry") {
    if (id === undefined ? result.entry_id === undefined : result.entry_id !== undefined && result.entry_id !== Number(id)) return "row";
  } else if (noun === "credential") {
    const expected = id ?? op.body?.["credential_id"];
    if (result.credential_id !== undefined && result.credential_id !== expected) return "row";
  }

  const to = sealToOf(op);
  if (noun === "connect") {
    if (result.connect === undefined || result.connect.reply.sealed_token.kem !== to?.kem) return "seal";
    return null;
  }
  if (to === null) return result.sealed_token === undefined && result.sealed_to === undefined ? null : "seal";
  if (result.sealed_to !== sealedTo(to) || result.sealed_token?.kem !== to.kem) return "seal";
  return null;
}

function refuse(reason: ReceiptRefusal, detail = ""): ReceiptVerdict {
  return { ok: false, reason, detail };
}

/**
 * Judges a `{receipt, signature, tokens?}` as parsed from a verified answer. Never throws for what the vault said; the
 * reason names the first thing that does not fit.
 */
export async function verifyReceipt(answer: unknown, expected: ReceiptExpectation): Promise<ReceiptVerdict> {
  try {
    run(checkSignedReceipt, answer, "");
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refuse("form", error.path ?? "");
  }
  const { receipt, signature } = answer;
  if (receipt.vault !== expected.vault) return refuse("vault");
  if (receipt.agent !== expected.agent) return refuse("agent");
  if (receipt.batch !== b64u(opsDigest(expected.ops))) return refuse("batch");
  if (receipt.challenge !== expected.challenge) return refuse("challenge");
  if (receipt.webauthn !== expected.webauthn) return refuse("webauthn");
  if (receipt.signers.length !== expected.signers.length || !receipt.signers.every((id, i) => id === expected.signers[i])) return refuse("signers");
  if (receipt.results.length !== expected.ops.length) return refuse("results");
  const standing = parseDatedChallenge(expected.challenge)?.kind === "standing";
  for (const [i, op] of expected.ops.entries()) {
    const reason = refuseResult(op, receipt.results[i]!, standing);
    if (reason !== null) return refuse(reason, op.id);
  }
  if (!(await verifySigned("receipt", receipt, signature, expected.key))) return refuse("signature");
  return { ok: true, receipt };
}
