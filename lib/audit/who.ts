/** Whose an acting row is: what readings know now, and what was known of rows that are gone (table audit_agent). */
import type { Database } from "../db/client.ts";
import { observe, read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Who } from "./columns.ts";

type Place = { mspId: string; vaultRef: string };

/** Takes over what the last reading knows of the vault's rows. Events of the last days that nobody was known for are linked now. */
export async function rememberRows({ mspId, vaultRef }: Place, db: Database): Promise<void> {
  await observe(workerFor(mspId), async ({ db: tx }) => {
    const changed = await tx.$executeRaw`
      insert into audit_agent as a (msp_id, vault_ref, agent_id, uid, name, person_id)
      select k.msp_id, k.vault_ref, k.agent_id, k.uid, k.name, k.person_id from known_agent k where k.msp_id = ${mspId}::uuid and k.vault_ref = ${vaultRef}::uuid
      on conflict (msp_id, vault_ref, agent_id) do update set uid = excluded.uid, name = excluded.name, person_id = coalesce(excluded.person_id, a.person_id)
        where (a.uid, a.name, a.person_id) is distinct from (excluded.uid, excluded.name, coalesce(excluded.person_id, a.person_id))`;
    if (changed === 0) return;
    await tx.$executeRaw`
      update audit_event e set agent_uid = a.uid, person_id = a.person_id from audit_agent a
       where a.msp_id = ${mspId}::uuid and a.vault_ref = ${vaultRef}::uuid and e.msp_id = a.msp_id and e.vault_ref = a.vault_ref and e.agent_id = a.agent_id
         and e.received_at > now() - make_interval(days => ${limits.auditLinkDays}::int) and (e.agent_uid is null or (e.person_id is null and a.person_id is not null))`;
    await tx.$executeRaw`
      update audit_event e set target_person_id = a.person_id from audit_agent a
       where a.msp_id = ${mspId}::uuid and a.vault_ref = ${vaultRef}::uuid and a.person_id is not null and e.msp_id = a.msp_id and e.vault_ref = a.vault_ref and e.target_id = a.uid
         and e.received_at > now() - make_interval(days => ${limits.auditLinkDays}::int) and e.target_person_id is null`;
  }, db);
}

export async function loadWho({ mspId, vaultRef }: Place, db: Database): Promise<Who> {
  const rows = await read(workerFor(mspId), (tx) => tx.db.auditAgent.findMany({ where: { mspId, vaultRef }, select: { agentId: true, uid: true, personId: true } }), db);
  return { byId: new Map(rows.map(({ agentId, uid, personId }) => [agentId, { uid, personId }])), byUid: new Map(rows.map(({ uid, personId }) => [uid, personId])) };
}
