// Checks of what a client receives. All words of a vault are data (PROTOCOL 14): types, forms and lengths are checked before
// anything is shown or stored. Unlike bodies of changes, unknown members are allowed: a later vault may say more. Long, because it
// mirrors the answers of sections 3 to 10 one by one.
import { isBaseUrl, isOrigin } from "./address.ts";
import { base64url, boolean, integer, list, literal, nullable, object, pattern, string, that, isRecord, type Check } from "./check.ts";
import type { JsonObject } from "./jcs.ts";
import { KEMS } from "./kem.ts";
import {
  ACTIONS,
  ACTOR_KINDS,
  type AgentPage,
  type AgentRow,
  type AuditDetail,
  type AuditEvent,
  type AuditPage,
  type AuthBegin,
  type ConnectReply,
  type CredentialList,
  type CredentialRow,
  type Entry,
  type EntryPage,
  type EntrySummary,
  type Field,
  type Grant,
  type Head,
  type Receipt,
  type Result,
  type ScopeList,
  type SealedToken,
  type SignedReceipt,
  type SignedStatement,
  type Statement,
  type Totp,
  type VaultInfo,
} from "./messages.ts";
import { agentId, checkGrant, hash, scope, scopeList, text, time, uid, uuid } from "./schema.ts";

const A = "allowed";
const revision = integer(0);
const signature: Check<string> = base64url(64);
const vaultId: Check<string> = pattern(/^[A-Za-z0-9_-]{1,64}$/, "a vault id");
const vaultKey: Check<string> = base64url(32);
const credentialId: Check<string> = base64url(1, 1023);
const stream = literal("primary", "backup");
const challenge: Check<string> = that((value) => typeof value === "string" && value.length <= 64, "a challenge");
const grant: Check<Grant> = checkGrant;

export const checkSealedToken: Check<SealedToken> = object({ kem: literal(...KEMS), enc: base64url(1, 1120), ct: base64url(16, 4096) }, {}, A);

export const checkConnectReply: Check<ConnectReply> = object(
  {
    v: literal(1),
    request: hash,
    nonce: base64url(32),
    vault_url: that<string>(isBaseUrl, "the base URL of a vault"),
    vault_id: vaultId,
    public_key: vaultKey,
    backup_key: nullable(vaultKey),
    name: text,
    agent_id: agentId,
    uid,
    grant,
    roles: list(object({ name: text, scope }, {}, A)),
    adopted: list(uid),
    credentials: list(credentialId),
    sealed_token: checkSealedToken,
  },
  {},
  A,
);

const result: Check<Result> = object(
  { id: uuid, status: literal("created", "changed", "deleted", "already_gone", "unchanged") },
  {
    agent_id: agentId,
    entry_id: integer(1),
    credential_id: credentialId,
    uid,
    sealed_token: checkSealedToken,
    sealed_to: hash,
    connect: object({ reply: checkConnectReply, signature }, {}, A),
  },
  A,
);

export const checkReceipt: Check<Receipt> = object(
  {
    v: literal(1),
    vault: vaultId,
    epoch: integer(1),
    agent: agentId,
    batch: hash,
    challenge,
    webauthn: hash,
    signers: list(credentialId, 1, 2),
    applied_at: time,
    revision,
    results: list(result, 1, 200),
    audit: object({ stream, seq: integer(1), hash }, {}, A),
  },
  {},
  A,
);

export const checkSignedReceipt: Check<SignedReceipt> = object(
  { receipt: checkReceipt, signature },
  { tokens: that<Record<string, string>>((value) => isRecord(value) && Object.values(value).every((token) => typeof token === "string"), "tokens by operation id") },
  A,
);

export const checkAuthBegin: Check<AuthBegin> = object(
  {
    challenge: base64url(32),
    expires_at: time,
    name: text,
    credentials: list(
      object({ id: credentialId, public_key: base64url(1, 2048), rp_id: string, origin: that<string>(isOrigin, "an origin"), label: text }, {}, A),
      0,
      1000,
    ),
  },
  {},
  A,
);

const usage = object({ used: integer(0), limit: nullable(integer(0)) }, {}, A);
const word: Check<string> = pattern(/^[a-z0-9-]{1,40}$/, "a word");

