/** The rows that stand in a client's vault before the MSP is connected, all of them the client's own. Pure. */
import { formatScopes } from "../../lib/protocol/scopes.ts";
import type { AgentKind } from "../../lib/protocol/messages.ts";
import type { Client } from "./clients.ts";
import { patternOf } from "./patterns.ts";
import { personById } from "./people.ts";
import { LETTERS, NUMBERINGS, OWN_SCOPE } from "./roles.ts";

export interface CastRow {
  name: string;
  kind: AgentKind;
  scopes: string;
  all_access: boolean;
  /** Whose token it is: a person of the cast, or null for what is the client's own. */
  technician: string | null;
}

/** Places and programs rather than people: a client's staff has personal vaults that are never connected. */
const PLACES = ["Reception", "Accounts", "Front desk", "Warehouse tablet", "Workshop", "Board room", "Till", "Van", "Stock room", "Scanner", "Print room", "Night porter"];

const KINDS: readonly AgentKind[] = ["human", "extension"];

function technicianRow(client: Client, id: string, letters: string): CastRow {
  const numbers = NUMBERINGS[client.numbering];
  const full = letters.includes("F");
  const scopes = full ? "" : formatScopes([...letters].map((letter) => numbers[LETTERS[letter]!]));
  return { name: personById(id).name, kind: "human", scopes, all_access: full, technician: id };
}

/**
 * As many rows as leave room for the owner's and the MSP's: one program, then technicians, then places. A client with an
 * `ownRow` loses the last technician to it.
 */
export function rowsOf(client: Client): readonly CastRow[] {
  const room = client.tokens - 2;
  const rows: CastRow[] = [{ name: "Deploy CI", kind: "agent", scopes: OWN_SCOPE, all_access: false, technician: null }];
  if (client.ownRow !== undefined) rows.push({ name: client.ownRow, kind: "human", scopes: NUMBERINGS[client.numbering].Backup, all_access: false, technician: null });
  for (const [id, letters] of patternOf(client.pattern).slice(0, Math.max(0, room - rows.length))) rows.push(technicianRow(client, id, letters));
  for (let i = 0; rows.length < room; i++) {
    const place = PLACES[i % PLACES.length]!;
    const round = Math.floor(i / PLACES.length);
    rows.push({ name: round === 0 ? place : `${place} ${round + 1}`, kind: KINDS[i % 2]!, scopes: OWN_SCOPE, all_access: false, technician: null });
  }
  return rows;
}
