// Strict checks of everything a vault receives (PROTOCOL 1, 4, 6, 7, 8, 10). One check per noun; each throws ProtocolError
// `invalid` with the JSON pointer of what is wrong. Rules that need a clock, a row or a grant are not here.
// Long because it is one table read beside PROTOCOL 4: every door with its body, so that none can be forgotten.
import { isOrigin, isUrl } from "./address.ts";
import { tryB64u, tryText } from "./bytes.ts";
import { base64url, boolean, integer, invalid, isRecord, list, literal, nullable, object, pattern, pointer, run, string, that, type Check } from "./check.ts";
import { ProtocolError } from "./errors.ts";
import { jcsBytes, parseCanonical, type Json } from "./jcs.ts";
import { refuseSealKey } from "./kem.ts";
import type {
  AgentCreate,
  AgentKind,
  AgentToken,
  AgentUpdate,
  Assertion,
  Batch,
  Connect,
  ConnectRequest,
  Cosign,
  CredentialCreate,
  Enrol,
  EntryCreate,
  EntryUpdate,
  Field,
  Grant,
  Limits,
  Method,
  Op,
  Precondition,
  Proof,
  SealTo,
  Signer,
} from "./messages.ts";
import { parseIfMatch } from "./op.ts";
import { isAscending, isScope, MAX_ID, parseScopes } from "./scopes.ts";

/** Bodies are at most 1 MiB, the assertion header 8,000 characters, a connect request 32 KiB (PROTOCOL 1, 6, 10). */
export const MAX_BODY_BYTES = 1_048_576;
export const MAX_ASSERTION_CHARACTERS = 8_000;
export const MAX_REQUEST_BYTES = 32_768;
export const MAX_OPERATIONS = 200;

export const ASSERTION_HEADER = "Clavitor-Assertion";
export const IDEMPOTENCY_HEADER = "Idempotency-Key";
export const IF_MATCH_HEADER = "If-Match";

/** Paths of changes, as sent (PROTOCOL 1). */
export const CHANGE_PATH = /^\/(connect|batch|agent(\/[1-9][0-9]{0,4}(\/token)?)?|entry(\/[1-9][0-9]{0,15})?|credential(\/[A-Za-z0-9_-]{1,1364})?)$/;

// Cc: C0, DEL and C1. The rest are the bidi overrides and isolates and the two line separators, all of which can make a
// name read as another one on a screen.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

/** `name`, `label`, `title`, `person`, tags and role names: 1 to 120 code points, none of them forbidden. */
export function isText(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > 240 || FORBIDDEN.test(value) || !value.isWellFormed()) return false;
  let points = 0;
  for (const _ of value) points++;
  return points <= 120;
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A UUID v4 in lower case: one spelling, since operation ids are compared as text. */
export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID_V4.test(value);
}

export const text: Check<string> = that(isText, "1 to 120 characters without control or direction characters");
export const uuid: Check<string> = that(isUuid, "a UUID v4 in lower case");
export const uid: Check<string> = base64url(16);
export const hash: Check<string> = base64url(32);
export const time: Check<number> = integer(0);
export const agentId: Check<number> = integer(1, MAX_ID);
export const scope: Check<string> = that(isScope, "4 lower-case hex digits, not 0000");
export const scopeList: Check<string> = that(
  (value) => typeof value === "string" && parseScopes(value) !== null,
  "at most 32 scope ids, ascending, separated by commas",
);
export const origin: Check<string> = that(isOrigin, "an origin: https, or http on this machine");
const host: Check<string> = pattern(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, "a host name in lower case");
export const credentialId: Check<string> = base64url(1, 1023);
const coseKey: Check<string> = base64url(1, 2048);

export const checkSealTo: Check<SealTo> = (value, path): asserts value is SealTo => {
  run(object({ kem: string, public_key: string }), value, path);
  const refusal = refuseSealKey(value);
  if (refusal !== null) invalid(pointer(path, refusal === "unknown kem" ? "kem" : "public_key"), refusal);
};

export const checkLimits: Check<Limits> = object({ per_minute: integer(1), per_hour: integer(1) });

export const checkGrant: Check<Grant> = object({
  scopes: that<readonly string[] | "any">((value) => value === "any" || (Array.isArray(value) && isAscending(value)), 'scope ids, ascending, or "any"'),
  all_access: literal("never", "leased", "yes"),
  max_lease: nullable(integer(1)),
  max_agents: integer(0),
  entries: boolean,
  cosign: literal(1, 2),
  signer_delay: integer(0),
  audit: literal("own", "all"),
});

export const tokenHash: Check<string> = pattern(/^[0-9a-f]{64}$/, "64 lower-case hex digits");
const agentKind: Check<AgentKind> = literal("human", "extension", "agent");

/** At most one way of hand-over: both at once would leave open which token counts. */
function oneHandOver(value: AgentToken, path: string): void {
  if (value.token_hash !== undefined && value.seal_to !== undefined) invalid(pointer(path, "seal_to"), "token_hash or seal_to, not both");
}