export const checkVaultInfo: Check<VaultInfo> = object(
  {
    protocol: literal(1),
    vault_id: vaultId,
    name: text,
    public_key: vaultKey,
    backup_key: nullable(vaultKey),
    mode: literal("primary", "backup"),
    epoch: integer(1),
    epoch_revision: revision,
    revision,
    replicated: nullable(object({ revision, at: integer(0) }, {}, A)),
    features: list(word, 0, 100),
    kems: list(word, 0, 20),
    limits: object({ tokens: usage, devices: usage }, {}, A),
    expires_at: nullable(time),
    paid_until: nullable(time),
    grant: nullable(grant),
    now: time,
  },
  {},
  A,
);

export const checkAgentRow: Check<AgentRow> = object(
  {
    id: agentId,
    uid,
    scope,
    name: text,
    kind: literal("human", "extension", "agent"),
    scopes: scopeList,
    all_access: boolean,
    admin: boolean,
    managed_by: nullable(uid),
    created_at: time,
    expires_at: nullable(time),
    claim_by: nullable(time),
    last_used_at: nullable(time),
    limits: nullable(object({ per_minute: integer(1), per_hour: integer(1) }, {}, A)),
    locked: boolean,
    hand_over: literal("sealed", "hash", "plain"),
    sealed_to: nullable(hash),
    revision,
  },
  {},
  A,
);

export const checkAgentPage: Check<AgentPage> = object({ revision, next: nullable(agentId), agents: list(checkAgentRow, 0, 1000) }, {}, A);

export const checkScopeList: Check<ScopeList> = object(
  { revision, scopes: list(object({ scope, entries: integer(0), agents: list(uid), name: nullable(text) }, {}, A)) },
  {},
  A,
);

export const checkStatement: Check<Statement> = object(
  { agents: list(checkAgentRow), at: time, epoch: integer(1), grant, manager: uid, revision, vault: vaultId, v: literal(1) },
  {},
  A,
);
export const checkSignedStatement: Check<SignedStatement> = object({ statement: checkStatement, signature }, {}, A);

const credentialRow: Check<CredentialRow> = object(
  {
    id: credentialId,
    public_key: base64url(1, 2048),
    label: text,
    person: text,
    rp_id: string,
    origin: that<string>(isOrigin, "an origin"),
    signs_for: agentId,
    counts_from: time,
    revoked: boolean,
  },
  {},
  A,
);
export const checkCredentialList: Check<CredentialList> = object({ credentials: list(credentialRow) }, {}, A);

const summaryMembers = { id: integer(1), uid, title: text, scopes: scopeList, tags: list(text), updated_at: time };
const summary: Check<EntrySummary> = object(summaryMembers, {}, A);
const field: Check<Field> = object(
  { label: text, kind: literal("text", "password", "url", "totp", "note", "card"), tier: literal("L1", "L2", "L3"), value: string },
  {},
  A,
);
export const checkEntry: Check<Entry> = object({ ...summaryMembers, fields: list(field), revision }, {}, A);
export const checkEntryPage: Check<EntryPage> = object({ entries: list(summary, 0, 500), next: nullable(integer(1)) }, {}, A);
export const checkTotp: Check<Totp> = object({ code: pattern(/^[0-9]{6,8}$/, "digits"), period: integer(1), remaining: integer(0) }, {}, A);

const detail: Check<AuditDetail> = object(
  {
    salt: base64url(8, 64),
    name: string,
    target: nullable(object({ kind: string, id: that<string | number>((value) => typeof value === "string" || Number.isSafeInteger(value), "an id") }, {}, A)),
    reason: nullable(string),
    ip: nullable(string),
    meta: that<JsonObject>(isRecord, "an object"),
  },
  {},
  A,
);

const event: Check<AuditEvent> = object(
  {
    seq: integer(1),
    at: integer(0),
    stream,
    epoch: integer(1),
    actor: object({ kind: literal(...ACTOR_KINDS), agent_id: nullable(agentId) }, {}, A),
    action: literal(...ACTIONS),
    outcome: literal("success", "denied", "failure"),
    detail_hash: hash,
    prev: hash,
    hash,
    detail: nullable(detail),
  },
  {},
  A,
);

const head: Check<Head> = object({ stream, epoch: integer(1), seq: integer(1), hash, at: integer(0), signature }, {}, A);

export const checkAuditPage: Check<AuditPage> = object({ events: list(event, 0, 1000), head: nullable(head), first_seq: integer(0), more: boolean }, {}, A);
