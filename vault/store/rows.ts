// Rows as values: SQLite's loose output made typed once, here.
import type { AgentKind, AgentRow, Grant, Limits } from "#lib/protocol/messages.ts";
import { scopeOf } from "#lib/protocol/scopes.ts";
import { DEFAULT_AGENT_LIMITS } from "../limits.ts";
import type { Row } from "./database.ts";

/** What a manager brought along at connect: where its people and its signers live. */
export interface ConnectInfo {
  msp_origin: string;
  signing: readonly { rp_id: string; origin: string }[];
}

export interface Agent {
  id: number;
  uid: string;
  name: string;
  kind: AgentKind;
  scopes: string;
  allAccess: boolean;
  admin: boolean;
  managedBy: string | null;
  createdAt: number;
  expiresAt: number | null;
  claimBy: number | null;
  usedAt: number | null;
  usedBefore: number | null;
  locked: boolean;
  handOver: AgentRow["hand_over"];
  sealedTo: string | null;
  /** null = none; undefined = the default of the kind. */
  limits: Limits | null | undefined;
  grant: Grant | null;
  connect: ConnectInfo | null;
  revision: number;
}

export function isOwner(agent: Pick<Agent, "allAccess" | "admin">): boolean {
  return agent.allAccess && agent.admin;
}

export function isManager(agent: Pick<Agent, "allAccess" | "admin">): boolean {
  return agent.admin && !agent.allAccess;
}

function json(text: unknown): unknown {
  return text === null ? null : JSON.parse(text as string);
}

export function agentFrom(row: Row): Agent {
  return {
    id: row.id as number,
    uid: row.uid as string,
    name: row.name as string,
    kind: row.kind as AgentKind,
    scopes: row.scopes as string,
    allAccess: row.all_access === 1,
    admin: row.admin === 1,
    managedBy: row.managed_by as string | null,
    createdAt: row.created_at as number,
    expiresAt: row.expires_at as number | null,
    claimBy: row.claim_by as number | null,
    usedAt: row.used_at as number | null,
    usedBefore: row.used_before as number | null,
    locked: row.locked === 1,
    handOver: row.hand_over as AgentRow["hand_over"],
    sealedTo: row.sealed_to as string | null,
    limits: row.limits === null ? undefined : (json(row.limits) as Limits | null),
    grant: json(row.grant_json) as Grant | null,
    connect: json(row.connect_json) as ConnectInfo | null,
    revision: row.revision as number,
  };
}

/** The abuse limits that bind a row (PROTOCOL 12); null when none do. */
export function limitsOf(agent: Pick<Agent, "kind" | "limits">): Limits | null {
  if (agent.limits !== undefined) return agent.limits;
  return agent.kind === "agent" ? DEFAULT_AGENT_LIMITS : null;
}

const HOUR = 3_600;

/**
 * The row as /agents and /statement show it. `last_used_at` shows uses before the current hour only (PROTOCOL 3), so that
 * the list, and with it the ETag, stays the same within an hour.
 */
export function agentRow(agent: Agent, now: number): AgentRow {
  const hour = Math.floor(now / HOUR);
  const earlier = agent.usedAt === null || Math.floor(agent.usedAt / HOUR) < hour;
  return {
    id: agent.id,
    uid: agent.uid,
    scope: scopeOf(agent.id),
    name: agent.name,
    kind: agent.kind,
    scopes: agent.scopes,
    all_access: agent.allAccess,
    admin: agent.admin,
    managed_by: agent.managedBy,
    created_at: agent.createdAt,
    expires_at: agent.expiresAt,
    claim_by: agent.claimBy,
    last_used_at: earlier ? agent.usedAt : agent.usedBefore,
    limits: limitsOf(agent),
    locked: agent.locked,
    hand_over: agent.handOver,
    sealed_to: agent.sealedTo,
    revision: agent.revision,
  };
}

export interface Credential {
  credentialId: string;
  p0: string;
  publicKey: string;
  wrappedL3: Uint8Array;
  label: string;
  person: string;
  rpId: string;
  origin: string;
  signsFor: number;
  hardwareBound: boolean;
  backupEligible: boolean;
  counter: number;
  countsFrom: number;
  revokedAt: number | null;
}

export function credentialFrom(row: Row): Credential {
  return {
    credentialId: row.credential_id as string,
    p0: row.p0 as string,
    publicKey: row.public_key as string,
    wrappedL3: row.wrapped_l3 as Uint8Array,
    label: row.label as string,
    person: row.person as string,
    rpId: row.rp_id as string,
    origin: row.origin as string,
    signsFor: row.signs_for as number,
    hardwareBound: row.hardware_bound === 1,
    backupEligible: row.backup_eligible === 1,
    counter: row.counter as number,
    countsFrom: row.counts_from as number,
    revokedAt: row.revoked_at as number | null,
  };
}