const agentCreateMembers: Check<AgentCreate> = object(
  { name: text, kind: agentKind, scopes: scopeList, all_access: boolean, admin: boolean },
  { expires_at: time, limits: nullable(checkLimits), own_scope: boolean, claim_by: time, token_hash: tokenHash, seal_to: checkSealTo },
);
export const checkAgentCreate: Check<AgentCreate> = (value, path): asserts value is AgentCreate => {
  agentCreateMembers(value, path);
  oneHandOver(value, path);
};

export const checkAgentUpdate: Check<AgentUpdate> = object(
  {},
  {
    name: text,
    kind: agentKind,
    scopes: scopeList,
    all_access: boolean,
    admin: boolean,
    expires_at: nullable(time),
    limits: nullable(checkLimits),
    managed_by: nullable(uid),
    locked: literal(false),
    grant: checkGrant,
  },
);

const agentTokenMembers: Check<AgentToken> = object({}, { token_hash: tokenHash, seal_to: checkSealTo });
export const checkAgentToken: Check<AgentToken> = (value, path): asserts value is AgentToken => {
  agentTokenMembers(value, path);
  oneHandOver(value, path);
};

const field: Check<Field> = object({
  label: text,
  kind: literal("text", "password", "url", "totp", "note", "card"),
  tier: literal("L1", "L2", "L3"),
  value: string,
});
export const checkEntryCreate: Check<EntryCreate> = object({ title: text, scopes: scopeList, fields: list(field) }, { tags: list(text) });
export const checkEntryUpdate: Check<EntryUpdate> = object({}, { title: text, scopes: scopeList, fields: list(field), tags: list(text) });

export const checkEnrol: Check<Enrol> = object({
  authenticator_data: base64url(37, 4096),
  client_data_json: base64url(1, 4096),
  signature: base64url(1, 1024),
});

const signerMembers = {
  credential_id: credentialId,
  public_key: coseKey,
  label: text,
  person: text,
  rp_id: host,
  origin,
  enrol: checkEnrol,
};
export const checkSigner: Check<Signer> = object(signerMembers);

export const checkCredentialCreate: Check<CredentialCreate> = object(
  { ...signerMembers, signs_for: agentId },
  {
    hardware_bound: boolean,
    p0: that<string>(
      (value) => typeof value === "string" && (tryB64u(value, 4) !== null || (value.startsWith("-") && tryB64u(value.slice(1), 32) !== null)),
      'base64url of 4 bytes, or "-" and base64url of 32',
    ),
    wrapped_l3: base64url(0, 4096),
  },
);

const connectRequestMembers: Check<ConnectRequest> = object({
  v: literal(1),
  msp: object({ name: text, origin }),
  replaces: nullable(uid),
  roles: list(object({ name: text, scope: nullable(scope) })),
  signers: list(checkSigner, 1, 8),
  want: checkGrant,
  reply_to: that<string>(isUrl, "a URL: https, or http on this machine"),
  seal_to: checkSealTo,
  nonce: base64url(32),
  expires_at: time,
});
export const checkConnectRequest: Check<ConnectRequest> = (value, path): asserts value is ConnectRequest => {
  connectRequestMembers(value, path);
  if (jcsBytes(value).length > MAX_REQUEST_BYTES) invalid(path, "longer than 32 KiB");
  const ids = value.signers.map((signer) => signer.credential_id);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) !== i) invalid(pointer(pointer(pointer(path, "signers"), i), "credential_id"), "a credential twice");
  });
};

export const checkConnect: Check<Connect> = object({
  adopt: list(object({ uid, revision: integer(0) })),
  grant: checkGrant,
  request: checkConnectRequest,
  roles: list(object({ name: text, scope })),
});

const noBody: Check<null> = that((value) => value === null, "null");

/** The doors of changes, with what each takes. `creates`: `if` must be null (PROTOCOL 4, Row identity). */
const DOORS: readonly { method: Method; path: RegExp; body: Check<unknown>; creates: boolean }[] = [
  { method: "POST", path: /^\/agent$/, body: checkAgentCreate, creates: true },
  { method: "PUT", path: /^\/agent\/\d+$/, body: checkAgentUpdate, creates: false },
  { method: "DELETE", path: /^\/agent\/\d+$/, body: noBody, creates: false },
  { method: "POST", path: /^\/agent\/\d+\/token$/, body: checkAgentToken, creates: false },
  { method: "POST", path: /^\/entry$/, body: checkEntryCreate, creates: true },
  { method: "PUT", path: /^\/entry\/\d+$/, body: checkEntryUpdate, creates: false },
  { method: "DELETE", path: /^\/entry\/\d+$/, body: noBody, creates: false },
  { method: "POST", path: /^\/credential$/, body: checkCredentialCreate, creates: true },
  { method: "DELETE", path: /^\/credential\/[A-Za-z0-9_-]+$/, body: noBody, creates: false },
  { method: "POST", path: /^\/connect$/, body: checkConnect, creates: true },
];

function doorOf(method: string, path: string) {
  return CHANGE_PATH.test(path) ? DOORS.find((door) => door.method === method && door.path.test(path)) : undefined;
}

