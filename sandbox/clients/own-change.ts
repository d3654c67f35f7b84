/** What a client changes in its own vault without asking the MSP: the source of real drift. Pure; the admin taps it. */
import type { AgentRow, Grant, Op } from "../../lib/protocol/messages.ts";
import { formatScopes, parseScopes } from "../../lib/protocol/scopes.ts";
import type { Client } from "../cast/clients.ts";
import { NUMBERINGS } from "../cast/roles.ts";
import { operation } from "./owner.ts";
import type { ChangeKind } from "./state.ts";

export interface Scene {
  client: Client;
  rows: readonly AgentRow[];
  /** The connected MSP's row and its grant; null while none is connected. */
  manager: { row: AgentRow; grant: Grant } | null;
}

export interface Intent {
  op: Op;
  sentence: string;
}

const condition = ({ uid, revision }: AgentRow): Op["if"] => ({ uid, revision });

function rescoped({ client }: Scene, row: AgentRow): string {
  const { Monitoring, Backup } = NUMBERINGS[client.numbering];
  const scopes = parseScopes(row.scopes) ?? [];
  // Two roles lose one; a single role gains another.
  if (scopes.length > 1) return formatScopes(scopes.slice(1));
  return formatScopes([...scopes, scopes[0] === Monitoring ? Backup : Monitoring]);
}

/**
 * The operation of one kind of change, or null when there is nothing for it here: no row that the MSP manages, or no room in
 * the grant. `pick` chooses among the rows it is given.
 */
export function intentOf(kind: ChangeKind, scene: Scene, pick: <T>(from: readonly T[]) => T): Intent | null {
  const { client, rows, manager } = scene;
  const managed = manager === null ? [] : rows.filter(({ managed_by }) => managed_by === manager.row.uid);
  const scoped = managed.filter(({ all_access }) => !all_access);
  const who = client.admin.name;
  switch (kind) {
    case "remove": {
      if (scoped.length === 0) return null;
      const row = pick(scoped);
      return { op: operation("DELETE", `/agent/${row.id}`, null, { uid: row.uid }), sentence: `${who} removed ${row.name}` };
    }
    case "rescope": {
      if (scoped.length === 0) return null;
      const row = pick(scoped);
      const scopes = rescoped(scene, row);
      return { op: operation("PUT", `/agent/${row.id}`, { scopes }, condition(row)), sentence: `${who} changed what ${row.name} opens from ${row.scopes} to ${scopes}` };
    }
    case "rename": {
      if (managed.length === 0) return null;
      const row = pick(managed);
      const name = `${row.name.slice(0, 100)} (${client.id})`;
      return { op: operation("PUT", `/agent/${row.id}`, { name }, condition(row)), sentence: `${who} renamed ${row.name} to ${name}` };
    }
    case "own": {
      const name = `Contractor ${rows.length}`;
      const body = { name, kind: "human", scopes: NUMBERINGS[client.numbering].Servers, all_access: false, admin: false };
      return { op: operation("POST", "/agent", body), sentence: `${who} made a row "${name}" of their own` };
    }
    case "tighten": {
      if (manager === null || manager.grant.max_agents <= managed.length) return null;
      const grant = { ...manager.grant, max_agents: managed.length };
      return { op: operation("PUT", `/agent/${manager.row.id}`, { grant }, condition(manager.row)), sentence: `${who} allows ${manager.row.name} no more than the ${managed.length} people they have` };
    }
  }
}
