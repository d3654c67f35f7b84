/** What follows from the terms of a contract: amounts only, for that MSP's finance people. */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { sharesByMonth, type Payment, type ShareLine } from "./share.ts";
import { termsIn } from "./terms.ts";
import { dayOf } from "../billing/days.ts";

/**
 * By month and currency, of what the MSP itself paid net of tax, less what was credited back. null: there are no terms, and nothing
 * is to be shown. Throws Refusal `forbidden`.
 */
export async function readShares(actor: Actor, db: Database = database()): Promise<ShareLine[] | null> {
  authorize(actor, "contract.read");
  return read(actor, async (tx) => {
    const terms = await termsIn(tx);
    if (!terms) return null;
    const { mspId } = actor;
    const rows = await tx.db.$queryRaw<{ at: Date; minor: bigint; currency: string }[]>`
      select i.paid_at as at, i.net as minor, i.currency from invoice i join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp'
       where i.msp_id = ${mspId}::uuid and i.status = 'paid' and i.paid_at >= ${new Date(`${terms.from}T00:00:00Z`)}
      union all
      select n.created_at, -n.net, n.currency from credit_note n join invoice i on i.msp_id = n.msp_id and i.invoice_id = n.invoice_id join billing_account a on a.msp_id = i.msp_id and a.account_id = i.account_id and a.payer = 'msp'
       where n.msp_id = ${mspId}::uuid and n.status = 'issued' and i.status = 'paid' and i.paid_at >= ${new Date(`${terms.from}T00:00:00Z`)}`;
    return sharesByMonth(rows.map(({ at, minor, currency }): Payment => ({ on: dayOf(at), minor, currency })), terms);
  }, db);
}
