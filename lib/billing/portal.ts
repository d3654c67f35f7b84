/**
 * Payment details: the provider's own page for cards and past invoices. Plans cannot be changed and nothing cancelled on it; both are
 * done here, where the lock is shown first.
 */
import { z } from "zod";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import type { Deps } from "./mirror.ts";
import { PaymentRefused, PaymentsAway } from "./payments.ts";
import type { Currency } from "./price-list.ts";

export type PayingAccount = { readonly id: string; readonly currency: Currency | null };

/** The MSP's own that the provider knows. Throws Refusal `forbidden`. */
export async function payingAccounts(actor: Actor, db: Database = database()): Promise<PayingAccount[]> {
  authorize(actor, "billing.read");
  const rows = await read(actor, (tx) => tx.db.billingAccount.findMany({ where: { mspId: actor.mspId, payer: "msp", stripeCustomer: { not: null } }, orderBy: { createdAt: "asc" } }), db);
  return rows.map(({ accountId: id, currency }) => ({ id, currency: currency as Currency | null }));
}

export const portalShape = z.object({ account: z.uuid() });

/**
 * Opens the provider's page for one paying account. `payments` is a function, since none may be set up. Throws Refusal `forbidden`,
 * `not_found` (also for a client's own account), `portal_not_set_up`, `portal_away`. @returns where it is; it ends by itself soon
 */
export async function openPortal(actor: Actor, { account }: z.output<typeof portalShape>, { payments, db = database() }: Pick<Deps, "db"> & { payments: () => Deps["payments"] }): Promise<{ url: string }> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  const row = await read(actor, (tx) => tx.db.billingAccount.findUnique({ where: { mspId_accountId: { mspId, accountId: account } } }), db);
  if (row?.payer !== "msp") throw new Refusal("not_found");
  const customer = row.stripeCustomer;
  if (customer === null) throw new Refusal("portal_not_set_up");
  const provider = configured(payments);
  const url = await provider.portal(customer, `${env().APP_ORIGIN}/billing`).catch((error: unknown) => {
    if (error instanceof PaymentsAway) throw new Refusal("portal_away", { cause: error });
    // The customer is not there, or portals are switched off at the provider.
    if (error instanceof PaymentRefused) throw new Refusal("portal_not_set_up", { cause: error });
    throw error;
  });
  await write(actor, (tx) => record(tx, { action: "billing_account.portal_opened", target: { kind: "billing_account", id: account }, fields: { name: row.name } }), db);
  return { url };
}

/** One answer for an account that is not known there and for a provider that is not. */
function configured(payments: () => Deps["payments"]): Deps["payments"] {
  try {
    return payments();
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "payments_not_set_up") throw new Refusal("portal_not_set_up", { cause: error });
    throw error;
  }
}
