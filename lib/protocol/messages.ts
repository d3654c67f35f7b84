// The shapes of everything that travels, one interface per noun of PROTOCOL.md. Types only: schema.ts checks what a vault
// receives, answers.ts what a client receives. Long because it is the dictionary of the wire, in the text's order. `b64u` in a comment means base64url text of so many bytes.
import type { JsonObject } from "./jcs.ts";

export type Kem = "x25519" | "x-wing";
export type Mode = "primary" | "backup";
export type Stream = "primary" | "backup";
export type AgentKind = "human" | "extension" | "agent";

/** Where a token is to be sealed to (section 8). `public_key`: b64u of 32 bytes (x25519) or 1,216 (x-wing). */
export interface SealTo {
  kem: Kem;
  public_key: string;
}

export interface SealedToken {
  kem: Kem;
  /** b64u: 32 bytes (x25519) or 1,120 (x-wing). */
  enc: string;
  /** b64u: plaintext and 16 bytes of tag. */
  ct: string;
}

/** What is inside a sealed token (section 8). */
export interface TokenPlaintext {
  agent: number;
  key: string;
  token: string;
  uid: string;
  v: 1;
  vault: string;
  vault_url: string;
}

// --- Changes (section 4) ---

export interface Limits {
  per_minute: number;
  per_hour: number;
}

/** The ceiling an owner sets for a manager. */
export interface Grant {
  /** Ascending scope ids, or every scope. */
  scopes: readonly string[] | "any";
  all_access: "never" | "leased" | "yes";
  /** Longest lease in seconds; null = any. */
  max_lease: number | null;
  max_agents: number;
  entries: boolean;
  cosign: 1 | 2;
  /** Seconds before a new signer counts. */
  signer_delay: number;
  audit: "own" | "all";
}

/** Body of POST /agent. At most one of `token_hash` and `seal_to`. */
export interface AgentCreate {
  name: string;
  kind: AgentKind;
  scopes: string;
  all_access: boolean;
  admin: boolean;
  expires_at?: number;
  limits?: Limits | null;
  own_scope?: boolean;
  claim_by?: number;
  token_hash?: string;
  seal_to?: SealTo;
}

/** Body of PUT /agent/:id: absent members stay. `managed_by`, `locked`, `expires_at: null` and `grant` are the owners'. */
export interface AgentUpdate {
  name?: string;
  kind?: AgentKind;
  scopes?: string;
  all_access?: boolean;
  admin?: boolean;
  expires_at?: number | null;
  limits?: Limits | null;
  managed_by?: string | null;
  locked?: false;
  grant?: Grant;
}

/** Body of POST /agent/:id/token. At most one of the two. */
export interface AgentToken {
  token_hash?: string;
  seal_to?: SealTo;
}

export type FieldKind = "text" | "password" | "url" | "totp" | "note" | "card";
export type Tier = "L1" | "L2" | "L3";

export interface Field {
  label: string;
  kind: FieldKind;
  tier: Tier;
  value: string;
}

export interface EntryCreate {
  title: string;
  scopes: string;
  tags?: readonly string[];
  fields: readonly Field[];
}

/** Body of PUT /entry/:id: replaces what it names. */
export type EntryUpdate = Partial<EntryCreate>;

/** Proof of possession by a new credential (section 10). All three b64u. */
export interface Enrol {
  authenticator_data: string;
  client_data_json: string;
  signature: string;
}

/** Body of POST /credential. `credential_id`, `public_key` (COSE) and `wrapped_l3` are b64u. */
export interface CredentialCreate {
  credential_id: string;
  public_key: string;
  label: string;
  person: string;
  rp_id: string;
  origin: string;
  enrol: Enrol;
  signs_for: number;
  hardware_bound?: boolean;
  /** b64u of 4 bytes, or "-" and b64u of 32 for a signer that unlocks nothing. */
  p0?: string;
  wrapped_l3?: string;
}

/** A signer as a connect request lists it. */
export interface Signer {
  credential_id: string;
  public_key: string;
  label: string;
  person: string;
  rp_id: string;
  origin: string;
  enrol: Enrol;
}

export interface AskedRole {
  name: string;
  scope: string | null;
}

export interface NamedRole {
  name: string;
  scope: string;
}

export interface ConnectRequest {
  v: 1;
  msp: { name: string; origin: string };
  replaces: string | null;
  roles: readonly AskedRole[];
  signers: readonly Signer[];
  want: Grant;
  reply_to: string;
  seal_to: SealTo;
  /** b64u of 32 bytes. */
  nonce: string;
  expires_at: number;
}

