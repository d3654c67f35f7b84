// What was asked, exactly as it was sent: the "form" rung of the ladder (PROTOCOL 6). Single endpoints become a batch of one.
import { ProtocolError } from "#lib/protocol/errors.ts";
import { parseCanonical, type Json } from "#lib/protocol/jcs.ts";
import type { Assertion, Op } from "#lib/protocol/messages.ts";
import { parseIfMatch } from "#lib/protocol/op.ts";
import { ASSERTION_HEADER, checkBatch, checkOp, IDEMPOTENCY_HEADER, isUuid, parseAssertionHeader } from "#lib/protocol/schema.ts";

export interface Submission {
  ops: readonly Op[];
  assertion: Assertion;
  /** The header's exact text: a resent batch is the same only with the same one (PROTOCOL 7). */
  header: string;
  /** Through /batch; standing revocations come no other way. */
  batch: boolean;
}

export interface Request {
  method: string;
  path: string;
  body: Uint8Array;
  header: (name: string) => string | undefined;
}

/** JSON pointer of a member of an operation's body: from the top of what was sent. */
export function bodyPath({ batch, index }: { batch: boolean; index: number }, member: string): string {
  return batch ? `/operations/${index}/body/${member}` : `/${member}`;
}

/** Throws ProtocolError with the code of the first thing that is wrong, in the ladder's order. */
export function parseSubmission(request: Request): Submission {
  const batch = request.path === "/batch";
  const ops = batch ? batchOps(request.body) : [singleOp(request)];
  const header = request.header(ASSERTION_HEADER);
  const assertion = parseAssertionHeader(header);
  return { ops, assertion, header: header!, batch };
}

function batchOps(body: Uint8Array): readonly Op[] {
  const value: unknown = parseCanonical(body);
  checkBatch(value, "");
  return value.operations;
}

function singleOp({ method, path, body, header }: Request): Op {
  const value: Json = body.length === 0 ? null : parseCanonical(body);
  // One spelling: no bytes stand for `null`, and the bytes `null` for nothing.
  if (method === "DELETE" && body.length > 0) throw new ProtocolError("invalid", { path: "", detail: "empty: a deletion has no body" });
  const id = header(IDEMPOTENCY_HEADER);
  if (!isUuid(id)) throw new ProtocolError("invalid", { path: IDEMPOTENCY_HEADER, detail: "a UUID v4 in lower case" });
  const match = header("If-Match");
  const precondition = match === undefined ? null : parseIfMatch(match);
  if (match !== undefined && precondition === null) throw new ProtocolError("invalid", { path: "If-Match", detail: '"<uid>" or "<uid>:<revision>"' });
  const op: unknown = { body: value, id, if: precondition, method, path };
  try {
    checkOp(op, "");
  } catch (error) {
    throw error instanceof ProtocolError && error.code === "invalid" ? inSingle(error) : error;
  }
  return op;
}

/** The pointer in terms of what was sent: the body itself, and headers by their names. */
function inSingle(error: ProtocolError): ProtocolError {
  const path = error.path ?? "";
  const sent = path.startsWith("/body") ? path.slice("/body".length) : path.startsWith("/if") ? "If-Match" : path;
  return new ProtocolError("invalid", { path: sent, ...(error.detail === undefined ? {} : { detail: error.detail }) });
}
