/** Who reaches what, as vaults last said: a person's rows over all clients, and a vault's rows over all people. */
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { roleLetters, type Letters } from "../role/letters.ts";
import { dictionaryOf } from "../role/numbers.ts";
import { placed } from "../role/place.ts";

/**
 * One row of a vault. `kind`: ours to change; the client's own, which we only see; our manager's own row. Times in epoch
 * milliseconds; `lastUsedAt` leaves out the current hour (PROTOCOL 3). `readAt`: how old all of it is; null: never read whole.
 */
export type AccessLine = {
  readonly vaultRef: string; readonly clientId: string; readonly clientName: string; readonly place: string | null; readonly vaultId: string;
  readonly state: string; readonly health: string; readonly readAt: number | null;
  readonly uid: string; readonly name: string; readonly kind: "ours" | "own" | "manager"; readonly letters: Letters; readonly scopes: string; readonly admin: boolean;
  readonly since: number; readonly until: number | null; readonly lastUsedAt: number | null; readonly claimBy: number | null; readonly locked: boolean; readonly handOver: string;
  readonly personId: string | null; readonly personName: string | null;
};

type Row = {
  vault_ref: string; client_id: string; client_name: string; place: string | null; vault_id: string; state: string; health: string | null; read_at: Date | null;
  uid: string; name: string; kind: "ours" | "own" | "manager"; scopes: string; all_access: boolean; admin: boolean;
  created_at: Date; expires_at: Date | null; last_used_at: Date | null; claim_by: Date | null; locked: boolean; hand_over: string; person_id: string | null; person_name: string | null;
};

/** Rows of vaults that are still ours to work in; by client, then by name. The caller has authorized the actor. */
async function loadAccess(tx: Read, { personId, vaultRef, unlinked = false }: { personId?: string; vaultRef?: string; unlinked?: boolean }): Promise<AccessLine[]> {
  const { mspId } = tx.actor;
  const rows = await tx.db.$queryRaw<Row[]>`
    with ${placed(mspId)}
    select a.vault_ref, v.client_id, c.name as client_name, d.place, v.vault_id, v.state, r.health, r.read_at,
           a.uid, a.name, case when a.uid = v.manager_uid then 'manager' when a.managed_by = v.manager_uid then 'ours' else 'own' end as kind,
           a.scopes, a.all_access, a.admin, a.created_at, a.expires_at, a.last_used_at, a.claim_by, a.locked, a.hand_over, a.person_id, p.name as person_name
      from known_agent a
      join vault v using (msp_id, vault_ref)
      join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
      join placed d on d.msp_id = a.msp_id and d.vault_ref = a.vault_ref
      left join reading r on r.msp_id = a.msp_id and r.vault_ref = a.vault_ref
      left join person p on p.msp_id = a.msp_id and p.person_id = a.person_id
     where a.msp_id = ${mspId}::uuid and v.state in ('unconfirmed', 'connected', 'stopped')
       and (${personId ?? null}::uuid is null or a.person_id = ${personId ?? null}::uuid)
       and (${vaultRef ?? null}::uuid is null or a.vault_ref = ${vaultRef ?? null}::uuid)
       and (not ${unlinked}::boolean or (a.person_id is null and a.managed_by = v.manager_uid and a.uid <> v.manager_uid))
     order by lower(c.name), a.vault_ref, lower(a.name), a.uid`;
  const dictionary = await dictionaryOf(tx, [...new Set(rows.map(({ vault_ref }) => vault_ref))]);
  return rows.map((row) => ({
    vaultRef: row.vault_ref, clientId: row.client_id, clientName: row.client_name, place: row.place, vaultId: row.vault_id,
    state: row.state, health: row.health ?? "unread", readAt: row.read_at?.getTime() ?? null,
    uid: row.uid, name: row.name, kind: row.kind, letters: roleLetters(row.scopes, row.all_access, dictionary.get(row.vault_ref) ?? new Map()), scopes: row.scopes, admin: row.admin,
    since: row.created_at.getTime(), until: row.expires_at?.getTime() ?? null, lastUsedAt: row.last_used_at?.getTime() ?? null, claimBy: row.claim_by?.getTime() ?? null, locked: row.locked, handOver: row.hand_over,
    personId: row.person_id, personName: row.person_name,
  }));
}

/** Everybody sees their own; others' needs `technician.read`. Throws Refusal `forbidden`. */
export function authorizeAccess(actor: Actor, personId: string): void {
  authorize(actor, "self");
  if (actor.id !== personId && !holds(actor, "technician.read")) throw new Refusal("forbidden");
}

/** The rows of one person, by client. */
export async function accessOf(actor: Actor, personId: string, db: Database = database()): Promise<AccessLine[]> {
  authorizeAccess(actor, personId);
  return read(actor, (tx) => loadAccess(tx, { personId }), db);
}

/** All rows of one vault, by name: ours, the client's own, and our manager's. */
export async function accessAt(actor: Actor, vaultRef: string, db: Database = database()): Promise<AccessLine[]> {
  authorize(actor, "client.read");
  return read(actor, (tx) => loadAccess(tx, { vaultRef }), db);
}

/** Rows of ours that belong to nobody we know: the import found no name, or more than one. */
export async function unlinkedRows(actor: Actor, db: Database = database()): Promise<AccessLine[]> {
  authorize(actor, "technician.read");
  return read(actor, (tx) => loadAccess(tx, { unlinked: true }), db);
}