/** Whether a method and path name a single change (so not `/batch`): else 404 on its own, 422 inside a batch. */
export function isChange(method: string, path: string): boolean {
  return doorOf(method, path) !== undefined;
}

/**
 * The body of one change against what its door takes, with `prefix` before the pointer ("" for a single endpoint). Throws
 * ProtocolError `not_found` when method and path name no single change.
 */
export function checkBody(method: string, path: string, body: unknown, prefix = ""): void {
  const door = doorOf(method, path);
  if (door === undefined) throw new ProtocolError("not_found");
  run(door.body, body, prefix);
}

const opBody: Check<Op["body"]> = that((value) => value === null || isRecord(value), "an object or null");

/** A single endpoint's request. `body` is parsed; null for a `DELETE`, whose body is empty. Headers as they came. */
export interface SingleRequest {
  method: string;
  path: string;
  body: unknown;
  idempotencyKey: string | null | undefined;
  ifMatch: string | null | undefined;
}

/**
 * The operation that a single endpoint's request stands for (PROTOCOL 7: a batch of one). Throws ProtocolError: `not_found`
 * when no change has this method and path, `invalid` with the header's name or the pointer into the body.
 */
export function singleOp({ method, path, body, idempotencyKey, ifMatch }: SingleRequest): Op {
  const door = doorOf(method, path);
  if (door === undefined) throw new ProtocolError("not_found");
  if (!isUuid(idempotencyKey)) invalid(IDEMPOTENCY_HEADER, "a UUID v4 in lower case");
  const precondition = ifMatch == null ? null : parseIfMatch(ifMatch);
  if (ifMatch != null && precondition === null) invalid(IF_MATCH_HEADER, '"<uid>" or "<uid>:<revision>"');
  if (door.creates && precondition !== null) invalid(IF_MATCH_HEADER, "absent: a new row has no state");
  run(door.body, body, "");
  run(opBody, body, "");
  return { body, id: idempotencyKey, if: precondition, method: door.method, path };
}

export const checkPrecondition: Check<Precondition> = object({ uid }, { revision: integer(0) });

const opMembers: Check<Op> = object({
  body: opBody,
  id: uuid,
  if: nullable(checkPrecondition),
  method: literal("POST", "PUT", "DELETE"),
  path: string,
});

/** One operation with the body that its door takes. */
export const checkOp: Check<Op> = (value, path): asserts value is Op => {
  opMembers(value, path);
  const door = doorOf(value.method, value.path);
  if (door === undefined) invalid(pointer(path, "path"), "no change has this method and path");
  if (door.creates && value.if !== null) invalid(pointer(path, "if"), "null: a new row has no state");
  run(door.body, value.body, pointer(path, "body"));
};

/** Body of POST /batch. Ids are distinct, and /connect stands alone (PROTOCOL 7). */
export const checkBatch: Check<Batch> = (value, path): asserts value is Batch => {
  run(object({ operations: list(checkOp, 1, MAX_OPERATIONS) }), value, path);
  const operations = pointer(path, "operations");
  const seen = new Set<string>();
  value.operations.forEach((op, i) => {
    if (seen.has(op.id)) invalid(pointer(pointer(operations, i), "id"), "an operation id twice");
    seen.add(op.id);
    if (op.path === "/connect" && value.operations.length > 1) invalid(operations, "/connect is the only operation of its batch");
  });
};

export const checkProof: Check<Proof> = object({ index: integer(0), size: integer(0), path: list(hash, 0, 64) });

const cosignMembers = {
  credential_id: credentialId,
  authenticator_data: base64url(0, 4096),
  client_data_json: base64url(0, 4096),
  signature: base64url(0, 1024),
  challenge: string,
  proof: checkProof,
};
export const checkCosign: Check<Cosign> = object(cosignMembers);
export const checkAssertion: Check<Assertion> = object({ v: literal(1), ...cosignMembers }, { cosign: checkCosign });

function lacksProof(holder: unknown): boolean {
  return isRecord(holder) && !Object.hasOwn(holder, "proof");
}

/**
 * The value of the header `Clavitor-Assertion`, in the ladder's order (PROTOCOL 6): absent `assertion_required`, over 8,000
 * characters `too_large`, not base64url of JCS `not_canonical`, no proof `proof_invalid`, members `invalid` with the
 * header's name as `path` and the pointer in `detail`.
 */
export function parseAssertionHeader(header: string | null | undefined): Assertion {
  if (header == null || header === "") throw new ProtocolError("assertion_required");
  if (header.length > MAX_ASSERTION_CHARACTERS) throw new ProtocolError("too_large", { detail: ASSERTION_HEADER });
  const bytes = tryB64u(header);
  if (bytes === null || tryText(bytes) === null) throw new ProtocolError("not_canonical", { detail: ASSERTION_HEADER });
  const value: Json = parseCanonical(bytes);
  if (lacksProof(value) || (isRecord(value) && lacksProof(value["cosign"]))) throw new ProtocolError("proof_invalid", { detail: "no proof" });
  try {
    checkAssertion(value, "");
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError("invalid", { path: ASSERTION_HEADER, detail: `${error.path ?? ""}: ${error.detail ?? ""}` });
  }
  return value;
}
