/** The worker's round for money: what people asked for, what the provider said, what vaults are to be told; and its clocks. */
import { database, type Database } from "../db/client.ts";
import { env } from "../env.ts";
import { createLog } from "../log.ts";
import "./carriers.ts";
import { recomputeCollection } from "./collection.ts";
import { tellVaults } from "./hosted.ts";
import { carryOutDue } from "./intent.ts";
import { lapse } from "./lapse.ts";
import { reconcile } from "./reconcile.ts";
import { payments } from "./stripe.ts";
import { workerFor } from "../identity/actor.ts";
import { handleEvents } from "./webhook.ts";

const log = createLog("billing");

/** Whether money is set up here at all. */
const isSetUp = (): boolean => env().STRIPE_SECRET_KEY !== undefined;

/** @returns when there is something to do again; null: when somebody wakes it */
export async function billingRound(db: Database = database()): Promise<Date | null> {
  if (isSetUp()) {
    const deps = { payments: payments(), db };
    const [intents, events] = [await carryOutDue(deps), await handleEvents(deps)];
    if (intents + events > 0) log.info({ intents, events }, "billing round");
  }
  if (env().POP_SECRET !== undefined) await tellVaults({ db });
  const [next] = await db.$queryRaw<{ at: Date | null }[]>`select billing_next_due() as at`;
  return next?.at ?? null;
}

async function eachTenant(what: string, work: (mspId: string) => Promise<unknown>, db: Database): Promise<void> {
  if (!isSetUp()) return;
  for (const { msp } of await db.$queryRaw<{ msp: string }[]>`select billing_tenants() as msp`) {
    try {
      await work(msp);
    } catch (error) {
      // One MSP's trouble holds up nobody else's.
      log.error({ err: error, msp }, `${what} did not end`);
    }
  }
}

export const billingClocks = (db: Database = database()): Promise<void> => eachTenant("the clocks of money", (mspId) => lapse(mspId, { payments: payments(), db }), db);
export const reconcileAll = (db: Database = database()): Promise<void> =>
  eachTenant("the nightly comparison", async (mspId) => {
    await recomputeCollection(workerFor(mspId), { payments: payments(), db });
    const compared = await reconcile(mspId, { payments: payments(), db });
    log.info({ msp: mspId, ...compared }, "compared with the payment provider");
  }, db);