/** Body of POST /connect. */
export interface Connect {
  adopt: readonly { uid: string; revision: number }[];
  grant: Grant;
  request: ConnectRequest;
  roles: readonly NamedRole[];
}

export interface ConnectReply {
  v: 1;
  /** b64u of the request's hash. */
  request: string;
  nonce: string;
  vault_url: string;
  vault_id: string;
  public_key: string;
  backup_key: string | null;
  name: string;
  agent_id: number;
  uid: string;
  grant: Grant;
  roles: readonly NamedRole[];
  adopted: readonly string[];
  credentials: readonly string[];
  sealed_token: SealedToken;
}

export interface SignedConnectReply {
  reply: ConnectReply;
  signature: string;
}

// --- Operations and signatures (sections 5 to 7) ---

export type Method = "POST" | "PUT" | "DELETE";

/** The precondition on a row: its identity, and with `revision` its exact state. */
export type Precondition = { uid: string } | { uid: string; revision: number };

/** One signed operation. `body` is what its door takes; typed loosely because the hash layer covers any object. */
export interface Op {
  body: JsonObject | null;
  /** UUID v4, lower case. */
  id: string;
  if: Precondition | null;
  method: Method;
  path: string;
}

export interface Batch {
  operations: readonly Op[];
}

/** Where a leaf stands in the tree: `path` holds log2(size) hashes (b64u of 32 bytes), from leaf to root. */
export interface Proof {
  index: number;
  size: number;
  path: readonly string[];
}

/** The second person's assertion (section 6, Cosign). */
export interface Cosign {
  credential_id: string;
  authenticator_data: string;
  client_data_json: string;
  signature: string;
  challenge: string;
  proof: Proof;
}

/** The value inside the header `Clavitor-Assertion`. */
export interface Assertion extends Cosign {
  v: 1;
  cosign?: Cosign;
}

/** Answer of POST /auth/begin. */
export interface AuthBegin {
  challenge: string;
  expires_at: number;
  name: string;
  credentials: readonly { id: string; public_key: string; rp_id: string; origin: string; label: string }[];
}

export type ResultStatus = "created" | "changed" | "deleted" | "already_gone" | "unchanged";

export interface Result {
  id: string;
  status: ResultStatus;
  agent_id?: number;
  entry_id?: number;
  credential_id?: string;
  uid?: string;
  sealed_token?: SealedToken;
  sealed_to?: string;
  connect?: SignedConnectReply;
}

export interface Receipt {
  v: 1;
  vault: string;
  epoch: number;
  agent: number;
  /** b64u of opsDigest. */
  batch: string;
  challenge: string;
  /** b64u of the WebAuthn challenge. */
  webauthn: string;
  signers: readonly string[];
  applied_at: number;
  revision: number;
  results: readonly Result[];
  audit: { stream: Stream; seq: number; hash: string };
}

/** Answer of every change. `tokens` (operation id to token) is given once, beside the receipt, never in it. */
export interface SignedReceipt {
  receipt: Receipt;
  signature: string;
  tokens?: { readonly [operation: string]: string };
}

// --- Reads (section 3) ---

export interface EntrySummary {
  id: number;
  uid: string;
  title: string;
  scopes: string;
  tags: readonly string[];
  updated_at: number;
}

export interface Entry extends EntrySummary {
  fields: readonly Field[];
  revision: number;
}

export interface EntryPage {
  entries: readonly EntrySummary[];
  next: number | null;
}

export interface Totp {
  code: string;
  period: number;
  remaining: number;
}

export interface Usage {
  used: number;
  /** null = unlimited. */
  limit: number | null;
}

export interface VaultInfo {
  protocol: 1;
  vault_id: string;
  name: string;
  public_key: string;
  backup_key: string | null;
  mode: Mode;
  epoch: number;
  epoch_revision: number;
  revision: number;
  replicated: { revision: number; at: number } | null;
  features: readonly string[];
  kems: readonly string[];
  limits: { tokens: Usage; devices: Usage };
  expires_at: number | null;
  paid_until: number | null;
  grant: Grant | null;
  now: number;
}

/** Features of version 1 (section 3). */
export const FEATURES = ["batch", "seal", "agents", "audit", "lease", "claim", "cosign", "standing", "answers"] as const;

