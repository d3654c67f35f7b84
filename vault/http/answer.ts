// What a door gives back, before bytes: one shape for reads, changes and refusals, so that all leave through one signer.
import { jcs } from "#lib/protocol/jcs.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";

export interface Reply {
  status: number;
  /** Complete body; empty for none. */
  body: string | Uint8Array;
  headers: Record<string, string>;
}

export const JSON_TYPE = "application/json";
export const PROBLEM_TYPE = "application/problem+json";

export function ok(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, body: jcs(value), headers: { "Content-Type": JSON_TYPE, ...headers } };
}

const MAX_ECHO_CHARS = 500;

/**
 * A problem names members as they were sent, and a body that need not be canonical can carry names without a canonical
 * form, or of any length.
 */
function echoed(value: string | number | null): string | number | null {
  return typeof value === "string" ? value.slice(0, MAX_ECHO_CHARS).toWellFormed() : value;
}

/** RFC 9457. `Retry-After`, `X-Primary-Location` and `WWW-Authenticate` belong to their codes. */
export function problem(error: ProtocolError): Reply {
  const headers: Record<string, string> = { "Content-Type": PROBLEM_TYPE };
  if (error.code === "unknown_token") headers["WWW-Authenticate"] = "Bearer";
  const members = Object.fromEntries(Object.entries(error.toProblem()).map(([name, value]) => [name, echoed(value)]));
  const wait = error.extra["retry_after"];
  if (typeof wait === "number") headers["Retry-After"] = String(wait);
  const primary = error.extra["primary_location"];
  if (typeof primary === "string") headers["X-Primary-Location"] = primary;
  return { status: error.status, body: jcs(members), headers };
}
