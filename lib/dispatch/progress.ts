/** What released changes are doing right now, as cells of the matrix. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { CellProgress } from "../matrix/load.ts";
import { isListed } from "../receipt/listed.ts";
import { dispatchState, type DispatchState } from "../plan/dispatch-state.ts";

/** How long a failure stands in the matrix; after that the plan and the overview tell of it. */
const FAILED_MS = 86_400_000;

const says: Readonly<Partial<Record<DispatchState, CellProgress["progress"]>>> = {
  waiting: "running", sent: "running", accepted: "running", late: "waiting", refused: "failed", lost: "failed", incident: "failed",
};

type Row = { vault_ref: string; person_id: string; kind: string; state: string; listed: boolean };

/**
 * Of each technician in each vault the latest: on the wire, waiting (for another tap, or as a standing removal for a vault that takes
 * no changes), failed. What is proven is on its way until a reading holds it (lib/receipt/listed.ts), and then shows what was read.
 * Throws Refusal `forbidden`. @param vaultRefs only these vaults
 */
export async function cellProgress(actor: Actor, vaultRefs?: readonly string[], clock: Clock = systemClock, db: Database = database()): Promise<CellProgress[]> {
  authorize(actor, "matrix.read");
  const now = clock.now().getTime();
  const rows = await read(actor, ({ db: tx }) => tx.$queryRaw<Row[]>`
    select distinct on (d.vault_ref, o.person_id) d.vault_ref, o.person_id, d.kind, d.state, ${isListed} as listed
      from dispatch d join plan_operation o using (msp_id, plan_id, vault_ref)
      left join receipt e on e.msp_id = d.msp_id and e.dispatch_id = d.dispatch_id left join reading r on r.msp_id = d.msp_id and r.vault_ref = d.vault_ref
     where d.msp_id = ${actor.mspId}::uuid and o.person_id is not null and (${vaultRefs ?? null}::uuid[] is null or d.vault_ref = any (${vaultRefs ?? null}::uuid[]))
       and (d.kind = 'fresh' or o.change = 'revoke') and d.state not in ('held', 'dropped', 'stopped', 'over')
       and (d.state in ('waiting', 'sent', 'accepted') or d.changed_at > ${new Date(now - FAILED_MS)})
     order by d.vault_ref, o.person_id, d.changed_at desc, d.kind`, db);
  return rows.flatMap(({ vault_ref: vaultRef, person_id: personId, kind, state, listed }) => {
    const known = dispatchState(state);
    const progress = kind === "standing" && known === "waiting" ? "waiting" : known === "proven" && !listed ? "running" : says[known];
    return progress === undefined ? [] : [{ vaultRef, personId, progress }];
  });
}