export interface AgentRow {
  id: number;
  uid: string;
  scope: string;
  name: string;
  kind: AgentKind;
  scopes: string;
  all_access: boolean;
  admin: boolean;
  managed_by: string | null;
  created_at: number;
  expires_at: number | null;
  /** As set at creation; it stays shown after the first use of the token, which ends its effect. */
  claim_by: number | null;
  last_used_at: number | null;
  /** Those that bind, the default of the kind included; null = none. */
  limits: Limits | null;
  locked: boolean;
  hand_over: "sealed" | "hash" | "plain";
  sealed_to: string | null;
  revision: number;
}

export interface AgentPage {
  revision: number;
  next: number | null;
  agents: readonly AgentRow[];
}

export interface ScopeList {
  revision: number;
  scopes: readonly { scope: string; entries: number; agents: readonly string[]; name: string | null }[];
}

export interface Statement {
  agents: readonly AgentRow[];
  at: number;
  epoch: number;
  grant: Grant;
  manager: string;
  revision: number;
  vault: string;
  v: 1;
}

export interface SignedStatement {
  statement: Statement;
  signature: string;
}

export interface CredentialRow {
  id: string;
  public_key: string;
  label: string;
  person: string;
  rp_id: string;
  origin: string;
  signs_for: number;
  counts_from: number;
  revoked: boolean;
}

export interface CredentialList {
  credentials: readonly CredentialRow[];
}

// --- Audit (section 9) ---

export const ACTIONS = [
  "entry.read",
  "totp.read",
  "entries.list",
  "entries.search",
  "agent.create",
  "agent.update",
  "agent.delete",
  "agent.token",
  "agent.expire",
  "agent.lock",
  "agent.unlock",
  "entry.create",
  "entry.update",
  "entry.delete",
  "credential.create",
  "credential.delete",
  "connect",
  "change.refused",
  "counter_regressed",
  "calls.marked",
  "vault.created",
  "vault.restored",
] as const;
export type Action = (typeof ACTIONS)[number];

export const ACTOR_KINDS = ["human", "extension", "agent", "system", "anonymous"] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];
export type Outcome = "success" | "denied" | "failure";

/** The part of an event that may be erased or masked. */
export interface AuditDetail {
  /** b64u of random bytes, so that an erased detail cannot be guessed from its hash. */
  salt: string;
  name: string;
  target: { kind: string; id: string | number } | null;
  reason: string | null;
  ip: string | null;
  meta: JsonObject;
}

/** The part of an event that its hash covers (`detail` by way of `detail_hash`). */
export interface AuditBody {
  seq: number;
  /** Milliseconds. */
  at: number;
  stream: Stream;
  epoch: number;
  actor: { kind: ActorKind; agent_id: number | null };
  action: Action;
  outcome: Outcome;
  detail_hash: string;
  prev: string;
}

export interface AuditEvent extends AuditBody {
  hash: string;
  detail: AuditDetail | null;
}

/** What `head.signature` covers. */
export interface HeadMessage {
  at: number;
  epoch: number;
  hash: string;
  seq: number;
  stream: Stream;
  vault: string;
}

export interface Head {
  stream: Stream;
  epoch: number;
  seq: number;
  hash: string;
  at: number;
  signature: string;
}

export interface AuditPage {
  events: readonly AuditEvent[];
  head: Head | null;
  first_seq: number;
  more: boolean;
}

// --- Signed answers (section 1) ---

export interface Answer {
  /** Milliseconds. */
  at: number;
  epoch: number;
  mode: Mode;
  signature: string;
}

export interface AnswerMessage {
  agent: number | null;
  at: number;
  /** b64u of H(body). */
  body: string;
  epoch: number;
  method: string;
  mode: Mode;
  nonce: string;
  status: number;
  /** Path and query as sent, with the base URL's prefix. */
  target: string;
  vault: string;
}

export interface BackupKeyMessage {
  backup_key: string;
  epoch: number;
  vault: string;
}

// --- Inbox and clients (sections 8 and 10) ---

/** A technician's own word on where their tokens are sealed to. */
export interface InboxStatement {
  kem: Kem;
  msp: string;
  name: string;
  not_after: number;
  public_key: string;
  technician: string;
  v: 1;
}

/** A signer's word that statements belong to the people they name. Hashes are b64u, ascending as text (ASCII). */
export interface Endorsement {
  statements: readonly string[];
  v: 1;
}

/** Which key is this client's, as a signer confirmed it. */
export interface ClientStatement {
  key: string;
  name: string;
  vault: string;
}

/** A signer's word, with one tap, for 1 to 1,000 client statements. Hashes are b64u, ascending as text (ASCII). */
export interface ClientList {
  clients: readonly string[];
  v: 1;
}
