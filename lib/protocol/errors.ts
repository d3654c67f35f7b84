// The closed table of refusals (PROTOCOL 12, with no_capacity from 13): server and client share it, so that a code can
// never be spelled two ways or travel under two statuses.

const TABLE = {
  not_canonical: [400, "The request is not in canonical form"],
  too_large: [413, "The request is too large"],
  wrong_type: [415, "The request has a content type or encoding that is not accepted"],
  invalid: [422, "The request has an invalid member"],
  unknown_token: [401, "The token is not known"],
  expired: [402, "The subscription of this vault has lapsed"],
  no_capacity: [402, "No vault can be opened at the moment"],
  denied: [403, "Denied"],
  not_admin: [403, "The token may not make changes"],
  assertion_required: [403, "A signature of a hardware key is required"],
  challenge_unknown: [403, "The challenge is not known or was used"],
  challenge_expired: [403, "The challenge is outside its time"],
  proof_invalid: [403, "The signature does not cover this request"],
  credential_unknown: [403, "The hardware key does not count here"],
  wrong_origin: [403, "The signature was made on another origin"],
  assertion_invalid: [403, "The signature is not valid"],
  user_not_verified: [403, "The person was not verified by the hardware key"],
  cosign_required: [403, "A second person must sign"],
  not_granted: [403, "The grant does not allow this"],
  request_expired: [403, "The connect request has expired"],
  not_found: [404, "Not found"],
  no_such_agent: [404, "There is no such agent"],
  limit_reached: [409, "A limit of the plan is reached"],
  stale: [409, "The row has changed"],
  operation_replayed: [409, "The operation was submitted before"],
  last_owner: [409, "The last usable owner must stay"],
  last_signer: [409, "The last counting signer must stay"],
  scope_collision: [409, "The scope is the number of another row"],
  token_reused: [409, "The token was issued before"],
  credential_exists: [409, "The credential was enrolled before"],
  nonce_used: [409, "The connect request was used before"],
  ids_exhausted: [409, "All agent numbers are used"],
  credential_revoked: [410, "The hardware key was revoked"],
  locked: [423, "The row is locked"],
  slow_down: [429, "Too many requests"],
  internal: [500, "The vault failed"],
  read_only: [503, "The vault takes no changes at the moment"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type Code = keyof typeof TABLE;

/** Every code of the protocol. */
export const CODES = Object.keys(TABLE).filter(isCode);

export function isCode(value: unknown): value is Code {
  return typeof value === "string" && Object.hasOwn(TABLE, value);
}

/** The HTTP status under which a code travels. */
export function statusOf(code: Code): number {
  return TABLE[code][0];
}

/** One plain sentence, the same for every occurrence (RFC 9457 `title`). */
export function titleOf(code: Code): string {
  return TABLE[code][1];
}

export interface ProtocolErrorOptions {
  /** For people; never a secret. */
  detail?: string;
  /** JSON pointer into the body, or the header's name (`invalid` only). */
  path?: string;
  /** Which check of the ladder (`assertion_invalid`). */
  reason?: string;
  /** Id of the operation of a batch that was refused (PROTOCOL 7). */
  operation?: string;
  /** Further members of the problem document that the code names (`axis`, `used`, `limit`). */
  extra?: Readonly<Record<string, string | number | null>>;
}

/** A refusal with its code. `message` is `code: detail`. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: Code;
  readonly detail: string | undefined;
  readonly path: string | undefined;
  readonly reason: string | undefined;
  readonly operation: string | undefined;
  readonly extra: Readonly<Record<string, string | number | null>>;

  constructor(code: Code, options: ProtocolErrorOptions = {}) {
    const where = options.path === undefined ? "" : ` at ${options.path === "" ? "the top" : options.path}`;
    super(`${code}${where}${options.detail === undefined ? "" : `: ${options.detail}`}`);
    this.code = code;
    this.detail = options.detail;
    this.path = options.path;
    this.reason = options.reason;
    this.operation = options.operation;
    this.extra = options.extra ?? {};
  }

  get status(): number {
    return statusOf(this.code);
  }

  /** The same refusal, naming the operation of a batch that caused it. */
  inOperation(id: string): ProtocolError {
    return new ProtocolError(this.code, {
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.path === undefined ? {} : { path: this.path }),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      operation: id,
      extra: this.extra,
    });
  }

  /** The problem document (RFC 9457) as a plain object. */
  toProblem(): Record<string, string | number | null> {
    return {
      ...this.extra,
      status: this.status,
      code: this.code,
      title: titleOf(this.code),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.path === undefined ? {} : { path: this.path }),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.operation === undefined ? {} : { operation: this.operation }),
    };
  }
}
