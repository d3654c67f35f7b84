/** What a subscription is used for: what vaults last said of themselves, and what was given out under it here. */
import type { Read } from "../db/tenant.ts";
import type { Usage } from "./limits.ts";

export async function usageOf({ db, actor: { mspId } }: Read, row: { subscriptionId: string; clientId: string | null; quantity: number }): Promise<Usage> {
  const [found] = await db.$queryRaw<{ tokens: number; connected: number; hosted: number; devices: number }[]>`
    select coalesce((select max(r.tokens_used) from vault v join reading r on r.msp_id = v.msp_id and r.vault_ref = v.vault_ref where v.msp_id = ${mspId}::uuid and v.client_id = ${row.clientId}::uuid and v.state in ('connected', 'unconfirmed')), 0)::int as tokens,
           (select count(*) from vault v where v.msp_id = ${mspId}::uuid and v.client_id = ${row.clientId}::uuid and v.state in ('connected', 'unconfirmed'))::int as connected,
           (select count(*) from hosted_vault h where h.msp_id = ${mspId}::uuid and h.subscription_id = ${row.subscriptionId}::uuid and h.gone_at is null)::int as hosted,
           coalesce((select sum(h.devices) from hosted_vault h where h.msp_id = ${mspId}::uuid and h.subscription_id = ${row.subscriptionId}::uuid and h.gone_at is null), 0)::int as devices`;
  // A vault that is connected and hosted is one: the larger count is never less than both together need.
  return { tokens: found!.tokens, vaults: Math.max(found!.connected, found!.hosted), devices: found!.devices, users: row.quantity };
}
