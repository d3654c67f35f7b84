/** The paying account of an MSP in a currency, and its customer at the provider. */
import type { Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { uuid7 } from "../id.ts";
import type { Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import type { CustomerInput, Doing, Payments } from "./payments.ts";
import type { Currency } from "./price-list.ts";

type Row = { mspId: string; accountId: string; name: string; email: string; country: string; address: unknown; taxIdType: string | null; taxId: string | null; purchaseOrder: string | null; stripeCustomer: string | null; cardLast4: string | null };

export const customerInput = (row: Row): CustomerInput => ({
  name: row.name, email: row.email, country: row.country, address: (row.address ?? {}) as Record<string, string>, taxId: row.taxId && row.taxIdType ? { type: row.taxIdType, value: row.taxId } : null, purchaseOrder: row.purchaseOrder, msp: row.mspId, account: row.accountId,
});

/** The MSP's own account in this currency, made when it is missing: in the caller's transaction. */
export async function ownAccount(tx: Write, currency: Currency, base: { name: string; email: string }): Promise<Row> {
  const { mspId } = tx.actor;
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`billing_account:${mspId}`}, 0))`;
  const own = await tx.db.billingAccount.findMany({ where: { mspId, payer: "msp" }, orderBy: { createdAt: "asc" } });
  const held = own.find((one) => one.currency === currency);
  if (held) return held;
  // The first one has no currency until something is bought with it.
  const open = own.find((one) => one.currency === null);
  if (open) return tx.db.billingAccount.update({ where: { mspId_accountId: { mspId, accountId: open.accountId } }, data: { currency } });
  const like = own[0];
  const made = await tx.db.billingAccount.create({ data: { mspId, accountId: uuid7(), payer: "msp", currency, name: like?.name ?? base.name, email: like?.email ?? base.email, country: like?.country ?? "", address: (like?.address ?? {}) as object, taxIdType: like?.taxIdType ?? null, taxId: like?.taxId ?? null, purchaseOrder: like?.purchaseOrder ?? null } });
  await record(tx, { action: "billing_account.saved", target: { kind: "billing_account", id: made.accountId }, fields: { name: made.name, changed: `a first account in ${currency}` } });
  return made;
}

/** The customer at the provider, made when it is missing. */
export async function customerFor(actor: Actor, accountId: string, payments: Payments, doing: Doing, db: Database): Promise<{ id: string; hasCard: boolean }> {
  const { mspId } = actor;
  const row = await read(actor, (tx) => tx.db.billingAccount.findUniqueOrThrow({ where: { mspId_accountId: { mspId, accountId } } }), db);
  if (row.stripeCustomer !== null) {
    const there = await payments.customer(row.stripeCustomer);
    if (there) return { id: there.id, hasCard: there.card !== null };
  }
  const made = await payments.saveCustomer(null, customerInput(row), doing);
  await write(actor, async (tx) => {
    await tx.db.billingAccount.update({ where: { mspId_accountId: { mspId, accountId } }, data: { stripeCustomer: made.id } });
    await record(tx, { action: "billing_account.saved", target: { kind: "billing_account", id: accountId }, fields: { name: row.name, changed: "the customer at the payment provider" } });
  }, db);
  return { id: made.id, hasCard: made.card !== null };
}
