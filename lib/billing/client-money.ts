/** What one client's subscription costs and keeps, for its own page. Net minor units of a year. */
import { Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { ledgerRows, lineOf, type LedgerLine, type LedgerRow } from "./ledger.ts";
import { priceLists, type PriceList } from "./price-list.ts";

/** The lines of the lock ledger that are this client's; none where it pays for itself, or nobody does. Throws Refusal `forbidden`. */
export async function clientMoney(actor: Actor, clientId: string, clock: Clock = systemClock, db: Database = database(), lists: readonly PriceList[] = priceLists): Promise<LedgerLine[]> {
  authorize(actor, "billing.read");
  const rows = await read(actor, (tx) => tx.db.$queryRaw<LedgerRow[]>`
    ${ledgerRows(actor.mspId, lists, clock.now(), Prisma.sql`s.client_id = ${clientId}::uuid`)} select *, 0 as matching from ledger order by since nulls last, subscription_id`, db);
  return rows.map(lineOf);
}
