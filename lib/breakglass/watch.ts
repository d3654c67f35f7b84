/**
 * Uses of break-glass tokens, as the vaults themselves report them: each is told once to owners and client, with the opening it belongs
 * to, or as an alarm when nobody had opened it here. Run by the worker.
 */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { workerFor } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { record } from "../record/record.ts";

type Use = { vault_ref: string; uid: string; used_at: Date; client_id: string; client: string; contact_mail: string; contact_name: string; organisation: string; opening_id: string | null };

/** @returns how many uses were told */
export async function tellUses(clock: Clock = systemClock, db: Database = database()): Promise<number> {
  const tenants = await db.$queryRaw<{ msp_id: string }[]>`select msp_id from break_glass_tenants()`;
  let told = 0;
  for (const { msp_id: mspId } of tenants) {
    told += await write(workerFor(mspId), async (tx) => {
      // One teller at a time: two workers would tell one use twice.
      await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`break-glass-uses:${mspId}`}, 0))`;
      const uses = await tx.db.$queryRaw<Use[]>`
        select a.vault_ref, a.uid, a.last_used_at as used_at, v.client_id, c.name as client, c.contact_mail, c.contact_name, m.name as organisation,
               (select o.opening_id from break_glass_opening o join hand_over h on h.msp_id = o.msp_id and h.hand_over_id = o.hand_over_id
                 where o.msp_id = a.msp_id and o.vault_ref = a.vault_ref and h.uid = a.uid and not o.drill and o.opened_at <= a.last_used_at + interval '5 minutes' order by o.opened_at desc limit 1) as opening_id
          from known_agent a join person p on p.msp_id = a.msp_id and p.person_id = a.person_id and p.kept_by is not null
          join vault v on v.msp_id = a.msp_id and v.vault_ref = a.vault_ref join client c on c.msp_id = v.msp_id and c.client_id = v.client_id join msp m on m.msp_id = a.msp_id
         where a.msp_id = ${mspId}::uuid and a.managed_by = v.manager_uid and a.last_used_at is not null
           and not exists (select from break_glass_use u where u.msp_id = a.msp_id and u.vault_ref = a.vault_ref and u.uid = a.uid and u.used_at >= a.last_used_at)`;
      for (const use of uses) {
        await tx.db.breakGlassUse.create({ data: { mspId, vaultRef: use.vault_ref, uid: use.uid, usedAt: use.used_at, toldAt: clock.now(), openingId: use.opening_id } });
        await record(tx, { action: "break_glass.used", target: { kind: "client", id: use.client_id }, fields: { client: use.client, opened: use.opening_id !== null } });
        const who = use.opening_id === null ? "Nobody had opened it in the console. Somebody has the token who should not: its row is to be removed now." : "It was opened by two custodians before.";
        await mailOwners(tx, "glass_used", { organisation: use.organisation, client: use.client, what: "used", who, origin: env().APP_ORIGIN }, use.contact_mail === "" ? [] : [{ email: use.contact_mail, name: use.contact_name }]);
      }
      if (uses.length === 0) tx.replayed = true; // nothing is new, and nothing was changed
      return uses.length;
    }, db);
  }
  return told;
}
