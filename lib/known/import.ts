/** What is there when a vault is first read after a connect becomes what is wanted (PROTOCOL 10: rows that the client handed over). */
import type { Write } from "../db/tenant.ts";

type Imported = { vaultRef: string; managerUid: string | null };

/**
 * Makes our rows wanted, as they were just kept. After a connect that replaced an earlier one only those that its reply handed
 * over: the others were agreed before, and a row that came back meanwhile must not be taken for agreed, also where nothing that was
 * agreed is left. Of replies only one that was taken counts (lib/signing/answered.ts).
 */
export async function importWanted({ db, actor: { mspId } }: Write, vaults: readonly Imported[]): Promise<void> {
  await db.$executeRaw`
    insert into wanted_agent (msp_id, vault_ref, uid, scopes, all_access, expires_at, name, sealed)
    select k.msp_id, k.vault_ref, k.uid, k.scopes, k.all_access, k.expires_at, k.name, k.hand_over = 'sealed'
      from known_agent k join unnest(${vaults.map(({ vaultRef }) => vaultRef)}::uuid[], ${vaults.map(({ managerUid }) => managerUid)}::text[]) as i(vault_ref, manager) on i.vault_ref = k.vault_ref
     where k.msp_id = ${mspId}::uuid and k.managed_by = i.manager and not k.admin
       and coalesce((select c.request ->> 'replaces' is null or c.reply -> 'adopted' ? k.uid from connect_request c
                      where c.msp_id = k.msp_id and c.vault_ref = k.vault_ref and c.replied_at is not null and c.sealed_key is null and c.cancelled_at is null and c.refused_words is null
                      order by c.replied_at desc limit 1), true)
    on conflict do nothing`;
}
