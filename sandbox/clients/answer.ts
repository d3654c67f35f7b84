/** How a client's admin answers a connect request (PROTOCOL 10): what they check before the tap, and what they give. Pure. */
import { code1, refuseRequestOrigins, refuseRequestTime, requestHash, verifyEnrol } from "../../lib/protocol/connect.ts";
import { readCode } from "../../lib/protocol/crockford.ts";
import type { AgentRow, Connect, ConnectRequest, Grant, NamedRole } from "../../lib/protocol/messages.ts";
import { isScope, parseScopes, scopeOf } from "../../lib/protocol/scopes.ts";
import type { Client } from "../cast/clients.ts";
import { NUMBERINGS, ROLES } from "../cast/roles.ts";
import { rowsOf } from "../cast/rows.ts";

/** Longest lease that a careful client gives: a quarter. Seconds. */
const CAREFUL_LEASE = 90 * 86_400;

export interface Call {
  /** Consoles that this client knows its MSP by. */
  consoles: readonly string[];
  /** Code 1 as the MSP read it out on the telephone. */
  heard: string;
  /** Unix seconds. */
  now: number;
}

/** Why the admin does not tap, as a sentence; null when everything that a careful person would compare is right. */
export async function whyNotTap(request: ConnectRequest, { consoles, heard, now }: Call): Promise<string | null> {
  if (!consoles.includes(request.msp.origin)) return `${request.msp.origin} is not where our MSP works`;
  const origins = refuseRequestOrigins(request);
  if (origins !== null) return `the addresses in the request do not belong together (${origins.reason})`;
  const late = refuseRequestTime(request, now);
  if (late !== null) return `the request's time is wrong (${late.reason})`;
  if (readCode(heard) !== code1(requestHash(request))) return "code 1 on our screen is not the one that was read to us";
  for (const signer of request.signers) {
    const proof = await verifyEnrol(signer, request.msp.origin);
    if ("code" in proof) return `the key "${signer.label}" of ${signer.person} does not prove itself (${proof.reason})`;
  }
  return null;
}

/**
 * The number of every asked role, in the client's own numbering. A name that the client does not know gets the number that
 * was proposed; without one it is left open. Never a number that is already somebody's row or another role's.
 */
export function nameRoles({ request, client, rows }: Pick<Question, "request" | "client" | "rows">): NamedRole[] {
  const numbers = NUMBERINGS[client.numbering];
  const taken = new Set(rows.map(({ id }) => scopeOf(id)));
  const named: NamedRole[] = [];
  for (const { name, scope: proposed } of request.roles) {
    const ours = ROLES.find((role) => role.toLowerCase() === name.toLowerCase());
    const scope = ours === undefined ? proposed : numbers[ours];
    if (scope === null || !isScope(scope) || taken.has(scope)) continue;
    if (request.want.scopes !== "any" && !request.want.scopes.includes(scope)) continue;
    taken.add(scope);
    named.push({ name, scope });
  }
  return named;
}

function grantOf({ manner }: Client, { want }: ConnectRequest, roles: readonly NamedRole[]): Grant {
  if (manner !== "careful") return want;
  return {
    ...want,
    scopes: roles.map(({ scope }) => scope).sort(),
    all_access: want.all_access === "yes" ? "leased" : want.all_access,
    max_lease: Math.min(want.max_lease ?? CAREFUL_LEASE, CAREFUL_LEASE),
    entries: false,
    audit: "own",
  };
}

/** Whether a row lies inside the grant; the vault judges again. `now` in Unix seconds. */
function isInside(row: AgentRow, { scopes, all_access, max_lease }: Grant, now: number): boolean {
  if (row.admin) return false;
  if (scopes !== "any" && !(parseScopes(row.scopes) ?? []).every((scope) => scopes.includes(scope))) return false;
  if (row.all_access && (all_access === "never" || (all_access === "leased" && row.expires_at === null))) return false;
  return row.expires_at === null || max_lease === null || row.expires_at - now <= max_lease;
}

export interface Question {
  request: ConnectRequest;
  client: Client;
  /** The vault's rows as they are now. */
  rows: readonly AgentRow[];
  /** The owner's own uid: rows that another manager has are not handed over twice. */
  owner: string;
  now: number;
}

/** The body of `POST /connect`: roles named, the grant as this client gives it, and its technicians' rows handed over. */
export function answerTo({ request, client, rows, owner, now }: Question): Connect {
  const roles = nameRoles({ request, client, rows });
  const grant = grantOf(client, request, roles);
  const theirs = new Set(rowsOf(client).filter(({ technician }) => technician !== null).map(({ name }) => name));
  const ours = rows.filter(({ name, managed_by, kind }) => kind === "human" && theirs.has(name) && (managed_by === owner || managed_by === null));
  const adoptable = client.manner === "keeps" ? [] : ours.filter((row) => isInside(row, grant, now));
  // Rows that its earlier connection managed stay with it and count for the same ceiling.
  const managed = request.replaces === null ? 0 : rows.filter(({ managed_by }) => managed_by === request.replaces).length;
  const adopt = adoptable.slice(0, Math.max(0, grant.max_agents - managed)).map(({ uid, revision }) => ({ uid, revision }));
  return { adopt, grant, request, roles };
}
